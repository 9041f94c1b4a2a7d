/* SPDX-License-Identifier: EUPL-1.2
 *
 * A party's own durable memory (LMDB): what it has filed and what became of it, what it has taken
 * and what became of that. Nothing is sent before it is here, nothing is acknowledged before it is
 * here. Every call is one committed transaction unless it says otherwise. Several processes of one
 * user may open the same spool (the officer's tool does); one at a time may hold the link.
 *
 * Outbox life: FILED -> SENT (a broker's receipt is kept) -> DELIVERED -> ENDED (with stage and
 * code); REFUSED when the broker would not take it. Inbox life: TAKEN -> CLAIMED (work on the
 * register has begun: after a crash the register is asked, never redone blindly) -> DONE (our
 * signed Receipt message is kept and is being told to the broker) -> TOLD. WAITING: a registrar
 * decides. */
#ifndef DAFTAR_SPOOL_H
#define DAFTAR_SPOOL_H

#include "lib/receipt.h"

enum out_state { OUT_FILED, OUT_SENT, OUT_DELIVERED, OUT_ENDED, OUT_REFUSED, OUT_N };
enum in_state { IN_TAKEN, IN_WAITING, IN_CLAIMED, IN_DONE, IN_TOLD, IN_N };
const char *out_state_word(enum out_state s); /* "filed", "sent", ... */
const char *in_state_word(enum in_state s);

struct spool;

/* `directory' is created (0700) if missing; `map_size' 0 for the default of 256 MiB (all of it
 * taken from the disk at once, so that a full disk cannot hurt later). What begins work (filing,
 * taking) is refused when 80 % are used, or when what is unfinished could need the rest; what
 * finishes it may use all. The key of its MACs is the file `<directory>.key' beside it, which is
 * made with a new spool. E_IO; E_NO_KEY when a spool has lost its key, E_KEY_MODE when others may
 * read it; E_DAMAGED when it may have fallen back behind what it has said; E_SPOOL_FULL when the
 * disk has no room for it; E_VERSION when a newer daftar made it; E_LOCKED when this process has it
 * open already. Never use one after fork.
 */
enum err spool_open(const char *directory, size_t map_size, struct spool **out) MUST_USE;
void spool_close(struct spool **s);
/* Between these two every call is a step of one transaction: a step that fails leaves no trace, the
 * others are durable when spool_group_end has said E_OK and not before, so nothing may be promised
 * to anybody in between. For a backlog; other processes wait meanwhile. E_SPOOL_FULL at the end:
 * none was kept. */
enum err spool_group(struct spool *s) MUST_USE;
enum err spool_group_end(struct spool *s) MUST_USE;
/* Instead of the end: nothing of it was ever there. */
void spool_group_drop(struct spool *s);
/* More room: a map of at least so many octets, taken from the disk at once, for good. Other
 * processes that have the spool open see it grow. E_SPOOL_FULL when the disk has no room for it,
 * and everything is as it was. Not within a group. */
enum err spool_grow(struct spool *s, size_t map_size) MUST_USE;
/* The room that `more' messages of about `each' octets need, with what each of them owes and with
 * what is there already; a map of that size takes them all. */
enum err spool_room_for(struct spool *s, size_t more, size_t each, size_t *map_size) MUST_USE;
/* One process at a time speaks to the broker for this spool; raises and stores the epoch (which
 * begins with the time at which the spool was made). E_LOCKED when another process holds it. */
enum err spool_take_link(struct spool *s, uint64_t *epoch) MUST_USE;
void spool_give_link(struct spool *s);

/* ---- outbox ---- */
struct out_entry {
	uint64_t order; /* of filing, from 1 */
	struct header header;
	struct digest digest;
	enum out_state state;
	enum err code;	  /* why refused (or put off) or how it ended, E_OK otherwise */
	char reason[32];  /* the addressee's code, of a COMMITTED end too; "" none */
	enum stage stage; /* last stage told by the broker */
	int64_t filed, sent, delivered, ended; /* ms, 0: not yet */
	uint32_t attempts;		       /* how often the broker has put it off */
	bool body;			       /* the message itself is still kept */
};
/* The next number of the channel to `to', durable before it is returned: `now', or the last one and
 * 1 where that is more. It rises and counts nothing: what never reaches `to' leaves no gap. */
enum err spool_next_seq(
	struct spool *s, const struct party *to, int64_t now, uint64_t *seq) MUST_USE;
/* E_SPOOL_FULL, E_CONFLICT (same id, other bytes); E_OK for the same again. */
enum err spool_file(struct spool *s, struct bytes message, int64_t now) MUST_USE;
/* The same for a message that was composed just now with this header, which then is not read out of
 * it again. E_STATE when its id is there. */
