/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl check: findings, one a line, and the answers of the exchange that they are read off.
 * What could not be asked is NULL and makes no finding, but the one that says so. */
#ifndef DAFTAR_CTL_CHECK_H
#define DAFTAR_CTL_CHECK_H

#include "broker/ctl_command.h"

enum health { HEALTH_OK, HEALTH_WARN, HEALTH_FAIL };

struct asked {
	json_t *status, *expiring, *crls, *books, *changes, *alerts, *settings;
};

/* Adds a line to `out'; `next' is what to type, NULL: nothing. */
void finding(json_t *out, enum health h, const char *what, const char *next, const char *fmt, ...)
	PRINTF(5, 6);

/* ---- broker/ctl_check_store.c ---- */
void check_store(const struct asked *a, json_t *out);
/* ---- broker/ctl_waits.c: whom messages wait for since a restore ---- */
void check_waits(const struct asked *a, json_t *out);
/* ---- broker/ctl_check_trust.c ---- */
void check_trust(const struct asked *a, json_t *out);
/* ---- broker/ctl_check_files.c: on the exchange's own machine ---- */
void check_files(const struct asked *a, json_t *out);

#endif
