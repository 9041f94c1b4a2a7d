/* SPDX-License-Identifier: EUPL-1.2
 *
 * A register that wants a given name and a family name, and an extract whose name has neither: the
 * register's declared rule (codes.csv, list name-rule) fills the two columns, and the outcome tells
 * the other side what became of the name. */
#ifndef DAFTAR_NAMES_H
#define DAFTAR_NAMES_H

#include "adapters/driver.h"

struct entered_name {
	char *given;  /* may be "" */
	char *family; /* may be "" */
	char *full;   /* as authored */
	char *as;     /* how the register shows it: "Family, Given", or the authored text */
};

/* `script' is the register's own: the form in it is taken, else the authoritative one. */
void name_enter(
	const struct name *n, const char *rule, const char *script, struct entered_name *out);
void entered_name_clear(struct entered_name *n); /* wipes and frees */

/* A text that is too long for its place ends at the last whole character that fits. */
void made_fill(struct made *made, const char *number, const char *on, const char *as);

#endif
