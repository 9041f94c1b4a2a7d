/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is wrong in a world: facts in, findings out (alerts_found). Whoever gathers the facts
 * (broker/daftard_alert.c, and the tests) sets everything; nothing is asked here, so each rule can
 * be tried at its edge. */
#ifndef DAFTAR_ALERT_RULES_H
#define DAFTAR_ALERT_RULES_H

#include "broker/alert.h"

/* Of daftard.conf, in ms or percent; 0 switches a rule off. */
struct alert_limits {
	int64_t stuck;	  /* a message waits for its addressee */
	int64_t deadline; /* before the end of its time */
	int64_t silence;  /* the least that is one */
	unsigned fill;	  /* percent of the store */
	int64_t forecast; /* before it is full */
	int64_t backup;	  /* since the last one */
};

struct alert_party {
	const char *code;
	bool out;	    /* cut off or suspended */
	bool reconciling;   /* has not compared books since a restore */
	uint64_t differing; /* messages, of the last comparison */
	uint64_t queued;
	int64_t oldest;	       /* of those, when it was accepted; 0: none */
	int64_t silent, usual; /* ms; silent 0: it speaks, or was never heard */
	int64_t heard;	       /* ms UTC */
};

struct alert_road { /* what is near its end, from one party to another */
	const char *from, *to;
	uint64_t n;
	int64_t soonest;
};

struct alert_ending {
	const char *subject; /* "" for the trust list */
	int64_t until;
	unsigned days; /* the threshold that it is within: 90, 30, 7; 0: it has ended */
};

struct alert_world {
	int64_t now;
	bool not_ready, full, clock_behind, log_differs, draining;
	bool scrub_damaged, scrub_failed;
	uint64_t damaged; /* messages */
	uint64_t aside, held, changes, too_old;
	unsigned fill;	   /* percent */
	int64_t full_at;   /* at the last day's rate, 0: never */
	int64_t backup_at; /* or the first look, where there is none */
	const struct alert_party *party;
	size_t n_parties;
	const struct alert_road *road;
	size_t n_roads;
	const struct alert_road
		*undecided; /* what was taken, near the end of its addressee's days */
	size_t n_undecided;
	const struct alert_ending *ending;
	size_t n_endings;
};

void alert_rules_look(
	const struct alert_world *w, const struct alert_limits *l, struct alerts *out);

/* The pause of a party has ended: what is usual for it from now on. */
int64_t alert_usual(int64_t usual, int64_t pause);
/* A day has passed. */
int64_t alert_usual_fades(int64_t usual);
/* The pause that is too long. */
int64_t alert_too_silent(const struct alert_limits *l, int64_t usual);

/* Is what was accepted then and is due then near its end? What has a short life is near in the last
 * quarter of it. */
bool alert_is_near(const struct alert_limits *l, int64_t accepted, int64_t due, int64_t now);

#endif
