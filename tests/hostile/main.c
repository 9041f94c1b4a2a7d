/* SPDX-License-Identifier: EUPL-1.2
 *
 *	hostile [--long] PART...	parts: controls wrapping forms edits tokens malformed flips
 *cost access
 *
 * Prints a line for each part. */
#include "tests/hostile/hostile.h"

#include "lib/log.h"

static bool thorough;

static bool
run_malformed(struct world *w)
{
	return part_malformed(w, thorough);
}

static bool
run_flips(struct world *w)
{
	return part_flips(w, thorough);
}

static bool
run_cost(struct world *w)
{
	return part_cost(w, thorough);
}

static const struct {
	const char *name;
	bool (*run)(struct world *w);
} parts[] = {
	{"controls", part_controls},
	{"wrapping", part_wrapping},
	{"forms", part_forms},
	{"edits", part_edits},
	{"tokens", part_tokens},
	{"malformed", run_malformed},
	{"flips", run_flips},
	{"cost", run_cost},
	{"access", part_access},
};

static bool
run_part(struct world *w, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strcmp(parts[i].name, name) == 0)
			return parts[i].run(w);
	fprintf(stderr, "hostile: there is no part %s\n", name);
	return false;
}

int
main(int argc, char **argv)
{
	struct world *w;
	bool good = true;
	int i = 1;

	log_open("hostile", LOG_ERROR);
	if (argc > 1 && strcmp(argv[1], "--long") == 0) {
		thorough = true;
		i++;
	}
	w = world_new();
	for (; i < argc; i++)
		good = run_part(w, argv[i]) && good;
	world_free(&w);
	return good ? 0 : 1;
}
