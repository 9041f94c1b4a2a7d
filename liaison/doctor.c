/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar doctor': everything this office needs, a line each: ok, warn or fail, and what to do. The
 * exchange being away is a warning only: offline is normal. */
#include <stdio.h>
#include <string.h>

#include "lib/loghead.h"
#include "lib/talk.h"
#include "liaison/doctor.h"
#include "liaison/terminal.h"

#define REACH_MS 3000

struct finding
found(enum health h, const char *advice, const char *fmt, ...)
{
	struct finding f = {.health = h, .advice = advice};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f.text, sizeof f.text, _(fmt), ap);
	va_end(ap);
	return f;
}

struct finding
failed(enum err e, const char *advice)
{
	return found(HEALTH_FAIL, advice, "%s (%s)", _(err_sentence(e)), err_word(e));
}

/* ---- checks, each on what the ones before have opened ---- */

static struct finding
check_trust(struct office *o)
{
	enum err e = office_load(o, NEED_TRUST);
	int64_t left;

	if (e != E_OK)
		return failed(
			e, "get the newest list from the operator, then run daftar setup again");
	left = (trust_valid_until(o->trust) - instant_now()) / DAY_MS;
	return found(left < 7 ? HEALTH_WARN : HEALTH_OK,
		left < 7 ? N_("daftar sync fetches a newer one") : NULL,
		_("version %llu of realm %s, %lld days old, valid for %lld days more%s"),
		(unsigned long long)trust_version(o->trust), trust_realm(o->trust),
		(long long)((instant_now() - trust_issued_at(o->trust)) / DAY_MS), (long long)left,
		office_is_training(o) ? _(" (training)") : "");
}

static struct finding
check_keys(struct office *o)
{
	enum err e = office_load(o, NEED_KEYS);
	int days = 0, seconds = 0;

	if (e != E_OK)
		return failed(e, "run daftar setup again, or ask for a new enrolment");
	if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(o->sign->cert)) != 1 ||
		days < 0 || seconds < 0)
		return failed(E_CERT_EXPIRED, "ask the operator of the realm for a new enrolment");
	return found(days < 30 ? HEALTH_WARN : HEALTH_OK,
		days < 30 ? "ask the operator of the realm for a new enrolment" : NULL,
		"signing certificate of %s, valid for %d days more", o->self.code, days);
}

static bool
newest(void *context, const struct out_entry *e)
{
	int64_t *latest = context;

	if (e->filed > *latest)
		*latest = e->filed;
	return true;
}

/* Time decides nothing here, but a message made in the future is not taken, and a certificate that
 * is not valid yet verifies nothing. */
static struct finding
check_clock(struct office *o)
{
	int64_t now = instant_now(), latest = 0;

	if (o->sign != NULL && X509_cmp_current_time(X509_get0_notBefore(o->sign->cert)) > 0)
		return found(HEALTH_FAIL, "set the clock", "%s is before the certificate begins",
			when(now));
	if (o->spool != NULL && spool_each_out(o->spool, newest, &latest) == E_OK && latest > now)
		return found(HEALTH_WARN, "set the clock", "%s is earlier than the last filing",
			when(now));
	return found(HEALTH_OK, NULL, "%s", when(now));
}

static struct finding
check_spool(struct office *o)
{
	enum err e = office_load(o, NEED_SPOOL);
	struct spool_counts c;
	int used;

	if (e == E_OK)
		e = spool_set_fact(o->spool, "doctor", bytes_of("here", 4));
	if (e == E_OK)
		e = spool_count(o->spool, &c);
	if (e != E_OK)
		return failed(e, "look after the disk and the folder's owner");
	if (spool_is_restored(o->spool))
		return found(HEALTH_WARN, "daftar sync",
			"brought back from a backup and not compared with the exchange yet");
	used = (int)(c.map_used * 100 / c.map_size);
	return found(used > 60 ? HEALTH_WARN : HEALTH_OK,
		used > 60 ? "raise spool-size in daftar.conf" : NULL,
		"%d %% used, %llu waiting to be sent", used, (unsigned long long)c.out[OUT_FILED]);
}

