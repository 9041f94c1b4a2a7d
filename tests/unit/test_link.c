/* SPDX-License-Identifier: EUPL-1.2
 *
 * The link against a broker that does exactly what a test tells it to, over real sockets and CURVE
 * in the same loop: answers that get lost, come twice, are forged, or say no. Messages, trust list,
 * log and signatures are real; only the examiner is called in this process instead of in its own.
 */
#include "tests/unit/test_realm.h"

#include <unistd.h>

#include "lib/link.h"
#include "lib/log.h"

#define BOUND_S 20 /* no test waits longer than this for what it expects */
#define HEARD_MAX 128
#define NOTHING bytes_of(NULL, 0)

/* What the broker has heard, in order. */
struct heard {
	struct wire w;
	struct buf body;
	peer_no peer;
};

struct scene {
	struct realm *realm;
	struct trust *trust; /* the realm's, with keys whose secrets we know */
	struct buf list;
	EVP_PKEY *log_key;
	struct curve_pair broker, peer;
	struct event_base *base;
	struct gate_socket *gate;
	char endpoint[64];
	char folder[64], place[96];
	struct spool *spool;
	struct link *link;
	struct heard heard[HEARD_MAX];
	size_t n, seen;
	peer_no last_peer;
	uint64_t welcome; /* version of the trust list that WELCOME names */
	bool mute;	  /* does not answer HELLO */
	bool fenced;
	unsigned ups, changes;
	struct buf offered;
	struct event *bound;
	bool bounded;
};

static struct scene *scene;
static bool examiner_is_dead;

enum err
examiner_examine(struct examiner *x, enum examine_mode mode, const struct party *party,
	struct bytes message, struct verdict *out)
{
	assert_non_null(x);
	if (examiner_is_dead)
		return E_QUARANTINED;
	examine(message, scene->trust, NULL, mode == EXAMINE_AS_ADDRESSEE ? party : NULL,
		instant_now(), out);
	return (enum err)out->code;
}

/* ---- the broker ---- */

static void
broker_says(const struct wire *w)
{
	struct frames f;

	wire_encode(w, &f);
	assert_true(gate_send(scene->gate, scene->last_peer, f.frame, f.n));
}

static void
broker_hears(void *context, peer_no peer, const uint8_t key[CURVE_KEY_SIZE],
	const struct bytes *frame, size_t n)
{
	struct scene *s = context;
	struct heard *h = &s->heard[s->n];

	assert_memory_equal(key, s->peer.public_key, CURVE_KEY_SIZE);
	assert_true(s->n < HEARD_MAX);
	assert_int_equal(wire_decode(frame, n, 'p', &h->w), E_OK);
	buf_reset(&h->body);
	buf_add_bytes(&h->body, h->w.body);
	h->w.text = h->w.body = h->w.extra = NOTHING;
	h->peer = peer;
	s->n++;
	s->last_peer = peer;
	if (h->w.verb == V_HELLO && !s->mute)
		broker_says(&(struct wire){.verb = V_WELCOME,
			.number = s->welcome,
			.text = bytes_of("DAFTAR.HUB", 10)});
}

static void
broker_loses(void *context, peer_no peer)
{
	(void)context;
	(void)peer;
}

/* libzmq gives an address back some time after its socket was closed. */
static void
broker_opens(const char *endpoint)
{
	struct gate_handlers h = {.context = scene, .frames = broker_hears, .gone = broker_loses};
	const struct timeval moment = {0, 10000};
	int64_t start = monotonic_now();
	enum err e;

	do {
		event_base_loopexit(scene->base, &moment);
		event_base_loop(scene->base, 0);
		e = gate_open(scene->base, endpoint, &scene->broker, &h, scene->endpoint,
			sizeof scene->endpoint, &scene->gate);
	} while (e != E_OK && monotonic_now() - start < BOUND_S * 1000);
	assert_int_equal(e, E_OK);
	gate_allow(scene->gate, &scene->peer.public_key, 1);
}

/* Ends, and comes back at the same address. */
static void
broker_restarts(void)
{
	char endpoint[64];

	strcpy(endpoint, scene->endpoint);
	gate_close(&scene->gate);
	broker_opens(endpoint);
}

static void
on_bound(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	((struct scene *)context)->bounded = true;
}

static void
turn(void)
{
	const struct timeval bound = {BOUND_S, 0};

	assert_int_equal(event_add(scene->bound, &bound), 0);
	assert_int_equal(event_base_loop(scene->base, EVLOOP_ONCE), 0);
	if (scene->bounded)
		fail_msg("nothing happened for %d s", BOUND_S);
}

/* Runs the loop until the next frames with this verb have come; others are passed over. */
static const struct heard *
expect(enum verb verb)
{
	for (int i = 0; i < 400; i++) {
		while (scene->seen < scene->n)
			if (scene->heard[scene->seen++].w.verb == verb)
				return &scene->heard[scene->seen - 1];
		turn();
	}
	fail_msg("%s did not come", verb_word(verb));
	return NULL;
}

