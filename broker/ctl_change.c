/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl's commands that change who may speak. A change that was made is in force in daftard
 * when its verb answers; the command waits until the gate has confirmed it too, and says how long
 * that took. One that waits for a second officer has an exit status of its own. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/ctl_command.h"
#include "lib/file.h"
#include "lib/id.h"
#include "lib/xml.h"

#define LOOK_MS 2
#define GATE_MS 10000

/* ---- what is printed ---- */

static bool
waits(const json_t *data)
{
	return strcmp(text_of(data, "state"), "waits") == 0;
}

static void
print_each(const char *name, const json_t *words)
{
	const json_t *word;
	size_t i;

	json_array_foreach(words, i, word)
		print_field(i == 0 ? name : "", "%s", json_string_value(word));
}

static void
print_next(const json_t *data)
{
	const char *party = text_of(data, "party");

	if (waits(data))
		print_field("next", "another officer types: daftarctl change approve %" PRId64,
			number_of(data, "number"));
	else if (strcmp(text_of(data, "kind"), "revoke") == 0)
		print_field("next",
			"on the realm's machine: daftar-pki retire REALM --party %s --cert %s, or "
			"daftar-pki revoke REALM --party %s for all that it has; then here: "
			"daftarctl trust install trust.xml",
			party, text_of(data, "digest"), party);
	else if (strcmp(text_of(data, "kind"), "cut") == 0)
		print_field("next",
			"nothing accepted is lost: what is for %s stays queued; "
			"daftarctl party resume %s takes it back",
			party, party);
	else if (strcmp(text_of(data, "kind"), "suspend") == 0)
		print_field("next", "daftarctl party resume %s serves it again", party);
}

void
print_change(const json_t *data)
{
	print_field("change", "%" PRId64 " (%s): %s", number_of(data, "number"),
		text_of(data, "kind"), text_of(data, "state"));
	if (text_of(data, "party")[0] != '\0')
		print_field("party", "%s", text_of(data, "party"));
	if (text_of(data, "digest")[0] != '\0')
		print_field("of", "%s", text_of(data, "digest"));
	print_field("reason", "%s", text_of(data, "reason"));
	print_field("by", "%s%s%s", text_of(data, "by"),
		text_of(data, "second")[0] != '\0' ? " and " : "", text_of(data, "second"));
	print_each(waits(data) ? "would change" : "changed", json_object_get(data, "changes"));
	if (text_of(data, "until")[0] != '\0')
		print_field("until", "%s", text_of(data, "until"));
	if (json_object_get(data, "took_us") != NULL)
		print_field("in force", "at the gate after %.3f ms",
			(double)number_of(data, "took_us") / 1000);
	print_next(data);
}

void
print_changes(const json_t *data)
{
	static const struct column columns[] = {{"change", "number", 6}, {"kind", "kind", 10},
		{"state", "state", 8}, {"party", "party", 14}, {"wanted", "proposed", 24},
		{"by", "by", 10}, {"and", "second", 10}, {"reason", "reason", 0}};

	if (!json_is_true(json_object_get(data, "two_persons")))
		print_field("officers", "fewer than two: what needs two persons is done by one");
	print_table(json_object_get(data, "changes"), columns, ARRAY_LEN(columns));
}

/* ---- what is done ---- */

/* The gate has confirmed it, or is not there, and then nobody is connected. */
static enum err
await_gate(const struct options *o, json_t *data)
{
	OWNED(json_t, args, json_decrefp) =
		json_pack("{s:O*}", "serial", json_object_get(data, "serial"));
	int64_t end = monotonic_now() + GATE_MS;

	while (json_object_get(data, "serial") != NULL) {
		OWNED(json_t, effect, json_decrefp) = NULL;

		TRY(ctl_call(o, "change.effect", args, &effect));
		if (json_is_true(json_object_get(effect, "in_force"))) {
			(void)json_object_update(data, effect);
			return E_OK;
		}
		if (monotonic_now() > end)
			return E_IO;
		(void)poll(NULL, 0, LOOK_MS);
	}
	return E_OK;
}

static int
finish(const struct options *o, const struct command *c, json_t *data)
{
	if (await_gate(o, data) != E_OK)
		fputs("daftarctl: the change is made in daftard, but the gate has not confirmed "
		      "it\n  next: daftarctl status; a gate that does not answer is killed by "
		      "its process number\n",
			stderr);
	ctl_show(o, c, data);
	return waits(data) ? EXIT_NOT_YET : EXIT_SUCCESS;
}

static const char *
item_of(const json_t *args)
{
	const char *code = text_of(args, "code");

	if (code[0] == '\0')
		code = text_of(args, "party");
	return code[0] != '\0' ? code : NULL;
}

int
ctl_change(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e = ctl_call(o, c->doing->verb, args, &data);

	return e == E_OK ? finish(o, c, data) : ctl_complain(o, c, item_of(args), e);
}

/* daftard's walls keep it from reading the operator's files itself. */
int
ctl_trust(const struct options *o, const struct command *c, json_t *args)
{
	bool adds = json_object_get(args, "adds") != NULL;
	const char *file = text_of(args, adds ? "adds" : "file");
	OWNED(json_t, order, json_decrefp) = json_pack(
		"{s:b, s:O*}", "adds", adds ? 1 : 0, "reason", json_object_get(args, "reason"));
	OWNED(json_t, data, json_decrefp) = NULL;
	OWNED_BUF(list) = {0};
	enum err e;

	errno = 0;
	e = file_read(file, XML_MESSAGE_MAX, &list);
	if (e == E_IO && errno != 0)
		fprintf(stderr, "daftarctl: %s\n", strerror(errno));
	if (e == E_OK)
		e = ctl_put(o, "trust.put", buf_bytes(&list));
	if (e == E_OK)
		e = ctl_call(o, c->doing->verb, order, &data);
	return e == E_OK ? finish(o, c, data) : ctl_complain(o, c, file, e);
}
