/* SPDX-License-Identifier: EUPL-1.2
 *
 * The receiving side of the adapter: what is rejected before the register is asked, and one entry
 * for one act through every interruption.
 */
#include "tests/unit/core_stage.h"

#include "lib/talk.h"

/* ---- the receiving side ---- */

static void
extract_is_entered_and_told_to_both(void **state)
{
	struct header h = take_extract("7");
	SENT(s);

	assert_true(work() == CORE_IDLE);
	assert_settled(&h, ST_COMMITTED, "");
	assert_int_equal(fake->n, 1);
	assert_string_equal(entry_of(&h).note, "SO-1");
	assert_told("Transcribed", "SO-1");
	read_outbox(&s);
	assert_true(id_equal(&s.header[0].leg, &h.leg));
	assert_false(id_equal(&s.header[1].leg, &h.leg));
	assert_true(id_equal(&s.header[1].conversation, &h.conversation));
	assert_false(s.header[0].has_key);
}

static void
same_act_in_another_message_is_already_there(void **state)
{
	struct header first = take_extract("7"), second;
	SENT(s);

	work();
	second = take_extract("7");
	work();
	assert_settled(&first, ST_COMMITTED, "");
	assert_settled(&second, ST_COMMITTED, "");
	assert_int_equal(fake->n, 1);
	assert_int_equal(fake->entered, 1);
	assert_int_equal(entry_of(&second).code, E_ALREADY);
	read_outbox(&s);
	assert_int_equal(s.n, 4);
	assert_outcome(&s, 0, "KE.CRS", "Transcribed", "SO-1");
	assert_outcome(&s, 2, "KE.CRS", "AlreadyTranscribed", "SO-1");
	assert_outcome(&s, 3, "UNHCR.NBO", "AlreadyTranscribed", "SO-1");
}

static void
act_that_came_by_another_road_is_already_there(void **state)
{
	struct header h = take_extract("7");

	fake->enter = E_ALREADY;
	work();
	assert_settled(&h, ST_COMMITTED, "");
	assert_told("AlreadyTranscribed", "OTHER-1");
}

static void
two_acts_are_two_entries(void **state)
{
	take_extract("7");
	take_extract("8");
	work();
	assert_int_equal(fake->n, 2);
}

static void
seal_of_another_party_is_rejected(void **state)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};

	compose_extract("7", SOMALIA, &body, &h.key);
	take(&h, buf_bytes(&body), KENYA, SOMALIA);
	work();
	assert_settled(&h, ST_REJECTED, "SEAL");
	assert_int_equal(fake->looked + fake->entered, 0);
}

static void
altered_extract_is_rejected(void **state)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};
	char *sex;

	compose_extract("7", KENYA, &body, &h.key);
	sex = strstr((char *)body.data, "<b:Sex>F");
	assert_non_null(sex);
	sex[7] = 'M';
	take(&h, buf_bytes(&body), KENYA, SOMALIA);
	work();
	assert_settled(&h, ST_REJECTED, "SEAL");
	assert_int_equal(fake->looked + fake->entered, 0);
}

static void
extract_without_seal_is_rejected(void **state)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};
	struct in_entry e;
	char *seal;

	compose_extract("7", KENYA, &body, &h.key);
	seal = strstr((char *)body.data, "<ds:Signature");
	assert_non_null(seal);
	body.size = (size_t)(seal - (char *)body.data);
	buf_text(&body, "</b:CertifiedExtract>");
	take(&h, buf_bytes(&body), KENYA, SOMALIA);
	work();
	e = entry_of(&h);
	assert_int_equal(e.state, IN_DONE);
	assert_true(e.code == E_SEAL || e.code == E_SCHEMA);
	assert_int_equal(fake->looked + fake->entered, 0);
}

/* One act under two keys would be two entries. */
static void
key_that_does_not_fit_the_record_is_rejected(void **state)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};

	compose_extract("7", KENYA, &body, &h.key);
	h.key.octet[0] ^= 1;
	take(&h, buf_bytes(&body), KENYA, SOMALIA);
	work();
	assert_settled(&h, ST_REJECTED, "HEADER-MISMATCH");
	assert_int_equal(fake->entered, 0);
}

static void
body_for_another_party_is_rejected(void **state)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};

	compose_extract("7", KENYA, &body, &h.key);
	take(&h, buf_bytes(&body), KENYA, OFFICE);
	work();
	assert_settled(&h, ST_REJECTED, "BODY");
}

