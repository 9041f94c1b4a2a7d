/* SPDX-License-Identifier: EUPL-1.2
 *
 * The configuration of the daftard that runs, and whether the file on disk could take its place. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "broker/ctl_command.h"
#include "lib/file.h"

#define CONFIG_MOST (48 * 1024) /* what fits a request */

static void
print_value(const json_t *row, const char *key)
{
	const json_t *value = json_object_get(row, key), *item;
	char room[32];
	size_t i;

	if (!json_is_array(value)) {
		put(0, cell_of(row, key, room));
		return;
	}
	json_array_foreach(value, i, item)
	{
		put(0, i > 0 ? ", " : "");
		put(0, json_is_string(item) ? json_string_value(item) : "?");
	}
	if (json_array_size(value) == 0)
		putchar('-');
}

/* The file's name and the line are enough in a list. */
static const char *
place_of(const json_t *row)
{
	const char *origin = text_of(row, "origin"), *slash = strrchr(origin, '/');

	return slash != NULL ? slash + 1 : origin;
}

void
print_settings(const json_t *data)
{
	const json_t *row;
	size_t i;

	put(24, "setting");
	put(24, "said in");
	puts("value");
	json_array_foreach(json_object_get(data, "settings"), i, row)
	{
		put(24, text_of(row, "name"));
		put(24, place_of(row));
		print_value(row, "value");
		putchar('\n');
	}
	puts("\ndaftarctl config explain NAME tells what one does");
}

void
print_setting(const json_t *data)
{
	static const struct column fields[] = {{"setting", "name", 0}, {"type", "type", 0},
		{"default", "default", 0}, {"range", "range", 0}, {"said in", "origin", 0},
		{"what it does", "sentence", 0}};
	const json_t *row = json_array_get(json_object_get(data, "settings"), 0);

	if (row == NULL)
		row = data;
	print_known(row, fields, ARRAY_LEN(fields));
	put(12, "value");
	print_value(row, "value");
	putchar('\n');
	print_field("to change it", "%s",
		strcmp(text_of(row, "effect"), "reload") == 0
			? "edit daftard.conf, then daftarctl config reload --reason TEXT"
			: "edit daftard.conf, then restart daftard; daftarctl config check first");
}

static bool
is_good(const json_t *data)
{
	return json_is_true(json_object_get(data, "good"));
}

/* What the reader of the configuration said: file, line, mistake. */
void
print_config_check(const json_t *data)
{
	const json_t *line;
	size_t i;

	json_array_foreach(json_object_get(data, "said"), i, line)
	{
		put(0, json_string_value(line));
		putchar('\n');
	}
	if (is_good(data))
		puts("no mistake; daftarctl config diff shows what it would change");
}

void
print_config_diff(const json_t *data)
{
	const json_t *rows = json_object_get(data, "settings"), *row;
	size_t i;

	if (json_array_size(rows) == 0) {
		puts("what runs is what the file says");
		return;
	}
	json_array_foreach(rows, i, row)
	{
		print_field(text_of(row, "name"), "takes a %s (%s)", text_of(row, "effect"),
			text_of(row, "origin"));
		put(12, "  runs");
		print_value(row, "value");
		putchar('\n');
		put(12, "  on disk");
		print_value(row, "file");
		putchar('\n');
	}
	puts("\nnext: daftarctl config reload --reason TEXT; what takes a restart waits for one");
}

static void
print_names(const char *title, const json_t *names)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
		print_field(i == 0 ? title : "", "%s", json_string_value(name));
	if (json_array_size(names) == 0)
		print_field(title, "none");
}

void
print_reloaded(const json_t *data)
{
	print_acted(data);
	print_names("in force", json_object_get(data, "reloaded"));
	print_names("need restart", json_object_get(data, "restart"));
}

/* One setting, out of all. */
int
ctl_config_show(const struct options *o, const struct command *c, json_t *args)
{
	const char *name = ctl_item(o);
	OWNED(json_t, data, json_decrefp) = NULL;
	OWNED(json_t, one, json_decrefp) = NULL;
	const json_t *row;
	enum err e;
	size_t i;

	json_object_clear(args);
	e = ctl_call(o, c->doing->verb, args, &data);
	if (e != E_OK || name == NULL)
		return ctl_end(o, c, name, data, e);
	json_array_foreach(json_object_get(data, "settings"), i, row)
	{
		if (strcmp(text_of(row, "name"), name) == 0)
			one = json_pack("{s:[O]}", "settings", row);
	}
	return ctl_end(o, c, name, one, one != NULL ? E_OK : E_NOT_FOUND);
}

/* daftard's walls keep it from reading the operator's files itself. */
int
ctl_config_check(const struct options *o, const struct command *c, json_t *args)
{
	const char *file = ctl_item(o);
	OWNED(json_t, data, json_decrefp) = NULL;
	OWNED_BUF(text) = {0};
	int status;
	enum err e = E_OK;

	json_object_clear(args);
	errno = 0;
	if (file != NULL)
		e = file_read(file, CONFIG_MOST, &text);
	if (e != E_OK && errno != 0)
		return ctl_fail(o, E_IO, "daftarctl config check", "%s: %s", file, strerror(errno));
	if (e == E_OK && file != NULL &&
		json_object_set_new(args, "text",
			json_stringn((const char *)buf_bytes(&text).data, text.size)) != 0)
		e = E_NOT_UTF8;
	if (e == E_OK)
		e = ctl_call(o, c->doing->verb, args, &data);
	status = ctl_end(o, c, file, data, e);
	return status == 0 && !is_good(data) ? EXIT_FAILED : status;
}
