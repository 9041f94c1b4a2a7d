/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl retain and ledger: what is kept, what has left, who has handled it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/ctl_command.h"
#include "lib/id.h"

/* ---- printing ---- */

static void
print_hold(const json_t *hold)
{
	if (hold == NULL)
		return;
	print_field("legal hold", "since %s by %s: %s", text_of(hold, "since"), text_of(hold, "by"),
		text_of(hold, "reason"));
}

void
print_retained(const json_t *data)
{
	static const struct column of_holds[] = {{"conversation", "conversation", 36},
		{"seq", "seq", 8}, {"since", "since", 24}, {"by", "by", 12},
		{"reason", "reason", 0}};
	static const struct column of_bodies[] = {{"message", "id", 36}, {"stage", "stage", 11},
		{"body", "body", 5}, {"held", "held", 5}, {"retain until", "retain_until", 24},
		{"left", "left", 12}, {"at", "left_at", 24}, {"by", "by", 0}};

	print_hold(json_object_get(data, "hold"));
	if (json_object_get(data, "holds") != NULL) {
		print_field("oldest body", "%s accepted %s %s", text_of(data, "oldest"),
			text_of(data, "oldest_at"), text_of(data, "oldest_stage"));
		print_table(json_object_get(data, "holds"), of_holds, ARRAY_LEN(of_holds));
	}
	if (json_object_get(data, "messages") != NULL)
		print_table(json_object_get(data, "messages"), of_bodies, ARRAY_LEN(of_bodies));
}

void
print_purged(const json_t *data)
{
	static const struct column columns[] = {{"message", "id", 36}, {"from", "from", 12},
		{"to", "to", 12}, {"stage", "stage", 11}, {"octets", "size", 0}};

	print_field(json_is_true(json_object_get(data, "dry_run")) ? "would drop" : "dropped",
		"%zu bodies; receipts, digests and the log stay",
		json_array_size(json_object_get(data, "dropped")));
	print_table(json_object_get(data, "dropped"), columns, ARRAY_LEN(columns));
}

void
print_retain_report(const json_t *data)
{
	static const struct column columns[] = {{"from", "from", 12}, {"to", "to", 12},
		{"why", "why", 14}, {"bodies", "bodies", 0}};

	print_table(json_object_get(data, "left"), columns, ARRAY_LEN(columns));
	putchar('\n');
	print_retained(data);
}

void
print_ledger(const json_t *data)
{
	static const struct column columns[] = {{"at", "at", 24}, {"what", "what", 16},
		{"who", "who", 12}, {"officer", "officer", 10}, {"action", "action", 20},
		{"from", "from", 12}, {"to", "to", 12}, {"agreement", "agreement", 14},
		{"token", "token", 0}};

	print_field("case", "%s", text_of(data, "tracking"));
	print_table(json_object_get(data, "entries"), columns, ARRAY_LEN(columns));
}

/* ---- the report, page by page ---- */

static bool
day_of(const char *text, int64_t more, json_t *args, const char *name)
{
	OWNED(char, instant, free_chars) = xprintf("%sT00:00:00.000Z", text);
	int64_t at;

	if (text[0] == '\0')
		return true;
	return strlen(text) == 10 && instant_parse(instant, &at) &&
	       json_object_set_new(args, name, json_integer(at + more)) == 0;
}

static void
add_up(json_t *sum, const json_t *page)
{
	const char *key;
	json_t *n;

	json_object_foreach((json_t *)page, key, n)
	{
		json_int_t before = json_integer_value(json_object_get(sum, key));

		json_object_set_new(sum, key, json_integer(before + json_integer_value(n)));
	}
}

/* "FROM TO WHY" -> n, as rows. */
static json_t *
rows_of(json_t *sum)
{
	json_t *rows = json_array(), *n;
	char from[PARTY_SIZE], to[PARTY_SIZE], why[32];
	const char *key;

	json_object_foreach(sum, key, n) if (sscanf(key, "%31s %31s %31s", from, to, why) == 3)
		json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:O}", "from", from, "to",
						    to, "why", why, "bodies", n));
	return rows;
}

static enum err
all_pages(const struct options *o, const struct command *c, json_t *args, json_t **data)
{
	OWNED(json_t, sum, json_decrefp) = json_object();
	const json_t *next;

	for (;;) {
		json_decrefp(data);
		TRY(ctl_call(o, c->doing->verb, args, data));
		add_up(sum, json_object_get(*data, "left"));
		next = json_object_get(*data, "next");
		if (next == NULL)
			break;
		json_object_set(args, "after", (json_t *)next);
	}
	json_object_set_new(*data, "left", rows_of(sum));
	return E_OK;
}

int
ctl_retain_report(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, ask, json_decrefp) = json_object();
	OWNED(json_t, data, json_decrefp) = NULL;
	const char *since = text_of(args, "since"), *until = text_of(args, "until");
	enum err e =
		day_of(since, 0, ask, "since") && day_of(until, INT64_C(86400000), ask, "until")
			? all_pages(o, c, ask, &data)
			: E_USAGE;

	if (e != E_OK)
		return ctl_complain(o, c, since, e);
	ctl_show(o, c, data);
	return EXIT_SUCCESS;
}
