/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftar-gate: the one process of the broker that strangers can reach, so it has nothing: no file,
 * no key but its own CURVE key, no knowledge of XML. It admits the keys it was told, and passes
 * frames between sockets and its parent.
 *
 * It is started by daftard with a channel as file descriptor 3. The first frame tells what to bind
 * and with which key (never in arguments or environment); then the sandbox, then the socket. When
 * daftard is slow the gate stops handing over: what peers say waits with it, bounded for each and
 * for all. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/gate_frames.h"
#include "lib/channel.h"
#include "lib/child.h"
#include "lib/log.h"
#include "lib/sandbox.h"
#include "lib/secrets.h"

#define MEMORY_MAX (512u << 20) /* of address space; what is used stays below 128 MiB */
#define BACKLOG_MAX (2u << 20)	/* towards daftard */
#define FIRST_FRAME_MAX 1024

struct gate {
	struct event_base *base;
	struct channel *parent;
	struct gate_socket *socket;
	struct buf out;
	bool paused;
};

static const struct sandbox limits = {.network = true, .memory = MEMORY_MAX};

/* ---- from the network ---- */

static void
tell_parent(struct gate *g)
{
	channel_send(g->parent, buf_bytes(&g->out));
}

static void
on_frames(void *context, peer_no peer, const uint8_t key[CURVE_KEY_SIZE], const struct bytes *frame,
	size_t n)
{
	struct gate *g = context;

	gate_frame_frames(&g->out, peer, key, frame, n);
	tell_parent(g);
	if (!g->paused && channel_pending(g->parent) > BACKLOG_MAX) {
		g->paused = true;
		gate_pause(g->socket, true);
		log_line(LOG_WARNING, "daftard is slow: peers wait");
	}
}

static void
on_gone(void *context, peer_no peer)
{
	struct gate *g = context;

	gate_frame_gone(&g->out, peer);
	tell_parent(g);
}

static void
on_offence(void *context, const uint8_t *key, enum gate_offence what, uint64_t octets)
{
	static const uint8_t nobody[CURVE_KEY_SIZE];
	struct gate *g = context;

	gate_frame_offender(&g->out, key != NULL ? key : nobody, what, octets);
	tell_parent(g);
}

static void
on_knocked(void *context, const uint8_t key[CURVE_KEY_SIZE])
{
	struct gate *g = context;

	gate_frame_offender(&g->out, key, OFFENCE_STRANGER, 0);
	tell_parent(g);
}

/* ---- from daftard ---- */

static void
on_drained(void *context)
{
	struct gate *g = context;

	if (!g->paused)
		return;
	g->paused = false;
	gate_pause(g->socket, false);
	log_line(LOG_WARNING, "daftard keeps up again");
}

static NORETURN void
misunderstood(void)
{
	errno = 0;
	die("daftard sent a frame that does not belong here");
}

static void
allow(struct gate *g, const struct gate_said *said)
{
	gate_allow(g->socket, (const uint8_t(*)[CURVE_KEY_SIZE])said->keys.data, said->n_keys);
	gate_frame_allowed(&g->out, said->serial);
	tell_parent(g);
}

static void
know_certs(struct gate *g, const struct gate_said *said)
{
	struct bytes *text = NULL, rest = said->certs;
	size_t n = 0;

	while (rest.size > 0) {
		text = xrealloc(text, (n + 1) * sizeof *text);
		if (!gate_frame_cert(&rest, &text[n++]))
			misunderstood();
	}
	gate_certs(g->socket, said->list, text, n);
	free(text);
}

static void
send_frames(struct gate *g, const struct gate_said *said)
{
	if (gate_send(g->socket, said->peer, said->frame, said->n))
		return;
	/* Also for a number that was forgotten before. */
	on_gone(g, said->peer);
}

static void
on_parent(void *context, struct bytes frame)
{
	struct gate *g = context;
	struct gate_said said;

	if (frame.data == NULL) {
		event_base_loopbreak(g->base);
		return;
	}
	if (!gate_frame_read(frame, &said))
		misunderstood();
	if (said.kind == GATE_ALLOW)
		allow(g, &said);
	else if (said.kind == GATE_CERTS)
		know_certs(g, &said);
	else if (said.kind == GATE_SEND)
		send_frames(g, &said);
	else
		misunderstood();
}

/* ---- start ---- */

static void
read_order(struct gate_said *order)
{
	OWNED_BUF(frame) = {0};

	if (channel_read(CHILD_FD, &frame, FIRST_FRAME_MAX) != E_OK) {
		fputs("daftar-gate: nobody tells what to open; daftard starts it\n", stderr);
		exit(EXIT_FAILURE);
	}
	if (!gate_frame_read(buf_bytes(&frame), order) || order->kind != GATE_OPEN)
		misunderstood();
}

static enum err
open_gate(struct gate *g, struct gate_said *order, char bound[GATE_ENDPOINT_SIZE])
{
	const struct gate_handlers h = {g, on_frames, on_gone, on_offence, on_knocked};
	enum err e;

	TRY(sandbox_enter(&limits));
	TRY(sandbox_prove(&limits));
	g->base = transport_base();
	if (g->base == NULL)
		return E_IO;
	e = gate_open(
		g->base, order->text, &order->pair, &h, bound, GATE_ENDPOINT_SIZE, &g->socket);
	explicit_bzero(order, sizeof(*order));
	return e;
}

static int
serve(void)
{
	struct gate g = {0};
	struct gate_said order;
	char bound[GATE_ENDPOINT_SIZE];
	enum err e;

	/* Arenas of glibc's are 64 MiB of address space each; one serves three threads. */
	mallopt(M_ARENA_MAX, 1);
	/* What a flood has left goes back to the system. */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
	read_order(&order);
	e = open_gate(&g, &order, bound);
	if (e != E_OK) {
		gate_frame_text(&g.out, GATE_FAILED, err_word(e));
		(void)!channel_write(CHILD_FD, buf_bytes(&g.out));
		return EXIT_FAILURE;
	}
	g.parent = channel_new(g.base, CHILD_FD, on_parent, &g);
	channel_on_drained(g.parent, on_drained);
	gate_frame_text(&g.out, GATE_BOUND, bound);
	tell_parent(&g);
	event_base_dispatch(g.base);
	gate_close(&g.socket);
	channel_free(&g.parent);
	event_base_free(g.base);
	buf_free(&g.out);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	secrets_guard();
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("daftar-gate " PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		puts("daftar-gate is started by daftard, see daftar-gate(8).");
		return EXIT_SUCCESS;
	}
	if (argc != 1) {
		fputs("daftar-gate: takes no arguments; it is started by daftard\n", stderr);
		return 2;
	}
	log_open("daftar-gate", LOG_NOTICE);
	return serve();
}
