/* SPDX-License-Identifier: EUPL-1.2
 *
 * Negentropy: octet for octet what the reference implementation writes (tests/data/negentropy), and
 * with what no honest side would write. */
#include "tests/unit/test.h"

#include <dirent.h>
#include <stdio.h>

#include "lib/negentropy.h"

#define LINE_MAX_SIZE (1 << 20)

/* ---- books by a rule (tests/data/negentropy/README.md) ---- */

struct rule {
	char times[16];
	unsigned size;
	unsigned every[2], rest[2]; /* lacking: initiator, responder */
};

static void
nth_element(uint64_t i, struct digest *out)
{
	uint8_t octets[8];

	for (int k = 0; k < 8; k++)
		octets[k] = (uint8_t)(i >> (56 - 8 * k));
	digest_of(octets, sizeof octets, out);
}

static int64_t
nth_time(const char *times, uint64_t i)
{
	int64_t base = 1700000000000;

	if (strcmp(times, "same") == 0)
		return base;
	return base + 1000 * (int64_t)(strcmp(times, "tens") == 0 ? i / 10 : i);
}

static struct book *
make_book(const struct rule *r, int side)
{
	struct book *b = book_new();

	for (unsigned i = 0; i < r->size; i++) {
		struct digest d;

		if (r->every[side] != 0 && i % r->every[side] == r->rest[side])
			continue;
		nth_element(i, &d);
		book_add(b, nth_time(r->times, i), &d, i);
	}
	book_seal(b);
	return b;
}

static unsigned
only_on(const struct rule *r, const struct book *mine, const struct book *theirs)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->size; i++) {
		struct digest d;

		nth_element(i, &d);
		n += book_find(mine, &d, NULL) && !book_find(theirs, &d, NULL);
	}
	return n;
}

static void
expect_found(const struct elements *found, const struct book *mine, const struct book *theirs)
{
	for (size_t i = 0; i < found->n; i++) {
		assert_true(book_find(mine, &found->list[i], NULL));
		assert_false(book_find(theirs, &found->list[i], NULL));
		for (size_t j = 0; j < i; j++)
			assert_false(digest_equal(&found->list[i], &found->list[j]));
	}
}

/* ---- transcripts ---- */

struct transcript {
	FILE *file;
	char *line;
	struct rule rule;
	unsigned have, need;
};

/* The rest of the next line, which must begin with `word'. */
static const char *
next_line(struct transcript *t, const char *word)
{
	size_t length = strlen(word);

	assert_non_null(fgets(t->line, LINE_MAX_SIZE, t->file));
	t->line[strcspn(t->line, "\n")] = '\0';
	assert_memory_equal(t->line, word, length);
	return t->line + length;
}

static void
open_transcript(struct transcript *t, const char *path)
{
	t->file = fopen(path, "r");
	assert_non_null(t->file);
	t->line = xmalloc(LINE_MAX_SIZE);
	assert_int_equal(sscanf(next_line(t, "times "), "%15s", t->rule.times), 1);
	assert_int_equal(sscanf(next_line(t, "size "), "%u", &t->rule.size), 1);
	for (int side = 0; side < 2; side++)
		assert_int_equal(
			sscanf(next_line(t, side == 0 ? "initiator-lacks " : "responder-lacks "),
				"%u %u", &t->rule.every[side], &t->rule.rest[side]),
			2);
}

static void
expect_octets(struct transcript *t, const char *word, const struct buf *ours)
{
	OWNED_BUF(hex) = {0};

	buf_hex(&hex, ours->data, ours->size);
	assert_string_equal(next_line(t, word), (const char *)hex.data);
}

/* Both sides ours, each message as the reference wrote it: so each side of ours would have spoken
 * with the other side of the reference. */
