/* SPDX-License-Identifier: EUPL-1.2
 *
 * A peer that says exactly what it is told, right or wrong, for the scenario tests of the broker:
 *
 *	speak ENDPOINT BROKER.pub CURVE.key STEP...
 *
 *	hello:EPOCH[:RESUME[:CREDIT[:INCARNATION]]]
 *	submit:FILE settled:ID:FILE taken:ID:DIGEST credit:N bye
 *	octets:N	SUBMIT of so many octets
 *	frames:A,B,C	these frames as they stand; @FILE is a file's content
 *	wait:FILE	until the file is there
 *	connected:N	until so many connections were made
 *	VERB		the next answer must be this verb; it is printed as one line
 *	~VERB		the same; news of messages (CONFIRM) may come before it
 *	keep:FILE	writes the last answer's body
 *
 * The status is 0 when every step went as it was told. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/transport.h"

#ifdef DAFTAR_SANITIZER
#define BOUND_MS 60000 /* longer than an examiner has for one message */
#else
#define BOUND_MS 20000
#endif
#define ANSWERS_MAX 4096

struct speaker {
	struct event_base *base;
	struct peer_socket *socket;
	unsigned connections;
	char *answer[ANSWERS_MAX]; /* one line each */
	struct buf body[ANSWERS_MAX];
	size_t n, next;
};

static void
print_answer(struct speaker *s, const struct wire *w)
{
	char id[ID_TEXT_SIZE], body[DIGEST_TEXT_SIZE], extra[DIGEST_TEXT_SIZE];
	struct digest d;

	id_format(&w->id, id);
	digest_of(w->body.data, w->body.size, &d);
	digest_format(&d, body);
	digest_of(w->extra.data, w->extra.size, &d);
	digest_format(&d, extra);
	if (s->n == ANSWERS_MAX)
		die("too many answers");
	buf_add_bytes(&s->body[s->n], w->body);
	s->answer[s->n++] = xprintf("%s number=%" PRIu64 " id=%s code=%s retry=%d text=\"%.*s\" "
				    "body=%zu:%s extra=%zu:%s",
		verb_word(w->verb), w->number, id, err_word(w->code), w->retry, (int)w->text.size,
		(const char *)w->text.data, w->body.size, body, w->extra.size, extra);
}

static void
on_answer(void *context, const struct bytes *frame, size_t n)
{
	struct speaker *s = context;
	struct wire w;

	if (n == 0)
		s->connections++;
	else if (wire_decode(frame, n, 'b', &w) == E_OK)
		print_answer(s, &w);
	else
		die("the broker's frames do not follow DXP/1");
}

/* One round of the loop; dies when the time is up. */
static void
turn(struct speaker *s, int64_t deadline, const char *what)
{
	struct timeval soon = {0, 20000};

	if (monotonic_now() > deadline) {
		fprintf(stderr, "speak: waited in vain: %s\n", what);
		exit(EXIT_FAILURE);
	}
	event_base_loopexit(s->base, &soon);
	event_base_loop(s->base, EVLOOP_ONCE);
}

static void
say_frames(struct speaker *s, const struct bytes *frame, size_t n)
{
	int64_t deadline = monotonic_now() + BOUND_MS;

	while (!peer_send(s->socket, frame, n))
		turn(s, deadline, "sending");
}

static void
say(struct speaker *s, const struct wire *w)
{
	struct frames f;

	wire_encode(w, &f);
	say_frames(s, f.frame, f.n);
}

/* ---- steps ---- */

static uint64_t
number_of(char **rest)
{
	const char *word = strsep(rest, ":");

	return word != NULL ? strtoull(word, NULL, 10) : 0;
}

static void
read_all(const char *file, struct buf *out)
{
	FILE *f = fopen(file, "re");
	char part[4096];
	size_t n;

	if (f == NULL)
		die("%s", file);
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		buf_add(out, part, n);
	fclose(f);
}

static void
step_hello(struct speaker *s, char *rest)
{
	struct wire w = {.verb = V_HELLO, .text = bytes_of("speak/1", 7)};

	w.epoch = number_of(&rest);
	w.resume = number_of(&rest);
	w.number = number_of(&rest);
	if (rest != NULL)
		w.id.octet[0] = (uint8_t)number_of(&rest);
	say(s, &w);
}

static void
step_submit(struct speaker *s, char *rest)
{
	OWNED_BUF(b) = {0};
	struct wire w = {.verb = V_SUBMIT};

	read_all(rest, &b);
	w.body = buf_bytes(&b);
	say(s, &w);
}

static void
step_settled(struct speaker *s, char *rest)
{
	OWNED_BUF(b) = {0};
	struct wire w = {.verb = V_SETTLED};

	if (!id_parse(strsep(&rest, ":"), &w.id))
		die("settled: no id");
	read_all(rest, &b);
	w.body = buf_bytes(&b);
	say(s, &w);
}

static void
step_taken(struct speaker *s, char *rest)
{
	struct wire w = {.verb = V_TAKEN};

	if (!id_parse(strsep(&rest, ":"), &w.id) || !digest_parse(rest, &w.digest))
		die("taken: no id or digest");
	say(s, &w);
}

