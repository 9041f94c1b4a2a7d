/* SPDX-License-Identifier: EUPL-1.2
 *
 * A message that the adapter dies of, each time that it works on it: a fault of a driver, or of a
 * library below it. Everything behind it would wait for ever. So the spool remembers what was under
 * work when a process ended without having said so; when that was the same message again and again,
 * it is set aside: nothing is done with it any more until a person tries it again or refuses it,
 * and the others go on. What was claimed stays claimed: the register may have it, and is asked
 * first.
 *
 * Facts: "runs" from the beginning to a clean end; "at-work/FROM/ID" while a message is worked on;
 * "died/FROM/ID/N", the Nth process that ended meanwhile; "aside/FROM/ID". A process that follows a
 * clean end notes nothing of its work, which therefore costs nothing; the first death of a row is
 * not counted for that. A lost database, a lock, a stop by signal are no deaths: then the work has
 * ended, with a code.
 *
 * A Cancellation can be set aside too; its case rests all the same, as long as it is not decided.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/core_parts.h"
#include "lib/log.h"

#define RUNS "runs"
#define AT_WORK "at-work/"
#define DIED "died/"
#define ASIDE "aside/"
/* Pieces of work that are noted by a process that follows a death: more than stand before any
 * message in one walk. */
#define CAREFUL 100000

/* ---- facts ---- */

static char *
fact_of(const char *kind, const struct party *from, const struct id *id)
{
	char text[ID_TEXT_SIZE];

	id_format(id, text);
	return xprintf("%s%s/%s", kind, from->code, text);
}

static bool
is_there(const struct core *c, const char *kind, const struct header *h)
{
	OWNED(char, name, free_chars) = fact_of(kind, &h->from, &h->id);
	OWNED_BUF(value) = {0};

	return spool_fact(c->o.spool, name, &value) == E_OK;
}

static enum err
mark(struct core *c, const char *kind, const struct header *h)
{
	OWNED(char, name, free_chars) = fact_of(kind, &h->from, &h->id);

	return spool_mark_fact(c->o.spool, name);
}

static enum err
drop(struct core *c, const char *kind, const struct header *h)
{
	OWNED(char, name, free_chars) = fact_of(kind, &h->from, &h->id);
	enum err e = spool_drop_fact(c->o.spool, name);

	return e == E_NOT_FOUND ? E_OK : e;
}

static char *
death_of(const struct header *h, size_t n)
{
	OWNED(char, name, free_chars) = fact_of(DIED, &h->from, &h->id);

	return n == 0 ? xprintf("%s/", name) : xprintf("%s/%zu", name, n);
}

size_t
core_deaths(const struct core *c, const struct in_entry *e)
{
	OWNED(char, all, free_chars) = death_of(&e->header, 0);

	return spool_count_facts(c->o.spool, all);
}

/* It has come to its end, or to a person. */
static enum err
forget(struct core *c, const struct in_entry *e)
{
	OWNED(char, all, free_chars) = death_of(&e->header, 0);

	if (spool_count_facts(c->o.spool, all) > 0)
		TRY(spool_drop_facts(c->o.spool, all));
	if (c->n_aside == 0)
		return E_OK;
	TRY(drop(c, ASIDE, &e->header));
	c->n_aside = spool_count_facts(c->o.spool, ASIDE);
	return E_OK;
}

/* ---- a process begins, and ends ---- */

struct named {
	size_t skip; /* octets of the kind */
	struct header *h;
	size_t n;
};

static bool
see_named(void *context, const char *key, struct bytes value)
{
	struct named *all = context;
	const char *slash = strchr(key + all->skip, '/');
	struct header h = {.has_key = false};
	char code[PARTY_SIZE], id[ID_TEXT_SIZE];

	(void)value;
	if (slash == NULL)
		return true;
	snprintf(id, sizeof id, "%s", slash + 1); /* the number of a death may follow */
	if (!id_parse(id, &h.id) ||
		snprintf(code, sizeof code, "%.*s", (int)(slash - key - (ptrdiff_t)all->skip),
			key + all->skip) >= (int)sizeof code ||
		!party_parse(code, &h.from))
		return true;
	all->h = xrealloc(all->h, (all->n + 1) * sizeof *all->h);
	all->h[all->n++] = h;
	return true;
}

static enum err
count_death(struct core *c, const struct in_entry *e)
{
	size_t n = core_deaths(c, e) + 1;
	OWNED(char, name, free_chars) = death_of(&e->header, n);

	TRY(spool_mark_fact(c->o.spool, name));
	log_message(
		LOG_ERROR, &e->header.id, "the adapter died while it worked on it times=%zu", n);
	if (n < c->aside_after)
		return E_OK;
	TRY(mark(c, ASIDE, &e->header));
	log_message(LOG_ERROR, &e->header.id,
		"set aside for a person code=%s: daftar-adapter inbox says what to do",
		err_word(E_ADAPTER_DIED));
	return E_OK;
}

/* The mark goes last: what is interrupted here is counted again. */
static enum err
look_at_dead(struct core *c, const struct header *h)
{
	struct in_entry e;
	enum err found = spool_in(c->o.spool, &h->from, &h->id, &e, NULL);

	if (found == E_OK && e.state < IN_DONE)
		TRY(count_death(c, &e));
	else if (found != E_OK && found != E_NOT_FOUND)
		return found;
	return drop(c, AT_WORK, h);
}

