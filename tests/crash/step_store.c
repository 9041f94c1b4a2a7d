/* SPDX-License-Identifier: EUPL-1.2
 *
 * Steps of the exchange: its store is made, opened, brought to the present layout, copied; a
 * message is accepted, and settled. A receipt counts as given when the exchange hands it out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/exchange.h"
#include "lib/message.h"
#include "tests/crash/paper.h"
#include "tests/crash/step.h"

#define OFFICE_PEER 1
#define REGISTRY_PEER 2

static struct {
	struct store *s;
	struct trust *trust;
	struct exchange *x;
	EVP_PKEY *log_key;
	enum err refused; /* what was refused last, when that is no end */
	bool goes_on;
	struct id id; /* of the request */
	uint64_t seq;
} b;

static void
read_key(uint8_t key[STORE_KEY_SIZE])
{
	OWNED(char, folder, free_chars) = in_home("store");
	OWNED(char, file, free_chars) = in_home("store.key");

	step_try(store_key(file, folder, key), "store key");
}

static void
open_store(void)
{
	OWNED(char, folder, free_chars) = in_home("store");
	uint8_t key[STORE_KEY_SIZE];

	read_key(key);
	step_try(store_open(folder, STEP_MAP, key, &b.s), "store");
}

static void
scrub(uint64_t messages)
{
	struct store_figures f;
	struct scrub found;

	must(store_scrub(b.s, &found) == E_OK, "the store is damaged: %s", found.first);
	store_figures(b.s, &f);
	must(f.messages == messages, "%llu messages", (unsigned long long)f.messages);
}

/* ---- the exchange around it ---- */

static enum err
sign(void *context, uint64_t size, const struct digest *root, struct buf *checkpoint)
{
	(void)context;
	return checkpoint_sign(trust_log_name(b.trust), size, root, b.log_key, checkpoint);
}

static bool
on_send(void *context, peer_no peer, const struct wire *w)
{
	char sha[DIGEST_TEXT_SIZE];
	struct receipt r;
	struct digest d;

	(void)context;
	(void)peer;
	if (w->verb == V_REFUSED && b.goes_on)
		b.refused = w->code;
	else if (w->verb == V_REFUSED)
		step_try(w->code, "exchange");
	if (w->verb != V_RECEIPT)
		return true;
	step_try(receipt_verify(w->body, trust_log_name(b.trust), trust_log_key(b.trust), &r),
		"receipt");
	digest_of(w->body.data, w->body.size, &d);
	digest_format(&d, sha);
	acknowledge(stage_word(r.what.stage), sha);
	return true;
}

static void
on_event(void *context, const char *what, const struct entry *e)
{
	(void)context;
	(void)what;
	(void)e;
}

static void
open_exchange(void)
{
	const struct exchange_effects fx = {.send = on_send, .event = on_event};
	OWNED(char, key, free_chars) = in_base("realm/parties/DAFTAR.HUB/log.key");

	open_store();
	b.trust = step_trust();
	step_try(key_load(key, &b.log_key), key);
	b.x = exchange_new(b.s, b.trust, sign, NULL, &fx);
}

static void
commit(struct store_txn *t)
{
	step_try(exchange_commit(b.x, &t), "commit");
	exchange_dispatch(b.x, instant_now(), monotonic_now());
}

static const uint8_t *
key_of(const char *code)
{
	struct party p;

	if (!party_parse(code, &p) || trust_party(b.trust, &p) == NULL)
		step_try(E_UNKNOWN_PARTY, code);
	return trust_party(b.trust, &p)->curve[0];
}

static void
say(peer_no peer, const char *code, const struct wire *w)
{
	struct store_txn *t = store_begin(b.s);

	exchange_peer_frames(b.x, t, peer, key_of(code), w, instant_now(), monotonic_now());
	commit(t);
}

static void
hello(peer_no peer, const char *code)
{
	const struct wire w = {.verb = V_HELLO,
		.epoch = (uint64_t)instant_now(),
		.number = 4, /* nobody settles what he was not offered */
		.id = id_new(),
		.text = bytes_of("step/1", 6)};

	say(peer, code, &w);
}

