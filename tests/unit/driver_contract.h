/* SPDX-License-Identifier: EUPL-1.2
 *
 * What every driver of a national register must do, whatever the register is: one list of tests for
 * all. A file that includes it defines `setup' and puts CONTRACT in its list. */
#ifndef DAFTAR_DRIVER_CONTRACT_H
#define DAFTAR_DRIVER_CONTRACT_H

#include "tests/unit/driver_stage.h"

/* ---- entering ---- */

static void
same_key_is_entered_once(void **state)
{
	struct stage *s = *state;
	struct made first, again, found;

	assert_int_equal(look_up(s, "a", &found), E_NOT_FOUND);
	assert_int_equal(enter(s, "a", &first), E_OK);
	assert_string_not_equal(first.entry_number, "");
	assert_int_equal(strlen(first.entered_on), 10);
	assert_string_equal(first.entered_as, "Yusuf, Amina Hassan");
	assert_int_equal(enter(s, "a", &again), E_ALREADY);
	assert_same(&first, &again);
	stage_reopen(s);
	assert_int_equal(look_up(s, "a", &found), E_OK);
	assert_same(&first, &found);
	assert_int_equal(s->kind->made(s), 1);
}

static void
two_acts_get_two_numbers(void **state)
{
	struct row other = child_row("0100020001");
	struct stage *s = *state;
	struct made a, b;

	assert_int_equal(enter(s, "a", &a), E_OK);
	assert_int_equal(enter_row(s, "b", &other, &b), E_OK);
	assert_string_not_equal(a.entry_number, b.entry_number);
	assert_int_equal(s->kind->made(s), 2);
}

static void
same_act_by_another_road_is_told(void **state)
{
	struct stage *s = *state;
	struct made m;

	s->kind->put_other(s, "KE", "Westlands", "0100020000", "P-77");
	assert_int_equal(enter(s, "a", &m), E_ALREADY);
	assert_string_equal(m.entry_number, "P-77");
	assert_int_equal(s->kind->made(s), 0);
	assert_int_equal(look_up(s, "a", &m), E_NOT_FOUND);
}

static void
other_countrys_entry_is_another_act(void **state)
{
	struct stage *s = *state;
	struct made m;

	s->kind->put_other(s, "UG", "Westlands", "0100020000", "P-77");
	assert_int_equal(enter(s, "a", &m), E_OK);
}

static void
locked_register_makes_nothing(void **state)
{
	struct stage *s = *state;
	struct made m;

	s->kind->lock(s);
	assert_int_equal(enter(s, "a", &m), E_LOCKED);
	s->kind->unlock(s);
	assert_int_equal(look_up(s, "a", &m), E_NOT_FOUND);
	assert_int_equal(s->kind->made(s), 0);
	assert_int_equal(enter(s, "a", &m), E_OK);
	assert_int_equal(s->kind->made(s), 1);
}

/* The child says on the pipe that it met the lock, and goes on trying until it is killed. */
static void
enter_for_ever(struct stage *s, int say)
{
	struct made m;

	s->d = NULL; /* the parent's */
	stage_open(s);
	while (enter(s, "a", &m) == E_LOCKED)
		if (write(say, "L", 1) != 1)
			_exit(1);
	_exit(2);
}

static void
killed_at_the_lock_makes_one_entry(void **state)
{
	struct stage *s = *state;
	struct made m, again;
	int pipe_fd[2], status;
	char octet;
	pid_t child;

	s->kind->driver->close(&s->d);
	s->kind->lock(s);
	assert_int_equal(pipe(pipe_fd), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(pipe_fd[0]);
		enter_for_ever(s, pipe_fd[1]);
	}
	close(pipe_fd[1]);
	assert_int_equal(read(pipe_fd[0], &octet, 1), 1);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	close(pipe_fd[0]);
	s->kind->unlock(s);
	stage_open(s);
	assert_int_equal(look_up(s, "a", &m), E_NOT_FOUND);
	assert_int_equal(enter(s, "a", &m), E_OK);
	assert_int_equal(enter(s, "a", &again), E_ALREADY);
	assert_same(&m, &again);
	assert_int_equal(s->kind->made(s), 1);
}

