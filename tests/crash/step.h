/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the small program that takes one step: what its parts share. */
#ifndef DAFTAR_CRASH_STEP_H
#define DAFTAR_CRASH_STEP_H

#include "broker/store.h"
#include "lib/spool.h"
#include "lib/trust.h"

#define STEP_REFUSED 10 /* exit status: a code was returned, and nothing was begun */
#define STEP_WRONG 20	/* exit status of a judgement */
#define STEP_MAP ((size_t)4 << 20)

struct scenario {
	const char *name;
	void (*prepare)(void); /* makes what the step finds; may be NULL */
	void (*run)(void);     /* the step; the same again after it was cut off */
	void (*judge)(void);   /* after a run that went well */
};
extern const struct scenario store_scenarios[], party_scenarios[];

/* HOME is what the step changes, BASE a realm and messages that it only reads. */
extern const char *step_home, *step_base;
char *in_home(const char *name);
char *in_base(const char *name);
/* Ends the program, a refusal, unless all is well. */
void step_try(enum err e, const char *what);
/* Ends the program, a wrong result, unless it is true. */
void must(bool true_, const char *fmt, ...) PRINTF(2, 3);
/* Written when, and only when, somebody may now rely on it. */
void acknowledge(const char *what, const char *more);
/* Calls `each' with every line that was acknowledged, also before a crash. */
void each_acknowledged(void (*each)(const char *what, const char *more));
struct trust *step_trust(void);
void read_base(const char *name, struct buf *out);

#endif
