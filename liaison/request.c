/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar request': from the officer's case file to a message that the exchange has on disk. The
 * same paper is the same case and the same message, however often it is handed in. Nothing is
 * called sent before the exchange's receipt is in the spool. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "liaison/alike.h"
#include "liaison/anew.h"
#include "liaison/consent.h"
#include "liaison/scans.h"
#include "liaison/terminal.h"

#define SEND_MS 5000
#define NOTHING "nothing was changed and nothing was sent"
#define KEPT "the draft is kept; nothing was sent"

/* ---- cases ---- */

static void
label_from(const char *path, char out[LABEL_SIZE])
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
	} while (e == E_OK || !tracking_is_plain(c->number));
}

enum err
case_begin(struct office *o, const struct case_file *f, const char *label, struct bytes body,
	struct officer_case *c)
{
	const struct request *r = f->request;

	if (c->number[0] == '\0')
		name_case(o, c);
	c->message = id_new();
	c->to = r->requested_of;
	c->destination = r->destination;
	digest_of(body.data, body.size, &c->digest);
	c->created = instant_now();
	label_from(label, c->label);
	if (!copy_text(c->purpose, sizeof c->purpose, r->consent.purpose))
		return E_PURPOSE;
	buf_add_bytes(&c->body, body);
	case_names(c, r->documents);
	return E_OK;
}

/* The answers that became it end with it: another window may still have them. */
static enum err
keep_case(struct office *o, const struct case_file *f, struct officer_case *c)
{
	TRY(anew_note(o, c));
	TRY(consents_keep(o, f->consents, c));
	TRY(case_save(o, c));
	TRY(alike_note(o, f->request, c->number));
	TRY(draft_done(o, c->number));
	ledger_note(o, &c->conversation, "drafted");
	return E_OK;
}

/* A number is one case, for ever: what was filed under it could not be stopped any more. */
static enum err
take_number(struct office *o, const struct id *as, struct officer_case *c)
{
	OWNED_CASE(there);
	enum err e;

	c->conversation = *as;
	tracking_of(as, c->number);
	e = case_find(o, c->number, &there);
	return e == E_OK ? E_CONFLICT : e == E_NOT_FOUND ? E_OK : e;
}

static enum err
make_case(struct office *o, const struct case_file *f, const char *path, const struct id *as,
	struct bytes body, struct officer_case *c)
{
	enum err e;

	if (as != NULL)
		TRY(take_number(o, as, c));
	TRY(case_begin(o, f, path, body, c));
	TRY(spool_group(o->spool));
	e = keep_case(o, f, c);
	if (e == E_OK)
		return spool_group_end(o->spool);
	spool_group_drop(o->spool);
	return e;
}

/* The case of this paper, E_NOT_FOUND: there is none yet, or nobody has it any more and nobody has
 * decided it, so that it may be filed as a new one, in place of that which was given back. */
static enum err
find_case(struct office *o, const struct request *r, struct buf *body, struct officer_case *c)
{
	char before[TRACKING_SIZE] = "";
	struct digest d;
	struct story s;

	request_compose(r, body);
	digest_of(body->data, body->size, &d);
	TRY(case_by_digest(o, &d, c));
	if (story_load(o, c, &s) != E_OK || !story_may_be_filed_anew(&s))
		return E_OK;
	if (story_was_given_back(&s))
		memcpy(before, c->number, sizeof before);
	case_free(c);
	memset(c, 0, sizeof *c);
	memcpy(c->instead_of, before, sizeof before);
	return E_NOT_FOUND;
}

/* The case of this paper: the one there is, or a new draft. */
static enum err
case_of_request(struct office *o, const struct case_file *f, const char *path, const struct id *as,
	struct officer_case *c, bool *again)
{
	OWNED_FD(lock) = -1;
	OWNED_BUF(body) = {0};
	enum err e;

	TRY(case_lock(o, &lock));
	e = find_case(o, f->request, &body, c);
	*again = e == E_OK;
	return e == E_NOT_FOUND ? make_case(o, f, path, as, buf_bytes(&body), c) : e;
}

enum ending
case_keep(struct office *o, const struct case_file *f, const char *path, const struct id *as,
	struct officer_case *c, bool *again)
{
	enum err e = case_of_request(o, f, path, as, c, again);

