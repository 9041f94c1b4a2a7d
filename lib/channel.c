/* SPDX-License-Identifier: EUPL-1.2
 *
 * Length-prefixed frames over a socketpair. What is written waits in an evbuffer; what is read is
 * read by ourselves, 64 KiB at a time, because libevent 2.1 reads 4 KiB at a time and no more.
 *
 * One read an event: whoever floods us fills the kernel's buffer and then waits for its turn, and
 * what we hold of an unfinished frame is less than a largest frame and one read. A channel ends
 * once: at end of file, on an error, or at the first frame that cannot be one. After that nothing
 * is read or written; its owner is told and frees it, often from within the call. So while a
 * handler runs, the bytes it was lent belong to the caller's stack and not to the channel, and the
 * caller looks at `alive' before it touches the channel again. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <event2/buffer.h>

#include "lib/channel.h"

#define HEADER_SIZE 4
#define READ_SIZE (64 * 1024)

struct channel {
	int fd; /* -1 after the end */
	struct event *readable, *writable;
	struct evbuffer *out;
	struct buf in; /* an unfinished frame */
	channel_handler *handler;
	channel_drained *drained;
	void *context;
	bool *alive; /* set to false by channel_free while a handler runs */
};

/* Calls the handler; false when it freed the channel. */
static bool
hand_over(struct channel *c, struct bytes frame)
{
	bool *outer = c->alive;
	bool alive = true;

	c->alive = &alive;
	c->handler(c->context, frame);
	if (alive)
		c->alive = outer;
	else if (outer != NULL)
		*outer = false;
	return alive;
}

static void
close_stream(struct channel *c)
{
	if (c->fd < 0)
		return;
	event_free(c->readable);
	event_free(c->writable);
	evbuffer_free(c->out);
	close_fd(&c->fd);
}

static void
end(struct channel *c)
{
	if (c->fd < 0)
		return;
	close_stream(c);
	(void)hand_over(c, bytes_of(NULL, 0));
}

/* ---- reading ---- */

static struct buf
take_buf(struct buf *b)
{
	struct buf taken = *b;

	*b = (struct buf){0};
	return taken;
}

static uint32_t
length_of(const uint8_t octet[HEADER_SIZE])
{
	struct cursor c = cursor_of(bytes_of(octet, HEADER_SIZE));

	return cursor_u32(&c);
}

static bool
is_length(uint32_t length)
{
	return length > 0 && length <= CHANNEL_FRAME_MAX;
}

/* Hands the whole frames over, moving `*at' behind them. False: the channel has ended. */
static bool
take_frames(struct channel *c, const struct buf *in, size_t *at)
{
	while (in->size - *at >= HEADER_SIZE) {
		uint32_t length = length_of(in->data + *at);
		struct bytes frame;

		if (!is_length(length)) {
			end(c);
			return false;
		}
		if (in->size - *at - HEADER_SIZE < length)
			return true;
		frame = bytes_of(in->data + *at + HEADER_SIZE, length);
		*at += HEADER_SIZE + length;
		if (!hand_over(c, frame))
			return false;
	}
	return true;
}

static void
on_readable(evutil_socket_t fd, short what, void *context)
{
	struct channel *c = context;
	uint8_t part[READ_SIZE];
	ssize_t n = read(fd, part, sizeof(part));
	OWNED_BUF(in) = {0};
	size_t at = 0;

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end(c);
		return;
	}
	in = take_buf(&c->in);
	buf_add(&in, part, (size_t)n);
	if (!take_frames(c, &in, &at))
		return;
	if (at == 0)
		c->in = take_buf(&in);
	else if (at < in.size)
		buf_add(&c->in, in.data + at, in.size - at);
}

/* ---- writing ---- */

static void
want_to_write(struct channel *c)
{
	if (event_add(c->writable, NULL) != 0)
		die("channel: cannot be watched");
}

