/* SPDX-License-Identifier: EUPL-1.2
 *
 * The registrar's verbs for a courier: what the spool has for the exchange goes into a file, what
 * the exchange's answer says is heard. The daemon itself does both, beside its connection, because
 * the spool has one speaker; a connection that works meanwhile does no harm, and neither does a
 * bundle that is heard twice. */
#include "adapters/daemon.h"
#include "lib/bundle_peer.h"
#include "lib/log.h"

static struct bundle_peer
peer_of(struct daemon *d)
{
	struct bundle_peer p = {.program = ADAPTER_PROGRAM,
		.self = d->self,
		.trust = d->trust,
		.identity = d->sign,
		.spool = d->spool,
		.examiner = d->examiner};

	link_instance(d->link, &p.epoch, &p.incarnation);
	return p;
}

static enum err
path_of(const json_t *args, const char **out)
{
	*out = json_string_value(json_object_get(args, "file"));
	return *out != NULL && (*out)[0] == '/' ? E_OK : E_USAGE;
}

/* ---- verbs ---- */

enum err
verb_export(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	struct bundle_peer p = peer_of(d);
	struct bundle_counts c;
	OWNED_BUF(out) = {0};
	const char *path;

	TRY(path_of(args, &path));
	TRY(bundle_export(&p, 0, instant_now(), &out, &c));
	TRY(bundle_write(path, buf_bytes(&out)));
	log_line(LOG_NOTICE, "bundle: exported octets=%zu submitted=%llu", out.size,
		(unsigned long long)c.submitted);
	*data = json_pack("{s:I,s:I,s:I,s:b,s:I}", "submitted", (json_int_t)c.submitted, "taken",
		(json_int_t)c.taken, "settled", (json_int_t)c.settled, "more", c.more, "size",
		(json_int_t)out.size);
	return E_OK;
}

/* The list goes first: what follows may be signed with keys that only it knows. */
static enum err
take_list(struct daemon *d, struct bytes file)
{
	struct bundle_peer p = peer_of(d);
	struct bytes list;
	enum err e = bundle_trust(&p, file, instant_now(), &list);

	if (e == E_OK)
		daemon_take_trust(d, list);
	return e == E_NOT_FOUND ? E_OK : e;
}

enum err
verb_import(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	struct bundle_counts c;
	struct bundle_peer p;
	OWNED_BUF(file) = {0};
	const char *path;

	TRY(path_of(args, &path));
	TRY(bundle_read(path, &file));
	TRY(take_list(d, buf_bytes(&file)));
	p = peer_of(d);
	TRY(bundle_import(&p, buf_bytes(&file), instant_now(), &c));
	log_line(LOG_NOTICE, "bundle: imported octets=%zu receipts=%llu deliveries=%llu", file.size,
		(unsigned long long)c.receipts, (unsigned long long)c.deliveries);
	daemon_wake(d);
	*data = json_pack("{s:I,s:I,s:I,s:I}", "receipts", (json_int_t)c.receipts, "refusals",
		(json_int_t)c.refusals, "notices", (json_int_t)c.notices, "deliveries",
		(json_int_t)c.deliveries);
	return E_OK;
}
