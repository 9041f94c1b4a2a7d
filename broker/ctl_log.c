/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl log: the newest head of the exchange's log, as the note that it is, and whether heads
 * that somebody brings are of this log. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "broker/ctl_command.h"
#include "lib/loghead.h"

#define NOTES_MAX (2 * CHECKPOINT_MAX + 1)

void
print_log(const json_t *data)
{
	fputs(text_of(data, "note"), stdout);
}

void
print_heads(const json_t *data)
{
	const json_t *h;
	size_t i;

	json_array_foreach(json_object_get(data, "heads"), i, h)
		printf("generation %lld  size %lld  root %s  %s\n",
			(long long)json_integer_value(json_object_get(h, "generation")),
			(long long)json_integer_value(json_object_get(h, "size")),
			text_of(h, "root"), text_of(h, "verdict"));
	if (json_is_true(json_object_get(data, "contradict")))
		printf("FORKED: both are signed with this log's key, for one size and two roots\n");
}

static int
judge(const json_t *data)
{
	const json_t *h;
	size_t i;

	json_array_foreach(json_object_get(data, "heads"), i,
		h) if (strcmp(text_of(h, "verdict"), "ours") != 0) return EXIT_FAILED;
	return EXIT_SUCCESS;
}

int
ctl_log_check(const struct options *o, const struct command *c, json_t *args)
{
	const char *file = text_of(args, "file");
	OWNED(json_t, data, json_decrefp) = NULL;
	char notes[NOTES_MAX + 1];
	FILE *in = fopen(file, "re");
	json_t *ask;
	enum err e;

	if (in == NULL)
		return ctl_complain(o, c, file, E_IO);
	notes[fread(notes, 1, NOTES_MAX, in)] = '\0';
	fclose(in);
	ask = json_pack("{s:s}", "notes", notes);
	e = ask == NULL ? E_CHECKPOINT : ctl_call(o, c->doing->verb, ask, &data);
	json_decref(ask);
	if (e != E_OK)
		return ctl_complain(o, c, file, e);
	ctl_show(o, c, data);
	return judge(data);
}
