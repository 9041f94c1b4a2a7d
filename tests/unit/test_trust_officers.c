/* SPDX-License-Identifier: EUPL-1.2
 *
 * Officers: whoever holds the operator's key alone must not be able to change anything where a list
 * names officers. Lists are made here with everything an attacker could leave out, double, exchange
 * or bring along, signed by the true operator; each must be refused for exactly that. */
#include "tests/unit/test_realm.h"

#include "lib/signature.h"

enum who_approves { ANNA, BENE, CARLO, STRANGER, OPERATOR, LATE, PEOPLE };

static struct {
	struct realm *realm;
	EVP_PKEY *key[PEOPLE];
	X509 *cert[PEOPLE];
} w;

#define END (-1)

struct plan {
	const char *version;
	int officer[10], approver[10]; /* each ended by END */
	const char *approvals;
	int64_t issued;		/* days from now */
	const char *other_text; /* signed by the approvers in the place of the list */
	const char *from, *to;	/* altered once they have approved */
};

static X509 *
officer_cert(EVP_PKEY *key, int from, int until)
{
	return cert_make(&(struct cert_plan){.country = "",
		.name = "officer",
		.key = key,
		.issuer_key = key,
		.from_day = from,
		.until_day = until,
		.basic = "critical,CA:FALSE",
		.usage = "critical,digitalSignature"});
}

static int
make_world(void **state)
{
	(void)state;
	realm_ready();
	w.realm = realm_new();
	for (int i = 0; i < PEOPLE; i++) {
		w.key[i] = EVP_EC_gen(i == BENE ? "P-384" : "P-256");
		w.cert[i] = officer_cert(w.key[i], i == LATE ? -20 : -1, i == LATE ? -10 : 300);
	}
	key_free(&w.key[OPERATOR]);
	w.key[OPERATOR] = w.realm->operator_key;
	EVP_PKEY_up_ref(w.key[OPERATOR]);
	cert_free(&w.cert[OPERATOR]);
	w.cert[OPERATOR] = officer_cert(w.key[OPERATOR], -1, 300);
	return 0;
}

static int
free_world(void **state)
{
	(void)state;
	for (int i = 0; i < PEOPLE; i++) {
		key_free(&w.key[i]);
		cert_free(&w.cert[i]);
	}
	realm_free(&w.realm);
	return 0;
}

static void
digest_of_cert(X509 *cert, char out[DIGEST_TEXT_SIZE])
{
	unsigned char *der = NULL;
	int size = i2d_X509(cert, &der);
	struct digest d;

	digest_of(der, (size_t)size, &d);
	OPENSSL_free(der);
	digest_format(&d, out);
}

/* Puts `piece' before the first `place' of the text. */
static void
splice(struct buf *text, const char *place, struct bytes piece)
{
	OWNED_BUF(whole) = {0};
	const char *at = strstr((const char *)text->data, place);

	assert_non_null(at);
	buf_add(&whole, text->data, (size_t)(at - (const char *)text->data));
	buf_add_bytes(&whole, piece);
	buf_text(&whole, at);
	buf_free(text);
	buf_add_bytes(text, buf_bytes(&whole));
}

static void
put_officers(const struct plan *p, struct buf *list)
{
	OWNED_BUF(piece) = {0};

	for (const int *o = p->officer; *o != END; o++) {
		OWNED_BUF(text) = {0};
		unsigned char *der = NULL;
		int size = i2d_X509(w.cert[*o], &der);

		buf_base64(&text, der, (size_t)size);
		OPENSSL_free(der);
		xml_open(&piece, "tl:Officer", "name", "An officer", NULL);
		buf_add_bytes(&piece, buf_bytes(&text));
		xml_close(&piece, "tl:Officer");
	}
	splice(list, "<tl:Anchor", buf_bytes(&piece));
	if (p->approvals != NULL) {
		OWNED(char, attribute, free_chars) = xprintf("approvals=\"%s\" ", p->approvals);

		splice(list, "issuedAt=", bytes_of(attribute, strlen(attribute)));
	}
}

