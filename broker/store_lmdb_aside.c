/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is set aside: under its number, and beside that under its conversation, so that what came
 * behind it in there is held back at the cost of one look. What was put back for another try is
 * remembered until it has reached its addressee, has ended, or is set aside again. */
#include "broker/store_lmdb_aside.h"

#include <string.h>

static struct key
key_behind(const struct entry_record *r, uint64_t seq)
{
	struct key all = {.size = 0};

	return key_and_seq(key_and(all, r->conversation, sizeof r->conversation), seq);
}

static struct key
key_try(const char *code)
{
	struct key k = {.octet = {'c'}, .size = 1};

	return key_and(k, code, strnlen(code, 32));
}

static struct key
key_trying(uint64_t seq)
{
	struct key k = {.octet = {'m'}, .size = 1};

	return key_and_seq(k, seq);
}

static bool
is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool
aside_is_ours(const struct aside_record *r)
{
	return is_text(r->code, sizeof r->code) && is_text(r->by, sizeof r->by) &&
	       is_text(r->reason, sizeof r->reason);
}

/* ---- in and out ---- */

bool
step_aside(struct store_txn *t, uint64_t seq)
{
	struct key k = key_seq(seq);
	struct aside_record r;

	return table_step(t, T_ASIDE, &k, &r, sizeof r);
}

void
aside_leave(struct store_txn *t, uint64_t seq, const struct entry_record *r)
{
	struct key k = key_seq(seq), behind = key_behind(r, seq);

	if (!step_aside(t, seq))
		return;
	table_delete(t, T_ASIDE, &k);
	table_delete(t, T_BEHIND, &behind);
	t->aside_changed = true;
}

/* What became of one of a try; false: it is of none. */
static bool
end_try(struct store_txn *t, uint64_t seq, struct retried_record *r, struct key *of)
{
	struct key k = key_trying(seq);
	struct trying_record trying;

	if (!table_step(t, T_RETRIED, &k, &trying, sizeof trying))
		return false;
	table_delete(t, T_RETRIED, &k);
	*of = key_try(trying.code);
	return table_step(t, T_RETRIED, of, r, sizeof *r) && r->at == trying.at;
}

void
retried_end(struct store_txn *t, uint64_t seq, enum stage stage)
{
	struct retried_record r;
	struct key k;

	if (!end_try(t, seq, &r, &k))
		return;
	if (stage == ST_DELIVERED || stage == ST_COMMITTED || stage == ST_REJECTED) {
		r.taken++;
		table_put(t, T_RETRIED, &k, bytes_of(&r, sizeof r));
	}
}

static void
try_failed(struct store_txn *t, uint64_t seq)
{
	struct retried_record r;
	struct key k;

	if (!end_try(t, seq, &r, &k))
		return;
	r.again++;
	table_put(t, T_RETRIED, &k, bytes_of(&r, sizeof r));
}

static void
try_again(struct store_txn *t, uint64_t seq, const char code[32], int64_t now)
{
	struct trying_record trying = {.version = RECORD_VERSION, .at = now};
	struct key k = key_trying(seq), of = key_try(code);
	struct retried_record r;

	memcpy(trying.code, code, sizeof trying.code);
	if (!table_step(t, T_RETRIED, &of, &r, sizeof r) || r.at != now)
		r = (struct retried_record){.version = RECORD_VERSION, .at = now};
	r.n++;
	table_put(t, T_RETRIED, &of, bytes_of(&r, sizeof r));
	table_put(t, T_RETRIED, &k, bytes_of(&trying, sizeof trying));
}

void
store_set_aside(struct store_txn *t, uint64_t seq, const struct aside *a)
{
	struct aside_record kept = {.version = RECORD_VERSION, .since = a->since, .uid = a->uid};
	struct key k = key_seq(seq), behind;
	struct entry_record r;
	struct places p;

	if (!step_entry(t, seq, &r) || step_aside(t, seq))
		return;
	if (stage_final((enum stage)r.stage))
		txn_failed(t, E_STATE);
	memcpy(kept.code, a->code, sizeof kept.code - 1);
	memcpy(kept.by, a->by, sizeof kept.by - 1);
	memcpy(kept.reason, a->reason, sizeof kept.reason - 1);
	behind = key_behind(&r, seq);
	p = places_of(seq, &r);
	queue_leave(t, &p);
	try_failed(t, seq);
	table_put(t, T_ASIDE, &k, bytes_of(&kept, sizeof kept));
	table_put(t, T_BEHIND, &behind, bytes_of(NULL, 0));
	t->aside_changed = true;
}