enum err spool_file_made(
	struct spool *s, const struct header *h, struct bytes message, int64_t now) MUST_USE;
/* Files several messages and settles an inbox entry (see spool_done) in one transaction: what an
 * adapter answers and the fact that it has answered cannot come apart. `in' may be NULL. */
struct spool_done {
	struct id id;
	struct party from;
	struct bytes receipt; /* our signed Receipt message */
	/* How it ended, NULL: as spool_note has said. In the same transaction, because what was
	 * noted before (that the register is being asked to enter) counts until then. */
	const char *note;
	enum err code;
};
enum err spool_file_all(struct spool *s, const struct bytes *message, size_t n,
	const struct spool_done *in, int64_t now) MUST_USE;
/* Keeps the broker's receipt (ACCEPTED); E_NOT_FOUND. The receipt was verified by the caller. */
enum err spool_sent(
	struct spool *s, const struct id *id, struct bytes receipt, int64_t now) MUST_USE;
/* The broker will never take it. E_STATE when a receipt proves that it has; what was filed anew
 * goes back to what its receipts prove. */
enum err spool_refused(struct spool *s, const struct id *id, enum err code, int64_t now) MUST_USE;
/* The broker could not take it just now: counted, with its reason; it stays FILED. */
enum err spool_put_off(struct spool *s, const struct id *id, enum err code) MUST_USE;
/* A notice (CONFIRM) with its number: keeps receipt and the addressee's signed receipt, moves the
 * state forward only, and remembers the greatest number, in one transaction. A repeat changes
 * nothing, and notices for unknown ids count as kept. */
enum err spool_notice(struct spool *s, uint64_t number, const struct statement *what,
	struct bytes receipt, struct bytes addressee_receipt, int64_t now) MUST_USE;
uint64_t spool_last_notice(struct spool *s);
/* Next entry in state FILED after `after' (NULL: the first), oldest first. E_NOT_FOUND at the end.
 * `message' may be NULL: only its id.
 * An entry that was filed anew stands where it stood, before everything that was filed after it.
 * `message' is filled with the bytes. E_IO, with *id set, for one that is damaged on disk. */
enum err spool_next_to_send(
	struct spool *s, const struct id *after, struct id *id, struct buf *message) MUST_USE;
/* The next Cancellation in state FILED whose order is greater than `after' (0: the first), for what
 * goes before everything else. E_NOT_FOUND at the end; E_IO, with out->order and the id set, for
 * one that is damaged on disk. */
enum err spool_next_urgent_out(
	struct spool *s, uint64_t after, struct out_entry *out, struct buf *message) MUST_USE;
/* Before anything of it can leave, by line or by courier: from now until the link is given back
 * whatever is filed may be in other hands. Not again while it holds. */
enum err spool_offer(struct spool *s) MUST_USE;
/* FILED, and never offered to anybody: it becomes REFUSED with E_DROPPED, its body goes. E_STATE
 * for what may have left, for what stops a case, and in a restored copy. E_NOT_FOUND. */
enum err spool_take_back(struct spool *s, const struct id *id, int64_t now) MUST_USE;
bool spool_may_have_left(struct spool *s, uint64_t order); /* of an entry that is FILED */
/* What is REFUSED is FILED again, in its old place, with the same octets; of what is FILED it is
 * forgotten how often it was put off. E_STATE when its body is not kept, or it is further on.
 * Whether that makes sense is the caller's to know. E_NOT_FOUND. */
enum err spool_ask_again(struct spool *s, const struct id *id) MUST_USE;
/* Ends every entry with this consent token (its id, and the office that signed it) that the broker
 * has not accepted: they become REFUSED with this code and are never sent. Cancellations stay. */
enum err spool_end_unsent(
	struct spool *s, const struct consent_token *token, enum err code, int64_t now) MUST_USE;
/* `message' may be NULL; it is empty when the body is not kept any more. */
enum err spool_out(
	struct spool *s, const struct id *id, struct out_entry *out, struct buf *message) MUST_USE;
enum err spool_out_at(struct spool *s, uint64_t order, struct out_entry *out) MUST_USE;
/* What is kept as evidence for an outgoing message: kind "ACCEPTED", "DELIVERED", "ENDED" (the
 * broker's receipts), "ADDRESSEE" (the addressee's signed receipt) or "CONFLICT" (the broker's word
 * that somebody used its id for other bytes). */
enum err spool_evidence(
	struct spool *s, const struct id *id, const char *kind, struct buf *out) MUST_USE;
/* Calls `each' for every entry, oldest first, inside one read transaction; stops when it says
 * false. */
