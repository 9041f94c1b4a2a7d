/* SPDX-License-Identifier: EUPL-1.2
 *
 * The folder driver: the contract of all drivers, and what a crash leaves in a folder at each step
 * of an entry. */
#include "tests/unit/driver_contract.h"

#include <sys/file.h>

#include "adapters/row.h"

static char *
path(struct stage *s, const char *name)
{
	return xprintf("%s/register/%s", s->folder, name);
}

static void
write_file(struct stage *s, const char *name, const char *mode, struct bytes v)
{
	OWNED(char, file, free_chars) = path(s, name);
	FILE *f = fopen(file, mode);

	assert_non_null(f);
	assert_int_equal(fwrite(v.data, 1, v.size, f), v.size);
	fclose(f);
}

static bool
is_there(struct stage *s, const char *name)
{
	OWNED(char, file, free_chars) = path(s, name);

	return access(file, F_OK) == 0;
}

static void
read_text(struct stage *s, const char *name, struct buf *out)
{
	OWNED(char, file, free_chars) = path(s, name);
	FILE *f = fopen(file, "r");
	char piece[4096];
	size_t n;

	assert_non_null(f);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(out, piece, n);
	fclose(f);
}

/* ---- the stage ---- */

static void
make(struct stage *s)
{
	OWNED(char, folder, free_chars) = path(s, "");

	assert_int_equal(mkdir(folder, 0700), 0);
	buf_text(&s->extra, "folder-path = register\nfolder-prefix = \"SO-\"\n");
}

/* Rows of one file may differ in their columns: every one gets all columns that any may have. */
static void
put_native(struct stage *s, const struct row *r)
{
	OWNED_BUF(line) = {0};
	const char *column, *sentence;

	if (!is_there(s, "records.csv")) {
		for (size_t i = 0; (column = row_column(i, &sentence)) != NULL; i++)
			csv_cell(&line, column);
		csv_end(&line);
	}
	for (size_t i = 0; (column = row_column(i, &sentence)) != NULL; i++)
		csv_cell(&line, row_text(r, column));
	csv_end(&line);
	write_file(s, "records.csv", "a", buf_bytes(&line));
}

static void
put_other(struct stage *s, const char *country, const char *office, const char *entry,
	const char *number)
{
	OWNED(char, text, free_chars) = xprintf(
		"issuing_country,issuing_office,issuing_entry,entry_number,entered_on,note\n"
		"%s,\"%s\",%s,%s,2020-05-01,\"by post, \"\"urgent\"\"\"\n",
		country, office, entry, number);

	write_file(s, "other.csv", "w", bytes_of(text, strlen(text)));
}

static void
lock(struct stage *s)
{
	OWNED(char, file, free_chars) = path(s, ".lock");

	s->held = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(s->held >= 0);
	assert_int_equal(flock(s->held, LOCK_EX), 0);
}

static void
unlock(struct stage *s)
{
	close_fd(&s->held);
	s->held = -1;
}

static uint64_t
made_count(struct stage *s)
{
	OWNED(char, command, free_chars) =
		xprintf("ls '%s'/register/new 2>/dev/null | grep -c 'xml$'", s->folder);
	FILE *f = popen(command, "r");
	unsigned long n = 99;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lu", &n), 1);
	pclose(f);
	return n;
}

static void
break_down(struct stage *s)
{
	shell("mv '%s'/register '%s'/away", s->folder, s->folder);
}

static void
mend(struct stage *s)
{
	shell("mv '%s'/away '%s'/register", s->folder, s->folder);
}

static const struct stage_kind kind = {
	.driver = &driver_folder,
	.make = make,
	.put = put_native,
	.put_other = put_other,
	.lock = lock,
	.unlock = unlock,
	.made = made_count,
	.break_down = break_down,
	.mend = mend,
};

static int
setup(void **state)
{
	return stage_setup(state, &kind);
}

/* ---- what is in the folder ---- */

static void
key_text(const char *name, char out[DIGEST_TEXT_SIZE])
{
	struct digest d = key_of(name);

	digest_format(&d, out);
}

static char *
key_file(const char *folder, const char *key, const char *suffix)
{
	char text[DIGEST_TEXT_SIZE];

	key_text(key, text);
	return xprintf("%s/%s%s", folder, text, suffix);
}

