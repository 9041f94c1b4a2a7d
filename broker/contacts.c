/* SPDX-License-Identifier: EUPL-1.2
 *
 * A contact is one line, `KE.CRS: registration desk, +254 20 0000000, 08:00-17:00 EAT': the code of
 * a party, and what is shown as it stands. So it has to be text that nothing obeys. */
#include "broker/contacts.h"

#include <string.h>

#include "lib/obeyed.h"

#define CONTACT_MOST 200 /* octets */

static bool
is_shown_safely(const char *text)
{
	size_t left = strlen(text), length;

	if (left == 0 || left > CONTACT_MOST)
		return false;
	for (; left > 0; text += length, left -= length) {
		uint32_t c = char_of_utf8((const uint8_t *)text, left, &length);

		if (length == 0 || char_is_obeyed(c))
			return false;
	}
	return true;
}

/* The text behind the colon; NULL: it is no contact. */
static const char *
contact_read(const char *line, struct party *party)
{
	const char *colon = strchr(line, ':');
	char code[sizeof party->code];

	if (colon == NULL || (size_t)(colon - line) >= sizeof code)
		return NULL;
	memcpy(code, line, (size_t)(colon - line));
	code[colon - line] = '\0';
	if (!party_parse(code, party))
		return NULL;
	colon += 1 + strspn(colon + 1, " ");
	return is_shown_safely(colon) ? colon : NULL;
}

enum err
contacts_check(const struct conf *conf, FILE *said)
{
	const char *const *line;
	size_t n = conf_list(conf, "contacts", &line);
	struct party party;

	for (size_t i = 0; i < n; i++) {
		if (contact_read(line[i], &party) != NULL)
			continue;
		fprintf(said,
			"%s:%u: contacts: number %zu is not \"CODE: text\", with the code of a "
			"party and 1 to %d octets of text\n",
			conf_file(conf), conf_line(conf, "contacts"), i + 1, CONTACT_MOST);
		return E_CONFIG;
	}
	return E_OK;
}

json_t *
contacts_json(const struct conf *conf, const char *code)
{
	json_t *list = json_array();
	const char *const *line;
	size_t n = conf_list(conf, "contacts", &line);
	struct party party;

	for (size_t i = 0; i < n; i++) {
		const char *text = contact_read(line[i], &party);

		if (text != NULL && strcmp(party.code, code) == 0)
			json_array_append_new(list, json_string(text));
	}
	return list;
}
