/* SPDX-License-Identifier: EUPL-1.2
 *
 * From a configuration to a running loop and back. Opening goes straight down and every step that
 * fails says what is wrong, what is still safe and what to do; helpers are started by the loop, and
 * the daemon is ready when the gate listens and an examiner has taken the trust list. */
#include "broker/daftard.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/random.h>

#include "broker/daftard_alert.h"
#include "lib/notify.h"
#include "lib/child.h"
#include "lib/log.h"
#include "lib/xml.h"

#define TICK_MS 200
#define MIB (1024u * 1024u)

/* What happened, to which item, what to do; the code stays the caller's. */
static enum err complain(enum err e, const char *fmt, ...) PRINTF(2, 3) MUST_USE;
static enum err
complain(enum err e, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	fprintf(stderr, "daftard: %s: %s [%s]\n", what, err_sentence(e), err_word(e));
	return e;
}

/* ---- keys and trust ---- */

static enum err
load_schemas(void)
{
	OWNED(char, schemas, free_chars) = schemas_find();
	enum err e;

	if (schemas == NULL)
		return complain(E_IO, "the schemas are not there; install daftar or set "
				      "DAFTAR_SCHEMAS");
	e = xml_load_schemas(schemas);
	return e == E_OK ? E_OK : complain(e, "schemas in %s", schemas);
}

/* The list is the only XML that daftard ever reads. */
static enum err
load_trust(struct daftard *d, struct trust **out)
{
	const char *file = conf_text(d->conf, "trust-list");
	enum err e;

	TRY(load_schemas());
	e = trust_load_file(file, d->operator_cert, instant_now(), out);
	xml_unload_schemas();
	malloc_trim(0);
	return e == E_OK ? E_OK : complain(e, "trust list %s", file);
}

enum err
daftard_read_trust(struct daftard *d, struct bytes list, struct trust **out)
{
	enum err e;

	TRY(load_schemas());
	e = trust_load(list, d->operator_cert, instant_now(), out);
	xml_unload_schemas();
	malloc_trim(0);
	return e;
}

/* The private halves in our folder must be those of the public halves that everybody knows. */
static enum err
check_keys(const struct daftard *d)
{
	const struct trust_party *us = trust_exchange(d->trust);
	const char *folder = conf_text(d->conf, "party-dir");
	uint8_t raw[32];
	size_t size = sizeof raw;
	bool known = false;

	if (us == NULL)
		return complain(E_NO_TRUST, "the trust list names no exchange");
	if (EVP_PKEY_get_raw_public_key(d->log_key, raw, &size) != 1 || size != sizeof raw ||
		memcmp(raw, trust_log_key(d->trust), sizeof raw) != 0)
		return complain(
			E_NO_KEY, "%s/log.key is not the log key of the trust list", folder);
	for (size_t i = 0; i < us->n_curve; i++)
		known = known || memcmp(us->curve[i], d->pair.public_key, CURVE_KEY_SIZE) == 0;
	if (!known)
		return complain(E_NO_KEY, "%s/curve.key is not a key that the trust list gives %s",
			folder, us->code.code);
	return E_OK;
}

static enum err
load_keys(struct daftard *d)
{
	const char *folder = conf_text(d->conf, "party-dir");
	const char *cert = conf_text(d->conf, "operator-certificate");
	OWNED(char, log_key, free_chars) = xprintf("%s/log.key", folder);
	OWNED(char, curve_key, free_chars) = xprintf("%s/curve.key", folder);
	enum err e;

	if ((e = cert_load(cert, &d->operator_cert)) != E_OK)
		return complain(e, "operator's certificate %s", cert);
	if ((e = key_load(log_key, &d->log_key)) != E_OK)
		return complain(e, "log key %s", log_key);
	if (EVP_PKEY_get_base_id(d->log_key) != EVP_PKEY_ED25519) /* a key in a token is none */
		return complain(E_NO_KEY, "log key %s is not an Ed25519 key", log_key);
	if ((e = curve_load(curve_key, &d->pair)) != E_OK)
		return complain(e, "CURVE key %s", curve_key);
	return E_OK;
}

