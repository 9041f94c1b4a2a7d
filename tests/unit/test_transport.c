/* SPDX-License-Identifier: EUPL-1.2
 *
 * Gate and peers in one loop. That somebody is *not* heard is shown without waiting for nothing:
 * others are served meanwhile, and then the one thing is changed that kept it out, and it is heard.
 *
 * Hostile clients are raw ZeroMQ sockets; it is the one test that includes czmq.h. */
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <czmq.h>
#include <malloc.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/thin.h"
#include "lib/transport.h"
#include "tests/flood/raw.h"

#define PEERS 4
#define BOUND_S 20

struct party_end {
	struct curve_pair pair;
	struct peer_socket *socket;
	unsigned connections, answers;
	bool close_at_answer;
	struct world *world;
};

struct world {
	struct event_base *base;
	struct curve_pair broker;
	char endpoint[128];
	struct gate_socket *gate;
	struct party_end party[PEERS];
	unsigned heard[PEERS]; /* messages of each key */
	peer_no no[PEERS];     /* the last number it was heard under */
	char last[PEERS][64];  /* and the last first frame */
	size_t last_n;	       /* frames of the last message */
	unsigned gone;
	peer_no last_gone;
	unsigned unanswered;   /* heard, and gone before the echo */
	unsigned heard_before; /* of party 0, when party 1 was last heard */
	unsigned offences;
	unsigned knocks;
	uint8_t knocker[CURVE_KEY_SIZE];
	enum gate_offence offence; /* the last one */
	bool offender_known;
	bool echo;
};

static void
on_frames(void *context, peer_no peer, const uint8_t key[CURVE_KEY_SIZE], const struct bytes *frame,
	size_t n)
{
	struct world *w = context;

	for (size_t i = 0; i < PEERS; i++) {
		if (memcmp(key, w->party[i].pair.public_key, CURVE_KEY_SIZE) != 0)
			continue;
		w->heard[i]++;
		w->no[i] = peer;
		snprintf(w->last[i], sizeof(w->last[i]), "%.*s", (int)frame[0].size,
			(const char *)frame[0].data);
	}
	w->last_n = n;
	if (memcmp(key, w->party[1].pair.public_key, CURVE_KEY_SIZE) == 0)
		w->heard_before = w->heard[0];
	if (w->echo && !gate_send(w->gate, peer, frame, n))
		w->unanswered++;
}

static void
on_gone(void *context, peer_no peer)
{
	struct world *w = context;

	w->gone++;
	w->last_gone = peer;
}

static void
on_offence(void *context, const uint8_t *key, enum gate_offence what, uint64_t octets)
{
	struct world *w = context;

	(void)octets;
	w->offences++;
	w->offence = what;
	w->offender_known =
		key != NULL && memcmp(key, w->party[0].pair.public_key, CURVE_KEY_SIZE) == 0;
}

static void
on_knocked(void *context, const uint8_t key[CURVE_KEY_SIZE])
{
	struct world *w = context;

	w->knocks++;
	memcpy(w->knocker, key, CURVE_KEY_SIZE);
}

static void
on_answer(void *context, const struct bytes *frame, size_t n)
{
	struct party_end *p = context;

	(void)frame;
	if (n == 0) {
		p->connections++;
		return;
	}
	p->answers++;
	if (p->close_at_answer)
		peer_close(&p->socket);
}

static enum err
open_gate(struct world *w, const char *endpoint)
{
	const struct gate_handlers h = {w, on_frames, on_gone, on_offence, on_knocked};

	return gate_open(
		w->base, endpoint, &w->broker, &h, w->endpoint, sizeof(w->endpoint), &w->gate);
}

static int
open_world(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return -1;
	w->base = event_base_new();
	w->echo = true;
	curve_generate(&w->broker);
	for (size_t i = 0; i < PEERS; i++) {
		curve_generate(&w->party[i].pair);
		w->party[i].world = w;
	}
	*state = w;
	return open_gate(w, "tcp://127.0.0.1:*") == E_OK ? 0 : -1;
}

static int
close_world(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < PEERS; i++)
		peer_close(&w->party[i].socket);
	gate_close(&w->gate);
	event_base_free(w->base);
	free(w);
	return 0;
}

static void
connect_party(struct world *w, size_t i)
{
	struct party_end *p = &w->party[i];

	assert_int_equal(peer_open(w->base, w->endpoint, w->broker.public_key, &p->pair, on_answer,
				 p, &p->socket),
		E_OK);
}

