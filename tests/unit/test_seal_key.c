/* SPDX-License-Identifier: EUPL-1.2
 *
 * The key of an office's kept things: what it has sealed is opened after any change that was cut
 * off anywhere, by any process, and by nobody who has not the office's key. */
#include <stdlib.h>

#include "lib/log.h"
#include "lib/xml.h"
#include "liaison/seal_key.h"

#include "tests/unit/test_keys.h"

#define SMALL ((size_t)2 << 20)

struct world {
	char folder[64];
	struct spool *spool;
	struct identity *first, *second, *third;
	struct office o;
};

static int
begin(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);

	strcpy(w->folder, "/tmp/daftar-seal-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	OWNED(char, spool, free_chars) = xprintf("%s/spool", w->folder);

	assert_int_equal(spool_open(spool, SMALL, &w->spool), E_OK);
	w->first = make_identity("P-256");
	w->second = make_identity("P-256");
	w->third = make_identity("P-256");
	w->o = (struct office){
		.spool = w->spool, .encrypt = w->first, .data_keys = data_keys_new()};
	*state = w;
	return 0;
}

static int
end(void **state)
{
	struct world *w = *state;

	data_keys_free(&w->o.data_keys);
	identity_free(&w->first);
	identity_free(&w->second);
	identity_free(&w->third);
	spool_close(&w->spool);
	OWNED(char, remove, free_chars) = xprintf("rm -r %s", w->folder);

	assert_int_equal(system(remove), 0);
	free(w);
	return 0;
}

/* Another process of the office, which knows nothing yet. */
static struct office
other_process(const struct world *w, struct identity *now, struct identity *before)
{
	return (struct office){.spool = w->spool,
		.encrypt = now,
		.encrypt_before = before,
		.data_keys = data_keys_new()};
}

static void
seal(const struct office *o, const char *text, struct buf *out)
{
	buf_reset(out);
	assert_int_equal(data_key_seal(o, bytes_of(text, strlen(text)), out), E_OK);
	assert_true(data_key_has_sealed(buf_bytes(out)));
}

static void
assert_opens(const struct office *o, const struct buf *kept, const char *text)
{
	OWNED_BUF(plain) = {0};

	assert_int_equal(data_key_open(o, buf_bytes(kept), &plain), E_OK);
	assert_int_equal(plain.size, strlen(text));
	assert_memory_equal(plain.data, text, plain.size);
}

static void
what_is_sealed_is_opened_and_hides_its_length(void **state)
{
	struct world *w = *state;
	OWNED_BUF(a) = {0};
	OWNED_BUF(b) = {0};

	assert_int_equal(data_key_seal(&w->o, bytes_of("x", 1), &a), E_NOT_FOUND);
	assert_int_equal(data_key_change(&w->o), E_OK);
	seal(&w->o, "Hodan", &a);
	seal(&w->o, "a much longer name than that one", &b);
	assert_opens(&w->o, &a, "Hodan");
	assert_int_equal(a.size, b.size);
	assert_null(memmem(a.data, a.size, "Hodan", 5));
	seal(&w->o, "Hodan", &b);
	assert_memory_not_equal(a.data, b.data, a.size);
}

/* A scan's part may end in anything, also in what fills the size class. */
static void
octets_come_back_whatever_they_end_in(void **state)
{
	static const uint8_t ends[][3] = {{0, 0, 0}, {7, 0x80, 0}, {7, 7, 0x80}, {0x80, 0, 0}};
	struct world *w = *state;

	assert_int_equal(data_key_change(&w->o), E_OK);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		for (size_t size = 0; size <= sizeof ends[i]; size++) {
			OWNED_BUF(sealed) = {0};
			OWNED_BUF(plain) = {0};

			assert_int_equal(
				data_key_seal(&w->o, (struct bytes){ends[i], size}, &sealed), E_OK);
			assert_int_equal(data_key_open(&w->o, buf_bytes(&sealed), &plain), E_OK);
			assert_int_equal(plain.size, size);
			if (size > 0)
				assert_memory_equal(plain.data, ends[i], size);
		}
}

