/* SPDX-License-Identifier: EUPL-1.2
 *
 * The dashboard's view of the broker: questions over the control protocol, and the watch that says
 * when something has changed. The broker being away is a normal answer. */
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
/* New references; NULL when the broker does not answer, and *why is the code then. */
json_t *broker_status(struct broker *b, enum err *why);
json_t *broker_messages(struct broker *b, int limit);

#endif
