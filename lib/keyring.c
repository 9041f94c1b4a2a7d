/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading keys and certificates. A key file is opened first and looked at through its descriptor,
 * so that nothing can be swapped between the look and the read, and nothing is read that other
 * people could have read too. What a key is good for is decided here and only here. */
#include "lib/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "lib/file.h"
#include "lib/token.h"

#define KEY_FILE_MAX (16 * 1024)
#define CERT_FILE_MAX (64 * 1024)
#define CERT_DER_MAX 8192
/* Above this a verification takes longer than a message may cost. */
#define RSA_BITS_MAX 8192

void
key_free(EVP_PKEY **k)
{
	EVP_PKEY_free(*k);
	*k = NULL;
}

void
cert_free(X509 **c)
{
	X509_free(*c);
	*c = NULL;
}

static void
bio_free(BIO **b)
{
	BIO_free(*b);
	*b = NULL;
}

void
identity_free(struct identity **i)
{
	if (*i == NULL)
		return;
	key_free(&(*i)->key);
	cert_free(&(*i)->cert);
	free_octets(&(*i)->der);
	free(*i);
	*i = NULL;
}

/* ---- files ---- */

/* One read that is not interrupted. */
static ssize_t
read_some(int fd, uint8_t *out, size_t room)
{
	ssize_t got;

	do {
		got = read(fd, out, room);
	} while (got < 0 && errno == EINTR);
	return got;
}

/* The whole file, at most `*size' bytes; false on an error or when there are more. */
static bool
read_all(int fd, uint8_t *out, size_t *size)
{
	size_t room = *size, n = 0;
	uint8_t more;

	while (n < room) {
		ssize_t got = read_some(fd, out + n, room - n);
		if (got < 0)
			return false;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*size = n;
	return n < room || read_some(fd, &more, 1) == 0;
}

/* O_NONBLOCK, so that a pipe put in the key's place can't stop us. */
static enum err
open_secret(const char *file, int *fd)
{
	struct stat st;

	*fd = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*fd < 0 || fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode))
		return E_NO_KEY;
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return E_KEY_MODE;
	return (st.st_mode & 07777 & ~(mode_t)0600) == 0 ? E_OK : E_KEY_MODE;
}

enum err
secret_text(const char *file, char *out, size_t size)
{
	size_t n = size;
	OWNED_FD(fd) = -1;

	assert(size > 1);
	out[0] = '\0';
	TRY(open_secret(file, &fd));
	bool read_it = read_all(fd, (uint8_t *)out, &n) && memchr(out, '\0', n) == NULL;
	if (read_it && n > 0 && out[n - 1] == '\n')
		n--;
	if (!read_it || n == size) {
		OPENSSL_cleanse(out, size);
		return E_NO_KEY;
	}
	out[n] = '\0';
	return E_OK;
}

enum err
secret_load(const char *file, uint8_t *out, size_t size)
{
	char text[513];

	assert(size * 2 + 2 <= sizeof(text));
	enum err e = secret_text(file, text, sizeof(text));
	if (e == E_OK && !hex_decode(text, strlen(text), out, size))
		e = E_NO_KEY;
	OPENSSL_cleanse(text, sizeof(text));
	return e;
}

enum err
secret_write(const char *file, const void *data, size_t size)
{
	OWNED_FD(fd) = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return E_IO;
	if (fchmod(fd, 0600) != 0 || file_write_to(fd, bytes_of(data, size)) != E_OK) {
		unlink(file);
		return E_IO;
	}
	return folder_sync_of(file);
}

/* ---- keys ---- */

/* A key file with a pass phrase is refused, not asked about on some terminal. */
static int
no_pass_phrase(char *out, int size, int writing, void *context)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

static enum err
key_of_text(const char *text, EVP_PKEY **out)
{
	if (token_is_named(text))
		return token_key_load(text, out);
	OWNED(BIO, b, bio_free) = BIO_new_mem_buf(text, -1);
	*out = PEM_read_bio_PrivateKey(b, NULL, no_pass_phrase, NULL);
	ERR_clear_error();
	return *out == NULL ? E_NO_KEY : E_OK;
}

enum err
key_load(const char *file, EVP_PKEY **out)
{
	char text[KEY_FILE_MAX];
	OWNED(EVP_PKEY, k, key_free) = NULL;

	TRY(secret_text(file, text, sizeof(text)));
	enum err e = key_of_text(text, &k);
	OPENSSL_cleanse(text, sizeof(text));
	TRY(e);
	TRY(key_check_strength(k));
	*out = TAKE(k);
	return E_OK;
}

