/* SPDX-License-Identifier: EUPL-1.2
 *
 * Negentropy, version 1. A message is a row of ranges that together cover the whole order of (time,
 * element); of each range it says nothing (skip), the fingerprint of what its sender has there, or
 * the list of it. Whoever gets a fingerprint that is not his own answers with finer ones, or with a
 * list when there is little; whoever gets a list knows the difference of this range.
 *
 * Both sides walk a message in the same way (walk); they differ only in what a list means: to the
 * initiator it is the result, to the responder a request for his own. Ranges of a message do not
 * overlap, and the cost of a fingerprint does not grow with its range (lib/book.c). */
#include "lib/negentropy.h"

#include <stdlib.h>
#include <string.h>

#define VERSION_FIRST 0x60
#define VERSION_LAST 0x6f
#define BUCKETS 16
#define INFINITY_TIME UINT64_MAX
/* Kept free below the limit for what ends a message. */
#define FRAME_RESERVE 200

enum mode { MODE_SKIP, MODE_FINGERPRINT, MODE_LIST };

/* The end of a range, which does not itself belong to it. Octets of `prefix' after `length' are 0.
 */
struct bound {
	uint64_t time;
	struct digest prefix;
	size_t length;
};

/* ---- lists of elements ---- */

void
elements_add(struct elements *e, const struct digest *element)
{
	if (e->n == e->room) {
		e->room = e->room == 0 ? 16 : e->room * 2;
		e->list = xrealloc(e->list, e->room * sizeof *e->list);
	}
	e->list[e->n++] = *element;
}

void
elements_free(struct elements *e)
{
	free(e->list);
	*e = (struct elements){0};
}

/* ---- writing ---- */

struct writer {
	const struct book *book;
	struct buf *out;
	uint64_t time; /* of the bound written last */
	size_t limit;
};

/* A place in the output to go back to. */
struct mark {
	size_t size;
	uint64_t time;
};

static struct mark
mark_of(const struct writer *w)
{
	return (struct mark){w->out->size, w->time};
}

static void
go_back(struct writer *w, struct mark to)
{
	w->out->size = to.size;
	w->out->data[to.size] = '\0';
	w->time = to.time;
}

static bool
is_full(const struct writer *w, size_t size)
{
	return w->limit != 0 && size > w->limit - FRAME_RESERVE;
}

static void
put_number(struct writer *w, uint64_t v)
{
	for (int shift = 63; shift > 0; shift -= 7)
		if (v >> shift != 0)
			buf_u8(w->out, (uint8_t)((v >> shift & 127) | 128));
	buf_u8(w->out, (uint8_t)(v & 127));
}

static void
put_bound(struct writer *w, const struct bound *b)
{
	put_number(w, b->time == INFINITY_TIME ? 0 : b->time - w->time + 1);
	w->time = b->time;
	put_number(w, b->length);
	buf_add(w->out, b->prefix.octet, b->length);
}

static void
put_skip(struct writer *w, const struct bound *end)
{
	put_bound(w, end);
	put_number(w, MODE_SKIP);
}

static void
put_fingerprint(struct writer *w, const struct bound *end, size_t lower, size_t upper)
{
	uint8_t fingerprint[BOOK_FINGERPRINT_SIZE];

	book_fingerprint_range(w->book, lower, upper, fingerprint);
	put_bound(w, end);
	put_number(w, MODE_FINGERPRINT);
	buf_add(w->out, fingerprint, sizeof fingerprint);
}

static void
put_list(struct writer *w, const struct bound *end, size_t lower, size_t upper)
{
	put_bound(w, end);
	put_number(w, MODE_LIST);
	put_number(w, upper - lower);
	for (size_t i = lower; i < upper; i++)
		buf_add(w->out, book_at(w->book, i)->octet, DIGEST_SIZE);
}

/* The shortest bound between element i - 1 and element i. */
static struct bound
bound_before(const struct book *b, size_t i)
{
	struct bound out = {.time = book_time(b, i)};
	const struct digest *last = book_at(b, i - 1), *next = book_at(b, i);

	if (book_time(b, i - 1) != out.time)
		return out;
	while (last->octet[out.length] == next->octet[out.length])
		out.length++;
	out.length++;
	memcpy(out.prefix.octet, next->octet, out.length);
	return out;
}

/* What we have in a range of which more has to be known. */
static void
put_split(struct writer *w, const struct bound *end, size_t lower, size_t upper)
{
	size_t n = upper - lower, at = lower;

	if (n < 2 * BUCKETS) {
		put_list(w, end, lower, upper);
		return;
	}
	for (size_t i = 0; i < BUCKETS; i++) {
		size_t next = at + n / BUCKETS + (i < n % BUCKETS ? 1 : 0);
		struct bound to = next == upper ? *end : bound_before(w->book, next);

		put_fingerprint(w, &to, at, next);
		at = next;
	}
}

