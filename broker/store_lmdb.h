/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the LMDB store (broker/store_lmdb.c and broker/lmdb_*.c only): the tables, their records
 * as they stand on disk, and transactions as sticky sequences of steps. doc/STORAGE.md says the
 * same in prose.
 *
 * Keys are big-endian, so that order on disk is order in time. Every value begins with its
 * authentication (lib/mac.h), because LMDB has no checksums of its own: what was
 * altered is found (E_DAMAGED), never served.
 *
 * CHANGING A RECORD. Records are packed, little-endian, of fixed size, and begin with their
 * version. Never change one in place: write the new struct beside the old one with the next
 * version, read both, write the new one only, and keep a store made by the old version in
 * tests/data. SCHEMA_VERSION is raised only when a program that knows the old records only must
 * not open the store at all. Words of closed lists are stored as words; stages also have a number
 * on disk (STAGES_ON_DISK), so stage.def is only ever appended to. */
#ifndef DAFTAR_STORE_LMDB_H
#define DAFTAR_STORE_LMDB_H

#include <lmdb.h>

#include "broker/store.h"
#include "lib/lmdb_wipe.h"

#define SCHEMA_VERSION 3
#define RECORD_VERSION 1

struct scrub_run;

enum table {
	T_META,	   /* "schema", "figures", "generation" -> their records */
	T_ENTRY,   /* seq -> entry_record */
	T_BODY,	   /* seq -> the message, until its end */
	T_EXTRA,   /* seq -> the addressee's signed receipt */
	T_RECEIPT, /* seq, stage -> our receipt; of a conflict after the first with its number */
	T_ID,	   /* id, sender -> seq_record, for ever */
	T_CONVERSATION, /* conversation, seq -> nothing */
	T_QUEUE,	/* addressee, seq -> nothing, until taken */
	T_EXPIRY,	/* expiry, seq -> nothing, of what is queued */
	T_PARTY,	/* party -> party_record */
	T_NOTICE,	/* party, number -> notice_record */
	T_EPOCH,	/* party, CURVE key -> epoch_record */
	T_LEAF,		/* index -> statement */
	T_NODE,		/* level, index -> hash of a complete subtree */
	T_CHECKPOINT,	/* size of the log -> signed note */
	T_BOOK,		/* party, created, element -> seq_record */
	T_CONFLICT,	/* seq, digest offered -> conflict_record */
	T_RECON,	/* party -> recon_record */
	T_CLOSING,	/* party, sender, addressee -> its last statement, and our note */
	T_STANDING,	/* party -> decision_record */
	T_BARRED,	/* party, digest of a certificate -> decision_record */
	T_CHANGE,	/* number -> change_record, and its document while it waits */
	T_HELD,		/* seq -> held_record, of what is not offered yet */
	T_REVOCATION,	/* number -> revocation_record, then the DER */
	T_REVOKER,	/* kind, subject -> seq_record: the number of the newest about it */
	T_SHARE,	/* sender -> share_record */
	T_ACCESS,	/* seq, number -> access_record */
	T_TOKEN,	/* consent, seq -> nothing, of what carries its token */
	T_WITHDRAWN,	/* consent -> withdrawn_record, for ever */
	T_FROZEN,	/* conversation, liaison -> frozen_record */
	T_STOPPED,	/* seq -> stopped_record, of what is not offered any more, or not now */
	T_URGENT,	/* addressee, seq -> nothing: the queue of what stops a case */
	T_GONE,		/* seq -> gone_record, of bodies that left otherwise than at the end */
	T_LEGAL,	/* 'c', conversation, or 'm', seq -> legal_record */
	T_COMPARED,	/* party, sender, addressee -> compared_record of the last days */
	T_ALERT,	/* kind and number, rule, party or word -> broker/store_lmdb_alert.c */
	T_TRACKING,	/* number of a conversation, its first seq -> nothing */
	T_BY_CORRIDOR,	/* sender, addressee, seq -> nothing */
	T_OPEN,		/* sender, addressee, taken, seq -> nothing, of what has not ended */
	T_ENDED,	/* stage, seq -> nothing, of what ended otherwise than committed */
	T_CORRIDOR,	/* sender, addressee -> corridor_record */
	T_HOUR,		/* hour, sender, addressee -> count_record */
	T_DAY,		/* day, sender, addressee -> count_record, of hours long past */
	T_ASIDE,	/* seq -> aside_record, of what waits for a person */
	T_BEHIND,	/* conversation, seq -> nothing, of the same */
	T_RETRIED,	/* 'c', code, or 'm', seq -> retried_record, of the last try */
	T_CLOSED,	/* sender, addressee -> decision_record: closed, or open again */
	TABLES
};

