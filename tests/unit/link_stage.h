/* SPDX-License-Identifier: EUPL-1.2
 *
 * A broker that does exactly what a test tells it to, over real sockets and CURVE in one loop with
 * the link. Messages, trust list, log and signatures are real; only the examiner is called in this
 * process instead of in its own. */
#ifndef DAFTAR_LINK_STAGE_H
#define DAFTAR_LINK_STAGE_H

#include "tests/unit/log_stage.h"
#include "tests/unit/test_realm.h"

#include <fcntl.h>
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
	examine(message, scene->trust, NULL, NULL, mode == EXAMINE_AS_ADDRESSEE ? party : NULL,
		instant_now(), out);
	return (enum err)out->code;
}

enum err
examiner_examine_at(struct examiner *x, enum examine_mode mode, const struct party *party,
	int64_t when, struct bytes message, struct verdict *out)
{
	return examiner_examine(x, mode, party, message, out);
}

enum err
examiner_revocation(struct examiner *x, struct bytes der, struct revocation_facts *out)
{
	*out = (struct revocation_facts){.magic = REVOCATION_MAGIC, .code = E_REVOCATION};
	return E_REVOCATION;
}

/* ---- the broker ---- */

static inline void
broker_says(const struct wire *w)
{
	struct frames f;

	wire_encode(w, &f);
	assert_true(gate_send(scene->gate, scene->last_peer, f.frame, f.n));
}

static inline void
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

static inline void
broker_loses(void *context, peer_no peer)
{
	(void)context;
	(void)peer;
}

/* libzmq gives an address back some time after its socket was closed. */
static inline void
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
static inline void
broker_restarts(void)
{
	char endpoint[64];

	strcpy(endpoint, scene->endpoint);
	gate_close(&scene->gate);
	broker_opens(endpoint);
}

static inline void
on_bound(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	((struct scene *)context)->bounded = true;
}

static inline void
turn(void)
{
	const struct timeval bound = {BOUND_S, 0};

	assert_int_equal(event_add(scene->bound, &bound), 0);
	assert_int_equal(event_base_loop(scene->base, EVLOOP_ONCE), 0);
	if (scene->bounded)
		fail_msg("nothing happened for %d s", BOUND_S);
}

/* Runs the loop until the next frames with this verb have come; others are passed over. */
static inline const struct heard *
expect(enum verb verb)
{
	int64_t end = monotonic_now() + BOUND_S * 1000;

	while (monotonic_now() < end) {
		while (scene->seen < scene->n)
			if (scene->heard[scene->seen++].w.verb == verb)
				return &scene->heard[scene->seen - 1];
		turn();
	}
	fail_msg("%s did not come", verb_word(verb));
	return NULL;
}

/* Nothing with this verb was heard since the last expect; ask after said_all. */
static inline bool
unheard(enum verb verb)
{
	for (size_t i = scene->seen; i < scene->n; i++)
		if (scene->heard[i].w.verb == verb)
			return false;
	return true;
}

/* The link has heard everything that it was told: it hands on an offered trust list after that. */
static inline void
heard_all(void)
{
	static uint64_t version = 1000;

	buf_reset(&scene->offered);
	broker_says(
		&(struct wire){.verb = V_TRUST, .number = version++, .body = bytes_of("newer", 5)});
	while (scene->offered.size == 0)
		turn();
}

static inline void confirm_nothing(uint64_t number);

/* And everything that it had to say about it has come: its acknowledgement of a notice is the last
 * thing of a turn. */
static inline void
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

static inline void
owner_up(void *context)
{
	((struct scene *)context)->ups++;
}

static inline void
owner_changed(void *context)
{
	((struct scene *)context)->changes++;
}

static inline void
owner_trust(void *context, struct bytes list)
{
	buf_add_bytes(&((struct scene *)context)->offered, list);
}

static inline void
owner_fenced(void *context)
{
	((struct scene *)context)->fenced = true;
}

static inline enum err
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

static inline enum err
open_link(struct link **out)
{
	return open_link_with((struct examiner *)scene, out);
}

/* ---- the scene ---- */

static inline void
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
static inline void
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

static inline int
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
	assert_true(scratch_folder(s->folder, sizeof s->folder, "link"));
	snprintf(s->place, sizeof s->place, "%s/spool", s->folder);
	assert_int_equal(spool_open(s->place, 4 << 20, &s->spool), E_OK);
	broker_opens("tcp://127.0.0.1:*");
	assert_int_equal(open_link(&s->link), E_OK);
	expect(V_HELLO);
	while (!link_is_up(s->link))
		turn();
	return 0;
}

