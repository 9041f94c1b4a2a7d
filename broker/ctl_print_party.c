/* SPDX-License-Identifier: EUPL-1.2
 *
 * Parties, and how books differ from theirs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/ctl_print.h"

static const struct column party_columns[] = {
	{"party", "code", 14},
	{"role", "role", 8},
	{"connected", "connected", 9},
	{"queued", "queued", 6},
	{"under way", "under_way", 9},
	{"standing", "standing", 9},
	{"reconciling", "reconciling", 11},
	{"last heard", "heard", 24},
	{"epoch", "epoch", 5},
	{"copy fenced", "fenced", 24},
	{"name", "name", 0},
};

void
print_parties(const json_t *data)
{
	print_table(json_object_get(data, "parties"), party_columns, ARRAY_LEN(party_columns));
}

/* Keys that nobody has ever spoken with say nothing. */
static void
print_speaker(const json_t *s)
{
	const char *since = text_of(s, "since"), *instance = text_of(s, "incarnation");

	print_field("speaks", "epoch %" PRId64 "%s%s, %s%s%s, key %.8s..", number_of(s, "epoch"),
		instance[0] != '\0' ? ", instance " : "", instance,
		json_is_true(json_object_get(s, "connected")) ? "connected, " : "",
		since[0] != '\0' ? "since " : "since before the start of the exchange", since,
		text_of(s, "key"));
	if (text_of(s, "fenced")[0] != '\0')
		print_field("fenced off",
			"an older copy of this spool (epoch %" PRId64 ") at %s, %" PRId64
			" times since the start: somewhere a copy runs; stop it",
			number_of(s, "fenced_epoch"), text_of(s, "fenced"),
			number_of(s, "fenced_times"));
}

static void
print_speakers(const json_t *party)
{
	const json_t *s;
	size_t i;

	json_array_foreach(json_object_get(party, "speakers"), i, s) print_speaker(s);
}

static void
print_contacts(const json_t *party)
{
	const json_t *text;
	size_t i;

	json_array_foreach(json_object_get(party, "contacts"), i, text)
		print_field(i == 0 ? "call" : "", "%s", json_string_value(text));
	if (i == 0)
		print_field("call", "nobody is named: contacts in daftard.conf");
}

void
print_party(const json_t *data)
{
	static const struct column fields[] = {
		{"party", "code", 0},
		{"name", "name", 0},
		{"country", "country", 0},
		{"role", "role", 0},
		{"standing", "standing", 0},
		{"  since", "standing_since", 0},
		{"  by", "standing_by", 0},
		{"  and", "standing_second", 0},
		{"  reason", "standing_reason", 0},
		{"connected", "connected", 0},
		{"since", "since", 0},
		{"mode", "mode", 0},
		{"program", "version", 0},
		{"last heard", "heard", 0},
		{"queued", "queued", 0},
		{"under way", "under_way", 0},
		{"credit", "credit", 0},
		{"signs with", "signing_certificates", 0},
		{"reads with", "encryption_certificates", 0},
		{"connects by", "connection_keys", 0},
	};
	static const struct column columns[] = {{"agreement", "id", 24}, {"from", "from", 12},
		{"to", "to", 12}, {"valid until", "valid_until", 0}};

	print_known(data, fields, ARRAY_LEN(fields));
	print_speakers(data);
	print_contacts(data);
	putchar('\n');
	print_table(json_object_get(data, "agreements"), columns, ARRAY_LEN(columns));
}

/* A kind of difference is explained once. */
static bool
was_said(const json_t *differences, size_t i)
{
	const char *word = text_of(json_array_get(differences, i), "difference");

	for (size_t k = 0; k < i; k++)
		if (strcmp(text_of(json_array_get(differences, k), "difference"), word) == 0)
			return true;
	return false;
}

void
print_differences(const json_t *data)
{
	static const struct column columns[] = {{"difference", "difference", 20},
		{"mend", "mend", 10}, {"from", "from", 12}, {"message", "id", 0}};
	const json_t *difference;
	size_t i;

	print_books(data);
	if (json_array_size(json_object_get(data, "differences")) == 0)
		return;
	putchar('\n');
	print_table(json_object_get(data, "differences"), columns, ARRAY_LEN(columns));
	putchar('\n');
	json_array_foreach(json_object_get(data, "differences"), i, difference)
	{
		if (was_said(json_object_get(data, "differences"), i))
			continue;
		put(20, text_of(difference, "difference"));
		put(0, text_of(difference, "sentence"));
		putchar('\n');
	}
}

void
print_knocks(const json_t *data)
{
	static const struct column columns[] = {{"party", "party", 14}, {"first", "first", 24},
		{"last", "last", 24}, {"times", "times", 6}, {"key", "key", 0}};
	const json_t *knocks = json_object_get(data, "knocks");

	if (json_array_size(knocks) == 0)
		puts("nobody was turned away since the start");
	else
		print_table(knocks, columns, ARRAY_LEN(columns));
}

/* A sign for what both sides of a channel, or a party, have said of a day. */
static char
sign_of(const char *state)
{
	static const struct {
		const char *state;
		char sign;
	} signs[] = {{"equal", '='}, {"differs", '!'}, {"half", '-'}};

	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (strcmp(signs[i].state, state) == 0)
			return signs[i].sign;
	return '.';
}

void
print_matrix(const json_t *data)
{
	const json_t *days = json_object_get(data, "days"), *row, *cell;
	size_t i, k, n = json_array_size(days);

	print_field("days", "%s to %s", text_of(json_array_get(days, 0), "day"),
		text_of(json_array_get(days, n > 0 ? n - 1 : 0), "day"));
	put(12, "from");
	put(12, "to");
	puts("days, the newest first");
	json_array_foreach(json_object_get(data, "channels"), i, row)
	{
		put(12, text_of(row, "from"));
		put(12, text_of(row, "to"));
		json_array_foreach(json_object_get(row, "cells"), k, cell)
			putchar(sign_of(text_of(cell, "state")));
		putchar('\n');
	}
	puts("\n= both signed that they agree, ! differs, - one has signed, . nothing said");
	print_next_page(data, "after");
}
