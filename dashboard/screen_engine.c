/* SPDX-License-Identifier: EUPL-1.2
 *
 * The engine room: how full the store is and will be, the log, the children, what the last scrub
 * and backup said, and which version of what runs here under which licence. */
#include <string.h>

#include "dashboard/certs.h"
#include "lib/id.h"

/* ---- the store ---- */

static void
put_fill(struct page *p, const json_t *s)
{
	int64_t used = number_of(s, "store_used"), size = number_of(s, "store_size");
	int64_t percent = size > 0 ? used * 100 / size : 0;

	p_raw(p, "<svg class=\"fill\" aria-hidden=\"true\" width=\"100%\" height=\"14\">"
		 "<rect class=\"room\" width=\"100%\" height=\"14\" rx=\"7\"/>");
	p_raw(p, percent >= 90	 ? "<rect class=\"bad\""
		 : percent >= 70 ? "<rect class=\"warn\""
				 : "<rect class=\"good\"");
	p_numbers(p, " width=\"%lld%%\" height=\"14\" rx=\"7\"/></svg>",
		(long long)(percent < 1 ? 1 : percent));
	p_words(p, N_("%lld percent"), (long long)percent);
	p_raw(p, " \u2013 ");
	p_octets(p, used);
	p_raw(p, " / ");
	p_octets(p, size);
}

static void
put_store(struct page *p, const json_t *s)
{
	p_section(p, "store", N_("Store"));
	p_part(p, "store-part");
	p_facts(p);
	p_fact(p, N_("Fill"));
	put_fill(p, s);
	p_fact_end(p);
	p_fact(p, N_("Full, at the rate of the last day"));
	if (instant_of(s, "store_forecast") != 0) {
		p_instant(p, instant_of(s, "store_forecast"));
		p_raw(p, " ");
		p_ends(p, instant_of(s, "store_forecast"));
	} else
		p_mark(p, MARK_GOOD, N_("not before long"));
	p_fact_end(p);
	p_fact_number(p, N_("Messages"), number_of(s, "messages"));
	p_fact_number(p, N_("Entries in the log"), number_of(s, "log_size"));
	p_fact_number(p, N_("Commits since the start"), number_of(s, "commits"));
	p_fact(p, N_("Generation"));
	p_number(p, number_of(s, "generation"));
	if (is_true(s, "restored")) {
		p_raw(p, " ");
		p_mark(p, MARK_WARN, N_("restored from a backup"));
	}
	p_fact_end(p);
	p_facts_end(p);
	p_part_end(p);
	p_section_end(p);
}

/* ---- scrub and backup ---- */

static void
put_work(struct page *p, const char *words, const json_t *w, int64_t late_ms)
{
	int64_t at = instant_of(w, "at");

	p_fact(p, words);
	if (is_true(w, "running"))
		p_mark(p, MARK_IDLE, N_("runs now"));
	else if (at == 0)
		p_mark(p, MARK_WARN, N_("none since the start"));
	else if (strcmp(text_of(w, "code"), "OK") != 0)
		p_mark(p, MARK_BAD, N_("failed"));
	else if (p->now - at > late_ms)
		p_mark(p, MARK_WARN, N_("long ago"));
	else
		p_mark(p, MARK_GOOD, N_("well"));
	if (at != 0) {
		p_raw(p, " ");
		p_age(p, at);
		p_raw(p, " \u2013 ");
		p_count(p, number_of(w, "records"), "%lld record read", "%lld records read");
		p_comma(p);
		p_count(p, number_of(w, "damaged"), "%lld damaged", "%lld damaged");
		if (text_of(w, "first")[0] != '\0') {
			p_raw(p, " ");
			p_code(p, text_of(w, "first"));
		}
	}
	p_fact_end(p);
}

/* A folder of its own for each second in which somebody asks: "dashboard-20261127-223000". */
static void
put_works(struct page *p, const json_t *s)
{
	char now[INSTANT_TEXT_SIZE];

	instant_format(p->now, now);
	OWNED(char, name, free_chars) = xprintf("dashboard-%.4s%.2s%.2s-%.2s%.2s%.2s", now, now + 5,
		now + 8, now + 11, now + 14, now + 17);
	p_section(p, "care", N_("Scrub and backup"));
	p_part(p, "care-part");
	p_facts(p);
	put_work(p, N_("Last scrub"), json_object_get(s, "scrub"), 8 * CERT_DAY_MS);
	put_work(p, N_("Last backup"), json_object_get(s, "backup"), 2 * CERT_DAY_MS);
	p_facts_end(p);
	p_part_end(p);
	p_raw(p, "<p class=\"acts\">");
	p_act(p, "/act/scrub-run", NULL);
	p_act(p, "/act/backup-run", "name", name, NULL);
	p_raw(p, "</p>");
	p_section_end(p);
}

/* ---- processes ---- */

