/* SPDX-License-Identifier: EUPL-1.2
 *
 * A program on a terminal of its own, and somebody who types and looks:
 *
 *	terminal [--size COLUMNSxROWS] [--timeout SECONDS] [--record FILE] [--term NAME]
 *		 [--utf8] [--bytes] COMMAND [ARGUMENT]... <script
 *
 * The script is a line a step; the table below says which there are. Each waits for what it names
 * to come about, for ten seconds at most, and never longer than that takes. Status 0: every step
 * held; 1: one did not, and the screen was printed; 2: the script is not understood. A text may
 * hold \n, \t, \e, \s (space), \\, \xHH and \u{HEX}. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/id.h"
#include "lib/text.h"
#include "tests/tools/terminal.h"

#define SCRIPT_MOST (1 << 20)

/* ---- waiting ---- */

static const char *
text_of(const struct buf *b)
{
	return b->data == NULL ? "" : (const char *)b->data;
}

/* Until it holds; whether it did. */
static bool
wait_for(bool (*holds)(const char *text), const char *text)
{
	int64_t until = monotonic_now() + t.wait;

	while (!holds(text))
		if (!line_happens(until)) {
			if (!t.closed)
				line_take();
			return holds(text);
		}
	return true;
}

/* Where the text ends behind `from', 0: it is not there. Texts are compared in normal form C: a
 * letter with a mark is one, however it was written. */
static size_t
find(const char *text, bool whole, size_t from)
{
	OWNED_BUF(shown) = {0};
	OWNED_BUF(all) = {0};
	OWNED_BUF(wanted) = {0};
	const char *found;

	screen_text(t.screen, whole, &shown);
	if (text_nfc(text_of(&shown), &all) != E_OK || text_nfc(text, &wanted) != E_OK)
		die("script line %d: this is no text", t.step);
	if (from > all.size)
		return 0;
	found = strstr(text_of(&all) + from, text_of(&wanted));
	return found == NULL ? 0 : (size_t)(found - text_of(&all)) + wanted.size;
}

static bool
is_next(const char *text)
{
	size_t end = find(text, true, t.looked);

	if (end != 0)
		t.looked = end;
	return end != 0;
}

static bool
is_there(const char *text)
{
	t.looked = 0;
	return is_next(text);
}

static bool
is_absent(const char *text)
{
	return find(text, true, 0) == 0;
}

static bool
is_seen(const char *text)
{
	return find(text, false, 0) != 0;
}

static bool
is_unseen(const char *text)
{
	return !is_seen(text);
}

static bool
is_typed(const char *text)
{
	(void)text;
	return t.typed.size == 0;
}

static bool
has_ended(const char *text)
{
	(void)text;
	return t.ended;
}

static bool
is_restored(const char *text)
{
	struct termios now;
	const tcflag_t usual = ICANON | ECHO | ISIG | IEXTEN;

	(void)text;
	return tcgetattr(t.line, &now) == 0 && (now.c_lflag & usual) == usual &&
	       (now.c_oflag & (OPOST | ONLCR)) == (OPOST | ONLCR) && (now.c_iflag & ICRNL) != 0 &&
	       !screen_is_taken(t.screen);
}

/* ---- steps: each says what does not hold, or NULL ---- */

static const char *
late(void)
{
	static char text[64];

	if (t.ended)
		snprintf(text, sizeof text, "the command had ended with %d", t.status);
	else
		snprintf(text, sizeof text, "not within %.1f s", (double)t.wait / 1000);
	return text;
}

static const char *
step_expect(const char *text)
{
	return wait_for(is_there, text) ? NULL : late();
}

static const char *
step_next(const char *text)
{
	return wait_for(is_next, text) ? NULL : late();
}

static const char *
step_absent(const char *text)
{
	return wait_for(is_absent, text) ? NULL : "it is there";
}

static const char *
step_see(const char *text)
{
	return wait_for(is_seen, text) ? NULL : late();
}

static const char *
step_unseen(const char *text)
{
	return wait_for(is_unseen, text) ? NULL : "it is there";
}

static const char *
step_type(const char *text)
{
	buf_text(&t.typed, text);
	return wait_for(is_typed, text) ? NULL : late();
}

static const char *
step_line(const char *text)
{
	buf_text(&t.typed, text);
	return step_type("\r");
}

static const char *
step_key(const char *name)
{
	if (!screen_key(t.screen, name))
		die("script line %d: there is no key %s", t.step, name);
	return wait_for(is_typed, name) ? NULL : late();
}

