/* SPDX-License-Identifier: EUPL-1.2
 *
 * After a restore of the exchange: whom messages wait for, and what to do about it, in words. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/ctl_check.h"
#include "broker/ctl_print.h"

static bool
compares(const json_t *row)
{
	return strcmp(text_of(row, "does"), "speaks") != 0;
}

static bool
is_away(const json_t *row)
{
	return compares(row) && !json_is_true(json_object_get(row, "connected"));
}

/* What has to happen, as a sentence that goes on after the party's code. */
static char *
sentence_of(const json_t *row)
{
	if (!compares(row))
		return xprintf("has compared its books, and has until %s to say again what was "
			       "withdrawn; nothing is to be done",
			text_of(row, "until"));
	return xstrdup(is_away(row)
			       ? "has to compare its books since the restore, and is not "
				 "connected: call that office, its program must connect once"
			       : "has to compare its books since the restore; it is connected and "
				 "does so by itself");
}

/* Only a courier reaches some. */
static char *
next_of(const json_t *row)
{
	if (!is_away(row))
		return xstrdup("daftarctl reconcile show");
	return xprintf("daftarctl party show %s; if only a courier reaches it: daftarctl "
		       "reconcile waive %s",
		text_of(row, "party"), text_of(row, "party"));
}

static void
print_row(const char *name, const json_t *row, const char *lead)
{
	OWNED(char, sentence, free_chars) = sentence_of(row);

	print_field(name, "%s%s, which %s", lead, text_of(row, "party"), sentence);
	if (is_away(row))
		print_field("", "if only a courier reaches it: daftarctl reconcile waive %s",
			text_of(row, "party"));
}

void
print_waits(const json_t *status)
{
	bool more = json_is_true(json_object_get(status, "waits_for_more"));
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(status, "waits_for"), i, row)
	{
		OWNED(char, lead, free_chars) = xprintf("%" PRId64 "%s messages wait for ",
			number_of(row, "messages"), more ? " or more" : "");

		print_row(i == 0 ? "waits" : "", row, lead);
	}
}

void
print_message_waits(const json_t *message)
{
	static const struct {
		const char *as, *lead;
	} leads[] = {{"addressee", "its addressee "}, {"sender", "its sender "},
		{"office", "the office that took the consent, "}};
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(message, "waits_for"), i, row)
	{
		const char *lead = "";

		for (size_t k = 0; k < ARRAY_LEN(leads); k++)
			if (strcmp(leads[k].as, text_of(row, "as")) == 0)
				lead = leads[k].lead;
		print_row(i == 0 ? "waits for" : "", row, lead);
	}
}

void
check_waits(const struct asked *a, json_t *out)
{
	bool more = json_is_true(json_object_get(a->status, "waits_for_more"));
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(a->status, "waits_for"), i, row)
	{
		OWNED(char, sentence, free_chars) = sentence_of(row);
		OWNED(char, next, free_chars) = next_of(row);

		finding(out, compares(row) ? HEALTH_WARN : HEALTH_OK, "restored", next,
			"%" PRId64 "%s messages wait for %s, which %s", number_of(row, "messages"),
			more ? " or more" : "", text_of(row, "party"), sentence);
	}
}
