/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar-adapter check': everything the adapter needs, looked at one after the other without
 * starting it, each with a word on what is wrong. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "adapters/commands.h"
#include "adapters/daemon.h"
#include "lib/talk.h"
#include "lib/transport.h"

/* What a check has found, for people. */
struct finding {
	char text[160];
};

typedef enum err check(struct daemon *d, struct finding *f);

static enum err
check_schemas(struct daemon *d, struct finding *f)
{
	return start_schemas(d);
}

static enum err
check_trust(struct daemon *d, struct finding *f)
{
	char until[INSTANT_TEXT_SIZE];

	TRY(start_trust(d));
	instant_format(trust_valid_until(d->trust), until);
	snprintf(f->text, sizeof f->text, "realm %s, version %llu, valid until %.10s",
		trust_realm(d->trust), (unsigned long long)trust_version(d->trust), until);
	return E_OK;
}

static int
days_left(const X509 *cert)
{
	int days = 0, seconds = 0;

	if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert)) != 1)
		return -1;
	return seconds < 0 ? days - 1 : days;
}

static enum err
check_keys(struct daemon *d, struct finding *f)
{
	int sign, encrypt;

	TRY(start_keys(d));
	TRY(check_enrolled(d));
	sign = days_left(d->sign->cert);
	encrypt = days_left(d->encrypt->cert);
	snprintf(f->text, sizeof f->text, "certificates valid for %d and %d days", sign, encrypt);
	return sign < 0 || encrypt < 0 ? E_CERT_EXPIRED : E_OK;
}

static enum err
check_curve(struct daemon *d, struct finding *f)
{
	OWNED(char, file, free_chars) = xprintf("%s/curve.key", conf_text(d->conf, "party-dir"));
	const struct trust_party *p = trust_party(d->trust, &d->self);
	struct curve_pair pair;
	enum err e = curve_load(file, &pair);

	explicit_bzero(pair.secret_key, sizeof pair.secret_key);
	if (e != E_OK)
		snprintf(f->text, sizeof f->text, "%s", file);
	TRY(e);
	for (size_t i = 0; p != NULL && i < p->n_curve; i++)
		if (memcmp(p->curve[i], pair.public_key, sizeof pair.public_key) == 0)
			return E_OK;
	snprintf(f->text, sizeof f->text, "the trust list gives this party another key");
	return E_UNKNOWN_PARTY;
}

/* Every registry that we may exchange extracts with shares a secret with us. */
static enum err
check_pairs(struct daemon *d, struct finding *f)
{
	enum err worst = E_OK;
	size_t n = 0;

	for (size_t i = 0; i < trust_count(d->trust); i++) {
		const struct trust_party *p = trust_at(d->trust, i);
		uint8_t secret[32];

		if (trust_agreement(d->trust, &d->self, &p->code, A_CERTIFIED_EXTRACT) == NULL &&
			trust_agreement(d->trust, &p->code, &d->self, A_CERTIFIED_EXTRACT) == NULL)
			continue;
		if (daemon_pair_secret(d, &p->code, secret) != E_OK)
			worst = E_NO_KEY;
		explicit_bzero(secret, sizeof secret);
		n++;
	}
	snprintf(f->text, sizeof f->text, "%zu registries exchange extracts with us", n);
	return worst;
}

static enum err
check_liaison(struct daemon *d, struct finding *f)
{
	struct party liaison;

	if (!party_parse(conf_text(d->conf, "liaison"), &liaison))
		return E_CONFIG;
	snprintf(f->text, sizeof f->text, "outcomes go to %s", liaison.code);
	if (trust_party(d->trust, &liaison) == NULL)
		return E_UNKNOWN_PARTY;
	return trust_agreement(d->trust, &d->self, &liaison, A_TRANSCRIPTION_OUTCOME) == NULL
		       ? E_NO_AGREEMENT
		       : E_OK;
}

