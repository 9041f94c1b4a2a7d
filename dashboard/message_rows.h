/* SPDX-License-Identifier: EUPL-1.2
 *
 * How messages are shown wherever they are listed: codes, ids and times, nothing of what is inside
 * them. For the screens of this folder. */
#ifndef DAFTAR_DASHBOARD_MESSAGE_ROWS_H
#define DAFTAR_DASHBOARD_MESSAGE_ROWS_H

#include "dashboard/page.h"

/* Number, kind, way, state, age, deadline: of a row of message.list. */
extern const struct column message_columns[];
/* A whole table of such rows, live; `empty' stands there when there is none. `mark' begins the ids
 * of its rows: no two tables of a page have the same, for a message may stand in both. */
void message_table(struct page *p, const char *id, char mark, const char *caption,
	const struct column *columns, const json_t *messages, const char *empty);
/* The way back to the head of a list, where the address has a cursor. */
void newest_again(struct page *p, const char *words, const char *cursor);

/* What stands below a table without rows; a live part, which goes when the first row comes. */
void empty_below(struct page *p, const char *table, bool is_empty, const char *words);

/* The tracking number, as a link to the message's page. */
void message_link(struct page *p, const json_t *message);
/* "KE.CRS -> SO.NIRA", the arrow in reading direction. */
void message_way(struct page *p, const json_t *message);
/* The stage, and what keeps it from going on: set aside, held, stopped; and its code. */
void message_state(struct page *p, const json_t *message);
void message_kind(struct page *p, const json_t *message);
/* How long ago it was accepted. */
void message_age(struct page *p, const json_t *message);
/* The kind in words, e.g. "Request" for TranscriptionRequest; an unknown one as it is. */
const char *action_words(const char *action);
/* Into the arguments of a list what the address says of this filter; codes in capitals. */
void filter_arg(json_t *args, const struct page *p, const char *name);
/* The answer to a list with filters; one that is not understood is told in words. NULL: told. */
const json_t *filtered_ask(struct page *p, const char *verb, json_t *args);
/* When it was accepted, ms UTC; 0: unknown. */
int64_t message_accepted(const json_t *message);
/* Does it still wait for something? */
bool message_is_open(const json_t *message);

/* Choices of filters: the values, and N_() words beside them. */
extern const char *const action_values[], *const action_names[];
extern const char *const stage_values[], *const stage_names[];
extern const char *const state_values[], *const state_names[];

#endif
