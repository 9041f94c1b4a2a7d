/* SPDX-License-Identifier: EUPL-1.2
 *
 * The receiving side: a sealed extract becomes one entry of the register, however often and by
 * whatever accidents it comes.
 *
 * The entry is CLAIMED in the spool; then the register is asked for the key. An entry that is there
 * before we have begun to enter was made by another message: AlreadyTranscribed. Only when the
 * register has said no is the mark "entering" set (an entry's code INTERRUPTED) and the driver told
 * to enter; from then on, an entry that the register shows is this message's own. Two messages with
 * one key are never CLAIMED at the same time, so the mark says whose it is. */
#include <stdio.h>
#include <string.h>

#include "adapters/core_parts.h"
#include "lib/log.h"

#define BY_HAND "by-hand/"

/* ---- before anything is done ---- */

/* The key whose certificate the seal carries, if the trust list gives it to the issuer. */
static enum err
sealing_key(struct job *j, EVP_PKEY **out)
{
	const struct trust_party *issuer = trust_party(j->c->o.trust, &j->in.header.from);
	OWNED(xmlDoc, doc, xml_free) = NULL;
	uint8_t der[8192];
	size_t size = sizeof der;
	struct digest cert;

	if (issuer == NULL)
		return E_UNKNOWN_PARTY;
	TRY(xml_parse(buf_bytes(&j->body), &doc));
	TRY(seal_cert(doc, der, &size));
	digest_of(der, size, &cert);
	return trust_signing_key(issuer, &cert, j->in.header.created, out);
}

/* The key is computed from the record, never taken from the header: a header that says otherwise
 * could bring one act twice. */
static enum err
check_key(struct job *j, const struct extract *x, struct digest *key)
{
	const struct header *h = &j->in.header;
	const struct trust_party *issuer = trust_party(j->c->o.trust, &h->from);
	uint8_t secret[32];

	if (issuer == NULL)
		return E_UNKNOWN_PARTY;
	TRY(j->c->o.pair_secret(j->c->o.context, &h->from, secret));
	record_key(bytes_of(secret, sizeof secret), &j->c->o.self, issuer->country, &x->entry, key);
	explicit_bzero(secret, sizeof secret);
	return h->has_key && digest_equal(key, &h->key) ? E_OK : E_HEADER_MISMATCH;
}

/* Was judged before it was claimed: from then on the register may hold it, and only its end counts,
 * whatever has become of the certificate or the agreement meanwhile. */
static enum err
judge(struct job *j)
{
	EVP_PKEY *sealer;

	if (j->in.state == IN_CLAIMED)
		return E_OK;
	if (sealing_key(j, &sealer) != E_OK ||
		seal_verify_extract(buf_bytes(&j->body), sealer, NULL) != E_OK)
		return E_SEAL;
	if (answer_agreement(j->c, &j->in.header.from, A_TRANSCRIPTION_OUTCOME) == NULL ||
		answer_agreement(j->c, &j->c->o.profile.liaison, A_TRANSCRIPTION_OUTCOME) == NULL)
		return E_NO_AGREEMENT; /* nobody could be told */
	return E_OK;
}

/* The agreement that it came under, or, where that is not listed any more, the road's present one;
 * what came when there was one and now has none is not judged by any list. Once it is claimed only
 * its end counts. */
static enum err
check_fields(struct job *j, const struct extract *x)
{
	const struct trust *t = j->c->o.trust;
	const struct header *h = &j->in.header;
	const struct trust_agreement *g = trust_agreement_by_id(t, h->agreement);

	if (g == NULL || !party_equal(&g->from, &h->from) || !party_equal(&g->to, &h->to))
		g = trust_agreement(t, &h->from, &h->to, A_CERTIFIED_EXTRACT);
	return g == NULL || j->in.state == IN_CLAIMED ? E_OK : extract_within(j, g, x);
}

enum err
extract_check(struct job *j, struct extract **out, struct digest *key)
{
	OWNED(struct extract, x, extract_free) = NULL;

	TRY(job_open(j));
	TRY(judge(j));
	TRY(extract_parse(buf_bytes(&j->body), &x));
	TRY(check_fields(j, x));
	TRY(check_key(j, x, key));
	*out = TAKE(x);
	return E_OK;
}

/* ---- telling ---- */

static void
compose_outcome(
	struct job *j, const struct extract *x, const struct made *m, bool already, struct buf *out)
{
	OWNED(struct outcome, o, outcome_free) = outcome_new();
	const struct profile *p = &j->c->o.profile;

	o->result = already ? OUTCOME_ALREADY : OUTCOME_TRANSCRIBED;
	o->extract_id = x->id;
	o->answers = j->in.header.id;
	o->answers_digest = j->in.digest;
	o->register_name = p->register_name;
	o->entry_number = m->entry_number;
	o->entered_on = m->entered_on;
	o->office = p->office;
	o->entered_as = m->entered_as[0] != '\0' ? m->entered_as : NULL;
	o->name_rule = o->entered_as != NULL ? p->name_rule : NULL;
	outcome_compose(o, out);
}