/* Nothing with this verb was heard since the last expect; ask after said_all. */
static bool
unheard(enum verb verb)
{
	for (size_t i = scene->seen; i < scene->n; i++)
		if (scene->heard[i].w.verb == verb)
			return false;
	return true;
}

/* The link has heard everything that it was told: it hands on an offered trust list after that. */
static void
heard_all(void)
{
	static uint64_t version = 1000;

	buf_reset(&scene->offered);
	broker_says(
		&(struct wire){.verb = V_TRUST, .number = version++, .body = bytes_of("newer", 5)});
	while (scene->offered.size == 0)
		turn();
}

static void confirm_nothing(uint64_t number);

/* And everything that it had to say about it has come: its acknowledgement of a notice is the last
 * thing of a turn. */
static void
said_all(void)
{
	uint64_t number = spool_last_notice(scene->spool) + 1;
	size_t at = scene->n;

	confirm_nothing(number);
	for (;;) {
		while (at < scene->n)
			if (scene->heard[at].w.verb == V_CREDIT &&
				scene->heard[at].w.resume == number)
				return;
			else
				at++;
		turn();
	}
}

/* ---- the link's owner ---- */

static void
owner_up(void *context)
{
	((struct scene *)context)->ups++;
}

static void
owner_changed(void *context)
{
	((struct scene *)context)->changes++;
}

static void
owner_trust(void *context, struct bytes list)
{
	buf_add_bytes(&((struct scene *)context)->offered, list);
}

static void
owner_fenced(void *context)
{
	((struct scene *)context)->fenced = true;
}

static enum err
open_link_with(struct examiner *examiner, struct link **out)
{
	static const struct link_handlers h0;
	struct link_handlers h = h0;
	struct link_options o = {.program = "test/1",
		.self = party_of(SOMALIA),
		.endpoint = scene->endpoint,
		.pair = scene->peer,
		.trust = scene->trust,
		.credit = examiner == NULL ? 0 : 8,
		.identity = scene->realm->sign[SOMALIA]};

	h.context = scene;
	h.up = owner_up;
	h.changed = owner_changed;
	h.trust = owner_trust;
	h.fenced = owner_fenced;
	return link_open(scene->base, &o, scene->spool, examiner, &h, out);
}

static enum err
open_link(struct link **out)
{
	return open_link_with((struct examiner *)scene, out);
}

/* ---- the scene ---- */

static void
replace(struct buf *in, const uint8_t *old, const uint8_t *new)
{
	OWNED_BUF(a) = {0};
	OWNED_BUF(b) = {0};
	char *at;

	buf_base64(&a, old, 32);
	buf_base64(&b, new, 32);
	at = strstr((char *)in->data, (char *)a.data);
	assert_non_null(at);
	memcpy(at, b.data, b.size);
}

/* The realm's list with the broker's line key and log key of this test. */
static void
make_trust(struct scene *s)
{
	struct identity operator= {.key = s->realm->operator_key, .cert = s->realm->operator_cert};
	uint8_t curve[32], log[32] = {7}, key[32];
	size_t size = sizeof key;
	OWNED_BUF(plain) = {0};
	unsigned char *der = NULL;

	memset(curve, 'a' + HUB, sizeof curve);
	assert_int_equal(EVP_PKEY_get_raw_public_key(s->log_key, key, &size), 1);
	operator.der_size =(size_t) i2d_X509(operator.cert, &der);
	operator.der = der;
	realm_list(s->realm, "7", instant_now(), &plain);
	replace(&plain, curve, s->broker.public_key);
	replace(&plain, log, key);
	assert_int_equal(seal_sign(buf_bytes(&plain), &operator, & s->list), E_OK);
	OPENSSL_free(der);
	assert_int_equal(
		trust_load(buf_bytes(&s->list), operator.cert, instant_now(), &s->trust), E_OK);
}

