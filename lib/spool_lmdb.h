/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the spool (lib/spool*.c only): the environment, one transaction as a sticky sequence of
 * steps, and the records as they stand on disk.
 *
 * Every value ends with its MAC: HMAC-SHA-256, cut to 16 octets, over its table, key and content,
 * under a key that lies beside the folder. LMDB has no checksums of its own: so a flipped bit is
 * found (E_IO), never served. The exclusive or of all MACs stands in the meta record: a record that
 * is lost, or one that comes back from the past, is found by spool_scrub.
 *
 * CHANGING A RECORD. Records are packed, little-endian, of fixed size, and begin with their
 * version. Never change one in place: write the new struct beside the old one with the next
 * version, read both, write the new one only, and keep a spool made by the old version in
 * tests/data. Words of closed lists are stored as words, never as numbers of an enum. */
#ifndef DAFTAR_SPOOL_LMDB_H
#define DAFTAR_SPOOL_LMDB_H

#include <lmdb.h>

#include "lib/mac.h"
#include "lib/spool.h"
#include "lib/lmdb_wipe.h"

enum table {
	T_META,	    /* "meta" -> meta_record */
	T_OUT,	    /* order -> out_record */
	T_OUT_BODY, /* order -> the message */
	T_OUT_ID,   /* id -> id_record, for ever */
	T_OUT_WAIT, /* order -> id, of what is FILED */
	T_EVIDENCE, /* order, kind -> receipt */
	T_IN,	    /* order -> in_record */
	T_IN_BODY,  /* order -> the message */
	T_IN_ID,    /* id, sender -> id_record, for ever */
	T_IN_STATE, /* state, order -> nothing */
	T_ANSWER,   /* order -> our signed Receipt message */
	T_FACT,	    /* name -> value */
	T_CHANNEL,  /* addressee -> channel_record */
	T_BOOK,	    /* created, element, kind, order -> nothing */
	T_ENDED,    /* time of the end, kind, order -> nothing, while the body is kept */
	T_URGENT,   /* kind, order -> nothing, of a Cancellation that is FILED, or not TOLD */
	TABLES
};

#define RECORD_VERSION 1
#define META_VERSION 3
#define OUT_VERSION 2
#define IN_VERSION 3
#define HEAD_SIZE 16
#define PACKED __attribute__((packed))
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are little-endian");

struct meta_record1 { /* as long as values had a check of eight octets, without a key */
	uint8_t version;
	uint64_t epoch, notice;
	uint64_t out_last, in_last;
	uint64_t out[5], in[5];
} PACKED;
_Static_assert(sizeof(struct meta_record1) == 113, "meta of version 1 on disk");

struct meta_record {
	uint8_t version;
	uint64_t epoch, notice; /* fencing; the last notice kept */
	uint64_t out_last, in_last;
	uint64_t out[5], in[5];	   /* entries in each state */
	uint64_t txn;		   /* number of the commit that wrote this, as LMDB counts */
	uint8_t before[HEAD_SIZE]; /* of the head of the commit before (txn_head) */
	uint8_t sum[MAC_SIZE];	   /* of all records but this one */
	uint8_t restored;	   /* a copy that has not been compared with the exchange */
} PACKED;
_Static_assert(sizeof(struct meta_record) == 154, "meta on disk");
_Static_assert(OUT_N == 5 && IN_N == 5, "counts on disk");

struct id_record {
	uint8_t version;
	uint64_t order;
	uint8_t digest[DIGEST_SIZE];
} PACKED;
_Static_assert(sizeof(struct id_record) == 41, "ids on disk");

struct channel_record {
	uint8_t version;
	uint64_t seq;
} PACKED;

struct header_record {
	char realm[REALM_SIZE];
	uint8_t id[ID_SIZE], conversation[ID_SIZE], leg[ID_SIZE];
	char action[32];
	char from[PARTY_SIZE], to[PARTY_SIZE], on_behalf_of[PARTY_SIZE]; /* "": none */
	int64_t created, expires, retain_until;
	uint64_t channel_seq;
	uint8_t has_ref, has_key;
	uint8_t ref[ID_SIZE], ref_digest[DIGEST_SIZE], key[DIGEST_SIZE];
	char agreement[AGREEMENT_SIZE], purpose[PURPOSE_SIZE];
} PACKED;
_Static_assert(sizeof(struct header_record) == 402, "headers on disk");

