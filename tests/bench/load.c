/* SPDX-License-Identifier: EUPL-1.2
 *
 * Load for a running broker: N senders and one addressee, each a process with a connection of its
 * own, speaking DXP/1 with messages made beforehand.
 *
 *	load throughput REALM ENDPOINT SENDERS MESSAGES WINDOW
 *		as fast as the window allows; from the first submit until the last settlement is
 *		answered to the addressee. Prints messages a second.
 *	load latency REALM ENDPOINT RATE MESSAGES
 *		one sender at a fixed rate. Time runs from the moment a message was due, so a broker
 *		that stalls cannot hide it. Prints percentiles of submit to receipt.
 *
 * The parties are BE.S1 .. BE.S8 (senders) and BE.R (addressee); tests/bench/run makes the realm.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/transport.h"
#include "tests/bench/parcel.h"

#define RECEIVER "BE.R"
#define SENDERS_MAX 8

/* What the processes share. */
struct tally {
	int go;		     /* senders start when it is set */
	int ready;	     /* connected processes */
	int64_t first, last; /* ns: first submit, last settlement answered */
	int64_t wait_ns[];   /* latency of each message */
};

struct run {
	const char *mode;
	struct bench_realm realm;
	const char *endpoint;
	size_t senders, each, window;
	int64_t gap_ns; /* between due times; 0: as the window allows */
	struct parcel *parcel[SENDERS_MAX];
	struct tally *tally;
};

struct side {
	struct run *run;
	struct event_base *base;
	struct peer_socket *sock;
	struct event *timer;
	struct parcel *mine;	    /* sender's; NULL: this is the addressee */
	const struct parcel **todo; /* addressee: delivered, to be answered in order */
	size_t sent, answered, delivered, credited;
	int64_t start;
	uint64_t resume;
	bool up, half; /* half: TAKEN of todo[sent] has left, SETTLED has not */
};

/* False when the line is full just now: the timer tries again. */
static bool
say(struct side *s, const struct wire *w)
{
	struct frames f;

	wire_encode(w, &f);
	return peer_send(s->sock, f.frame, f.n);
}

static void
say_hello(struct side *s, uint64_t credit)
{
	static const char program[] = "bench/1";

	if (s->up)
		die("bench: the connection was lost");
	if (!say(s, &(struct wire){.verb = V_HELLO,
			    .epoch = 1,
			    .number = credit,
			    .text = bytes_of(program, sizeof program - 1)}))
		die("bench: no room for HELLO");
}

