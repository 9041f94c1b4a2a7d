/* SPDX-License-Identifier: EUPL-1.2
 *
 * What must hold between the records of a store: one function for each table, which says in words
 * what is wrong, or NULL. A record that passes its authentication and does not agree with another
 * is a mistake of ours, or one half of a change whose other half is gone. */
#include "broker/store_lmdb_consent.h"

#include <stdio.h>
#include <string.h>

typedef const char *check_one(struct scrub_run *run, const struct key *k, struct bytes content);

/* ---- looking at others ---- */

static bool
has(struct scrub_run *run, enum table table, const struct key *k)
{
	struct bytes ignored;

	return table_get(run->view, table, k, &ignored) == E_OK;
}

static bool
leads_to(struct scrub_run *run, enum table table, const struct key *k, uint64_t seq)
{
	struct seq_record r;

	return table_record(run->view, table, k, &r, sizeof r) == E_OK && r.seq == seq;
}

static uint64_t
seq_in(const struct key *k, size_t at)
{
	return k->size < at + 8 ? 0 : key_last_seq(bytes_of(k->octet, at + 8));
}

/* The entry whose number is at the end of the key. */
static bool
entry_of(struct scrub_run *run, uint64_t seq, struct entry_record *out)
{
	return entry_record_get(run->view, seq, out) == E_OK;
}

static struct party
party_at(const char code[PARTY_SIZE])
{
	struct party p;

	memcpy(p.code, code, sizeof p.code);
	p.code[sizeof p.code - 1] = '\0';
	return p;
}

static bool
same_key(const struct key *a, const struct key *b)
{
	return a->size == b->size && memcmp(a->octet, b->octet, a->size) == 0;
}

/* Keys with this prefix; *last is the number at the end of the last one. Their values are looked at
 * in their own turn. */
static uint64_t
count_under(struct scrub_run *run, enum table table, const struct key *prefix, uint64_t *last)
{
	MDB_val key = {prefix->size, (void *)(uintptr_t)prefix->octet}, value;
	MDB_cursor *cursor;
	uint64_t n = 0;
	int rc;

	if (mdb_cursor_open(run->view->txn, run->s->dbi[table], &cursor) != 0)
		die("store: no cursor");
	rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	for (; rc == 0 && key.mv_size >= prefix->size + 8 &&
		memcmp(key.mv_data, prefix->octet, prefix->size) == 0;
		rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
		*last = key_last_seq(bytes_of(key.mv_data, key.mv_size));
		n++;
	}
	mdb_cursor_close(cursor);
	return n;
}

/* ---- entries ---- */

/* Before it is taken a message is in a queue, held, stopped or set aside, and expires; after that
 * it may be queued again, and does not. */
static const char *
check_queued(struct scrub_run *run, const struct entry_record *r, uint64_t seq)
{
	struct places p = places_of(seq, r);
	struct key by_seq = key_seq(seq);
	bool queued = has(run, p.queue, &p.by_addressee), held = has(run, T_HELD, &by_seq);
	bool stopped = has(run, T_STOPPED, &by_seq), aside = has(run, T_ASIDE, &by_seq);

	if (has(run, T_EXPIRY, &p.by_expiry) != (r->stage == ST_ACCEPTED))
		return "its stage and its expiry do not agree";
	if (held && (queued || r->stage != ST_ACCEPTED))
		return "is held and moves on";
	if (stopped && queued)
		return "is stopped and in a queue";
	if (aside && (queued || stage_final((enum stage)r->stage)))
		return "is set aside and moves on";
	if (r->stage == ST_ACCEPTED && !queued && !held && !stopped && !aside)
		return "waits for its addressee and is in no queue";
	if (stage_final((enum stage)r->stage) && queued)
		return "has ended and is in a queue";
	return NULL;
}

/* What is never offered again needs no body. */
static bool
needs_body(struct scrub_run *run, const struct entry_record *r, uint64_t seq)
{
	struct key k = key_seq(seq);
	struct stopped_record stopped;

	return !stage_final((enum stage)r->stage) && !has(run, T_GONE, &k) &&
	       (table_record(run->view, T_STOPPED, &k, &stopped, sizeof stopped) != E_OK ||
		       stopped.why != STOP_CONSENT);
}

