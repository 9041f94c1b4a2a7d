/* SPDX-License-Identifier: EUPL-1.2
 *
 * Length-prefixed frames over a socketpair. libevent's bufferevent buffers both directions; this
 * file adds the frame, the limit and the end.
 *
 * The high-water mark on reading is one largest frame: whoever floods us fills the kernel's buffer
 * and then waits. A channel ends once: at end of file, on an error, or at the first frame that
 * cannot be one. After that nothing is read or written; its owner is told and frees it, often from
 * within the call, so a loop that calls the handler looks at `alive' before it touches the channel
 * again. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "lib/channel.h"

#define HEADER_SIZE 4
#define READ_SIZE (256 * 1024)

struct channel {
	struct bufferevent *stream; /* NULL after the end */
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

/* libevent closes the descriptor in a later round of the loop; the other end is told now. */
static void
close_stream(struct channel *c)
{
	if (c->stream == NULL)
		return;
	(void)shutdown(bufferevent_getfd(c->stream), SHUT_RDWR);
	bufferevent_free(c->stream);
	c->stream = NULL;
}

static void
end(struct channel *c)
{
	if (c->stream == NULL)
		return;
	close_stream(c);
	(void)hand_over(c, bytes_of(NULL, 0));
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

/* Hands one frame over. False: there is no further one now, or the channel is gone. */
static bool
next_frame(struct channel *c)
{
	struct evbuffer *in = bufferevent_get_input(c->stream);
	uint8_t header[HEADER_SIZE];
	uint32_t length;

	if (evbuffer_copyout(in, header, HEADER_SIZE) < HEADER_SIZE)
		return false;
	length = length_of(header);
	if (!is_length(length)) {
		end(c);
		return false;
	}
	if (evbuffer_get_length(in) < HEADER_SIZE + (size_t)length)
		return false;
	evbuffer_drain(in, HEADER_SIZE);
	if (!hand_over(c, bytes_of(evbuffer_pullup(in, length), length)))
		return false;
	if (c->stream == NULL)
		return false;
	evbuffer_drain(in, length);
	return true;
}

static void
on_read(struct bufferevent *stream, void *context)
{
	struct channel *c = context;

	(void)stream;
	while (next_frame(c))
		;
}

static void
on_written(struct bufferevent *stream, void *context)
{
	struct channel *c = context;

	(void)stream;
	if (c->drained != NULL)
		c->drained(c->context);
}

static void
on_event(struct bufferevent *stream, short what, void *context)
{
	(void)stream;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
		end(context);
}

struct channel *
channel_new(struct event_base *base, int fd, channel_handler *handler, void *context)
{
	struct channel *c = xcalloc(1, sizeof(*c));

	signal(SIGPIPE, SIG_IGN);
	c->handler = handler;
	c->context = context;
	evutil_make_socket_nonblocking(fd);
	c->stream = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (c->stream == NULL)
		die("channel: cannot be made");
	bufferevent_setcb(c->stream, on_read, on_written, on_event, c);
	bufferevent_setwatermark(c->stream, EV_READ, 0, HEADER_SIZE + CHANNEL_FRAME_MAX);
	bufferevent_set_max_single_read(c->stream, READ_SIZE);
	bufferevent_set_max_single_write(c->stream, READ_SIZE);
	if (bufferevent_enable(c->stream, EV_READ | EV_WRITE) != 0)
		die("channel: cannot be watched");
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
	free(*c);
	*c = NULL;
}

void
channel_on_drained(struct channel *c, channel_drained *drained)
{
	c->drained = drained;
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
	if (c->stream == NULL)
		return;
	header_of((uint32_t)frame.size, header);
	if (bufferevent_write(c->stream, header, HEADER_SIZE) != 0 ||
		bufferevent_write(c->stream, frame.data, frame.size) != 0)
		die("channel: a frame cannot be queued");
}

size_t
channel_pending(const struct channel *c)
{
	if (c->stream == NULL)
		return 0;
	return evbuffer_get_length(bufferevent_get_output(c->stream));
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
