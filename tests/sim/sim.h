/* SPDX-License-Identifier: EUPL-1.2
 *
 * The simulator's world: nodes (a broker, two registries, an officer's office, and twins of them),
 * each with a disk, a clock and at most one process, on one virtual time line. A *process* is the
 * real code; what it would ask of the machine (time, chance, disk, network, loop, register) it gets
 * from here, and at any of these places it may be made to die.
 *
 * Everything happens in events, one after the other; whatever is left to chance is drawn from the
 * seed. So a seed is a whole history, octet for octet.
 *
 *	world.c    time, chance, events, processes that die
 *	machine.c  what stands in the libraries' place: clocks, random numbers, loops, sockets
 *	thin.c     seals, encryption and examination without the mathematics
 *	realm.c    keys, trust list, requests
 *	broker.c   daftard's loop around the real exchange and store
 *	party.c    the adapter's loop around the real link, core and spool
 *	officer.c  the officer, and a registrar's hold
 *	operator.c what people do at the exchange
 *	register.c a national register
 *	network.c  connections between them
 *	fault.c    what goes wrong, when
 *	history.c  what was promised to whom, and whether it was kept
 *	consents.c what was promised about consents
 *	ends.c     what was promised about ends, over a restore of the exchange
 *	backlog.c  a registry that was away for thirty days */
#ifndef DAFTAR_SIM_H
#define DAFTAR_SIM_H

#include <setjmp.h>

#include "adapters/core.h"
#include "broker/exchange.h"
#include "lib/link.h"
#include "tests/sim/disk.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define SIM_START INT64_C(1795507200000) /* 2026-11-24T08:00:00Z */
#define NODES_MAX 12

enum seat { PLACE_BROKER, PLACE_KENYA, PLACE_SOMALIA, PLACE_OFFICE, PLACES };

/* ---- faults ---- */

enum fault {
#define FAULT(name, word) name,
#include "tests/sim/fault.def"
#undef FAULT
	FAULTS
};
const char *fault_word(enum fault f);

/* ---- nodes ---- */

struct event_list;

struct node {
	enum seat place;
	const char *name;
	char folder[96]; /* of its disk */
	bool up;	 /* its process runs */
	int64_t paused;	 /* it runs, but gets no time before (SIGSTOP) */
	bool retired;	 /* fenced off: is never started again */
	bool twin;
	unsigned pid;	/* of the process; never the same twice */
	unsigned life;	/* counts processes; what was meant for an earlier one is dropped */
	int64_t skew;	/* of its clock, ms */
	int64_t frozen; /* its clock stands still at this instant; -1: it runs */
	/* Dies at the n-th place from now where it could; -1: not. */
	int dies_in;
	/* Filled with so many percent of its map that nobody knows of. */
	unsigned filled;
	/* The process of a broker. */
	struct store *store;
	struct exchange *exchange;
	struct store_txn *txn;
	bool closing; /* the end of the group is under way to the loop */
	/* The process of a party. */
	struct spool *spool;
	struct link *link;
	struct core *core;
	struct event *loop; /* of its event loop, all */
	int64_t work_at;    /* when the core is called next, 0: not */
	peer_no line;	    /* its connection, 0: none */
};

/* ---- the world ---- */

struct register_;

struct world {
	uint64_t seed;
	uint64_t random;
	int64_t now; /* true time, ms UTC */
	struct node node[NODES_MAX];
	size_t nodes;
	double chance[FAULTS];	/* of this seed; 0: this fault does not happen */
	uint64_t count[FAULTS]; /* how often it did */
	bool healed;		/* nothing goes wrong any more */
	bool rewound;		/* a disk was put back to an old state */
	bool store_back;	/* the exchange's was, and it does not run yet */
	bool lost_ends;		/* and it does */
	bool trace;
	bool backlog; /* the scenario of backlog.c */
	char folder[64];
	uint64_t events, frames, filed, delivered, entered;
};
extern struct world world;

/* ---- world.c ---- */

void world_begin(uint64_t seed, bool trace);
void world_end(void);
/* The node whose code runs now; NULL between events. */
extern struct node *acting;
uint64_t chance(uint64_t n); /* 0 .. n-1 */
bool happens(double probability);
/* The fault happens here and now: counted. */
bool strikes(enum fault f);
int64_t between(int64_t least, int64_t most);

typedef void event_action(struct node *n, void *what);
/* Runs `action' at now + delay in the node's present life, or in any (NULL node). `what' is freed
 * with free() afterwards, run or not. */
void after(int64_t delay, struct node *n, event_action *action, void *what);
/* Runs events until `end' or until nothing is left. */
void run_until(int64_t end);
/* Runs this code as the node; it may die in there. False: it did. */
bool as_node(struct node *n, event_action *action, void *what);
/* A place where the acting node may die. `f' is counted when it does. */
void may_die(enum fault f);
/* Such a place that would be met too seldom: it has a likelihood of its own besides. */
void strikes_dead(enum fault f);
void dies(void) NORETURN; /* the acting process */
int64_t node_clock(const struct node *n);

void tell(const char *fmt, ...) PRINTF(1, 2); /* a line of the trace */
/* The promise that was broken: says so, with the seed, and ends the process. */
void broken(const char *promise, const char *fmt, ...) NORETURN PRINTF(2, 3);

/* ---- realm.c ---- */

void realm_make(void); /* once */
extern struct trust *the_trust;
const struct identity *identity_of(enum seat p, bool sign);
struct party party_at(enum seat p);
enum seat place_of(const struct party *p);
const uint8_t *curve_of(enum seat p);
enum err the_signer(void *context, uint64_t size, const struct digest *root, struct buf *out);
/* The pair's secret, as the core asks for it. */
enum err the_secret(void *context, const struct party *other, uint8_t out[32]);
/* The office's consent token: id, case, registries and life are the caller's. */
void token_make(struct consent_token *t, struct buf *element);
/* A signed request for the entry with this number; `created' and the node's own numbering are the
 * caller's. */
