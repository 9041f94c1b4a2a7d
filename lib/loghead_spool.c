/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a party's spool knows of the exchange's log, and what becomes of heads that do not fit when
 * a person has seen them. */
#include "lib/loghead.h"

#include <stdio.h>
#include <string.h>

#define ALARM_NAME 96

enum err
log_head_note(struct spool *s, struct buf *out)
{
	TRY(spool_fact(s, LOG_HEAD_FACT, out));
	return out->size > 0 ? E_OK : E_NOT_FOUND;
}

size_t
log_forks(struct spool *s)
{
	return spool_count_facts(s, LOG_FORKED_ALARMS);
}

struct first {
	char name[ALARM_NAME];
};

static bool
note_first(void *context, const char *key, struct bytes value)
{
	(void)value;
	snprintf(((struct first *)context)->name, ALARM_NAME, "%s", key);
	return false;
}

enum err
log_acknowledge(struct spool *s)
{
	struct first f = {""};
	char to[ALARM_NAME];
	enum err e;

	if (log_forks(s) == 0)
		return E_NOT_FOUND;
	for (; log_forks(s) > 0; f.name[0] = '\0') {
		TRY(spool_each_fact(s, LOG_FORKED_ALARMS, note_first, &f));
		if (f.name[0] == '\0')
			break;
		snprintf(to, sizeof to, "%s%s", LOG_FORKED_FACTS,
			f.name + strlen(LOG_FORKED_ALARMS));
		TRY(spool_move_fact(s, f.name, to));
	}
	e = spool_move_fact(s, LOG_HEAD_FACT, LOG_FORKED_FACTS "head");
	return e == E_NOT_FOUND ? E_OK : e;
}
