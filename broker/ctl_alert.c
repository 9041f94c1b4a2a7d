/* SPDX-License-Identifier: EUPL-1.2
 *
 * Alerts: what is wrong, who looks after it, and the rules that find it. */
#include <stdio.h>
#include <string.h>

#include "broker/ctl_command.h"

void
print_alerts(const json_t *data)
{
	static const struct column columns[] = {{"alert", "id", 5}, {"severity", "severity", 8},
		{"state", "state", 6}, {"since", "since", 24}, {"rule", "rule", 14},
		{"what", "sentence", 0}};
	const json_t *alerts = json_object_get(data, "alerts");

	if (json_array_size(alerts) == 0) {
		puts("nothing is wrong that a rule would find");
		return;
	}
	print_table(alerts, columns, ARRAY_LEN(columns));
	puts("\nnext: daftarctl alert ack ALERT --reason TEXT; what to do about a rule is in the\n"
	     "      runbooks (doc/OPERATIONS.md) under its name");
}

void
print_rules(const json_t *data)
{
	static const struct column columns[] = {{"rule", "name", 14}, {"on", "on", 4},
		{"threshold", "threshold", 12}, {"what it says", "sentence", 0}};

	print_table(json_object_get(data, "rules"), columns, ARRAY_LEN(columns));
}

/* A number is an alert, a word a rule; how long is left to daftard as it was typed. */
int
ctl_alert_mute(const struct options *o, const struct command *c, json_t *args)
{
	const char *what = o->words[0];

	json_object_del(args, "what");
	json_object_set_new(args, strspn(what, "0123456789") == strlen(what) ? "id" : "rule",
		json_string(what));
	if (o->value[OPT_UNTIL] != NULL)
		json_object_set_new(args, "until", json_string(o->value[OPT_UNTIL]));
	return ctl_act(o, c, args);
}
