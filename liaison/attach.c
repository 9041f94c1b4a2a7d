/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar attach': a scan that belongs to a request. With a draft, the request names it from then
 * on; once it is filed, only what it names may follow, or an answer to a question: the registry
 * takes nothing else. */
#include <string.h>

#include "liaison/consent.h"
#include "liaison/scans.h"

#define SEND_MS 5000
#define NOTHING "nothing was attached"

struct attaching {
	struct office *o;
	struct scan scan;
	struct buf file;
	bool again, draft;
};

static void
attaching_clear(struct attaching *a)
{
	buf_free(&a->file);
}

/* ---- the file ---- */

static enum ending
read_file(struct attaching *a, const char *path)
{
	const char *media;
	struct digest d;
	enum err e = input_read(path, ATTACHMENT_MAX, &a->file);

	if (e == E_TOO_LARGE)
		return fail(E_INPUT, NOTHING, "scan it again with fewer dots an inch, 150 say",
			"%s is larger than 8 MiB", line(path));
	if (e != E_OK)
		return fail(e, NOTHING, NULL, "%s cannot be read", line(path));
	media = scan_media(buf_bytes(&a->file));
	if (media == NULL || !copy_text(a->scan.media_type, sizeof a->scan.media_type, media))
		return fail(E_INPUT, NOTHING, "daftar codes media-type",
			"%s is no PDF, JPEG or PNG file", line(path));
	digest_of(a->file.data, a->file.size, &d);
	digest_format(&d, a->scan.digest);
	a->scan.size = a->file.size;
	return END_DONE;
}

/* ---- may it ---- */

static enum err
may_attach(struct office *o, struct officer_case *c, bool *draft)
{
	struct out_entry e;
	struct story s;
	enum err got;

	TRY(case_again(o, c));
	if (c->stop[STOP_WITHDRAWAL].at != 0)
		return E_CONSENT_WITHDRAWN;
	if (case_is_held(c))
		return E_FROZEN;
	if (trust_agreement(o->trust, &o->self, &c->to, A_ATTACHMENT) == NULL)
		return E_NO_AGREEMENT;
	TRY(story_load(o, c, &s));
	if (story_ended(&s))
		return E_FINAL;
	got = spool_out(o->spool, &c->message, &e, NULL);
	*draft = got == E_NOT_FOUND;
	if (got == E_OK && e.state == OUT_REFUSED)
		return E_STATE;
	return *draft ? E_OK : got;
}

/* The draft names it from now on; what somebody has signed on paper stays as it is. */
static enum err
name_in_draft(struct office *o, struct officer_case *c, const struct scan *s)
{
	OWNED(struct request, r, request_free) = NULL;
	struct document **end,
		d = {.kind = s->kind, .digest = s->digest, .media_type = s->media_type};
	OWNED_BUF(is_signed) = {0};
	size_t n = 0;

	TRY(request_parse(buf_bytes(&c->body), &r));
	for (end = &r->documents; *end != NULL; end = &(*end)->next)
		n++;
	if (signed_get(o, c, &is_signed) == E_OK || n >= SCANS_MAX)
		return E_STATE;
	*end = &d;
	buf_reset(&c->body);
	request_compose(r, &c->body);
	case_names(c, &d);
	*end = NULL;
	return case_save(o, c);
}

/* Under which kind the papers of the case name it, or the officer says. */
static enum err
settle_kind(struct officer_case *c, struct scan *s, const char *kind, bool draft, bool *named)
{
	struct case_document d;

	*named = case_document_find(c, s->digest, &d);
	if (!*named && !draft)
		return E_NOT_FOUND;
	if (!*named && kind == NULL)
		return E_USAGE;
	if (*named && kind != NULL && strcmp(kind, d.kind) != 0)
		return E_CONFLICT;
	return copy_text(s->kind, sizeof s->kind, *named ? d.kind : kind) ? E_OK : E_INPUT;
}

/* ---- keeping ---- */

static enum err
keep_with_draft(struct attaching *a, struct officer_case *c, bool named)
{
	struct office *o = a->o;
	enum err e;

	TRY(spool_group(o->spool));
	e = scan_keep(o, &a->scan, buf_bytes(&a->file));
	if (e == E_OK && !named)
		e = name_in_draft(o, c, &a->scan);
	if (e == E_OK)
		return spool_group_end(o->spool);
	spool_group_drop(o->spool);
	return e;
}

