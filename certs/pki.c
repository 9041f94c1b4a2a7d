/* SPDX-License-Identifier: EUPL-1.2
 *
 * How daftar-pki talks to people: refusals that say what is still safe and what to type next, and
 * fingerprints that two people compare over a telephone. Comparing is the one step of enrolment
 * that no program can do, so nothing goes on before somebody has said that it was done. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certs/pki.h"
#include "lib/buf.h"
#include "lib/id.h"

#define FINGERPRINT_DIGITS 32

const char *
option_value(const struct options *o, enum option which)
{
	return o->given[which].n ? o->given[which].value[0] : NULL;
}

bool
option_given(const struct options *o, enum option which)
{
	return o->given[which].n > 0;
}

long
option_days(const struct options *o, long fallback)
{
	const char *text = option_value(o, OPT_DAYS);

	return text ? strtol(text, NULL, 10) : fallback;
}

static struct arena *said;

static void
forget_said(void)
{
	arena_free(&said);
}

const char *
say(const char *fmt, ...)
{
	OWNED(char, text, free_chars) = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		die("no memory");
	va_end(args);
	if (!said) {
		said = arena_new();
		atexit(forget_said);
	}
	return arena_text(said, text);
}

enum err
refuse(enum err code, const char *what, const char *safe, const char *next)
{
	fprintf(stderr, "daftar-pki: %s\n", what);
	fprintf(stderr, "  why:  %s [%s]\n", err_sentence(code), err_word(code));
	fprintf(stderr, "  safe: %s\n", safe);
	if (next)
		fprintf(stderr, "  next: %s\n", next);
	return code;
}

void
fingerprint_format(const struct digest *d, char out[FINGERPRINT_SIZE])
{
	char hex[DIGEST_TEXT_SIZE];
	size_t n = 0;

	digest_format(d, hex);
	for (size_t i = 0; i < FINGERPRINT_DIGITS; i++) {
		if (i > 0 && i % 4 == 0)
			out[n++] = ' ';
		out[n++] = hex[i];
	}
	out[n] = '\0';
}

bool
fingerprint_fits(const struct digest *d, const char *typed)
{
	char hex[DIGEST_TEXT_SIZE];
	size_t n = 0;

	digest_format(d, hex);
	for (; *typed; typed++) {
		if (strchr(" :-", *typed))
			continue;
		if (n == DIGEST_TEXT_SIZE - 1 || tolower((unsigned char)*typed) != hex[n])
			return false;
		n++;
	}
	return n >= FINGERPRINT_DIGITS;
}

static bool
person_agrees(const char *whose, const char *print)
{
	char line[16] = "";

	printf("fingerprint of %s: %s\n"
	       "Call them and let them read theirs. Is it the same? Type yes or no: ",
		whose, print);
	fflush(stdout);
	return fgets(line, sizeof(line), stdin) && strcmp(line, "yes\n") == 0;
}

enum err
fingerprint_check(const struct digest *d, const char *typed, const char *whose, const char *next)
{
	char print[FINGERPRINT_SIZE];

	fingerprint_format(d, print);
	if (typed)
		return fingerprint_fits(d, typed) ? E_OK
						  : refuse(E_STATE,
							    say("the fingerprint of %s is not the "
								"one that was given: %s",
								    whose, print),
							    "nothing was changed; the file may "
							    "have been replaced on the way",
							    "call the other side, read both "
							    "fingerprints aloud, ask for the "
							    "file again");
	if (isatty(STDIN_FILENO) && person_agrees(whose, print))
		return E_OK;
	return refuse(E_STATE, say("the fingerprint of %s has not been compared: %s", whose, print),
		"nothing was changed", say("call them, compare, then: %s", next));
}
