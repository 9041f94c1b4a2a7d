/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the broker remembers. The store speaks the domain: accept, take, settle, expire, append to
 * the log; never get and put. Implementations: LMDB (broker/store_lmdb.c), and later PostgreSQL.
 *
 * Steps of one transaction share a fate: after store_begin every step may be called without asking;
 * the first failure is kept, later steps do nothing, and store_commit returns it (and aborts).
 * E_OK from store_commit means durable. A failed fsync ends the process. Look-ups may be made
 * inside a transaction or outside (txn NULL). */
#ifndef DAFTAR_STORE_H
#define DAFTAR_STORE_H

#include "broker/standing.h"
#include "lib/examine.h"
#include "lib/mac.h"
#include "lib/receipt.h"
#include "lib/revocation.h"

struct store;
struct store_txn;

#define STORE_KEY_SIZE MAC_KEY_SIZE
#define STORE_CONFLICTS_MAX 16 /* conflicting digests of one entry that are signed */

/* Creates what is missing. `map_size' in octets: the most the store may ever take; that much disk
 * is taken at once, so that a full disk is noticed now and not in the middle of a promise. `key':
 * under it every record is authenticated. A store of the layout before keys is rewritten. E_IO,
 * E_STORE_FULL (too small a disk or map), E_VERSION (made by a newer version), E_LOCKED (another
 * process has it open), E_DAMAGED (it is not as it was left, or was written under
 * another key). */
enum err store_open(const char *directory, size_t map_size, const uint8_t key[STORE_KEY_SIZE],
	struct store **out) MUST_USE;
/* Only for looking (scrub, backup, look-ups), also while another process writes to it. E_IO,
 * E_VERSION (another layout), E_DAMAGED. */
enum err store_open_copy(
	const char *directory, const uint8_t key[STORE_KEY_SIZE], struct store **out) MUST_USE;
/* The same of a store that is open, in a child of the process that has it open: nothing of the
 * parent's is used but the name of the folder and the key. */
enum err store_open_beside(struct store *s, struct store **out) MUST_USE;
void store_close(struct store **s);
/* Look-ups of processes that have died no longer hold back pages. Each minute is often enough. */
void store_forget_readers(struct store *s);
/* The key from its file, which must be ours alone. Without a file one is made, but only where
 * `directory' holds no store that was written under a key: E_NO_KEY. E_KEY_MODE, E_IO. */
enum err store_key(const char *file, const char *directory, uint8_t key[STORE_KEY_SIZE]) MUST_USE;
/* True when there is a store in this folder that cannot be read without its key. */
bool store_needs_key(const char *directory);
/* True while new messages may be accepted, those of the open transaction counted. It turns false
 * while there is still room to finish everything that was accepted before. */
bool store_has_room(struct store *s);
/* The same for what stops a case: half of the room that is for nobody else. */
bool store_has_room_to_stop(struct store *s);

struct store_txn *store_begin(struct store *s);
enum err store_error(const struct store_txn *t); /* the first failure so far */
/* The only failure of the disk that is returned is E_STORE_FULL; after any other the process ends,
 * because what the disk then holds is only known after opening it again. */
enum err store_commit(struct store_txn **t) MUST_USE;
void store_abort(struct store_txn **t);

/* One message as the broker knows it: header facts, state, places in the log. No personal data. */
struct entry {
	uint64_t seq; /* order of acceptance, from 1 */
	struct header header;
	struct digest digest;
	uint32_t size;
	enum stage stage;
	int64_t at[STAGE_N]; /* when each stage was reached, 0: not */
	char code[32];	     /* of the last stage */
	struct digest by;    /* SHA-256 of the addressee's signed receipt, zero: none */
	uint32_t attempts;   /* deliveries offered, as far as was written down */
	/* Its addressee may know that it exists. What carries a consent token is shown no sooner
	 * than it is offered: before that it is not in its addressee's book. */
	bool shown;
};
/* What stops a case or says what came of it outlives the consent that its token speaks of. */
bool outlives_consent(enum action a);
/* When it is not offered any more: its expiry, or the end of its consent if that is sooner. */
int64_t entry_due(const struct entry *e);

enum accept_result { ACCEPT_NEW, ACCEPT_SAME, ACCEPT_CONFLICT };
/* NEW: entry, body and queue place are in the transaction and entry->seq is set. SAME and CONFLICT:
 * *entry is the first one. The id is bound to its sender for ever. The ACCEPTED statement is made
 * by store_state. After an earlier failure the answer is NEW and *entry is all zero. */
