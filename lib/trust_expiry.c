/* SPDX-License-Identifier: EUPL-1.2
 *
 * What of a list comes to its end, gathered once when it is loaded and sorted by time, so that
 * asking is reading the first few. What is revoked has ended already and nobody has to be warned.
 */
#include <stdlib.h>

#include "lib/trust_parts.h"

static const char *const words[] = {
	[EXPIRY_LIST] = "list",
	[EXPIRY_OPERATOR] = "operator",
	[EXPIRY_OFFICER] = "officer",
	[EXPIRY_ANCHOR] = "anchor",
	[EXPIRY_SIGN] = "sign",
	[EXPIRY_ENCRYPT] = "encrypt",
};

const char *
expiry_word(enum expiry e)
{
	assert(e < ARRAY_LEN(words));
	return words[e];
}

static struct trust_expiry *
add(struct trust *t, enum expiry what, X509 *cert)
{
	struct trust_expiry *x = &t->expiry[t->n_expiry++];
	unsigned char *der = NULL;
	int size = i2d_X509(cert, &der);

	if (size <= 0)
		die("no memory for a certificate");
	x->what = what;
	x->until = cert_life(cert).until;
	digest_of(der, (size_t)size, &x->digest);
	OPENSSL_free(der);
	return x;
}

static void
add_certs(
	struct trust *t, enum expiry what, const struct trust_party *p, X509 *const *cert, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct trust_expiry *x;

		if (trust_revoked_from(t, p->country, cert[i]) != INT64_MAX)
			continue;
		x = add(t, what, cert[i]);
		x->party = p->code;
		memcpy(x->country, p->country, sizeof(x->country));
	}
}

static int
by_end(const void *a, const void *b)
{
	const struct trust_expiry *x = a, *y = b;

	return (x->until > y->until) - (x->until < y->until);
}

void
trust_gather_expiry(struct trust *t, X509 *operator_cert)
{
	size_t most = 2 + t->n_officer + t->n_anchor + t->n_party * 2 * TRUST_CERTS;
	size_t i;

	t->expiry = arena_alloc(t->arena, most * sizeof(*t->expiry));
	t->expiry[t->n_expiry++] =
		(struct trust_expiry){.what = EXPIRY_LIST, .until = t->valid_until};
	(void)add(t, EXPIRY_OPERATOR, operator_cert);
	for (i = 0; i < t->n_officer; i++)
		(void)add(t, EXPIRY_OFFICER, t->officer[i].cert);
	for (i = 0; i < t->n_anchor; i++)
		memcpy(add(t, EXPIRY_ANCHOR, t->anchor[i].cert)->country, t->anchor[i].country,
			sizeof(t->anchor[i].country));
	for (i = 0; i < t->n_party; i++) {
		const struct trust_party *p = &t->party[i];

		add_certs(t, EXPIRY_SIGN, p, p->sign, p->n_sign);
		add_certs(t, EXPIRY_ENCRYPT, p, p->encrypt, p->n_encrypt);
	}
	qsort(t->expiry, t->n_expiry, sizeof(*t->expiry), by_end);
}

size_t
trust_expiring(
	const struct trust *t, int64_t now, int64_t within, struct trust_expiry *out, size_t max)
{
	size_t n = 0;

	while (n < t->n_expiry && t->expiry[n].until <= now + within) {
		if (n < max)
			out[n] = t->expiry[n];
		n++;
	}
	return n;
}
