/* SPDX-License-Identifier: EUPL-1.2
 *
 * The life of an alert. Each is one row of the list, from the look that first finds it until its
 * memory has faded; a look only sets marks, and alerts_end draws the conclusions. */
#include "broker/alert.h"

#include <stdlib.h>
#include <string.h>

struct rule {
	const char *word;
	enum severity severity;
	int64_t hold, calm; /* ms */
	const char *unit, *sentence;
};

#define CRITICAL SEVERITY_CRITICAL
#define WARNING SEVERITY_WARNING
#define NO_UNIT ""
static const struct rule rules[ALERT_RULES] = {
#define ALERT_RULE(name, word, severity, hold, calm, unit, sentence)                               \
	[name] = {word, severity, hold * 1000ll, calm * 1000ll, unit, sentence},
#include "broker/alert.def"
#undef ALERT_RULE
};
#undef CRITICAL
#undef WARNING
#undef NO_UNIT

/* ---- words ---- */

const char *
severity_word(enum severity s)
{
	return s == SEVERITY_CRITICAL ? "critical" : "warning";
}

const char *
alert_word(enum alert_rule r)
{
	return rules[r].word;
}

bool
alert_parse(const char *word, enum alert_rule *out)
{
	for (enum alert_rule r = 0; word != NULL && r < ALERT_RULES; r++)
		if (strcmp(rules[r].word, word) == 0) {
			*out = r;
			return true;
		}
	return false;
}

const char *
alert_sentence(enum alert_rule r)
{
	return rules[r].sentence;
}

const char *
alert_unit(enum alert_rule r)
{
	return rules[r].unit;
}

const char *
alert_state_word(enum alert_state s)
{
	static const char *const words[] = {"firing", "acked", "muted", "ended"};

	return words[s];
}

/* ---- state ---- */

int64_t
alert_muted_until(const struct alerts *a, const struct alert *x, int64_t now)
{
	int64_t until = a->mute[x->rule].until;

	if (x->muted_until > until)
		until = x->muted_until;
	return until > now ? until : 0;
}

enum alert_state
alert_state(const struct alerts *a, const struct alert *x, int64_t now)
{
	if (x->ended != 0)
		return ALERT_ENDED;
	if (alert_muted_until(a, x, now) != 0)
		return ALERT_MUTED;
	return x->acked != 0 ? ALERT_ACKED : ALERT_FIRING;
}

size_t
alerts_firing(const struct alerts *a, enum severity s, int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += a->list[i].number != 0 && a->list[i].severity == s &&
		     alert_state(a, &a->list[i], now) == ALERT_FIRING;
	return n;
}

size_t
alerts_lasting(const struct alerts *a, enum alert_rule r, enum severity s, int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += a->list[i].number != 0 && a->list[i].ended == 0 && a->list[i].rule == r &&
		     a->list[i].severity == s && alert_muted_until(a, &a->list[i], now) == 0;
	return n;
}

struct alert *
alerts_at(struct alerts *a, uint64_t number)
{
	for (size_t i = 0; number != 0 && i < a->n; i++)
		if (a->list[i].number == number)
			return &a->list[i];
	return NULL;
}

enum err
alert_ack(struct alert *x, const char *by, int64_t now)
{
	if (x->ended != 0)
		return E_STATE;
	if (!copy_text(x->acked_by, sizeof x->acked_by, by))
		return E_USAGE;
	x->acked = now;
	x->unkept = true;
	return E_OK;
}

enum err
alert_mute(struct alert *x, const char *by, int64_t until)
{
	if (x->ended != 0)
		return E_STATE;
	if (!copy_text(x->muted_by, sizeof x->muted_by, by))
		return E_USAGE;
	x->muted_until = until;
	x->unkept = true;
	return E_OK;
}

void
alerts_mute_rule(struct alerts *a, enum alert_rule r, const char *by, int64_t until)
{
	a->mute[r] = (struct alert_mute){.until = until};
	memcpy(a->mute[r].by, by, strnlen(by, sizeof a->mute[r].by - 1));
}

/* ---- the list ---- */

void
alerts_free(struct alerts *a)
{
	free(a->list);
	*a = (struct alerts){.list = NULL};
}

static struct alert *
add(struct alerts *a)
{
	a->list = xrealloc(a->list, (a->n + 1) * sizeof *a->list);
	a->list[a->n] = (struct alert){.number = 0};
	return &a->list[a->n++];
}

static void
take_out(struct alerts *a, size_t i)
{
	memmove(&a->list[i], &a->list[i + 1], (a->n - i - 1) * sizeof *a->list);
	a->n--;
}

void
alerts_put(struct alerts *a, const struct alert *kept, int64_t now)
{
	struct alert *x = add(a);

	*x = *kept;
	x->seen = x->seen_level = now;
	x->unkept = false;
	x->was_muted = alert_muted_until(a, x, now) != 0;
	if (x->number > a->last)
		a->last = x->number;
}