static const char *
step_size(const char *text)
{
	if (sscanf(text, "%dx%d", &t.columns, &t.rows) != 2 || t.columns < 1 || t.rows < 1)
		die("script line %d: COLUMNSxROWS, not %s", t.step, text);
	screen_resize(t.screen, t.columns, t.rows);
	recording_resize(t.recording, t.columns, t.rows);
	line_size();
	return NULL;
}

static void
show_screen(FILE *to)
{
	for (int row = 0; row < t.rows; row++) {
		OWNED_BUF(b) = {0};

		screen_row(t.screen, row, &b);
		fprintf(to, "%s\n", text_of(&b));
	}
}

static const char *
step_screen(const char *file)
{
	FILE *to = strcmp(file, "-") == 0 ? stdout : fopen(file, "w");

	if (to == NULL)
		die("%s", file);
	show_screen(to);
	if (fflush(to) != 0 || (to != stdout && fclose(to) != 0))
		die("%s", file);
	return NULL;
}

static const struct {
	const char *name;
	int number;
} signals[] = {
	{"TERM", SIGTERM},
	{"HUP", SIGHUP},
	{"INT", SIGINT},
	{"QUIT", SIGQUIT},
	{"TSTP", SIGTSTP},
	{"CONT", SIGCONT},
	{"SEGV", SIGSEGV},
	{"ABRT", SIGABRT},
	{"KILL", SIGKILL},
};

static const char *
step_signal(const char *name)
{
	pid_t group = 0;

	if (ioctl(t.line, TIOCGPGRP, &group) != 0 || group <= 0)
		group = t.pid;
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		if (strcmp(signals[i].name, name) == 0)
			return kill(-group, signals[i].number) == 0 ? NULL : strerror(errno);
	die("script line %d: there is no signal %s", t.step, name);
}

static const char *
step_kill(const char *text)
{
	(void)text;
	if (!t.ended)
		kill(t.pid, SIGKILL);
	return wait_for(has_ended, "") ? NULL : late();
}

static const char *
step_hangup(const char *text)
{
	(void)text;
	close(t.line);
	t.line = -1;
	t.closed = true;
	return NULL;
}

static const char *
step_ends(const char *text)
{
	static char what[64];

	if (!wait_for(has_ended, text))
		return "it has not ended";
	while (!t.closed && line_take())
		;
	snprintf(what, sizeof what, "it ended with %d", t.status);
	return t.status == atoi(text) ? NULL : what;
}

static const char *
step_restored(const char *text)
{
	return wait_for(is_restored, text) ? NULL : "it is not";
}

static const char *
step_colours(const char *text)
{
	bool is = screen_is_coloured(t.screen);

	return is == (strcmp(text, "on") == 0) ? NULL : is ? "there are some" : "there are none";
}

static const char *
step_marks(const char *text)
{
	bool is = screen_is_marked(t.screen);

	return is == (strcmp(text, "on") == 0) ? NULL : is ? "there are some" : "there are none";
}

static const char *
step_run(const char *command)
{
	int status = system(command);

	return status == 0 ? NULL : "it failed";
}

/* ---- the script ---- */

static const struct step {
	const char *word;
	const char *(*run)(const char *text);
	bool has_text;
	const char *means;
} steps[] = {
	{"expect", step_expect, true, "TEXT is or was on the screen, scrolled off or not"},
	{"next", step_next, true, "the same, behind what was expected last"},
	{"absent", step_absent, true, "TEXT is not there, scrolled off or not"},
	{"see", step_see, true, "TEXT is on the screen now"},
	{"unseen", step_unseen, true, "TEXT is not on the screen now"},
	{"type", step_type, true, "TEXT, as it stands, without Enter"},
	{"line", step_line, true, "TEXT and Enter"},
	{"key", step_key, true, "Enter, Up, PageDown, F1, ^C, Shift-Tab, Alt-x, a letter"},
	{"size", step_size, true, "COLUMNSxROWS, from now on"},
	{"screen", step_screen, true, "writes the screen to FILE, - for standard output"},
	{"signal", step_signal, true, "TERM, HUP, .. to the group in front"},
	{"kill", step_kill, false, "SIGKILL to the command"},
	{"hangup", step_hangup, false, "the terminal goes away"},
	{"ends", step_ends, true, "the command ends with this status, 128 + N by a signal"},
	{"restored", step_restored, false, "lines, echo, signals, cursor, the usual screen"},
	{"colours", step_colours, true, "on, off: anything on the screen is coloured"},
	{"marks", step_marks, true, "on, off: anything is bold, underlined or reversed"},
	{"run", step_run, true, "a shell's COMMAND beside it, that has to succeed"},
};

