/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar request': from the officer's case file to a message that the exchange has on disk. The
 * same paper is the same case and the same message, however often it is handed in. Nothing is
 * called sent before the exchange's receipt is in the spool. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "liaison/daftar.h"

#define FILE_MAX ((size_t)256 << 10)
#define DAY_MS INT64_C(86400000)
#define EXPIRES_MS (30 * DAY_MS)
#define RETAIN_MS (120 * DAY_MS)
#define SEND_MS 5000
#define NOTHING "nothing was changed and nothing was sent"

/* ---- reading and checking ---- */

static void
blame_lines(const struct buf *problems)
{
	char *rest = problems->size == 0 ? NULL : (char *)problems->data, *one;

	while ((one = strsep(&rest, "\n")) != NULL)
		if (one[0] != '\0')
			blame(one);
}

static enum ending
read_request(const char *path, struct request **out)
{
	OWNED_BUF(text) = {0};
	OWNED_BUF(problems) = {0};
	enum err e = input_read(path, FILE_MAX, &text);

	if (e != E_OK)
		return fail(e, NOTHING, NULL, "%s cannot be read", line(path));
	e = request_of_json((char *)text.data, text.size, out, &problems);
	if (e == E_OK)
		return END_DONE;
	blame_lines(&problems);
	return fail(e, NOTHING, "mend the file, then: daftar request check FILE",
		"%s is not a valid case", line(path));
}

static enum err
check_registry(const struct office *o, const struct party *p)
{
	const struct trust_party *t = trust_party(o->trust, p);

	if (t != NULL && t->role == ROLE_REGISTRY)
		return E_OK;
	blame(t == NULL ? "the party is not in the trust list" : "the party is no registry");
	blame(p->code);
	return E_UNKNOWN_PARTY;
}

static enum err
check_agreement(const struct office *o, const struct party *from, const struct party *to,
	enum action action, const char *purpose)
{
	const struct trust_agreement *g = trust_agreement(o->trust, from, to, action);
	OWNED(char, road, free_chars) =
		xprintf("%s from %s to %s", action_word(action), from->code, to->code);

	if (g == NULL || g->valid_until < instant_now()) {
		blame(road);
		return E_NO_AGREEMENT;
	}
	for (size_t i = 0; i < g->n_purpose; i++)
		if (strcmp(g->purpose[i], purpose) == 0)
			return E_OK;
	blame(road);
	blame(purpose);
	return E_PURPOSE;
}

/* A consent counts on the day of filing; days are compared as they are written. */
static enum err
check_consents(const struct request *r)
{
	char today[INSTANT_TEXT_SIZE];

	instant_format(instant_now(), today);
	today[10] = '\0';
	for (const struct consent *k = &r->consent; k != NULL; k = k->next) {
		if (strcmp(k->valid_until, today) < 0)
			blame("P02: the consent's validUntil has passed");
		else if (strcmp(k->given_on, today) > 0)
			blame("P01: the consent's givenOn is in the future");
		else
			continue;
		return E_CONSENT;
	}
	return E_OK;
}

/* What every later hop would refuse is refused here, before anything leaves. */
static enum err
check_rules(const struct office *o, const struct request *r)
{
	const char *purpose = r->consent.purpose;

	TRY(check_registry(o, &r->requested_of));
	TRY(check_registry(o, &r->destination));
	TRY(check_consents(r));
	TRY(check_agreement(o, &o->self, &r->requested_of, A_TRANSCRIPTION_REQUEST, purpose));
	return check_agreement(o, &r->requested_of, &r->destination, A_CERTIFIED_EXTRACT, purpose);
}

static enum ending
load_request(const struct office *o, const char *path, struct request **out)
{
	enum ending end = read_request(path, out);
	enum err e;

	if (end != END_DONE)
		return end;
	e = check_rules(o, *out);
	if (e == E_OK)
		return END_DONE;
	return fail(e, NOTHING, "daftar help request check", "%s may not be filed", line(path));
}

/* ---- cases ---- */

static void
label_of(const char *path, char out[LABEL_SIZE])
{
	const char *slash = strrchr(path, '/');

	snprintf(out, LABEL_SIZE, "%s", slash != NULL ? slash + 1 : path);
	/* a character cut in two is no text */
	for (size_t n = strlen(out); n == LABEL_SIZE - 1 && (out[n - 1] & 0x80) != 0; n--)
		out[n - 1] = '\0';
}

/* A number that no other case has. */
static void
name_case(struct office *o, struct officer_case *c)
{
	OWNED_CASE(other);
	enum err e;

	do {
		case_free(&other);
		c->conversation = id_new();
		tracking_of(&c->conversation, c->number);
		e = case_find(o, c->number, &other);
	} while (e == E_OK);
}

