/* SPDX-License-Identifier: EUPL-1.2
 *
 * One thread, one loop: the link fills the inbox, the core empties it, the control socket serves
 * the registrar. The start is a table of steps, each of which can say what is missing; they are
 * undone together. */
#include "adapters/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/settings.h"
#include "lib/child.h"
#include "lib/log.h"
#include "lib/xml.h"

#define DAY_MS INT64_C(86400000)

/* ---- the loop's handlers ---- */

void
daemon_wake(struct daemon *d)
{
	static const struct timeval now;

	event_add(d->work, &now);
}

static void
on_work(evutil_socket_t fd, short what, void *context)
{
	struct daemon *d = context;
	int64_t ms = core_work(d->core, instant_now());
	struct timeval later = {ms / 1000, ms % 1000 * 1000};

	if (ms != CORE_IDLE)
		event_add(d->work, &later);
	link_kick(d->link);
}

static void
on_changed(void *context)
{
	daemon_wake(context);
}

static void
on_up(void *context)
{
	struct daemon *d = context;

	log_line(LOG_NOTICE, "the exchange answers party=%s", d->self.code);
	daemon_wake(d);
}

static void
on_trust(void *context, struct bytes list)
{
	daemon_take_trust(context, list);
}

static void
on_fenced(void *context)
{
	struct daemon *d = context;

	d->fenced = true;
	event_base_loopbreak(d->base);
}

static void
on_stop(evutil_socket_t fd, short what, void *context)
{
	struct daemon *d = context;

	log_line(LOG_NOTICE, "stopping");
	event_base_loopbreak(d->base);
}

/* ---- steps ---- */

enum err
start_schemas(struct daemon *d)
{
	OWNED(char, folder, free_chars) = schemas_find();

	xml_init();
	return folder == NULL ? E_IO : xml_load_schemas(folder);
}

static char *
party_file(const struct conf *c, const char *name)
{
	return xprintf("%s/%s", conf_text(c, "party-dir"), name);
}

static enum err
load_pair(const struct conf *c, const char *what, struct identity **out)
{
	OWNED(char, key_name, free_chars) = xprintf("%s.key", what);
	OWNED(char, cert_name, free_chars) = xprintf("%s.pem", what);
	OWNED(char, key, free_chars) = party_file(c, key_name);
	OWNED(char, cert, free_chars) = party_file(c, cert_name);
	enum err e = identity_load(key, cert, out);

	if (e != E_OK)
		fprintf(stderr, "%s and %s: %s\n", key, cert, err_sentence(e));
	return e;
}

/* The certificate that we sign with must be one that others will find for us in the list. */
enum err
check_enrolled(struct daemon *d)
{
	const struct trust_party *p = trust_party(d->trust, &d->self);
	struct digest own;

	digest_of(d->sign->der, d->sign->der_size, &own);
	for (size_t i = 0; p != NULL && i < p->n_sign; i++)
		if (digest_equal(&own, &p->sign_digest[i]))
			return E_OK;
	fprintf(stderr, "the trust list does not give sign.pem to %s: %s\n", d->self.code,
		err_sentence(p == NULL ? E_UNKNOWN_PARTY : E_UNKNOWN_CERT));
	return p == NULL ? E_UNKNOWN_PARTY : E_UNKNOWN_CERT;
}

/* Messages that were encrypted to the key before the last change may still be on their way. */
static enum err
load_before(struct daemon *d)
{
	OWNED(char, key, free_chars) = party_file(d->conf, "encrypt.old.key");

	return access(key, F_OK) == 0 ? load_pair(d->conf, "encrypt.old", &d->encrypt_before)
				      : E_OK;
}

static enum err
load_curve(const struct conf *c, struct curve_pair *out)
{
	OWNED(char, file, free_chars) = party_file(c, "curve.key");
	enum err e = curve_load(file, out);

	if (e != E_OK)
		fprintf(stderr, "%s: %s\n", file, err_sentence(e));
	return e;
}

