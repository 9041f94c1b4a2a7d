/* SPDX-License-Identifier: EUPL-1.2
 *
 * The few calls that keep a process's memory to itself. The leak detector of a sanitizer is another
 * process that looks inside, so there the second of them is left out. */
#include "lib/secrets.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <openssl/crypto.h>

#define HEAP_SIZE (256 * 1024) /* hundreds of keys */
#define HEAP_LEAST 32

static bool
no_core_files(void)
{
	const struct rlimit none = {0, 0};

	return setrlimit(RLIMIT_CORE, &none) == 0;
}

static bool
no_onlookers(void)
{
#ifdef DAFTAR_SANITIZER
	return true;
#else
	return prctl(PR_SET_DUMPABLE, 0) == 0;
#endif
}

void
secrets_guard(void)
{
	if (!no_core_files() || !no_onlookers())
		die("what is in memory cannot be kept from core files and from others");
	errno = 0;
	/* 2: it is there but is not locked in memory. */
	if (CRYPTO_secure_malloc_init(HEAP_SIZE, HEAP_LEAST) == 0)
		die("no memory for keys");
}