/* The case of this paper: the one there is, or a new draft. */
static enum err
case_of_request(struct office *o, const struct request *r, const char *path, struct officer_case *c,
	bool *again)
{
	OWNED_FD(lock) = -1;
	struct digest d;
	OWNED_BUF(body) = {0};
	enum err e;

	request_compose(r, &body);
	digest_of(body.data, body.size, &d);
	TRY(case_lock(o, &lock));
	e = case_by_digest(o, &d, c);
	*again = e == E_OK;
	if (e != E_NOT_FOUND)
		return e;
	name_case(o, c);
	c->message = id_new();
	c->to = r->requested_of;
	c->destination = r->destination;
	c->digest = d;
	c->created = instant_now();
	label_of(path, c->label);
	if (!copy_text(c->purpose, sizeof c->purpose, r->consent.purpose))
		return E_PURPOSE;
	buf_add_bytes(&c->body, buf_bytes(&body));
	return case_save(o, c);
}

static enum ending
case_of_file(struct office *o, const char *path, struct officer_case *c, bool *again)
{
	OWNED(struct request, r, request_free) = NULL;
	enum ending end = load_request(o, path, &r);
	enum err e;

	if (end != END_DONE)
		return end;
	e = case_of_request(o, r, path, c, again);
	if (e == E_OK)
		return END_DONE;
	return fail(e, NOTHING, e == E_SPOOL_FULL ? "daftar sync" : NULL, "%s cannot be kept",
		line(path));
}

/* ---- new and check ---- */

enum ending
command_request_new(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	OWNED_CASE(c);
	struct story s;
	bool again = false;
	enum ending end = office_open(options, NEED_TRUST | NEED_SPOOL, &o);

	if (end == END_DONE)
		end = case_of_file(o, options->value[OPT_FROM], &c, &again);
	if (end != END_DONE)
		return end;
	if (story_load(o, &c, &s) != E_OK)
		return fail(E_IO, NOTHING, NULL, "case %s cannot be read", c.number);
	if (say_in_json()) {
		json_t *j = story_json(&s);

		json_object_set_new(j, "again", json_boolean(again));
		say_json(j);
		return END_DONE;
	}
	say("%s\n", c.number);
	if (again)
		note("This paper is case %s already (%s); nothing was doubled.\n", c.number,
			story_state(&s));
	else
		note("Kept as a draft; nothing has left this computer.\n");
	note("next: daftar %s %s\n", s.filed ? "track" : "request file", c.number);
	return END_DONE;
}

enum ending
command_request_check(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	OWNED(struct request, r, request_free) = NULL;
	enum ending end = office_open(options, NEED_TRUST, &o);

	if (end == END_DONE)
		end = load_request(o, options->argument[0], &r);
	if (end != END_DONE)
		return end;
	if (say_in_json())
		say_json(json_pack("{s:b s:s s:s s:s}", "ok", 1, "caseType", r->case_type, "to",
			r->requested_of.code, "destination", r->destination.code));
	else
		say("ok: a request to %s, for entry by %s\n", r->requested_of.code,
			r->destination.code);
	note("next: daftar request file %s\n", line(options->argument[0]));
	return END_DONE;
}

/* ---- file ---- */

static enum err
compose(struct office *o, const struct officer_case *c, struct buf *out)
{
	const struct trust_party *to = trust_party(o->trust, &c->to);
	const struct trust_agreement *g =
		trust_agreement(o->trust, &o->self, &c->to, A_TRANSCRIPTION_REQUEST);
	struct header h = {.id = c->message,
		.conversation = c->conversation,
		.leg = id_new(),
		.action = A_TRANSCRIPTION_REQUEST,
		.from = o->self,
		.to = c->to,
		.created = instant_now()};

	if (to == NULL || to->n_encrypt == 0)
		return E_UNKNOWN_PARTY;
	if (g == NULL)
		return E_NO_AGREEMENT;
	h.expires = h.created + EXPIRES_MS;
	h.retain_until = h.created + RETAIN_MS;
	if (!copy_text(h.realm, sizeof h.realm, trust_realm(o->trust)) ||
		!copy_text(h.agreement, sizeof h.agreement, g->id) ||
		!copy_text(h.purpose, sizeof h.purpose, c->purpose))
		return E_CONFIG;
	TRY(trust_allows(o->trust, &h, h.created));
	TRY(spool_next_seq(o->spool, &h.to, &h.channel_seq));
	return message_compose(&h, buf_bytes(&c->body), to->encrypt, to->n_encrypt, o->sign, out);
}

