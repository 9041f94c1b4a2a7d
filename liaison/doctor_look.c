/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the doctor looks at on this computer alone. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "lib/revocation.h"
#include "liaison/context.h"
#include "liaison/doctor.h"

#define ROOM_WARN ((uint64_t)200 << 20)
#define ROOM_FAIL ((uint64_t)20 << 20)
#define OLD_DAYS 3 /* that something may wait to be sent before it is worth a word */

/* ---- revocation data ---- */

struct known {
	struct office *o;
	struct revocations *r;
	size_t n;
	int64_t newest; /* thisUpdate */
};

static bool
take(void *context, const char *key, struct bytes value)
{
	struct known *k = context;
	struct revocation_facts f;

	(void)key;
	if (revocations_take(k->r, k->o->trust, value, instant_now(), &f) != E_OK)
		return true;
	k->n++;
	if (f.this_update > k->newest)
		k->newest = f.this_update;
	return true;
}

struct finding
check_revocation(struct office *o)
{
	OWNED(struct revocations, r, revocations_free) = revocations_new();
	struct known k = {.o = o, .r = r};
	struct trust_demand demand;
	struct digest own;
	enum err e;

	if (o->trust == NULL || o->spool == NULL || o->sign == NULL)
		return found(HEALTH_WARN, NULL, N_("not looked at: see above"));
	(void)!spool_each_fact(o->spool, "revocation/", take, &k);
	digest_of(o->sign->der, o->sign->der_size, &own);
	e = revocations_judge(r, o->trust, trust_party(o->trust, &o->self), &own, instant_now());
	if (e == E_CERT_REVOKED)
		return failed(
			e, N_("the certificate of this office was revoked: ask the operator of the "
			      "realm"));
	if (e == E_HELD)
		return found(HEALTH_WARN, N_("daftar sync fetches newer ones"),
			N_("the lists of revoked certificates are too old: what is signed now may "
			   "be held back"));
	if (k.n == 0)
		return found(HEALTH_OK, NULL,
			trust_demand(o->trust, 0, &demand)
				? N_("no list of revoked certificates has come yet")
				: N_("no authority of this realm demands lists of revoked "
				     "certificates"));
	return found(HEALTH_OK, NULL, N_("%zu lists of revoked certificates, the newest of %s"),
		k.n, when(k.newest));
}

/* ---- who may read the keys ---- */

static bool
is_private(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 || (st.st_mode & 077) == 0;
}

struct finding
check_private(struct office *o)
{
	const char *folder = conf_text(o->conf, "keys");
	DIR *d = opendir(folder);
	bool private = is_private(o->home) && is_private(folder);

	if (d == NULL)
		return found(HEALTH_FAIL, N_("run daftar setup again"),
			N_("there is no folder of keys, %s"), line(folder));
	for (struct dirent *f; (f = readdir(d)) != NULL;) {
		OWNED(char, path, free_chars) = path_in(folder, f->d_name);

		if (strstr(f->d_name, ".key") != NULL && !is_private(path))
		private = false;
	}
	closedir(d);
	return private ? found(HEALTH_OK, NULL, N_("nobody else can read the keys"))
		       : found(HEALTH_FAIL, N_("chmod -R go= on that folder"),
				 N_("others on this computer can read %s"), line(folder));
}

/* ---- what waits ---- */

static bool
oldest(void *context, const struct out_entry *e)
{
	int64_t *first = context;

	if (e->state == OUT_FILED && (*first == 0 || e->filed < *first))
		*first = e->filed;
	return true;
}

struct finding
check_outbox(struct office *o)
{
	int64_t first = 0;
	long days;

	if (o->spool == NULL || spool_each_out(o->spool, oldest, &first) != E_OK)
		return found(HEALTH_WARN, NULL, N_("not looked at: see above"));
	if (first == 0)
		return found(HEALTH_OK, NULL, N_("nothing waits to be sent"));
	days = (long)((instant_now() - first) / DAY_MS);
	return found(days >= OLD_DAYS ? HEALTH_WARN : HEALTH_OK, N_("daftar sync"),
		N_("the oldest that waits to be sent was filed %s"), when(first));
}

static bool
count(void *context, const char *key, struct bytes value)
{
	(void)key;
	(void)value;
	++*(size_t *)context;
	return true;
}

struct finding
check_drafts(struct office *o)
{
	size_t n = 0;

	if (o->spool == NULL || spool_each_fact(o->spool, "draft/", count, &n) != E_OK)
		return found(HEALTH_WARN, NULL, N_("not looked at: see above"));
	return found(HEALTH_OK, n > 0 ? N_("daftar request new goes on with them") : NULL,
		ngettext("%zu case was begun and not finished",
			"%zu cases were begun and not finished", n),
		n);
}

/* ---- room ---- */

struct finding
check_disk(struct office *o)
{
	struct statvfs v;
	uint64_t room;

	if (statvfs(o->home, &v) != 0)
		return found(HEALTH_WARN, NULL, N_("the disk's room cannot be told"));
	room = (uint64_t)v.f_bavail * v.f_frsize;
	return found(room < ROOM_FAIL	? HEALTH_FAIL
		     : room < ROOM_WARN ? HEALTH_WARN
					: HEALTH_OK,
		room < ROOM_WARN ? N_("make room on the disk") : NULL, N_("%llu MiB are free"),
		(unsigned long long)(room >> 20));
}

/* ---- other offices ---- */

static void
count_context(void *context, const char *name, const char *home)
{
	(void)name;
	(void)home;
	++*(size_t *)context;
}

struct finding
check_contexts(struct office *o)
{
	size_t n = 0;

	context_each(count_context, &n);
	return found(HEALTH_OK, n > 1 ? N_("daftar context list") : NULL,
		office_is_training(o)
			? N_("this office is for training: nothing that is done here counts")
			: N_("this office is a real one; %zu named on this computer"),
		n);
}