static void
allow(struct world *w, size_t from, size_t to)
{
	uint8_t keys[PEERS][CURVE_KEY_SIZE];
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		memcpy(keys[n++], w->party[i].pair.public_key, CURVE_KEY_SIZE);
	gate_allow(w->gate, keys, n);
}

/* Runs the loop until the number is at least `wanted', for so long at most. */
static bool
within(struct world *w, int64_t ms, const unsigned *number, unsigned wanted)
{
	int64_t end = monotonic_now() + ms;

	while (*number < wanted && monotonic_now() < end) {
		struct timeval soon = {0, 5000};

		event_base_loopexit(w->base, &soon);
		event_base_loop(w->base, EVLOOP_ONCE);
	}
	return *number >= wanted;
}

static void
until(struct world *w, const unsigned *number, unsigned wanted)
{
	assert_true(within(w, BOUND_S * 1000, number, wanted));
}

static bool
say(struct world *w, size_t i, const char *text)
{
	struct bytes frame = bytes_of(text, strlen(text));

	return peer_send(w->party[i].socket, &frame, 1);
}

static void
meet(struct world *w, size_t i)
{
	connect_party(w, i);
	until(w, &w->party[i].connections, 1);
	assert_true(say(w, i, "hello"));
	until(w, &w->heard[i], 1);
}

/* So many questions and answers, one after the other. */
static void
chat(struct world *w, size_t i, unsigned rounds)
{
	for (unsigned n = 0; n < rounds; n++) {
		unsigned before = w->party[i].answers;

		assert_true(say(w, i, "chat"));
		until(w, &w->party[i].answers, before + 1);
	}
}

/* ---- keys ---- */

static void
a_key_is_one_spelling_of_text(void **state)
{
	static const char *const wrong[] = {"", "short",
		"0000000000000000000000000000000000000000 ",
		"000000000000000000000000000000000000000",
		"00000000000000000000000000000000000000\"0",
		"%%%%%0000000000000000000000000000000000000"};
	struct curve_pair pair;
	uint8_t key[CURVE_KEY_SIZE];
	char text[CURVE_TEXT_SIZE];

	(void)state;
	curve_generate(&pair);
	curve_format(pair.public_key, text);
	assert_true(curve_parse(text, key));
	assert_memory_equal(key, pair.public_key, CURVE_KEY_SIZE);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(curve_parse(wrong[i], key));
	/* 5 characters can say more than 4 octets can hold. */
	memset(text, '#', CURVE_TEXT_SIZE - 1);
	assert_false(curve_parse(text, key));
}

static void
a_secret_file_gives_both_keys(void **state)
{
	char file[] = "/tmp/daftar-curve-XXXXXX", text[CURVE_TEXT_SIZE];
	struct curve_pair pair, loaded;
	int fd = mkstemp(file);

	(void)state;
	curve_generate(&pair);
	curve_format(pair.secret_key, text);
	assert_int_equal(dprintf(fd, "%s\n", text), CURVE_TEXT_SIZE);
	assert_int_equal(curve_load(file, &loaded), E_OK);
	assert_memory_equal(&loaded, &pair, sizeof(pair));
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(curve_load(file, &loaded), E_KEY_MODE);
	assert_int_equal(fchmod(fd, 0600), 0);
	assert_int_equal(ftruncate(fd, 20), 0);
	assert_int_equal(curve_load(file, &loaded), E_NO_KEY);
	close(fd);
	unlink(file);
	assert_int_equal(curve_load(file, &loaded), E_NO_KEY);
}

/* ---- who is heard ---- */

static void
a_known_key_is_heard_and_answered(void **state)
{
	struct world *w = *state;

	allow(w, 0, 1);
	meet(w, 0);
	chat(w, 0, 3);
	assert_int_equal(w->heard[0], 4);
	assert_int_equal(w->last_n, 1);
	assert_int_equal(w->party[0].connections, 1);
}

static void
nobody_is_admitted_before_the_list_is_told(void **state)
{
	struct world *w = *state;

	connect_party(w, 0);
	for (int i = 0; i < 50; i++) {
		struct timeval soon = {0, 2000};

		event_base_loopexit(w->base, &soon);
		event_base_dispatch(w->base);
		assert_false(say(w, 0, "let me in"));
	}
	assert_int_equal(w->party[0].connections, 0);
	allow(w, 0, 1);
	until(w, &w->party[0].connections, 1);
	assert_int_equal(w->heard[0], 0);
	assert_true(say(w, 0, "thank you"));
	until(w, &w->heard[0], 1);
	assert_string_equal(w->last[0], "thank you");
}

