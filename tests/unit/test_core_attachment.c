/* SPDX-License-Identifier: EUPL-1.2
 *
 * Parts of scans at an adapter: what is taken, what is not, and that it goes with its case. */
#include "tests/unit/case_stage.h"

#include "adapters/core_parts.h"
#include "adapters/scans.h"

#define FILE_SIZE ((size_t)2 * SCAN_PART + 1000)

static uint8_t file[FILE_SIZE];
static char digest[DIGEST_TEXT_SIZE];

/* ---- the request, and parts ---- */

static struct header
request_with(const struct whole_case *k, const char *kind)
{
	OWNED(struct request, r, request_free) = case_hodan();
	struct document d = {.kind = kind, .digest = digest, .media_type = "image/jpeg"};
	OWNED_BUF(body) = {0};
	struct digest x;

	memcpy(file, "\xff\xd8\xff", 3);
	digest_of(file, sizeof file, &x);
	digest_format(&x, digest);
	r->documents = &d;
	request_compose(r, &body);
	r->documents = NULL;
	take_with(&k->request, k, buf_bytes(&body), OFFICE);
	work();
	return k->request;
}

static struct attachment
part(unsigned n)
{
	return (struct attachment){.document = {.kind = "proof-of-birth",
					   .digest = digest,
					   .media_type = "image/jpeg"},
		.size = sizeof file,
		.part = n,
		.of = scan_parts(sizeof file),
		.data = scan_part(bytes_of(file, sizeof file), n)};
}

static struct header
header_of(const struct whole_case *k)
{
	struct header h = header_for(A_ATTACHMENT, OFFICE, KENYA);
	struct in_entry e = entry_of(&k->request);

	put_in_case(k, &h);
	h.has_ref = true;
	h.ref = k->request.id;
	h.ref_digest = e.digest;
	return h;
}

static struct header
comes_as(struct header h, const struct whole_case *k, const struct attachment *a)
{
	OWNED_BUF(body) = {0};

	attachment_compose(a, &body);
	take_with(&h, k, buf_bytes(&body), OFFICE);
	work();
	return h;
}

static struct header
comes(const struct whole_case *k, const struct attachment *a)
{
	return comes_as(header_of(k), k, a);
}

static struct header
part_comes(const struct whole_case *k, unsigned n)
{
	const struct attachment a = part(n);

	return comes(k, &a);
}

static bool
count(void *context, const struct scan_part *p)
{
	(void)p;
	(*(size_t *)context)++;
	return true;
}

static size_t
kept(const struct whole_case *k)
{
	size_t n = 0;

	assert_int_equal(scan_each(stage.spool, &k->request.conversation, count, &n), E_OK);
	return n;
}

/* ---- the tests ---- */

static void
parts_are_taken_in_any_order_and_once(void **state)
{
	CASE(k);
	struct header h;

	(void)state;
	case_begin(&k);
	request_with(&k, "proof-of-birth");
	h = part_comes(&k, 3);
	assert_settled(&h, ST_COMMITTED, "");
	h = part_comes(&k, 1);
	assert_settled(&h, ST_COMMITTED, "");
	h = part_comes(&k, 1);
	assert_settled(&h, ST_REJECTED, "CONFLICT");
	assert_int_equal(kept(&k), 2);
	h = part_comes(&k, 2);
	assert_settled(&h, ST_COMMITTED, "");
	assert_int_equal(kept(&k), 3);
}

static void
scan_that_nobody_has_named_is_not_taken(void **state)
{
	CASE(k);
	struct attachment a;
	struct header h;

	(void)state;
	case_begin(&k);
	request_with(&k, "proof-of-birth");
	a = part(1);
	a.document.digest = HEX64;
	h = comes(&k, &a);
	assert_settled(&h, ST_REJECTED, "NOT-FOUND");
	a = part(1);
	a.document.kind = "marriage";
	h = comes(&k, &a);
	assert_settled(&h, ST_REJECTED, "NOT-FOUND");
	a = part(1);
	a.document.media_type = "image/png";
	h = comes(&k, &a);
	assert_settled(&h, ST_REJECTED, "NOT-FOUND");
	assert_int_equal(kept(&k), 0);
}