static int
setup(void **state)
{
	struct scene *s = xcalloc(1, sizeof *s);

	(void)state;
	scene = s;
	examiner_is_dead = false;
	s->realm = realm_new();
	s->log_key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	curve_generate(&s->broker);
	curve_generate(&s->peer);
	make_trust(s);
	s->welcome = trust_version(s->trust);
	s->base = event_base_new();
	s->bound = evtimer_new(s->base, on_bound, s);
	strcpy(s->folder, "/tmp/daftar-link-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	snprintf(s->place, sizeof s->place, "%s/spool", s->folder);
	assert_int_equal(spool_open(s->place, 4 << 20, &s->spool), E_OK);
	broker_opens("tcp://127.0.0.1:*");
	assert_int_equal(open_link(&s->link), E_OK);
	expect(V_HELLO);
	while (!link_is_up(s->link))
		turn();
	return 0;
}

static int
teardown(void **state)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "link.lock"};
	struct scene *s = scene;
	char file[160];

	(void)state;
	link_close(&s->link);
	gate_close(&s->gate);
	spool_close(&s->spool);
	event_free(s->bound);
	event_base_free(s->base);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(file, sizeof file, "%s/%s", s->place, files[i]);
		unlink(file);
	}
	rmdir(s->place);
	rmdir(s->folder);
	for (size_t i = 0; i < HEARD_MAX; i++)
		buf_free(&s->heard[i].body);
	buf_free(&s->offered);
	buf_free(&s->list);
	trust_free(&s->trust);
	key_free(&s->log_key);
	realm_free(&s->realm);
	free(s);
	return 0;
}

/* ---- messages and receipts ---- */

static struct id
file_in(const struct id *conversation, struct buf *message)
{
	struct header h = header_for(A_QUERY, SOMALIA, KENYA);

	if (conversation != NULL)
		h.conversation = *conversation;
	buf_reset(message);
	message_from(scene->realm, &h, SOMALIA, KENYA, message);
	assert_int_equal(spool_file(scene->spool, buf_bytes(message), instant_now()), E_OK);
	link_kick(scene->link);
	return h.id;
}

static struct id
file(struct buf *message)
{
	return file_in(NULL, message);
}

static struct header
from_kenya(struct buf *message)
{
	struct header h = header_for(A_CANCELLATION, KENYA, SOMALIA);

	buf_reset(message);
	message_from(scene->realm, &h, KENYA, SOMALIA, message);
	return h;
}

static struct statement
statement_for(const struct id *id, const struct buf *message, enum who from, enum who to,
	enum stage stage)
{
	struct statement w = {.id = *id,
		.from = party_of(from),
		.to = party_of(to),
		.stage = stage,
		.at = instant_now()};

	digest_of(message->data, message->size, &w.digest);
	return w;
}

/* A log of one leaf is a log. */
static void
receipt_by(EVP_PKEY *key, const struct statement *what, struct buf *out)
{
	OWNED_BUF(leaf) = {0};
	OWNED_BUF(note) = {0};
	struct digest root;

	statement_compose(what, &leaf);
	merkle_leaf(buf_bytes(&leaf), &root);
	assert_int_equal(checkpoint_sign(trust_log_name(scene->trust), 1, &root, key, &note), E_OK);
	buf_reset(out);
	receipt_compose(buf_bytes(&leaf), 0, 1, NULL, 0, buf_bytes(&note), out);
}

static void
say_receipt(EVP_PKEY *key, const struct id *id, const struct statement *what)
{
	OWNED_BUF(r) = {0};

	receipt_by(key, what, &r);
	broker_says(&(struct wire){.verb = V_RECEIPT, .id = *id, .body = buf_bytes(&r)});
}

static void
say_accepted(const struct id *id, const struct buf *message)
{
	struct statement w = statement_for(id, message, SOMALIA, KENYA, ST_ACCEPTED);

	say_receipt(scene->log_key, id, &w);
}

static void
deliver(const struct buf *message)
{
	broker_says(&(struct wire){.verb = V_DELIVER, .number = 1, .body = buf_bytes(message)});
}

static enum out_state
out_state(const struct id *id)
{
	struct out_entry e;

	assert_int_equal(spool_out(scene->spool, id, &e, NULL), E_OK);
	return e.state;
}

static void
until_out(const struct id *id, enum out_state want)
{
	for (int i = 0; i < 400 && out_state(id) != want; i++)
		turn();
	assert_int_equal(out_state(id), want);
}

static enum in_state
in_state(const struct header *h)
{
	struct in_entry e;

	assert_int_equal(spool_in(scene->spool, &h->from, &h->id, &e, NULL), E_OK);
	return e.state;
}

static void
until_in(const struct header *h, enum in_state want)
{
	for (int i = 0; i < 400 && in_state(h) != want; i++)
		turn();
	assert_int_equal(in_state(h), want);
}

/* A delivery that was taken and is done; `answer' is our signed receipt. */
static struct header
done(struct buf *message, struct buf *answer)
{
	struct header h = from_kenya(message), r = header_for(A_RECEIPT, SOMALIA, HUB);
	struct spool_done d = {.id = h.id, .from = h.from};

	deliver(message);
	expect(V_TAKEN);
	r.ref = h.id;
	digest_of(message->data, message->size, &r.ref_digest);
	buf_reset(answer);
	assert_int_equal(message_compose_receipt(
				 &r, ST_COMMITTED, NULL, scene->realm->sign[SOMALIA], answer),
		E_OK);
	d.receipt = buf_bytes(answer);
	assert_int_equal(spool_file_all(scene->spool, NULL, 0, &d, instant_now()), E_OK);
	link_kick(scene->link);
	return h;
}

