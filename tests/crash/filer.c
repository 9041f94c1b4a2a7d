/* SPDX-License-Identifier: EUPL-1.2
 *
 * A peer that files all the time, and is killed all the time. It shares no code with lib/link.c: it
 * keeps a file for each message and one log, written before it speaks, and says everything again
 * that it may have said before. Besides it hands in old messages once more, now and then, whose
 * receipt must be the one that it got the first time.
 *
 *	filer HOME FOLDER CODE CASE.json	(connects to the address in HOME/filer-endpoint)
 *
 * FOLDER/log, one line an event, appended in one write:
 *	filed ID DIGEST NUMBER	the message is on disk as FOLDER/ID.xml and may be sent from now on
 *	receipt ID STAGE SHA	a receipt was heard, the SHA-256 of its octets
 *	told ID STAGE SHA N	the same in notice number N
 *	refused ID CODE		for good
 *
 * Once HOME/stop is there it files nothing more, and ends with status 0 when everything has ended.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/random.h>

#include "lib/child.h"
#include "lib/log.h"
#include "lib/receipt.h"
#include "lib/record.h"
#include "lib/transport.h"
#include "lib/trust.h"
#include "lib/xml.h"
#include "tests/crash/paper.h"
#include "tests/tools/consent.h"

#define UNDER_WAY 48  /* at most */
#define GAP_MS 120    /* between two new messages */
#define AGAIN_MS 1500 /* what had no answer for so long is said again */
#define TICK_US 20000
#define DAY_MS INT64_C(86400000)

struct filed {
	struct id id;
	uint64_t number;
	bool accepted, ended;
	int64_t said; /* monotonic ms */
};

struct filer {
	const char *home, *folder;
	char *stop_file;
	struct event_base *base;
	struct peer_socket *socket;
	struct trust *trust;
	X509 *operator_cert;
	struct identity *sign;
	struct party self;
	struct buf template;
	int log;
	struct filed *list;
	size_t n, room;
	uint64_t epoch; /* the time of the start: every start has a higher one */
	struct id incarnation;
	uint64_t notice; /* the last one that the log holds */
	int64_t filed_at, credit_at;
	bool up, stopping;
};

static void
sure(enum err e, const char *what)
{
	if (e != E_OK)
		die("filer: %s: %s", what, err_word(e));
}

/* ---- the log ---- */

static void note(struct filer *f, const char *fmt, ...) PRINTF(2, 3);
static void
note(struct filer *f, const char *fmt, ...)
{
	char line[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (write(f->log, line, (size_t)n) != n)
		die("filer: the log cannot be written");
}

static struct filed *
find(struct filer *f, const struct id *id)
{
	for (size_t i = f->n; i-- > 0;)
		if (id_equal(&f->list[i].id, id))
			return &f->list[i];
	return NULL;
}

static struct filed *
add(struct filer *f, const struct id *id, uint64_t number)
{
	if (f->n == f->room) {
		f->room = f->room * 2 + 64;
		f->list = xrealloc(f->list, f->room * sizeof *f->list);
	}
	f->list[f->n] = (struct filed){.id = *id, .number = number};
	return &f->list[f->n++];
}

static void
mark(struct filed *m, const char *stage)
{
	enum stage s;

	if (m == NULL || !stage_parse(stage, &s))
		return;
	m->accepted = true;
	m->ended = m->ended || stage_final(s);
}

static void
remember(struct filer *f, char *line)
{
	char word[16], text[ID_TEXT_SIZE], second[72];
	unsigned long long number = 0;
	struct id id;
	int n = sscanf(line, "%15s %36s %71s %llu", word, text, second, &number);

	if (n < 3 || !id_parse(text, &id))
		return;
	if (strcmp(word, "filed") == 0)
		add(f, &id, number);
	else if (strcmp(word, "refused") == 0)
		die("filer: %s was refused: %s", text, second);
	else
		mark(find(f, &id), second);
	if (strcmp(word, "told") == 0 && sscanf(line, "%*s %*s %*s %*s %llu", &number) == 1)
		f->notice = number;
}

static void
open_log(struct filer *f)
{
	OWNED(char, file, free_chars) = xprintf("%s/log", f->folder);
	FILE *old;
	char line[256];

	f->log = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	old = fopen(file, "re");
	if (f->log < 0 || old == NULL)
		die("filer: %s", file);
	while (fgets(line, sizeof line, old) != NULL)
		remember(f, line);
	fclose(old);
}

/* ---- filing ---- */

static void
write_message(struct filer *f, const struct id *id, const struct buf *message)
{
	char text[ID_TEXT_SIZE];
	OWNED(char, file, free_chars) = NULL;
	OWNED_FD(fd) = -1;

	id_format(id, text);
	file = xprintf("%s/%s.xml", f->folder, text);
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, message->data, message->size) != (ssize_t)message->size ||
		fsync(fd) != 0)
		die("filer: %s", file);
}

