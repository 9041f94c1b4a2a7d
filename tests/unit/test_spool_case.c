/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the spool does by case: entries tell of the consent token that came with them. */
#include "tests/unit/spool_stage.h"

#include <stdlib.h>

/* A message of a case, with the case's token. */
static void
make_of_case(enum action action, const struct header *first, const struct party *from,
	const struct party *to, struct header *h, struct buf *out)
{
	OWNED_BUF(token) = {0};

	make(h, from, to, 0, out);
	h->action = action;
	if (first != NULL)
		h->conversation = first->conversation;
	make_token(h, &token);
	buf_reset(out);
	header_open_message(h, out);
	header_compose_with(h, buf_bytes(&token), out);
	buf_text(out, "<e:Body>CCCCCCCCCCCCCCCC</e:Body></e:Message>");
}

static struct header
file_of_case(struct spool *s, enum action action, const struct header *first)
{
	OWNED_BUF(m) = {0};
	struct header h;

	make_of_case(action, first, &office, &kenya, &h, &m);
	assert_int_equal(spool_file(s, buf_bytes(&m), NOW), E_OK);
	return h;
}

static struct header
take_of_case(struct spool *s, enum action action, const struct header *first)
{
	OWNED_BUF(m) = {0};
	struct header h;
	bool again;

	make_of_case(action, first, &kenya, &somalia, &h, &m);
	assert_int_equal(spool_take(s, buf_bytes(&m), NOW, &again), E_OK);
	return h;
}

static void
entries_keep_what_the_token_says(void **state)
{
	struct place *p = *state;
	const struct header filed = file_of_case(p->s, A_TRANSCRIPTION_REQUEST, NULL);
	const struct header taken = take_of_case(p->s, A_CERTIFIED_EXTRACT, NULL);
	struct spool_scrub scrub;
	struct out_entry o;
	struct in_entry i;

	reopen(p);
	assert_int_equal(spool_out(p->s, &filed.id, &o, NULL), E_OK);
	assert_true(o.header.has_token);
	assert_true(consent_token_equal(&o.header.token, &filed.token));
	assert_true(o.header.token.cleared);
	assert_int_equal(spool_in(p->s, &kenya, &taken.id, &i, NULL), E_OK);
	assert_true(i.header.has_token);
	assert_true(consent_token_equal(&i.header.token, &taken.token));
	assert_int_equal(spool_scrub(p->s, &scrub), E_OK);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(entries_keep_what_the_token_says),
	};

	log_open("test_spool_case", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