static void
put_approvals(const struct plan *p, struct buf *list)
{
	OWNED_BUF(piece) = {0};
	OWNED_BUF(text) = {0};

	buf_text(&text, "daftar trust approval 1\n");
	buf_add_bytes(&text, buf_bytes(list));
	for (const int *o = p->approver; *o != END; o++) {
		struct bytes what = p->other_text == NULL
					    ? buf_bytes(&text)
					    : bytes_of(p->other_text, strlen(p->other_text));
		uint8_t value[SIGNATURE_MAX];
		size_t size = sizeof value;
		char digest[DIGEST_TEXT_SIZE];
		enum method method;

		assert_true(method_of_key(w.key[*o], &method));
		assert_true(signature_make(w.key[*o], method, what, value, &size));
		digest_of_cert(w.cert[*o], digest);
		xml_open(&piece, "tl:Approval", "officer", digest, NULL);
		buf_base64(&piece, value, size);
		xml_close(&piece, "tl:Approval");
	}
	splice(list, "</tl:TrustList>", buf_bytes(&piece));
}

static void
alter(const struct plan *p, struct buf *list)
{
	char *at = p->from == NULL ? NULL : strstr((char *)list->data, p->from);

	if (p->from == NULL)
		return;
	assert_non_null(at);
	assert_int_equal(strlen(p->from), strlen(p->to));
	memcpy(at, p->to, strlen(p->to));
}

static enum err
load(const struct plan *p, struct trust **out)
{
	struct identity operator= {.key = w.realm->operator_key, .cert = w.realm->operator_cert};
	OWNED_BUF(plain) = {0};
	OWNED_BUF(list) = {0};
	unsigned char *der = NULL;

	operator.der_size =(size_t) i2d_X509(w.realm->operator_cert, &der);
	operator.der = der;
	realm_list(w.realm, p->version, instant_now() + p->issued * DAY_MS, &plain);
	put_officers(p, &plain);
	put_approvals(p, &plain);
	alter(p, &plain);
	assert_int_equal(seal_sign(buf_bytes(&plain), &operator, & list), E_OK);
	OPENSSL_free(der);
	return trust_load(buf_bytes(&list), w.realm->operator_cert, instant_now(), out);
}

static struct plan
two_of_three(const char *version)
{
	return (struct plan){.version = version,
		.officer = {ANNA, BENE, CARLO, END},
		.approver = {ANNA, BENE, END},
		.approvals = "2"};
}

static void
expect(const struct plan *p, enum err wanted)
{
	OWNED(struct trust, t, trust_free) = NULL;
	enum err e = load(p, &t);

	if (e != wanted)
		fail_msg("%s in the place of %s", err_word(e), err_word(wanted));
}

static struct trust *
loaded(const struct plan *p)
{
	struct trust *t = NULL;

	assert_int_equal(load(p, &t), E_OK);
	return t;
}

/* ---- what a list needs itself ---- */

static void
a_list_carries_the_approvals_that_it_demands(void **state)
{
	struct plan p = two_of_three("8");
	OWNED(struct trust, t, trust_free) = loaded(&p);

	(void)state;
	assert_int_equal(trust_officer_count(t), 3);
	assert_string_equal(trust_officer_at(t, 0)->name, "An officer");
	assert_int_equal(trust_approvals(t), 2);
	p.approver[1] = END;
	expect(&p, E_APPROVAL);
	p.approver[0] = END;
	expect(&p, E_APPROVAL);
}

static void
one_officer_does_not_count_twice(void **state)
{
	struct plan p = two_of_three("8");

	(void)state;
	p.approver[1] = ANNA;
	expect(&p, E_APPROVAL);
	p = two_of_three("8");
	p.officer[1] = ANNA;
	expect(&p, E_APPROVAL);
}

static void
only_an_officer_of_the_list_approves(void **state)
{
	struct plan p = two_of_three("8");

	(void)state;
	p.approver[1] = STRANGER;
	expect(&p, E_APPROVAL);
}