typedef bool spool_out_visit(void *context, const struct out_entry *e);
enum err spool_each_out(struct spool *s, spool_out_visit *each, void *context) MUST_USE;

/* ---- inbox ---- */
struct in_entry {
	uint64_t order; /* of taking, from 1; two senders may use one id, so walks go by this */
	struct header header;
	struct digest digest;
	enum in_state state;
	enum err code; /* how it ended */
	char note[64]; /* entry number or reason code, never personal data */
	int64_t taken, done;
	uint32_t attempts; /* how often work on the register was begun */
	enum stage stage;  /* how it ended, ST_ACCEPTED while it has not */
	bool body;	   /* the message itself is still kept */
};
/* E_OK for a new message and for the same again (`again' is set); E_CONFLICT for the same sender
 * and id with other bytes. Durable when it returns. */
enum err spool_take(struct spool *s, struct bytes message, int64_t now, bool *again) MUST_USE;
/* Several deliveries in one transaction, for a backlog: all are kept or none. */
struct spool_delivery {
	struct bytes message;
	bool again; /* filled in: it was here before */
};
enum err spool_take_all(
	struct spool *s, struct spool_delivery *list, size_t n, int64_t now) MUST_USE;
/* `message' may be NULL; it is empty when the body is not kept any more. */
enum err spool_in(struct spool *s, const struct party *from, const struct id *id,
	struct in_entry *out, struct buf *message) MUST_USE;
enum err spool_in_at(struct spool *s, uint64_t order, struct in_entry *out) MUST_USE;
enum err spool_wait(struct spool *s, const struct party *from, const struct id *id) MUST_USE;
enum err spool_claim(struct spool *s, const struct party *from, const struct id *id) MUST_USE;
/* Note and code to go with the end; then spool_file_all settles it. */
enum err spool_note(struct spool *s, const struct party *from, const struct id *id, enum err code,
	const char *note) MUST_USE;
/* The broker has confirmed SETTLED. */
enum err spool_told(struct spool *s, const struct party *from, const struct id *id) MUST_USE;
/* Next entry in the given state whose order is greater than `after' (0: the first), oldest first;
 * `message' may be NULL. E_NOT_FOUND at the end. */
enum err spool_next_in(struct spool *s, enum in_state state, uint64_t after, struct in_entry *out,
	struct buf *message) MUST_USE;
/* The same for Cancellations in every state before TOLD; `message' may be NULL. */
enum err spool_next_urgent_in(
	struct spool *s, uint64_t after, struct in_entry *out, struct buf *message) MUST_USE;
/* Our signed Receipt message of a DONE or TOLD entry. */
enum err spool_answer(
	struct spool *s, const struct party *from, const struct id *id, struct buf *out) MUST_USE;
typedef bool spool_in_visit(void *context, const struct in_entry *e);
enum err spool_each_in(struct spool *s, spool_in_visit *each, void *context) MUST_USE;

/* ---- comparing and mending ---- */
/* Our book: everything in the outbox that the broker has accepted and everything in the inbox, by
 * the time at which it was made (since <= created < until; INT64_MIN and INT64_MAX: no bound), then
 * by element. An element is the digest of what is open, and of what has ended SHA-256(digest, word
 * of the stage). */
typedef void spool_book_visit(
	void *context, int64_t created, const struct digest *element, bool out, uint64_t order);
enum err spool_book(struct spool *s, int64_t since, int64_t until, spool_book_visit *each,
	void *context) MUST_USE;
/* The broker has lost it: SENT, DELIVERED or ENDED becomes FILED again, in its old place; receipts
 * stay, and so does an end. E_NOT_FOUND; E_STATE when the broker had refused it or the body is not
 * kept any more. */
enum err spool_refile(struct spool *s, const struct id *id) MUST_USE;
/* The broker has lost our answer: TOLD becomes DONE again. E_NOT_FOUND; E_STATE when it has not
 * been answered or the answer is not here. */
enum err spool_retell(struct spool *s, const struct party *from, const struct id *id) MUST_USE;
/* What the exchange proves that we had: made anew without a body, or moved forward. The proof was
 * verified by the caller. E_CONFLICT when we hold other bytes under that id; E_STATE when we hold
 * another end; E_SPOOL_FULL for what is made anew while half of the map is used. The numbers of the
 * channel go on behind an adopted one. */
enum err spool_adopt_out(struct spool *s, const struct header *h, const struct digest *d,
	const struct statement *what, struct bytes receipt, struct bytes addressee_receipt,
	int64_t now) MUST_USE;
/* The same for what we had taken and ended (`stage' is an end): it becomes TOLD. E_STATE also while
 * it is CLAIMED: the register may have it, and says how it ends. */