enum err
daftard_load(struct daftard *d)
{
	xml_init();
	TRY(load_keys(d));
	TRY(load_trust(d, &d->trust));
	return check_keys(d);
}

/* ---- getting ready ---- */

static void
write_endpoint(struct daftard *d)
{
	if (d->endpoint_fd < 0)
		return;
	if (ftruncate(d->endpoint_fd, 0) != 0 || dprintf(d->endpoint_fd, "%s\n", d->endpoint) < 0)
		log_line(LOG_ERROR, "the endpoint file cannot be written");
	close_fd(&d->endpoint_fd);
}

static void
look_ready(struct daftard *d)
{
	if (d->ready || d->endpoint[0] == '\0' || !d->examiner_ready)
		return;
	d->ready = true;
	write_endpoint(d);
	log_line(LOG_NOTICE, "ready endpoint=%s realm=%s trust=%llu", d->endpoint,
		trust_realm(d->trust), (unsigned long long)trust_version(d->trust));
	notify_supervisor("READY=1");
}

static void
on_bound(void *context, const char *endpoint)
{
	struct daftard *d = context;

	log_line(LOG_NOTICE, "gate: listens at %s", endpoint);
	if (!copy_text(d->endpoint, sizeof d->endpoint, endpoint))
		die("an endpoint is too long");
	look_ready(d);
}

static void
on_ready(void *context)
{
	struct daftard *d = context;

	d->examiner_ready = true;
	look_ready(d);
}

static void
stop(struct daftard *d, int status)
{
	d->status = status;
	event_base_loopbreak(d->base);
}

static void
on_gate_failed(void *context, enum err why)
{
	struct daftard *d = context;

	(void)!complain(why, "cannot listen at %s; is the address ours and the port free?",
		conf_text(d->conf, "listen"));
	stop(d, EXIT_FAILURE);
}

static void
on_examiner_failed(void *context, enum err why)
{
	(void)!complain(why, "the examiners do not start");
	stop(context, EXIT_FAILURE);
}

/* ---- timer and signals ---- */

static void
on_tick(evutil_socket_t fd, short what, void *context)
{
	struct daftard *d = context;

	(void)fd;
	(void)what;
	exchange_tick(d->exchange, group_txn(d), instant_now(), monotonic_now());
	closings_tick(d);
	ledger_tick(d);
	group_end(d);
	daftard_watch_revocation(d);
	if (d->ready)
		work_tick(d);
	alerts_tick(d);
}

static void
on_stop(evutil_socket_t signal, short what, void *context)
{
	(void)what;
	log_line(LOG_NOTICE, "stopping signal=%d", (int)signal);
	notify_supervisor("STOPPING=1");
	stop(context, EXIT_SUCCESS);
}

/* A newer list takes the old one's place everywhere within this call; an older one never does. */
enum err
daftard_adopt(struct daftard *d, struct trust **next)
{
	enum err e = trust_replaces(d->trust, *next);

	if (e != E_OK) {
		log_line(LOG_ERROR, "trust list version=%llu kept, version=%llu refused code=%s",
			(unsigned long long)trust_version(d->trust),
			(unsigned long long)trust_version(*next), err_word(e));
		return e;
	}
	group_end(d);
	exchange_trust(d->exchange, *next);
	trust_free(&d->trust);
	d->trust = TAKE(*next);
	if ((e = daftard_remember_trust(d)) != E_OK)
		log_line(LOG_WARNING, "trust list version not written down code=%s", err_word(e));
	daftard_admit(d);
	examiners_trust(d->examiners, trust_bytes(d->trust), d->operator_cert);
	exchange_dispatch(d->exchange, instant_now(), monotonic_now());
	log_line(LOG_NOTICE, "trust list version=%llu in force",
		(unsigned long long)trust_version(d->trust));
	return E_OK;
}