static void
an_unknown_key_is_not_admitted(void **state)
{
	struct world *w = *state;

	allow(w, 0, 1);
	connect_party(w, 1);
	meet(w, 0);
	chat(w, 0, 300);
	assert_int_equal(w->party[1].connections, 0);
	assert_false(say(w, 1, "me too"));
	until(w, &w->knocks, 1);
	assert_memory_equal(w->knocker, w->party[1].pair.public_key, CURVE_KEY_SIZE);
	assert_int_equal(w->offences, 0);
	allow(w, 0, 2);
	until(w, &w->party[1].connections, 1);
	assert_int_equal(w->heard[1], 0);
}

static void
a_client_without_curve_is_not_heard(void **state)
{
	struct world *w = *state;
	zsock_t *plain = zsock_new(ZMQ_DEALER);

	allow(w, 0, 1);
	zsock_set_linger(plain, 0);
	zsock_set_sndtimeo(plain, 0);
	assert_int_equal(zsock_connect(plain, "%s", w->endpoint), 0);
	(void)zstr_send(plain, "no curve here"); /* or it was shown the door already */
	meet(w, 0);
	chat(w, 0, 300);
	assert_int_equal(w->heard[0] + w->heard[1] + w->heard[2] + w->heard[3], 301);
	zsock_destroy(&plain);
}

/* A raw client with the key of party i and a routing id of its own choice, or none. */
static zsock_t *
raw_client(struct world *w, size_t i, const char *route)
{
	const struct curve_pair *pair = &w->party[i].pair;
	void *handle;
	zsock_t *sock = zsock_new(ZMQ_DEALER);

	handle = zsock_resolve(sock);
	zsock_set_linger(sock, 0);
	zsock_set_sndtimeo(sock, 10000);
	assert_int_equal(zmq_setsockopt(handle, ZMQ_CURVE_SERVERKEY, w->broker.public_key, 32), 0);
	assert_int_equal(zmq_setsockopt(handle, ZMQ_CURVE_PUBLICKEY, pair->public_key, 32), 0);
	assert_int_equal(zmq_setsockopt(handle, ZMQ_CURVE_SECRETKEY, pair->secret_key, 32), 0);
	if (route != NULL)
		assert_int_equal(zmq_setsockopt(handle, ZMQ_ROUTING_ID, route, strlen(route)), 0);
	assert_int_equal(zsock_connect(sock, "%s", w->endpoint), 0);
	return sock;
}

static void
two_keys_with_one_routing_id_are_both_not_heard(void **state)
{
	struct world *w = *state;
	zsock_t *first, *second = NULL;

	allow(w, 0, 3);
	first = raw_client(w, 0, "KE.CRS");
	assert_int_equal(zstr_send(first, "one"), 0);
	until(w, &w->offences, 1);
	assert_int_equal(w->offence, OFFENCE_ROUTE);
	assert_true(w->offender_known);
	/* While it is not noticed that the first one's line is down, its id is taken: whoever comes
	 * with it then is left alone, for as long as he likes. */
	for (int i = 0; w->offences < 2 && i < BOUND_S; i++) {
		zsock_destroy(&second);
		second = raw_client(w, 1, "KE.CRS");
		assert_int_equal(zstr_send(second, "two"), 0);
		(void)within(w, 1000, &w->offences, 2);
	}
	assert_true(w->offences >= 2);
	assert_false(w->offender_known);
	meet(w, 2);
	chat(w, 2, 300);
	assert_int_equal(w->heard[0] + w->heard[1], 0);
	zsock_destroy(&first);
	zsock_destroy(&second);
}

static void
two_connections_of_one_key_have_two_numbers(void **state)
{
	struct world *w = *state;
	zsock_t *twin;
	peer_no first;

	allow(w, 0, 1);
	meet(w, 0);
	first = w->no[0];
	twin = raw_client(w, 0, NULL);
	assert_int_equal(zstr_send(twin, "twin"), 0);
	until(w, &w->heard[0], 2);
	assert_int_not_equal(w->no[0], first);
	zsock_destroy(&twin);
}

static void
a_key_that_is_cut_off_while_connected_is_not_heard_any_more(void **state)
{
	struct world *w = *state;
	peer_no before;

	allow(w, 0, 2);
	meet(w, 0);
	meet(w, 1);
	before = w->no[0];
	allow(w, 1, 2);
	assert_int_equal(w->gone, 1);
	assert_int_equal(w->last_gone, before);
	assert_false(gate_send(w->gate, before, &(struct bytes){(const uint8_t *)"x", 1}, 1));
	(void)!say(w, 0, "still here");
	chat(w, 1, 300);
	assert_int_equal(w->heard[0], 1);
	assert_false(say(w, 0, "the connection is gone"));
	allow(w, 0, 2);
	until(w, &w->party[0].connections, 2);
	assert_true(say(w, 0, "back again"));
	until(w, &w->heard[0], 2);
	assert_string_equal(w->last[0], "back again");
	assert_int_not_equal(w->no[0], before);
}

