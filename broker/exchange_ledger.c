/* SPDX-License-Identifier: EUPL-1.2
 *
 * A party asks who has handled a case. It is told of its own messages, and the office that took the
 * consent of all. A case that is none of its own looks like one that does not exist. An answer
 * costs some hundred look-ups, so a connection has one every two seconds, and some at once. */
#include "broker/exchange_parts.h"
#include "broker/ledger.h"

#define EVERY_MS INT64_C(2000)
#define AT_ONCE 15

void
exchange_asked_ledger(struct exchange *x, struct peer *p, const struct wire *w, int64_t tick)
{
	int64_t paid = p->ledger_paid > tick ? p->ledger_paid : tick;
	OWNED_BUF(lines) = {0};

	if (paid > tick + AT_ONCE * EVERY_MS) {
		promise_refusal(&x->promises, p->no, &w->id, E_BUSY);
		return;
	}
	p->ledger_paid = paid + EVERY_MS;
	ledger_lines(x->store, &trust_exchange(x->trust)->code, &w->id, &p->party, &lines);
	promise_ledger(&x->promises, p->no, &w->id, buf_bytes(&lines));
}
