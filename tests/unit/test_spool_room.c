/* SPDX-License-Identifier: EUPL-1.2
 *
 * The spool in need: a full one can still finish what it has begun, several processes share one,
 * and one that is killed anywhere leaves a spool that opens and tells the truth. */
#include "tests/unit/spool_stage.h"

/* ---- a full spool ---- */

static struct id *
fill(struct spool *s, size_t *n, struct buf *last)
{
	struct id *id = xcalloc(4096, sizeof *id);
	struct header h;
	enum err e;

	for (*n = 0; *n < 4096; (*n)++) {
		make(&h, &office, &kenya, 9000, last);
		e = spool_file(s, buf_bytes(last), NOW);
		if (e != E_OK)
			break;
		id[*n] = h.id;
	}
	assert_int_equal(e, E_SPOOL_FULL);
	assert_true(*n > 5);
	return id;
}

/* Every filed message can get everything that can ever be told about it. */
static void
finish(struct spool *s, const struct id *id, uint64_t *notice)
{
	struct statement delivered = {.id = *id, .stage = ST_DELIVERED};
	struct statement ended = {.id = *id, .stage = ST_COMMITTED};
	struct out_entry e;
	char receipt[6000];

	memset(receipt, 'R', sizeof receipt);
	assert_int_equal(spool_out(s, id, &e, NULL), E_OK);
	delivered.digest = ended.digest = e.digest;
	assert_int_equal(spool_sent(s, id, bytes_of(receipt, sizeof receipt), NOW), E_OK);
	assert_int_equal(spool_notice(s, ++*notice, &delivered, bytes_of(receipt, sizeof receipt),
				 NOTHING, NOW),
		E_OK);
	assert_int_equal(spool_notice(s, ++*notice, &ended, bytes_of(receipt, sizeof receipt),
				 bytes_of(receipt, sizeof receipt), NOW),
		E_OK);
}

static void
full_spool_refuses_cleanly_and_can_finish_everything(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	struct buf m = {0};
	struct out_entry e;
	struct header h;
	uint64_t notice = 0;
	size_t n;
	struct id *id = fill(p->s, &n, &m);

	assert_int_equal(message_header(buf_bytes(&m), &h), E_OK);
	assert_int_equal(spool_out(p->s, &h.id, &e, NULL), E_NOT_FOUND);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_FILED], n);
	assert_true(c.map_used < c.map_size / 100 * 81);
	for (size_t i = 0; i < n; i++)
		finish(p->s, &id[i], &notice);
	reopen(p);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_ENDED], n);
	assert_int_equal(c.out[OUT_FILED], 0);
	buf_free(&m);
	free(id);
}

static void
full_spool_takes_nothing_in_but_settles_what_it_took(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, a = {0}, b = {0};
	char settlement[6000];
	struct spool_counts c;
	struct bytes both[2];
	struct in_entry e;
	struct header h;
	enum err got = E_OK;
	uint64_t seq;
	size_t n = 0;
	bool again;

	memset(settlement, 'S', sizeof settlement);
	while (got == E_OK) {
		make(&h, &kenya, &somalia, 9000, &m);
		got = spool_take(p->s, buf_bytes(&m), NOW, &again);
		n += got == E_OK;
	}
	assert_int_equal(got, E_SPOOL_FULL);
	assert_true(n > 5);
	while (spool_next_in(p->s, IN_TAKEN, 0, &e, NULL) == E_OK) {
		struct spool_done done = {.id = e.header.id,
			.from = kenya,
			.receipt = bytes_of(settlement, sizeof settlement)};

		assert_int_equal(spool_claim(p->s, &kenya, &e.header.id), E_OK);
		assert_int_equal(spool_next_seq(p->s, &kenya, 0, &seq), E_OK);
		make(&h, &somalia, &kenya, 14000, &a);
		make(&h, &somalia, &office, 14000, &b);
		both[0] = buf_bytes(&a);
		both[1] = buf_bytes(&b);
		assert_int_equal(spool_file_all(p->s, both, 2, &done, NOW), E_OK);
		assert_int_equal(spool_told(p->s, &kenya, &e.header.id), E_OK);
	}
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.in[IN_TOLD], n);
	assert_int_equal(c.out[OUT_FILED], 2 * n);
	buf_free(&m);
	buf_free(&a);
	buf_free(&b);
}

static void
facts_cannot_fill_the_spool_either(void **state)
{
	struct place *p = *state;
	static const char fact[100000];
	struct spool_counts c;
	enum err e = E_OK;
	char name[32];

	for (int i = 0; e == E_OK && i < 1000; i++) {
		snprintf(name, sizeof name, "fact %d", i);
		e = spool_set_fact(p->s, name, bytes_of(fact, sizeof fact));
	}
	assert_int_equal(e, E_SPOOL_FULL);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_true(c.map_used < c.map_size / 100 * 91);
}

