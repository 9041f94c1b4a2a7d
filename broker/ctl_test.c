/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl party test: is the line good, and does the adapter behind it work? The party is asked
 * to compare its book with ours: to answer, its program has to be alive, to read its spool and to
 * be heard. Nothing is changed by it. What the register behind the adapter does, is not asked. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker/ctl_command.h"
#include "lib/id.h"

#define LOOK_NS 100000000
#define WAIT_S 30
#define WAIT_MOST_S 600

enum { TEST_GOOD = 0, TEST_DIFFERS = 1, TEST_SILENT = 3 };

struct test {
	const char *code;
	json_t *party, *row; /* as it stands, and its book */
	bool asked, answered;
	int64_t took;
};

static json_t *
party_args(const char *code)
{
	return json_pack("{s:s}", "party", code);
}

static const json_t *
first_row(const json_t *books)
{
	return json_array_get(json_object_get(books, "parties"), 0);
}

/* E_OK and `before': it was asked; without: it has no line. */
static enum err
ask(const struct options *o, struct test *t, int64_t *before)
{
	OWNED(json_t, args, json_decrefp) = party_args(t->code);
	OWNED(json_t, books, json_decrefp) = NULL;

	TRY(ctl_call(o, "reconcile.run", args, &books));
	t->asked = first_row(books) != NULL;
	*before = number_of(first_row(books), "at_ms");
	return E_OK;
}

static enum err
look(const struct options *o, struct test *t, int64_t before)
{
	OWNED(json_t, args, json_decrefp) = party_args(t->code);
	OWNED(json_t, books, json_decrefp) = NULL;

	TRY(ctl_call(o, "reconcile.show", args, &books));
	json_decref(t->row);
	t->row = json_deep_copy(first_row(books));
	t->answered = number_of(t->row, "at_ms") > before;
	return E_OK;
}

static enum err
run(const struct options *o, struct test *t, int64_t wait_ms)
{
	const struct timespec pause = {0, LOOK_NS};
	OWNED(json_t, args, json_decrefp) = json_pack("{s:s}", "code", t->code);
	int64_t begun, before = 0;

	TRY(ctl_call(o, "party.show", args, &t->party));
	begun = monotonic_now();
	TRY(ask(o, t, &before));
	while (t->asked) {
		TRY(look(o, t, before));
		t->took = monotonic_now() - begun;
		if (t->answered || t->took >= wait_ms ||
			!json_is_true(json_object_get(t->row, "connected")))
			break;
		(void)nanosleep(&pause, NULL);
	}
	return E_OK;
}

/* In a word: cut, away, silent, differs, works. */
static const char *
verdict_of(const struct test *t)
{
	if (strcmp(text_of(t->party, "standing"), "cut") == 0)
		return "cut";
	if (!t->asked)
		return "away";
	if (!t->answered)
		return "silent";
	return number_of(t->row, "open") > 0 ? "differs" : "works";
}

static json_t *
result_of(const struct test *t)
{
	json_t *r =
		json_pack("{s:s, s:s, s:b, s:b, s:I}", "party", t->code, "verdict", verdict_of(t),
			"asked", t->asked, "answered", t->answered, "took_ms", (json_int_t)t->took);
	static const char *const of_party[] = {
		"connected", "since", "heard", "mode", "version", "standing"};
	static const char *const of_book[] = {"at", "elements", "differences", "mended", "open"};

	for (size_t i = 0; i < ARRAY_LEN(of_party); i++)
		json_object_set(r, of_party[i], json_object_get(t->party, of_party[i]));
	for (size_t i = 0; i < ARRAY_LEN(of_book); i++)
		json_object_set(r, of_book[i], json_object_get(t->row, of_book[i]));
	return r;
}

static bool
read_wait(const char *text, int64_t *ms)
{
	char *end;
	long s = WAIT_S;

	if (text != NULL) {
		s = strtol(text, &end, 10);
		if (*text == '\0' || *end != '\0' || s < 1 || s > WAIT_MOST_S)
			return false;
	}
	*ms = s * 1000;
	return true;
}

int
ctl_party_test(const struct options *o, const struct command *c, json_t *args)
{
	struct test t = {.code = text_of(args, "party")};
	OWNED(json_t, result, json_decrefp) = NULL;
	int64_t wait_ms;
	int status;
	enum err e;

	if (!read_wait(o->value[OPT_WAIT], &wait_ms))
		return ctl_fail(o, E_USAGE, "daftarctl help party test",
			"--wait takes 1 to %d seconds, not %s", WAIT_MOST_S, o->value[OPT_WAIT]);
	e = run(o, &t, wait_ms);
	if (e == E_OK)
		result = result_of(&t);
	status = ctl_end(o, c, ctl_item(o), result, e);
	if (e == E_OK)
		status = !t.answered			? TEST_SILENT
			 : number_of(t.row, "open") > 0 ? TEST_DIFFERS
							: TEST_GOOD;
	json_decref(t.party);
	json_decref(t.row);
	return status;
}

/* ---- printing ---- */

static void
print_connection(const json_t *r)
{
	const char *heard = text_of(r, "heard");

	if (json_is_true(json_object_get(r, "connected")))
		print_field("connected", "yes, since %s, %s, %s", text_of(r, "since"),
			text_of(r, "mode"), text_of(r, "version"));
	else
		print_field("connected", "no; last heard %s",
			heard[0] != '\0' ? heard : "before the start of the exchange, or never");
}

static void
print_answer(const json_t *r)
{
	double took = (double)number_of(r, "took_ms") / 1000.0;

	if (!json_is_true(json_object_get(r, "asked")))
		print_field("answered", "could not be asked");
	else if (!json_is_true(json_object_get(r, "answered")))
		print_field("answered", "no, within %.1f s", took);
	else
		print_field("answered", "yes, a comparison of %" PRId64 " messages in %.1f s",
			number_of(r, "elements"), took);
}

static void
print_books_of(const json_t *r)
{
	if (!json_is_true(json_object_get(r, "answered")))
		return;
	if (number_of(r, "open") > 0)
		print_field(
			"books", "differ: %" PRId64 " are left for a person", number_of(r, "open"));
	else if (number_of(r, "differences") > 0)
		print_field("books", "equal now: of %" PRId64 " differences none is left",
			number_of(r, "differences"));
	else
		print_field("books", "equal");
}

void
print_party_test(const json_t *r)
{
	static const struct {
		const char *verdict, *words, *next;
	} rows[] = {
		{"works",
			"the line and the adapter behind it work; its register was not asked: "
			"daftar-adapter check, there",
			NULL},
		{"differs", "the line and the adapter work, the books do not agree",
			"daftarctl reconcile diff"},
		{"silent",
			"it is connected and does not answer: its program hangs, or its line loses "
			"what is sent; call that office: daftar-adapter check, there",
			"daftarctl party show"},
		{"cut", "it is cut off at this exchange, by its officers; nothing of it is heard",
			"daftarctl party show"},
		{"away",
			"no line to it: call that office. Is the machine on? Is there a line? "
			"daftar-adapter check, there",
			"daftarctl party show"},
	};

	print_field("party", "%s, %s", text_of(r, "party"), text_of(r, "standing"));
	print_connection(r);
	print_answer(r);
	print_books_of(r);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].verdict, text_of(r, "verdict")) != 0)
			continue;
		print_field("so", "%s", rows[i].words);
		if (rows[i].next != NULL)
			print_field("next", "%s %s", rows[i].next, text_of(r, "party"));
	}
}
