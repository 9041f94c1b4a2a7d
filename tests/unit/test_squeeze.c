/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is squeezed comes back, octet for octet; what is not exactly that, or would become more than
 * it may, is refused and leaves nothing behind. */
#include "tests/unit/test.h"

#include <dirent.h>
#include <stdio.h>
#include <zlib.h>

#include "lib/file.h"
#include "lib/parcel.h"

static const char request[] =
	"<e:Message xmlns:e=\"urn:daftar:envelope:1\" realm=\"demo\" "
	"schemaVersion=\"1.0\"><e:Header>"
	"<e:MessageId>01a21df6-e46a-7236-a1be-e9576b42829e</e:MessageId></e:Header></e:Message>";

/* A digest of the dictionary: with another one, what was squeezed yesterday would be lost. */
static void
dictionary_one_never_changes(void **state)
{
	static const char known[] =
		"4afa67db3f15148584e4a336012c3e58ee53fd115b030cdeabfaa064b6f64b22";
	OWNED_BUF(file) = {0};
	OWNED_BUF(hex) = {0};
	OWNED(char, path, free_chars) = NULL;
	struct bytes d = squeeze_dictionary();
	struct digest digest;

	(void)state;
	path = xprintf("%s/squeeze-1.txt",
		getenv("DAFTAR_SCHEMAS") != NULL ? getenv("DAFTAR_SCHEMAS") : "schemas");
	assert_int_equal(file_read(path, 1 << 16, &file), E_OK);
	assert_int_equal(file.size, d.size + 1); /* its last line feed */
	assert_memory_equal(file.data, d.data, d.size);
	digest_of(d.data, d.size, &digest);
	buf_hex(&hex, digest.octet, sizeof digest.octet);
	assert_string_equal((char *)hex.data, known);
}

static void
assert_comes_back(struct bytes in, const struct bytes *certs, size_t n)
{
	OWNED_BUF(small) = {0};
	OWNED_BUF(back) = {0};

	if (!squeeze(in, certs, n, &small)) {
		assert_int_equal(small.size, 0);
		return;
	}
	assert_true(small.size < in.size);
	assert_true(unsqueeze(buf_bytes(&small), certs, n, in.size, &back));
	assert_int_equal(back.size, in.size);
	assert_memory_equal(back.data, in.data, in.size);
	assert_false(unsqueeze(buf_bytes(&small), certs, n, in.size - 1, &back));
	assert_int_equal(back.size, in.size);
}

static void
each_of(const char *kind, void (*act)(struct bytes document))
{
	OWNED(char, folder, free_chars) = xprintf("%s/data/valid/%s", tests_folder(), kind);
	DIR *d = opendir(folder);
	unsigned n = 0;

	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		OWNED(char, path, free_chars) = xprintf("%s/%s", folder, e->d_name);
		OWNED_BUF(document) = {0};

		if (strstr(e->d_name, ".xml") == NULL)
			continue;
		assert_int_equal(file_read(path, 1 << 20, &document), E_OK);
		act(buf_bytes(&document));
		n++;
	}
	closedir(d);
	assert_true(n > 0);
}

static const char *const kinds[] = {"attachment", "cancellation", "certified-extract", "content",
	"correction-notice", "correction-outcome", "message", "query", "query-reply", "receipt",
	"transcription-outcome", "transcription-request", "trust-list"};

static void
whole_document(struct bytes document)
{
	assert_comes_back(document, NULL, 0);
}

static void
every_kind_of_document_comes_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		each_of(kinds[i], whole_document);
}

static void
to_a_third(struct bytes document)
{
	OWNED_BUF(small) = {0};

	assert_true(squeeze(document, NULL, 0, &small));
	assert_true(small.size * 3 < document.size);
}

static void
a_record_is_less_than_a_third(void **state)
{
	(void)state;
	each_of("transcription-request", to_a_third);
	each_of("certified-extract", to_a_third);
}

static void
what_does_not_shrink_is_left_as_it_is(void **state)
{
	OWNED_BUF(small) = {0};
	uint8_t chance[200];

	(void)state;
	for (size_t i = 0; i < sizeof chance; i++)
		chance[i] = (uint8_t)(i * 151 + i * i * 7 + 13);
	assert_false(squeeze(bytes_of(chance, sizeof chance), NULL, 0, &small));
	assert_false(squeeze(bytes_of("", 0), NULL, 0, &small));
	assert_int_equal(small.size, 0);
}