struct token_record { /* all zero: none */
	uint8_t present, cleared;
	uint8_t id[ID_SIZE], conversation[ID_SIZE];
	char by[PARTY_SIZE], holder[PARTY_SIZE], destination[PARTY_SIZE];
	char purpose[TOKEN_PURPOSE_SIZE];
	int64_t issued, valid_until;
	uint8_t cert[DIGEST_SIZE], cleared_by[DIGEST_SIZE];
} PACKED;
_Static_assert(sizeof(struct token_record) == 242, "consent tokens on disk");

/* What was added stands behind what was there: of an older record the rest is zero. */
struct out_record1 { /* before entries told of their consent token */
	uint8_t version;
	struct header_record header;
	uint8_t digest[DIGEST_SIZE];
	char state[12], code[24], reason[32], stage[16];
	int64_t filed, sent, delivered, ended;
	uint32_t attempts;
} PACKED;
_Static_assert(sizeof(struct out_record1) == 555, "outbox of version 1 on disk");

struct out_record {
	uint8_t version;
	struct header_record header;
	uint8_t digest[DIGEST_SIZE];
	char state[12], code[24], reason[32], stage[16];
	int64_t filed, sent, delivered, ended;
	uint32_t attempts;
	struct token_record token;
} PACKED;
_Static_assert(sizeof(struct out_record) == 797, "outbox on disk");

struct in_record1 {
	uint8_t version;
	struct header_record header;
	uint8_t digest[DIGEST_SIZE];
	char state[12], code[24], note[64];
	int64_t taken, done;
	uint32_t attempts;
} PACKED;
_Static_assert(sizeof(struct in_record1) == 555, "inbox of version 1 on disk");

struct in_record2 { /* before entries told of their consent token */
	uint8_t version;
	struct header_record header;
	uint8_t digest[DIGEST_SIZE];
	char state[12], code[24], note[64];
	int64_t taken, done;
	uint32_t attempts;
	char stage[16];
} PACKED;
_Static_assert(sizeof(struct in_record2) == 571, "inbox of version 2 on disk");

struct in_record {
	uint8_t version;
	struct header_record header;
	uint8_t digest[DIGEST_SIZE];
	char state[12], code[24], note[64];
	int64_t taken, done;
	uint32_t attempts;
	char stage[16]; /* how it ended; "" while it has not */
	struct token_record token;
} PACKED;
_Static_assert(sizeof(struct in_record) == 813, "inbox on disk");

/* Takes every block of the map from the disk now (lib/spool.c). E_SPOOL_FULL, E_IO. */
struct spool;
enum err spool_allocate(struct spool *s, size_t map_size) MUST_USE;

/* ---- the key and the MAC (lib/spool_mac.c) ---- */

/* Over the name of the table, the size of the key, the key and the value. */
void record_mac(struct mac *m, const char *table, struct bytes key, struct bytes value,
	uint8_t out[MAC_SIZE]);
/* The name of the key's file: that of the folder with ".key" behind it. */
char *spool_key_file(const char *directory);
/* mac_key_load and mac_key_make (lib/mac.h); what went wrong is logged. */
enum err spool_key_load(const char *file, uint8_t out[MAC_KEY_SIZE]) MUST_USE;
enum err spool_key_make(const char *file, const uint8_t *key) MUST_USE;

struct spool {
	MDB_env *env;
	MDB_dbi dbi[TABLES];
	pid_t owner; /* the environment must never be used after fork */
	dev_t device;
	ino_t inode; /* of the folder: LMDB loses its locks when opened twice in a process */
	char *directory;
	int link;      /* link.lock, -1 when the link is not ours */
	bool on_line;  /* what is filed may leave (spool_offer) */
	int64_t swept; /* when dead readers were last looked for */
	uint8_t key[MAC_KEY_SIZE];
	struct mac *mac;
	size_t owed_out, owed_in; /* room reserved for each entry that has not ended */
	MDB_txn *group;		  /* what every transaction is a part of, or NULL */
	int64_t keep;		  /* ms that bodies of what has ended are kept */
	struct wipe wipe;
	size_t dropped; /* the last transaction that deleted what is to leave the file; 0: none */
	struct spool *next; /* all that are open in this process */
};

