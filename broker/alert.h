/* SPDX-License-Identifier: EUPL-1.2
 *
 * Alerts: what an administrator is told of without asking. A look at the world begins
 * (alerts_begin), names whatever is wrong (alerts_found), and ends (alerts_end): what was named for
 * as long as its rule wants is raised, once for each subject; what was not named for as long as its
 * rule wants has ended. So nothing flaps. No clock, no store and no daemon here: whoever drives it
 * keeps what `keep' gives him (broker/store_alert.h) and puts it back with alerts_put. Never
 * personal data: subjects are codes of parties, fingerprints and words. */
#ifndef DAFTAR_ALERT_H
#define DAFTAR_ALERT_H

#include "broker/standing.h"

enum alert_rule {
#define ALERT_RULE(name, ...) name,
#include "broker/alert.def"
#undef ALERT_RULE
	ALERT_RULES
};

enum severity { SEVERITY_WARNING, SEVERITY_CRITICAL };
const char *severity_word(enum severity s); /* "warning", "critical" */

const char *alert_word(enum alert_rule r);
bool alert_parse(const char *word, enum alert_rule *out) MUST_USE;
const char *alert_sentence(enum alert_rule r); /* English, the key of its translations */
const char *alert_unit(enum alert_rule r);     /* what `n' counts; "": nothing */

#define ALERT_SUBJECT_SIZE 72
#define ALERTS_MAX 512			 /* raised at a time; what is found beyond is counted */
#define ALERTS_ENDED_MAX 128		 /* are remembered .. */
#define ALERT_MEMORY_MS (7 * 86400000ll) /* .. for so long */

struct alert {
	uint64_t number; /* from 1; 0: found, and not raised yet */
	enum alert_rule rule;
	enum severity severity;
	unsigned level; /* how bad within its rule; one that rises is news again */
	char subject[ALERT_SUBJECT_SIZE];
	uint64_t n;    /* alert_unit */
	int64_t when;  /* an instant that it is about, 0: none */
	int64_t since; /* ms UTC */
	int64_t ended; /* 0: it lasts */
	int64_t acked, muted_until;
	char acked_by[OFFICER_SIZE], muted_by[OFFICER_SIZE];
	/* Not kept. */
	int64_t seen, seen_level; /* the last look that found it, and found it this bad */
	bool unkept, was_muted, worse;
};

struct alert_mute {
	int64_t until; /* 0: none */
	char by[OFFICER_SIZE];
};

struct alerts {
	struct alert *list; /* in no order */
	size_t n;
	uint64_t last;	   /* number */
	uint64_t left_out; /* found in the last look, beyond ALERTS_MAX */
	int64_t now;
	struct alert_mute mute[ALERT_RULES];
};

enum alert_state { ALERT_FIRING, ALERT_ACKED, ALERT_MUTED, ALERT_ENDED };
const char *alert_state_word(enum alert_state s); /* "firing", "acked", "muted", "ended" */
enum alert_state alert_state(const struct alerts *a, const struct alert *x, int64_t now);
/* When the mute on it ends, its own or that of its rule; 0: there is none. */
int64_t alert_muted_until(const struct alerts *a, const struct alert *x, int64_t now);

void alerts_free(struct alerts *a); /* what it points to */
/* One that was kept, in order of number; `now' counts as its last look. */
void alerts_put(struct alerts *a, const struct alert *kept, int64_t now);

/* What watchers are told: "raised", "worse", "unmuted", "ended". */
struct alert_effects {
	void *context;
	void (*tell)(void *context, const char *what, const struct alert *x);
	/* Write it down; one that is dropped has done its time. */
	void (*keep)(void *context, const struct alert *x);
	void (*drop)(void *context, const struct alert *x);
};

struct alert_found {
	enum alert_rule rule;
	const char *subject; /* "": the exchange itself; cut at ALERT_SUBJECT_SIZE */
	unsigned level;
	bool critical; /* although its rule is a warning */
	uint64_t n;
	int64_t when;
};
void alerts_begin(struct alerts *a, int64_t now);
void alerts_found(struct alerts *a, const struct alert_found *f);
/* Something that happens rather than lasts: counted, raised with the next look, and over when it
 * has not happened again for as long as its rule wants. */
void alerts_happened(struct alerts *a, enum alert_rule rule, const char *subject, int64_t now);
void alerts_end(struct alerts *a, const struct alert_effects *fx);

/* NULL: there is none. */
struct alert *alerts_at(struct alerts *a, uint64_t number);
/* Somebody has seen it, or wants to hear nothing of it until then (0: wants to again). E_STATE: it
 * has ended. */
enum err alert_ack(struct alert *x, const char *by, int64_t now) MUST_USE;
enum err alert_mute(struct alert *x, const char *by, int64_t until) MUST_USE;
void alerts_mute_rule(struct alerts *a, enum alert_rule r, const char *by, int64_t until);
/* Of a rule, raised and not ended, acknowledged or not, but not muted. */
size_t alerts_lasting(const struct alerts *a, enum alert_rule r, enum severity s, int64_t now);
/* Of any rule, raised and not ended, acknowledged or muted. */
size_t alerts_firing(const struct alerts *a, enum severity s, int64_t now);

#endif