/* Zeros: a thousand octets for one. */
static void
a_bomb_is_neither_made_nor_opened(void **state)
{
	static uint8_t zeros[512 * 1024];
	uint8_t bomb[2048];
	OWNED_BUF(out) = {0};
	z_stream z = {.next_in = zeros,
		.avail_in = sizeof zeros,
		.next_out = bomb,
		.avail_out = sizeof bomb};
	struct bytes d = squeeze_dictionary();

	(void)state;
	assert_false(squeeze(bytes_of(zeros, sizeof zeros), NULL, 0, &out));
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflateSetDictionary(&z, d.data, (uInt)d.size), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	assert_false(unsqueeze(bytes_of(bomb, z.total_out), NULL, 0, sizeof zeros, &out));
	deflateEnd(&z);
	assert_int_equal(out.size, 0);
}

static void
cut_short_or_followed_by_anything_is_refused(void **state)
{
	OWNED_BUF(small) = {0};
	OWNED_BUF(back) = {0};

	(void)state;
	assert_true(squeeze(bytes_of(request, strlen(request)), NULL, 0, &small));
	for (size_t n = 0; n < small.size; n++)
		assert_false(unsqueeze(bytes_of(small.data, n), NULL, 0, 4096, &back));
	buf_u8(&small, 0);
	assert_false(unsqueeze(buf_bytes(&small), NULL, 0, 4096, &back));
	assert_int_equal(back.size, 0);
}

static void
with_another_dictionary_nothing_of_it_comes_back(void **state)
{
	const char *one = "MIICDjCCAbOgAwIBAgIQY6tMY1d6X2Tim2VpIqfdzzAKBggqhkjOPQQDAjBFMRow";
	const char *other = "MIIB3zCCAYWgAwIBAgIQZ5UGgyB5x8kVjzfqJB0BATAKBggqhkjOPQQDAjBOMQsw";
	struct bytes mine = bytes_of(one, strlen(one)), theirs = bytes_of(other, strlen(other));
	OWNED_BUF(small) = {0};
	OWNED_BUF(back) = {0};

	(void)state;
	assert_true(squeeze(mine, &mine, 1, &small));
	assert_true(small.size < 12);
	(void)!unsqueeze(buf_bytes(&small), &theirs, 1, 4096, &back);
	assert_true(back.size != mine.size || memcmp(back.data, one, mine.size) != 0);
}

