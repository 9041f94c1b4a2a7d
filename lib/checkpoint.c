/* SPDX-License-Identifier: EUPL-1.2
 *
 * Checkpoints: C2SP tlog-checkpoint, a signed note whose text is three lines: origin, size of the
 * log in decimal, root in base64. A note may carry signatures of several witnesses; ours is the
 * line with the origin as its name and the id of our key, and it is the only one that counts.
 *
 * A note has exactly one spelling here, and no octet of it is special in XML, so that it stands in
 * a receipt as it is. */
#include "lib/merkle.h"

#include <stdio.h>
#include <string.h>

#define KEY_SIZE 32
#define SIGNATURE_SIZE 64
#define SIGNATURES_MAX 16
#define ALGORITHM_ED25519 0x01
#define DASH "\xe2\x80\x94 " /* em dash, space */

struct stamp {
	uint8_t key_id[CHECKPOINT_KEY_ID_SIZE];
	uint8_t signature[SIGNATURE_SIZE];
};

static bool
origin_is_fit(const char *origin)
{
	static const char fit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789.-_/:";
	size_t size = strlen(origin);

	return size > 0 && size < ORIGIN_SIZE && strspn(origin, fit) == size;
}

bool
checkpoint_origin(const char *log, uint64_t generation, char out[ORIGIN_SIZE])
{
	int n = generation < 2 ? snprintf(out, ORIGIN_SIZE, "%s", log)
			       : snprintf(out, ORIGIN_SIZE, "%s/%llu", log,
					 (unsigned long long)generation);

	return n > 0 && n < ORIGIN_SIZE;
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

static void
compose_text(const char *origin, uint64_t size, const struct digest *root, struct buf *out)
{
	buf_printf(out, "%s\n%llu\n", origin, (unsigned long long)size);
	buf_base64(out, root->octet, DIGEST_SIZE);
	buf_text(out, "\n");
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
checkpoint_sign(const char *origin, uint64_t size, const struct digest *root, EVP_PKEY *key,
	struct buf *out)
{
	uint8_t public_key[KEY_SIZE];
	size_t key_size = sizeof public_key, start = out->size;
	struct stamp stamp;

	if (!origin_is_fit(origin) || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519 ||
		EVP_PKEY_get_raw_public_key(key, public_key, &key_size) != 1)
		return E_CHECKPOINT;
	compose_text(origin, size, root, out);
	if (!sign_text(bytes_of(out->data + start, out->size - start), key, stamp.signature))
		return E_CHECKPOINT;
	checkpoint_key_id(origin, public_key, stamp.key_id);
	buf_printf(out, "\n" DASH "%s ", origin);
	buf_base64(out, &stamp, sizeof stamp);
	buf_text(out, "\n");
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

/* The next line without its newline; false when there is no complete line left. */
static bool
next_line(struct cursor *c, struct bytes *line)
{
	const uint8_t *end = c->left == 0 ? NULL : memchr(c->at, '\n', c->left);

	if (end == NULL)
		return false;
	*line = cursor_take(c, (size_t)(end - c->at));
	(void)cursor_u8(c);
	return true;
}

static bool
parse_size(struct bytes line, uint64_t *size)
{
	char again[24];
	uint64_t n = 0;

	if (line.size == 0 || line.size > 19)
		return false;
	for (size_t i = 0; i < line.size; i++) {
		if (line.data[i] < '0' || line.data[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(line.data[i] - '0');
	}
	snprintf(again, sizeof again, "%llu", (unsigned long long)n);
	*size = n;
	return strlen(again) == line.size; /* no leading zeros */
}

/* The name on the note: that of the log, or of a later generation of it. */
static bool
parse_origin(struct bytes line, const char *log, char out[ORIGIN_SIZE])
{
	size_t size = strlen(log);
	uint64_t generation = 1;

	if (line.size < size || memcmp(line.data, log, size) != 0)
		return false;
	if (line.size > size &&
		(line.data[size] != '/' ||
			!parse_size(bytes_of(line.data + size + 1, line.size - size - 1),
				&generation) ||
			generation < 2))
		return false;
	return checkpoint_origin(log, generation, out);
}

/* Reads the three lines and the empty one; *text is what is signed. */
static bool
parse_text(struct cursor *c, const char *log, char origin[ORIGIN_SIZE], uint64_t *size,
	struct digest *root, struct bytes *text)
{
	const uint8_t *start = c->at;
	struct bytes name, number, hash, empty;
	size_t room = DIGEST_SIZE;

	if (!next_line(c, &name) || !next_line(c, &number) || !next_line(c, &hash))
		return false;
	*text = bytes_of(start, (size_t)(c->at - start));
	return parse_origin(name, log, origin) && parse_size(number, size) &&
	       base64_decode((const char *)hash.data, hash.size, root->octet, &room) &&
	       room == DIGEST_SIZE && next_line(c, &empty) && empty.size == 0;
}

/* One signature line. False when it is malformed; *ours when name and key id are ours. */
static bool
parse_stamp(struct bytes line, const char *origin, const uint8_t key[KEY_SIZE], struct stamp *out,
	bool *ours)
{
	uint8_t key_id[CHECKPOINT_KEY_ID_SIZE], octets[128];
	size_t room = sizeof octets, dash = strlen(DASH);
	const uint8_t *name = line.data + dash, *space;

	if (line.size <= dash || memcmp(line.data, DASH, dash) != 0)
		return false;
	space = memchr(name, ' ', line.size - dash);
	if (space == NULL || space == name ||
		!base64_decode((const char *)space + 1, line.size - (size_t)(space + 1 - line.data),
			octets, &room) ||
		room <= CHECKPOINT_KEY_ID_SIZE)
		return false;
	checkpoint_key_id(origin, key, key_id);
	*ours = (size_t)(space - name) == strlen(origin) &&
		memcmp(name, origin, strlen(origin)) == 0 && room == sizeof *out &&
		memcmp(octets, key_id, sizeof key_id) == 0;
	if (*ours)
		memcpy(out, octets, sizeof *out);
	return true;
}

enum err
checkpoint_verify(struct bytes note, const char *log, const uint8_t key[KEY_SIZE], uint64_t *size,
	struct digest *root)
{
	char origin[ORIGIN_SIZE];
	struct cursor c = cursor_of(note);
	struct bytes text, line;
	struct stamp stamp;
	bool verified = false, ours;

	if (note.size > CHECKPOINT_MAX || !origin_is_fit(log) ||
		!parse_text(&c, log, origin, size, root, &text))
		return E_CHECKPOINT;
	for (int i = 0; i < SIGNATURES_MAX && next_line(&c, &line); i++) {
		if (!parse_stamp(line, origin, key, &stamp, &ours))
			return E_CHECKPOINT;
		if (ours && (verified || !verify_text(text, key, stamp.signature)))
			return E_CHECKPOINT;
		verified |= ours;
	}
	return verified && cursor_done(&c) ? E_OK : E_CHECKPOINT;
}
