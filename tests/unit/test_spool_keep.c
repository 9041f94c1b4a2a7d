/* SPDX-License-Identifier: EUPL-1.2
 *
 * What has ended keeps its body for a time, and gives it up when new work needs the room; a backlog
 * of any length goes through in order, and costs no memory. */
#include "tests/unit/spool_stage.h"

#define DAY INT64_C(86400000)
#ifdef DAFTAR_SANITIZER
#define BACKLOG 10000 /* its size is proved without */
#else
#define BACKLOG 100000
#endif
#define GROUP 1000

static struct id
ended_at(struct spool *s, int64_t when, size_t size)
{
	struct statement w;
	struct buf m = {0};
	struct header h;

	make(&h, &office, &kenya, size, &m);
	w = statement(&h.id, &m, ST_COMMITTED, "");
	assert_int_equal(spool_file(s, buf_bytes(&m), when), E_OK);
	assert_int_equal(spool_group(s), E_OK);
	assert_int_equal(spool_sent(s, &h.id, TEXT("accepted"), when), E_OK);
	assert_int_equal(
		spool_notice(s, spool_last_notice(s) + 1, &w, TEXT("end"), TEXT("x"), when), E_OK);
	assert_int_equal(spool_group_end(s), E_OK);
	buf_free(&m);
	return h.id;
}

/* The message again, with what its header says now. */
static void
compose_again(const struct header *h, struct buf *out)
{
	buf_reset(out);
	header_open_message(h, out);
	header_compose(h, out);
	buf_text(out, "<e:Body>AAAA</e:Body></e:Message>");
}

static bool
has_body(struct spool *s, const struct id *id)
{
	struct out_entry e;

	assert_int_equal(spool_out(s, id, &e, NULL), E_OK);
	return e.body;
}

static void
assert_scrubbed(struct spool *s)
{
	struct spool_scrub scrub;

	assert_int_equal(spool_scrub(s, &scrub), E_OK);
}

static void
body_is_kept_for_its_time_and_everything_else_for_ever(void **state)
{
	struct place *p = *state;
	struct id old = ended_at(p->s, NOW, 100), young = ended_at(p->s, NOW + DAY, 100);
	struct buf m = {0};
	struct id open = file(p->s, &m);

	assert_int_equal(spool_sweep(p->s, NOW + 35 * DAY), E_OK);
	assert_true(has_body(p->s, &old));
	assert_int_equal(spool_sweep(p->s, NOW + 35 * DAY + 1), E_OK);
	assert_false(has_body(p->s, &old));
	assert_true(has_body(p->s, &young));
	spool_keep(p->s, DAY);
	assert_int_equal(spool_sweep(p->s, NOW + 300 * DAY), E_OK);
	assert_false(has_body(p->s, &young));
	assert_true(has_body(p->s, &open)); /* it has not ended, however old it is */
	assert_int_equal(out_state(p->s, &old), OUT_ENDED);
	assert_evidence(p->s, &old, "ENDED", "end");
	assert_evidence(p->s, &old, "ADDRESSEE", "x");
	assert_int_equal(spool_refile(p->s, &old), E_STATE);
	assert_scrubbed(p->s);
	buf_free(&m);
}

static void
body_leaves_at_retain_until_once_it_has_ended(void **state)
{
	struct place *p = *state;
	struct id short_lived, other = ended_at(p->s, NOW, 100);
	struct statement w;
	struct buf m = {0};
	struct header h;

	make(&h, &office, &kenya, 100, &m);
	h.retain_until = NOW + 2 * DAY;
	compose_again(&h, &m);
	short_lived = h.id;
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_OK);
	assert_int_equal(spool_sweep(p->s, NOW + 3 * DAY), E_OK);
	assert_true(has_body(p->s, &short_lived)); /* it has not ended */
	assert_int_equal(spool_sent(p->s, &h.id, TEXT("accepted"), NOW), E_OK);
	w = statement(&h.id, &m, ST_COMMITTED, "");
	assert_int_equal(
		spool_notice(p->s, spool_last_notice(p->s) + 1, &w, TEXT("end"), TEXT("x"), NOW),
		E_OK);
	assert_int_equal(spool_sweep(p->s, NOW + 2 * DAY - 1), E_OK);
	assert_true(has_body(p->s, &short_lived));
	assert_int_equal(spool_sweep(p->s, NOW + 2 * DAY), E_OK);
	assert_false(has_body(p->s, &short_lived));
	assert_true(has_body(p->s, &other));
	assert_evidence(p->s, &short_lived, "ENDED", "end");
	assert_scrubbed(p->s);
	buf_free(&m);
}

