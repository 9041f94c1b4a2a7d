/* SPDX-License-Identifier: EUPL-1.2
 *
 * The key of this office's kept things: made here, sealed to the office's encryption certificate as
 * the fact "data-key", and opened once a command. Each thing is then AES-256-GCM under it, so that
 *a list of ten thousand cases takes one operation with the private key, and not ten thousand (which
 * may be in a token). After a change of certificate there is a new one; the one of before is kept,
 * sealed to the new certificate, for what another process may still have written with it.
 *
 *	1 | first octets of the key's SHA-256 | nonce | encrypted text | tag */
#include <string.h>
#include <sys/random.h>

#include <openssl/evp.h>

#include "lib/at_rest.h"
#include "liaison/daftar.h"
#include "liaison/seal_key.h"

#define KEY_SIZE 32
#define NAME_SIZE 8
#define NONCE_SIZE 12
#define TAG_SIZE 16
#define PAD 0x80
#define HEAD_SIZE (1 + NAME_SIZE)

static const char *const facts[] = {"data-key", "data-key-before"};

struct data_key {
	uint8_t key[KEY_SIZE], name[NAME_SIZE];
	struct digest kept; /* of the fact that it came from; all zero: there is none */
};
struct data_keys {
	struct data_key key[2]; /* now, before */
};

struct data_keys *
data_keys_new(void)
{
	return xcalloc(1, sizeof(struct data_keys));
}

void
data_keys_free(struct data_keys **k)
{
	if (*k == NULL)
		return;
	OPENSSL_cleanse(*k, sizeof **k);
	free(*k);
	*k = NULL;
}

bool
data_key_has_sealed(struct bytes v)
{
	return v.size > HEAD_SIZE + NONCE_SIZE + TAG_SIZE && v.data[0] == 1;
}

/* ---- the keys themselves ---- */

static void
name_key(struct data_key *k)
{
	struct digest d;

	digest_of(k->key, sizeof k->key, &d);
	memcpy(k->name, d.octet, sizeof k->name);
}

/* As it is kept by now: another process may have changed it. E_NOT_FOUND; E_BODY. */
static enum err
load(const struct office *o, int which)
{
	struct data_key *k = &o->data_keys->key[which];
	OWNED_BUF(kept) = {0};
	OWNED_BUF(hex) = {0};
	struct digest d;

	TRY(spool_fact(o->spool, facts[which], &kept));
	digest_of(kept.data, kept.size, &d);
	if (memcmp(&d, &k->kept, sizeof d) == 0)
		return E_OK;
	TRY(at_rest_open(buf_bytes(&kept), o->encrypt, o->encrypt_before, &hex));
	if (hex.size != 2 * KEY_SIZE ||
		!hex_decode((char *)hex.data, hex.size, k->key, sizeof k->key))
		return E_BODY;
	name_key(k);
	k->kept = d;
	return E_OK;
}

static enum err
keep(struct office *o, int which, const uint8_t key[KEY_SIZE])
{
	OWNED_BUF(hex) = {0};
	OWNED_BUF(sealed) = {0};

	buf_hex(&hex, key, KEY_SIZE);
	TRY(at_rest_seal(o->encrypt->cert, buf_bytes(&hex), &sealed));
	return spool_set_fact(o->spool, facts[which], buf_bytes(&sealed));
}

/* Is the key sealed to the present certificate? Then a change that was cut off has come so far. */
static bool
is_changed(const struct office *o)
{
	OWNED_BUF(kept) = {0};
	OWNED_BUF(hex) = {0};

	return spool_fact(o->spool, facts[0], &kept) == E_OK &&
	       at_rest_open(buf_bytes(&kept), o->encrypt, NULL, &hex) == E_OK;
}

enum err
data_key_change(struct office *o)
{
	uint8_t key[KEY_SIZE];
	enum err e = E_OK;

	if (is_changed(o))
		return E_OK;
	if (getrandom(key, sizeof key, 0) != sizeof key)
		die("no random numbers");
	TRY(spool_group(o->spool));
	if (load(o, 0) == E_OK)
		e = keep(o, 1, o->data_keys->key[0].key);
	if (e == E_OK)
		e = keep(o, 0, key);
	OPENSSL_cleanse(key, sizeof key);
	return spool_group_end(o->spool) == E_OK ? e : E_SPOOL_FULL;
}