/* ---- greeting ---- */

static void
hello_names_epoch_resume_and_credit(void **state)
{
	const struct wire *w = &scene->heard[0].w;

	(void)state;
	assert_int_equal(w->verb, V_HELLO);
	assert_true(w->epoch > 1);
	assert_int_equal(w->resume, 0);
	assert_int_equal(w->number, 8);
	assert_int_equal(scene->ups, 1);
}

static void
second_link_on_one_spool_is_locked(void **state)
{
	struct link *other = NULL;

	(void)state;
	assert_int_equal(open_link(&other), E_LOCKED);
	assert_null(other);
}

static void
stale_epoch_ends_the_link_for_good(void **state)
{
	OWNED_BUF(m) = {0};
	struct id none = {{0}}, id;

	(void)state;
	broker_says(&(struct wire){
		.verb = V_REFUSED, .id = none, .code = E_STALE_EPOCH, .retry = false});
	while (!scene->fenced)
		turn();
	assert_false(link_is_up(scene->link));
	scene->seen = scene->n;
	id = file(&m);
	event_base_loop(scene->base, EVLOOP_NONBLOCK);
	assert_true(unheard(V_SUBMIT));
	assert_int_equal(out_state(&id), OUT_FILED);
}

static void
forgetful_broker_is_greeted_again(void **state)
{
	OWNED_BUF(m) = {0};
	struct id none = {{0}};
	struct id id = file(&m);
	int64_t start = monotonic_now();

	(void)state;
	expect(V_SUBMIT);
	while (monotonic_now() - start <= 1000) /* greetings are at least a second apart */
		turn();
	broker_says(
		&(struct wire){.verb = V_REFUSED, .id = none, .code = E_NOT_READY, .retry = true});
	expect(V_HELLO);
	assert_memory_equal(expect(V_SUBMIT)->body.data, m.data, m.size);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
}

static void
restarted_broker_is_greeted_and_told_again(void **state)
{
	OWNED_BUF(m) = {0};
	struct id id = file(&m);

	(void)state;
	expect(V_SUBMIT);
	broker_restarts();
	assert_int_equal(expect(V_HELLO)->w.epoch, scene->heard[0].w.epoch);
	assert_memory_equal(expect(V_SUBMIT)->body.data, m.data, m.size);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
	assert_int_equal(scene->ups, 2);
}

static void
bye_is_said_at_the_end(void **state)
{
	(void)state;
	link_close(&scene->link);
	expect(V_BYE);
}

static void
newer_trust_list_is_handed_on_and_an_older_one_is_not(void **state)
{
	(void)state;
	broker_says(&(struct wire){.verb = V_TRUST, .number = 7, .body = bytes_of("same", 4)});
	heard_all();
	assert_int_equal(scene->offered.size, 5);
	assert_memory_equal(scene->offered.data, "newer", 5);
}

/* ---- the outbox ---- */

static void
filed_message_is_submitted_and_its_receipt_kept(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(kept) = {0};
	struct id id = file(&m);
	const struct heard *h = expect(V_SUBMIT);

	(void)state;
	assert_int_equal(h->body.size, m.size);
	assert_memory_equal(h->body.data, m.data, m.size);
	assert_int_equal(out_state(&id), OUT_FILED);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
	assert_int_equal(spool_evidence(scene->spool, &id, "ACCEPTED", &kept), E_OK);
	assert_true(kept.size > 0);
	assert_true(scene->changes > 0);
}

static void
receipt_that_comes_twice_is_kept_once(void **state)
{
	OWNED_BUF(m) = {0};
	struct id id = file(&m);

	(void)state;
	expect(V_SUBMIT);
	say_accepted(&id, &m);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
	said_all();
	assert_int_equal(out_state(&id), OUT_SENT);
	assert_true(unheard(V_SUBMIT));
}

static void
forged_receipts_are_dropped(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(other) = {0};
	EVP_PKEY *stranger = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct id id = file(&m), else_id = id_new();
	struct statement good = statement_for(&id, &m, SOMALIA, KENYA, ST_ACCEPTED), bad;

	(void)state;
	expect(V_SUBMIT);
	say_receipt(stranger, &id, &good); /* another log's */
	bad = good;
	digest_of("x", 1, &bad.digest);
	say_receipt(scene->log_key, &id, &bad); /* other bytes */
	bad = good;
	bad.to = party_of(OFFICE);
	say_receipt(scene->log_key, &id, &bad); /* another addressee */
	bad = good;
	bad.from = party_of(KENYA);
	bad.to = party_of(OFFICE);
	say_receipt(scene->log_key, &id, &bad); /* somebody else's */
	bad = good;
	bad.id = else_id;
	say_receipt(scene->log_key, &id, &bad); /* another message */
	bad = good;
	bad.stage = ST_COMMITTED;
	say_receipt(scene->log_key, &id, &bad); /* too much */
	broker_says(&(struct wire){.verb = V_RECEIPT, .id = id, .body = bytes_of("junk", 4)});
	said_all();
	assert_int_equal(out_state(&id), OUT_FILED);
	assert_int_equal(spool_evidence(scene->spool, &id, "ACCEPTED", &other), E_NOT_FOUND);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
	key_free(&stranger);
}

