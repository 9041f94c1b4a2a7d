/* SPDX-License-Identifier: EUPL-1.2
 *
 * Several offices, or a realm to learn in, on one computer: each is a folder with a name, a
 * context. They stand in "contexts" of the folder in which an office without a name stands; the
 * file "context" beside them holds the name of the one in use. */
#ifndef DAFTAR_LIAISON_CONTEXT_H
#define DAFTAR_LIAISON_CONTEXT_H

#include "liaison/daftar.h"

#define CONTEXT_SIZE 33
#define CONTEXT_DEFAULT "default" /* the office without a name */

/* Where contexts are kept, malloc'ed. */
char *context_root(void);
/* Letters, digits, dots, dashes and underscores, up to 32; no dot in front. */
bool context_name_ok(const char *name);
/* The home of a context, malloc'ed, whether there is one or not. */
char *context_home(const char *name);
/* The name in use: --context, DAFTAR_CONTEXT or what `context use' has kept; "default" without.
 * False: a home is named instead (--home or DAFTAR_HOME). */
bool context_now(const struct options *o, char out[CONTEXT_SIZE]);
/* Calls `each' for every context. */
typedef void context_visit(void *context, const char *name, const char *home);
void context_each(context_visit *each, void *context);

#endif
