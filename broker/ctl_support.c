/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl support-bundle FILE: what somebody who helps has to see, in one file. Each part is the
 * answer of a verb that went through broker/ctl_redact.c; README.txt in it says what it holds and
 * what not. The file is new, and nobody else's. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "broker/ctl_command.h"
#include "broker/ctl_redact.h"
#include "lib/file.h"
#include "lib/id.h"
#include "lib/squeeze.h"

#define BLOCK 512

/* ---- the parts ---- */

static const struct {
	const char *file, *verb;
	const char *kept; /* texts under these keys stay, searched */
	const char *sentence;
} parts[] = {
	{"status.json", "status", "version state code warnings standing role stage sentence",
		"state, figures, queues, children; no party's name, no address"},
	{"alerts.json", "alert.list", "rule severity state what threshold name on unit",
		"alerts without their subjects' names, and the rules"},
	{"changes.json", "change.list", "kind state",
		"what officers changed, without reasons and names"},
	{"corridors.json", "corridor.list", "state trouble_word",
		"corridors between P1, P2 ..: state and figures"},
	{"certificates.json", "cert.list", "what state",
		"when certificates end, without fingerprints"},
	{"revocation.json", "crl.list", "kind", "age of revocation data"},
	{"books.json", "reconcile.show", "state", "when books were compared, and what came of it"},
	{"series.json", "stats.series", "", "counts by the hour"},
	{"dead.json", "dead.list", "code sentence stage action",
		"what was set aside, by reason, without ids"},
	{"health.json", "health", "why", "ready or not, and why"},
	{"verbs.json", "verbs", "verb args sentence roles name type",
		"what this daftard can be asked"},
};

struct bundle {
	struct redactor redactor;
	struct buf tar;
	json_t *files;
	int64_t now;
};

/* ---- tar: ustar, IEEE Std 1003.1, pax ---- */

static void
octal(char *field, size_t size, unsigned long long value)
{
	char text[24];

	snprintf(text, sizeof text, "%0*llo", (int)size - 1, value);
	memcpy(field, text, size - 1);
}

static void
add_file(struct bundle *b, const char *name, struct bytes content, const char *sentence)
{
	static const uint8_t zeros[BLOCK];
	char head[BLOCK] = "", inside[100];
	unsigned sum = 0;

	snprintf(inside, sizeof inside, "daftar-support/%s", name);
	memcpy(head, inside, strlen(inside));
	octal(head + 100, 8, 0600);
	octal(head + 108, 8, 0);
	octal(head + 116, 8, 0);
	octal(head + 124, 12, content.size);
	octal(head + 136, 12, (unsigned long long)(b->now / 1000));
	memset(head + 148, ' ', 8);
	head[156] = '0';
	memcpy(head + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof head; i++)
		sum += (unsigned char)head[i];
	octal(head + 148, 7, sum);
	buf_add(&b->tar, head, sizeof head);
	buf_add_bytes(&b->tar, content);
	if (content.size % BLOCK != 0)
		buf_add(&b->tar, zeros, BLOCK - content.size % BLOCK);
	json_array_append_new(b->files, json_pack("{s:s, s:I, s:s}", "name", name, "octets",
						(json_int_t)content.size, "holds", sentence));
}

static void
add_json(struct bundle *b, const char *name, const json_t *data, const char *sentence)
{
	OWNED(char, text, free_chars) =
		json_dumps(data, JSON_INDENT(1) | JSON_ENSURE_ASCII | JSON_SORT_KEYS);

	add_file(b, name, bytes_of(text, strlen(text)), sentence);
}

/* ---- what needs more than that ---- */

/* Values of numbers and switches stay, of the others only whether they were set. */
static void
add_settings(struct bundle *b, const struct options *o)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	OWNED(json_t, kept, json_decrefp) = json_array();
	const json_t *row;
	size_t i;

	if (ctl_call(o, "config.show", NULL, &data) != E_OK)
		return;
	json_array_foreach(json_object_get(data, "settings"), i, row)
	{
		const char *type = text_of(row, "type");
		bool open = strcmp(type, "number") == 0 || strcmp(type, "yes or no") == 0;
		bool set = strcmp(text_of(row, "origin"), "default") != 0;

		json_array_append_new(
			kept, json_pack("{s:s, s:b, s:O*}", "name", text_of(row, "name"), "set",
				      set, "value", open ? json_object_get(row, "value") : NULL));
	}
	add_json(b, "settings.json", kept,
		"settings: figures and switches; of the rest whether set");
}

static void
add_check(struct bundle *b, const struct options *o)
{
	enum err e;
	OWNED(json_t, lines, json_decrefp) = ctl_check_lines(o, &e);
	OWNED(json_t, all, json_decrefp) = json_pack("{s:O}", "lines", lines);
	OWNED(json_t, kept, json_decrefp) = redact(&b->redactor, all, "health check text");

	if (e == E_OK)
		add_json(b, "check.json", kept, "what daftarctl check finds");
}

