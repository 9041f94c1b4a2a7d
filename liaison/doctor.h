/* SPDX-License-Identifier: EUPL-1.2
 *
 * What `daftar doctor' finds, between its files (doctor*.c). Texts are translated already, advice
 * is N_("..."). */
#ifndef DAFTAR_LIAISON_DOCTOR_H
#define DAFTAR_LIAISON_DOCTOR_H

#include "liaison/daftar.h"

#define DAY_MS INT64_C(86400000)

enum health { HEALTH_OK, HEALTH_WARN, HEALTH_FAIL };
struct finding {
	enum health health;
	char text[320];
	const char *advice; /* NULL: nothing to do */
};
/* The format is translated. */
struct finding found(enum health h, const char *advice, const char *fmt, ...) PRINTF(3, 4);
struct finding failed(enum err e, const char *advice);

/* Each stands on what those before it have opened (liaison/doctor_look.c). */
struct finding check_revocation(struct office *o);
struct finding check_private(struct office *o);
struct finding check_outbox(struct office *o);
struct finding check_disk(struct office *o);
struct finding check_drafts(struct office *o);
struct finding check_contexts(struct office *o);

#endif
