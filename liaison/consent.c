/* SPDX-License-Identifier: EUPL-1.2
 *
 * The consents that the office has taken, kept as sealed facts "consent/ID": the paper as the
 * officer wrote it down, when it was recorded, and whether it was withdrawn since. They stay when a
 * request has been filed and its particulars are gone: that somebody consented, to what and in
 * which language, has to be shown for as long as the case may be asked about. */
#include <string.h>

#include "liaison/consent.h"

/* ---- as a fact ---- */

void
kept_consent_free(struct kept_consent *k)
{
	json_decref(k->paper);
	k->paper = NULL;
}

const char *
kept_text(const struct kept_consent *k, const char *key)
{
	const char *text = json_string_value(json_object_get(k->paper, key));

	return text != NULL ? text : "";
}

static char *
key_of(const char *id)
{
	return xprintf("consent/%s", id);
}

enum err
kept_save(struct office *o, const struct kept_consent *k)
{
	OWNED(char, key, free_chars) = key_of(k->id);
	json_t *j = json_pack("{s:i s:s s:O s:I s:I s:s}", "v", 1, "id", k->id, "consent", k->paper,
		"recorded", (json_int_t)k->recorded, "withdrawn", (json_int_t)k->withdrawn,
		"channel", k->channel);
	OWNED(char, text, free_chars) = json_dumps(j, JSON_COMPACT);

	json_decref(j);
	if (text == NULL)
		return E_INPUT;
	return sealed_set(o, key, bytes_of(text, strlen(text)));
}

static enum err
of_json(struct bytes plain, struct kept_consent *out)
{
	json_t *j = json_loadb((const char *)plain.data, plain.size, 0, NULL);
	const char *id = json_string_value(json_object_get(j, "id"));
	const char *channel = json_string_value(json_object_get(j, "channel"));
	json_t *paper = json_object_get(j, "consent");
	bool good = id != NULL && channel != NULL && json_is_object(paper) &&
		    copy_text(out->id, sizeof out->id, id) &&
		    copy_text(out->channel, sizeof out->channel, channel);

	if (good) {
		out->paper = json_incref(paper);
		out->recorded = json_integer_value(json_object_get(j, "recorded"));
		out->withdrawn = json_integer_value(json_object_get(j, "withdrawn"));
	}
	json_decref(j);
	return good ? E_OK : E_VERSION;
}

enum err
kept_find(struct office *o, const char *id, struct kept_consent *out)
{
	OWNED(char, key, free_chars) = key_of(id);
	OWNED_BUF(plain) = {0};

	memset(out, 0, sizeof *out);
	TRY(sealed_get(o, key, &plain));
	return of_json(buf_bytes(&plain), out);
}

struct walk {
	const struct office *o;
	kept_visit *each;
	void *context;
};

static bool
visit(void *context, const char *key, struct bytes value)
{
	struct walk *w = context;
	OWNED_BUF(plain) = {0};
	OWNED_CONSENT(k);

	(void)key;
	if (office_unseal(w->o, value, &plain) != E_OK || of_json(buf_bytes(&plain), &k) != E_OK)
		return true;
	return w->each(w->context, &k);
}

enum err
kept_each(struct office *o, kept_visit *each, void *context)
{
	struct walk w = {o, each, context};

	return spool_each_fact(o->spool, "consent/", visit, &w);
}

const char *
kept_state(const struct kept_consent *k)
{
	char today[INSTANT_TEXT_SIZE];

	if (k->withdrawn != 0)
		return "withdrawn";
	instant_format(instant_now(), today);
	today[10] = '\0';
	return strcmp(kept_text(k, "validUntil"), today) < 0 ? "expired" : "valid";
}

/* ---- under a request ---- */

static enum err
blame_consent(size_t i, enum err e, const char *what)
{
	OWNED(char, text, free_chars) = xprintf("consent[%zu]: %s", i + 1, what);

	blame(text);
	return e;
}

/* The object that a case file holds, or the kept one that it names; a new reference. */
static enum err
fill_in(struct office *o, size_t i, json_t *given, json_t **out)
{
	const char *id =
		json_string_value(json_is_string(given) ? given : json_object_get(given, "id"));
	OWNED_CONSENT(k);
	enum err e = E_NOT_FOUND;

	if (id != NULL && strlen(id) < ID_TEXT_SIZE)
		e = kept_find(o, id, &k);
	if (e == E_NOT_FOUND && json_is_string(given))
		return blame_consent(i, e, N_("no consent of this id is kept in this office"));
	if (e != E_OK && e != E_NOT_FOUND)
		return e;
	if (e == E_OK && k.withdrawn != 0)
		return blame_consent(i, E_CONSENT_WITHDRAWN, N_("P03: it was withdrawn"));
	if (e == E_OK && json_is_object(given) && !json_equal(given, k.paper))
		return blame_consent(i, E_CONFLICT, N_("another consent is kept under this id"));
	*out = json_incref(json_is_string(given) ? k.paper : given);
	return E_OK;
}

enum err
consents_fill_in(struct office *o, json_t *root, json_t **list)
{
	json_t *value = json_object_get(root, "consent");
	bool several = json_is_array(value);
	size_t n = several ? json_array_size(value) : value != NULL;

	*list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *one = several ? json_array_get(value, i) : value, *whole = NULL;

		if (!json_is_string(one) && !json_is_object(one))
			continue; /* the reader says what is wrong with it */
		TRY(fill_in(o, i, one, &whole));
		json_array_append_new(*list, json_incref(whole));
		if (several)
			json_array_set_new(value, i, whole);
		else
			json_object_set_new(root, "consent", whole);
	}
	return E_OK;
}

enum err
consents_keep(struct office *o, const json_t *list, struct officer_case *c)
{
	for (size_t i = 0; i < json_array_size(list) && i < CASE_CONSENTS; i++) {
		json_t *paper = json_array_get(list, i);
		const char *id = json_string_value(json_object_get(paper, "id"));
		OWNED_CONSENT(k);
		enum err e;

		if (id == NULL || !copy_text(c->consent[i], sizeof c->consent[i], id))
			return E_INPUT;
		c->n_consent = i + 1;
		e = kept_find(o, id, &k);
		if (e == E_OK && k.withdrawn != 0)
			return E_CONSENT_WITHDRAWN;
		if (e == E_OK && !json_equal(k.paper, paper))
			return E_CONFLICT;
		if (e == E_OK)
			continue;
		if (e != E_NOT_FOUND)
			return e;
		memcpy(k.id, c->consent[i], sizeof k.id);
		k.paper = json_incref(paper);
		k.recorded = instant_now();
		TRY(kept_save(o, &k));
	}
	return E_OK;
}

enum err
consents_stand(struct office *o, const struct officer_case *c)
{
	for (size_t i = 0; i < c->n_consent; i++) {
		OWNED_CONSENT(k);
		enum err e = kept_find(o, c->consent[i], &k);

		if (e == E_OK && k.withdrawn != 0)
			return blame_consent(i, E_CONSENT_WITHDRAWN, N_("P03: it was withdrawn"));
		if (e != E_OK && e != E_NOT_FOUND)
			return e;
	}
	return E_OK;
}
