/* SPDX-License-Identifier: EUPL-1.2
 *
 * What goes wrong, and when. A seed has some kinds of fault and not others, each with a likelihood
 * of its own, so that rare combinations are as common as quiet days. Faults of an instant (a frame
 * lost, a register locked) are drawn where they strike; faults with a time (a death, a night, a
 * clock) are arranged here as events. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/sim/sim.h"

/* How likely a kind is when the seed has it; and for those with a time, how many there may be in a
 * window. */
static const struct {
	double most;
	unsigned times;
} kinds[FAULTS] = {
	[F_LOST] = {0.1, 0},
	[F_TWICE] = {0.2, 0},
	[F_LATE] = {0.1, 0},
	[F_SLOW] = {0.1, 0},
	[F_FLIPPED] = {0.05, 0},
	[F_BREAK] = {0.03, 0},
	[F_PARTITION] = {1, 2},
	[F_ONE_WAY] = {1, 2},
	[F_BROKER_BEFORE] = {1, 4},
	[F_PARTY_BEFORE] = {1, 6},
	[F_ENTRY_BEFORE] = {0.5, 0},
	[F_ENTRY_AFTER] = {0.5, 0},
	[F_ANSWER_LOST] = {0.5, 0},
	[F_REGISTER_LOCKED] = {0.5, 0},
	[F_REGISTER_AWAY] = {0.5, 0},
	[F_STOP] = {1, 3},
	[F_NIGHT] = {1, 0},
	[F_PAUSE] = {1, 3},
	[F_TWIN_PAUSED] = {1, 1},
	[F_SPOOL_RESTORED] = {1, 1},
	[F_STORE_RESTORED] = {1, 1},
	[F_REGISTER_RESTORED] = {1, 1},
	[F_CLOCK_BACK] = {1, 1},
	[F_CLOCK_FORWARD] = {1, 1},
	[F_CLOCK_FROZEN] = {1, 1},
	[F_STORE_FULL] = {1, 1},
	[F_SPOOL_FULL] = {1, 2},
	[F_EXAMINER] = {0.1, 0},
	[F_FILED_AGAIN] = {0.5, 0},
	[F_FILING_CUT] = {0.5, 0},
	[F_TWO_ROADS] = {0.5, 0},
	[F_OTHER_OCTETS] = {1, 3},
	[F_ASIDE] = {1, 4},
	[F_RETURNED] = {1, 3},
	[F_CLOSED] = {1, 2},
	[F_DRAINED] = {1, 1},
	[F_RETURN_FORGOTTEN] = {1, 3},
};

/* Only seeds that are for it: what an old copy has forgotten is forgiven to nobody else. */
static bool
is_restoring(enum fault f)
{
	return f == F_SPOOL_RESTORED || f == F_STORE_RESTORED || f == F_REGISTER_RESTORED;
}

/* What people do at the exchange is drawn apart, so that a seed without it plays as it did before
 * they could. */
static void
choose_operator(void)
{
	uint64_t kept = world.random;

	world.random = world.seed ^ UINT64_C(0x6f70657261746f72);
	if (happens(0.4))
		for (enum fault f = F_ASIDE; f <= F_DRAINED; f++)
			world.chance[f] = (double)chance(4) / 4;
	if (happens(0.1)) {
		world.chance[F_RETURN_FORGOTTEN] = 1;
		world.chance[F_OTHER_OCTETS] = 0;
		for (enum fault f = F_SPOOL_RESTORED; f <= F_REGISTER_RESTORED; f++)
			world.chance[f] = 0;
	}
	world.random = kept;
}

void
faults_choose(void)
{
	bool restoring = happens(0.25);
	double often = happens(0.3) ? 0.1 : happens(0.5) ? 0.3 : 0.6;

	for (enum fault f = 0; f < F_ASIDE; f++)
		if (is_restoring(f) ? restoring && happens(0.5) : happens(often))
			world.chance[f] = kinds[f].most * (double)(1 + chance(4)) / 4;
	/* An exchange that has forgotten the first octets takes the others for the first. */
	if (restoring)
		world.chance[F_OTHER_OCTETS] = 0;
	choose_operator();
}

/* ---- nodes ---- */

static unsigned last_pid;