static void
step_credit(struct speaker *s, char *rest)
{
	say(s, &(struct wire){.verb = V_CREDIT, .number = number_of(&rest)});
}

static void
step_bye(struct speaker *s, char *rest)
{
	(void)rest;
	say(s, &(struct wire){.verb = V_BYE});
}

static void
step_octets(struct speaker *s, char *rest)
{
	OWNED_BUF(b) = {0};
	uint64_t n = number_of(&rest);
	struct wire w = {.verb = V_SUBMIT};

	while (b.size < n)
		buf_add(&b, "<", 1);
	w.body = buf_bytes(&b);
	say(s, &w);
}

static void
step_frames(struct speaker *s, char *rest)
{
	OWNED_BUF(file) = {0};
	struct bytes frame[16];
	size_t n = 0;
	char *word;

	while (n < ARRAY_LEN(frame) && (word = strsep(&rest, ",")) != NULL)
		if (word[0] == '@' && file.size == 0) {
			read_all(word + 1, &file);
			frame[n++] = buf_bytes(&file);
		} else {
			frame[n++] = bytes_of(word, strlen(word));
		}
	say_frames(s, frame, n);
}

static void
step_wait(struct speaker *s, char *rest)
{
	int64_t deadline = monotonic_now() + BOUND_MS;

	while (access(rest, F_OK) != 0)
		turn(s, deadline, rest);
}

static void
step_connected(struct speaker *s, char *rest)
{
	int64_t deadline = monotonic_now() + BOUND_MS;
	uint64_t wanted = number_of(&rest);

	while (s->connections < wanted)
		turn(s, deadline, "another connection");
}

static void
step_keep(struct speaker *s, char *rest)
{
	FILE *f = fopen(rest, "we");
	const struct buf *b = &s->body[s->next - 1];

	if (s->next == 0 || f == NULL || fwrite(b->data, 1, b->size, f) != b->size ||
		fclose(f) != 0)
		die("%s", rest);
}

static const struct {
	const char *word;
	void (*run)(struct speaker *s, char *rest);
} steps[] = {
	{"hello", step_hello},
	{"submit", step_submit},
	{"settled", step_settled},
	{"taken", step_taken},
	{"credit", step_credit},
	{"bye", step_bye},
	{"octets", step_octets},
	{"frames", step_frames},
	{"wait", step_wait},
	{"connected", step_connected},
	{"keep", step_keep},
};

static bool
says(const char *answer, const char *verb)
{
	return strncmp(answer, verb, strlen(verb)) == 0 && answer[strlen(verb)] == ' ';
}

/* The exchange's wish to compare books may come at any time, and is passed over unless it is what
 * is waited for. */
static bool
is_passed_over(const char *answer, const char *verb, bool news)
{
	return (strcmp(verb, "RECON") != 0 && says(answer, "RECON")) ||
	       (news && says(answer, "CONFIRM"));
}

static void
expect(struct speaker *s, const char *verb)
{
	int64_t deadline = monotonic_now() + BOUND_MS;
	bool news = *verb == '~';

	verb += news;

	for (;;) {
		while (s->next == s->n)
			turn(s, deadline, verb);
		if (!is_passed_over(s->answer[s->next], verb, news))
			break;
		s->next++;
	}
	puts(s->answer[s->next]);
	fflush(stdout);
	if (!says(s->answer[s->next], verb)) {
		fprintf(stderr, "speak: expected %s\n", verb);
		exit(EXIT_FAILURE);
	}
	s->next++;
}

static void
perform(struct speaker *s, char *rest)
{
	const char *word = strsep(&rest, ":");

	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (strcmp(steps[i].word, word) == 0) {
			steps[i].run(s, rest);
			return;
		}
	expect(s, word);
}

int
main(int argc, char **argv)
{
	static struct speaker s;
	struct curve_pair pair;
	uint8_t broker[CURVE_KEY_SIZE];
	OWNED_BUF(key) = {0};
	int64_t deadline = monotonic_now() + BOUND_MS;

	log_open("speak", LOG_NOTICE);
	if (argc < 4)
		die("speak ENDPOINT BROKER.pub CURVE.key STEP...");
	read_all(argv[2], &key);
	key.data[strcspn((char *)key.data, "\n")] = '\0';
	if (!curve_parse((char *)key.data, broker) || curve_load(argv[3], &pair) != E_OK)
		die("%s or %s is not a key", argv[2], argv[3]);
	s.base = event_base_new();
	if (peer_open(s.base, argv[1], broker, &pair, on_answer, &s, &s.socket) != E_OK)
		die("%s", argv[1]);
	while (s.connections == 0)
		turn(&s, deadline, "a connection");
	for (int i = 4; i < argc; i++)
		perform(&s, argv[i]);
	while (s.n-- > 0) {
		free(s.answer[s.n]);
		buf_free(&s.body[s.n]);
	}
	peer_close(&s.socket);
	event_base_free(s.base);
	return EXIT_SUCCESS;
}