/* Sends what the window, or the time that has passed, allows. */
static void
feed(struct side *s)
{
	const struct run *r = s->run;
	int64_t now = bench_ns(), none = 0;

	if (!s->up || __atomic_load_n(&r->tally->go, __ATOMIC_ACQUIRE) == 0)
		return;
	if (s->start == 0) {
		s->start = now;
		__atomic_compare_exchange_n(
			&r->tally->first, &none, now, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	}
	while (s->sent < r->each) {
		const struct parcel *p = &s->mine[s->sent];
		bool due = r->gap_ns > 0 ? s->start + (int64_t)s->sent * r->gap_ns <= now
					 : s->sent - s->answered < r->window;

		if (!due || !say(s, &(struct wire){.verb = V_SUBMIT,
					    .body = bytes_of(p->message, p->size)}))
			return;
		s->sent++;
	}
}

/* The addressee's answers: TAKEN and SETTLED of each delivery, and credit now and then. */
static void
answer(struct side *s)
{
	while (s->sent < s->delivered) {
		const struct parcel *p = s->todo[s->sent];

		if (!s->half &&
			!say(s, &(struct wire){.verb = V_TAKEN, .id = p->id, .digest = p->digest}))
			return;
		s->half = true;
		if (!say(s, &(struct wire){.verb = V_SETTLED,
				    .id = p->id,
				    .body = bytes_of(p->receipt, p->receipt_size)}))
			return;
		s->half = false;
		s->sent++;
	}
	if (s->sent - s->credited >= 32 && say(s, &(struct wire){.verb = V_CREDIT, .number = 256}))
		s->credited = s->sent;
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
	struct side *s = context;

	if (s->mine != NULL)
		feed(s);
	else
		answer(s);
}

static void
welcomed(struct side *s)
{
	if (!s->up)
		__atomic_add_fetch(&s->run->tally->ready, 1, __ATOMIC_SEQ_CST);
	s->up = true;
}

static void
accepted(struct side *s)
{
	s->run->tally->wait_ns[s->answered] =
		bench_ns() - s->start - (int64_t)s->answered * s->run->gap_ns;
	s->answered++;
}

static void
on_sender(void *context, const struct bytes *frame, size_t n)
{
	struct side *s = context;
	struct wire w;

	if (n == 0) {
		say_hello(s, 0);
		return;
	}
	if (wire_decode(frame, n, 'b', &w) != E_OK)
		die("bench: frames that are not DXP/1");
	if (w.verb == V_WELCOME)
		welcomed(s);
	if (w.verb == V_RECEIPT)
		accepted(s);
	if (w.verb == V_REFUSED)
		die("bench: refused: %s", err_word(w.code));
	if (w.verb == V_CONFIRM && (s->resume = w.number) % 32 == 0)
		(void)!say(s, &(struct wire){.verb = V_CREDIT, .resume = s->resume});
	feed(s);
	if (s->answered == s->run->each)
		event_base_loopbreak(s->base);
}

static const struct parcel *
find_parcel(const struct run *r, const struct id *id)
{
	static size_t hint[SENDERS_MAX];

	for (size_t i = 0; i < r->senders; i++)
		for (size_t k = 0; k < r->each && k < 512; k++) {
			size_t at = (hint[i] + k) % r->each;

			if (!id_equal(&r->parcel[i][at].id, id))
				continue;
			hint[i] = at + 1;
			return &r->parcel[i][at];
		}
	die("bench: a message that nobody sent");
}

static void
on_receiver(void *context, const struct bytes *frame, size_t n)
{
	struct side *s = context;
	struct wire w;
	struct header h;

	if (n == 0) {
		say_hello(s, 256);
		return;
	}
	if (wire_decode(frame, n, 'b', &w) != E_OK)
		die("bench: frames that are not DXP/1");
	if (w.verb == V_WELCOME)
		welcomed(s);
	if (w.verb == V_REFUSED)
		die("bench: settlement refused: %s", err_word(w.code));
	if (w.verb == V_DELIVER) {
		if (message_header(w.body, &h) != E_OK)
			die("bench: a message without header");
		s->todo[s->delivered++] = find_parcel(s->run, &h.id);
	}
	answer(s);
	/* Two receipts a message would come if TAKEN were answered too; only SETTLED is. */
	if (w.verb == V_RECEIPT && ++s->answered == s->run->each * s->run->senders) {
		s->run->tally->last = bench_ns();
		event_base_loopbreak(s->base);
	}
}

static int
side_main(struct run *r, const char *code, struct parcel *mine)
{
	OWNED(char, secret, free_chars) = bench_path(&r->realm, code, "curve.key");
	const struct trust_party *hub = trust_exchange(r->realm.trust);
	struct timeval tick = {0, r->gap_ns > 0 ? 200 : 20000};
	struct side s = {.run = r, .base = event_base_new(), .mine = mine};
	struct curve_pair pair;

	if (curve_load(secret, &pair) != E_OK)
		die("bench: %s", secret);
	if (peer_open(s.base, r->endpoint, hub->curve[0], &pair,
		    mine != NULL ? on_sender : on_receiver, &s, &s.sock) != E_OK)
		die("bench: connect");
	s.timer = event_new(s.base, -1, EV_PERSIST, on_timer, &s);
	event_add(s.timer, &tick);
	if (mine == NULL)
		s.todo = xcalloc(r->each * r->senders, sizeof *s.todo);
	event_base_dispatch(s.base);
	peer_close(&s.sock);
	return 0;
}

static pid_t
start_side(struct run *r, const char *code, struct parcel *mine)
{
	pid_t pid = fork();

	if (pid < 0)
		die("bench: fork");
	if (pid == 0)
		exit(side_main(r, code, mine));
	return pid;
}

/* Starts everybody, opens the gates when all are connected, waits for all to end. */
static void
run_all(struct run *r)
{
	pid_t pid[SENDERS_MAX + 1];
	int64_t patience = bench_ns() + 20000000000LL;
	int status;

	pid[0] = start_side(r, RECEIVER, NULL);
	for (size_t i = 0; i < r->senders; i++) {
		char code[8];

		snprintf(code, sizeof code, "BE.S%zu", i + 1);
		pid[i + 1] = start_side(r, code, r->parcel[i]);
	}
	while ((size_t)__atomic_load_n(&r->tally->ready, __ATOMIC_SEQ_CST) < r->senders + 1)
		if (usleep(1000), bench_ns() > patience)
			die("bench: not everybody could connect");
	__atomic_store_n(&r->tally->go, 1, __ATOMIC_RELEASE);
	/* Whoever fails ends the run: the others would wait for ever. */
	for (size_t i = 0; i <= r->senders; i++) {
		if (wait(&status) > 0 && status == 0)
			continue;
		for (size_t k = 0; k <= r->senders; k++)
			kill(pid[k], SIGKILL);
		die("bench: a side failed");
	}
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void
report(const struct run *r)
{
	size_t all = r->senders * r->each;
	double seconds = (double)(r->tally->last - r->tally->first) / 1e9;
	int64_t *wait = r->tally->wait_ns;

	printf("{\"bench\":\"%s\",\"senders\":%zu,\"messages\":%zu,\"message_octets\":%zu,"
	       "\"receipt_octets\":%zu,",
		r->mode, r->senders, all, r->parcel[0][0].size, r->parcel[0][0].receipt_size);
	if (r->gap_ns == 0) {
		printf("\"window\":%zu,\"seconds\":%.3f,\"settled_per_second\":%.0f}\n", r->window,
			seconds, (double)all / seconds);
		return;
	}
	qsort(wait, all, sizeof *wait, by_size);
	printf("\"rate\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}\n",
		1e9 / (double)r->gap_ns, (double)wait[all / 2] / 1e6,
		(double)wait[all * 99 / 100] / 1e6, (double)wait[all - 1] / 1e6);
}

int
main(int argc, char **argv)
{
	struct run r = {.mode = argc > 1 ? argv[1] : ""};
	bool latency = strcmp(r.mode, "latency") == 0;

	if (argc != (latency ? 6 : 7))
		return fputs("usage: load throughput REALM ENDPOINT SENDERS MESSAGES WINDOW\n"
			     "       load latency REALM ENDPOINT RATE MESSAGES\n",
			       stderr),
		       2;
	r.endpoint = argv[3];
	r.senders = latency ? 1 : strtoul(argv[4], NULL, 10);
	r.each = strtoul(argv[5], NULL, 10) / r.senders;
	r.window = latency ? 0 : strtoul(argv[6], NULL, 10);
	r.gap_ns = latency ? 1000000000 / strtol(argv[4], NULL, 10) : 0;
	assert(r.senders >= 1 && r.senders <= SENDERS_MAX && r.each > 0);
	bench_realm_load(&r.realm, argv[2]);
	for (size_t i = 0; i < r.senders; i++) {
		char code[8];

		snprintf(code, sizeof code, "BE.S%zu", i + 1);
		r.parcel[i] = bench_parcels(&r.realm, code, RECEIVER, r.each);
	}
	r.tally = mmap(NULL, sizeof *r.tally + r.each * sizeof(int64_t), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r.tally == MAP_FAILED)
		die("bench: memory");
	run_all(&r);
	report(&r);
	return 0;
}
