/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signed notes. The text ends with a newline; after an empty line come the signatures, a line each:
 * em dash, name, base64 of key id and signature. No octet of a note is special in XML, so that it
 * stands in a document as it is. */
#include "lib/note.h"

#include <string.h>

#define KEY_SIZE 32
#define SIGNATURE_SIZE 64
#define SIGNATURES_MAX 16
#define ALGORITHM_ED25519 0x01

struct stamp {
	uint8_t key_id[CHECKPOINT_KEY_ID_SIZE];
	uint8_t signature[SIGNATURE_SIZE];
};

bool
note_name_is_fit(const char *name)
{
	static const char fit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789.-_/:";
	size_t size = strlen(name);

	return size > 0 && size < ORIGIN_SIZE && strspn(name, fit) == size;
}

void
checkpoint_key_id(
	const char *name, const uint8_t key[KEY_SIZE], uint8_t out[CHECKPOINT_KEY_ID_SIZE])
{
	struct digest d;
	OWNED_BUF(b) = {0};

	buf_text(&b, name);
	buf_u8(&b, '\n');
	buf_u8(&b, ALGORITHM_ED25519);
	buf_add(&b, key, KEY_SIZE);
	digest_of(b.data, b.size, &d);
	memcpy(out, d.octet, CHECKPOINT_KEY_ID_SIZE);
}

static bool
sign_text(struct bytes text, EVP_PKEY *key, uint8_t out[SIGNATURE_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t size = SIGNATURE_SIZE;
	bool done;

	if (ctx == NULL)
		die("memory");
	done = EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
	       EVP_DigestSign(ctx, out, &size, text.data, text.size) == 1 && size == SIGNATURE_SIZE;
	EVP_MD_CTX_free(ctx);
	return done;
}

enum err
note_sign(const char *name, EVP_PKEY *key, size_t start, struct buf *note)
{
	uint8_t public_key[KEY_SIZE];
	size_t key_size = sizeof public_key;
	struct stamp stamp;

	if (!note_name_is_fit(name) || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519 ||
		EVP_PKEY_get_raw_public_key(key, public_key, &key_size) != 1 ||
		!sign_text(bytes_of(note->data + start, note->size - start), key, stamp.signature))
		return E_CHECKPOINT;
	checkpoint_key_id(name, public_key, stamp.key_id);
	buf_printf(note, "\n" NOTE_DASH "%s ", name);
	buf_base64(note, &stamp, sizeof stamp);
	buf_text(note, "\n");
	return E_OK;
}

static bool
verify_text(struct bytes text, const uint8_t key[KEY_SIZE], const uint8_t stamp[SIGNATURE_SIZE])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, KEY_SIZE);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	if (ctx == NULL)
		die("memory");
	good = k != NULL && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k) == 1 &&
	       EVP_DigestVerify(ctx, stamp, SIGNATURE_SIZE, text.data, text.size) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(k);
	return good;
}

bool
note_line(struct cursor *c, struct bytes *line)
{
	const uint8_t *end = c->left == 0 ? NULL : memchr(c->at, '\n', c->left);

	if (end == NULL)
		return false;
	*line = cursor_take(c, (size_t)(end - c->at));
	(void)cursor_u8(c);
	return true;
}

/* One signature line. False when it is malformed; *ours when name and key id are ours. */
static bool
parse_stamp(struct bytes line, const char *signer, const uint8_t key[KEY_SIZE], struct stamp *out,
	bool *ours)
{
	uint8_t key_id[CHECKPOINT_KEY_ID_SIZE], octets[128];
	size_t room = sizeof octets, dash = strlen(NOTE_DASH);
	const uint8_t *name = line.data + dash, *space;

	if (line.size <= dash || memcmp(line.data, NOTE_DASH, dash) != 0)
		return false;
	space = memchr(name, ' ', line.size - dash);
	if (space == NULL || space == name ||
		!base64_decode((const char *)space + 1, line.size - (size_t)(space + 1 - line.data),
			octets, &room) ||
		room <= CHECKPOINT_KEY_ID_SIZE)
		return false;
	checkpoint_key_id(signer, key, key_id);
	*ours = (size_t)(space - name) == strlen(signer) &&
		memcmp(name, signer, strlen(signer)) == 0 && room == sizeof *out &&
		memcmp(octets, key_id, sizeof key_id) == 0;
	if (*ours)
		memcpy(out, octets, sizeof *out);
	return true;
}

enum err
note_verify(struct bytes text, struct cursor *rest, const char *name, const uint8_t key[KEY_SIZE])
{
	struct bytes line;
	struct stamp stamp;
	bool verified = false, ours;

	for (int i = 0; i < SIGNATURES_MAX && note_line(rest, &line); i++) {
		if (!parse_stamp(line, name, key, &stamp, &ours))
			return E_CHECKPOINT;
		if (ours && (verified || !verify_text(text, key, stamp.signature)))
			return E_CHECKPOINT;
		verified |= ours;
	}
	return verified && cursor_done(rest) ? E_OK : E_CHECKPOINT;
}
