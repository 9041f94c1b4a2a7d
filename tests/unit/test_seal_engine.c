/* SPDX-License-Identifier: EUPL-1.2
 * How xmlsec is set up: what it knows, what it can open, what it may say; and that both votes speak
 * of the same octets. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <xmlsec/io.h>
#include <xmlsec/keysdata.h>
#include <xmlsec/list.h>
#include <xmlsec/transforms.h>

#include "lib/seal_parts.h"
#include "tests/unit/test_forge.h"

static struct identity *p256;

/* Three of its own and our three methods; no kind of key at all. */
static void
xmlsec_knows_our_algorithms_only(void **state)
{
	static const char *const strange[] = {"http://www.w3.org/2000/09/xmldsig#hmac-sha1",
		"http://www.w3.org/2000/09/xmldsig#sha1",
		"http://www.w3.org/TR/1999/REC-xslt-19991116",
		"http://www.w3.org/TR/1999/REC-xpath-19991116",
		"http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
		"http://www.w3.org/2001/10/xml-exc-c14n#WithComments"};

	(void)state;
	assert_int_equal(xmlSecPtrListGetSize(xmlSecTransformIdsGet()), 3 + METHOD_N);
	assert_int_equal(xmlSecPtrListGetSize(xmlSecKeyDataIdsGet()), 0);
	for (size_t i = 0; i < ARRAY_LEN(strange); i++)
		assert_ptr_equal(xmlSecTransformIdListFindByHref(xmlSecTransformIdsGet(),
					 BAD_CAST strange[i], xmlSecTransformUsageAny),
			xmlSecTransformIdUnknown);
}

/* xmlsec keeps openers of its own, beside those of libxml2. */
static void
xmlsec_opens_no_file(void **state)
{
	char file[] = "/tmp/daftar-test-XXXXXX";
	OWNED_FD(fd) = mkstemp(file);
	xmlSecTransform *t = xmlSecTransformCreate(xmlSecTransformInputURIId);

	(void)state;
	assert_true(fd >= 0);
	assert_non_null(t);
	assert_int_equal(write(fd, "<a></a>", 7), 7);
	assert_true(xmlSecTransformInputURIOpen(t, BAD_CAST file) < 0);
	assert_true(xmlSecTransformInputURIOpen(t, BAD_CAST "http://127.0.0.1:9/") < 0);
	xmlSecTransformDestroy(t);
	unlink(file);
}

/* ---- what is signed is what is read ---- */

static void
both_votes_cover_the_document_without_its_signature(void **state)
{
	struct bytes doc = bytes_of(BODY, strlen(BODY));
	OWNED_BUF(message) = {0};
	OWNED(xmlDoc, d, xml_free) = NULL;
	struct claims tree = {0}, bytes = {0};
	struct digest all;

	(void)state;
	assert_int_equal(seal_sign(doc, p256, &message), E_OK);
	assert_int_equal(xml_parse(buf_bytes(&message), &d), E_OK);
	assert_int_equal(seal_vote_tree(d, FORM_MESSAGE, key_of(p256), &tree), E_OK);
	assert_int_equal(
		seal_vote_bytes(buf_bytes(&message), FORM_MESSAGE, key_of(p256), &bytes), E_OK);
	digest_of(doc.data, doc.size, &all);
	assert_true(digest_equal(&tree.covered, &all));
	assert_true(digest_equal(&bytes.covered, &all));
}

