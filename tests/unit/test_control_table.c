/* SPDX-License-Identifier: EUPL-1.2
 *
 * The table of verbs: arguments held against their rows, roles, and persons for whom another one
 * speaks. The same roles and verbs over the real socket are tests/scenario/roles.bats. */
#include "tests/unit/test.h"

#include <unistd.h>

#include "lib/control.h"

static enum err
verb_who(void *context, const json_t *args, json_t **data)
{
	struct control_server *s = *(struct control_server **)context;
	const struct control_who *w = control_who(s);

	(void)args;
	*data = json_pack("{s:s, s:i}", "name", w->person.name, "via", w->via);
	return E_OK;
}

static enum err
verb_fail(void *context, const json_t *args, json_t **data)
{
	(void)args;
	(void)data;
	control_explain(*(struct control_server **)context, "because of %d", 7);
	return E_STATE;
}

#define ROW(word, roles)                                                                           \
	{                                                                                          \
		word, roles, 0, "a verb", verb_who,                                                \
		{                                                                                  \
			{                                                                          \
				0                                                                  \
			}                                                                          \
		}                                                                                  \
	}
static const struct control_verb verbs[] = {
	ROW("look", CONTROL_LOOKS),
	ROW("run", CONTROL_OPERATOR),
	ROW("cut", CONTROL_SECURITY),
	ROW("read", CONTROL_AUDITOR | CONTROL_SECURITY),
	{"fail", CONTROL_LOOKS, 0, "a verb that fails", verb_fail, {{0}}},
	{"all", CONTROL_LOOKS, CONTROL_CHANGES, "one of each type", verb_who,
		{{"text", CONTROL_TEXT, CONTROL_OPTIONAL, "a text", 0, 5},
			{"long", CONTROL_LONG, CONTROL_OPTIONAL, "a text", 0, 0},
			{"number", CONTROL_NUMBER, CONTROL_OPTIONAL, "a number", 1, 9},
			{"any", CONTROL_NUMBER, CONTROL_OPTIONAL, "a number", 0, 0},
			{"on", CONTROL_SWITCH, CONTROL_OPTIONAL, "a switch", 0, 0},
			{"party", CONTROL_PARTY, CONTROL_OPTIONAL, "a party", 0, 0},
			{"id", CONTROL_MESSAGE, CONTROL_OPTIONAL, "a message", 0, 0},
			{"digest", CONTROL_DIGEST, CONTROL_OPTIONAL, "a digest", 0, 0},
			CONTROL_WHY}},
	{0},
};

/* ---- arguments ---- */

static enum err
check(const char *text, char sentence[256])
{
	OWNED(json_t, args, json_decrefp) = json_loads(text, 0, NULL);

	assert_non_null(args);
	sentence[0] = '\0';
	return control_check_args(control_find(verbs, "all"), args, sentence, 256);
}

static void
arguments_of_their_types_are_taken(void **unused)
{
	static const char *const good[] = {
		"{\"reason\":\"x\"}",
		"{\"reason\":\"x\",\"text\":\"12345\",\"number\":9,\"any\":0,\"on\":false}",
		"{\"reason\":\"x\",\"party\":\"KE.CRS\",\"id\":"
		"\"019a3c5e-7b1d-7c2a-8f00-0123456789ab\",\"long\":\"\"}",
		"{\"reason\":\"x\",\"digest\":\""
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}",
	};
	char sentence[256];

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (check(good[i], sentence) != E_OK)
			fail_msg("%s: %s", good[i], sentence);
}

static void
wrong_argument_is_named(void **unused)
{
	static const struct {
		const char *args, *named;
	} bad[] = {
		{"{}", "`reason' is missing"},
		{"{\"reason\":\"\"}", "`reason' must be"},
		{"{\"reason\":7}", "`reason' must be"},
		{"{\"reason\":\"two\\nlines\"}", "`reason' must be"},
		{"{\"reason\":\"x\",\"text\":\"123456\"}", "`text' must be"},
		{"{\"reason\":\"x\",\"text\":null}", "`text' must be"},
		{"{\"reason\":\"x\",\"number\":0}", "from 1 to 9"},
		{"{\"reason\":\"x\",\"number\":10}", "from 1 to 9"},
		{"{\"reason\":\"x\",\"number\":1.5}", "`number' must be a whole number"},
		{"{\"reason\":\"x\",\"number\":\"1\"}", "`number' must be a whole number"},
		{"{\"reason\":\"x\",\"any\":-1}", "`any' must be"},
		{"{\"reason\":\"x\",\"on\":1}", "`on' must be true or false"},
		{"{\"reason\":\"x\",\"party\":\"../etc\"}", "`party' must be a party"},
		{"{\"reason\":\"x\",\"id\":\"1\"}", "`id' must be a message id"},
		{"{\"reason\":\"x\",\"digest\":\"12\"}", "`digest' must be a SHA-256"},
		{"{\"reason\":\"x\",\"other\":1}", "no argument `other'"},
		{"{\"reason\":\"x\",\"\\u001b[2J\":1}", "no argument `?[2J'"},
	};
	char sentence[256];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(check(bad[i].args, sentence), E_USAGE);
		if (strstr(sentence, bad[i].named) == NULL)
			fail_msg("%s: %s", bad[i].args, sentence);
		assert_non_null(strstr(sentence, "all"));
	}
}