static bool
is_reached(struct office *o, void *context)
{
	(void)o;
	return ((struct session_end *)context)->was_up;
}

/* Each address by itself. */
static struct finding
check_broker(struct office *o, size_t i, int64_t timeout)
{
	OWNED(char, address, free_chars) = xstrdup(office_broker_at(o, i));
	struct session_end end;
	enum err e;

	if (o->trust == NULL || o->sign == NULL || o->spool == NULL)
		return found(HEALTH_WARN, NULL, N_("%s not tried: see above"), line(address));
	e = session_reach(o, i, timeout < 0 ? REACH_MS : timeout, is_reached, &end, &end);
	if (e != E_OK)
		return failed(e, NULL);
	if (end.watched)
		return found(HEALTH_OK, NULL, N_("another daftar of this office has the line"));
	if (!end.was_up)
		return found(HEALTH_WARN, N_("filing works off line; daftar sync when it is back"),
			N_("%s cannot be reached"), line(address));
	return found(HEALTH_OK, NULL, N_("%s answers at %s"), trust_exchange(o->trust)->code.code,
		line(address));
}

/* ---- the report ---- */

static void
say_finding(const char *name, const struct finding *f, enum health *worst)
{
	static const char *const words[] = {"ok", "warn", "fail"};
	static const enum tint tints[] = {TINT_GOOD, TINT_WARN, TINT_BAD};

	if (f->health > *worst)
		*worst = f->health;
	if (say_in_json()) {
		say_json(json_pack("{s:s s:s s:s s:s*}", "check", name, "result", words[f->health],
			"text", line(f->text), "do", f->advice));
		return;
	}
	say_tinted(tints[f->health], padded(label_of(words[f->health]), 5));
	say(" %s %s\n", padded(label_of(name), 9), line(f->text));
	if (f->advice != NULL)
		say("                -> %s\n", _(f->advice));
}

static bool
say_alarm(void *context, const char *key, struct bytes value)
{
	bool forked = strncmp(key, LOG_FORKED_ALARMS, strlen(LOG_FORKED_ALARMS)) == 0;
	struct finding f =
		forked ? found(HEALTH_WARN,
				 "ask other parties what they see, then: daftar log acknowledge",
				 "%s: the exchange's log does not fit what it showed before; "
				 "nothing new "
				 "is sent or taken",
				 key + strlen(TALK_ALARMS))
		       : found(HEALTH_WARN,
				 "look into it together with the operator of the exchange",
				 "%s: the exchange proves that this message id was used twice",
				 key + strlen(TALK_ALARMS));

	(void)value;
	say_finding("alarm", &f, context);
	return true;
}

enum ending
command_doctor(const struct options *options)
{
	static const struct {
		const char *name;
		struct finding (*check)(struct office *o);
	} checks[] = {
		{"trust", check_trust},
		{"keys", check_keys},
		{"private", check_private},
		{"spool", check_spool},
		{"clock", check_clock},
		{"revoked", check_revocation},
		{"outbox", check_outbox},
		{"disk", check_disk},
		{"drafts", check_drafts},
		{"contexts", check_contexts},
	};
	OWNED(struct office, o, office_free) = NULL;
	enum ending end = office_open(options, 0, &o);
	enum health worst = HEALTH_OK;
	struct finding f;

	if (end != END_DONE)
		return end;
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		f = checks[i].check(o);
		say_finding(checks[i].name, &f, &worst);
	}
	for (size_t i = 0; i < office_brokers(o); i++) {
		f = check_broker(o, i, options->timeout);
		say_finding("exchange", &f, &worst);
	}
	if (o->spool != NULL)
		(void)!spool_each_fact(o->spool, TALK_ALARMS, say_alarm, &worst);
	return worst == HEALTH_FAIL ? END_FAILED : END_DONE;
}