static void
on_reload(evutil_socket_t signal, short what, void *context)
{
	struct daftard *d = context;
	OWNED(struct trust, next, trust_free) = NULL;

	(void)signal;
	(void)what;
	if (load_trust(d, &next) == E_OK)
		(void)!daftard_adopt(d, &next); /* what is wrong was said */
	config_hup(d);
}

static void
start_events(struct daftard *d)
{
	const struct timeval every = {0, TICK_MS * 1000};

	d->tick = event_new(d->base, -1, EV_PERSIST, on_tick, d);
	d->term = evsignal_new(d->base, SIGTERM, on_stop, d);
	d->intr = evsignal_new(d->base, SIGINT, on_stop, d);
	d->hup = evsignal_new(d->base, SIGHUP, on_reload, d);
	if (d->tick == NULL || d->term == NULL || d->intr == NULL || d->hup == NULL ||
		event_add(d->tick, &every) != 0 || event_add(d->term, NULL) != 0 ||
		event_add(d->intr, NULL) != 0 || event_add(d->hup, NULL) != 0)
		die("timer and signals cannot be watched");
}

/* ---- opening ---- */

static enum err
open_store(struct daftard *d)
{
	const char *folder = conf_text(d->conf, "store");
	size_t size = (size_t)conf_number(d->conf, "store-size") * MIB;
	uint8_t key[STORE_KEY_SIZE];
	struct exchange_effects fx = daftard_effects;
	uint64_t seed;
	enum err e;

	if (!daftard_store_has_place(folder)) /* a start that fails leaves no key behind */
		return complain(E_IO, "store %s", folder);
	TRY(daftard_store_key(d->conf, key));
	e = store_open(folder, size, key, &d->store);
	explicit_bzero(key, sizeof key);
	if (e != E_OK)
		return complain(e, "store %s", folder);
	if ((e = daftard_check_trust(d)) != E_OK)
		return complain(e, "trust list version=%llu, version=%llu was in force",
			(unsigned long long)trust_version(d->trust),
			(unsigned long long)store_trust_version(d->store));
	if ((e = daftard_remember_trust(d)) != E_OK)
		return complain(e, "store %s", folder);
	fx.context = d;
	d->exchange = exchange_new(d->store, d->trust, daftard_sign, d, &fx);
	settings_apply(d);
	/* Brokers that restart together must not retry together. */
	if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
		die("no random numbers");
	exchange_seed(d->exchange, seed);
	return E_OK;
}

static enum err
open_helpers(struct daftard *d)
{
	const struct gate_child_handlers gate = {.context = d,
		.bound = on_bound,
		.failed = on_gate_failed,
		.frames = daftard_frames,
		.gone = daftard_gone,
		.offender = daftard_offender,
		.allowed = daftard_gate_obeys,
		.died = daftard_gate_died};
	const struct examiners_handlers examiners = {d, on_ready, on_examiner_failed,
		daftard_examined, daftard_judged_again, daftard_checked_revocation};
	enum err e;

	e = gate_child_open(d->base, conf_text(d->conf, "listen"), &d->pair, &gate, &d->gate);
	if (e != E_OK)
		return complain(e, "program daftar-gate");
	if ((e = remote_open(d)) != E_OK)
		return complain(e, "program daftar-gate");
	daftard_admit(d);
	e = examiners_open(d->base, (size_t)conf_number(d->conf, "examiners"),
		trust_bytes(d->trust), d->operator_cert, &examiners, &d->examiners);
	if (e != E_OK)
		return complain(e, "program daftar-examiner");
	daftard_remember_revocation(d);
	return E_OK;
}

static enum err
open_control(struct daftard *d)
{
	const char *path = conf_text(d->conf, "control");
	enum err e = control_listen(d->base, path, daftard_verbs(), d, &d->control);

	if (e == E_LOCKED)
		return complain(e, "control socket %s: another daftard runs", path);
	if (e == E_OK)
		e = officers_admit(&d->officers, d->control);
	return e == E_OK ? E_OK : complain(e, "control socket %s", path);
}

