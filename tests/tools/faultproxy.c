/* SPDX-License-Identifier: EUPL-1.2
 *
 * A TCP proxy that does to a connection what bad networks do.
 *
 *	faultproxy LISTEN-ADDRESS PORT TARGET-ADDRESS TARGET-PORT
 *
 * Says "listening PORT" and then takes commands, a line each, on standard input; each is answered
 *by "ok" or "bad". Directions: up (to the target), down (to who connected).
 *
 *	delay MS        every piece waits so long          trickle N       at most N octets a second
 *	stall, go       nothing passes; it passes again    cut             every connection is reset
 *	half DIR        that direction ends, politely      clear           no faults any more
 *	reset DIR N     the next connection that gets so far is reset behind octet N of it
 *	double DIR N    the piece with octet N of the next one that gets so far comes twice
 *	count           "count connections=C up=N down=N resets=N doubled=N"
 *	frames          "frames up SIZE:N ..." and "frames down SIZE:N ...": of ZMTP, so far
 *
 * One loop around poll(2); the end of standard input ends it. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/tools/frames.h"

#define LINKS 64
#define PIECE 4096
#define PIECES 64

enum way { UP, DOWN, WAYS };

struct piece {
	long due; /* ms */
	size_t size, sent;
	char octet[PIECE];
};

struct flow {
	int from, to;
	long passed; /* octets read */
	struct frames frames;
	struct piece *queue[PIECES];
	int n;
	bool ended, closed;
};

struct link {
	bool used;
	int fd[2]; /* who connected, the target */
	struct flow flow[WAYS];
};

static struct {
	long delay, rate; /* ms; octets a second, 0: no limit */
	bool stalled;
	long reset_at[WAYS], double_at[WAYS]; /* -1: never */
	long allowance[WAYS];		      /* octets that may pass now */
	long filled;			      /* when it was last filled */
} fault;
static struct {
	unsigned long connections, passed[WAYS], resets, doubled;
} count;
static struct frame_sizes sizes[WAYS];
static struct link links[LINKS];
static struct sockaddr_in target;

static long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

static void
say(const char *text)
{
	puts(text);
	fflush(stdout);
}

static void
no_faults(void)
{
	memset(&fault, 0, sizeof fault);
	for (int w = 0; w < WAYS; w++)
		fault.reset_at[w] = fault.double_at[w] = -1;
}

/* ---- connections ---- */