/* ---- limits ---- */

static void
more_frames_than_a_verb_has_are_dropped(void **state)
{
	struct world *w = *state;
	struct bytes frame[WIRE_FRAMES_MAX + 1];

	allow(w, 0, 1);
	meet(w, 0);
	for (size_t i = 0; i < ARRAY_LEN(frame); i++)
		frame[i] = bytes_of("x", 1);
	assert_true(peer_send(w->party[0].socket, frame, WIRE_FRAMES_MAX + 1));
	assert_true(peer_send(w->party[0].socket, frame, WIRE_FRAMES_MAX));
	until(w, &w->heard[0], 2);
	assert_int_equal(w->last_n, WIRE_FRAMES_MAX);
	assert_true(say(w, 0, "next"));
	until(w, &w->heard[0], 3);
	assert_int_equal(w->last_n, 1);
	assert_int_equal(w->heard[0], 3);
}

static void
a_thousand_frames_are_dropped_and_the_next_message_heard(void **state)
{
	struct world *w = *state;
	struct bytes *frame = calloc(1000, sizeof(*frame));

	allow(w, 0, 1);
	meet(w, 0);
	for (size_t i = 0; i < 1000; i++)
		frame[i] = bytes_of("flood", 5);
	assert_true(peer_send(w->party[0].socket, frame, 1000));
	assert_true(say(w, 0, "next"));
	until(w, &w->heard[0], 2);
	assert_string_equal(w->last[0], "next");
	free(frame);
}

static void
a_frame_larger_than_a_verb_has_is_dropped(void **state)
{
	struct world *w = *state;
	uint8_t *large = calloc(1, WIRE_FRAME_MAX + 1);
	struct bytes frame = bytes_of(large, WIRE_FRAME_MAX + 1);

	allow(w, 0, 1);
	meet(w, 0);
	assert_true(peer_send(w->party[0].socket, &frame, 1));
	frame.size--;
	assert_true(peer_send(w->party[0].socket, &frame, 1));
	until(w, &w->heard[0], 2);
	assert_true(say(w, 0, "next"));
	until(w, &w->heard[0], 3);
	assert_int_equal(w->heard[0], 3);
	free(large);
}

static void
a_frame_above_300_kib_ends_the_connection(void **state)
{
	struct world *w = *state;
	struct bytes frame = bytes_of(calloc(1, 300 * 1024 + 1), 300 * 1024 + 1);

	allow(w, 0, 1);
	meet(w, 0);
	assert_true(peer_send(w->party[0].socket, &frame, 1));
	until(w, &w->party[0].connections, 2);
	assert_int_equal(w->heard[0], 1);
	free((void *)(uintptr_t)frame.data);
}

static void
a_party_has_four_connections_and_its_oldest_goes(void **state)
{
	struct world *w = *state;
	zsock_t *more[4];
	peer_no first;

	allow(w, 0, 1);
	meet(w, 0);
	first = w->no[0];
	for (size_t i = 0; i < ARRAY_LEN(more); i++) {
		assert_int_equal(w->gone, 0);
		more[i] = raw_client(w, 0, NULL);
		assert_int_equal(zstr_send(more[i], "and another"), 0);
		until(w, &w->heard[0], 2 + (unsigned)i);
	}
	assert_int_equal(w->gone, 1);
	assert_int_equal(w->last_gone, first);
	/* Really ended, so it comes again. */
	until(w, &w->party[0].connections, 2);
	for (size_t i = 0; i < ARRAY_LEN(more); i++)
		zsock_destroy(&more[i]);
}

/* The attacker blocks, so the gate has to run between what it does: a process of its own. */
static pid_t
attack(struct world *w, size_t i, void (*what)(struct raw *r))
{
	struct sockaddr_in to = raw_target(w->endpoint);
	pid_t pid = fork();
	struct raw r;

	if (pid != 0)
		return pid;
	if (raw_connect(&r, &to, 0) &&
		raw_handshake(&r, w->broker.public_key, &w->party[i].pair, ""))
		what(&r);
	_exit(0);
}

