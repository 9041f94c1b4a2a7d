/* SPDX-License-Identifier: EUPL-1.2
 *
 * The stage for the tests of the adapter's core: one party with a real spool, real messages and
 * seals in a realm with all agreements, and a register that is a few lines of shared memory, so
 * that a process may be killed in the middle of an entry and the next one finds what it has left.
 */
#ifndef DAFTAR_CORE_STAGE_H
#define DAFTAR_CORE_STAGE_H

#include "tests/unit/test_realm.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/core.h"
#include "adapters/names.h"
#include "adapters/row.h"
#include "lib/log.h"

/* ---- a register in memory that outlives processes ---- */

enum mishap { NONE, DIES_BEFORE_ENTRY, DIES_AFTER_ENTRY, COMMIT_UNKNOWN };

struct fake {
	size_t n;
	struct {
		struct digest key;
		struct made made;
	} entry[8];
	size_t entered, looked, found; /* calls */
	const char *scheme, *number;   /* that it holds of the child; NULL: none */
	enum err find, lookup, enter;  /* what they say instead of doing it; E_OK: they do it */
	char poison[16];	       /* the entry number of an act that is never entered */
	enum mishap mishap;
	char deadly[16];  /* the entry number of an act that kills who begins to enter it */
	bool deadly_look; /* and it has become deadly to ask for anything */
};

static struct fake *fake;

static inline enum err
fake_find(struct driver *d, const struct locator *l, struct extract **out)
{
	struct row r = {
		.name = {"entry_number", "office", "registered_on", "child_name", "child_given",
			"sex", "birth_date", "birth_place", "birth_country", "mother_name",
			"mother_nationality", "birth_time", "child_id_scheme", "child_id"},
		.value = {l->entry_number != NULL ? l->entry_number : "7", "Westlands",
			"2024-02-20", "Hodan Abdi", "Hodan", "F", "2024-03-09", "Nairobi", "KE",
			"Asha Nuur", "SO", "04:10", fake->scheme, fake->number},
		.n = fake->scheme != NULL ? 14 : 12,
	};

	fake->found++;
	if (fake->find != E_OK)
		return fake->find;
	return row_extract(&r, out);
}

static inline enum err
fake_lookup(struct driver *d, const struct digest *key, struct made *made)
{
	fake->looked++;
	if (fake->deadly_look)
		_exit(9);
	if (fake->lookup != E_OK)
		return fake->lookup;
	for (size_t i = 0; i < fake->n; i++)
		if (digest_equal(key, &fake->entry[i].key)) {
			*made = fake->entry[i].made;
			return E_OK;
		}
	return E_NOT_FOUND;
}

static inline enum err
fake_enter(
	struct driver *d, const struct digest *key, const struct civil_act *act, struct made *made)
{
	char number[32];

	fake->entered++;
	if (fake->mishap == DIES_BEFORE_ENTRY ||
		strcmp(act->extract->entry.number, fake->deadly) == 0)
		_exit(9);
	if (fake->enter == E_ALREADY)
		made_fill(made, "OTHER-1", "2020-01-01", "");
	if (fake->enter != E_OK)
		return fake->enter;
	if (strcmp(act->extract->entry.number, fake->poison) == 0)
		return E_REGISTER;
	for (size_t i = 0; i < fake->n; i++)
		if (digest_equal(key, &fake->entry[i].key)) {
			*made = fake->entry[i].made;
			return E_ALREADY;
		}
	assert_true(fake->n < ARRAY_LEN(fake->entry));
	snprintf(number, sizeof number, "SO-%zu", fake->n + 1);
	made_fill(made, number, "2026-11-24", name_full(&act->extract->name));
	fake->entry[fake->n].key = *key;
	fake->entry[fake->n++].made = *made;
	if (fake->mishap == DIES_AFTER_ENTRY)
		_exit(9);
	return fake->mishap == COMMIT_UNKNOWN ? E_REGISTER : E_OK;
}

static inline enum err
fake_list(struct driver *d, driver_visit *each, void *context)
{
	static const struct id none;

	if (fake->lookup != E_OK)
		return fake->lookup;
	for (size_t i = 0; i < fake->n; i++)
		each(context, &fake->entry[i].key, &fake->entry[i].made, &none);
	return E_OK;
}

