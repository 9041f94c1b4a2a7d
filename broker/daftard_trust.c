/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which trust list was in force here. A copy of it lies beside the store, so that a start asks of a
 * new list what a reload asks: an older one does not come back, and where officers are named the
 * operator's signature alone is not enough. A store that was put back from a copy has no such
 * memory but the version's number. */
#include "broker/daftard.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/xml.h"

#define KEPT "trust-in-force.xml"

static char *
kept_file(const struct daftard *d)
{
	return xprintf("%s/" KEPT, conf_text(d->conf, "store"));
}

/* ---- asking it ---- */

static enum err
load_kept(const struct daftard *d, const char *file, struct trust **out)
{
	OWNED(char, schemas, free_chars) = schemas_find();
	enum err e;

	if (schemas == NULL)
		return E_IO;
	TRY(xml_load_schemas(schemas));
	e = trust_load_file(file, d->operator_cert, 0, out);
	xml_unload_schemas();
	return e;
}

enum err
daftard_check_trust(const struct daftard *d)
{
	OWNED(char, file, free_chars) = kept_file(d);
	OWNED(struct trust, known, trust_free) = NULL;
	uint64_t version = store_trust_version(d->store);

	if (access(file, F_OK) != 0)
		return trust_version(d->trust) >= version ? E_OK : E_TRUST_OLD;
	if (load_kept(d, file, &known) == E_OK)
		return trust_replaces(known, d->trust);
	log_line(LOG_WARNING, "%s cannot be read, only the version of the list is compared", file);
	return trust_version(d->trust) >= version ? E_OK : E_TRUST_OLD;
}

/* ---- writing it ---- */

enum err
daftard_remember_trust(const struct daftard *d)
{
	OWNED(char, file, free_chars) = kept_file(d);
	struct store_txn *t;

	TRY(file_replace(file, trust_bytes(d->trust), 0600));
	if (trust_version(d->trust) == store_trust_version(d->store))
		return E_OK;
	t = store_begin(d->store);
	store_set_trust_version(t, trust_version(d->trust));
	return store_commit(&t);
}
