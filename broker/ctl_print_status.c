/* SPDX-License-Identifier: EUPL-1.2
 *
 * How the exchange is, on one screen, and what a look through the whole store has found. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/ctl_print.h"
#include "lib/id.h"

#define MIB (1024.0 * 1024.0)

/* ---- the whole store ---- */

static void
print_found(const char *name, const json_t *w)
{
	if (text_of(w, "code")[0] == '\0')
		return;
	print_field(name, "%s at %s, %" PRId64 " records, %" PRId64 " damaged%s%s",
		text_of(w, "code"), text_of(w, "at"), number_of(w, "records"),
		number_of(w, "damaged"), text_of(w, "first")[0] != '\0' ? ": " : "",
		text_of(w, "first"));
}

void
print_work(const json_t *data)
{
	print_found("found", data);
}

/* ---- status ---- */

static void
print_memory(const json_t *data)
{
	const json_t *child, *children = json_object_get(data, "children");
	double all = (double)number_of(data, "rss");
	size_t i;

	json_array_foreach(children, i, child) all += (double)number_of(child, "rss");
	put(12, "memory");
	printf("%.0f MiB: daftard %.0f", all / MIB, (double)number_of(data, "rss") / MIB);
	json_array_foreach(children, i, child)
	{
		fputs(", ", stdout);
		put(1, text_of(child, "name"));
		if (json_is_true(json_object_get(child, "running")))
			printf("%.0f", (double)number_of(child, "rss") / MIB);
		else
			fputs("is being restarted", stdout);
	}
	putchar('\n');
}

static void
print_refused(const json_t *data)
{
	json_t *refused = json_object_get(data, "refused"), *count;
	const char *word, *comma = "";

	if (json_object_size(refused) == 0)
		return;
	put(12, "refused");
	json_object_foreach(refused, word, count)
	{
		printf("%s%s %" JSON_INTEGER_FORMAT, comma, word, json_integer_value(count));
		comma = ", ";
	}
	putchar('\n');
}

static void
print_trust(const json_t *trust)
{
	int64_t until = 0;
	char left[32];

	if (!instant_parse(text_of(trust, "valid_until"), &until))
		until = 0;
	print_field("trust list", "version %" PRId64 ", %" PRId64 " parties, valid until %s (%s)",
		number_of(trust, "version"), number_of(trust, "parties"),
		text_of(trust, "valid_until"), age_text(until - instant_now(), left));
}

static void
print_warnings(const json_t *data)
{
	const json_t *warning;
	size_t i;

	print_field("state", "%s", text_of(data, "state"));
	json_array_foreach(json_object_get(data, "warnings"), i, warning)
		print_field("", "%s", json_string_value(warning));
}

static void
print_waiting(const json_t *data)
{
	int64_t oldest = number_of(data, "oldest_queued_ms");
	char room[32];

	if (number_of(data, "queued") == 0)
		print_field("messages", "%" PRId64 " accepted, none waits for its addressee",
			number_of(data, "messages"));
	else
		print_field("messages",
			"%" PRId64 " accepted, %" PRId64
			" wait for their addressees, the oldest for %s",
			number_of(data, "messages"), number_of(data, "queued"),
			age_text(instant_now() - oldest, room));
	if (number_of(data, "held") > 0)
		print_field("held",
			"%" PRId64 " until newer revocation data comes: daftarctl crl list",
			number_of(data, "held"));
	if (number_of(data, "aside") > 0)
		print_field(
			"set aside", "%" PRId64 ": daftarctl dead list", number_of(data, "aside"));
	if (number_of(data, "withdrawn") + number_of(data, "frozen") > 0)
		print_field("consents",
			"%" PRId64 " withdrawn, %" PRId64 " cases frozen; %" PRId64
			" messages stopped",
			number_of(data, "withdrawn"), number_of(data, "frozen"),
			number_of(data, "stopped"));
}

static void
print_alarms(const json_t *data)
{
	const json_t *alerts = json_object_get(data, "alerts");
	int64_t critical = number_of(alerts, "critical"), warning = number_of(alerts, "warning");

	if (critical + warning > 0)
		print_field("alerts",
			"%" PRId64 " critical, %" PRId64 " others: daftarctl alert list", critical,
			warning);
	if (json_is_true(json_object_get(data, "draining")))
		print_field("drain", "on: nothing new is taken; daftarctl drain off --reason TEXT");
}

static void
print_store(const json_t *data)
{
	bool fills = text_of(data, "store_forecast")[0] != '\0';

	print_field("store", "%.1f of %.0f MiB%s%s", (double)number_of(data, "store_used") / MIB,
		(double)number_of(data, "store_size") / MIB,
		fills ? ", at the last day's rate full at " : "", text_of(data, "store_forecast"));
}

void
print_status(const json_t *data)
{
	const json_t *examination = json_object_get(data, "examination");
	char up[32];

	print_field("exchange", "realm %s at %s, daftard %s, up for %s", text_of(data, "realm"),
		text_of(data, "endpoint"), text_of(data, "version"),
		age_text(number_of(data, "uptime_ms"), up));
	print_warnings(data);
	print_alarms(data);
	print_trust(json_object_get(data, "trust"));
	print_waiting(data);
	print_field("examined",
		"%" PRId64 " since start, %" PRId64 " quarantined, %" PRId64 " waiting",
		number_of(examination, "judged"), number_of(examination, "quarantined"),
		number_of(examination, "waiting"));
	print_refused(data);
	print_field("log", "%" PRId64 " entries, %" PRId64 " commits since start",
		number_of(data, "log_size"), number_of(data, "commits"));
	if (json_is_true(json_object_get(data, "restored")))
		print_field("restored", "from a backup, generation %" PRId64,
			number_of(data, "generation"));
	print_waits(data);
	if (number_of(data, "damaged") > 0)
		print_field("damaged", "%" PRId64 " messages are left alone",
			number_of(data, "damaged"));
	print_store(data);
	print_found("scrub", json_object_get(data, "scrub"));
	print_found("backup", json_object_get(data, "backup"));
	print_memory(data);
	putchar('\n');
	print_parties(data);
}
