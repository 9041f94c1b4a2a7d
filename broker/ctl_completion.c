/* SPDX-License-Identifier: EUPL-1.2
 *
 * What daftarctl alone knows of lib/completion.h: words of closed lists, and codes and ids out of
 * the exchange that runs, if it answers at once. Nothing is said of what goes wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/ctl_command.h"
#include "lib/completion.h"

/* A word of the exchange's that a shell or a terminal could obey is not offered. */
static bool
is_tame(const char *word)
{
	for (const char *p = word; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || strchr("\\\"'`$&;|<>(){}[]*?!#", *p) != NULL)
			return false;
	return word[0] != '\0';
}

/* ---- out of the exchange ---- */

static void
offer_rows(struct completion *t, const char *verb, const char *list, const char *key,
	const char *sentence)
{
	OWNED(json_t, args, json_decrefp) = json_object();
	OWNED(json_t, data, json_decrefp) = NULL;
	struct options *o = t->program;
	const json_t *row;
	size_t i;

	if (o->value[OPT_SOCKET] != NULL)
		o->socket = o->value[OPT_SOCKET];
	if (ctl_call(o, verb, args, &data) != E_OK)
		return;
	json_array_foreach(json_object_get(data, list), i, row)
	{
		OWNED(char, number, free_chars) =
			xprintf("%lld", (long long)json_integer_value(json_object_get(row, key)));
		const char *word =
			json_is_integer(json_object_get(row, key)) ? number : text_of(row, key);

		if (is_tame(word))
			completion_offer(t, word,
				is_tame(text_of(row, sentence)) ? text_of(row, sentence) : "");
	}
}

static void
offer_parties(struct completion *t)
{
	offer_rows(t, "party.list", "parties", "code", "country");
}

static void
offer_messages(struct completion *t)
{
	offer_rows(t, "message.list", "messages", "tracking", "stage");
}

static void
offer_changes(struct completion *t)
{
	offer_rows(t, "change.list", "changes", "number", "kind");
}

static void
offer_rules(struct completion *t)
{
	offer_rows(t, "alert.list", "rules", "name", "");
}

static void
offer_alerts(struct completion *t)
{
	offer_rows(t, "alert.list", "alerts", "id", "rule");
}

static void
offer_settings(struct completion *t)
{
	offer_rows(t, "config.show", "settings", "name", "");
}

static const struct {
	const char *what; /* a word of a row's arguments, or the name of an option's value */
	void (*offer)(struct completion *t);
} sources[] = {
	{"FILE", completion_files},
	{"PATH", completion_files},
	{"IN", completion_files},
	{"OUT", completion_files},
	{"CODE", offer_parties},
	{"PARTY", offer_parties},
	{"FROM", offer_parties},
	{"TO", offer_parties},
	{"NUMBER", offer_changes},
	{"RULE", offer_rules},
	{"NAME", offer_settings},
};

/* An ID is that of an alert or of a message. */
static void
offer_argument(struct completion *t, const struct command *c, const char *word)
{
	if (strcmp(word, "ID") == 0)
		(strncmp(c->name, "alert", 5) == 0 ? offer_alerts : offer_messages)(t);
	else if (strcmp(c->name, "backup") == 0)
		return; /* a name that nobody has yet */
	else if (word[0] >= 'a' && word[0] <= 'z')
		completion_offer(t, word, "");
	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		if (strcmp(sources[i].what, word) == 0)
			sources[i].offer(t);
}

static const struct {
	enum option option;
	const char *words[7];
} closed[] = {
	{OPT_STATE, {"open", "ended", "held", "aside", "stopped"}},
	{OPT_STAGE, {"ACCEPTED", "DELIVERED", "COMMITTED", "REJECTED", "WITHDRAWN", "EXPIRED"}},
	{OPT_WHERE, {"code=", "from=", "to=", "since="}},
	{OPT_HOURS, {"24", "168", "720"}},
};

static void
offer_value(struct completion *t, int option, const struct command *c)
{
	for (size_t i = 0; i < ARRAY_LEN(closed); i++)
		if ((int)closed[i].option == option) {
			completion_offer_list(t, closed[i].words);
			return;
		}
	for (size_t i = 0; c != NULL && i < ARRAY_LEN(sources); i++)
		if (strcmp(sources[i].what, ctl_table.option[option].value) == 0)
			sources[i].offer(t);
	if (c == NULL && strcmp(ctl_table.option[option].value, "PATH") == 0)
		completion_files(t);
}

int
ctl_completion(const struct options *o, const struct command *c, json_t *args)
{
	struct options asked = {.socket = o->socket}; /* what was typed says whom to ask */
	OWNED_BUF(out) = {0};
	struct completion t = {.table = &ctl_table,
		.word = o->words + 1,
		.n = o->n_words - 1,
		.value = asked.value,
		.out = &out,
		.offer_value = offer_value,
		.offer_argument = offer_argument,
		.program = &asked};

	(void)c;
	(void)args;
	if (strcmp(o->words[0], "next") == 0) {
		if (t.n > 0)
			completion_next(&t);
	} else if (!completion_script("daftarctl", o->words[0], &out))
		return ctl_fail(o, E_USAGE, "daftarctl completion bash",
			"completion is there for bash, zsh and fish, not for %s", o->words[0]);
	fwrite(out.data, 1, out.size, stdout);
	return EXIT_SUCCESS;
}