/* ---- records ---- */

#define PACKED __attribute__((packed))
#define STAGES_ON_DISK 8
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are little-endian");
_Static_assert(ST_ACCEPTED == 0 && ST_DELIVERED == 1 && ST_COMMITTED == 2 && ST_REJECTED == 3 &&
		       ST_WITHDRAWN == 4 && ST_EXPIRED == 5 && ST_DEAD_LETTER == 6 &&
		       ST_CONFLICT == 7 && STAGE_N <= STAGES_ON_DISK,
	"stages on disk");

struct schema_record {
	uint8_t version;
	uint32_t schema;
} PACKED;
_Static_assert(sizeof(struct schema_record) == 5, "schema on disk");

#define FIGURES_VERSION 2
struct figures_record {
	uint8_t version;
	uint64_t messages, queued, log_size;
	uint64_t stage[STAGES_ON_DISK]; /* messages whose last stage it is */
	uint64_t commit;		/* number of the transaction that wrote this */
} PACKED;
_Static_assert(sizeof(struct figures_record) == 97, "figures on disk");

/* Version 1 ends before `shown': without a token, and in both books. */
#define ENTRY_VERSION 2
struct entry_record {
	uint8_t version;
	char realm[32];
	uint8_t id[16], conversation[16], leg[16];
	char action[32];
	char from[32], to[32], on_behalf_of[32]; /* the last may be "": nobody */
	int64_t created, expires, retain_until;
	uint64_t channel_seq;
	uint8_t has_ref, has_key;
	uint8_t ref[16], ref_digest[32], key[32];
	char agreement[48], purpose[32];
	uint8_t digest[32];
	uint32_t size, attempts;
	uint8_t stage;	/* the last one */
	uint8_t stated; /* bit n is set: the log holds a statement of stage n */
	int64_t at[STAGES_ON_DISK];
	char code[32];
	uint8_t by[32];
	uint8_t shown; /* it is in its addressee's book */
	uint8_t has_token, cleared;
	uint8_t token[16], token_conversation[16];
	char token_by[32], holder[32], destination[32], token_purpose[32];
	int64_t issued, valid_until;
	uint8_t granted_by[32], cleared_by[32]; /* certificates */
} PACKED;
#define ENTRY_SIZE_1 offsetof(struct entry_record, shown)
_Static_assert(ENTRY_SIZE_1 == 573 && sizeof(struct entry_record) == 816, "entries on disk");
_Static_assert(REALM_SIZE == 32 && PARTY_SIZE == 32 && AGREEMENT_SIZE == 48 && PURPOSE_SIZE == 32,
	"texts on disk");

struct seq_record {
	uint8_t version;
	uint64_t seq;
} PACKED;
_Static_assert(sizeof(struct seq_record) == 9, "ids on disk");

struct party_record {
	uint8_t version;
	uint64_t queued, notices;
} PACKED;
_Static_assert(sizeof(struct party_record) == 17, "parties on disk");

struct share_record {
	uint8_t version;
	uint64_t octets;
} PACKED;
_Static_assert(sizeof(struct share_record) == 9, "shares on disk");

struct notice_record {
	uint8_t version;
	uint64_t seq;
	uint8_t stage;
} PACKED;
_Static_assert(sizeof(struct notice_record) == 10, "notices on disk");

struct epoch_record { /* version 1: without an incarnation; read, no longer written */
	uint8_t version;
	uint64_t epoch;
} PACKED;
_Static_assert(sizeof(struct epoch_record) == 9, "epochs on disk");

#define EPOCH_VERSION 2
struct epoch_record_2 {
	uint8_t version;
	uint64_t epoch;
	uint8_t incarnation[16];
} PACKED;
_Static_assert(sizeof(struct epoch_record_2) == 25, "epochs on disk");

