/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lists of messages, newest first. A filter names the indexes that lead to what it wants; each is a
 * cursor that walks backwards over numbers, and the greatest number of all of them is the next
 * message. What an index does not know is asked of the entry. A call looks at so many entries and
 * no more, and says where to go on. */
#include "broker/store_lmdb_index.h"

#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

/* ---- one index ---- */

/* Keys that begin with `prefix' and end with a number, downwards. */
struct falling {
	MDB_cursor *cursor;
	enum table table;
	struct key prefix;
	uint64_t seq; /* where it stands; 0: at its end */
};

/* Takes the number from where the cursor stands. */
static void
read_seq(const struct view *v, struct falling *f, int rc, const MDB_val *key, const MDB_val *value)
{
	struct key k = {.size = 0};
	struct bytes content;

	f->seq = 0;
	if (rc != 0 || key->mv_size != f->prefix.size + 8 ||
		memcmp(key->mv_data, f->prefix.octet, f->prefix.size) != 0)
		return;
	k = key_and(k, key->mv_data, key->mv_size);
	if (value_content(v->s, f->table, &k, value, &content) == E_OK)
		f->seq = key_last_seq(bytes_of(k.octet, k.size));
}

/* To the greatest number below `before'. */
static void
fall_begin(const struct view *v, struct falling *f, uint64_t before)
{
	struct key from = key_and_seq(f->prefix, before);
	MDB_val key = {from.size, from.octet}, value;
	int rc;

	if (f->cursor == NULL && mdb_cursor_open(v->txn, v->s->dbi[f->table], &f->cursor) != 0)
		die("store: no cursor");
	rc = mdb_cursor_get(f->cursor, &key, &value, MDB_SET_RANGE);
	rc = mdb_cursor_get(f->cursor, &key, &value, rc == 0 ? MDB_PREV : MDB_LAST);
	read_seq(v, f, rc, &key, &value);
}

static void
fall_next(const struct view *v, struct falling *f)
{
	MDB_val key, value;
	int rc = mdb_cursor_get(f->cursor, &key, &value, MDB_PREV);

	read_seq(v, f, rc, &key, &value);
}

/* ---- several ---- */

struct sources {
	const struct view *view;
	struct falling *list;
	size_t n, room;
	bool all;      /* every entry, without an index .. */
	uint64_t next; /* .. this one first */
};

static void
sources_free(struct sources *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].cursor != NULL)
			mdb_cursor_close(s->list[i].cursor);
	free(s->list);
}

static void
add_source(struct sources *s, enum table table, const struct key *prefix)
{
	if (s->n == s->room) {
		s->room = s->room == 0 ? 16 : 2 * s->room;
		s->list = xrealloc(s->list, s->room * sizeof *s->list);
	}
	s->list[s->n++] = (struct falling){.table = table, .prefix = *prefix};
}

static void
sources_begin(struct sources *s, uint64_t before)
{
	s->next = before - 1;
	for (size_t i = 0; i < s->n; i++)
		fall_begin(s->view, &s->list[i], before);
}

/* The next number downwards; 0: the end. What stands in two indexes comes once. */
static uint64_t
sources_next(struct sources *s)
{
	uint64_t seq = 0;

	if (s->all)
		return s->next > 0 ? s->next-- : 0;
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].seq > seq)
			seq = s->list[i].seq;
	for (size_t i = 0; i < s->n && seq != 0; i++)
		if (s->list[i].seq == seq)
			fall_next(s->view, &s->list[i]);
	return seq;
}

/* ---- which indexes a filter wants ---- */

static bool
is_any(const struct party *p)
{
	return p->code[0] == '\0';
}

static bool
corridor_passes(const struct store_filter *f, const struct corridor *c)
{
	return (is_any(&f->from) || party_equal(&f->from, &c->from)) &&
	       (is_any(&f->to) || party_equal(&f->to, &c->to)) &&
	       (is_any(&f->party) || party_equal(&f->party, &c->from) ||
		       party_equal(&f->party, &c->to));
}