static void
replay(const char *path)
{
	struct transcript t = {0};
	OWNED_ELEMENTS(have) = {0};
	OWNED_ELEMENTS(need) = {0};
	OWNED_BUF(query) = {0};
	OWNED_BUF(answer) = {0};

	open_transcript(&t, path);
	OWNED(struct book, mine, book_free) = make_book(&t.rule, 0);
	OWNED(struct book, theirs, book_free) = make_book(&t.rule, 1);
	negentropy_begin(mine, 0, &query);
	while (query.size > 0) {
		expect_octets(&t, "query ", &query);
		assert_int_equal(negentropy_answer(theirs, 0, buf_bytes(&query), &answer), E_OK);
		expect_octets(&t, "answer ", &answer);
		assert_int_equal(
			negentropy_next(mine, 0, buf_bytes(&answer), &have, &need, &query), E_OK);
	}
	assert_int_equal(sscanf(next_line(&t, "have "), "%u", &t.have), 1);
	assert_int_equal(sscanf(next_line(&t, "need "), "%u", &t.need), 1);
	assert_int_equal(have.n, t.have);
	assert_int_equal(need.n, t.need);
	expect_found(&have, mine, theirs);
	expect_found(&need, theirs, mine);
	free(t.line);
	fclose(t.file);
}

static void
every_octet_is_that_of_the_reference(void **state)
{
	char folder[512], path[1024];
	struct dirent *entry;
	unsigned n = 0;
	DIR *d;

	(void)state;
	snprintf(folder, sizeof folder, "%s/data/negentropy", tests_folder());
	d = opendir(folder);
	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		if (strstr(entry->d_name, ".txt") == NULL)
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		replay(path);
		n++;
	}
	closedir(d);
	assert_int_equal(n, 37);
}

/* ---- limits ---- */

/* Runs to the end; the number of rounds. */
static unsigned
run(const struct rule *r, size_t limit_mine, size_t limit_theirs)
{
	OWNED(struct book, mine, book_free) = make_book(r, 0);
	OWNED(struct book, theirs, book_free) = make_book(r, 1);
	OWNED_ELEMENTS(have) = {0};
	OWNED_ELEMENTS(need) = {0};
	OWNED_BUF(query) = {0};
	OWNED_BUF(answer) = {0};
	unsigned rounds = 0;

	negentropy_begin(mine, limit_mine, &query);
	for (; query.size > 0; rounds++) {
		assert_true(rounds < NEGENTROPY_ROUNDS_MAX);
		assert_true(limit_mine == 0 || query.size <= limit_mine);
		assert_int_equal(
			negentropy_answer(theirs, limit_theirs, buf_bytes(&query), &answer), E_OK);
		assert_true(limit_theirs == 0 || answer.size <= limit_theirs);
		assert_int_equal(
			negentropy_next(mine, limit_mine, buf_bytes(&answer), &have, &need, &query),
			E_OK);
	}
	assert_int_equal(have.n, only_on(r, mine, theirs));
	assert_int_equal(need.n, only_on(r, theirs, mine));
	expect_found(&have, mine, theirs);
	expect_found(&need, theirs, mine);
	return rounds;
}