enum accept_result store_accept(struct store_txn *t, const struct verdict *v, struct bytes message,
	int64_t now, struct entry *entry);
/* Appends the statement as a leaf of the log and remembers to make its receipt in store_seal;
 * the entry's stage, time, code and `by' are set from it. With `notice' the sender (statement.from)
 * gets a notice of it as well. `extra' is the addressee's signed receipt or empty. Stages only go
 * forward: one that was reached, passed or cut off by a final one is the failure E_STATE. */
void store_state(struct store_txn *t, uint64_t seq, const struct statement *what, bool notice,
	struct bytes extra);
/* Once, after all steps: computes the root, has it signed as a checkpoint, makes and keeps the
 * receipt of every statement of this transaction. Nothing happens when there was none. */
typedef enum err store_signer(
	void *context, uint64_t size, const struct digest *root, struct buf *checkpoint);
void store_seal(struct store_txn *t, store_signer *sign, void *context);
/* The message leaves its addressee's queue (taken, ended, expired). */
void store_dequeue(struct store_txn *t, uint64_t seq);
/* Back into its addressee's queue, its stage unchanged; nothing happens when it is there. It was
 * taken once, so it does not expire. One that has ended is the failure E_STATE. */
void store_requeue(struct store_txn *t, uint64_t seq);
/* It was accepted, and is not offered before it is released: out of its addressee's queue, and back
 * into it. A held one expires, and store_dequeue lets go of it as well. Holding what has moved on
 * is the failure E_STATE; holding twice and releasing what is not held do nothing. */
void store_hold(struct store_txn *t, uint64_t seq, int64_t since);
void store_release(struct store_txn *t, uint64_t seq);
/* From now on it is in its addressee's book. Nothing happens when it is there. */
void store_show(struct store_txn *t, uint64_t seq);
/* The id of this entry was used again for other octets, what->digest: the statement becomes a leaf
 * of the log and store_seal makes its receipt. The first of an entry is a notice to the sender and
 * to the addressee. A digest that was stated before is not stated again. False: this entry has
 * STORE_CONFLICTS_MAX of them already, and nothing was done. */
bool store_conflict(struct store_txn *t, uint64_t seq, const struct statement *what) MUST_USE;
/* Writes down how often delivery has been offered. */
void store_attempts(struct store_txn *t, uint64_t seq, uint32_t attempts);
/* The body is no longer needed: it has ended, or is never offered again. */
void store_forget_body(struct store_txn *t, uint64_t seq);

/* Octets of this sender's messages that have not ended, and of the whole store. */
uint64_t store_share(struct store *s, struct store_txn *t, const struct party *from);
size_t store_size(const struct store *s);

/* ---- look-ups; E_NOT_FOUND, and E_DAMAGED for a record that is damaged ---- */
/* With a transaction they see what it has written, without one the last commit. Lists end early at
 * a damaged record: what stands behind it is not overtaken. A buf is emptied first. */
enum err store_find(struct store *s, struct store_txn *t, const struct party *from,
	const struct id *id, struct entry *out) MUST_USE;
/* By id alone, whoever sent it (for people and for TAKEN): the first if several senders used it. */
enum err store_find_id(
	struct store *s, struct store_txn *t, const struct id *id, struct entry *out) MUST_USE;
/* The entry with this id whose addressee is `to'; where several senders used the id, the one with
 * this digest, or else the first. */
enum err store_find_to(struct store *s, struct store_txn *t, const struct party *to,
	const struct id *id, const struct digest *digest, struct entry *out) MUST_USE;
enum err store_entry(
	struct store *s, struct store_txn *t, uint64_t seq, struct entry *out) MUST_USE;
enum err store_body(struct store *s, struct store_txn *t, uint64_t seq, struct buf *out) MUST_USE;
enum err store_receipt(struct store *s, struct store_txn *t, uint64_t seq, enum stage stage,
	struct buf *out) MUST_USE;
/* The receipt of the conflict between this entry and the digest that was offered under its id.
 * store_receipt with ST_CONFLICT gives that of the first one. */
enum err store_conflict_receipt(struct store *s, struct store_txn *t, uint64_t seq,
	const struct digest *offered, struct buf *out) MUST_USE;
