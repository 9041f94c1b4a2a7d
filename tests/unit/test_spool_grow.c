/* SPDX-License-Identifier: EUPL-1.2
 *
 * A long run of work in the spool: a group that fails leaves nothing, the map grows for what is to
 * come, and what was composed just now is filed as if it had been read. */
#include "tests/unit/spool_stage.h"

#include <sys/resource.h>

static void
group_that_is_dropped_was_never_there(void **state)
{
	struct place *p = *state;
	struct spool_counts before, after;
	OWNED_BUF(m) = {0};
	OWNED_BUF(v) = {0};
	struct out_entry e;
	struct id id;

	memset(&before, 0, sizeof before);
	memset(&after, 0, sizeof after);
	assert_int_equal(spool_count(p->s, &before), E_OK);
	assert_int_equal(spool_group(p->s), E_OK);
	id = file(p->s, &m);
	assert_int_equal(spool_set_fact(p->s, "row/1", bytes_of("x", 1)), E_OK);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	spool_group_drop(p->s);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_NOT_FOUND);
	assert_int_equal(spool_fact(p->s, "row/1", &v), E_NOT_FOUND);
	assert_int_equal(spool_count(p->s, &after), E_OK);
	assert_memory_equal(before.out, after.out, sizeof before.out);
	/* and the next one goes on as if nothing had been */
	assert_int_equal(spool_group(p->s), E_OK);
	id = file(p->s, &m);
	assert_int_equal(spool_group_end(p->s), E_OK);
	reopen(p);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.order, 1);
}

static void
map_that_was_made_for_them_takes_them_all(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	size_t want, n = 100;

	assert_int_equal(spool_room_for(p->s, n, 6000, &want), E_OK);
	assert_true(want > SMALL);
	assert_int_equal(spool_grow(p->s, want), E_OK);
	for (size_t i = 0; i < n; i++) {
		OWNED_BUF(m) = {0};
		struct header h;

		make(&h, &office, &kenya, 3000, &m);
		assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_OK);
	}
	/* for good, and never back */
	assert_int_equal(spool_grow(p->s, SMALL), E_OK);
	reopen(p);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_true(c.map_size >= want);
	assert_int_equal(c.out[OUT_FILED], n);
}

/* Another process has it open meanwhile, and goes on. */
static void
other_process_sees_it_grow(void **state)
{
	struct place *p = *state;
	int ready[2], go[2], status;
	char octet = 0;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	spool_close(&p->s);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct spool *s = NULL;
		struct spool_counts c;
		bool good = spool_open(p->spool, 0, &s) == E_OK;

		good = write(ready[1], &octet, 1) == 1 && read(go[0], &octet, 1) == 1 && good;
		good = good && spool_count(s, &c) == E_OK && c.out[OUT_FILED] == 60 &&
		       spool_set_fact(s, "seen", bytes_of("x", 1)) == E_OK;
		spool_close(&s);
		_exit(good ? 0 : 1);
	}
	assert_int_equal(read(ready[0], &octet, 1), 1);
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_OK);
	assert_int_equal(spool_grow(p->s, 16 * SMALL), E_OK);
	for (int i = 0; i < 60; i++) {
		OWNED_BUF(m) = {0};
		struct header h;

		make(&h, &office, &kenya, 60000, &m);
		assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_OK);
	}
	assert_int_equal(write(go[1], &octet, 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
}

static void
disk_without_room_leaves_it_as_it_was(void **state)
{
	struct place *p = *state;
	struct rlimit old, none;
	struct spool_counts c;
	OWNED_BUF(m) = {0};

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	none = old;
	none.rlim_cur = 2 * SMALL;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(spool_grow(p->s, 4 * SMALL), E_SPOOL_FULL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.map_size, SMALL);
	file(p->s, &m);
	assert_int_equal(spool_grow(p->s, 4 * SMALL), E_OK);
}

static void
composed_message_is_filed_as_one_that_was_read(void **state)
{
	struct place *p = *state;
	OWNED_BUF(m) = {0};
	OWNED_BUF(kept) = {0};
	struct header h;
	struct out_entry e;
	struct digest d;
	struct id next;

	make(&h, &office, &kenya, 100, &m);
	assert_int_equal(spool_file_made(p->s, &h, buf_bytes(&m), NOW), E_OK);
	assert_int_equal(spool_out(p->s, &h.id, &e, &kept), E_OK);
	digest_of(m.data, m.size, &d);
	assert_true(digest_equal(&e.digest, &d));
	assert_int_equal(e.header.action, A_TRANSCRIPTION_REQUEST);
	assert_true(kept.size == m.size && memcmp(kept.data, m.data, m.size) == 0);
	assert_int_equal(spool_next_to_send(p->s, NULL, &next, &kept), E_OK);
	assert_true(id_equal(&next, &h.id));
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_OK);
	assert_int_equal(spool_file_made(p->s, &h, buf_bytes(&m), NOW), E_STATE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			group_that_is_dropped_was_never_there, setup, teardown),
		cmocka_unit_test_setup_teardown(
			map_that_was_made_for_them_takes_them_all, setup, teardown),
		cmocka_unit_test_setup_teardown(other_process_sees_it_grow, setup, teardown),
		cmocka_unit_test_setup_teardown(
			disk_without_room_leaves_it_as_it_was, setup, teardown),
		cmocka_unit_test_setup_teardown(
			composed_message_is_filed_as_one_that_was_read, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
