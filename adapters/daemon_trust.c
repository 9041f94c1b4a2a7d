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

/* What the spool remembers: the list that was in force at the last run. Its days may be over, for
 * it still says what may follow it. */
static enum err
load_remembered(const struct daemon *d, struct trust **out)
{
	OWNED_BUF(list) = {0};

	if (d->spool == NULL)
		return E_NOT_FOUND;
	TRY(spool_fact(d->spool, FACT, &list));
	return trust_load(buf_bytes(&list), d->operator_cert, 0, out);
}

/* The remembered list stands unless the file may take its place. One that does not hold any more is
 * passed over: the file stands. */
static enum err
choose(struct daemon *d, const char *file, enum err e)
{
	OWNED(struct trust, kept, trust_free) = NULL;
	enum err after = load_remembered(d, &kept) == E_OK ? E_OK : E_NOT_FOUND;

	if (after == E_NOT_FOUND)
		return e;
	after = e == E_OK ? trust_replaces(kept, d->trust) : e;
	if (after == E_OK)
		return E_OK;
	if (after != E_TRUST_OLD)
		fprintf(stderr, "%s is not taken, the list of the last run stands: %s\n", file,
			err_sentence(after));
	if (trust_valid_until(kept) < instant_now())
		return after;
	trust_free(&d->trust);
	d->trust = TAKE(kept);
	return E_OK;
}

static enum err
remember(const struct daemon *d)
{
	return d->spool == NULL ? E_OK : spool_set_fact(d->spool, FACT, trust_bytes(d->trust));
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
	e = choose(d, file, e);
	if (e != E_OK) {
		fprintf(stderr, "%s: %s\n", file, err_sentence(e));
		return e;
	}
	return remember(d);
}

void
daemon_take_trust(struct daemon *d, struct bytes list)
{
	OWNED(struct trust, newer, trust_free) = NULL;
	struct trust *old = d->trust;
	enum err e = trust_load(list, d->operator_cert, instant_now(), &newer);

	if (e == E_OK && trust_version(newer) <= trust_version(old))
		return;
	if (e == E_OK)
		e = trust_replaces(old, newer);
	if (e != E_OK) {
		log_line(e == E_APPROVAL ? LOG_ERROR : LOG_WARNING,
			"the trust list offered is not taken code=%s", err_word(e));
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