/* The queue of an addressee: entries not yet taken with seq > after, in order. Returns how many. */
size_t store_queue(
	struct store *s, const struct party *to, uint64_t after, struct entry *out, size_t max);
/* The same of what stops a case: a queue of its own, that nothing stands before. */
size_t store_urgent(
	struct store *s, const struct party *to, uint64_t after, struct entry *out, size_t max);
/* Is it in one of the two? */
bool store_is_queued(struct store *s, struct store_txn *t, const struct entry *e);
/* What is held, with seq > after, in order. */
struct held {
	uint64_t seq;
	int64_t since;
};
size_t store_held(
	struct store *s, struct store_txn *t, uint64_t after, struct held *out, size_t max);
/* Since when this one is held; 0: it is not. */
int64_t store_held_since(struct store *s, struct store_txn *t, uint64_t seq);
uint64_t store_held_count(struct store *s, struct store_txn *t);
/* Notices of a party with number > after. */
struct notice {
	uint64_t number;
	uint64_t seq;
	enum stage stage;
};
size_t store_notices(
	struct store *s, const struct party *to, uint64_t after, struct notice *out, size_t max);
/* The number of its newest notice; 0: there was none. */
uint64_t store_last_notice(struct store *s, const struct party *to);
/* The addressee's signed receipt that came with a settlement. */
enum err store_extra(struct store *s, uint64_t seq, struct buf *out) MUST_USE;
/* Entries not yet taken whose expiry is at or before `now', oldest first: those behind `after',
 * which then stands at the last one. All zero, or NULL: from the first. */
struct due {
	int64_t at;
	uint64_t seq;
};
size_t store_expired(struct store *s, struct store_txn *t, int64_t now, struct due *after,
	uint64_t *seq, size_t max);
/* Newest first: entries with seq < before (0: from the newest). */
size_t store_recent(struct store *s, uint64_t before, struct entry *out, size_t max);
/* Entries of a conversation, in order of acceptance. */
size_t store_conversation(
	struct store *s, const struct id *conversation, struct entry *out, size_t max);

/* The book of a party: every message from or to it, once, whose header was created at or between
 * these instants, in order of that time. The element is book_element's of lib/book.h. Ends early
 * at a damaged record. */
typedef void store_book_visit(
	void *context, int64_t created, const struct digest *element, uint64_t seq);
void store_book(struct store *s, const struct party *p, int64_t since, int64_t until,
	store_book_visit *each, void *context);

/* ---- whole or damaged, copies, and what comes back from one ---- */
struct scrub {
	uint64_t records, damaged;
	char first[160]; /* the first damage in words; no personal data */
};
/* Reads everything that is stored, each record by its authentication and against the others, in
 * pieces, so that no piece holds back the writer for long. E_DAMAGED; *out is set either way. */
enum err store_scrub(struct store *s, struct scrub *out) MUST_USE;
/* A compact copy in a new folder, marked as restored, then opened and scrubbed as a whole. E_IO
 * (there is such a folder, or no room), E_DAMAGED. On failure no folder is left behind. */
enum err store_backup(struct store *s, const char *directory, struct scrub *out) MUST_USE;
/* A copy is put back: read from end to end where it lies, copied beside `directory', marked and
 * read again, and only then given that name. E_STATE: something is there already, which is never
 * written over. E_NOT_FOUND, E_IO, E_DAMAGED, E_VERSION; then nothing has that name. */
enum err store_put_back(const char *copy, const char *directory, const uint8_t key[STORE_KEY_SIZE],
	struct scrub *out) MUST_USE;
/* 1, and one more each time that a store marked as restored is opened. */
uint64_t store_generation(struct store *s);
bool store_is_restored(struct store *s); /* it is in a later generation than the first */
/* This entry was accepted before the present generation: more may have become of it than we know.
 */
bool store_is_from_before(const struct store *s, uint64_t seq);
/* The store in this folder is a copy that a person put back: it is marked, and no longer asked
 * whether it is as it was left. Like store_open without anything that takes disk. */
enum err store_restored(const char *directory, const uint8_t key[STORE_KEY_SIZE]) MUST_USE;
/* The next opening begins a new generation, if this one has not just done so. */
enum err store_mark_restored(struct store *s) MUST_USE;

