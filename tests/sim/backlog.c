/* SPDX-License-Identifier: EUPL-1.2
 *
 * A registry that was away for thirty days and comes back to everything that was sent to it
 * meanwhile: the real exchange, store, link and spool, with small messages. It must drain all, in
 * the order of each conversation, and neither side may hold in its own memory what belongs on its
 * disk: the heap beside the images of the disks is measured all the time. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/store_lmdb.h"
#include "tests/sim/sim.h"

#define CONVERSATIONS 1000
#define AWAY (30 * DAY)
#define GROUP 64
#define HEAP_MOST ((size_t)32 << 20)
#define PATIENCE (14 * DAY)

extern bool thin_small;

static uint64_t last_seq[CONVERSATIONS];
static size_t heap_least, heap_most, taken_in_all;

static size_t
heap_now(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd - disk_memory();
}

static void
measure(void)
{
	size_t now = heap_now();

	if (heap_least == 0 || now < heap_least)
		heap_least = now;
	if (now > heap_most)
		heap_most = now;
}

/* ---- what is sent ---- */

static struct id
conversation(uint64_t i)
{
	struct id id = {{0, 0, 0, 0, 0, 0, 0x70, 0, 0x80}};

	id.octet[14] = (uint8_t)(i >> 8);
	id.octet[15] = (uint8_t)i;
	return id;
}

static void
compose(uint64_t i, struct buf *out)
{
	struct header h = {.action = A_TRANSCRIPTION_REQUEST,
		.id = id_new(),
		.conversation = conversation(i % CONVERSATIONS),
		.leg = id_new(),
		.from = party_at(PLACE_OFFICE),
		.to = party_at(PLACE_SOMALIA),
		.created = world.now,
		.expires = world.now + 90 * DAY,
		.retain_until = world.now + 90 * DAY,
		.channel_seq = i + 1};
	struct consent_token t = {.id = h.conversation,
		.conversation = h.conversation,
		.holder = h.to,
		.destination = party_at(PLACE_KENYA),
		.issued = SIM_START,
		.valid_until = SIM_START + 365 * DAY};
	OWNED_BUF(token) = {0};

	token_make(&t, &token);
	buf_reset(out);
	request_make(&h, buf_bytes(&token), "1", out);
}

struct batch {
	uint64_t from, to;
};

static void
submit(struct node *n, void *what)
{
	const struct batch *b = what;
	const struct party office = party_at(PLACE_OFFICE);
	const struct wire hello = {.verb = V_HELLO, .epoch = 1, .text = bytes_of("sim/1", 5)};
	struct store_txn *t = store_begin(n->store);
	OWNED_BUF(message) = {0};
	struct verdict v;

	exchange_peer_frames(
		n->exchange, t, 1, curve_of(PLACE_OFFICE), &hello, world.now, world.now);
	for (uint64_t i = b->from; i < b->to; i++) {
		compose(i, &message);
		thin_examine(buf_bytes(&message), &office, NULL, world.now, &v);
		exchange_examined(n->exchange, t, 1, &v, buf_bytes(&message), NULL, world.now);
	}
	exchange_peer_gone(n->exchange, 1);
	if (exchange_commit(n->exchange, &t) != E_OK)
		broken("it is accepted while there is room", "a group of the backlog");
}

static void
send_all(struct node *broker, uint64_t n)
{
	for (uint64_t i = 0; i < n; i += GROUP) {
		struct batch b = {i, i + GROUP < n ? i + GROUP : n};

		(void)!as_node(broker, submit, &b);
		world.now += AWAY / (int64_t)(n / GROUP + 1);
		measure();
	}
}

/* ---- what is taken ---- */

void
backlog_taken(const struct header *h)
{
	size_t c = (size_t)(h->conversation.octet[14] << 8 | h->conversation.octet[15]);

	if (h->channel_seq <= last_seq[c])
		broken("order broken within a conversation", "number %llu behind %llu",
			(unsigned long long)h->channel_seq, (unsigned long long)last_seq[c]);
	last_seq[c] = h->channel_seq;
	taken_in_all++;
	measure();
}

/* What a core would do with each, without asking a register. */
void
backlog_settle(struct node *n)
{
	struct in_entry e = {.order = 0};

	while (spool_next_in(n->spool, IN_TAKEN, 0, &e, NULL) == E_OK) {
		struct spool_done done = {
			.id = e.header.id, .from = e.header.from, .note = "", .code = E_OK};
		struct header h = {.action = A_RECEIPT,
			.id = id_new(),
			.conversation = e.header.conversation,
			.leg = e.header.leg,
			.from = party_at(n->place),
			.to = party_at(PLACE_BROKER),
			.created = world.now,
			.expires = world.now + 30 * DAY,
			.retain_until = world.now + 30 * DAY,
			.channel_seq = 1,
			.has_ref = true,
			.ref = e.header.id,
			.ref_digest = e.digest};
		OWNED_BUF(receipt) = {0};

		strcpy(h.realm, "demo");
		strcpy(h.agreement, "NONE");
		strcpy(h.purpose, "RECEIPT");
		if (message_compose_receipt(
			    &h, ST_COMMITTED, NULL, identity_of(n->place, true), &receipt) != E_OK)
			die("a receipt");
		done.receipt = buf_bytes(&receipt);
		if (spool_file_all(n->spool, NULL, 0, &done, world.now) != E_OK)
			broken("whatever has begun can end", "a settlement does not fit the spool");
	}
}

/* ---- the whole ---- */

static void
drain(struct node *broker, uint64_t n)
{
	int64_t end = world.now + PATIENCE;
	struct store_figures f;

	do {
		run_until(world.now + 10 * SECOND);
		store_figures(broker->store, &f);
	} while (world.now < end && f.stage[ST_COMMITTED] < n);
	if (f.stage[ST_COMMITTED] < n || taken_in_all < n)
		broken("stuck while connected", "%llu of %llu were drained",
			(unsigned long long)f.stage[ST_COMMITTED], (unsigned long long)n);
}

void
backlog(uint64_t n)
{
	struct node *broker, *away;
	int64_t came;

	world_begin(1, false);
	world.backlog = true;
	thin_small = true;
	for (enum seat p = PLACE_BROKER; p <= PLACE_SOMALIA; p++) {
		struct node *one = &world.node[world.nodes++];

		*one = (struct node){.place = p, .name = "backlog", .frozen = -1, .dies_in = -1};
		snprintf(one->folder, sizeof one->folder, "%s/%d", world.folder, (int)p);
	}
	broker = &world.node[PLACE_BROKER];
	away = &world.node[PLACE_SOMALIA];
	node_start(broker);
	send_all(broker, n);
	heap_least = heap_most = heap_now();
	came = world.now;
	node_start(away);
	drain(broker, n);
	printf("backlog %llu drained in %lld virtual seconds, heap beside the disks grew by %zu "
	       "KiB "
	       "at most, disks hold %zu MiB\n",
		(unsigned long long)n, (long long)((world.now - came) / SECOND),
		(heap_most - heap_least) >> 10, disk_memory() >> 20);
	if (heap_most - heap_least > HEAP_MOST)
		broken("memory is bounded", "%zu KiB", (heap_most - heap_least) >> 10);
	world_end();
}
