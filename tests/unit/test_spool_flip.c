/* SPDX-License-Identifier: EUPL-1.2
 *
 * A disk that lies: one bit of the spool's file is turned, and a process opens it, scrubs it and
 * reads all of it. Either the damage is found (an error, or the process ends) or everything that it
 * reads is what it was. Never anything else. */
#include "tests/unit/spool_stage.h"

#include <stdlib.h>
#include <sys/resource.h>

#define FLIPS 1000
#define HEAD_FLIPS 600
#define HEAD_SIZE 152

/* Exit codes of the child; any other end of it has found the damage. */
enum verdict { FOUND, IDENTICAL, SILENT };
#define EXIT_FIRST 40

/* ---- reading everything ---- */

struct all {
	struct buf b;
	struct spool *s;
};

static bool
add_out(void *context, const struct out_entry *e)
{
	static const char *const kinds[] = {"ACCEPTED", "DELIVERED", "ENDED", "ADDRESSEE"};
	OWNED_BUF(b) = {0};
	struct all *a = context;
	struct out_entry same;

	buf_printf(&a->b, "out %d %d %d %s %lld %d;", (int)e->state, (int)e->code, (int)e->stage,
		e->reason, (long long)e->ended, e->body);
	buf_add(&a->b, e->digest.octet, DIGEST_SIZE);
	buf_add(&a->b, e->header.id.octet, ID_SIZE);
	if (spool_out(a->s, &e->header.id, &same, &b) != E_OK)
		return false;
	buf_add_bytes(&a->b, buf_bytes(&b));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (spool_evidence(a->s, &e->header.id, kinds[i], &b) == E_OK)
			buf_add_bytes(&a->b, buf_bytes(&b));
	return true;
}

static bool
add_in(void *context, const struct in_entry *e)
{
	OWNED_BUF(b) = {0};
	struct all *a = context;
	struct in_entry same;

	buf_printf(&a->b, "in %d %d %d %s %d;", (int)e->state, (int)e->code, (int)e->stage, e->note,
		e->body);
	buf_add(&a->b, e->digest.octet, DIGEST_SIZE);
	if (spool_in(a->s, &e->header.from, &e->header.id, &same, &b) != E_OK)
		return false;
	buf_add_bytes(&a->b, buf_bytes(&b));
	if (spool_answer(a->s, &e->header.from, &e->header.id, &b) == E_OK)
		buf_add_bytes(&a->b, buf_bytes(&b));
	return true;
}

static bool
add_fact(void *context, const char *key, struct bytes value)
{
	struct all *a = context;

	buf_text(&a->b, key);
	buf_add_bytes(&a->b, value);
	return true;
}

static void
add_line(void *context, int64_t created, const struct digest *element, bool out, uint64_t order)
{
	struct all *a = context;

	buf_printf(&a->b, "%lld %d %llu", (long long)created, out, (unsigned long long)order);
	buf_add(&a->b, element->octet, DIGEST_SIZE);
}

/* What the spool says, all of it, as one digest. */
static enum err
read_all(struct spool *s, struct digest *out)
{
	struct all a = {.s = s};
	struct spool_counts c;
	struct id next;
	OWNED_BUF(m) = {0};
	enum err e = spool_count(s, &c);

	buf_add(&a.b, c.out, sizeof c.out);
	buf_add(&a.b, c.in, sizeof c.in);
	buf_u64(&a.b, spool_last_notice(s));
	if (e == E_OK)
		e = spool_each_out(s, add_out, &a);
	if (e == E_OK)
		e = spool_each_in(s, add_in, &a);
	if (e == E_OK)
		e = spool_each_fact(s, "", add_fact, &a);
	if (e == E_OK)
		e = spool_book(s, INT64_MIN, INT64_MAX, add_line, &a);
	for (enum err n = spool_next_to_send(s, NULL, &next, &m); e == E_OK && n != E_NOT_FOUND;
		n = spool_next_to_send(s, &next, &next, &m)) {
		e = n;
		buf_add(&a.b, next.octet, ID_SIZE);
	}
	digest_of(a.b.data, a.b.size, out);
	buf_free(&a.b);
	return e;
}

/* ---- the spool that is damaged ---- */

static void
outgoing(struct spool *s, int i, uint64_t *notice)
{
	struct statement delivered, ended;
	struct buf m = {0};
	struct header h;
	uint64_t seq;

	make(&h, &office, &kenya, i % 4 == 0 ? 6000 : 200, &m);
	assert_int_equal(spool_next_seq(s, &kenya, 0, &seq), E_OK);
	assert_int_equal(spool_file(s, buf_bytes(&m), NOW), E_OK);
	delivered = statement(&h.id, &m, ST_DELIVERED, "");
	ended = statement(&h.id, &m, ST_COMMITTED, "");
	if (i > 3)
		assert_int_equal(spool_sent(s, &h.id, TEXT("accepted"), NOW), E_OK);
	if (i > 6)
		assert_int_equal(
			spool_notice(s, ++*notice, &delivered, TEXT("d"), NOTHING, NOW), E_OK);
	if (i > 9)
		assert_int_equal(
			spool_notice(s, ++*notice, &ended, TEXT("e"), TEXT("x"), NOW), E_OK);
	buf_free(&m);
}

static void
incoming(struct spool *s, int i)
{
	struct spool_done done = {.from = kenya, .receipt = TEXT("our answer")};
	struct buf m = {0};

	done.id = take(s, &kenya, &m);
	if (i > 3)
		assert_int_equal(spool_claim(s, &kenya, &done.id), E_OK);
	if (i > 6)
		assert_int_equal(spool_file_all(s, NULL, 0, &done, NOW), E_OK);
	if (i > 9)
		assert_int_equal(spool_told(s, &kenya, &done.id), E_OK);
	buf_free(&m);
}

