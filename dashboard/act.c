/* SPDX-License-Identifier: EUPL-1.2
 *
 * Changes. GET says what would happen and to what, and asks for a reason; POST does it. The answer
 * to a POST is the page from which the viewer came, with a line on what came of it, or the error in
 * the house form; a reload never does anything twice. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dashboard/visit.h"
#include "lib/log.h"

#define REASON_MAX 200
#define YEAR_9999 INT64_C(253402300800000) /* ms: no instant is written from then on */

/* One of an act's arguments: "id", "n:number", "on:switch". */
struct argument {
	char name[QUERY_NAME_SIZE];
	enum { A_TEXT, A_NUMBER, A_SWITCH } type;
};

/* What only asks a party, or looks after the store, is not written down: it has no reason. */
static bool
is_kept(const struct act *act)
{
	static const char *const others[] = {
		"reconcile.run", "reconcile.sign", "scrub.run", "backup.run"};

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(others[i], act->verb) == 0)
			return false;
	return true;
}

static bool
next_argument(const char **at, struct argument *out)
{
	size_t n = strcspn(*at, " "), name = strcspn(*at, " :");
	const char *type = *at + name;

	if (n == 0)
		return false;
	assert(name < sizeof out->name);
	memcpy(out->name, *at, name);
	out->name[name] = '\0';
	out->type = strncmp(type, ":number", 7) == 0   ? A_NUMBER
		    : strncmp(type, ":switch", 7) == 0 ? A_SWITCH
						       : A_TEXT;
	*at += n;
	*at += strspn(*at, " ");
	return true;
}

static bool
is_switched_on(const char *text)
{
	return strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;
}

static json_t *
value_of(const struct argument *a, const char *text)
{
	switch (a->type) {
	case A_TEXT:
		return json_string(text);
	case A_NUMBER:
		return json_integer(strtoll(text, NULL, 10));
	case A_SWITCH:
		return json_boolean(is_switched_on(text));
	}
	return NULL;
}

static json_t *
args_of(const struct act *act, const struct query *q)
{
	json_t *args = json_object();
	const char *at = act->args;
	struct argument a;

	while (next_argument(&at, &a))
		if (query_text(q, a.name) != NULL)
			json_object_set_new(args, a.name, value_of(&a, query_text(q, a.name)));
	return args;
}

/* Where the viewer came from: a page of ours, or the overview. */
static const char *
back_of(const struct visit *v)
{
	const char *back = query_text(&v->query, "back");
	OWNED(char, path, free_chars) =
		back == NULL ? NULL : xprintf("%.*s", (int)strcspn(back, "?"), back);

	return path != NULL && screen_find(path) != NULL ? back : "/";
}

/* ---- asking ---- */

/* Messages and alerts alike are named by an id. */
static const char *
argument_words(const struct act *act, const char *name)
{
	static const struct {
		const char *name, *words;
	} rows[] = {
		{"number", N_("Number")},
		{"code", N_("Code")},
		{"from", N_("From")},
		{"to", N_("To")},
		{"since", N_("Since")},
		{"until", N_("Until")},
		{"party", N_("Party")},
		{"fingerprint", N_("Fingerprint")},
		{"rule", N_("Name")},
		{"name", N_("Name")},
		{"on", N_("New messages")},
		{"level", N_("Level")},
	};

	if (strcmp(name, "id") == 0)
		return strncmp(act->path, "/act/alert-", 11) == 0 ? _("Alert") : _("Message id");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return _(rows[i].words);
	return name;
}

/* A moment comes as ms, a span as "8h", what is switched as "yes": said as people say them. */
static void
put_argument(struct page *p, const struct argument *a, const char *text)
{
	int64_t n = strtoll(text, NULL, 10);

	if (a->type == A_SWITCH)
		p_words(p, is_switched_on(text) ? N_("none are taken") : N_("are taken"));
	else if (a->type == A_NUMBER &&
		 (strcmp(a->name, "since") == 0 || strcmp(a->name, "until") == 0) && n < YEAR_9999)
		p_instant(p, n);
	else if (strcmp(a->name, "until") == 0 && n > 0 && n < 1000 &&
		 strcmp(text + strspn(text, "0123456789"), "h") == 0)
		p_instant(p, p->now + n * 3600000);
	else
		p_code(p, text);
}

static void
put_arguments(struct page *p, const struct act *act)
{
	const char *at = act->args;
	struct argument a;

	p_facts(p);
	while (next_argument(&at, &a)) {
		if (query_text(p->query, a.name) == NULL)
			continue;
		p_raw(p, "<div><dt>");
		p_words(p, "%s", argument_words(act, a.name));
		p_raw(p, "</dt><dd>");
		put_argument(p, &a, query_text(p->query, a.name));
		p_raw(p, "</dd></div>");
	}
	p_facts_end(p);
}

/* What would be touched, before it is. The verb wants a reason even for that; it is kept nowhere.
 */
static void
put_dry_run(struct page *p, const struct act *act)
{
	json_t *args = args_of(act, p->query);
	const json_t *answer, *id;
	size_t i;

	json_object_set_new(args, "dry_run", json_true());
	json_object_set_new(args, "reason", json_string("dry-run"));
	answer = p_ask(p, act->verb, args);
	if (answer == NULL)
		return;
	p_raw(p, "<p class=\"dry\"><strong>");
	p_count(p, number_of(answer, "matches"), "%lld message would be touched.",
		"%lld messages would be touched.");
	p_raw(p, "</strong></p><ul class=\"ids\">");
	json_array_foreach(json_object_get(answer, "ids"), i, id)
	{
		p_raw(p, "<li>");
		p_code(p, json_is_string(id) ? json_string_value(id) : "");
		p_raw(p, "</li>");
	}
	p_raw(p, "</ul>");
}

