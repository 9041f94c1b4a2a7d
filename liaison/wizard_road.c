/* SPDX-License-Identifier: EUPL-1.2
 *
 * The road of a case and what it rests on: registries and purposes that the trust list's agreements
 * allow, consents that are recorded, scans. Whatever is offered here may be chosen; whatever may
 * not be chosen is not offered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "liaison/terminal.h"
#include "liaison/wizard.h"

#define REGISTRIES_MOST 64
#define SCAN_MOST ((size_t)64 << 20)

/* ---- registries ---- */

static bool
is_open(const struct trust_agreement *g)
{
	return g != NULL && g->valid_until >= instant_now();
}

static char *
in_words(const struct trust_party *p)
{
	return xprintf("%s%s%s (%s)", p->name != NULL ? p->name : "",
		p->country[0] != '\0' ? ", " : "", p->country, p->code.code);
}

char *
words_of_party(const struct draft *d, const json_t *value)
{
	const char *code = json_string_value(value);
	const struct trust_party *p = NULL;
	struct party party;

	if (code != NULL && party_parse(code, &party))
		p = trust_party(d->o->trust, &party);
	return p != NULL ? in_words(p) : xstrdup(code != NULL ? code : "");
}

static enum answer
ask_registry(struct draft *d, const struct wizard_row *q, const struct party *from,
	enum action action, json_t **value)
{
	OWNED(char, before, free_chars) = proposed(d, q);
	struct choice list[REGISTRIES_MOST];
	char *shown[REGISTRIES_MOST];
	size_t n = 0, chosen = 0;
	int fallback = -1;
	enum answer a = ANSWER_SAVE;

	for (size_t i = 0; i < trust_count(d->o->trust) && n < REGISTRIES_MOST; i++) {
		const struct trust_party *p = trust_at(d->o->trust, i);

		if (p->role != ROLE_REGISTRY || party_equal(&p->code, from) ||
			!is_open(trust_agreement(d->o->trust, from, &p->code, action)))
			continue;
		if (before != NULL && strcmp(before, p->code.code) == 0)
			fallback = (int)n;
		shown[n] = in_words(p);
		list[n] = (struct choice){p->code.code, shown[n]};
		n++;
	}
	if (n == 0)
		ask_say(N_("No registry has an agreement for this that is in force. What was "
			   "answered is kept; daftar sync fetches a newer trust list, and daftar "
			   "doctor tells its age.\n"));
	else
		a = ask_choice(list, n, fallback, &chosen);
	if (a == ANSWER_GIVEN)
		*value = json_string(list[chosen].word);
	for (size_t i = 0; i < n; i++)
		free_chars(&shown[i]);
	return a;
}

enum answer
ask_issuer(struct draft *d, const struct wizard_row *q, json_t **value)
{
	return ask_registry(d, q, &d->o->self, A_TRANSCRIPTION_REQUEST, value);
}

enum answer
ask_receiver(struct draft *d, const struct wizard_row *q, json_t **value)
{
	struct party issuing;

	if (!party_parse(draft_text(d, "issuing"), &issuing))
		return ANSWER_BACK;
	return ask_registry(d, q, &issuing, A_CERTIFIED_EXTRACT, value);
}

/* ---- purposes ---- */

static bool
allows(const struct trust_agreement *g, const char *purpose)
{
	for (size_t i = 0; g != NULL && i < g->n_purpose; i++)
		if (strcmp(g->purpose[i], purpose) == 0)
			return true;
	return false;
}

enum answer
ask_purpose(struct draft *d, const struct wizard_row *q, json_t **value)
{
	const struct trust_agreement *asked = NULL, *told = NULL;
	struct party issuing, receiving;
	struct choice list[4];
	size_t n = 0, chosen = 0;
	enum answer a = ANSWER_GIVEN;

	(void)q;
	if (party_parse(draft_text(d, "issuing"), &issuing) &&
		party_parse(draft_text(d, "receiving"), &receiving)) {
		asked = trust_agreement(
			d->o->trust, &d->o->self, &issuing, A_TRANSCRIPTION_REQUEST);
		told = trust_agreement(d->o->trust, &issuing, &receiving, A_CERTIFIED_EXTRACT);
	}
	for (size_t i = 0; asked != NULL && i < asked->n_purpose; i++)
		if (allows(told, asked->purpose[i]) && strncmp(asked->purpose[i], "CASE-", 5) != 0)
			list[n++] = (struct choice){
				asked->purpose[i], _(code_sentence("purpose", asked->purpose[i]))};
	if (n == 0) {
		ask_say(N_("The agreements of the two registries have no purpose in common. What "
			   "was answered is kept; ask the operator of the realm.\n"));
		return ANSWER_SAVE;
	}
	if (n > 1)
		a = ask_choice(list, n, -1, &chosen);
	if (a == ANSWER_GIVEN)
		*value = json_string(list[chosen].word);
	return a;
}

