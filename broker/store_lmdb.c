/* SPDX-License-Identifier: EUPL-1.2
 *
 * The store in LMDB: what each verb of store.h means in records. One message is an entry under its
 * number in order of acceptance (seq); everything else refers to that number, so a message can be
 * found by its id, by its conversation, in its addressee's queue and by its expiry, and leaving one
 * of these is deleting one key. Depths and totals are kept in records beside them, in the same
 * transaction, and never counted. */
#include "broker/store_lmdb_aside.h"
#include "broker/store_lmdb_consent.h"
#include "broker/store_lmdb_index.h"

#include <string.h>

static struct bytes
nothing(void)
{
	return bytes_of(NULL, 0);
}

/* ---- entries ---- */

static enum err
entry_at(const struct view *v, uint64_t seq, struct entry *out)
{
	struct entry_record r;

	TRY(entry_record_get(v, seq, &r));
	return entry_unpack(&r, seq, out);
}

static enum err
seq_of(const struct view *v, const struct key *id_and_sender, uint64_t *seq)
{
	struct seq_record r;

	TRY(table_record(v, T_ID, id_and_sender, &r, sizeof r));
	*seq = r.seq;
	return E_OK;
}

static struct key
key_id_of(const struct id *id, const struct party *from)
{
	struct key party = key_party(from);

	return key_and(key_id(id), party.octet, party.size);
}

/* What the store knows of a party; all zero when it is new. */
static void
step_party(struct store_txn *t, const struct key *party, struct party_record *out)
{
	*out = (struct party_record){.version = RECORD_VERSION};
	(void)!table_step(t, T_PARTY, party, out, sizeof *out);
}

void
step_queued(struct store_txn *t, const struct party *to, int change)
{
	struct key k = key_party(to);
	struct party_record r;

	step_party(t, &k, &r);
	r.queued += (uint64_t)change;
	t->figures.queued += (uint64_t)change;
	table_put(t, T_PARTY, &k, bytes_of(&r, sizeof r));
}

/* ---- accepting ---- */

static void
enter(struct store_txn *t, const struct entry *e, struct bytes message)
{
	const struct header *h = &e->header;
	struct seq_record id = {RECORD_VERSION, e->seq};
	struct key by_seq = key_seq(e->seq), by_id = key_id_of(&h->id, &h->from);
	struct key by_conversation = key_and_seq(key_id(&h->conversation), e->seq);
	struct entry_record r;
	struct places p;

	entry_pack(e, &r);
	p = places_of(e->seq, &r);
	table_append(t, T_ENTRY, &by_seq, bytes_of(&r, sizeof r));
	table_append(t, T_BODY, &by_seq, message);
	table_put(t, T_ID, &by_id, bytes_of(&id, sizeof id));
	index_enter(t, e->seq, &r);
	table_put(t, T_CONVERSATION, &by_conversation, nothing());
	table_put(t, T_EXPIRY, &p.by_expiry, nothing());
	queue_enter(t, &p);
	if (h->has_token) {
		struct key by_token = key_and_seq(key_token(&h->token), e->seq);

		table_put(t, T_TOKEN, &by_token, nothing());
	}
	step_share(t, &h->from, e->size);
	book_enter(t, e->seq, &r);
	t->figures.messages = e->seq;
	t->figures.stage[ST_ACCEPTED]++;
	t->taken_in += message.size;
}

enum accept_result
store_accept(struct store_txn *t, const struct verdict *v, struct bytes message, int64_t now,
	struct entry *entry)
{
	enum err e;

	e = store_find(t->s, t, &v->header.from, &v->header.id, entry);
	if (e == E_OK)
		return digest_equal(&entry->digest, &v->digest) ? ACCEPT_SAME : ACCEPT_CONFLICT;
	*entry = (struct entry){.seq = 0};
	if (e != E_NOT_FOUND) {
		txn_failed(t, e);
		return ACCEPT_NEW;
	}
	entry->seq = t->figures.messages + 1;
	entry->header = v->header;
	entry->digest = v->digest;
	entry->size = (uint32_t)message.size;
	entry->stage = ST_ACCEPTED;
	entry->at[ST_ACCEPTED] = now;
	entry->shown = !v->header.has_token;
	enter(t, entry, message);
	if (t->error != E_OK)
		*entry = (struct entry){.seq = 0};
	return ACCEPT_NEW;
}

/* ---- the life of a message ---- */

bool
step_entry(struct store_txn *t, uint64_t seq, struct entry_record *out)
{
	enum err e;

	VIEW(v, t->s, t);
	e = entry_record_get(&v, seq, out);
	out->version = ENTRY_VERSION; /* as it is put back */
	if (e != E_OK)
		txn_failed(t, e);
	return e == E_OK;
}

void
put_entry(struct store_txn *t, uint64_t seq, const struct entry_record *r)
{
	struct key k = key_seq(seq);

	table_put(t, T_ENTRY, &k, bytes_of(r, sizeof *r));
}