static void
add_corridors(struct sources *s, const struct store_filter *f, enum table table)
{
	struct key from = key_party(&f->from), all = {.size = 0};
	struct bytes key, value;
	struct corridor c;

	WALK(walk);
	if (is_any(&f->from))
		walk_begin(&walk, s->view, T_CORRIDOR, &all, 0);
	else
		walk_begin(&walk, s->view, T_CORRIDOR, &from, from.size);
	while (walk_next(&walk, &key, &value)) {
		struct key prefix;

		if (!key_to_corridor(key, &c) || !corridor_passes(f, &c))
			continue;
		prefix = key_corridor(&c);
		if (table == T_BY_CORRIDOR)
			add_source(s, table, &prefix);
		for (int taken = 0; table == T_OPEN && taken < 2; taken++) {
			prefix = key_open(&c, taken != 0);
			add_source(s, table, &prefix);
		}
	}
}

/* Stages that are found by T_ENDED alone; 0: others are wanted too. */
static unsigned
listed_stages(const struct store_filter *f)
{
	unsigned wanted = f->stages != 0 ? f->stages : (1u << STAGE_N) - 1, listed = 0;

	for (enum stage st = 0; st < STAGE_N; st++)
		if (stage_is_listed(st))
			listed |= 1u << st;
	if (f->code[0] != '\0') /* what ends well has no code */
		return wanted & listed;
	return (wanted & ~listed) == 0 ? wanted : 0;
}

static bool
wants_open(const struct store_filter *f)
{
	return f->look == LOOK_OPEN ||
	       (f->stages != 0 && (f->stages & ~(1u << ST_ACCEPTED | 1u << ST_DELIVERED)) == 0);
}

static void
choose_sources(struct sources *s, const struct store_filter *f)
{
	const struct key none = {.size = 0};

	if (f->look == LOOK_HELD) {
		add_source(s, T_HELD, &none);
	} else if (f->look == LOOK_STOPPED) {
		add_source(s, T_STOPPED, &none);
	} else if (f->look == LOOK_ASIDE) {
		add_source(s, T_ASIDE, &none);
	} else if (wants_open(f)) {
		add_corridors(s, f, T_OPEN);
	} else if (listed_stages(f) != 0) {
		for (enum stage st = 0; st < STAGE_N; st++) {
			struct key prefix = key_ended(st);

			if ((listed_stages(f) >> st & 1) != 0)
				add_source(s, T_ENDED, &prefix);
		}
	} else if (!is_any(&f->party) || !is_any(&f->from) || !is_any(&f->to)) {
		add_corridors(s, f, T_BY_CORRIDOR);
	} else {
		s->all = true;
	}
}

/* ---- asking the entry ---- */

static bool
id_begins(const struct id *id, const struct store_filter *f)
{
	size_t octets = f->id_digits / 2;

	return memcmp(id->octet, f->id, octets) == 0 &&
	       (f->id_digits % 2 == 0 || id->octet[octets] >> 4 == f->id[octets] >> 4);
}

bool
filter_passes(const struct store_filter *f, const struct entry *e)
{
	const struct corridor c = {e->header.from, e->header.to};
	int64_t at = e->at[ST_ACCEPTED];

	return corridor_passes(f, &c) && (f->stages == 0 || (f->stages >> e->stage & 1) != 0) &&
	       (f->look != LOOK_ENDED || stage_final(e->stage)) &&
	       (f->look != LOOK_OPEN || !stage_final(e->stage)) &&
	       (!f->has_action || e->header.action == f->action) &&
	       (f->code[0] == '\0' || strcmp(f->code, e->code) == 0) &&
	       (f->since == 0 || at >= f->since) && (f->until == 0 || at < f->until);
}

static enum err
entry_of(const struct view *v, uint64_t seq, struct entry *out)
{
	struct entry_record r;

	TRY(entry_record_get(v, seq, &r));
	return entry_unpack(&r, seq, out);
}