/* Two adapters of one registry by mistake: both try the same act at the same time. */
static void
twins_make_one_entry(void **state)
{
	struct stage *s = *state;
	pid_t child[4];
	struct made m;
	size_t made = 0;

	s->kind->driver->close(&s->d);
	for (size_t i = 0; i < ARRAY_LEN(child); i++) {
		child[i] = fork();
		assert_true(child[i] >= 0);
		if (child[i] == 0) {
			enum err e;

			s->d = NULL;
			stage_open(s);
			while ((e = enter(s, "a", &m)) == E_LOCKED)
				;
			s->kind->driver->close(&s->d);
			_exit(e == E_OK ? 0 : e == E_ALREADY ? 1 : 2);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(child); i++) {
		int status;

		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_true(WIFEXITED(status));
		assert_true(WEXITSTATUS(status) < 2);
		made += WEXITSTATUS(status) == 0;
	}
	stage_open(s);
	assert_int_equal(made, 1);
	assert_int_equal(s->kind->made(s), 1);
}

/* Runs one enter in a child that may write no file beyond `limit' octets: a full disk. */
static inline enum err
enter_with_full_disk(struct stage *s, rlim_t limit)
{
	int status;
	pid_t child;

	s->kind->driver->close(&s->d);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct rlimit r = {limit, limit};
		struct made m;
		enum err e;

		signal(SIGXFSZ, SIG_IGN);
		s->d = NULL;
		stage_open(s);
		if (setrlimit(RLIMIT_FSIZE, &r) != 0)
			_exit(99);
		e = enter(s, "a", &m);
		_exit(e == E_REGISTER ? 7 : 8);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	stage_open(s);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 7 ? E_REGISTER : E_OK;
}

struct listed {
	size_t n;
	struct digest key[4];
	struct made made[4];
	struct id message[4];
};

static void
note_listed(
	void *context, const struct digest *key, const struct made *made, const struct id *message)
{
	struct listed *l = context;

	assert_in_range(l->n, 0, 3);
	l->key[l->n] = *key;
	l->made[l->n] = *made;
	l->message[l->n++] = *message;
}

static void
list_is_the_registers_own_book(void **state)
{
	static const struct id none;
	struct row other = child_row("0100020001"), own = child_row("0100020002");
	struct stage *s = *state;
	struct digest a = key_of("a");
	struct listed l = {0};
	struct made first, second;
	size_t at;

	assert_int_equal(s->kind->driver->list(s->d, note_listed, &l), E_OK);
	assert_int_equal(l.n, 0);
	s->kind->put(s, &own); /* its own births are not ours to tell */
	assert_int_equal(enter(s, "a", &first), E_OK);
	assert_int_equal(enter_row(s, "b", &other, &second), E_OK);
	assert_int_equal(s->kind->driver->list(s->d, note_listed, &l), E_OK);
	assert_int_equal(l.n, 2);
	at = digest_equal(&l.key[0], &a) ? 0 : 1;
	assert_true(digest_equal(&l.key[at], &a));
	assert_same(&l.made[at], &first);
	assert_same(&l.made[1 - at], &second);
	assert_false(id_equal(&l.message[0], &none));
	assert_false(id_equal(&l.message[1], &none));
}

static void
register_that_is_away_is_waited_for(void **state)
{
	struct wanted w;
	struct stage *s = *state;
	struct made m;
	uint64_t all, ours;

	assert_int_equal(look_up(s, "a", &m), E_NOT_FOUND); /* was there once */
	s->kind->break_down(s);
	want_person(&w, "Amina", "2024", "Fadumo");
	assert_int_equal(look_up(s, "a", &m), E_REGISTER);
	assert_int_equal(find(s, &w.l, NULL), E_REGISTER);
	assert_int_equal(enter(s, "a", &m), E_REGISTER);
	assert_int_equal(s->kind->driver->count(s->d, &all, &ours), E_REGISTER);
	s->kind->mend(s);
	assert_int_equal(look_up(s, "a", &m), E_NOT_FOUND);
	assert_int_equal(enter(s, "a", &m), E_OK);
}

static void
count_tells_all_and_ours(void **state)
{
	struct row one = child_row("0100020000");
	struct stage *s = *state;
	uint64_t all, ours;
	struct made m;

	assert_int_equal(s->kind->driver->count(s->d, &all, &ours), E_OK);
	assert_int_equal(all, 0);
	assert_int_equal(ours, 0);
	s->kind->put(s, &one);
	assert_int_equal(enter(s, "a", &m), E_OK);
	assert_int_equal(s->kind->driver->count(s->d, &all, &ours), E_OK);
	assert_int_equal(all, 2);
	assert_int_equal(ours, 1);
}

/* ---- hostile text ---- */

static const char *const hostile[] = {
	"'; DROP TABLE birth_entry; --",
	"\" OR \"\"=\"",
	"=HYPERLINK(\"http://x\")",
	"+1,2;3\t4",
	"@SUM(A1)",
	"'-2",
	"''",
	"a\r\nb,c\r\n",
	"\\x00\\'); \\",
	"%s%n%1$s",
	":key :entered_on ? ?? $1",
	"${HOME} `id` $(id)",
	"<b>&amp;]]></b>",
	"\xd8\xa2\xd9\x85\xd9\x86\xd8\xa9 \xd8\xb9\xd8\xa8\xd8\xaf",
	"\xe1\x8a\xa0\xe1\x88\x9b\xe1\x8a\x91\xe1\x8a\xa4\xe1\x88\x8d",
	"\xf0\x9f\x91\xb6\xf0\x9f\x8f\xbf \xe2\x80\xae x",
	"   ",
};

/* The text stands in every particular that may hold any text, and comes back as it was. */
static void
hostile_text_is_only_text(void **state)
{
	static const char *const fields[] = {"office", "child_given", "child_father",
		"child_grandfather", "child_family", "birth_place", "mother_name", "father_name"};
	struct stage *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		struct row r = child_row("n");
		char key[16], number[16];
		struct made m, found;

		snprintf(key, sizeof key, "key %zu", i);
		snprintf(number, sizeof number, "=%zu", i);
		put(&r, "entry_number", number);
		put(&r, "child_name", hostile[i]);
		put(&r, "child_grandfather", NULL);
		for (size_t k = 0; k < ARRAY_LEN(fields); k++)
			put(&r, fields[k], hostile[i]);
		assert_int_equal(enter_row(s, key, &r, &m), E_OK);
		assert_int_equal(look_up(s, key, &found), E_OK);
		assert_same(&m, &found);
		assert_non_null(strstr(found.entered_as, hostile[i]));
		assert_int_equal(s->kind->made(s), i + 1);
	}
}

