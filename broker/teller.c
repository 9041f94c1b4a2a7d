/* SPDX-License-Identifier: EUPL-1.2
 *
 * News is the difference between what is and what was told. An alert that somebody has seen or
 * muted before it was told is none; one that came and went while nobody told anything is. */
#include "broker/teller.h"

#include <stdlib.h>
#include <string.h>

const char *
channel_word(enum channel_kind k)
{
	static const char *const words[CHANNELS] = {"mail", "webhook", "command"};

	return words[k];
}

void
teller_free(struct teller *t)
{
	free(t->told);
	*t = (struct teller){.told = NULL};
}

/* ---- reading an alert ---- */

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

static uint64_t
id_of(const json_t *alert)
{
	return strtoull(text_of(alert, "id"), NULL, 10);
}

static enum severity
severity_of(const json_t *alert)
{
	return strcmp(text_of(alert, "severity"), "critical") == 0 ? SEVERITY_CRITICAL
								   : SEVERITY_WARNING;
}

static bool
is_in_state(const json_t *alert, const char *state)
{
	return strcmp(text_of(alert, "state"), state) == 0;
}

static bool
is_routed(const struct route *r, const json_t *alert)
{
	if (severity_of(alert) < r->least)
		return false;
	for (size_t i = 0; i < r->n_rules; i++)
		if (strcmp(r->rules[i], text_of(alert, "rule")) == 0)
			return true;
	return r->n_rules == 0;
}

static struct told *
find(const struct teller *t, const json_t *alert)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->told[i].id == id_of(alert) &&
			strcmp(t->told[i].since, text_of(alert, "since")) == 0)
			return &t->told[i];
	return NULL;
}

/* ---- what is news ---- */

static const char *
news_of_ended(
	const struct teller *t, const struct route *r, const json_t *alert, const struct told *told)
{
	if (!r->endings && told != NULL)
		return NULL;
	/* It came and went unseen. */
	if (told == NULL && t->begun && id_of(alert) > t->last && is_routed(r, alert))
		return "ended";
	return told != NULL ? "ended" : NULL;
}

static const char *
news_of(const struct teller *t, const struct route *r, const json_t *alert, int64_t now)
{
	const struct told *told = find(t, alert);

	if (is_in_state(alert, "ended"))
		return news_of_ended(t, r, alert, told);
	if (!is_in_state(alert, "firing") || !is_routed(r, alert))
		return NULL;
	if (told == NULL)
		return "firing";
	if (severity_of(alert) > told->severity)
		return "worse";
	return r->repeat != 0 && now - told->at >= r->repeat ? "reminder" : NULL;
}

json_t *
teller_news(const struct teller *t, const struct route *r, const json_t *alerts, int64_t now)
{
	json_t *list = json_array();
	const json_t *alert;
	size_t i;

	json_array_foreach(alerts, i, alert)
	{
		const char *news = r->on ? news_of(t, r, alert, now) : NULL;
		json_t *item;

		if (news == NULL)
			continue;
		item = json_copy((json_t *)(uintptr_t)alert);
		if (item == NULL || json_object_set_new(item, "news", json_string(news)) != 0 ||
			json_array_append_new(list, item) != 0)
			die("memory");
	}
	return list;
}

/* ---- what was told ---- */

static void
note(struct teller *t, const json_t *alert, int64_t now)
{
	struct told *told = find(t, alert);

	if (told == NULL) {
		t->told = xrealloc(t->told, (t->n + 1) * sizeof *t->told);
		told = &t->told[t->n++];
		*told = (struct told){.id = id_of(alert)};
		if (!copy_text(told->since, sizeof told->since, text_of(alert, "since")))
			told->since[0] = '\0';
	}
	told->severity = severity_of(alert);
	told->at = now;
}

static void
forget(struct teller *t, size_t i)
{
	t->told[i] = t->told[--t->n];
}

/* What has ended, or is not known any more, is not remembered. */
static void
forget_ended(struct teller *t, const json_t *alerts)
{
	for (size_t k = t->n; k-- > 0;) {
		const json_t *alert;
		bool lasts = false;
		size_t i;

		json_array_foreach(alerts, i, alert)
		{
			lasts = lasts ||
				(!is_in_state(alert, "ended") && find(t, alert) == &t->told[k]);
		}
		if (!lasts)
			forget(t, k);
	}
}

void
teller_told(struct teller *t, const json_t *news, const json_t *alerts, int64_t now)
{
	const json_t *alert;
	uint64_t last = 0;
	size_t i;

	json_array_foreach(news, i, alert)
	{
		if (!is_in_state(alert, "ended"))
			note(t, alert, now);
	}
	json_array_foreach(alerts, i, alert)
	{
		if (id_of(alert) > last)
			last = id_of(alert);
	}
	if (json_array_size(alerts) > 0 && last > 0)
		t->last = last;
	t->begun = true;
	forget_ended(t, alerts);
}
