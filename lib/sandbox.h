/* SPDX-License-Identifier: EUPL-1.2
 *
 * Cutting a process down to the one sentence that describes it: no_new_privs, no core dumps,
 * rlimits, Landlock for files, seccomp for the rest. Set-up that fails is E_SANDBOX and the program
 * does not go on. Each then proves it from inside: it tries what it must not be able to do. */
#ifndef DAFTAR_SANDBOX_H
#define DAFTAR_SANDBOX_H

#include "lib/base.h"

struct sandbox {
	const char *write_beneath[6]; /* folders and files that stay usable; NULL ends the list */
	const char *read_beneath[6];
	bool network;	      /* sockets may be made */
	bool helpers;	      /* programs beneath read_beneath may be started, and signalled */
	size_t memory;	      /* RLIMIT_AS in bytes, 0: not limited (sanitizers need that) */
	unsigned cpu_seconds; /* RLIMIT_CPU, 0: not limited */
};

/* Under AddressSanitizer the memory limit is left out; everything else holds. */
enum err sandbox_enter(const struct sandbox *s) MUST_USE;
/* Tries to open /etc/passwd, to make a socket (unless allowed), to exec. E_SANDBOX if any works. */
enum err sandbox_prove(const struct sandbox *s) MUST_USE;

#endif
