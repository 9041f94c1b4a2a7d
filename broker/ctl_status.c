/* SPDX-License-Identifier: EUPL-1.2
 *
 * status: a screen for people, or a line for a monitoring system. Its exit status is that of a
 * plug-in either way; only one that asked for a plug-in gets 3 for what cannot be asked. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/ctl_command.h"
#include "lib/id.h"

#define DAY_MS INT64_C(86400000)

enum { STATE_OK, STATE_WARNING, STATE_CRITICAL, STATE_UNKNOWN };
static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

static int
state_of(const json_t *data)
{
	const char *state = text_of(data, "state");

	return strcmp(state, "ok") == 0	       ? STATE_OK
	       : strcmp(state, "warning") == 0 ? STATE_WARNING
					       : STATE_CRITICAL;
}

static size_t
connected(const json_t *data)
{
	const json_t *party;
	size_t i, n = 0;

	json_array_foreach(json_object_get(data, "parties"), i, party) n +=
		json_is_true(json_object_get(party, "connected"));
	return n;
}

static int64_t
age_of_oldest(const json_t *data)
{
	int64_t oldest = number_of(data, "oldest_queued_ms");

	return oldest != 0 && number_of(data, "queued") > 0 ? (instant_now() - oldest) / 1000 : 0;
}

/* 'label'=value[unit];warn;crit;min;max */
static void
print_figures(const json_t *data)
{
	int64_t until = 0, room = number_of(data, "store_size");

	(void)!instant_parse(text_of(json_object_get(data, "trust"), "valid_until"), &until);
	printf(" | messages=%" PRId64 "c queued=%" PRId64 ";;;0 oldest=%" PRId64 "s;86400;;0",
		number_of(data, "messages"), number_of(data, "queued"), age_of_oldest(data));
	printf(" held=%" PRId64 ";;;0 aside=%" PRId64 ";;;0 damaged=%" PRId64 ";;0;0",
		number_of(data, "held"), number_of(data, "aside"), number_of(data, "damaged"));
	printf(" store=%" PRId64 "B;%" PRId64 ";;0;%" PRId64, number_of(data, "store_used"),
		room / 10 * 7, room);
	printf(" trust_days=%" PRId64 ";7:;0: parties=%zu;;;0;%zu\n",
		(until - instant_now()) / DAY_MS, connected(data),
		json_array_size(json_object_get(data, "parties")));
}

/* A bar would end the sentence, and begin the figures. */
static void
print_warning(const char *text)
{
	OWNED(char, copy, free_chars) = xstrdup(text);

	for (char *p = copy; *p != '\0'; p++)
		*p = *p == '|' ? '/' : *p;
	put(0, copy);
}

static void
print_plugin(const json_t *data)
{
	const json_t *warnings = json_object_get(data, "warnings"), *warning;
	char age[32];
	size_t i;

	printf("DAFTAR %s - ", words[state_of(data)]);
	if (json_array_size(warnings) > 0)
		print_warning(json_string_value(json_array_get(warnings, 0)));
	else if (number_of(data, "queued") > 0)
		printf("%" PRId64 " messages wait, the oldest for %s", number_of(data, "queued"),
			age_text(age_of_oldest(data) * 1000, age));
	else
		printf("%" PRId64 " messages, none waits", number_of(data, "messages"));
	print_figures(data);
	json_array_foreach(warnings, i, warning)
	{
		if (i == 0)
			continue;
		print_warning(json_string_value(warning));
		putchar('\n');
	}
}

int
ctl_status(const struct options *o, const struct command *c, json_t *args)
{
	bool plugin = o->value[OPT_PLUGIN] != NULL;
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e;

	(void)args;
	e = ctl_call(o, c->doing->verb, NULL, &data);
	if (e != E_OK && plugin) {
		printf("DAFTAR UNKNOWN - %s (%s)\n", err_sentence(e), err_word(e));
		return STATE_UNKNOWN;
	}
	if (e != E_OK)
		return ctl_complain(o, c, NULL, e);
	if (plugin && !o->json)
		print_plugin(data);
	else
		ctl_show(o, c, data);
	return state_of(data);
}