struct conflict_record {
	uint8_t version;
	uint8_t number; /* from 1, in order of statement */
} PACKED;
_Static_assert(sizeof(struct conflict_record) == 2, "conflicts on disk");

struct generation_record {
	uint8_t version;
	uint64_t generation;
	uint8_t restored; /* the next opening begins the next generation */
} PACKED;
_Static_assert(sizeof(struct generation_record) == 10, "generations on disk");

/* Where the present generation begins, when it is not the first. */
struct before_record {
	uint8_t version;
	uint64_t last; /* the last entry from before it */
} PACKED;
_Static_assert(sizeof(struct before_record) == 9, "beginnings of generations on disk");

struct recon_record {
	uint8_t version;
	uint64_t generation;
	int64_t at;
	uint64_t elements, differences, mended, open;
	uint8_t fingerprint[16];
} PACKED;
_Static_assert(sizeof(struct recon_record) == 65, "reconciliations on disk");

/* As many of them as days are kept, in order; the version is that of the first. */
struct compared_record {
	uint8_t version;
	uint8_t equal;
	uint16_t day;
	int64_t at;
	uint32_t elements, differences, mended, open;
} PACKED;
_Static_assert(sizeof(struct compared_record) == 28, "comparisons on disk");

/* How many of the tables above a store has. One that does not say has those up to T_CLOSING. */
struct tables_record {
	uint8_t version;
	uint32_t tables;
} PACKED;
_Static_assert(sizeof(struct tables_record) == 5, "tables on disk");

struct decision_record {
	uint8_t version;
	uint8_t standing;
	int64_t since;
	char by[33], second[33], reason[201];
} PACKED;
_Static_assert(sizeof(struct decision_record) == 277, "decisions on disk");

/* Version 1 ends before `subject': in no log. */
#define CHANGE_VERSION 2
struct change_record {
	uint8_t version;
	uint8_t kind, state;
	char party[32];
	uint8_t digest[32];
	uint64_t of_version;
	int64_t proposed, decided;
	uint32_t by_uid, second_uid;
	char by[33], second[33], reason[201];
	char subject[129];
	uint64_t leaf, end_leaf;
} PACKED;
#define CHANGE_RECORD_1 offsetof(struct change_record, subject)
_Static_assert(CHANGE_RECORD_1 == 366 && sizeof(struct change_record) == 511 &&
		       CHANGE_SUBJECT_SIZE == 129 && CHANGE_WAIVE == 5 && CHANGE_LOG_LEVEL == 21,
	"changes on disk");
_Static_assert(OFFICER_SIZE == 33 && REASON_SIZE == 201 && STANDING_GOOD == 0 &&
		       STANDING_SUSPENDED == 1 && STANDING_CUT == 2 && CHANGE_CUT == 0 &&
		       CHANGE_SUSPEND == 1 && CHANGE_RESUME == 2 && CHANGE_TRUST == 3 &&
		       CHANGE_REVOKE == 4 && CHANGE_WAITS == 0 && CHANGE_DONE == 1 &&
		       CHANGE_REJECTED == 2 && CHANGE_LAPSED == 3,
	"standings and changes on disk");

struct held_record {
	uint8_t version;
	int64_t since;
} PACKED;
_Static_assert(sizeof(struct held_record) == 9, "held messages on disk");

struct revocation_record {
	uint8_t version;
	uint8_t kind; /* 'C' or 'O' */
	char country[3];
	uint8_t subject[32];
	int64_t this_update, next_update, taken;
	uint8_t number[20];
	uint8_t digest[32]; /* of the DER */
} PACKED;
_Static_assert(sizeof(struct revocation_record) == 113, "revocation data on disk");

struct access_record {
	uint8_t version;
	uint8_t kind;
	int64_t at;
	uint32_t uid;
	char by[33];
} PACKED;
_Static_assert(sizeof(struct access_record) == 47 && ACCESS_SEEN == 0 && ACCESS_EXPORTED == 1 &&
		       ACCESS_JUDGED == 2 && ACCESS_HELD == 3 && ACCESS_RELEASED == 4 &&
		       ACCESS_PURGED == 5,
	"accesses on disk");