enum err
start_keys(struct daemon *d)
{
	struct curve_pair pair;

	if (!party_parse(conf_text(d->conf, "party"), &d->self))
		return E_CONFIG;
	TRY(load_pair(d->conf, "sign", &d->sign));
	TRY(load_pair(d->conf, "encrypt", &d->encrypt));
	TRY(load_before(d));
	TRY(load_curve(d->conf, &pair)); /* it is read again for the link */
	explicit_bzero(&pair, sizeof pair);
	return E_OK;
}

/* A first start makes a spool only when all else that it needs is there. */
static enum err
start_first(struct daemon *d)
{
	if (access(conf_text(d->conf, "spool"), F_OK) == 0)
		return E_OK;
	TRY(start_trust(d));
	return check_enrolled(d);
}

enum err
start_spool(struct daemon *d)
{
	size_t size = (size_t)conf_number(d->conf, "spool-size") << 20;

	TRY(spool_open(conf_text(d->conf, "spool"), size, &d->spool));
	spool_keep(d->spool, conf_number(d->conf, "keep-days") * DAY_MS);
	return E_OK;
}

enum err
start_driver(struct daemon *d)
{
	d->kind = settings_driver(d->conf);
	return d->kind == NULL ? E_CONFIG : d->kind->open(d->conf, &d->driver);
}

static enum err
start_examiner(struct daemon *d)
{
	return examiner_start(trust_bytes(d->trust), d->operator_cert, &d->examiner);
}

enum err
daemon_pair_secret(void *context, const struct party *other, uint8_t out[32])
{
	struct daemon *d = context;
	OWNED(char, name, free_chars) = xprintf("pair-%s.key", other->code);
	OWNED(char, file, free_chars) = party_file(d->conf, name);
	enum err e = secret_load(file, out, 32);

	if (e != E_OK)
		log_line(LOG_ERROR, "%s: %s", name, err_sentence(e));
	return e;
}

static enum err
daemon_judge(void *context, int64_t when, struct bytes message)
{
	struct daemon *d = context;
	struct verdict v;

	return examiner_examine_at(d->examiner, EXAMINE_AS_ADDRESSEE, &d->self, when, message, &v);
}

static enum err
start_core(struct daemon *d)
{
	const struct conf *c = d->conf;
	struct core_options o = {
		.self = d->self,
		.profile = {.register_name = conf_text(c, "register-name"),
			.office = conf_text(c, "office"),
			.place = conf_text(c, "place"),
			.certifier = conf_text(c, "certifier"),
			.legal_provision = conf_text(c, "legal-provision"),
			.appeal_body = conf_text(c, "appeal-body"),
			.name_rule = conf_text(c, "name-rule"),
			.appeal_days = conf_number(c, "appeal-days"),
			.expires_days = conf_number(c, "expires-days"),
			.retain_days = conf_number(c, "retain-days"),
			.manual = strcmp(conf_text(c, "decide"), "manual") == 0},
		.trust = d->trust,
		.sign = d->sign,
		.encrypt = d->encrypt,
		.encrypt_before = d->encrypt_before,
		.spool = d->spool,
		.kind = d->kind,
		.driver = d->driver,
		.pair_secret = daemon_pair_secret,
		.judge = daemon_judge,
		.context = d,
	};

	if (!party_parse(conf_text(c, "liaison"), &o.profile.liaison))
		return E_CONFIG;
	d->core = core_new(&o);
	return E_OK;
}

static enum err
start_loop(struct daemon *d)
{
	d->base = transport_base();
	if (d->base == NULL)
		return E_IO;
	d->work = event_new(d->base, -1, 0, on_work, d);
	d->term = evsignal_new(d->base, SIGTERM, on_stop, d);
	d->interrupt = evsignal_new(d->base, SIGINT, on_stop, d);
	if (d->work == NULL || d->term == NULL || d->interrupt == NULL ||
		event_add(d->term, NULL) != 0 || event_add(d->interrupt, NULL) != 0)
		return E_IO;
	return E_OK;
}