static void
action_that_is_not_handled_is_rejected(void **state)
{
	struct header h = header_for(A_CORRECTION_NOTICE, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};

	body_make(A_CORRECTION_NOTICE, 0, &body);
	take(&h, buf_bytes(&body), KENYA, SOMALIA);
	work();
	assert_settled(&h, ST_REJECTED, "ACTION");
}

static void
nothing_is_entered_that_could_not_be_told(void **state)
{
	static const enum who pairs[][2] = {{KENYA, SOMALIA}, {SOMALIA, KENYA}};
	OWNED(struct trust, fewer, trust_free) = trust_with(pairs, ARRAY_LEN(pairs));
	struct header h = take_extract("7");

	core_set_trust(stage.core, fewer);
	work();
	assert_settled(&h, ST_REJECTED, "NO-AGREEMENT");
	assert_int_equal(fake->entered, 0);
}

static void
missing_secret_is_waited_for(void **state)
{
	struct header h = take_extract("7");

	stage.no_secret = true;
	assert_int_equal(work(), 200);
	assert_int_equal(entry_of(&h).state, IN_TAKEN);
	stage.no_secret = false;
	stage.now += 200;
	work();
	assert_settled(&h, ST_COMMITTED, "");
}

/* ---- interruptions ---- */

static void
locked_register_keeps_the_claim(void **state)
{
	struct header h = take_extract("7");

	fake->enter = E_LOCKED;
	assert_int_equal(work(), 200);
	assert_int_equal(entry_of(&h).state, IN_CLAIMED);
	stage.now += 200;
	assert_int_equal(work(), 400);
	fake->enter = E_OK;
	stage.now += 400;
	work();
	assert_settled(&h, ST_COMMITTED, "");
	assert_int_equal(fake->n, 1);
	assert_told("Transcribed", "SO-1");
}

/* One work() in a process that the mishap kills. */
static void
work_in_a_process_that_dies(enum mishap mishap)
{
	int status;
	pid_t child;

	stage_stop();
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		stage_start();
		fake->mishap = mishap;
		work();
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 9);
	fake->mishap = NONE;
	stage_start();
}

static void
killed_after_the_entry_it_is_found_and_ours(void **state)
{
	struct header h = take_extract("7");

	work_in_a_process_that_dies(DIES_AFTER_ENTRY);
	assert_int_equal(entry_of(&h).state, IN_CLAIMED);
	assert_int_equal(fake->n, 1);
	work();
	assert_settled(&h, ST_COMMITTED, "");
	assert_int_equal(fake->n, 1);
	assert_int_equal(fake->entered, 1);
	assert_told("Transcribed", "SO-1");
}

static void
killed_before_the_entry_it_is_made_once(void **state)
{
	struct header h = take_extract("7");

	work_in_a_process_that_dies(DIES_BEFORE_ENTRY);
	work_in_a_process_that_dies(DIES_BEFORE_ENTRY);
	assert_int_equal(fake->n, 0);
	work();
	assert_settled(&h, ST_COMMITTED, "");
	assert_int_equal(fake->n, 1);
	assert_told("Transcribed", "SO-1");
}

static void
interrupted_entry_is_not_redone_blindly(void **state)
{
	struct header h = take_extract("7");

	work_in_a_process_that_dies(DIES_AFTER_ENTRY);
	fake->lookup = E_REGISTER;
	assert_int_equal(work(), 200);
	assert_int_equal(entry_of(&h).state, IN_CLAIMED);
	assert_int_equal(entry_of(&h).code, E_INTERRUPTED);
	assert_int_equal(fake->entered, 1);
	fake->lookup = E_OK;
	stage.now += 200;
	work();
	assert_settled(&h, ST_COMMITTED, "");
	assert_told("Transcribed", "SO-1");
}

static void
commit_of_unknown_end_is_looked_up(void **state)
{
	struct header h = take_extract("7");

	fake->mishap = COMMIT_UNKNOWN;
	assert_int_equal(work(), 200);
	stage.now += 200;
	work();
	assert_settled(&h, ST_COMMITTED, "");
	assert_int_equal(fake->n, 1);
	assert_told("Transcribed", "SO-1");
}