struct recon_result {
	int64_t at;
	uint64_t elements, differences, mended, open;
	uint8_t fingerprint[16];
};
/* Have we compared books with this party in this generation? In the first one nobody has to. */
bool store_reconciled(struct store *s, struct store_txn *t, const struct party *p);
void store_set_reconciled(struct store_txn *t, const struct party *p, const struct recon_result *r);
/* The last one, of whichever generation. E_NOT_FOUND. */
enum err store_recon(struct store *s, const struct party *p, struct recon_result *out) MUST_USE;

/* What came of comparisons, day by day: of the whole book of a party (`from' and `to' are empty),
 * or of a channel, as this side of it has stated it, signed. The last COMPARED_DAYS days are kept,
 * and of a day what came last. */
#define COMPARED_DAYS 35
struct compared {
	uint16_t day; /* since 1970, UTC */
	int64_t at;
	bool equal;
	uint32_t elements, differences, mended, open;
};
void store_keep_compared(struct store_txn *t, const struct party *by, const struct party *from,
	const struct party *to, const struct compared *c);
/* In order of the days; returns how many. What cannot be read is not told. */
size_t store_compared(struct store *s, const struct party *by, const struct party *from,
	const struct party *to, struct compared out[COMPARED_DAYS]);

/* The last closing (lib/closing.h) of the channel from-to that this party has signed, and our
 * counter-signature. E_NOT_FOUND. */
void store_set_closing(struct store_txn *t, const struct party *by, const struct party *from,
	const struct party *to, struct bytes statement, struct bytes note);
enum err store_closing(struct store *s, struct store_txn *t, const struct party *by,
	const struct party *from, const struct party *to, struct buf *statement,
	struct buf *note) MUST_USE;

/* ---- consent ---- */
/* A consent is named by the id of its token and the office that took it (token.by). */

/* It was withdrawn, by the message `seq': for ever. What cannot be read was. */
void store_withdraw(struct store_txn *t, const struct consent_token *k, uint64_t seq, int64_t when);
bool store_is_withdrawn(struct store *s, struct store_txn *t, const struct consent_token *k);
/* The case of this token is frozen, as `who' wished: whatever is of it waits. */
void store_freeze(
	struct store_txn *t, const struct consent_token *k, const struct party *who, int64_t since);
void store_thaw(struct store_txn *t, const struct consent_token *k);
/* Is this message of a case that is frozen? Its token says so; what carries none is of every frozen
 * case of its conversation whose parties its own are. What cannot be read is. */
bool store_is_frozen(struct store *s, struct store_txn *t, const struct header *h);

/* Out of its queue, until store_resume (STOP_FROZEN) or for good (STOP_CONSENT, which is never
 * lifted); it expires like any other, and store_dequeue lets go of it. Of what has ended it is the
 * failure E_STATE. */
enum stop { STOP_NOT, STOP_FROZEN, STOP_CONSENT };
void store_stop(struct store_txn *t, uint64_t seq, enum stop why, int64_t since);
/* Into its queue, unless it is held, when it was frozen. */
void store_resume(struct store_txn *t, uint64_t seq);
enum stop store_stopped(struct store *s, struct store_txn *t, uint64_t seq, int64_t *since);
/* Numbers of the messages that carry a token of this consent, or are of this conversation, in
 * order, those > after. */
size_t store_of_token(struct store *s, struct store_txn *t, const struct consent_token *k,
	uint64_t after, uint64_t *seq, size_t max);
size_t store_of_case(struct store *s, struct store_txn *t, const struct id *conversation,
	uint64_t after, uint64_t *seq, size_t max);
/* It was made before the present generation began, as far as clocks agree: what we know of it may
 * be less than what was. */
bool store_is_made_before(const struct store *s, const struct header *h);

/* ---- who may speak (broker/standing.h) ---- */
/* STANDING_GOOD when nothing was ever decided; STANDING_CUT when it cannot be read. */
enum standing store_standing(struct store *s, struct store_txn *t, const struct party *p);
/* E_NOT_FOUND: nothing was ever decided. */
enum err store_decision(
	struct store *s, struct store_txn *t, const struct party *p, struct decision *out) MUST_USE;
void store_decide(struct store_txn *t, const struct party *p, const struct decision *d);
/* A certificate of this party, by SHA-256, that is not accepted here any more. What cannot be read
 * is barred. */
bool store_is_barred(
	struct store *s, struct store_txn *t, const struct party *p, const struct digest *cert);
