/* SPDX-License-Identifier: EUPL-1.2
 *
 * DXP/1 frames: what is encoded comes back, what is not exactly one verb is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/wire.h"

static const char body[] = "<e:Message>a body</e:Message>";
static const char extra[] = "<e:Receipt>an extra</e:Receipt>";

static struct wire
full(enum verb v)
{
	struct wire w = {.verb = v,
		.number = 0x0102030405060708,
		.epoch = UINT64_MAX,
		.resume = 7,
		.code = E_BUSY,
		.retry = true,
		.text = bytes_of("no room just now", 16),
		.body = bytes_of(body, strlen(body)),
		.extra = bytes_of(extra, strlen(extra))};

	memset(w.id.octet, 0xa5, sizeof(w.id.octet));
	memset(w.digest.octet, 0x5a, sizeof(w.digest.octet));
	return w;
}

static const char *
fields_of(enum verb v)
{
	static const char *const fields[VERB_N] = {
#define VERB(name, word, direction, fields) [name] = fields,
#include "lib/verb.def"
#undef VERB
	};

	return fields[v];
}

static char
speaker(enum verb v)
{
	return verb_direction(v) == '*' ? 'p' : verb_direction(v);
}

static enum err
decode(const struct frames *f, char direction, struct wire *out)
{
	return wire_decode(f->frame, f->n, direction, out);
}

static void
assert_bytes(struct bytes a, struct bytes b)
{
	assert_int_equal(a.size, b.size);
	assert_memory_equal(a.data, b.data, a.size);
}

static void
assert_same_field(char field, const struct wire *a, const struct wire *b)
{
	switch (field) {
	case 'E':
		assert_int_equal(a->epoch, b->epoch);
		return;
	case 'R':
		assert_int_equal(a->resume, b->resume);
		return;
	case 'N':
		assert_int_equal(a->number, b->number);
		return;
	case 'I':
		assert_memory_equal(&a->id, &b->id, sizeof(a->id));
		return;
	case 'D':
		assert_memory_equal(&a->digest, &b->digest, sizeof(a->digest));
		return;
	case 'C':
		assert_int_equal(a->code, b->code);
		assert_int_equal(a->retry, b->retry);
		return;
	case 'S':
		assert_bytes(a->text, b->text);
		return;
	case 'B':
		assert_bytes(a->body, b->body);
		return;
	case 'X':
		assert_bytes(a->extra, b->extra);
		return;
	}
	fail_msg("unknown field %c", field);
}

static void
every_verb_comes_back_as_it_was_sent(void **state)
{
	(void)state;
	for (enum verb v = 0; v < VERB_N; v++) {
		struct wire sent = full(v), got;
		struct frames f;

		wire_encode(&sent, &f);
		assert_int_equal(decode(&f, speaker(v), &got), E_OK);
		assert_int_equal(got.verb, v);
		for (const char *field = fields_of(v); *field != '\0'; field++)
			assert_same_field(*field, &sent, &got);
	}
}

static void
numbers_are_eight_octets_big_endian(void **state)
{
	struct wire w = full(V_CREDIT);
	struct frames f;

	(void)state;
	wire_encode(&w, &f);
	assert_int_equal(f.n, 4);
	assert_bytes(f.frame[0], bytes_of("DXP1", 4));
	assert_bytes(f.frame[1], bytes_of("CREDIT", 6));
	assert_bytes(f.frame[2], bytes_of("\0\0\0\0\0\0\0\7", 8));
	assert_bytes(f.frame[3], bytes_of("\1\2\3\4\5\6\7\10", 8));
}

static void
a_verb_of_the_other_side_is_refused(void **state)
{
	(void)state;
	for (enum verb v = 0; v < VERB_N; v++) {
		char other = speaker(v) == 'p' ? 'b' : 'p';
		struct wire w = full(v), got;
		struct frames f;

		wire_encode(&w, &f);
		assert_int_equal(decode(&f, other, &got), verb_direction(v) == '*' ? E_OK : E_WIRE);
	}
}

static void
a_frame_too_few_or_too_many_is_refused(void **state)
{
	(void)state;
	for (enum verb v = 0; v < VERB_N; v++) {
		struct wire w = full(v), got;
		struct frames f;

		wire_encode(&w, &f);
		for (size_t n = 0; n < f.n; n++)
			assert_int_equal(wire_decode(f.frame, n, speaker(v), &got), E_WIRE);
		assert_true(f.n < WIRE_FRAMES_MAX);
		f.frame[f.n] = bytes_of("x", 1);
		assert_int_equal(wire_decode(f.frame, f.n + 1, speaker(v), &got), E_WIRE);
	}
}

static void
more_frames_than_any_verb_has_are_refused_unread(void **state)
{
	struct bytes frame[WIRE_FRAMES_MAX + 1];
	struct wire got;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(frame); i++)
		frame[i] = bytes_of(NULL, 0);
	frame[0] = bytes_of("DXP1", 4);
	frame[1] = bytes_of("BYE", 3);
	assert_int_equal(wire_decode(frame, ARRAY_LEN(frame), 'p', &got), E_WIRE);
	assert_int_equal(wire_decode(frame, 2, 'p', &got), E_OK);
}

/* Each field of fixed length, one octet short and one octet long. */
static void
a_field_of_another_length_is_refused(void **state)
{
	static const uint8_t zeros[64];

	(void)state;
	for (enum verb v = 0; v < VERB_N; v++) {
		size_t at = 2;

		for (const char *field = fields_of(v); *field != '\0'; field++) {
			if (strchr("ERNID", *field) != NULL) {
				struct wire w = full(v), got;
				struct frames f;
				size_t right;

				wire_encode(&w, &f);
				right = f.frame[at].size;
				for (size_t size = 0; size < sizeof(zeros); size++) {
					f.frame[at] = bytes_of(zeros, size);
					assert_int_equal(decode(&f, speaker(v), &got),
						size == right ? E_OK : E_WIRE);
				}
			}
			at += *field == 'C' ? 2 : 1;
		}
	}
}