static void
link_drop(struct link *l, bool reset)
{
	const struct linger at_once = {.l_onoff = 1};

	for (int i = 0; i < 2; i++) {
		if (reset)
			(void)setsockopt(l->fd[i], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
		close(l->fd[i]);
	}
	for (int w = 0; w < WAYS; w++)
		for (int i = 0; i < l->flow[w].n; i++)
			free(l->flow[w].queue[i]);
	memset(l, 0, sizeof *l);
}

static int
connect_out(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&target, sizeof target) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
link_make(struct link *l, int in, int out)
{
	const int on = 1;

	*l = (struct link){.used = true, .fd = {in, out}};
	l->flow[UP].from = l->flow[DOWN].to = in;
	l->flow[UP].to = l->flow[DOWN].from = out;
	for (int i = 0; i < 2; i++) {
		(void)setsockopt(l->fd[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		(void)fcntl(l->fd[i], F_SETFL, O_NONBLOCK);
	}
	count.connections++;
}

static void
link_accept(int listener)
{
	int in = accept(listener, NULL, NULL), out = in < 0 ? -1 : connect_out();

	for (int i = 0; i < LINKS && out >= 0; i++)
		if (!links[i].used) {
			link_make(&links[i], in, out);
			return;
		}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
}

/* ---- octets ---- */

static void
keep(struct flow *f, const char *octet, size_t size)
{
	struct piece *p = malloc(sizeof *p);

	if (p == NULL)
		abort();
	p->due = now_ms() + fault.delay;
	p->size = size;
	p->sent = 0;
	memcpy(p->octet, octet, size);
	f->queue[f->n++] = p;
}

/* True when the piece with this octet has just been read: it happens once. */
static bool
struck(long *at, const struct flow *f, long size)
{
	if (*at < 0 || f->passed < *at || f->passed - size > *at)
		return false;
	*at = -1;
	return true;
}

/* False when the connection has to be reset. */
static bool
flow_read(struct flow *f, enum way w)
{
	char octet[PIECE];
	ssize_t n = read(f->from, octet, sizeof octet);
	long most;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0) {
		f->ended = true;
		return true;
	}
	f->passed += n;
	frames_pass(&f->frames, &sizes[w], octet, (size_t)n);
	count.passed[w] += (unsigned long)n;
	if (struck(&fault.double_at[w], f, n)) {
		keep(f, octet, (size_t)n);
		count.doubled++;
	}
	most = fault.reset_at[w] - (f->passed - n); /* what still passes */
	if (!struck(&fault.reset_at[w], f, n)) {
		keep(f, octet, (size_t)n);
		return true;
	}
	count.resets++;
	if (most > 0)
		(void)!write(f->to, octet, (size_t)most);
	return false;
}

static bool
flow_write(struct flow *f, enum way w)
{
	struct piece *p = f->queue[0];
	size_t size = p->size - p->sent;
	ssize_t n;

	if (fault.rate > 0 && (long)size > fault.allowance[w])
		size = (size_t)fault.allowance[w];
	n = write(f->to, p->octet + p->sent, size);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	p->sent += (size_t)n;
	fault.allowance[w] -= n;
	if (p->sent < p->size)
		return true;
	free(p);
	memmove(f->queue, f->queue + 1, (size_t)--f->n * sizeof(struct piece *));
	return true;
}

static bool
may_write(const struct flow *f, enum way w, long now)
{
	return f->n > 0 && !fault.stalled && f->queue[0]->due <= now &&
	       (fault.rate == 0 || fault.allowance[w] > 0);
}

static void
flow_end(struct flow *f)
{
	if (f->ended && f->n == 0 && !f->closed && !fault.stalled) {
		shutdown(f->to, SHUT_WR);
		f->closed = true;
	}
}

/* ---- commands ---- */

static void
cut(void)
{
	for (int i = 0; i < LINKS; i++)
		if (links[i].used)
			link_drop(&links[i], true);
}

static void
half(enum way w)
{
	for (int i = 0; i < LINKS; i++)
		if (links[i].used) {
			shutdown(links[i].flow[w].to, SHUT_WR);
			links[i].flow[w].closed = links[i].flow[w].ended = true;
		}
}

static void
say_count(void)
{
	printf("count connections=%lu up=%lu down=%lu resets=%lu doubled=%lu\n", count.connections,
		count.passed[UP], count.passed[DOWN], count.resets, count.doubled);
	fflush(stdout);
}

static bool
obey_at(const char *word, const char *direction, long n)
{
	enum way w = strcmp(direction, "up") == 0 ? UP : DOWN;

	if (w == DOWN && strcmp(direction, "down") != 0)
		return false;
	if (strcmp(word, "reset") == 0)
		fault.reset_at[w] = n;
	else if (strcmp(word, "double") == 0)
		fault.double_at[w] = n;
	else if (strcmp(word, "half") == 0)
		half(w);
	else
		return false;
	return true;
}

static bool
obey(const char *line)
{
	char word[16] = "", direction[16] = "";
	long n = 0;

	if (sscanf(line, "%15s %15s %ld", word, direction, &n) >= 2 && obey_at(word, direction, n))
		return true;
	n = atol(direction);
	if (strcmp(word, "delay") == 0)
		fault.delay = n;
	else if (strcmp(word, "trickle") == 0)
		fault.rate = n;
	else if (strcmp(word, "stall") == 0)
		fault.stalled = true;
	else if (strcmp(word, "go") == 0)
		fault.stalled = false;
	else if (strcmp(word, "cut") == 0)
		cut();
	else if (strcmp(word, "clear") == 0)
		no_faults();
	else if (strcmp(word, "count") == 0)
		say_count();
	else if (strcmp(word, "frames") == 0) {
		frames_say(&sizes[UP], "up");
		frames_say(&sizes[DOWN], "down");
	} else
		return false;
	return true;
}

/* False at the end of standard input. */
static bool
hear(void)
{
	static char line[256];
	static size_t size;
	char c;
	ssize_t n = read(0, &c, 1);

	if (n <= 0)
		return n < 0 && errno == EINTR;
	if (c != '\n') {
		if (size < sizeof line - 1)
			line[size++] = c;
		return true;
	}
	line[size] = '\0';
	size = 0;
	say(obey(line) ? "ok" : "bad");
	return true;
}

/* ---- the loop ---- */

/* A tenth of a second's octets at a time. */
static void
refill(long now)
{
	if (now - fault.filled < 100)
		return;
	fault.filled = now;
	for (int w = 0; w < WAYS; w++)
		fault.allowance[w] = fault.rate / 10 > 0 ? fault.rate / 10 : fault.rate > 0;
}

static short
wanted(const struct link *l, int side, long now)
{
	const struct flow *in = &l->flow[side == 0 ? UP : DOWN];
	const struct flow *out = &l->flow[side == 0 ? DOWN : UP];
	short events = 0;

	if (!in->ended && !fault.stalled && in->n < PIECES - 1)
		events |= POLLIN;
	if (may_write(out, side == 0 ? DOWN : UP, now))
		events |= POLLOUT;
	return events;
}

static void
link_move(struct link *l, const struct pollfd p[2], long now)
{
	for (int w = 0; w < WAYS && l->used; w++) {
		struct flow *f = &l->flow[w];
		short in = p[w == UP ? 0 : 1].revents, out = p[w == UP ? 1 : 0].revents;
		bool good = true;

		if (!f->ended && !fault.stalled && (in & (POLLIN | POLLHUP | POLLERR)) &&
			f->n < PIECES - 1)
			good = flow_read(f, (enum way)w);
		if (good && (out & POLLOUT) && may_write(f, (enum way)w, now))
			good = flow_write(f, (enum way)w);
		flow_end(f);
		if (!good)
			link_drop(l, true);
	}
	if (l->used && l->flow[UP].closed && l->flow[DOWN].closed)
		link_drop(l, false);
}

static void
turn(int listener, bool *more)
{
	struct pollfd p[2 + 2 * LINKS];
	struct link *of[LINKS];
	long now = now_ms();
	nfds_t n = 2;

	refill(now);
	p[0] = (struct pollfd){.fd = 0, .events = POLLIN};
	p[1] = (struct pollfd){.fd = listener, .events = POLLIN};
	for (int i = 0; i < LINKS; i++) {
		if (!links[i].used)
			continue;
		of[(n - 2) / 2] = &links[i];
		for (int side = 0; side < 2; side++) {
			short events = wanted(&links[i], side, now);

			p[n++] = (struct pollfd){
				.fd = events != 0 ? links[i].fd[side] : -1, .events = events};
		}
	}
	if (poll(p, n, 10) < 0)
		return;
	for (nfds_t i = 2; i < n; i += 2)
		link_move(of[(i - 2) / 2], &p[i], now);
	if (p[1].revents & POLLIN)
		link_accept(listener);
	if (p[0].revents != 0)
		*more = hear();
}

static bool
address(const char *host, const char *port, struct sockaddr_in *out)
{
	*out = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
	return inet_pton(AF_INET, host, &out->sin_addr) == 1;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in here;
	socklen_t size = sizeof here;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	const int on = 1;
	bool more = true;

	if (argc != 5 || !address(argv[1], argv[2], &here) || !address(argv[3], argv[4], &target)) {
		fputs("usage: faultproxy ADDRESS PORT TARGET-ADDRESS TARGET-PORT\n", stderr);
		return 2;
	}
	(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener, (struct sockaddr *)&here, sizeof here) != 0 ||
		listen(listener, LINKS) != 0 ||
		getsockname(listener, (struct sockaddr *)&here, &size) != 0) {
		perror("faultproxy");
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	no_faults();
	printf("listening %u\n", ntohs(here.sin_port));
	fflush(stdout);
	while (more)
		turn(listener, &more);
	return 0;
}