static const struct driver_kind fake_kind = {.name = "fake",
	.find = fake_find,
	.lookup = fake_lookup,
	.enter = fake_enter,
	.list = fake_list};

/* ---- the stage: one party with its spool, in a realm with all agreements ---- */

static struct realm *realm;
static struct trust *trust;
static const uint8_t shared_secret[32] = "a secret of two registries";

struct core_stage {
	enum who self;
	char folder[64];
	struct spool *spool;
	struct core *core;
	bool manual;
	bool no_secret;
	enum err judged; /* what an examiner says of everything now */
	int64_t now;
};

static struct core_stage stage;

static inline struct trust *
trust_with(const enum who (*pair)[2], size_t n)
{
	struct identity operator= {.key = realm->operator_key, .cert = realm->operator_cert};
	OWNED_BUF(plain) = {0};
	OWNED_BUF(list) = {0};
	int64_t now = instant_now();
	char issued[INSTANT_TEXT_SIZE], until[INSTANT_TEXT_SIZE];
	unsigned char *der = NULL;
	struct trust *t = NULL;

	instant_format(now, issued);
	instant_format(now + 30 * DAY_MS, until);
	xml_open(&plain, "tl:TrustList", "xmlns:tl", NS_TRUST, "issuedAt", issued, "realm", "demo",
		"schemaVersion", "1.0", "validUntil", until, "version", "8", NULL);
	put_log(&plain);
	for (size_t i = 0; i < ARRAY_LEN(realm_countries); i++)
		put_cert(&plain, "tl:Anchor", realm_countries[i][0] ? realm_countries[i] : NULL,
			realm->anchor[i]);
	for (enum who w = 0; w < WHO_N; w++)
		put_party(&plain, realm, w);
	for (size_t i = 0; i < n; i++)
		put_agreement(&plain, pair[i][0], pair[i][1], now + 20 * DAY_MS);
	xml_close(&plain, "tl:TrustList");
	operator.der_size =(size_t) i2d_X509(realm->operator_cert, &der);
	operator.der = der;
	assert_int_equal(seal_sign(buf_bytes(&plain), &operator, & list), E_OK);
	OPENSSL_free(der);
	assert_int_equal(trust_load(buf_bytes(&list), realm->operator_cert, now, &t), E_OK);
	return t;
}

static const enum who all_pairs[][2] = {
	{OFFICE, KENYA}, {KENYA, OFFICE}, {KENYA, SOMALIA}, {SOMALIA, KENYA}, {SOMALIA, OFFICE}};

static inline enum err
pair_secret(void *context, const struct party *other, uint8_t out[32])
{
	if (stage.no_secret)
		return E_NO_KEY;
	memcpy(out, shared_secret, 32);
	return E_OK;
}

static inline enum err
judge(void *context, int64_t when, struct bytes message)
{
	(void)context;
	assert_true(when > 0 && message.size > 0);
	return stage.judged;
}

static inline void
core_start(void)
{
	struct core_options o = {
		.self = party_of(stage.self),
		.profile = {.liaison = party_of(OFFICE),
			.register_name = "Register of births",
			.office = "Mogadishu",
			.place = "Mogadishu",
			.certifier = "Registrar",
			.legal_provision = "Law 1, section 2",
			.appeal_body = "High Court",
			.name_rule = "as-authored",
			.appeal_days = 30,
			.expires_days = 30,
			.retain_days = 90,
			.manual = stage.manual},
		.trust = trust,
		.sign = realm->sign[stage.self],
		.encrypt = realm->encrypt[stage.self],
		.spool = stage.spool,
		.kind = &fake_kind,
		.pair_secret = pair_secret,
		.judge = judge,
	};

	stage.core = core_new(&o);
}

static inline void
stage_stop(void)
{
	core_free(&stage.core);
	spool_close(&stage.spool);
}

static inline void
stage_start(void)
{
	char spool[96];

	snprintf(spool, sizeof spool, "%s/spool", stage.folder);
	assert_int_equal(spool_open(spool, (size_t)4 << 20, &stage.spool), E_OK);
	core_start();
}

static inline void
stage_begin(enum who self, bool manual)
{
	stage = (struct core_stage){.self = self, .manual = manual, .now = instant_now()};
	memset(fake, 0, sizeof *fake);
	assert_true(scratch_folder(stage.folder, sizeof stage.folder, "core"));
	stage_start();
}

