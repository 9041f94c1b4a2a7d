/* SPDX-License-Identifier: EUPL-1.2
 *
 * Corridors: all of them, the one with the most trouble first, and one with its days. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/ctl_command.h"
#include "lib/id.h"

static int
compare(const void *a, const void *b)
{
	const json_t *x = *(const json_t *const *)a, *y = *(const json_t *const *)b;
	int64_t more = number_of(y, "trouble") - number_of(x, "trouble");

	if (more == 0)
		more = number_of(y, "waiting") - number_of(x, "waiting");
	return more > 0 ? 1 : more < 0 ? -1 : strcmp(text_of(x, "from"), text_of(y, "from"));
}

json_t *
corridors_by_trouble(const json_t *data)
{
	return sorted_rows(json_object_get(data, "corridors"), compare);
}

/* The figures of the day beside the others, the age of the oldest in words. */
void
corridor_flatten(json_t *row)
{
	int64_t oldest;
	char age[32];

	(void)json_object_update_missing(row, json_object_get(row, "day"));
	if (instant_parse(text_of(row, "oldest"), &oldest) && number_of(row, "waiting") > 0)
		json_object_set_new(row, "age", json_string(age_text(instant_now() - oldest, age)));
}

void
print_corridors(const json_t *data)
{
	static const struct column columns[] = {{"from", "from", 12}, {"to", "to", 12},
		{"state", "state", 6}, {"waiting", "waiting", 7}, {"oldest", "age", 7},
		{"taken", "accepted", 6}, {"done", "committed", 6}, {"refused", "rejected", 7},
		{"dead", "dead", 5}, {"trouble", "trouble_word", 0}};
	OWNED(json_t, rows, json_decrefp) = corridors_by_trouble(data);
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) corridor_flatten(row);
	print_table(rows, columns, ARRAY_LEN(columns));
	puts("\ntaken, done, refused and dead are those of the last 24 hours");
}

void
print_corridor(const json_t *data)
{
	static const struct column fields[] = {{"from", "from", 0}, {"to", "to", 0},
		{"state", "state", 0}, {"reason", "reason", 0}, {"agreement", "agreement", 0},
		{"valid until", "valid_until", 0}, {"waiting", "waiting", 0}, {"oldest", "age", 0},
		{"taken", "accepted", 0}, {"done", "committed", 0}, {"refused", "rejected", 0},
		{"expired", "expired", 0}, {"dead", "dead", 0}, {"trouble", "trouble_word", 0},
		{"deadline", "deadline_rule", 0}};
	static const struct column agreements[] = {
		{"agreement", "id", 24}, {"valid until", "valid_until", 0}};
	static const struct column points[] = {{"at", "at", 24}, {"taken", "accepted", 6},
		{"done", "committed", 6}, {"refused", "rejected", 7}, {"expired", "expired", 7},
		{"dead", "dead", 0}};
	OWNED(json_t, row, json_decrefp) = json_copy((json_t *)data);
	const json_t *series = json_object_get(data, "series");
	const json_t *of = json_object_get(data, "agreements");

	corridor_flatten(row);
	print_known(row, fields, ARRAY_LEN(fields));
	if (json_array_size(of) > 0) {
		putchar('\n');
		print_table(of, agreements, ARRAY_LEN(agreements));
	}
	if (series == NULL)
		series = data;
	if (json_array_size(json_object_get(series, "points")) > 0) {
		putchar('\n');
		print_table(json_object_get(series, "points"), points, ARRAY_LEN(points));
	}
	if (json_array_size(json_object_get(data, "changes")) > 0) {
		putchar('\n');
		print_changes(data);
	}
}