struct gone_record {
	uint8_t version;
	uint8_t why;
	int64_t at;
	uint32_t uid;
	char by[33], reason[201];
} PACKED;
_Static_assert(
	sizeof(struct gone_record) == 248 && GONE_RETAIN == 0 && GONE_LIFTED == 1 && GONE_HAND == 2,
	"bodies that left on disk");

struct legal_record {
	uint8_t version;
	int64_t since;
	uint32_t uid;
	char by[33], reason[201];
} PACKED;
_Static_assert(sizeof(struct legal_record) == 247, "legal holds on disk");

struct alert_record {
	uint8_t version;
	char rule[24], subject[72];
	uint8_t severity, level;
	uint64_t n;
	int64_t when, since, ended, acked, muted_until;
	char acked_by[33], muted_by[33];
} PACKED;
_Static_assert(sizeof(struct alert_record) == 213, "alerts on disk");

struct mute_record {
	uint8_t version;
	int64_t until;
	char by[33];
} PACKED;
_Static_assert(sizeof(struct mute_record) == 42, "mutes on disk");

struct hearing_record {
	uint8_t version;
	int64_t heard, away, usual;
} PACKED;
_Static_assert(sizeof(struct hearing_record) == 25, "when parties were heard, on disk");

struct instant_record {
	uint8_t version;
	int64_t at;
} PACKED;
_Static_assert(sizeof(struct instant_record) == 9, "instants on disk");

/* ---- broker/store_lmdb_share.c ---- */
void step_share(struct store_txn *t, const struct party *from, int64_t change);

void entry_pack(const struct entry *e, struct entry_record *out);
/* When it is not offered any more: it has expired, or its consent has. */
int64_t record_due(const struct entry_record *r);
/* It stops a case: in the urgent queue. */
bool record_is_urgent(const struct entry_record *r);
/* E_DAMAGED for words that are on no list: the record is not one that we wrote. */
enum err entry_unpack(const struct entry_record *r, uint64_t seq, struct entry *out) MUST_USE;

/* ---- keys ---- */

struct key {
	uint8_t octet[80];
	size_t size;
};
struct key key_text(const char *name);
struct key key_seq(uint64_t seq);
struct key key_party(const struct party *p); /* ends with a NUL: no party is another's prefix */
struct key key_id(const struct id *id);
struct key key_time(int64_t ms);
struct key key_and(struct key k, const void *octets, size_t size);
struct key key_and_seq(struct key k, uint64_t seq);
uint64_t key_last_seq(struct bytes key); /* the number in its last eight octets */
int64_t key_to_time(struct bytes key);	 /* what key_time put there */

/* ---- the environment ---- */

struct store {
	uint8_t key[STORE_KEY_SIZE];
	struct mac *mac;
	MDB_env *env;
	MDB_dbi dbi[TABLES];
	MDB_txn *reader; /* renewed for each look-up outside a transaction */
	bool reading;
	int lock;		       /* one process at a time */
	int seal;		       /* -1: only looked at */
	struct store_txn *open;	       /* the transaction under way */
	struct figures_record figures; /* of the last commit */
	size_t map_size, page_size;
	uint64_t commits, reads;
	uint64_t measured; /* `free_pages' was counted after this commit */
	size_t free_pages;
	struct generation_record generation;
	uint64_t before;  /* the last entry from before it */
	bool raised;	  /* by this opening */
	bool forget_seal; /* a person put it there */
	char *directory;
	bool as_it_is; /* no disk is taken for it, no generation begun */
	struct wipe wipe;
	size_t dropped; /* number of the last transaction that deleted a body */
	uint64_t aside_changes;
};

/* Statements that still need their receipts. */
struct pending {
	struct key receipt; /* where it is kept; of size 0: it gets none */
	size_t at, size;    /* in store_txn.statements */
};

struct store_txn {
	struct store *s;
	MDB_txn *txn;
	enum err error;
	bool wrote;
	bool aside_changed;
	size_t taken_in; /* octets accepted */
	struct figures_record figures;
	struct buf statements;
	struct pending *pending;
	size_t n_pending, room_pending;
	struct count_event *events; /* to be counted at its end */
	size_t n_events, room_events;
};

const char *table_name(enum table table);

