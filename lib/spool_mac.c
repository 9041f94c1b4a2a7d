/* SPDX-License-Identifier: EUPL-1.2
 *
 * The key that lies beside a spool, and the MAC that every record carries: HMAC-SHA-256 (RFC 2104)
 * cut to 16 octets. The key is not in the folder, so that who can write there, or a disk that lies,
 * cannot make a record that passes. The two halves of HMAC that depend on the key alone are made
 * once. */
#include "lib/spool_lmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "lib/file.h"
#include "lib/log.h"

#define BLOCK 64

static EVP_MD_CTX *
half_of(const uint8_t key[SPOOL_KEY_SIZE], uint8_t pad)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t block[BLOCK];

	memset(block, pad, sizeof block);
	for (size_t i = 0; i < SPOOL_KEY_SIZE; i++)
		block[i] ^= key[i];
	if (c == NULL || EVP_DigestInit_ex(c, EVP_sha256(), NULL) != 1 ||
		EVP_DigestUpdate(c, block, sizeof block) != 1)
		die("SHA-256 is not available");
	explicit_bzero(block, sizeof block);
	return c;
}

void
mac_begin(struct mac *m, const uint8_t key[SPOOL_KEY_SIZE])
{
	m->inner = half_of(key, 0x36);
	m->outer = half_of(key, 0x5c);
	m->work = EVP_MD_CTX_new();
	if (m->work == NULL)
		die("SHA-256 is not available");
}

void
mac_end(struct mac *m)
{
	EVP_MD_CTX_free(TAKE(m->inner));
	EVP_MD_CTX_free(TAKE(m->outer));
	EVP_MD_CTX_free(TAKE(m->work));
}

void
mac_of(const struct mac *m, const char *table, struct bytes key, struct bytes value,
	uint8_t out[MAC_SIZE])
{
	uint8_t size[4] = {(uint8_t)(key.size >> 24), (uint8_t)(key.size >> 16),
		(uint8_t)(key.size >> 8), (uint8_t)key.size};
	uint8_t digest[DIGEST_SIZE];

	if (EVP_MD_CTX_copy_ex(m->work, m->inner) != 1 ||
		EVP_DigestUpdate(m->work, table, strlen(table) + 1) != 1 ||
		EVP_DigestUpdate(m->work, size, sizeof size) != 1 ||
		EVP_DigestUpdate(m->work, key.data, key.size) != 1 ||
		EVP_DigestUpdate(m->work, value.data, value.size) != 1 ||
		EVP_DigestFinal_ex(m->work, digest, NULL) != 1 ||
		EVP_MD_CTX_copy_ex(m->work, m->outer) != 1 ||
		EVP_DigestUpdate(m->work, digest, sizeof digest) != 1 ||
		EVP_DigestFinal_ex(m->work, digest, NULL) != 1)
		die("SHA-256 is not available");
	memcpy(out, digest, MAC_SIZE);
}

/* ---- the file ---- */

char *
mac_key_file(const char *directory)
{
	OWNED(char, name, free_chars) = xstrdup(directory);
	size_t n = strlen(name);
	const char *last;
	char *real;

	while (n > 1 && name[n - 1] == '/')
		name[--n] = '\0';
	last = strrchr(name, '/') != NULL ? strrchr(name, '/') + 1 : name;
	if (strcmp(last, ".") != 0 && strcmp(last, "..") != 0)
		return xprintf("%s.key", name);
	real = realpath(name, NULL);
	if (real != NULL) {
		free_chars(&name);
		name = real;
	}
	return xprintf("%s.key", name);
}

enum err
mac_key_load(const char *file, uint8_t out[SPOOL_KEY_SIZE])
{
	OWNED_FD(fd) = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return E_NO_KEY;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077) != 0) {
		log_line(LOG_ERROR, "spool: %s must be a file of this user with mode 0600", file);
		return E_KEY_MODE;
	}
	if (st.st_size != SPOOL_KEY_SIZE || read(fd, out, SPOOL_KEY_SIZE) != SPOOL_KEY_SIZE) {
		log_line(LOG_ERROR, "spool: %s is not a spool's key", file);
		return E_NO_KEY;
	}
	return E_OK;
}

static enum err
write_key(const char *file, const uint8_t key[SPOOL_KEY_SIZE])
{
	OWNED_FD(fd) = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 || fchmod(fd, 0600) != 0 || write(fd, key, SPOOL_KEY_SIZE) != SPOOL_KEY_SIZE ||
		fsync(fd) != 0)
		return E_IO;
	return E_OK;
}

/* Under another name first: a key is there whole or not at all, and none is ever written over. */
enum err
mac_key_make(const char *file, const uint8_t *key)
{
	OWNED(char, part, free_chars) = xprintf("%s.new", file);
	OWNED(char, folder, free_chars) = xstrdup(file);
	uint8_t fresh[SPOOL_KEY_SIZE];
	char *slash = strrchr(folder, '/');
	enum err e;

	if (key == NULL && RAND_bytes(fresh, sizeof fresh) != 1)
		die("no random octets");
	e = write_key(part, key != NULL ? key : fresh);
	explicit_bzero(fresh, sizeof fresh);
	if (e == E_OK && link(part, file) != 0)
		e = E_IO;
	(void)unlink(part);
	if (slash != NULL)
		slash[slash == folder ? 1 : 0] = '\0';
	if (e == E_OK)
		e = folder_sync(slash != NULL ? folder : ".");
	if (e != E_OK)
		log_line(LOG_ERROR,
			"spool: cannot make %s, which lies beside the spool; let this user write "
			"to that folder",
			file);
	return e;
}
