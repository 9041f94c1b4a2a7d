/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is done with a line of the control protocol: who asks, whether his roles allow it, whether
 * the arguments are those of the row, and only then the handler. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>

#include "lib/control_parts.h"

/* ---- answers ---- */

void
client_send(struct client *c, json_t *object)
{
	OWNED(char, line, free_chars) = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
	struct evbuffer *out;

	json_decref(object);
	if (line == NULL)
		die("an answer cannot be written");
	if (c->stream == NULL) {
		c->answer = TAKE(line);
		return;
	}
	out = bufferevent_get_output(c->stream);
	if (evbuffer_add(out, line, strlen(line)) != 0 || evbuffer_add(out, "\n", 1) != 0)
		die("memory");
}

static void
answer_data(struct client *c, json_t *data)
{
	client_send(
		c, json_pack("{s:b, s:o}", "ok", 1, "data", data != NULL ? data : json_object()));
}

void
client_answer_error(struct client *c, enum err e, const char *sentence)
{
	client_send(c, json_pack("{s:b, s:s, s:s}", "ok", 0, "code", err_word(e), "sentence",
			       sentence != NULL ? sentence : err_sentence(e)));
}

/* ---- persons ---- */

bool
control_is_almighty(uid_t user)
{
	return user == 0 || user == geteuid();
}

bool
control_find_person(const struct control_server *s, uid_t user, struct control_person *out)
{
	*out = (struct control_person){.uid = user};
	snprintf(out->name, sizeof out->name, user == 0 ? "root" : "uid %u", (unsigned)user);
	for (size_t i = 0; i < s->n_persons; i++)
		if (s->persons[i].uid == user) {
			*out = s->persons[i];
			break;
		}
	if (control_is_almighty(user)) {
		out->roles = CONTROL_LOOKS;
		out->speaks = true;
	}
	return out->roles != 0;
}

/* ---- verbs ---- */

/* What every daemon has. */
static const struct control_verb own_verbs[] = {
	{"verbs", CONTROL_LOOKS, 0, "list these verbs", NULL, {{0}}},
	{"watch", CONTROL_LOOKS, 0, "answer, then tell events, one a line, until you go", NULL,
		{{0}}},
	{0},
};

static json_t *
verbs_table(const struct control_verb *verbs)
{
	json_t *rows = json_array();

	for (const struct control_verb *v = verbs; v->name != NULL; v++)
		json_array_append_new(rows, control_verb_json(v));
	for (const struct control_verb *v = own_verbs; v->name != NULL; v++)
		json_array_append_new(rows, control_verb_json(v));
	return json_pack("{s:o}", "verbs", rows);
}

/* Whoever has one of these roles, by name. */
static void
list_holders(const struct control_server *s, unsigned roles, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < s->n_persons && n < size; i++) {
		const struct control_person *p = &s->persons[i];
		int got;

		if ((p->roles & roles) == 0 || p->speaks)
			continue;
		got = snprintf(out + n, size - n, "%s%s", n > 0 ? ", " : "", p->name);
		n += got > 0 ? (size_t)got : 0;
	}
	if (n == 0)
		snprintf(out, size, "root alone");
}

static void
refuse_role(struct client *c, const struct control_verb *v)
{
	char holders[256], sentence[640], roles[64] = "";

	for (unsigned bit = 1; bit <= CONTROL_AUDITOR; bit <<= 1)
		if ((v->roles & bit) != 0) {
			size_t n = strlen(roles);

			snprintf(roles + n, sizeof roles - n, "%s%s", n > 0 ? " or " : "",
				control_role_word(bit));
		}
	list_holders(c->server, v->roles, holders, sizeof holders);
	snprintf(sentence, sizeof sentence,
		"%s needs the role %s, which %s has not; nothing was done. Ask: %s", v->name, roles,
		c->server->who.person.name, holders);
	client_answer_error(c, E_ROLE, sentence);
}

