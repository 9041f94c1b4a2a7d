/* SPDX-License-Identifier: EUPL-1.2
 *
 * Starting our own helper processes: a socketpair as the child's file descriptor 3, standard error
 * kept, everything else closed; the child dies with its parent (PR_SET_PDEATHSIG). */
#ifndef DAFTAR_CHILD_H
#define DAFTAR_CHILD_H

#include "lib/base.h"

#define CHILD_FD 3

/* argv[0] is the program's path, the list ends with NULL. *fd is our end. E_IO. */
enum err child_start(char *const argv[], pid_t *pid, int *fd) MUST_USE;
/* Finds a helper program: next to the running program (build tree and same folder), in the sibling
 * folder `folder' of the build tree ("broker" or "../broker"), then in LIBEXECDIR/BINDIR.
 * malloc'ed; E_NOT_FOUND. */
enum err child_find(const char *name, const char *folder, char **path) MUST_USE;
/* The same for data (schemas): DAFTAR_SCHEMAS in the environment, ../schemas in the build or source
 * tree, then the installed SCHEMADIR. malloc'ed; NULL when there is none. */
char *schemas_find(void);
/* The folder of the translations (DAFTAR_LOCALE, beside the program, installed); malloc'ed, NULL:
 * there are none. */
char *locale_find(void);

#endif
