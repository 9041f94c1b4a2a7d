/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the gate's transport only: what its files share. */
#ifndef DAFTAR_TRANSPORT_GATE_PARTS_H
#define DAFTAR_TRANSPORT_GATE_PARTS_H

#include "lib/transport_crowd.h"
#include "lib/transport_lines.h"
#include "lib/transport_thin.h"

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_DOMAIN "daftar"

struct gate_socket {
	struct watch router, zap;
	struct event *sweep;
	struct gate_handlers h;
	struct admission *admission;
	struct crowd *crowd;
	struct lines *lines;
	struct thins *thins;
	bool paused;
	int64_t knocked; /* monotonic ms: when a stranger was told of last */
};

/* ---- lib/transport_zap.c ---- */
/* Before the ROUTER: a connection that finds no handler is refused, not asked again. E_IO. */
enum err gate_open_zap(struct gate_socket *g, struct event_base *base) MUST_USE;

#endif
