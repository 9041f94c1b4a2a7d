/* SPDX-License-Identifier: EUPL-1.2
 *
 * Scans: how a file is cut, what a part may say, and what it weighs. */
#include "tests/unit/test_realm.h"

#include <openssl/rand.h>

#include "lib/record.h"

static struct realm *realm;

static int
make_realm(void **state)
{
	(void)state;
	realm = realm_new();
	return 0;
}

static int
free_realm(void **state)
{
	(void)state;
	realm_free(&realm);
	return 0;
}

static void
file_is_cut_in_one_way(void **state)
{
	static uint8_t octets[2 * SCAN_PART + 1];
	const struct bytes whole = bytes_of(octets, sizeof octets);

	(void)state;
	assert_int_equal(scan_parts(1), 1);
	assert_int_equal(scan_parts(SCAN_PART), 1);
	assert_int_equal(scan_parts(SCAN_PART + 1), 2);
	assert_int_equal(scan_parts(ATTACHMENT_MAX), 280);
	assert_int_equal(scan_part(whole, 2).size, SCAN_PART);
	assert_ptr_equal(scan_part(whole, 3).data, octets + 2 * SCAN_PART);
	assert_int_equal(scan_part(whole, 3).size, 1);
}

static void
first_octets_tell_the_media_type(void **state)
{
	(void)state;
	assert_string_equal(scan_media(bytes_of("%PDF-1.7", 8)), "application/pdf");
	assert_string_equal(scan_media(bytes_of("\xff\xd8\xff\xe0", 4)), "image/jpeg");
	assert_string_equal(scan_media(bytes_of("\x89PNG\r\n\x1a\n", 8)), "image/png");
	assert_null(scan_media(bytes_of("\x89PNG\r\n\x1a", 7)));
	assert_null(scan_media(bytes_of("GIF89a", 6)));
	assert_null(scan_media(bytes_of("", 0)));
}

static enum err
parsed(const char *size, const char *n, const char *of, const char *data)
{
	OWNED(struct attachment, a, attachment_free) = NULL;
	OWNED_BUF(b) = {0};

	buf_printf(&b,
		"<c:Attachment xmlns:c=\"urn:daftar:case:1\" schemaVersion=\"1.0\">"
		"<c:DocumentDigest>" HEX64 "</c:DocumentDigest><c:Kind>other</c:Kind>"
		"<c:MediaType>image/png</c:MediaType><c:Size>%s</c:Size><c:Part>%s</c:Part>"
		"<c:Of>%s</c:Of><c:Data>%s</c:Data></c:Attachment>",
		size, n, of, data);
	return attachment_parse(buf_bytes(&b), &a);
}

static void
numbers_that_do_not_fit_are_refused(void **state)
{
	(void)state;
	assert_int_equal(parsed("3", "1", "1", "QUJD"), E_OK);
	assert_int_equal(parsed("4", "1", "1", "QUJD"), E_SCHEMA);
	assert_int_equal(parsed("2", "1", "1", "QUJD"), E_SCHEMA);
	assert_int_equal(parsed("3", "2", "1", "QUJD"), E_SCHEMA);
	assert_int_equal(parsed("3", "1", "2", "QUJD"), E_SCHEMA);
	assert_int_equal(parsed("3", "0", "1", "QUJD"), E_SCHEMA);
	assert_int_equal(parsed("0", "1", "1", "QUJD"), E_SCHEMA);
	assert_int_equal(parsed("-3", "1", "1", "QUJD"), E_SCHEMA);
	assert_int_equal(parsed("99999999", "1", "1", "QUJD"), E_SCHEMA);
	assert_int_equal(parsed("9999999", "334", "334", "QUJD"), E_SCHEMA);
	assert_int_equal(parsed("30003", "2", "2", "QUJD"), E_OK);
	assert_int_equal(parsed("30003", "1", "2", "QUJD"), E_SCHEMA);
	assert_int_equal(parsed("3", "1", "1", "QUJ"), E_SCHEMA);
	assert_int_equal(parsed("3", "1", "1", ""), E_SCHEMA);
	assert_int_equal(parsed("3", "1", "1", "QU JD"), E_SCHEMA);
}

/* Octets that nothing makes smaller, under a token that two have signed. */
static void
full_part_fits_the_size_class_of_32_kib(void **state)
{
	static uint8_t octets[SCAN_PART];
	struct header h = header_for(A_ATTACHMENT, OFFICE, KENYA);
	struct attachment a = {.document = {.kind = "proof-of-registration",
				       .digest = HEX64,
				       .media_type = "application/pdf"},
		.size = ATTACHMENT_MAX,
		.part = 279,
		.of = 280,
		.data = bytes_of(octets, sizeof octets)};
	X509 *const to[] = {realm->encrypt[KENYA]->cert};
	OWNED_BUF(token) = {0};
	OWNED_BUF(body) = {0};
	OWNED_BUF(message) = {0};
	OWNED_BUF(opened) = {0};

	(void)state;
	assert_int_equal(RAND_bytes(octets, sizeof octets), 1);
	token_give(realm, &h, OFFICE, KENYA, true, &token);
	h.has_ref = true;
	h.ref = id_new();
	attachment_compose(&a, &body);
	assert_int_equal(message_compose_small(&h, buf_bytes(&token), buf_bytes(&body), to, 1,
				 realm->sign[OFFICE], &message),
		E_OK);
	print_message("# a part: %zu octets, the message %zu\n", sizeof octets, message.size);
	assert_true(message.size < 32768 * 4 / 3 + 8000);
	assert_int_equal(message_open(buf_bytes(&message), realm->encrypt[KENYA], &opened), E_OK);
	assert_int_equal(opened.size, body.size);
	assert_memory_equal(opened.data, body.data, body.size);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_is_cut_in_one_way),
		cmocka_unit_test(first_octets_tell_the_media_type),
		cmocka_unit_test(numbers_that_do_not_fit_are_refused),
		cmocka_unit_test(full_part_fits_the_size_class_of_32_kib),
	};

	realm_ready();
	return cmocka_run_group_tests(tests, make_realm, free_realm);
}
