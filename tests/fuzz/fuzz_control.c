/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lines of the control protocol, as an officer from afar could send them: whatever comes, one line
 * of JSON is the answer, and no handler sees an argument of another type than its row says. */
#include "tests/fuzz/fuzz.h"

#include <unistd.h>

#include "lib/control.h"

static enum err
verb_any(void *context, const json_t *args, json_t **data)
{
	const json_t *number = json_object_get(args, "number");

	(void)context;
	if (number != NULL && (!json_is_integer(number) || json_integer_value(number) > 9))
		broken("a number is from its range");
	if (json_string_length(json_object_get(args, "reason")) == 0)
		broken("a reason is there");
	*data = json_deep_copy(args);
	return E_OK;
}

static const struct control_verb verbs[] = {
	{"any", CONTROL_VIEWER, 0, "a verb", verb_any,
		{{"number", CONTROL_NUMBER, CONTROL_OPTIONAL, "a number", 0, 9},
			{"party", CONTROL_PARTY, CONTROL_OPTIONAL, "a party", 0, 0},
			{"id", CONTROL_MESSAGE, CONTROL_OPTIONAL, "a message", 0, 0}, CONTROL_WHY}},
	{"cut", CONTROL_SECURITY, 0, "not for him", NULL, {{0}}},
	{0},
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct control_person viewer = {"amina", 4711, CONTROL_VIEWER, false};
	static struct control_server *server;
	OWNED(char, answer, free_chars) = NULL;
	OWNED(json_t, o, json_decrefp) = NULL;

	if (server == NULL) {
		OWNED(char, path, free_chars) = xprintf("/tmp/fuzz-control-%d", (int)getpid());

		if (control_listen(event_base_new(), path, verbs, NULL, &server) != E_OK)
			die("no socket");
	}
	answer = control_answer(server, &viewer, bytes_of(data, size));
	o = json_loads(answer, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_boolean(json_object_get(o, "ok")))
		broken("an answer says whether it went well");
	return 0;
}