static inline int
teardown(void **state)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "link.lock", "../spool.key"};
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

static inline struct id
file_quietly(struct buf *message)
{
	struct header h = header_for(A_QUERY, SOMALIA, KENYA);

	buf_reset(message);
	message_from(scene->realm, &h, SOMALIA, KENYA, message);
	assert_int_equal(spool_file(scene->spool, buf_bytes(message), instant_now()), E_OK);
	return h.id;
}

/* Flips a bit of the message where it stands on disk; the spool must be closed. */
static inline void
flip_in_spool(const struct buf *message)
{
	OWNED_BUF(image) = {0};
	char file[160], block[65536];
	ssize_t n;
	char *at;
	int fd;

	snprintf(file, sizeof file, "%s/data.mdb", scene->place);
	fd = open(file, O_RDWR);
	assert_true(fd >= 0);
	while ((n = read(fd, block, sizeof block)) > 0)
		buf_add(&image, block, (size_t)n);
	at = memmem(image.data, image.size, message->data + 200, message->size - 200);
	assert_non_null(at);
	*at ^= 1;
	assert_int_equal(pwrite(fd, at, 1, at - (char *)image.data), 1);
	close(fd);
}

static inline struct id
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

static inline struct id
file(struct buf *message)
{
	return file_in(NULL, message);
}

static inline struct header
from_kenya(struct buf *message)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);

	buf_reset(message);
	message_from(scene->realm, &h, KENYA, SOMALIA, message);
	return h;
}

static inline struct statement
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

/* A leaf of the exchange's log. */
static inline void
receipt_by(EVP_PKEY *key, const struct statement *what, struct buf *out)
{
	stage_log_receipt(&the_log, what, trust_log_name(scene->trust), key, out);
}

static inline void
say_receipt(EVP_PKEY *key, const struct id *id, const struct statement *what)
{
	OWNED_BUF(r) = {0};

	receipt_by(key, what, &r);
	broker_says(&(struct wire){.verb = V_RECEIPT, .id = *id, .body = buf_bytes(&r)});
}

static inline void
say_accepted(const struct id *id, const struct buf *message)
{
	struct statement w = statement_for(id, message, SOMALIA, KENYA, ST_ACCEPTED);

	say_receipt(scene->log_key, id, &w);
}

/* With the receipt that proves that it was accepted. */
static inline void
deliver(const struct buf *message)
{
	struct statement what = {.stage = ST_ACCEPTED, .at = instant_now()};
	OWNED_BUF(receipt) = {0};
	struct header h;

	if (message_header(buf_bytes(message), &h) == E_OK) {
		what.id = h.id;
		what.from = h.from;
		what.to = h.to;
		digest_of(message->data, message->size, &what.digest);
		receipt_by(scene->log_key, &what, &receipt);
	}
	broker_says(&(struct wire){.verb = V_DELIVER,
		.number = 1,
		.body = buf_bytes(message),
		.extra = buf_bytes(&receipt)});
}

static inline enum out_state
out_state(const struct id *id)
{
	struct out_entry e;

	assert_int_equal(spool_out(scene->spool, id, &e, NULL), E_OK);
	return e.state;
}

static inline void
until_out(const struct id *id, enum out_state want)
{
	for (int i = 0; i < 400 && out_state(id) != want; i++)
		turn();
	assert_int_equal(out_state(id), want);
}

static inline enum in_state
in_state(const struct header *h)
{
	struct in_entry e;

	assert_int_equal(spool_in(scene->spool, &h->from, &h->id, &e, NULL), E_OK);
	return e.state;
}

static inline void
until_in(const struct header *h, enum in_state want)
{
	for (int i = 0; i < 400 && in_state(h) != want; i++)
		turn();
	assert_int_equal(in_state(h), want);
}

/* A delivery that was taken and is done; `answer' is our signed receipt. */
static inline struct header
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

static inline void
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

static inline void
confirm_nothing(uint64_t number)
{
	OWNED_BUF(m) = {0};
	struct id id = id_new();
	struct statement w;

	buf_text(&m, "long forgotten");
	w = statement_for(&id, &m, SOMALIA, KENYA, ST_EXPIRED);
	confirm(number, &w, NULL);
}

#endif
