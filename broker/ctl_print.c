/* SPDX-License-Identifier: EUPL-1.2
 *
 * Everything that daftarctl prints goes through put(), so nothing that came from elsewhere can
 * steer a terminal. Columns are as wide as what usually stands in them; a longer value moves the
 * rest of its line and is never cut. */
#include "broker/ctl_print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/id.h"

#define MIB (1024.0 * 1024.0)

const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

int64_t
number_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* Left-aligned in `width' columns and a space behind, or as it is when width is 0; control
 * characters become question marks. */
static void
put(int width, const char *text)
{
	int column = 0;

	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		putchar(*p < 0x20 || *p == 0x7f ? '?' : *p);
		column += (*p & 0xc0) != 0x80; /* octets that continue a character take none */
	}
	if (width > 0)
		printf("%*s", width > column ? width - column + 1 : 1, "");
}

static void print_found(const char *name, const json_t *w);
void
print_field(const char *name, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	put(12, name);
	put(0, text);
	putchar('\n');
}

const char *
age_text(int64_t ms, char out[32])
{
	int64_t s = ms < 0 ? 0 : ms / 1000;

	if (s < 120)
		snprintf(out, 32, "%" PRId64 " s", s);
	else if (s < 7200)
		snprintf(out, 32, "%" PRId64 " min", s / 60);
	else if (s < 172800)
		snprintf(out, 32, "%" PRId64 " h", s / 3600);
	else
		snprintf(out, 32, "%" PRId64 " days", s / 86400);
	return out;
}

/* ---- tables ---- */

static const char *
cell_of(const json_t *row, const char *key, char room[32])
{
	const json_t *v = json_object_get(row, key);

	if (json_is_boolean(v))
		return json_is_true(v) ? "yes" : "no";
	if (!json_is_integer(v))
		return json_is_string(v) && json_string_length(v) > 0 ? json_string_value(v) : "-";
	snprintf(room, 32, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	return room;
}

void
print_table(const json_t *rows, const struct column *columns, size_t n)
{
	const json_t *row;
	char room[32];
	size_t i;

	for (size_t c = 0; c < n; c++)
		put(columns[c].width, columns[c].title);
	putchar('\n');
	json_array_foreach(rows, i, row)
	{
		for (size_t c = 0; c < n; c++)
			put(columns[c].width, cell_of(row, columns[c].key, room));
		putchar('\n');
	}
}

static const struct column party_columns[] = {
	{"party", "code", 14},
	{"role", "role", 8},
	{"connected", "connected", 9},
	{"queued", "queued", 6},
	{"under way", "under_way", 9},
	{"standing", "standing", 9},
	{"reconciling", "reconciling", 11},
	{"last heard", "heard", 24},
	{"name", "name", 0},
};

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
print_parties(const json_t *data)
{
	print_table(json_object_get(data, "parties"), party_columns, ARRAY_LEN(party_columns));
}

void
print_messages(const json_t *data)
{
	print_table(json_object_get(data, "messages"), message_columns, ARRAY_LEN(message_columns));
}

void
print_verbs(const json_t *data)
{
	static const struct column columns[] = {
		{"verb", "verb", 16}, {"arguments", "args", 18}, {"what it does", "sentence", 0}};

	print_table(json_object_get(data, "verbs"), columns, ARRAY_LEN(columns));
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
	if (number_of(data, "withdrawn") + number_of(data, "frozen") > 0)
		print_field("consents",
			"%" PRId64 " withdrawn, %" PRId64 " cases frozen; %" PRId64
			" messages stopped",
			number_of(data, "withdrawn"), number_of(data, "frozen"),
			number_of(data, "stopped"));
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
	if (number_of(data, "damaged") > 0)
		print_field("damaged", "%" PRId64 " messages are left alone",
			number_of(data, "damaged"));
	print_field("store", "%.1f of %.0f MiB", (double)number_of(data, "store_used") / MIB,
		(double)number_of(data, "store_size") / MIB);
	print_found("scrub", json_object_get(data, "scrub"));
	print_found("backup", json_object_get(data, "backup"));
	print_memory(data);
	putchar('\n');
	print_parties(data);
}

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

/* ---- one of something ---- */

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

static void
print_words(const char *name, const json_t *words)
{
	const json_t *word;
	size_t i;

	put(12, name);
	json_array_foreach(words, i, word) put(1, json_string_value(word));
	putchar('\n');
}

static void
print_known(const json_t *data, const struct column *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_object_get(data, fields[i].key);
		char room[32];

		if (v != NULL)
			print_field(fields[i].title, "%s", cell_of(data, fields[i].key, room));
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
	putchar('\n');
	print_table(json_object_get(data, "agreements"), columns, ARRAY_LEN(columns));
}

/* Exactly the receipt's octets, so that it can be kept and checked; a newline for eyes only. */
void
print_receipt(const json_t *data)
{
	fputs(text_of(data, "receipt"), stdout);
	if (isatty(STDOUT_FILENO))
		putchar('\n');
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
