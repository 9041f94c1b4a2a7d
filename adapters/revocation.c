/* SPDX-License-Identifier: EUPL-1.2
 *
 * What this country's authority has issued (setting revocation-data: CRLs, OCSP responses): its
 * files are read at the start, each minute and on SIGHUP, and brought to the exchange when they
 * have changed. They are not parsed here: an examiner of the exchange does, and our own when they
 * come back. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/daemon.h"
#include "lib/file.h"
#include "lib/log.h"

#define FILES_MOST 16

struct reading {
	struct buf file[FILES_MOST];
	size_t n;
	unsigned missing;
	struct digest digest; /* of all of them */
};

static bool
read_data(const char *name, struct buf *out)
{
	return file_read(name, REVOCATION_MAX, out) == E_OK && out->size > 0;
}

/* Relative names are in the party's folder. */
static char *
path_of(const struct daemon *d, const char *name)
{
	return name[0] == '/' ? xstrdup(name)
			      : xprintf("%s/%s", conf_text(d->conf, "party-dir"), name);
}

static void
read_all(const struct daemon *d, struct reading *r)
{
	const char *const *names;
	size_t n = conf_list(d->conf, "revocation-data", &names);
	OWNED_BUF(all) = {0};

	for (size_t i = 0; i < n && r->n < FILES_MOST; i++) {
		OWNED(char, path, free_chars) = path_of(d, names[i]);

		if (!read_data(path, &r->file[r->n])) {
			buf_reset(&r->file[r->n]);
			r->missing++;
			continue;
		}
		buf_u32(&all, (uint32_t)r->file[r->n].size);
		buf_add_bytes(&all, buf_bytes(&r->file[r->n++]));
	}
	buf_u32(&all, r->missing);
	digest_of(all.data, all.size, &r->digest);
}

/* Brings what is there; says it when something has changed. */
static void
look(struct daemon *d)
{
	struct bytes der[FILES_MOST];
	struct reading r = {.n = 0};

	read_all(d, &r);
	if (!digest_equal(&r.digest, &d->revocation)) {
		d->revocation = r.digest;
		for (size_t i = 0; i < r.n; i++)
			der[i] = buf_bytes(&r.file[i]);
		link_set_revocation(d->link, der, r.n);
		log_line(r.missing > 0 ? LOG_WARNING : LOG_NOTICE,
			"revocation-data: read=%zu unreadable=%u", r.n, r.missing);
	}
	for (size_t i = 0; i < FILES_MOST; i++)
		buf_free(&r.file[i]);
}

static void
on_look(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	look(context);
}

enum err
start_revocation(struct daemon *d)
{
	static const struct timeval minute = {60, 0};
	const char *const *names;

	d->hup = evsignal_new(d->base, SIGHUP, on_look, d);
	d->minute = event_new(d->base, -1, EV_PERSIST, on_look, d);
	if (d->hup == NULL || d->minute == NULL || event_add(d->hup, NULL) != 0)
		return E_IO;
	if (conf_list(d->conf, "revocation-data", &names) == 0)
		return E_OK;
	look(d);
	return event_add(d->minute, &minute) == 0 ? E_OK : E_IO;
}
