/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the dashboard shows, taken from the control protocol's JSON and turned into HTML. Everything
 * that comes from outside goes through html_text. Codes, ids and times only: the broker knows no
 * personal data, so none can be shown. */
#ifndef DAFTAR_DASHBOARD_VIEW_H
#define DAFTAR_DASHBOARD_VIEW_H

#include <jansson.h>

#include "lib/buf.h"

/* The newest messages: the "messages" list of message.list or NULL. */
void view_messages(struct buf *out, const json_t *messages);
/* The block of answers on top, which a live update replaces as a whole. */
void view_answers(struct buf *out, const json_t *status, const char *why);
/* One message with its timeline: a table row whose id is "m-" and the message id. */
void view_message(struct buf *out, const json_t *message);
/* A page of one sentence, for errors and after the session has ended. */
void view_notice(struct buf *out, const char *title, const char *sentence);

/* Text with &, <, > and quotes escaped and control and bidi characters made visible. */
void html_text(struct buf *out, const char *text);

extern const char style_css[];
extern const char live_js[];

#endif
