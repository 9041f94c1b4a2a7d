/* SPDX-License-Identifier: EUPL-1.2
 *
 * The adapter's configuration: its own settings and those of every driver in one table, and what
 * the core needs of them. */
#ifndef DAFTAR_SETTINGS_H
#define DAFTAR_SETTINGS_H

#include "adapters/driver.h"

/* The merged table, ended by a NULL name; built once. */
const struct setting *settings_table(void);
/* The driver that the setting names; NULL for a name that is none, said on standard error. */
const struct driver_kind *settings_driver(const struct conf *c);
/* Everything that can be wrong beside a single value: words of closed lists, party codes, days.
 * E_CONFIG, each fault said on standard error with the setting's name. */
enum err settings_check(const struct conf *c) MUST_USE;

#endif
