/* SPDX-License-Identifier: EUPL-1.2
 *
 * A key is made once, and never in the place of one that is missing. Every look at a record and
 * every change of one takes a MAC, most of a hundred octets: there OpenSSL's own HMAC spends most
 * of its time on what is around the hash, so its SHA-256 is used here below, by states that are
 * copied.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "lib/mac.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "lib/file.h"
#include "lib/keyring.h"

#define BLOCK 64 /* octets of SHA-256 */

struct mac {
	SHA256_CTX inner, outer; /* RFC 2104: behind the key and its pad */
};

static void
begin(SHA256_CTX *c, const uint8_t key[MAC_KEY_SIZE], uint8_t pad)
{
	uint8_t block[BLOCK];

	memset(block, pad, sizeof block);
	for (size_t i = 0; i < MAC_KEY_SIZE; i++)
		block[i] ^= key[i];
	if (SHA256_Init(c) != 1 || SHA256_Update(c, block, sizeof block) != 1)
		die("SHA-256 failed");
	OPENSSL_cleanse(block, sizeof block);
}

struct mac *
mac_new(const uint8_t key[MAC_KEY_SIZE])
{
	struct mac *m = xcalloc(1, sizeof *m);

	begin(&m->inner, key, 0x36);
	begin(&m->outer, key, 0x5c);
	return m;
}

void
mac_free(struct mac **m)
{
	if (*m == NULL)
		return;
	OPENSSL_cleanse(*m, sizeof **m);
	free(TAKE(*m));
}

void
mac_over(struct mac *m, const struct bytes *part, size_t n, uint8_t out[MAC_SIZE])
{
	uint8_t octets[SHA256_DIGEST_LENGTH];
	SHA256_CTX inner = m->inner, outer = m->outer;

	for (size_t i = 0; i < n; i++)
		if (part[i].size > 0 && SHA256_Update(&inner, part[i].data, part[i].size) != 1)
			die("SHA-256 failed");
	if (SHA256_Final(octets, &inner) != 1 ||
		SHA256_Update(&outer, octets, sizeof octets) != 1 ||
		SHA256_Final(octets, &outer) != 1)
		die("SHA-256 failed");
	memcpy(out, octets, MAC_SIZE);
}

/* ---- the key's file ---- */

enum err
mac_key_load(const char *file, uint8_t out[MAC_KEY_SIZE])
{
	OWNED_FD(fd) = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return E_NO_KEY;
	errno = 0;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return E_NO_KEY;
	if (st.st_uid != geteuid() || (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return E_KEY_MODE;
	if (st.st_size != MAC_KEY_SIZE || read(fd, out, MAC_KEY_SIZE) != MAC_KEY_SIZE)
		return E_NO_KEY;
	return E_OK;
}

/* Written beside its place and then linked to it: half a key is never found, and of two that are
 * made at the same time the first stands. */
enum err
mac_key_make(const char *file, const uint8_t *key)
{
	OWNED(char, beside, free_chars) = xprintf("%s.new", file);
	uint8_t fresh[MAC_KEY_SIZE];
	enum err e;

	if (key == NULL && RAND_bytes(fresh, sizeof fresh) != 1)
		die("no random octets");
	(void)unlink(beside);
	e = secret_write(beside, key != NULL ? key : fresh, MAC_KEY_SIZE);
	explicit_bzero(fresh, sizeof fresh);
	if (e == E_OK && link(beside, file) != 0)
		e = E_IO;
	(void)unlink(beside);
	return e == E_OK ? folder_sync_of(file) : e;
}
