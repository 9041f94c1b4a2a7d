/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the office keeps of a case, at rest: encrypted under a key that is sealed to the office's
 * own encryption certificate (liaison/seal_key.c), so that whoever finds the laptop reads nothing
 * in the spool's files. After a change of keys, and once for what was kept before there was
 * sealing, everything is sealed anew, so that the key of before may go. */
#include <stdlib.h>
#include <string.h>

#include "lib/at_rest.h"
#include "liaison/seal_key.h"

#define SEALED_TO "sealed-to" /* the certificate that everything is sealed to, and how */
#define HOW 1		      /* 1: under a key of its own; what is older says nothing */
#define GROUP 256	      /* things that are sealed anew in one transaction */

#define FORGET "forget"

static bool
is_sealed(struct bytes v)
{
	return v.size > 0 && v.data[0] == '<';
}

enum err
office_seal(const struct office *o, struct bytes plain, struct buf *out)
{
	enum err e = data_key_seal(o, plain, out);

	/* Where there is no key for it, to the certificate itself: it is never left open. */
	return e == E_OK || e == E_TOO_LARGE ? e : at_rest_seal(o->encrypt->cert, plain, out);
}

enum err
office_unseal(const struct office *o, struct bytes kept, struct buf *plain)
{
	if (data_key_has_sealed(kept))
		return data_key_open(o, kept, plain);
	if (is_sealed(kept))
		return at_rest_open(kept, o->encrypt, o->encrypt_before, plain);
	buf_add_bytes(plain, kept);
	return E_OK;
}

enum err
sealed_set(struct office *o, const char *key, struct bytes plain)
{
	OWNED_BUF(sealed) = {0};

	TRY(office_seal(o, plain, &sealed));
	return spool_set_fact(o->spool, key, buf_bytes(&sealed));
}

enum err
sealed_get(struct office *o, const char *key, struct buf *plain)
{
	OWNED_BUF(kept) = {0};

	TRY(spool_fact(o->spool, key, &kept));
	return office_unseal(o, buf_bytes(&kept), plain);
}

/* ---- all of it anew ---- */

struct keys {
	char **key;
	size_t n;
};

static bool
collect(void *context, const char *key, struct bytes value)
{
	struct keys *k = context;

	(void)value;
	k->key = xrealloc(k->key, (k->n + 1) * sizeof *k->key);
	k->key[k->n++] = xstrdup(key);
	return true;
}

static void
keys_free(struct keys *k)
{
	for (size_t i = 0; i < k->n; i++)
		free_chars(&k->key[i]);
	free(k->key);
}

static enum err
seal_again(struct office *o, const char *key)
{
	OWNED_BUF(plain) = {0};

	/* What no key opens any more stays as it is: a key may be brought back. */
	return sealed_get(o, key, &plain) == E_OK ? sealed_set(o, key, buf_bytes(&plain)) : E_OK;
}

static enum err
seal_some(struct office *o, const struct keys *k, size_t from)
{
	enum err e = E_OK, kept;

	TRY(spool_group(o->spool));
	for (size_t i = from; i < k->n && i < from + GROUP && e == E_OK; i++)
		e = seal_again(o, k->key[i]);
	kept = spool_group_end(o->spool);
	return e != E_OK ? e : kept;
}

static enum err
seal_all(struct office *o)
{
	static const char *const prefixes[] = {"case/", "consent/", "answer/", "question/",
		"signed/", "attachment/", "attachment-part/", "batch/secret", "alike-secret",
		"draft/", "habit"};
	struct keys k = {NULL, 0};
	enum err e = E_OK;

	for (size_t i = 0; i < ARRAY_LEN(prefixes) && e == E_OK; i++)
		e = spool_each_fact(o->spool, prefixes[i], collect, &k);
	for (size_t i = 0; i < k.n && e == E_OK; i += GROUP)
		e = seal_some(o, &k, i);
	keys_free(&k);
	return e;
}

/* What was replaced is not what was dropped: only the latter is sure to leave the file. */
enum err
office_forget(struct office *o)
{
	TRY(spool_set_fact(o->spool, FORGET, bytes_of("", 0)));
	return spool_drop_fact(o->spool, FORGET);
}

enum err
office_seal_anew(struct office *o)
{
	OWNED_FD(lock) = -1;
	OWNED_BUF(known) = {0};
	struct {
		struct digest to;
		uint8_t how;
	} now = {.how = HOW};
	enum err e;

	digest_of(o->encrypt->der, o->encrypt->der_size, &now.to);
	if (spool_fact(o->spool, SEALED_TO, &known) == E_OK && known.size == sizeof now &&
		memcmp(known.data, &now, sizeof now) == 0)
		return E_OK;
	TRY(case_lock(o, &lock));
	e = data_key_change(o);
	if (e == E_OK)
		e = seal_all(o);
	if (e == E_OK)
		e = office_forget(o);
	if (e == E_OK)
		e = spool_set_fact(o->spool, SEALED_TO, bytes_of(&now, sizeof now));
	return e == E_SPOOL_FULL ? E_OK : e; /* the next command tries again */
}