static void
role_words_are_read_back(void **unused)
{
	enum control_role role;

	for (unsigned bit = 1; bit <= CONTROL_AUDITOR; bit <<= 1) {
		assert_true(control_role_parse(control_role_word((enum control_role)bit), &role));
		assert_int_equal(role, bit);
	}
	assert_false(control_role_parse("root", &role));
	assert_false(control_role_parse("", &role));
	assert_string_equal(control_role_word((enum control_role)64), "none");
}

static void
row_tells_all_of_itself(void **unused)
{
	OWNED(json_t, row, json_decrefp) = control_verb_json(control_find(verbs, "all"));

	assert_string_equal(json_string_value(json_object_get(row, "args")),
		"[text] [long] [number] [any] [on] [party] [id] [digest] reason");
	assert_int_equal(json_array_size(json_object_get(row, "arguments")), 9);
	assert_int_equal(json_array_size(json_object_get(row, "roles")), 4);
	assert_true(json_is_true(json_object_get(row, "changes")));
	assert_null(control_find(verbs, "al"));
}

/* ---- roles ---- */

static struct control_server *server;
static struct event_base *base;
static char folder[32], path[64];

static int
open_server(void **unused)
{
	(void)unused;
	strcpy(folder, "/tmp/daftar-table-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/control", folder);
	base = event_base_new();
	return control_listen(base, path, verbs, &server, &server) == E_OK ? 0 : -1;
}

static int
close_server(void **unused)
{
	(void)unused;
	control_close(&server);
	event_base_free(base);
	return rmdir(folder);
}

/* The code of the answer, or the name that the verb saw; as one who has proved himself. */
static const char *
said(const struct control_person *p, const char *line)
{
	OWNED(char, answer, free_chars) = control_answer(server, p, bytes_of(line, strlen(line)));
	OWNED(json_t, o, json_decrefp) = json_loads(answer, 0, NULL);
	static char out[256];
	const char *code = json_string_value(json_object_get(o, "code"));

	if (code == NULL)
		code = json_string_value(json_object_get(json_object_get(o, "data"), "name"));
	snprintf(out, sizeof out, "%s", code != NULL ? code : "?");
	return out;
}

static void
verb_is_for_its_roles_and_for_no_other(void **unused)
{
	for (unsigned roles = 0; roles <= CONTROL_LOOKS; roles++)
		for (size_t v = 0; v < 4; v++) {
			const struct control_person p = {"amina", 4711, roles, false};
			OWNED(char, line, free_chars) = xprintf("{\"verb\":\"%s\"}", verbs[v].name);

			assert_string_equal(
				said(&p, line), (roles & verbs[v].roles) != 0 ? "amina" : "ROLE");
		}
}

static void
who_is_proved_by_a_key_speaks_for_nobody_else(void **unused)
{
	const struct control_person p = {"amina", 4711, CONTROL_LOOKS, false};
	const struct control_person all[] = {p, {"bile", 4712, CONTROL_VIEWER, false}};

	assert_int_equal(control_admit(server, all, 2), E_OK);
	assert_string_equal(said(&p, "{\"verb\":\"look\",\"as\":\"bile\"}"), "ROLE");
	assert_string_equal(said(&p, "{\"verb\":\"watch\"}"), "USAGE");
	assert_string_equal(said(&p, "{\"verb\":\"dance\"}"), "USAGE");
	assert_string_equal(said(&p, "no line"), "INPUT");
	assert_string_equal(said(&p, "[]"), "INPUT");
	assert_string_equal(said(&p, "{\"verb\":\"look\",\"args\":[]}"), "INPUT");
	assert_string_equal(said(&p, "{\"verb\":\"look\",\"verb\":\"cut\"}"), "INPUT");
}

static void
refusal_says_who_may_and_a_verb_may_explain(void **unused)
{
	const struct control_person p = {"amina", 4711, CONTROL_VIEWER, false};
	const struct control_person all[] = {
		p, {"bile", 4712, CONTROL_SECURITY, false}, {"web", 4713, CONTROL_LOOKS, true}};
	OWNED(char, answer, free_chars) = NULL;
	OWNED(char, failed, free_chars) = NULL;

	assert_int_equal(control_admit(server, all, 3), E_OK);
	answer = control_answer(server, &p, bytes_of("{\"verb\":\"cut\"}", 14));
	assert_non_null(strstr(answer, "needs the role security, which amina has not"));
	assert_non_null(strstr(answer, "Ask: bile\""));
	failed = control_answer(server, &p, bytes_of("{\"verb\":\"fail\"}", 15));
	assert_non_null(strstr(failed, "because of 7"));
	assert_non_null(strstr(failed, "\"STATE\""));
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_server, close_server)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_of_their_types_are_taken),
		cmocka_unit_test(wrong_argument_is_named),
		cmocka_unit_test(role_words_are_read_back),
		cmocka_unit_test(row_tells_all_of_itself),
		T(verb_is_for_its_roles_and_for_no_other),
		T(who_is_proved_by_a_key_speaks_for_nobody_else),
		T(refusal_says_who_may_and_a_verb_may_explain),
	};

	return cmocka_run_group_tests_name("control table", tests, NULL, NULL);
}