struct node *
node_at(enum seat p)
{
	for (size_t i = 0; i < world.nodes; i++)
		if (world.node[i].place == p && !world.node[i].retired)
			return &world.node[i];
	return NULL;
}

static void
start(struct node *n, void *what)
{
	(void)what;
	if (n->place == PLACE_BROKER)
		broker_start(n);
	else
		party_start(n);
}

void
node_start(struct node *n)
{
	if (n->up || n->retired)
		return;
	n->up = true;
	n->pid = ++last_pid;
	n->life++;
	if (as_node(n, start, NULL))
		tell("%s started", n->name);
}

static void
stop(struct node *n, void *what)
{
	(void)what;
	if (n->place == PLACE_BROKER)
		broker_stop(n);
	else
		party_stop(n);
}

/* The process is gone, whichever way. */
static void
gone(struct node *n)
{
	n->up = false;
	n->life++;
	n->dies_in = -1;
	n->paused = 0;
	if (n->place == PLACE_BROKER)
		network_cut_all();
	else
		network_cut(n);
	loop_drop(n);
}

void
node_stop(struct node *n)
{
	if (!n->up || !as_node(n, stop, NULL))
		return;
	tell("%s stopped", n->name);
	gone(n);
}

static void
starts_again(struct node *none, void *what)
{
	(void)none;
	node_start(*(struct node **)what);
}

static void
start_later(struct node *n, int64_t delay)
{
	struct node **who = xmalloc(sizeof(struct node *));

	*who = n;
	after(delay, NULL, starts_again, who);
}

void
node_dead(struct node *n)
{
	if (n->place == PLACE_BROKER)
		broker_dead(n);
	else
		party_dead(n);
	gone(n);
	start_later(n, between(100, 30 * SECOND));
}

/* ---- faults with a time ---- */

static struct node *
somebody(void)
{
	struct node *n = node_at((enum seat)chance(PLACES));

	return n;
}

static struct node *
some_party(void)
{
	return node_at((enum seat)(1 + chance(PLACES - 1)));
}

