/* SPDX-License-Identifier: EUPL-1.2
 *
 * The daemon: one loop that joins the gate, the examiners, the exchange, its store, the control
 * socket and the signals. Inside broker/daftard*.c and broker/control_verbs.c only. */
#ifndef DAFTAR_DAFTARD_H
#define DAFTAR_DAFTARD_H

#include <event2/event.h>

#include "broker/courier.h"
#include "broker/examiners.h"
#include "broker/exchange.h"
#include "broker/gate_child.h"
#include "broker/officers.h"
#include "broker/quota.h"
#include "lib/conf.h"
#include "lib/control.h"
#include "lib/log.h"

/* When a party was last heard, since this start. */
struct heard {
	struct party party;
	int64_t at;	    /* ms UTC */
	int64_t told;	    /* monotonic ms: when a line was last written about .. */
	uint64_t malformed; /* .. messages that are none, which are counted in between */
};

/* A connection key that was turned away, since this start. */
#define KNOCKS_MOST 16
struct knock {
	uint8_t key[CURVE_KEY_SIZE];
	int64_t first, last; /* ms UTC */
	uint64_t times;	     /* that were told */
};
struct knocks {
	struct knock list[KNOCKS_MOST]; /* the newest first */
	size_t n;
};

/* What was warned of today: the ends of certificates. */
struct endings_told {
	int64_t day; /* since 1970 */
	struct digest *digest;
	size_t n;
	int64_t next; /* monotonic ms: when to look again */
};

/* Events that share one commit. */
struct group {
	struct store_txn *txn; /* NULL: none is open */
	unsigned n;
	int64_t since;	      /* monotonic ms */
	struct event *commit; /* runs when nothing else is ready */
};

/* Work on the whole store, done by a child. */
struct work_result {
	enum err code;
	struct scrub scrub;
};
struct work {
	pid_t pid;	 /* 0: none runs */
	char *directory; /* of a backup; NULL: a scrub */
	int pipe;
	struct event *event;
	size_t got;
	int64_t at; /* when the last one ended, ms UTC; 0: none has */
	struct work_result result;
};

/* Revocation data that the operator hands in, and what was said about what runs out. */
struct warned {
	uint64_t item;
	int64_t at; /* ms UTC */
	bool ended;
};
struct daftard_revocation {
	struct buf in;
	bool checking;
	enum err code; /* what became of the last */
	struct warned *warned;
	size_t n_warned;
	int64_t next_look; /* monotonic ms */
};

/* Settings that were read and found good, and are not in force yet. */
struct next_settings {
	struct conf *conf;
	struct officers officers;
	enum log_level level;
};

struct daftard {
	struct event_base *base;
	struct conf *conf; /* a loan; what can be reloaded is put into it */
	struct config_reader *reader;
	struct next_settings next; /* while they are put into force */
	struct trust *trust;
	X509 *operator_cert;
	EVP_PKEY *log_key;
	struct curve_pair pair;
	struct store *store;
	struct exchange *exchange;
	struct gate_child *gate;
	struct gate_child *remote; /* of officers from afar; NULL: none is wished */
	uint32_t told_serial;	   /* of the keys that the gate was told last */
	int64_t told, obeyed;	   /* monotonic us: told so, and confirmed by it */
	struct examiners *examiners;
	struct control_server *control;
	struct group group;
	struct quotas quotas;
	struct courier courier;
	struct officers officers;
	struct buf upload; /* a trust list that an officer hands in .. */
	uid_t uploader;	   /* .. this one */
	struct endings_told told_of;
	struct work scrub, backup;
	struct daftard_revocation revocation;
	struct daftard_alerts *alerts;		       /* broker/daftard_alert.h */
	int64_t next_scrub, next_sweep, next_closings; /* monotonic ms */
	uint64_t commits;			       /* when it was wiped last */
	struct event *tick, *term, *intr, *hup;
	struct heard *heard;
	size_t n_heard;
	struct knocks knocks;
	uint64_t *exported; /* messages in a courier's bundle, to be noted */
	size_t n_exported;
	char endpoint[GATE_ENDPOINT_SIZE]; /* really bound, "" before */
	bool examiner_ready, ready;
	int endpoint_fd;	   /* of the endpoint file, -1: none is wished */
	int64_t started;	   /* ms UTC */
	uint64_t offences;	   /* connections that the gate shut down */
	uint64_t refused[E_COUNT]; /* refusals sent, by code */
	int status;		   /* of the process, in the end */
};

