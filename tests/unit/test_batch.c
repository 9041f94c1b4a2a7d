/* SPDX-License-Identifier: EUPL-1.2
 *
 * A row of a batch: what its columns are called, what names it, and the case file that it makes. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <unistd.h>

#undef fail /* of cmocka; the tool has one of its own */
#include "liaison/batch.h"

/* The one thing of the tool's mouth that is needed here. */
static struct buf blamed;

void
blame(const char *item)
{
	buf_printf(&blamed, "%s\n", item);
}

struct trial {
	struct csv csv;
	struct batch_map map;
	struct arena *arena;
	struct batch_row row;
};

static const uint8_t secret[32] = {1, 2, 3};

static void
trial_end(struct trial *s)
{
	csv_close(&s->csv);
	batch_map_free(&s->map);
	arena_free(&s->arena);
	buf_free(&blamed);
}
#define TRIAL(name) __attribute__((cleanup(trial_end))) struct trial name = {.arena = arena_new()}

static enum err
open_table(struct trial *s, const char *text, const char *map)
{
	struct buf b = {0};
	struct batch_record r;

	buf_text(&b, text);
	csv_open(&s->csv, &b, ",;\t");
	TRY(batch_map_read(map, &s->map));
	TRY(batch_map_header(&s->map, &s->csv));
	if (!csv_record(&s->csv))
		return E_NOT_FOUND;
	r = (struct batch_record){s->csv.began, s->csv.n, s->csv.cell};
	batch_row_read(&s->map, &r, bytes_of(secret, sizeof secret), s->arena, &s->row);
	return E_OK;
}

static json_t *
json_of(struct trial *s, enum err want, const char *problem)
{
	OWNED_BUF(problems) = {0};
	json_t *out;

	assert_int_equal(batch_row_json(&s->row, s->arena, &out, &problems), want);
	if (problem != NULL) {
		assert_true(problems.size > 0);
		assert_non_null(strstr((char *)problems.data, problem));
	}
	return out;
}

static const char *
text_at(json_t *j, const char *a, const char *b)
{
	return json_string_value(json_object_get(json_object_get(j, a), b));
}

/* ---- columns ---- */

static void
columns_are_known_in_any_case_and_with_blanks(void **state)
{
	TRIAL(s);

	(void)state;
	assert_int_equal(
		open_table(&s, "Row, CASE-TYPE ,child name,\n1,ORIGIN-ENTRY, A B ,\n", NULL), E_OK);
	assert_string_equal(s.row.value[COLUMN_ROW], "1");
	assert_string_equal(s.row.value[COLUMN_CASE_TYPE], "ORIGIN-ENTRY");
	assert_string_equal(s.row.value[COLUMN_CHILD_NAME], "A B");
}

static void
other_peoples_columns_are_mapped(void **state)
{
	TRIAL(s);

	(void)state;
	assert_int_equal(open_table(&s, "Nom;Remarque;destination\nA;secret;\n",
				 "Nom=child_name, Remarque=-, destination:=SO.NIRA"),
		E_OK);
	assert_string_equal(s.row.value[COLUMN_CHILD_NAME], "A");
	assert_string_equal(s.row.value[COLUMN_DESTINATION], "SO.NIRA");
}

static void
map_may_be_a_file(void **state)
{
	char path[] = "/tmp/daftar-map-XXXXXX";
	static const char text[] =
		"\xef\xbb\xbf# theirs\r\nNom = child_name\r\n\r\nurgency := normal\r\n";
	int fd = mkstemp(path);
	TRIAL(s);

	(void)state;
	assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
	close(fd);
	assert_int_equal(open_table(&s, "Nom\nA\n", path), E_OK);
	assert_string_equal(s.row.value[COLUMN_URGENCY], "normal");
	unlink(path);
}