uint64_t
first_since(const struct view *v, int64_t at)
{
	uint64_t low = 1, high = v->s->figures.messages + 1;
	struct entry_record r;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (entry_record_get(v, middle, &r) == E_OK && r.at[ST_ACCEPTED] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint64_t
begin_before(const struct view *v, const struct store_filter *f, uint64_t before)
{
	uint64_t end = v->s->figures.messages + 1;

	if (f->until != 0)
		end = first_since(v, f->until);
	return before == 0 || before > end ? end : before;
}

/* Takes what passes, until the page is full or enough was looked at. */
static void
look_through(struct sources *s, const struct store_filter *f, struct entry *out, size_t max,
	struct store_page *page)
{
	uint64_t seq = 0;

	while (page->n < max && page->looked < LIST_LOOK_MOST) {
		if ((seq = sources_next(s)) == 0)
			return;
		page->looked++;
		if (entry_of(s->view, seq, &out[page->n]) != E_OK ||
			(f->since != 0 && out[page->n].at[ST_ACCEPTED] < f->since))
			return;
		if (filter_passes(f, &out[page->n]))
			page->n++;
	}
	page->next = seq;
}

/* ---- by the beginning of an id, or of a tracking number ---- */

struct found {
	uint64_t *seq;
	size_t n;
};

static int
falling_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

static void
find_ids(const struct view *v, const struct store_filter *f, struct found *found)
{
	struct key from = key_and((struct key){.size = 0}, f->id, (f->id_digits + 1) / 2);
	struct bytes key, value;
	struct seq_record r;
	struct id id;

	WALK(walk);
	walk_begin(&walk, v, T_ID, &from, f->id_digits / 2);
	while (found->n < LIST_LOOK_MOST && walk_next(&walk, &key, &value)) {
		if (value.size != sizeof r || key.size < ID_SIZE)
			return;
		memcpy(id.octet, key.data, ID_SIZE);
		if (!id_begins(&id, f))
			return;
		memcpy(&r, value.data, sizeof r);
		found->seq[found->n++] = r.seq;
	}
}

static void
find_conversation(const struct view *v, uint64_t first, struct found *found)
{
	struct entry_record r;
	struct bytes key, value;
	struct key from = {.size = 0};

	WALK(walk);
	if (entry_record_get(v, first, &r) != E_OK)
		return;
	from = key_and(from, r.conversation, sizeof r.conversation);
	walk_begin(&walk, v, T_CONVERSATION, &from, from.size);
	while (found->n < LIST_LOOK_MOST && walk_next(&walk, &key, &value))
		found->seq[found->n++] = key_last_seq(key);
}

static void
find_trackings(const struct view *v, const struct store_filter *f, struct found *found)
{
	unsigned rest = 40 - 5 * (unsigned)f->tracking_symbols;
	struct key from = key_tracking(f->tracking);
	struct bytes key, value;

	WALK(walk);
	walk_begin(&walk, v, T_TRACKING, &from, 0);
	while (found->n < LIST_LOOK_MOST && walk_next(&walk, &key, &value)) {
		uint64_t bits = 0;

		if (key.size != from.size + 8)
			return;
		for (size_t i = 0; i < from.size; i++)
			bits = bits << 8 | key.data[i];
		if (bits >> rest != f->tracking >> rest)
			return;
		find_conversation(v, key_last_seq(key), found);
	}
}

/* What was found is few; it is put in order, and passes the rest of the filter. */
static void
list_found(const struct view *v, const struct store_filter *f, uint64_t before, struct entry *out,
	size_t max, struct store_page *page)
{
	struct found found = {.seq = xcalloc(LIST_LOOK_MOST, sizeof *found.seq)};

	if (f->id_digits > 0)
		find_ids(v, f, &found);
	if (f->tracking_symbols > 0 && found.n == 0)
		find_trackings(v, f, &found);
	qsort(found.seq, found.n, sizeof *found.seq, falling_order);
	for (size_t i = 0; i < found.n; i++) {
		if (found.seq[i] >= before)
			continue;
		if (page->n == max) {
			page->next = out[max - 1].seq;
			break;
		}
		page->looked++;
		if (entry_of(v, found.seq[i], &out[page->n]) == E_OK &&
			filter_passes(f, &out[page->n]))
			page->n++;
	}
	free(found.seq);
}

void
store_list(struct store *s, const struct store_filter *f, uint64_t before, struct entry *out,
	size_t max, struct store_page *page)
{
	*page = (struct store_page){.n = 0};
	VIEW(v, s, NULL);
	__attribute__((cleanup(sources_free))) struct sources from = {.view = &v};

	before = begin_before(&v, f, before);
	if (max == 0)
		return;
	if (f->id_digits > 0 || f->tracking_symbols > 0) {
		list_found(&v, f, before, out, max, page);
		return;
	}
	choose_sources(&from, f);
	sources_begin(&from, before);
	look_through(&from, f, out, max, page);
}