static void
call_verb(struct client *c, const struct control_verb *v, const json_t *args)
{
	struct control_server *s = c->server;
	json_t *data = NULL;
	enum err e;

	s->said[0] = '\0';
	e = v->handle(s->context, args, &data);
	if (e == E_OK) {
		answer_data(c, data);
		return;
	}
	json_decref(data); /* what was ready before it failed */
	client_answer_error(c, e, s->said[0] != '\0' ? s->said : NULL);
}

static void
call_own(struct client *c, const struct control_verb *v)
{
	if (strcmp(v->name, "verbs") == 0) {
		answer_data(c, verbs_table(c->server->verbs));
		return;
	}
	if (c->stream == NULL) {
		client_answer_error(c, E_USAGE, "what happens is told at the control socket only");
		return;
	}
	c->watches = true;
	answer_data(c, NULL);
}

/* Who asks: the user at the other end, or the one for whom he may speak. */
static bool
find_who(struct client *c, const json_t *as)
{
	struct control_server *s = c->server;
	const char *name = json_string_value(as);

	if (c->proved != NULL) {
		s->who = (struct control_who){*c->proved, CONTROL_REMOTE};
		return as == NULL && !c->proved->speaks;
	}
	s->who = (struct control_who){.via = CONTROL_SELF};
	if (!control_find_person(s, c->user, &s->who.person))
		return false;
	if (as == NULL)
		return true;
	if (!s->who.person.speaks || name == NULL)
		return false;
	for (size_t i = 0; i < s->n_persons; i++)
		if (strcmp(s->persons[i].name, name) == 0 && !s->persons[i].speaks) {
			s->who.person = s->persons[i];
			s->who.via = CONTROL_SPOKEN_FOR;
			return true;
		}
	return false;
}

static void
perform(struct client *c, const json_t *request)
{
	const json_t *args = json_object_get(request, "args");
	const char *name = json_string_value(json_object_get(request, "verb"));
	OWNED(json_t, none, json_decrefp) = json_object();
	const struct control_verb *v;
	char sentence[SENTENCE];
	enum err e;

	if (name == NULL || (args != NULL && !json_is_object(args))) {
		client_answer_error(c, E_INPUT,
			"a request is an object with `verb', a string, and `args', an object");
		return;
	}
	v = control_find(own_verbs, name);
	if (v == NULL)
		v = control_find(c->server->verbs, name);
	if (v == NULL) {
		client_answer_error(
			c, E_USAGE, "there is no such verb; the verb `verbs' lists them");
		return;
	}
	if (!find_who(c, json_object_get(request, "as"))) {
		client_answer_error(c, E_ROLE,
			"`as' names a person with a role here, and only the dashboard's user may "
			"say it; nothing was done");
		return;
	}
	if ((v->roles & c->server->who.person.roles) == 0) {
		refuse_role(c, v);
		return;
	}
	e = control_check_args(v, args != NULL ? args : none, sentence, sizeof sentence);
	if (e != E_OK)
		client_answer_error(c, e, sentence);
	else if (v->handle == NULL)
		call_own(c, v);
	else
		call_verb(c, v, args != NULL ? args : none);
}

/* ---- lines ---- */

void
client_take_line(struct client *c, const char *line, size_t size)
{
	OWNED(json_t, request, json_decrefp) = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(request)) {
		client_answer_error(c, E_INPUT, "the line is not one JSON object");
		return;
	}
	perform(c, request);
}

char *
control_answer(struct control_server *s, const struct control_person *proved, struct bytes line)
{
	struct client c = {.server = s, .proved = proved};

	client_take_line(&c, (const char *)line.data, line.size);
	return c.answer;
}

const struct control_who *
control_who(const struct control_server *s)
{
	return &s->who;
}

uid_t
control_user(const struct control_server *s)
{
	return s->who.person.uid;
}

void
control_explain(struct control_server *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->said, sizeof s->said, fmt, ap);
	va_end(ap);
}
