/* SPDX-License-Identifier: EUPL-1.2
 *
 * An entry is lines "FIELD=value" in one datagram. What a value holds never has a line end: the log
 * has taken them out. */
#include "lib/log_journal.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lib/id.h"

bool
journal_is(int fd, const char *stream)
{
	unsigned long long device, inode;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(fd, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

int
journal_open(const char *path)
{
	OWNED_FD(fd) = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int ours;

	if (fd < 0 || !copy_text(to.sun_path, sizeof to.sun_path, path) ||
		connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		return -1;
	ours = fd;
	fd = -1;
	return ours;
}

bool
journal_send(int fd, struct bytes entry)
{
	return send(fd, entry.data, entry.size, MSG_NOSIGNAL) == (ssize_t)entry.size;
}

/* ---- an entry ---- */

static const struct {
	const char *key, *field;
} known[] = {
	{"code", "DAFTAR_CODE"},
	{"party", "DAFTAR_PARTY"},
	{"peer", "DAFTAR_PARTY"},
	{"from", "DAFTAR_FROM"},
	{"to", "DAFTAR_TO"},
	{"action", "DAFTAR_ACTION"},
	{"seq", "DAFTAR_SEQ"},
	{"rule", "DAFTAR_RULE"},
	{"alert", "DAFTAR_ALERT"},
	{"change", "DAFTAR_CHANGE"},
	{"kind", "DAFTAR_KIND"},
};

/* What every alert has, so that they can be asked for together (journalctl MESSAGE_ID=..). */
#define ALERT_ID "b2c1f6d1f0a84c55a3d07a6f2f6b4e19"

static void
add_field(struct buf *out, const char *field, const char *value, size_t size)
{
	buf_printf(out, "%s=%.*s\n", field, (int)size, value);
}

static void
add_word(struct buf *out, const char *word, size_t size)
{
	const char *equals = memchr(word, '=', size);
	size_t key = equals == NULL ? 0 : (size_t)(equals - word);

	for (size_t i = 0; key > 0 && i < ARRAY_LEN(known); i++)
		if (strlen(known[i].key) == key && memcmp(known[i].key, word, key) == 0 &&
			size > key + 1)
			add_field(out, known[i].field, equals + 1, size - key - 1);
	if (key == 5 && memcmp(word, "alert", 5) == 0)
		buf_text(out, "MESSAGE_ID=" ALERT_ID "\n");
}

/* The id in front, and the words "key=value" up to what a person has written. */
static void
add_fields(struct buf *out, const char *text)
{
	char id[ID_TEXT_SIZE];
	struct id parsed;

	if (strlen(text) >= ID_TEXT_SIZE - 1) {
		memcpy(id, text, ID_TEXT_SIZE - 1);
		id[ID_TEXT_SIZE - 1] = '\0';
		if (id_parse(id, &parsed))
			add_field(out, "DAFTAR_MESSAGE", id, ID_TEXT_SIZE - 1);
	}
	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (strncmp(text, "reason=", 7) == 0)
			return;
		if (n > 0)
			add_word(out, text, text[n - 1] == ':' ? n - 1 : n);
		text += n + strspn(text + n, " ");
	}
}

void
journal_entry(struct buf *out, const char *program, int priority, const char *text)
{
	buf_printf(out, "PRIORITY=%d\nSYSLOG_IDENTIFIER=%s\nMESSAGE=%s\n", priority, program, text);
	add_fields(out, text);
}
