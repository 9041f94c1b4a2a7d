/* SPDX-License-Identifier: EUPL-1.2
 *
 * Two books of a million messages that differ in ten, five on each side: what finding these costs
 *in octets both ways, in rounds, and in CPU time of each side, from books that are built already
 *and with building them from the walk of a table (in order) or from anywhere (not in order).
 *
 *	reconcile [ELEMENTS [DIFFERENCES]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/negentropy.h"
#include "lib/recon.h"

struct side {
	struct book *book;
	double build, build_unordered, compare; /* CPU seconds */
	size_t octets;				/* sent, heads included */
};

static double
cpu(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0)
		die("no clock for CPU time");
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Message `i' of a year with a million: one every 31 seconds or so, now and then two in one
 * millisecond. */
static int64_t
nth_time(uint64_t i)
{
	return INT64_C(1763942400000) + (int64_t)(i - i % 50 % 2) * 31536;
}

static void
nth_element(uint64_t i, struct digest *out)
{
	digest_of(&i, sizeof i, out);
}

/* Of the elements 0..n-1, each side lacks some: those in the middle of each of `differences' equal
 * parts, taken in turn. */
static bool
lacks(uint64_t i, uint64_t n, uint64_t differences, unsigned side)
{
	uint64_t part = n / differences;

	return i % part == part / 2 && i / part < differences && i / part % 2 == side;
}

struct row {
	int64_t time;
	struct digest element;
};

static struct book *
build(const struct row *rows, size_t n, size_t step)
{
	struct book *b = book_new();

	for (size_t i = 0, at = 0; i < n; i++, at = (at + step) % n)
		book_add(b, rows[at].time, &rows[at].element, at);
	book_seal(b);
	return b;
}

static int
compare_rows(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return memcmp(left->element.octet, right->element.octet, DIGEST_SIZE);
}

static void
make_side(struct side *s, unsigned which, uint64_t n, uint64_t differences)
{
	struct row *rows = xcalloc(n, sizeof *rows);
	struct book *unordered;
	size_t kept = 0;
	double began;

	for (uint64_t i = 0; i < n; i++)
		if (!lacks(i, n, differences, which)) {
			rows[kept].time = nth_time(i);
			nth_element(i, &rows[kept++].element);
		}
	qsort(rows, kept, sizeof *rows, compare_rows); /* as a table keeps them */
	began = cpu();
	s->book = build(rows, kept, 1);
	s->build = cpu() - began;
	began = cpu();
	unordered = build(rows, kept, 7919);
	s->build_unordered = cpu() - began;
	if (book_size(s->book) != kept || book_size(unordered) != kept)
		die("bench: a book has lost elements");
	book_free(&unordered);
	free(rows);
}

static void
print_side(const char *name, const struct side *s)
{
	printf(",\"%s_octets\":%zu,\"%s_cpu_s\":%.3f,\"%s_build_cpu_s\":%.3f,"
	       "\"%s_build_unordered_cpu_s\":%.3f",
		name, s->octets, name, s->compare, name, s->build, name, s->build_unordered);
}

int
main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	uint64_t differences = argc > 2 ? strtoull(argv[2], NULL, 10) : 10;
	struct side initiator = {0}, responder = {0};
	OWNED_ELEMENTS(have) = {0};
	OWNED_ELEMENTS(need) = {0};
	OWNED_BUF(query) = {0};
	OWNED_BUF(answer) = {0};
	unsigned rounds = 0;
	double began;

	if (differences == 0 || n < 2 * differences)
		die("bench: reconcile [ELEMENTS [DIFFERENCES]]");
	make_side(&initiator, 0, n, differences);
	make_side(&responder, 1, n, differences);
	began = cpu();
	negentropy_begin(initiator.book, RECON_NEGENTROPY_MAX, &query);
	initiator.compare += cpu() - began;
	for (; query.size > 0; rounds++) {
		initiator.octets += RECON_HEAD_SIZE + query.size;
		began = cpu();
		if (negentropy_answer(responder.book, RECON_NEGENTROPY_MAX, buf_bytes(&query),
			    &answer) != E_OK)
			die("bench: no answer");
		responder.compare += cpu() - began;
		responder.octets += RECON_HEAD_SIZE + answer.size;
		began = cpu();
		if (negentropy_next(initiator.book, RECON_NEGENTROPY_MAX, buf_bytes(&answer), &have,
			    &need, &query) != E_OK)
			die("bench: no next question");
		initiator.compare += cpu() - began;
	}
	if (have.n + need.n != differences)
		die("bench: %zu differences were found", have.n + need.n);
	printf("{\"bench\":\"reconcile\",\"elements\":%zu,\"have\":%zu,\"need\":%zu,\"rounds\":%u",
		book_size(initiator.book), have.n, need.n, rounds);
	print_side("initiator", &initiator);
	print_side("responder", &responder);
	printf("}\n");
	book_free(&initiator.book);
	book_free(&responder.book);
	return 0;
}