	if (e == E_OK)
		return END_DONE;
	if (e == E_CONFLICT && as != NULL)
		return fail(e, "what the other window has kept is safe", "daftar list",
			"another window has changed or ended the draft %s", c->number);
	return fail(e, NOTHING, e == E_SPOOL_FULL ? "daftar sync" : NULL, "%s cannot be kept",
		line(path));
}

/* The text of a draft is what goes out: a second officer has signed there, not in the file. */
static enum err
check_draft(struct office *o, const struct officer_case *c)
{
	OWNED(struct request, r, request_free) = NULL;

	TRY(request_parse(buf_bytes(&c->body), &r));
	TRY(check_rules(o, r));
	return check_clearance(o, r, c);
}

/* May this case, or the paper that is no case yet, be filed as it stands? What was allowed when a
 * draft was made need not be allowed now. */
static enum err
check_filing(struct office *o, const struct request *r, const struct officer_case *c)
{
	if (c->number[0] == '\0')
		return check_clearance(o, r, NULL);
	if (c->stop[STOP_WITHDRAWAL].at != 0)
		return E_CONSENT_WITHDRAWN;
	if (case_is_held(c))
		return E_FROZEN;
	TRY(consents_stand(o, c));
	return c->body.size == 0 ? E_OK : check_draft(o, c);
}

/* ---- new and check ---- */

static void
say_next(struct office *o, const struct officer_case *c, const struct story *s)
{
	OWNED(struct request, r, request_free) = NULL;
	bool clear = !s->filed && c->body.size > 0 &&
		     request_parse(buf_bytes(&c->body), &r) == E_OK && !clearance_is_given(o, r, c);

	if (clear)
		note("A second officer has to clear it before it may be filed.\n"
		     "next: daftar consent clear %s --officer-dir DIR\n",
			c->number);
	else
		note(s->filed ? N_("next: daftar track %s\n")
			      : N_("next: daftar request file %s\n"),
			c->number);
}

enum ending
case_kept(struct office *o, const struct case_file *f, const struct officer_case *c, bool again)
{
	struct story s;

	if (story_load(o, c, &s) != E_OK)
		return fail(E_IO, NOTHING, NULL, "case %s cannot be read", c->number);
	alike_look(o, f->request, c->number);
	if (say_in_json()) {
		json_t *j = story_json(&s);

		json_object_set_new(j, "again", json_boolean(again));
		looked_put(j);
		say_json(j);
		return END_DONE;
	}
	say("%s\n", c->number);
	if (again)
		note("This paper is case %s already (%s); nothing was doubled.\n", c->number,
			label_of(story_state(&s)));
	else
		note("Kept as a draft; nothing has left this computer.\n");
	say_next(o, c, &s);
	return END_DONE;
}

enum ending
command_request_new(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	const char *path = options->value[OPT_FROM];
	OWNED_CASE_FILE(f);
	OWNED_CASE(c);
	bool again = false;
	enum ending end;

	if (path == NULL)
		return wizard_run(options);
	end = office_open(options, NEED_ALL, &o);
	if (end == END_DONE)
		end = case_file_load(o, path, &f);
	if (end == END_DONE)
		end = case_keep(o, &f, path, NULL, &c, &again);
	return end == END_DONE ? case_kept(o, &f, &c, again) : end;
}

/* The paper as it is, or as the draft that it is already; and other cases that it may double. */
static enum err
check_paper(struct office *o, const struct case_file *f)
{
	OWNED_BUF(body) = {0};
	OWNED_CASE(c);
	enum err e = find_case(o, f->request, &body, &c);

	if (e != E_OK && e != E_NOT_FOUND)
		return e;
	alike_look(o, f->request, c.number);
	return check_filing(o, f->request, &c);
}

enum ending
command_request_check(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	const struct request *r;
	OWNED_CASE_FILE(f);
	enum ending end = office_open(options, NEED_ALL, &o);
	enum err e;

	if (end == END_DONE)
		end = case_file_load(o, options->argument[0], &f);
	if (end != END_DONE)
		return end;
	e = check_paper(o, &f);
	if (e != E_OK)
		return check_fail(e, NOTHING, options->argument[0]);
	r = f.request;
	if (say_in_json())
		say_json(json_pack("{s:b s:s s:s s:s s:o*}", "ok", 1, "caseType", r->case_type,
			"to", r->requested_of.code, "destination", r->destination.code, "warnings",
			looked_again()));
	else
		say("ok: a request to %s, for entry by %s\n", r->requested_of.code,
			r->destination.code);
	note("next: daftar request file %s\n", line(options->argument[0]));
	return END_DONE;
}

