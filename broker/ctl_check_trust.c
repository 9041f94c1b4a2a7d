/* SPDX-License-Identifier: EUPL-1.2
 *
 * The lines of daftarctl check that are about who may speak: the trust list, certificates,
 * revocation data. */
#include <inttypes.h>
#include <string.h>

#include "broker/ctl_check.h"
#include "lib/id.h"

#define DAY_MS INT64_C(86400000)

static void
check_list(const json_t *trust, json_t *out)
{
	int64_t until = 0, issued = 0, left;

	if (!instant_parse(text_of(trust, "valid_until"), &until) ||
		!instant_parse(text_of(trust, "issued_at"), &issued))
		return;
	left = (until - instant_now()) / DAY_MS;
	finding(out,
		left < 0   ? HEALTH_FAIL
		: left < 7 ? HEALTH_WARN
			   : HEALTH_OK,
		"trust list",
		left < 7 ? "on the realm's machine: daftar-pki resign REALM; here: daftarctl trust "
			   "install trust.xml"
			 : NULL,
		"version %" PRId64 ", %" PRId64 " days old, good for %" PRId64 " days more",
		number_of(trust, "version"), (instant_now() - issued) / DAY_MS, left);
}

/* The one that ends first decides. */
static void
check_certificates(const json_t *expiring, json_t *out)
{
	const json_t *row, *first = NULL;
	int64_t soonest = INT64_MAX, until, left;
	size_t i, n = 0;

	json_array_foreach(json_object_get(expiring, "certificates"), i, row)
	{
		if (strcmp(text_of(row, "what"), "list") == 0 ||
			!instant_parse(text_of(row, "until"), &until))
			continue;
		n++;
		if (until < soonest) {
			soonest = until;
			first = row;
		}
	}
	if (first == NULL) {
		finding(out, HEALTH_OK, "certificates", NULL, "none ends within 90 days");
		return;
	}
	left = (soonest - instant_now()) / DAY_MS;
	finding(out,
		left < 0    ? HEALTH_FAIL
		: left < 30 ? HEALTH_WARN
			    : HEALTH_OK,
		"certificates",
		left < 30 ? "daftarctl cert expiring; daftarctl key rotate PARTY" : NULL,
		"%zu end within 90 days, the first in %" PRId64 " days: %s of %s", n, left,
		text_of(first, "what"),
		text_of(first, "party")[0] != '\0' ? text_of(first, "party") : "the realm");
}

static void
check_revocation(const json_t *crls, json_t *out)
{
	const json_t *row;
	size_t i, bad = 0;
	const char *country = "";

	json_array_foreach(json_object_get(crls, "crls"), i, row)
	{
		if (strcmp(text_of(row, "kind"), "none") != 0 &&
			text_of(row, "too_old_since")[0] == '\0')
			continue;
		country = text_of(row, "country");
		bad++;
	}
	if (bad > 0)
		finding(out, HEALTH_WARN, "revocation",
			"daftarctl crl list; daftarctl crl add FILE",
			"%zu are too old or missing, among them %s", bad, country);
	else
		finding(out, HEALTH_OK, "revocation", NULL, "%zu in force, none too old", i);
}

void
check_trust(const struct asked *a, json_t *out)
{
	check_list(json_object_get(a->status, "trust"), out);
	if (a->expiring != NULL)
		check_certificates(a->expiring, out);
	if (a->crls != NULL)
		check_revocation(a->crls, out);
}
