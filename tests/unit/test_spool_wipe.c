/* SPDX-License-Identifier: EUPL-1.2
 *
 * Real deletion in a spool: when a body or a fact has been dropped, its octets leave the file. */
#include "tests/unit/spool_stage.h"

#include <sys/mman.h>

#define DAY INT64_C(86400000)

static const char mark[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static size_t
hits(struct place *p, const char *octets)
{
	OWNED(char, file, free_chars) = xprintf("%s/data.mdb", p->spool);
	OWNED_FD(fd) = open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;
	const uint8_t *map, *at;
	size_t n = 0;

	assert_int_equal(fstat(fd, &st), 0);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(map != MAP_FAILED);
	for (at = map;
		(at = memmem(at, (size_t)(map + st.st_size - at), octets, strlen(octets))) != NULL;
		at++)
		n++;
	munmap((void *)(uintptr_t)map, (size_t)st.st_size);
	return n;
}

static void
end_one(struct spool *s, size_t size)
{
	struct statement w;
	struct buf m = {0};
	struct header h;

	make(&h, &office, &kenya, size, &m);
	w = statement(&h.id, &m, ST_COMMITTED, "");
	assert_int_equal(spool_file(s, buf_bytes(&m), NOW), E_OK);
	assert_int_equal(spool_sent(s, &h.id, TEXT("accepted"), NOW), E_OK);
	assert_int_equal(
		spool_notice(s, spool_last_notice(s) + 1, &w, TEXT("end"), TEXT("x"), NOW), E_OK);
	buf_free(&m);
}

static void
octets_of_a_body_leave_the_spool_with_it(void **state)
{
	struct place *p = *state;
	struct spool_scrub scrub;

	for (size_t i = 0; i < 20; i++)
		end_one(p->s, 4500 + 1500 * i);
	assert_true(hits(p, mark) > 100);
	spool_keep(p->s, DAY);
	assert_int_equal(spool_sweep(p->s, NOW), E_OK); /* nothing is due */
	assert_true(hits(p, mark) > 100);
	assert_int_equal(spool_sweep(p->s, NOW + 2 * DAY), E_OK);
	assert_int_equal(hits(p, mark), 0);
	assert_int_equal(spool_scrub(p->s, &scrub), E_OK);
	reopen(p);
	assert_int_equal(spool_scrub(p->s, &scrub), E_OK);
}

static void
octets_of_a_large_fact_leave_the_spool_with_it(void **state)
{
	struct place *p = *state;
	char fact[9000];

	for (size_t i = 0; i < sizeof fact; i++)
		fact[i] = mark[i % (sizeof mark - 1)];
	assert_int_equal(spool_set_fact(p->s, "draft", bytes_of(fact, sizeof fact)), E_OK);
	assert_int_equal(spool_drop_fact(p->s, "draft"), E_OK);
	assert_true(hits(p, mark) > 100);
	assert_int_equal(spool_wipe(p->s), E_OK);
	assert_int_equal(hits(p, mark), 0);
}

/* Whoever keeps the link begins with what an earlier process has left. */
static void
what_a_killed_process_left_goes_when_the_link_is_taken(void **state)
{
	struct place *p = *state;
	char fact[9000];
	uint64_t epoch;

	for (size_t i = 0; i < sizeof fact; i++)
		fact[i] = mark[i % (sizeof mark - 1)];
	assert_int_equal(spool_set_fact(p->s, "draft", bytes_of(fact, sizeof fact)), E_OK);
	assert_int_equal(spool_drop_fact(p->s, "draft"), E_OK);
	reopen(p);
	assert_int_equal(spool_wipe(p->s), E_OK); /* a short visit does not */
	assert_true(hits(p, mark) > 100);
	assert_int_equal(spool_take_link(p->s, &epoch), E_OK);
	assert_int_equal(spool_wipe(p->s), E_OK);
	assert_int_equal(hits(p, mark), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			octets_of_a_body_leave_the_spool_with_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
			octets_of_a_large_fact_leave_the_spool_with_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_a_killed_process_left_goes_when_the_link_is_taken, setup, teardown),
	};

	return cmocka_run_group_tests_name("spool_wipe", tests, NULL, NULL);
}