void request_make(struct header *h, struct bytes token, const char *number, struct buf *out);
/* What stops a case, as h->purpose says. */
void cancellation_make(struct header *h, struct bytes token, struct buf *out);

/* ---- thin.c ---- */

void thin_begin(void); /* of a seed */

/* What an examiner would say, without the XML. */
void thin_examine(struct bytes message, const struct party *peer, const struct party *self,
	int64_t now, struct verdict *out);

/* ---- machine.c ---- */

void machine_begin(void);	/* of a seed */
void loop_drop(struct node *n); /* its process is dead: so are its timers */
/* How its connection tells a party's process. */
struct peer_socket;
void socket_hear(struct node *n, const struct bytes *frame, size_t count);
void socket_up(struct node *n);
extern bool machine_expects_death;

/* ---- broker.c ---- */

void broker_start(struct node *n);
void broker_stop(struct node *n);
enum err broker_restored(struct node *n) MUST_USE; /* its disk is an old copy */
void broker_dead(struct node *n);		   /* after it died: what it held is let go */
void broker_hear(
	struct node *n, peer_no line, enum seat from, const struct bytes *frame, size_t count);
void broker_line_gone(struct node *n, peer_no line);
struct store_txn *broker_group(struct node *n); /* the open one; it ends soon */

/* ---- party.c ---- */

void party_start(struct node *n);
void party_stop(struct node *n);
void party_dead(struct node *n);
void party_wake(struct node *n);
/* The registrar compares register and spool, and mends, as soon as that is possible. */
void party_compares_register(enum seat p);

/* ---- officer.c ---- */

void officer_begin(void);
void officer_files(struct node *none, void *what);
void officer_stops(struct node *none, void *what); /* withdraws, holds or releases a case */
void officer_goes_wrong(struct node *none, void *what);
void officer_restored(void); /* its spool is an old copy: what it stopped is stopped again */
void officer_releases(void); /* everything that is held */

/* ---- operator.c ---- */

void operator_does(enum fault f); /* sets aside, returns, closes, drains; takes it back later */
/* After so many ms something that waits is set aside, or two officers end what stands so. */
void operator_sets_aside(int64_t delay);
void operator_returns(int64_t delay);
void operator_heals(void); /* puts everything back */

/* ---- register.c ---- */

extern const struct driver_kind register_kind;
void registers_begin(void);
struct register_copy;
struct register_copy *register_hold(enum seat p);
void register_put(enum seat p, struct register_copy **copy);
void register_drop(struct register_copy **copy);
/* How often a record stands in it, and by which message it was brought. */
size_t register_entries(enum seat p, const struct digest *key, struct id *message);
size_t register_size(enum seat p);

/* ---- network.c ---- */

void network_begin(void);
void network_want_line(struct node *n); /* the node's process is there: connect it */
enum seat network_seat(peer_no line);	/* who is at its end; PLACES: nobody */
void network_cut(struct node *n);	/* its line breaks now */
void network_cut_all(void);		/* the broker is gone */
bool network_send(struct node *from, peer_no line, const struct bytes *frame, size_t count);
void network_partition(struct node *n, int64_t ms, bool up, bool down);
void network_heal(void);

/* ---- fault.c ---- */

void faults_choose(void);	/* how likely each is in this seed */
void faults_window(int64_t ms); /* arranges what goes wrong in the next ms */
void faults_heal(void);
void node_start(struct node *n);
void node_stop(struct node *n);
void node_dead(struct node *n);	   /* it died: bury, and start again later */
struct node *node_at(enum seat p); /* the one that is not retired */

/* ---- backlog.c ---- */

void backlog(uint64_t n);
void backlog_taken(const struct header *h);
void backlog_settle(struct node *n);

/* ---- history.c ---- */

void history_begin(void);
void history_end(void); /* after everything was healed and had its time: the last checks */
/* Nothing is left to be done, but, later, by time alone. */
bool history_settled(char *why, size_t size, bool *later);
void saw_frames_leave(const struct bytes *frame, size_t count); /* from a party */
void saw_frame_from_broker(struct node *broker, peer_no line, const struct wire *w);
void saw_event(const char *what, const struct entry *e);
void saw_entry(enum seat p, const struct digest *key, const struct id *message);

/* ---- consents.c ---- */

void consents_begin(void);
void consents_filed(const struct header *h); /* perhaps: before it is durable */
void consents_accepted(const struct entry *e);
void consents_ended(const struct entry *e, enum stage end);
void consents_offered(struct node *broker, const struct header *h);
void consents_frame(struct node *broker, enum seat to, const struct wire *w); /* any other */
void consents_settled(enum seat p, const struct header *h, enum stage stage, const char *code);
void consents_entered(enum seat p, const struct id *message);
void consents_told(const struct out_entry *o); /* at the end */
/* It is stopped for good: if it was offered and never arrived, or rests in a case that was
 * withdrawn while it was frozen, only time ends it. */
bool consents_await(const struct party *from, const struct id *message);

/* ---- ends.c ---- */

void ends_begin(void);
void ends_reached(const struct entry *e, enum stage s); /* announced by the exchange */
void ends_told(const struct statement *what);		/* durable with its sender */
void ends_restored(struct node *broker);		/* it runs, from an old copy */
void ends_offered(struct node *broker, const struct header *h);
/* 0: none. */
enum stage ends_known_to_sender(const struct header *h);
bool ends_is_closed(enum stage s); /* without an answer of the addressee */

#endif