static void
a_limit_costs_rounds_and_finds_the_same(void **state)
{
	static const struct rule rules[] = {
		{"steady", 3000, {2, 3}, {1, 0}}, /* much on both sides */
		{"steady", 3000, {1, 0}, {0, 0}}, /* we have nothing */
		{"steady", 3000, {0, 1}, {0, 0}}, /* they have nothing */
		{"same", 3000, {7, 5}, {3, 2}},
		{"tens", 3000, {2, 2}, {1, 0}},
		{"steady", 3000, {0, 0}, {0, 0}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		unsigned unlimited = run(&rules[i], 0, 0);

		assert_true(run(&rules[i], NEGENTROPY_FRAME_MIN, 0) >= unlimited);
		assert_true(run(&rules[i], 0, NEGENTROPY_FRAME_MIN) >= unlimited);
		assert_true(
			run(&rules[i], NEGENTROPY_FRAME_MIN, NEGENTROPY_FRAME_MIN) >= unlimited);
		assert_true(run(&rules[i], 5000, 4500) >= unlimited);
	}
}

/* ---- what no honest side writes ---- */

static enum err
answer_hex(const char *hex, struct buf *out)
{
	static const struct rule hundred = {"steady", 100, {0, 0}, {0, 0}};
	OWNED(struct book, b, book_free) = make_book(&hundred, 0);
	uint8_t octets[256];
	size_t size = strlen(hex) / 2;

	assert_true(size <= sizeof octets && hex_decode(hex, strlen(hex), octets, size));
	return negentropy_answer(b, 0, bytes_of(octets, size), out);
}

static void
another_version_is_answered_with_ours_alone(void **state)
{
	OWNED_BUF(out) = {0};

	(void)state;
	assert_int_equal(answer_hex("62000000", &out), E_OK);
	assert_int_equal(out.size, 1);
	assert_int_equal(out.data[0], NEGENTROPY_VERSION);
	assert_int_equal(answer_hex("60", &out), E_OK);
	assert_int_equal(out.size, 1);
	assert_int_equal(answer_hex("5f", &out), E_WIRE);
	assert_int_equal(out.size, 0);
	assert_int_equal(answer_hex("70", &out), E_WIRE);
	assert_int_equal(answer_hex("", &out), E_WIRE);
}

static void
an_initiator_says_that_the_version_is_another(void **state)
{
	static const struct rule rule = {"steady", 10, {0, 0}, {0, 0}};
	OWNED(struct book, b, book_free) = make_book(&rule, 0);
	OWNED_ELEMENTS(have) = {0};
	OWNED_ELEMENTS(need) = {0};
	OWNED_BUF(out) = {0};

	(void)state;
	assert_int_equal(negentropy_next(b, 0, bytes_of("\x62", 1), &have, &need, &out), E_VERSION);
	assert_int_equal(negentropy_next(b, 0, bytes_of("\x01", 1), &have, &need, &out), E_WIRE);
	assert_int_equal(negentropy_next(b, 0, bytes_of("", 0), &have, &need, &out), E_WIRE);
	assert_int_equal(negentropy_next(b, 0, bytes_of("\x61", 1), &have, &need, &out), E_OK);
	assert_int_equal(out.size + have.n + need.n, 0);
}

static void
what_is_malformed_is_refused(void **state)
{
	static const char *const malformed[] = {
		"6100",	      /* a bound without its prefix's length */
		"610000",     /* a range without mode */
		"61000003",   /* a mode that is none */
		"6100008002", /* a number with a digit too many in front */
		"61000001",   /* a fingerprint that is missing */
		"61000001000102030405060708090a0b0c0d0e", /* and one cut off */
		"61000002",				  /* a list without its length */
		"6100000201",				  /* and without its element */
		"61000002ffffffffffffffff7f",		  /* more elements than there are octets */
		"6100000281ffffffffffffffff7f",		  /* a number of more than 64 bits */
		"6100000282808080808080808000",
		"61ffffffffffffffffff7f0000",	/* a time beyond 64 bits */
		"6181ffffffffffffffff7f000001", /* the time that means infinity, spelled out */
		"610221000000",			/* a prefix of 33 octets */
		"61020102",			/* mode after the prefix is missing */
		"610201020001010100",		/* the second bound lies before the first */
		"6100000002000000",		/* something after infinity */
		"610001aa00",			/* infinity with a prefix */
	};
	OWNED_BUF(out) = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(malformed); i++) {
		enum err e = answer_hex(malformed[i], &out);

		if (e != E_WIRE)
			fail_msg("%s: %s", malformed[i], err_word(e));
		assert_int_equal(out.size, 0);
	}
}

/* An initiator that is told of a range twice would collect without end. */
static void
a_range_that_is_listed_twice_is_refused(void **state)
{
	static const struct rule rule = {"steady", 3, {0, 0}, {0, 0}};
	OWNED(struct book, b, book_free) = make_book(&rule, 0);
	OWNED_ELEMENTS(have) = {0};
	OWNED_ELEMENTS(need) = {0};
	OWNED_BUF(out) = {0};
	struct bytes nothing = bytes_of("\x61\0\0\2\0", 5);

	(void)state;
	assert_int_equal(negentropy_next(b, 0, nothing, &have, &need, &out), E_OK);
	assert_int_equal(have.n, 3);
	assert_int_equal(negentropy_next(b, 0, nothing, &have, &need, &out), E_WIRE);
	assert_int_equal(have.n, 3);
}

