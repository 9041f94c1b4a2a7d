/* SPDX-License-Identifier: EUPL-1.2
 *
 * A party asks for the head of the log. A proof costs some dozens of look-ups, so a connection has
 * one a minute, and some more at once after it has begun. */
#include "broker/exchange_parts.h"

#define EVERY_MS INT64_C(60000)
#define AT_ONCE 7

void
exchange_asked_log(struct exchange *x, struct peer *p, const struct wire *w, int64_t tick)
{
	static const struct id none;
	int64_t paid = p->log_paid > tick ? p->log_paid : tick;

	if (paid > tick + AT_ONCE * EVERY_MS) {
		promise_refusal(&x->promises, p->no, &none, E_BUSY);
		return;
	}
	p->log_paid = paid + EVERY_MS;
	promise_head(&x->promises, p->no, w->number, w->resume);
}