static enum err
attach(struct attaching *a, struct officer_case *c, const char *kind)
{
	OWNED_FD(lock) = -1;
	struct scan there;
	bool named;

	TRY(case_lock(a->o, &lock));
	TRY(may_attach(a->o, c, &a->draft));
	a->again = scan_find(a->o, &c->conversation, a->scan.digest, &there) == E_OK;
	if (a->again) {
		a->scan = there;
		if (there.filed || a->draft)
			return E_OK;
	} else {
		TRY(settle_kind(c, &a->scan, kind, a->draft, &named));
		a->scan.conversation = c->conversation;
		a->scan.first = id_new();
		a->scan.at = instant_now();
		ledger_note(a->o, &c->conversation, "scan attached");
		if (a->draft)
			return keep_with_draft(a, c, named);
		TRY(scans_may_be_more(a->o, &c->conversation));
	}
	return scan_file(a->o, c, &a->scan, buf_bytes(&a->file));
}

/* ---- telling ---- */

static enum ending
refuse(const struct officer_case *c, const char *path, enum err e, bool draft)
{
	if (e == E_USAGE)
		return fail(e, NOTHING, "daftar codes document",
			"say what the scan shows: --kind proof-of-birth, for instance");
	if (e == E_CONFLICT)
		return fail(e, NOTHING, "the same without --kind",
			"%s names this scan as another kind of document", c->number);
	if (e == E_NOT_FOUND)
		return fail(E_STATE, NOTHING, "daftar help scans",
			"%s is filed and does not name %s: only scans that it names may follow",
			c->number, line(path));
	if (stops_case(e))
		return stopped_fail(e, c, NOTHING);
	if (e == E_NO_AGREEMENT)
		return fail(
			e, NOTHING, NULL, "%s does not take scans from this office", c->to.code);
	if (e == E_STATE)
		return fail(e, NOTHING, draft ? "daftar help scans" : "daftar outbox",
			draft ? N_("%s has been signed, or has 16 documents already")
			      : N_("the exchange has not taken %s, or it has 16 scans already"),
			c->number);
	return fail(e, NOTHING, e == E_SPOOL_FULL ? "daftar sync" : "daftar doctor",
		"%s cannot be attached to %s", line(path), c->number);
}

static bool
all_left(struct office *o, void *context)
{
	const struct attaching *a = context;
	struct scan_progress p;

	scan_progress(o, &a->scan, &p);
	return p.waiting == 0;
}

static enum ending
report(struct attaching *a, const struct officer_case *c)
{
	struct scan_progress p;

	scan_progress(a->o, &a->scan, &p);
	if (say_in_json()) {
		json_t *j = json_pack("{s:s,s:b}", "tracking", c->number, "again", (int)a->again);

		scans_put(a->o, c, j);
		say_json(j);
	} else {
		say("%s\n", c->number);
		scans_say(a->o, c);
	}
	if (a->again)
		note("This scan was attached before; nothing was doubled.\n");
	if (!a->scan.filed) {
		note("next: daftar request file %s\n", c->number);
		return END_DONE;
	}
	if (p.waiting == 0) {
		note("next: daftar track %s\n", c->number);
		return END_DONE;
	}
	note("What waits is signed, encrypted and safe in the spool, and goes when nothing else "
	     "has to.\nnext: daftar sync\n");
	return END_STORED;
}

static enum ending
send_and_report(struct attaching *a, const struct officer_case *c, int64_t timeout)
{
	struct session_end line_end = {.was_up = false};
	enum err e = E_OK;

	if (a->scan.filed && timeout != 0 && !all_left(a->o, a))
		e = session_run(
			a->o, false, timeout < 0 ? SEND_MS : timeout, all_left, a, &line_end);
	if (e != E_OK)
		note("The line to the exchange cannot be used: %s.\n", _(err_sentence(e)));
	return line_end.interrupted ? END_INTERRUPTED : report(a, c);
}

enum ending
command_attach(const struct options *options)
{
	const char *path = options->argument[1], *kind = options->value[OPT_KIND];
	OWNED(struct office, o, office_free) = NULL;
	__attribute__((cleanup(attaching_clear))) struct attaching a = {.o = NULL};
	enum ending end = office_open(options, NEED_ALL, &o);
	OWNED_CASE(c);
	enum err e;

	a.o = o;
	if (end == END_DONE)
		end = case_of_argument(o, options->argument[0], &c);
	if (end == END_DONE && kind != NULL && !code_known("document", kind))
		end = fail(E_INPUT, NOTHING, "daftar codes document",
			"there is no such kind of document");
	if (end == END_DONE)
		end = read_file(&a, path);
	if (end != END_DONE)
		return end;
	e = attach(&a, &c, kind);
	return e == E_OK ? send_and_report(&a, &c, options->timeout) : refuse(&c, path, e, a.draft);
}