static void
entry_is_a_sealed_extract_and_a_record(void **state)
{
	OWNED(char, xml, free_chars) = key_file("new", "a", ".xml");
	OWNED(char, csv, free_chars) = key_file("new", "a", ".csv");
	OWNED_BUF(text) = {0};
	OWNED_BUF(sealed) = {0};
	struct stage *s = *state;
	struct made m;
	struct csv c;
	struct row r;
	bool bad;

	assert_int_equal(enter(s, "a", &m), E_OK);
	assert_string_equal(m.entry_number, "SO-000001");
	read_text(s, xml, &sealed);
	assert_string_equal((char *)sealed.data, "<x>\xc3\xa4</x>");
	read_text(s, csv, &text);
	assert_memory_equal(text.data, "\"format\",\"key\",\"entry_number\"", 29);
	assert_memory_equal(text.data + text.size - 2, "\r\n", 2);
	csv_open(&c, &text, ",");
	assert_true(row_next(&c, &r, &bad));
	assert_string_equal(row_text(&r, "format"), "daftar-birth-entry-1");
	assert_string_equal(row_text(&r, "family_name"), "Yusuf");
	assert_string_equal(row_text(&r, "given_names"), "Amina Hassan");
	assert_string_equal(row_text(&r, "issuing_entry"), "0100020000");
	assert_string_equal(row_text(&r, "issuer"), "KE.CRS");
	assert_string_equal(row_text(&r, "mother"), "Fadumo Ali Warsame");
	assert_false(row_next(&c, &r, &bad));
	assert_false(bad);
	csv_close(&c);
	assert_true(is_there(s, "numbers/000001"));
}

static void
nothing_in_the_folder_is_for_others(void **state)
{
	struct stage *s = *state;
	struct made m;

	umask(0);
	assert_int_equal(enter(s, "a", &m), E_OK);
	umask(022);
	shell("test -z \"$(find '%s/register' -mindepth 1 -perm /077)\"", s->folder);
}

static void
formulas_are_written_as_text(void **state)
{
	OWNED(char, csv, free_chars) = key_file("new", "a", ".csv");
	OWNED_BUF(text) = {0};
	struct row r = child_row("0100020000");
	struct stage *s = *state;
	struct made m;

	put(&r, "birth_place", "=1+1");
	put(&r, "mother_name", "-1");
	assert_int_equal(enter_row(s, "a", &r, &m), E_OK);
	read_text(s, csv, &text);
	assert_non_null(strstr((char *)text.data, ",\"'=1+1\","));
	assert_non_null(strstr((char *)text.data, ",\"'-1\","));
	assert_null(strstr((char *)text.data, ",\"=1+1\","));
}

/* ---- what a crash leaves ---- */

static void
reserved_number_is_used_again(void **state)
{
	struct stage *s = *state;
	char key[DIGEST_TEXT_SIZE];
	struct made m, other;

	assert_int_equal(enter(s, "first", &m), E_OK);
	key_text("a", key);
	write_file(s, "numbers/000002", "w", bytes_of(key, strlen(key)));
	assert_int_equal(enter(s, "other", &other), E_OK);
	assert_string_equal(other.entry_number, "SO-000003");
	assert_int_equal(enter(s, "a", &m), E_OK);
	assert_string_equal(m.entry_number, "SO-000002");
}

static void
cut_off_reservation_leaves_no_gap(void **state)
{
	struct stage *s = *state;
	struct made m;

	assert_int_equal(enter(s, "first", &m), E_OK);
	write_file(s, "numbers/000002", "w", bytes_of("0123", 4));
	assert_int_equal(enter(s, "a", &m), E_OK);
	assert_string_equal(m.entry_number, "SO-000002");
	assert_int_equal(enter(s, "b", &m), E_OK);
	assert_string_equal(m.entry_number, "SO-000003");
}

static void
number_that_was_taken_away_is_not_given_again(void **state)
{
	OWNED(char, one, free_chars) = NULL;
	struct stage *s = *state;
	struct made m;

	assert_int_equal(enter(s, "a", &m), E_OK);
	assert_int_equal(enter(s, "b", &m), E_OK);
	one = path(s, "numbers/000001");
	assert_int_equal(unlink(one), 0);
	assert_int_equal(enter(s, "c", &m), E_OK);
	assert_string_equal(m.entry_number, "SO-000003");
}

static void
record_without_extract_is_no_entry(void **state)
{
	OWNED(char, csv, free_chars) = key_file("new", "a", ".csv");
	OWNED(char, tmp, free_chars) = key_file("tmp", "a", ".xml");
	struct stage *s = *state;
	struct made m, found;

	assert_int_equal(enter(s, "first", &m), E_OK);
	write_file(s, csv, "w", bytes_of("entry_number\r\n\"99\"\r\n", 20));
	write_file(s, tmp, "w", bytes_of("<half", 5));
	assert_int_equal(look_up(s, "a", &found), E_NOT_FOUND);
	assert_int_equal(enter(s, "a", &m), E_OK);
	assert_int_equal(look_up(s, "a", &found), E_OK);
	assert_same(&m, &found);
	assert_false(is_there(s, tmp));
	assert_int_equal(made_count(s), 2);
}