static void
verdict_of(const struct buf *message, struct verdict *v)
{
	*v = (struct verdict){.magic = VERDICT_MAGIC, .size = (uint32_t)message->size};
	digest_of(message->data, message->size, &v->digest);
	step_try(message_header(buf_bytes(message), &v->header), "header");
}

static void
examined(peer_no peer, const struct verdict *v, const struct buf *message, const struct id *settles)
{
	struct store_txn *t = store_begin(b.s);

	exchange_examined(b.x, t, peer, v, buf_bytes(message), settles, instant_now());
	commit(t);
}

/* ---- judging ---- */

static void
honoured(const char *what, const char *more)
{
	OWNED_BUF(receipt) = {0};
	char sha[DIGEST_TEXT_SIZE];
	struct digest d;
	enum stage stage;

	if (!stage_parse(what, &stage))
		return;
	must(store_receipt(b.s, NULL, b.seq, stage, &receipt) == E_OK, "no receipt for %s", what);
	digest_of(receipt.data, receipt.size, &d);
	digest_format(&d, sha);
	must(strcmp(sha, more) == 0, "another receipt for %s than the one that was given", what);
}

/* Whatever was handed out before stands in the store now, before anything is done. */
static void
honour(void)
{
	OWNED_BUF(message) = {0};
	struct verdict v;
	struct entry e;

	read_base("request.xml", &message);
	verdict_of(&message, &v);
	b.id = v.header.id;
	b.seq = store_find_id(b.s, NULL, &b.id, &e) == E_OK ? e.seq : 0;
	each_acknowledged(honoured);
}

/* ---- accepting ---- */

static void
make_store(void)
{
	open_store();
	store_close(&b.s);
}

static void
accept_run(void)
{
	OWNED_BUF(message) = {0};
	struct verdict v;

	open_exchange();
	honour();
	read_base("request.xml", &message);
	verdict_of(&message, &v);
	hello(OFFICE_PEER, "UNHCR.NBO");
	examined(OFFICE_PEER, &v, &message, NULL);
}

static void
accept_judge(void)
{
	OWNED_BUF(body) = {0};

	scrub(1);
	honour();
	must(store_body(b.s, NULL, b.seq, &body) == E_OK, "the message has no body");
	must(store_queue_depth(b.s, &(struct party){"KE.CRS"}) == 1, "it is not in one queue");
}

/* ---- settling ---- */

static void
compose_settlement(const struct verdict *about, struct buf *out)
{
	OWNED(char, key, free_chars) = in_base("realm/parties/KE.CRS/sign.key");
	OWNED(char, cert, free_chars) = in_base("realm/parties/KE.CRS/sign.pem");
	OWNED(struct identity, who, identity_free) = NULL;
	struct header h = {.id = id_new(),
		.conversation = about->header.conversation,
		.leg = id_new(),
		.action = A_RECEIPT,
		.from = about->header.to,
		.to = trust_exchange(b.trust)->code,
		.created = instant_now(),
		.channel_seq = 1,
		.has_ref = true,
		.ref = about->header.id,
		.ref_digest = about->digest};

	h.expires = h.retain_until = h.created + 86400000;
	memcpy(h.realm, about->header.realm, sizeof h.realm);
	strcpy(h.agreement, "NONE");
	strcpy(h.purpose, "RECEIPT");
	step_try(identity_load(key, cert, &who), key);
	step_try(message_compose_receipt(&h, ST_COMMITTED, NULL, who, out), "receipt");
}

/* An accepted message, and the addressee's signed word in HOME/settled.xml. */
static void
settle_prepare(void)
{
	OWNED(char, file, free_chars) = in_home("settled.xml");
	OWNED_BUF(message) = {0};
	OWNED_BUF(word) = {0};
	struct verdict v;
	FILE *f = fopen(file, "we");

	accept_run();
	read_base("request.xml", &message);
	verdict_of(&message, &v);
	compose_settlement(&v, &word);
	if (f == NULL || fwrite(word.data, 1, word.size, f) != word.size || fclose(f) != 0)
		step_try(E_IO, file);
	store_close(&b.s);
}

