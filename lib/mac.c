/* SPDX-License-Identifier: EUPL-1.2
 *
 * A key is made once, and never in the place of one that is missing. */
#include "lib/mac.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "lib/file.h"
#include "lib/keyring.h"

struct mac {
	EVP_MAC_CTX *keyed;
};

struct mac *
mac_new(const uint8_t key[MAC_KEY_SIZE])
{
	struct mac *m = xcalloc(1, sizeof *m);
	char digest[] = "SHA256";
	OSSL_PARAM how[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end()};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	m->keyed = hmac == NULL ? NULL : EVP_MAC_CTX_new(hmac);
	if (m->keyed == NULL || EVP_MAC_init(m->keyed, key, MAC_KEY_SIZE, how) != 1)
		die("HMAC-SHA-256 failed");
	EVP_MAC_free(hmac);
	return m;
}

void
mac_free(struct mac **m)
{
	if (*m == NULL)
		return;
	EVP_MAC_CTX_free((*m)->keyed);
	free(TAKE(*m));
}

void
mac_over(struct mac *m, const struct bytes *part, size_t n, uint8_t out[MAC_SIZE])
{
	uint8_t octets[32];
	size_t size;

	/* No key: the one it was made with, from its state. */
	if (EVP_MAC_init(m->keyed, NULL, 0, NULL) != 1)
		die("HMAC-SHA-256 failed");
	for (size_t i = 0; i < n; i++)
		if (EVP_MAC_update(m->keyed, part[i].data, part[i].size) != 1)
			die("HMAC-SHA-256 failed");
	if (EVP_MAC_final(m->keyed, octets, &size, sizeof octets) != 1)
		die("HMAC-SHA-256 failed");
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