static void
another_version_is_told_from_noise(void **state)
{
	struct bytes frame[2] = {bytes_of("DXP2", 4), bytes_of("BYE", 3)};
	struct wire got;

	(void)state;
	assert_int_equal(wire_decode(frame, 2, 'p', &got), E_VERSION);
	frame[0] = bytes_of("HTTP", 4);
	assert_int_equal(wire_decode(frame, 2, 'p', &got), E_WIRE);
	frame[0] = bytes_of("DXP1 ", 5);
	assert_int_equal(wire_decode(frame, 2, 'p', &got), E_WIRE);
	frame[0] = bytes_of(NULL, 0);
	assert_int_equal(wire_decode(frame, 2, 'p', &got), E_WIRE);
}

static void
a_verb_is_its_exact_word(void **state)
{
	static const char *const wrong[] = {"bye", "BYE ", "BY", "BYEBYE", "", "\0BYE"};
	struct bytes frame[2] = {bytes_of("DXP1", 4)};
	struct wire got;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		frame[1] = bytes_of(wrong[i], strlen(wrong[i]));
		assert_int_equal(wire_decode(frame, 2, 'p', &got), E_WIRE);
	}
}

static void
a_code_of_a_newer_peer_is_kept_as_unknown(void **state)
{
	struct wire w = full(V_REFUSED), got;
	struct frames f;

	(void)state;
	wire_encode(&w, &f);
	f.frame[3] = bytes_of("MOON-PHASE", 10);
	assert_int_equal(decode(&f, 'b', &got), E_OK);
	assert_int_equal(got.code, E_UNKNOWN_CODE);
	assert_true(got.retry);
}

static void
a_code_or_flag_outside_its_alphabet_is_refused(void **state)
{
	static const char *const codes[] = {
		"", "busy", "BU SY", "BUSY\n", "AN-UNREASONABLY-LONG-WORD-FOR-A-CODE"};
	static const char *const flags[] = {"", "2", "01", "true"};
	struct wire w = full(V_REFUSED), got;
	struct frames f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		wire_encode(&w, &f);
		f.frame[3] = bytes_of(codes[i], strlen(codes[i]));
		assert_int_equal(decode(&f, 'b', &got), E_WIRE);
	}
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		wire_encode(&w, &f);
		f.frame[4] = bytes_of(flags[i], strlen(flags[i]));
		assert_int_equal(decode(&f, 'b', &got), E_WIRE);
	}
}

static void
text_is_short_printable_ascii(void **state)
{
	static const char *const wrong[] = {"\x1b[2J", "tab\there", "caf\xc3\xa9", "del\x7f"};
	char text[300];
	struct wire w = full(V_WELCOME), got;
	struct frames f;

	(void)state;
	memset(text, 'a', sizeof(text));
	wire_encode(&w, &f);
	f.frame[3] = bytes_of(text, 255);
	assert_int_equal(decode(&f, 'b', &got), E_OK);
	f.frame[3] = bytes_of(text, 256);
	assert_int_equal(decode(&f, 'b', &got), E_WIRE);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		f.frame[3] = bytes_of(wrong[i], strlen(wrong[i]));
		assert_int_equal(decode(&f, 'b', &got), E_WIRE);
	}
}

static void
text_too_long_to_send_is_cut(void **state)
{
	char text[300];
	struct wire w = full(V_WELCOME), got;
	struct frames f;

	(void)state;
	memset(text, 'a', sizeof(text));
	w.text = bytes_of(text, sizeof(text));
	wire_encode(&w, &f);
	assert_int_equal(decode(&f, 'b', &got), E_OK);
	assert_int_equal(got.text.size, 255);
}

/* A broker that was restored asks for patience; one that is damaged has no use for the same again.
 */
