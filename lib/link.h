/* SPDX-License-Identifier: EUPL-1.2
 *
 * The peer's side of DXP/1: keeps one connection to the broker, says HELLO, sends what the spool
 * has filed, keeps receipts and notices, takes deliveries (examined before they are stored), tells
 * settlements. The rules are in lib/talk.h, this drives them; adapters and the officer's tool only
 * look at the spool and are called when something in it has changed. */
#ifndef DAFTAR_LINK_H
#define DAFTAR_LINK_H

#include "lib/examiner.h"
#include "lib/spool.h"
#include "lib/talk.h"
#include "lib/transport.h"

struct link;

struct link_options {
	const char *program; /* "daftar-adapter/0.1" */
	struct party self;
	const char *endpoint; /* tcp://host:port of the broker */
	struct curve_pair pair;
	const struct trust *trust; /* a loan; link_trust replaces it */
	uint64_t credit;	   /* deliveries that may be under way */
	/* A loan: signs the Receipt REJECTED for a delivery that fails its examination, and nothing
	 * else. May be NULL for a link that takes no deliveries. */
	const struct identity *identity;
	/* The line is slow, or every octet of it costs: asks for a thin one (lib/thin.h). */
	bool thin;
	uint64_t window; /* see peer_ask_thin */
	/* Octets that may pass, both ways together, on a thin line; 0: no bound. What does not fit
	 * is not begun, and `spent' is called before more has passed. */
	uint64_t budget;
};

/* Called from the loop; none of them may close the link. */
struct link_handlers {
	void *context;
	void (*up)(void *context);	/* WELCOME was received */
	void (*changed)(void *context); /* the spool's outbox or inbox has changed */
	void (*trust)(void *context, struct bytes list); /* the broker offers a newer trust list */
	/* A newer instance of this party has taken over: the link is down for good. May be NULL,
	 * as all others. */
	void (*fenced)(void *context);
	/* A comparison of books has ended. */
	void (*reconciled)(void *context, const struct recon_report *r);
	/* The budget is spent, but for what saying BYE takes. */
	void (*spent)(void *context);
	/* What came of link_ledger; see talk_effects. */
	void (*ledger)(
		void *context, const struct id *conversation, enum err e, struct bytes lines);
};

/* Takes the spool's link (E_LOCKED). `examiner' may be NULL for a link that takes no deliveries
 * (credit 0) and leaves notices that carry an addressee's word for later. The loop drives
 * everything from here. E_NO_TRUST when the list has no exchange. */
enum err link_open(struct event_base *base, const struct link_options *o, struct spool *spool,
	struct examiner *examiner, const struct link_handlers *h, struct link **out) MUST_USE;
void link_close(struct link **l); /* says BYE */
/* A newer trust list was checked and is in force. */
void link_trust(struct link *l, const struct trust *trust);
/* See talk_set_revocation. */
void link_set_revocation(struct link *l, const struct bytes *der, size_t n);
/* Look at the spool again: something was filed or done. */
void link_kick(struct link *l);
/* See talk_reconcile and talk_reconcile_with. */
void link_reconcile(struct link *l);
enum err link_reconcile_with(struct link *l, const struct talk_scope *s) MUST_USE;
/* See talk_log_compare and talk_log_acknowledge. */
enum err link_log_compare(struct link *l, struct bytes note) MUST_USE;
enum err link_log_acknowledge(struct link *l) MUST_USE;
/* See talk_ledger_ask. */
enum err link_ledger(struct link *l, const struct id *conversation) MUST_USE;
/* Something waits that would go beyond the budget. */
bool link_holds_back(const struct link *l);
/* What has passed since it was opened. */
void link_octets(const struct link *l, struct line_octets *out);
bool link_is_up(const struct link *l);
/* What HELLO says of this instance, for what is said beside the line (lib/bundle_peer.h). */
void link_instance(const struct link *l, uint64_t *epoch, struct id *incarnation);

#endif
