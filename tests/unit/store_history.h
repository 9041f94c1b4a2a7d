/* SPDX-License-Identifier: EUPL-1.2
 *
 * Random histories of a store, and what people look at in it held against asking every entry. */
#ifndef DAFTAR_STORE_HISTORY_H
#define DAFTAR_STORE_HISTORY_H

#include "tests/unit/store_stage.h"

#include "broker/store_lmdb_index.h"

#define DAY (24 * (int64_t)HOUR)
#define PARTIES 4

static const char *const offices[PARTIES] = {"AA.R1", "BB.R2", "CC.R3", "DD.R4"};

/* ---- random histories ---- */

static uint64_t random_state;

static inline unsigned
any(unsigned below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(random_state >> 33) % below;
}

static inline void
end_as(struct store_txn *t, uint64_t seq, enum stage stage)
{
	struct statement what;
	struct entry e;

	assert_int_equal(store_entry(store, t, seq, &e), E_OK);
	what = statement(&e.header, &e.digest, stage, now);
	if (stage == ST_REJECTED)
		strcpy(what.code, "SCHEMA");
	if (stage == ST_DEAD_LETTER)
		strcpy(what.code, "DAMAGED");
	store_state(t, seq, &what, true, bytes_of(NULL, 0));
	store_dequeue(t, seq);
	store_forget_body(t, seq);
}

static inline void
take_in(struct store_txn *t, uint64_t n)
{
	unsigned from = any(PARTIES), to = any(PARTIES - 1);
	struct sample m;
	struct entry e;

	sample(&m, n, offices[from], offices[to < from ? to : to + 1]);
	m.v.header.action = any(2) == 0 ? A_TRANSCRIPTION_REQUEST : A_CERTIFIED_EXTRACT;
	m.v.header.expires = now + (int64_t)any(100) * HOUR;
	assert_int_equal(accept(t, &m, &e), ACCEPT_NEW);
	if (any(12) == 0)
		store_hold(t, e.seq, now);
}

/* Something happens to a message that has not ended. */
static inline void
go_on(struct store_txn *t, uint64_t seq)
{
	static const enum stage ends[] = {ST_COMMITTED, ST_COMMITTED, ST_COMMITTED, ST_REJECTED,
		ST_EXPIRED, ST_DEAD_LETTER, ST_WITHDRAWN};
	struct entry e;

	if (store_entry(store, t, seq, &e) != E_OK || stage_final(e.stage))
		return;
	if (e.stage == ST_ACCEPTED && any(2) == 0) {
		state(t, seq, ST_DELIVERED);
		store_dequeue(t, seq);
	} else {
		end_as(t, seq, ends[any(ARRAY_LEN(ends))]);
	}
}

/* Commits of a few messages, hours or days apart; each fourth is given up. */
static inline void
history(unsigned commits, unsigned most_hours)
{
	for (unsigned i = 0; i < commits; i++) {
		struct store_txn *t = store_begin(store);
		struct store_figures f;

		store_figures(store, &f);
		for (unsigned k = any(8); k > 0; k--)
			take_in(t, random_state >> 20);
		for (unsigned k = any(8); k > 0 && f.messages > 0; k--)
			go_on(t, 1 + any((unsigned)f.messages));
		if (any(4) == 0)
			store_abort(&t);
		else
			assert_int_equal(commit(&t), E_OK);
		now += (int64_t)any(most_hours * 60) * 60000;
	}
}

static inline void
assert_whole(void)
{
	struct scrub scrub;
	enum err e = store_scrub(store, &scrub);

	if (e != E_OK)
		fail_msg("%s", scrub.first);
}

/* ---- lists ---- */

static inline bool
is_wanted(const struct store_filter *f, const struct entry *e)
{
	if (f->look == LOOK_HELD && store_held_since(store, NULL, e->seq) == 0)
		return false;
	return filter_passes(f, e);
}

/* Walked page by page, it is what asking every entry gives. */
static inline void
assert_list(const struct store_filter *f)
{
	struct store_figures figures;
	struct store_page page = {.next = 0};
	struct entry e, found[3];
	uint64_t seq;
	size_t n = 0;

	store_figures(store, &figures);
	store_list(store, f, 0, found, ARRAY_LEN(found), &page);
	for (seq = figures.messages; seq > 0; seq--) {
		assert_int_equal(store_entry(store, NULL, seq, &e), E_OK);
		if (!is_wanted(f, &e))
			continue;
		if (n == page.n) {
			assert_true(page.next != 0);
			store_list(store, f, page.next, found, ARRAY_LEN(found), &page);
			n = 0;
		}
		assert_true(page.n > n);
		assert_int_equal(found[n++].seq, seq);
	}
	if (page.next != 0) {
		assert_int_equal(n, page.n);
		store_list(store, f, page.next, found, ARRAY_LEN(found), &page);
		n = 0;
	}
	assert_int_equal(page.n, n);
	assert_true(page.next == 0);
}