static const char *
check_body_of(struct scrub_run *run, const struct entry_record *r, uint64_t seq)
{
	struct key k = key_seq(seq);
	struct digest d;
	struct bytes body;

	if (table_get(run->view, T_BODY, &k, &body) != E_OK)
		return needs_body(run, r, seq) ? "has not ended and has no body" : NULL;
	digest_of(body.data, body.size, &d);
	if (body.size != r->size || memcmp(d.octet, r->digest, sizeof r->digest) != 0)
		return "its body has another digest";
	return NULL;
}

static const char *
check_extra_of(struct scrub_run *run, const struct entry_record *r, uint64_t seq)
{
	static const uint8_t none[32];
	struct key k = key_seq(seq);
	struct digest d;
	struct bytes extra;

	if (memcmp(r->by, none, sizeof none) == 0)
		return NULL;
	if (table_get(run->view, T_EXTRA, &k, &extra) != E_OK)
		return "its addressee's receipt is missing";
	digest_of(extra.data, extra.size, &d);
	return memcmp(d.octet, r->by, sizeof r->by) == 0 ? NULL
							 : "its addressee's receipt is another one";
}

static const char *
check_receipts_of(struct scrub_run *run, const struct entry_record *r, uint64_t seq)
{
	for (enum stage s = 0; s < STAGE_N; s++) {
		struct key k = key_receipt(seq, s);

		if (has(run, T_RECEIPT, &k) != ((r->stated >> s & 1) != 0))
			return "its stages and its receipts do not agree";
	}
	return NULL;
}

static const char *
check_books_of(struct scrub_run *run, const struct entry_record *r, uint64_t seq)
{
	struct party from = party_at(r->from), to = party_at(r->to);
	struct key sent = key_book(&from, r), received = key_book(&to, r);
	bool shown = leads_to(run, T_BOOK, &received, seq);

	return leads_to(run, T_BOOK, &sent, seq) &&
			       (shown == (r->shown != 0) || party_equal(&from, &to))
		       ? NULL
		       : "it is not in the books of its parties";
}

static const char *
check_entry(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct entry_record r;
	struct entry e;
	struct key by_id, by_conversation, by_token;
	uint64_t seq = seq_in(k, 0);
	const char *wrong, *indexed;

	if (k->size != 8 || seq == 0 || seq > run->figures.messages ||
		entry_record_read(content, &r) != E_OK || entry_unpack(&r, seq, &e) != E_OK)
		return "no entry of ours";
	run->stage[r.stage]++;
	indexed = check_indexed(run, &r, seq);
	by_id = key_party(&e.header.from);
	by_id = key_and(key_id(&e.header.id), by_id.octet, by_id.size);
	by_conversation = key_and_seq(key_id(&e.header.conversation), seq);
	if (!leads_to(run, T_ID, &by_id, seq))
		return "it is not found by its id";
	if (!has(run, T_CONVERSATION, &by_conversation))
		return "it is not in its conversation";
	by_token = key_and_seq(key_token(&e.header.token), seq);
	if (has(run, T_TOKEN, &by_token) != e.header.has_token)
		return "it is not found by its token";
	if ((wrong = check_queued(run, &r, seq)) == NULL &&
		(wrong = check_body_of(run, &r, seq)) == NULL &&
		(wrong = check_extra_of(run, &r, seq)) == NULL &&
		(wrong = check_receipts_of(run, &r, seq)) == NULL)
		wrong = check_books_of(run, &r, seq);
	return wrong != NULL ? wrong : indexed;
}

/* ---- what leads to an entry ---- */

static const char *
check_of_entry(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct entry_record r;

	(void)content;
	return k->size == 8 && entry_of(run, seq_in(k, 0), &r) ? NULL : "its entry is missing";
}

