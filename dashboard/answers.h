/* SPDX-License-Identifier: EUPL-1.2
 *
 * The four questions of the first page: is it working, is anything waiting too long, does anything
 * expire, do the books agree. What is wrong is what the broker's alerts say: there is one truth. */
#ifndef DAFTAR_DASHBOARD_ANSWERS_H
#define DAFTAR_DASHBOARD_ANSWERS_H

#include "dashboard/page.h"

/* Four cards, each a live part. `alerts': those of alert.list, or NULL. */
void put_answers(struct page *p, const json_t *status, const json_t *alerts);
/* What an alert says, in the viewer's language, and of whom. */
void answer_alert_words(struct page *p, const json_t *alert);

#endif