/* E_NOT_FOUND: it is accepted. */
enum err store_barred(struct store *s, struct store_txn *t, const struct party *p,
	const struct digest *cert, struct decision *out) MUST_USE;
void store_bar(struct store_txn *t, const struct party *p, const struct digest *cert,
	const struct decision *d);

/* Both write a leaf of the log in the same transaction, whose place is set in *c. The next number
 * is set in *c. `document' is kept while the change waits. */
void store_add_change(struct store_txn *t, struct change *c, struct bytes document);
/* What became of it; its document is dropped. */
void store_end_change(struct store_txn *t, struct change *c);
/* `document' may be NULL. E_NOT_FOUND. */
enum err store_change(struct store *s, struct store_txn *t, uint64_t number, struct change *out,
	struct buf *document) MUST_USE;
/* Newest first, those with a number < before (0: from the newest). */
size_t store_changes(struct store *s, uint64_t before, struct change *out, size_t max);
/* Holds changes with a number > after, at most so many, against their leaves and these against the
 * root of the log. A number that is missing is bad. */
struct audit {
	uint64_t checked, before_leaves; /* the latter were made by a version without leaves */
	uint64_t last;			 /* number that was looked at last */
	uint64_t bad[20], n_bad;	 /* the first of them, and how many */
	bool with_leaf, more;
};
void store_audit(struct store *s, uint64_t after, size_t most, struct audit *out);

/* ---- revocation data ---- */
/* The newest item about each subject (an anchor, or a certificate): what an examiner said of it
 * (lib/revocation.h), and its DER. Numbers rise, also over a restored copy. */
struct revocation_item {
	uint64_t item;
	struct revocation_facts facts;
	int64_t taken; /* when it came to us, ms UTC */
};
/* In the place of the one about the same subject, under a new number (0 when something failed). */
void store_set_revocation(struct store_txn *t, const struct revocation_facts *f, struct bytes der,
	int64_t now, uint64_t *number);
/* The first item with number > after; `der' may be NULL. E_NOT_FOUND, E_DAMAGED. */
enum err store_next_revocation(struct store *s, struct store_txn *t, uint64_t after,
	struct revocation_item *out, struct buf *der) MUST_USE;
enum err store_revocation_about(struct store *s, struct store_txn *t, uint8_t kind,
	const struct digest *subject, struct revocation_item *out) MUST_USE;
uint64_t store_last_revocation(struct store *s); /* 0: there is none */

/* ---- epochs (fencing) and figures ---- */
/* 0 when there is none, the highest of all when it is damaged. The incarnation (NULL: not wanted)
 * is that of the process that said this epoch, zero when none is known. */
uint64_t store_epoch(struct store *s, struct store_txn *t, const struct party *p,
	const uint8_t key[32], struct id *incarnation);
void store_set_epoch(struct store_txn *t, const struct party *p, const uint8_t key[32], uint64_t e,
	const struct id *incarnation);
/* The newest trust list that was in force here: its version, 0 before the first; UINT64_MAX when
 * the store cannot tell. An older list must not come back, not even over a restart. */
uint64_t store_trust_version(struct store *s);
void store_set_trust_version(struct store_txn *t, uint64_t version);
struct store_figures {
	uint64_t messages, queued, log_size;
	uint64_t stage[STAGE_N];    /* messages whose last stage it is */
	uint64_t commits;	    /* since start */
	int64_t oldest_queued;	    /* ms of acceptance, 0: none */
	uint64_t withdrawn, frozen; /* consents, cases */
	uint64_t stopped;	    /* messages that wait in no queue for either */
	uint64_t aside;		    /* .. and for a person */
	size_t map_size, map_used;
};
void store_figures(struct store *s, struct store_figures *out);
size_t store_queue_depth(struct store *s, const struct party *to);
enum err store_checkpoint(struct store *s, struct buf *out) MUST_USE; /* the newest */
/* Consistency proof (lib/merkle.h) between the first `old' leaves of the log and its first `size'
 * as of the last commit. E_NOT_FOUND when it has not so many, E_DAMAGED. */
enum err store_prove_grown(struct store *s, uint64_t old, uint64_t size,
	struct digest proof[MERKLE_PROOF_MAX], size_t *n) MUST_USE;
