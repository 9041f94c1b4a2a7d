/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which trust list was in force here. A copy of it lies beside the store, so that a start asks of a
 * new list what a reload asks: an older one does not come back, and where officers are named the
 * operator's signature alone is not enough. A store that was put back from a copy has no such
 * memory but the version's number. */
#include "broker/daftard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/child.h"
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

static enum err
write_all(int fd, struct bytes v)
{
	while (v.size > 0) {
		ssize_t n = write(fd, v.data, v.size);

		if (n < 0 && errno != EINTR)
			return E_IO;
		if (n > 0)
			v = bytes_of(v.data + n, v.size - (size_t)n);
	}
	return fsync(fd) == 0 ? E_OK : E_IO;
}

static enum err
sync_folder_of(const char *file)
{
	const char *slash = strrchr(file, '/');
	OWNED(char, folder, free_chars) =
		slash == NULL ? xstrdup(".") : xprintf("%.*s", (int)(slash - file + 1), file);
	OWNED_FD(fd) = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && fsync(fd) == 0 ? E_OK : E_IO;
}

enum err
daftard_write_list(const char *file, struct bytes list, mode_t mode)
{
	OWNED(char, fresh, free_chars) = xprintf("%s.new", file);
	OWNED_FD(fd) = -1;

	(void)unlink(fresh); /* of a start that was cut short */
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return E_IO;
	if (write_all(fd, list) != E_OK || rename(fresh, file) != 0) {
		(void)unlink(fresh);
		return E_IO;
	}
	return sync_folder_of(file);
}

enum err
daftard_remember_trust(const struct daftard *d)
{
	OWNED(char, file, free_chars) = kept_file(d);
	struct store_txn *t;

	TRY(daftard_write_list(file, trust_bytes(d->trust), 0600));
	if (trust_version(d->trust) == store_trust_version(d->store))
		return E_OK;
	t = store_begin(d->store);
	store_set_trust_version(t, trust_version(d->trust));
	return store_commit(&t);
}
