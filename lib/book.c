/* SPDX-License-Identifier: EUPL-1.2
 *
 * A book is one array, sorted by time and element, and beside it a table of places (open
 * addressing, at most half full) by which an element is found without its time. Books come from
 * walks of tables that are already in this order, so that sealing one usually sorts nothing.
 *
 * The fingerprint is Negentropy's: the elements added up as 256-bit little-endian numbers, the sum
 * and the count hashed. Sums up to every 256th element are kept, so that a fingerprint of however
 * many elements costs a few hundred additions: a question of twenty octets must not cost the
 * exchange a walk over a million. */
#include "lib/book.h"

#include <stdlib.h>
#include <string.h>

#define LIMBS (DIGEST_SIZE / 8)
#define BLOCK 256 /* elements between two sums that are kept */

/* 256 bits, the least 64 first. */
struct sum {
	uint64_t limb[LIMBS];
};

struct item {
	uint64_t time;
	struct digest element;
	uint64_t ref;
};

struct book {
	struct item *item;
	size_t n, room;
	uint32_t *place;    /* index + 1 into `item', 0: free */
	size_t places;	    /* a power of two */
	struct sum *before; /* [k]: of the elements before the k-th block */
	bool sealed;
};

void
book_element(const struct digest *message, enum stage stage, struct digest *out)
{
	uint8_t octets[DIGEST_SIZE + 32];
	const char *word = stage_word(stage);
	size_t length = strlen(word);

	if (!stage_final(stage)) {
		*out = *message;
		return;
	}
	assert(DIGEST_SIZE + length <= sizeof octets);
	memcpy(octets, message->octet, DIGEST_SIZE);
	memcpy(octets + DIGEST_SIZE, word, length);
	digest_of(octets, DIGEST_SIZE + length, out);
}

struct book *
book_new(void)
{
	return xcalloc(1, sizeof(struct book));
}

void
book_free(struct book **b)
{
	if (*b == NULL)
		return;
	free((*b)->item);
	free((*b)->place);
	free((*b)->before);
	free(*b);
	*b = NULL;
}

void
book_add(struct book *b, int64_t time, const struct digest *element, uint64_t ref)
{
	assert(!b->sealed && b->n < UINT32_MAX / 4);
	if (b->n == b->room) {
		b->room = b->room == 0 ? 256 : b->room * 2;
		b->item = xrealloc(b->item, b->room * sizeof *b->item);
	}
	b->item[b->n++] = (struct item){time < 0 ? 0 : (uint64_t)time, *element, ref};
}

/* ---- the order ---- */

static int
compare(uint64_t time, const struct digest *element, const struct item *with)
{
	if (time != with->time)
		return time < with->time ? -1 : 1;
	return memcmp(element->octet, with->element.octet, DIGEST_SIZE);
}

static int
compare_items(const void *a, const void *b)
{
	const struct item *left = a;

	return compare(left->time, &left->element, b);
}

static bool
is_sorted(const struct book *b)
{
	for (size_t i = 1; i < b->n; i++)
		if (compare_items(&b->item[i - 1], &b->item[i]) > 0)
			return false;
	return true;
}

static void
drop_doubles(struct book *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->n; i++)
		if (kept == 0 || compare_items(&b->item[kept - 1], &b->item[i]) != 0)
			b->item[kept++] = b->item[i];
	b->n = kept;
}

/* Elements are hashes already. */
static size_t
first_place(const struct book *b, const struct digest *element)
{
	uint64_t h;

	memcpy(&h, element->octet + 8, sizeof h);
	return (size_t)h & (b->places - 1);
}

static void
make_places(struct book *b)
{
	b->places = 16;
	while (b->places < b->n * 2)
		b->places *= 2;
	b->place = xcalloc(b->places, sizeof *b->place);
	for (size_t i = 0; i < b->n; i++) {
		size_t at = first_place(b, &b->item[i].element);

		while (b->place[at] != 0)
			at = (at + 1) & (b->places - 1);
		b->place[at] = (uint32_t)i + 1;
	}
}

/* ---- sums ---- */

static uint64_t
limb_read(const uint8_t *at)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | at[i];
	return v;
}

static void
limb_write(uint64_t v, uint8_t *at)
{
	for (int i = 0; i < 8; i++, v >>= 8)
		at[i] = (uint8_t)v;
}

