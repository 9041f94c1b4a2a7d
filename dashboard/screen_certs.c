/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates and everything else of the trust list that ends: a picture of 12 months, the table
 * behind it, how fresh revocation data is, and keys that knocked and are not known. */
#include <string.h>

#include "dashboard/certs.h"

/* ---- words ---- */

const char *
expiry_words(const char *what)
{
	static const struct {
		const char *what, *words;
	} list[] = {
		{"list", N_("trust list")},
		{"operator", N_("certificate of the realm's operator")},
		{"officer", N_("certificate of an officer")},
		{"anchor", N_("authority of a country")},
		{"sign", N_("signing certificate")},
		{"encrypt", N_("encryption certificate")},
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		if (strcmp(list[i].what, what) == 0)
			return list[i].words;
	return what;
}

void
p_ends(struct page *p, int64_t until)
{
	int64_t left = until - p->now;

	if (until == 0) {
		p_raw(p, "\u2013");
		return;
	}
	if (left < 0)
		p_mark(p, MARK_BAD, N_("ended"));
	else if (left < 7 * CERT_DAY_MS)
		p_mark(p, MARK_BAD, N_("within 7 days"));
	else if (left < 30 * CERT_DAY_MS)
		p_mark(p, MARK_WARN, N_("within 30 days"));
	else if (left < 90 * CERT_DAY_MS)
		p_mark(p, MARK_WARN, N_("within 90 days"));
	p_raw(p, " ");
	p_left(p, until);
}

/* ---- the table ---- */

static void
put_state(struct page *p, const json_t *c)
{
	const char *state = text_of(c, "state");

	if (strcmp(state, "revoked") == 0)
		p_mark(p, MARK_IDLE, N_("revoked by the trust list"));
	else if (strcmp(state, "revoked-here") == 0)
		p_mark(p, MARK_BAD, N_("not accepted here any more"));
	else
		p_ends(p, instant_of(c, "until"));
}

/* Long enough to compare, short enough to read; the whole of it is the link's address. */
static void
put_fingerprint(struct page *p, const char *fingerprint)
{
	OWNED(char, start, free_chars) =
		strlen(fingerprint) > 16 ? xprintf("%.16s\u2026", fingerprint) : NULL;

	if (fingerprint[0] == '\0') {
		p_raw(p, "\u2013");
		return;
	}
	p_raw(p, "<span title=\"");
	p_text(p, fingerprint);
	p_raw(p, "\">");
	p_code(p, start != NULL ? start : fingerprint);
	p_raw(p, "</span>");
}

static void
put_whose(struct page *p, const json_t *c)
{
	const char *party = text_of(c, "party");

	if (party[0] != '\0')
		p_link(p, party, "/party", "code", party, NULL);
	else if (text_of(c, "country")[0] != '\0')
		p_bdi(p, text_of(c, "country"));
	else
		p_words(p, N_("the realm"));
}

static void
put_what(struct page *p, const json_t *c)
{
	p_words(p, "%s", _(expiry_words(text_of(c, "what"))));
}

static void
put_act(struct page *p, const json_t *c)
{
	if (strcmp(text_of(c, "what"), "sign") == 0 &&
		strncmp(text_of(c, "state"), "revoked", strlen("revoked")) != 0)
		p_act(p, "/act/cert-revoke", "party", text_of(c, "party"), "fingerprint",
			text_of(c, "fingerprint"), NULL);
}

static const struct column certificate_columns[] = {
	{N_("Party or country"), .put = put_whose},
	{N_("What it is"), .put = put_what},
	{N_("Valid until"), .key = "until", .time = p_instant},
	{N_("State"), .put = put_state},
	{N_("Fingerprint"), .key = "fingerprint", .text = put_fingerprint},
	{N_("Act"), .put = put_act},
	{0},
};

void
p_certificates(struct page *p, const json_t *list, size_t from, size_t most)
{
	p_list_begin(p, "certificates", N_("What ends, the soonest first"), certificate_columns);
	for (size_t i = from; i < json_array_size(list) && i < from + most; i++)
		p_list_row(p, NULL, certificate_columns, json_array_get(list, i));
	p_table_end(p);
}

static void
put_list(struct page *p, const json_t *list)
{
	size_t from = (size_t)query_number(p->query, "after", 0, 0, INT32_MAX);

	p_section(p, "ends", N_("What ends"));
	p_part(p, "expiry-part");
	p_raw(p, "<figure>");
	svg_expiry(p->out, list, p->now, strcmp(p->viewer->lang, "ar") == 0);
	p_raw(p, "<figcaption>");
	p_words(p,
		N_("From today to twelve months from now; the dashed lines stand at 7, 30 and 90 "
		   "days."));
	p_raw(p, "</figcaption></figure>");
	p_part_end(p);
	p_certificates(p, list, from, CERTS_SHOWN);
	if (from + CERTS_SHOWN < json_array_size(list)) {
		OWNED(json_t, next, json_decrefp) = json_integer((json_int_t)(from + CERTS_SHOWN));

		p_more(p, "after", next);
	}
	p_section_end(p);
}

/* ---- revocation data ---- */

static bool
is_missing(const json_t *c)
{
	return strcmp(text_of(c, "kind"), "none") == 0;
}

static void
put_country(struct page *p, const json_t *c)
{
	p_bdi(p, text_of(c, "country")[0] != '\0' ? text_of(c, "country") : "\u2013");
}

static void
put_freshness(struct page *p, const json_t *c)
{
	if (is_missing(c))
		p_mark(p, MARK_BAD, N_("none was given"));
	else if (instant_of(c, "too_old_since") != 0)
		p_mark(p, MARK_BAD, N_("too old to rely on"));
	else
		p_mark(p, MARK_GOOD, N_("fresh"));
}

static void
put_kind(struct page *p, const json_t *c)
{
	p_bdi(p, is_missing(c) ? "\u2013" : text_of(c, "kind"));
}

static const struct column revocation_columns[] = {
	{N_("Country"), .put = put_country},
	{N_("State"), .put = put_freshness},
	{N_("Kind"), .put = put_kind},
	{N_("Age"), .key = "this_update", .time = p_age},
	{N_("Next expected"), .key = "next_update", .time = p_instant},
	{N_("About"), .key = "about", .text = put_fingerprint},
	{0},
};

static void
put_revocation(struct page *p)
{
	const json_t *answer = p_ask(p, "crl.list", NULL);
	const json_t *list = json_object_get(answer, "crls");
	int64_t held = number_of(answer, "held");

	p_section(p, "revocation", N_("Revocation data"));
	if (held > 0) {
		p_raw(p, "<p>");
		p_count(p, held, "%lld message is held until newer revocation data comes",
			"%lld messages are held until newer revocation data comes");
		p_raw(p, "</p>");
	}
	if (answer != NULL && json_array_size(list) == 0)
		p_empty(p,
			N_("No authority of the trust list demands fresh revocation data, and none "
			   "was given."));
	if (json_array_size(list) > 0)
		p_list(p, "revocation-list", N_("Revocation data in force, and what is missing"),
			revocation_columns, list);
	p_section_end(p);
}

/* ---- keys that knocked ---- */

static void
put_knocker(struct page *p, const json_t *k)
{
	const char *party = text_of(k, "party");

	if (party[0] == '\0') {
		p_mark(p, MARK_WARN, N_("nobody of the trust list"));
		return;
	}
	p_link(p, party, "/party", "code", party, NULL);
	p_raw(p, " ");
	p_mark(p, MARK_WARN, N_("cut off here"));
}

static const struct column knock_columns[] = {
	{N_("Connection key"), .key = "key", .text = p_code},
	{N_("Whose it is"), .put = put_knocker},
	{N_("First"), .key = "first", .time = p_instant},
	{N_("Last"), .key = "last", .time = p_age},
	{N_("Times"), .key = "times", .number = p_number},
	{0},
};

static void
put_knocks(struct page *p)
{
	const json_t *answer = p_ask(p, "gate.knocks", NULL);
	const json_t *list = json_object_get(answer, "knocks");

	p_section(p, "knocks", N_("Unknown keys that knocked"));
	p_note(p, N_("Somebody holds the private key and wanted to connect; the exchange took "
		     "nothing "
		     "from him. After a party has changed its key, this is often the party itself, "
		     "before the trust list knows it."));
	p_raw(p, "<div id=\"knock-part\">");
	if (answer != NULL && json_array_size(list) == 0)
		p_empty(p, N_("None since the exchange was started."));
	if (json_array_size(list) > 0)
		p_list(p, "knock-list",
			N_("Connection keys that were turned away, the newest first"),
			knock_columns, list);
	p_raw(p, "</div>");
	p_section_end(p);
}

void
screen_certificates(struct page *p)
{
	const json_t *list = p_ask(p, "cert.list", NULL);

	if (list == NULL)
		return;
	put_list(p, json_object_get(list, "certificates"));
	put_revocation(p);
	put_knocks(p);
}
