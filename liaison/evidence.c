/* SPDX-License-Identifier: EUPL-1.2
 *
 * What proves what happened, handed out exactly as it is kept, and checked again by anyone who has
 * the realm's trust list: no exchange and no network are needed for that. */
#include <stdio.h>
#include <string.h>

#include "lib/paper.h"
#include "lib/xml.h"
#include "liaison/daftar.h"

#define SAFE "nothing was changed"

/* ---- receipt ---- */

static const struct {
	const char *word, *kind, *sentence;
} kinds[] = {
	{"ended", "ENDED", N_("the exchange's receipt for the end of the request")},
	{"delivered", "DELIVERED", N_("the exchange's receipt for its delivery")},
	{"accepted", "ACCEPTED", N_("the exchange's receipt for having it on disk")},
	{"addressee", "ADDRESSEE", N_("the registry's own signed receipt")},
	{"request", NULL, N_("the signed request itself, as it was sent")},
};

static enum err
read_evidence(struct office *o, const struct officer_case *c, const char *kind, struct buf *out)
{
	struct out_entry entry;

	if (kind == NULL) {
		TRY(spool_out(o->spool, &c->message, &entry, out));
		return entry.body ? E_OK : E_NOT_FOUND; /* dropped after keep-days */
	}
	return spool_evidence(o->spool, &c->message, kind, out);
}

/* The one asked for, or the one that proves most. */
static enum err
find_evidence(struct office *o, const struct officer_case *c, const char *word, size_t *which,
	struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		/* The request proves nothing by itself: only when it is asked for. */
		if (word == NULL ? kinds[i].kind == NULL : strcmp(word, kinds[i].word) != 0)
			continue;
		*which = i;
		if (read_evidence(o, c, kinds[i].kind, out) == E_OK)
			return E_OK;
	}
	return E_NOT_FOUND;
}

static bool
is_kind(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (word == NULL || strcmp(word, kinds[i].word) == 0)
			return true;
	return false;
}

enum ending
command_receipt(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	enum ending end = office_open(options, NEED_SPOOL | NEED_KEYS, &o);
	const char *word = options->argument[1];
	OWNED_BUF(b) = {0};
	OWNED_CASE(c);
	size_t which;

	if (end == END_DONE)
		end = case_of_argument(o, options->argument[0], &c);
	if (end != END_DONE)
		return end;
	if (!is_kind(word))
		return fail(E_USAGE, SAFE, "daftar help receipt", "there is no evidence called %s",
			line(word));
	if (find_evidence(o, &c, word, &which, &b) != E_OK)
		return fail(E_NOT_FOUND, SAFE, "daftar track NUMBER",
			"there is no such evidence for %s yet", c.number);
	ledger_note(o, &c.conversation, "evidence printed");
	if (say_in_json())
		say_json(json_pack("{s:s s:s s:s#}", "tracking", c.number, "kind",
			kinds[which].word, "receipt", (char *)b.data, (int)b.size));
	else
		say_octets(buf_bytes(&b));
	note("%s, %zu octets; check a saved copy with: daftar verify FILE\n",
		_(kinds[which].sentence), b.size);
	return END_DONE;
}

/* ---- verify ---- */

static enum ending
verify_receipt(const struct office *o, struct bytes doc)
{
	char id[ID_TEXT_SIZE], digest[DIGEST_TEXT_SIZE], at[INSTANT_TEXT_SIZE];
	struct receipt r;
	enum err e = receipt_verify(doc, trust_log_name(o->trust), trust_log_key(o->trust), &r);

	if (e != E_OK)
		return fail(e, SAFE, "ask for the original", "this is no receipt of the exchange");
	id_format(&r.what.id, id);
	digest_format(&r.what.digest, digest);
	instant_format(r.what.at, at);
	if (say_in_json())
		say_json(json_pack("{s:b s:s s:s s:s s:s s:s s:s s:s s:I s:I}", "ok", 1, "what",
			"receipt", "message", id, "digest", digest, "from", r.what.from.code, "to",
			r.what.to.code, "stage", stage_word(r.what.stage), "at", at, "index",
			(json_int_t)r.index, "size", (json_int_t)r.at.size));
	else
		say("ok: the exchange states %s at %s\n    message %s\n    from %s to %s\n"
		    "    SHA-256 %s\n    entry %llu of %llu in the log %s\n",
			stage_word(r.what.stage), when(r.what.at), id, r.what.from.code,
			r.what.to.code, digest, (unsigned long long)r.index + 1,
			(unsigned long long)r.at.size, line(trust_log_name(o->trust)));
	return END_DONE;
}

