/* SPDX-License-Identifier: EUPL-1.2
 *
 * A full store in a minute or two: MESSAGES messages of many corridors, stages and ages, written by
 * the store's own functions in few commits, as they would be after DAYS days. For what has to be
 * as fast with a million as with a thousand; the messages are of no use to anyone. Nothing is
 *flushed to the disk before the end: what is cut off is thrown away.
 *
 *	fill STORE-FOLDER KEY-FILE MESSAGES [DAYS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "broker/store_lmdb.h"

#define GROUP 10000    /* messages of a commit */
#define ROOM 22528     /* of the store, a message, with what commits of so many copy */
#define OFFICES 20     /* each sends to the others */
#define UNDER_WAY 5000 /* of the newest, most have not ended */
#define DAY_MS INT64_C(86400000)

struct fill {
	struct store *store;
	EVP_PKEY *key;
	uint64_t messages, state; /* of the row of numbers */
	int64_t first, step;	  /* ms: of acceptance */
	struct party office[OFFICES];
	struct id conversation;
};

/* The same row of numbers for every run. */
static uint64_t
any(struct fill *f, uint64_t below)
{
	f->state = f->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (f->state >> 33) % below;
}

static enum err
sign(void *context, uint64_t size, const struct digest *root, struct buf *checkpoint)
{
	struct fill *f = context;

	return checkpoint_sign("fill.example", size, root, f->key, checkpoint);
}

static void
name_offices(struct fill *f)
{
	char code[PARTY_SIZE];

	for (unsigned i = 0; i < OFFICES; i++) {
		snprintf(code, sizeof code, "F%c.CR%u", (char)('A' + i), i);
		if (!party_parse(code, &f->office[i]))
			die("fill: party");
	}
}

/* The header that number `i' would have had. Ten in a row are a case. */
static void
make_header(struct fill *f, uint64_t i, struct header *h)
{
	static const enum action actions[] = {
		A_TRANSCRIPTION_REQUEST, A_CERTIFIED_EXTRACT, A_TRANSCRIPTION_OUTCOME};
	unsigned from = (unsigned)any(f, OFFICES), to = (unsigned)any(f, OFFICES - 1);

	*h = (struct header){.id = id_new(), .action = actions[any(f, ARRAY_LEN(actions))]};
	if (i % 10 == 0)
		f->conversation = id_new();
	h->conversation = f->conversation;
	h->leg = h->id;
	h->from = f->office[from];
	h->to = f->office[to < from ? to : to + 1];
	h->created = f->first + (int64_t)i * f->step;
	h->expires = h->created + 400 * DAY_MS + (int64_t)any(f, 1000000);
	h->retain_until = h->expires;
	h->channel_seq = i;
	strcpy(h->realm, "demo");
	strcpy(h->agreement, "FILL-1");
	strcpy(h->purpose, "BIRTH-TRANSCRIPTION");
}

static void
state(struct store_txn *t, const struct entry *e, enum stage stage, int64_t at, const char *code)
{
	struct statement what = {.id = e->header.id,
		.digest = e->digest,
		.from = e->header.from,
		.to = e->header.to,
		.stage = stage,
		.at = at};

	if (!copy_text(what.code, sizeof what.code, code))
		die("fill: code");
	store_state(t, e->seq, &what, stage_final(stage), bytes_of(NULL, 0));
}

/* How many of a thousand end so; what is left is committed. */
static enum stage
end_of(struct fill *f)
{
	uint64_t n = any(f, 1000);

	if (n < 30)
		return ST_REJECTED;
	if (n < 40)
		return ST_EXPIRED;
	return n < 42 ? ST_DEAD_LETTER : ST_COMMITTED;
}

static void
live(struct fill *f, struct store_txn *t, uint64_t i, const struct entry *e)
{
	int64_t at = e->header.created;
	enum stage end = end_of(f);
	bool goes_on = f->messages - i > UNDER_WAY || any(f, 4) == 0;

	state(t, e, ST_ACCEPTED, at, "");
	if (!goes_on && any(f, 2) == 0)
		return;
	at += (int64_t)any(f, 120000);
	if (end != ST_EXPIRED && end != ST_DEAD_LETTER)
		state(t, e, ST_DELIVERED, at, "");
	store_dequeue(t, e->seq);
	if (!goes_on)
		return;
	at += (int64_t)any(f, 7200000);
	state(t, e, end, at, end == ST_REJECTED ? "SCHEMA" : end == ST_COMMITTED ? "" : "EXPIRED");
	store_forget_body(t, e->seq);
}

static void
fill(struct fill *f)
{
	struct verdict v = {0};
	struct entry e;

	for (uint64_t at = 0; at < f->messages; at += GROUP) {
		struct store_txn *t = store_begin(f->store);

		for (uint64_t i = at; i < f->messages && i < at + GROUP; i++) {
			make_header(f, i, &v.header);
			digest_of(&i, sizeof i, &v.digest);
			store_accept(t, &v, bytes_of(&i, sizeof i), v.header.created, &e);
			live(f, t, i, &e);
		}
		store_seal(t, sign, f);
		if (store_commit(&t) != E_OK)
			die("fill: no room");
	}
}

int
main(int argc, char **argv)
{
	const uint8_t seed[32] = "thirty-two octets that seed this";
	uint8_t key[STORE_KEY_SIZE];
	struct fill f = {.state = 1};
	int64_t days;

	if (argc < 4)
		return fputs("usage: fill STORE-FOLDER KEY-FILE MESSAGES [DAYS]\n", stderr), 2;
	f.messages = strtoull(argv[3], NULL, 10);
	days = argc > 4 ? strtoll(argv[4], NULL, 10) : 60;
	f.step = f.messages > 0 ? days * DAY_MS / (int64_t)f.messages : 0;
	f.first = instant_now() - days * DAY_MS;
	f.key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	name_offices(&f);
	if (f.key == NULL || store_key(argv[2], argv[1], key) != E_OK ||
		store_open(argv[1], ((size_t)256 << 20) + f.messages * ROOM, key, &f.store) != E_OK)
		die("fill: no store in %s", argv[1]);
	if (mdb_env_set_flags(f.store->env, MDB_NOSYNC, 1) != 0)
		die("fill: LMDB");
	fill(&f);
	if (mdb_env_sync(f.store->env, 1) != 0)
		die("fill: cannot be flushed");
	store_close(&f.store);
	EVP_PKEY_free(f.key);
	return 0;
}
