/* SPDX-License-Identifier: EUPL-1.2
 *
 * The floor: what the same machine can do when nothing is around it. One process, no network, no
 * policy: examine a message, enter it; examine its addressee's receipt, settle it; one commit a
 * group. The broker is measured against this figure in the same run.
 *
 *	floor REALM STORE-FOLDER MESSAGES GROUP */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/store.h"
#include "lib/merkle.h"
#include "tests/bench/parcel.h"

struct floor {
	struct bench_realm realm;
	struct store *store;
	EVP_PKEY *log_key;
	int64_t examine_ns, commit_ns;
};

static enum err
sign_checkpoint(void *context, uint64_t size, const struct digest *root, struct buf *out)
{
	struct floor *f = context;

	return checkpoint_sign(trust_log_name(f->realm.trust), size, root, f->log_key, out);
}

static void
judge(struct floor *f, const uint8_t *data, size_t size, struct verdict *v)
{
	int64_t began = bench_ns();

	examine(bytes_of(data, size), f->realm.trust, NULL, NULL, NULL, instant_now(), v);
	if (v->code != E_OK)
		die("bench: refused: %s", err_word((enum err)v->code));
	f->examine_ns += bench_ns() - began;
}

static void
finish(struct floor *f, struct store_txn **t)
{
	int64_t began = bench_ns();

	store_seal(*t, sign_checkpoint, f);
	if (store_commit(t) != E_OK)
		die("bench: commit");
	f->commit_ns += bench_ns() - began;
}

static void
enter(struct floor *f, struct store_txn *t, const struct parcel *p, uint64_t *seq)
{
	struct statement what = {.id = p->id, .digest = p->digest, .stage = ST_ACCEPTED};
	struct verdict v;
	struct entry e;

	judge(f, p->message, p->size, &v);
	store_accept(t, &v, bytes_of(p->message, p->size), instant_now(), &e);
	what.from = v.header.from;
	what.to = v.header.to;
	what.at = instant_now();
	store_state(t, e.seq, &what, false, bytes_of(NULL, 0));
	*seq = e.seq;
}

static void
settle(struct floor *f, struct store_txn *t, const struct parcel *p, uint64_t seq)
{
	struct statement what = {.id = p->id, .digest = p->digest, .stage = ST_COMMITTED};
	struct verdict v;

	judge(f, p->receipt, p->receipt_size, &v);
	what.from = v.header.to;
	what.to = v.header.from;
	what.at = instant_now();
	what.has_by = true;
	what.by = v.digest;
	store_state(t, seq, &what, true, bytes_of(p->receipt, p->receipt_size));
	store_dequeue(t, seq);
	store_forget_body(t, seq);
}

int
main(int argc, char **argv)
{
	struct floor f = {0};
	size_t n, group;
	int64_t began;

	if (argc != 5)
		return fputs("usage: floor REALM STORE-FOLDER MESSAGES GROUP\n", stderr), 2;
	n = strtoul(argv[3], NULL, 10);
	group = strtoul(argv[4], NULL, 10);
	bench_realm_load(&f.realm, argv[1]);
	OWNED(char, key, free_chars) = bench_path(&f.realm, "DAFTAR.HUB", "log.key");
	if (key_load(key, &f.log_key) != E_OK ||
		store_open(argv[2], 1 << 30, (const uint8_t[STORE_KEY_SIZE]){1}, &f.store) != E_OK)
		die("bench: store or log key");
	struct parcel *p = bench_parcels(&f.realm, "BE.S1", "BE.R", n);
	uint64_t *seq = xcalloc(n, sizeof *seq);
	began = bench_ns();
	for (size_t at = 0; at < n; at += group) {
		struct store_txn *t = store_begin(f.store);

		for (size_t i = at; i < n && i < at + group; i++)
			enter(&f, t, &p[i], &seq[i]);
		finish(&f, &t);
		t = store_begin(f.store);
		for (size_t i = at; i < n && i < at + group; i++)
			settle(&f, t, &p[i], seq[i]);
		finish(&f, &t);
	}
	double seconds = (double)(bench_ns() - began) / 1e9;
	printf("{\"bench\":\"floor\",\"messages\":%zu,\"group\":%zu,\"message_octets\":%zu,"
	       "\"seconds\":%.3f,\"settled_per_second\":%.0f,\"examine_us\":%.1f,"
	       "\"commit_us_per_message\":%.1f}\n",
		n, group, p[0].size, seconds, (double)n / seconds,
		(double)f.examine_ns / 1e3 / (double)(2 * n),
		(double)f.commit_ns / 1e3 / (double)n);
	store_close(&f.store);
	return 0;
}