static inline int
as_issuer(void **state)
{
	stage_begin(KENYA, false);
	return 0;
}

static inline int
as_receiver(void **state)
{
	stage_begin(SOMALIA, false);
	return 0;
}

static inline int
as_manual_issuer(void **state)
{
	stage_begin(KENYA, true);
	return 0;
}

static inline int
as_manual_receiver(void **state)
{
	stage_begin(SOMALIA, true);
	return 0;
}

static inline int
stage_end(void **state)
{
	OWNED(char, command, free_chars) = xprintf("rm -rf '%s'", stage.folder);

	stage_stop();
	return system(command);
}

static inline int64_t
work(void)
{
	return core_work(stage.core, stage.now);
}

/* ---- messages for the stage ---- */

static inline void
take(const struct header *h, struct bytes body, enum who from, enum who to)
{
	X509 *const certs[] = {realm->encrypt[to]->cert};
	OWNED_BUF(message) = {0};
	bool again;

	assert_int_equal(message_compose(h, body, certs, 1, realm->sign[from], &message), E_OK);
	assert_int_equal(spool_take(stage.spool, buf_bytes(&message), stage.now, &again), E_OK);
	assert_false(again);
}

static inline struct request *
case_hodan(void)
{
	OWNED(char, file, free_chars) = xprintf("%s/data/cases/hodan.json", tests_folder());
	OWNED_BUF(problems) = {0};
	struct request *r = NULL;
	char text[16384];
	FILE *f = fopen(file, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof text, f);
	fclose(f);
	assert_int_equal(request_of_json(text, n, &r, &problems), E_OK);
	return r;
}

static inline struct header
take_request_of(const struct request *r)
{
	struct header h = header_for(A_TRANSCRIPTION_REQUEST, OFFICE, KENYA);
	OWNED_BUF(body) = {0};

	request_compose(r, &body);
	take(&h, buf_bytes(&body), OFFICE, KENYA);
	return h;
}

static inline struct header
take_request(void)
{
	OWNED(struct request, r, request_free) = case_hodan();

	return take_request_of(r);
}

static inline void
compose_extract(const char *number, enum who sealer, struct buf *out, struct digest *key)
{
	OWNED(struct extract, x, extract_free) = NULL;
	const struct locator l = {.entry_number = number};
	const struct party receiver = party_of(SOMALIA);
	OWNED_BUF(plain) = {0};

	assert_int_equal(fake_find(NULL, &l, &x), E_OK);
	x->id = UUID;
	x->certifier = "Registrar";
	x->certified_office = "Westlands";
	x->issued_on = "2026-11-01";
	x->issued_place = "Nairobi";
	extract_compose(x, &plain);
	assert_int_equal(
		seal_extract(buf_bytes(&plain), realm->sign[sealer], instant_now(), out), E_OK);
	record_key(bytes_of(shared_secret, 32), &receiver, "KE", &x->entry, key);
}

static inline struct header
take_extract(const char *number)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};

	compose_extract(number, KENYA, &body, &h.key);
	take(&h, buf_bytes(&body), KENYA, SOMALIA);
	return h;
}

/* ---- what has become of them ---- */

static inline struct in_entry
entry_of(const struct header *h)
{
	struct in_entry e;

	assert_int_equal(spool_in(stage.spool, &h->from, &h->id, &e, NULL), E_OK);
	return e;
}

static inline void
assert_settled(const struct header *h, enum stage expected, const char *code)
{
	struct in_entry e = entry_of(h);
	OWNED_BUF(receipt) = {0};
	struct header r;
	enum stage told;
	char word[32] = "";

	assert_int_equal(e.state, IN_DONE);
	assert_int_equal(spool_answer(stage.spool, &h->from, &h->id, &receipt), E_OK);
	assert_int_equal(message_header(buf_bytes(&receipt), &r), E_OK);
	assert_int_equal(message_receipt(buf_bytes(&receipt), &told, word, sizeof word), E_OK);
	assert_int_equal(told, expected);
	assert_string_equal(word, code);
	assert_string_equal(r.to.code, "DAFTAR.HUB");
	assert_true(id_equal(&r.ref, &h->id));
	assert_true(digest_equal(&r.ref_digest, &e.digest));
	assert_int_equal(seal_verify_both(buf_bytes(&receipt), realm->sign[stage.self]->key), E_OK);
}

