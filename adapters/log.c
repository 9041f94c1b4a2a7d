/* SPDX-License-Identifier: EUPL-1.2
 *
 * `log': the exchange's log as this registry has seen it. To show its head to others, to hold
 * another registry's against ours, and to say that a person has looked at two that do not fit. The
 * daemon's verbs, and the registrar's side. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "adapters/commands.h"
#include "adapters/daemon.h"
#include "lib/loghead.h"

#define WAIT_MS 90000 /* the exchange may owe an answer, and is asked once a minute */
#define LOOK_NS 200000000

/* ---- in the daemon ---- */

static bool
add_pair(void *context, const char *key, struct bytes value)
{
	json_array_append_new(
		context, json_pack("{s:s,s:s%}", "sizes", key + strlen(LOG_FORKED_ALARMS), "heads",
				 (const char *)value.data, value.size));
	return true;
}

static json_t *
head_json(struct daemon *d, const struct buf *note)
{
	char root[DIGEST_TEXT_SIZE];
	struct log_head h;

	if (log_head_read(buf_bytes(note), d->trust, &h) != E_OK)
		return NULL;
	digest_format(&h.at.root, root);
	return json_pack("{s:I,s:I,s:s,s:s}", "generation", (json_int_t)h.at.generation, "size",
		(json_int_t)h.at.size, "root", root, "note", h.note);
}

/* `forked': pairs of heads that a person has not acknowledged. */
enum err
verb_log_show(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	json_t *pairs = json_array();
	OWNED_BUF(note) = {0};

	(void)args;
	if (log_head_note(d->spool, &note) == E_OK)
		*data = head_json(d, &note);
	if (*data == NULL)
		*data = json_pack("{s:I}", "size", (json_int_t)0);
	(void)!spool_each_fact(d->spool, LOG_FORKED_ALARMS, add_pair, pairs);
	json_object_set_new(*data, "forked", pairs);
	return E_OK;
}

enum err
verb_log_compare(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	const char *note = json_string_value(json_object_get(args, "note"));

	if (note == NULL)
		return E_USAGE;
	*data = json_object();
	return link_log_compare(d->link, bytes_of(note, strlen(note)));
}

enum err
verb_log_acknowledge(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;

	(void)args;
	*data = json_object();
	return link_log_acknowledge(d->link);
}

/* ---- the registrar ---- */

static int
complain(enum err e, const char *item)
{
	if (e == E_UNREACHABLE)
		fprintf(stderr, "daftar-adapter: no adapter answers; is it running?\n");
	else
		fprintf(stderr, "daftar-adapter: %s%s%s (%s)\n", item, item[0] != '\0' ? ": " : "",
			err_sentence(e), err_word(e));
	return exit_status(e);
}

static void
warn_of(const json_t *data)
{
	size_t n = json_array_size(json_object_get(data, "forked"));

	if (n > 0)
		fprintf(stderr,
			"daftar-adapter: LOG-FORKED: %zu pairs of heads do not fit; nothing new is "
			"taken or sent, what was begun is finished; compare with other registries, "
			"then: daftar-adapter log acknowledge\n",
			n);
}

/* The note alone on standard output, so that it can be given away as a file. */
static int
show(const struct command_line *line, const char *socket)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e = control_call(socket, "log-show", NULL, &data);
	const char *note;

	if (e != E_OK)
		return complain(e, "");
	note = json_string_value(json_object_get(data, "note"));
	if (line->value[OPT_JSON] != NULL) {
		json_dumpf(data, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
		putchar('\n');
	} else if (note != NULL) {
		fputs(note, stdout);
	}
	warn_of(data);
	if (json_array_size(json_object_get(data, "forked")) > 0)
		return exit_status(E_LOG_FORKED);
	return note != NULL ? 0 : complain(E_NOT_FOUND, "head of the log");
}

/* The proof against the exchange, for whoever wants to check it, beside the file. */
static void
write_evidence(const char *socket, const char *file, const char *note)
{
	OWNED(char, path, free_chars) = xprintf("%s.forked", file);
	OWNED(json_t, data, json_decrefp) = NULL;
	const char *heads = NULL;
	const json_t *pair;
	FILE *out;
	size_t i;
	int fd;

	if (control_call(socket, "log-show", NULL, &data) != E_OK)
		return;
	json_array_foreach(json_object_get(data, "forked"), i, pair)
	{
		const char *text = json_string_value(json_object_get(pair, "heads"));

		if (heads == NULL && text != NULL && strstr(text, note) != NULL)
			heads = text;
	}
	if (heads == NULL)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (out == NULL || fputs(heads, out) == EOF || fclose(out) != 0)
		fprintf(stderr, "daftar-adapter: %s: %s\n", path, strerror(errno));
	else
		printf("both heads are in %s\n", path);
}

static enum err
wait_for(const char *socket, const char *note)
{
	const struct timespec pause = {0, LOOK_NS};
	int64_t deadline = monotonic_now() + WAIT_MS;
	enum err e = E_BUSY;

	while (e == E_BUSY && monotonic_now() < deadline) {
		OWNED(json_t, data, json_decrefp) = NULL;
		json_t *args = json_pack("{s:s}", "note", note);

		e = args == NULL ? E_INPUT : control_call(socket, "log-compare", args, &data);
		json_decref(args);
		if (e == E_BUSY)
			(void)nanosleep(&pause, NULL);
	}
	return e;
}

static int
compare_head(const char *socket, const char *file)
{
	char note[CHECKPOINT_MAX + 1] = "";
	FILE *in = fopen(file, "re");
	enum err e;

	if (in == NULL) {
		fprintf(stderr, "daftar-adapter: %s: %s\n", file, strerror(errno));
		return exit_status(E_IO);
	}
	note[fread(note, 1, CHECKPOINT_MAX, in)] = '\0';
	fclose(in);
	e = wait_for(socket, note);
	if (e == E_OK) {
		printf("OK: both heads are of one log\n");
		return 0;
	}
	if (e == E_LOG_FORKED) {
		printf("FORKED: the exchange has shown two logs\n");
		write_evidence(socket, file, note);
		return exit_status(e);
	}
	if (e == E_BUSY)
		fprintf(stderr,
			"daftar-adapter: %s: the exchange has not proved that both are of one log; "
			"when it goes on refusing, tell the other registry\n",
			file);
	else if (e == E_STATE)
		fprintf(stderr,
			"daftar-adapter: %s: the exchange was restored between the two heads, they "
			"can not be compared; compare two of one generation\n",
			file);
	else
		return complain(e, file);
	return exit_status(e);
}

static int
acknowledge(const char *socket)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e = control_call(socket, "log-acknowledge", NULL, &data);

	if (e != E_OK)
		return complain(e, e == E_NOT_FOUND ? "nothing to acknowledge" : "");
	printf("acknowledged; the heads are kept, and what waited goes on\n");
	return 0;
}

int
log_run(const struct command_line *line, const struct conf *c)
{
	const char *socket = conf_text(c, "control");

	if (strcmp(line->id, "show") == 0 && line->file == NULL)
		return show(line, socket);
	if (strcmp(line->id, "acknowledge") == 0 && line->file == NULL)
		return acknowledge(socket);
	if (strcmp(line->id, "compare") == 0 && line->file != NULL)
		return compare_head(socket, line->file);
	fprintf(stderr, "daftar-adapter: log show, log compare FILE or log acknowledge; "
			"see --help\n");
	return exit_status(E_USAGE);
}