static enum err
check_register(struct daemon *d, struct finding *f)
{
	uint64_t all, ours;

	TRY(start_driver(d));
	TRY(d->kind->count(d->driver, &all, &ours));
	snprintf(f->text, sizeof f->text, "%s, %llu entries, %llu of them from abroad",
		d->kind->name, (unsigned long long)all, (unsigned long long)ours);
	return E_OK;
}

static enum err
check_spool(struct daemon *d, struct finding *f)
{
	struct spool_counts c;

	if (access(conf_text(d->conf, "spool"), F_OK) != 0) {
		snprintf(f->text, sizeof f->text, "not there yet, the first start makes it");
		return E_OK;
	}
	TRY(start_spool(d));
	TRY(spool_count(d->spool, &c));
	snprintf(f->text, sizeof f->text, "%zu of %zu MiB used, %llu waiting for the registrar%s",
		c.map_used >> 20, c.map_size >> 20, (unsigned long long)c.in[IN_WAITING],
		spool_is_restored(d->spool) ? "; brought back from a backup and not compared with "
					      "the exchange yet"
					    : "");
	return E_OK;
}

static enum err
check_daemon(struct daemon *d, struct finding *f)
{
	json_t *data = NULL;
	const char *exchange;
	enum err e = control_call(conf_text(d->conf, "control"), "status", NULL, &data);

	if (e == E_UNREACHABLE) {
		snprintf(f->text, sizeof f->text, "not running");
		return E_OK;
	}
	if (e != E_OK)
		return e;
	exchange = json_string_value(json_object_get(data, "exchange"));
	snprintf(
		f->text, sizeof f->text, "running, exchange %s", exchange != NULL ? exchange : "?");
	json_decref(data);
	return E_OK;
}

/* In this order: a later one uses what an earlier one has loaded. */
static const struct {
	const char *what;
	check *check;
	bool needed; /* for those below */
} checks[] = {
	{"schemas", check_schemas, true},
	{"spool", check_spool, false},
	{"trust list", check_trust, true},
	{"keys", check_keys, true},
	{"connection key", check_curve, false},
	{"shared secrets", check_pairs, false},
	{"liaison office", check_liaison, false},
	{"register", check_register, false},
	{"adapter", check_daemon, false},
};

static void
say(const struct command_line *line, const char *what, enum err e, const struct finding *f)
{
	json_t *o;

	if (line->value[OPT_JSON] == NULL) {
		printf("%-6s %-15s %s%s%s\n", e == E_OK ? "ok" : "FAILED", what, f->text,
			e != E_OK && f->text[0] != '\0' ? ": " : "",
			e == E_OK ? "" : err_sentence(e));
		return;
	}
	o = json_pack("{s:s,s:s,s:s}", "check", what, "code", err_word(e), "finding", f->text);
	json_dumpf(o, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	putchar('\n');
	json_decref(o);
}

struct alarms {
	const struct command_line *line;
	size_t n;
};

static bool
say_alarm(void *context, const char *key, struct bytes value)
{
	struct alarms *a = context;
	struct finding f = {""};

	snprintf(f.text, sizeof f.text, "%s", key + strlen(TALK_ALARMS));
	say(a->line, "alarm",
		strncmp(f.text, "forked/", strlen("forked/")) == 0 ? E_LOG_FORKED : E_CONFLICT, &f);
	a->n++;
	return true;
}

int
check_run(const struct command_line *line, const struct conf *c)
{
	struct daemon d = {.conf = c};
	struct alarms a = {.line = line};
	int status = 0;

	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		struct finding f = {""};
		enum err e = checks[i].check(&d, &f);

		say(line, checks[i].what, e, &f);
		if (e == E_OK)
			continue;
		status = 1;
		if (checks[i].needed)
			break;
	}
	if (d.spool != NULL && spool_each_fact(d.spool, TALK_ALARMS, say_alarm, &a) == E_OK &&
		a.n > 0)
		status = 1;
	daemon_clear(&d);
	return status;
}
