/* SPDX-License-Identifier: EUPL-1.2
 *
 * What travels, and what is let in: consent, agreement and the receiving registry's needs each cut
 * an extract, and the receiving side refuses one that holds more (domain.md 1.2, P5). */
#include "tests/unit/core_stage.h"

#include "adapters/core_parts.h"
#include "tests/unit/fields_stage.h"

static void
use_terms(const char *demands, const char *profile)
{
	realm_demands = demands;
	realm_profile = profile;
	trust_free(&trust);
	trust = trust_with(all_pairs, ARRAY_LEN(all_pairs));
	realm_demands = realm_profile = NULL;
	core_set_trust(stage.core, trust);
}

static int
end_terms(void **state)
{
	use_terms(NULL, NULL);
	return stage_end(state);
}

/* ---- P5, for many lists ---- */

static uint32_t seed = 20241;

static uint32_t
random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

struct list {
	const char *path[12];
	size_t n;
};

/* Some particulars, some whole groups, some that are nothing. */
static struct list
random_list(void)
{
	static const char *const groups[] = {
		"b:Parent", "b:Entry", "b:Birth", "b:Subject", "b:Nothing"};
	struct list l = {.n = 1 + random_below(12)};
	size_t all = 0;

	while (extract_field_at(all) != NULL)
		all++;
	for (size_t i = 0; i < l.n; i++)
		l.path[i] = random_below(5) == 0 ? groups[random_below(5)]
						 : extract_field_at(random_below((uint32_t)all));
	return l;
}

static const struct {
	const char *word;
	struct list list; /* n 0: everything */
} sets[] = {
	{"BIRTH-CORE", {{"b:Entry/b:Volume", "b:Entry/b:Page", "b:Entry/b:Serial"}, 3}},
	{"BIRTH-PARENTS",
		{{"b:Entry/b:Volume", "b:Entry/b:Page", "b:Entry/b:Serial", "b:Parent/t:Name"}, 4}},
	{"BIRTH-FULL", {{NULL}, 0}},
};

static void
P5_extract_holds_only_what_agreement_consent_and_receiver_allow(void **state)
{
	const struct party somalia = party_of(SOMALIA);
	struct trust_profile *profile =
		&((struct trust_party *)trust_party(trust, &somalia))->profile;
	struct trust_agreement g = {.to = somalia, .id = "AGR-1"};
	struct job j = {.c = stage.core};

	for (size_t round = 0; round < 600; round++) {
		OWNED(struct request, r, request_free) = request_new();
		OWNED(struct extract, x, extract_free) = whole_extract();
		const struct list agreed = random_list(), needed = random_list();
		const size_t set = random_below(ARRAY_LEN(sets));
		struct found before = {0}, after = {0};

		r->consent.field_set = sets[set].word;
		g.field = agreed.path;
		g.n_field = agreed.n;
		profile->need = needed.path;
		profile->n_need = needed.n;
		look_at(x, &before);
		extract_limit(&j, r, &g, x);
		look_at(x, &after);
		assert_int_equal(extract_within(&j, &g, x), E_OK);
		for (size_t i = 0; i < after.n; i++) {
			const char *path = after.path[i];

			assert_true(has_found(&before, path));
			if (is_core(path))
				continue;
			assert_true(is_listed(path, agreed.path, agreed.n));
			assert_true(is_listed(path, needed.path, needed.n));
			assert_true(sets[set].list.n == 0 ||
				    is_listed(path, sets[set].list.path, sets[set].list.n));
		}
		/* What is gone is said to be gone. */
		for (size_t i = 0; i < before.n; i++) {
			const char *path = before.path[i];
			const char *told = strncmp(path, "b:Parent/", 9) == 0 && x->parents == NULL
						   ? "b:Parent"
						   : path;

			if (!has_found(&after, path))
				assert_true(is_redacted(x, told, "field-set") ||
					    is_redacted(x, told, "agreement") ||
					    is_redacted(x, told, "not-needed"));
		}
	}
	*profile = (struct trust_profile){0};
}

/* ---- the issuing side ---- */

static void
each_list_cuts_and_says_its_reason(void **state)
{
	OWNED(struct request, r, request_free) = case_hodan();
	OWNED(struct extract, x, extract_free) = NULL;
	SENT(s);

	/* The entry has a mother, her nationality, and a time of birth. */
	use_terms("<tl:Field>b:Parent</tl:Field>",
		"<tl:Profile tier=\"1\"><tl:Need>b:Parent/t:Name</tl:Need>"
		"<tl:Need>b:Birth/b:Time</tl:Need></tl:Profile>");
	r->consent.field_set = "BIRTH-FULL";
	take_request_of(r);
	work();
	read_outbox(&s);
	assert_int_equal(s.n, 1);
	assert_int_equal(extract_parse(buf_bytes(&s.body[0]), &x), E_OK);
	assert_non_null(x->parents);
	assert_null(x->parents->nationality);
	assert_null(x->birth_time);
	assert_redacted(x, "b:Birth/b:Time", "agreement");
	assert_redacted(x, "b:Parent/b:Nationality", "not-needed");
}