/* The root of its first `size' leaves, as of the last commit. E_NOT_FOUND, E_DAMAGED. */
enum err store_log_root(struct store *s, uint64_t size, struct digest *out) MUST_USE;
uint64_t store_log_size(struct store *s); /* as of the last commit */
/* ---- who has handled a message, beside its stages ---- */
enum access_kind {
	ACCESS_SEEN,	 /* an administrator had it shown */
	ACCESS_EXPORTED, /* into a courier's bundle */
	ACCESS_JUDGED,	 /* examined once more */
	ACCESS_HELD,	 /* a legal hold was laid on it .. */
	ACCESS_RELEASED, /* .. and lifted */
	ACCESS_PURGED,	 /* its body was dropped by hand */
	ACCESS_N
};
struct access {
	enum access_kind kind;
	int64_t at;
	uint32_t uid;	       /* of the administrator; 0 also for what nobody did by hand */
	char by[OFFICER_SIZE]; /* his name, where officers are named */
};
/* The same by the same within a minute is kept once; of one message STORE_ACCESSES_MAX at most are
 * kept, the last place for the newest. */
#define STORE_ACCESSES_MAX 256
void store_add_access(struct store_txn *t, uint64_t seq, const struct access *a);
size_t store_accesses(
	struct store *s, struct store_txn *t, uint64_t seq, struct access *out, size_t max);

/* ---- retention ---- */
/* Why a body has left otherwise than at the end of its message. */
enum gone_why {
	GONE_RETAIN, /* its sender's RetainUntil has passed */
	GONE_LIFTED, /* it had ended, and a legal hold on it was lifted */
	GONE_HAND,   /* a person dropped it */
	GONE_N
};
const char *gone_word(enum gone_why why); /* "retain-until", "hold-lifted", "by-hand" */
struct gone {
	enum gone_why why;
	int64_t at;
	uint32_t uid;
	char by[OFFICER_SIZE];
	char reason[REASON_SIZE];
};
/* Drops it, and keeps why; a legal hold is the caller's to ask for. */
void store_drop_body(struct store_txn *t, uint64_t seq, const struct gone *g);
/* E_NOT_FOUND: it is here, or has left with its end. */
enum err store_gone(struct store *s, struct store_txn *t, uint64_t seq, struct gone *out) MUST_USE;
bool store_has_body(struct store *s, struct store_txn *t, uint64_t seq);
/* Numbers of the messages whose bodies are here, those > after, in order. */
size_t store_bodies(
	struct store *s, struct store_txn *t, uint64_t after, uint64_t *seq, size_t max);
/* Messages by number, those > after. */
size_t store_from(struct store *s, uint64_t after, struct entry *out, size_t max);

/* A legal hold keeps the body of a message, or of every message of a conversation, although it has
 * ended. Of each there is one; the newer replaces the older. It changes nothing about what is
 * offered to whom. */
struct legal_hold {
	int64_t since;
	uint32_t uid;
	char by[OFFICER_SIZE];
	char reason[REASON_SIZE];
};
struct legal_subject {
	bool is_case;
	struct id conversation; /* is_case .. */
	uint64_t seq;		/* .. or a message */
};
void store_legal_hold(
	struct store_txn *t, const struct legal_subject *of, const struct legal_hold *h);
void store_legal_lift(struct store_txn *t, const struct legal_subject *of);
enum err store_legal(struct store *s, struct store_txn *t, const struct legal_subject *of,
	struct legal_hold *out) MUST_USE;
/* Is this message held, by itself or with its conversation? What cannot be read holds. */
bool store_is_legally_held(
	struct store *s, struct store_txn *t, uint64_t seq, const struct id *conversation);
/* All holds, at most so many, those behind `after' (NULL: from the first). */
struct legal_item {
	struct legal_subject of;
	struct legal_hold hold;
};
size_t store_legal_holds(
	struct store *s, const struct legal_subject *after, struct legal_item *out, size_t max);

/* ---- real deletion ---- */
/* Overwrites what was deleted, where nobody looks at it any more (lib/lmdb_wipe.h): at most so many
 * octets. What the last commit has deleted comes within reach with the next one, which is made for
 * it here when `idle' says that there may be none. No transaction may be open. True: there is more
 * to do. */
bool store_wipe(struct store *s, size_t most, bool idle);
uint64_t store_commits(const struct store *s); /* since start */
uint64_t store_reads(const struct store *s);   /* records that were read since it was opened */

/* When the newest statement of the log was made; 0: there is none, or it is damaged. */
int64_t store_newest(struct store *s);

#include "broker/store_aside.h"

#endif
