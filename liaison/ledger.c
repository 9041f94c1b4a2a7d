/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar ledger': who has handled a case, when, and under which mandate, for the person concerned
 * (P11). Two hands have written it: this office notes each time that one of its commands opened,
 * changed or printed something of a case, and the exchange tells what went through it. Neither
 * holds anything about the person. */
#include <stdlib.h>
#include <string.h>

#include "liaison/consent.h"
#include "liaison/terminal.h"

#define ASK_MS 8000
#define PREFIX "access/"

/* ---- what this office notes ---- */

static void
prefix_of(const struct id *conversation, char out[sizeof PREFIX + ID_TEXT_SIZE])
{
	strcpy(out, PREFIX);
	id_format(conversation, out + strlen(PREFIX));
	strcat(out, "/");
}

void
ledger_note(struct office *o, const struct id *conversation, const char *what)
{
	char prefix[sizeof PREFIX + ID_TEXT_SIZE], one[ID_TEXT_SIZE], at[INSTANT_TEXT_SIZE];
	struct id id = id_new();
	OWNED(char, key, free_chars) = NULL;
	OWNED(char, value, free_chars) = NULL;

	prefix_of(conversation, prefix);
	id_format(&id, one);
	instant_format(instant_now(), at);
	key = xprintf("%s%s", prefix, one);
	value = xprintf("%s %s", at, what);
	/* No room for a note is no reason not to help the person. */
	(void)!spool_set_fact(o->spool, key, bytes_of(value, strlen(value)));
}

struct lines {
	json_t *list;
	const struct office *o;
};

static bool
add_own(void *context, const char *key, struct bytes value)
{
	struct lines *l = context;
	size_t n = INSTANT_TEXT_SIZE - 1;

	(void)key;
	if (value.size > n + 1)
		json_array_append_new(
			l->list, json_pack("{s:s# s:s# s:s}", "at", (const char *)value.data,
					 (int)n, "what", (const char *)value.data + n + 1,
					 (int)(value.size - n - 1), "who", l->o->self.code));
	return true;
}

/* ---- what the exchange tells ---- */

static bool
is_answered(struct office *o, void *context)
{
	(void)o;
	return ((struct ledger_answer *)context)->answered;
}

static void
add_theirs(struct lines *l, const struct buf *text)
{
	OWNED(char, copy, free_chars) = text->size == 0 ? NULL : xstrdup((char *)text->data);
	char *rest = copy, *one;

	while ((one = strsep(&rest, "\n")) != NULL) {
		json_t *j = json_loads(one, JSON_REJECT_DUPLICATES, NULL);

		if (json_is_object(j))
			json_array_append(l->list, j);
		json_decref(j);
	}
}

/* ---- telling it ---- */

/* What the exchange says (broker/ledger.c), and what older offices have noted. */
static const char *const theirs[] = {N_("offered"), N_("accepted"), N_("committed"), N_("conflict"),
	N_("exported"), N_("examined-again"), N_("legal-hold"), N_("legal-hold-lifted"),
	N_("body-dropped")};

static const char *
what_in_words(const char *what)
{
	for (size_t i = 0; i < ARRAY_LEN(theirs); i++)
		if (strcmp(theirs[i], what) == 0)
			return _(theirs[i]);
	return _(label_of(what));
}

static const char *const columns[] = {"at", "what", "who", "action", "from", "to", "agreement",
	"purpose", "message", "token", "code", "times"};

/* As text; "" for what is not there. */
static char *
value_of(const json_t *line, const char *column)
{
	const json_t *v = json_object_get(line, column);

	if (json_is_integer(v))
		return xprintf("%lld", (long long)json_integer_value(v));
	return xstrdup(json_is_string(v) ? json_string_value(v) : "");
}

/* A spreadsheet takes what begins with = + - or @ for a formula. */
static void
put_cell(struct buf *out, const char *text)
{
	buf_text(out, out->size > 0 ? ",\"" : "\"");
	if (text[0] != '\0' && strchr("=+-@", text[0]) != NULL)
		buf_text(out, "'");
	for (; *text != '\0'; text++)
		buf_printf(out, *text == '"' ? "\"\"" : "%c", *text);
	buf_text(out, "\"");
}