void
add_notice(struct store_txn *t, const struct party *to, uint64_t seq, enum stage stage)
{
	struct notice_record n = {RECORD_VERSION, seq, (uint8_t)stage};
	struct key k = key_party(to);
	struct party_record r;

	step_party(t, &k, &r);
	r.notices++;
	table_put(t, T_PARTY, &k, bytes_of(&r, sizeof r));
	k = key_and_seq(k, r.notices);
	table_put(t, T_NOTICE, &k, bytes_of(&n, sizeof n));
}

static bool
stage_is_due(const struct entry_record *r, enum stage next)
{
	return next != ST_CONFLICT && (r->stated & 1 << next) == 0 &&
	       next >= (enum stage)r->stage && !stage_final((enum stage)r->stage);
}

/* Only who has it can have said so. */
static bool
tells_of_addressee(enum stage s)
{
	return s == ST_DELIVERED || s == ST_COMMITTED || s == ST_REJECTED;
}

void
store_state(struct store_txn *t, uint64_t seq, const struct statement *what, bool notice,
	struct bytes extra)
{
	struct key k = key_seq(seq), receipt = key_receipt(seq, what->stage);
	struct entry_record r;

	if (!step_entry(t, seq, &r))
		return;
	if (!stage_is_due(&r, what->stage)) {
		txn_failed(t, E_STATE);
		return;
	}
	t->figures.stage[r.stage]--;
	t->figures.stage[what->stage]++;
	if (tells_of_addressee(what->stage))
		book_show(t, seq, &r);
	if (stage_final(what->stage))
		book_leave(t, &r);
	index_state(t, seq, &r, what);
	r.stage = (uint8_t)what->stage;
	r.stated |= (uint8_t)(1 << what->stage);
	r.at[what->stage] = what->at;
	memcpy(r.code, what->code, sizeof r.code);
	if (what->has_by)
		memcpy(r.by, what->by.octet, sizeof r.by);
	put_entry(t, seq, &r);
	if (stage_final(what->stage))
		book_enter(t, seq, &r);
	log_statement(t, &receipt, what);
	retried_end(t, seq, what->stage);
	if (notice)
		add_notice(t, &what->from, seq, what->stage);
	if (extra.size > 0)
		table_put(t, T_EXTRA, &k, extra);
}

void
store_attempts(struct store_txn *t, uint64_t seq, uint32_t attempts)
{
	struct entry_record r;

	if (!step_entry(t, seq, &r))
		return;
	r.attempts = attempts;
	put_entry(t, seq, &r);
}

void
store_show(struct store_txn *t, uint64_t seq)
{
	struct entry_record r;

	if (!step_entry(t, seq, &r) || r.shown != 0)
		return;
	book_show(t, seq, &r);
	put_entry(t, seq, &r);
}

static bool
has_body(struct store_txn *t, uint64_t seq)
{
	struct key k = key_seq(seq);
	struct bytes content;

	VIEW(v, t->s, t);
	return table_get(&v, T_BODY, &k, &content) != E_NOT_FOUND;
}

void
store_forget_body(struct store_txn *t, uint64_t seq)
{
	struct entry_record r;

	if (has_body(t, seq) && step_entry(t, seq, &r) && !step_legally_held(t, seq, &r))
		forget_body(t, seq, &r);
}

/* ---- look-ups of one ---- */

enum err
store_find(struct store *s, struct store_txn *t, const struct party *from, const struct id *id,
	struct entry *out)
{
	struct key k = key_id_of(id, from);
	uint64_t seq;

	VIEW(v, s, t);
	TRY(seq_of(&v, &k, &seq));
	return entry_at(&v, seq, out);
}

/* What is looked for among the messages of several senders that bear one id. */
struct wanted {
	const struct party *to;	     /* NULL: for anyone */
	const struct digest *digest; /* preferred, NULL: none is */
	bool found, fits;	     /* so far */
};

static bool
is_better(const struct wanted *w, const struct entry *old, const struct entry *e)
{
	bool fits = w->digest != NULL && digest_equal(w->digest, &e->digest);

	if (!w->found || fits != w->fits)
		return !w->found || fits;
	return e->seq < old->seq;
}

static enum err
find_wanted(struct store *s, struct store_txn *t, const struct id *id, struct wanted *w,
	struct entry *out)
{
	struct key k = key_id(id);
	struct bytes key, value;
	struct seq_record r;
	struct entry e;

	VIEW(v, s, t);
	WALK(walk);
	if (v.error != E_OK)
		return v.error;
	for (walk_begin(&walk, &v, T_ID, &k, k.size); walk_next(&walk, &key, &value);) {
		if (value.size != sizeof r)
			return E_DAMAGED;
		memcpy(&r, value.data, sizeof r);
		TRY(entry_at(&v, r.seq, &e));
		if ((w->to != NULL && !party_equal(w->to, &e.header.to)) || !is_better(w, out, &e))
			continue;
		*out = e;
		w->found = true;
		w->fits = w->digest != NULL && digest_equal(w->digest, &e.digest);
	}
	return w->found ? E_OK : E_NOT_FOUND;
}

