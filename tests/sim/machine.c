/* SPDX-License-Identifier: EUPL-1.2
 *
 * The machine under a process: clocks, random numbers, the event loop's timers, the socket to the
 * broker and the examiner. Some stand in the place of a library's or of a module of lib/ (the
 * linker takes them first), some are put before it (--wrap). */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <openssl/rand.h>

#include "lib/examiner.h"
#include "lib/log.h"
#include "lib/transport.h"
#include "tests/sim/sim.h"

/* ---- clocks ---- */

int __wrap_clock_gettime(clockid_t which, struct timespec *ts);
int
__wrap_clock_gettime(clockid_t which, struct timespec *ts)
{
	int64_t ms = world.now - SIM_START + DAY;

	if (which == CLOCK_REALTIME)
		ms = node_clock(acting);
	else if (which == CLOCK_THREAD_CPUTIME_ID)
		ms = 0;
	*ts = (struct timespec){ms / 1000, ms % 1000 * 1000000};
	return 0;
}

/* ---- random numbers ---- */

static void
fill(void *out, size_t size)
{
	uint8_t *p = out;
	uint64_t r = 0;

	for (size_t i = 0; i < size; i++, r >>= 8) {
		if (i % 8 == 0)
			r = chance(UINT64_MAX);
		p[i] = (uint8_t)r;
	}
}

ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags);
ssize_t
__wrap_getrandom(void *out, size_t size, unsigned flags)
{
	(void)flags;
	fill(out, size);
	return (ssize_t)size;
}

/* The real one counts within a millisecond, in a memory that would outlive the seed. */
struct id __wrap_id_new(void);
struct id
__wrap_id_new(void)
{
	int64_t ms = node_clock(acting);
	struct id id;

	fill(id.octet, sizeof id.octet);
	for (int i = 0; i < 6; i++)
		id.octet[i] = (uint8_t)(ms >> (40 - 8 * i));
	id.octet[6] = (uint8_t)(0x70 | (id.octet[6] & 0x0f));
	id.octet[8] = (uint8_t)((id.octet[8] & 0x3f) | 0x80);
	return id;
}

static int
rand_octets(unsigned char *out, int size)
{
	fill(out, (size_t)size);
	return 1;
}

static int
rand_ready(void)
{
	return 1;
}

/* ---- giving up ---- */

void __wrap_die(const char *fmt, ...) NORETURN PRINTF(1, 2);
void
__wrap_die(const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	broken("no process gives up", "%s", what);
}

void __wrap___assert_fail(
	const char *what, const char *file, unsigned line, const char *function) NORETURN;
void
__wrap___assert_fail(const char *what, const char *file, unsigned line, const char *function)
{
	broken("no assertion fails", "%s:%u %s: %s", file, line, function, what);
}

/* ---- the disk below the disk ---- */

int __wrap_fsync(int fd);
int
__wrap_fsync(int fd)
{
	(void)fd;
	return 0;
}

int __wrap_fallocate(int fd, int mode, off_t at, off_t size);
int
__wrap_fallocate(int fd, int mode, off_t at, off_t size)
{
	(void)fd;
	(void)mode;
	(void)at;
	(void)size;
	return 0;
}

/* A process that died has let go of its locks; two that live never share a folder here. */
int __wrap_flock(int fd, int how);
int
__wrap_flock(int fd, int how)
{
	(void)fd;
	(void)how;
	return 0;
}

/* Another number in each life: what an earlier one has left in memory is not this one's. */
pid_t __wrap_getpid(void);
pid_t
__wrap_getpid(void)
{
	return acting != NULL ? (pid_t)(1000 + acting->pid) : 999;
}

/* ---- the log ---- */

void __wrap_log_line(enum log_level level, const char *fmt, ...) PRINTF(2, 3);
void
__wrap_log_line(enum log_level level, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	(void)level;
	if (!world.trace)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	tell("  %s", text);
}

void __wrap_log_message(enum log_level level, const struct id *id, const char *fmt, ...)
	PRINTF(3, 4);
void
__wrap_log_message(enum log_level level, const struct id *id, const char *fmt, ...)
{
	char text[512], number[ID_TEXT_SIZE];
	va_list ap;

	(void)level;
	if (!world.trace)
		return;
	id_format(id, number);
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	tell("  ..%s %s", number + 24, text);
}

/* ---- the loop ---- */

struct event {
	struct event *next;
	struct node *node;
	event_callback_fn call;
	void *context;
	bool persists, dead;
	int64_t every;
	unsigned set; /* counts settings: an older one does not ring any more */
};

struct ring {
	struct event *event;
	unsigned set;
};

struct event *
event_new(struct event_base *base, evutil_socket_t fd, short what, event_callback_fn call,
	void *context)
{
	struct event *e = xcalloc(1, sizeof *e);

	(void)base;
	(void)fd;
	e->node = acting;
	e->call = call;
	e->context = context;
	e->persists = (what & EV_PERSIST) != 0;
	e->next = acting->loop;
	acting->loop = e;
	return e;
}

static void set(struct event *e, int64_t delay);

