/* SPDX-License-Identifier: EUPL-1.2
 *
 * The client that keeps one examiner process and replaces it. The process may be in an enemy's
 * hands at any time after its first message, so nothing here waits for it without an end: every
 * read and write has one deadline for the whole exchange, a byte too many or too late ends the
 * process, and its message is quarantined. The next message gets a new process; that one was harmed
 * by nobody. */
#include "lib/examiner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/channel.h"
#include "lib/child.h"
#include "lib/xml.h"

#define START_MS 20000 /* schemas are compiled and a list of hundreds of certificates checked */
#define MESSAGE_MS 2000
#define WORD_MAX 32

/* Revocation data that an examiner took: the newest about its subject. */
struct known {
	struct revocation_facts facts;
	struct buf der;
};

struct examiner {
	char *program;
	struct buf trust; /* the frame that gives it the trust list */
	struct known *known;
	size_t n_known;
	pid_t pid; /* 0: none is running */
	int fd;
};

/* ---- bounded input and output ---- */

/* False at the deadline and when the other end is gone. */
static bool
wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd p = {.fd = fd, .events = events};

	for (;;) {
		int64_t left = deadline - monotonic_now();
		int n = left <= 0 ? 0 : poll(&p, 1, (int)left);

		if (n < 0 && errno == EINTR)
			continue;
		return n > 0 && (p.revents & events) != 0;
	}
}