/* ---- file ---- */

/* Somebody else of the office may have filed or stopped it since it was read. */
static enum err
still_allowed(struct office *o, struct officer_case *c)
{
	TRY(case_again(o, c));
	if (c->stop[STOP_WITHDRAWAL].at != 0)
		return E_CONSENT_WITHDRAWN;
	TRY(consents_stand(o, c));
	return case_is_held(c) ? E_FROZEN : E_OK;
}

/* The child's particulars are no longer needed here. */
static enum err
forget_body(struct office *o, struct officer_case *c)
{
	buf_free(&c->body);
	return case_save(o, c);
}

/* With its token, without which what has left can be stopped by nothing. */
static enum err
put_out(struct office *o, struct officer_case *c, struct bytes message)
{
	TRY(spool_file(o->spool, message, instant_now()));
	ledger_note(o, &c->conversation, "filed");
	TRY(signed_drop(o, c->number));
	return forget_body(o, c);
}

/* Filed with all that belongs to it, or not at all. */
static enum err
file_now(struct office *o, struct officer_case *c)
{
	OWNED_BUF(message) = {0};
	enum err e;

	if (signed_get(o, c, &message) != E_OK)
		TRY(compose_request(o, c, &message));
	TRY(spool_group(o->spool));
	e = put_out(o, c, buf_bytes(&message));
	if (e == E_OK)
		return spool_group_end(o->spool);
	spool_group_drop(o->spool);
	return e;
}

/* Into the outbox, once. */
static enum err
file_case(struct office *o, struct officer_case *c, bool *again)
{
	OWNED_FD(lock) = -1;
	struct out_entry there;
	bool whole;
	enum err e;

	TRY(case_lock(o, &lock));
	TRY(still_allowed(o, c));
	whole = c->body.size > 0;
	e = spool_out(o->spool, &c->message, &there, NULL);
	*again = e == E_OK;
	if (e == E_NOT_FOUND)
		e = file_now(o, c);
	else if (e == E_OK && whole)
		e = forget_body(o, c);
	if (e == E_OK)
		e = scans_file_kept(o, c);
	if (e == E_OK && whole)
		(void)!office_forget(o);
	return e;
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
		say("%s %s %s\n", s->c.number, label_of(story_state(s)), when(story_since(s)));
		return;
	}
	json_t *j = story_json(s);
	json_object_set_new(j, "again", json_boolean(again));
	looked_put(j);
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
			line_end->was_up ? _("the exchange has not confirmed it")
					 : _("the exchange could not be reached"));
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
		return fail(e, KEPT, e == E_SPOOL_FULL ? "daftar sync" : "daftar doctor",
			"%s cannot be filed", c->number);
	if (timeout != 0 && !has_answer(o, c))
		e = session_run(o, false, timeout < 0 ? SEND_MS : timeout, has_answer, c, &end);
	if (e != E_OK)
		note("The line to the exchange cannot be used: %s.\n", _(err_sentence(e)));
	if (end.interrupted)
		return END_INTERRUPTED;
	return report(o, c, again, &end);
}

enum ending
request_of_number(struct office *o, const char *typed, struct officer_case *c)
{
	enum ending end;
	enum err e;

	if (strpbrk(typed, "./") != NULL)
		return fail(
			E_NOT_FOUND, NOTHING, "daftar list", "there is no file %s", line(typed));
	end = case_of_argument(o, typed, c);
	if (end != END_DONE)
		return end;
	e = check_filing(o, NULL, c);
	return e == E_OK ? END_DONE : check_fail(e, NOTHING, c->number);
}

static enum ending
case_of_file(struct office *o, const char *path, struct officer_case *c, bool *again)
{
	OWNED_CASE_FILE(f);
	enum ending end = case_file_load(o, path, &f);
	enum err e;

	if (end != END_DONE)
		return end;
	e = check_paper(o, &f);
	return e == E_OK ? case_keep(o, &f, path, NULL, c, again) : check_fail(e, NOTHING, path);
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
		end = request_of_number(o, what, &c);
	if (end == END_DONE)
		end = anew_follow(o, &c);
	return end == END_DONE ? file_and_send(o, &c, options->timeout) : end;
}
