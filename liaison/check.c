/* SPDX-License-Identifier: EUPL-1.2
 *
 * An officer's case file, read and held against the rules: what every later hop would refuse is
 * refused here, before anything is kept or leaves. What is wrong is told by the name of its key,
 * never by what stands there. */
#include <string.h>

#include "lib/date_said.h"
#include "lib/name_text.h"
#include "lib/protect.h"
#include "liaison/consent.h"
#include "liaison/lookup.h"

#define FILE_MAX ((size_t)256 << 10)
#define NOTHING "nothing was kept and nothing was sent"

/* ---- reading ---- */

void
case_file_free(struct case_file *f)
{
	request_free(&f->request);
	json_decref(f->consents);
	f->consents = NULL;
}

void
blame_lines(const struct buf *problems)
{
	char *rest = problems->size == 0 ? NULL : (char *)problems->data, *one;

	while ((one = strsep(&rest, "\n")) != NULL)
		if (one[0] != '\0')
			blame(one);
}

enum err
check_dates(const struct request *r, struct buf *problems)
{
	OWNED_BUF(b) = {0};

	if (r->locator.birth_date == NULL)
		return E_OK;
	buf_text(&b, "locator.birthDate: ");
	switch (date_check(r->locator.birth_date, calendar_today(), &b)) {
	case DATE_FITS:
		return E_OK;
	case DATE_LOOK:
		look_again((const char *)b.data);
		return E_OK;
	case DATE_PROBLEM:
		break;
	}
	buf_printf(problems, "%s\n", (const char *)b.data);
	return E_INPUT;
}

/* Taken apart once; NULL when it is no object, which request_of_json() then says in its words. */
static json_t *
object_of(const struct buf *text)
{
	json_t *root = text->size > FILE_MAX ? NULL
					     : json_loadb((char *)text->data, text->size,
						       JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(root))
		return root;
	json_decref(root);
	return NULL;
}

/* Names and places are put into normal form before anything is composed; after that nothing of
 * them is touched. */
static enum err
read_case(const struct buf *text, json_t *root, struct case_file *f)
{
	OWNED_BUF(problems) = {0};
	enum err e = root != NULL ? request_of_object(root, &f->request, &problems)
				  : request_of_json(
					    (char *)text->data, text->size, &f->request, &problems);
	bool changed;

	if (e != E_OK)
		look_for_strays(root, &problems);
	if (e == E_OK)
		e = request_nfc(f->request, &changed);
	if (e == E_OK)
		e = check_texts(f->request, &problems);
	if (e == E_OK)
		e = check_dates(f->request, &problems);
	if (e == E_OK)
		look_at_request(f->request);
	else
		blame_lines(&problems);
	return e;
}

static enum ending
read_file(struct office *o, const char *path, struct case_file *f)
{
	OWNED_BUF(text) = {0};
	enum err e = input_read(path, FILE_MAX, &text);
	json_t *root;
	bool filled;

	about(path);
	if (e != E_OK)
		return fail(e, NOTHING, NULL, "%s cannot be read", line(path));
	root = object_of(&text);
	e = consents_fill_in(o, root, &f->consents);
	filled = e == E_OK;
	if (filled)
		e = read_case(&text, root, f);
	json_decref(root);
	if (!filled)
		return fail(e, NOTHING, "daftar consent list",
			"%s rests on a consent that cannot be used", line(path));
	if (e == E_OK)
		return END_DONE;
	return fail(e, NOTHING, "mend the file, then: daftar request check FILE",
		"%s is not a valid case", line(path));
}

static enum err
load(struct office *o, const struct buf *text, json_t *root, struct case_file *f)
{
	TRY(consents_fill_in(o, root, &f->consents));
	TRY(read_case(text, root, f));
	return check_rules(o, f->request);
}

enum err
case_text_load(struct office *o, const struct buf *text, struct case_file *f)
{
	json_t *root = object_of(text);
	enum err e = load(o, text, root, f);

	json_decref(root);
	return e;
}

enum err
case_object_load(struct office *o, json_t *root, struct case_file *f)
{
	return load(o, NULL, root, f);
}

