/* SPDX-License-Identifier: EUPL-1.2
 *
 * A copy holds everything of one moment, says of itself that it is one, and is sound; the spool
 * that it was made of goes on as if nothing had been. */
#include "tests/unit/spool_stage.h"

struct copy {
	char folder[160];
	struct spool *s;
};

static struct copy
copy_of(struct place *p)
{
	struct copy c = {.s = NULL};

	snprintf(c.folder, sizeof c.folder, "%s/copy", p->folder);
	return c;
}

static void
copy_away(struct copy *c)
{
	static const char *const files[] = {
		"data.mdb", "lock.mdb", "link.lock", "../copy.key", "../elsewhere.key"};
	char file[200];

	spool_close(&c->s);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(file, sizeof file, "%s/%s", c->folder, files[i]);
		unlink(file);
	}
	rmdir(c->folder);
}

static void
copy_holds_everything_and_is_marked(void **state)
{
	struct place *p = *state;
	struct copy c = copy_of(p);
	struct spool_scrub scrub;
	struct buf m = {0}, back = {0};
	struct id id = file(p->s, &m), inbound;
	struct out_entry e;
	struct stat st;

	inbound = take(p->s, &kenya, &back);
	assert_int_equal(spool_sent(p->s, &id, TEXT("accepted"), NOW), E_OK);
	assert_int_equal(spool_backup(p->s, c.folder, &scrub), E_OK);
	assert_int_equal(scrub.damaged, 0);
	assert_true(scrub.records > 8);
	assert_false(spool_is_restored(p->s));
	assert_int_equal(spool_open(c.folder, SMALL, &c.s), E_OK);
	assert_true(spool_is_restored(c.s));
	assert_int_equal(spool_out(c.s, &id, &e, &back), E_OK);
	assert_int_equal(e.state, OUT_SENT);
	assert_int_equal(back.size, m.size);
	assert_memory_equal(back.data, m.data, m.size);
	assert_evidence(c.s, &id, "ACCEPTED", "accepted");
	assert_int_equal(in_state(c.s, &kenya, &inbound), IN_TAKEN);
	spool_close(&c.s);
	assert_int_equal(stat(c.folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	copy_away(&c);
	buf_free(&m);
	buf_free(&back);
}

static void
mark_stays_until_it_was_compared(void **state)
{
	struct place *p = *state;
	struct copy c = copy_of(p);
	struct spool_scrub scrub;
	struct buf m = {0};

	assert_int_equal(spool_backup(p->s, c.folder, &scrub), E_OK);
	assert_int_equal(spool_open(c.folder, SMALL, &c.s), E_OK);
	(void)file(c.s, &m);
	spool_close(&c.s);
	assert_int_equal(spool_open(c.folder, SMALL, &c.s), E_OK);
	assert_true(spool_is_restored(c.s));
	assert_int_equal(spool_set_reconciled(c.s), E_OK);
	assert_false(spool_is_restored(c.s));
	spool_close(&c.s);
	assert_int_equal(spool_open(c.folder, SMALL, &c.s), E_OK);
	assert_false(spool_is_restored(c.s));
	assert_int_equal(spool_scrub(c.s, &scrub), E_OK);
	copy_away(&c);
	buf_free(&m);
}

static void
copy_is_never_made_over_something(void **state)
{
	struct place *p = *state;
	struct spool_scrub scrub;
	struct copy c = copy_of(p);
	char key[200];

	assert_int_equal(mkdir(c.folder, 0700), 0);
	assert_int_equal(spool_backup(p->s, c.folder, &scrub), E_IO);
	assert_int_equal(rmdir(c.folder), 0);
	snprintf(key, sizeof key, "%s.key", c.folder);
	close(open(key, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(spool_backup(p->s, c.folder, &scrub), E_IO);
	copy_away(&c);
}

static void
copy_of_a_damaged_spool_does_not_count(void **state)
{
	struct place *p = *state;
	struct copy c = copy_of(p);
	struct spool_scrub scrub;
	struct buf m = {0};
	struct header h;

	make(&h, &office, &kenya, 3000, &m);
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_OK);
	spool_close(&p->s);
	flip(p->spool, "AAAAAAAA");
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_OK);
	assert_int_equal(spool_backup(p->s, c.folder, &scrub), E_DAMAGED);
	assert_int_equal(scrub.damaged, 1);
	copy_away(&c);
	buf_free(&m);
}

/* The epoch goes on from where it was when the copy was made: the spool that has started since
 * then is newer, and the exchange fences the copy. */
static void
copy_is_older_than_the_spool_that_went_on(void **state)
{
	struct place *p = *state;
	struct copy c = copy_of(p);
	struct spool_scrub scrub;
	uint64_t now, copied;

	assert_int_equal(spool_take_link(p->s, &now), E_OK);
	assert_int_equal(spool_backup(p->s, c.folder, &scrub), E_OK);
	reopen(p);
	assert_int_equal(spool_take_link(p->s, &now), E_OK);
	assert_int_equal(spool_open(c.folder, SMALL, &c.s), E_OK);
	assert_int_equal(spool_take_link(c.s, &copied), E_OK);
	assert_true(copied <= now);
	copy_away(&c);
}

/* Somebody files in another process; the copy is of one moment and sound. */
static void
copy_is_made_while_others_work(void **state)
{
	struct place *p = *state;
	struct copy c = copy_of(p);
	struct spool_scrub scrub;
	int ready[2];
	pid_t pid;
	char one;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		struct spool *mine = NULL;
		struct buf m = {0};
		struct header h;

		spool_close(&p->s);
		if (spool_open(p->spool, 0, &mine) != E_OK)
			_exit(1);
		for (;;) {
			make(&h, &office, &kenya, 50, &m);
			if (spool_file(mine, buf_bytes(&m), NOW) == E_OK &&
				write(ready[1], "f", 1) != 1)
				_exit(2);
		}
	}
	for (int i = 0; i < 20; i++)
		assert_int_equal(read(ready[0], &one, 1), 1);
	assert_int_equal(spool_backup(p->s, c.folder, &scrub), E_OK);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(spool_scrub(p->s, &scrub), E_OK);
	copy_away(&c);
	close(ready[0]);
	close(ready[1]);
}

/* The one that went on was started again and again; the copy is past all of that at once. */
static void
copy_takes_over_when_it_is_told_to(void **state)
{
	struct place *p = *state;
	struct copy c = copy_of(p);
	struct spool_scrub scrub;
	uint64_t lost, copy;

	assert_int_equal(spool_backup(p->s, c.folder, &scrub), E_OK);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(spool_take_link(p->s, &lost), E_OK);
		spool_give_link(p->s);
	}
	assert_int_equal(spool_open(c.folder, SMALL, &c.s), E_OK);
	assert_int_equal(spool_set_reconciled(c.s), E_OK);
	assert_int_equal(spool_take_link(c.s, &copy), E_OK);
	assert_true(copy < lost);
	assert_int_equal(spool_take_over(c.s, instant_now()), E_LOCKED);
	spool_give_link(c.s);
	assert_int_equal(spool_take_over(c.s, instant_now() + 1000), E_OK);
	assert_true(spool_is_restored(c.s));
	assert_int_equal(spool_take_link(c.s, &copy), E_OK);
	assert_true(copy > lost);
	copy_away(&c);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(copy_holds_everything_and_is_marked),
		T(mark_stays_until_it_was_compared),
		T(copy_is_never_made_over_something),
		T(copy_of_a_damaged_spool_does_not_count),
		T(copy_is_older_than_the_spool_that_went_on),
		T(copy_takes_over_when_it_is_told_to),
		T(copy_is_made_while_others_work),
	};

	log_open("test_spool_backup", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