static void
settle_run(void)
{
	OWNED(char, path, free_chars) = in_home("settled.xml");
	OWNED_BUF(message) = {0};
	OWNED_BUF(word) = {0};
	struct verdict about, v;

	paper_load(path, &word);
	open_exchange();
	honour();
	read_base("request.xml", &message);
	verdict_of(&message, &about);
	verdict_of(&word, &v);
	v.has_receipt = 1;
	v.stage = ST_COMMITTED;
	hello(REGISTRY_PEER, "KE.CRS");
	say(REGISTRY_PEER, "KE.CRS",
		&(struct wire){.verb = V_TAKEN, .id = about.header.id, .digest = about.digest});
	examined(REGISTRY_PEER, &v, &word, &about.header.id);
}

static void
settle_judge(void)
{
	const struct party office = {"UNHCR.NBO"};
	struct notice n[8];
	struct entry e;

	scrub(1);
	honour();
	must(store_entry(b.s, NULL, b.seq, &e) == E_OK && e.stage == ST_COMMITTED, "not settled");
	must(store_queue_depth(b.s, &(struct party){"KE.CRS"}) == 0, "it is in a queue still");
	must(store_notices(b.s, &office, 0, n, 8) == 2 && n[0].stage == ST_DELIVERED &&
			n[1].stage == ST_COMMITTED,
		"its sender is told something else than twice, once each");
}

/* ---- what was deleted is overwritten ---- */

static void
wipe(void)
{
	for (int i = 0; i < 1000 && store_wipe(b.s, 64 * 1024, true); i++)
		;
}

/* Any commit: it lets go of pages, and takes some that were overwritten. */
static void
note(int64_t at)
{
	struct store_txn *t = store_begin(b.s);

	store_add_access(t, b.seq, &(struct access){.kind = ACCESS_JUDGED, .at = at});
	commit(t);
}

static void
wipe_run(void)
{
	settle_run();
	for (int i = 1; i <= 3; i++) {
		wipe();
		note(i * INT64_C(3600000));
	}
	wipe();
}

/* ---- the store itself ---- */

static void
first_judge(void)
{
	scrub(0);
}

static void
old_prepare(void)
{
	OWNED(char, command, free_chars) =
		xprintf("mkdir -p '%s/store' && cp '%s/store-1/data.mdb' '%s/store/'", step_home,
			step_base, step_home);

	if (system(command) != 0)
		step_try(E_IO, command);
}

static void
old_judge(void)
{
	scrub(20);
}

static void
copy_honoured(const char *what, const char *more)
{
	OWNED(char, folder, free_chars) = in_home(more);
	struct store *copy = NULL;
	uint8_t key[STORE_KEY_SIZE];
	struct scrub found;

	must(strcmp(what, "copy") == 0, "%s", what);
	read_key(key);
	must(store_open_copy(folder, key, &copy) == E_OK, "the copy cannot be opened");
	must(store_scrub(copy, &found) == E_OK, "the copy is damaged: %s", found.first);
	store_close(&copy);
}

/* A copy that was cut off is in the way of nothing: the next one has another name. */
static void
backup_run(void)
{
	OWNED(char, folder, free_chars) = NULL;
	char name[16] = "copy-1";
	struct scrub found;

	each_acknowledged(copy_honoured);
	for (int i = 1; i < 9; i++) {
		free(folder);
		snprintf(name, sizeof name, "copy-%d", i);
		folder = in_home(name);
		if (access(folder, F_OK) != 0)
			break;
	}
	open_store();
	step_try(store_backup(b.s, folder, &found), "backup");
	acknowledge("copy", name);
}

static void
backup_judge(void)
{
	scrub(1);
	each_acknowledged(copy_honoured);
}