static void
what_is_wrong_with_columns_is_refused(void **state)
{
	static const struct {
		const char *text, *map, *word;
	} rows[] = {
		{"child_nam\nA\n", NULL, "there is no such column"},
		{"office,office\nA,B\n", NULL, "twice"},
		{"Nom,child_name\nA,B\n", "Nom=child_name", "twice"},
		{"Nom\nA\n", "Nam=child_name", "--map names it"},
		{"Nom\nA\n", "Nom=child_nom", "behind ="},
		{"Nom\nA\n", "Nom=-,desti:=X", "before :="},
		{"Nom\nA\n", "Nom=-,row:=1", "cannot be the same"},
		{"Nom\nA\n", "Nom=-,oops", "theirs=ours"},
		{"\n\n", NULL, "no names of columns"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		TRIAL(s);

		if (strchr(rows[i].map == NULL ? "=" : rows[i].map, '=') == NULL)
			continue;
		assert_int_equal(open_table(&s, rows[i].text, rows[i].map), E_INPUT);
		assert_non_null(strstr((char *)blamed.data, rows[i].word));
	}
}

/* ---- names of rows ---- */

static void
row_is_known_by_reference_and_content_alone(void **state)
{
	TRIAL(a);
	TRIAL(b);
	TRIAL(c);
	TRIAL(d);

	(void)state;
	assert_int_equal(open_table(&a, "row,office,urgency\n1,X,\n", NULL), E_OK);
	assert_int_equal(
		open_table(&b, "Bureau,line,reason,row\n X ,9,no,1\n", "Bureau=office"), E_OK);
	assert_int_equal(open_table(&c, "row,office\n1,Y\n", NULL), E_OK);
	assert_int_equal(open_table(&d, "office\nX\n", NULL), E_OK);
	assert_true(digest_equal(&a.row.key, &b.row.key));
	assert_true(digest_equal(&a.row.content, &b.row.content));
	assert_string_equal(a.row.consent, b.row.consent);
	assert_true(digest_equal(&a.row.key, &c.row.key));
	assert_false(digest_equal(&a.row.content, &c.row.content));
	assert_true(digest_equal(&d.row.key, &d.row.content));
	assert_true(digest_equal(&d.row.content, &a.row.content));
}

/* "ab" in one column is not "a" in it and "b" in the next. */
static void
cells_do_not_run_together(void **state)
{
	TRIAL(a);
	TRIAL(b);

	(void)state;
	assert_int_equal(open_table(&a, "office,entry_number\nab,c\n", NULL), E_OK);
	assert_int_equal(open_table(&b, "office,entry_number\na,bc\n", NULL), E_OK);
	assert_false(digest_equal(&a.row.content, &b.row.content));
}

/* ---- the case file ---- */

static void
names_are_told_whole_or_in_parts(void **state)
{
	TRIAL(s);
	json_t *j, *form;

	(void)state;
	assert_int_equal(open_table(&s,
				 "child_name,child_lang,child_other,mother_given,mother_family\n"
				 "Hodan Abdi Warsame,so,\xd9\x87\xd9\x88\xd8\xaf\xd9\x86,Asha Nuur,"
				 "Jaamac\n",
				 NULL),
		E_OK);
	j = json_of(&s, E_OK, NULL);
	form = json_array_get(json_object_get(json_object_get(j, "locator"), "name"), 0);
	assert_string_equal(json_string_value(json_object_get(form, "script")), "Latn");
	assert_int_equal(json_array_size(json_object_get(form, "parts")), 3);
	assert_true(json_is_true(json_object_get(form, "noFamilyName")));
	form = json_array_get(json_object_get(json_object_get(j, "locator"), "name"), 1);
	assert_string_equal(json_string_value(json_object_get(form, "script")), "Arab");
	assert_string_equal(json_string_value(json_object_get(form, "lang")), "und");
	form = json_array_get(json_object_get(json_object_get(j, "locator"), "mother"), 0);
	assert_string_equal(json_string_value(json_object_get(form, "full")), "Asha Nuur Jaamac");
	assert_null(json_object_get(form, "noFamilyName"));
	json_decref(j);
}

static void
name_that_turns_what_is_read_is_refused(void **state)
{
	TRIAL(s);

	(void)state;
	assert_int_equal(open_table(&s,
				 "child_name\nA\xe2\x80\xae"
				 "B\n",
				 NULL),
		E_OK);
	json_decref(json_of(&s, E_INPUT, "child_name: "));
}

static void
dates_are_read_as_people_write_them(void **state)
{
	static const struct {
		const char *said, *calendar, *order, *value;
	} rows[] = {
		{"9 March 2024", "", "", "2024-03-09"},
		{"2024-03-09", "gregorian", "", "2024-03-09"},
		{"2024-03-09", "", "", "2024-03-09"},
		{"3/4/2011", "", "day-first", NULL}, /* of which calendar? */
		{"3/4/2019", "gregorian", "day-first", "2019-04-03"},
		{"3/4/2019", "gregorian", "month-first", "2019-03-04"},
		{"1 Meskerem 2015", "ethiopic", "", "2022-09-11"},
		{"3/4/2019", "gregorian", "", NULL},
		{"31 February 2019", "", "", NULL},
		{"9 March 2024", "julian", "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(char, text, free_chars) =
			xprintf("birth_date;birth_calendar;date_order\n%s;%s;%s\n", rows[i].said,
				rows[i].calendar, rows[i].order);
		TRIAL(s);
		json_t *j, *date;

		assert_int_equal(open_table(&s, text, NULL), E_OK);
		j = json_of(&s, rows[i].value != NULL ? E_OK : E_INPUT,
			rows[i].value != NULL ? NULL : "birth_date: ");
		date = json_object_get(json_object_get(j, "locator"), "birthDate");
		if (rows[i].value != NULL) {
			assert_string_equal(
				json_string_value(json_object_get(date, "value")), rows[i].value);
			assert_string_equal(
				json_string_value(json_object_get(date, "authored")), rows[i].said);
		}
		json_decref(j);
	}
}

static void
days_of_consents_may_be_those_of_a_spreadsheet(void **state)
{
	TRIAL(s);
	TRIAL(t);
	json_t *j;

	(void)state;
	assert_int_equal(
		open_table(&s, "consent_given_on,date_order\n05/10/2026,day-first\n", NULL), E_OK);
	j = json_of(&s, E_OK, NULL);
	assert_string_equal(text_at(j, "consent", "givenOn"), "2026-10-05");
	assert_string_equal(text_at(j, "consent", "id"), s.row.consent);
	json_decref(j);
	assert_int_equal(open_table(&t, "consent_given_on\nOctober 2026\n", NULL), E_OK);
	json_decref(json_of(&t, E_INPUT, "consent_given_on: "));
}

static void
consent_is_named_or_told_and_not_both(void **state)
{
	TRIAL(s);

	(void)state;
	assert_int_equal(open_table(&s,
				 "consent,consent_subject\n3f1c9a52-7d40-4b6e-9a11-5e0c8d2b7f01,"
				 "child\n",
				 NULL),
		E_OK);
	json_decref(json_of(&s, E_INPUT, "consent: "));
}

static void
problems_are_told_by_the_column(void **state)
{
	static const struct {
		const char *line, *by;
	} rows[] = {
		{"locator.birthDate.value: wrong", "birth_date: wrong"},
		{"locator.name[1].parts[2].value: wrong", "child_name: wrong"},
		{"consent.assent.on: wrong", "assent_on: wrong"},
		{"consent[1]: P03: it was withdrawn", "consent: P03: it was withdrawn"},
		{"requestedOf: wrong", "requested_of: wrong"},
		{"locator: wrong", "locator: wrong"},
		{"P04: no", "P04: no"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BUF(out) = {0};

		batch_reword(rows[i].line, &out);
		assert_string_equal((char *)out.data, rows[i].by);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_known_in_any_case_and_with_blanks),
		cmocka_unit_test(other_peoples_columns_are_mapped),
		cmocka_unit_test(map_may_be_a_file),
		cmocka_unit_test(what_is_wrong_with_columns_is_refused),
		cmocka_unit_test(row_is_known_by_reference_and_content_alone),
		cmocka_unit_test(cells_do_not_run_together),
		cmocka_unit_test(names_are_told_whole_or_in_parts),
		cmocka_unit_test(name_that_turns_what_is_read_is_refused),
		cmocka_unit_test(dates_are_read_as_people_write_them),
		cmocka_unit_test(days_of_consents_may_be_those_of_a_spreadsheet),
		cmocka_unit_test(consent_is_named_or_told_and_not_both),
		cmocka_unit_test(problems_are_told_by_the_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