static const char *
check_receipt(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct entry_record r;

	(void)content;
	if (k->size < 9 || k->size > 10 || k->octet[8] >= STAGE_N ||
		!entry_of(run, seq_in(k, 0), &r))
		return "its entry is missing";
	return (r.stated >> k->octet[8] & 1) != 0 ? NULL : "of a stage that was not reached";
}

static const char *
check_id(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct entry_record r;
	struct seq_record place;
	struct party from;
	struct key party;

	if (content.size != sizeof place)
		return "no id of ours";
	memcpy(&place, content.data, sizeof place);
	if (!entry_of(run, place.seq, &r))
		return "its entry is missing";
	from = party_at(r.from);
	party = key_party(&from);
	return k->size == ID_SIZE + party.size && memcmp(k->octet, r.id, ID_SIZE) == 0 &&
			       memcmp(k->octet + ID_SIZE, party.octet, party.size) == 0
		       ? NULL
		       : "its entry has another id";
}

static const char *
check_conversation(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct entry_record r;

	(void)content;
	return k->size == ID_SIZE + 8 && entry_of(run, seq_in(k, ID_SIZE), &r) &&
			       memcmp(k->octet, r.conversation, ID_SIZE) == 0
		       ? NULL
		       : "its entry is of another conversation";
}

static const char *
check_queue(struct scrub_run *run, const struct key *k, struct bytes content)
{
	uint64_t seq = k->size < 8 ? 0 : key_last_seq(bytes_of(k->octet, k->size));
	struct entry_record r;
	struct party to;
	struct key should;

	(void)content;
	if (!entry_of(run, seq, &r))
		return "its entry is missing";
	to = party_at(r.to);
	should = key_and_seq(key_party(&to), seq);
	if (!same_key(k, &should))
		return "its entry has another addressee";
	return check_queued(run, &r, seq);
}

static const char *
check_expiry(struct scrub_run *run, const struct key *k, struct bytes content)
{
	uint64_t seq = seq_in(k, 8);
	struct entry_record r;
	struct key should;

	(void)content;
	if (!entry_of(run, seq, &r))
		return "its entry is missing";
	should = key_and_seq(key_time(record_due(&r)), seq);
	if (!same_key(k, &should))
		return "its entry expires at another time";
	return check_queued(run, &r, seq);
}

static const char *
check_book(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct seq_record place;
	struct entry_record r;
	struct party from, to;
	struct key sent, received;

	if (content.size != sizeof place)
		return "no line of a book of ours";
	memcpy(&place, content.data, sizeof place);
	if (!entry_of(run, place.seq, &r))
		return "its entry is missing";
	from = party_at(r.from);
	to = party_at(r.to);
	sent = key_book(&from, &r);
	received = key_book(&to, &r);
	return same_key(k, &sent) || (r.shown != 0 && same_key(k, &received))
		       ? NULL
		       : "its entry says otherwise";
}

static const char *
check_conflict(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct conflict_record c;
	struct entry_record r;
	struct key receipt = key_receipt(seq_in(k, 0), ST_CONFLICT);

	if (content.size != sizeof c || k->size != 8 + DIGEST_SIZE ||
		!entry_of(run, seq_in(k, 0), &r))
		return "its entry is missing";
	memcpy(&c, content.data, sizeof c);
	if ((r.stated >> ST_CONFLICT & 1) == 0)
		return "its entry knows of no conflict";
	if (c.number > 1)
		receipt = key_and(receipt, &c.number, 1);
	return has(run, T_RECEIPT, &receipt) ? NULL : "its receipt is missing";
}

/* ---- parties ---- */

static const char *
check_party(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct party_record r;
	uint64_t last = 0, queued;

	if (content.size != sizeof r)
		return "no party of ours";
	memcpy(&r, content.data, sizeof r);
	queued = count_under(run, T_QUEUE, k, &last) + count_under(run, T_URGENT, k, &last);
	if (queued != r.queued)
		return "its queue has another length";
	last = 0;
	if (count_under(run, T_NOTICE, k, &last) != r.notices || last != r.notices)
		return "its notices are not all there";
	return NULL;
}

