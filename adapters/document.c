/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar-adapter document': which scans of a case have come, and one of them as a file. The daemon
 * hands the parts over one by one; they are put together here, by the person who asked, and are the
 * scan only when their SHA-256 is the one that the office has named. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adapters/commands.h"
#include "lib/control.h"
#include "lib/file.h"
#include "lib/id.h"
#include "lib/record.h"

#define DIGEST_LEAST 8 /* characters of a digest that name a scan */

static int
complain(enum err e, const char *item, const char *what)
{
	fprintf(stderr, "daftar-adapter: %s: %s (%s)\n", item, what, err_word(e));
	return exit_status(e);
}

static int
complain_of(enum err e, const struct command_line *line, const struct conf *c)
{
	if (e == E_UNREACHABLE)
		return complain(e, conf_text(c, "control"), "no adapter answers; is it running?");
	return complain(e, line->file, err_sentence(e));
}

static enum err
ask_list(const struct command_line *line, const struct conf *c, json_t **list)
{
	json_t *args = json_pack("{s:s}", "id", line->file);
	enum err e = control_call(conf_text(c, "control"), "documents", args, list);

	json_decref(args);
	return e;
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

static int
number_of(const json_t *o, const char *key)
{
	return (int)json_integer_value(json_object_get(o, key));
}

/* ---- list ---- */

static void
print_scan(const json_t *o)
{
	print_safe(stdout, text_of(o, "kind"));
	printf("  ");
	print_safe(stdout, text_of(o, "mediaType"));
	printf("  %d octets  ", number_of(o, "size"));
	if (json_is_true(json_object_get(o, "complete")))
		printf("complete  ");
	else
		printf("%d of %d parts  ", number_of(o, "parts"), number_of(o, "of"));
	print_safe(stdout, text_of(o, "digest"));
	putchar('\n');
}

static int
list(const struct command_line *line, const json_t *all)
{
	const json_t *o;
	size_t i;

	if (line->value[OPT_JSON] != NULL) {
		json_dumpf(all, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
		putchar('\n');
		return 0;
	}
	json_array_foreach(all, i, o) print_scan(o);
	if (json_array_size(all) == 0)
		printf("no scan has come\n");
	return 0;
}

/* ---- save ---- */

static const json_t *
choose(const json_t *all, const char *digest, enum err *e)
{
	const json_t *o, *found = NULL;
	size_t i;

	*e = strlen(digest) < DIGEST_LEAST ? E_USAGE : E_NOT_FOUND;
	json_array_foreach(all, i, o)
	{
		if (*e == E_USAGE || strncmp(text_of(o, "digest"), digest, strlen(digest)) != 0)
			continue;
		*e = found == NULL ? E_OK : E_AMBIGUOUS;
		found = o;
	}
	return *e == E_OK ? found : NULL;
}

static enum err
fetch_part(const struct command_line *line, const struct conf *c, const char *digest, int part,
	struct buf *out)
{
	json_t *args = json_pack("{s:s,s:s,s:i}", "id", line->file, "digest", digest, "part", part);
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e = control_call(conf_text(c, "control"), "document-part", args, &data);
	const char *text = text_of(data, "data");
	size_t size = strlen(text);

	json_decref(args);
	if (e != E_OK)
		return e;
	buf_room(out, size);
	if (!base64_decode(text, size, out->data + out->size, &size))
		return E_DAMAGED;
	out->size += size;
	return out->size <= ATTACHMENT_MAX ? E_OK : E_DAMAGED;
}

static enum err
fetch(const struct command_line *line, const struct conf *c, const json_t *scan, struct buf *out)
{
	const char *digest = text_of(scan, "digest");
	char text[DIGEST_TEXT_SIZE];
	struct digest d;

	for (int n = 1; n <= number_of(scan, "of"); n++)
		TRY(fetch_part(line, c, digest, n, out));
	digest_of(out->data, out->size, &d);
	digest_format(&d, text);
	return strcmp(text, digest) == 0 ? E_OK : E_DAMAGED;
}

/* A new file for nobody else; what stands there stays. */
static int
write_file(const char *path, const struct buf *scan)
{
	OWNED_FD(fd) = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return complain(E_IO, path, strerror(errno));
	if (file_write_to(fd, buf_bytes(scan)) == E_OK && folder_sync_of(path) == E_OK)
		return 0;
	(void)unlink(path);
	return complain(E_IO, path, "cannot be written; no part of it is left there");
}

static int
save(const struct command_line *line, const struct conf *c, const json_t *all)
{
	OWNED(char, missing, free_chars) = NULL;
	OWNED_BUF(file) = {0};
	enum err e;
	const json_t *scan = choose(all, line->more[0], &e);
	int status;

	if (scan == NULL)
		return complain(e, line->more[0],
			e == E_USAGE ? "at least 8 characters of the scan's digest"
				     : "names no scan of this case; see document list");
	if (!json_is_true(json_object_get(scan, "complete"))) {
		missing = xprintf("%d of its %d parts are missing; nothing was written",
			number_of(scan, "of") - number_of(scan, "parts"), number_of(scan, "of"));
		return complain(E_STATE, text_of(scan, "digest"), missing);
	}
	e = fetch(line, c, scan, &file);
	if (e == E_DAMAGED)
		return complain(e, text_of(scan, "digest"),
			"what has come is not the scan that was named; nothing was written");
	if (e != E_OK)
		return complain_of(e, line, c);
	status = write_file(line->more[1], &file);
	if (status == 0)
		printf("%zu octets, SHA-256 as named\n", file.size);
	return status;
}

int
document_run(const struct command_line *line, const struct conf *c)
{
	OWNED(json_t, all, json_decrefp) = NULL;
	enum err e = ask_list(line, c, &all);

	if (e != E_OK)
		return complain_of(e, line, c);
	return strcmp(line->id, "list") == 0 ? list(line, all) : save(line, c, all);
}