/* Opens everything that can fail; what is wrong has been said on standard error. */
enum err daftard_open(struct conf *conf, struct daftard **out) MUST_USE;
/* Runs until a signal or a failure ends it; the process's exit status. */
int daftard_run(struct daftard *d);
void daftard_close(struct daftard **d);

/* Reads the keys and the trust list, and nothing else (--check-config). */
enum err daftard_load(struct daftard *d) MUST_USE;

/* Verifies a trust list, as at a start. The codes of trust_load. */
enum err daftard_read_trust(struct daftard *d, struct bytes list, struct trust **out) MUST_USE;
/* Puts it into force everywhere and takes it over. The codes of trust_replaces; then the one in
 * force stays. */
enum err daftard_adopt(struct daftard *d, struct trust **next) MUST_USE;

/* Puts up daftard's own walls; helpers can still be started. E_SANDBOX. */
enum err daftard_confine(struct daftard *d) MUST_USE;

/* ---- broker/daftard_group.c ---- */
void group_open(struct daftard *d);
void group_close(struct daftard *d);
/* The open transaction; one is begun when there is none. */
struct store_txn *group_txn(struct daftard *d);
/* An event was decided in it: commit when it is large or old enough, or when nothing is ready. */
void group_grow(struct daftard *d);
/* Commits what is open, sends what that promised, and offers what is due. */
void group_end(struct daftard *d);
/* The same; E_STORE_FULL: nothing of the group is on disk. */
enum err group_finish(struct daftard *d) MUST_USE;
/* Signs a checkpoint of the log. */
enum err daftard_sign(
	void *context, uint64_t size, const struct digest *root, struct buf *checkpoint) MUST_USE;
/* Commits a transaction that is not the group's, with the leaves that it has brought. */
enum err daftard_commit(struct daftard *d, struct store_txn **t) MUST_USE;

/* ---- broker/daftard_closings.c ---- */
/* Asks for what is to be closed; inside an open group, whose end sends it. */
void closings_tick(struct daftard *d);

/* ---- broker/daftard_peers.c: what comes from peers and goes to them ---- */
extern const struct exchange_effects daftard_effects; /* the context is added */
void daftard_frames(void *context, peer_no peer, const uint8_t key[CURVE_KEY_SIZE],
	const struct bytes *frame, size_t n);
void daftard_gone(void *context, peer_no peer);
void daftard_gate_died(void *context);
/* The gate shut a connection down: an alarm, by party. */
void daftard_offender(
	void *context, const uint8_t key[CURVE_KEY_SIZE], enum gate_offence what, uint64_t octets);
void daftard_examined(void *context, peer_no peer, const struct verdict *v, struct bytes message,
	const struct id *settles);
/* Tells the gate whom the trust list and the standing of each party admit. */
void daftard_admit(struct daftard *d);
/* The keys of this number are in force at the gate. */
void daftard_gate_obeys(void *context, uint32_t serial);
/* Ends every connection of this party, with what waits for an examiner. */
void daftard_drop(struct daftard *d, const struct party *party);
/* 0: not since this start. */
int64_t daftard_heard(const struct daftard *d, const struct party *party);

/* ---- broker/daftard_revocation.c ---- */
/* What a peer brings with STATUS; another code than E_OK is to be answered. */
enum err daftard_hear_revocation(
	struct daftard *d, peer_no peer, const struct party *by, struct bytes der) MUST_USE;
void daftard_checked_revocation(void *context, peer_no peer, const struct party *by,
	const struct revocation_facts *f, struct bytes der);
void daftard_judged_again(void *context, uint64_t seq, const struct verdict *v);
bool daftard_judge_again(
	void *context, uint64_t seq, const struct party *from, struct bytes message, int64_t when);
