/* SPDX-License-Identifier: EUPL-1.2
 *
 * Telling the service manager how we are: the protocol of sd_notify(3), without its library. */
#ifndef DAFTAR_NOTIFY_H
#define DAFTAR_NOTIFY_H

/* "READY=1", "STOPPING=1". Nothing happens when nobody asked (NOTIFY_SOCKET is not set). */
void notify_supervisor(const char *state);

#endif