/* The second message must not take the first one's entry for its own, nor the other way round. */
static void
two_messages_of_one_act_do_not_cross(void **state)
{
	struct header first = take_extract("7"), second = take_extract("7");
	SENT(s);

	work_in_a_process_that_dies(DIES_AFTER_ENTRY);
	assert_int_equal(entry_of(&first).state, IN_CLAIMED);
	assert_int_equal(entry_of(&second).state, IN_TAKEN);
	work();
	assert_settled(&first, ST_COMMITTED, "");
	assert_settled(&second, ST_COMMITTED, "");
	read_outbox(&s);
	assert_outcome(&s, 0, "KE.CRS", "Transcribed", "SO-1");
	assert_outcome(&s, 2, "KE.CRS", "AlreadyTranscribed", "SO-1");
}

static void
second_message_waits_while_the_first_is_claimed(void **state)
{
	struct header first = take_extract("7"), second = take_extract("7");

	fake->enter = E_LOCKED;
	work();
	stage.now += 60000;
	work();
	assert_int_equal(entry_of(&first).state, IN_CLAIMED);
	assert_int_equal(entry_of(&second).state, IN_TAKEN);
	fake->enter = E_OK;
	stage.now += 60000;
	work();
	assert_settled(&first, ST_COMMITTED, "");
	assert_settled(&second, ST_COMMITTED, "");
	assert_int_equal(entry_of(&first).code, E_OK);
	assert_int_equal(entry_of(&second).code, E_ALREADY);
}

/* What the register holds is told although the certificate was revoked since. */
static void
claimed_entry_is_finished_without_the_agreement(void **state)
{
	static const enum who pairs[][2] = {{KENYA, SOMALIA}, {SOMALIA, KENYA}};
	OWNED(struct trust, fewer, trust_free) = trust_with(pairs, ARRAY_LEN(pairs));
	struct header h = take_extract("7");
	SENT(s);

	work_in_a_process_that_dies(DIES_AFTER_ENTRY);
	core_set_trust(stage.core, fewer);
	work();
	assert_settled(&h, ST_COMMITTED, "");
	read_outbox(&s);
	assert_int_equal(s.n, 1);
	assert_outcome(&s, 0, "KE.CRS", "Transcribed", "SO-1");
}

/* A name that does not fit the register's column, say. */
static void
act_that_can_never_be_entered_keeps_no_other_waiting(void **state)
{
	struct header bad = take_extract("6"), other = take_extract("7"), good[2];

	strcpy(fake->poison, "6");
	for (int i = 0; i < 2; i++) {
		good[i] = take_extract(i == 0 ? "8" : "9");
		for (int n = 0; n < 3; n++) {
			work();
			stage.now += 30000;
		}
		assert_settled(&good[i], ST_COMMITTED, "");
	}
	assert_settled(&other, ST_COMMITTED, "");
	assert_int_equal(entry_of(&bad).state, IN_CLAIMED);
	fake->poison[0] = '\0';
	work();
	assert_settled(&bad, ST_COMMITTED, "");
	assert_int_equal(fake->n, 4);
}

/* One octet of the message that stands on the disk. */
static void
damage_body(const struct header *h)
{
	OWNED(char, file, free_chars) = xprintf("%s/spool/data.mdb", stage.folder);
	OWNED_BUF(message) = {0};
	struct in_entry e;
	size_t size = (size_t)4 << 20;
	uint8_t *all = malloc(size), *at;
	FILE *f = fopen(file, "r+");

	assert_int_equal(spool_in(stage.spool, &h->from, &h->id, &e, &message), E_OK);
	stage_stop();
	assert_non_null(f);
	assert_int_equal(fread(all, 1, size, f), size);
	at = memmem(all, size, message.data, message.size);
	assert_non_null(at);
	assert_int_equal(fseek(f, at - all + 300, SEEK_SET), 0);
	fputc(at[300] ^ 1, f);
	fclose(f);
	free(all);
	stage_start();
}

static void
damaged_entry_keeps_no_other_waiting(void **state)
{
	struct header bad = take_extract("7"), good = take_extract("8");
	struct in_entry e;

	damage_body(&bad);
	work();
	assert_settled(&good, ST_COMMITTED, "");
	assert_int_equal(spool_in(stage.spool, &bad.from, &bad.id, &e, NULL), E_OK);
	assert_int_equal(e.state, IN_TAKEN);
}

