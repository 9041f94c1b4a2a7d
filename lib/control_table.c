/* SPDX-License-Identifier: EUPL-1.2
 *
 * The table of verbs: the roles' words, arguments held against their row, and the row as it is
 * told. A handler is never called with an argument that its row does not know, or of another type.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/control.h"
#include "lib/id.h"

#define TEXT_MOST 4096
#define REASON_MOST 200

static const struct {
	enum control_role role;
	const char *word;
} roles[CONTROL_ROLES] = {
	{CONTROL_VIEWER, "viewer"},
	{CONTROL_OPERATOR, "operator"},
	{CONTROL_SECURITY, "security"},
	{CONTROL_AUDITOR, "auditor"},
};

static const struct {
	const char *word, *wants;
} types[] = {
	[CONTROL_TEXT] = {"text", "a string"},
	[CONTROL_LONG] = {"long text", "a string"},
	[CONTROL_NUMBER] = {"number", "a whole number"},
	[CONTROL_SWITCH] = {"switch", "true or false"},
	[CONTROL_PARTY] = {"party", "a party, such as KE.CRS"},
	[CONTROL_MESSAGE] = {"message", "a message id or a tracking number"},
	[CONTROL_DIGEST] = {"digest", "a SHA-256, 64 hex digits"},
	[CONTROL_REASON] = {"reason", "1 to 200 printable ASCII characters"},
	[CONTROL_WHEN] = {"time", "a day, an instant, or ms UTC as a number"},
};

const char *
control_role_word(enum control_role role)
{
	for (size_t i = 0; i < CONTROL_ROLES; i++)
		if (roles[i].role == role)
			return roles[i].word;
	return "none";
}

bool
control_role_parse(const char *word, enum control_role *out)
{
	for (size_t i = 0; i < CONTROL_ROLES; i++)
		if (strcmp(roles[i].word, word) == 0) {
			*out = roles[i].role;
			return true;
		}
	return false;
}

/* ---- arguments ---- */

static bool
is_reason(const char *text, size_t size)
{
	if (size == 0 || size > REASON_MOST)
		return false;
	for (size_t i = 0; i < size; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

static bool
names_message(const char *text)
{
	char tracking[TRACKING_SIZE];
	struct id id;

	return id_parse(text, &id) || tracking_parse(text, tracking);
}

static bool
fits_text(const struct control_arg *a, const json_t *value)
{
	const char *text = json_string_value(value);
	size_t size = json_string_length(value);
	struct digest digest;
	struct party party;

	if (text == NULL || strlen(text) != size)
		return false;
	switch (a->type) {
	case CONTROL_TEXT:
	case CONTROL_WHEN:
		return size <= (a->most > 0 ? (size_t)a->most : TEXT_MOST);
	case CONTROL_PARTY:
		return party_parse(text, &party);
	case CONTROL_MESSAGE:
		return names_message(text);
	case CONTROL_DIGEST:
		return digest_parse(text, &digest);
	case CONTROL_REASON:
		return is_reason(text, size);
	case CONTROL_LONG:
	case CONTROL_NUMBER:
	case CONTROL_SWITCH:
		break;
	}
	return true;
}

static bool
fits_number(const struct control_arg *a, const json_t *value)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value))
		return false;
	if (a->least == 0 && a->most == 0)
		return n >= 0;
	return n >= a->least && n <= a->most;
}

static bool
fits(const struct control_arg *a, const json_t *value)
{
	if (a->type == CONTROL_SWITCH)
		return json_is_boolean(value);
	if (a->type == CONTROL_WHEN && json_is_integer(value))
		return json_integer_value(value) >= 0;
	return a->type == CONTROL_NUMBER ? fits_number(a, value) : fits_text(a, value);
}

/* Of what a stranger has typed, what can be shown. */
static void
shown(const char *text, char out[CONTROL_NAME_SIZE])
{
	size_t n = 0;

	for (; text[n] != '\0' && n < CONTROL_NAME_SIZE - 1; n++)
		out[n] = text[n] > ' ' && text[n] <= '~' ? text[n] : '?';
	out[n] = '\0';
}

static void
list_args(const struct control_verb *v, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (const struct control_arg *a = v->args; a->name != NULL && n < size; a++) {
		const char *form = a->need == CONTROL_REQUIRED ? "%s%s" : "%s[%s]";
		int got = snprintf(out + n, size - n, form, n > 0 ? " " : "", a->name);

		n += got > 0 ? (size_t)got : 0;
	}
}

static enum err
check_known(const struct control_verb *v, const json_t *args, char *sentence, size_t size)
{
	char name[CONTROL_NAME_SIZE], known[512];
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)args, key, value)
	{
		const struct control_arg *a = v->args;

		while (a->name != NULL && strcmp(a->name, key) != 0)
			a++;
		if (a->name != NULL)
			continue;
		shown(key, name);
		list_args(v, known, sizeof known);
		snprintf(sentence, size, "%s has no argument `%s'; it takes %s", v->name, name,
			known[0] != '\0' ? known : "none");
		return E_USAGE;
	}
	return E_OK;
}

static enum err
check_arg(const struct control_verb *v, const struct control_arg *a, const json_t *args,
	char *sentence, size_t size)
{
	const json_t *value = json_object_get(args, a->name);
	char range[64] = "";

	if (value == NULL && a->need == CONTROL_OPTIONAL)
		return E_OK;
	if (value != NULL && fits(a, value))
		return E_OK;
	if (a->type == CONTROL_NUMBER && a->most > 0)
		snprintf(range, sizeof range, " from %lld to %lld", (long long)a->least,
			(long long)a->most);
	snprintf(sentence, size, "%s: the argument `%s' %s %s%s: %s", v->name, a->name,
		value == NULL ? "is missing, it is" : "must be", types[a->type].wants, range,
		a->sentence);
	return E_USAGE;
}

enum err
control_check_args(const struct control_verb *v, const json_t *args, char *sentence, size_t size)
{
	if ((v->flags & CONTROL_FREE) == 0)
		TRY(check_known(v, args, sentence, size));
	for (const struct control_arg *a = v->args; a->name != NULL; a++)
		TRY(check_arg(v, a, args, sentence, size));
	return E_OK;
}

/* ---- the table ---- */

static json_t *
arg_json(const struct control_arg *a)
{
	json_t *o = json_pack("{s:s, s:s, s:b, s:s}", "name", a->name, "type", types[a->type].word,
		"required", a->need == CONTROL_REQUIRED, "sentence", a->sentence);

	if (a->most > 0) {
		json_object_set_new(o, "least", json_integer(a->least));
		json_object_set_new(o, "most", json_integer(a->most));
	}
	return o;
}

static json_t *
roles_json(unsigned set)
{
	json_t *list = json_array();

	for (size_t i = 0; i < CONTROL_ROLES; i++)
		if ((set & roles[i].role) != 0)
			json_array_append_new(list, json_string(roles[i].word));
	return list;
}

json_t *
control_verb_json(const struct control_verb *v)
{
	json_t *list = json_array();
	char args[512];

	for (const struct control_arg *a = v->args; a->name != NULL; a++)
		json_array_append_new(list, arg_json(a));
	list_args(v, args, sizeof args);
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:b, s:b}", "verb", v->name, "args", args,
		"sentence", v->sentence, "arguments", list, "roles", roles_json(v->roles),
		"changes", (v->flags & CONTROL_CHANGES) != 0, "two_officers",
		(v->flags & CONTROL_TWO) != 0);
}

const struct control_verb *
control_find(const struct control_verb *verbs, const char *name)
{
	for (const struct control_verb *v = verbs; v->name != NULL; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}