static void
hostile_names_are_found(void **state)
{
	struct stage *s = *state;

	for (size_t i = 0; i + 1 < ARRAY_LEN(hostile); i++) { /* not the one of gaps only */
		struct row r = child_row("n");
		struct wanted w;
		char number[16];

		snprintf(number, sizeof number, "N%zu", i);
		put(&r, "entry_number", number);
		put(&r, "child_name", hostile[i]);
		put(&r, "mother_name", hostile[i]);
		s->kind->put(s, &r);
		want_person(&w, hostile[i], "2024-01-12", hostile[i]);
		assert_int_equal(find(s, &w.l, number), E_OK);
	}
}

/* ---- finding ---- */

static void
entry_is_found_by_number(void **state)
{
	struct row r = child_row("0100020000");
	struct locator l = {.entry_number = "0100020000"};
	struct stage *s = *state;

	s->kind->put(s, &r);
	assert_int_equal(find(s, &l, "0100020000"), E_OK);
	l.office = "WESTLANDS";
	assert_int_equal(find(s, &l, "0100020000"), E_OK);
	l.office = "Garissa";
	assert_int_equal(find(s, &l, NULL), E_RECORD_NOT_FOUND);
	l = (struct locator){.entry_number = "0100020001"};
	assert_int_equal(find(s, &l, NULL), E_RECORD_NOT_FOUND);
	l.entry_number = "0100020000' OR '1'='1";
	assert_int_equal(find(s, &l, NULL), E_RECORD_NOT_FOUND);
}