struct sent {
	struct header header[8];
	struct buf body[8];
	size_t n;
};

static inline void
sent_clear(struct sent *s)
{
	for (size_t i = 0; i < ARRAY_LEN(s->body); i++)
		buf_free(&s->body[i]);
}
#define SENT(name) __attribute__((cleanup(sent_clear))) struct sent name

static inline enum who
who_is(const struct party *p)
{
	for (enum who w = 0; w < WHO_N; w++)
		if (strcmp(realm_parties[w].code, p->code) == 0)
			return w;
	fail_msg("no such party");
	return WHO_N;
}

/* Everything in the outbox, opened with its addressee's key and examined as the exchange does. */
static inline void
read_outbox(struct sent *s)
{
	OWNED_BUF(message) = {0};
	struct id id, *after = NULL, last;

	memset(s, 0, sizeof *s);
	while (spool_next_to_send(stage.spool, after, &id, &message) == E_OK) {
		struct header *h = &s->header[s->n];

		assert_true(s->n < ARRAY_LEN(s->header));
		assert_int_equal(message_header(buf_bytes(&message), h), E_OK);
		assert_int_equal(
			seal_verify_both(buf_bytes(&message), realm->sign[stage.self]->key), E_OK);
		assert_int_equal(trust_allows(trust, h, stage.now), E_OK);
		assert_int_equal(message_open(buf_bytes(&message), realm->encrypt[who_is(&h->to)],
					 &s->body[s->n]),
			E_OK);
		s->n++;
		last = id;
		after = &last;
	}
}

static inline void
assert_outcome(const struct sent *s, size_t i, const char *to, const char *word, const char *number)
{
	OWNED(struct outcome, o, outcome_free) = NULL;

	assert_true(i < s->n);
	assert_int_equal(s->header[i].action, A_TRANSCRIPTION_OUTCOME);
	assert_string_equal(s->header[i].to.code, to);
	assert_int_equal(outcome_parse(buf_bytes(&s->body[i]), &o), E_OK);
	assert_string_equal(outcome_word(o), word);
	if (o->result == OUTCOME_REFUSED) {
		assert_string_equal(o->reason->value, number);
		assert_string_equal(o->legal_provision, "Law 1, section 2");
		assert_non_null(o->appeal_by);
	} else {
		assert_string_equal(o->entry_number, number);
	}
}

static inline void
assert_told(const char *word, const char *number)
{
	SENT(s);

	read_outbox(&s);
	assert_int_equal(s.n, 2);
	assert_outcome(&s, 0, "KE.CRS", word, number);
	assert_outcome(&s, 1, "UNHCR.NBO", word, number);
}

/* Nothing can be begun any more; what was taken must still come to its end. */
static inline void
fill_spool(void)
{
	static const uint8_t filler[20000];
	enum err e = E_OK;

	for (size_t n = 0; e == E_OK; n++) {
		OWNED(char, name, free_chars) = xprintf("filler %zu", n);

		e = spool_set_fact(stage.spool, name, bytes_of(filler, sizeof filler));
		assert_true(e == E_OK || e == E_SPOOL_FULL);
	}
}

/* ---- the group ---- */

static inline int
group_setup(void **state)
{
	log_open("test_core", LOG_ERROR);
	realm_ready();
	realm = realm_new();
	trust = trust_with(all_pairs, ARRAY_LEN(all_pairs));
	fake = mmap(NULL, sizeof *fake, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(fake, MAP_FAILED);
	return 0;
}

static inline int
group_teardown(void **state)
{
	munmap(fake, sizeof *fake);
	trust_free(&trust);
	realm_free(&realm);
	return 0;
}

#define ISSUER(name) cmocka_unit_test_setup_teardown(name, as_issuer, stage_end)
#define RECEIVER(name) cmocka_unit_test_setup_teardown(name, as_receiver, stage_end)
#define MANUAL_ISSUER(name) cmocka_unit_test_setup_teardown(name, as_manual_issuer, stage_end)
#define MANUAL_RECEIVER(name) cmocka_unit_test_setup_teardown(name, as_manual_receiver, stage_end)

#endif