static bool
send_all(int fd, const void *data, size_t size, int64_t deadline)
{
	const uint8_t *p = data;

	while (size > 0) {
		ssize_t n;

		if (!wait_for(fd, POLLOUT, deadline))
			return false;
		n = send(fd, p, size, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (n > 0) {
			p += n;
			size -= (size_t)n;
		}
	}
	return true;
}

static bool
receive_all(int fd, void *out, size_t size, int64_t deadline)
{
	uint8_t *p = out;

	while (size > 0) {
		ssize_t n;

		if (!wait_for(fd, POLLIN, deadline))
			return false;
		n = recv(fd, p, size, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return false;
		if (n > 0) {
			p += n;
			size -= (size_t)n;
		}
	}
	return true;
}

static bool
send_frame(int fd, const struct buf *frame, int64_t deadline)
{
	OWNED_BUF(head) = {0};

	buf_u32(&head, (uint32_t)frame->size);
	return send_all(fd, head.data, head.size, deadline) &&
	       send_all(fd, frame->data, frame->size, deadline);
}

/* One frame of at most `*size' octets. */
static bool
receive_frame(int fd, void *out, size_t *size, int64_t deadline)
{
	uint8_t head[4] = {0};
	struct cursor c = cursor_of(bytes_of(head, sizeof head));
	size_t length;

	if (!receive_all(fd, head, sizeof head, deadline))
		return false;
	length = cursor_u32(&c);
	if (length == 0 || length > *size)
		return false;
	*size = length;
	return receive_all(fd, out, length, deadline);
}

/* ---- the process ---- */

static void
stop(struct examiner *x)
{
	if (x->pid == 0)
		return;
	kill(x->pid, SIGKILL);
	while (waitpid(x->pid, NULL, 0) < 0 && errno == EINTR)
		;
	x->pid = 0;
	close_fd(&x->fd);
}

/* Its answer to the trust list is a word: OK, or why it will not work. */
static enum err
hand_trust(struct examiner *x)
{
	int64_t deadline = monotonic_now() + START_MS;
	char word[WORD_MAX + 1] = "";
	size_t size = WORD_MAX;
	bool sent = send_frame(x->fd, &x->trust, deadline);

	if (!receive_frame(x->fd, word, &size, deadline))
		return E_IO;
	word[size] = '\0';
	return sent ? err_of_word(word) : E_IO;
}

static bool
ask_revocation(struct examiner *x, struct bytes der, struct revocation_facts *out)
{
	int64_t deadline = monotonic_now() + MESSAGE_MS;
	uint8_t answer[sizeof *out];
	size_t size = sizeof answer;
	OWNED_BUF(frame) = {0};

	examiner_frame_revocation(&frame, der);
	return send_frame(x->fd, &frame, deadline) &&
	       receive_frame(x->fd, answer, &size, deadline) &&
	       revocation_check(bytes_of(answer, size), der, out) == E_OK;
}

/* What a newer trust list does not support any more is forgotten. */
static bool
hand_revocations(struct examiner *x)
{
	size_t kept = 0;
	bool answered = true;

	for (size_t i = 0; i < x->n_known; i++) {
		struct known k = x->known[i];
		struct revocation_facts now;

		answered = answered && ask_revocation(x, buf_bytes(&k.der), &now);
		if (answered && now.code != E_OK)
			buf_free(&k.der);
		else
			x->known[kept++] = k;
	}
	x->n_known = kept;
	return answered;
}

static enum err
start(struct examiner *x)
{
	char *argv[] = {x->program, NULL};
	enum err e;

	TRY(child_start(argv, &x->pid, &x->fd));
	e = hand_trust(x);
	if (e == E_OK && !hand_revocations(x))
		e = E_IO;
	if (e != E_OK)
		stop(x);
	return e;
}

/* An idle examiner has nothing to say: whatever poll sees is its end. */
static bool
is_idle(const struct examiner *x)
{
	struct pollfd p = {.fd = x->fd, .events = POLLIN};

	return x->pid != 0 && poll(&p, 1, 0) == 0;
}

enum err
examiner_start(struct bytes trust_list, X509 *operator_cert, struct examiner **out)
{
	OWNED(struct examiner, x, examiner_free) = xcalloc(1, sizeof *x);

	x->fd = -1;
	if (child_find("daftar-examiner", "../broker", &x->program) != E_OK)
		return E_IO;
	examiner_frame_trust(&x->trust, trust_list, operator_cert);
	TRY(start(x));
	*out = TAKE(x);
	return E_OK;
}

void
examiner_free(struct examiner **x)
{
	if (*x == NULL)
		return;
	stop(*x);
	buf_free(&(*x)->trust);
	for (size_t i = 0; i < (*x)->n_known; i++)
		buf_free(&(*x)->known[i].der);
	free((*x)->known);
	free((*x)->program);
	free(*x);
	*x = NULL;
}

void
examiner_trust(struct examiner *x, struct bytes trust_list, X509 *operator_cert)
{
	buf_reset(&x->trust);
	examiner_frame_trust(&x->trust, trust_list, operator_cert);
	stop(x);
}

/* ---- one message ---- */

static bool
ask(struct examiner *x, const struct buf *frame, struct bytes message, struct verdict *out)
{
	int64_t deadline = monotonic_now() + MESSAGE_MS;
	uint8_t answer[sizeof *out];
	size_t size = sizeof answer;

	return send_frame(x->fd, frame, deadline) &&
	       receive_frame(x->fd, answer, &size, deadline) &&
	       verdict_check(bytes_of(answer, size), message, out) == E_OK;
}

/* A verdict of our own on a message that no examiner has judged. */
static enum err
without_examiner(enum err e, struct bytes message, struct verdict *out)
{
	memset(out, 0, sizeof *out);
	out->magic = VERDICT_MAGIC;
	out->code = e;
	out->size = (uint32_t)message.size;
	digest_of(message.data, message.size, &out->digest);
	return e;
}

static enum err
be_ready(struct examiner *x)
{
	if (is_idle(x))
		return E_OK;
	stop(x);
	return start(x);
}

enum err
examiner_examine(struct examiner *x, enum examine_mode mode, const struct party *party,
	struct bytes message, struct verdict *out)
{
	return examiner_examine_at(x, mode, party, 0, message, out);
}

enum err
examiner_examine_at(struct examiner *x, enum examine_mode mode, const struct party *party,
	int64_t when, struct bytes message, struct verdict *out)
{
	OWNED_BUF(frame) = {0};
	enum err e;

	if (message.size > XML_MESSAGE_MAX)
		return without_examiner(E_TOO_LARGE, message, out);
	e = be_ready(x);
	if (e != E_OK)
		return without_examiner(e, message, out);
	examiner_frame_message(&frame, mode, party, when, message);
	if (ask(x, &frame, message, out))
		return (enum err)out->code;
	stop(x);
	return without_examiner(E_QUARANTINED, message, out);
}

/* ---- revocation data ---- */

/* In the place of older data about the same. */
static void
remember(struct examiner *x, const struct revocation_facts *f, struct bytes der)
{
	size_t i = 0;

	while (i < x->n_known && (x->known[i].facts.kind != f->kind ||
					 !digest_equal(&x->known[i].facts.subject, &f->subject)))
		i++;
	if (i == x->n_known) {
		x->known = xrealloc(x->known, (i + 1) * sizeof *x->known);
		x->known[i].der = (struct buf){0};
		x->n_known++;
	}
	x->known[i].facts = *f;
	buf_reset(&x->known[i].der);
	buf_add_bytes(&x->known[i].der, der);
}

static enum err
no_facts(enum err e, struct bytes der, struct revocation_facts *out)
{
	memset(out, 0, sizeof *out);
	out->magic = REVOCATION_MAGIC;
	out->code = e;
	digest_of(der.data, der.size, &out->digest);
	return e;
}

enum err
examiner_revocation(struct examiner *x, struct bytes der, struct revocation_facts *out)
{
	enum err e;

	if (der.size == 0 || der.size > REVOCATION_MAX)
		return no_facts(E_REVOCATION, der, out);
	e = be_ready(x);
	if (e != E_OK)
		return no_facts(e, der, out);
	if (!ask_revocation(x, der, out)) {
		stop(x);
		return no_facts(E_QUARANTINED, der, out);
	}
	if (out->code == E_OK)
		remember(x, out, der);
	return (enum err)out->code;
}
