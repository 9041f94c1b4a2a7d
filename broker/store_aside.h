/* SPDX-License-Identifier: EUPL-1.2
 *
 * The part of broker/store.h, which includes it, that is about what people do with messages and
 * channels: what is set aside, which channels are closed, and whether anything new is taken. */
#ifndef DAFTAR_STORE_ASIDE_H
#define DAFTAR_STORE_ASIDE_H

#include "broker/store.h"

/* ---- set aside ---- */
/* A message that waits for a person: out of its addressee's queue, its stage unchanged. It expires,
 * is compared and is withdrawn like any other, and store_dequeue lets go of it. Held, stopped and
 * set aside are three conditions: it is queued when none of them holds. */
struct aside {
	int64_t since;
	char code[32];	       /* the word of E_NOT_TAKEN or E_ASIDE */
	uint32_t uid;	       /* of the person; 0 also for the exchange itself */
	char by[OFFICER_SIZE]; /* "": by itself */
	char reason[REASON_SIZE];
};
/* Of what has ended it is the failure E_STATE; twice does nothing. */
void store_set_aside(struct store_txn *t, uint64_t seq, const struct aside *a);
/* Into its queue, unless it is held or stopped. Nothing happens when it is not set aside. With
 * `retry' it is remembered that this is another try. */
void store_unset_aside(struct store_txn *t, uint64_t seq, bool retry, int64_t now);
/* E_NOT_FOUND: it is not set aside. */
enum err store_aside(
	struct store *s, struct store_txn *t, uint64_t seq, struct aside *out) MUST_USE;
/* Numbers of what is set aside, those > after, in order. */
size_t store_asides(
	struct store *s, struct store_txn *t, uint64_t after, uint64_t *seq, size_t max);
uint64_t store_aside_count(struct store *s, struct store_txn *t);
/* An earlier one of its conversation, to the same addressee, is set aside: it must not overtake. */
bool store_is_behind_aside(struct store *s, struct store_txn *t, const struct id *conversation,
	const struct party *to, uint64_t seq);
/* Raised by each commit that has set something aside, or has let go of something. */
uint64_t store_aside_changes(const struct store *s);

/* What became of the last try with this code: of `n' that were put back at once `taken' have
 * reached their addressee, and `again' are set aside again; the others are under way. E_NOT_FOUND:
 * there was none. */
struct retried {
	int64_t at;
	uint64_t n, taken, again;
};
enum err store_retried(
	struct store *s, struct store_txn *t, const char *code, struct retried *out) MUST_USE;

/* ---- channels ---- */
/* Nothing new is taken from `from' for `to'. What cannot be read is closed. */
bool store_is_closed(
	struct store *s, struct store_txn *t, const struct party *from, const struct party *to);
/* The last decision about it: STANDING_SUSPENDED is closed, STANDING_GOOD is open again.
 * E_NOT_FOUND: none was ever made, and it is open. */
enum err store_closed(struct store *s, struct store_txn *t, const struct party *from,
	const struct party *to, struct decision *out) MUST_USE;
void store_set_closed(struct store_txn *t, const struct party *from, const struct party *to,
	const struct decision *d);

/* ---- draining ---- */
/* Nothing new is taken at all; what was accepted is finished. */
bool store_is_draining(struct store *s, struct store_txn *t);
enum err store_drain(struct store *s, struct store_txn *t, struct decision *out) MUST_USE;
void store_set_drain(struct store_txn *t, const struct decision *d); /* as store_set_closed */

#endif