struct tally {
	uint64_t out[OUT_N], in[IN_N], last;
};

static bool
tally_out(void *context, const struct out_entry *e)
{
	struct tally *t = context;

	t->out[e->state]++;
	assert_int_equal(e->order, ++t->last);
	return true;
}

static bool
tally_in(void *context, const struct in_entry *e)
{
	((struct tally *)context)->in[e->state]++;
	return true;
}

/* The counts kept and the entries there tell the same story. */
static void
assert_sound(struct spool *s)
{
	struct spool_counts c;
	struct tally t = {0};
	struct id next;
	struct buf b = {0};
	uint64_t waiting = 0;
	enum err e;

	assert_int_equal(spool_each_out(s, tally_out, &t), E_OK);
	assert_int_equal(spool_each_in(s, tally_in, &t), E_OK);
	assert_int_equal(spool_count(s, &c), E_OK);
	assert_memory_equal(c.out, t.out, sizeof t.out);
	assert_memory_equal(c.in, t.in, sizeof t.in);
	for (e = spool_next_to_send(s, NULL, &next, &b); e == E_OK;
		e = spool_next_to_send(s, &next, &next, &b))
		waiting++;
	assert_int_equal(e, E_NOT_FOUND);
	assert_int_equal(waiting, t.out[OUT_FILED]);
	buf_free(&b);
}

/* ---- several processes ---- */

