/* SPDX-License-Identifier: EUPL-1.2
 *
 * Another trust list by the control socket: handed in in pieces that fit a line, verified exactly
 * like at a start, written to its file so that no crash leaves half of it, and in force at once. A
 * list that names its own officers carries their approvals; for any other the two persons are those
 * of this exchange. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"
#include "broker/trust_changes.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/xml.h"

/* ---- handing it in ---- */

enum err
verb_trust_put(void *context, const json_t *args, json_t **data)
{
	json_int_t at = json_integer_value(json_object_get(args, "at"));
	struct daftard *d = context;
	OWNED_BUF(piece) = {0};

	TRY(octets_arg(args, &piece));
	if (at == 0) {
		buf_reset(&d->upload);
		d->uploader = control_user(d->control);
	}
	/* Of somebody else, who came in between. */
	if (d->uploader != control_user(d->control) || at < 0 || (size_t)at != d->upload.size)
		return E_BUSY;
	if (d->upload.size + piece.size > XML_MESSAGE_MAX)
		return E_TOO_LARGE;
	buf_add_bytes(&d->upload, buf_bytes(&piece));
	*data = json_object();
	json_put_number(*data, "size", d->upload.size);
	return E_OK;
}

/* ---- putting it into force ---- */

enum err
trust_install(struct daftard *d, struct bytes list, json_t **changes)
{
	const char *file = conf_text(d->conf, "trust-list");
	OWNED(struct trust, next, trust_free) = NULL;
	OWNED(json_t, said, json_decrefp) = NULL;

	TRY(daftard_read_trust(d, list, &next));
	TRY(trust_replaces(d->trust, next));
	said = trust_changes(d->trust, next);
	if (file_replace(file, list, 0644) != E_OK) {
		log_line(LOG_ERROR, "trust list %s cannot be written: %s", file, strerror(errno));
		return E_IO;
	}
	TRY(daftard_adopt(d, &next));
	*changes = TAKE(said);
	return E_OK;
}

static enum err
install(struct daftard *d, struct bytes list, const json_t *args, json_t **data)
{
	struct change c = {.kind = CHANGE_TRUST};
	OWNED(struct trust, next, trust_free) = NULL;
	const json_t *reason = json_object_get(args, "reason");

	TRY(daftard_read_trust(d, list, &next));
	TRY(trust_replaces(d->trust, next));
	if (json_is_true(json_object_get(args, "adds")) && !trust_adds_party(d->trust, next))
		return E_STATE;
	c.version = trust_version(next);
	digest_of(list.data, list.size, &c.digest);
	if (reason == NULL)
		snprintf(c.reason, sizeof c.reason, "trust list version %llu",
			(unsigned long long)c.version);
	else
		TRY(reason_arg(args, &c));
	TRY(change_wish(d, &c, list, trust_officer_count(d->trust) == 0, data));
	if (json_object_get(*data, "changes") == NULL)
		json_put(*data, "changes", trust_changes(d->trust, next));
	return E_OK;
}

enum err
verb_trust_install(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	enum err e;

	if (d->uploader != control_user(d->control) || d->upload.size == 0)
		return E_STATE;
	e = install(d, buf_bytes(&d->upload), args, data);
	buf_free(&d->upload);
	return e;
}
