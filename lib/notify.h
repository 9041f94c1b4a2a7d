/* SPDX-License-Identifier: EUPL-1.2
 *
 * Telling the service manager how we are: the protocol of sd_notify(3), without its library. */
#ifndef DAFTAR_NOTIFY_H
#define DAFTAR_NOTIFY_H

#include "lib/base.h"

/* "READY=1", "STOPPING=1". Nothing happens when nobody asked (NOTIFY_SOCKET is not set). */
void notify_supervisor(const char *state);
/* We are well. A manager that has not heard it for so long (notify_within) starts us again. Nothing
 * happens where nobody watches. */
void notify_well(void);
/* WATCHDOG_USEC in ms; 0: not set, or for another process. */
int64_t notify_within(void);

#endif