static void
busy_broker_is_asked_again_later(void **state)
{
	OWNED_BUF(m) = {0};
	struct id id = file(&m);
	struct out_entry e;
	int64_t start;

	(void)state;
	expect(V_SUBMIT);
	start = monotonic_now();
	broker_says(&(struct wire){.verb = V_REFUSED, .id = id, .code = E_BUSY, .retry = true});
	expect(V_SUBMIT);
	assert_true(monotonic_now() - start >= 700);
	assert_int_equal(spool_out(scene->spool, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_FILED);
	assert_int_equal(e.code, E_BUSY);
	assert_int_equal(e.attempts, 1);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
}

static void
final_refusal_is_kept_and_not_asked_again(void **state)
{
	OWNED_BUF(m) = {0};
	struct id id = file(&m);
	struct out_entry e;

	(void)state;
	expect(V_SUBMIT);
	broker_says(&(struct wire){.verb = V_REFUSED,
		.id = id,
		.code = E_CONFLICT,
		.retry = false,
		.text = bytes_of("two digests", 11)});
	until_out(&id, OUT_REFUSED);
	assert_int_equal(spool_out(scene->spool, &id, &e, NULL), E_OK);
	assert_int_equal(e.code, E_CONFLICT);
	said_all();
	assert_true(unheard(V_SUBMIT));
}

static void
no_more_than_a_window_is_under_way(void **state)
{
	struct buf m[40] = {{0}};
	struct id id[40];
	size_t submits = 0;

	(void)state;
	for (int i = 0; i < 40; i++)
		id[i] = file(&m[i]);
	said_all();
	for (size_t i = 0; i < scene->n; i++)
		submits += scene->heard[i].w.verb == V_SUBMIT;
	assert_int_equal(submits, 32);
	scene->seen = scene->n;
	say_accepted(&id[0], &m[0]);
	assert_memory_equal(expect(V_SUBMIT)->body.data, m[32].data, m[32].size);
	for (int i = 0; i < 40; i++)
		buf_free(&m[i]);
}

static void
conversation_is_submitted_in_its_order(void **state)
{
	OWNED_BUF(first) = {0};
	OWNED_BUF(second) = {0};
	OWNED_BUF(other) = {0};
	struct id conversation = id_new();
	struct id one = file_in(&conversation, &first), two = file_in(&conversation, &second);

	(void)state;
	file(&other);
	assert_memory_equal(expect(V_SUBMIT)->body.data, first.data, first.size);
	assert_memory_equal(expect(V_SUBMIT)->body.data, other.data, other.size);
	said_all();
	assert_true(unheard(V_SUBMIT));
	say_accepted(&one, &first);
	assert_memory_equal(expect(V_SUBMIT)->body.data, second.data, second.size);
	say_accepted(&two, &second);
	until_out(&two, OUT_SENT);
}

/* ---- deliveries ---- */

static void
delivery_is_durable_before_taken_is_said(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = from_kenya(&m);
	const struct heard *t;
	struct digest d;

	(void)state;
	deliver(&m);
	t = expect(V_TAKEN);
	digest_of(m.data, m.size, &d);
	assert_true(id_equal(&t->w.id, &h.id));
	assert_true(digest_equal(&t->w.digest, &d));
	assert_int_equal(in_state(&h), IN_TAKEN);
	assert_int_equal(expect(V_CREDIT)->w.number, 8);
}

static void
delivery_that_comes_again_is_taken_once(void **state)
{
	OWNED_BUF(m) = {0};
	struct spool_counts c;

	(void)state;
	from_kenya(&m);
	deliver(&m);
	deliver(&m);
	expect(V_TAKEN);
	expect(V_TAKEN);
	assert_int_equal(spool_count(scene->spool, &c), E_OK);
	assert_int_equal(c.in[IN_TAKEN], 1);
}

static void
altered_delivery_is_refused_with_a_signed_receipt(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = from_kenya(&m), r;
	const struct heard *s;
	struct verdict v;
	struct in_entry e;
	enum stage stage;
	char code[32];
	char *at = strstr((char *)m.data, "<e:RetainUntil>20");

	(void)state;
	at[strlen("<e:RetainUntil>20")] ^= 1;
	deliver(&m);
	s = expect(V_SETTLED);
	assert_true(id_equal(&s->w.id, &h.id));
	examine(buf_bytes(&s->body), scene->trust, NULL, NULL, instant_now(), &v);
	assert_int_equal(v.code, E_OK);
	assert_int_equal(message_header(buf_bytes(&s->body), &r), E_OK);
	assert_true(id_equal(&r.ref, &h.id));
	assert_int_equal(message_receipt(buf_bytes(&s->body), &stage, code, sizeof code), E_OK);
	assert_int_equal(stage, ST_REJECTED);
	assert_string_equal(code, err_word(E_SIGNATURE));
	assert_int_equal(spool_in(scene->spool, &h.from, &h.id, &e, NULL), E_NOT_FOUND);
}

static void
undecidable_delivery_is_left_to_come_again(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = from_kenya(&m);
	struct in_entry e;

	(void)state;
	examiner_is_dead = true;
	deliver(&m);
	said_all();
	assert_true(unheard(V_TAKEN) && unheard(V_SETTLED));
	assert_int_equal(spool_in(scene->spool, &h.from, &h.id, &e, NULL), E_NOT_FOUND);
	examiner_is_dead = false;
	deliver(&m);
	expect(V_TAKEN);
	assert_int_equal(in_state(&h), IN_TAKEN);
}

static void
verdict_of_an_old_trust_list_is_not_final(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = header_for(A_CANCELLATION, OFFICE, SOMALIA);

	(void)state;
	message_from(scene->realm, &h, OFFICE, SOMALIA, &m);
	scene->welcome = trust_version(scene->trust) + 1;
	broker_restarts();
	expect(V_HELLO);
	while (scene->ups < 2)
		turn();
	deliver(&m);
	said_all();
	assert_true(unheard(V_SETTLED) && unheard(V_TAKEN));
}

static void
message_without_an_agreement_is_refused(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = header_for(A_CANCELLATION, OFFICE, SOMALIA);
	enum stage stage;
	char code[32];

	(void)state;
	message_from(scene->realm, &h, OFFICE, SOMALIA, &m);
	deliver(&m);
	assert_int_equal(
		message_receipt(buf_bytes(&expect(V_SETTLED)->body), &stage, code, sizeof code),
		E_OK);
	assert_string_equal(code, err_word(E_NO_AGREEMENT));
}

static void
delivery_with_a_receipt_for_another_is_left(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(r) = {0};
	struct header h = from_kenya(&m);
	struct statement w = statement_for(&h.id, &m, KENYA, SOMALIA, ST_ACCEPTED);

	(void)state;
	digest_of("x", 1, &w.digest);
	receipt_by(scene->log_key, &w, &r);
	broker_says(&(struct wire){
		.verb = V_DELIVER, .number = 1, .body = buf_bytes(&m), .extra = buf_bytes(&r)});
	said_all();
	assert_true(unheard(V_TAKEN) && unheard(V_SETTLED));
	w = statement_for(&h.id, &m, KENYA, SOMALIA, ST_ACCEPTED);
	receipt_by(scene->log_key, &w, &r);
	broker_says(&(struct wire){
		.verb = V_DELIVER, .number = 2, .body = buf_bytes(&m), .extra = buf_bytes(&r)});
	expect(V_TAKEN);
}

static void
full_spool_takes_nothing_and_asks_for_nothing(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h;
	struct in_entry e;
	bool again;
	enum err full = E_OK;

	(void)state;
	while (full == E_OK) {
		from_kenya(&m);
		full = spool_take(scene->spool, buf_bytes(&m), instant_now(), &again);
	}
	assert_int_equal(full, E_SPOOL_FULL);
	h = from_kenya(&m);
	deliver(&m);
	assert_int_equal(expect(V_CREDIT)->w.number, 0);
	assert_true(unheard(V_TAKEN) && unheard(V_SETTLED));
	assert_int_equal(spool_in(scene->spool, &h.from, &h.id, &e, NULL), E_NOT_FOUND);
}

/* ---- settlements ---- */

static void
settlement_is_told_until_its_receipt_comes(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	struct header h = done(&m, &answer);
	struct statement w = statement_for(&h.id, &m, KENYA, SOMALIA, ST_COMMITTED);
	const struct heard *s = expect(V_SETTLED);

	(void)state;
	assert_true(id_equal(&s->w.id, &h.id));
	assert_memory_equal(s->body.data, answer.data, answer.size);
	w.has_by = true;
	digest_of("x", 1, &w.by);
	say_receipt(scene->log_key, &h.id, &w); /* for another answer than ours */
	said_all();
	assert_int_equal(in_state(&h), IN_DONE);
	digest_of(answer.data, answer.size, &w.by);
	say_receipt(scene->log_key, &h.id, &w);
	until_in(&h, IN_TOLD);
	deliver(&m); /* a broker that has forgotten is told the same again */
	expect(V_TAKEN);
	s = expect(V_SETTLED);
	assert_memory_equal(s->body.data, answer.data, answer.size);
	assert_int_equal(in_state(&h), IN_TOLD);
}

static void
settlement_of_what_has_ended_otherwise_is_over(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	struct header h = done(&m, &answer);

	(void)state;
	expect(V_SETTLED);
	broker_says(&(struct wire){.verb = V_REFUSED, .id = h.id, .code = E_FINAL, .retry = false});
	until_in(&h, IN_TOLD);
}

static void
settlement_that_is_refused_otherwise_stays_to_be_told(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	struct header h = done(&m, &answer);

	(void)state;
	expect(V_SETTLED);
	broker_says(
		&(struct wire){.verb = V_REFUSED, .id = h.id, .code = E_SIGNATURE, .retry = false});
	said_all();
	assert_int_equal(in_state(&h), IN_DONE);
	assert_true(unheard(V_SETTLED));
}

/* ---- notices ---- */

static void
signed_by(enum who who, const struct id *id, const struct buf *message, enum stage stage,
	struct buf *out)
{
	struct header r = header_for(A_RECEIPT, who, HUB);

	r.ref = *id;
	digest_of(message->data, message->size, &r.ref_digest);
	buf_reset(out);
	assert_int_equal(
		message_compose_receipt(&r, stage, NULL, scene->realm->sign[who], out), E_OK);
}

static void
confirm(uint64_t number, const struct statement *w, const struct buf *extra)
{
	OWNED_BUF(r) = {0};

	receipt_by(scene->log_key, w, &r);
	broker_says(&(struct wire){.verb = V_CONFIRM,
		.number = number,
		.id = w->id,
		.body = buf_bytes(&r),
		.extra = extra == NULL ? NOTHING : buf_bytes(extra)});
}

static void
confirm_nothing(uint64_t number)
{
	OWNED_BUF(m) = {0};
	struct id id = id_new();
	struct statement w;

	buf_text(&m, "long forgotten");
	w = statement_for(&id, &m, SOMALIA, KENYA, ST_EXPIRED);
	confirm(number, &w, NULL);
}

static void
notices_move_the_state_and_are_acknowledged(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(theirs) = {0};
	OWNED_BUF(kept) = {0};
	struct id id = file(&m);
	struct statement w = statement_for(&id, &m, SOMALIA, KENYA, ST_DELIVERED);

	(void)state;
	expect(V_SUBMIT);
	say_accepted(&id, &m);
	confirm(1, &w, NULL);
	until_out(&id, OUT_DELIVERED);
	assert_int_equal(expect(V_CREDIT)->w.resume, 1);
	signed_by(KENYA, &id, &m, ST_COMMITTED, &theirs);
	w.stage = ST_COMMITTED;
	w.has_by = true;
	digest_of(theirs.data, theirs.size, &w.by);
	confirm(2, &w, &theirs);
	until_out(&id, OUT_ENDED);
	assert_int_equal(expect(V_CREDIT)->w.resume, 2);
	assert_int_equal(spool_evidence(scene->spool, &id, "ADDRESSEE", &kept), E_OK);
	assert_memory_equal(kept.data, theirs.data, theirs.size);
	confirm(2, &w, &theirs); /* again */
	heard_all();
	assert_int_equal(spool_last_notice(scene->spool), 2);
}

static void
notice_without_the_addressees_word_is_not_believed(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(theirs) = {0};
	struct id id = file(&m);
	struct statement w = statement_for(&id, &m, SOMALIA, KENYA, ST_COMMITTED);

	(void)state;
	expect(V_SUBMIT);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
	confirm(1, &w, NULL); /* nobody's word */
	heard_all();
	assert_int_equal(out_state(&id), OUT_SENT);
	assert_int_equal(spool_last_notice(scene->spool), 0);
}

/* One wrong thing in a notice; then a right one with the next number must wait for the next HELLO,
 * or the wrong one would be skipped for ever. */
static void
notice_is_dropped(enum who signer, enum stage said, bool other_bytes)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(theirs) = {0};
	OWNED_BUF(x) = {0};
	struct id id = file(&m);
	struct statement w = statement_for(&id, &m, SOMALIA, KENYA, ST_COMMITTED);
	struct statement delivered = statement_for(&id, &m, SOMALIA, KENYA, ST_DELIVERED);

	expect(V_SUBMIT);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
	buf_text(&x, "other bytes");
	signed_by(signer, &id, other_bytes ? &x : &m, said, &theirs);
	w.has_by = true;
	digest_of(theirs.data, theirs.size, &w.by);
	confirm(1, &w, &theirs);
	confirm(2, &delivered, NULL);
	heard_all();
	assert_int_equal(out_state(&id), OUT_SENT);
	assert_int_equal(spool_last_notice(scene->spool), 0);
}

