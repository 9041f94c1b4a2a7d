/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which character it is that may not stand in a case file, by its name and its place: an officer
 * who cannot see it has to be told. */
#include <stdio.h>
#include <string.h>

#include "lib/name_text.h"
#include "liaison/lookup.h"

#define PATH_SIZE 160

static void
look_at_text(const char *path, const char *text, struct buf *problems)
{
	struct name_fault f;

	if (name_fault_of(text, SIZE_MAX, &f) >= NAME_CONTROL && f.called[0] != '\0')
		buf_printf(problems, "%s[%zu]: %s: %s\n", path, f.place, f.called, f.why);
}

static void
walk(const char *path, const json_t *value, struct buf *problems)
{
	const char *key;
	json_t *member;
	char deeper[PATH_SIZE];
	size_t i;

	if (json_is_string(value))
		look_at_text(path, json_string_value(value), problems);
	json_object_foreach((json_t *)value, key, member)
	{
		/* a key that is none of ours may be anything, and is told without being shown */
		if (strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") !=
				strlen(key) ||
			strlen(key) > 32)
			continue;
		(void)snprintf(
			deeper, sizeof deeper, "%s%s%s", path, path[0] != '\0' ? "." : "", key);
		walk(deeper, member, problems);
	}
	json_array_foreach(value, i, member)
	{
		(void)snprintf(deeper, sizeof deeper, "%s[%zu]", path, i + 1);
		walk(deeper, member, problems);
	}
}

void
look_for_strays(const json_t *root, struct buf *problems)
{
	walk("", root, problems);
}
