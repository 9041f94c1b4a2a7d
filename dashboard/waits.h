/* SPDX-License-Identifier: EUPL-1.2
 *
 * After a restore of the exchange: which parties messages wait for, and whom to call. */
#ifndef DAFTAR_DASHBOARD_WAITS_H
#define DAFTAR_DASHBOARD_WAITS_H

#include "dashboard/page.h"

/* Must somebody be called? `answer': of status or message.show. */
bool waits_need_a_call(const json_t *answer);
/* A list of them, each with what has to happen; nothing when nothing waits so. */
void put_waits(struct page *p, const json_t *answer);

#endif