/* The register has it: who may be told is told. An agreement that ended meanwhile is no reason to
 * keep the exchange waiting. */
static enum err
tell(struct job *j, struct answers *a, const struct answer *what, struct bytes body)
{
	enum err e = answers_add(a, j, what, body);

	if (e != E_NO_AGREEMENT && e != E_UNKNOWN_PARTY)
		return e;
	log_message(LOG_ERROR, &j->in.header.id, "the outcome cannot be told to=%s code=%s",
		what->to.code, err_word(e));
	return E_OK;
}

/* To the issuer, and to the liaison on a leg of its own. */
static enum err
tell_both(struct job *j, const struct extract *x, const struct made *m, bool already,
	struct answers *a)
{
	struct answer what = {A_TRANSCRIPTION_OUTCOME, j->in.header.from, &j->in.header.leg, NULL};
	OWNED_BUF(body) = {0};

	compose_outcome(j, x, m, already, &body);
	TRY(tell(j, a, &what, buf_bytes(&body)));
	what.to = j->c->o.profile.liaison;
	what.leg = NULL;
	return tell(j, a, &what, buf_bytes(&body));
}

static enum err
finish(struct job *j, const struct extract *x, const struct made *m, bool already)
{
	ANSWERS(a) = {0};

	TRY(tell_both(j, x, m, already, &a));
	return answers_file(&a, j, ST_COMMITTED, already ? E_ALREADY : E_OK, NULL, m->entry_number);
}

/* ---- entries made by hand ---- */

/* The fact: id of the message, day, number. */
static void
hand_key(const struct digest *key, char out[80])
{
	char text[DIGEST_TEXT_SIZE];

	digest_format(key, text);
	snprintf(out, 80, BY_HAND "%s", text);
}

static enum err
hand_lookup(struct job *j, const struct digest *key, struct made *m, bool *ours)
{
	OWNED_BUF(fact) = {0};
	char name[80], id[ID_TEXT_SIZE], own[ID_TEXT_SIZE];

	hand_key(key, name);
	TRY(spool_fact(j->c->o.spool, name, &fact));
	*m = (struct made){0};
	if (sscanf((char *)fact.data, "%36s %15s %63[^\n]", id, m->entered_on, m->entry_number) !=
		3)
		return E_IO;
	id_format(&j->in.header.id, own);
	*ours = strcmp(own, id) == 0;
	return E_OK;
}

/* Where the register says no, the registrar's own word is asked. */
static enum err
look(struct job *j, const struct digest *key, struct made *m, bool *ours)
{
	const struct core_options *o = &j->c->o;
	enum err e = hand_lookup(j, key, m, ours);

	if (e != E_NOT_FOUND)
		return e;
	*ours = j->in.code == E_INTERRUPTED;
	return o->kind->lookup(o->driver, key, m);
}

bool
extract_was_by_hand(struct core *c, const struct digest *key)
{
	OWNED_BUF(fact) = {0};
	char name[80];

	hand_key(key, name);
	return spool_fact(c->o.spool, name, &fact) == E_OK;
}

/* ---- entering ---- */

static struct civil_act
act_of(const struct job *j, const struct extract *x)
{
	const struct trust_party *issuer = trust_party(j->c->o.trust, &j->in.header.from);

	return (struct civil_act){.extract = x,
		.sealed = buf_bytes(&j->body),
		.issuer = j->in.header.from,
		.country = issuer != NULL ? issuer->country : "",
		.message = j->in.header.id};
}

static enum err
enter(struct job *j, const struct extract *x, const struct digest *key, struct made *m)
{
	const struct core_options *o = &j->c->o;
	const struct civil_act act = act_of(j, x);

	TRY(spool_note(o->spool, &j->in.header.from, &j->in.header.id, E_INTERRUPTED, "entering"));
	j->in.code = E_INTERRUPTED;
	return o->kind->enter(o->driver, key, &act, m);
}

static enum err
claim(struct job *j)
{
	struct spool *s = j->c->o.spool;

	if (j->in.state == IN_CLAIMED)
		return E_OK;
	TRY(spool_claim(s, &j->in.header.from, &j->in.header.id));
	j->in.state = IN_CLAIMED;
	log_message(LOG_NOTICE, &j->in.header.id, "claimed");
	return E_OK;
}

/* Another message about the same act is being entered: wait for its end. */
static bool
is_contended(struct job *j)
{
	struct in_entry other = {0};

	while (spool_next_in(j->c->o.spool, IN_CLAIMED, other.order, &other, NULL) == E_OK)
		if (other.order != j->in.order && other.header.has_key &&
			digest_equal(&other.header.key, &j->in.header.key))
			return true;
	return false;
}

