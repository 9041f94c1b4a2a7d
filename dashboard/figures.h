/* SPDX-License-Identifier: EUPL-1.2
 *
 * A second, smaller door for machines: Prometheus and whoever starts and watches programs. On
 * loopback, without a login, and for looking only: GET /metrics, /healthz (daftard answers),
 * /readyz (it takes new messages), and nothing else. What they give holds no particular of a person
 * and no id. */
#ifndef DAFTAR_DASHBOARD_FIGURES_H
#define DAFTAR_DASHBOARD_FIGURES_H

#include <event2/event.h>

#include "lib/base.h"

struct figures;

/* Listens on 127.0.0.1:`port' and asks daftard at `control'. E_IO. */
enum err figures_open(
	struct event_base *base, int port, const char *control, struct figures **out) MUST_USE;
void figures_close(struct figures **f);

#endif