static void
set_held(const struct header *h, const char *word)
{
	char id[ID_TEXT_SIZE];
	OWNED(char, key, free_chars) = NULL;

	id_format(&h->id, id);
	key = xprintf(TALK_HELD "%s/%s", h->from.code, id);
	assert_int_equal(spool_set_fact(stage.spool, key, bytes_of(word, strlen(word))), E_OK);
}

static void
held_entry_is_not_worked_on_and_holds_nobody_up(void **state)
{
	struct header h = take_extract("7");

	set_held(&h, "HELD");
	take_extract("8");
	work();
	assert_int_equal(fake->n, 1);
	assert_int_equal(entry_of(&h).state, IN_TAKEN);
	set_held(&h, "OK");
	work();
	assert_int_equal(fake->n, 2);
	assert_settled(&h, ST_COMMITTED, "");
}

static void
held_entry_of_a_revoked_signer_is_rejected(void **state)
{
	struct header h = take_extract("7");

	set_held(&h, "CERT-REVOKED");
	work();
	assert_settled(&h, ST_REJECTED, "CERT-REVOKED");
	assert_int_equal(fake->looked + fake->entered, 0);
}

static void
many_entries_are_worked_on_in_pieces(void **state)
{
	struct header h[20];

	for (size_t i = 0; i < ARRAY_LEN(h); i++) {
		h[i] = header_for(A_CORRECTION_NOTICE, KENYA, SOMALIA);
		OWNED_BUF(body) = {0};
		body_make(A_CORRECTION_NOTICE, 0, &body);
		take(&h[i], buf_bytes(&body), KENYA, SOMALIA);
	}
	assert_int_equal(work(), 0);
	assert_int_equal(entry_of(&h[19]).state, IN_TAKEN);
	assert_true(work() == CORE_IDLE);
	for (size_t i = 0; i < ARRAY_LEN(h); i++)
		assert_settled(&h[i], ST_REJECTED, "ACTION");
}

static void
full_spool_finishes_what_was_taken(void **state)
{
	struct header h = take_extract("7");

	fill_spool();
	assert_true(work() == CORE_IDLE);
	assert_settled(&h, ST_COMMITTED, "");
	assert_told("Transcribed", "SO-1");
}

/* The register was away for hours; meanwhile the news came that the signer had been revoked before.
 */
static void
extract_of_a_revoked_signer_is_not_entered(void **state)
{
	struct header h;

	stage.judged = E_CERT_REVOKED;
	h = take_extract("7");
	work();
	assert_settled(&h, ST_REJECTED, "CERT-REVOKED");
	assert_int_equal(fake->looked + fake->entered, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RECEIVER(extract_is_entered_and_told_to_both),
		RECEIVER(same_act_in_another_message_is_already_there),
		RECEIVER(act_that_came_by_another_road_is_already_there),
		RECEIVER(two_acts_are_two_entries),
		RECEIVER(seal_of_another_party_is_rejected),
		RECEIVER(altered_extract_is_rejected),
		RECEIVER(extract_without_seal_is_rejected),
		RECEIVER(key_that_does_not_fit_the_record_is_rejected),
		RECEIVER(body_for_another_party_is_rejected),
		RECEIVER(action_that_is_not_handled_is_rejected),
		RECEIVER(nothing_is_entered_that_could_not_be_told),
		RECEIVER(missing_secret_is_waited_for),
		RECEIVER(extract_of_a_revoked_signer_is_not_entered),
		RECEIVER(locked_register_keeps_the_claim),
		RECEIVER(killed_after_the_entry_it_is_found_and_ours),
		RECEIVER(killed_before_the_entry_it_is_made_once),
		RECEIVER(interrupted_entry_is_not_redone_blindly),
		RECEIVER(commit_of_unknown_end_is_looked_up),
		RECEIVER(two_messages_of_one_act_do_not_cross),
		RECEIVER(second_message_waits_while_the_first_is_claimed),
		RECEIVER(claimed_entry_is_finished_without_the_agreement),
		RECEIVER(full_spool_finishes_what_was_taken),
		RECEIVER(act_that_can_never_be_entered_keeps_no_other_waiting),
		RECEIVER(damaged_entry_keeps_no_other_waiting),
		RECEIVER(held_entry_is_not_worked_on_and_holds_nobody_up),
		RECEIVER(held_entry_of_a_revoked_signer_is_rejected),
		RECEIVER(many_entries_are_worked_on_in_pieces),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
