/* SPDX-License-Identifier: EUPL-1.2
 *
 * What strangers and disloyal parties may do to a gate, and an honest peer beside them:
 *
 *	attacker MODE ENDPOINT BROKER.pub CURVE.key SECONDS
 *
 * `honest' asks and waits for each answer, and prints "answers=N slowest_ms=N"; its status is 0
 * when every question was answered within 5 s. The others print what they did. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/thin.h"
#include "tests/flood/raw.h"

#define ANSWER_MS 5000
#define SILENT 1000
#define PACE_NS 20000000

struct attack {
	const char *endpoint;
	struct sockaddr_in to;
	uint8_t broker[CURVE_KEY_SIZE];
	struct curve_pair pair;
	int64_t end; /* monotonic ms */
	int pace;    /* a timer that ticks 50 times a second */
};

/* ---- time ---- */

static int
open_pace(void)
{
	const struct itimerspec every = {{.tv_nsec = PACE_NS}, {.tv_nsec = PACE_NS}};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd < 0 || timerfd_settime(fd, 0, &every, NULL) != 0)
		die("no timer");
	return fd;
}

/* An attacker that is turned away comes back at most once a tick: it is to take the gate's time,
 * not the processor's. */
static void
await_tick(const struct attack *a)
{
	uint64_t ticks;

	if (read(a->pace, &ticks, sizeof(ticks)) != (ssize_t)sizeof(ticks))
		die("no tick");
}

/* ---- the honest peer ---- */

struct honest {
	unsigned answers, connections;
};

static void
on_answer(void *context, const struct bytes *frame, size_t n)
{
	struct honest *h = context;

	(void)frame;
	if (n == 0)
		h->connections++;
	else
		h->answers++;
}

static void
turn(struct event_base *base)
{
	struct timeval soon = {0, 2000};

	event_base_loopexit(base, &soon);
	event_base_loop(base, EVLOOP_ONCE);
}

