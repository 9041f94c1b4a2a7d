/* SPDX-License-Identifier: EUPL-1.2
 *
 * Looking at one thing: a message by its tracking number, a corridor, what is due next. And what a
 * person types into a field, as a filter. */
#include "broker/store_lmdb_index.h"

#include <string.h>

static enum err
entry_of(const struct view *v, uint64_t seq, struct entry *out)
{
	struct entry_record r;

	TRY(entry_record_get(v, seq, &r));
	return entry_unpack(&r, seq, out);
}

/* ---- a tracking number ---- */

enum err
store_find_tracking(struct store *s, struct store_txn *t, const char *tracking, struct entry *out)
{
	struct bytes key, value;
	struct key k;
	uint64_t bits, seq = 0;

	if (tracking_beginning(tracking, &bits) != 8)
		return E_NOT_FOUND;
	k = key_tracking(bits);
	VIEW(v, s, t);
	WALK(walk);
	if (v.error != E_OK)
		return v.error;
	for (walk_begin(&walk, &v, T_TRACKING, &k, k.size); walk_next(&walk, &key, &value);)
		seq = key_last_seq(key);
	return seq == 0 ? E_NOT_FOUND : entry_of(&v, seq, out);
}

/* ---- what a person types ---- */

/* Half octets, dashes left out. 0: it is no beginning of an id. */
static size_t
read_digits(const char *words, uint8_t id[ID_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (; *words != '\0'; words++) {
		const char *at = strchr(digits, *words | 0x20);

		if (*words == '-')
			continue;
		if (at == NULL || *at == '\0' || n == (size_t)2 * ID_SIZE)
			return 0;
		id[n / 2] |= (uint8_t)((at - digits) << (n % 2 == 0 ? 4 : 0));
		n++;
	}
	return n;
}

enum err
filter_words(struct store_filter *f, const char *words)
{
	memset(f->id, 0, sizeof f->id);
	f->id_digits = 0;
	f->tracking_symbols = tracking_beginning(words, &f->tracking);
	f->id_digits = read_digits(words, f->id);
	return f->tracking_symbols > 0 || f->id_digits > 0 ? E_OK : E_USAGE;
}

/* ---- corridors ---- */

/* When the first of these was accepted. */
static int64_t
oldest_under(const struct view *v, const struct key *prefix)
{
	struct bytes key, value;
	struct entry_record r;

	WALK(walk);
	walk_begin(&walk, v, T_OPEN, prefix, prefix->size);
	return walk_next(&walk, &key, &value) && entry_record_get(v, key_last_seq(key), &r) == E_OK
		       ? r.at[ST_ACCEPTED]
		       : 0;
}

static bool
read_corridor(const struct view *v, struct bytes content, struct corridor_figures *f)
{
	struct key waiting = key_open(&f->corridor, false), taken = key_open(&f->corridor, true);
	struct corridor_record r;
	int64_t also;

	if (content.size != sizeof r)
		return false;
	memcpy(&r, content.data, sizeof r);
	f->messages = r.messages;
	f->open = r.open;
	f->waiting = r.waiting;
	f->oldest = r.waiting > 0 ? oldest_under(v, &waiting) : 0;
	also = r.open > r.waiting ? oldest_under(v, &taken) : 0;
	f->oldest_open = f->oldest == 0 || (also != 0 && also < f->oldest) ? also : f->oldest;
	return true;
}

enum err
store_corridor(struct store *s, const struct corridor *c, struct corridor_figures *out)
{
	struct key k = key_corridor(c);
	struct bytes content;

	VIEW(v, s, NULL);
	TRY(table_get(&v, T_CORRIDOR, &k, &content));
	out->corridor = *c;
	return read_corridor(&v, content, out) ? E_OK : E_DAMAGED;
}

size_t
store_corridors(
	struct store *s, const struct corridor *after, struct corridor_figures *out, size_t max)
{
	struct key from = {.size = 0};
	struct bytes key, value;
	size_t n = 0;

	if (after != NULL)
		from = key_and(key_corridor(after), "", 1);
	VIEW(v, s, NULL);
	WALK(walk);
	for (walk_begin(&walk, &v, T_CORRIDOR, &from, 0); n < max && walk_next(&walk, &key, &value);
		n++)
		if (!key_to_corridor(key, &out[n].corridor) || !read_corridor(&v, value, &out[n]))
			break;
	return n;
}

/* ---- ages ---- */

#define AGES_LOOK_MOST 100000 /* keys; at that, what is left is counted with the last one */

/* Messages with a number below this were accepted longer than so ago. */
static void
find_bounds(const struct view *v, int64_t now, uint64_t bound[WAITS_N])
{
	for (int i = 0; i < WAITS_N; i++)
		bound[i] = waits_until[i] == INT64_MAX ? 0 : first_since(v, now - waits_until[i]);
}

/* Numbers rise, and so ages fall: from the last step to the first. */
static void
add_ages(const struct view *v, const struct corridor *c, uint64_t waiting,
	const uint64_t bound[WAITS_N], size_t *looked, uint64_t n[WAITS_N])
{
	struct key prefix = key_open(c, false);
	MDB_val key = {prefix.size, prefix.octet}, value;
	int step = WAITS_N - 1, rc;
	MDB_cursor *cursor;

	if (mdb_cursor_open(v->txn, v->s->dbi[T_OPEN], &cursor) != 0)
		die("store: no cursor");
	rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	for (; rc == 0 && waiting > 0 && ++*looked < AGES_LOOK_MOST &&
		key.mv_size == prefix.size + 8 &&
		memcmp(key.mv_data, prefix.octet, prefix.size) == 0;
		rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
		uint64_t seq = key_last_seq(bytes_of(key.mv_data, key.mv_size));

		while (step > 0 && seq >= bound[step - 1])
			step--;
		if (step == 0) /* and so are all behind it */
			break;
		n[step]++;
		waiting--;
	}
	n[*looked < AGES_LOOK_MOST ? 0 : step] += waiting;
	mdb_cursor_close(cursor);
}

void
store_ages(struct store *s, const struct corridor *c, int64_t now, uint64_t n[WAITS_N])
{
	struct key one = key_corridor(c), all = {.size = 0};
	bool every = c->from.code[0] == '\0';
	uint64_t bound[WAITS_N];
	struct bytes key, value;
	struct corridor_record r;
	struct corridor at;
	size_t looked = 0;

	VIEW(v, s, NULL);
	WALK(walk);
	memset(n, 0, WAITS_N * sizeof *n);
	find_bounds(&v, now, bound);
	walk_begin(&walk, &v, T_CORRIDOR, every ? &all : &one, every ? 0 : one.size);
	while (walk_next(&walk, &key, &value) && value.size == sizeof r &&
		key_to_corridor(key, &at)) {
		memcpy(&r, value.data, sizeof r);
		add_ages(&v, &at, r.waiting, bound, &looked, n);
	}
}

/* ---- what is due ---- */

size_t
store_due(struct store *s, struct due *after, struct entry *out, size_t max)
{
	struct key from = {.size = 0};
	struct bytes key, value;
	size_t n = 0;

	if (after->seq != 0)
		from = key_and_seq(key_time(after->at), after->seq + 1);
	VIEW(v, s, NULL);
	WALK(walk);
	walk_begin(&walk, &v, T_EXPIRY, &from, 0);
	while (n < max && walk_next(&walk, &key, &value) && key.size == 16 &&
		entry_of(&v, key_last_seq(key), &out[n]) == E_OK) {
		*after = (struct due){key_to_time(bytes_of(key.data, 8)), out[n].seq};
		n++;
	}
	return n;
}

size_t
store_taken(
	struct store *s, const struct corridor *c, uint64_t after, struct entry *out, size_t max)
{
	struct key prefix = key_open(c, true), from = key_and_seq(prefix, after + 1);
	struct bytes key, value;
	size_t n = 0;

	VIEW(v, s, NULL);
	WALK(walk);
	walk_begin(&walk, &v, T_OPEN, &from, prefix.size);
	while (n < max && walk_next(&walk, &key, &value) &&
		entry_of(&v, key_last_seq(key), &out[n]) == E_OK)
		n++;
	return n;
}

uint64_t
store_reads(const struct store *s)
{
	return s->reads;
}
