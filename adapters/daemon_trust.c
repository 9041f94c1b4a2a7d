/* SPDX-License-Identifier: EUPL-1.2
 *
 * The adapter's trust list: the file that an administrator gave, or a newer one that the exchange
 * has offered since and that is kept in the spool. A newer version always wins, an older one never.
 */
#include <stdio.h>
#include <string.h>

#include "adapters/daemon.h"
#include "lib/log.h"

#define FACT "trust-list"

/* What the spool remembers, if it is newer than the file. A list that does not hold any more is
 * passed over: the file stands. */
static void
prefer_remembered(struct daemon *d)
{
	OWNED(struct trust, kept, trust_free) = NULL;
	OWNED_BUF(list) = {0};

	if (d->spool == NULL || spool_fact(d->spool, FACT, &list) != E_OK)
		return;
	if (trust_load(buf_bytes(&list), d->operator_cert, instant_now(), &kept) != E_OK)
		return;
	if (d->trust != NULL && trust_version(kept) <= trust_version(d->trust))
		return;
	trust_free(&d->trust);
	d->trust = TAKE(kept);
}

enum err
start_trust(struct daemon *d)
{
	const char *file = conf_text(d->conf, "trust-list");
	const char *cert = conf_text(d->conf, "operator-certificate");
	enum err e = E_OK;

	if (d->operator_cert == NULL)
		e = cert_load(cert, &d->operator_cert);
	if (e != E_OK) {
		fprintf(stderr, "%s: %s\n", cert, err_sentence(e));
		return e;
	}
	if (d->trust == NULL)
		e = trust_load_file(file, d->operator_cert, instant_now(), &d->trust);
	prefer_remembered(d);
	if (d->trust != NULL)
		return E_OK;
	fprintf(stderr, "%s: %s\n", file, err_sentence(e));
	return e;
}

void
daemon_take_trust(struct daemon *d, struct bytes list)
{
	OWNED(struct trust, newer, trust_free) = NULL;
	struct trust *old = d->trust;
	enum err e = trust_load(list, d->operator_cert, instant_now(), &newer);

	if (e == E_OK && trust_version(newer) <= trust_version(old))
		return;
	if (e == E_OK && strcmp(trust_realm(newer), trust_realm(old)) != 0)
		e = E_WRONG_REALM;
	if (e != E_OK) {
		log_line(LOG_WARNING, "the trust list offered is not taken code=%s", err_word(e));
		return;
	}
	e = spool_set_fact(d->spool, FACT, list);
	if (e != E_OK)
		log_line(LOG_WARNING, "the trust list is not kept code=%s", err_word(e));
	d->trust = TAKE(newer);
	core_set_trust(d->core, d->trust);
	examiner_trust(d->examiner, trust_bytes(d->trust), d->operator_cert);
	link_trust(d->link, d->trust);
	trust_free(&old);
	log_line(LOG_NOTICE, "trust list version=%llu in force",
		(unsigned long long)trust_version(d->trust));
	daemon_wake(d);
}
