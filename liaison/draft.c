/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was answered so far, as sealed facts "draft/NUMBER" of the spool: after a power cut every
 * answer but the one that was being typed is there. The number is the one that the case will have,
 * so that it can stand on the paper from the first question on. */
#include <stdlib.h>
#include <string.h>

#include "liaison/consent.h"
#include "liaison/wizard.h"

#define DRAFT_VERSION 1

void
draft_free(struct draft *d)
{
	json_decref(d->answers);
	d->answers = NULL;
}

/* ---- as a fact ---- */

static char *
key_of(const char *number)
{
	return xprintf("draft/%s", number);
}

static json_t *
json_of(const struct draft *d)
{
	char id[ID_TEXT_SIZE];

	id_format(&d->id, id);
	return json_pack("{s:i s:s s:s s:I s:I s:I s:O}", "v", DRAFT_VERSION, "number", d->number,
		"id", id, "begun", (json_int_t)d->begun, "changed", (json_int_t)d->changed, "turn",
		d->turn, "answers", d->answers);
}

static enum err
of_json(struct bytes plain, struct draft *d)
{
	json_t *j = json_loadb((const char *)plain.data, plain.size, 0, NULL);
	const char *number = json_string_value(json_object_get(j, "number"));
	const char *id = json_string_value(json_object_get(j, "id"));
	json_t *answers = json_object_get(j, "answers");
	bool good = number != NULL && id != NULL && json_is_object(answers) &&
		    json_integer_value(json_object_get(j, "v")) == DRAFT_VERSION &&
		    copy_text(d->number, sizeof d->number, number) && id_parse(id, &d->id);

	if (good) {
		d->answers = json_incref(answers);
		d->begun = json_integer_value(json_object_get(j, "begun"));
		d->changed = json_integer_value(json_object_get(j, "changed"));
		d->turn = json_integer_value(json_object_get(j, "turn"));
	}
	json_decref(j);
	return good ? E_OK : E_VERSION;
}

/* ---- begin, keep, find, drop ---- */

static bool
is_free(struct office *o, const char *number)
{
	OWNED(char, key, free_chars) = key_of(number);
	OWNED_BUF(there) = {0};
	OWNED_CASE(c);

	return case_find(o, number, &c) == E_NOT_FOUND &&
	       spool_fact(o->spool, key, &there) == E_NOT_FOUND;
}

void
draft_begin(struct office *o, struct draft *d)
{
	*d = (struct draft){.o = o, .answers = json_object()};
	do {
		d->id = id_new();
		tracking_of(&d->id, d->number);
	} while (!tracking_is_plain(d->number) || !is_free(o, d->number));
	d->begun = d->changed = instant_now();
}

enum err
draft_find(struct office *o, const char *number, struct draft *d)
{
	OWNED(char, key, free_chars) = key_of(number);
	OWNED_BUF(plain) = {0};

	*d = (struct draft){.o = o};
	TRY(sealed_get(o, key, &plain));
	return of_json(buf_bytes(&plain), d);
}

/* Is what is kept what this process has kept last? */
static enum err
check_turn(const struct draft *d)
{
	OWNED_DRAFT(kept);
	enum err e = draft_find(d->o, d->number, &kept);

	if (e == E_NOT_FOUND)
		return d->turn == 0 ? E_OK : E_CONFLICT; /* discarded elsewhere */
	if (e != E_OK)
		return e;
	return kept.turn == d->turn ? E_OK : E_CONFLICT;
}

enum err
draft_keep(struct draft *d)
{
	OWNED(char, key, free_chars) = key_of(d->number);
	OWNED_FD(lock) = -1;
	json_t *j;
	char *text;
	enum err e;

	TRY(case_lock(d->o, &lock));
	TRY(check_turn(d));
	d->turn++;
	d->changed = instant_now();
	j = json_of(d);
	text = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	e = text == NULL ? E_INPUT : sealed_set(d->o, key, bytes_of(text, strlen(text)));
	if (text != NULL)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
	if (e != E_OK)
		d->turn--;
	return e;
}

enum err
draft_done(struct office *o, const char *number)
{
	OWNED(char, key, free_chars) = key_of(number);
	enum err e = spool_drop_fact(o->spool, key);

	return e == E_NOT_FOUND ? E_OK : e;
}

enum err
draft_drop(struct draft *d)
{
	TRY(draft_done(d->o, d->number));
	return office_forget(d->o);
}

struct listing {
	struct office *o;
	struct draft *out;
	size_t n, most;
};

static bool
collect(void *context, const char *key, struct bytes value)
{
	struct listing *l = context;
	OWNED_BUF(plain) = {0};
	struct draft *d = &l->out[l->n];

	(void)key;
	*d = (struct draft){.o = l->o};
	if (office_unseal(l->o, value, &plain) == E_OK && of_json(buf_bytes(&plain), d) == E_OK)
		l->n++;
	return l->n < l->most;
}

static int
newest_first(const void *a, const void *b)
{
	const struct draft *x = a, *y = b;

	return x->changed < y->changed ? 1 : x->changed > y->changed ? -1 : 0;
}

size_t
draft_list(struct office *o, struct draft *out, size_t most)
{
	struct listing l = {o, out, 0, most};

	(void)!spool_each_fact(o->spool, "draft/", collect, &l);
	qsort(out, l.n, sizeof *out, newest_first);
	return l.n;
}

/* ---- answers ---- */

const json_t *
draft_answer(const struct draft *d, const char *id)
{
	return json_object_get(d->answers, id);
}

const char *
draft_text(const struct draft *d, const char *id)
{
	const char *text = json_string_value(draft_answer(d, id));

	return text != NULL ? text : "";
}

bool
draft_is(const struct draft *d, const char *id, const char *text)
{
	return strcmp(draft_text(d, id), text) == 0;
}

static void
forget_dependent(struct draft *d, const char *id)
{
	for (size_t i = 0; i < wizard_rows_n; i++) {
		const struct wizard_row *q = &wizard_rows[i];

		if (q->of == NULL || strcmp(q->of, id) != 0 || draft_answer(d, q->id) == NULL)
			continue;
		json_object_del(d->answers, q->id);
		forget_dependent(d, q->id);
	}
}

void
draft_set(struct draft *d, const struct wizard_row *q, json_t *value)
{
	const json_t *before = draft_answer(d, q->id);

	if (before != NULL && !json_equal(before, value))
		forget_dependent(d, q->id);
	json_object_set_new(d->answers, q->id, value);
}