static struct header
header_of(struct filer *f, const struct request *r, uint64_t seq)
{
	const struct trust_agreement *g =
		trust_agreement(f->trust, &f->self, &r->requested_of, A_TRANSCRIPTION_REQUEST);
	struct header h = {.id = id_new(),
		.conversation = id_new(),
		.leg = id_new(),
		.action = A_TRANSCRIPTION_REQUEST,
		.from = f->self,
		.to = r->requested_of,
		.channel_seq = seq,
		.created = instant_now()};

	if (g == NULL)
		die("filer: no agreement with %s", h.to.code);
	h.expires = h.created + 30 * DAY_MS;
	h.retain_until = h.created + 120 * DAY_MS;
	if (!copy_text(h.realm, sizeof h.realm, trust_realm(f->trust)) ||
		!copy_text(h.agreement, sizeof h.agreement, g->id) ||
		!copy_text(h.purpose, sizeof h.purpose, r->consent.purpose))
		die("filer: a word is too long");
	return h;
}

static void
file_one(struct filer *f)
{
	OWNED(struct request, r, request_free) = NULL;
	uint64_t number =
		PAPER_FILER + (f->n == 0 ? 0 : f->list[f->n - 1].number - PAPER_FILER + 1);
	char id[ID_TEXT_SIZE], digest[DIGEST_TEXT_SIZE];
	OWNED_BUF(paper) = {0};
	OWNED_BUF(body) = {0};
	OWNED_BUF(token) = {0};
	OWNED_BUF(message) = {0};
	struct digest d;
	struct header h;

	paper_make((char *)f->template.data, number, number % 2 != 0, &paper);
	sure(request_of_json((char *)paper.data, paper.size, &r, &body), "the paper");
	buf_reset(&body);
	request_compose(r, &body);
	h = header_of(f, r, f->n + 1);
	consent_give(&h, &f->self, f->sign, &r->requested_of, &r->destination, &token);
	const struct trust_party *to = trust_party(f->trust, &h.to);
	sure(message_compose_with(&h, buf_bytes(&token), buf_bytes(&body), to->encrypt,
		     to->n_encrypt, f->sign, &message),
		"compose");
	write_message(f, &h.id, &message);
	digest_of(message.data, message.size, &d);
	digest_format(&d, digest);
	id_format(&h.id, id);
	note(f, "filed %s %s %" PRIu64 "\n", id, digest, number);
	add(f, &h.id, number);
}

/* ---- speaking ---- */

static bool
say(struct filer *f, const struct wire *w)
{
	struct frames frames;

	wire_encode(w, &frames);
	return peer_send(f->socket, frames.frame, frames.n);
}

static void
submit(struct filer *f, struct filed *m)
{
	char text[ID_TEXT_SIZE];
	OWNED(char, file, free_chars) = NULL;
	OWNED_BUF(message) = {0};

	id_format(&m->id, text);
	file = xprintf("%s/%s.xml", f->folder, text);
	paper_load(file, &message);
	if (say(f, &(struct wire){.verb = V_SUBMIT, .body = buf_bytes(&message)}))
		m->said = monotonic_now();
}

static void
hello(struct filer *f)
{
	const struct wire w = {.verb = V_HELLO,
		.epoch = f->epoch,
		.id = f->incarnation,
		.resume = f->notice,
		.text = bytes_of("filer/1", 7)};

	f->up = false;
	(void)say(f, &w);
}

static void
heard_receipt(struct filer *f, const char *word, const struct wire *w)
{
	char id[ID_TEXT_SIZE], sha[DIGEST_TEXT_SIZE];
	struct receipt r;
	struct digest d;

	if (receipt_verify(w->body, trust_log_name(f->trust), trust_log_key(f->trust), &r) !=
			E_OK ||
		!id_equal(&r.what.id, &w->id)) {
		note(f, "bad receipt\n");
		die("filer: a receipt that proves nothing");
	}
	id_format(&w->id, id);
	digest_of(w->body.data, w->body.size, &d);
	digest_format(&d, sha);
	note(f, "%s %s %s %s %" PRIu64 "\n", word, id, stage_word(r.what.stage), sha, w->number);
	mark(find(f, &w->id), stage_word(r.what.stage));
}

static void
heard_refusal(struct filer *f, const struct wire *w)
{
	char id[ID_TEXT_SIZE];

	if (w->code == E_NOT_READY) {
		hello(f);
		return;
	}
	if (w->retry)
		return;
	id_format(&w->id, id);
	note(f, "refused %s %s\n", id, err_word(w->code));
	die("filer: %s was refused: %s", id, err_word(w->code));
}