static int
wait_status(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Runs `work' in a process of its own, which has opened the spool itself. */
static pid_t
other_process(struct place *p, int (*work)(struct spool *s, int fd), int *fd)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct spool *mine = NULL;

		close(ends[0]);
		spool_close(&p->s);
		if (spool_open(p->spool, 0, &mine) != E_OK)
			_exit(99);
		_exit(work(mine, ends[1]));
	}
	close(ends[1]);
	*fd = ends[0];
	return pid;
}

static void
say(int fd, char c)
{
	if (write(fd, &c, 1) != 1)
		_exit(98);
}

static void
hear(int fd, char want)
{
	char c = 0;

	assert_int_equal(read(fd, &c, 1), 1);
	assert_int_equal(c, want);
}

static int
hold_link(struct spool *s, int fd)
{
	uint64_t epoch;

	if (spool_take_link(s, &epoch) != E_OK)
		return 1;
	say(fd, 'h');
	for (;;)
		pause();
}

static void
link_is_held_by_one_process_and_freed_by_its_death(void **state)
{
	struct place *p = *state;
	uint64_t epoch = 0, later = 0;
	pid_t pid;
	int fd;

	assert_int_equal(spool_take_link(p->s, &epoch), E_OK);
	assert_int_equal(spool_take_link(p->s, &later), E_LOCKED);
	spool_give_link(p->s);
	pid = other_process(p, hold_link, &fd);
	hear(fd, 'h');
	assert_int_equal(spool_take_link(p->s, &later), E_LOCKED);
	kill(pid, SIGKILL);
	assert_true(WIFSIGNALED(wait_status(pid)));
	assert_int_equal(spool_take_link(p->s, &later), E_OK);
	assert_int_equal(later, epoch + 2);
	reopen(p);
	assert_int_equal(spool_take_link(p->s, &later), E_OK);
	assert_int_equal(later, epoch + 3);
	close(fd);
}

static int
file_fifty(struct spool *s, int fd)
{
	struct buf m = {0};
	struct header h;

	for (int i = 0; i < 50; i++) {
		make(&h, &office, &kenya, 50, &m);
		if (spool_file(s, buf_bytes(&m), NOW) != E_OK)
			return 1;
	}
	say(fd, 'd');
	buf_free(&m);
	return 0;
}

static void
new_spool_begins_after_the_epochs_of_a_lost_one(void **state)
{
	struct place *p = *state;
	uint64_t lost, fresh;
	char file[160];

	assert_int_equal(spool_take_link(p->s, &lost), E_OK);
	spool_close(&p->s);
	snprintf(file, sizeof file, "%s/data.mdb", p->spool);
	assert_int_equal(unlink(file), 0);
	snprintf(file, sizeof file, "%s/lock.mdb", p->spool);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_OK);
	assert_int_equal(spool_take_link(p->s, &fresh), E_OK);
	assert_true(fresh > lost);
}

static void
two_processes_file_side_by_side(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	pid_t pid[2];
	int fd[2];

	spool_close(&p->s);
	assert_int_equal(spool_open(p->spool, 4 * SMALL, &p->s), E_OK);
	for (int i = 0; i < 2; i++)
		pid[i] = other_process(p, file_fifty, &fd[i]);
	for (int i = 0; i < 2; i++) {
		hear(fd[i], 'd');
		assert_int_equal(wait_status(pid[i]), 0);
		close(fd[i]);
	}
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_FILED], 100);
	assert_sound(p->s);
}

static void
forked_child_only_forgets(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id;
	uint64_t epoch;
	pid_t pid;

	assert_int_equal(spool_take_link(p->s, &epoch), E_OK);
	pid = fork();
	if (pid == 0) {
		spool_close(&p->s);
		_exit(p->s == NULL ? 0 : 1);
	}
	assert_int_equal(wait_status(pid), 0);
	id = file(p->s, &m);
	assert_int_equal(out_state(p->s, &id), OUT_FILED);
	buf_free(&m);
}

/* Files, sends, ends, takes and settles for ever; says each step when it is done. */
static int
live(struct spool *s, int fd)
{
	struct buf m = {0};
	struct header h;
	bool again;

	for (uint64_t n = spool_last_notice(s);;) {
		struct statement w = {.stage = ST_COMMITTED};
		struct spool_done done = {.from = kenya, .receipt = TEXT("signed")};

		make(&h, &office, &kenya, 200, &m);
		if (spool_file(s, buf_bytes(&m), NOW) != E_OK)
			return 1;
		say(fd, 'f');
		if (write(fd, h.id.octet, ID_SIZE) != ID_SIZE)
			return 2;
		w.id = h.id;
		digest_of(m.data, m.size, &w.digest);
		if (spool_sent(s, &h.id, TEXT("accepted"), NOW) != E_OK ||
			spool_notice(s, ++n, &w, TEXT("end"), TEXT("x"), NOW) != E_OK)
			return 3;
		say(fd, 'e');
		if (write(fd, h.id.octet, ID_SIZE) != ID_SIZE)
			return 4;
		make(&h, &kenya, &office, 200, &m);
		done.id = h.id;
		if (spool_take(s, buf_bytes(&m), NOW, &again) != E_OK ||
			spool_claim(s, &kenya, &h.id) != E_OK ||
			spool_file_all(s, NULL, 0, &done, NOW) != E_OK)
			return 5;
		say(fd, 'd');
		if (write(fd, h.id.octet, ID_SIZE) != ID_SIZE)
			return 6;
	}
}

static void
assert_said(struct spool *s, char step, const struct id *id)
{
	if (step == 'f')
		assert_true(out_state(s, id) >= OUT_FILED);
	else if (step == 'e')
		assert_int_equal(out_state(s, id), OUT_ENDED);
	else
		assert_int_equal(in_state(s, &kenya, id), IN_DONE);
}

static void
killed_anywhere_it_keeps_what_it_has_said(void **state)
{
	struct place *p = *state;
	unsigned seed = 20261124;

	spool_close(&p->s);
	for (int round = 0; round < 40; round++) {
		struct {
			char step;
			struct id id;
		} said[64];
		size_t n = 0, want;
		pid_t pid;
		int fd;

		seed = seed * 1103515245 + 12345;
		want = 1 + (seed >> 16) % 20;
		pid = other_process(p, live, &fd);
		while (n < want) {
			assert_int_equal(read(fd, &said[n].step, 1), 1);
			assert_int_equal(read(fd, said[n].id.octet, ID_SIZE), ID_SIZE);
			n++;
		}
		for (volatile unsigned spin = (seed >> 8) % 200000; spin > 0; spin--)
			; /* any instruction of the next steps may be the last */
		kill(pid, SIGKILL);
		assert_true(WIFSIGNALED(wait_status(pid)));
		assert_int_equal(spool_open(p->spool, 0, &p->s), E_OK);
		for (size_t i = 0; i < n; i++)
			assert_said(p->s, said[i].step, &said[i].id);
		assert_sound(p->s);
		spool_close(&p->s);
		close(fd);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(full_spool_refuses_cleanly_and_can_finish_everything),
		T(full_spool_takes_nothing_in_but_settles_what_it_took),
		T(facts_cannot_fill_the_spool_either),
		T(link_is_held_by_one_process_and_freed_by_its_death),
		T(new_spool_begins_after_the_epochs_of_a_lost_one),
		T(two_processes_file_side_by_side),
		T(forked_child_only_forgets),
		T(killed_anywhere_it_keeps_what_it_has_said),
	};

	log_open("test_spool_room", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