void daftard_take_revocation(void *context, const struct revocation_item *item, struct bytes der);
void daftard_remember_revocation(struct daftard *d);
void daftard_watch_revocation(struct daftard *d); /* each tick */
void daftard_forget_revocation(struct daftard *d);
/* Has an examiner check what the operator has put in. E_USAGE: nothing was. */
enum err daftard_add_revocation(struct daftard *d) MUST_USE;

/* ---- broker/control_crl.c ---- */
enum err verb_crl_put(void *context, const json_t *args, json_t **data);
enum err verb_crl_add(void *context, const json_t *args, json_t **data);
enum err verb_crl_show(void *context, const json_t *args, json_t **data);
enum err verb_crl_list(void *context, const json_t *args, json_t **data);
/* Authorities whose revocation data is too old to rely on, or that have given none. */
size_t count_too_old(const struct daftard *d);

/* ---- broker/daftard_work.c ---- */
/* E_LOCKED: one runs. */
enum err work_scrub(struct daftard *d) MUST_USE;
/* Into a new folder of this name beneath `backup-dir'. E_CONFIG (there is none), E_USAGE, E_LOCKED.
 */
enum err work_backup(struct daftard *d, const char *name) MUST_USE;
void work_tick(struct daftard *d); /* starts what is due */
void work_stop(struct daftard *d);
json_t *work_json(const struct work *w);
enum err verb_scrub_run(void *context, const json_t *args, json_t **data);
enum err verb_scrub_show(void *context, const json_t *args, json_t **data);
enum err verb_backup_run(void *context, const json_t *args, json_t **data);
enum err verb_log_show(void *context, const json_t *args, json_t **data);
enum err verb_log_check(void *context, const json_t *args, json_t **data);
enum err verb_backup_show(void *context, const json_t *args, json_t **data);

/* ---- broker/daftard_store.c: from the command line; the exit status ---- */
/* The store folder is there, or can be made. */
bool daftard_store_has_place(const char *folder);
enum err daftard_store_key(const struct conf *conf, uint8_t key[STORE_KEY_SIZE]) MUST_USE;
int daftard_scrub(const struct conf *conf);
int daftard_backup(const struct conf *conf, const char *directory);
int daftard_restored(const struct conf *conf);
/* `copy' becomes the store; with `only_check' it is read from end to end and nothing else is done.
 */
int daftard_restore(const struct conf *conf, const char *copy, bool only_check);

/* ---- broker/daftard_settings.c ---- */
extern const struct setting daftard_settings[];
/* E_CONFIG: it is no level; told to `said'. */
enum err settings_log(const struct conf *conf, FILE *said) MUST_USE;
enum err settings_level(const char *word, enum log_level *out) MUST_USE;
/* Those settings of d->conf that can be applied at any time. */
void settings_apply(struct daftard *d);
/* Reads and checks the file, or this text in its place; what is wrong is told to `said'. E_CONFIG.
 */
enum err settings_read(
	struct daftard *d, const char *text, FILE *said, struct next_settings *out) MUST_USE;
void settings_drop(struct next_settings *n);
/* Puts all of what needs no restart into force, or nothing; takes *n over. E_IO. */
enum err settings_adopt(struct daftard *d, struct next_settings *n) MUST_USE;

/* ---- broker/daftard_remote.c ---- */
enum err remote_open(struct daftard *d) MUST_USE; /* E_NOT_FOUND: without the program */
void remote_allow(struct daftard *d);		  /* the keys of d->officers, and no others */

/* ---- broker/control_config.c ---- */
enum err verb_config_show(void *context, const json_t *args, json_t **data);
enum err verb_config_explain(void *context, const json_t *args, json_t **data);
enum err verb_config_check(void *context, const json_t *args, json_t **data);
enum err verb_config_diff(void *context, const json_t *args, json_t **data);
enum err verb_config_reload(void *context, const json_t *args, json_t **data);
enum err verb_log_level(void *context, const json_t *args, json_t **data);
/* On SIGHUP: the same as config.reload, written down as the signal's. */
void config_hup(struct daftard *d);
enum err make_reload(struct daftard *d, struct store_txn *t, const struct change *c,
	const json_t *args, json_t *data);