static void
votes_about_different_things_differ(void **state)
{
	struct claims one = {.when = 1, .cert = "cert", .cert_size = 4}, two;

	(void)state;
	two = one;
	assert_int_equal(seal_votes_together(E_OK, &one, E_OK, &two), E_OK);
	assert_int_equal(seal_votes_together(E_OK, &one, E_SIGNATURE, &two), E_VOTES_DIFFER);
	assert_int_equal(seal_votes_together(E_SIGNATURE, &one, E_OK, &two), E_VOTES_DIFFER);
	assert_int_equal(
		seal_votes_together(E_ALGORITHM, &one, E_SIGNATURE_SHAPE, &two), E_ALGORITHM);
	two.covered.octet[31] ^= 1;
	assert_int_equal(seal_votes_together(E_OK, &one, E_OK, &two), E_VOTES_DIFFER);
	two = one;
	two.method = METHOD_RSA_SHA256;
	assert_int_equal(seal_votes_together(E_OK, &one, E_OK, &two), E_VOTES_DIFFER);
	two = one;
	two.when = 2;
	assert_int_equal(seal_votes_together(E_OK, &one, E_OK, &two), E_VOTES_DIFFER);
	two = one;
	two.cert[0] ^= 1;
	assert_int_equal(seal_votes_together(E_OK, &one, E_OK, &two), E_VOTES_DIFFER);
	two = one;
	two.cert_size = 3;
	assert_int_equal(seal_votes_together(E_OK, &one, E_OK, &two), E_VOTES_DIFFER);
}

/* ---- nothing is said ---- */

/* A fault for the parser, the canonicaliser, xmlsec and a schema; each of them would quote it. */
static void
fail_everywhere(void)
{
	static const char *const texts[] = {"<CANARY b=\"1\" b=\"2\"></CANARY>",
		"<CANARY:a></CANARY:a>", "<a xmlns:CANARY=\"CANARY\" CANARY:b=\"\"></a>",
		"<a></CANARY>", "<CANARY"};
	OWNED_BUF(good) = {0};
	OWNED_BUF(bad) = {0};
	char where[64];

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct bytes doc = bytes_of(texts[i], strlen(texts[i]));
		OWNED(xmlDoc, d, xml_free) = NULL;

		if (xml_parse(doc, &d) == E_OK) {
			assert_int_equal(xml_check_canonical(d, doc), E_NOT_CANONICAL);
			assert_int_equal(xml_validate(d, SCHEMA_ENVELOPE, where, 64), E_SCHEMA);
		}
	}
	forge(&good, &(struct forgery){0}, p256);
	replaced(&bad, &good, "UNHCR", "CANARY");
	assert_int_equal(vote_tree(buf_bytes(&bad), key_of(p256)), E_SIGNATURE);
}

static void
nothing_of_a_document_is_printed(void **state)
{
	char name[] = "/tmp/daftar-test-XXXXXX", said[64];
	OWNED_FD(file) = mkstemp(name);
	int out = dup(1), err = dup(2);
	ssize_t n;

	(void)state;
	assert_true(file >= 0 && out >= 0 && err >= 0);
	fflush(stdout);
	dup2(file, 1);
	dup2(file, 2);
	fail_everywhere();
	fflush(stdout);
	dup2(out, 1);
	dup2(err, 2);
	close(out);
	close(err);
	n = pread(file, said, sizeof said, 0);
	unlink(name);
	if (n > 0)
		fail_msg("%.*s", (int)n, said);
	assert_int_equal(n, 0);
}

static int
get_ready(void **state)
{
	const char *set = getenv("DAFTAR_SCHEMAS");
	OWNED(char, beside, free_chars) = xprintf("%s/../schemas", tests_folder());

	(void)state;
	p256 = make_identity("P-256");
	return xml_load_schemas(set != NULL ? set : beside) == E_OK ? 0 : -1;
}

static int
tidy_up(void **state)
{
	(void)state;
	identity_free(&p256);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xmlsec_knows_our_algorithms_only),
		cmocka_unit_test(xmlsec_opens_no_file),
		cmocka_unit_test(both_votes_cover_the_document_without_its_signature),
		cmocka_unit_test(votes_about_different_things_differ),
		cmocka_unit_test(nothing_of_a_document_is_printed),
	};

	xml_init();
	return cmocka_run_group_tests(tests, get_ready, tidy_up);
}
