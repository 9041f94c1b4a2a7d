/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl check: everything that an exchange needs, a line each: ok, warn or fail, and what to
 * type. It looks and changes nothing; what it looks at are the answers of verbs that everybody with
 * a role may ask, and files of this machine. */
#include "broker/ctl_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "lib/id.h"

#define HOUR_MS INT64_C(3600000)

static const char *const words[] = {"ok", "warn", "fail"};

void
finding(json_t *out, enum health h, const char *what, const char *next, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	json_array_append_new(out, json_pack("{s:s, s:s, s:s, s:s*}", "health", words[h], "check",
					   what, "text", text, "next", next));
}

/* ---- the exchange ---- */

static void
check_daftard(const struct asked *a, json_t *out)
{
	const char *state = text_of(a->status, "state");
	char up[32];

	finding(out,
		strcmp(state, "critical") == 0	? HEALTH_FAIL
		: strcmp(state, "warning") == 0 ? HEALTH_WARN
						: HEALTH_OK,
		"daftard", strcmp(state, "ok") != 0 ? "daftarctl status" : NULL,
		"version %s, up for %s, says %s", text_of(a->status, "version"),
		age_text(number_of(a->status, "uptime_ms"), up), state);
	if (json_is_true(json_object_get(a->status, "draining")))
		finding(out, HEALTH_WARN, "drain", "daftarctl drain off --reason TEXT",
			"nothing new is taken");
}

static void
check_children(const struct asked *a, json_t *out)
{
	const json_t *child;
	size_t i, away = 0, gates = 0;

	json_array_foreach(json_object_get(a->status, "children"), i, child)
	{
		away += !json_is_true(json_object_get(child, "running"));
		gates += strcmp(text_of(child, "name"), "daftar-gate") == 0;
	}
	if (away > 0)
		finding(out, HEALTH_FAIL, "children", "journalctl -u daftard",
			"%zu of %zu processes are being restarted", away, i);
	else
		finding(out, HEALTH_OK, "children", NULL, "%zu gate and %zu examiners run", gates,
			i - gates);
}

static void
check_clock(const struct asked *a, json_t *out)
{
	struct timex t = {.modes = 0};
	char now[INSTANT_TEXT_SIZE];
	const json_t *warning;
	size_t i;

	instant_format(instant_now(), now);
	json_array_foreach(json_object_get(a->status, "warnings"), i, warning)
	{
		if (strstr(json_string_value(warning), "clock") == NULL)
			continue;
		finding(out, HEALTH_FAIL, "clock", "set the clock", "%s",
			json_string_value(warning));
		return;
	}
	if (adjtimex(&t) == TIME_ERROR)
		finding(out, HEALTH_WARN, "clock", "timedatectl set-ntp true",
			"%s; no time service keeps the clock of this machine", now);
	else
		finding(out, HEALTH_OK, "clock", NULL, "%s, kept by a time service", now);
}

/* ---- messages ---- */

static void
check_waiting(const struct asked *a, json_t *out)
{
	int64_t n = number_of(a->status, "queued"), aside = number_of(a->status, "aside");
	int64_t held = number_of(a->status, "held");
	int64_t age = n > 0 ? instant_now() - number_of(a->status, "oldest_queued_ms") : 0;
	char text[32];

	if (n == 0)
		finding(out, HEALTH_OK, "waiting", NULL, "no message waits for its addressee");
	else
		finding(out, age > 24 * HOUR_MS ? HEALTH_WARN : HEALTH_OK, "waiting",
			age > 24 * HOUR_MS ? "daftarctl corridor list" : NULL,
			"%" PRId64 " messages wait, the oldest for %s", n, age_text(age, text));
	finding(out, held > 0 ? HEALTH_WARN : HEALTH_OK, "held",
		held > 0 ? "daftarctl crl list" : NULL,
		"%" PRId64 " messages wait for newer revocation data", held);
	finding(out, aside > 0 ? HEALTH_WARN : HEALTH_OK, "dead letters",
		aside > 0 ? "daftarctl dead list" : NULL, "%" PRId64 " messages are set aside",
		aside);
}