void reloaded(struct daftard *d, const struct change *c, const json_t *args);
enum err make_log_level(struct daftard *d, struct store_txn *t, const struct change *c,
	const json_t *args, json_t *data);
void log_level_changed(struct daftard *d, const struct change *c, const json_t *args);

/* ---- broker/control_courier.c ---- */
enum err verb_bundle_begin(void *context, const json_t *args, json_t **data);
enum err verb_bundle_put(void *context, const json_t *args, json_t **data);
enum err verb_bundle_open(void *context, const json_t *args, json_t **data);
enum err verb_bundle_step(void *context, const json_t *args, json_t **data);
enum err verb_bundle_take(void *context, const json_t *args, json_t **data);

/* ---- broker/control_speaker.c ---- */
/* When an older copy of its spool was turned away last, since the start. */
void fence_put(struct daftard *d, const struct trust_party *p, json_t *o);
/* By which process it speaks, for each of its keys that was ever heard. */
json_t *speakers_json(struct daftard *d, const struct trust_party *p);

/* ---- broker/control_waits.c ---- */
/* After a restore: whom this message waits for; and in status, whom messages wait for. */
json_t *waits_for_json(struct daftard *d, const struct entry *e);
void waits_put(struct daftard *d, json_t *status);

/* ---- broker/control_recon.c ---- */
enum err verb_reconcile_run(void *context, const json_t *args, json_t **data);
enum err verb_reconcile_show(void *context, const json_t *args, json_t **data);
enum err verb_reconcile_diff(void *context, const json_t *args, json_t **data);
enum err verb_reconcile_waive(void *context, const json_t *args, json_t **data);
enum err verb_reconcile_sign(void *context, const json_t *args, json_t **data);
enum err verb_reconcile_closing(void *context, const json_t *args, json_t **data);
/* The event of a comparison, as watchers see it. */
json_t *compared_json(const char *what, const struct party *party, const struct recon_result *r);
bool books_differ(const struct recon_result *r);
/* By a line of its own: a courier's bundle is none. */
bool party_is_connected(struct daftard *d, const struct party *party);

/* ---- broker/control_matrix.c ---- */
enum err verb_reconcile_matrix(void *context, const json_t *args, json_t **data);

/* ---- broker/control_knock.c ---- */
/* The oldest of too many is forgotten. */
void knock_note(struct knocks *k, const uint8_t key[CURVE_KEY_SIZE], int64_t now);
enum err verb_gate_knocks(void *context, const json_t *args, json_t **data);

/* ---- broker/control_change.c ---- */
/* Somebody wants this change: kind, party, digest, version and reason are set. It is made at once,
 * or waits for a second officer. *data tells which. `document' only of a trust list. */
enum err change_wish(struct daftard *d, struct change *c, struct bytes document, bool needs_two,
	json_t **data) MUST_USE;
enum err verb_change_list(void *context, const json_t *args, json_t **data);
enum err verb_change_approve(void *context, const json_t *args, json_t **data);
enum err verb_change_reject(void *context, const json_t *args, json_t **data);
enum err verb_change_effect(void *context, const json_t *args, json_t **data);
bool changes_wait(struct daftard *d); /* any, for a second officer */
json_t *change_json(const struct change *c);
/* Who asks has done this: written down in this transaction, which brings its leaf with it, so that
 * daftard_commit or the group's end is what commits it. `subject': an id, a setting, no more. */
void change_note(struct daftard *d, struct store_txn *t, enum change_kind kind, const char *subject,
	const char *reason, struct change *out);
/* Tells whoever watches that this change was written down, is done or has ended: what it is about,
 * nobody's name and no reason. */
void change_told(struct daftard *d, const struct change *c);

/* ---- broker/control_wish.c: changes that are made by a row ---- */
struct change_rule {
	enum change_kind kind;
	bool two; /* officers, where two are named */
	/* Makes it within the open group's transaction, or returns why not before it has written
	 * anything. Adds to `data' what the answer has besides the change. */
	enum err (*make)(struct daftard *d, struct store_txn *t, const struct change *c,
		const json_t *args, json_t *data);
	/* When it is on disk; may be NULL. */
	void (*after)(struct daftard *d, const struct change *c, const json_t *args);
};
/* NULL: this kind is not made by a row. */
const struct change_rule *change_rule_of(enum change_kind kind);
/* A verb that changes something: by the kind's row, with the reason in `args'; it is made and
 * written down in one commit, or waits with its arguments for a second officer. *data tells which.
 * E_USAGE, and what `make' returns. */
