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
	{"code", "code", 12},
	{"id", "id", 0},
};

void
print_messages(const json_t *data)
{
	print_table(json_object_get(data, "messages"), message_columns, ARRAY_LEN(message_columns));
	print_next_page(data, "before");
}

static void
print_due(const json_t *messages)
{
	static const struct column columns[] = {{"left", "left", 10}, {"why", "why", 8},
		{"due", "due", 24}, {"tracking", "tracking", 15}, {"kind", "action", 20},
		{"from", "from", 12}, {"to", "to", 12}, {"stage", "stage", 0}};
	OWNED(json_t, rows, json_decrefp) = json_deep_copy(messages);
	char text[32];
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) json_object_set_new(row, "left",
		json_string(number_of(row, "left_ms") <= 0
				    ? "OVER"
				    : age_text(number_of(row, "left_ms"), text)));
	print_table(rows, columns, ARRAY_LEN(columns));
}

/* Soonest first, with what is left until then. */
void
print_deadlines(const json_t *data)
{
	const json_t *decisions = json_object_get(data, "decisions");

	print_due(json_object_get(data, "messages"));
	print_next_page(data, "after");
	if (json_array_size(decisions) == 0)
		return;
	puts("\ntaken, to be decided:");
	print_due(decisions);
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

/* What the exchange can show of each step. */
static void
print_evidence(const json_t *data)
{
	static const struct column columns[] = {{"stage", "stage", 12}, {"at", "at", 24},
		{"leaf", "leaf", 8}, {"receipt", "receipt", 7}, {"verdict", "verdict", 0}};

	if (json_array_size(json_object_get(data, "evidence")) > 0)
		print_table(json_object_get(data, "evidence"), columns, ARRAY_LEN(columns));
}

static void
print_aside(const json_t *aside)
{
	if (json_is_object(aside))
		print_field("set aside", "%s, %s%s%s%s%s", text_of(aside, "since"),
			text_of(aside, "code"), text_of(aside, "by")[0] != '\0' ? " by " : "",
			text_of(aside, "by"), text_of(aside, "reason")[0] != '\0' ? ": " : "",
			text_of(aside, "reason"));
}

void
print_history(const json_t *data)
{
	print_field("message", "%s", text_of(data, "id"));
	print_field("tracking", "%s", text_of(data, "tracking"));
	print_field("from", "%s to %s", text_of(data, "from"), text_of(data, "to"));
	print_field("attempts", "%" PRId64, number_of(data, "attempts"));
	if (json_array_size(json_object_get(data, "evidence")) > 0)
		print_evidence(data);
	else
		print_timeline(json_object_get(data, "timeline"));
	print_message_waits(data);
	print_aside(json_object_get(data, "aside"));
}

/* The verbs that it would take now, as they are typed. */
static void
print_allowed(const json_t *data)
{
	const json_t *word;
	size_t i;

	json_array_foreach(json_object_get(data, "allowed"), i, word)
		print_field(i == 0 ? "allowed" : "", "daftarctl message %s %s --reason TEXT",
			json_string_value(word), text_of(data, "id"));
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
		{"due", "due", 0},
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
	print_message_waits(data);
	print_aside(json_object_get(data, "aside"));
	print_timeline(json_object_get(data, "timeline"));
	print_words("receipts", json_object_get(data, "receipts"));
	print_evidence(data);
	print_allowed(data);
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

static void
print_changed(const json_t *data)
{
	const char *subject = text_of(data, "subject"), *party = text_of(data, "party");

	put(24, text_of(data, "at"));
	put(9, text_of(data, "event"));
	put(15, subject[0] != '\0' ? subject : party[0] != '\0' ? party : "-");
	printf("%s %s number=%" PRId64 "\n", text_of(data, "kind"), text_of(data, "state"),
		number_of(data, "number"));
	fflush(stdout);
}

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

/* A change is about a party or a setting, a comparison about a party, everything else about a
 * message. */
void
print_event(const json_t *data)
{
	if (strcmp(text_of(data, "event"), "change") == 0) {
		print_changed(data);
		return;
	}
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
