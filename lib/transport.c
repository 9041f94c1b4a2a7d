/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the two ends of the transport share: CURVE keys as text, sockets whose every option is
 * checked, a ZeroMQ socket as a citizen of a libevent loop, and messages read frame by frame so
 * that a peer cannot make us hold more of one than a verb of DXP/1 has. */
#include <string.h>

#include "lib/transport_zmq.h"

#if defined(__SANITIZE_ADDRESS__)
/* libzmq 4.3.4 forgets the frames of a message that was half received when the connection ends
 * right after something was sent (a pipe that has read its delimiter ends without a rollback). Seen
 * with nothing but libzmq in the program; 18 KiB, once a connection. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:libzmq.so\n";
}

const char *__lsan_default_options(void);
const char *
__lsan_default_options(void)
{
	return "print_suppressions=0";
}
#endif

/* ---- keys ---- */

void
curve_format(const uint8_t key[CURVE_KEY_SIZE], char out[CURVE_TEXT_SIZE])
{
	if (zmq_z85_encode(out, key, CURVE_KEY_SIZE) == NULL)
		die("a CURVE key cannot be written");
}

bool
curve_parse(const char *text, uint8_t key[CURVE_KEY_SIZE])
{
	char again[CURVE_TEXT_SIZE];

	memset(key, 0, CURVE_KEY_SIZE);
	if (strlen(text) != CURVE_TEXT_SIZE - 1 || zmq_z85_decode(key, text) == NULL)
		return false;
	/* One key, one spelling. */
	curve_format(key, again);
	return strcmp(text, again) == 0;
}

static bool
pair_of_text(const char *public_text, const char *secret_text, struct curve_pair *out)
{
	return curve_parse(public_text, out->public_key) &&
	       curve_parse(secret_text, out->secret_key);
}

void
curve_generate(struct curve_pair *out)
{
	char public_text[CURVE_TEXT_SIZE], secret[CURVE_TEXT_SIZE];

	if (zmq_curve_keypair(public_text, secret) != 0 || !pair_of_text(public_text, secret, out))
		die("a CURVE key pair cannot be made");
	explicit_bzero(secret, sizeof(secret));
}

enum err
curve_load(const char *secret_file, struct curve_pair *out)
{
	char public_text[CURVE_TEXT_SIZE], secret[CURVE_TEXT_SIZE + 1]; /* and the newline */
	bool good;

	memset(out, 0, sizeof(*out));
	TRY(secret_text(secret_file, secret, sizeof(secret)));
	good = curve_parse(secret, out->secret_key) && zmq_curve_public(public_text, secret) == 0 &&
	       pair_of_text(public_text, secret, out);
	explicit_bzero(secret, sizeof(secret));
	return good ? E_OK : E_NO_KEY;
}

/* ---- sockets ---- */

zsock_t *
zmq_socket_make(int type)
{
	static const struct zmq_option never_block[] = {{ZMQ_RCVTIMEO, 0}, {ZMQ_SNDTIMEO, 0}, {0}};
	zsock_t *sock;

	zsys_handler_set(NULL);
	sock = zsock_new(type);
	if (sock != NULL && zmq_set_options(sock, never_block) != E_OK)
		zsock_destroy(&sock);
	return sock;
}

/* Most options are ints; ZMQ_MAXMSGSIZE alone is wider. */
static bool
set_option(void *sock, const struct zmq_option *o)
{
	int64_t wide = o->value;
	int narrow = o->value, got = -1;
	size_t size = sizeof(got);

	if (o->option == ZMQ_MAXMSGSIZE) {
		int64_t now = -1;

		size = sizeof(now);
		return zmq_setsockopt(sock, o->option, &wide, sizeof(wide)) == 0 &&
		       zmq_getsockopt(sock, o->option, &now, &size) == 0 && now == wide;
	}
	if (zmq_setsockopt(sock, o->option, &narrow, sizeof(narrow)) != 0)
		return false;
	/* These two can be written but not read. */
	if (o->option == ZMQ_ROUTER_MANDATORY || o->option == ZMQ_ROUTER_HANDOVER)
		return true;
	return zmq_getsockopt(sock, o->option, &got, &size) == 0 && got == narrow;
}

