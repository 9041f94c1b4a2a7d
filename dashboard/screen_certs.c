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
put_certificate(struct page *p, const json_t *c)
{
	const char *party = text_of(c, "party"), *state = text_of(c, "state");
	bool revocable = strcmp(text_of(c, "what"), "sign") == 0 &&
			 strncmp(state, "revoked", strlen("revoked")) != 0;

	p_row(p, "");
	p_cell(p);
	if (party[0] != '\0')
		p_link(p, party, "/party", "code", party, NULL);
	else
		p_bdi(p, text_of(c, "country")[0] != '\0' ? text_of(c, "country") : "\u2013");
	p_cell_end(p);
	p_cell(p);
	p_words(p, "%s", _(expiry_words(text_of(c, "what"))));
	p_cell_end(p);
	p_cell(p);
	p_instant(p, instant_of(c, "until"));
	p_cell_end(p);
	p_cell(p);
	put_state(p, c);
	p_cell_end(p);
	p_cell(p);
	put_fingerprint(p, text_of(c, "fingerprint"));
	p_cell_end(p);
	p_cell(p);
	if (revocable)
		p_act(p, "/act/cert-revoke", "party", party, "fingerprint",
			text_of(c, "fingerprint"), NULL);
	p_cell_end(p);
	p_row_end(p);
}

void
p_certificates(struct page *p, const json_t *list, size_t from, size_t most)
{
	p_table(p, "certificates", N_("What ends, the soonest first"));
	p_column(p, N_("Party or country"));
	p_column(p, N_("What it is"));
	p_column(p, N_("Valid until"));
	p_column(p, N_("State"));
	p_column(p, N_("Fingerprint"));
	p_column(p, N_("Act"));
	p_rows(p);
	for (size_t i = from; i < json_array_size(list) && i < from + most; i++)
		put_certificate(p, json_array_get(list, i));
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

static void
put_revocation_row(struct page *p, const json_t *c)
{
	bool none = strcmp(text_of(c, "kind"), "none") == 0;

	p_row(p, "");
	p_cell(p);
	p_bdi(p, text_of(c, "country")[0] != '\0' ? text_of(c, "country") : "\u2013");
	p_cell_end(p);
	p_cell(p);
	if (none)
		p_mark(p, MARK_BAD, N_("none was given"));
	else if (instant_of(c, "too_old_since") != 0)
		p_mark(p, MARK_BAD, N_("too old to rely on"));
	else
		p_mark(p, MARK_GOOD, N_("fresh"));
	p_cell_end(p);
	p_cell(p);
	p_bdi(p, none ? "\u2013" : text_of(c, "kind"));
	p_cell_end(p);
	p_cell(p);
	p_age(p, instant_of(c, "this_update"));
	p_cell_end(p);
	p_cell(p);
	p_instant(p, instant_of(c, "next_update"));
	p_cell_end(p);
	p_cell(p);
	put_fingerprint(p, text_of(c, "about"));
	p_cell_end(p);
	p_row_end(p);
}

static void
put_revocation(struct page *p)
{
	const json_t *answer = p_ask(p, "crl.list", NULL), *list, *c;
	int64_t held = number_of(answer, "held");
	size_t i;

	list = json_object_get(answer, "crls");
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
	if (json_array_size(list) > 0) {
		p_table(p, "revocation-list", N_("Revocation data in force, and what is missing"));
		p_column(p, N_("Country"));
		p_column(p, N_("State"));
		p_column(p, N_("Kind"));
		p_column(p, N_("Age"));
		p_column(p, N_("Next expected"));
		p_column(p, N_("About"));
		p_rows(p);
		json_array_foreach(list, i, c) put_revocation_row(p, c);
		p_table_end(p);
	}
	p_section_end(p);
}

/* ---- keys that knocked ---- */

static void
put_knock(struct page *p, const json_t *k)
{
	const char *party = text_of(k, "party");

	p_row(p, "");
	p_cell(p);
	p_code(p, text_of(k, "key"));
	p_cell_end(p);
	p_cell(p);
	if (party[0] != '\0') {
		p_link(p, party, "/party", "code", party, NULL);
		p_raw(p, " ");
		p_mark(p, MARK_WARN, N_("cut off here"));
	} else
		p_mark(p, MARK_WARN, N_("nobody of the trust list"));
	p_cell_end(p);
	p_cell(p);
	p_instant(p, instant_of(k, "first"));
	p_cell_end(p);
	p_cell(p);
	p_age(p, instant_of(k, "last"));
	p_cell_end(p);
	p_cell_number(p);
	p_number(p, number_of(k, "times"));
	p_cell_end(p);
	p_row_end(p);
}

static void
put_knocks(struct page *p)
{
	const json_t *answer = p_ask(p, "gate.knocks", NULL), *list, *k;
	size_t i;

	list = json_object_get(answer, "knocks");
	p_section(p, "knocks", N_("Unknown keys that knocked"));
	p_note(p, N_("Somebody holds the private key and wanted to connect; the exchange took "
		     "nothing "
		     "from him. After a party has changed its key, this is often the party itself, "
		     "before the trust list knows it."));
	p_raw(p, "<div id=\"knock-part\">");
	if (answer != NULL && json_array_size(list) == 0)
		p_empty(p, N_("None since the exchange was started."));
	if (json_array_size(list) > 0) {
		p_table(p, "knock-list",
			N_("Connection keys that were turned away, the newest first"));
		p_column(p, N_("Connection key"));
		p_column(p, N_("Whose it is"));
		p_column(p, N_("First"));
		p_column(p, N_("Last"));
		p_column_number(p, N_("Times"));
		p_rows(p);
		json_array_foreach(list, i, k) put_knock(p, k);
		p_table_end(p);
	}
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
