/* SPDX-License-Identifier: EUPL-1.2
 *
 * What an administrator's first view asks of a running daftard, and how long each answer takes,
 *from the request to the last octet of the answer, in ms: the median of COUNT times.
 *
 *	look SOCKET COUNT
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/control.h"

static const struct {
	const char *verb, *args;
} asked[] = {
	{"status", "{}"},
	{"corridor.list", "{}"},
	{"stats.series", "{\"hours\":24}"},
	{"stats.series", "{\"hours\":720}"},
	{"message.list", "{\"limit\":20}"},
	{"message.list", "{\"limit\":20,\"state\":\"open\"}"},
	{"message.list", "{\"limit\":20,\"party\":\"FA.CR0\"}"},
	{"message.list", "{\"limit\":20,\"stage\":\"DEAD-LETTER\"}"},
	{"message.list", "{\"limit\":20,\"q\":\"DFT-7K\"}"},
	{"deadline.list", "{\"limit\":20}"},
};
/* What the overview asks, by its place above. */
static const size_t first_view[] = {0, 1, 2, 4, 9};

static double
now_ms(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
		die("look: no clock");
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
ask(const char *path, size_t i, size_t count)
{
	double took[200];

	for (size_t n = 0; n < count; n++) {
		json_t *args = json_loads(asked[i].args, 0, NULL), *data = NULL;
		double began = now_ms();
		enum err e = control_call(path, asked[i].verb, args, &data);

		took[n] = now_ms() - began;
		json_decref(args);
		json_decref(data);
		if (e != E_OK)
			die("look: %s: %s", asked[i].verb, err_word(e));
	}
	qsort(took, count, sizeof *took, rising);
	return took[count / 2];
}

int
main(int argc, char **argv)
{
	size_t count = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
	double ms[ARRAY_LEN(asked)], view = 0;

	if (count == 0 || count > 200)
		return fputs("usage: look SOCKET COUNT\n", stderr), 2;
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		ms[i] = ask(argv[1], i, count);
		printf("{\"bench\":\"look\",\"verb\":\"%s\",\"args\":%s,\"ms\":%.2f}\n",
			asked[i].verb, asked[i].args, ms[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(first_view); i++)
		view += ms[first_view[i]];
	printf("{\"bench\":\"look\",\"verb\":\"first view\",\"ms\":%.2f}\n", view);
	return 0;
}
