/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was promised about ends, and holds over a restore of the exchange: an end does not change
 * unless the exchange has forgotten it, and not even then once its sender was told; what its sender
 * was told as ended without an answer is offered to nobody; what stands set aside is offered to
 * nobody, also when it stood so only in the copy; and nothing of before the restore is offered
 * before its sender was heard.
 *
 * So the only end that is lost is one that was in no copy and that no sender had heard of: nobody
 * is left who could say so, but the two officers. Such a message ends once more, in whichever way,
 * and its sender is told that end (history.c). */
#include <string.h>

#include "tests/sim/sim.h"

#define ENDS_MAX 512

struct ending {
	struct id id;
	struct party from;
	enum stage end;	 /* as the exchange announced it, 0: not, or forgotten since */
	enum stage told; /* as its sender has written it down, 0: not */
	bool by_hand;	 /* two officers have ended it */
};

static struct ending endings[ENDS_MAX];
static size_t n_endings;

void
ends_begin(void)
{
	n_endings = 0;
}

static struct ending *
ending_of(const struct party *from, const struct id *id)
{
	for (size_t i = 0; i < n_endings; i++)
		if (id_equal(&endings[i].id, id) && party_equal(&endings[i].from, from))
			return &endings[i];
	assert(n_endings < ENDS_MAX);
	endings[n_endings] = (struct ending){.id = *id, .from = *from};
	return &endings[n_endings++];
}

static const char *
short_id(const struct id *id)
{
	static char text[ID_TEXT_SIZE];

	id_format(id, text);
	return text + 24;
}

/* Stopped cases go their way anew after a restore: there may be something to stop. */
static bool
goes_anew(const struct header *h, enum stage before)
{
	return h->action == A_CANCELLATION && before == ST_WITHDRAWN;
}

void
ends_reached(const struct entry *e, enum stage s)
{
	struct ending *known = ending_of(&e->header.from, &e->header.id);

	if (known->end != 0)
		broken("resurrected after a final state", "..%s %s after %s", short_id(&known->id),
			stage_word(s), stage_word(known->end));
	if (!stage_final(s))
		return;
	if (known->told != 0 && known->told != s && !goes_anew(&e->header, known->told))
		broken("an end does not change", "..%s %s, and its sender was told %s",
			short_id(&known->id), stage_word(s), stage_word(known->told));
	known->end = s;
	known->by_hand =
		s == ST_DEAD_LETTER && (strcmp(e->code, err_word(E_RETURNED)) == 0 ||
					       strcmp(e->code, err_word(E_DISCARDED)) == 0);
	if (known->by_hand && world.lost_ends)
		world.count[F_RETURNED_AFTER]++;
}

/* It is in its sender's spool, which counts. */
void
ends_told(const struct statement *what)
{
	if (stage_final(what->stage) && !acting->retired)
		ending_of(&what->from, &what->id)->told = what->stage;
}

static void
count_forgotten(const struct ending *e)
{
	if (e->by_hand)
		world.count[e->told != 0 ? F_RETURN_FORGOTTEN : F_RETURN_UNHEARD]++;
	tell("has forgotten ..%s %s%s", short_id(&e->id), stage_word(e->end),
		e->told != 0 ? ", its sender knows" : "");
}

void
ends_restored(struct node *broker)
{
	struct entry e;

	world.lost_ends = true;
	for (size_t i = 0; i < n_endings; i++) {
		struct ending *known = &endings[i];

		if (known->end == 0 ||
			(store_find(broker->store, NULL, &known->from, &known->id, &e) == E_OK &&
				stage_final(e.stage)))
			continue;
		count_forgotten(known);
		known->end = 0;
	}
}

/* What the sender's own spool says, or said when its process was last seen. */
enum stage
ends_known_to_sender(const struct header *h)
{
	struct node *sender = node_at(place_of(&h->from)), *before = acting;
	struct out_entry o;
	enum stage s = ending_of(&h->from, &h->id)->told;

	if (!sender->up || sender->spool == NULL)
		return s;
	acting = sender;
	if (spool_out(sender->spool, &h->id, &o, NULL) == E_OK && o.state == OUT_ENDED)
		s = o.stage;
	acting = before;
	return s;
}

bool
ends_is_closed(enum stage s)
{
	return stage_final(s) && s != ST_COMMITTED && s != ST_REJECTED;
}

void
ends_offered(struct node *broker, const struct header *h)
{
	enum stage known = ends_known_to_sender(h);
	struct aside aside;
	struct entry e;

	if (ends_is_closed(known) && !goes_anew(h, known))
		broken("what was ended by hand or by time is offered to nobody",
			"..%s, and its sender knows %s", short_id(&h->id), stage_word(known));
	if (store_find(broker->store, NULL, &h->from, &h->id, &e) != E_OK)
		broken("receipt without store", "..%s is offered", short_id(&h->id));
	if (store_aside(broker->store, NULL, e.seq, &aside) == E_OK)
		broken("what is set aside is offered to nobody", "..%s", short_id(&h->id));
	if (h->action != A_CANCELLATION && store_is_from_before(broker->store, e.seq) &&
		!store_reconciled(broker->store, NULL, &h->from))
		broken("a restored exchange hears before it speaks",
			"..%s is offered before its sender was heard", short_id(&h->id));
}
