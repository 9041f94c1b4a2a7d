/* SPDX-License-Identifier: EUPL-1.2
 *
 * The ZAP handler (ZeroMQ RFC 27): who may connect, from a table in memory. */
#include <string.h>

#include "lib/transport_gate_parts.h"

#define KNOCK_MS 1000

/* The frames of a ZAP request (RFC 27): version, request id, domain, address, routing id,
 * mechanism, and for CURVE the client's public key. */
enum {
	ZAP_VERSION,
	ZAP_REQUEST,
	ZAP_DOMAIN_,
	ZAP_ADDRESS,
	ZAP_ROUTE,
	ZAP_MECHANISM,
	ZAP_KEY,
	ZAP_N
};

static enum admitted
zap_asks(struct gate_socket *g, const struct parts *request, char user[CURVE_TEXT_SIZE])
{
	zframe_t *key = request->frame[ZAP_KEY];
	enum admitted answer;

	if (request->n != ZAP_N || !zframe_streq(request->frame[ZAP_DOMAIN_], ZAP_DOMAIN) ||
		!zframe_streq(request->frame[ZAP_MECHANISM], "CURVE") ||
		zframe_size(key) != CURVE_KEY_SIZE)
		return ADMITTED_NO;
	answer = admission_ask(g->admission, zframe_data(key), monotonic_now());
	if (answer == ADMITTED_YES)
		curve_format(zframe_data(key), user);
	return answer;
}

static void
note_admitted(struct gate_socket *g, const struct parts *request)
{
	OWNED(char, address, free_chars) = zframe_strdup(request->frame[ZAP_ADDRESS]);

	lines_admitted(g->lines, address, zframe_data(request->frame[ZAP_KEY]));
}

/* Strangers have as many keys as they like, and are told of no more often for it. */
static void
tell_stranger(struct gate_socket *g, const struct parts *request)
{
	int64_t now = monotonic_now();

	if (g->h.knocked == NULL || request->n != ZAP_N ||
		zframe_size(request->frame[ZAP_KEY]) != CURVE_KEY_SIZE ||
		(g->knocked != 0 && now - g->knocked < KNOCK_MS))
		return;
	g->knocked = now;
	g->h.knocked(g->h.context, zframe_data(request->frame[ZAP_KEY]));
}

static void
zap_answer(struct gate_socket *g, const struct parts *request)
{
	/* 400 tells the peer that its key is not known; 300 only asks it to come again. */
	static const char *const word[] = {
		[ADMITTED_NO] = "400", [ADMITTED_LATER] = "300", [ADMITTED_YES] = "200"};
	char user[CURVE_TEXT_SIZE] = "";
	enum admitted admitted = zap_asks(g, request, user);
	const char *status = word[admitted];
	const char *text = admitted == ADMITTED_YES ? "OK" : "not admitted";
	zframe_t *id = request->frame[ZAP_REQUEST];
	struct bytes answer[] = {
		bytes_of("1.0", 3),
		bytes_of(zframe_data(id), zframe_size(id)),
		bytes_of(status, strlen(status)),
		bytes_of(text, strlen(text)),
		bytes_of(user, strlen(user)),
		bytes_of("", 0),
	};

	if (admitted == ADMITTED_YES)
		note_admitted(g, request);
	if (admitted == ADMITTED_NO)
		tell_stranger(g, request);
	/* Only a connection that has ended meanwhile does not take its answer. */
	(void)!frames_send(g->zap.sock, answer, ARRAY_LEN(answer));
}

static void
turn_zap(evutil_socket_t fd, short what, void *context)
{
	struct gate_socket *g = context;
	int budget = TURN_BUDGET;
	struct parts request;

	(void)fd;
	(void)what;
	while (budget-- > 0 && parts_receive(g->zap.sock, &request)) {
		if (request.n > ZAP_REQUEST)
			zap_answer(g, &request);
		parts_free(&request);
	}
	watch_again(&g->zap);
}

enum err
gate_open_zap(struct gate_socket *g, struct event_base *base)
{
	OWNED(zsock_t, sock, zsock_destroy) = zmq_socket_make(ZMQ_REP);

	if (sock == NULL || zsock_bind(sock, "%s", ZAP_ENDPOINT) < 0)
		return E_IO;
	watch_open(&g->zap, base, &sock, turn_zap, g);
	return E_OK;
}
