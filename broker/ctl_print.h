/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl's answers for people: aligned plain text from the data of the control protocol. Keys
 * that are missing print as nothing. */
#ifndef DAFTAR_CTL_PRINT_H
#define DAFTAR_CTL_PRINT_H

#include <jansson.h>

#include "lib/base.h"

typedef void ctl_print(const json_t *data);

ctl_print print_status, print_message, print_messages, print_receipt, print_parties, print_party,
	print_verbs, print_event, print_bundle, print_books, print_differences, print_closings,
	print_work, print_crl, print_crls, print_log, print_heads, print_change, print_changes,
	print_certs, print_retained, print_purged, print_retain_report, print_ledger;

/* daftarctl bundle import IN OUT; *figures is a new reference or NULL. E_IO (with errno), and what
 * daftard answers. */
enum err ctl_bundle(
	const char *socket, const char *in, const char *out, bool force, json_t **figures) MUST_USE;

/* daftarctl reconcile run: *data is a new reference. */
enum err ctl_reconcile(const char *socket, json_t *args, json_t **data) MUST_USE;
/* daftarctl reconcile sign: `period' is a day (2026-11-26), a month (2026-11), or "" for everything
 * until now. *data has the closings of that period, *status is 0 when both sides have signed, 1
 * when one that was asked has not, 3 when one could not be asked. */
enum err ctl_sign(const char *socket, const char *from, const char *to, const char *period,
	json_t **data, int *status) MUST_USE;
/* How books stand, as an exit status: 0 they agree, 1 they differ, 3 it cannot be told. */
int ctl_books(const json_t *data);

/* A line: a name, and what is said of it. */
void print_field(const char *name, const char *fmt, ...) PRINTF(2, 3);
struct column {
	const char *title, *key;
	int width;
};
void print_table(const json_t *rows, const struct column *columns, size_t n);

/* Text of a key, "" when there is none; a loan. */
const char *text_of(const json_t *o, const char *key);
int64_t number_of(const json_t *o, const char *key); /* 0 when there is none */
/* "4 s", "3 min", "2 h", "5 days"; returns `out'. */
const char *age_text(int64_t ms, char out[32]);

#endif
