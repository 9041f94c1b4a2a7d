/* SPDX-License-Identifier: EUPL-1.2
 *
 * The simple elements of a c:TranscriptionRequest as tables, shared by its XML (record_request.c)
 * and by the officer's file (request_json.c), so that both know the same particulars. The tables
 * are cut where elements stand that are not simple. */
#ifndef DAFTAR_RECORD_REQUEST_H
#define DAFTAR_RECORD_REQUEST_H

#include "lib/record_part.h"

struct field_run {
	const struct field *field;
	size_t n;
};

enum { REQUEST_CASE, REQUEST_URGENCY, REQUEST_BASIS, REQUEST_RUNS };
extern const struct field_run request_runs[REQUEST_RUNS]; /* of struct request */
enum { LOCATOR_OFFICE, LOCATOR_NUMBER, LOCATOR_RUNS };
extern const struct field_run locator_runs[LOCATOR_RUNS]; /* of struct locator */
enum { CONSENT_WHO, CONSENT_SCOPE, CONSENT_HOW, CONSENT_REST, CONSENT_RUNS };
extern const struct field_run consent_runs[CONSENT_RUNS]; /* of struct consent */
extern const struct field_run assent_run;		  /* of struct assent */
extern const struct field_run risk_run;			  /* of struct risk_clearance */
extern const struct field_run approval_run;		  /* the same; attribute and text in XML */

#define CONSENTS_MAX 4
#define FEARED_MAX 8
#define DOCUMENTS_MAX 16

#endif
