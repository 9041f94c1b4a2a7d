/* SPDX-License-Identifier: EUPL-1.2
 *
 * The control protocol from afar: one request over CURVE, one answer. The exchange is known by its
 * public key, the officer by his own; what goes over the line are the lines of the socket, a
 * request as one frame, an answer in pieces, of which the last one is marked. */
#include <string.h>

#include "lib/buf.h"
#include "lib/control.h"
#include "lib/file.h"
#include "lib/transport.h"

#define REACH_MS 10000
#define ANSWER_MAX (4 * 1024 * 1024)

static struct curve_pair own;
static uint8_t exchange[CURVE_KEY_SIZE];
static bool have_keys;

enum err
control_keys(const char *own_secret, const char *exchange_public)
{
	OWNED_BUF(text) = {0};

	TRY(curve_load(own_secret, &own));
	TRY(file_read(exchange_public, 256, &text));
	while (text.size > 0 && text.data[text.size - 1] <= ' ')
		text.size--;
	buf_add(&text, "", 1);
	if (!curve_parse((const char *)text.data, exchange))
		return E_NO_KEY;
	have_keys = true;
	return E_OK;
}

struct talk_line {
	struct event_base *base;
	struct peer_socket *socket;
	struct bytes request;
	struct buf *answer;
	bool connected, sent, done, bad;
};

static void
on_frames(void *context, const struct bytes *frame, size_t n)
{
	struct talk_line *t = context;

	if (n == 0) {
		t->bad = t->connected && t->sent; /* the answer was lost with its connection */
		t->connected = true;
	} else if (n != 2 || frame[0].size != 1 || t->answer->size + frame[1].size > ANSWER_MAX) {
		t->bad = true;
	} else {
		buf_add_bytes(t->answer, frame[1]);
		t->done = frame[0].data[0] == '.';
	}
}

/* One round of the loop. */
static void
turn(struct talk_line *t)
{
	const struct timeval soon = {0, 20000};

	event_base_loopexit(t->base, &soon);
	event_base_loop(t->base, EVLOOP_ONCE);
	if (t->connected && !t->sent)
		t->sent = peer_send(t->socket, &t->request, 1);
}

static enum err
ask(struct talk_line *t, const char *address)
{
	int64_t until = monotonic_now() + REACH_MS;

	TRY(peer_open(t->base, address, exchange, &own, on_frames, t, &t->socket));
	while (!t->done && !t->bad && monotonic_now() < until)
		turn(t);
	peer_close(&t->socket);
	return t->done && !t->bad ? E_OK : E_UNREACHABLE;
}

enum err
control_remote_line(const char *address, struct bytes request, struct buf *answer)
{
	struct talk_line t = {.request = request, .answer = answer};
	enum err e;

	if (!have_keys)
		return E_NO_KEY;
	t.base = transport_base();
	if (t.base == NULL)
		return E_UNREACHABLE;
	e = ask(&t, address);
	event_base_free(t.base);
	return e;
}