/* What has ended without us, by a comparison of books or a withdrawal. */
static enum err
look_at_aside(struct core *c, const struct header *h)
{
	struct in_entry e = {.header = *h};
	enum err found = spool_in(c->o.spool, &h->from, &h->id, &e, NULL);

	if (found == E_OK && e.state < IN_DONE)
		return E_OK;
	return found == E_OK || found == E_NOT_FOUND ? forget(c, &e) : found;
}

static enum err
each_named(
	struct core *c, const char *kind, enum err (*look)(struct core *c, const struct header *h))
{
	struct named all = {.skip = strlen(kind)};
	enum err e = spool_each_fact(c->o.spool, kind, see_named, &all);

	for (size_t i = 0; e == E_OK && i < all.n; i++)
		e = look(c, &all.h[i]);
	free(all.h);
	return e;
}

void
core_begin(struct core *c, size_t aside_after)
{
	OWNED_BUF(value) = {0};
	enum err e;

	c->aside_after = aside_after;
	e = each_named(c, AT_WORK, look_at_dead);
	c->n_aside = spool_count_facts(c->o.spool, ASIDE);
	if (e == E_OK)
		e = each_named(c, ASIDE, look_at_aside);
	if (e == E_OK)
		e = each_named(c, DIED, look_at_aside);
	if (spool_fact(c->o.spool, RUNS, &value) == E_OK || spool_count_facts(c->o.spool, DIED) > 0)
		c->careful = CAREFUL;
	if (e == E_OK)
		e = spool_mark_fact(c->o.spool, RUNS);
	if (e != E_OK)
		log_line(LOG_ERROR, "what the adapter died of is not counted code=%s", err_word(e));
}

void
core_end(struct core *c)
{
	if (c->aside_after > 0 && spool_drop_fact(c->o.spool, RUNS) != E_OK)
		log_line(LOG_WARNING, "the next start takes this end for a death");
}

/* ---- work ---- */

void
aside_begin_work(struct job *j)
{
	struct core *c = j->c;

	if (c->aside_after == 0 || c->careful == 0)
		return;
	c->careful--;
	c->noted = mark(c, AT_WORK, &j->in.header) == E_OK;
}

void
aside_end_work(struct job *j, bool done)
{
	struct core *c = j->c;
	enum err e;

	if (!c->noted)
		return;
	c->noted = false;
	e = done ? forget(c, &j->in) : E_OK;
	if (e == E_OK)
		e = drop(c, AT_WORK, &j->in.header);
	if (e != E_OK)
		log_message(LOG_WARNING, &j->in.header.id,
			"the next start takes it for what it died of code=%s", err_word(e));
}

bool
core_is_aside(const struct core *c, const struct in_entry *e)
{
	return c->n_aside > 0 && e->state < IN_DONE && is_there(c, ASIDE, &e->header);
}

size_t
core_count_aside(struct core *c)
{
	if (c->n_aside > 0 && each_named(c, ASIDE, look_at_aside) != E_OK)
		log_line(LOG_WARNING, "what is set aside cannot be counted");
	return c->n_aside;
}

/* Of one act that may have been entered by what is set aside: whose entry it is, its end tells. */
bool
aside_rests(const struct job *j)
{
	struct in_entry other = {0};

	if (j->c->n_aside == 0)
		return false;
	if (core_is_aside(j->c, &j->in))
		return true;
	while (j->in.header.has_key && j->in.state == IN_TAKEN &&
		spool_next_in(j->c->o.spool, IN_CLAIMED, other.order, &other, NULL) == E_OK)
		if (other.header.has_key && digest_equal(&other.header.key, &j->in.header.key) &&
			core_is_aside(j->c, &other))
			return true;
	return false;
}

/* ---- a person ---- */

/* The register may have it: then it is entered, and that is told instead. */
enum err
aside_refuse(struct job *j)
{
	if (j->in.header.action != A_TRANSCRIPTION_REQUEST &&
		j->in.header.action != A_CERTIFIED_EXTRACT)
		return E_ADAPTER_DIED;
	return j->in.header.action == A_CERTIFIED_EXTRACT ? extract_stop(j) : E_OK;
}

void
aside_forget(struct job *j)
{
	if (forget(j->c, &j->in) != E_OK)
		log_message(LOG_WARNING, &j->in.header.id, "it is still listed as set aside");
}

/* One more death, and it is set aside again. */
enum err
core_retry(struct core *c, const struct party *from, const struct id *id)
{
	struct in_entry e;

	TRY(spool_in(c->o.spool, from, id, &e, NULL));
	if (!core_is_aside(c, &e))
		return E_STATE;
	for (size_t n = core_deaths(c, &e); n > 0 && n >= c->aside_after; n--) {
		OWNED(char, name, free_chars) = death_of(&e.header, n);

		TRY(spool_drop_fact(c->o.spool, name));
	}
	TRY(drop(c, ASIDE, &e.header));
	c->n_aside = spool_count_facts(c->o.spool, ASIDE);
	c->careful = CAREFUL;
	log_message(LOG_NOTICE, id, "a person tries it again");
	return E_OK;
}