/* A message that is none, which examiner and exchange refuse. */
static int
honest(struct attack *a)
{
	const struct wire w = {.verb = V_SUBMIT, .body = bytes_of("<nothing/>", 10)};
	struct event_base *base = event_base_new();
	struct peer_socket *socket;
	struct honest h = {0};
	int64_t slowest = 0;
	unsigned asked = 0;
	struct frames f;

	wire_encode(&w, &f);
	if (peer_open(base, a->endpoint, a->broker, &a->pair, on_answer, &h, &socket) != E_OK)
		die("no peer");
	while (monotonic_now() < a->end) {
		int64_t start = monotonic_now(), took = 0;
		unsigned before = h.answers;

		while (!peer_send(socket, f.frame, f.n) && took < ANSWER_MS) {
			turn(base);
			took = monotonic_now() - start;
		}
		asked++;
		while (h.answers == before && (took = monotonic_now() - start) < ANSWER_MS)
			turn(base);
		if (took > slowest)
			slowest = took;
		if (h.answers == before)
			break;
	}
	printf("asked=%u answers=%u slowest_ms=%lld connections=%u\n", asked, h.answers,
		(long long)slowest, h.connections);
	peer_close(&socket);
	event_base_free(base);
	return h.answers >= asked && asked > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- attackers ---- */

static int
endless(struct attack *a)
{
	static uint8_t part[65000];
	unsigned sent = 0, cut = 0, refused = 0;
	struct raw r;

	while (monotonic_now() < a->end) {
		if (!raw_connect(&r, &a->to, 7) || !raw_handshake(&r, a->broker, &a->pair, "")) {
			refused++;
			raw_close(&r);
			await_tick(a);
			continue;
		}
		while (monotonic_now() < a->end && raw_send(&r, RAW_MORE, part, sizeof(part)))
			sent++;
		cut++;
		raw_close(&r);
	}
	printf("parts=%u cut=%u refused=%u\n", sent, cut, refused);
	return cut > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Nothing is said until the attack ends. How many of the connections the gate has ended by then. */
static unsigned
await_end(const struct attack *a, const struct raw *r, size_t n)
{
	struct pollfd watched[SILENT];
	unsigned ended = 0;
	int64_t left;

	for (size_t i = 0; i < n; i++)
		watched[i] = (struct pollfd){.fd = r[i].fd, .events = POLLRDHUP};
	while ((left = a->end - monotonic_now()) > 0) {
		if (poll(watched, n, (int)left) < 0 && errno != EINTR)
			die("poll");
		for (size_t i = 0; i < n; i++)
			if (watched[i].fd >= 0 && watched[i].revents != 0) {
				watched[i].fd = -1;
				ended++;
			}
	}
	return ended;
}

/* Each from an address of its own in turn, so that the limit of one address does not help. */
static int
silent(struct attack *a)
{
	static struct raw r[SILENT];
	unsigned open = 0, ended;

	for (size_t i = 0; i < SILENT; i++)
		open += raw_connect(&r[i], &a->to, 256 + (uint32_t)i % 50);
	ended = await_end(a, r, SILENT);
	printf("connections=%u ended=%u\n", open, ended);
	return open == SILENT ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
storm(struct attack *a)
{
	unsigned n = 0;
	struct raw r;

	while (monotonic_now() < a->end) {
		n += raw_connect(&r, &a->to, 512 + n % 200);
		raw_close(&r);
	}
	printf("connections=%u\n", n);
	return n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
denial(struct attack *a)
{
	unsigned denied = 0, admitted = 0;
	struct raw r;

	curve_generate(&a->pair);
	while (monotonic_now() < a->end) {
		if (raw_connect(&r, &a->to, 1024 + (denied % 200))) {
			if (raw_handshake(&r, a->broker, &a->pair, ""))
				admitted++;
			denied++;
		}
		raw_close(&r);
	}
	printf("denied=%u admitted=%u\n", denied, admitted);
	return denied > 0 && admitted == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Asks all the time and never reads an answer. */
static int
deaf(struct attack *a)
{
	struct bytes f[] = {bytes_of("DXP1", 4), bytes_of("SUBMIT", 6), bytes_of("<", 1)};
	unsigned asked = 0, connections = 0;
	struct raw r;

	while (monotonic_now() < a->end) {
		bool good =
			raw_connect(&r, &a->to, 9) && raw_handshake(&r, a->broker, &a->pair, "");

		connections += good;
		while (good && monotonic_now() < a->end) {
			good = raw_send(&r, RAW_MORE, f[0].data, f[0].size) &&
			       raw_send(&r, RAW_MORE, f[1].data, f[1].size) &&
			       raw_send(&r, 0, f[2].data, f[2].size);
			asked++;
		}
		raw_close(&r);
		await_tick(a);
	}
	printf("asked=%u connections=%u\n", asked, connections);
	return connections > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Messages that no verb begins, as fast as they go, over four connections. */
static int
nonsense(struct attack *a)
{
	static const uint8_t word[4] = "NONE";
	unsigned said = 0, connections = 0;
	struct raw r;
	int forked = 0;

	while (forked < 3 && fork() != 0)
		forked++;
	a->pace = open_pace(); /* a tick wakes one of those that share a timer */
	while (monotonic_now() < a->end) {
		bool good =
			raw_connect(&r, &a->to, 11) && raw_handshake(&r, a->broker, &a->pair, "");

		connections += good;
		while (good && monotonic_now() < a->end) {
			good = raw_send(&r, 0, word, sizeof(word));
			said++;
		}
		raw_close(&r);
		await_tick(a);
	}
	if (forked == 3)
		printf("messages=%u connections=%u\n", said, connections);
	return said > 100 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- squeezed ---- */

static bool
say_line(struct raw *r)
{
	const struct thin_line line = {.window = 0};
	char text[THIN_LINE_SIZE];
	struct bytes frame[3];
	bool good = true;

	thin_line_write(&line, text, frame);
	for (size_t i = 0; good && i < ARRAY_LEN(frame); i++)
		good = raw_send(
			r, i + 1 < ARRAY_LEN(frame) ? RAW_MORE : 0, frame[i].data, frame[i].size);
	return good;
}

/* A message that is none, in a parcel that becomes nearly as much as it may. */
static void
make_parcel(struct buf *out)
{
	static uint8_t body[150 * 1024] = "<nothing>";
	const struct bytes frame[] = {bytes_of(WIRE_VERSION, strlen(WIRE_VERSION)),
		bytes_of("SUBMIT", 6), bytes_of(body, sizeof(body))};
	uint64_t z = 7;

	memset(body + 9, 'a', sizeof(body) - 9);
	for (size_t i = 9; i < 4000; i++) {
		z = z * 6364136223846793005u + 1442695040888963407u;
		body[i] = (uint8_t)(z >> 56);
	}
	buf_u8(out, 0x21);
	parcel_pack(frame, ARRAY_LEN(frame), NULL, out);
}

/* On a thin line, as fast as it goes. */
static int
squeezed(struct attack *a)
{
	OWNED_BUF(parcel) = {0};
	unsigned said = 0, connections = 0;
	struct raw r;

	make_parcel(&parcel);
	while (monotonic_now() < a->end) {
		bool good = raw_connect(&r, &a->to, 11) &&
			    raw_handshake(&r, a->broker, &a->pair, "") && say_line(&r);

		connections += good;
		while (good && monotonic_now() < a->end) {
			good = raw_send(&r, 0, parcel.data, parcel.size);
			said += good;
		}
		raw_close(&r);
		await_tick(a);
	}
	printf("parcels=%u octets=%zu connections=%u\n", said, parcel.size, connections);
	return said > 100 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- garbage ---- */

static const uint8_t greeting[64] = {0xff, [9] = 0x7f, 3, 1, 'C', 'U', 'R', 'V', 'E'};

/* Greetings with one octet or one mechanism changed; then commands that are none, of every size
 * that a length can claim. */
static size_t
make_garbage(size_t number, uint8_t out[8192])
{
	static const char *const mechanism[] = {"NULL", "PLAIN", "GSSAPI", "curve", "", "CURVEX"};
	static const uint8_t body[][12] = {{4, 0}, {4, 1, 0}, {4, 255, 5, 'H', 'E', 'L', 'L', 'O'},
		{6, 0x7f, 255, 255, 255, 255, 255, 255, 255}, {6, 255, 255, 255, 255, 255, 255},
		{6, 0, 0, 0, 0, 0x40, 0, 0, 0, 5}, {2, 0, 0, 0, 0, 0, 4, 0xb0, 0}, {0, 5, 'H'},
		{1, 0, 1, 0, 1, 0}, {4, 6, 5, 'R', 'E', 'A', 'D', 'Y'}, {8, 8, 8}, {255, 255},
		{4, 5, 4, 'P', 'I', 'N', 'G'}, {4, 7, 7, 'W', 'E', 'L', 'C'}};
	size_t n = ARRAY_LEN(mechanism), size = 64;

	memcpy(out, greeting, 64);
	memset(out + 64, 'A', 8192 - 64);
	if (number < n) {
		memset(out + 12, 0, 20);
		memcpy(out + 12, mechanism[number], strlen(mechanism[number]));
		return size + 200;
	}
	number -= n;
	if (number < 14) {
		out[number < 4 ? number * 3 : number] ^= 0xff;
		return size + number * 16;
	}
	number -= 14;
	memcpy(out + 64, body[number % ARRAY_LEN(body)], 12);
	return 64 + (number < ARRAY_LEN(body) ? 12 : 8000);
}

#define GARBAGE (6 + 14 + 2 * 14)

/* All at once; each is to be ended by the gate, within the time of a handshake. */
static int
garbage(struct attack *a)
{
	static struct raw r[GARBAGE];
	static uint8_t octets[8192], answer[256];
	unsigned ended = 0;

	for (size_t i = 0; i < GARBAGE; i++)
		if (raw_connect(&r[i], &a->to, 11))
			(void)!raw_write(&r[i], octets, make_garbage(i, octets));
	for (size_t i = 0; i < GARBAGE; i++) {
		while (raw_read(&r[i], answer, 1))
			;
		/* Still open: the read gave up after 5 s. */
		ended += raw_write(&r[i], answer, 1) == false || !raw_read(&r[i], answer, 1);
		raw_close(&r[i]);
	}
	printf("cases=%d ended=%u\n", GARBAGE, ended);
	return ended == GARBAGE ? EXIT_SUCCESS : EXIT_FAILURE;
}

static const struct {
	const char *word;
	int (*run)(struct attack *a);
} modes[] = {{"honest", honest}, {"endless", endless}, {"silent", silent}, {"storm", storm},
	{"denial", denial}, {"deaf", deaf}, {"nonsense", nonsense}, {"squeezed", squeezed},
	{"garbage", garbage}};

int
main(int argc, char **argv)
{
	struct attack a = {0};
	char text[CURVE_TEXT_SIZE + 1] = "";
	FILE *f;

	log_open("attacker", LOG_ERROR);
	if (argc != 6 || (f = fopen(argv[3], "re")) == NULL)
		die("attacker MODE ENDPOINT BROKER.pub CURVE.key SECONDS");
	if (fgets(text, sizeof(text), f) != NULL)
		text[strcspn(text, "\n")] = '\0';
	fclose(f);
	if (!curve_parse(text, a.broker) || curve_load(argv[4], &a.pair) != E_OK)
		die("%s or %s is not a key", argv[3], argv[4]);
	a.endpoint = argv[2];
	a.to = raw_target(argv[2]);
	a.pace = open_pace();
	a.end = monotonic_now() + strtol(argv[5], NULL, 10) * 1000;
	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		if (strcmp(modes[i].word, argv[1]) == 0)
			return modes[i].run(&a);
	die("there is no mode %s", argv[1]);
}