static void
on_frames(void *context, const struct bytes *frame, size_t n)
{
	struct filer *f = context;
	struct wire w;

	if (n == 0) {
		hello(f);
		return;
	}
	sure(wire_decode(frame, n, 'b', &w), "frames");
	if (w.verb == V_WELCOME) {
		f->up = true;
		f->credit_at = 0;
		for (size_t i = 0; i < f->n; i++)
			f->list[i].said = 0;
	} else if (w.verb == V_RECEIPT) {
		heard_receipt(f, "receipt", &w);
	} else if (w.verb == V_CONFIRM) {
		heard_receipt(f, "told", &w);
		f->notice = w.number;
	} else if (w.verb == V_REFUSED) {
		heard_refusal(f, &w);
	}
}

/* ---- the clock ---- */

static void
on_tick(evutil_socket_t fd, short what, void *context)
{
	struct filer *f = context;
	int64_t tick = monotonic_now();
	size_t open = 0;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < f->n; i++) {
		open += !f->list[i].ended;
		if (f->up && !f->list[i].accepted && tick - f->list[i].said > AGAIN_MS)
			submit(f, &f->list[i]);
	}
	f->stopping = f->stopping || access(f->stop_file, F_OK) == 0;
	if (f->stopping && open == 0)
		event_base_loopbreak(f->base);
	if (!f->stopping && open < UNDER_WAY && tick - f->filed_at > GAP_MS) {
		f->filed_at = tick;
		file_one(f);
		if (f->up && f->n > 8)
			submit(f, &f->list[(size_t)random() % f->n]);
	}
	if (f->up && tick - f->credit_at > 500) {
		f->credit_at = tick;
		(void)say(f, &(struct wire){.verb = V_CREDIT, .resume = f->notice});
	}
}

/* ---- getting ready ---- */

static char *
in_realm(const struct filer *f, const char *code, const char *file)
{
	return code == NULL ? xprintf("%s/realm/%s", f->home, file)
			    : xprintf("%s/realm/parties/%s/%s", f->home, code, file);
}

static void
load(struct filer *f, const char *template)
{
	OWNED(char, schemas, free_chars) = schemas_find();
	OWNED(char, operator_pem, free_chars) = in_realm(f, NULL, "operator.pem");
	OWNED(char, list, free_chars) = in_realm(f, NULL, "trust.xml");
	OWNED(char, key, free_chars) = in_realm(f, f->self.code, "sign.key");
	OWNED(char, cert, free_chars) = in_realm(f, f->self.code, "sign.pem");

	xml_init();
	sure(schemas == NULL ? E_NOT_FOUND : xml_load_schemas(schemas), "schemas");
	sure(cert_load(operator_pem, &f->operator_cert), operator_pem);
	sure(trust_load_file(list, f->operator_cert, instant_now(), &f->trust), list);
	sure(identity_load(key, cert, &f->sign), key);
	paper_load(template, &f->template);
}

static void
connect_to(struct filer *f)
{
	OWNED(char, endpoint_file, free_chars) = xprintf("%s/filer-endpoint", f->home);
	OWNED(char, secret, free_chars) = in_realm(f, f->self.code, "curve.key");
	const struct trust_party *hub = trust_exchange(f->trust);
	OWNED_BUF(endpoint) = {0};
	struct curve_pair pair;

	paper_load(endpoint_file, &endpoint);
	endpoint.data[strcspn((char *)endpoint.data, "\n")] = '\0';
	sure(curve_load(secret, &pair), secret);
	sure(peer_open(f->base, (char *)endpoint.data, hub->curve[0], &pair, on_frames, f,
		     &f->socket),
		"connect");
}

int
main(int argc, char **argv)
{
	static struct filer f;
	struct timeval every = {0, TICK_US};
	struct event *tick;

	log_open("filer", LOG_NOTICE);
	if (argc != 5 || !party_parse(argv[3], &f.self))
		return fputs("usage: filer HOME FOLDER CODE CASE.json\n", stderr), 2;
	f.home = argv[1];
	f.folder = argv[2];
	f.stop_file = xprintf("%s/stop", f.home);
	f.epoch = (uint64_t)instant_now();
	if (getrandom(&f.incarnation, sizeof f.incarnation, 0) != sizeof f.incarnation)
		die("filer: no random numbers");
	srandom((unsigned)f.epoch);
	f.base = event_base_new();
	load(&f, argv[4]);
	open_log(&f);
	connect_to(&f);
	tick = event_new(f.base, -1, EV_PERSIST, on_tick, &f);
	event_add(tick, &every);
	event_base_dispatch(f.base);
	peer_close(&f.socket);
	return 0;
}
