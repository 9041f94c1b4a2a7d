/* SPDX-License-Identifier: EUPL-1.2
 *
 * One event, one line, one write(2): lines of several processes that share a standard error never
 * mix. Control characters are replaced, so that no text from outside can forge a line. */
#include "lib/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log_journal.h"

static const char *program = "daftar";
static enum log_level most = LOG_NOTICE;
static bool journal;	    /* standard error is systemd's journal .. */
static int journal_fd = -1; /* .. and this its socket .. */
static pid_t journal_pid;   /* .. of this process; a child may have closed it */

static const int priorities[] = {3, 4, 5, 7};

void
log_open(const char *name, enum log_level level)
{
	program = name;
	most = level;
	journal = getenv("JOURNAL_STREAM") != NULL;
	close_fd(&journal_fd);
	if (journal_is(STDERR_FILENO, getenv("JOURNAL_STREAM")))
		journal_fd = journal_open(JOURNAL_SOCKET);
	journal_pid = getpid();
}

void
log_level_set(enum log_level level)
{
	most = level;
}

static size_t
log_head(char *line, size_t size, enum log_level level)
{
	static const char *const words[] = {"error: ", "warning: ", "", ""};
	char when[INSTANT_TEXT_SIZE];
	int n;

	if (journal)
		n = snprintf(line, size, "<%d>%s", priorities[level], words[level]);
	else {
		instant_format(instant_now(), when);
		n = snprintf(
			line, size, "%s %s[%d]: %s", when, program, (int)getpid(), words[level]);
	}
	return (size_t)n;
}

/* With fields; false: as a line on standard error, as everywhere else. */
static bool
to_journal(enum log_level level, char *line, size_t n)
{
	OWNED_BUF(entry) = {0};

	if (journal_fd < 0 || getpid() != journal_pid)
		return false;
	line[n] = '\0';
	journal_entry(&entry, program, priorities[level], line + strlen("<7>"));
	return journal_send(journal_fd, buf_bytes(&entry));
}

/* What a person has written stands last and between quotes; one of his own could end it early, and
 * what follows would read as a field of ours. */
static void
keep_inside_quotes(char *line, size_t n)
{
	char *reason;

	line[n] = '\0';
	reason = strstr(line, " reason=\"");
	if (reason == NULL)
		return;
	for (char *c = reason + strlen(" reason=\""); c + 1 < line + n; c++)
		if (*c == '"')
			*c = '\'';
}

static void
log_write(enum log_level level, const struct id *id, const char *fmt, va_list ap)
{
	char line[1024];
	size_t n;
	int more;

	if (level > most)
		return;
	n = log_head(line, sizeof line, level);
	if (id != NULL) {
		id_format(id, line + n);
		n += ID_TEXT_SIZE - 1;
		line[n++] = ' ';
	}
	more = vsnprintf(line + n, sizeof line - n - 1, fmt, ap);
	if (more > 0)
		n += (size_t)more < sizeof line - n - 1 ? (size_t)more : sizeof line - n - 2;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	keep_inside_quotes(line, n);
	if (to_journal(level, line, n))
		return;
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0)
		return; /* nowhere left to say it */
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_write(level, NULL, fmt, ap);
	va_end(ap);
}

void
log_message(enum log_level level, const struct id *id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_write(level, id, fmt, ap);
	va_end(ap);
}
