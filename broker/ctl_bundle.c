/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl bundle import IN OUT: hands a courier's bundle to daftard piece by piece, lets it play,
 * and writes the answer to a new file. Until the whole answer is on disk under its name there is no
 * file of that name. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "broker/ctl_command.h"
#include "lib/bundle.h"

/* One call; *data is a new reference or NULL. */
static enum err
call(const struct options *o, const char *verb, json_t *args, json_t **data)
{
	OWNED(json_t, given, json_decrefp) = args;

	return ctl_call(o, verb, given, data);
}

static enum err
hand_in(const struct options *o, const struct buf *bundle, bool force)
{
	OWNED(json_t, begun, json_decrefp) = NULL;

	TRY(call(o, "bundle.begin", json_pack("{s:b}", "force", force), &begun));
	return ctl_put(o, "bundle.put", buf_bytes(bundle));
}

/* Asks again every 20 ms: the examiners need their time. */
static enum err
play(const struct options *o, json_t **figures)
{
	const struct timespec moment = {0, 20000000};

	for (;;) {
		json_decrefp(figures);
		*figures = NULL;
		TRY(call(o, "bundle.step", NULL, figures));
		if (json_is_true(json_object_get(*figures, "done")))
			return E_OK;
		nanosleep(&moment, NULL);
	}
}

static enum err
take_answer(const struct options *o, size_t size, struct buf *out)
{
	while (out->size < size) {
		OWNED(json_t, piece, json_decrefp) = NULL;
		OWNED(uint8_t, octets, free_octets) = NULL;
		const char *text;
		size_t room;

		TRY(call(
			o, "bundle.take", json_pack("{s:I}", "at", (json_int_t)out->size), &piece));
		text = json_string_value(json_object_get(piece, "data"));
		room = text == NULL ? 0 : strlen(text);
		octets = xmalloc(room + 1);
		if (text == NULL || !base64_decode(text, strlen(text), octets, &room) || room == 0)
			return E_IO;
		buf_add(out, octets, room);
	}
	return E_OK;
}

static enum err
import(const struct options *o, const char *in, const char *out, bool force, json_t **figures)
{
	OWNED_BUF(bundle) = {0};
	OWNED_BUF(answer) = {0};
	OWNED(json_t, opened, json_decrefp) = NULL;
	json_int_t size;
	enum err e;

	if (access(out, F_OK) == 0) {
		errno = EEXIST;
		return E_IO;
	}
	e = bundle_read(in, &bundle);
	if (e != E_OK)
		return e == E_NOT_FOUND ? E_IO : e; /* errno says it better */
	TRY(hand_in(o, &bundle, force));
	TRY(call(o, "bundle.open", NULL, &opened));
	TRY(play(o, figures));
	size = json_integer_value(json_object_get(*figures, "size"));
	TRY(take_answer(o, (size_t)size, &answer));
	e = bundle_write(out, buf_bytes(&answer));
	return e == E_STATE ? E_IO : e;
}

/* For how a file could not be read or written, errno has the reason. */
int
ctl_bundle_import(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, figures, json_decrefp) = NULL;
	enum err e;

	errno = 0;
	e = import(o, text_of(args, "in"), text_of(args, "out"), true, &figures);
	if (e == E_IO && errno != 0)
		fprintf(stderr, "daftarctl: %s\n", strerror(errno));
	return ctl_end(o, c, ctl_item(o), figures, e);
}