/* A stranger's entry under the key is none of this message's: nothing of it was entered. */
enum err
extract_stop(struct job *j)
{
	const struct digest *key = &j->in.header.key;
	OWNED(struct extract, x, extract_free) = NULL;
	struct digest computed;
	struct made m = {0};
	bool ours = false;
	enum err e;

	if (j->in.state == IN_TAKEN)
		return E_OK;
	e = j->in.state == IN_WAITING ? hand_lookup(j, key, &m, &ours) : look(j, key, &m, &ours);
	if (e == E_NOT_FOUND || (e == E_OK && !ours))
		return E_OK;
	TRY(e);
	TRY(job_open(j));
	TRY(extract_parse(buf_bytes(&j->body), &x));
	TRY(check_key(j, x, &computed));
	TRY(finish(j, x, &m, false));
	j->in.state = IN_DONE;
	return E_TOO_LATE;
}

/* A refused one has the reason's code where the number would be; one that ended without us, as a
 * comparison with the exchange has found, led to nothing. */
bool
extract_was_entered(const struct in_entry *e)
{
	return e->header.action == A_CERTIFIED_EXTRACT && e->state >= IN_DONE &&
	       e->stage == ST_COMMITTED &&
	       (e->code == E_ALREADY || (e->code == E_OK && !code_known("refusal", e->note)));
}

enum err
consent_lasts(const struct job *j)
{
	const struct header *h = &j->in.header;

	return h->has_token && h->token.valid_until <= j->now ? E_CONSENT_EXPIRED : E_OK;
}

enum err
extract_enter(struct job *j, const struct extract *x, const struct digest *key)
{
	struct made m = {0};
	bool ours = false, already;
	enum err e;

	if (j->in.state != IN_CLAIMED && is_contended(j))
		return E_LOCKED;
	if (j->in.state != IN_CLAIMED)
		TRY(consent_lasts(j));
	TRY(claim(j));
	e = look(j, key, &m, &ours);
	already = e == E_OK && !ours;
	if (e == E_NOT_FOUND && consent_lasts(j) != E_OK) {
		TRY(job_reject(j, E_CONSENT_EXPIRED));
		return E_CONSENT_EXPIRED;
	}
	if (e == E_NOT_FOUND) {
		e = enter(j, x, key, &m);
		already = e == E_ALREADY;
	}
	if (e != E_OK && e != E_ALREADY)
		return e;
	log_message(LOG_NOTICE, &j->in.header.id, already ? "already entered" : "entered");
	return finish(j, x, &m, already);
}

enum err
extract_by_hand(
	struct job *j, const struct extract *x, const struct digest *key, const char *number)
{
	OWNED(char, fact, free_chars) = NULL;
	struct made m = {0};
	char name[80], today[11], id[ID_TEXT_SIZE];
	bool ours;
	enum err e;

	if (is_contended(j))
		return E_LOCKED;
	TRY(consent_lasts(j));
	e = look(j, key, &m, &ours);
	if (e == E_OK)
		return extract_enter(j, x, key); /* it stands there already */
	if (e != E_NOT_FOUND)
		return e;
	core_day(j->now, 0, today);
	id_format(&j->in.header.id, id);
	fact = xprintf("%s %s %s", id, today, number);
	hand_key(key, name);
	TRY(spool_set_fact(j->c->o.spool, name, bytes_of(fact, strlen(fact))));
	return extract_enter(j, x, key);
}

/* Entered directly under its key, which the driver keeps from being entered twice; nothing about
 * the message's own end changes. */
enum err
extract_again(struct job *j, const char *number, struct made *m)
{
	OWNED(struct extract, x, extract_free) = NULL;
	const struct core_options *o = &j->c->o;
	struct bytes message[ANSWERS_MAX];
	struct digest key;
	struct civil_act act;
	ANSWERS(a) = {0};
	enum err e;

	TRY(job_open(j));
	TRY(extract_parse(buf_bytes(&j->body), &x));
	TRY(check_key(j, x, &key));
	act = act_of(j, x);
	*m = (struct made){0};
	e = o->kind->enter(o->driver, &key, &act, m);
	if (e != E_OK && e != E_ALREADY)
		return e;
	log_message(LOG_NOTICE, &j->in.header.id, "entered again");
	if (strcmp(m->entry_number, number) == 0)
		return E_OK;
	TRY(tell_both(j, x, m, e == E_ALREADY, &a));
	for (size_t i = 0; i < a.n; i++)
		message[i] = buf_bytes(&a.message[i]);
	return spool_file_all(o->spool, message, a.n, NULL, j->now);
}

/* As the register has it now, told to one of the two. */
enum err
extract_tell_again(struct job *j, const struct party *to, struct answers *a)
{
	bool issuer = party_equal(to, &j->in.header.from), ours;
	const struct answer what = {
		A_TRANSCRIPTION_OUTCOME, *to, issuer ? &j->in.header.leg : NULL, NULL};
	OWNED(struct extract, x, extract_free) = NULL;
	OWNED_BUF(body) = {0};
	struct made m = {0};
	struct digest key;

	TRY(extract_parse(buf_bytes(&j->body), &x));
	TRY(check_key(j, x, &key));
	TRY(look(j, &key, &m, &ours));
	compose_outcome(j, x, &m, j->in.code == E_ALREADY, &body);
	return answers_add(a, j, &what, buf_bytes(&body));
}