/* Into the outbox, once; then the child's particulars are no longer needed here. */
static enum err
file_case(struct office *o, struct officer_case *c, bool *again)
{
	OWNED_BUF(message) = {0};
	OWNED_FD(lock) = -1;
	struct out_entry there;
	enum err e;

	TRY(case_lock(o, &lock));
	e = spool_out(o->spool, &c->message, &there, NULL);
	*again = e == E_OK;
	if (e == E_NOT_FOUND) {
		TRY(compose(o, c, &message));
		e = spool_file(o->spool, buf_bytes(&message), instant_now());
	}
	if (e != E_OK || c->body.size == 0)
		return e;
	buf_free(&c->body);
	(void)!case_save(o, c); /* when it fails, the draft's text stays a little longer */
	return E_OK;
}

static bool
has_answer(struct office *o, void *context)
{
	const struct officer_case *c = context;
	struct out_entry e;

	return spool_out(o->spool, &c->message, &e, NULL) == E_OK && e.state != OUT_FILED;
}

static void
say_filed(struct office *o, const struct story *s, bool again)
{
	OWNED_BUF(receipt) = {0};

	if (!say_in_json()) {
		say("%s %s %s\n", s->c.number, story_state(s), when(story_since(s)));
		return;
	}
	json_t *j = story_json(s);
	json_object_set_new(j, "again", json_boolean(again));
	if (spool_evidence(o->spool, &s->c.message, "ACCEPTED", &receipt) == E_OK)
		json_object_set_new(j, "receipt", json_stringn((char *)receipt.data, receipt.size));
	say_json(j);
}

static enum ending
report(struct office *o, const struct officer_case *c, bool again,
	const struct session_end *line_end)
{
	struct story s;
	enum err e = story_load(o, c, &s);

	if (e != E_OK)
		return fail(e, "the request is safe in the spool", "daftar list",
			"case %s cannot be read", c->number);
	if (s.out.state == OUT_REFUSED)
		return fail(s.out.code, "the request stays in this office; it was not sent on",
			"daftar help request check", "the exchange does not take %s", c->number);
	say_filed(o, &s, again);
	if (s.out.state == OUT_FILED) {
		note("%s is signed, encrypted and safe in the spool. It is not sent yet: %s.\n",
			c->number,
			line_end->was_up ? "the exchange has not confirmed it"
					 : "the exchange could not be reached");
		note("next: daftar sync\n");
		return END_STORED;
	}
	if (again)
		note("This request was filed before; nothing was sent twice.\n");
	note("The exchange's receipt is kept (daftar receipt %s).\nnext: daftar track %s%s\n",
		c->number, c->number, story_ended(&s) ? "" : " --wait");
	return END_DONE;
}

static enum ending
file_and_send(struct office *o, struct officer_case *c, int64_t timeout)
{
	struct session_end end = {.was_up = false};
	bool again = false;
	enum err e = file_case(o, c, &again);

	if (e != E_OK)
		return fail(e, "the draft is kept; nothing was sent",
			e == E_SPOOL_FULL ? "daftar sync" : "daftar doctor", "%s cannot be filed",
			c->number);
	if (timeout != 0 && !has_answer(o, c))
		e = session_run(o, false, timeout < 0 ? SEND_MS : timeout, has_answer, c, &end);
	if (e != E_OK)
		note("The line to the exchange cannot be used: %s.\n", err_sentence(e));
	if (end.interrupted)
		return END_INTERRUPTED;
	return report(o, c, again, &end);
}

/* A draft may have waited for long: what was allowed then need not be allowed now. */
static enum ending
check_draft(struct office *o, const struct officer_case *c)
{
	OWNED(struct request, r, request_free) = NULL;
	enum err e;

	if (c->body.size == 0)
		return END_DONE;
	e = request_parse(buf_bytes(&c->body), &r);
	if (e == E_OK)
		e = check_rules(o, r);
	if (e == E_OK)
		return END_DONE;
	return fail(e, NOTHING, NULL, "the draft %s may not be filed", c->number);
}

static enum ending
case_of_number(struct office *o, const char *typed, struct officer_case *c)
{
	enum ending end;

	if (strpbrk(typed, "./") != NULL)
		return fail(
			E_NOT_FOUND, NOTHING, "daftar list", "there is no file %s", line(typed));
	end = case_of_argument(o, typed, c);
	return end == END_DONE ? check_draft(o, c) : end;
}

enum ending
command_request_file(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	const char *what = options->argument[0];
	OWNED_CASE(c);
	bool again;
	enum ending end = office_open(options, NEED_ALL, &o);

	if (end != END_DONE)
		return end;
	if (strcmp(what, "-") == 0 || access(what, F_OK) == 0)
		end = case_of_file(o, what, &c, &again);
	else
		end = case_of_number(o, what, &c);
	return end == END_DONE ? file_and_send(o, &c, options->timeout) : end;
}
