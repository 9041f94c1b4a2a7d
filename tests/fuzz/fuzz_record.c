/* SPDX-License-Identifier: EUPL-1.2
 *
 * What an adapter reads after it has decrypted, and what an officer's program hands in as JSON: a
 * partner in enemy hands signs and encrypts whatever it likes. */
#include "tests/fuzz/fuzz.h"

#include "lib/child.h"
#include "lib/record.h"
#include "lib/xml.h"

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	OWNED(char, schemas, free_chars) = schemas_find();

	(void)argc;
	(void)argv;
	xml_init();
	if (schemas == NULL || xml_load_schemas(schemas) != E_OK)
		die("no schemas");
	return 0;
}

static void
try_json(struct bytes v)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED(struct request, consents, request_free) = NULL;
	OWNED_BUF(problems) = {0};
	OWNED_BUF(again) = {0};

	(void)!consents_of_json((const char *)v.data, v.size, &consents, &problems);
	buf_reset(&problems);
	if (request_of_json((const char *)v.data, v.size, &r, &problems) == E_OK)
		request_compose(r, &again);
	else if (problems.size == 0)
		broken("bad input is told");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes v = bytes_of(data, size);
	OWNED(struct request, request, request_free) = NULL;
	OWNED(struct outcome, outcome, outcome_free) = NULL;
	OWNED(struct extract, extract, extract_free) = NULL;
	OWNED(struct cancellation, cancellation, cancellation_free) = NULL;
	OWNED_BUF(again) = {0};

	if (size > 0 && data[0] == '{')
		try_json(v);
	if (request_parse(v, &request) == E_OK)
		request_compose(request, &again);
	if (outcome_parse(v, &outcome) == E_OK)
		outcome_compose(outcome, &again);
	if (extract_parse(v, &extract) == E_OK)
		extract_compose(extract, &again);
	if (cancellation_parse(v, &cancellation) == E_OK)
		cancellation_compose(cancellation, &again);
	return 0;
}