/* ---- sealing and opening ---- */

enum err
data_key_seal(const struct office *o, struct bytes plain, struct buf *out)
{
	uint8_t head[HEAD_SIZE + NONCE_SIZE], tag[TAG_SIZE];
	const size_t class = encrypt_class(plain.size + 1);
	const struct data_key *k;
	EVP_CIPHER_CTX *c;
	uint8_t *text;
	int n = 0;
	bool good;

	if (o->data_keys == NULL)
		return E_NOT_FOUND;
	TRY(load(o, 0));
	if (class == 0)
		return E_TOO_LARGE;
	k = &o->data_keys->key[0];
	head[0] = 1;
	memcpy(head + 1, k->name, NAME_SIZE);
	if (getrandom(head + HEAD_SIZE, NONCE_SIZE, 0) != NONCE_SIZE)
		die("no random numbers");
	text = xcalloc(1, class);
	memcpy(text, plain.data == NULL ? (const uint8_t *)"" : plain.data, plain.size);
	text[plain.size] = PAD;
	c = EVP_CIPHER_CTX_new();
	good = c != NULL &&
	       EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, k->key, head + HEAD_SIZE) == 1 &&
	       EVP_EncryptUpdate(c, NULL, &n, head, HEAD_SIZE) == 1 &&
	       EVP_EncryptUpdate(c, text, &n, text, (int)class) == 1 && n == (int)class &&
	       EVP_EncryptFinal_ex(c, tag, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, tag) == 1;
	EVP_CIPHER_CTX_free(c);
	if (!good)
		die("AES-256-GCM");
	buf_add(out, head, sizeof head);
	buf_add(out, text, class);
	buf_add(out, tag, sizeof tag);
	free(text);
	return E_OK;
}

/* The size without the padding, which is an octet of its own and zeros (ISO/IEC 7816-4): what is
 * kept may itself end in zeros. `size' when there is none. */
static size_t
unpadded(const uint8_t *text, size_t size)
{
	size_t n = size;

	while (n > 0 && text[n - 1] == 0)
		n--;
	return n > 0 && text[n - 1] == PAD ? n - 1 : size;
}

static enum err
open_with(const struct data_key *k, struct bytes kept, struct buf *plain)
{
	const uint8_t *nonce = kept.data + HEAD_SIZE, *text = nonce + NONCE_SIZE;
	size_t size = kept.size - HEAD_SIZE - NONCE_SIZE - TAG_SIZE, plain_size;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t *out = xmalloc(size), tag[TAG_SIZE];
	int n = 0, rest = 0;
	bool good;

	memcpy(tag, text + size, sizeof tag);
	good = c != NULL && EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, k->key, nonce) == 1 &&
	       EVP_DecryptUpdate(c, NULL, &n, kept.data, HEAD_SIZE) == 1 &&
	       EVP_DecryptUpdate(c, out, &n, text, (int)size) == 1 &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) == 1 &&
	       EVP_DecryptFinal_ex(c, out + n, &rest) == 1;
	EVP_CIPHER_CTX_free(c);
	plain_size = good ? unpadded(out, size) : 0;
	good = good && plain_size < size;
	if (good)
		buf_add(plain, out, plain_size);
	OPENSSL_cleanse(out, size);
	free(out);
	return good ? E_OK : E_BODY;
}

enum err
data_key_open(const struct office *o, struct bytes kept, struct buf *plain)
{
	buf_reset(plain);
	if (o->data_keys == NULL)
		return E_BODY;
	for (int again = 0; again < 2; again++)
		for (int i = 0; i < 2; i++) {
			const struct data_key *k = &o->data_keys->key[i];

			/* First with what is known already; then with what is kept by now. */
			if (again != 0 && load(o, i) != E_OK)
				continue;
			if (!all_zero(&k->kept, sizeof k->kept) &&
				memcmp(k->name, kept.data + 1, NAME_SIZE) == 0)
				return open_with(k, kept, plain);
		}
	return E_BODY;
}
