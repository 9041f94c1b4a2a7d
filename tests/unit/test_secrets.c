/* SPDX-License-Identifier: EUPL-1.2
 * What a guarded process keeps to itself. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>

#include "lib/secrets.h"
#include "tests/unit/test.h"

#define NOBODY 65534

/* Runs `f' in a child that is nobody in particular, so that no capability opens any door; true when
 * it says so. */
static bool
as_nobody(bool (*f)(void))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
			_exit(2);
		prctl(PR_SET_DUMPABLE, 1);
		_exit(f() ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 0;
}

static bool
can_open(pid_t pid, const char *what)
{
	char file[64];

	snprintf(file, sizeof file, "/proc/%d/%s", (int)pid, what);
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* What another process of the same user can open of this one. */
static bool
is_open_to_others(const char *what)
{
	pid_t us = getpid(), other = fork();
	int status;

	if (other == 0) {
		prctl(PR_SET_DUMPABLE, 1); /* only the one that is looked at is guarded */
		_exit(can_open(us, what) ? 1 : 0);
	}
	return waitpid(other, &status, 0) == other && WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

static bool
memory_is_open(void)
{
	return is_open_to_others("mem") && is_open_to_others("environ");
}

static bool
guarded_memory_is_open(void)
{
	secrets_guard();
	return is_open_to_others("mem") || is_open_to_others("environ");
}

static void
memory_is_closed_to_others_of_the_same_user(void **state)
{
	if (!as_nobody(memory_is_open))
		return; /* here nobody may look into others anyway */
#ifdef DAFTAR_SANITIZER
	const bool open = true; /* for its leak detector */
#else
	const bool open = false;
#endif
	assert_int_equal(as_nobody(guarded_memory_is_open), open);
}

static bool
core_files_are_off(void)
{
	struct rlimit limit;

	secrets_guard();
	return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0;
}

static void
no_core_file_is_written(void **state)
{
	assert_true(as_nobody(core_files_are_off));
}

static bool
keys_are_in_the_secure_heap(void)
{
	secrets_guard();
	EVP_PKEY *k = EVP_EC_gen("P-256");
	size_t before = CRYPTO_secure_used();
	EVP_PKEY_free(k);
	return before > 0 && CRYPTO_secure_used() < before;
}

static void
private_keys_lie_in_the_secure_heap(void **state)
{
	assert_true(as_nobody(keys_are_in_the_secure_heap));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_closed_to_others_of_the_same_user),
		cmocka_unit_test(no_core_file_is_written),
		cmocka_unit_test(private_keys_lie_in_the_secure_heap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