/* All modulo 2^256. */
static void
sum_add(struct sum *s, const struct digest *element)
{
	uint64_t carry = 0;

	for (int i = 0; i < LIMBS; i++) {
		uint64_t more = limb_read(element->octet + 8 * i);
		bool first = __builtin_add_overflow(s->limb[i], more, &s->limb[i]);
		bool second = __builtin_add_overflow(s->limb[i], carry, &s->limb[i]);

		carry = first || second;
	}
}

static struct sum
sum_minus(const struct sum *from, const struct sum *less)
{
	struct sum out;
	uint64_t borrow = 0;

	for (int i = 0; i < LIMBS; i++) {
		bool first = __builtin_sub_overflow(from->limb[i], less->limb[i], &out.limb[i]);
		bool second = __builtin_sub_overflow(out.limb[i], borrow, &out.limb[i]);

		borrow = first || second;
	}
	return out;
}

static void
add_items(struct sum *s, const struct book *b, size_t lower, size_t upper)
{
	for (size_t i = lower; i < upper; i++)
		sum_add(s, &b->item[i].element);
}

static void
make_sums(struct book *b)
{
	size_t blocks = b->n / BLOCK;

	b->before = xcalloc(blocks + 1, sizeof *b->before);
	for (size_t k = 0; k < blocks; k++) {
		b->before[k + 1] = b->before[k];
		add_items(&b->before[k + 1], b, k * BLOCK, (k + 1) * BLOCK);
	}
}

static struct sum
sum_of(const struct book *b, size_t lower, size_t upper)
{
	size_t first = (lower + BLOCK - 1) / BLOCK, last = upper / BLOCK;
	struct sum out = {{0}};

	if (first >= last) {
		add_items(&out, b, lower, upper);
		return out;
	}
	out = sum_minus(&b->before[last], &b->before[first]);
	add_items(&out, b, lower, first * BLOCK);
	add_items(&out, b, last * BLOCK, upper);
	return out;
}

void
book_seal(struct book *b)
{
	assert(!b->sealed);
	b->sealed = true;
	if (!is_sorted(b))
		qsort(b->item, b->n, sizeof *b->item, compare_items);
	drop_doubles(b);
	make_places(b);
	make_sums(b);
}

/* ---- asking ---- */

size_t
book_size(const struct book *b)
{
	assert(b->sealed);
	return b->n;
}

bool
book_find(const struct book *b, const struct digest *element, uint64_t *ref)
{
	assert(b->sealed);
	for (size_t at = first_place(b, element); b->place[at] != 0;
		at = (at + 1) & (b->places - 1)) {
		const struct item *found = &b->item[b->place[at] - 1];

		if (!digest_equal(&found->element, element))
			continue;
		if (ref != NULL)
			*ref = found->ref;
		return true;
	}
	return false;
}

uint64_t
book_time(const struct book *b, size_t i)
{
	assert(b->sealed && i < b->n);
	return b->item[i].time;
}

const struct digest *
book_at(const struct book *b, size_t i)
{
	assert(b->sealed && i < b->n);
	return &b->item[i].element;
}

uint64_t
book_ref(const struct book *b, size_t i)
{
	assert(b->sealed && i < b->n);
	return b->item[i].ref;
}

size_t
book_lower_bound(const struct book *b, size_t from, uint64_t time, const struct digest *element)
{
	size_t low = from, high = b->n;

	assert(b->sealed && from <= b->n);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(time, element, &b->item[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- the fingerprint ---- */

void
book_fingerprint_range(
	const struct book *b, size_t lower, size_t upper, uint8_t out[BOOK_FINGERPRINT_SIZE])
{
	uint8_t octets[DIGEST_SIZE + 10];
	uint64_t count = upper - lower;
	size_t size = DIGEST_SIZE;
	struct sum sum;
	struct digest d;

	assert(b->sealed && lower <= upper && upper <= b->n);
	sum = sum_of(b, lower, upper);
	for (int i = 0; i < LIMBS; i++)
		limb_write(sum.limb[i], octets + 8 * i);
	/* A number of the protocol: digits of seven bits, the greatest first. */
	for (int shift = 63; shift >= 0; shift -= 7)
		if (shift == 0 || count >> shift != 0)
			octets[size++] = (uint8_t)((count >> shift & 127) | (shift > 0 ? 128 : 0));
	digest_of(octets, size, &d);
	memcpy(out, d.octet, BOOK_FINGERPRINT_SIZE);
}

void
book_fingerprint(const struct book *b, uint8_t out[BOOK_FINGERPRINT_SIZE])
{
	book_fingerprint_range(b, 0, b->n, out);
}