/* How much of the map a transaction may leave used, in percent: what begins work stops earlier than
 * what finishes it, and leaves what everything unfinished may still need as well. What an exchange
 * says that we once had, and nobody else, may not take the room of what we do. */
enum room { ROOM_ADOPT = 50, ROOM_BEGIN = 80, ROOM_FACT = 90, ROOM_FINISH = 100 };

/* One transaction. Steps after a failure do nothing; txn_commit (or txn_end, which aborts what is
 * still open) returns the first failure. */
struct txn {
	struct spool *s;
	MDB_txn *t;
	enum err e;
	enum room room;
	bool wrote;
	struct meta_record meta; /* loaded by txn_write; written back by txn_commit */
};

const char *txn_table_name(enum table table);
void txn_read(struct txn *t, struct spool *s);
void txn_write(struct txn *t, struct spool *s, enum room room);
enum err txn_commit(struct txn *t) MUST_USE;
enum err txn_end(struct txn *t) MUST_USE;
void txn_cleanup(struct txn *t);
#define TXN(name) __attribute__((cleanup(txn_cleanup))) struct txn name = {0}
void txn_fail(struct txn *t, enum err e);

/* Loans until the transaction's next write. False: not there, or the transaction has failed. */
bool txn_get(struct txn *t, enum table table, struct bytes key, struct bytes *value) MUST_USE;
/* The first entry whose key is not smaller than `from'. */
bool txn_seek(struct txn *t, enum table table, struct bytes from, struct bytes *key,
	struct bytes *value) MUST_USE;
/* There or not, without a look at what is there. */
bool txn_has(struct txn *t, enum table table, struct bytes key) MUST_USE;
void txn_put(struct txn *t, enum table table, struct bytes key, struct bytes value);
void txn_delete(struct txn *t, enum table table, struct bytes key);
/* The same as txn_put, where nothing stood or what stood there was never counted in the sum. */
void txn_put_new(struct txn *t, enum table table, struct bytes key, struct bytes value,
	const uint8_t mac[MAC_SIZE]);
/* The head of LMDB's commit of that number, or of that number's evenness. */
void txn_head(struct txn *t, size_t number, uint8_t out[HEAD_SIZE]);
/* A record as it is today, also when it was written as it was before; fails the transaction with
 * E_VERSION for one that this version does not know. */
bool txn_record(struct txn *t, enum table table, struct bytes key, void *out, size_t size) MUST_USE;
/* Room used by everything that lives in the map, in octets. */
size_t txn_used(struct txn *t);

/* A commit of nothing. */
enum err spool_age(struct spool *s) MUST_USE;
/* A spool of the layout before this one: its values had a check of eight octets. upgrade_begin
 * turns its meta record, in the transaction that opens it; spool_upgrade everything else, in
 * batches, and goes on where one that was stopped has come to. */
bool upgrade_wanted(struct txn *t) MUST_USE;
void upgrade_begin(struct txn *t);
/* Of the second layout: T_URGENT is not there yet, records are read as they are. */
bool upgrade_is_second(struct txn *t) MUST_USE;
enum err spool_upgrade(struct spool *s) MUST_USE;

/* Keys: an order is eight octets, big-endian, so that order on disk is order in time. */
struct key {
	uint8_t octet[64];
	size_t size;
};
struct key key_order(uint64_t order);
struct key key_more(struct key k, const void *data, size_t size);
struct bytes key_bytes(const struct key *k);
uint64_t key_order_of(struct bytes key);

void header_pack(const struct header *h, struct header_record *out, struct token_record *token);
void header_unpack(
	const struct header_record *r, const struct token_record *token, struct header *out);
/* Copies a word into a fixed field, zero-padded. */
void word_pack(char *out, size_t size, const char *word);
/* The message of `order' checked against its digest; E_IO when it is damaged. */
void txn_body(struct txn *t, enum table table, uint64_t order, const uint8_t digest[DIGEST_SIZE],
	struct buf *out);
/* True when the entry's message is still kept. */
bool txn_has_body(struct txn *t, enum table table, uint64_t order) MUST_USE;
/* The inbox's part of spool_file_all. */
void txn_done(struct txn *t, const struct spool_done *d, int64_t now, bool *again);

/* ---- the book, the list of what can be dropped, and that of what goes first (lib/spool_book.c)
 * ---- All follow from the records; out_save and in_save keep them in step. */