static void
rings(struct node *n, void *what)
{
	const struct ring *r = what;
	struct event *e = r->event;

	(void)n;
	if (e->dead || e->set != r->set)
		return;
	if (e->persists)
		set(e, e->every);
	e->call(-1, EV_TIMEOUT, e->context);
}

static void
set(struct event *e, int64_t delay)
{
	struct ring *r = xmalloc(sizeof *r);

	*r = (struct ring){e, ++e->set};
	after(delay, e->node, rings, r);
}

int
event_add(struct event *e, const struct timeval *tv)
{
	e->every = (int64_t)tv->tv_sec * 1000 + tv->tv_usec / 1000;
	set(e, e->every);
	return 0;
}

int
event_del(struct event *e)
{
	e->set++;
	return 0;
}

/* For what is active already this changes nothing. */
void
event_active(struct event *e, int what, short ncalls)
{
	(void)what;
	(void)ncalls;
	set(e, 0);
}

/* Its memory goes with the loop: something may still ring. */
void
event_free(struct event *e)
{
	e->dead = true;
}

void
loop_drop(struct node *n)
{
	for (struct event *e = n->loop, *next; e != NULL; e = next) {
		next = e->next;
		free(e);
	}
	n->loop = NULL;
}

/* ---- the socket ---- */

struct peer_socket {
	struct node *node;
	peer_handler *handler;
	void *context;
};

static struct peer_socket *sockets[NODES_MAX];

static struct peer_socket **
socket_of(const struct node *n)
{
	return &sockets[n - world.node];
}

enum err
peer_open(struct event_base *base, const char *endpoint, const uint8_t broker[CURVE_KEY_SIZE],
	const struct curve_pair *pair, peer_handler *handler, void *context,
	struct peer_socket **out)
{
	(void)base;
	(void)endpoint;
	(void)broker;
	(void)pair;
	*out = xmalloc(sizeof **out);
	**out = (struct peer_socket){acting, handler, context};
	*socket_of(acting) = *out;
	network_want_line(acting);
	return E_OK;
}

void
peer_close(struct peer_socket **p)
{
	if (*p == NULL)
		return;
	*socket_of((*p)->node) = NULL;
	network_cut((*p)->node);
	free(TAKE(*p));
}

bool
peer_send(struct peer_socket *p, const struct bytes *frame, size_t n)
{
	may_die(F_PARTY_SEND);
	return p->node->line != 0 && network_send(p->node, p->node->line, frame, n);
}

/* No line is thin here: what travels is the same, and time is not octets. */
void
peer_ask_thin(struct peer_socket *p, const struct parcel_certs *certs, uint64_t window)
{
	(void)p;
	(void)certs;
	(void)window;
}

void
peer_octets(struct peer_socket *p, struct line_octets *out)
{
	(void)p;
	*out = (struct line_octets){0};
}

bool
peer_is_busy(const struct peer_socket *p)
{
	(void)p;
	return false;
}

int64_t
peer_heard(const struct peer_socket *p)
{
	(void)p;
	return 0;
}

void
socket_hear(struct node *n, const struct bytes *frame, size_t count)
{
	struct peer_socket *s = *socket_of(n);

	if (s != NULL)
		s->handler(s->context, frame, count);
}

void
socket_up(struct node *n)
{
	socket_hear(n, NULL, 0);
}

/* ---- the examiner ---- */

struct examiner {
	int unused;
};

enum err
examiner_start(struct bytes trust_list, X509 *operator_cert, struct examiner **out)
{
	(void)trust_list;
	(void)operator_cert;
	*out = xcalloc(1, sizeof **out);
	return E_OK;
}

void
examiner_free(struct examiner **x)
{
	free(TAKE(*x));
}

void
examiner_trust(struct examiner *x, struct bytes trust_list, X509 *operator_cert)
{
	(void)x;
	(void)trust_list;
	(void)operator_cert;
}

enum err
examiner_examine(struct examiner *x, enum examine_mode mode, const struct party *party,
	struct bytes message, struct verdict *out)
{
	(void)x;
	thin_examine(message, mode == EXAMINE_FROM_PEER ? party : NULL,
		mode == EXAMINE_AS_ADDRESSEE ? party : NULL, node_clock(acting), out);
	if (strikes(F_EXAMINER)) {
		memset(out, 0, sizeof *out);
		out->code = E_QUARANTINED;
	}
	return (enum err)out->code;
}

enum err
examiner_examine_at(struct examiner *x, enum examine_mode mode, const struct party *party,
	int64_t when, struct bytes message, struct verdict *out)
{
	(void)when;
	return examiner_examine(x, mode, party, message, out);
}

/* There is none in this world. */
enum err
examiner_revocation(struct examiner *x, struct bytes der, struct revocation_facts *out)
{
	(void)x;
	(void)der;
	*out = (struct revocation_facts){.magic = REVOCATION_MAGIC, .code = E_REVOCATION};
	return E_REVOCATION;
}

void
machine_begin(void)
{
	static RAND_METHOD method = {
		.bytes = rand_octets, .pseudorand = rand_octets, .status = rand_ready};

	memset(sockets, 0, sizeof sockets);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	if (RAND_set_rand_method(&method) != 1)
		die("no random numbers");
#pragma GCC diagnostic pop
}