/* The entry is made by the extract's move, and only after the record is in its place. */
static void
record_is_in_place_before_the_extract(void **state)
{
	OWNED(char, csv, free_chars) = key_file("new", "a", ".csv");
	OWNED(char, xml, free_chars) = key_file("new", "a", ".xml");
	OWNED(char, in_the_way, free_chars) = NULL;
	struct stage *s = *state;
	struct made m;

	assert_int_equal(enter(s, "first", &m), E_OK);
	in_the_way = path(s, csv);
	assert_int_equal(mkdir(in_the_way, 0700), 0);
	assert_int_equal(enter(s, "a", &m), E_REGISTER);
	assert_false(is_there(s, xml));
	assert_int_equal(rmdir(in_the_way), 0);
	assert_int_equal(enter(s, "a", &m), E_OK);
	assert_string_equal(m.entry_number, "SO-000002");
}

static void
damaged_record_is_not_guessed(void **state)
{
	OWNED(char, csv, free_chars) = key_file("new", "a", ".csv");
	struct stage *s = *state;
	struct made m;

	assert_int_equal(enter(s, "a", &m), E_OK);
	write_file(s, csv, "w", bytes_of("entry_number\r\n\"unclosed", 23));
	assert_int_equal(look_up(s, "a", &m), E_REGISTER);
	assert_int_equal(enter(s, "a", &m), E_REGISTER);
	assert_int_equal(made_count(s), 1);
}

static void
full_disk_makes_nothing_and_wastes_no_number(void **state)
{
	struct stage *s = *state;
	struct made m;

	for (rlim_t limit = 0; limit < 200; limit += 60)
		assert_int_equal(enter_with_full_disk(s, limit), E_REGISTER);
	assert_int_equal(look_up(s, "a", &m), E_NOT_FOUND);
	assert_int_equal(enter(s, "a", &m), E_OK);
	assert_string_equal(m.entry_number, "SO-000001");
	assert_int_equal(made_count(s), 1);
}

/* ---- CSV ---- */

static void
records_that_are_no_csv_are_for_a_person(void **state)
{
	static const char *const broken[] = {
		"entry_number,office\n\"unclosed,a\n",
		"entry_number,office\na\n",
		"entry_number,office\na,b,c\n",
		"entry_number,office\na,b\"c\"\n",
		"entry_number,office\n\"a\"b,c\n",
	};
	struct locator l = {.entry_number = "1"};
	struct stage *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		write_file(s, "records.csv", "w", bytes_of(broken[i], strlen(broken[i])));
		assert_int_equal(find(s, &l, NULL), E_REGISTER_DATA);
	}
	write_file(s, "records.csv", "w", bytes_of("a,b\n\0,c\n", 8));
	assert_int_equal(find(s, &l, NULL), E_REGISTER_DATA);
}

static void
spreadsheets_ways_are_read(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf"
		"Entry_Number,OFFICE,child_name,sex,birth_date,birth_place,birth_country,extra\r\n"
		"\r\n"
		"7,Westlands,\"Amina \"\"Ami\"\" Hassan\",female,2024-01-12,'=Here,KE,";
	OWNED(struct extract, x, extract_free) = NULL;
	struct locator l = {.entry_number = "7"};
	struct stage *s = *state;

	write_file(s, "records.csv", "w", bytes_of(text, sizeof text - 1));
	assert_int_equal(driver_folder.find(s->d, &l, &x), E_OK);
	assert_string_equal(name_full(&x->name), "Amina \"Ami\" Hassan");
	assert_string_equal(x->birth_place.text, "=Here");
	assert_string_equal(x->sex, "F");
}

static void
folder_path_must_be_given(void **state)
{
	struct stage *s = *state;
	struct driver *d = NULL;

	conf_free(&s->conf);
	buf_reset(&s->extra);
	stage_conf(s);
	assert_int_equal(driver_folder.open(s->conf, &d), E_CONFIG);
	assert_null(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT,
		CONTRACT_TEST(entry_is_a_sealed_extract_and_a_record),
		CONTRACT_TEST(nothing_in_the_folder_is_for_others),
		CONTRACT_TEST(formulas_are_written_as_text),
		CONTRACT_TEST(reserved_number_is_used_again),
		CONTRACT_TEST(cut_off_reservation_leaves_no_gap),
		CONTRACT_TEST(number_that_was_taken_away_is_not_given_again),
		CONTRACT_TEST(record_without_extract_is_no_entry),
		CONTRACT_TEST(record_is_in_place_before_the_extract),
		CONTRACT_TEST(damaged_record_is_not_guessed),
		CONTRACT_TEST(full_disk_makes_nothing_and_wastes_no_number),
		CONTRACT_TEST(records_that_are_no_csv_are_for_a_person),
		CONTRACT_TEST(spreadsheets_ways_are_read),
		CONTRACT_TEST(folder_path_must_be_given),
	};

	log_open("test_folder", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