static void
answer_is_kept_when_the_body_goes(void **state)
{
	struct place *p = *state;
	struct spool_done done = {.from = kenya, .receipt = TEXT("answer")};
	struct buf m = {0};
	struct in_entry e;
	bool again = false;

	done.id = take(p->s, &kenya, &m);
	assert_int_equal(spool_file_all(p->s, NULL, 0, &done, NOW), E_OK);
	assert_int_equal(spool_sweep(p->s, NOW + 36 * DAY), E_OK);
	assert_int_equal(spool_in(p->s, &kenya, &done.id, &e, NULL), E_OK);
	assert_true(e.body); /* the exchange has not heard the answer yet */
	assert_int_equal(spool_told(p->s, &kenya, &done.id), E_OK);
	assert_int_equal(spool_sweep(p->s, NOW + 36 * DAY), E_OK);
	assert_int_equal(spool_take(p->s, buf_bytes(&m), NOW + 36 * DAY, &again), E_OK);
	assert_true(again);
	assert_int_equal(spool_in(p->s, &kenya, &done.id, &e, &m), E_OK);
	assert_false(e.body);
	assert_int_equal(m.size, 0);
	assert_int_equal(spool_answer(p->s, &kenya, &done.id, &m), E_OK);
	assert_string_equal((char *)m.data, "answer");
	assert_int_equal(spool_retell(p->s, &kenya, &done.id), E_OK);
	assert_scrubbed(p->s);
	buf_free(&m);
}

static void
refiled_body_is_not_dropped(void **state)
{
	struct place *p = *state;
	struct id id = ended_at(p->s, NOW, 100);

	assert_int_equal(spool_refile(p->s, &id), E_OK);
	assert_int_equal(spool_sweep(p->s, NOW + 100 * DAY), E_OK);
	assert_true(has_body(p->s, &id));
	assert_scrubbed(p->s);
}

/* Twice the map goes through: the oldest bodies make way, nothing is refused. */
static void
new_work_takes_the_room_of_what_has_ended(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	struct id first = ended_at(p->s, NOW, 20000), last = first;

	for (int i = 1; i < 200; i++)
		last = ended_at(p->s, NOW + i, 20000);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_ENDED], 200);
	assert_false(has_body(p->s, &first));
	assert_true(has_body(p->s, &last));
	assert_scrubbed(p->s);
}

static void
deliveries_too_take_the_room_of_what_has_ended(void **state)
{
	struct place *p = *state;
	struct spool_done done = {.from = kenya, .receipt = TEXT("answer")};
	struct buf m = {0};
	struct header h;
	bool again;

	for (int i = 0; i < 120; i++) {
		make(&h, &kenya, &somalia, 20000, &m);
		done.id = h.id;
		assert_int_equal(spool_take(p->s, buf_bytes(&m), NOW + i, &again), E_OK);
		assert_int_equal(spool_file_all(p->s, NULL, 0, &done, NOW + i), E_OK);
		assert_int_equal(spool_told(p->s, &kenya, &h.id), E_OK);
	}
	assert_scrubbed(p->s);
	buf_free(&m);
}

static void
what_has_not_ended_never_makes_way(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct out_entry e;
	struct header h;
	struct id id[256];
	enum err got = E_OK;
	size_t n = 0;

	for (; got == E_OK && n < ARRAY_LEN(id); n++) {
		make(&h, &office, &kenya, 20000, &m);
		id[n] = h.id;
		got = spool_file(p->s, buf_bytes(&m), NOW);
	}
	assert_int_equal(got, E_SPOOL_FULL);
	for (size_t i = 0; i + 1 < n; i++) {
		assert_int_equal(spool_out(p->s, &id[i], &e, &m), E_OK);
		assert_true(m.size > 20000);
	}
	buf_free(&m);
}

/* ---- groups ---- */

static void
group_is_one_commit_and_a_failed_step_leaves_no_trace(void **state)
{
	struct place *p = *state;
	struct buf a = {0}, b = {0};
	struct out_entry e;
	struct header h;
	struct id lost;

	assert_int_equal(spool_group(p->s), E_OK);
	make(&h, &office, &kenya, 10, &a);
	assert_int_equal(spool_file(p->s, buf_bytes(&a), NOW), E_OK);
	assert_int_equal(out_state(p->s, &h.id), OUT_FILED);
	make(&h, &office, &kenya, 10, &b);
	assert_int_equal(spool_file(p->s, buf_bytes(&b), NOW), E_OK);
	alter(&b);
	assert_int_equal(spool_file(p->s, buf_bytes(&b), NOW), E_CONFLICT);
	assert_int_equal(spool_group_end(p->s), E_OK);
	reopen(p);
	assert_int_equal(out_state(p->s, &h.id), OUT_FILED);
	assert_scrubbed(p->s);
	assert_int_equal(spool_group(p->s), E_OK);
	lost = file(p->s, &a);
	reopen(p); /* without an end: nothing of it was kept */
	assert_int_equal(spool_out(p->s, &lost, &e, NULL), E_NOT_FOUND);
	assert_int_equal(out_state(p->s, &h.id), OUT_FILED);
	assert_scrubbed(p->s);
	buf_free(&a);
	buf_free(&b);
}