static void
part_belongs_to_a_request_of_its_case_and_office(void **state)
{
	const struct attachment a = part(1);
	struct header h;
	CASE(k);

	(void)state;
	case_begin(&k);
	request_with(&k, "proof-of-birth");
	h = header_of(&k);
	h.has_ref = false;
	h = comes_as(h, &k, &a);
	assert_settled(&h, ST_REJECTED, "HEADER-MISMATCH");
	h = header_of(&k);
	h.ref_digest.octet[0] ^= 1;
	h = comes_as(h, &k, &a);
	assert_settled(&h, ST_REJECTED, "HEADER-MISMATCH");
	h = header_of(&k);
	h.ref = id_new();
	h = comes_as(h, &k, &a);
	assert_settled(&h, ST_REJECTED, "NOT-FOUND");
	assert_int_equal(kept(&k), 0);
}

static void
parts_of_one_file_fit_together(void **state)
{
	CASE(k);
	struct attachment a;
	struct header h;

	(void)state;
	case_begin(&k);
	request_with(&k, "proof-of-birth");
	h = part_comes(&k, 2);
	assert_settled(&h, ST_COMMITTED, "");
	a = part(3);
	a.size += 1;
	a.data.size = 1001;
	a.data.data = file;
	h = comes(&k, &a);
	assert_settled(&h, ST_REJECTED, "CONFLICT");
	a = part(3);
	a.of = 4;
	h = comes(&k, &a);
	assert_settled(&h, ST_REJECTED, "SCHEMA");
	a = part(1);
	a.data.size--;
	h = comes(&k, &a);
	assert_settled(&h, ST_REJECTED, "SCHEMA");
	assert_int_equal(kept(&k), 1);
}

static void
first_octets_are_what_the_media_type_says(void **state)
{
	CASE(k);
	struct attachment a;
	struct header h;

	(void)state;
	case_begin(&k);
	request_with(&k, "proof-of-birth");
	a = part(1);
	a.data = bytes_of(file + 1, SCAN_PART);
	h = comes(&k, &a);
	assert_settled(&h, ST_REJECTED, "INPUT");
	assert_int_equal(kept(&k), 0);
}

/* Without a withdrawal, too: what is not kept any more is not told of. */
static void
P7_scan_goes_with_its_case(void **state)
{
	CASE(k);

	(void)state;
	case_begin(&k);
	request_with(&k, "proof-of-birth");
	(void)part_comes(&k, 1);
	assert_int_equal(kept(&k), 1);
	assert_int_equal(spool_erase(stage.spool, &k.request.conversation, false), E_OK);
	core_forget_scans(stage.core, NULL);
	assert_int_equal(kept(&k), 0);
}

static void
machine_is_in_the_ledger_once_a_file(void **state)
{
	json_t *list = json_array();
	CASE(k);
	size_t n;

	(void)state;
	case_begin(&k);
	request_with(&k, "proof-of-birth");
	(void)part_comes(&k, 1);
	assert_int_equal(ledger_list(stage.spool, &k.request.conversation, list), E_OK);
	n = json_array_size(list);
	(void)part_comes(&k, 2);
	json_array_clear(list);
	assert_int_equal(ledger_list(stage.spool, &k.request.conversation, list), E_OK);
	assert_int_equal(json_array_size(list), n);
	json_decref(list);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		MANUAL_ISSUER(parts_are_taken_in_any_order_and_once),
		MANUAL_ISSUER(scan_that_nobody_has_named_is_not_taken),
		MANUAL_ISSUER(part_belongs_to_a_request_of_its_case_and_office),
		MANUAL_ISSUER(parts_of_one_file_fit_together),
		MANUAL_ISSUER(first_octets_are_what_the_media_type_says),
		MANUAL_ISSUER(P7_scan_goes_with_its_case),
		MANUAL_ISSUER(machine_is_in_the_ledger_once_a_file),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