/* ---- reading ---- */

/* Fewest digits possible, at most 64 bits; anything else leaves the cursor bad. */
static uint64_t
get_number(struct cursor *c)
{
	uint64_t v = 0;

	for (int i = 0; i < 10; i++) {
		uint8_t digit = cursor_u8(c);

		if (c->bad || (i == 0 && digit == 128) || v >> 57 != 0)
			break;
		v = v << 7 | (digit & 127);
		if (digit < 128)
			return v;
	}
	c->bad = true;
	return 0;
}

static bool
is_before(const struct bound *a, const struct bound *b)
{
	if (a->time != b->time)
		return a->time < b->time;
	return memcmp(a->prefix.octet, b->prefix.octet, DIGEST_SIZE) < 0;
}

static enum err
get_bound(struct cursor *c, const struct bound *last, struct bound *out)
{
	uint64_t step = get_number(c);

	*out = (struct bound){.time = INFINITY_TIME};
	if (step != 0 && (last->time == INFINITY_TIME ||
				 __builtin_add_overflow(last->time, step - 1, &out->time) ||
				 out->time == INFINITY_TIME))
		return E_WIRE;
	out->length = (size_t)get_number(c);
	if (c->bad || out->length > DIGEST_SIZE || (step == 0 && out->length != 0))
		return E_WIRE;
	cursor_copy(c, out->prefix.octet, out->length);
	return c->bad || is_before(out, last) ? E_WIRE : E_OK;
}

static enum err
get_list(struct cursor *c, struct bytes *out)
{
	uint64_t n = get_number(c);

	if (c->bad || n > c->left / DIGEST_SIZE)
		return E_WIRE;
	*out = cursor_take(c, (size_t)n * DIGEST_SIZE);
	return E_OK;
}

/* ---- the walk ---- */

/* Where the initiator collects; the responder has none. */
struct found {
	struct elements *have, *need;
};

struct walk {
	struct writer w;
	const struct found *found;
	struct cursor in;
	struct bound last; /* end of the range before */
	size_t lower;	   /* index of the first element at or after `last' */
	bool skipping;	   /* what lies before `last' is not yet said to be skipped */
	bool full;	   /* the answer has reached its limit */
};

static void
say_skipped(struct walk *k)
{
	if (k->skipping)
		put_skip(&k->w, &k->last);
	k->skipping = false;
}

/* The message has no room for more: one fingerprint for all that was not answered. */
static void
finish_early(struct walk *k, size_t from)
{
	static const struct bound infinity = {.time = INFINITY_TIME};

	say_skipped(k);
	put_fingerprint(&k->w, &infinity, from, book_size(k->w.book));
	k->full = true;
}

static enum err
hear_fingerprint(struct walk *k, const struct bound *end, size_t upper)
{
	uint8_t ours[BOOK_FINGERPRINT_SIZE];
	struct bytes theirs = cursor_take(&k->in, sizeof ours);
	struct mark before = mark_of(&k->w);
	bool skipping = k->skipping;

	if (k->in.bad)
		return E_WIRE;
	book_fingerprint_range(k->w.book, k->lower, upper, ours);
	if (memcmp(ours, theirs.data, sizeof ours) == 0) {
		k->skipping = true;
		return E_OK;
	}
	say_skipped(k);
	put_split(&k->w, end, k->lower, upper);
	if (is_full(&k->w, k->w.out->size)) {
		go_back(&k->w, before);
		k->skipping = skipping;
		finish_early(k, k->lower);
	}
	return E_OK;
}

/* The responder's side of a list: his own, as much of it as there is room for. */
static void
answer_list(struct walk *k, const struct bound *end, size_t upper)
{
	size_t start = k->w.out->size, n = 0;
	struct bound to = *end;

	say_skipped(k);
	while (k->lower + n < upper && !is_full(&k->w, start + n * DIGEST_SIZE))
		n++;
	if (k->lower + n < upper)
		to = (struct bound){book_time(k->w.book, k->lower + n),
			*book_at(k->w.book, k->lower + n), DIGEST_SIZE};
	put_list(&k->w, &to, k->lower, k->lower + n);
	if (is_full(&k->w, k->w.out->size))
		finish_early(k, k->lower + n);
}

static int
compare_elements(const void *a, const void *b)
{
	return memcmp(a, b, DIGEST_SIZE);
}

