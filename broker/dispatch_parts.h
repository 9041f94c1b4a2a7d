/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside dispatch (broker/dispatch*.c only). A lane has a source for each sender. Of one source at
 * most LANE_SHARE messages are in the window; what is more is passed by, and read when there is
 * room again, so that nobody's backlog keeps what others send from being seen. */
#ifndef DAFTAR_DISPATCH_PARTS_H
#define DAFTAR_DISPATCH_PARTS_H

#include "broker/dispatch.h"

#define LANE_WINDOW 4096
#define LANE_SHARE 512 /* of one source */
#define URGENT_WINDOW 64
#define URGENT_SHARE 16 /* of one source */
#define READ_AT_ONCE 32
#define READ_MOST 1024 /* in one turn */

struct offer {
	uint64_t seq;
	struct id conversation;
	size_t source;
	uint32_t size; /* of the message, octets */
	bool urgent;
	bool holds, releases;	      /* urgent: of one conversation the earlier first */
	struct offer *before, *after; /* of the same conversation, in this lane */
	struct peer *to;	      /* to whom it has been offered, NULL: to nobody now */
	uint32_t attempts;	      /* in all */
	uint32_t written;	      /* of these, in the store */
	unsigned tries;		      /* to this peer */
	int64_t due;		      /* not before, monotonic ms */
	int64_t offered;	      /* when last, monotonic ms */
	bool damaged;		      /* cannot be offered: to be told to the exchange */
	uint64_t number;	      /* of the last offer, of all that were made */
	unsigned against;	      /* offers that count against it (dispatch_suspect.c) .. */
	bool counted;		      /* .. so does the last one */
	uint64_t taken_before;	      /* that the lane had taken, when the first did */
	bool lost;		      /* its connection ended while it was under way .. */
	uint64_t lost_epoch;	      /* .. of this epoch */
	uint8_t lost_key[CURVE_KEY_SIZE];
};

struct source {
	struct party party;
	size_t n, n_urgent; /* in the two windows */
	uint64_t behind;    /* the first that was passed by, 0: none */
	uint64_t under_way; /* to the peer at hand */
};

struct lane {
	struct party party;
	struct offer *window[LANE_WINDOW]; /* in order of acceptance */
	size_t n;
	struct offer *urgent[URGENT_WINDOW]; /* of what stops a case, likewise */
	size_t n_urgent;
	bool more_urgent;
	struct source *source;
	size_t n_sources;
	uint64_t read_to;	/* the last seq that came into the window, or was passed by */
	bool more;		/* there may be more behind it */
	bool arrived, left;	/* something has, in the transaction that is open */
	bool wrote;		/* attempts, in the transaction that is open */
	uint64_t taken;		/* by its party, of what was offered since start */
	bool passed_aside;	/* something was left out, for it is behind what is set aside .. */
	uint64_t aside_changes; /* .. as of then */
};

struct dispatch {
	struct store *store;
	const struct exchange_effects *fx;
	struct lane **lanes;
	size_t n;
	uint64_t random;
	uint64_t offers;      /* made since start */
	unsigned aside_after; /* 0: never */
	dispatch_withholds *withholds;
	void *context;
	uint64_t *show; /* numbers that are to be shown before they are offered */
	size_t n_show, room_show;
	struct entry read[READ_AT_ONCE];
	struct buf message, receipt, extra;
};

/* ---- broker/dispatch_lane.c ---- */
void lane_free(struct lane *l);
void lane_empty(struct lane *l); /* to be read again from the first */
struct lane *lane_find(const struct dispatch *d, const struct party *party);
struct lane *lane_of(struct dispatch *d, const struct party *party);
void lane_remove(struct lane *l, size_t i);
void lane_read(struct dispatch *d, struct lane *l);
size_t lane_source(struct lane *l, const struct party *party);
/* Both windows as one, the urgent first. */
static inline size_t
lane_count(const struct lane *l)
{
	return l->n_urgent + l->n;
}
static inline struct offer *
lane_at(const struct lane *l, size_t i)
{
	return i < l->n_urgent ? l->urgent[i] : l->window[i - l->n_urgent];
}
void lane_drop(struct lane *l, size_t i); /* out of that */
/* False when it is in neither. */
bool lane_offer(const struct lane *l, uint64_t seq, size_t *i);
/* It is in the queue again, in its old place. */
void lane_return(struct lane *l, const struct entry *e);
/* An earlier one of its conversation was passed by. */
bool lane_passed(struct dispatch *d, const struct lane *l, const struct offer *o);
/* It is in its addressee's queue: perhaps once more, delivered and lost again by him. */
bool dispatch_waits(const struct dispatch *d, const struct entry *e);

/* ---- broker/dispatch_suspect.c ---- */
bool offer_is_suspect(const struct offer *o);
void suspect_lost(struct offer *o, const struct peer *p);
/* It lets others go first. */
bool suspect_waits(const struct offer *o, const struct peer *p, int64_t tick);
/* Nothing else is under way, and of the suspects it is the next. */
bool suspect_has_turn(const struct lane *l, const struct offer *o, const struct peer *p);
/* It is behind what is set aside: it has no place in the lane until something changes there. */
bool lane_is_behind_aside(struct dispatch *d, struct lane *l, const struct offer *o);
void lane_look_again(struct dispatch *d, struct lane *l);

/* ---- broker/dispatch_urgent.c ---- */
void urgent_read(struct dispatch *d, struct lane *l);
void urgent_remove(struct lane *l, size_t i);
void urgent_empty(struct lane *l);
/* One may be under way beyond what the peer allows, so that nothing stands before it. */
bool urgent_has_credit(const struct peer *p);
bool urgent_has_turn(const struct lane *l, const struct offer *o, const struct peer *p);

#endif
