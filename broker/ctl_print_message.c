/* SPDX-License-Identifier: EUPL-1.2
 *
 * Messages: a list, one with its timeline and its conversation, a receipt, what happens. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/ctl_print.h"

static const struct column message_columns[] = {
	{"seq", "seq", 6},
	{"tracking", "tracking", 15},
	{"kind", "action", 20},
	{"from", "from", 12},
	{"to", "to", 12},
	{"stage", "stage", 10},
	{"id", "id", 0},
};

void
print_messages(const json_t *data)
{
	print_table(json_object_get(data, "messages"), message_columns, ARRAY_LEN(message_columns));
}

static void
print_timeline(const json_t *steps)
{
	const json_t *step;
	size_t i;

	json_array_foreach(steps, i, step)
	{
		put(12, i == 0 ? "timeline" : "");
		put(12, text_of(step, "stage"));
		put(text_of(step, "code")[0] != '\0' ? 24 : 0, text_of(step, "at"));
		put(0, text_of(step, "code"));
		putchar('\n');
	}
}

void
print_message(const json_t *data)
{
	static const struct column fields[] = {
		{"message", "id", 0},
		{"tracking", "tracking", 0},
		{"kind", "action", 0},
		{"from", "from", 0},
		{"for", "on_behalf_of", 0},
		{"to", "to", 0},
		{"answers", "answers", 0},
		{"agreement", "agreement", 0},
		{"purpose", "purpose", 0},
		{"created", "created", 0},
		{"expires", "expires", 0},
		{"held since", "held_since", 0},
		{"consent", "consent", 0},
		{"  given to", "consent_by", 0},
		{"  until", "consent_until", 0},
		{"  is", "consent_state", 0},
		{"frozen since", "frozen_since", 0},
		{"stopped since", "stopped_since", 0},
		{"size", "size", 0},
		{"digest", "digest", 0},
		{"settled by", "by", 0},
	};

	print_known(data, fields, ARRAY_LEN(fields));
	print_timeline(json_object_get(data, "timeline"));
	print_words("receipts", json_object_get(data, "receipts"));
	putchar('\n');
	puts("the conversation:");
	print_messages(data);
}

/* Exactly the receipt's octets, so that it can be kept and checked; a newline for eyes only. */
void
print_receipt(const json_t *data)
{
	fputs(text_of(data, "receipt"), stdout);
	if (isatty(STDOUT_FILENO))
		putchar('\n');
}

/* A comparison is about a party, everything else about a message. */
static void
print_compared(const json_t *data)
{
	put(24, text_of(data, "at"));
	put(9, text_of(data, "event"));
	put(15, text_of(data, "party"));
	printf("messages=%" PRId64 " differences=%" PRId64 " mended=%" PRId64 " open=%" PRId64 "\n",
		number_of(data, "elements"), number_of(data, "differences"),
		number_of(data, "mended"), number_of(data, "open"));
	fflush(stdout);
}

void
print_event(const json_t *data)
{
	if (text_of(data, "party")[0] != '\0') {
		print_compared(data);
		return;
	}
	put(24, text_of(data, "at"));
	put(9, text_of(data, "event"));
	put(15, text_of(data, "tracking"));
	put(20, text_of(data, "action"));
	put(12, text_of(data, "from"));
	put(12, text_of(data, "to"));
	put(text_of(data, "code")[0] != '\0' ? 36 : 0, text_of(data, "id"));
	put(0, text_of(data, "code"));
	putchar('\n');
	fflush(stdout);
}

void
print_bundle(const json_t *data)
{
	printf("from %s: %lld verbs heard; the answer has %lld, and %lld octets\n",
		text_of(data, "party"),
		(long long)json_integer_value(json_object_get(data, "heard")),
		(long long)json_integer_value(json_object_get(data, "said")),
		(long long)json_integer_value(json_object_get(data, "size")));
}
