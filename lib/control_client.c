/* SPDX-License-Identifier: EUPL-1.2
 *
 * The control protocol's client: blocking, one request, one answer. A daemon that does not answer
 * within ten seconds is as unreachable as one that does not run. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/control.h"

#define ANSWER_S 10
#define ANSWER_MAX (4 * 1024 * 1024)
#define PIECE ((size_t)40 * 1024) /* that base64 makes a line of which the server takes */

static enum err
reach(const char *path, int *out)
{
	OWNED_FD(fd) = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct timeval bound = {ANSWER_S, 0};

	if (fd < 0 || !copy_text(at.sun_path, sizeof(at.sun_path), path))
		return E_UNREACHABLE;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound)) != 0 ||
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof(bound)) != 0)
		return E_UNREACHABLE;
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		return E_UNREACHABLE;
	*out = fd;
	fd = -1;
	return E_OK;
}

static enum err
send_all(int fd, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = send(fd, text, size, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return E_UNREACHABLE;
		text += n;
		size -= (size_t)n;
	}
	return E_OK;
}

static enum err
send_request(int fd, const char *verb, const char *as, json_t *args)
{
	OWNED(json_t, request, json_decrefp) =
		json_pack("{s:s, s:s*, s:O*}", "verb", verb, "as", as, "args", args);
	OWNED(char, line, free_chars) = request == NULL ? NULL : json_dumps(request, JSON_COMPACT);

	if (line == NULL)
		return E_INPUT;
	TRY(send_all(fd, line, strlen(line)));
	return send_all(fd, "\n", 1);
}

/* Reads up to the newline and not an octet further: what follows is the caller's. A peek shows how
 * much that is. */
static enum err
read_line(int fd, struct buf *out)
{
	char part[4096];

	while (out->size < ANSWER_MAX) {
		ssize_t n = recv(fd, part, sizeof(part), MSG_PEEK);
		const char *end;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return E_UNREACHABLE;
		end = memchr(part, '\n', (size_t)n);
		if (end != NULL)
			n = end - part + 1;
		n = recv(fd, part, (size_t)n, 0);
		if (n <= 0)
			return E_UNREACHABLE;
		buf_add(out, part, (size_t)n);
		if (end != NULL)
			return E_OK;
	}
	return E_UNREACHABLE;
}

static char said[512];

const char *
control_said(void)
{
	return said[0] != '\0' ? said : NULL;
}

static void
note_said(const char *sentence, enum err e)
{
	if (sentence == NULL || strcmp(sentence, err_sentence(e)) == 0 ||
		!copy_text(said, sizeof said, sentence))
		said[0] = '\0';
}

/* `data' may be NULL: only whether it went well. */
static enum err
understand(struct bytes line, json_t **data)
{
	OWNED(json_t, answer, json_decrefp) =
		json_loadb((const char *)line.data, line.size, JSON_REJECT_DUPLICATES, NULL);
	const char *code;
	enum err e;

	said[0] = '\0';
	if (json_is_true(json_object_get(answer, "ok"))) {
		if (data != NULL)
			*data = json_incref(json_object_get(answer, "data"));
		return E_OK;
	}
	code = json_string_value(json_object_get(answer, "code"));
	e = code == NULL ? E_UNKNOWN_CODE : err_of_word(code);
	note_said(json_string_value(json_object_get(answer, "sentence")), e);
	return e;
}

static enum err
ask(int fd, const char *verb, const char *as, json_t *args, json_t **data)
{
	OWNED_BUF(line) = {0};

	TRY(send_request(fd, verb, as, args));
	TRY(read_line(fd, &line));
	return understand(buf_bytes(&line), data);
}

static enum err
call_remote(const char *address, const char *verb, json_t *args, json_t **data)
{
	OWNED(json_t, request, json_decrefp) = json_pack("{s:s, s:O*}", "verb", verb, "args", args);
	OWNED(char, line, free_chars) = request == NULL ? NULL : json_dumps(request, JSON_COMPACT);
	OWNED_BUF(answer) = {0};

	if (line == NULL)
		return E_INPUT;
	TRY(control_remote_line(address, bytes_of(line, strlen(line)), &answer));
	return understand(buf_bytes(&answer), data);
}

enum err
control_call(const char *path, const char *verb, json_t *args, json_t **data)
{
	return control_call_as(path, NULL, verb, args, data);
}

enum err
control_call_as(const char *path, const char *as, const char *verb, json_t *args, json_t **data)
{
	OWNED_FD(fd) = -1;

	*data = NULL;
	if (strncmp(path, "tcp://", 6) == 0)
		return call_remote(path, verb, args, data);
	TRY(reach(path, &fd));
	return ask(fd, verb, as, args, data);
}

enum err
control_watch(const char *path, int *out)
{
	struct timeval for_ever = {0, 0};
	OWNED_FD(fd) = -1;

	TRY(reach(path, &fd));
	TRY(ask(fd, "watch", NULL, NULL, NULL));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &for_ever, sizeof(for_ever)) != 0)
		return E_UNREACHABLE;
	*out = fd;
	fd = -1;
	return E_OK;
}

enum err
control_put(const char *path, const char *verb, struct bytes all)
{
	for (size_t at = 0; at < all.size || at == 0; at += PIECE) {
		size_t size = all.size - at < PIECE ? all.size - at : PIECE;
		OWNED(json_t, args, json_decrefp) = NULL;
		OWNED(json_t, none, json_decrefp) = NULL;
		OWNED_BUF(text) = {0};

		buf_base64(&text, all.data + at, size);
		args = json_pack("{s:s%, s:I}", "data", (const char *)text.data, text.size, "at",
			(json_int_t)at);
		TRY(control_call(path, verb, args, &none));
	}
	return E_OK;
}