static void
a_refusal_says_whether_to_try_again_and_may_carry_a_proof(void **state)
{
	static const enum err codes[] = {E_RECONCILING, E_DAMAGED, E_CONFLICT};
	struct frames f;
	struct wire got;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		struct wire w = full(V_REFUSED);

		w.code = codes[i];
		w.retry = err_retry(codes[i]);
		if (codes[i] != E_CONFLICT)
			w.extra = bytes_of(NULL, 0);
		wire_encode(&w, &f);
		assert_int_equal(f.n, 7);
		assert_int_equal(decode(&f, 'b', &got), E_OK);
		assert_int_equal(got.code, codes[i]);
		assert_int_equal(got.retry, codes[i] == E_RECONCILING);
		assert_bytes(got.extra, w.extra);
	}
}

static void
a_body_is_not_empty_and_not_larger_than_a_frame(void **state)
{
	uint8_t *large = test_calloc(1, WIRE_FRAME_MAX + 1);
	struct wire w = full(V_SUBMIT), got;
	struct frames f;

	(void)state;
	wire_encode(&w, &f);
	f.frame[2] = bytes_of(large, WIRE_FRAME_MAX);
	assert_int_equal(decode(&f, 'p', &got), E_OK);
	f.frame[2] = bytes_of(large, WIRE_FRAME_MAX + 1);
	assert_int_equal(decode(&f, 'p', &got), E_WIRE);
	f.frame[2] = bytes_of(NULL, 0);
	assert_int_equal(decode(&f, 'p', &got), E_WIRE);
	test_free(large);
}

static void
an_extra_body_may_be_empty(void **state)
{
	struct wire w = full(V_CONFIRM), got;
	struct frames f;

	(void)state;
	w.extra = bytes_of(NULL, 0);
	wire_encode(&w, &f);
	assert_int_equal(decode(&f, 'b', &got), E_OK);
	assert_int_equal(got.extra.size, 0);
}

/* A verb with one of its frames replaced by random octets, from a fixed seed: never a crash, and
 * what is accepted encodes to the very frames that were read. */
static void
mutate(struct frames *f, uint8_t *room, size_t size, unsigned *seed)
{
	size_t at = (size_t)rand_r(seed) % f->n;
	size_t length = (size_t)rand_r(seed) % size;

	for (size_t i = 0; i < length; i++)
		room[i] = (uint8_t)rand_r(seed);
	if (rand_r(seed) % 2 == 0 && f->frame[at].size < size) {
		length = f->frame[at].size;
		memcpy(room, f->frame[at].data, length);
		if (length > 0)
			room[(size_t)rand_r(seed) % length] ^= (uint8_t)(1 << (rand_r(seed) % 8));
	}
	f->frame[at] = bytes_of(room, length);
	if (rand_r(seed) % 8 == 0)
		f->n = (size_t)rand_r(seed) % (f->n + 1);
}

static void
random_frames_are_refused_or_mean_what_they_say(void **state)
{
	unsigned seed = 20261124;
	size_t accepted = 0, refused = 0;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		enum verb v = (enum verb)(rand_r(&seed) % VERB_N);
		struct wire w = full(v), got;
		struct frames f, again;
		uint8_t room[48];

		wire_encode(&w, &f);
		mutate(&f, room, sizeof(room), &seed);
		if (decode(&f, speaker(v), &got) != E_OK) {
			refused++;
			continue;
		}
		accepted++;
		if (got.code == E_UNKNOWN_CODE)
			continue;
		wire_encode(&got, &again);
		assert_int_equal(again.n, f.n);
		for (size_t i = 0; i < f.n; i++)
			assert_bytes(again.frame[i], f.frame[i]);
	}
	assert_true(accepted > 1000 && refused > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verb_comes_back_as_it_was_sent),
		cmocka_unit_test(numbers_are_eight_octets_big_endian),
		cmocka_unit_test(a_verb_of_the_other_side_is_refused),
		cmocka_unit_test(a_frame_too_few_or_too_many_is_refused),
		cmocka_unit_test(more_frames_than_any_verb_has_are_refused_unread),
		cmocka_unit_test(a_field_of_another_length_is_refused),
		cmocka_unit_test(another_version_is_told_from_noise),
		cmocka_unit_test(a_verb_is_its_exact_word),
		cmocka_unit_test(a_code_of_a_newer_peer_is_kept_as_unknown),
		cmocka_unit_test(a_code_or_flag_outside_its_alphabet_is_refused),
		cmocka_unit_test(text_is_short_printable_ascii),
		cmocka_unit_test(text_too_long_to_send_is_cut),
		cmocka_unit_test(a_refusal_says_whether_to_try_again_and_may_carry_a_proof),
		cmocka_unit_test(a_body_is_not_empty_and_not_larger_than_a_frame),
		cmocka_unit_test(an_extra_body_may_be_empty),
		cmocka_unit_test(random_frames_are_refused_or_mean_what_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