static void
put_hidden(struct page *p, const char *name, const char *value)
{
	p_raw(p, "<input type=\"hidden\" name=\"");
	p_text(p, name);
	p_raw(p, "\" value=\"");
	p_text(p, value);
	p_raw(p, "\">");
}

static void
put_reason(struct page *p)
{
	const char *said = query_text(p->query, "reason");

	p_raw(p, "<label for=\"reason\">");
	p_words(p, N_("Why? Your name and this reason are kept in the public log."));
	p_raw(p, "</label><input id=\"reason\" name=\"reason\" required maxlength=\"200\" "
		 "pattern=\"[ -~]+\" autocomplete=\"off\" dir=\"auto\" "
		 "aria-describedby=\"reason-hint\" value=\"");
	p_text(p, said != NULL ? said : "");
	p_raw(p, "\"><p id=\"reason-hint\" class=\"note\">");
	p_words(p, N_("In Latin letters without accents, at most 200; no names of persons in a "
		      "case."));
	p_raw(p, "</p>");
}

static void
put_form(struct page *p, const struct visit *v, const struct act *act)
{
	const char *at = act->args;
	struct argument a;

	p_raw(p, "<form class=\"act\" method=\"post\" action=\"");
	p_text(p, act->path);
	p_raw(p, "\">");
	p_token(p);
	put_hidden(p, "back", back_of(v));
	while (next_argument(&at, &a))
		if (query_text(p->query, a.name) != NULL)
			put_hidden(p, a.name, query_text(p->query, a.name));
	if (is_kept(act))
		put_reason(p);
	p_raw(p, "<p class=\"acts\"><button type=\"submit\" class=\"primary\">");
	p_text(p, _(act->title));
	p_raw(p, "</button> <a class=\"button\" href=\"");
	p_text(p, back_of(v));
	p_raw(p, "\">");
	p_words(p, N_("Do nothing and go back"));
	p_raw(p, "</a></p></form>");
}

/* `what' NULL: asked for the first time; else why it was not done. */
static void
ask(struct visit *v, const struct act *act, int status, enum err e, const char *what)
{
	OWNED(struct page, p, page_free) = page_new(v, NULL);

	snprintf(p->title, sizeof p->title, "%s", _(act->title));
	page_begin(p);
	if (what != NULL)
		p_error(p, e, what);
	p_raw(p, "<p class=\"sentence\">");
	p_text(p, _(act->sentence));
	p_raw(p, "</p>");
	put_arguments(p, act);
	if (act->dry)
		put_dry_run(p, act);
	put_form(p, v, act);
	page_end(p);
	p->status = status;
	answer_page(v, p);
}

/* ---- doing ---- */

static bool
is_fit(const char *reason)
{
	size_t n = reason == NULL ? 0 : strlen(reason);

	if (n == 0 || n > REASON_MAX || strspn(reason, " ") == n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (reason[i] < ' ' || reason[i] > '~')
			return false;
	return true;
}

/* How many were touched, or under which number a change waits; -1: it was one thing. */
static struct flash
flash_of(const json_t *data)
{
	struct flash f = {.words = N_("Done. It is written into the log."), .number = -1};
	const json_t *change = json_object_get(data, "change");

	if (!json_is_object(change))
		change = data;
	if (strcmp(text_of(change, "state"), "waits") == 0) {
		f.words =
			N_("It waits for the second officer, who approves it on the machine of the "
			   "exchange: daftarctl change approve %lld");
		f.number = number_of(change, "number");
	} else if (json_is_integer(json_object_get(data, "done"))) {
		f.words = N_("Done with %lld of them. It is written into the log.");
		f.number = number_of(data, "done");
	}
	return f;
}

static int
status_of(enum err e)
{
	return e == E_UNREACHABLE ? 503 : e == E_OFFICER ? 403 : 409;
}

static void
perform(struct visit *v, const struct act *act)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	json_t *args = args_of(act, &v->query);
	enum err e;

	if (is_kept(act))
		json_object_set_new(args, "reason", json_string(query_text(&v->query, "reason")));
	e = broker_act(v->server->broker, act->verb, args, &data);
	log_line(LOG_NOTICE, "act=%s user=%s result=%s", act->verb, v->viewer.user, err_word(e));
	if (e != E_OK) {
		ask(v, act, status_of(e), e, N_("It was not done"));
		return;
	}
	v->session->flash = flash_of(data);
	if (!is_kept(act))
		v->session->flash.words = N_("Begun. What comes of it is shown here.");
	answer_go(v, back_of(v));
}

void
visit_act(struct visit *v, const struct act *act)
{
	const char *token = query_text(&v->query, "token");

	if ((v->viewer.roles & act->roles) == 0) {
		answer_notice(v, 403, N_("Your role does not allow this"),
			N_("Ask somebody who has the role; the operator of the exchange gives it "
			   "in the "
			   "configuration. Nothing was changed."));
		return;
	}
	if (v->r->method != HTTP_M_POST) {
		ask(v, act, 200, E_OK, NULL);
		return;
	}
	if (!visit_is_ours(v) || token == NULL || !session_token_fits(v->session, token)) {
		answer_notice(v, 403, N_("This form is not from here"),
			N_("Go back, reload the page and try again. Nothing was changed."));
		return;
	}
	if (is_kept(act) && !is_fit(query_text(&v->query, "reason"))) {
		ask(v, act, 422, E_INPUT, N_("A reason is missing, or cannot be kept"));
		return;
	}
	perform(v, act);
}