/* The initiator's side of a list: the differences of this range. */
static enum err
compare_list(struct walk *k, struct bytes list, size_t upper)
{
	OWNED(uint8_t, theirs, free_octets) = xmalloc(list.size + 1);
	OWNED(uint8_t, both, free_octets) = xcalloc(1, list.size / DIGEST_SIZE + 1);
	size_t n = list.size / DIGEST_SIZE;
	const struct found *f = k->found;

	if (n > 0)
		memcpy(theirs, list.data, list.size);
	qsort(theirs, n, DIGEST_SIZE, compare_elements);
	for (size_t i = k->lower; i < upper; i++) {
		const struct digest *ours = book_at(k->w.book, i);
		const uint8_t *same =
			bsearch(ours->octet, theirs, n, DIGEST_SIZE, compare_elements);

		if (same != NULL)
			both[(size_t)(same - theirs) / DIGEST_SIZE] = 1;
		else if (f->have->n < book_size(k->w.book))
			elements_add(f->have, ours);
		else
			return E_WIRE; /* a range was listed twice */
	}
	for (size_t i = 0; i < n && f->need->n < NEGENTROPY_NEED_MAX; i++) {
		const uint8_t *at = theirs + i * DIGEST_SIZE;
		bool again = i + 1 < n && memcmp(at, at + DIGEST_SIZE, DIGEST_SIZE) == 0;
		struct digest d;

		if (again)
			both[i + 1] |= both[i];
		if (again || both[i])
			continue;
		memcpy(d.octet, at, DIGEST_SIZE);
		elements_add(f->need, &d);
	}
	return E_OK;
}

static enum err
hear_list(struct walk *k, const struct bound *end, size_t upper)
{
	struct bytes list;

	TRY(get_list(&k->in, &list));
	if (k->found == NULL) {
		answer_list(k, end, upper);
		return E_OK;
	}
	k->skipping = true;
	return compare_list(k, list, upper);
}

static enum err
hear_range(struct walk *k)
{
	struct bound end;
	size_t upper;

	TRY(get_bound(&k->in, &k->last, &end));
	upper = book_lower_bound(k->w.book, k->lower, end.time, &end.prefix);
	switch (get_number(&k->in)) {
	case MODE_SKIP:
		k->skipping = true;
		break;
	case MODE_FINGERPRINT:
		TRY(hear_fingerprint(k, &end, upper));
		break;
	case MODE_LIST:
		TRY(hear_list(k, &end, upper));
		break;
	default:
		return E_WIRE;
	}
	k->last = end;
	k->lower = upper;
	return k->in.bad ? E_WIRE : E_OK;
}

static void
begin(struct writer *w, const struct book *b, size_t frame_max, struct buf *out)
{
	assert(frame_max == 0 || frame_max >= NEGENTROPY_FRAME_MIN);
	*w = (struct writer){.book = b, .out = out, .limit = frame_max};
	buf_reset(out);
	buf_u8(out, NEGENTROPY_VERSION);
}

/* Hears a message behind its version. */
static enum err
walk(struct walk *k)
{
	while (k->in.left > 0 && !k->full) {
		enum err e = hear_range(k);

		if (e != E_OK) {
			buf_reset(k->w.out);
			return e;
		}
	}
	return E_OK;
}

void
negentropy_begin(const struct book *b, size_t frame_max, struct buf *out)
{
	static const struct bound infinity = {.time = INFINITY_TIME};
	struct writer w;

	begin(&w, b, frame_max, out);
	put_split(&w, &infinity, 0, book_size(b));
}

enum err
negentropy_answer(const struct book *b, size_t frame_max, struct bytes query, struct buf *out)
{
	struct walk k = {.in = cursor_of(query)};
	uint8_t version = cursor_u8(&k.in);

	if (version < VERSION_FIRST || version > VERSION_LAST) {
		buf_reset(out);
		return E_WIRE;
	}
	begin(&k.w, b, frame_max, out);
	return version == NEGENTROPY_VERSION ? walk(&k) : E_OK;
}

enum err
negentropy_next(const struct book *b, size_t frame_max, struct bytes answer, struct elements *have,
	struct elements *need, struct buf *out)
{
	const struct found found = {have, need};
	struct walk k = {.found = &found, .in = cursor_of(answer)};
	uint8_t version = cursor_u8(&k.in);

	if (version != NEGENTROPY_VERSION) {
		buf_reset(out);
		return version < VERSION_FIRST || version > VERSION_LAST ? E_WIRE : E_VERSION;
	}
	begin(&k.w, b, frame_max, out);
	TRY(walk(&k));
	if (out->size == 1 || need->n == NEGENTROPY_NEED_MAX)
		buf_reset(out);
	return E_OK;
}