static const char *
check_notice(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct notice_record n;
	struct entry_record r;

	(void)k;
	if (content.size != sizeof n)
		return "no notice of ours";
	memcpy(&n, content.data, sizeof n);
	if (n.stage >= STAGE_N || !entry_of(run, n.seq, &r))
		return "its entry is missing";
	return (r.stated >> n.stage & 1) != 0 ? NULL : "of a stage that was not reached";
}

static const char *
check_epoch(struct scrub_run *run, const struct key *k, struct bytes content)
{
	(void)run;
	return k->size > 33 && (content.size == sizeof(struct epoch_record) ||
				       content.size == sizeof(struct epoch_record_2))
		       ? NULL
		       : "no epoch of ours";
}

static const char *
check_recon(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct recon_record r;

	(void)k;
	if (content.size != sizeof r)
		return "no comparison of ours";
	memcpy(&r, content.data, sizeof r);
	return r.generation <= run->s->generation.generation ? NULL : "of a generation to come";
}

static const char *
check_closing(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct bytes statement, note;

	(void)run;
	(void)k;
	return closing_split(content, &statement, &note) ? NULL : "not a statement and a note";
}

static const char *
check_compared(struct scrub_run *run, const struct key *k, struct bytes content)
{
	(void)run;
	(void)k;
	return compared_wrong(content);
}

static const char *
check_held(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct entry_record r;

	if (content.size != sizeof(struct held_record) || k->size != 8 ||
		!entry_of(run, seq_in(k, 0), &r))
		return "its entry is missing";
	return check_queued(run, &r, seq_in(k, 0));
}

static const char *
check_share(struct scrub_run *run, const struct key *k, struct bytes content)
{
	(void)run;
	(void)k;
	return content.size == sizeof(struct share_record) ? NULL : "no share of ours";
}

static const char *
check_meta(struct scrub_run *run, const struct key *k, struct bytes content)
{
	(void)run;
	(void)k;
	return content.size > 0 ? NULL : "empty";
}

static check_one *const checks[TABLES] = {
	[T_META] = check_meta,
	[T_ENTRY] = check_entry,
	[T_BODY] = check_of_entry,
	[T_EXTRA] = check_of_entry,
	[T_RECEIPT] = check_receipt,
	[T_ID] = check_id,
	[T_CONVERSATION] = check_conversation,
	[T_QUEUE] = check_queue,
	[T_EXPIRY] = check_expiry,
	[T_PARTY] = check_party,
	[T_NOTICE] = check_notice,
	[T_EPOCH] = check_epoch,
	[T_LEAF] = check_leaf,
	[T_NODE] = check_node,
	[T_CHECKPOINT] = check_checkpoint,
	[T_BOOK] = check_book,
	[T_CONFLICT] = check_conflict,
	[T_RECON] = check_recon,
	[T_CLOSING] = check_closing,
	[T_STANDING] = check_standing,
	[T_BARRED] = check_barred,
	[T_CHANGE] = check_change,
	[T_HELD] = check_held,
	[T_REVOCATION] = check_revocation,
	[T_REVOKER] = check_revoker,
	[T_SHARE] = check_share,
	[T_ACCESS] = check_access,
	[T_TOKEN] = check_token,
	[T_WITHDRAWN] = check_withdrawn,
	[T_FROZEN] = check_frozen,
	[T_STOPPED] = check_stopped,
	[T_URGENT] = check_queue,
	[T_GONE] = check_gone,
	[T_LEGAL] = check_legal,
	[T_COMPARED] = check_compared,
	[T_ALERT] = check_alert,
	[T_TRACKING] = check_tracking,
	[T_BY_CORRIDOR] = check_by_corridor,
	[T_OPEN] = check_open,
	[T_ENDED] = check_ended,
	[T_CORRIDOR] = check_corridor,
	[T_HOUR] = check_hour,
	[T_DAY] = check_day,
	[T_ASIDE] = check_aside,
	[T_BEHIND] = check_behind,
	[T_RETRIED] = check_retried,
	[T_CLOSED] = check_closed,
};

const char *
check_record(struct scrub_run *run, enum table table, const struct key *k, struct bytes content)
{
	return checks[table](run, k, content);
}
