/* SPDX-License-Identifier: EUPL-1.2
 *
 * The adapter as a running process: what it holds, how it is started step by step, and the loop.
 * The registrar's verbs work on it. */
#ifndef DAFTAR_DAEMON_H
#define DAFTAR_DAEMON_H

#include <event2/event.h>

#include "adapters/core.h"
#include "lib/control.h"
#include "lib/link.h"

#define ADAPTER_PROGRAM "daftar-adapter/" PACKAGE_VERSION

struct daemon {
	const struct conf *conf;
	struct event_base *base;
	struct party self;
	X509 *operator_cert;
	struct trust *trust;
	struct identity *sign, *encrypt;
	struct identity *encrypt_before; /* of the time before the last change of keys, or NULL */
	struct spool *spool;
	const struct driver_kind *kind;
	struct driver *driver;
	struct examiner *examiner;
	struct core *core;
	struct link *link;
	struct control_server *control;
	struct event *work, *term, *interrupt, *keeping, *minute, *hup;
	struct digest revocation; /* of the files of revocation data, as they were last read */
	int64_t swept;		  /* when bodies were last dropped, monotonic ms */
	int64_t scrubbed;	  /* when the spool was last read whole */
	bool fenced;
	bool counts; /* what it dies of */
};

/* Starts everything, runs until it is told to stop, puts everything away. What fails at the start
 * is said on standard error and returned; E_STALE_EPOCH when a newer instance has taken over. */
enum err daemon_run(const struct conf *c) MUST_USE;
/* The core is to look at the spool soon. */
void daemon_wake(struct daemon *d);

/* ---- steps that daemon-less checks make as well ---- */

enum err start_schemas(struct daemon *d) MUST_USE;
enum err start_trust(struct daemon *d) MUST_USE; /* operator's certificate and list */
enum err start_keys(struct daemon *d) MUST_USE;
enum err check_enrolled(struct daemon *d) MUST_USE; /* by the trust list */
enum err start_driver(struct daemon *d) MUST_USE;
enum err start_spool(struct daemon *d) MUST_USE;
/* Sweeping and scrubbing of the spool, now and then (adapters/keep.c). */
enum err start_keeping(struct daemon *d) MUST_USE;
/* Our country's revocation data (adapters/revocation.c). */
enum err start_revocation(struct daemon *d) MUST_USE;
/* Puts away whatever was started. */
void daemon_clear(struct daemon *d);
/* A newer list, offered by the exchange: checked, kept in the spool, put in force. */
void daemon_take_trust(struct daemon *d, struct bytes list);
enum err daemon_pair_secret(void *context, const struct party *other, uint8_t out[32]);

/* adapters/bundle.c */
enum err verb_export(void *context, const json_t *args, json_t **data) MUST_USE;
enum err verb_import(void *context, const json_t *args, json_t **data) MUST_USE;

/* adapters/compare.c */
enum err verb_compare(void *context, const json_t *args, json_t **data) MUST_USE;
enum err verb_compared(void *context, const json_t *args, json_t **data) MUST_USE;

/* adapters/log.c */
enum err verb_log_show(void *context, const json_t *args, json_t **data) MUST_USE;
enum err verb_log_compare(void *context, const json_t *args, json_t **data) MUST_USE;
enum err verb_log_acknowledge(void *context, const json_t *args, json_t **data) MUST_USE;

/* adapters/registrar.c */
extern const struct control_verb registrar_verbs[];

#endif