struct lines {
	bool book, ended, urgent;
	struct key book_key, ended_key, urgent_key;
};
void lines_of_out(struct txn *t, uint64_t order, const struct out_record *r, struct lines *out);
void lines_of_in(struct txn *t, uint64_t order, const struct in_record *r, struct lines *out);
void lines_turn(struct txn *t, const struct lines *before, const struct lines *after);

struct key key_urgent(char kind, uint64_t order); /* kind 'o' or 'i' */

/* Drops bodies until no more than `percent' of the map are used, and those that ended before
 * `before'; *n is their number. */
enum err spool_drop(struct spool *s, int64_t before, int percent, uint64_t *n) MUST_USE;
/* Room for what begins work: false when there was nothing to drop. */
bool spool_made_room(struct spool *s, int64_t now) MUST_USE;

/* What may have left: of a new spool; when the link is taken; when it is given back. */
void offered_begin(struct txn *t);
void offered_settle(struct txn *t);
void spool_offer_ends(struct spool *s);

/* The outbox's records. out_load fails the transaction with E_NOT_FOUND, out_at with E_NOT_FOUND
 * too. */
enum out_state out_state_of(const struct out_record *r);
void out_entry_of(struct txn *t, uint64_t order, const struct out_record *r, struct out_entry *e);
bool out_find(struct txn *t, const struct id *id, struct id_record *known) MUST_USE;
void out_load(struct txn *t, const struct id *id, uint64_t *order, struct out_record *r);
void out_at(struct txn *t, uint64_t order, struct out_record *r);
void out_save(struct txn *t, uint64_t order, const struct out_record *r);
/* `message' NULL: adopted without its body. */
void out_file_new(struct txn *t, const struct header *h, const struct digest *d,
	const struct bytes *message, int64_t now);
/* Moves the state up, never down. */
void out_rise(struct txn *t, uint64_t order, struct out_record *r, enum out_state to);
enum err out_code_of(const struct statement *what);
void out_refile(struct txn *t, uint64_t order, struct out_record *r);
/* The broker will never take it, or is never asked; one that was filed anew comes back. */
void out_refuse(struct txn *t, uint64_t order, struct out_record *r, enum err code, int64_t now);
/* It has had an end, also when it is filed anew; an end does not change. */
bool out_had_ended(const struct out_record *r);
/* Filed anew, because the broker had lost it. */
bool out_is_refiled(const struct out_record *r);
/* From being filed anew to where its receipts had it: these still prove what they say. */
void out_come_back(struct txn *t, uint64_t order, struct out_record *r);
/* What the broker says, as spool_sent and spool_notice keep it. */
void out_accepted(
	struct txn *t, uint64_t order, struct out_record *r, struct bytes receipt, int64_t now);
void out_tell(struct txn *t, uint64_t order, struct out_record *r, const struct statement *what,
	struct bytes receipt, struct bytes addressee_receipt, int64_t now);

/* The inbox's. */
enum in_state in_state_of(const struct in_record *r);
void in_entry_of(struct txn *t, uint64_t order, const struct in_record *r, struct in_entry *e);
/* With its message, empty when that is not kept any more; `message' may be NULL. */
void in_entry_read(struct txn *t, uint64_t order, const struct in_record *r, struct in_entry *e,
	struct buf *message);
bool in_find(struct txn *t, const struct party *from, const struct id *id,
	struct id_record *known) MUST_USE;
void in_load(struct txn *t, const struct party *from, const struct id *id, uint64_t *order,
	struct in_record *r);
void in_at(struct txn *t, uint64_t order, struct in_record *r);
void in_save(struct txn *t, uint64_t order, const struct in_record *r);
/* How it ended, as our answer says it; without an answer that says it, as the code does. */
void in_stage_set(struct in_record *r, struct bytes answer);
void in_move(struct txn *t, uint64_t order, struct in_record *r, enum in_state to);
void in_take_new(struct txn *t, const struct header *h, const struct digest *d,
	const struct bytes *message, int64_t now);
/* Told, by the exchange, that it has ended. */
void in_end(struct txn *t, uint64_t order, struct in_record *r, enum stage stage, const char *code,
	int64_t now);
struct key in_key_sender(const struct party *from, const struct id *id);
struct key in_key_state(enum in_state state, uint64_t order);

#endif
