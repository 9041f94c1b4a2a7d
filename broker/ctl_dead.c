/* SPDX-License-Identifier: EUPL-1.2
 *
 * Dead letters. What is done to many at once is shown first: how many there are, which, and the
 * line that does it. A filter that is not understood does nothing at all. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/ctl_command.h"
#include "broker/ctl_where.h"
#include "lib/id.h"

/* ---- filters ---- */

/* E_OK, or the complaint's status is in *status. */
static bool
put_where(const struct options *o, json_t *args, int *status)
{
	for (size_t i = 0; i < o->n_where; i++)
		if (!where_parse(o->where[i], instant_now(), args)) {
			*status = ctl_fail(o, E_USAGE, "daftarctl help dead list",
				"--where %s is no filter: code=WORD, from=CODE, to=CODE or "
				"since=WHEN, each once",
				o->where[i]);
			return false;
		}
	return true;
}

int
ctl_dead(const struct options *o, const struct command *c, json_t *args)
{
	int status = EXIT_USAGE;

	return put_where(o, args, &status) ? ctl_ask(o, c, args) : status;
}

/* ---- doing ---- */

/* As it could be typed again; nothing of it came from elsewhere. */
static char *
again(const struct options *o, const struct command *c)
{
	char *line = xprintf("daftarctl %s", c->name), *more;

	for (int i = 0; i < o->n_words; i++) {
		more = xprintf("%s %s", line, o->words[i]);
		free_chars(&line);
		line = more;
	}
	for (size_t i = 0; i < o->n_where; i++) {
		more = xprintf("%s --where %s", line, o->where[i]);
		free_chars(&line);
		line = more;
	}
	return line;
}

static int
show_first(const struct options *o, const struct command *c, const json_t *data)
{
	OWNED(char, line, free_chars) = again(o, c);

	ctl_show(o, c, data);
	if (!o->json && number_of(data, "matches") > 0) {
		fputs("nothing was done. next: ", stdout);
		put(0, line);
		puts(" --reason TEXT --yes");
	}
	return EXIT_SUCCESS;
}

int
ctl_dead_act(const struct options *o, const struct command *c, json_t *args)
{
	bool dry = o->value[OPT_YES] == NULL;
	OWNED(json_t, data, json_decrefp) = NULL;
	OWNED(char, line, free_chars) = again(o, c);
	int status = EXIT_USAGE;
	enum err e;

	if (!put_where(o, args, &status))
		return status;
	if (json_object_get(args, "id") == NULL && o->n_where == 0)
		return ctl_fail(
			o, E_USAGE, "daftarctl dead list", "%s needs an ID or --where", c->name);
	if (!dry && o->value[OPT_REASON] == NULL)
		return ctl_fail(o, E_USAGE, line, "%s --yes needs --reason TEXT", c->name);
	json_object_set_new(args, "dry_run", json_boolean(dry));
	if (dry && o->value[OPT_REASON] == NULL)
		json_object_set_new(args, "reason", json_string("a look at what it would do"));
	e = ctl_call(o, c->doing->verb, args, &data);
	if (e != E_OK)
		return ctl_complain(o, c, ctl_item(o), e);
	if (dry)
		return show_first(o, c, data);
	ctl_show(o, c, data);
	return strcmp(text_of(json_object_get(data, "change"), "state"), "waits") == 0
		       ? EXIT_NOT_YET
		       : EXIT_SUCCESS;
}

/* ---- printing ---- */

static void
print_group(const json_t *group)
{
	const json_t *last = json_object_get(group, "last_retry");

	print_field(text_of(group, "code"), "%" PRId64 ": %s", number_of(group, "n"),
		text_of(group, "sentence"));
	print_field("", "for example %s",
		json_is_string(json_object_get(group, "example"))
			? text_of(group, "example")
			: text_of(json_object_get(group, "example"), "id"));
	if (text_of(group, "what_next")[0] != '\0')
		print_field(
			"", "next, %s: %s", text_of(group, "turn"), text_of(group, "what_next"));
	if (json_is_object(last))
		print_field("", "last retry %s: %" PRId64 " of %" PRId64 " went on",
			text_of(last, "at"), number_of(last, "ok"), number_of(last, "n"));
}

void
print_dead(const json_t *data)
{
	static const struct column columns[] = {{"tracking", "tracking", 15},
		{"kind", "action", 20}, {"from", "from", 12}, {"to", "to", 12},
		{"code", "code", 16}, {"ended", "ended", 5}, {"turn", "turn", 9}, {"id", "id", 0}};
	const json_t *groups = json_object_get(data, "groups"), *group;
	size_t i;

	if (json_array_size(groups) == 0 &&
		json_array_size(json_object_get(data, "messages")) == 0) {
		puts("nothing is set aside, and nothing was returned");
		return;
	}
	json_array_foreach(groups, i, group) print_group(group);
	putchar('\n');
	print_table(json_object_get(data, "messages"), columns, ARRAY_LEN(columns));
	puts("\nwhat is not ended can be tried again: daftarctl dead retry ID, or --where "
	     "code=CODE");
	print_next_page(data, "before");
}

void
print_dead_act(const json_t *data)
{
	bool dry = json_object_get(data, "done") == NULL ||
		   json_is_false(json_object_get(data, "done"));
	const json_t *change = json_object_get(data, "change"), *id;
	size_t i, named = json_array_size(json_object_get(data, "ids"));

	print_field("messages", "%" PRId64 " fit", number_of(data, "matches"));
	json_array_foreach(json_object_get(data, "ids"), i, id)
		print_field(i == 0 ? "these" : "", "%s", json_string_value(id));
	if (number_of(data, "matches") > (int64_t)named)
		print_field(
			"", "and %" PRId64 " more", number_of(data, "matches") - (int64_t)named);
	if (json_is_object(change))
		print_change(change);
	else if (!dry)
		print_field("done", "%" PRId64, number_of(data, "done"));
}