static void
meant(const char *text, struct buf *out)
{
	static const char short_for[] = "n\nt\te\033s \\\\";
	const char *s;

	for (; *text != '\0'; text++) {
		if (*text != '\\' || text[1] == '\0') {
			buf_u8(out, (uint8_t)*text);
			continue;
		}
		text++;
		if (*text == 'x' && text[1] != '\0' && text[2] != '\0') {
			buf_u8(out, (uint8_t)strtoul((char[]){text[1], text[2], '\0'}, NULL, 16));
			text += 2;
		} else if (*text == 'u' && text[1] == '{' && strchr(text, '}') != NULL) {
			screen_character(out, (uint32_t)strtoul(text + 2, NULL, 16));
			text = strchr(text, '}');
		} else {
			s = strchr(short_for, *text);
			buf_u8(out, s != NULL ? (uint8_t)s[1] : (uint8_t)*text);
		}
	}
}

static void
show_failure(const char *line, const char *why)
{
	OWNED_BUF(all) = {0};

	fprintf(stderr, "terminal: line %d of the script: %s: %s\n", t.step, line, why);
	screen_text(t.screen, true, &all);
	fprintf(stderr, "---- all lines, those that scrolled off first ----\n%s", text_of(&all));
	fprintf(stderr, "---- the screen, %dx%d ----\n", t.columns, t.rows);
	show_screen(stderr);
	fprintf(stderr, "----\n");
}

static bool
run_step(char *line)
{
	OWNED_BUF(text) = {0};
	size_t length = strcspn(line, " ");
	const char *rest = line[length] == ' ' ? line + length + 1 : "";

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		const char *why;

		if (strlen(steps[i].word) != length || strncmp(steps[i].word, line, length) != 0)
			continue;
		if (steps[i].has_text != (rest[0] != '\0'))
			break;
		if (steps[i].run == step_run)
			buf_text(&text, rest);
		else
			meant(rest, &text);
		why = steps[i].run(text_of(&text));
		if (why != NULL)
			show_failure(line, why);
		return why == NULL;
	}
	fprintf(stderr, "terminal: line %d of the script is not understood: %s\n", t.step, line);
	exit(2);
}

static bool
run_script(char *script)
{
	char *line;

	while ((line = strsep(&script, "\n")) != NULL) {
		t.step++;
		line += strspn(line, " \t");
		if (line[0] != '\0' && line[0] != '#' && !run_step(line))
			return false;
	}
	return true;
}

static void
usage(void)
{
	fprintf(stderr, "usage: terminal [--size COLUMNSxROWS] [--timeout SECONDS] [--record FILE] "
			"[--term NAME] [--utf8] [--bytes] COMMAND [ARGUMENT]... <script\n");
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		fprintf(stderr, "  %-9s %s\n", steps[i].word, steps[i].means);
	exit(2);
}

/* Returns where the command begins. */
static int
read_options(char **argv)
{
	int i = 1;

	for (; argv[i] != NULL && strncmp(argv[i], "--", 2) == 0; i++) {
		const char *value = argv[i + 1];

		if (strcmp(argv[i], "--") == 0)
			return i + 1;
		if (strcmp(argv[i], "--utf8") == 0 || strcmp(argv[i], "--bytes") == 0) {
			t.bytes = argv[i][2] == 'b';
			continue;
		}
		if (value == NULL)
			usage();
		if (strcmp(argv[i], "--record") == 0)
			t.record = value;
		else if (strcmp(argv[i], "--term") == 0)
			t.term = value;
		else if (strcmp(argv[i], "--timeout") == 0)
			t.wait = (int64_t)(strtod(value, NULL) * 1000);
		else if (strcmp(argv[i], "--size") != 0 ||
			 sscanf(value, "%dx%d", &t.columns, &t.rows) != 2)
			usage();
		i++;
	}
	return i;
}

int
main(int argc, char **argv)
{
	OWNED_BUF(script) = {0};
	int first = read_options(argv);
	bool held;

	if (first >= argc || t.columns < 1 || t.rows < 1)
		usage();
	if (file_read_from(0, SCRIPT_MOST, &script) != E_OK)
		die("the script");
	signal(SIGPIPE, SIG_IGN);
	t.screen = screen_new(t.columns, t.rows, &t.typed);
	if (t.record != NULL)
		t.recording = recording_new(t.record, t.columns, t.rows);
	line_start(argv + first);
	held = run_script(script.data == NULL ? (char[]){""} : (char *)script.data);
	if (!t.ended) {
		kill(t.pid, SIGKILL);
		waitpid(t.pid, NULL, 0);
	}
	recording_free(&t.recording);
	screen_free(&t.screen);
	buf_free(&t.typed);
	return held ? 0 : 1;
}