static void
on_writable(evutil_socket_t fd, short what, void *context)
{
	struct channel *c = context;

	(void)what;
	if (evbuffer_write(c->out, fd) < 0 && errno != EAGAIN && errno != EINTR) {
		end(c);
		return;
	}
	if (evbuffer_get_length(c->out) > 0)
		want_to_write(c);
	else if (c->drained != NULL)
		c->drained(c->context);
}

static void
header_of(uint32_t length, uint8_t out[HEADER_SIZE])
{
	for (int i = 0; i < HEADER_SIZE; i++)
		out[i] = (uint8_t)(length >> (24 - 8 * i));
}

void
channel_send(struct channel *c, struct bytes frame)
{
	uint8_t header[HEADER_SIZE];

	assert(frame.size > 0 && frame.size <= CHANNEL_FRAME_MAX);
	if (c->fd < 0)
		return;
	header_of((uint32_t)frame.size, header);
	if (evbuffer_add(c->out, header, HEADER_SIZE) != 0 ||
		evbuffer_add(c->out, frame.data, frame.size) != 0)
		die("channel: a frame cannot be queued");
	want_to_write(c);
}

size_t
channel_pending(const struct channel *c)
{
	return c->fd < 0 ? 0 : evbuffer_get_length(c->out);
}

/* ---- opening and closing ---- */

struct channel *
channel_new(struct event_base *base, int fd, channel_handler *handler, void *context)
{
	struct channel *c = xcalloc(1, sizeof(*c));

	signal(SIGPIPE, SIG_IGN);
	c->fd = fd;
	c->handler = handler;
	c->context = context;
	c->out = evbuffer_new();
	c->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, c);
	c->writable = event_new(base, fd, EV_WRITE, on_writable, c);
	if (evutil_make_socket_nonblocking(fd) != 0 || c->out == NULL || c->readable == NULL ||
		c->writable == NULL || event_add(c->readable, NULL) != 0)
		die("channel: cannot be made");
	return c;
}

void
channel_free(struct channel **c)
{
	if (*c == NULL)
		return;
	if ((*c)->alive != NULL)
		*(*c)->alive = false;
	close_stream(*c);
	buf_free(&(*c)->in);
	free(*c);
	*c = NULL;
}

void
channel_on_drained(struct channel *c, channel_drained *drained)
{
	c->drained = drained;
}

/* ---- blocking twins ---- */

static enum err
read_exactly(int fd, uint8_t *out, size_t size)
{
	while (size > 0) {
		ssize_t n = read(fd, out, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return E_IO;
		out += n;
		size -= (size_t)n;
	}
	return E_OK;
}

enum err
channel_read(int fd, struct buf *out, size_t max)
{
	uint8_t header[HEADER_SIZE], part[4096];
	size_t left;

	buf_reset(out);
	TRY(read_exactly(fd, header, HEADER_SIZE));
	left = length_of(header);
	if (left == 0 || left > max)
		return E_IO;
	while (left > 0) {
		size_t n = left < sizeof(part) ? left : sizeof(part);

		TRY(read_exactly(fd, part, n));
		buf_add(out, part, n);
		left -= n;
	}
	return E_OK;
}

/* sendmsg and not writev: the other end may be gone, and that must not be a signal. */
static enum err
write_parts(int fd, struct iovec *part, size_t n)
{
	while (n > 0) {
		struct msghdr m = {.msg_iov = part, .msg_iovlen = n};
		ssize_t sent = sendmsg(fd, &m, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return E_IO;
		while (n > 0 && (size_t)sent >= part->iov_len) {
			sent -= (ssize_t)part->iov_len;
			part++;
			n--;
		}
		if (n > 0) {
			part->iov_base = (uint8_t *)part->iov_base + sent;
			part->iov_len -= (size_t)sent;
		}
	}
	return E_OK;
}

enum err
channel_write(int fd, struct bytes frame)
{
	uint8_t header[HEADER_SIZE];
	struct iovec part[2] = {{header, HEADER_SIZE}, {(void *)(uintptr_t)frame.data, frame.size}};

	assert(frame.size > 0 && frame.size <= CHANNEL_FRAME_MAX);
	header_of((uint32_t)frame.size, header);
	return write_parts(fd, part, 2);
}