enum err
zmq_set_options(zsock_t *sock, const struct zmq_option *options)
{
	void *handle = zsock_resolve(sock);

	for (const struct zmq_option *o = options; o->option != 0; o++)
		if (!set_option(handle, o))
			return E_IO;
	return E_OK;
}

enum err
zmq_set_octets(zsock_t *sock, int option, const void *data, size_t size)
{
	return zmq_setsockopt(zsock_resolve(sock), option, data, size) == 0 ? E_OK : E_IO;
}

/* ---- in the loop ---- */

void
watch_open(
	struct watch *w, struct event_base *base, zsock_t **sock, watch_turn *turn, void *context)
{
	w->sock = TAKE(*sock);
	w->again = event_new(base, -1, 0, turn, context);
	w->edge = event_new(base, zsock_fd(w->sock), EV_READ | EV_PERSIST | EV_ET, turn, context);
	if (w->again == NULL || w->edge == NULL || event_add(w->edge, NULL) != 0)
		die("a socket cannot be watched");
	watch_soon(w);
}

void
watch_close(struct watch *w)
{
	if (w->edge != NULL)
		event_free(w->edge);
	if (w->again != NULL)
		event_free(w->again);
	zsock_destroy(&w->sock);
	*w = (struct watch){0};
}

void
watch_soon(struct watch *w)
{
	event_active(w->again, 0, 0);
}

void
watch_again(struct watch *w)
{
	if ((zsock_events(w->sock) & ZMQ_POLLIN) != 0)
		watch_soon(w);
}

/* ---- messages ---- */

void
parts_free(struct parts *p)
{
	for (size_t i = 0; i < p->n; i++)
		zframe_destroy(&p->frame[i]);
	p->n = 0;
}

uint64_t
frame_octets(size_t frame)
{
	uint64_t command = frame + 33; /* name, nonce, MAC, flags */

	return command + (command > UINT8_MAX ? 9 : 2);
}

/* "__fd" is how libzmq names what ZMQ_SRCFD gives. */
static void
note_origin(struct parts *p, zframe_t *frame, size_t number)
{
	const char *fd;

	if (number == 0)
		return;
	p->octets += frame_octets(zframe_size(frame));
	if (number == 1 && (fd = zframe_meta(frame, "__fd")) != NULL)
		p->fd = atoi(fd);
}

bool
parts_receive(zsock_t *sock, struct parts *out)
{
	size_t total = 0;
	bool more = true;

	*out = (struct parts){.fd = -1};
	for (size_t number = 0; more; number++) {
		zframe_t *frame = zframe_recv(sock);

		if (frame == NULL)
			return out->n > 0;
		more = zframe_more(frame);
		total += zframe_size(frame);
		note_origin(out, frame, number);
		if (out->n == ARRAY_LEN(out->frame) || zframe_size(frame) > WIRE_FRAME_MAX ||
			total > WIRE_TOTAL_MAX)
			out->too_large = true;
		if (out->too_large)
			zframe_destroy(&frame);
		else
			out->frame[out->n++] = frame;
	}
	return true;
}

size_t
parts_bytes(const struct parts *p, size_t from, struct bytes out[WIRE_FRAMES_MAX])
{
	size_t n = 0;

	for (size_t i = from; i < p->n && n < WIRE_FRAMES_MAX; i++)
		out[n++] = bytes_of(zframe_data(p->frame[i]), zframe_size(p->frame[i]));
	return n;
}

bool
frames_send(zsock_t *sock, const struct bytes *frame, size_t n)
{
	void *handle = zsock_resolve(sock);

	for (size_t i = 0; i < n; i++) {
		int more = i + 1 < n ? ZMQ_SNDMORE : 0;

		if (zmq_send(handle, frame[i].data, frame[i].size, ZMQ_DONTWAIT | more) < 0)
			return false;
	}
	return true;
}

struct event_base *
transport_base(void)
{
	const struct timeval most = {0, 5000};
	struct event_config *config = event_config_new();
	struct event_base *base;

	if (config == NULL || event_config_set_max_dispatch_interval(config, &most, 16, 0) != 0)
		die("no event loop");
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}
