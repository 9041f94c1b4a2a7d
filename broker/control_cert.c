/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates as an operator sees them: which there are, which end soon, and the emergency when a
 * key was stolen and the trust list that says so takes too long: one that is revoked here is not
 * accepted here any more, from now on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"
#include "broker/ending.h"
#include "lib/log.h"

#define LOOK_MS (10 * 60 * INT64_C(1000))
#define FAR_MS (200 * 365 * DAY_MS)
#define DAYS_USUAL 90
#define DAYS_MOST 36500

/* ---- everything that ends ---- */

static void
free_expiries(struct trust_expiry **list)
{
	free(*list);
	*list = NULL;
}

static struct trust_expiry *
expiries(const struct trust *t, int64_t within, size_t *n)
{
	size_t most = trust_expiring(t, instant_now(), within, NULL, 0);
	struct trust_expiry *list = xcalloc(most + 1, sizeof *list);

	*n = trust_expiring(t, instant_now(), within, list, most);
	if (*n > most)
		*n = most;
	return list;
}

static bool
is_barred(struct daftard *d, const struct trust_expiry *x)
{
	return x->what == EXPIRY_SIGN && store_is_barred(d->store, NULL, &x->party, &x->digest);
}

static const char *
state_of(struct daftard *d, const struct trust_expiry *x)
{
	if (is_barred(d, x))
		return "revoked-here";
	return x->until <= instant_now() ? "ended" : "valid";
}

static json_t *
expiry_json(struct daftard *d, const struct trust_expiry *x)
{
	json_t *o = json_object();

	json_put_text(o, "what", expiry_word(x->what));
	json_put_text(o, "party", x->party.code);
	json_put_text(o, "country", x->country);
	if (x->what != EXPIRY_LIST)
		json_put_digest(o, "fingerprint", &x->digest);
	json_put(o, "until", json_instant(x->until));
	json_put_text(o, "state", state_of(d, x));
	return o;
}

/* What the list itself has revoked is told as well. */
static void
add_revoked(const struct trust_party *p, json_t *rows)
{
	for (size_t i = 0; i < p->n_sign; i++) {
		json_t *o;

		if (p->sign_revoked[i] == INT64_MAX)
			continue;
		o = json_object();
		json_put_text(o, "what", expiry_word(EXPIRY_SIGN));
		json_put_text(o, "party", p->code.code);
		json_put_text(o, "country", p->country);
		json_put_digest(o, "fingerprint", &p->sign_digest[i]);
		json_put(o, "until", json_instant(p->sign_until[i]));
		json_put_text(o, "state", "revoked");
		json_add(rows, o);
	}
}

static enum err
list_json(struct daftard *d, const json_t *args, int64_t within, bool revoked, json_t **data)
{
	OWNED(struct trust_expiry, list, free_expiries) = NULL;
	const struct trust_party *only = NULL;
	json_t *rows;
	size_t n;

	if (json_object_get(args, "party") != NULL)
		TRY(party_arg(d, args, "party", &only));
	rows = json_array();
	list = expiries(d->trust, within, &n);
	for (size_t i = 0; i < n; i++)
		if (only == NULL || party_equal(&only->code, &list[i].party))
			json_add(rows, expiry_json(d, &list[i]));
	for (size_t i = 0; revoked && i < trust_count(d->trust); i++)
		if (only == NULL || only == trust_at(d->trust, i))
			add_revoked(trust_at(d->trust, i), rows);
	*data = json_object();
	json_put(*data, "certificates", rows);
	return E_OK;
}

enum err
verb_cert_list(void *context, const json_t *args, json_t **data)
{
	return list_json(context, args, FAR_MS, true, data);
}

enum err
verb_cert_expiring(void *context, const json_t *args, json_t **data)
{
	const json_t *days = json_object_get(args, "days");
	json_int_t n = days == NULL ? DAYS_USUAL : json_integer_value(days);

	if (n <= 0 || n > DAYS_MOST)
		return E_USAGE;
	return list_json(context, args, n * DAY_MS, false, data);
}

/* ---- revoking one here ---- */

static bool
is_signing(const struct trust_party *p, const struct digest *cert)
{
	for (size_t i = 0; i < p->n_sign; i++)
		if (digest_equal(&p->sign_digest[i], cert))
			return true;
	return false;
}

enum err
verb_cert_revoke(void *context, const json_t *args, json_t **data)
{
	const char *print = json_string_value(json_object_get(args, "fingerprint"));
	struct daftard *d = context;
	struct change c = {.kind = CHANGE_REVOKE};
	const struct trust_party *p;

	TRY(party_arg(d, args, "party", &p));
	TRY(reason_arg(args, &c));
	if (print == NULL || !digest_parse(print, &c.digest))
		return E_USAGE;
	if (!is_signing(p, &c.digest))
		return E_NOT_FOUND;
	if (store_is_barred(d->store, NULL, &p->code, &c.digest))
		return E_STATE;
	c.party = p->code;
	return change_wish(d, &c, bytes_of(NULL, 0), true, data);
}

/* ---- warnings ---- */

static int64_t
list_life(const struct trust *t)
{
	return trust_valid_until(t) - trust_issued_at(t);
}

/* True the first time a day. */
static bool
is_news(struct endings_told *w, const struct digest *cert)
{
	for (size_t i = 0; i < w->n; i++)
		if (digest_equal(&w->digest[i], cert))
			return false;
	w->digest = xrealloc(w->digest, (w->n + 1) * sizeof *w->digest);
	w->digest[w->n++] = *cert;
	return true;
}

static void
warn_of(struct daftard *d, const struct trust_expiry *x, int64_t now)
{
	int64_t threshold = ending_threshold(x, list_life(d->trust), now);
	char text[ENDING_TEXT_SIZE];

	if (threshold < 0 || is_barred(d, x) || !is_news(&d->told_of, &x->digest))
		return;
	ending_describe(x, threshold, text);
	log_line(threshold <= 7 ? LOG_ERROR : LOG_WARNING, "%s", text);
}

void
certs_tick(struct daftard *d)
{
	OWNED(struct trust_expiry, list, free_expiries) = NULL;
	int64_t now = instant_now(), tick = monotonic_now();
	size_t n;

	if (tick < d->told_of.next)
		return;
	d->told_of.next = tick + LOOK_MS;
	if (d->told_of.day != now / DAY_MS)
		d->told_of.n = 0;
	d->told_of.day = now / DAY_MS;
	list = expiries(d->trust, 90 * DAY_MS, &n);
	for (size_t i = 0; i < n; i++)
		warn_of(d, &list[i], now);
}
