/* SPDX-License-Identifier: EUPL-1.2
 *
 * Asking the exchange who has handled a case. One question at a time; nothing of it is kept. What
 * comes unasked, or about another case, is not heard. */
#include "lib/talk_parts.h"

#define ANSWER_MS 30000

static void
told(struct talk *t, enum err e, struct bytes lines)
{
	t->ledger_due = 0;
	if (t->fx.ledger != NULL)
		t->fx.ledger(t->fx.context, &t->ledger_of, e, lines);
}

enum err
talk_ledger_ask(struct talk *t, const struct id *conversation, int64_t now, int64_t tick)
{
	const struct wire w = {.verb = V_LEDGER, .id = *conversation};

	t->now = now;
	t->tick = tick;
	if (t->phase != PHASE_UP)
		return E_UNREACHABLE;
	if (t->ledger_due != 0)
		return E_BUSY;
	if (!talk_say(t, &w))
		return E_UNREACHABLE;
	t->ledger_of = *conversation;
	t->ledger_due = tick + ANSWER_MS;
	return E_OK;
}

static bool
is_of_question(const struct talk *t, const struct wire *w)
{
	return t->ledger_due != 0 && id_equal(&w->id, &t->ledger_of);
}

void
ledger_hear(struct talk *t, const struct wire *w)
{
	if (is_of_question(t, w))
		told(t, E_OK, w->extra);
}

bool
ledger_is_refused(struct talk *t, const struct wire *w)
{
	if (!is_of_question(t, w) || w->code != E_BUSY)
		return false;
	told(t, w->code, bytes_of(NULL, 0));
	return true;
}

void
ledger_tick(struct talk *t)
{
	if (t->ledger_due != 0 && t->tick > t->ledger_due)
		told(t, E_UNREACHABLE, bytes_of(NULL, 0));
}