static void
end_attack(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
send_without_an_end(struct raw *r)
{
	static const uint8_t part[1000];

	while (raw_send(r, RAW_MORE, part, sizeof(part)))
		;
}

static void
a_message_without_an_end_is_cut_and_its_key_shut_out(void **state)
{
	struct world *w = *state;
	pid_t attacker;

	allow(w, 0, 2);
	attacker = attack(w, 0, send_without_an_end);
	until(w, &w->offences, 1);
	assert_int_equal(w->offence, OFFENCE_ENDLESS);
	assert_true(w->offender_known);
	assert_true(mallinfo2().uordblks < 32u << 20);
	connect_party(w, 0);
	meet(w, 1);
	chat(w, 1, 300);
	assert_int_equal(w->party[0].connections, 0);
	assert_int_equal(w->heard[0], 0);
	end_attack(attacker);
}

static void
send_much(struct raw *r)
{
	static const uint8_t part[200 * 1024];

	while (raw_send(r, 0, part, sizeof(part)))
		;
}

/* Nobody takes what the gate hands over: what waits is bounded, and others wait no longer. */
static void
a_peer_that_says_too_much_meanwhile_is_cut_and_not_shut_out(void **state)
{
	struct world *w = *state;
	pid_t attacker;

	allow(w, 0, 2);
	meet(w, 1);
	gate_pause(w->gate, true);
	attacker = attack(w, 0, send_much);
	until(w, &w->offences, 1);
	assert_int_equal(w->offence, OFFENCE_FLOOD);
	assert_true(mallinfo2().uordblks + mallinfo2().hblkhd < 48u << 20);
	gate_pause(w->gate, false);
	end_attack(attacker);
	chat(w, 1, 10);
	meet(w, 0);
}

/* Both have said much; each is heard in turn. */
static void
peers_take_turns(void **state)
{
	struct bytes frame = bytes_of(calloc(1, 64 * 1024), 64 * 1024);
	struct world *w = *state;

	allow(w, 0, 2);
	meet(w, 0);
	meet(w, 1);
	w->echo = false;
	gate_pause(w->gate, true);
	for (int i = 0; i < 60; i++)
		assert_true(peer_send(w->party[0].socket, &frame, 1));
	assert_true(say(w, 1, "after sixty"));
	/* Both are here when a third one's connection is made. */
	connect_party(w, 2);
	allow(w, 0, 3);
	until(w, &w->party[2].connections, 1);
	gate_pause(w->gate, false);
	until(w, &w->heard[1], 2);
	assert_true(w->heard_before <= 3);
	until(w, &w->heard[0], 61);
	free((void *)(uintptr_t)frame.data);
}

static void
silent_strangers_do_not_keep_peers_out(void **state)
{
	struct world *w = *state;
	struct sockaddr_in to = {.sin_family = AF_INET};
	int stranger[60];

	to.sin_port = htons((uint16_t)atoi(strrchr(w->endpoint, ':') + 1));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (size_t i = 0; i < ARRAY_LEN(stranger); i++) {
		stranger[i] = socket(AF_INET, SOCK_STREAM, 0);
		assert_int_equal(connect(stranger[i], (struct sockaddr *)&to, sizeof(to)), 0);
		if (i % 2 == 0)
			assert_true(send(stranger[i], "GET / HTTP/1.1\r\n\r\n", 18, 0) == 18);
	}
	allow(w, 0, 1);
	meet(w, 0);
	chat(w, 0, 20);
	for (size_t i = 0; i < ARRAY_LEN(stranger); i++)
		close(stranger[i]);
}

/* ---- connections ---- */

static void
a_peer_learns_that_its_buffer_is_full(void **state)
{
	struct world *w = *state;
	struct bytes frame = bytes_of(calloc(1, 64 * 1024), 64 * 1024);
	unsigned sent = 0;

	allow(w, 0, 1);
	meet(w, 0);
	w->echo = false;
	gate_pause(w->gate, true);
	while (sent < 2000 && peer_send(w->party[0].socket, &frame, 1))
		sent++;
	assert_true(sent > 0 && sent < 2000);
	gate_pause(w->gate, false);
	until(w, &w->heard[0], 1 + sent);
	assert_int_equal(w->heard[0], 1 + sent);
	free((void *)(uintptr_t)frame.data);
}

static void
a_gate_that_pauses_hears_everything_later(void **state)
{
	struct world *w = *state;

	allow(w, 0, 2);
	meet(w, 0);
	gate_pause(w->gate, true);
	assert_true(say(w, 0, "one"));
	assert_true(say(w, 0, "two"));
	connect_party(w, 1);
	until(w, &w->party[1].connections, 1);
	assert_int_equal(w->heard[0], 1);
	gate_pause(w->gate, false);
	until(w, &w->heard[0], 3);
	assert_string_equal(w->last[0], "two");
}

static void
a_peer_that_left_is_found_out_when_sending(void **state)
{
	struct world *w = *state;
	struct bytes frame = bytes_of("anyone?", 7);
	int64_t end = monotonic_now() + BOUND_S * 1000;

	allow(w, 0, 1);
	meet(w, 0);
	peer_close(&w->party[0].socket);
	while (gate_send(w->gate, w->no[0], &frame, 1) && monotonic_now() < end)
		event_base_loop(w->base, EVLOOP_NONBLOCK);
	assert_int_equal(w->gone, 1);
	assert_int_equal(w->last_gone, w->no[0]);
}

static void
a_peer_that_does_not_read_is_given_up(void **state)
{
	struct world *w = *state;
	struct bytes frame = bytes_of(calloc(1, 64 * 1024), 64 * 1024);
	zsock_t *deaf;
	unsigned sent = 0;

	allow(w, 0, 1);
	deaf = raw_client(w, 0, NULL);
	assert_int_equal(zstr_send(deaf, "send me things"), 0);
	w->echo = false;
	until(w, &w->heard[0], 1);
	while (sent < 5000 && gate_send(w->gate, w->no[0], &frame, 1))
		sent++;
	assert_true(sent > 0 && sent < 5000);
	assert_int_equal(w->gone, 1);
	zsock_destroy(&deaf);
	free((void *)(uintptr_t)frame.data);
}

static void
a_peer_comes_back_after_the_gate_was_restarted(void **state)
{
	struct world *w = *state;
	char endpoint[128];

	allow(w, 0, 1);
	meet(w, 0);
	assert_true(copy_text(endpoint, sizeof(endpoint), w->endpoint));
	gate_close(&w->gate);
	for (int64_t end = monotonic_now() + BOUND_S * 1000; w->gate == NULL;) {
		assert_true(monotonic_now() < end);
		(void)!open_gate(w, endpoint);
		event_base_loop(w->base, EVLOOP_NONBLOCK);
	}
	allow(w, 0, 1);
	until(w, &w->party[0].connections, 2);
	assert_true(say(w, 0, "hello again"));
	until(w, &w->heard[0], 2);
	assert_string_equal(w->last[0], "hello again");
}

static void
a_process_that_has_another_door_keeper_opens_no_gate(void **state)
{
	struct world *w = *state;
	struct gate_socket *second = NULL;
	const struct gate_handlers h = {w, on_frames, on_gone, on_offence};
	char bound[128];

	assert_int_equal(gate_open(w->base, "tcp://127.0.0.1:*", &w->broker, &h, bound,
				 sizeof(bound), &second),
		E_IO);
	assert_null(second);
}

static void
an_endpoint_that_cannot_be_bound_is_told(void **state)
{
	struct world *w = *state;

	gate_close(&w->gate);
	assert_int_equal(open_gate(w, "tcp://192.0.2.1:5555"), E_IO);
	assert_int_equal(open_gate(w, "nonsense"), E_IO);
	assert_null(w->gate);
}

static void
a_peer_may_be_closed_by_its_own_handler(void **state)
{
	struct world *w = *state;

	allow(w, 0, 1);
	meet(w, 0);
	w->party[0].close_at_answer = true;
	until(w, &w->party[0].answers, 1);
	assert_null(w->party[0].socket);
}

static void
ten_thousand_messages_leave_none_behind(void **state)
{
	struct world *w = *state;
	unsigned sent = 0;
	int64_t end = monotonic_now() + BOUND_S * 1000;

	allow(w, 0, 1);
	connect_party(w, 0);
	until(w, &w->party[0].connections, 1);
	while (sent < 10000 && monotonic_now() < end) {
		while (sent < 10000 && sent - w->party[0].answers < 40 && say(w, 0, "number"))
			sent++;
		event_base_loop(w->base, EVLOOP_ONCE);
	}
	until(w, &w->party[0].answers, 10000);
	assert_int_equal(w->unanswered, 0);
	assert_int_equal(w->heard[0], 10000);
}

#define WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

/* ---- thin lines ---- */

static void
a_thin_line_carries_what_a_thick_one_does(void **state)
{
	static uint8_t body[250 * 1024];
	struct world *w = *state;
	struct parcel_certs certs = {.n = 0};
	const char list[] = "<tl:Sign>MIICDjCCAbOgAwIBAgIQY6tMY1d6</tl:Sign>";
	struct bytes frame[] = {
		bytes_of("DXP1", 4), bytes_of("SUBMIT", 6), bytes_of(body, sizeof body)};
	struct bytes small[] = {bytes_of("DXP1", 4), bytes_of("BYE", 3)};
	struct line_octets octets;

	for (size_t i = 0; i < sizeof body; i++)
		body[i] = (uint8_t)(i * i >> 7 ^ i * 31);
	parcel_certs_of(&certs, bytes_of(list, strlen(list)));
	gate_certs(w->gate, certs.list, certs.text, certs.n);
	allow(w, 0, 1);
	connect_party(w, 0);
	peer_ask_thin(w->party[0].socket, &certs, 0);
	until(w, &w->party[0].connections, 1);
	for (unsigned i = 0; i < 3; i++) { /* the first may still be plain */
		assert_true(peer_send(w->party[0].socket, small, 2));
		until(w, &w->party[0].answers, i + 1);
	}
	assert_true(peer_send(w->party[0].socket, frame, 3));
	assert_true(peer_send(w->party[0].socket, small, 2)); /* goes before it */
	until(w, &w->party[0].answers, 5);
	assert_int_equal(w->heard[0], 5);
	assert_int_equal(w->last_n, 3);
	assert_int_equal(w->offences, 0);
	/* A list that the gate puts in force meanwhile changes nothing on this line. */
	gate_certs(w->gate, certs.list, NULL, 0);
	assert_true(peer_send(w->party[0].socket, small, 2));
	until(w, &w->party[0].answers, 6);
	peer_octets(w->party[0].socket, &octets);
	assert_true(octets.sent > 1000 && octets.received > 1000);
	peer_close(&w->party[0].socket);
	parcel_certs_clear(&certs);
}

static void
raw_line(zsock_t *sock)
{
	struct thin_line line = {.window = 0};
	char text[THIN_LINE_SIZE];
	struct bytes frame[3];

	thin_line_write(&line, text, frame);
	for (int i = 0; i < 3; i++)
		assert_true(zmq_send(zsock_resolve(sock), frame[i].data, frame[i].size,
				    i < 2 ? ZMQ_SNDMORE : 0) >= 0);
}

/* It is counted with its party as what it is, and ends the connection; the next one is heard. */
static void
a_parcel_that_is_none_ends_the_connection(void **state)
{
	static const char *const bad[] = {
		"\x13last of nothing", "\x11\x03", "\x99\x80\x04", "\x11\x80\x7fx"};
	struct world *w = *state;

	allow(w, 0, 1);
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		zsock_t *sock = raw_client(w, 0, NULL);
		unsigned heard = w->heard[0];

		raw_line(sock);
		assert_true(zmq_send(zsock_resolve(sock), bad[i], strlen(bad[i]), 0) >= 0);
		until(w, &w->heard[0], heard + 1);
		assert_int_equal(w->last_n, 1);
		zsock_destroy(&sock);
	}
	meet(w, 0);
}