static void
check_books(const struct asked *a, json_t *out)
{
	const json_t *row;
	size_t i, differ = 0, never = 0;

	if (a->books == NULL)
		return;
	json_array_foreach(json_object_get(a->books, "parties"), i, row)
	{
		const char *state = text_of(row, "state");

		differ += strcmp(state, "differs") == 0;
		never += strcmp(state, "agrees") != 0 && strcmp(state, "differs") != 0;
	}
	if (differ > 0)
		finding(out, HEALTH_FAIL, "books", "daftarctl reconcile show",
			"they differ with %zu of %zu parties", differ, i);
	else if (never > 0)
		finding(out, HEALTH_WARN, "books", "daftarctl reconcile run",
			"%zu of %zu parties have not compared yet", never, i);
	else
		finding(out, HEALTH_OK, "books", NULL, "they agree with all %zu parties", i);
}

/* ---- people ---- */

static void
check_alerts(const struct asked *a, json_t *out)
{
	const json_t *row;
	size_t i, critical = 0, other = 0;

	if (a->alerts == NULL)
		return;
	json_array_foreach(json_object_get(a->alerts, "alerts"), i, row)
	{
		bool firing = strcmp(text_of(row, "state"), "firing") == 0;
		bool bad = strcmp(text_of(row, "severity"), "critical") == 0;

		critical += firing && bad;
		other += firing && !bad;
	}
	finding(out,
		critical > 0 ? HEALTH_FAIL
		: other > 0  ? HEALTH_WARN
			     : HEALTH_OK,
		"alerts", critical + other > 0 ? "daftarctl alert list" : NULL,
		"%zu critical and %zu others that nobody has taken", critical, other);
}

static void
check_officers(const struct asked *a, json_t *out)
{
	const json_t *row;
	size_t i, waiting = 0;

	if (a->changes == NULL)
		return;
	json_array_foreach(json_object_get(a->changes, "changes"), i, row) waiting +=
		strcmp(text_of(row, "state"), "waits") == 0;
	if (json_is_true(json_object_get(a->changes, "two_persons")))
		finding(out, HEALTH_OK, "officers", NULL,
			"what needs two persons waits for a "
			"second one");
	else
		finding(out, HEALTH_WARN, "officers",
			"name two officers in daftard.conf: daftarctl config explain officers",
			"fewer than two are named: what needs two persons is done by one");
	finding(out, waiting > 0 ? HEALTH_WARN : HEALTH_OK, "changes",
		waiting > 0 ? "daftarctl change list" : NULL, "%zu wait for a second officer",
		waiting);
}

/* Is there a party with the code that this contact begins with? */
static bool
is_of_a_party(const struct asked *a, const char *contact)
{
	const json_t *party;
	size_t i, n = strcspn(contact, ":");

	json_array_foreach(json_object_get(a->status, "parties"), i, party)
	{
		const char *code = text_of(party, "code");

		if (strlen(code) == n && strncmp(code, contact, n) == 0)
			return true;
	}
	return false;
}

/* A code that was mistyped would be shown nowhere. */
static void
check_contacts(const struct asked *a, json_t *out)
{
	const json_t *row, *contact;
	size_t i, k;

	json_array_foreach(json_object_get(a->settings, "settings"), i, row)
	{
		if (strcmp(text_of(row, "name"), "contacts") != 0)
			continue;
		json_array_foreach(json_object_get(row, "value"), k, contact)
		{
			const char *text = json_string_value(contact);

			if (text != NULL && !is_of_a_party(a, text))
				finding(out, HEALTH_WARN, "contacts", "daftarctl party list",
					"contacts in daftard.conf name %.*s, which is no party of "
					"the trust list",
					(int)strcspn(text, ":"), text);
		}
	}
}

/* ---- asking ---- */