static void
add_metrics(struct bundle *b, const struct options *o)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	OWNED_BUF(text) = {0};

	if (ctl_call(o, "metrics", NULL, &data) != E_OK)
		return;
	redact_text(&b->redactor, text_of(data, "text"), &text);
	add_file(b, "metrics.txt", buf_bytes(&text), "figures as Prometheus text");
}

static void
add_machine(struct bundle *b)
{
	OWNED_BUF(text) = {0};
	OWNED_BUF(os) = {0};
	struct utsname u;

	buf_text(&text, "daftarctl " PACKAGE_VERSION "\n");
	if (uname(&u) == 0)
		buf_printf(&text, "%s %s %s\n", u.sysname, u.release, u.machine);
	buf_printf(&text, "%ld processors, %ld MiB of memory\n", sysconf(_SC_NPROCESSORS_ONLN),
		sysconf(_SC_PHYS_PAGES) / 1024 * (sysconf(_SC_PAGESIZE) / 1024));
	if (file_read("/etc/os-release", BLOCK * 8, &os) == E_OK) {
		const char *line = strstr((const char *)os.data, "PRETTY_NAME=");

		if (line != NULL)
			buf_printf(&text, "%.*s\n", (int)strcspn(line, "\n"), line);
	}
	add_file(b, "machine.txt", buf_bytes(&text),
		"versions, kernel, size; no name of the machine");
}

static void
add_readme(struct bundle *b)
{
	OWNED_BUF(text) = {0};
	const json_t *file;
	size_t i;

	buf_text(&text,
		"What an exchange says of itself, for somebody who helps. Parties are P1, P2 ..,\n"
		"officers O1, O2 ..; who is who stays with the exchange. In none of the files is "
		"an\n"
		"id, tracking number, name, reason, key, fingerprint, network address or "
		"path.\n\n");
	json_array_foreach(b->files, i, file)
		buf_printf(&text, "%-20s %s\n", text_of(file, "name"), text_of(file, "holds"));
	add_file(b, "README.txt", buf_bytes(&text), "this list");
}

/* ---- putting it together ---- */

/* What cannot be asked, by this person or of this daftard, is left out. */
static void
add_parts(struct bundle *b, const struct options *o)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		OWNED(json_t, data, json_decrefp) = NULL;
		OWNED(json_t, kept, json_decrefp) = NULL;
		OWNED(json_t, args, json_decrefp) = strcmp(parts[i].verb, "stats.series") == 0
							    ? json_pack("{s:i}", "hours", 168)
							    : json_object();

		if (ctl_call(o, parts[i].verb, args, &data) != E_OK)
			continue;
		kept = redact(&b->redactor, data, parts[i].kept);
		add_json(b, parts[i].file, kept, parts[i].sentence);
	}
	add_check(b, o);
	add_metrics(b, o);
	add_settings(b, o);
	add_machine(b);
	add_readme(b);
	buf_room(&b->tar, 2 * BLOCK);
	memset(b->tar.data + b->tar.size, 0, 2 * BLOCK);
	b->tar.size += 2 * BLOCK;
}

static enum err
write_new(const char *file, struct bytes content)
{
	OWNED_FD(fd) = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return E_IO;
	TRY(file_write_to(fd, content));
	return folder_sync_of(file);
}

void
print_bundle_list(const json_t *data)
{
	static const struct column columns[] = {
		{"file", "name", 20}, {"octets", "octets", 8}, {"holds", "holds", 0}};

	print_table(json_object_get(data, "files"), columns, ARRAY_LEN(columns));
	putchar('\n');
	print_field("written", "%s", text_of(data, "file"));
	print_field("next", "look into it before you send it: tar xzOf FILE | less");
}

int
ctl_support(const struct options *o, const struct command *c, json_t *args)
{
	const char *file = o->words[0];
	struct bundle b = {.now = instant_now()};
	OWNED(json_t, status, json_decrefp) = NULL;
	OWNED(json_t, done, json_decrefp) = NULL;
	OWNED_BUF(packed) = {0};
	int ended;
	enum err e;

	(void)args;
	e = ctl_call(o, "status", NULL, &status);
	if (e != E_OK)
		return ctl_complain(o, c, NULL, e);
	redactor_open(&b.redactor);
	b.files = json_array();
	add_parts(&b, o);
	gzip_add(buf_bytes(&b.tar), &packed);
	errno = 0;
	e = write_new(file, buf_bytes(&packed));
	done = json_pack("{s:s, s:I, s:O}", "file", file, "octets", (json_int_t)packed.size,
		"files", b.files);
	ended = e == E_OK ? ctl_end(o, c, file, done, e)
			  : ctl_fail(o, E_IO, "daftarctl help support-bundle", "%s: %s", file,
				    strerror(errno));
	redactor_close(&b.redactor);
	json_decref(b.files);
	buf_free(&b.tar);
	return ended;
}