static void
raw_parcel(zsock_t *sock, const struct bytes *frame, size_t n)
{
	struct buf parcel = {0};

	buf_u8(&parcel, 0x11);
	parcel_pack(frame, n, NULL, &parcel);
	assert_true(parcel.size < 4096);
	assert_true(zmq_send(zsock_resolve(sock), parcel.data, parcel.size, 0) >= 0);
	buf_free(&parcel);
}

static void
make_noise(uint8_t *octets, size_t size)
{
	uint64_t z = 7;

	for (size_t i = 0; i < size; i++) {
		z = z * 6364136223846793005u + 1442695040888963407u;
		octets[i] = (uint8_t)(z >> 56);
	}
}

/* A turn is what daftard gets of a peer, not what the peer had to send for it. */
static void
what_is_squeezed_is_no_longer_turn(void **state)
{
	static uint8_t empty[60 * 1024];
	struct world *w = *state;
	struct bytes frame[] = {
		bytes_of("DXP1", 4), bytes_of("SUBMIT", 6), bytes_of(empty, sizeof empty)};
	struct bytes bye[] = {bytes_of("DXP1", 4), bytes_of("BYE", 3)};
	zsock_t *sock;

	make_noise(empty, 1500); /* as much as 40 times that needs */
	w->echo = false;
	allow(w, 0, 3);
	sock = raw_client(w, 0, NULL);
	raw_line(sock);
	raw_parcel(sock, bye, ARRAY_LEN(bye));
	until(w, &w->heard[0], 1);
	connect_party(w, 1);
	until(w, &w->party[1].connections, 1);
	connect_party(w, 2);
	until(w, &w->party[2].connections, 1);
	/* At once it is all forty, each time; a word that comes late is said again. */
	unsigned before = 40;
	for (unsigned turn = 0; turn < 5 && before > 20; turn++) {
		gate_pause(w->gate, true);
		for (unsigned i = 0; i < 40; i++)
			raw_parcel(sock, frame, ARRAY_LEN(frame));
		assert_true(say(w, 1, "one word"));
		gate_pause(w->gate, false);
		until(w, &w->heard[1], turn + 1);
		before = w->heard_before - (1 + 40 * turn);
		until(w, &w->heard[0], 1 + 40 * (turn + 1));
	}
	assert_true(before <= 20);
	zsock_destroy(&sock);
}