/* Emptied at once: whoever waits for it must not read the endpoint of the last run. */
static enum err
open_files(struct daftard *d)
{
	const char *endpoint = conf_text(d->conf, "endpoint-file");
	const char *pid = conf_text(d->conf, "pid-file");
	OWNED_FD(pid_fd) = -1;

	if (endpoint != NULL) {
		d->endpoint_fd = open(endpoint, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (d->endpoint_fd < 0)
			return complain(E_IO, "endpoint file %s", endpoint);
	}
	if (pid != NULL) {
		pid_fd = open(pid, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (pid_fd < 0 || dprintf(pid_fd, "%d\n", (int)getpid()) < 0)
			return complain(E_IO, "pid file %s", pid);
	}
	return E_OK;
}

static enum err
confine(struct daftard *d)
{
	enum err e = daftard_confine(d);

	return e == E_OK ? E_OK : complain(e, "daftard's own sandbox");
}

static void
open_loop(struct daftard *d)
{
	d->base = event_base_new();
	if (d->base == NULL || event_base_priority_init(d->base, 3) != 0)
		die("the event loop cannot be made");
	group_open(d);
}

static enum err
open_reader(struct daftard *d)
{
	enum err e = config_reader_start(
		conf_file(d->conf), conf_text(d->conf, "officer-keys"), &d->reader);

	return e == E_OK ? E_OK : complain(e, "the reader of the configuration");
}

enum err
daftard_open(struct conf *conf, struct daftard **out)
{
	OWNED(struct daftard, d, daftard_close) = xcalloc(1, sizeof *d);

	d->conf = conf;
	d->endpoint_fd = -1;
	d->started = instant_now();
	TRY(open_reader(d)); /* before there is a key in memory */
	TRY(daftard_load(d));
	TRY(officers_load(&d->officers, conf, d->reader, stderr));
	open_loop(d);
	TRY(open_store(d));
	alerts_open(d);
	TRY(open_control(d));
	TRY(open_files(d));
	TRY(open_helpers(d));
	TRY(confine(d));
	start_events(d);
	*out = TAKE(d);
	return E_OK;
}

int
daftard_run(struct daftard *d)
{
	event_base_dispatch(d->base);
	group_end(d);
	alerts_save(d);
	log_line(LOG_NOTICE, "stopped");
	return d->status;
}

static void
free_event(struct event **e)
{
	if (*e != NULL)
		event_free(*e);
	*e = NULL;
}

/* Who brings work first, the store last. */
void
daftard_close(struct daftard **d)
{
	if (*d == NULL)
		return;
	gate_child_close(&(*d)->remote);
	gate_child_close(&(*d)->gate);
	examiners_close(&(*d)->examiners);
	control_close(&(*d)->control);
	work_stop(*d);
	free_event(&(*d)->tick);
	free_event(&(*d)->term);
	free_event(&(*d)->intr);
	free_event(&(*d)->hup);
	courier_clear(&(*d)->courier);
	daftard_forget_revocation(*d);
	officers_free(&(*d)->officers);
	config_reader_stop(&(*d)->reader);
	buf_free(&(*d)->upload);
	free((*d)->told_of.digest);
	group_close(*d);
	alerts_close(*d);
	exchange_free(&(*d)->exchange);
	quotas_free(&(*d)->quotas);
	store_close(&(*d)->store);
	if ((*d)->base != NULL)
		event_base_free((*d)->base);
	trust_free(&(*d)->trust);
	cert_free(&(*d)->operator_cert);
	key_free(&(*d)->log_key);
	close_fd(&(*d)->endpoint_fd);
	free((*d)->heard);
	free((*d)->exported);
	explicit_bzero(*d, sizeof **d);
	free(*d);
	*d = NULL;
}
