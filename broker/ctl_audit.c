/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was changed, by whom and why, and whether the log still says so. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/ctl_command.h"

void
print_next_page(const json_t *data, const char *option)
{
	const json_t *next = json_object_get(data, "next");
	char room[32];

	if (next != NULL && !json_is_null(next))
		printf("\nthere may be more: the same with --%s %s\n", option,
			cell_of(data, "next", room));
}

void
print_audit(const json_t *data)
{
	static const struct column columns[] = {{"change", "number", 6}, {"at", "proposed", 24},
		{"kind", "kind", 12}, {"state", "state", 8}, {"party", "party", 12},
		{"by", "by", 10}, {"and", "second", 10}, {"leaf", "leaf", 8},
		{"reason", "reason", 0}};

	print_table(json_object_get(data, "changes"), columns, ARRAY_LEN(columns));
	print_next_page(data, "before");
}

void
print_audit_verdict(const json_t *data)
{
	int64_t bad = number_of(data, "bad");
	const json_t *wrong;
	size_t i;

	print_field("checked", "%" PRId64 " changes against the log", number_of(data, "checked"));
	print_field("verdict", "%s",
		bad == 0 ? "all are in the log as they were made"
			 : "NOT the changes that were made: somebody has altered the store or the "
			   "log");
	if (bad > 0)
		print_field("bad", "%" PRId64, bad);
	json_array_foreach(json_object_get(data, "numbers"), i, wrong) print_field(
		i == 0 ? "which" : "", "%" JSON_INTEGER_FORMAT, json_integer_value(wrong));
	if (json_is_string(json_object_get(data, "head")))
		print_field("head", "%s", text_of(data, "head"));
	if (bad > 0)
		print_field("next", "keep the machine as it is; daftarctl log show against what "
				    "parties hold; doc/OPERATIONS.md");
}

/* Page by page; what was found adds up. */
static enum err
verify_all(const struct options *o, const struct command *c, json_t *args, json_t **data)
{
	OWNED(json_t, numbers, json_decrefp) = json_array();
	int64_t checked = 0, bad = 0;
	const json_t *next;

	for (;;) {
		json_decrefp(data);
		*data = NULL;
		TRY(ctl_call(o, c->doing->verb, args, data));
		checked += number_of(*data, "checked");
		bad += number_of(*data, "bad");
		json_array_extend(numbers, json_object_get(*data, "numbers"));
		next = json_object_get(*data, "next");
		if (!json_is_integer(next))
			break;
		json_object_set(args, "after", (json_t *)next);
	}
	json_object_set_new(*data, "checked", json_integer(checked));
	json_object_set_new(*data, "bad", json_integer(bad));
	json_object_set(*data, "numbers", numbers);
	return E_OK;
}

int
ctl_audit_verify(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e = verify_all(o, c, args, &data);
	int status = ctl_end(o, c, NULL, data, e);

	return status == 0 && number_of(data, "bad") > 0 ? EXIT_FAILED : status;
}

/* The page that begins with it. */
int
ctl_audit_show(const struct options *o, const struct command *c, json_t *args)
{
	json_int_t number = json_integer_value(json_object_get(args, "number"));
	OWNED(json_t, ask, json_decrefp) =
		json_pack("{s:I, s:i}", "before", number + 1, "limit", 1);
	OWNED(json_t, data, json_decrefp) = NULL;
	const json_t *change;
	enum err e = ctl_call(o, c->doing->verb, ask, &data);

	change = json_array_get(json_object_get(data, "changes"), 0);
	if (e == E_OK && number_of(change, "number") != number)
		e = E_NOT_FOUND;
	return ctl_end(o, c, ctl_item(o), change, e);
}
