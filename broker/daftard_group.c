/* SPDX-License-Identifier: EUPL-1.2
 *
 * Group commit. A commit waits for the disk, whatever is in it; so everything that is ready goes
 * into one. The commit is an event of the lowest priority: libevent runs it when a look at all
 * descriptors has found nothing else to do. Under load a group ends by size or age; and what
 * arrives while the disk works is the next group. */
#include "broker/daftard.h"
#include "lib/log.h"
#include "lib/merkle.h"

#define GROUP_MAX 64
#define GROUP_MS 2
#define LAST_PRIORITY 2 /* of 3; everything else has 1 */

static void
on_commit(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	group_end(context);
}

void
group_open(struct daftard *d)
{
	d->group.commit = event_new(d->base, -1, 0, on_commit, d);
	if (d->group.commit == NULL || event_priority_set(d->group.commit, LAST_PRIORITY) != 0)
		die("an event cannot be made");
}

void
group_close(struct daftard *d)
{
	if (d->group.txn != NULL)
		store_abort(&d->group.txn);
	if (d->group.commit != NULL)
		event_free(d->group.commit);
}

struct store_txn *
group_txn(struct daftard *d)
{
	if (d->group.txn != NULL)
		return d->group.txn;
	d->group.txn = store_begin(d->store);
	d->group.n = 0;
	d->group.since = monotonic_now();
	event_active(d->group.commit, 0, 0);
	return d->group.txn;
}

void
group_grow(struct daftard *d)
{
	d->group.n++;
	if (d->group.n >= GROUP_MAX || monotonic_now() - d->group.since >= GROUP_MS)
		group_end(d);
}

enum err
group_finish(struct daftard *d)
{
	enum err e;

	if (d->group.txn == NULL)
		return E_OK;
	e = exchange_commit(d->exchange, &d->group.txn);
	if (e == E_STORE_FULL)
		log_line(LOG_ERROR, "store: full, new messages wait with their senders");
	exchange_dispatch(d->exchange, instant_now(), monotonic_now());
	return e;
}

void
group_end(struct daftard *d)
{
	(void)!group_finish(d);
}

/* ---- the log ---- */

enum err
daftard_sign(void *context, uint64_t size, const struct digest *root, struct buf *checkpoint)
{
	const struct daftard *d = context;
	char origin[ORIGIN_SIZE];

	if (!checkpoint_origin(trust_log_name(d->trust), store_generation(d->store), origin))
		return E_CHECKPOINT;
	return checkpoint_sign(origin, size, root, d->log_key, checkpoint);
}

enum err
daftard_commit(struct daftard *d, struct store_txn **t)
{
	store_seal(*t, daftard_sign, d);
	return store_commit(t);
}