/* Deaf ones fill what there is for all; who reads is served. */
static void
thin_lines_that_are_not_read_take_nothing_from_others(void **state)
{
	static uint8_t noise[250 * 1024];
	struct world *w = *state;
	struct bytes frame[] = {
		bytes_of("DXP1", 4), bytes_of("RECEIPT", 7), bytes_of(noise, sizeof noise)};
	struct bytes bye[] = {bytes_of("DXP1", 4), bytes_of("BYE", 3)};
	zsock_t *deaf[3];
	unsigned full = 0;

	make_noise(noise, sizeof noise);
	w->echo = false;
	allow(w, 0, 4);
	for (size_t i = 0; i < ARRAY_LEN(deaf); i++) {
		deaf[i] = raw_client(w, i, NULL);
		raw_line(deaf[i]);
		raw_parcel(deaf[i], bye, ARRAY_LEN(bye));
		until(w, &w->heard[i], 1);
	}
	/* Until there is no more room: 24 MiB of all. */
	for (unsigned n = 0; full < 1 && n < 160; n++) {
		frame[1] = n < 64 ? bytes_of("RECEIPT", 7) : bytes_of("DELIVER", 7);
		full += !gate_send(w->gate, w->no[n % 2], frame, ARRAY_LEN(frame));
		assert_true(full > 0 || gate_send(w->gate, w->no[2], bye, ARRAY_LEN(bye)));
	}
	assert_int_equal(full, 1);
	for (size_t i = 0; i < ARRAY_LEN(deaf); i++)
		zsock_destroy(&deaf[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_one_spelling_of_text),
		cmocka_unit_test(a_secret_file_gives_both_keys),
		WORLD(a_known_key_is_heard_and_answered),
		WORLD(nobody_is_admitted_before_the_list_is_told),
		WORLD(an_unknown_key_is_not_admitted),
		WORLD(a_client_without_curve_is_not_heard),
		WORLD(two_keys_with_one_routing_id_are_both_not_heard),
		WORLD(two_connections_of_one_key_have_two_numbers),
		WORLD(a_key_that_is_cut_off_while_connected_is_not_heard_any_more),
		WORLD(more_frames_than_a_verb_has_are_dropped),
		WORLD(a_thousand_frames_are_dropped_and_the_next_message_heard),
		WORLD(a_frame_larger_than_a_verb_has_is_dropped),
		WORLD(a_frame_above_300_kib_ends_the_connection),
		WORLD(a_party_has_four_connections_and_its_oldest_goes),
		WORLD(a_message_without_an_end_is_cut_and_its_key_shut_out),
		WORLD(a_peer_that_says_too_much_meanwhile_is_cut_and_not_shut_out),
		WORLD(peers_take_turns),
		WORLD(silent_strangers_do_not_keep_peers_out),
		WORLD(a_peer_learns_that_its_buffer_is_full),
		WORLD(a_gate_that_pauses_hears_everything_later),
		WORLD(a_peer_that_left_is_found_out_when_sending),
		WORLD(a_peer_that_does_not_read_is_given_up),
		WORLD(a_peer_comes_back_after_the_gate_was_restarted),
		WORLD(a_process_that_has_another_door_keeper_opens_no_gate),
		WORLD(an_endpoint_that_cannot_be_bound_is_told),
		WORLD(a_peer_may_be_closed_by_its_own_handler),
		WORLD(ten_thousand_messages_leave_none_behind),
		WORLD(a_thin_line_carries_what_a_thick_one_does),
		WORLD(a_parcel_that_is_none_ends_the_connection),
		WORLD(what_is_squeezed_is_no_longer_turn),
		WORLD(thin_lines_that_are_not_read_take_nothing_from_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