static enum err
start_link(struct daemon *d)
{
	const struct link_handlers handlers = {.context = d,
		.up = on_up,
		.changed = on_changed,
		.trust = on_trust,
		.fenced = on_fenced};
	struct link_options o = {
		.program = ADAPTER_PROGRAM,
		.self = d->self,
		.endpoint = conf_text(d->conf, "broker"),
		.trust = d->trust,
		.credit = (uint64_t)conf_number(d->conf, "credit"),
		.identity = d->sign,
		.thin = strcmp(conf_text(d->conf, "line"), "slow") == 0,
	};
	enum err e = load_curve(d->conf, &o.pair);

	if (e == E_OK)
		e = link_open(d->base, &o, d->spool, d->examiner, &handlers, &d->link);
	explicit_bzero(&o.pair, sizeof o.pair);
	return e;
}

/* Only now the spool is this process's alone. */
static enum err
start_counting(struct daemon *d)
{
	core_begin(d->core, (size_t)conf_number(d->conf, "aside-after"));
	d->counts = true;
	return E_OK;
}

static enum err
start_control(struct daemon *d)
{
	return control_listen(
		d->base, conf_text(d->conf, "control"), registrar_verbs, d, &d->control);
}

static const struct {
	const char *what;
	enum err (*start)(struct daemon *d);
} steps[] = {
	{"the schemas", start_schemas},
	{"this party's keys", start_keys},
	{"the trust list", start_first},
	{"the driver", start_driver},
	{"the spool", start_spool},
	{"the trust list", start_trust}, /* the spool may have a newer one */
	{"this party's certificates", check_enrolled},
	{"the examiner", start_examiner},
	{"the core", start_core},
	{"the loop", start_loop},
	{"the spool's upkeep", start_keeping},
	{"the connection to the exchange", start_link},
	{"what it died of before", start_counting},
	{"revocation data", start_revocation},
	{"the control socket", start_control},
};

static enum err
start_all(struct daemon *d)
{
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		enum err e = steps[i].start(d);

		if (e == E_OK)
			continue;
		fprintf(stderr, "daftar-adapter: %s: %s (%s)\n", steps[i].what, err_sentence(e),
			err_word(e));
		return e;
	}
	return E_OK;
}

/* ---- the whole ---- */

static void
free_event(struct event **e)
{
	if (*e != NULL)
		event_free(*e);
	*e = NULL;
}

void
daemon_clear(struct daemon *d)
{
	control_close(&d->control);
	if (d->counts)
		core_end(d->core);
	link_close(&d->link);
	core_free(&d->core);
	examiner_free(&d->examiner);
	free_event(&d->work);
	free_event(&d->keeping);
	free_event(&d->minute);
	free_event(&d->hup);
	free_event(&d->term);
	free_event(&d->interrupt);
	if (d->base != NULL)
		event_base_free(d->base);
	if (d->kind != NULL)
		d->kind->close(&d->driver);
	spool_close(&d->spool);
	identity_free(&d->sign);
	identity_free(&d->encrypt);
	identity_free(&d->encrypt_before);
	trust_free(&d->trust);
	cert_free(&d->operator_cert);
}

enum err
daemon_run(const struct conf *c)
{
	struct daemon d = {.conf = c};
	enum err e = start_all(&d);

	if (e == E_OK) {
		log_line(LOG_NOTICE, "started party=%s driver=%s decide=%s", d.self.code,
			d.kind->name, conf_text(c, "decide"));
		daemon_wake(&d);
		event_base_dispatch(d.base);
		e = d.fenced ? E_STALE_EPOCH : E_OK;
	}
	if (d.fenced)
		log_line(LOG_ERROR, "%s", err_sentence(E_STALE_EPOCH));
	daemon_clear(&d);
	return e;
}
