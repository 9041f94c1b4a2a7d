/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftar-dashboard's configuration, read and checked. */
#ifndef DAFTAR_DASHBOARD_SETTINGS_H
#define DAFTAR_DASHBOARD_SETTINGS_H

#include "dashboard/page.h"
#include "dashboard/server.h"
#include "lib/conf.h"

extern const struct setting dashboard_settings[];

/* Fills `out', whose texts are loans of `c'. What is wrong was written to standard error: E_CONFIG
 * or the error of a file. */
enum err settings_read(const struct conf *c, struct server_settings *out) MUST_USE;
void settings_free(struct server_settings *s);

#endif
