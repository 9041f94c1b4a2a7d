/* SPDX-License-Identifier: EUPL-1.2
 *
 * Choosing from a list by number, by word or by the beginning of the sentence. */
#include <string.h>
#include <strings.h>

#include "liaison/ask.h"

static int
only_beginning(const struct choice *list, size_t n, const char *typed)
{
	int found = -1;

	for (size_t i = 0; i < n; i++) {
		if (strncasecmp(list[i].sentence, typed, strlen(typed)) != 0 &&
			strncasecmp(list[i].word, typed, strlen(typed)) != 0)
			continue;
		if (found >= 0)
			return -1;
		found = (int)i;
	}
	return found;
}

/* A number in European, Arabic or Persian digits; 0: none. */
static size_t
number_of(const char *typed)
{
	size_t number = 0;

	for (const uint8_t *s = (const uint8_t *)typed; *s != '\0'; s++) {
		unsigned digit;

		if (*s >= '0' && *s <= '9')
			digit = *s - '0';
		else if (s[0] == 0xd9 && s[1] >= 0xa0 && s[1] <= 0xa9)
			digit = *++s - 0xa0u;
		else if (s[0] == 0xdb && s[1] >= 0xb0 && s[1] <= 0xb9)
			digit = *++s - 0xb0u;
		else
			return 0;
		if (number > 100000)
			return 0;
		number = number * 10 + digit;
	}
	return number;
}

int
ask_meant(const struct choice *list, size_t n, const char *typed)
{
	size_t number = number_of(typed);

	if (number >= 1 && number <= n)
		return (int)number - 1;
	if (number != 0 || typed[0] == '\0')
		return -1;
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(list[i].word, typed) == 0)
			return (int)i;
	return only_beginning(list, n, typed);
}

static void
say_list(const struct choice *list, size_t n, int fallback)
{
	for (size_t i = 0; i < n; i++)
		ask_say("  %2zu  %s%s\n", i + 1, list[i].sentence,
			(int)i == fallback ? _(" (Enter)") : "");
}

enum answer
ask_choice(const struct choice *list, size_t n, int fallback, size_t *chosen)
{
	OWNED_BUF(typed) = {0};
	enum answer a;
	int meant;

	say_list(list, n, fallback);
	while (true) {
		a = ask_line(NULL, &typed);
		if (a == ANSWER_NONE && fallback >= 0) {
			*chosen = (size_t)fallback;
			return ANSWER_GIVEN;
		}
		if (a != ANSWER_GIVEN && a != ANSWER_NONE)
			return a;
		meant = a == ANSWER_NONE ? -1 : ask_meant(list, n, (char *)typed.data);
		if (meant >= 0) {
			*chosen = (size_t)meant;
			return ANSWER_GIVEN;
		}
		ask_say(N_("Type a number from 1 to %zu, or ? for help.\n"), n);
	}
}

enum answer
ask_yes(int fallback, bool *yes)
{
	const struct choice list[2] = {{"yes", _("yes")}, {"no", _("no")}};
	OWNED_BUF(typed) = {0};
	enum answer a;
	int meant;

	if (fallback >= 0)
		ask_say(fallback ? N_("(yes or no; Enter: yes)\n")
				 : N_("(yes or no; Enter: no)\n"));
	else
		ask_say(N_("(yes or no)\n"));
	while (true) {
		a = ask_line(NULL, &typed);
		if (a == ANSWER_NONE && fallback >= 0) {
			*yes = fallback;
			return ANSWER_GIVEN;
		}
		if (a != ANSWER_GIVEN && a != ANSWER_NONE)
			return a;
		meant = a == ANSWER_NONE ? -1 : ask_meant(list, 2, (char *)typed.data);
		if (meant >= 0) {
			*yes = meant == 0;
			return ANSWER_GIVEN;
		}
		ask_say(N_("Type yes or no, or ? for help.\n"));
	}
}
