/* SPDX-License-Identifier: EUPL-1.2
 *
 * The dashboard's view of the broker: questions and acts over the control protocol, and the watch
 * that says when something has changed. The broker being away is a normal answer.
 *
 * Answers are kept for one pulse: however many viewers and screens ask the same, daftard is asked
 * once. */
#ifndef DAFTAR_DASHBOARD_BROKER_H
#define DAFTAR_DASHBOARD_BROKER_H

#include <event2/event.h>
#include <jansson.h>

#include "lib/base.h"

struct broker;

/* `changed' is called when the broker told of an event, or was lost or found again. */
struct broker *broker_new(struct event_base *base, const char *control,
	void (*changed)(void *context), void *context);
void broker_free(struct broker **b);

/* Whose questions and acts follow: the person logged in (sent as "as"), NULL: the dashboard's own
 * user. Answers are kept for each of them apart. */
void broker_speak_as(struct broker *b, const char *name);
/* Begins a new pulse when the last one is older than a second or the broker has changed: what was
 * lent before is gone. Never from within a screen. */
void broker_pulse(struct broker *b);
/* The answer to `verb', a loan until the next pulse; NULL when there is none, and *why (may be
 * NULL) is the error. Takes the reference `args', which may be NULL. Never blocks for more than 10
 * s. */
const json_t *broker_ask(struct broker *b, const char *verb, json_t *args, enum err *why);
/* A change. Takes `args'; *data (may be NULL) is a new reference. Forgets all answers. */
enum err broker_act(struct broker *b, const char *verb, json_t *args, json_t **data) MUST_USE;

#endif