enum err change_ask(struct daftard *d, enum change_kind kind, const char *subject,
	const json_t *args, json_t **data) MUST_USE;

/* ---- broker/control_audit.c ---- */
enum err verb_audit_list(void *context, const json_t *args, json_t **data);
enum err verb_audit_verify(void *context, const json_t *args, json_t **data);

/* ---- broker/control_party.c ---- */
enum err verb_party_cut(void *context, const json_t *args, json_t **data);
enum err verb_party_suspend(void *context, const json_t *args, json_t **data);
enum err verb_party_resume(void *context, const json_t *args, json_t **data);
/* E_USAGE, E_NOT_FOUND: not of the trust list. *out is a loan. */
enum err party_arg(struct daftard *d, const json_t *args, const char *name,
	const struct trust_party **out) MUST_USE;
enum err reason_arg(const json_t *args, struct change *c) MUST_USE; /* E_USAGE */
void standing_put(struct daftard *d, const struct party *party, json_t *o);

/* ---- broker/control_trust.c ---- */
enum err verb_trust_put(void *context, const json_t *args, json_t **data);
enum err verb_trust_install(void *context, const json_t *args, json_t **data);
/* Verifies this list, writes it to `trust-list', and puts it into force. */
enum err trust_install(struct daftard *d, struct bytes list, json_t **changes) MUST_USE;

/* ---- broker/control_cert.c ---- */
enum err verb_cert_list(void *context, const json_t *args, json_t **data);
enum err verb_cert_expiring(void *context, const json_t *args, json_t **data);
enum err verb_cert_revoke(void *context, const json_t *args, json_t **data);
/* Logs what ends soon, each threshold once a day. */
void certs_tick(struct daftard *d);

/* ---- broker/control_retain.c ---- */
enum err verb_retain_show(void *context, const json_t *args, json_t **data);
enum err verb_retain_hold(void *context, const json_t *args, json_t **data);
enum err verb_retain_release(void *context, const json_t *args, json_t **data);
enum err verb_retain_purge(void *context, const json_t *args, json_t **data);
enum err verb_retain_report(void *context, const json_t *args, json_t **data);

/* ---- broker/control_ledger.c ---- */
enum err verb_ledger(void *context, const json_t *args, json_t **data);
/* Into the open group, when there is room. `uid' of an administrator. */
void ledger_note(struct daftard *d, uint64_t seq, enum access_kind kind, uid_t uid);
/* It is in a courier's bundle: noted with the next tick, for nothing may be written now. */
void ledger_exported(struct daftard *d, uint64_t seq);
void ledger_tick(struct daftard *d); /* inside an open group */

/* ---- broker/control_status.c ---- */
enum err verb_status(void *context, const json_t *args, json_t **data);

/* ---- broker/control_verbs.c ---- */
json_t *parties_json(struct daftard *d);
/* The message of the argument "id", by its id or a tracking number. E_USAGE, E_NOT_FOUND. */
enum err message_arg(struct daftard *d, const json_t *args, struct entry *out) MUST_USE;
extern const struct control_verb look_verbs[], message_verbs[], corridor_verbs[], stats_verbs[];
/* ---- broker/control_table.c: each table of rows ends with a NULL name ---- */
const struct control_verb *daftard_verbs(void); /* all of them */
/* ---- broker/control_verbs.c ---- */
/* An event of a message as watchers and verbs show it. */
json_t *event_json(const char *what, const struct entry *e);

/* May the list that was loaded take the place of the one that was in force at the last run? The
 * codes of trust_replaces. */
enum err daftard_check_trust(const struct daftard *d) MUST_USE;
/* Writes down that d->trust is in force. */
enum err daftard_remember_trust(const struct daftard *d) MUST_USE;

#endif
