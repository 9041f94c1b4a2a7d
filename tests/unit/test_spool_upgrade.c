/* SPDX-License-Identifier: EUPL-1.2
 *
 * A spool of the first layout (tests/data/spool-1: made by the daftar before keys and MACs) opens
 * with everything that it held, and what the new layout adds is true of it. One of the second
 * (tests/data/spool-2: entries did not tell of their consent token) is read as it is, and each of
 * its records is written anew when it changes. */
#include "tests/unit/spool_stage.h"

#include <stdlib.h>

#define OLD_EPOCH UINT64_C(1795762805681)

static void
copy_file(const char *from, const char *to)
{
	char block[4096];
	OWNED_FD(in) = open(from, O_RDONLY);
	OWNED_FD(out) = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ssize_t n;

	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, block, sizeof block)) > 0)
		assert_int_equal(write(out, block, (size_t)n), n);
}

static void
copy_data(const char *name, const char *to)
{
	const char *tests = getenv("DAFTAR_TESTS");
	char from[512];

	snprintf(from, sizeof from, "%s/data/%s", tests != NULL ? tests : "tests", name);
	copy_file(from, to);
}

static void
place_old(void **state, const char *data)
{
	struct place *p = xcalloc(1, sizeof *p);
	char to[160];

	*state = p;
	strcpy(p->folder, "/tmp/daftar-spool-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->spool, sizeof p->spool, "%s/spool", p->folder);
	assert_int_equal(mkdir(p->spool, 0700), 0);
	snprintf(to, sizeof to, "%s/data.mdb", p->spool);
	copy_data(data, to);
}

static int
setup_old(void **state)
{
	place_old(state, "spool-1/data.mdb");
	return 0;
}

static int
setup_second(void **state)
{
	struct place *p;
	char key[160];

	place_old(state, "spool-2/data.mdb");
	p = *state;
	snprintf(key, sizeof key, "%s.key", p->spool);
	copy_data("spool-2/spool.key", key);
	return 0;
}

struct seen {
	enum out_state out[8];
	enum in_state in[8];
	enum stage in_stage[8], out_stage[8];
	bool body[8];
	struct id id[8];
	size_t n_out, n_in, book, ended;
};

static bool
see_out(void *context, const struct out_entry *e)
{
	struct seen *s = context;

	s->out[s->n_out] = e->state;
	s->out_stage[s->n_out] = e->stage;
	s->body[s->n_out] = e->body;
	s->id[s->n_out++] = e->header.id;
	return true;
}

static bool
see_in(void *context, const struct in_entry *e)
{
	struct seen *s = context;

	s->in[s->n_in] = e->state;
	s->in_stage[s->n_in++] = e->stage;
	return true;
}

static void
count_book(void *context, int64_t created, const struct digest *element, bool out, uint64_t order)
{
	((struct seen *)context)->book++;
}

static void
assert_old_content(struct spool *s)
{
	static const enum out_state out[] = {
		OUT_FILED, OUT_SENT, OUT_DELIVERED, OUT_ENDED, OUT_ENDED, OUT_REFUSED};
	static const enum in_state in[] = {
		IN_TAKEN, IN_WAITING, IN_CLAIMED, IN_DONE, IN_TOLD, IN_TOLD};
	static const enum stage stages[] = {
		ST_ACCEPTED, ST_ACCEPTED, ST_ACCEPTED, ST_COMMITTED, ST_REJECTED, ST_COMMITTED};
	OWNED_BUF(b) = {0};
	struct seen seen = {.n_out = 0};
	struct spool_scrub scrub;
	uint64_t seq;

	assert_int_equal(spool_each_out(s, see_out, &seen), E_OK);
	assert_int_equal(spool_each_in(s, see_in, &seen), E_OK);
	assert_int_equal(seen.n_out, 6);
	assert_int_equal(seen.n_in, 6);
	assert_memory_equal(seen.out, out, sizeof out);
	assert_memory_equal(seen.in, in, sizeof in);
	assert_memory_equal(seen.in_stage, stages, sizeof stages);
	assert_int_equal(seen.out_stage[4], ST_REJECTED);
	assert_true(seen.body[3]);
	assert_evidence(s, &seen.id[3], "ACCEPTED", "accepted");
	assert_evidence(s, &seen.id[3], "ENDED", "ended");
	assert_evidence(s, &seen.id[3], "ADDRESSEE", "signed");
	assert_int_equal(spool_fact(s, "case/2", &b), E_OK);
	assert_string_equal((char *)b.data, "another");
	assert_int_equal(spool_last_notice(s), 41);
	assert_int_equal(spool_next_seq(s, &kenya, 0, &seq), E_OK);
	assert_true(seq > 6);
	assert_int_equal(spool_book(s, INT64_MIN, INT64_MAX, count_book, &seen), E_OK);
	assert_int_equal(seen.book, 4 + 6);
	assert_false(spool_is_restored(s));
	assert_int_equal(spool_scrub(s, &scrub), E_OK);
}

static void
spool_of_the_first_layout_opens_whole(void **state)
{
	struct place *p = *state;
	uint64_t epoch;

	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_OK);
	assert_old_content(p->s);
	assert_int_equal(spool_take_link(p->s, &epoch), E_OK);
	assert_int_equal(epoch, OLD_EPOCH + 1);
	reopen(p);
	assert_old_content(p->s);
}