/* A slip in the number must not bring another child's record. */
static void
number_of_another_child_is_not_sent(void **state)
{
	struct row r = child_row("0100020000");
	struct stage *s = *state;
	struct wanted w;

	s->kind->put(s, &r);
	want_person(&w, "Amina Hassan Yusuf", "2024-01-12", NULL);
	w.l.entry_number = "0100020000";
	assert_int_equal(find(s, &w.l, NULL), E_OK);
	want_person(&w, "Abdi Hassan Yusuf", "2024-01-12", NULL);
	w.l.entry_number = "0100020000";
	assert_int_equal(find(s, &w.l, NULL), E_RECORD_NOT_FOUND);
	want_person(&w, "Amina Hassan Yusuf", "2023-01-12", NULL);
	w.l.entry_number = "0100020000";
	assert_int_equal(find(s, &w.l, NULL), E_RECORD_NOT_FOUND);
}

static void
extract_holds_the_particulars(void **state)
{
	OWNED(struct extract, x, extract_free) = NULL;
	struct row r = child_row("0100020000");
	struct locator l = {.entry_number = "0100020000"};
	struct stage *s = *state;

	s->kind->put(s, &r);
	assert_int_equal(s->kind->driver->find(s->d, &l, &x), E_OK);
	assert_string_equal(x->entry.office, "Westlands");
	assert_string_equal(x->entry.registered_on->value, "2024-02-20");
	assert_string_equal(name_full(&x->name), "Amina Hassan Yusuf");
	assert_true(x->name.forms->no_family_name);
	assert_string_equal(x->name.forms->parts->next->kind, "father");
	assert_string_equal(x->sex, "F");
	assert_string_equal(x->birth_date.value, "2024-01-12");
	assert_string_equal(x->birth_date.calendar, "gregorian");
	assert_string_equal(x->birth_place.country, "KE");
	assert_string_equal(x->parents->role, "mother");
	assert_string_equal(name_full(&x->parents->next->name), "Hassan Yusuf Abdi");
	assert_null(x->id);
}

static void
child_is_found_by_name_day_and_mother(void **state)
{
	struct row r = child_row("0100020000"), other = child_row("0100020001");
	struct stage *s = *state;
	struct wanted w;

	put(&other, "child_name", "Abdi Hassan Yusuf");
	s->kind->put(s, &r);
	s->kind->put(s, &other);
	want_person(&w, "  amina HASSAN\xc2\xa0 yusuf", "2024-01-12", "fadumo ali warsame ");
	assert_int_equal(find(s, &w.l, "0100020000"), E_OK);
	want_person(&w, "Amina Hassan Yusuf", "2024-01", "Fadumo Ali Warsame");
	assert_int_equal(find(s, &w.l, "0100020000"), E_OK);
	want_person(&w, "Amina Hassan Yusuf", "2023/2024-01-12", "Fadumo Ali Warsame");
	assert_int_equal(find(s, &w.l, "0100020000"), E_OK);
}

