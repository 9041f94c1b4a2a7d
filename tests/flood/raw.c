/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/flood/raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_S 5
#define FRAME_MAX (301 * 1024)

struct sockaddr_in
raw_target(const char *endpoint)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	char address[64];
	unsigned port;

	if (sscanf(endpoint, "tcp://%63[0-9.]:%u", address, &port) != 2 ||
		inet_pton(AF_INET, address, &to.sin_addr) != 1)
		die("%s is no endpoint", endpoint);
	to.sin_port = htons((uint16_t)port);
	return to;
}

bool
raw_connect(struct raw *r, const struct sockaddr_in *to, uint32_t from)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	struct timeval wait = {WAIT_S, 0};

	*r = (struct raw){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK + from);
	if (r->fd >= 0 && setsockopt(r->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 &&
		setsockopt(r->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0 &&
		(from == 0 || bind(r->fd, (struct sockaddr *)&here, sizeof(here)) == 0) &&
		connect(r->fd, (const struct sockaddr *)to, sizeof(*to)) == 0)
		return true;
	raw_close(r);
	return false;
}

void
raw_close(struct raw *r)
{
	close_fd(&r->fd);
}

bool
raw_write(struct raw *r, const void *data, size_t size)
{
	const uint8_t *at = data;

	while (size > 0) {
		ssize_t n = send(r->fd, at, size, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		at += n;
		size -= (size_t)n;
	}
	return true;
}

bool
raw_read(struct raw *r, void *data, size_t size)
{
	uint8_t *at = data;

	while (size > 0) {
		ssize_t n = recv(r->fd, at, size, 0);

		if (n <= 0)
			return false;
		at += n;
		size -= (size_t)n;
	}
	return true;
}

/* "CurveZMQHELLO---" and a counter. */
static void
short_nonce(struct raw *r, const char *prefix, uint8_t nonce[24])
{
	uint64_t n = ++r->nonce;

	memcpy(nonce, prefix, 16);
	for (int i = 0; i < 8; i++)
		nonce[16 + i] = (uint8_t)(n >> (56 - 8 * i));
}

/* A frame: flags, length, body. */
static bool
write_frame(struct raw *r, uint8_t flags, const uint8_t *body, size_t size)
{
	static uint8_t frame[FRAME_MAX + 9];
	size_t at = 0;

	frame[at++] = flags | (size > 255 ? 2 : 0);
	for (int shift = size > 255 ? 56 : 0; shift >= 0; shift -= 8)
		frame[at++] = (uint8_t)((uint64_t)size >> shift);
	memcpy(frame + at, body, size);
	return raw_write(r, frame, at + size);
}

static bool
read_frame(struct raw *r, uint8_t *body, size_t max, size_t *size)
{
	uint8_t head[9] = {0};
	uint64_t length = 0;
	bool wide;

	if (!raw_read(r, head, 1))
		return false;
	wide = (head[0] & 2) != 0;
	if (!raw_read(r, head + 1, wide ? 8 : 1))
		return false;
	for (int i = 1; i <= (wide ? 8 : 1); i++)
		length = length << 8 | head[i];
	*size = length;
	return length <= max && raw_read(r, body, length);
}

static bool
greet(struct raw *r)
{
	uint8_t greeting[64] = {
		[0] = 0xff, [9] = 0x7f, [10] = 3, [11] = 1, [12] = 'C', 'U', 'R', 'V', 'E'};

	return raw_write(r, greeting, sizeof(greeting)) && raw_read(r, greeting, sizeof(greeting));
}

bool
raw_hello(
	struct raw *r, const uint8_t broker[CURVE_KEY_SIZE], uint8_t server[32], uint8_t cookie[96])
{
	uint8_t body[200] = "\5HELLO\1", nonce[24], zeros[64] = {0}, answer[512], box[128];
	size_t size;

	crypto_box_keypair(r->short_public, r->short_secret);
	short_nonce(r, "CurveZMQHELLO---", nonce);
	memcpy(body + 80, r->short_public, 32);
	memcpy(body + 112, nonce + 16, 8);
	if (crypto_box_easy(body + 120, zeros, 64, nonce, broker, r->short_secret) != 0)
		return false;
	if (!greet(r) || !write_frame(r, 4, body, sizeof(body)) ||
		!read_frame(r, answer, sizeof(answer), &size) || size != 168)
		return false;
	memcpy(nonce, "WELCOME-", 8);
	memcpy(nonce + 8, answer + 8, 16);
	if (crypto_box_open_easy(box, answer + 24, 144, nonce, broker, r->short_secret) != 0)
		return false;
	memcpy(server, box, 32);
	memcpy(cookie, box + 32, 96);
	return crypto_box_beforenm(r->shared, server, r->short_secret) == 0;
}

static size_t
metadata(uint8_t *out, const char *route)
{
	static const char type[] = "\13Socket-Type\0\0\0\6DEALER\10Identity\0\0\0";
	size_t at = sizeof(type) - 1;

	memcpy(out, type, at);
	out[at++] = (uint8_t)strlen(route);
	memcpy(out + at, route, strlen(route));
	return at + strlen(route);
}

bool
raw_handshake(struct raw *r, const uint8_t broker[CURVE_KEY_SIZE], const struct curve_pair *pair,
	const char *route)
{
	uint8_t server[32], cookie[96], nonce[24], vouch[64], plain[512],
		body[1024] = "\10INITIATE";
	uint8_t answer[1024];
	size_t size;

	if (!raw_hello(r, broker, server, cookie))
		return false;
	memcpy(plain, pair->public_key, 32);
	memcpy(nonce, "VOUCH---", 8);
	randombytes_buf(nonce + 8, 16);
	memcpy(plain + 32, nonce + 8, 16);
	memcpy(vouch, r->short_public, 32);
	memcpy(vouch + 32, broker, 32);
	if (crypto_box_easy(plain + 48, vouch, 64, nonce, server, pair->secret_key) != 0)
		return false;
	size = 128 + metadata(plain + 128, route);
	short_nonce(r, "CurveZMQINITIATE", nonce);
	memcpy(body + 9, cookie, 96);
	memcpy(body + 105, nonce + 16, 8);
	if (crypto_box_easy_afternm(body + 113, plain, size, nonce, r->shared) != 0)
		return false;
	return write_frame(r, 4, body, 113 + size + 16) &&
	       read_frame(r, answer, sizeof(answer), &size) && size > 6 &&
	       memcmp(answer, "\5READY", 6) == 0;
}

bool
raw_send(struct raw *r, int flags, const void *data, size_t size)
{
	static uint8_t plain[FRAME_MAX], body[FRAME_MAX + 33] = "\7MESSAGE";
	uint8_t nonce[24];

	if (size + 33 > FRAME_MAX)
		die("a frame is too large");
	plain[0] = (uint8_t)flags;
	memcpy(plain + 1, data, size);
	short_nonce(r, "CurveZMQMESSAGEC", nonce);
	memcpy(body + 8, nonce + 16, 8);
	return crypto_box_easy_afternm(body + 16, plain, size + 1, nonce, r->shared) == 0 &&
	       write_frame(r, 0, body, size + 33);
}