static void
say_csv(const json_t *list)
{
	OWNED_BUF(head) = {0};
	const json_t *one;
	size_t i;

	for (i = 0; i < ARRAY_LEN(columns); i++)
		put_cell(&head, columns[i]);
	say("%s\n", line((char *)head.data));
	json_array_foreach(list, i, one)
	{
		OWNED_BUF(row) = {0};

		for (size_t k = 0; k < ARRAY_LEN(columns); k++) {
			OWNED(char, text, free_chars) = value_of(one, columns[k]);

			put_cell(&row, text);
		}
		say("%s\n", line((char *)row.data));
	}
}

static void
add_words(struct table *t, const json_t *one)
{
	OWNED(char, at, free_chars) = value_of(one, "at");
	OWNED(char, what, free_chars) = value_of(one, "what");
	OWNED(char, who, free_chars) = value_of(one, "who");
	OWNED(char, action, free_chars) = value_of(one, "action");
	OWNED(char, agreement, free_chars) = value_of(one, "agreement");
	OWNED(char, purpose, free_chars) = value_of(one, "purpose");
	OWNED(char, code, free_chars) = value_of(one, "code");

	const char *const cells[] = {at, who, what[0] != '\0' ? what_in_words(what) : "", action,
		agreement, purpose, code};

	table_add(t, cells);
}

/* By time; what has none comes last. */
static int
by_time(const void *a, const void *b)
{
	json_t *const *x = a, *const *y = b;
	const char *s = json_string_value(json_object_get(*x, "at"));
	const char *t = json_string_value(json_object_get(*y, "at"));

	if (s == NULL || t == NULL)
		return (s == NULL) - (t == NULL);
	return strcmp(s, t);
}

static json_t *
sorted(const json_t *list)
{
	size_t n = json_array_size(list);
	json_t **one = xcalloc(n + 1, sizeof *one), *out = json_array();

	for (size_t i = 0; i < n; i++)
		one[i] = json_array_get(list, i);
	qsort(one, n, sizeof *one, by_time);
	for (size_t i = 0; i < n; i++)
		json_array_append(out, one[i]);
	free(one);
	return out;
}

static void
say_all(const json_t *list, bool csv)
{
	static const char *const titles[] = {N_("at"), N_("who"), N_("what"), N_("message"),
		N_("agreement"), N_("purpose"), N_("code")};
	struct table *t;
	json_t *one;
	size_t i;

	if (csv) {
		say_csv(list);
		return;
	}
	t = table_new(ARRAY_LEN(titles), titles);
	json_array_foreach(list, i, one)
	{
		if (say_in_json())
			say_json(json_incref(one));
		else
			add_words(t, one);
	}
	table_say(&t);
}

static enum ending
tell(struct office *o, const struct officer_case *c, const struct ledger_answer *a, bool csv)
{
	char prefix[sizeof PREFIX + ID_TEXT_SIZE];
	struct lines l = {json_array(), o};
	json_t *list;

	prefix_of(&c->conversation, prefix);
	(void)!spool_each_fact(o->spool, prefix, add_own, &l);
	add_theirs(&l, &a->lines);
	list = sorted(l.list);
	json_decref(l.list);
	say_all(list, csv);
	json_decref(list);
	if (a->answered && a->e == E_OK)
		return END_DONE;
	note("This is what this office knows; the exchange could not be asked.\n"
	     "next: daftar ledger %s\n",
		c->number);
	return END_NOT_YET;
}

enum ending
command_ledger(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	bool csv = options->value[OPT_CSV] != NULL;
	enum ending end = office_open(options, NEED_ALL, &o);
	struct ledger_answer a = {.answered = false};
	struct session_end line_end = {.was_up = false};
	OWNED_CASE(c);
	enum err e = E_OK;

	if (end == END_DONE)
		end = case_of_argument(o, options->argument[0], &c);
	if (end != END_DONE)
		return end;
	ledger_note(o, &c.conversation, "ledger");
	a.conversation = c.conversation;
	if (options->timeout != 0)
		e = session_ask(o, options->timeout < 0 ? ASK_MS : options->timeout, is_answered,
			&a, &line_end);
	if (e != E_OK)
		note("The line to the exchange cannot be used: %s.\n", _(err_sentence(e)));
	end = tell(o, &c, &a, csv);
	buf_free(&a.lines);
	return end;
}