/* ---- consents ---- */

#define CONSENTS_MOST 30

struct consents {
	const char *destination;
	char id[CONSENTS_MOST][ID_TEXT_SIZE];
	char *shown[CONSENTS_MOST];
	size_t n;
};

static bool
collect(void *context, const struct kept_consent *k)
{
	struct consents *c = context;

	if (strcmp(kept_state(k), "valid") != 0 ||
		strcmp(kept_text(k, "destination"), c->destination) != 0)
		return true;
	memcpy(c->id[c->n], k->id, sizeof k->id);
	c->shown[c->n++] = xprintf(_("for the %s, by %s, given %s, until %s (%s)"),
		label_of(kept_text(k, "subject")), label_of(kept_text(k, "givenBy")),
		kept_text(k, "givenOn"), kept_text(k, "validUntil"), k->id);
	return c->n < CONSENTS_MOST;
}

/* "2,4": those of the list; NULL when one of them is none, or the new one stands among others. */
static json_t *
ids_said(const struct consents *c, const struct choice *list, const char *typed)
{
	OWNED(char, copy, free_chars) = xstrdup(typed);
	json_t *ids = json_array();
	char *rest = copy, *one;

	while ((one = strsep(&rest, ", ")) != NULL) {
		int meant = one[0] == '\0' ? 0 : ask_meant(list, c->n + 1, one);

		if (one[0] == '\0')
			continue;
		if (meant <= 0 || json_array_size(ids) == CASE_CONSENTS) {
			json_decref(ids);
			return NULL;
		}
		json_array_append_new(ids, json_string(c->id[meant - 1]));
	}
	return ids;
}

static json_t *
fresh_id(void)
{
	struct id fresh = id_new();
	char text[ID_TEXT_SIZE];

	id_format(&fresh, text);
	return json_string(text);
}

static enum answer
ask_which(struct draft *d, const struct consents *c, const struct choice *list, json_t **value)
{
	const json_t *now = draft_answer(d, "consent");
	OWNED_BUF(typed) = {0};
	enum answer a;

	for (size_t i = 0; i <= c->n; i++)
		ask_say("  %2zu  %s\n", i + 1, list[i].sentence);
	while (true) {
		a = ask_line(NULL, &typed);
		if (a == ANSWER_NONE && now != NULL) {
			*value = json_copy((json_t *)now);
			return ANSWER_GIVEN;
		}
		if (a != ANSWER_GIVEN && a != ANSWER_NONE)
			return a;
		if (a == ANSWER_GIVEN && ask_meant(list, c->n + 1, (char *)typed.data) == 0)
			*value = json_is_string(now) ? json_copy((json_t *)now) : fresh_id();
		else if (a == ANSWER_GIVEN)
			*value = ids_said(c, list, (char *)typed.data);
		if (*value != NULL)
			return ANSWER_GIVEN;
		ask_say(N_("Type a number from 1 to %zu; several recorded ones with commas.\n"),
			c->n + 1);
	}
}

/* A new one is told by the id that it will have, recorded ones are a list. */
enum answer
ask_consent(struct draft *d, const struct wizard_row *q, json_t **value)
{
	struct consents c = {.destination = draft_text(d, "receiving")};
	struct choice list[CONSENTS_MOST + 1];
	enum answer a = ANSWER_GIVEN;

	if (kept_each(d->o, collect, &c) != E_OK)
		ask_say(N_("The recorded consents cannot be read; daftar doctor tells why.\n"));
	list[0] = (struct choice){"new", _("record a new one now")};
	for (size_t i = 0; i < c.n; i++)
		list[i + 1] = (struct choice){c.id[i], c.shown[i]};
	if (c.n > 0)
		a = ask_which(d, &c, list, value);
	else if (json_is_string(draft_answer(d, q->id)))
		*value = json_copy((json_t *)draft_answer(d, q->id));
	else
		*value = fresh_id();
	for (size_t i = 0; i < c.n; i++)
		free_chars(&c.shown[i]);
	return a;
}

/* ---- scans ---- */