static void
furnish(struct spool *s)
{
	uint64_t notice = 0;
	char name[16];

	for (int i = 0; i < 16; i++) {
		outgoing(s, i, &notice);
		incoming(s, i);
		snprintf(name, sizeof name, "case/%d", i % 5);
		assert_int_equal(spool_set_fact(s, name, bytes_of(name, 6)), E_OK);
	}
}

/* ---- one flip ---- */

static uint8_t image[SMALL];

static size_t
used_octets(int fd)
{
	size_t n = sizeof image;

	assert_int_equal(pread(fd, image, sizeof image, 0), (ssize_t)sizeof image);
	while (n > 0 && image[n - 1] == 0)
		n--;
	return n;
}

static void
child(const char *spool, const struct digest *truth)
{
	static const int ends[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
	struct rlimit none = {0, 0};
	struct spool_scrub scrub;
	struct spool *s = NULL;
	struct digest seen;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		(void)signal(ends[i], SIG_DFL); /* not a failed test: the end of this process */
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)!freopen("/dev/null", "w", stderr);
	alarm(5); /* a loop is found too */
	if (spool_open(spool, 0, &s) != E_OK || spool_scrub(s, &scrub) != E_OK ||
		read_all(s, &seen) != E_OK)
		_exit(EXIT_FIRST + FOUND);
	_exit(EXIT_FIRST + (digest_equal(&seen, truth) ? IDENTICAL : SILENT));
}

static void
turn(int fd, size_t bit)
{
	uint8_t octet;

	assert_int_equal(pread(fd, &octet, 1, (off_t)(bit / 8)), 1);
	octet ^= (uint8_t)(1 << bit % 8);
	assert_int_equal(pwrite(fd, &octet, 1, (off_t)(bit / 8)), 1);
}

/* A damaged spool is looked at, not written to: nor does a new one begin in its place. */
static void
assert_unchanged(int fd)
{
	static uint8_t now[SMALL];

	assert_int_equal(pread(fd, now, sizeof now, 0), (ssize_t)sizeof now);
	assert_memory_equal(now, image, sizeof now);
}

static enum verdict
with_flip(const char *spool, int fd, size_t bit, const struct digest *truth)
{
	int status;
	pid_t pid;

	turn(fd, bit);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(spool, truth);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	turn(fd, bit);
	assert_unchanged(fd);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FIRST + IDENTICAL)
		return IDENTICAL;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_FIRST + SILENT)
		return FOUND;
	print_message("bit %zu of page %zu (octet %zu) was not found\n", bit % 8, bit / 8 / 4096,
		bit / 8 % 4096);
	return SILENT;
}

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 8;
}

static int
open_image(struct place *p, struct digest *truth)
{
	char file[160];
	int fd;

	assert_int_equal(read_all(p->s, truth), E_OK);
	spool_close(&p->s);
	snprintf(file, sizeof file, "%s/data.mdb", p->spool);
	fd = open(file, O_RDWR);
	assert_true(fd >= 0);
	return fd;
}

/* How many of the usual number; `DAFTAR_FLIPS' in the environment says another for the first. */
static int
flips(int usual)
{
	const char *set = getenv("DAFTAR_FLIPS");

	return set != NULL ? (int)strtol(set, NULL, 10) * usual / FLIPS : usual;
}

static void
flipped_bit_is_found_or_harmless(void **state)
{
	struct place *p = *state;
	size_t count[SILENT + 1] = {0}, used;
	unsigned seed = 20261127;
	int n = flips(FLIPS);
	struct digest truth;
	int fd;

	furnish(p->s);
	fd = open_image(p, &truth);
	used = used_octets(fd);
	for (int i = 0; i < n; i++)
		count[with_flip(
			p->spool, fd, next_random(&seed) % used * 8 + (size_t)i % 8, &truth)]++;
	print_message("of %d flips in %zu octets: %zu found, %zu harmless, %zu silent\n", n, used,
		count[FOUND], count[IDENTICAL], count[SILENT]);
	assert_int_equal(count[SILENT], 0);
	assert_true((int)count[FOUND] > n / 20);
	close(fd);
}

/* LMDB's two heads decide which commit is the newest, and have no check of their own. */
static void
flip_in_a_head_never_brings_back_the_commit_before(void **state)
{
	struct place *p = *state;
	size_t count[SILENT + 1] = {0};
	unsigned seed = 19991231;
	int n = flips(HEAD_FLIPS);
	struct digest truth;
	int fd;

	furnish(p->s);
	fd = open_image(p, &truth);
	assert_true(used_octets(fd) > 0);
	for (int i = 0; i < n; i++) {
		size_t octet = i < 128 ? HEAD_SIZE - 8 + (size_t)i / 8 % 8
				       : next_random(&seed) % HEAD_SIZE;
		size_t page = i < 64 ? 0 : i < 128 ? 1 : (size_t)i % 2;

		count[with_flip(p->spool, fd, (page * 4096 + octet) * 8 + (size_t)i % 8, &truth)]++;
	}
	print_message("of %d flips in the heads: %zu found, %zu harmless, %zu silent\n", n,
		count[FOUND], count[IDENTICAL], count[SILENT]);
	assert_int_equal(count[SILENT], 0);
	assert_true((int)count[FOUND] > n / 6);
	close(fd);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(flipped_bit_is_found_or_harmless),
		T(flip_in_a_head_never_brings_back_the_commit_before),
	};

	log_open("test_spool_flip", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