static void
similar_is_not_found(void **state)
{
	static const char *const wrong[][3] = {
		{"Amina Hassan Yusuf", "2024-01-13", "Fadumo Ali Warsame"},
		{"Amina Hassan Yusuf", "2024-02", "Fadumo Ali Warsame"},
		{"Amira Hassan Yusuf", "2024-01-12", "Fadumo Ali Warsame"},
		{"Amina Yusuf Hassan", "2024-01-12", "Fadumo Ali Warsame"},
		{"Amina", "2024-01-12", "Fadumo Ali Warsame"},
		{"Amina Hassan Yusuf", "2024-01-12", "Fadumo Ahmed Warsame"},
		{"Aamina Hassan Yusuf", "2024-01-13", "Fadumo Ali Warsame"},
		{"Amina%", "2024-01-12", "%"},
		{"", "2024-01-12", ""},
	};
	struct row r = child_row("0100020000");
	struct stage *s = *state;
	struct wanted w;

	s->kind->put(s, &r);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		want_person(&w, wrong[i][0], wrong[i][1], wrong[i][2]);
		assert_int_equal(find(s, &w.l, NULL), E_RECORD_NOT_FOUND);
	}
	want_person(&w, "Amina Hassan Yusuf", "2024-01-12", "Fadumo Ali Warsame");
	w.father.full = "Hassan Yusuf Omar";
	w.l.father.forms = &w.father;
	assert_int_equal(find(s, &w.l, NULL), E_RECORD_NOT_FOUND);
	w.l.birth_date = NULL;
	assert_int_equal(find(s, &w.l, NULL), E_RECORD_NOT_FOUND);
}

/* A child is never certified by the sound of its name. */
static void
what_is_heard_alike_is_left_to_a_person(void **state)
{
	static const char *const alike[][2] = {
		{"Aamina Hassan Yusuf", "Fadumo Ali Warsame"},
		{"Amina Xasan Yuusuf", "Fadumo Ali Warsame"},
		{"Amina Hassan", "Fadumo Ali Warsame"},
		{"Amina Hassan Yusuf", "Fatuma Ali Warsame"},
		{"أمينة حسن يوسف", "Fadumo Ali Warsame"},
	};
	struct row r = child_row("0100020000");
	struct stage *s = *state;
	struct wanted w;

	s->kind->put(s, &r);
	for (size_t i = 0; i < ARRAY_LEN(alike); i++) {
		want_person(&w, alike[i][0], "2024-01-12", alike[i][1]);
		assert_int_equal(find(s, &w.l, NULL), E_ALIKE);
		w.l.entry_number = "0100020000";
		assert_int_equal(find(s, &w.l, NULL), E_ALIKE);
	}
	/* Nor is one of two. */
	put(&r, "entry_number", "0100020001");
	put(&r, "child_name", "Aamina Hassan Yusuf");
	s->kind->put(s, &r);
	want_person(&w, "Amina Hassan Yusuf", "2024-01-12", "Fadumo Ali Warsame");
	assert_int_equal(find(s, &w.l, NULL), E_ALIKE);
}

/* The same letters, written by two hands. */
static void
other_spelling_of_the_same_letters_is_found(void **state)
{
	static const char *const same[][3] = {
		{"Élodie Müller", "ELODIE MULLER", "Fadumo Ali"},
		{"فاطمة أحمد علي", "فاطمه احمد على", "آمنة"},
		{"ኃይለ ሥላሴ", "ሀይለ ስላሴ", "ፀሐይ"},
	};
	struct stage *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		struct row r = child_row("n");
		struct wanted w;
		char number[16];

		snprintf(number, sizeof number, "N%zu", i);
		put(&r, "entry_number", number);
		put(&r, "child_name", same[i][0]);
		put(&r, "mother_name", same[i][2]);
		s->kind->put(s, &r);
		want_person(&w, same[i][1], "2024-01-12", same[i][2]);
		assert_int_equal(find(s, &w.l, number), E_OK);
	}
}

