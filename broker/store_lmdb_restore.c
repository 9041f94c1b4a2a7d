/* SPDX-License-Identifier: EUPL-1.2
 *
 * Generations. A store that comes back from a copy has lost what was promised after the copy was
 * made; so a copy is marked, and opening a marked store begins its next generation: its log goes on
 * under another name, and no party's word is taken before the books have been compared with it. */
#include "broker/store_lmdb.h"

#include <string.h>

static struct key
key_generation(void)
{
	return key_text("generation");
}

static void
put_generation(struct store_txn *t, const struct generation_record *r)
{
	struct key k = key_generation();

	table_put(t, T_META, &k, bytes_of(r, sizeof *r));
}

/* The second in which it begins: two copies of one generation that come back one after the other
 * begin two generations, each with a name of its own. A clock that is behind still counts on. */
static uint64_t
next_generation(uint64_t generation)
{
	uint64_t second = (uint64_t)(instant_now() / 1000);

	return second > generation ? second : generation + 1;
}

/* A generation that does not say where it began was begun by an earlier version: all that is there
 * counts as from before it. */
static void
find_beginning(struct store_txn *t)
{
	struct key k = key_text("before");
	struct before_record r = {.version = RECORD_VERSION};
	bool known = table_step(t, T_META, &k, &r, sizeof r);

	if (!known || t->s->raised) {
		r.last = t->figures.messages;
		table_put(t, T_META, &k, bytes_of(&r, sizeof r));
	}
	t->s->before = r.last;
}

void
generation_begin(struct store_txn *t)
{
	struct key k = key_generation();
	struct generation_record r = {RECORD_VERSION, 1, 0};
	bool known = table_step(t, T_META, &k, &r, sizeof r);

	if (known && r.restored != 0 && !t->s->as_it_is) {
		r.generation = next_generation(r.generation);
		r.restored = 0;
		t->s->raised = true;
	}
	if (!known || t->s->raised)
		put_generation(t, &r);
	t->s->generation = r;
	if (r.generation > 1 && !t->s->as_it_is)
		find_beginning(t);
}

bool
store_is_from_before(const struct store *s, uint64_t seq)
{
	return seq <= s->before;
}

#define CLOCKS_MS 600000 /* by so much two clocks may differ here */

bool
store_is_made_before(const struct store *s, const struct header *h)
{
	uint64_t generation = s->generation.generation;

	return generation > 1 && h->created - CLOCKS_MS < (int64_t)generation * 1000;
}

uint64_t
store_generation(struct store *s)
{
	return s->generation.generation;
}

bool
store_is_restored(struct store *s)
{
	return s->generation.generation > 1;
}

enum err
store_mark_restored(struct store *s)
{
	struct generation_record r = s->generation;
	struct store_txn *t;

	if (s->raised)
		return E_OK;
	r.restored = 1;
	t = store_begin(s);
	put_generation(t, &r);
	TRY(store_commit(&t));
	s->generation = r;
	return E_OK;
}

/* ---- who has compared books with us ---- */

static enum err
recon_of(struct store *s, struct store_txn *t, const struct party *p, struct recon_record *out)
{
	struct key k = key_party(p);

	VIEW(v, s, t);
	return table_record(&v, T_RECON, &k, out, sizeof *out);
}

bool
store_reconciled(struct store *s, struct store_txn *t, const struct party *p)
{
	struct recon_record r;

	return !store_is_restored(s) ||
	       (recon_of(s, t, p, &r) == E_OK && r.generation == s->generation.generation);
}

void
store_set_reconciled(struct store_txn *t, const struct party *p, const struct recon_result *r)
{
	struct key k = key_party(p);
	struct recon_record record = {.version = RECORD_VERSION,
		.generation = t->s->generation.generation,
		.at = r->at,
		.elements = r->elements,
		.differences = r->differences,
		.mended = r->mended,
		.open = r->open};

	memcpy(record.fingerprint, r->fingerprint, sizeof record.fingerprint);
	table_put(t, T_RECON, &k, bytes_of(&record, sizeof record));
}

enum err
store_recon(struct store *s, const struct party *p, struct recon_result *out)
{
	struct recon_record r;

	TRY(recon_of(s, NULL, p, &r));
	*out = (struct recon_result){.at = r.at,
		.elements = r.elements,
		.differences = r.differences,
		.mended = r.mended,
		.open = r.open};
	memcpy(out->fingerprint, r.fingerprint, sizeof out->fingerprint);
	return E_OK;
}