static void
every_altered_octet_is_found(void **state)
{
	struct world *w = *state;
	OWNED_BUF(a) = {0};
	OWNED_BUF(plain) = {0};

	assert_int_equal(data_key_change(&w->o), E_OK);
	seal(&w->o, "Hodan", &a);
	for (size_t i = 1; i < a.size; i += i < 60 || i > a.size - 40 ? 1 : 97) {
		a.data[i] ^= 4;
		assert_int_equal(data_key_open(&w->o, buf_bytes(&a), &plain), E_BODY);
		assert_int_equal(plain.size, 0);
		a.data[i] ^= 4;
	}
	for (size_t n = 0; n < a.size; n += 61)
		assert_true(!data_key_has_sealed(bytes_of(a.data, n)) ||
			    data_key_open(&w->o, bytes_of(a.data, n), &plain) == E_BODY);
	assert_opens(&w->o, &a, "Hodan");
}

static void
after_a_change_both_keys_open_and_the_certificate_of_before_opens_none(void **state)
{
	struct world *w = *state;
	OWNED_BUF(old) = {0};
	OWNED_BUF(now) = {0};
	OWNED_BUF(plain) = {0};

	assert_int_equal(data_key_change(&w->o), E_OK);
	seal(&w->o, "before", &old);
	struct office changed = other_process(w, w->second, w->first);

	assert_int_equal(data_key_change(&changed), E_OK);
	assert_int_equal(data_key_change(&changed), E_OK); /* cut off, and done again */
	seal(&changed, "after", &now);
	assert_int_equal(data_key_open(&w->o, buf_bytes(&now), &plain), E_BODY); /* another key */
	changed.encrypt_before = NULL; /* the key of before has gone */
	struct office later = other_process(w, w->second, NULL);

	assert_opens(&later, &old, "before");
	assert_opens(&later, &now, "after");
	struct office thief = other_process(w, w->first, NULL);

	assert_int_equal(data_key_open(&thief, buf_bytes(&now), &plain), E_BODY);
	assert_int_equal(data_key_open(&thief, buf_bytes(&old), &plain), E_BODY);
	data_keys_free(&changed.data_keys);
	data_keys_free(&later.data_keys);
	data_keys_free(&thief.data_keys);
}

static void
process_that_has_not_heard_of_the_change_seals_nothing_with_the_key_of_before(void **state)
{
	struct world *w = *state;
	OWNED_BUF(a) = {0};

	assert_int_equal(data_key_change(&w->o), E_OK);
	seal(&w->o, "known", &a);
	struct office changed = other_process(w, w->second, w->first);

	assert_int_equal(data_key_change(&changed), E_OK);
	/* it falls back to its certificate (liaison/seal.c) */
	buf_reset(&a);
	assert_int_equal(data_key_seal(&w->o, bytes_of("x", 1), &a), E_BODY);
	data_keys_free(&changed.data_keys);
	/* one with the new certificate takes the new key */
	struct office late = other_process(w, w->second, w->first);

	seal(&late, "new", &a);
	struct office last = other_process(w, w->third, w->second);

	assert_int_equal(data_key_change(&last), E_OK);
	assert_opens(&last, &a, "new");
	data_keys_free(&late.data_keys);
	data_keys_free(&last.data_keys);
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_sealed_is_opened_and_hides_its_length),
		T(octets_come_back_whatever_they_end_in),
		T(every_altered_octet_is_found),
		T(after_a_change_both_keys_open_and_the_certificate_of_before_opens_none),
		T(process_that_has_not_heard_of_the_change_seals_nothing_with_the_key_of_before),
	};

	log_open("test_seal_key", LOG_ERROR);
	xml_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