static const char *
media_type(const struct buf *b)
{
	static const struct {
		const char *begins;
		size_t n;
		const char *type;
	} kinds[] = {
		{"%PDF-", 5, "application/pdf"},
		{"\xff\xd8\xff", 3, "image/jpeg"},
		{"\x89PNG\r\n", 6, "image/png"},
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (b->size >= kinds[i].n && memcmp(b->data, kinds[i].begins, kinds[i].n) == 0)
			return kinds[i].type;
	return NULL;
}

static enum err
read_scan(const char *typed, struct buf *scan)
{
	const char *home = getenv("HOME");
	OWNED(char, path, free_chars) = typed[0] == '~' && typed[1] == '/' && home != NULL
						? path_in(home, typed + 2)
					: typed[0] == '/' ? xstrdup(typed)
							  : path_in(".", typed);

	return input_read(path, SCAN_MOST, scan);
}

/* The scan that somebody names; told when it cannot be read. */
static bool
scan_named(const char *typed, bool any, char digest[DIGEST_TEXT_SIZE], const char **type)
{
	OWNED_BUF(scan) = {0};
	enum err e = read_scan(typed, &scan);
	struct digest d;

	if (e != E_OK) {
		ask_say(N_("This file cannot be read: %s. Type its name with the folder, such as "
			   "/media/usb/form.pdf\n"),
			_(err_sentence(e)));
		return false;
	}
	*type = media_type(&scan);
	if (scan.size == 0 || (!any && *type == NULL)) {
		ask_say(scan.size == 0 ? N_("This file is empty. Scan it again.\n")
				       : N_("This is no PDF, JPEG or PNG file.\n"));
		return false;
	}
	digest_of(scan.data, scan.size, &d);
	digest_format(&d, digest);
	ask_say(N_("  digest %.16s...\n"), digest);
	return true;
}

enum answer
ask_scan(struct draft *d, const struct wizard_row *q, json_t **value)
{
	const char *now = json_string_value(draft_answer(d, q->id)), *type;
	char digest[DIGEST_TEXT_SIZE];
	OWNED_BUF(typed) = {0};
	enum answer a;

	while (true) {
		a = ask_with(now, &typed);
		if (a == ANSWER_NONE) {
			ask_say(N_("This is needed. Type it, or ? for help.\n"));
			continue;
		}
		if (a != ANSWER_GIVEN)
			return a;
		if (now != NULL && strcmp((char *)typed.data, now) == 0)
			*value = json_string(now);
		else if (scan_named((char *)typed.data, true, digest, &type))
			*value = json_string(digest);
		if (*value != NULL)
			return ANSWER_GIVEN;
	}
}

/* ---- documents ---- */

static enum answer
ask_document_scan(json_t *documents, const char *kind)
{
	char digest[DIGEST_TEXT_SIZE];
	OWNED_BUF(typed) = {0};
	const char *type;
	enum answer a;

	ask_say(N_("File with its scan (PDF, JPEG or PNG)\n"));
	while (true) {
		a = ask_line(NULL, &typed);
		if (a == ANSWER_NONE || a == ANSWER_HELP)
			ask_say(N_("Type the name of the file, with its folder; < goes back.\n"));
		else if (a != ANSWER_GIVEN)
			return a;
		else if (scan_named((char *)typed.data, false, digest, &type)) {
			json_array_append_new(
				documents, json_pack("{s:s s:s s:s}", "kind", kind, "digest",
						   digest, "mediaType", type));
			return ANSWER_GIVEN;
		}
	}
}

/* What was said so far is kept under another name, so that a power cut takes none of it. */
#define SO_FAR "documents-so-far"

enum answer
ask_documents(struct draft *d, const struct wizard_row *q, json_t **value)
{
	struct choice list[CODES_MOST + 1] = {{"none", _("no more")}};
	size_t n = 1 + codes_of("document", list + 1, CODES_MOST), chosen = 0;
	json_t *documents = json_object_get(d->answers, SO_FAR);
	enum answer a;

	if (documents == NULL) {
		const json_t *now = draft_answer(d, q->id);

		documents = json_is_array(now) ? json_copy((json_t *)now) : json_array();
		json_object_set_new(d->answers, SO_FAR, documents);
	}
	while (json_array_size(documents) < 16) {
		ask_say(N_("So far: %zu\n"), json_array_size(documents));
		a = ask_choice(list, n, 0, &chosen);
		if (a == ANSWER_BACK && json_array_size(documents) > 0) {
			json_array_remove(documents, json_array_size(documents) - 1);
			ask_say(N_("The last one was taken out.\n"));
			continue;
		}
		if (a != ANSWER_GIVEN)
			return a;
		if (chosen == 0)
			break;
		a = ask_document_scan(documents, list[chosen].word);
		if (a != ANSWER_GIVEN && a != ANSWER_BACK)
			return a;
		if (a == ANSWER_GIVEN && draft_keep(d) != E_OK)
			ask_say(N_("This is not kept yet: the disk or the spool is full.\n"));
	}
	*value = json_array_size(documents) > 0 ? json_incref(documents) : json_null();
	json_object_del(d->answers, SO_FAR);
	return ANSWER_GIVEN;
}
