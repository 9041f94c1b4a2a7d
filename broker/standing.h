/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may speak, as the exchange's own officers have decided it: the standing of a party, the
 * certificates that are not accepted here any more, and the changes of all this, of which some wait
 * for a second officer. The trust list says who belongs to the realm; an officer can only take
 * away from that here, until a list says it too. */
#ifndef DAFTAR_STANDING_H
#define DAFTAR_STANDING_H

#include "lib/act.h"
#include "lib/id.h"

#define REASON_SIZE 201 /* printable ASCII, and a NUL */
#define OFFICER_SIZE 33 /* name of a user of this system, and a NUL */
#define CHANGE_SUBJECT_SIZE 129
#define CHANGE_LIFE_MS (24 * 3600 * INT64_C(1000))

enum standing {
	STANDING_GOOD,
	STANDING_SUSPENDED, /* connected and heard, but brings nothing new and is given nothing */
	STANDING_CUT,	    /* no octet of it is taken */
	STANDING_N
};
const char *standing_word(enum standing s); /* "good", "suspended", "cut" */

/* Not empty, at most 200 octets, printable ASCII: it goes into logs. */
bool reason_is_fit(const char *text);

/* Why it is so, of a party or of a certificate. */
struct decision {
	enum standing standing;			     /* of a certificate always STANDING_CUT */
	int64_t since;				     /* ms UTC */
	char by[OFFICER_SIZE], second[OFFICER_SIZE]; /* the second only where two were needed */
	char reason[REASON_SIZE];
};

enum change_kind {
	CHANGE_CUT,
	CHANGE_SUSPEND,
	CHANGE_RESUME,
	CHANGE_TRUST,  /* another trust list */
	CHANGE_REVOKE, /* of a certificate, at this exchange */
	/* numbers on disk: append only */
	CHANGE_WAIVE,	      /* a party is served uncompared */
	CHANGE_LEGAL_HOLD,    /* a body is kept */
	CHANGE_LEGAL_RELEASE, /* and no longer */
	CHANGE_PURGE,	      /* a body is dropped */
	CHANGE_HOLD,	      /* a message is set aside by hand .. */
	CHANGE_RELEASE,	      /* .. offered again .. */
	CHANGE_RETRY,	      /* .. tried again .. */
	CHANGE_RETURN,	      /* .. given back to its sender .. */
	CHANGE_DISCARD,	      /* .. or dropped, all of a filter */
	CHANGE_CLOSE,	      /* of a corridor */
	CHANGE_OPEN,
	CHANGE_DRAIN, /* nothing new is taken, or is again */
	CHANGE_ACK,   /* of an alert */
	CHANGE_MUTE,
	CHANGE_UNMUTE,
	CHANGE_SETTINGS, /* another configuration is in force */
	CHANGE_LOG_LEVEL,
	CHANGE_N
};
const char *change_kind_word(enum change_kind k); /* "cut", "suspend", ... */

enum change_state { CHANGE_WAITS, CHANGE_DONE, CHANGE_REJECTED, CHANGE_LAPSED, CHANGE_STATES };
const char *change_state_word(enum change_state s); /* "waits", "done", "rejected", "lapsed" */

/* What an officer wanted, and what became of it. Kept for ever. */
struct change {
	uint64_t number; /* from 1 */
	enum change_kind kind;
	enum change_state state;
	struct party party;   /* empty for a trust list */
	struct digest digest; /* of the certificate or of the trust list; zero for a party */
	uint64_t version;     /* of the trust list */
	int64_t proposed;     /* ms UTC; lapses CHANGE_LIFE_MS later */
	int64_t decided;      /* 0: not yet */
	uint32_t by_uid, second_uid;
	char by[OFFICER_SIZE], second[OFFICER_SIZE];
	char reason[REASON_SIZE];
	char subject[CHANGE_SUBJECT_SIZE]; /* of kinds without a party: ids, codes, settings */
	/* Where its leaves stand in the log, plus one: of the wish and of the end. The same one
	 * where nobody had to wait; 0: it is from before changes had leaves, or has not ended. */
	uint64_t leaf, end_leaf;
};

/* What the log says of it; `wish': how it began, not how it ended. */
void change_act(const struct change *c, bool wish, struct leaf_act *out);

/* Which standings a change leads away from. */
bool change_leads_from(enum change_kind kind, enum standing now) MUST_USE;
/* May this user approve it now? E_STATE (it does not wait any more), E_OFFICER (he proposed it). */
enum err change_may_approve(const struct change *c, uint32_t uid, int64_t now) MUST_USE;

#endif