static void
the_operators_key_is_no_officers(void **state)
{
	struct plan p = two_of_three("8");

	(void)state;
	p.officer[1] = p.approver[1] = OPERATOR;
	expect(&p, E_APPROVAL);
	p.approver[1] = CARLO; /* not even when the approvals are there without it */
	expect(&p, E_APPROVAL);
}

static void
officers_and_the_number_of_approvals_go_together(void **state)
{
	struct plan p = two_of_three("8");

	(void)state;
	p.approvals = "4";
	expect(&p, E_APPROVAL);
	p.approvals = "0";
	expect(&p, E_SCHEMA);
	p.approvals = NULL;
	expect(&p, E_APPROVAL);
	p = (struct plan){.version = "8", .officer = {END}, .approver = {END}, .approvals = "1"};
	expect(&p, E_APPROVAL);
}

static void
an_approval_is_for_these_octets_only(void **state)
{
	struct plan p = two_of_three("8");

	(void)state;
	p.from = "version=\"8\"";
	p.to = "version=\"9\"";
	expect(&p, E_APPROVAL);
	p = two_of_three("8");
	p.other_text = "daftar trust approval 1\n";
	expect(&p, E_APPROVAL);
}

static void
an_officers_certificate_counts_in_its_own_days(void **state)
{
	struct plan p = two_of_three("8");

	(void)state;
	p.officer[1] = p.approver[1] = LATE;
	expect(&p, E_APPROVAL);
	p.issued = -15;		/* when the certificate was alive */
	expect(&p, E_APPROVAL); /* when Anna's was not yet */
	p.officer[0] = p.approver[0] = LATE;
	p.officer[1] = p.approver[1] = END;
	p.approvals = "1";
	expect(&p, E_OK);
}

/* ---- what may take the place of what ---- */

static void
a_list_without_officers_is_replaced_as_ever(void **state)
{
	struct plan none = {.version = "8", .officer = {END}, .approver = {END}};
	struct plan named = two_of_three("9");
	OWNED(struct trust, known, trust_free) = loaded(&none);
	OWNED(struct trust, next, trust_free) = loaded(&named);

	(void)state;
	assert_int_equal(trust_officer_count(known), 0);
	assert_int_equal(trust_replaces(known, next), E_OK);
}

static void
the_operators_key_alone_does_not_drop_the_officers(void **state)
{
	struct plan before = two_of_three("8");
	struct plan alone = {.version = "9", .officer = {END}, .approver = {END}};
	OWNED(struct trust, known, trust_free) = loaded(&before);
	OWNED(struct trust, next, trust_free) = loaded(&alone);

	(void)state;
	assert_int_equal(trust_replaces(known, next), E_APPROVAL);
	alone.approver[0] = ANNA;
	alone.approver[1] = END;
	OWNED(struct trust, one, trust_free) = loaded(&alone);
	assert_int_equal(trust_replaces(known, one), E_APPROVAL);
	alone.approver[1] = CARLO;
	alone.approver[2] = END;
	OWNED(struct trust, two, trust_free) = loaded(&alone);
	assert_int_equal(trust_replaces(known, two), E_OK);
}

static void
the_list_in_force_says_who_approves_and_how_many(void **state)
{
	struct plan before = two_of_three("8");
	struct plan own = {.version = "9",
		.officer = {STRANGER, END},
		.approver = {STRANGER, END},
		.approvals = "1"};
	OWNED(struct trust, known, trust_free) = loaded(&before);
	OWNED(struct trust, next, trust_free) = loaded(&own);

	(void)state;
	/* The operator's thief brings an officer of his own, or asks for fewer. */
	assert_int_equal(trust_replaces(known, next), E_APPROVAL);
	own = two_of_three("9");
	own.approvals = "1";
	own.approver[1] = END;
	OWNED(struct trust, fewer, trust_free) = loaded(&own);
	assert_int_equal(trust_replaces(known, fewer), E_APPROVAL);
	own = two_of_three("9");
	OWNED(struct trust, good, trust_free) = loaded(&own);
	assert_int_equal(trust_replaces(known, good), E_OK);
}