static void
notice_signed_by_another_party_is_dropped(void **state)
{
	(void)state;
	notice_is_dropped(SOMALIA, ST_COMMITTED, false);
}

static void
notice_whose_stages_differ_is_dropped(void **state)
{
	(void)state;
	notice_is_dropped(KENYA, ST_REJECTED, false);
}

static void
notice_about_other_bytes_is_dropped(void **state)
{
	(void)state;
	notice_is_dropped(KENYA, ST_COMMITTED, true);
}

static void
dropped_notice_is_asked_for_again(void **state)
{
	OWNED_BUF(m) = {0};
	struct id id = file(&m);
	struct statement w = statement_for(&id, &m, SOMALIA, KENYA, ST_COMMITTED);
	struct statement delivered = statement_for(&id, &m, SOMALIA, KENYA, ST_DELIVERED);

	(void)state;
	expect(V_SUBMIT);
	confirm(1, &w, NULL);
	heard_all();
	assert_int_equal(expect(V_HELLO)->w.resume, 0);
	confirm(1, &delivered, NULL);
	until_out(&id, OUT_DELIVERED);
}

static void
link_without_examiner_leaves_an_addressees_word_for_later(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(theirs) = {0};
	struct id id = file(&m);
	struct statement w = statement_for(&id, &m, SOMALIA, KENYA, ST_COMMITTED);

	(void)state;
	expect(V_SUBMIT);
	link_close(&scene->link);
	assert_int_equal(open_link_with(NULL, &scene->link), E_OK);
	assert_int_equal(expect(V_HELLO)->w.number, 0);
	expect(V_SUBMIT);
	say_accepted(&id, &m);
	signed_by(KENYA, &id, &m, ST_COMMITTED, &theirs);
	w.has_by = true;
	digest_of(theirs.data, theirs.size, &w.by);
	confirm(1, &w, &theirs);
	heard_all();
	assert_int_equal(out_state(&id), OUT_SENT);
	assert_int_equal(spool_last_notice(scene->spool), 0);
}