static void
copy_key(const char *from, const char *to)
{
	char a[128], b[128], octets[256];
	int in, out;
	ssize_t n;

	snprintf(a, sizeof a, "%s.key", from);
	snprintf(b, sizeof b, "%s.key", to);
	in = open(a, O_RDONLY);
	if (in < 0)
		return;
	out = open(b, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	n = read(in, octets, sizeof octets);
	if (out < 0 || n < 0 || write(out, octets, (size_t)n) != n)
		die("%s", b);
	close(in);
	close(out);
}

static void wakes(struct node *none, void *what);

static void
wake_later(struct node *n, int64_t delay)
{
	struct node **who = xmalloc(sizeof(struct node *));

	*who = n;
	after(delay, NULL, wakes, who);
}

/* The first one goes on when its twin is known to the broker. Before that it is still the one that
 * counts, and what it took would be missing in the twin: a restored spool, another fault. */
static void
wakes(struct node *none, void *what)
{
	struct node *n = *(struct node **)what, *twin = node_at(n->place);

	(void)none;
	if (twin->up && link_is_up(twin->link))
		n->paused = 0;
	else
		wake_later(n, SECOND);
}

/* The machine is started a second time from a copy of its disk, while the first one sleeps. */
static void
twin_while_paused(void)
{
	static const char *const twins[PLACES] = {"broker+", "KE.CRS+", "SO.NIRA+", "UNHCR+"};
	struct node *n = some_party(), *t;
	struct image *image;

	if (world.nodes == NODES_MAX || !n->up)
		return;
	t = &world.node[world.nodes++];
	*t = (struct node){.place = n->place,
		.name = twins[n->place],
		.twin = true,
		.frozen = -1,
		.dies_in = -1};
	snprintf(t->folder, sizeof t->folder, "%s/twin-%zu", world.folder, world.nodes);
	if (mkdir(t->folder, 0700) != 0)
		die("%s", t->folder);
	copy_key(n->folder, t->folder);
	image = disk_hold(n->folder);
	disk_put(t->folder, image);
	disk_let_go(&image);
	n->paused = INT64_MAX;
	n->retired = true;
	wake_later(n, between(20 * SECOND, 3 * MINUTE));
	world.count[F_TWIN_PAUSED]++;
	tell("%s: a twin is started, the first one sleeps", n->name);
	node_start(t);
}

/* ---- old copies ---- */

struct copy {
	struct node *node;
	struct image *image;
	struct register_copy *rows;
	bool of_returns;
	uint64_t returned; /* before it was made */
};

/* The machine is found dead, its disk is put back, and a person says so (daftar-adapter take-over,
 * daftar take-over, daftard --restored). */
static void
say_restored(struct node *n, void *what)
{
	enum err e;

	(void)what;
	if (n->place == PLACE_BROKER) {
		e = broker_restored(n);
	} else {
		e = spool_open(n->folder, 0, &n->spool);
		if (e == E_OK)
			e = spool_take_over(n->spool, node_clock(n));
		spool_close(&n->spool);
	}
	if (e != E_OK)
		broken("a restored copy works on", "%s: %s", n->name, err_word(e));
}

static void
put_back(struct node *none, void *what)
{
	struct copy *c = what;
	struct node *n = c->node;

	(void)none;
	/* One old copy a seed: what two copies have forgotten together, nobody can bring back. */
	if (world.healed || world.rewound || n->retired || n->paused == INT64_MAX ||
		(c->of_returns && world.count[F_RETURNED] == c->returned)) {
		disk_let_go(&c->image);
		return;
	}
	world.rewound = true;
	world.count[n->place == PLACE_BROKER ? F_STORE_RESTORED : F_SPOOL_RESTORED]++;
	tell("%s: brought back from an old copy", n->name);
	node_stop(n);
	disk_fill(n->folder, 0);
	disk_put(n->folder, c->image);
	disk_let_go(&c->image);
	n->pid = ++last_pid;
	if (n->skew < 0) /* who brings it back looks at its clock */
		n->skew = 0;
	(void)!as_node(n, say_restored, NULL);
	if (n->place == PLACE_OFFICE)
		officer_restored();
	world.store_back = n->place == PLACE_BROKER;
	start_later(n, between(0, 20 * SECOND));
}

static void
rows_back(struct node *none, void *what)
{
	struct copy *c = what;

	(void)none;
	if (world.healed || world.rewound) {
		register_drop(&c->rows);
		return;
	}
	world.rewound = true;
	world.count[F_REGISTER_RESTORED]++;
	tell("%s: its register is brought back from an old copy", c->node->name);
	register_put(c->node->place, &c->rows);
	party_compares_register(c->node->place);
}

static void
copy_now(struct node *n, bool rows)
{
	struct copy *c = xcalloc(1, sizeof *c);

	c->node = n;
	if (rows)
		c->rows = register_hold(n->place);
	else
		c->image = disk_hold(n->folder);
	after(between(10 * SECOND, 3 * MINUTE), NULL, rows ? rows_back : put_back, c);
}

/* Somebody is away; what waits for him is set aside, and ended by two officers; and the exchange is
 * put back from a copy of before that. */
static void
returns_are_forgotten(void)
{
	struct copy *c;
	struct node *away = some_party();
	int64_t back = between(10 * SECOND, 2 * MINUTE);

	if (world.rewound)
		return;
	node_stop(away);
	start_later(away, back + between(0, MINUTE));
	for (unsigned i = 0; i < 3; i++) {
		after(between(0, back / 2), NULL, officer_files, NULL);
		operator_sets_aside(between(0, back));
		operator_returns(between(0, back));
	}
	operator_returns(back - (int64_t)chance(50));
	operator_returns(back + between(10 * SECOND, 2 * MINUTE));
	c = xcalloc(1, sizeof *c);
	*c = (struct copy){.node = node_at(PLACE_BROKER),
		.of_returns = true,
		.returned = world.count[F_RETURNED]};
	c->image = disk_hold(c->node->folder);
	after(back, NULL, put_back, c);
}

static void
clock_right(struct node *none, void *what)
{
	struct node *n = *(struct node **)what;

	(void)none;
	n->skew = 0;
	n->frozen = -1;
}

static void
clock_wrong(struct node *n, enum fault f)
{
	struct node **who = xmalloc(sizeof(struct node *));

	*who = n;
	if (f == F_CLOCK_BACK)
		n->skew = -DAY;
	else if (f == F_CLOCK_FORWARD)
		n->skew = 3652 * DAY;
	else
		n->frozen = node_clock(n);
	tell("%s: %s", n->name, fault_word(f));
	after(between(SECOND, 5 * MINUTE), NULL, clock_right, who);
}

static void
room_again(struct node *none, void *what)
{
	(void)none;
	disk_fill((*(struct node **)what)->folder, 0);
}

static void
fill_up(struct node *n)
{
	struct node **who = xmalloc(sizeof(struct node *));
	unsigned percent = happens(0.7) ? (unsigned)between(75, 90) : (unsigned)between(95, 100);

	*who = n;
	disk_fill(n->folder, percent);
	tell("%s: disk filled to %u %%", n->name, percent);
	after(between(SECOND, 2 * MINUTE), NULL, room_again, who);
}

static void
stop_and_start(struct node *n)
{
	if (!n->up)
		return;
	node_stop(n);
	start_later(n, between(0, 20 * SECOND));
}

/* Counted here unless it is counted where it strikes. */
static void
strike(enum fault f)
{
	struct node *n = somebody(), *party = some_party();
	bool up;

	switch (f) {
	case F_PARTITION:
		network_partition(party, between(SECOND, 2 * MINUTE), true, true);
		break;
	case F_ONE_WAY:
		up = happens(0.5);
		network_partition(party, between(SECOND, 2 * MINUTE), up, !up);
		break;
	case F_BROKER_BEFORE:
		node_at(PLACE_BROKER)->dies_in = (int)chance(12);
		return;
	case F_PARTY_BEFORE:
		party->dies_in = (int)chance(12);
		return;
	case F_STOP:
		stop_and_start(n);
		break;
	case F_PAUSE:
		n->paused = world.now + between(SECOND, 2 * MINUTE);
		break;
	case F_TWIN_PAUSED:
		twin_while_paused();
		return;
	case F_SPOOL_RESTORED:
		copy_now(party, false);
		return;
	case F_STORE_RESTORED:
		copy_now(node_at(PLACE_BROKER), false);
		return;
	case F_REGISTER_RESTORED:
		copy_now(node_at(happens(0.5) ? PLACE_KENYA : PLACE_SOMALIA), true);
		return;
	case F_CLOCK_FORWARD:
		/* Not the broker's: it would date its log by ten years, and accept nothing before
		 * they are over. See README.md. */
		n = party;
		clock_wrong(n, f);
		break;
	case F_CLOCK_BACK:
	case F_CLOCK_FROZEN:
		clock_wrong(n, f);
		break;
	case F_STORE_FULL:
		fill_up(node_at(PLACE_BROKER));
		break;
	case F_SPOOL_FULL:
		fill_up(party);
		break;
	case F_OTHER_OCTETS:
		officer_goes_wrong(NULL, NULL);
		return;
	case F_ASIDE:
	case F_RETURNED:
	case F_CLOSED:
	case F_DRAINED:
		operator_does(f);
		return;
	case F_RETURN_FORGOTTEN:
		returns_are_forgotten();
		return;
	default:
		return;
	}
	world.count[f]++;
}

static void
struck(struct node *none, void *what)
{
	(void)none;
	if (!world.healed)
		strike(*(enum fault *)what);
}

void
faults_window(int64_t ms)
{
	for (enum fault f = 0; f < FAULTS; f++)
		for (unsigned i = 0; i < kinds[f].times; i++)
			if ((f < F_ASIDE || world.chance[f] > 0) && happens(world.chance[f])) {
				enum fault *what = xmalloc(sizeof *what);

				*what = f;
				after(between(0, ms), NULL, struck, what);
			}
}

void
faults_heal(void)
{
	world.healed = true;
	network_heal();
	for (size_t i = 0; i < world.nodes; i++) {
		struct node *n = &world.node[i];

		n->skew = 0;
		n->frozen = -1;
		n->dies_in = -1;
		if (n->paused > world.now && !n->retired)
			n->paused = 0;
		disk_fill(n->folder, 0);
		if (!n->retired)
			node_start(n);
	}
	operator_heals();
}