/* ---- parties and agreements ---- */

static enum err
check_registry(const struct office *o, const char *key, const struct party *p)
{
	const struct trust_party *t = trust_party(o->trust, p);
	OWNED(char, text, free_chars) = NULL;

	if (t != NULL && t->role == ROLE_REGISTRY)
		return E_OK;
	text = xprintf("%s: %s", key,
		t == NULL ? N_("the party is not in the trust list")
			  : N_("the party is no registry"));
	blame(text);
	return E_UNKNOWN_PARTY;
}

static enum err
check_agreement(const struct office *o, const struct party *from, const struct party *to,
	enum action action, const char *purpose)
{
	const struct trust_agreement *g = trust_agreement(o->trust, from, to, action);
	bool first = action == A_TRANSCRIPTION_REQUEST;

	if (g == NULL || g->valid_until < instant_now()) {
		blame(first ? "from this office to requestedOf"
			    : "from requestedOf to destination");
		return E_NO_AGREEMENT;
	}
	for (size_t i = 0; i < g->n_purpose; i++)
		if (strcmp(g->purpose[i], purpose) == 0)
			return E_OK;
	blame(first ? "consent.purpose: not one between this office and requestedOf"
		    : "consent.purpose: not one between requestedOf and destination");
	return E_PURPOSE;
}

/* One token stands for all of them. */
static enum err
check_consents_agree(const struct request *r)
{
	for (const struct consent *k = r->consent.next; k != NULL; k = k->next)
		if (strcmp(k->purpose, r->consent.purpose) != 0 ||
			strcmp(k->destination, r->consent.destination) != 0) {
			blame("P01: the consents are for different destinations or purposes");
			return E_CONSENT;
		}
	return E_OK;
}

/* ---- protection ---- */

struct question {
	struct protect_context k;
	char today[INSTANT_TEXT_SIZE];
	struct digest signer;
};

/* The lowest that the office or one of the two registries has set. */
static int
assent_age(const struct office *o, const struct trust_party *of, const struct trust_party *to)
{
	int age = (int)conf_number(o->conf, "assent-age");

	if (of != NULL)
		age = protect_assent_age(age, (int)of->profile.assent_age);
	return to != NULL ? protect_assent_age(age, (int)to->profile.assent_age) : age;
}

static void
ask_about(const struct office *o, const struct request *r, struct question *q)
{
	const struct trust_party *of = trust_party(o->trust, &r->requested_of);
	const struct trust_party *to = trust_party(o->trust, &r->destination);

	memset(q, 0, sizeof *q);
	instant_format(instant_now(), q->today);
	q->today[10] = '\0';
	digest_of(o->sign->der, o->sign->der_size, &q->signer);
	q->k = (struct protect_context){.requested_country = of != NULL ? of->country : "",
		.destination_country = to != NULL ? to->country : "",
		.purpose = r->consent.purpose,
		.today = q->today,
		.assent_age = assent_age(o, of, to),
		.record_follows = true,
		.liaison = trust_party(o->trust, &o->self),
		.signer = &q->signer};
}

static enum err
blame_rule(const char *code, const char *why)
{
	OWNED(char, text, free_chars) = xprintf("%s: %s", code, why);
	bool protects = strcmp(code, "P04") == 0;

	blame(text);
	if (protects)
		advise("SUBSTITUTE-DOCUMENT");
	return protects ? E_PROTECTION : E_CONSENT;
}

enum err
check_consent(const struct office *o, const struct consent *c)
{
	struct request none = {.consent = *c};
	struct question q;
	const char *why, *code;
	struct party to;

	if (!party_parse(c->destination, &to))
		return E_INPUT;
	TRY(check_registry(o, "destination", &to));
	none.destination = to;
	ask_about(o, &none, &q);
	code = protect_consent(c, &q.k, &why);
	return code == NULL ? E_OK : blame_rule(code, why);
}

/* Would the rules hold, had a second officer signed? Then the case may be kept until that. */
static bool
waits_for_officer(const struct request *r, const struct protect_context *k, const char *why)
{
	const struct risk_clearance *risk = r->risk;

	if (risk == NULL || strcmp(risk->result, "CLEARED") != 0 || risk->approval_cert != NULL)
		return false;
	return why == clearance_problem(r, k);
}

