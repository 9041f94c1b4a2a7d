/* SPDX-License-Identifier: EUPL-1.2
 *
 * Time, chance, and processes that die. Events stand in a heap, ordered by their time and then by
 * the order in which they were made: nothing depends on addresses or on the machine's own clock.
 *
 * A process is cut off by longjmp from wherever it is back to the loop of events. What it had on
 * the heap is lost with it, as memory is; its disk is not. */
#include "tests/sim/sim.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct world world;
struct node *acting;

static jmp_buf out_of_life;

pid_t __real_getpid(void);

/* ---- chance ---- */

static uint64_t
next_random(void)
{
	uint64_t z = world.random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint64_t
chance(uint64_t n)
{
	return next_random() % n;
}

bool
happens(double probability)
{
	return probability > 0 && (double)(next_random() >> 11) / 9007199254740992.0 < probability;
}

bool
strikes(enum fault f)
{
	if (world.healed || !happens(world.chance[f]))
		return false;
	world.count[f]++;
	return true;
}

int64_t
between(int64_t least, int64_t most)
{
	return least + (int64_t)chance((uint64_t)(most - least + 1));
}

/* ---- words ---- */

const char *
fault_word(enum fault f)
{
	static const char *const words[FAULTS] = {
#define FAULT(name, word) [name] = word,
#include "tests/sim/fault.def"
#undef FAULT
	};

	return words[f];
}

static void
print_time(FILE *f)
{
	int64_t ms = world.now - SIM_START;

	fprintf(f, "%lldd %02lld:%02lld:%02lld.%03lld %-9s", (long long)(ms / DAY),
		(long long)(ms / HOUR % 24), (long long)(ms / MINUTE % 60),
		(long long)(ms / SECOND % 60), (long long)(ms % SECOND),
		acting != NULL ? acting->name : "");
}

void
tell(const char *fmt, ...)
{
	va_list ap;

	if (!world.trace)
		return;
	print_time(stdout);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

void
broken(const char *promise, const char *fmt, ...)
{
	va_list ap;

	if (world.trace)
		print_time(stdout);
	printf("broken: %s: ", promise);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf(" seed=%llu replay: tests/sim/sim --seed %llu --trace\n",
		(unsigned long long)world.seed, (unsigned long long)world.seed);
	fflush(stdout);
	world_end();
	_exit(1);
}

/* ---- events ---- */

struct happening {
	int64_t at;
	uint64_t order;
	struct node *node;
	unsigned life;
	event_action *action;
	void *what;
};

static struct happening *heap;
static size_t heap_n, heap_room;
static uint64_t heap_order;

static bool
earlier(const struct happening *a, const struct happening *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void
heap_swap(size_t i, size_t k)
{
	struct happening h = heap[i];

	heap[i] = heap[k];
	heap[k] = h;
}

void
after(int64_t delay, struct node *n, event_action *action, void *what)
{
	size_t i = heap_n++;

	if (heap_n > heap_room) {
		heap_room = heap_room * 2 + 256;
		heap = xrealloc(heap, heap_room * sizeof *heap);
	}
	heap[i] = (struct happening){world.now + (delay < 0 ? 0 : delay), heap_order++, n,
		n != NULL ? n->life : 0, action, what};
	for (; i > 0 && earlier(&heap[i], &heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap_swap(i, (i - 1) / 2);
}

static struct happening
heap_take(void)
{
	struct happening first = heap[0];
	size_t i = 0, k;

	heap[0] = heap[--heap_n];
	while ((k = 2 * i + 1) < heap_n) {
		if (k + 1 < heap_n && earlier(&heap[k + 1], &heap[k]))
			k++;
		if (!earlier(&heap[k], &heap[i]))
			break;
		heap_swap(i, k);
		i = k;
	}
	return first;
}

/* A process that gets no time finds everything when it goes on. */
static void
happen(struct happening *h)
{
	struct node *n = h->node;

	if (n != NULL && n->life == h->life && n->paused > world.now) {
		after(n->paused - world.now < SECOND ? n->paused - world.now : SECOND, n, h->action,
			TAKE(h->what));
		return;
	}
	world.events++;
	if (n == NULL)
		h->action(NULL, h->what);
	else if (n->life == h->life)
		(void)!as_node(n, h->action, h->what);
	free(h->what);
}

void
run_until(int64_t end)
{
	while (heap_n > 0 && heap[0].at <= end) {
		struct happening h = heap_take();

		if (h.at > world.now)
			world.now = h.at;
		happen(&h);
	}
	world.now = end;
}

/* ---- life and death ---- */

bool
as_node(struct node *n, event_action *action, void *what)
{
	struct node *volatile who = n;
	struct node *volatile before = acting;

	acting = n;
	if (setjmp(out_of_life) != 0) {
		node_dead(who); /* still as it: what it held is its own */
		acting = before;
		return false;
	}
	action(n, what);
	acting = before;
	return true;
}

void
dies(void)
{
	assert(acting != NULL);
	longjmp(out_of_life, 1);
}

void
may_die(enum fault f)
{
	if (acting == NULL || acting->dies_in < 0 || world.healed)
		return;
	if (acting->dies_in-- > 0)
		return;
	world.count[f]++;
	tell("dies: %s", fault_word(f));
	dies();
}

void
strikes_dead(enum fault f)
{
	may_die(f);
	if (strikes(f)) {
		tell("dies: %s", fault_word(f));
		dies();
	}
}

int64_t
node_clock(const struct node *n)
{
	if (n == NULL)
		return world.now;
	return n->frozen >= 0 ? n->frozen : world.now + n->skew;
}

static int
on_commit(const char *folder, bool done)
{
	bool broker = acting != NULL && acting->place == PLACE_BROKER;

	(void)folder;
	if (done)
		may_die(broker ? F_BROKER_AFTER : F_PARTY_AFTER);
	else
		may_die(broker ? F_BROKER_BEFORE : F_PARTY_BEFORE);
	return 0;
}

/* ---- the whole ---- */

void
world_begin(uint64_t seed, bool trace)
{
	const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	world = (struct world){.seed = seed, .trace = trace, .now = SIM_START};
	world.random = seed * 0xd1342543de82ef95 + 1;
	snprintf(world.folder, sizeof world.folder, "%s/daftar-sim-XXXXXX", base);
	if (mkdtemp(world.folder) == NULL)
		die("%s: %s", world.folder, strerror(errno));
	heap_n = 0;
	heap_order = 0;
	acting = NULL;
	disk_commit = on_commit;
	machine_begin();
	thin_begin();
	network_begin();
	registers_begin();
	history_begin();
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

void
world_end(void)
{
	(void)!nftw(world.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	while (heap_n > 0)
		free(heap[--heap_n].what);
	disk_forget_all();
}
