/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the exchange had ended, told us, and forgotten in a restore, it is shown: its own receipt,
 * and the addressee's where he had answered. It knows its signature, and ends the message the same
 * way before anybody is offered it again. Only of what we have sent: of what we have taken we keep
 * our own answer, and say that. What stops a case is said again instead, and goes its way anew. */
#include "lib/talk_parts.h"

#include "lib/trust.h"

static bool
has_forgotten(enum difference d)
{
	return d == DIFF_END_FORGOTTEN || d == DIFF_CLOSED_IS_OPEN;
}

bool
show_can(struct talk *t, const struct mine *m, enum difference d)
{
	OWNED_BUF(receipt) = {0};
	struct receipt proof;

	return m->send && has_forgotten(d) && m->header.action != A_CANCELLATION &&
	       spool_evidence(t->spool, &m->header.id, "ENDED", &receipt) == E_OK &&
	       receipt_verify(buf_bytes(&receipt), trust_log_name(t->o.trust),
		       trust_log_key(t->o.trust), &proof) == E_OK &&
	       proof.what.stage == m->ended && digest_equal(&proof.what.digest, &m->digest);
}

static void
add(struct talk *t, struct recon_list *list, const struct recon_name *n)
{
	struct recon_receipt item = {.key = {.from = n->header.from, .id = n->header.id}};
	OWNED_BUF(receipt) = {0};
	OWNED_BUF(answer) = {0};
	struct mine mine;

	judge_mine(t, &item.key, &mine);
	if (spool_evidence(t->spool, &item.key.id, "ENDED", &receipt) != E_OK)
		return;
	(void)!spool_evidence(t->spool, &item.key.id, "ADDRESSEE", &answer);
	item.stage = mine.ended;
	item.receipt = buf_bytes(&receipt);
	if (item.stage == ST_COMMITTED || item.stage == ST_REJECTED)
		item.addressee_receipt = buf_bytes(&answer);
	recon_list_receipt(list, &item);
}

bool
show_forgotten(struct talk *t)
{
	struct run *r = &t->recon.run;
	struct recon head = r->head;
	struct recon_list list;
	size_t n = 0;

	head.kind = RECON_RECEIPTS;
	head.session = 0; /* an exchange that knows no such thing refuses it, which ends nothing */
	recon_list_begin(&list, &head, NULL, recon_say_body, t);
	for (size_t i = 0; i < r->n_named; i++)
		if (r->named[i].shown) {
			add(t, &list, &r->named[i].name);
			n++;
		}
	if (n > 0)
		return recon_list_end(&list);
	buf_free(&list.body);
	return true;
}
