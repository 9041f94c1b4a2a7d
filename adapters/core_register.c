/* SPDX-License-Identifier: EUPL-1.2
 *
 * The register's own book beside ours. A register that was restored from an older copy has lost
 * entries that the spool knows it made; a spool that was restored does not know entries that the
 * register has. Both are found by the key under which each act is entered.
 *
 * Entering a lost act again is safe to interrupt anywhere: the key keeps it single, and the fact
 * "register/again/KEY" says that a number other than the one that was told is our own doing. */
#include <stdlib.h>
#include <string.h>

#include "adapters/core_parts.h"
#include "lib/log.h"

struct mark {
	struct digest key;
	char number[64];
	bool seen;
};

/* Settled here, and not in the register, or there under another number. */
struct lost {
	struct party from;
	struct id id;
	char number[64];
};

struct comparison {
	struct core *c;
	struct mark *mark;
	size_t n_mark;
	struct lost *lost;
	size_t n_lost;
	register_visit *each;
	void *context;
	struct register_report *report;
};

static void
comparison_free(struct comparison *k)
{
	free(k->mark);
	free(k->lost);
}

static void
tell(const struct comparison *k, const char *word, const struct id *message, const char *number)
{
	if (message != NULL)
		log_message(LOG_NOTICE, message, "register: %s", word);
	if (k->each != NULL)
		k->each(k->context, word, message, number);
}

/* ---- the register's book ---- */

static void
take_mark(
	void *context, const struct digest *key, const struct made *made, const struct id *message)
{
	struct comparison *k = context;
	struct mark *m;

	(void)message;
	if ((k->n_mark & (k->n_mark - 1)) == 0) /* room doubles at each power of two */
		k->mark = xrealloc(k->mark, (k->n_mark * 2 + 1) * sizeof *k->mark);
	m = &k->mark[k->n_mark++];
	memset(m, 0, sizeof *m);
	m->key = *key;
	memcpy(m->number, made->entry_number, sizeof m->number);
}

static int
by_key(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	return memcmp(x->key.octet, y->key.octet, DIGEST_SIZE);
}

static struct mark *
find_mark(const struct comparison *k, const struct digest *key)
{
	struct mark wanted = {.key = *key};

	return k->n_mark == 0 ? NULL : bsearch(&wanted, k->mark, k->n_mark, sizeof wanted, by_key);
}

/* ---- our book ---- */

static char *
again_name(const struct digest *key)
{
	char text[DIGEST_TEXT_SIZE];

	digest_format(key, text);
	return xprintf("register/again/%s", text);
}

/* The number that was told last. */
static void
told_number(struct core *c, const struct in_entry *e, char out[64])
{
	OWNED(char, name, free_chars) = again_name(&e->header.key);
	OWNED_BUF(fact) = {0};

	if (spool_fact(c->o.spool, name, &fact) == E_OK && fact.size > 0 && fact.size < 64)
		memcpy(out, fact.data, fact.size + 1);
	else
		memcpy(out, e->note, 64);
}

static void
add_lost(struct comparison *k, const struct in_entry *e, const char *number)
{
	struct lost *l;

	k->lost = xrealloc(k->lost, (k->n_lost + 1) * sizeof *k->lost);
	l = &k->lost[k->n_lost++];
	*l = (struct lost){.from = e->header.from, .id = e->header.id};
	memcpy(l->number, number, sizeof l->number);
}

/* An act that stood there by another road before us has no mark of ours: nothing is missed. */
static void
compare_missing(struct comparison *k, const struct in_entry *e, const char *number)
{
	if (e->code == E_ALREADY || extract_was_by_hand(k->c, &e->header.key))
		return;
	k->report->lost++;
	add_lost(k, e, number);
	tell(k, "register-lost", &e->header.id, number);
}

static bool
was_made_again(struct core *c, const struct digest *key)
{
	OWNED(char, name, free_chars) = again_name(key);
	OWNED_BUF(fact) = {0};

	return spool_fact(c->o.spool, name, &fact) == E_OK;
}

static bool
compare_entry(void *context, const struct in_entry *e)
{
	struct comparison *k = context;
	char number[64] = "";
	struct mark *m;

	if (e->header.action != A_CERTIFIED_EXTRACT || !e->header.has_key)
		return true;
	m = find_mark(k, &e->header.key);
	if (m != NULL)
		m->seen = true; /* also when it is still being entered */
	if (!extract_was_entered(e))
		return true;
	told_number(k->c, e, number);
	if (m == NULL) {
		compare_missing(k, e, number);
		return true;
	}
	/* Adopted after a restore, an entry has no number here: the register's is the one. */
	if (strcmp(m->number, number) == 0 || number[0] == '\0' || e->code == E_ALREADY) {
		k->report->agree += e->code == E_OK;
	} else if (was_made_again(k->c, &e->header.key)) {
		add_lost(k, e, number); /* interrupted before the new number was told */
	} else {
		k->report->differ++;
		tell(k, "number-differs", &e->header.id, m->number);
	}
	return true;
}

static void
compare_rest(struct comparison *k)
{
	for (size_t i = 0; i < k->n_mark; i++) {
		if (k->mark[i].seen)
			continue;
		k->report->unknown++;
		tell(k, "unknown-here", NULL, k->mark[i].number);
	}
}

/* ---- mending ---- */

static enum err
keep_number(struct core *c, const struct digest *key, const char *number)
{
	OWNED(char, name, free_chars) = again_name(key);

	return spool_set_fact(c->o.spool, name, bytes_of(number, strlen(number)));
}

static enum err
mend(struct comparison *k, const struct lost *l, int64_t now)
{
	JOB(j) = {.c = k->c, .now = now};
	struct made m;

	TRY(spool_in(k->c->o.spool, &l->from, &l->id, &j.in, &j.message));
	if (j.message.size == 0 || case_is_withdrawn(&j)) {
		tell(k, j.message.size == 0 ? "no-body" : "withdrawn", &l->id, l->number);
		return E_OK;
	}
	TRY(keep_number(k->c, &j.in.header.key, l->number));
	TRY(extract_again(&j, l->number, &m));
	TRY(keep_number(k->c, &j.in.header.key, m.entry_number));
	k->report->mended++;
	if (strcmp(m.entry_number, l->number) == 0) {
		tell(k, "mended", &l->id, m.entry_number);
		return E_OK;
	}
	k->report->renumbered++;
	tell(k, "renumbered", &l->id, m.entry_number);
	return E_OK;
}

enum err
core_register(struct core *c, bool mending, int64_t now, register_visit *each, void *context,
	struct register_report *out)
{
	__attribute__((cleanup(comparison_free))) struct comparison k = {
		.c = c, .each = each, .context = context, .report = out};

	*out = (struct register_report){0};
	TRY(c->o.kind->list(c->o.driver, take_mark, &k));
	if (k.n_mark > 0)
		qsort(k.mark, k.n_mark, sizeof *k.mark, by_key);
	out->entries = k.n_mark;
	TRY(spool_each_in(c->o.spool, compare_entry, &k));
	compare_rest(&k);
	for (size_t i = 0; mending && i < k.n_lost; i++)
		TRY(mend(&k, &k.lost[i], now));
	return E_OK;
}
