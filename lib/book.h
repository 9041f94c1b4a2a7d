/* SPDX-License-Identifier: EUPL-1.2
 *
 * A book: what one side holds of the messages that it shares with another, as a sorted list of
 * elements that two sides can compare (lib/negentropy.h). An element says which message it is and,
 * once the message has ended, how; two books agree exactly when both sides hold the same messages
 * with the same ends. It has no personal data. A million elements are cheap: one array, about 60
 * octets an element.
 *
 * The book of a party at the exchange: every message from or to it. In the party's spool: every
 * message in the outbox that the exchange has accepted, and every message in the inbox. */
#ifndef DAFTAR_BOOK_H
#define DAFTAR_BOOK_H

#include "lib/id.h"
#include "lib/message.h"

#define BOOK_FINGERPRINT_SIZE 16

/* The element of a message in a book: while it is open its digest, once it has ended
 * SHA-256(digest, word of the stage). */
void book_element(const struct digest *message, enum stage stage, struct digest *out);

struct book;
struct book *book_new(void);
void book_free(struct book **b);
/* `time' is the message's time of creation (ms UTC; before 1970 counts as 1970), `ref' what the
 * caller finds it by. Adding in order of time and element makes book_seal cheap. */
void book_add(struct book *b, int64_t time, const struct digest *element, uint64_t ref);
/* Sorts by time, then element, and drops what was added twice (the first stays). Then nothing can
 * be added, and only then can anything be asked. */
void book_seal(struct book *b);

size_t book_size(const struct book *b);
/* By element alone, in constant time; ref may be NULL. */
bool book_find(const struct book *b, const struct digest *element, uint64_t *ref) MUST_USE;
/* Negentropy's fingerprint of all of it, and of the elements lower..upper-1. */
void book_fingerprint(const struct book *b, uint8_t out[BOOK_FINGERPRINT_SIZE]);
void book_fingerprint_range(
	const struct book *b, size_t lower, size_t upper, uint8_t out[BOOK_FINGERPRINT_SIZE]);
/* Element `i' of the sorted list: loans until the book is freed. */
uint64_t book_time(const struct book *b, size_t i);
const struct digest *book_at(const struct book *b, size_t i);
uint64_t book_ref(const struct book *b, size_t i);
/* The first index in from..size whose (time, element) is not before the bound. */
size_t book_lower_bound(
	const struct book *b, size_t from, uint64_t time, const struct digest *element);

#endif