enum err
store_find_id(struct store *s, struct store_txn *t, const struct id *id, struct entry *out)
{
	struct wanted w = {.to = NULL};

	return find_wanted(s, t, id, &w, out);
}

enum err
store_find_to(struct store *s, struct store_txn *t, const struct party *to, const struct id *id,
	const struct digest *digest, struct entry *out)
{
	struct wanted w = {.to = to, .digest = digest};

	return find_wanted(s, t, id, &w, out);
}

enum err
store_entry(struct store *s, struct store_txn *t, uint64_t seq, struct entry *out)
{
	VIEW(v, s, t);
	return entry_at(&v, seq, out);
}

static enum err
copy_content(const struct view *v, enum table table, uint64_t seq, struct buf *out)
{
	struct key k = key_seq(seq);
	struct bytes content;

	TRY(table_get(v, table, &k, &content));
	buf_reset(out);
	buf_add_bytes(out, content);
	return E_OK;
}

enum err
store_body(struct store *s, struct store_txn *t, uint64_t seq, struct buf *out)
{
	VIEW(v, s, t);
	return copy_content(&v, T_BODY, seq, out);
}

enum err
store_extra(struct store *s, uint64_t seq, struct buf *out)
{
	VIEW(v, s, NULL);
	return copy_content(&v, T_EXTRA, seq, out);
}

/* ---- look-ups of many ---- */

/* Entries under a prefix that is followed by their number, from the number after `after'. */
static size_t
entries_after(struct store *s, enum table table, struct key prefix, uint64_t after,
	struct entry *out, size_t max)
{
	struct key from = key_and_seq(prefix, after + 1);
	struct bytes key, value;
	size_t n = 0;

	VIEW(v, s, NULL);
	WALK(walk);
	walk_begin(&walk, &v, table, &from, prefix.size);
	while (n < max && after < UINT64_MAX && walk_next(&walk, &key, &value)) {
		if (entry_at(&v, key_last_seq(key), &out[n]) != E_OK)
			break;
		n++;
	}
	return n;
}

size_t
store_queue(struct store *s, const struct party *to, uint64_t after, struct entry *out, size_t max)
{
	return entries_after(s, T_QUEUE, key_party(to), after, out, max);
}

size_t
store_urgent(struct store *s, const struct party *to, uint64_t after, struct entry *out, size_t max)
{
	return entries_after(s, T_URGENT, key_party(to), after, out, max);
}

size_t
store_conversation(struct store *s, const struct id *conversation, struct entry *out, size_t max)
{
	return entries_after(s, T_CONVERSATION, key_id(conversation), 0, out, max);
}

size_t
store_notices(
	struct store *s, const struct party *to, uint64_t after, struct notice *out, size_t max)
{
	struct key prefix = key_party(to), from = key_and_seq(prefix, after + 1);
	struct bytes key, value;
	struct notice_record r;
	size_t n = 0;

	VIEW(v, s, NULL);
	WALK(walk);
	walk_begin(&walk, &v, T_NOTICE, &from, prefix.size);
	while (n < max && after < UINT64_MAX && walk_next(&walk, &key, &value) &&
		value.size == sizeof r) {
		memcpy(&r, value.data, sizeof r);
		if (r.stage >= STAGE_N)
			break;
		out[n++] = (struct notice){key_last_seq(key), r.seq, (enum stage)r.stage};
	}
	return n;
}

uint64_t
store_last_notice(struct store *s, const struct party *to)
{
	struct key k = key_party(to);
	struct party_record r;

	VIEW(v, s, NULL);
	return table_record(&v, T_PARTY, &k, &r, sizeof r) == E_OK ? r.notices : 0;
}

size_t
store_expired(struct store *s, struct store_txn *t, int64_t now, struct due *after, uint64_t *seq,
	size_t max)
{
	struct key from = {.size = 0}, latest = key_time(now);
	struct bytes key, value;
	size_t n = 0;

	if (after != NULL && after->seq != 0)
		from = key_and_seq(key_time(after->at), after->seq + 1);
	VIEW(v, s, t);
	WALK(walk);
	walk_begin(&walk, &v, T_EXPIRY, &from, 0);
	while (n < max && walk_next(&walk, &key, &value) &&
		memcmp(key.data, latest.octet, latest.size) <= 0) {
		seq[n] = key_last_seq(key);
		if (after != NULL)
			*after = (struct due){key_to_time(bytes_of(key.data, 8)), seq[n]};
		n++;
	}
	return n;
}

size_t
store_recent(struct store *s, uint64_t before, struct entry *out, size_t max)
{
	uint64_t next = before == 0 ? s->figures.messages : before - 1;
	size_t n = 0;

	VIEW(v, s, NULL);
	for (; n < max && next > 0; next--, n++)
		if (entry_at(&v, next, &out[n]) != E_OK)
			break;
	return n;
}