static void
say_message(const struct verdict *v)
{
	char id[ID_TEXT_SIZE], digest[DIGEST_TEXT_SIZE], ref[ID_TEXT_SIZE];
	const struct header *h = &v->header;
	json_t *j;

	id_format(&h->id, id);
	id_format(&h->ref, ref);
	digest_format(&v->digest, digest);
	if (!say_in_json()) {
		say("ok: %s, signed by %s\n    message %s, made %s\n    to %s\n    SHA-256 %s\n",
			action_word(h->action), h->from.code, id, when(h->created), h->to.code,
			digest);
		if (v->has_receipt)
			say("    states %s %sof message %s\n", stage_word((enum stage)v->stage),
				v->receipt_code, ref);
		return;
	}
	j = json_pack("{s:b s:s s:s s:s s:s s:s s:s}", "ok", 1, "what", "message", "message", id,
		"digest", digest, "from", h->from.code, "to", h->to.code, "action",
		action_word(h->action));
	if (v->has_receipt) {
		json_object_set_new(j, "stage", json_string(stage_word((enum stage)v->stage)));
		json_object_set_new(j, "about", json_string(ref));
	}
	say_json(j);
}

static enum ending
verify_message(const struct office *o, struct bytes doc)
{
	OWNED(struct examiner, x, examiner_free) = NULL;
	struct verdict v;
	enum err e = examiner_start(trust_bytes(o->trust), o->operator, & x);

	if (e != E_OK)
		return fail(e, SAFE, "daftar doctor", "the examiner cannot be started");
	memset(&v, 0, sizeof v);
	e = examiner_examine(x, EXAMINE_FILE, NULL, doc, &v);
	if (e == E_EXPIRED) /* what was said stays said */
		e = E_OK;
	if (e != E_OK)
		return fail(e, SAFE, "ask for the original", "this message is not good");
	say_message(&v);
	return END_DONE;
}

/* ---- the code of a sheet ---- */

/* Which document of the case has this digest; NULL: none that is known here. */
static const char *
document_of(struct office *o, const struct officer_case *c, const struct digest *d)
{
	struct story s;

	if (digest_equal(&c->digest, d))
		return "request";
	if (story_load(o, c, &s) == E_OK && s.has_outcome && digest_equal(&s.outcome.digest, d))
		return "outcome";
	return NULL;
}

/* What a reader of codes has read off a sheet that `request print' made. */
static enum ending
verify_code(const struct options *options, const char *code)
{
	OWNED(struct office, o, office_free) = NULL;
	char number[TRACKING_SIZE];
	const char *what;
	struct digest d;
	OWNED_CASE(c);
	enum ending end;

	if (paper_code_read(code, number, &d) != E_OK)
		return fail(E_INPUT, SAFE, "read it again",
			"this is no code of a sheet, or a character of it was misread");
	end = office_open(options, NEED_ALL, &o);
	if (end == END_DONE)
		end = case_of_argument(o, number, &c);
	if (end != END_DONE)
		return end;
	what = document_of(o, &c, &d);
	if (what == NULL)
		return fail(E_CONFLICT, SAFE, "daftar request print NUMBER",
			"the sheet is of case %s, and not of what this office has of it: it was "
			"altered, or printed from something else",
			number);
	if (say_in_json())
		say_json(json_pack("{s:b s:s s:s s:s}", "ok", 1, "what", "sheet", "tracking",
			number, "document", what));
	else
		say("ok: this sheet is the %s of case %s as this office has it\n", what, number);
	return END_DONE;
}

enum ending
command_verify(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	const char *path = options->argument[0];
	OWNED_BUF(doc) = {0};
	enum ending end;
	enum err e;

	if (strncasecmp(path, "DFT1:", 5) == 0)
		return verify_code(options, path);
	end = office_open(options, NEED_TRUST, &o);
	if (end != END_DONE)
		return end;
	e = input_read(path, XML_MESSAGE_MAX, &doc);
	if (e != E_OK)
		return fail(e, SAFE, NULL, "%s cannot be read", line(path));
	if (doc.size > 10 && memcmp(doc.data, "<e:Receipt", 10) == 0)
		return verify_receipt(o, buf_bytes(&doc));
	return verify_message(o, buf_bytes(&doc));
}