static void
the_further_recipient_can_open_what_is_sent_and_nobody_else(void **state)
{
	OWNED_BUF(message) = {0};
	struct id id;

	trust_free(&trust);
	realm_demands = "<tl:AlsoTo>KE.LAPSED</tl:AlsoTo>";
	trust = trust_with(all_pairs, 3);
	realm_demands = NULL;
	core_set_trust(stage.core, trust);
	take_request();
	work();
	assert_int_equal(spool_next_to_send(stage.spool, NULL, &id, &message), E_OK);
	for (enum who w = 0; w < WHO_N; w++) {
		OWNED_BUF(body) = {0};
		bool may = w == SOMALIA || w == LAPSED;

		assert_int_equal(message_open(buf_bytes(&message), realm->encrypt[w], &body),
			may ? E_OK : E_BODY);
	}
}

/* ---- the receiving side ---- */

static void
assert_not_entered(const struct header *h)
{
	assert_settled(h, ST_REJECTED, "FIELD-NOT-ALLOWED");
	assert_int_equal(fake->looked + fake->entered, 0);
}

static void
extract_with_a_particular_too_many_is_refused(void **state)
{
	struct header h;

	use_terms("<tl:Field>b:Parent</tl:Field>", NULL);
	h = take_extract("7"); /* with a time of birth */
	work();
	assert_not_entered(&h);
}

static void
extract_with_what_the_registry_does_not_enter_is_refused(void **state)
{
	struct header h;

	use_terms(NULL, "<tl:Profile tier=\"1\"><tl:Need>b:Parent</tl:Need></tl:Profile>");
	h = take_extract("7");
	work();
	assert_not_entered(&h);
}

static void
extract_within_all_lists_is_entered(void **state)
{
	struct header h;

	use_terms("<tl:Field>b:Parent</tl:Field><tl:Field>b:Birth/b:Time</tl:Field>",
		"<tl:Profile tier=\"1\"><tl:Need>b:Parent/t:Name</tl:Need>"
		"<tl:Need>b:Parent/b:Nationality</tl:Need><tl:Need>b:Birth</tl:Need></tl:Profile>");
	h = take_extract("7");
	work();
	assert_settled(&h, ST_COMMITTED, "");
	assert_int_equal(fake->entered, 1);
}

/* It is sealed with it: the issuing adapter was not one of ours. */
static void
what_hides_in_an_extension_is_refused(void **state)
{
	OWNED(char, file, free_chars) =
		xprintf("%s/data/valid/certified-extract/extended.xml", tests_folder());
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	const struct party receiver = party_of(SOMALIA);
	OWNED(struct extract, x, extract_free) = extract_of_file(file);
	OWNED_BUF(plain) = {0};
	OWNED_BUF(sealed) = {0};
	char *seal;

	use_terms("<tl:Field>b:Entry</tl:Field><tl:Field>b:Subject</tl:Field>"
		  "<tl:Field>b:Birth</tl:Field><tl:Field>b:Parent</tl:Field>"
		  "<tl:Field>b:Annotation</tl:Field><tl:Field>b:Declarant</tl:Field>",
		NULL);
	text_of_file(file, &plain);
	seal = strstr((char *)plain.data, "<ds:Signature");
	assert_non_null(seal);
	plain.size = (size_t)(seal - (char *)plain.data);
	buf_text(&plain, "</b:CertifiedExtract>");
	assert_int_equal(
		seal_extract(buf_bytes(&plain), realm->sign[KENYA], instant_now(), &sealed), E_OK);
	record_key(bytes_of(shared_secret, 32), &receiver, "KE", &x->entry, &h.key);
	take(&h, buf_bytes(&sealed), KENYA, SOMALIA);
	work();
	assert_not_entered(&h);
}

/* Whatever the lists say by then: it may be in the register already. */
static void
claimed_extract_comes_to_its_end_under_a_shorter_list(void **state)
{
	const struct header h = take_extract("7");

	fake->lookup = E_REGISTER;
	work();
	assert_int_equal(entry_of(&h).state, IN_CLAIMED);
	use_terms("<tl:Field>b:Annotation</tl:Field>", NULL);
	fake->lookup = E_OK;
	stage.now += 60000;
	work();
	assert_settled(&h, ST_COMMITTED, "");
}

#define TEST(name, begin) cmocka_unit_test_setup_teardown(name, begin, end_terms)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(P5_extract_holds_only_what_agreement_consent_and_receiver_allow, as_issuer),
		TEST(each_list_cuts_and_says_its_reason, as_issuer),
		TEST(the_further_recipient_can_open_what_is_sent_and_nobody_else, as_issuer),
		TEST(extract_with_a_particular_too_many_is_refused, as_receiver),
		TEST(extract_with_what_the_registry_does_not_enter_is_refused, as_receiver),
		TEST(extract_within_all_lists_is_entered, as_receiver),
		TEST(what_hides_in_an_extension_is_refused, as_receiver),
		TEST(claimed_extract_comes_to_its_end_under_a_shorter_list, as_receiver),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