static void
deliveries_are_taken_together_or_not_at_all(void **state)
{
	struct place *p = *state;
	struct buf m[3] = {{0}, {0}, {0}};
	struct spool_delivery list[3];
	struct spool_counts c;
	struct header h;

	for (int i = 0; i < 3; i++) {
		make(&h, &kenya, &somalia, 10, &m[i]);
		list[i] = (struct spool_delivery){.message = buf_bytes(&m[i])};
	}
	assert_int_equal(spool_take_all(p->s, list, 2, NOW), E_OK);
	assert_int_equal(spool_take_all(p->s, list, 3, NOW), E_OK);
	assert_true(list[0].again && list[1].again && !list[2].again);
	alter(&m[1]);
	make(&h, &kenya, &somalia, 10, &m[0]);
	list[0].message = buf_bytes(&m[0]);
	assert_int_equal(spool_take_all(p->s, list, 2, NOW), E_CONFLICT);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.in[IN_TAKEN], 3);
	for (int i = 0; i < 3; i++)
		buf_free(&m[i]);
}

/* ---- a backlog ---- */

static size_t
own_memory(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	size_t kib = 0;
	char line[128];

	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "RssAnon: %zu", &kib) == 1)
			break;
	fclose(f);
	return kib << 10;
}

static void
take_backlog(struct spool *s)
{
	struct spool_delivery *list = xcalloc(GROUP, sizeof *list);
	struct buf *m = xcalloc(GROUP, sizeof *m);
	struct header h;

	for (int i = 0; i < BACKLOG; i += GROUP) {
		for (int j = 0; j < GROUP; j++) {
			make(&h, &kenya, &somalia, 20, &m[j]);
			list[j] = (struct spool_delivery){.message = buf_bytes(&m[j])};
		}
		assert_int_equal(spool_take_all(s, list, GROUP, NOW), E_OK);
	}
	for (int j = 0; j < GROUP; j++)
		buf_free(&m[j]);
	free(m);
	free(list);
}

static void
drain_backlog(struct spool *s)
{
	struct spool_done done = {.from = kenya, .receipt = TEXT("answer")};
	struct buf m = {0};
	struct in_entry e;

	for (uint64_t i = 0; i < BACKLOG; i++) {
		if (i % GROUP == 0)
			assert_int_equal(spool_group(s), E_OK);
		assert_int_equal(spool_next_in(s, IN_TAKEN, 0, &e, &m), E_OK);
		assert_int_equal(e.order, i + 1);
		done.id = e.header.id;
		assert_int_equal(spool_file_all(s, NULL, 0, &done, NOW), E_OK);
		if (i % GROUP == GROUP - 1)
			assert_int_equal(spool_group_end(s), E_OK);
	}
	assert_int_equal(spool_next_in(s, IN_TAKEN, 0, &e, &m), E_NOT_FOUND);
	buf_free(&m);
}

static void
long_backlog_goes_through_in_order_at_bounded_memory(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	size_t before;

	spool_close(&p->s);
	assert_int_equal(spool_open(p->spool, (size_t)700 << 20, &p->s), E_OK);
	spool_owe(p->s, 1024, 2048);
	before = own_memory();
	take_backlog(p->s);
	print_message(
		"grown by %zu KiB while %d were taken\n", (own_memory() - before) >> 10, BACKLOG);
	drain_backlog(p->s);
	print_message("grown by %zu KiB when all were done\n", (own_memory() - before) >> 10);
#ifndef DAFTAR_SANITIZER /* which gives memory back late */
	assert_true(own_memory() < before + ((size_t)32 << 20));
#endif
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.in[IN_DONE], BACKLOG);
	print_message("%zu MiB of the map used\n", c.map_used >> 20);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(body_is_kept_for_its_time_and_everything_else_for_ever),
		T(body_leaves_at_retain_until_once_it_has_ended),
		T(answer_is_kept_when_the_body_goes),
		T(refiled_body_is_not_dropped),
		T(new_work_takes_the_room_of_what_has_ended),
		T(deliveries_too_take_the_room_of_what_has_ended),
		T(what_has_not_ended_never_makes_way),
		T(group_is_one_commit_and_a_failed_step_leaves_no_trace),
		T(deliveries_are_taken_together_or_not_at_all),
		T(long_backlog_goes_through_in_order_at_bounded_memory),
	};

	log_open("test_spool_keep", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