static size_t
count_lasting(const struct alerts *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += a->list[i].ended == 0;
	return n;
}

static struct alert *
lasting(struct alerts *a, enum alert_rule rule, const char *subject)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->list[i].ended == 0 && a->list[i].rule == rule &&
			strncmp(a->list[i].subject, subject, ALERT_SUBJECT_SIZE - 1) == 0)
			return &a->list[i];
	return NULL;
}

/* The one of this rule and subject, or a new one; NULL when there are too many. */
static struct alert *
find(struct alerts *a, enum alert_rule rule, const char *subject, int64_t now)
{
	struct alert *x = lasting(a, rule, subject);

	if (x != NULL)
		return x;
	if (count_lasting(a) >= ALERTS_MAX) {
		a->left_out++;
		return NULL;
	}
	x = add(a);
	x->rule = rule;
	x->severity = rules[rule].severity;
	x->since = now;
	memcpy(x->subject, subject, strnlen(subject, ALERT_SUBJECT_SIZE - 1));
	return x;
}

/* ---- a look ---- */

void
alerts_begin(struct alerts *a, int64_t now)
{
	a->now = now;
	a->left_out = 0;
	for (size_t i = 0; i < a->n; i++)
		a->list[i].worse = false;
}

/* As bad as it was or worse counts at once; that it is less bad only when it stays so. */
static void
set_level(struct alert *x, const struct alert_found *f, int64_t now)
{
	if (f->level < x->level && now - x->seen_level < rules[x->rule].calm)
		return;
	x->unkept = x->unkept || f->level != x->level;
	x->level = f->level;
	x->severity = f->critical ? SEVERITY_CRITICAL : rules[x->rule].severity;
	x->seen_level = now;
}

void
alerts_found(struct alerts *a, const struct alert_found *f)
{
	struct alert *x = find(a, f->rule, f->subject, a->now);

	if (x == NULL)
		return;
	/* Worse than it was known to be: whoever has seen it has not seen this. */
	if (x->number != 0 && f->level > x->level) {
		x->acked = 0;
		x->acked_by[0] = '\0';
		x->worse = true;
	}
	set_level(x, f, a->now);
	x->n = f->n;
	x->when = f->when;
	x->seen = a->now;
}

void
alerts_happened(struct alerts *a, enum alert_rule rule, const char *subject, int64_t now)
{
	struct alert *x = find(a, rule, subject, now);

	if (x == NULL)
		return;
	x->n++;
	x->when = x->seen = x->seen_level = now;
	x->unkept = true;
}

/* ---- what comes of it ---- */

/* What is not raised yet has to be found by every look; what happened is raised with the next. */
static bool
is_over(const struct alerts *a, const struct alert *x)
{
	if (x->seen == a->now)
		return false;
	if (x->number == 0)
		return rules[x->rule].hold > 0;
	return a->now - x->seen >= rules[x->rule].calm;
}

static const char *
news_of(struct alerts *a, struct alert *x)
{
	bool muted = alert_muted_until(a, x, a->now) != 0;
	const char *what = NULL;

	if (x->number == 0 && a->now - x->since >= rules[x->rule].hold) {
		x->number = ++a->last;
		what = "raised";
	} else if (x->worse) {
		what = "worse";
	} else if (x->number != 0 && x->was_muted && !muted) {
		what = "unmuted";
	}
	x->was_muted = muted;
	x->worse = false;
	return what;
}

static void
conclude(struct alerts *a, struct alert *x, const struct alert_effects *fx)
{
	const char *what;

	if (x->ended != 0)
		return;
	if (is_over(a, x)) {
		x->ended = a->now;
		what = x->number != 0 ? "ended" : NULL;
	} else {
		what = news_of(a, x);
	}
	if (x->number == 0)
		return;
	if (what != NULL || x->unkept)
		fx->keep(fx->context, x);
	x->unkept = false;
	if (what != NULL)
		fx->tell(fx->context, what, x);
}

/* What went by before it was raised is forgotten at once, what has ended after a while. */
static void
forget(struct alerts *a, const struct alert_effects *fx)
{
	size_t ended = 0;

	for (size_t i = a->n; i-- > 0;) {
		const struct alert *x = &a->list[i];

		if (x->ended == 0)
			continue;
		if (x->number != 0 && ++ended <= ALERTS_ENDED_MAX &&
			a->now - x->ended < ALERT_MEMORY_MS)
			continue;
		if (x->number != 0)
			fx->drop(fx->context, x);
		take_out(a, i);
	}
}

void
alerts_end(struct alerts *a, const struct alert_effects *fx)
{
	for (size_t i = 0; i < a->n; i++)
		conclude(a, &a->list[i], fx);
	for (enum alert_rule r = 0; r < ALERT_RULES; r++)
		if (a->mute[r].until != 0 && a->mute[r].until <= a->now)
			a->mute[r] = (struct alert_mute){.until = 0};
	forget(a, fx);
}