static void
vague_day_in_the_register_is_found(void **state)
{
	static const char *const held[] = {"2024", "2024-01", "202X", "2024-XX-XX", "2024-01-12~",
		"2020/2025-06", "../2024-02"};
	struct stage *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(held); i++) {
		struct row r = child_row("n");
		struct wanted w;
		char number[16], name[32];

		snprintf(number, sizeof number, "N%zu", i);
		snprintf(name, sizeof name, "Child %zu", i);
		put(&r, "entry_number", number);
		put(&r, "child_name", name);
		put(&r, "birth_date", held[i]);
		s->kind->put(s, &r);
		want_person(&w, name, "2024-01-12", "Fadumo Ali Warsame");
		assert_int_equal(find(s, &w.l, number), E_OK);
	}
}

static void
twins_by_name_are_ambiguous(void **state)
{
	struct row one = child_row("0100020000"), two = child_row("0100020001");
	struct stage *s = *state;
	struct wanted w;

	s->kind->put(s, &one);
	want_person(&w, "Amina Hassan Yusuf", "2024-01-12", NULL);
	assert_int_equal(find(s, &w.l, NULL), E_AMBIGUOUS); /* no parent: anybody's child */
	s->kind->put(s, &two);
	want_person(&w, "Amina Hassan Yusuf", "2024-01-12", "Fadumo Ali Warsame");
	assert_int_equal(find(s, &w.l, NULL), E_AMBIGUOUS);
	w.l.entry_number = "0100020001";
	assert_int_equal(find(s, &w.l, "0100020001"), E_OK);
}

static void
damaged_entry_is_for_a_registrar(void **state)
{
	struct row bad = child_row("0100020000"), good = child_row("0100020001");
	struct stage *s = *state;
	struct locator l = {.entry_number = "0100020000"};
	struct wanted w;

	put(&bad, "birth_date", "the rainy season");
	put(&good, "child_name", "Abdi Hassan Yusuf");
	s->kind->put(s, &bad);
	s->kind->put(s, &good);
	assert_int_equal(find(s, &l, NULL), E_REGISTER_DATA);
	want_person(&w, "Abdi Hassan Yusuf", "2024-01-12", "Fadumo Ali Warsame");
	assert_int_equal(find(s, &w.l, "0100020001"), E_OK);
}

#define CONTRACT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, stage_teardown)
#define CONTRACT                                                                                   \
	CONTRACT_TEST(same_key_is_entered_once), CONTRACT_TEST(two_acts_get_two_numbers),          \
		CONTRACT_TEST(same_act_by_another_road_is_told),                                   \
		CONTRACT_TEST(other_countrys_entry_is_another_act),                                \
		CONTRACT_TEST(locked_register_makes_nothing),                                      \
		CONTRACT_TEST(killed_at_the_lock_makes_one_entry),                                 \
		CONTRACT_TEST(twins_make_one_entry),                                               \
		CONTRACT_TEST(register_that_is_away_is_waited_for),                                \
		CONTRACT_TEST(count_tells_all_and_ours),                                           \
		CONTRACT_TEST(list_is_the_registers_own_book),                                     \
		CONTRACT_TEST(hostile_text_is_only_text), CONTRACT_TEST(hostile_names_are_found),  \
		CONTRACT_TEST(entry_is_found_by_number),                                           \
		CONTRACT_TEST(number_of_another_child_is_not_sent),                                \
		CONTRACT_TEST(extract_holds_the_particulars),                                      \
		CONTRACT_TEST(child_is_found_by_name_day_and_mother),                              \
		CONTRACT_TEST(similar_is_not_found),                                               \
		CONTRACT_TEST(what_is_heard_alike_is_left_to_a_person),                            \
		CONTRACT_TEST(other_spelling_of_the_same_letters_is_found),                        \
		CONTRACT_TEST(vague_day_in_the_register_is_found),                                 \
		CONTRACT_TEST(twins_by_name_are_ambiguous),                                        \
		CONTRACT_TEST(damaged_entry_is_for_a_registrar)

#endif