static void
accepted_store(void)
{
	OWNED(char, acks, free_chars) = in_home("acks");

	accept_run();
	(void)unlink(acks);
}

/* ---- no room ---- */

#define MANY 2000

static struct {
	struct id id;
	struct digest digest;
} accepted[MANY];
static size_t n_accepted;

static void
remember(const struct id *id, const struct digest *digest)
{
	accepted[n_accepted].id = *id;
	accepted[n_accepted++].digest = *digest;
}

static void
still_there(const char *what, const char *more)
{
	struct entry e;
	struct id id;

	if (strcmp(what, "kept") != 0)
		return;
	must(id_parse(more, &id) && store_find_id(b.s, NULL, &id, &e) == E_OK,
		"%s was accepted, and is not there", more);
	if (!stage_final(e.stage) && n_accepted < MANY)
		remember(&id, &e.digest);
}

/* Another message, with an id and octets of its own: the exchange goes by what the examiner says.
 */
static bool
accept_another(const struct buf *message)
{
	char text[ID_TEXT_SIZE];
	OWNED_BUF(other) = {0};
	struct verdict v;

	verdict_of(message, &v);
	v.header.id = id_new();
	v.header.has_token = false; /* so that it may be settled without having been offered */
	v.header.token = (struct consent_token){.issued = 0};
	id_format(&v.header.id, text);
	buf_add_bytes(&other, buf_bytes(message));
	buf_text(&other, text);
	v.size = (uint32_t)other.size;
	digest_of(other.data, other.size, &v.digest);
	b.refused = E_OK;
	examined(OFFICE_PEER, &v, &other, NULL);
	if (b.refused != E_OK || n_accepted == MANY)
		return false;
	acknowledge("kept", text);
	remember(&v.header.id, &v.digest);
	return true;
}

static void
settle_one(const struct buf *message, const struct id *id, const struct digest *digest)
{
	OWNED_BUF(word) = {0};
	struct verdict about, v;

	verdict_of(message, &about);
	about.header.id = *id;
	about.digest = *digest;
	compose_settlement(&about, &word);
	verdict_of(&word, &v);
	v.has_receipt = 1;
	v.stage = ST_COMMITTED;
	examined(REGISTRY_PEER, &v, &word, id);
	must(b.refused == E_OK, "what was accepted cannot be settled: %s", err_word(b.refused));
}

/* Takes what it can, refuses the rest with STORE-FULL, ends all that it took, and takes again. */
static void
full_run(void)
{
	OWNED_BUF(message) = {0};
	size_t took;

	open_exchange();
	each_acknowledged(still_there);
	b.goes_on = true;
	read_base("request.xml", &message);
	hello(OFFICE_PEER, "UNHCR.NBO");
	hello(REGISTRY_PEER, "KE.CRS");
	while (accept_another(&message))
		;
	must(b.refused == E_STORE_FULL, "refused with %s", err_word(b.refused));
	took = n_accepted;
	b.refused = E_OK;
	for (size_t i = 0; i < n_accepted; i++)
		settle_one(&message, &accepted[i].id, &accepted[i].digest);
	n_accepted = 0;
	must(accept_another(&message), "it does not go on: %s", err_word(b.refused));
	printf("accepted=%zu\n", took);
}

static void
full_judge(void)
{
	struct scrub found;

	must(store_scrub(b.s, &found) == E_OK, "the store is damaged: %s", found.first);
	n_accepted = 0;
	each_acknowledged(still_there);
}

const struct scenario store_scenarios[] = {
	{"store-first", NULL, open_store, first_judge},
	{"store-open", make_store, open_store, first_judge},
	{"store-old", old_prepare, open_store, old_judge},
	{"accept", make_store, accept_run, accept_judge},
	{"settle", settle_prepare, settle_run, settle_judge},
	{"wipe", settle_prepare, wipe_run, settle_judge},
	{"store-backup", accepted_store, backup_run, backup_judge},
	{"store-full", make_store, full_run, full_judge},
	{0},
};
