/* SPDX-License-Identifier: EUPL-1.2
 *
 * Times and filters as they are typed. A filter that is not understood is refused, never left out:
 * left out it would let more through. */
#include "broker/ctl_where.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/id.h"

#define MINUTE_MS INT64_C(60000)
#define SPAN_MOST (INT64_C(100) * 366 * 24 * 60) /* minutes */

static const struct {
	const char *name;
	int64_t minutes;
} units[] = {{"min", 1}, {"h", 60}, {"d", 24 * 60}, {"w", 7 * 24 * 60}};

static bool
span_parse(const char *text, int64_t *ms)
{
	char *end;
	long n;

	if (text[0] < '1' || text[0] > '9' || strlen(text) > 9)
		return false;
	n = strtol(text, &end, 10);
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strcmp(end, units[i].name) == 0) {
			*ms = n * units[i].minutes * MINUTE_MS;
			return n <= SPAN_MOST / units[i].minutes;
		}
	return false;
}

bool
when_parse(const char *text, int64_t now, enum when which, int64_t *ms)
{
	char day[INSTANT_TEXT_SIZE];
	int64_t span;

	if (span_parse(text, &span)) {
		*ms = now + (int64_t)which * span;
		return true;
	}
	if (instant_parse(text, ms))
		return true;
	if (strlen(text) != 10)
		return false;
	snprintf(day, sizeof day, "%sT00:00:00.000Z", text);
	return instant_parse(day, ms);
}

static json_t *
value_of(const char *key, const char *value, int64_t now)
{
	struct party party;
	int64_t ms;

	if (strcmp(key, "since") == 0)
		return when_parse(value, now, WHEN_BEFORE, &ms) ? json_integer(ms) : NULL;
	if (strcmp(key, "from") == 0 || strcmp(key, "to") == 0)
		return party_parse(value, &party) ? json_string(value) : NULL;
	if (strcmp(key, "code") != 0 ||
		value[strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")])
		return NULL;
	return json_string(value);
}

bool
where_parse(const char *text, int64_t now, json_t *args)
{
	const char *equals = strchr(text, '=');
	char key[16];

	if (equals == NULL || equals[1] == '\0' || (size_t)(equals - text) >= sizeof key)
		return false;
	snprintf(key, sizeof key, "%.*s", (int)(equals - text), text);
	if (json_object_get(args, key) != NULL)
		return false;
	return json_object_set_new(args, key, value_of(key, equals + 1, now)) == 0;
}