/* SplitMix64. */
static uint64_t
next_random(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* Whatever comes, it stays within its bounds (and the sanitizers have nothing to say). */
static void
any_octets_may_come(void **state)
{
	OWNED_BUF(good) = {0};
	OWNED_BUF(room) = {0};
	struct bytes whole[2] = {bytes_of("DXP1", 4), bytes_of(request, strlen(request))};
	uint64_t seed = 17;

	(void)state;
	parcel_pack(whole, 2, NULL, &good);
	for (int i = 0; i < 20000; i++) {
		OWNED_BUF(bad) = {0};
		struct bytes frame[WIRE_FRAMES_MAX];
		size_t n, changes = 1 + next_random(&seed) % 4;

		buf_add_bytes(&bad, buf_bytes(&good));
		while (changes-- > 0)
			bad.data[next_random(&seed) % bad.size] = (uint8_t)next_random(&seed);
		if (parcel_open(bytes_of(bad.data, bad.size - next_random(&seed) % 2), NULL, &room,
			    frame, &n))
			assert_true(n > 0 && n <= WIRE_FRAMES_MAX && room.size <= PARCEL_MAX);
	}
}

/* ---- parcels ---- */

static const char list[] = "<tl:TrustList><tl:Party><tl:Sign>MIIBAAAA</tl:Sign><tl:Encrypt>MIIX"
			   "</tl:Encrypt></tl:Party><tl:Sign>MIICzzzzQQQQwwww</tl:Sign>";

static void
the_list_gives_its_signers_certificates(void **state)
{
	struct parcel_certs c = {.n = 0};

	(void)state;
	parcel_certs_of(&c, bytes_of(list, strlen(list)));
	assert_int_equal(c.n, 2);
	assert_memory_equal(c.text[1].data, "MIICzzzzQQQQwwww", c.text[1].size);
	parcel_certs_of(&c, bytes_of("<tl:Sign>", 9));
	assert_int_equal(c.n, 0);
	parcel_certs_clear(&c);
}

static void
assert_parcel(const struct bytes *frame, size_t n, const struct parcel_certs *certs)
{
	OWNED_BUF(parcel) = {0};
	OWNED_BUF(room) = {0};
	struct bytes back[WIRE_FRAMES_MAX];
	size_t n_back;

	parcel_pack(frame, n, certs, &parcel);
	assert_true(parcel_open(buf_bytes(&parcel), certs, &room, back, &n_back));
	assert_int_equal(n_back, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(back[i].size, frame[i].size);
		assert_memory_equal(back[i].data, frame[i].data, frame[i].size);
	}
}

static void
frames_come_back_from_a_parcel(void **state)
{
	static uint8_t largest[WIRE_FRAME_MAX];
	uint64_t seed = 4;
	struct bytes frame[WIRE_FRAMES_MAX] = {bytes_of("DXP1", 4), bytes_of("CONFIRM", 7),
		bytes_of("\0\0\0\0\0\0\0\1", 8), bytes_of("", 0),
		bytes_of(request, strlen(request))};
	struct parcel_certs c = {.n = 0};

	(void)state;
	parcel_certs_of(&c, bytes_of(list, strlen(list)));
	for (size_t i = 0; i < sizeof largest; i++)
		largest[i] = (uint8_t)next_random(&seed);
	for (size_t n = 1; n <= 5; n++)
		assert_parcel(frame, n, &c);
	frame[3] = (struct bytes){NULL, 0}; /* an empty field of a verb */
	assert_parcel(frame, 5, &c);
	frame[5] = frame[6] = bytes_of(largest, sizeof largest);
	assert_parcel(frame, 7, NULL);
	memset(largest, 'A', sizeof largest);
	assert_parcel(frame, 7, &c);
	parcel_certs_clear(&c);
}

static void
a_certificate_of_the_list_costs_nothing(void **state)
{
	OWNED_BUF(with) = {0};
	OWNED_BUF(without) = {0};
	OWNED_BUF(room) = {0};
	struct parcel_certs c = {.n = 0};
	const char *text = "<ds:X509Certificate>MIICzzzzQQQQwwww</ds:X509Certificate>";
	struct bytes frame = bytes_of(text, strlen(text)), back[WIRE_FRAMES_MAX];
	size_t n;

	(void)state;
	parcel_certs_of(&c, bytes_of(list, strlen(list)));
	parcel_pack(&frame, 1, &c, &with);
	parcel_pack(&frame, 1, NULL, &without);
	assert_int_equal(with.data[0], 1);
	assert_int_equal(without.data[0], 0);
	assert_true(with.size < without.size);
	/* Whoever has no list, or a shorter one, does not take it. */
	assert_false(parcel_open(buf_bytes(&with), NULL, &room, back, &n));
	parcel_certs_of(&c, bytes_of(list, 60));
	assert_false(parcel_open(buf_bytes(&with), &c, &room, back, &n));
	parcel_certs_clear(&c);
}

static void
assert_no_parcel(const char *octets, size_t size)
{
	OWNED_BUF(room) = {0};
	struct bytes frame[WIRE_FRAMES_MAX];
	size_t n;

	assert_false(parcel_open(bytes_of(octets, size), NULL, &room, frame, &n));
}

static void
what_is_no_parcel_is_refused(void **state)
{
	(void)state;
	assert_no_parcel("", 0);
	assert_no_parcel("\x80", 1); /* no frames */
	assert_no_parcel("\x80\x05"
			 "DXP1",
		6); /* less than it says */
	assert_no_parcel("\x80\x84\x00"
			 "DXP1",
		7);					/* a size in another spelling */
	assert_no_parcel("\x80\x80\x80\x80\x01", 5);	/* a size that is too large */
	assert_no_parcel("\x80\0\0\0\0\0\0\0\0\0", 10); /* nine frames */
	assert_no_parcel("\x04\x03\x00", 3);		/* more certificates than there can be */
	assert_no_parcel("\x01\x00\x00\x03\x00", 5);	/* one of a list that is not there */
	assert_no_parcel("\x81\x04"
			 "DXP1",
		6);
	assert_no_parcel("<e:Message>", 11);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dictionary_one_never_changes),
		cmocka_unit_test(every_kind_of_document_comes_back),
		cmocka_unit_test(a_record_is_less_than_a_third),
		cmocka_unit_test(what_does_not_shrink_is_left_as_it_is),
		cmocka_unit_test(a_bomb_is_neither_made_nor_opened),
		cmocka_unit_test(cut_short_or_followed_by_anything_is_refused),
		cmocka_unit_test(with_another_dictionary_nothing_of_it_comes_back),
		cmocka_unit_test(any_octets_may_come),
		cmocka_unit_test(the_list_gives_its_signers_certificates),
		cmocka_unit_test(frames_come_back_from_a_parcel),
		cmocka_unit_test(a_certificate_of_the_list_costs_nothing),
		cmocka_unit_test(what_is_no_parcel_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
