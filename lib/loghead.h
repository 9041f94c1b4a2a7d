/* SPDX-License-Identifier: EUPL-1.2
 *
 * Heads of the exchange's log: its signed checkpoints, as its parties know them. A log that only
 * grows gives heads of which each later one contains every earlier one; whoever holds two that do
 * not fit together holds the proof that the exchange has told two stories. Pure, but for the fact
 * of a spool in which a party keeps the newest head that it has verified. */
#ifndef DAFTAR_LOGHEAD_H
#define DAFTAR_LOGHEAD_H

#include "lib/merkle.h"
#include "lib/spool.h"
#include "lib/trust.h"

/* Facts of the spool: the newest verified head; pairs of heads that do not fit, until a person has
 * acknowledged them (behind "alarm/", lib/talk.h), and after it; the last head of a generation and
 * the first of the next, behind it the number of that. */
#define LOG_HEAD_FACT "log/head"
#define LOG_FORKED_ALARMS "alarm/forked/"
#define LOG_FORKED_FACTS "log/forked/"
#define LOG_GENERATION_FACTS "log/generation/"

struct log_head {
	struct checkpoint at; /* size 0: none is known */
	char note[CHECKPOINT_MAX + 1];
};

/* Verifies a note with the log's name and key of the trust list. E_CHECKPOINT. */
enum err log_head_read(struct bytes note, const struct trust *trust, struct log_head *out) MUST_USE;
/* That the log of `next' begins with that of `known': by `proof' (RFC 9162 section 2.1.4, hashes of
 * 32 octets one behind the other), or because they are one. A later generation (the log was
 * restored) follows any earlier one, without a proof. E_LOG_FORKED: it does not. */
enum err log_head_follows(
	const struct log_head *known, const struct log_head *next, struct bytes proof) MUST_USE;
/* Same generation, same size, other root: proof against the exchange that anyone can check. */
bool log_heads_contradict(const struct log_head *a, const struct log_head *b);
/* Two notes as one text, and back; what is not exactly two notes is E_MALFORMED. */
void log_pair_compose(const struct log_head *a, const struct log_head *b, struct buf *out);
enum err log_pair_split(struct bytes pair, struct bytes *a, struct bytes *b) MUST_USE;
/* The note of the newest verified head in this spool. E_NOT_FOUND. */
enum err log_head_note(struct spool *s, struct buf *out) MUST_USE;

/* Pairs that do not fit and were not acknowledged. */
size_t log_forks(struct spool *s);
/* A person has seen them: they move to LOG_FORKED_FACTS, the head with them, and the log is
 * believed from what it shows next. E_NOT_FOUND: there is none. */
enum err log_acknowledge(struct spool *s) MUST_USE;

#endif