static void
number_free(BIGNUM **n)
{
	BN_free(*n);
	*n = NULL;
}

static bool
rsa_is_strong(const EVP_PKEY *k)
{
	OWNED(BIGNUM, e, number_free) = NULL;
	int bits = EVP_PKEY_get_bits(k);

	if (bits < 3072 || bits > RSA_BITS_MAX)
		return false;
	return EVP_PKEY_get_bn_param(k, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_is_odd(e) &&
	       BN_num_bits(e) >= 17 && BN_num_bits(e) <= 64;
}

static bool
curve_is_allowed(const EVP_PKEY *k)
{
	char group[32];
	size_t n;

	if (EVP_PKEY_get_group_name(k, group, sizeof(group), &n) != 1)
		return false;
	return strcmp(group, "prime256v1") == 0 || strcmp(group, "secp384r1") == 0;
}

enum err
key_check_strength(const EVP_PKEY *k)
{
	bool strong = false;

	switch (EVP_PKEY_get_base_id(k)) {
	case EVP_PKEY_EC:
		strong = curve_is_allowed(k);
		break;
	case EVP_PKEY_RSA:
		strong = rsa_is_strong(k);
		break;
	case EVP_PKEY_ED25519:
		strong = true;
		break;
	}
	ERR_clear_error();
	return strong ? E_OK : E_WEAK_KEY;
}

/* ---- certificates ---- */

static enum err
read_cert_file(const char *file, struct buf *out)
{
	uint8_t bytes[CERT_FILE_MAX];
	size_t n = sizeof(bytes);
	struct stat st;
	OWNED_FD(fd) = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !read_all(fd, bytes, &n))
		return E_NO_CERT;
	buf_add(out, bytes, n);
	return E_OK;
}

enum err
cert_load(const char *file, X509 **out)
{
	OWNED_BUF(text) = {0};

	TRY(read_cert_file(file, &text));
	OWNED(BIO, b, bio_free) = BIO_new_mem_buf(text.data, (int)text.size);
	OWNED(X509, c, cert_free) = PEM_read_bio_X509(b, NULL, no_pass_phrase, NULL);
	ERR_clear_error();
	if (c == NULL || X509_get0_pubkey(c) == NULL)
		return E_NO_CERT;
	*out = TAKE(c);
	return E_OK;
}

/* DER has one encoding of a thing (Rec. ITU-T X.690 section 10); any other would be a second
 * certificate with the same signature. */
static bool
is_der_of(X509 *c, struct bytes der)
{
	unsigned char *again = NULL;
	int n = i2d_X509(c, &again);
	bool same = n > 0 && (size_t)n == der.size && memcmp(again, der.data, der.size) == 0;

	OPENSSL_free(again);
	return same;
}

enum err
cert_of_der(struct bytes der, X509 **out)
{
	const uint8_t *p = der.data;

	if (der.size == 0 || der.size > CERT_DER_MAX)
		return E_NO_CERT;
	OWNED(X509, c, cert_free) = d2i_X509(NULL, &p, (long)der.size);
	bool whole = c != NULL && p == der.data + der.size && is_der_of(c, der) &&
		     X509_get0_pubkey(c) != NULL;
	ERR_clear_error();
	if (!whole)
		return E_NO_CERT;
	*out = TAKE(c);
	return E_OK;
}

static enum err
keep_der(struct identity *i)
{
	unsigned char *der = NULL;
	int n = i2d_X509(i->cert, &der);

	if (n <= 0 || n > CERT_DER_MAX) {
		OPENSSL_free(der);
		return E_NO_CERT;
	}
	i->der = xmalloc((size_t)n);
	memcpy(i->der, der, (size_t)n);
	i->der_size = (size_t)n;
	OPENSSL_free(der);
	return E_OK;
}

enum err
identity_load(const char *key_file, const char *cert_file, struct identity **out)
{
	OWNED(struct identity, i, identity_free) = xcalloc(1, sizeof(*i));

	TRY(key_load(key_file, &i->key));
	TRY(cert_load(cert_file, &i->cert));
	bool pair = X509_check_private_key(i->cert, i->key) == 1;
	ERR_clear_error();
	if (!pair)
		return E_NO_CERT;
	TRY(keep_der(i));
	*out = TAKE(i);
	return E_OK;
}
