/* SPDX-License-Identifier: EUPL-1.2
 *
 * Building a book from the exchange's store: the walk of its table and the sealing, for a party
 *with that many messages. The messages are of no use to anyone; the store is made anew.
 *
 *	walk STORE-FOLDER MESSAGES */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker/store.h"
#include "lib/book.h"

#define GROUP 5000
#define ROOM 4096 /* of the store, a message */

static double
cpu(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0)
		die("no clock for CPU time");
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
enter(struct store_txn *t, uint64_t i)
{
	static const int64_t start = 1763942400000;
	struct verdict v = {0};
	struct entry e;

	v.header.id = id_new();
	v.header.conversation = v.header.id;
	v.header.created = start + (int64_t)i * 31536;
	v.header.expires = v.header.created + INT64_C(86400000) * 400;
	if (!party_parse("BE.S1", &v.header.from) || !party_parse("BE.R", &v.header.to))
		die("bench: party");
	digest_of(&i, sizeof i, &v.digest);
	store_accept(t, &v, bytes_of(&i, sizeof i), v.header.created, &e);
}

static void
add(void *context, int64_t created, const struct digest *element, uint64_t seq)
{
	book_add(context, created, element, seq);
}

int
main(int argc, char **argv)
{
	const uint8_t key[STORE_KEY_SIZE] = {1};
	struct store *s;
	struct party party = {0};
	uint64_t n;
	double began, walked;

	if (argc != 3)
		return fputs("usage: walk STORE-FOLDER MESSAGES\n", stderr), 2;
	n = strtoull(argv[2], NULL, 10);
	if (!party_parse("BE.S1", &party) ||
		store_open(argv[1], ((size_t)256 << 20) + n * ROOM, key, &s) != E_OK)
		die("bench: store");
	for (uint64_t at = 0; at < n; at += GROUP) {
		struct store_txn *t = store_begin(s);

		for (uint64_t i = at; i < n && i < at + GROUP; i++)
			enter(t, i);
		if (store_commit(&t) != E_OK)
			die("bench: commit");
	}
	OWNED(struct book, b, book_free) = book_new();
	began = cpu();
	store_book(s, &party, INT64_MIN, INT64_MAX, add, b);
	walked = cpu();
	book_seal(b);
	if (book_size(b) != n)
		die("bench: the book has %zu elements", book_size(b));
	printf("{\"bench\":\"walk\",\"elements\":%zu,\"walk_cpu_s\":%.3f,\"seal_cpu_s\":%.3f}\n",
		book_size(b), walked - began, cpu() - walked);
	store_close(&s);
	return 0;
}