static void
approvals_of_one_list_do_not_serve_another(void **state)
{
	struct plan before = two_of_three("8");
	struct plan alone = {.version = "7", /* what they approved; the thief makes a 9 of it */
		.officer = {END},
		.approver = {ANNA, BENE, END},
		.from = "\"7\"",
		.to = "\"9\""};
	OWNED(struct trust, known, trust_free) = loaded(&before);

	(void)state;
	OWNED(struct trust, next, trust_free) = loaded(&alone);
	assert_int_equal(trust_replaces(known, next), E_APPROVAL);
}

static void
an_older_version_does_not_come_back_with_any_approval(void **state)
{
	struct plan before = two_of_three("8"), older = two_of_three("7"), earlier;
	OWNED(struct trust, known, trust_free) = loaded(&before);
	OWNED(struct trust, next, trust_free) = loaded(&older);

	(void)state;
	assert_int_equal(trust_replaces(known, next), E_TRUST_OLD);
	/* Issued before the one in force, when another officer's certificate was still good. */
	cert_free(&w.cert[STRANGER]);
	w.cert[STRANGER] = officer_cert(w.key[STRANGER], -20, 300);
	earlier = (struct plan){.version = "9",
		.officer = {STRANGER, END},
		.approver = {STRANGER, END},
		.approvals = "1",
		.issued = -2};
	before = (struct plan){.version = "8",
		.officer = {STRANGER, END},
		.approver = {STRANGER, END},
		.approvals = "1"};
	OWNED(struct trust, now, trust_free) = loaded(&before);
	OWNED(struct trust, then, trust_free) = loaded(&earlier);
	assert_int_equal(trust_replaces(now, then), E_TRUST_OLD);
}

/* ---- what ends ---- */

static void
what_ends_is_told_the_soonest_first(void **state)
{
	struct plan p = two_of_three("8");
	OWNED(struct trust, t, trust_free) = loaded(&p);
	struct trust_expiry x[64];
	int64_t now = instant_now();
	size_t n = trust_expiring(t, now, 60 * DAY_MS, x, 64);

	(void)state;
	/* The two certificates of the party that lapses, then the list itself; what was revoked
	 * is not told. */
	assert_int_equal(n, 3);
	assert_int_equal(x[0].what + x[1].what, EXPIRY_SIGN + EXPIRY_ENCRYPT);
	assert_string_equal(x[0].party.code, "KE.LAPSED");
	assert_string_equal(x[0].country, "KE");
	assert_int_equal(x[2].what, EXPIRY_LIST);
	assert_int_equal(x[2].until, trust_valid_until(t));
	for (size_t i = 1; i < n; i++)
		assert_true(x[i - 1].until <= x[i].until);
	assert_int_equal(trust_expiring(t, now, 60 * DAY_MS, x, 1), 3);
	assert_int_equal(trust_expiring(t, now, DAY_MS, x, 64), 0);
	/* In a year everything but the authorities ends. */
	n = trust_expiring(t, now, 365 * DAY_MS, x, 64);
	assert_int_equal(n, 1 + 3 + 2 * (WHO_N - 1) + 1 + 1);
	assert_string_equal(expiry_word(EXPIRY_OFFICER), "officer");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_carries_the_approvals_that_it_demands),
		cmocka_unit_test(one_officer_does_not_count_twice),
		cmocka_unit_test(only_an_officer_of_the_list_approves),
		cmocka_unit_test(the_operators_key_is_no_officers),
		cmocka_unit_test(officers_and_the_number_of_approvals_go_together),
		cmocka_unit_test(an_approval_is_for_these_octets_only),
		cmocka_unit_test(an_officers_certificate_counts_in_its_own_days),
		cmocka_unit_test(a_list_without_officers_is_replaced_as_ever),
		cmocka_unit_test(the_operators_key_alone_does_not_drop_the_officers),
		cmocka_unit_test(the_list_in_force_says_who_approves_and_how_many),
		cmocka_unit_test(approvals_of_one_list_do_not_serve_another),
		cmocka_unit_test(an_older_version_does_not_come_back_with_any_approval),
		cmocka_unit_test(what_ends_is_told_the_soonest_first),
	};

	return cmocka_run_group_tests(tests, make_world, free_world);
}