static void
notice_for_an_unknown_message_counts_as_kept(void **state)
{
	(void)state;
	confirm_nothing(9);
	assert_int_equal(expect(V_CREDIT)->w.resume, 9);
	assert_int_equal(spool_last_notice(scene->spool), 9);
}

static void
frames_that_are_no_verb_are_dropped(void **state)
{
	OWNED_BUF(m) = {0};
	struct bytes junk[2] = {bytes_of("DXP1", 4), bytes_of("NONSENSE", 8)};
	struct id id = file(&m);

	(void)state;
	expect(V_SUBMIT);
	assert_true(gate_send(scene->gate, scene->last_peer, junk, 2));
	assert_true(gate_send(scene->gate, scene->last_peer, junk + 1, 1));
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(hello_names_epoch_resume_and_credit),
		T(second_link_on_one_spool_is_locked),
		T(stale_epoch_ends_the_link_for_good),
		T(forgetful_broker_is_greeted_again),
		T(restarted_broker_is_greeted_and_told_again),
		T(bye_is_said_at_the_end),
		T(newer_trust_list_is_handed_on_and_an_older_one_is_not),
		T(filed_message_is_submitted_and_its_receipt_kept),
		T(receipt_that_comes_twice_is_kept_once),
		T(forged_receipts_are_dropped),
		T(busy_broker_is_asked_again_later),
		T(final_refusal_is_kept_and_not_asked_again),
		T(no_more_than_a_window_is_under_way),
		T(conversation_is_submitted_in_its_order),
		T(delivery_is_durable_before_taken_is_said),
		T(delivery_that_comes_again_is_taken_once),
		T(altered_delivery_is_refused_with_a_signed_receipt),
		T(undecidable_delivery_is_left_to_come_again),
		T(verdict_of_an_old_trust_list_is_not_final),
		T(message_without_an_agreement_is_refused),
		T(delivery_with_a_receipt_for_another_is_left),
		T(full_spool_takes_nothing_and_asks_for_nothing),
		T(settlement_is_told_until_its_receipt_comes),
		T(settlement_of_what_has_ended_otherwise_is_over),
		T(settlement_that_is_refused_otherwise_stays_to_be_told),
		T(notices_move_the_state_and_are_acknowledged),
		T(notice_without_the_addressees_word_is_not_believed),
		T(notice_signed_by_another_party_is_dropped),
		T(notice_whose_stages_differ_is_dropped),
		T(notice_about_other_bytes_is_dropped),
		T(dropped_notice_is_asked_for_again),
		T(link_without_examiner_leaves_an_addressees_word_for_later),
		T(notice_for_an_unknown_message_counts_as_kept),
		T(frames_that_are_no_verb_are_dropped),
	};

	log_open("test_link", LOG_ERROR);
	realm_ready();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