enum err spool_adopt_in(struct spool *s, const struct header *h, const struct digest *d,
	enum stage stage, const char *code, int64_t now) MUST_USE;

/* ---- keeping ---- */
/* How long the bodies of what has ended are kept, ms; 35 days until it is said. */
void spool_keep(struct spool *s, int64_t ms);
/* How much room is kept back for what each unfinished entry may still need, octets: receipts for
 * one that was filed (36 KiB until it is said), answers with their receipts for one that was taken
 * (112 KiB). A party whose answers are of other sizes says so before it takes a long backlog. */
void spool_owe(struct spool *s, size_t out, size_t in);
/* The spool is more than half full, and with one more message of so many octets this sender's
 * unfinished ones would take more than 40 % of it: others need room too. */
bool spool_crowded(struct spool *s, const struct party *from, size_t more);
/* Drops the bodies of what has ended longer ago than that, or whose RetainUntil has passed, and the
 * oldest ended ones first while more than 60 % of the map are used. Filing and taking do so before
 * they say SPOOL-FULL. Ids, digests, states, our answers and all evidence stay for ever. */
enum err spool_sweep(struct spool *s, int64_t now) MUST_USE;
/* Drops the bodies of every entry of the case; with `keep_open', not of those that have not ended.
 * Those of what is still to be sent, or to be worked on, of Cancellations, and of outcomes that
 * have not ended stay in any case. Ids, digests, states, our answers and all evidence stay. The
 * outcomes that were kept of the case go too. */
enum err spool_erase(struct spool *s, const struct id *conversation, bool keep_open) MUST_USE;
/* Overwrites in the file what was deleted by this process: bodies, and facts that were dropped. The
 * same for whatever is left there when it has taken the link. Sweeping does it as well. What
 * somebody else still looks at is overwritten another time. */
enum err spool_wipe(struct spool *s) MUST_USE;
/* Reads every record against its MAC and everything against everything else. E_DAMAGED, with the
 * first fault in words in `first'. Works beside other processes that use the spool. */
struct spool_scrub {
	uint64_t records, damaged;
	char first[160];
};
enum err spool_scrub(struct spool *s, struct spool_scrub *out) MUST_USE;
/* A whole copy, as of one moment, in the new folder `directory' (with its key beside it), marked as
 * restored and scrubbed before it counts. E_IO when the folder is there already. */
enum err spool_backup(struct spool *s, const char *directory, struct spool_scrub *out) MUST_USE;
/* True from the opening of such a copy until spool_set_reconciled: what it holds is not the whole
 * truth before it has been compared with the exchange. */
bool spool_is_restored(struct spool *s);
enum err spool_set_reconciled(struct spool *s) MUST_USE;
/* This copy speaks for its party from now on: whatever was made from the same spool before `now'
 * (ms UTC) is fenced off when this one has spoken, and this one compares books first. For a person
 * who knows that the other is gone. E_LOCKED while somebody holds the link. */
enum err spool_take_over(struct spool *s, int64_t now) MUST_USE;

/* ---- small facts ---- */
/* What is kept of an outcome that was taken: the body, under the message's id. */
#define SPOOL_OUTCOMES "outcome/"
/* Named facts of a party (an officer's draft, a case's file name, the newest trust list): at most
 * 256 KiB, key at most 200 octets. Setting one begins work: E_SPOOL_FULL before all is used.
 * E_NOT_FOUND. */
enum err spool_set_fact(struct spool *s, const char *key, struct bytes value) MUST_USE;
enum err spool_fact(struct spool *s, const char *key, struct buf *out) MUST_USE;
/* Calls `each' for every fact whose key begins with `prefix', in the order of the keys. */
typedef bool spool_fact_visit(void *context, const char *key, struct bytes value);
enum err spool_each_fact(
	struct spool *s, const char *prefix, spool_fact_visit *each, void *context) MUST_USE;
/* Gives a fact another name; what stood there is replaced. Finishes work. E_NOT_FOUND. */
enum err spool_move_fact(struct spool *s, const char *from, const char *to) MUST_USE;
/* A fact without a value; stays as it is when it is there. Finishes work. */
enum err spool_mark_fact(struct spool *s, const char *key) MUST_USE;
enum err spool_drop_fact(struct spool *s, const char *key) MUST_USE; /* finishes work too */
/* Every fact whose key begins with `prefix', in one step. */
enum err spool_drop_facts(struct spool *s, const char *prefix) MUST_USE;
size_t spool_count_facts(struct spool *s, const char *prefix);
/* Counts for status lines. */
struct spool_counts {
	uint64_t out[OUT_N];
	uint64_t in[IN_N];
	size_t map_size, map_used;
};
enum err spool_count(struct spool *s, struct spool_counts *out) MUST_USE;

#endif
