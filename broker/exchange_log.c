/* SPDX-License-Identifier: EUPL-1.2
 *
 * A party asks for the head of the log. A proof costs some dozens of look-ups, so a connection has
 * one a minute, and some more at once after it has begun.
 *
 * The head is signed anew: after a restore the newest checkpoint that is kept is of the generation
 * before, and would look as if the log had lost its end without a word. */
#include "broker/exchange_parts.h"

#define EVERY_MS INT64_C(60000)
#define AT_ONCE 7

/* Of what is committed; nothing else may be shown. */
static enum err
sign_head(struct exchange *x, uint64_t *size, struct buf *note)
{
	struct digest root;

	*size = store_log_size(x->store);
	if (*size == 0)
		return E_NOT_FOUND;
	TRY(store_log_root(x->store, *size, &root));
	return x->sign(x->sign_context, *size, &root, note);
}

void
exchange_asked_log(struct exchange *x, struct peer *p, const struct wire *w, int64_t tick)
{
	static const struct id none;
	int64_t paid = p->log_paid > tick ? p->log_paid : tick;
	OWNED_BUF(note) = {0};
	uint64_t size = 0;
	enum err e = E_BUSY;

	if (paid <= tick + AT_ONCE * EVERY_MS) {
		p->log_paid = paid + EVERY_MS;
		e = sign_head(x, &size, &note);
	}
	if (e == E_OK)
		promise_head(&x->promises, p->no, w, size, buf_bytes(&note));
	else
		promise_refusal(&x->promises, p->no, &none, e);
}
