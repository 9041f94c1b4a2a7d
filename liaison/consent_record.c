/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar consent record', `list' and `show': consents written down once, as the person gave them,
 * and named by requests afterwards. */
#include <stdio.h>
#include <string.h>

#include "lib/json_text.h"
#include "lib/protect.h"
#include "liaison/consent.h"
#include "liaison/terminal.h"

#define FILE_MAX ((size_t)256 << 10)
#define SCAN_MAX ((size_t)64 << 20)
#define DAY_MS INT64_C(86400000)
#define NOTHING "nothing was kept"

/* ---- record ---- */

/* What the officer need not write: an id, and the digest of the signed form. */
static enum err
complete(json_t *paper, const char *evidence)
{
	const json_t *given = json_object_get(paper, "evidenceDigest");
	char id[ID_TEXT_SIZE];
	struct id fresh;

	if (!json_is_object(paper))
		return E_OK; /* the reader says what is wrong with it */
	if (json_object_get(paper, "id") == NULL) {
		fresh = id_new();
		id_format(&fresh, id);
		json_object_set_new(paper, "id", json_string(id));
	}
	if (evidence[0] == '\0')
		return E_OK;
	if (given == NULL)
		json_object_set_new(paper, "evidenceDigest", json_string(evidence));
	else if (!json_is_string(given) || strcmp(json_string_value(given), evidence) != 0) {
		blame("evidenceDigest: not that of the scan");
		return E_INPUT;
	}
	return E_OK;
}

static enum err
digest_of_scan(const char *path, char out[DIGEST_TEXT_SIZE])
{
	OWNED_BUF(scan) = {0};
	struct digest d;

	out[0] = '\0';
	if (path == NULL)
		return E_OK;
	TRY(input_read(path, SCAN_MAX, &scan));
	digest_of(scan.data, scan.size, &d);
	digest_format(&d, out);
	return E_OK;
}

/* The file as a list of consents; NULL when it is no JSON. */
static json_t *
read_list(const struct buf *text, const char *evidence, enum err *e)
{
	json_t *root = json_loadb((char *)text->data, text->size, JSON_REJECT_DUPLICATES, NULL);
	json_t *list = root;
	json_t *paper;
	size_t i;

	if (json_is_object(root)) {
		list = json_array();
		json_array_append_new(list, root);
	}
	json_array_foreach(list, i, paper) if (*e == E_OK) *e = complete(paper, evidence);
	return list;
}

/* By the reader of case files, so that what is recorded can be filed. */
static enum err
validate(const struct buf *text, json_t *list, struct request **out)
{
	json_t *whole = list == NULL ? NULL : json_pack("{s:O}", "consent", list);
	OWNED(char, dumped, free_chars) = whole == NULL ? NULL : json_dumps(whole, 0);
	OWNED_BUF(problems) = {0};
	enum err e;

	json_decref(whole);
	if (dumped != NULL)
		e = consents_of_json(dumped, strlen(dumped), out, &problems);
	else
		e = consents_of_json((char *)text->data, text->size, out, &problems);
	if (e != E_OK)
		blame_lines(&problems);
	return e;
}

static enum err
check_consents(const struct office *o, const struct request *r)
{
	size_t i = 0;

	for (const struct consent *c = &r->consent; c != NULL; c = c->next, i++) {
		enum err e = check_consent(o, c);

		if (e != E_OK) {
			OWNED(char, text, free_chars) = xprintf(_("this is consent[%zu]"), i + 1);

			blame(text);
			return e;
		}
	}
	return E_OK;
}

/* E_OK: it is kept already, as it is; E_NOT_FOUND: it may be kept. */
static enum err
look_for(struct office *o, const json_t *paper)
{
	OWNED_CONSENT(k);
	enum err e = kept_find(o, json_string_value(json_object_get(paper, "id")), &k);

	if (e == E_OK && k.withdrawn != 0)
		return E_CONSENT_WITHDRAWN;
	return e != E_OK || json_equal(k.paper, paper) ? e : E_CONFLICT;
}

static enum err
keep_one(struct office *o, json_t *paper)
{
	struct kept_consent k = {.paper = paper, .recorded = instant_now()};
	const char *id = json_string_value(json_object_get(paper, "id"));
	bool again = look_for(o, paper) == E_OK;

	if (!copy_text(k.id, sizeof k.id, id))
		return E_INPUT;
	if (!again)
		TRY(kept_save(o, &k));
	if (say_in_json())
		say_json(json_pack(
			"{s:s s:s s:b}", "consent", id, "state", "valid", "again", again));
	else
		say("%s\n", id);
	return E_OK;
}

/* All of them, or none. */
static enum err
keep_all(struct office *o, const json_t *list)
{
	OWNED_FD(lock) = -1;
	json_t *paper;
	size_t i;
	enum err e;

	TRY(case_lock(o, &lock));
	json_array_foreach(list, i, paper)
	{
		e = look_for(o, paper);
		if (e != E_OK && e != E_NOT_FOUND)
			return e;
	}
	json_array_foreach(list, i, paper) TRY(keep_one(o, paper));
	return E_OK;
}

static enum ending
record(struct office *o, const char *path, const char *evidence)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED_BUF(text) = {0};
	enum err e = input_read(path, FILE_MAX, &text);
	json_t *list = NULL;

	if (e == E_OK)
		list = read_list(&text, evidence, &e);
	if (e == E_OK)
		e = validate(&text, list, &r);
	if (e == E_OK)
		e = check_consents(o, r);
	if (e == E_OK)
		e = keep_all(o, list);
	json_decref(list);
	if (e == E_OK) {
		note("Kept, sealed, in this office; nothing has left this computer. A case file "
		     "names it by this id.\nnext: daftar request new --from FILE\n");
		return END_DONE;
	}
	return fail(e, NOTHING,
		e == E_SPOOL_FULL ? "daftar sync" : "mend the file, or ask the person again",
		"%s cannot be recorded", line(path));
}

enum ending
command_consent_record(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	const char *path = options->value[OPT_FROM], *scan = options->value[OPT_EVIDENCE];
	enum ending end = office_open(options, NEED_ALL, &o);
	char evidence[DIGEST_TEXT_SIZE];
	enum err e;

	if (end != END_DONE)
		return end;
	about(path);
	e = digest_of_scan(scan, evidence);
	if (e != E_OK)
		return fail(e, NOTHING, NULL, "%s cannot be read", line(scan));
	return record(o, path, evidence);
}

/* ---- list and show ---- */

struct resting {
	const char *id;
	json_t *cases; /* numbers */
};

static bool
rests(void *context, const struct officer_case *c)
{
	struct resting *r = context;

	for (size_t i = 0; i < c->n_consent; i++)
		if (strcmp(c->consent[i], r->id) == 0)
			json_array_append_new(r->cases, json_string(c->number));
	return true;
}

static json_t *
cases_of(struct office *o, const char *id)
{
	struct resting r = {id, json_array()};

	(void)!case_each(o, rests, &r);
	return r.cases;
}

static long
days_left(const struct kept_consent *k)
{
	OWNED(char, end, free_chars) = xprintf("%sT23:59:59.999Z", kept_text(k, "validUntil"));
	int64_t until;

	return instant_parse(end, &until) ? (long)((until - instant_now()) / DAY_MS) : 0;
}

static char *
state_in_words(const struct kept_consent *k)
{
	const char *state = kept_state(k);

	if (strcmp(state, "withdrawn") == 0)
		return xprintf(_("withdrawn %s"), when(k->withdrawn));
	if (strcmp(state, "expired") == 0)
		return xprintf(_("expired %s"), kept_text(k, "validUntil"));
	return xprintf(ngettext("valid, expires in %ld day", "valid, expires in %ld days",
			       (unsigned long)days_left(k)),
		days_left(k));
}

static json_t *
json_of(struct office *o, const struct kept_consent *k)
{
	json_t *j = json_pack("{s:s s:s s:s s:s s:s s:s s:s s:o}", "consent", k->id, "state",
		kept_state(k), "validUntil", kept_text(k, "validUntil"), "destination",
		kept_text(k, "destination"), "purpose", kept_text(k, "purpose"), "subject",
		kept_text(k, "subject"), "givenBy", kept_text(k, "givenBy"), "cases",
		cases_of(o, k->id));

	if (strcmp(kept_state(k), "valid") == 0)
		json_object_set_new(j, "daysLeft", json_integer(days_left(k)));
	json_set_instant(j, "recorded", k->recorded);
	json_set_instant(j, "withdrawn", k->withdrawn);
	if (k->channel[0] != '\0')
		json_object_set_new(j, "channel", json_string(k->channel));
	return j;
}

struct listing {
	struct office *o;
	size_t n;
};

static bool
list_one(void *context, const struct kept_consent *k)
{
	struct listing *l = context;
	OWNED(char, state, free_chars) = state_in_words(k);

	l->n++;
	if (say_in_json())
		say_json(json_of(l->o, k));
	else
		say("%s  %s  %s  %s  %s by %s\n", k->id, padded(state, 30),
			kept_text(k, "destination"), kept_text(k, "purpose"),
			label_of(kept_text(k, "subject")), label_of(kept_text(k, "givenBy")));
	return true;
}

enum ending
command_consent_list(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	enum ending end = office_open(options, NEED_SPOOL | NEED_KEYS, &o);
	struct listing l = {.n = 0};
	enum err e;

	if (end != END_DONE)
		return end;
	l.o = o;
	e = kept_each(o, list_one, &l);
	if (e != E_OK)
		return fail(
			e, "nothing was changed", "daftar doctor", "the consents cannot be read");
	if (l.n == 0)
		note("No consent is kept yet.\nnext: daftar consent record --from FILE\n");
	return END_DONE;
}

static void
say_line(const char *name, const char *text)
{
	if (text[0] != '\0')
		say("  %s %s\n", padded(_(name), 20), line(text));
}

static void
say_cases(const json_t *cases)
{
	const json_t *number;
	size_t i;

	json_array_foreach(cases, i, number) say_line(N_("case"), json_string_value(number));
}

static void
say_consent(struct office *o, const struct kept_consent *k)
{
	static const struct {
		const char *key, *name;
	} lines[] = {
		{"subject", N_("about")},
		{"givenBy", N_("given by")},
		{"capacityBasis", N_("by right of")},
		{"destination", N_("for")},
		{"purpose", N_("purpose")},
		{"fieldSet", N_("particulars")},
		{"language", N_("language")},
		{"interpreter", N_("interpreter")},
		{"givenOn", N_("given on")},
		{"validUntil", N_("valid until")},
		{"withdrawalChannel", N_("may be withdrawn by")},
		{"witnessedBy", N_("witnessed by")},
		{"evidenceDigest", N_("evidence, SHA-256")},
	};
	OWNED(char, state, free_chars) = state_in_words(k);
	json_t *j;

	if (say_in_json()) {
		j = json_of(o, k);
		json_object_set(j, "paper", k->paper);
		say_json(j);
		return;
	}
	say("%s  %s\n", k->id, state);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		say_line(lines[i].name, kept_text(k, lines[i].key));
	say_line(N_("withdrawn by"), k->channel);
	j = cases_of(o, k->id);
	say_cases(j);
	json_decref(j);
}

static enum ending
show_case(struct office *o, const struct officer_case *c)
{
	ledger_note(o, &c->conversation, "consent shown");
	for (size_t i = 0; i < c->n_consent; i++) {
		OWNED_CONSENT(k);
		enum err e = kept_find(o, c->consent[i], &k);

		if (e != E_OK)
			return fail(e, "nothing was changed", "daftar doctor",
				"a consent of %s cannot be read", c->number);
		say_consent(o, &k);
	}
	if (c->n_consent == 0)
		note("This case was filed before consents were kept here.\n");
	return END_DONE;
}

bool
is_consent_id(const char *typed)
{
	return strlen(typed) == ID_TEXT_SIZE - 1 && typed[8] == '-' && typed[13] == '-' &&
	       strspn(typed, "0123456789abcdef-") == ID_TEXT_SIZE - 1;
}

enum ending
consent_of_argument(struct office *o, const char *typed, struct kept_consent *out)
{
	enum err e = kept_find(o, typed, out);

	about(typed);
	if (e == E_OK)
		return END_DONE;
	return fail(e, "nothing was changed", "daftar consent list", "there is no consent %s here",
		line(typed));
}

enum ending
command_consent_show(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	const char *typed = options->argument[0];
	enum ending end = office_open(options, NEED_SPOOL | NEED_KEYS, &o);
	OWNED_CONSENT(k);
	OWNED_CASE(c);

	if (end != END_DONE)
		return end;
	if (!is_consent_id(typed)) {
		end = case_of_argument(o, typed, &c);
		return end == END_DONE ? show_case(o, &c) : end;
	}
	end = consent_of_argument(o, typed, &k);
	if (end == END_DONE)
		say_consent(o, &k);
	return end;
}