/* NULL when it is not to be had: another role, an older daftard. */
static json_t *
ask_for(const struct options *o, const char *verb, json_t *args)
{
	OWNED(json_t, given, json_decrefp) = args;
	json_t *data = NULL;

	return ctl_call(o, verb, given, &data) == E_OK ? data : NULL;
}

static void
asked_free(struct asked *a)
{
	json_decref(a->status);
	json_decref(a->expiring);
	json_decref(a->crls);
	json_decref(a->books);
	json_decref(a->changes);
	json_decref(a->alerts);
	json_decref(a->settings);
}

static enum err
ask_all(const struct options *o, struct asked *a)
{
	TRY(ctl_call(o, "status", NULL, &a->status));
	a->expiring = ask_for(o, "cert.expiring", json_pack("{s:i}", "days", 90));
	a->crls = ask_for(o, "crl.list", NULL);
	a->books = ask_for(o, "reconcile.show", NULL);
	a->changes = ask_for(o, "change.list", NULL);
	a->alerts = ask_for(o, "alert.list", NULL);
	a->settings = ask_for(o, "config.show", NULL);
	return E_OK;
}

/* ---- the commands ---- */

static size_t
count_of(const json_t *lines, enum health h)
{
	const json_t *line;
	size_t i, n = 0;

	json_array_foreach(lines, i, line) n += strcmp(text_of(line, "health"), words[h]) == 0;
	return n;
}

void
print_check(const json_t *data)
{
	const json_t *line;
	size_t i;

	json_array_foreach(json_object_get(data, "lines"), i, line)
	{
		put(5, text_of(line, "health"));
		put(13, text_of(line, "check"));
		put(0, text_of(line, "text"));
		putchar('\n');
		if (text_of(line, "next")[0] == '\0')
			continue;
		fputs("                    next: ", stdout);
		put(0, text_of(line, "next"));
		putchar('\n');
	}
	printf("\n%" PRId64 " ok, %" PRId64 " warn, %" PRId64 " fail\n", number_of(data, "ok"),
		number_of(data, "warn"), number_of(data, "fail"));
}

static int
show_lines(const struct options *o, const struct command *c, json_t *lines)
{
	OWNED(json_t, data, json_decrefp) = json_object();

	for (size_t h = 0; h < ARRAY_LEN(words); h++)
		json_object_set_new(
			data, words[h], json_integer((json_int_t)count_of(lines, (enum health)h)));
	json_object_set(data, "lines", lines);
	ctl_show(o, c, data);
	return number_of(data, "fail") > 0 ? EXIT_FAILED : EXIT_SUCCESS;
}

json_t *
ctl_check_lines(const struct options *o, enum err *e)
{
	json_t *lines = json_array();
	struct asked a = {NULL};

	*e = ask_all(o, &a);
	if (*e == E_OK) {
		check_daftard(&a, lines);
		check_children(&a, lines);
		check_clock(&a, lines);
		check_trust(&a, lines);
		check_store(&a, lines);
		check_waiting(&a, lines);
		check_waits(&a, lines);
		check_books(&a, lines);
		check_alerts(&a, lines);
		check_officers(&a, lines);
		check_contacts(&a, lines);
		if (o->value[OPT_REMOTE] == NULL)
			check_files(&a, lines);
	}
	asked_free(&a);
	return lines;
}

int
ctl_check(const struct options *o, const struct command *c, json_t *args)
{
	enum err e;
	OWNED(json_t, lines, json_decrefp) = ctl_check_lines(o, &e);

	(void)args;
	return e == E_OK ? show_lines(o, c, lines) : ctl_complain(o, c, NULL, e);
}

int
ctl_engine(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, lines, json_decrefp) = json_array();
	struct asked a = {NULL};
	enum err e = ctl_call(o, "status", NULL, &a.status);
	int status;

	(void)args;
	if (e == E_OK)
		check_store(&a, lines);
	asked_free(&a);
	status = e == E_OK ? show_lines(o, c, lines) : ctl_complain(o, c, NULL, e);
	return status;
}