static inline void
assert_lists(void)
{
	struct store_filter f;

	for (unsigned i = 0; i < 120; i++) {
		f = (struct store_filter){.look = any(4) != 0 ? LOOK_ALL : (enum look)any(4)};
		if (any(2) == 0)
			f.from = party(offices[any(PARTIES)]);
		if (any(2) == 0)
			f.to = party(offices[any(PARTIES)]);
		if (any(3) == 0)
			f.party = party(offices[any(PARTIES)]);
		if (any(3) == 0)
			f.stages = 1u + any((1u << STAGE_N) - 1);
		if (any(4) == 0)
			strcpy(f.code, any(2) == 0 ? "SCHEMA" : "DAMAGED");
		f.has_action = any(3) == 0;
		f.action = A_CERTIFIED_EXTRACT;
		if (any(3) == 0)
			f.since = NOW + (int64_t)any((unsigned)((now - NOW) / HOUR) + 1) * HOUR;
		if (any(3) == 0)
			f.until = NOW + (int64_t)any((unsigned)((now - NOW) / HOUR) + 1) * HOUR;
		assert_list(&f);
	}
}

/* ---- counters ---- */

static inline void
count_stages(const struct entry *e, const struct corridor *c, int64_t since, int64_t step,
	struct counts *out, size_t n)
{
	if (c->from.code[0] != '\0' &&
		(!party_equal(&c->from, &e->header.from) || !party_equal(&c->to, &e->header.to)))
		return;
	for (enum stage s = 0; s < ST_CONFLICT; s++) {
		int64_t i = (e->at[s] - since) / step;

		if (e->at[s] < since || i >= (int64_t)n)
			continue;
		out[i].reached[s]++;
		if (!stage_final(s))
			continue;
		out[i].ended++;
		if (e->at[s] > e->at[ST_ACCEPTED])
			out[i].wait_ms += (uint64_t)(e->at[s] - e->at[ST_ACCEPTED]);
	}
}

static inline void
assert_series(const struct corridor *c, int64_t step, size_t n)
{
	struct counts *is = xcalloc(n, sizeof *is), *should = xcalloc(n, sizeof *should);
	int64_t since = now / step * step - (int64_t)(n - 1) * step;
	struct store_figures f;
	struct entry e;

	store_figures(store, &f);
	assert_int_equal(store_series(store, c, since, step, is, n), E_OK);
	for (uint64_t seq = 1; seq <= f.messages; seq++) {
		assert_int_equal(store_entry(store, NULL, seq, &e), E_OK);
		count_stages(&e, c, since, step, should, n);
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t waits = 0;

		assert_memory_equal(is[i].reached, should[i].reached, sizeof is[i].reached);
		assert_int_equal(is[i].ended, should[i].ended);
		assert_int_equal(is[i].wait_ms, should[i].wait_ms);
		for (int k = 0; k < WAITS_N; k++)
			waits += is[i].waits[k];
		assert_int_equal(waits, is[i].ended);
	}
	free(is);
	free(should);
}

static inline void
assert_corridor(const struct corridor_figures *f)
{
	struct corridor_figures is = {.messages = 0};
	struct store_figures figures;
	struct entry e;

	store_figures(store, &figures);
	for (uint64_t seq = 1; seq <= figures.messages; seq++) {
		assert_int_equal(store_entry(store, NULL, seq, &e), E_OK);
		if (!party_equal(&e.header.from, &f->corridor.from) ||
			!party_equal(&e.header.to, &f->corridor.to))
			continue;
		is.messages++;
		if (stage_final(e.stage))
			continue;
		if (is.open++ == 0)
			is.oldest_open = e.at[ST_ACCEPTED];
		if (e.stage == ST_ACCEPTED && is.waiting++ == 0)
			is.oldest = e.at[ST_ACCEPTED];
	}
	assert_int_equal(f->messages, is.messages);
	assert_int_equal(f->open, is.open);
	assert_int_equal(f->waiting, is.waiting);
	assert_true(f->oldest_open == is.oldest_open && f->oldest == is.oldest);
}

static inline void
assert_ages(void)
{
	uint64_t n[WAITS_N], should[WAITS_N] = {0};
	struct store_figures f;
	struct entry e;

	store_figures(store, &f);
	store_ages(store, &(struct corridor){{""}, {""}}, now, n);
	for (uint64_t seq = 1; seq <= f.messages; seq++) {
		int i = 0;

		assert_int_equal(store_entry(store, NULL, seq, &e), E_OK);
		while (now - e.at[ST_ACCEPTED] > waits_until[i])
			i++;
		should[i] += e.stage == ST_ACCEPTED;
	}
	assert_memory_equal(n, should, sizeof n);
}

static inline void
assert_counters(void)
{
	struct corridor all = {{""}, {""}};
	struct corridor_figures f[PARTIES * PARTIES];
	size_t n = store_corridors(store, NULL, f, ARRAY_LEN(f)), rest;

	assert_series(&all, COUNT_HOUR_MS, 100);
	assert_series(&all, COUNT_DAY_MS, 100);
	for (size_t i = 0; i < n; i++) {
		assert_series(&f[i].corridor, COUNT_HOUR_MS, 30);
		assert_series(&f[i].corridor, COUNT_DAY_MS, 100);
		assert_corridor(&f[i]);
	}
	rest = store_corridors(store, &f[n / 2].corridor, f, ARRAY_LEN(f));
	assert_int_equal(rest, n - n / 2 - 1);
	assert_ages();
}

static inline void
assert_all(void)
{
	assert_whole();
	assert_lists();
	assert_counters();
}

#endif
