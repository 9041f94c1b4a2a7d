/* SPDX-License-Identifier: EUPL-1.2
 *
 * What officers have decided about parties and about certificates. It only ever takes away, so a
 * record that cannot be read takes away too. */
#include "broker/store_lmdb.h"

#include <string.h>

static struct key
key_barred(const struct party *p, const struct digest *cert)
{
	return key_and(key_party(p), cert->octet, DIGEST_SIZE);
}

void
decision_put(struct store_txn *t, enum table table, const struct key *k, const struct decision *d)
{
	struct decision_record r = {.version = RECORD_VERSION, .since = d->since};

	assert(d->standing < STANDING_N);
	r.standing = (uint8_t)d->standing;
	memcpy(r.by, d->by, sizeof r.by);
	memcpy(r.second, d->second, sizeof r.second);
	memcpy(r.reason, d->reason, sizeof r.reason);
	table_put(t, table, k, bytes_of(&r, sizeof r));
}

static bool
is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool
decision_is_ours(const struct decision_record *r)
{
	return r->standing < STANDING_N && is_text(r->by, sizeof r->by) &&
	       is_text(r->second, sizeof r->second) && is_text(r->reason, sizeof r->reason);
}

enum err
decision_get(struct store *s, struct store_txn *t, enum table table, const struct key *k,
	struct decision *out)
{
	struct decision_record r;

	VIEW(v, s, t);
	TRY(table_record(&v, table, k, &r, sizeof r));
	if (!decision_is_ours(&r))
		return E_DAMAGED;
	*out = (struct decision){.standing = (enum standing)r.standing, .since = r.since};
	memcpy(out->by, r.by, sizeof r.by);
	memcpy(out->second, r.second, sizeof r.second);
	memcpy(out->reason, r.reason, sizeof r.reason);
	return E_OK;
}

/* ---- parties ---- */

enum err
store_decision(struct store *s, struct store_txn *t, const struct party *p, struct decision *out)
{
	struct key k = key_party(p);

	return decision_get(s, t, T_STANDING, &k, out);
}

enum standing
store_standing(struct store *s, struct store_txn *t, const struct party *p)
{
	struct decision d;
	enum err e = store_decision(s, t, p, &d);

	if (e == E_NOT_FOUND)
		return STANDING_GOOD;
	return e == E_OK ? d.standing : STANDING_CUT;
}

void
store_decide(struct store_txn *t, const struct party *p, const struct decision *d)
{
	struct key k = key_party(p);

	decision_put(t, T_STANDING, &k, d);
}

/* ---- certificates ---- */

enum err
store_barred(struct store *s, struct store_txn *t, const struct party *p, const struct digest *cert,
	struct decision *out)
{
	struct key k = key_barred(p, cert);

	return decision_get(s, t, T_BARRED, &k, out);
}

bool
store_is_barred(
	struct store *s, struct store_txn *t, const struct party *p, const struct digest *cert)
{
	struct decision d;

	return store_barred(s, t, p, cert, &d) != E_NOT_FOUND;
}

void
store_bar(struct store_txn *t, const struct party *p, const struct digest *cert,
	const struct decision *d)
{
	struct key k = key_barred(p, cert);

	decision_put(t, T_BARRED, &k, d);
}

/* ---- scrub ---- */

bool
is_decision(struct bytes content)
{
	struct decision_record r;

	if (content.size != sizeof r)
		return false;
	memcpy(&r, content.data, sizeof r);
	return r.version == RECORD_VERSION && decision_is_ours(&r);
}

const char *
check_standing(struct scrub_run *run, const struct key *k, struct bytes content)
{
	(void)run;
	(void)k;
	return is_decision(content) ? NULL : "no standing of ours";
}

const char *
check_barred(struct scrub_run *run, const struct key *k, struct bytes content)
{
	(void)run;
	return k->size > DIGEST_SIZE + 1 && is_decision(content) ? NULL
								 : "no certificate barred by us";
}