static void
put_process(struct page *p, const char *name, int64_t pid, bool runs, int64_t rss)
{
	OWNED(char, id, free_chars) = xprintf("process-%lld", (long long)pid);

	p_row(p, id);
	p_cell(p);
	p_code(p, name);
	p_cell_end(p);
	p_cell(p);
	if (runs)
		p_mark(p, MARK_GOOD, N_("runs"));
	else
		p_mark(p, MARK_BAD, N_("down, is being started"));
	p_cell_end(p);
	p_cell_number(p);
	p_numbers(p, "%lld", (long long)pid);
	p_cell_end(p);
	p_cell_number(p);
	p_octets(p, rss);
	p_cell_end(p);
	p_row_end(p);
}

static void
put_processes(struct page *p, const json_t *s)
{
	const json_t *c, *x = json_object_get(s, "examination");
	size_t i;

	p_section(p, "processes", N_("Processes"));
	p_table(p, "process-list",
		N_("The exchange and its children, each behind walls of its own"));
	p_column(p, N_("Process"));
	p_column(p, N_("State"));
	p_column_number(p, N_("Number"));
	p_column_number(p, N_("Memory"));
	p_rows(p);
	put_process(p, "daftard", number_of(s, "pid"), true, number_of(s, "rss"));
	json_array_foreach(json_object_get(s, "children"), i, c) put_process(p, text_of(c, "name"),
		number_of(c, "pid"), is_true(c, "running"), number_of(c, "rss"));
	p_table_end(p);
	p_part(p, "examination-part");
	p_facts(p);
	p_fact_number(p, N_("Messages examined"), number_of(x, "judged"));
	p_fact_number(p, N_("Waiting for an examiner"), number_of(x, "waiting"));
	p_fact_number(p, N_("Stopped an examiner"), number_of(x, "quarantined"));
	p_fact_number(p, N_("Connections that the gate shut down"), number_of(x, "offences"));
	p_facts_end(p);
	p_part_end(p);
	p_section_end(p);
}

/* ---- the log and the trust list ---- */

static void
put_log(struct page *p, const json_t *s)
{
	const json_t *head = p_ask(p, "log.show", NULL), *trust = json_object_get(s, "trust");

	p_section(p, "log", N_("Log and trust list"));
	p_part(p, "log-part");
	p_facts(p);
	p_fact_number(p, N_("Entries in the log"), number_of(head, "size"));
	p_fact_code(p, N_("Head of the log"), text_of(head, "root"));
	p_fact(p, N_("Trust list"));
	p_words(p, N_("version %lld"), (long long)number_of(trust, "version"));
	p_fact_end(p);
	p_fact(p, N_("Valid until"));
	p_instant(p, instant_of(trust, "valid_until"));
	p_raw(p, " ");
	p_ends(p, instant_of(trust, "valid_until"));
	p_fact_end(p);
	p_fact_number(p, N_("Parties"), number_of(trust, "parties"));
	p_facts_end(p);
	p_part_end(p);
	p_section_end(p);
}

/* ---- about ---- */

static void
put_about(struct page *p, const json_t *s)
{
	static const struct {
		const char *name, *licence;
	} parts[] = {
		{"libzmq", "LGPL-3.0+ WITH LGPL-3.0-linking-exception"},
		{"CZMQ", "MPL-2.0"},
		{"LMDB", "OLDAP-2.8"},
		{"OpenSSL", "Apache-2.0"},
		{"libxml2, xmlsec1", "MIT"},
		{"ICU", "ICU"},
		{"libevent", "BSD-3-Clause"},
		{"jansson", "MIT"},
		{"libconfuse", "ISC"},
		{"libseccomp", "LGPL-2.1"},
		{"zlib", "Zlib"},
	};

	p_section(p, "about", N_("About"));
	p_facts(p);
	p_fact_bdi(p, N_("Version of the exchange"), text_of(s, "version"));
	p_fact_bdi(p, N_("Version of this dashboard"), PACKAGE_VERSION);
	p_fact_bdi(p, N_("Realm"), text_of(s, "realm"));
	p_fact_code(p, N_("Address of the gate"), text_of(s, "endpoint"));
	p_fact(p, N_("Started"));
	p_instant(p, instant_of(s, "started"));
	p_raw(p, " (");
	p_age(p, instant_of(s, "started"));
	p_raw(p, ")");
	p_fact_end(p);
	p_fact(p, N_("Engine"));
	p_words(p, N_("LMDB on this machine, one writer"));
	p_fact_end(p);
	p_fact(p, N_("Licence"));
	p_raw(p, "<bdi>EUPL-1.2</bdi>");
	p_fact_end(p);
	p_facts_end(p);
	p_table(p, "licences", N_("Libraries of the system that it is built with"));
	p_column(p, N_("Library"));
	p_column(p, N_("Licence"));
	p_rows(p);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		p_row(p, "");
		p_cell(p);
		p_bdi(p, parts[i].name);
		p_cell_end(p);
		p_cell(p);
		p_bdi(p, parts[i].licence);
		p_cell_end(p);
		p_row_end(p);
	}
	p_table_end(p);
	p_section_end(p);
}

void
screen_engine(struct page *p)
{
	const json_t *s = p_ask(p, "status", NULL);

	if (s == NULL)
		return;
	put_store(p, s);
	put_works(p, s);
	put_log(p, s);
	put_processes(p, s);
	put_about(p, s);
}
