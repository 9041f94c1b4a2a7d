/* SPDX-License-Identifier: EUPL-1.2
 *
 * sim --seeds A-B        plays these seeds; silent but for a sum at the end
 * sim --seed N [--trace] plays one, and tells what happens
 * sim --backlog N        a registry comes back to N messages
 *
 * A run is some windows of some minutes in which cases are filed and things go wrong, with hours
 * between them in which nothing happens or everything is off; then all is healed, and within half
 * an hour everything must have ended. Seeds are played by children, some dozen each, so that what a
 * process that died has left in memory goes with them, and that a real crash is an answer too. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/sim/sim.h"

#define SEEDS_A_CHILD 16
#define PATIENCE (30 * MINUTE)
#define WAITING (40 * DAY)

int __real_clock_gettime(clockid_t which, struct timespec *ts);

/* What all children have done, in shared memory. */
struct tally {
	uint64_t count[FAULTS];
	uint64_t seeds, events, frames, filed, delivered, entered;
	int64_t virtual_ms;
	uint64_t now; /* the seed that is played */
};
static struct tally *tally;

static void
make_nodes(void)
{
	static const char *const names[PLACES] = {"broker", "KE.CRS", "SO.NIRA", "UNHCR.NBO"};

	for (enum seat p = 0; p < PLACES; p++) {
		struct node *n = &world.node[world.nodes++];

		*n = (struct node){.place = p, .name = names[p], .frozen = -1, .dies_in = -1};
		snprintf(n->folder, sizeof n->folder, "%s/%s", world.folder, names[p]);
		node_start(n);
	}
}

/* The hours between: lights out, or only nothing to do. */
static void
night(int64_t ms)
{
	bool off = happens(world.chance[F_NIGHT]);

	if (off)
		world.count[F_NIGHT]++;
	for (size_t i = 0; i < world.nodes; i++)
		node_stop(&world.node[i]);
	world.now += ms;
	if (off)
		tell("everything was off for %lld h", (long long)(ms / HOUR));
	for (size_t i = 0; i < world.nodes; i++)
		if (!world.node[i].retired)
			node_start(&world.node[i]);
}

static void
day(void)
{
	int64_t ms = between(MINUTE, 4 * MINUTE);

	for (uint64_t n = 1 + chance(2); n > 0; n--)
		after(between(0, ms), NULL, officer_files, NULL);
	for (uint64_t n = chance(4); n > 0; n--)
		after(between(0, ms), NULL, officer_stops, NULL);
	faults_window(ms);
	run_until(world.now + ms);
}

/* True: something is left to time alone. */
static bool
settle(bool has_time)
{
	int64_t end = world.now + PATIENCE;
	char why[256] = "";
	bool later;

	while (world.now < end) {
		run_until(world.now + 5 * SECOND);
		if (history_settled(why, sizeof why, &later) && !(later && has_time))
			return later;
	}
	if (has_time && why[0] == '\0')
		broken("every accepted message ends", "something is awaited for ever");
	broken("stuck while connected", "%s", why);
}

/* What was offered before its consent was withdrawn, and never arrived, is waited for beyond its
 * time. */
static void
heal_and_settle(void)
{
	faults_heal();
	tell("everything is healed");
	officer_releases();
	if (!settle(false))
		return;
	night(WAITING);
	(void)settle(true);
}

static void
play(uint64_t seed, bool trace)
{
	uint64_t days = 0;

	tally->now = seed;
	world_begin(seed, trace);
	officer_begin();
	faults_choose();
	make_nodes();
	for (days = 2 + chance(3); days > 0; days--) {
		day();
		night(between(4 * HOUR, 20 * HOUR));
	}
	heal_and_settle();
	history_end();
	for (enum fault f = 0; f < FAULTS; f++)
		tally->count[f] += world.count[f];
	tally->seeds++;
	tally->events += world.events;
	tally->frames += world.frames;
	tally->filed += world.filed;
	tally->delivered += world.delivered;
	tally->entered += world.entered;
	tally->virtual_ms += world.now - SIM_START;
	for (size_t i = 0; i < world.nodes; i++)
		node_stop(&world.node[i]);
	world_end();
}

static double
real_seconds(void)
{
	struct timespec ts;

	__real_clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* False: a promise was broken; the child has said which. */
static bool
play_in_child(uint64_t from, uint64_t to)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child < 0)
		return false;
	if (child == 0) {
		for (uint64_t seed = from; seed <= to; seed++)
			play(seed, false);
		fflush(stdout);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child)
		return false;
	if (WIFSIGNALED(status))
		printf("broken: no process crashes: signal %d seed=%llu replay: tests/sim/sim "
		       "--seed %llu --trace\n",
			WTERMSIG(status), (unsigned long long)tally->now,
			(unsigned long long)tally->now);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
report(double seconds)
{
	for (enum fault f = 0; f < FAULTS; f++)
		printf("fault %llu %s\n", (unsigned long long)tally->count[f], fault_word(f));
	printf("seeds %llu events %llu frames %llu filed %llu delivered %llu entered %llu\n",
		(unsigned long long)tally->seeds, (unsigned long long)tally->events,
		(unsigned long long)tally->frames, (unsigned long long)tally->filed,
		(unsigned long long)tally->delivered, (unsigned long long)tally->entered);
	printf("virtual %lld s, real %.1f s, factor %.0f\n", (long long)(tally->virtual_ms / 1000),
		seconds, (double)tally->virtual_ms / 1000 / seconds);
}

static bool
play_all(uint64_t from, uint64_t to)
{
	for (uint64_t seed = from; seed <= to; seed += SEEDS_A_CHILD) {
		uint64_t last = seed + SEEDS_A_CHILD - 1;

		if (!play_in_child(seed, last < to ? last : to))
			return false;
	}
	return true;
}

static int
usage(void)
{
	fputs("usage: sim --seeds A-B | --seed N [--trace] | --backlog N\n", stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {{"seeds", required_argument, NULL, 's'},
		{"seed", required_argument, NULL, 'o'}, {"backlog", required_argument, NULL, 'b'},
		{"trace", no_argument, NULL, 't'}, {NULL, 0, NULL, 0}};
	unsigned long long from = 1, to = 0, many = 0;
	bool one = false, trace = false, good = true;
	double start;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		one |= c == 'o';
		trace |= c == 't';
		if (c == 's' && sscanf(optarg, "%llu-%llu", &from, &to) != 2)
			return usage();
		if (c == 'b' && sscanf(optarg, "%llu", &many) != 1)
			return usage();
		if (c == 'o' && sscanf(optarg, "%llu", &from) != 1)
			return usage();
		if (c == '?')
			return usage();
	}
	tally = mmap(
		NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return 2;
	realm_make();
	start = real_seconds();
	if (many > 0) {
		backlog(many);
		return 0;
	}
	if (one)
		play(from, trace);
	else
		good = play_all(from, to);
	if (good)
		report(real_seconds() - start);
	return good ? 0 : 1;
}
