/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar request print': a draft as the form that is signed, stamped or carried to a registry that
 * works on paper, and the outcome for the family. What has been filed has no particulars here any
 * more; then the outcome is what can be printed. `request show' reads the same items out. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/paper.h"
#include "liaison/consent.h"
#include "liaison/terminal.h"

#define SAFE "nothing was changed"

struct sheet {
	struct paper paper;
	const char *what; /* "request" or "outcome" */
};

/* ---- what can be printed of a case ---- */

static enum err
fill_request(const struct officer_case *c, struct sheet *s)
{
	OWNED(struct request, r, request_free) = NULL;

	if (c->body.size == 0)
		return E_NOT_FOUND;
	TRY(request_parse(buf_bytes(&c->body), &r));
	paper_begin(&s->paper, "title-request", c->number, &c->digest);
	paper_request(&s->paper, r);
	s->what = "request";
	return E_OK;
}

static enum err
fill_outcome(struct office *o, const struct officer_case *c, struct sheet *s)
{
	OWNED(struct outcome, u, outcome_free) = NULL;
	struct story story;

	TRY(story_load(o, c, &story));
	if (!story.has_outcome)
		return E_NOT_FOUND;
	TRY(outcome_open(o, &story.outcome, &u));
	paper_begin(&s->paper, "title-outcome", c->number, &story.outcome.digest);
	paper_add(&s->paper, "issuer", c->to.code);
	paper_add(&s->paper, "destination", c->destination.code);
	paper_outcome(&s->paper, u);
	s->what = "outcome";
	return E_OK;
}

/* What codes mean is said in the sheet's own language. */
static enum err
fill(struct office *o, const struct officer_case *c, const char *what, struct sheet *s)
{
	OWNED(char, now, free_chars) = xstrdup(lang_now());
	enum err e = E_NOT_FOUND;

	lang_switch(paper_language_code(s->paper.first));
	if (what == NULL || strcmp(what, "outcome") == 0)
		e = fill_outcome(o, c, s);
	if (e == E_NOT_FOUND && (what == NULL || strcmp(what, "request") == 0))
		e = fill_request(c, s);
	lang_switch(now);
	return e;
}

static enum ending
fill_fail(enum err e, const struct officer_case *c)
{
	if (e != E_NOT_FOUND)
		return fail(e, SAFE, "daftar doctor", "case %s cannot be read", c->number);
	return fail(e, "the case goes on as it is", "daftar track NUMBER",
		"of case %s nothing can be printed now: the particulars were erased here when it "
		"was filed, and there is no outcome yet",
		c->number);
}

/* ---- languages ---- */

/* "fr,ar"; without the option the language in force, beside French (Convention 16, article 3), or
 * English beside French. */
static bool
languages_of(const char *text, struct paper *p)
{
	if (text != NULL)
		return paper_languages_of(text, p);
	if (!paper_language_of(lang_now(), &p->first))
		p->first = PAPER_EN;
	p->second = p->first == PAPER_FR ? PAPER_EN : PAPER_FR;
	return true;
}

/* ---- out ---- */

/* The name tells nothing about the person; whoever prints over an older sheet of the case means it.
 */
static enum ending
write_pdf(const struct sheet *s, const char *to, struct bytes pdf)
{
	OWNED(char, path, free_chars) =
		to != NULL ? xstrdup(to) : xprintf("%s-%s.pdf", s->paper.number, s->what);
	enum err e;

	if (strcmp(path, "-") == 0) {
		say_octets(pdf);
		return END_DONE;
	}
	e = file_replace_personal(path, pdf);
	if (e != E_OK)
		return fail(e, "nothing was written", "daftar request print NUMBER --to FILE",
			"%s cannot be written", line(path));
	if (say_in_json())
		say_json(json_pack("{s:b s:s s:s s:s}", "ok", 1, "tracking", s->paper.number,
			"document", s->what, "file", path));
	else
		say("%s\n", path);
	note("It holds personal data: print it, hand it over, and erase the file.\n");
	return END_DONE;
}

static enum ending
print_sheet(const struct sheet *s, const char *to)
{
	OWNED_BUF(pdf) = {0};
	size_t unknown = 0;
	enum err e = paper_pdf(&s->paper, &pdf, &unknown);

	if (e != E_OK)
		return fail(e, SAFE, "daftar doctor", "the sheet cannot be drawn");
	if (unknown > 0)
		return fail(E_IO, "nothing was written", "apt-get install fonts-noto-core",
			"no font on this computer has all letters of case %s; a sheet with gaps "
			"would be wrong",
			s->paper.number);
	return write_pdf(s, to, buf_bytes(&pdf));
}

static enum ending
open_sheet(const struct options *options, struct office **o, struct officer_case *c,
	const char *ledger, struct sheet *s)
{
	const char *what = options->argument[1];
	enum ending end;
	enum err e;

	if (what != NULL && strcmp(what, "request") != 0 && strcmp(what, "outcome") != 0)
		return fail(E_USAGE, SAFE, "daftar help request print",
			"what can be printed is request or outcome, not %s", line(what));
	end = office_open(options, NEED_ALL, o);
	if (end == END_DONE)
		end = case_of_argument(*o, options->argument[0], c);
	if (end != END_DONE)
		return end;
	s->paper.training = office_is_training(*o);
	e = fill(*o, c, what, s);
	if (e != E_OK)
		return fill_fail(e, c);
	ledger_note(*o, &c->conversation, ledger);
	return END_DONE;
}

static void
sheet_end(struct sheet *s)
{
	paper_end(&s->paper);
}

enum ending
command_request_print(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	__attribute__((cleanup(sheet_end))) struct sheet s = {.what = NULL};
	OWNED_CASE(c);
	enum ending end;

	if (!languages_of(options->value[OPT_LANGUAGES], &s.paper))
		return fail(E_USAGE, SAFE, "daftar request print NUMBER --languages fr,ar",
			"--languages is one or two of en, fr, ar, am, so, sw and ti, not %s",
			line(options->value[OPT_LANGUAGES]));
	end = open_sheet(options, &o, &c, N_("printed"), &s);
	return end == END_DONE ? print_sheet(&s, options->value[OPT_TO]) : end;
}

/* ---- show ---- */

static const char *
heading_of(const char *field)
{
	enum paper_language l;
	const char *word = paper_language_of(lang_now(), &l) ? paper_word(field, l) : "";

	return word[0] != '\0' ? word : paper_word(field, PAPER_EN);
}

/* A value of several lines: each one after its heading, for eyes and for screen readers. */
static void
show_row(const struct paper_row *r)
{
	OWNED(char, value, free_chars) = xstrdup(r->value[0] == '\0' ? "-" : r->value);

	for (char *next, *text = value; text != NULL; text = next) {
		next = strchr(text, '\n');
		if (next != NULL)
			*next++ = '\0';
		say_fact(heading_of(r->field), text);
	}
}

static void
show_json(const struct sheet *s)
{
	json_t *items = json_array();

	for (size_t i = 0; i < s->paper.rows; i++)
		json_array_append_new(items,
			json_pack("{s:s s:s s:s*}", "field", s->paper.row[i].field, "item",
				paper_item(s->paper.row[i].field), "value",
				s->paper.row[i].value[0] == '\0' ? NULL : s->paper.row[i].value));
	say_json(json_pack(
		"{s:s s:s s:o}", "tracking", s->paper.number, "document", s->what, "items", items));
}

enum ending
command_request_show(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	__attribute__((cleanup(sheet_end))) struct sheet s = {.what = NULL};
	OWNED_CASE(c);
	enum ending end;

	(void)!languages_of(NULL, &s.paper);
	end = open_sheet(options, &o, &c, N_("shown"), &s);
	if (end != END_DONE)
		return end;
	if (say_in_json()) {
		show_json(&s);
		return END_DONE;
	}
	say_fact(heading_of("number"), s.paper.number);
	for (size_t i = 0; i < s.paper.rows; i++)
		if (strcmp(s.paper.row[i].field, "signature") != 0)
			show_row(&s.paper.row[i]);
	return END_DONE;
}