static void
it_works_on_like_any_other(void **state)
{
	struct place *p = *state;
	struct spool_scrub scrub;
	struct buf m = {0};
	struct id id, next;

	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_OK);
	id = file(p->s, &m);
	assert_int_equal(spool_next_to_send(p->s, NULL, &next, &m), E_OK);
	assert_int_equal(spool_sent(p->s, &next, TEXT("accepted"), NOW), E_OK);
	assert_int_equal(spool_next_to_send(p->s, NULL, &next, &m), E_OK);
	assert_true(id_equal(&next, &id));
	assert_int_equal(spool_scrub(p->s, &scrub), E_OK);
	buf_free(&m);
}

/* What was damaged under the old check is found under the new one, and holds up nothing. */
static void
damage_from_before_is_carried_over_as_damage(void **state)
{
	struct place *p = *state;
	struct seen seen = {.n_out = 0};
	struct spool_scrub scrub;
	char filler[400] = "";
	struct out_entry e;
	struct buf m = {0};

	memset(filler, 'A', sizeof filler - 1); /* only the first message has so many */
	flip(p->spool, filler);
	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_OK);
	assert_int_equal(spool_each_out(p->s, see_out, &seen), E_OK);
	assert_int_equal(seen.n_out, 6);
	for (size_t i = 0; i < seen.n_out; i++)
		if (spool_out(p->s, &seen.id[i], &e, &m) == E_IO)
			seen.ended++;
	assert_int_equal(seen.ended, 1);
	assert_int_equal(spool_scrub(p->s, &scrub), E_DAMAGED);
	assert_int_equal(scrub.damaged, 1);
	buf_free(&m);
}

/* Killed on the way, it goes on from there. */
static void
upgrade_that_is_cut_off_goes_on(void **state)
{
	struct place *p = *state;

	for (int round = 0; round < 6; round++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			ualarm((useconds_t)(300 + 900 * round), 0);
			if (spool_open(p->spool, SMALL, &p->s) != E_OK)
				_exit(1);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	}
	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_OK);
	assert_old_content(p->s);
}

static void
spool_of_the_second_layout_opens_whole(void **state)
{
	struct place *p = *state;

	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_OK);
	assert_old_content(p->s);
	reopen(p);
	assert_old_content(p->s);
}

/* Old records beside new ones, and old ones that become new. */
static void
second_layout_works_on_and_copies(void **state)
{
	struct place *p = *state;
	struct seen seen = {.n_out = 0};
	struct spool_scrub scrub;
	OWNED(char, copy, free_chars) = xprintf("%s/copy", p->folder);
	OWNED(char, remove, free_chars) = xprintf("rm -rf '%s' '%s.key'", copy, copy);
	struct out_entry e;
	struct buf m = {0};
	struct id id;

	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_OK);
	assert_int_equal(spool_each_out(p->s, see_out, &seen), E_OK);
	assert_int_equal(spool_sent(p->s, &seen.id[0], TEXT("accepted"), NOW), E_OK);
	assert_int_equal(spool_out(p->s, &seen.id[0], &e, &m), E_OK);
	assert_int_equal(e.state, OUT_SENT);
	assert_false(e.header.has_token);
	id = file(p->s, &m);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(spool_scrub(p->s, &scrub), E_OK);
	assert_int_equal(spool_backup(p->s, copy, &scrub), E_OK);
	assert_int_equal(system(remove), 0);
	buf_free(&m);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup_old, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(spool_of_the_first_layout_opens_whole),
		T(it_works_on_like_any_other),
		T(damage_from_before_is_carried_over_as_damage),
		T(upgrade_that_is_cut_off_goes_on),
		cmocka_unit_test_setup_teardown(
			spool_of_the_second_layout_opens_whole, setup_second, teardown),
		cmocka_unit_test_setup_teardown(
			second_layout_works_on_and_copies, setup_second, teardown),
	};

	log_open("test_spool_upgrade", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