/* ---- authentication ---- */

/* Over the number of the table, the size of the key, the key and the content. */
void table_mac(struct mac *m, enum table table, const struct key *k, struct bytes content,
	uint8_t out[MAC_SIZE]);
/* Takes the content out of a value that passes. E_DAMAGED, said in the log. */
enum err value_content(struct store *s, enum table table, const struct key *k, const MDB_val *v,
	struct bytes *content) MUST_USE;

/* ---- transactions ---- */

/* Keeps the first failure. */
void txn_failed(struct store_txn *t, enum err e);
/* Judges what LMDB said to a step: true when all went well. */
bool txn_try(struct store_txn *t, int rc);

/* A point of view for look-ups: the open transaction, or the last commit. */
struct view {
	struct store *s;
	MDB_txn *txn;
	enum err error; /* the transaction has failed: nothing can be seen */
};
struct view view_of(struct store *s, struct store_txn *t);
void view_end(struct view *v);
#define VIEW(name, s, t) __attribute__((cleanup(view_end))) struct view name = view_of(s, t)

/* Content is a loan until the next write of the transaction or the end of the view. E_NOT_FOUND,
 * E_DAMAGED. */
enum err table_get(const struct view *v, enum table table, const struct key *k,
	struct bytes *content) MUST_USE;
/* The greatest key of a table whose keys are numbers; 0: it is empty. */
uint64_t table_last_seq(const struct view *v, enum table table);
enum err figures_read(const struct view *v, struct figures_record *out) MUST_USE;
/* A record of the usual version, and of this size. E_VERSION for another version. */
enum err table_record(const struct view *v, enum table table, const struct key *k, void *out,
	size_t size) MUST_USE;

/* Steps of a transaction. */
void figures_put(struct store_txn *t); /* the last step of each */
void table_put(struct store_txn *t, enum table table, const struct key *k, struct bytes content);
/* The same for a key greater than all others of its table: pages are filled to the brim. */
void table_append(struct store_txn *t, enum table table, const struct key *k, struct bytes content);
void table_delete(struct store_txn *t, enum table table, const struct key *k);
/* False when there is none or something has failed; damage is a failure. */
bool table_step(struct store_txn *t, enum table table, const struct key *k, void *out,
	size_t size) MUST_USE;

/* Walks over keys that begin with the first `prefix' octets of `from', from `from' on. */
struct walk {
	const struct view *view;
	enum table table;
	MDB_cursor *cursor;
	struct key from;
	size_t prefix;
	bool begun;
};
void walk_begin(struct walk *w, const struct view *v, enum table table, const struct key *from,
	size_t prefix);
/* False at the end, and at a damaged record. Loans until the next step. */
bool walk_next(struct walk *w, struct bytes *key, struct bytes *content);
void walk_done(struct walk *w);
#define WALK(name) __attribute__((cleanup(walk_done))) struct walk name = {0}

/* Octets of the map in use. */
size_t table_used(struct store *s);

/* ---- the log ---- */

struct key key_node(unsigned level, uint64_t index);
struct key key_receipt(uint64_t seq, enum stage stage);
/* Remembers the statement as one that store_seal appends, and where to keep its receipt. */
void log_statement(struct store_txn *t, const struct key *receipt, const struct statement *what);
/* An act becomes a leaf likewise, without a receipt; its place in the log. */
uint64_t log_act(struct store_txn *t, const struct leaf_act *what);

/* Is this the leaf at that place, proved against the root of the whole log? */
bool log_has_leaf(const struct view *v, uint64_t index, struct bytes leaf);

/* ---- changes ---- */
/* The record in this content, of either version; the document behind it is a loan. */
enum err change_read(
	struct bytes content, uint64_t number, struct change *out, struct bytes *document) MUST_USE;
/* Do its leaves say what it says? NULL, or what is wrong in words. */
const char *change_differs(const struct view *v, const struct change *c);

/* ---- entries ---- */

/* The record in this content, of either version. E_VERSION. */
enum err entry_record_read(struct bytes content, struct entry_record *out) MUST_USE;
enum err entry_record_get(const struct view *v, uint64_t seq, struct entry_record *out) MUST_USE;