void
store_unset_aside(struct store_txn *t, uint64_t seq, bool retry, int64_t now)
{
	struct key k = key_seq(seq);
	struct aside_record kept;
	struct entry_record r;
	struct places p;

	if (!table_step(t, T_ASIDE, &k, &kept, sizeof kept) || !step_entry(t, seq, &r))
		return;
	aside_leave(t, seq, &r);
	if (retry)
		try_again(t, seq, kept.code, now);
	p = places_of(seq, &r);
	if (is_free(t, seq))
		queue_enter(t, &p);
}

/* ---- looking ---- */

enum err
store_aside(struct store *s, struct store_txn *t, uint64_t seq, struct aside *out)
{
	struct key k = key_seq(seq);
	struct aside_record r;

	VIEW(v, s, t);
	TRY(table_record(&v, T_ASIDE, &k, &r, sizeof r));
	if (!aside_is_ours(&r))
		return E_DAMAGED;
	*out = (struct aside){.since = r.since, .uid = r.uid};
	memcpy(out->code, r.code, sizeof r.code);
	memcpy(out->by, r.by, sizeof r.by);
	memcpy(out->reason, r.reason, sizeof r.reason);
	return E_OK;
}

size_t
store_asides(struct store *s, struct store_txn *t, uint64_t after, uint64_t *seq, size_t max)
{
	struct key from = key_seq(after + 1);
	struct bytes key, value;
	size_t n = 0;

	VIEW(v, s, t);
	WALK(walk);
	walk_begin(&walk, &v, T_ASIDE, &from, 0);
	while (n < max && after < UINT64_MAX && walk_next(&walk, &key, &value))
		seq[n++] = key_last_seq(key);
	return n;
}

uint64_t
store_aside_count(struct store *s, struct store_txn *t)
{
	MDB_stat stat;

	VIEW(v, s, t);
	if (v.error != E_OK)
		return 0;
	if (mdb_stat(v.txn, s->dbi[T_ASIDE], &stat) != 0)
		die("store: no information");
	return stat.ms_entries;
}

uint64_t
store_aside_changes(const struct store *s)
{
	return s->aside_changes;
}

bool
store_is_behind_aside(struct store *s, struct store_txn *t, const struct id *conversation,
	const struct party *to, uint64_t seq)
{
	struct key from = key_id(conversation);
	struct entry_record r;
	struct bytes key, value;

	if (store_aside_count(s, t) == 0)
		return false;
	VIEW(v, s, t);
	WALK(walk);
	for (walk_begin(&walk, &v, T_BEHIND, &from, from.size);
		walk_next(&walk, &key, &value) && key_last_seq(key) < seq;)
		if (entry_record_get(&v, key_last_seq(key), &r) != E_OK ||
			strncmp(r.to, to->code, sizeof r.to) == 0)
			return true;
	return false;
}

enum err
store_retried(struct store *s, struct store_txn *t, const char *code, struct retried *out)
{
	struct key k = key_try(code);
	struct retried_record r;

	VIEW(v, s, t);
	TRY(table_record(&v, T_RETRIED, &k, &r, sizeof r));
	*out = (struct retried){r.at, r.n, r.taken, r.again};
	return E_OK;
}

/* ---- scrub ---- */

const char *
check_aside(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct aside_record r;
	struct entry_record e;
	struct key behind;
	struct bytes value;
	uint64_t seq;

	if (content.size != sizeof r || k->size != 8)
		return "nothing that we have set aside";
	memcpy(&r, content.data, sizeof r);
	seq = key_last_seq(bytes_of(k->octet, k->size));
	if (!aside_is_ours(&r) || entry_record_get(run->view, seq, &e) != E_OK)
		return "its entry is missing";
	behind = key_behind(&e, seq);
	if (stage_final((enum stage)e.stage))
		return "has ended and is set aside";
	return table_get(run->view, T_BEHIND, &behind, &value) == E_OK
		       ? NULL
		       : "set aside, and its conversation goes on";
}

const char *
check_behind(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct key by_seq;
	struct bytes value;

	(void)content;
	if (k->size != ID_SIZE + 8)
		return "no conversation of ours";
	by_seq = key_seq(key_last_seq(bytes_of(k->octet, k->size)));
	return table_get(run->view, T_ASIDE, &by_seq, &value) == E_OK
		       ? NULL
		       : "keeps back for what is not set aside";
}

const char *
check_retried(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct retried_record r;

	(void)run;
	if (k->size == 9 && k->octet[0] == 'm' && content.size == sizeof(struct trying_record))
		return NULL;
	if (k->size < 2 || k->octet[0] != 'c' || content.size != sizeof r)
		return "no try of ours";
	memcpy(&r, content.data, sizeof r);
	return r.taken + r.again <= r.n ? NULL : "more came of a try than was tried";
}
