/* SPDX-License-Identifier: EUPL-1.2
 *
 * Commands that change something and are done when daftard has answered; what waits for a second
 * officer has an exit status of its own. And the short looks: health, figures. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/ctl_command.h"

static bool
waits(const json_t *data)
{
	return strcmp(text_of(data, "state"), "waits") == 0 ||
	       strcmp(text_of(json_object_get(data, "change"), "state"), "waits") == 0;
}

/* ---- printing ---- */

/* Whatever a verb has to say of what it did, by its own words. */
static void
print_scalars(const json_t *data)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)data, key, value)
	{
		char room[32];

		if (json_is_object(value) || json_is_array(value) || json_is_null(value) ||
			(json_is_string(value) && json_string_length(value) == 0))
			continue;
		print_field(key, "%s", cell_of(data, key, room));
	}
}

void
print_acted(const json_t *data)
{
	const json_t *change = json_object_get(data, "change");

	if (json_object_get(data, "kind") != NULL && json_object_get(data, "number") != NULL)
		print_change(data);
	else if (json_is_object(change))
		print_change(change);
	else if (json_object_size(data) > 0)
		print_scalars(data);
	else
		puts("done");
}

void
print_drain(const json_t *data)
{
	const char *on = json_is_true(json_object_get(data, "draining")) ? "on" : "off";

	print_field("drain", "%s", on);
	if (strcmp(on, "on") == 0)
		print_field("next",
			"daftarctl status says how much is under way; then stop daftard; "
			"daftarctl drain off --reason TEXT takes messages again");
}

void
print_metrics(const json_t *data)
{
	fputs(text_of(data, "text"), stdout);
}

void
print_health(const json_t *data)
{
	const json_t *why;
	size_t i;

	print_field("alive", "%s", json_is_true(json_object_get(data, "live")) ? "yes" : "no");
	print_field("ready", "%s", json_is_true(json_object_get(data, "ready")) ? "yes" : "no");
	json_array_foreach(json_object_get(data, "why"), i, why)
		print_field(i == 0 ? "why" : "", "%s", json_string_value(why));
}

/* ---- doing ---- */

int
ctl_act(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e = ctl_call(o, c->doing->verb, args, &data);
	int status = ctl_end(o, c, ctl_item(o), data, e);

	return status == 0 && waits(data) ? EXIT_NOT_YET : status;
}

int
ctl_drain(const struct options *o, const struct command *c, json_t *args)
{
	json_object_set_new(args, "on", json_boolean(strcmp(c->name, "drain on") == 0));
	return ctl_ask(o, c, args);
}

int
ctl_health(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e = ctl_call(o, c->doing->verb, args, &data);
	int status = ctl_end(o, c, NULL, data, e);

	if (status != 0)
		return status;
	return json_is_true(json_object_get(data, "ready")) ? 0 : EXIT_FAILED;
}