/* The entry's record, to be changed and put back. A number that is not there is the caller's bug,
 * and fails the transaction like one. */
bool step_entry(struct store_txn *t, uint64_t seq, struct entry_record *out) MUST_USE;
void put_entry(struct store_txn *t, uint64_t seq, const struct entry_record *r);
void add_notice(struct store_txn *t, const struct party *to, uint64_t seq, enum stage stage);

/* ---- the book ---- */

/* Where this entry stands in the book of a party. */
struct key key_book(const struct party *p, const struct entry_record *r);
/* Into, and out of, the books of its sender and, when it is shown, of its addressee. */
void book_enter(struct store_txn *t, uint64_t seq, const struct entry_record *r);
void book_leave(struct store_txn *t, const struct entry_record *r);
/* Into its addressee's book, when it is not there. */
void book_show(struct store_txn *t, uint64_t seq, struct entry_record *r);

/* ---- what officers have decided (broker/store_lmdb_standing.c) ---- */

void decision_put(
	struct store_txn *t, enum table table, const struct key *k, const struct decision *d);
enum err decision_get(struct store *s, struct store_txn *t, enum table table, const struct key *k,
	struct decision *out) MUST_USE;
bool is_decision(struct bytes content);

/* ---- held messages ---- */

/* As store_is_held; damage is a failure of the transaction. */
bool step_held(struct store_txn *t, uint64_t seq) MUST_USE;
void step_queued(struct store_txn *t, const struct party *to, int change);

/* The queue that it belongs to, its place in it, and its place among what expires. */
struct places {
	enum table queue;
	struct party to;
	struct key by_addressee, by_expiry;
};
struct places places_of(uint64_t seq, const struct entry_record *r);
void queue_enter(struct store_txn *t, const struct places *p);
void queue_leave(struct store_txn *t, const struct places *p); /* if it is there */

/* ---- the layout before this one ---- */

bool upgrade_is_due(MDB_txn *txn, MDB_dbi meta);
/* The first step, in the transaction of opening; t->figures are read. */
void upgrade_start(struct store_txn *t);
/* The others, when there are any, in transactions of their own. */
enum err upgrade_finish(struct store *s) MUST_USE;

/* ---- the tables of a store ---- */

/* A step of opening: opens them, makes what is new. */
void layout_open(struct store_txn *t);
/* The same for one that is only looked at. E_DAMAGED, E_VERSION. */
enum err layout_find(struct store *s, MDB_txn *txn) MUST_USE;

/* A copy, to be marked and scrubbed: opened as it is. */
enum err store_open_as_it_is(
	const char *directory, const uint8_t key[STORE_KEY_SIZE], struct store **out) MUST_USE;

/* ---- the seal ---- */

/* Is the store as it was left? E_DAMAGED, E_IO. */
enum err seal_open(struct store *s, const char *directory) MUST_USE;
/* Commits; one that fails halfway leaves the store as it was before. What LMDB says. */
int seal_commit(struct store *s, MDB_txn *txn) MUST_USE;
void seal_write(struct store *s); /* after each commit */

/* ---- closings ---- */

/* Loans from the value. False: it is not two documents. */
bool closing_split(struct bytes both, struct bytes *statement, struct bytes *note) MUST_USE;

/* What is wrong with the days that are kept of a channel; NULL: nothing. */
const char *compared_wrong(struct bytes content);

/* ---- revocation data ---- */

struct key key_revoker(uint8_t kind, const struct digest *subject);
/* The DER is a loan from the content; the number of the item is not in it. */
bool revocation_unpack(
	struct bytes content, struct revocation_item *out, struct bytes *der) MUST_USE;

/* ---- retention ---- */

/* A step: whatever is held keeps its body. */
bool step_legally_held(struct store_txn *t, uint64_t seq, const struct entry_record *r) MUST_USE;
/* Whether it is held or not. */
void forget_body(struct store_txn *t, uint64_t seq, const struct entry_record *r);

/* ---- real deletion ---- */

void wipe_begin(struct store *s); /* whatever an earlier process has left is to be overwritten */

/* ---- generations ---- */

/* A step of opening: reads the generation, and begins the next one in a marked store. */
void generation_begin(struct store_txn *t);

#include "broker/store_lmdb_scrub.h"

#endif