/* All rules but that a second officer has looked. */
static enum err
check_protection(const struct office *o, const struct request *r)
{
	struct request others = *r;
	struct question q;
	const char *why, *code;

	ask_about(o, r, &q);
	code = protect_request(r, &q.k, &why);
	if (finding_waits(o, r)) {
		others.risk = NULL;
		others.case_type = "ORIGIN-ENTRY";
		code = protect_request(&others, &q.k, &why);
	}
	return code == NULL ? E_OK : blame_rule(code, why);
}

bool
finding_waits(const struct office *o, const struct request *r)
{
	struct question q;
	const char *why, *code;

	ask_about(o, r, &q);
	code = protect_request(r, &q.k, &why);
	return code != NULL && strcmp(code, "P04") == 0 && waits_for_officer(r, &q.k, why);
}

bool
road_needs_clearance(const struct office *o, const struct request *r)
{
	const struct trust_agreement *asked =
		trust_agreement(o->trust, &o->self, &r->requested_of, A_TRANSCRIPTION_REQUEST);
	const struct trust_agreement *told =
		trust_agreement(o->trust, &r->requested_of, &r->destination, A_CERTIFIED_EXTRACT);

	return (asked != NULL && asked->clearance_required) ||
	       (told != NULL && told->clearance_required);
}

/* NULL when a second officer has signed where one has to; otherwise code and reason. */
static const char *
clearance_missing(const struct office *o, const struct request *r, const struct officer_case *c,
	const char **why)
{
	struct consent_token t;
	struct question q;
	const char *code;

	ask_about(o, r, &q);
	code = protect_request(r, &q.k, why);
	if (code != NULL || !road_needs_clearance(o, r) ||
		(c != NULL && case_token(c, &t) && t.cleared))
		return code;
	*why = N_("the agreement lets nothing pass there without a second officer's signature; "
		  "nothing was passed on, let another officer of the office look at the case and "
		  "sign it");
	return "P04";
}

bool
clearance_is_given(const struct office *o, const struct request *r, const struct officer_case *c)
{
	const char *why;

	return clearance_missing(o, r, c, &why) == NULL;
}

enum err
check_clearance(const struct office *o, const struct request *r, const struct officer_case *c)
{
	const char *why, *code = clearance_missing(o, r, c, &why);

	return code == NULL ? E_OK : blame_rule(code, why);
}

/* Asked before anything else is known: the rules that come after those of P04 are not its. */
enum err
check_fear(const struct office *o, const struct request *r)
{
	struct question q;
	const char *why, *code;

	ask_about(o, r, &q);
	code = protect_request(r, &q.k, &why);
	if (code == NULL || strcmp(code, "P04") != 0 || waits_for_officer(r, &q.k, why))
		return E_OK;
	return blame_rule(code, why);
}

/* ---- the whole ---- */

enum err
check_rules(const struct office *o, const struct request *r)
{
	const char *purpose = r->consent.purpose;

	TRY(check_registry(o, "requestedOf", &r->requested_of));
	TRY(check_registry(o, "destination", &r->destination));
	TRY(check_consents_agree(r));
	TRY(check_protection(o, r));
	TRY(check_agreement(o, &o->self, &r->requested_of, A_TRANSCRIPTION_REQUEST, purpose));
	return check_agreement(o, &r->requested_of, &r->destination, A_CERTIFIED_EXTRACT, purpose);
}

enum ending
check_fail(enum err e, const char *safe, const char *what)
{
	return fail(e, safe,
		e == E_PROTECTION
			? "ask for a substitute document; what may go after all, a second "
			  "officer clears: daftar help consent clear"
			: "daftar help request check",
		"%s may not be filed", line(what));
}

enum ending
case_file_load(struct office *o, const char *path, struct case_file *f)
{
	enum ending end = read_file(o, path, f);
	enum err e;

	if (end != END_DONE)
		return end;
	e = check_rules(o, f->request);
	return e == E_OK ? END_DONE : check_fail(e, NOTHING, path);
}