static void
an_element_listed_twice_counts_once(void **state)
{
	static const struct rule rule = {"steady", 1, {0, 0}, {0, 0}};
	OWNED(struct book, b, book_free) = make_book(&rule, 0);
	OWNED_ELEMENTS(have) = {0};
	OWNED_ELEMENTS(need) = {0};
	OWNED_BUF(in) = {0};
	OWNED_BUF(out) = {0};
	static const unsigned listed[] = {0, 5, 0, 5, 0, 5};

	(void)state;
	buf_add(&in, "\x61\0\0\2\6", 5);
	for (size_t i = 0; i < ARRAY_LEN(listed); i++) {
		struct digest d;

		nth_element(listed[i], &d);
		buf_add(&in, d.octet, DIGEST_SIZE);
	}
	assert_int_equal(negentropy_next(b, 0, buf_bytes(&in), &have, &need, &out), E_OK);
	assert_int_equal(have.n, 0);
	assert_int_equal(need.n, 1);
}

/* Messages with octets changed at random: an answer or E_WIRE, within the limit, and never more
 * than one of the sanitizers has something to say about. */
static uint32_t
roll(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void
mutate(struct buf *b, uint32_t *seed)
{
	for (uint32_t n = roll(seed) % 4 + 1; n > 0 && b->size > 1; n--) {
		size_t at = 1 + roll(seed) % (b->size - 1);

		if (roll(seed) % 8 == 0)
			b->size = at;
		else if (roll(seed) % 2 == 0)
			b->data[at] = (uint8_t)roll(seed);
		else
			b->data[at] ^= (uint8_t)(1 << roll(seed) % 8);
	}
}

static void
altered_messages_do_no_harm(void **state)
{
	static const struct rule rules[] = {
		{"tens", 700, {3, 4}, {1, 2}}, {"same", 90, {7, 5}, {3, 2}}};
	uint32_t seed = 4;

	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(rules); r++) {
		OWNED(struct book, mine, book_free) = make_book(&rules[r], 0);
		OWNED(struct book, theirs, book_free) = make_book(&rules[r], 1);

		for (int i = 0; i < 3000; i++) {
			OWNED_ELEMENTS(have) = {0};
			OWNED_ELEMENTS(need) = {0};
			OWNED_BUF(message) = {0};
			OWNED_BUF(out) = {0};
			enum err e;

			negentropy_begin(mine, NEGENTROPY_FRAME_MIN, &message);
			mutate(&message, &seed);
			e = negentropy_answer(
				theirs, NEGENTROPY_FRAME_MIN, buf_bytes(&message), &out);
			assert_true(e == E_OK || e == E_WIRE);
			assert_true(out.size <= NEGENTROPY_FRAME_MIN);
			negentropy_begin(mine, NEGENTROPY_FRAME_MIN, &message);
			assert_int_equal(
				negentropy_answer(theirs, 0, buf_bytes(&message), &out), E_OK);
			mutate(&out, &seed);
			e = negentropy_next(mine, NEGENTROPY_FRAME_MIN, buf_bytes(&out), &have,
				&need, &message);
			assert_true(e == E_OK || e == E_WIRE);
			assert_true(message.size <= NEGENTROPY_FRAME_MIN);
			assert_true(have.n <= book_size(mine));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_octet_is_that_of_the_reference),
		cmocka_unit_test(a_limit_costs_rounds_and_finds_the_same),
		cmocka_unit_test(another_version_is_answered_with_ours_alone),
		cmocka_unit_test(an_initiator_says_that_the_version_is_another),
		cmocka_unit_test(what_is_malformed_is_refused),
		cmocka_unit_test(a_range_that_is_listed_twice_is_refused),
		cmocka_unit_test(an_element_listed_twice_counts_once),
		cmocka_unit_test(altered_messages_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
