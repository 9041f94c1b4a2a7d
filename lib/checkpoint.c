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

#include "lib/note.h"

#define KEY_SIZE 32

bool
checkpoint_origin(const char *log, uint64_t generation, char out[ORIGIN_SIZE])
{
	int n = generation < 2 ? snprintf(out, ORIGIN_SIZE, "%s", log)
			       : snprintf(out, ORIGIN_SIZE, "%s/%llu", log,
					 (unsigned long long)generation);

	return n > 0 && n < ORIGIN_SIZE;
}

static void
compose_text(const char *origin, uint64_t size, const struct digest *root, struct buf *out)
{
	buf_printf(out, "%s\n%llu\n", origin, (unsigned long long)size);
	buf_base64(out, root->octet, DIGEST_SIZE);
	buf_text(out, "\n");
}

enum err
checkpoint_sign(const char *origin, uint64_t size, const struct digest *root, EVP_PKEY *key,
	struct buf *out)
{
	OWNED_BUF(note) = {0};

	compose_text(origin, size, root, &note);
	TRY(note_sign(origin, key, 0, &note));
	buf_add_bytes(out, buf_bytes(&note));
	return E_OK;
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

bool
checkpoint_generation(
	struct bytes line, const char *log, char out[ORIGIN_SIZE], uint64_t *generation)
{
	size_t size = strlen(log);

	*generation = 1;
	if (line.size < size || memcmp(line.data, log, size) != 0)
		return false;
	if (line.size > size &&
		(line.data[size] != '/' ||
			!parse_size(
				bytes_of(line.data + size + 1, line.size - size - 1), generation) ||
			*generation < 2))
		return false;
	return checkpoint_origin(log, *generation, out);
}

bool
checkpoint_parse_origin(struct bytes line, const char *log, char out[ORIGIN_SIZE])
{
	uint64_t generation;

	return checkpoint_generation(line, log, out, &generation);
}

/* Reads the three lines and the empty one; *text is what is signed. */
static bool
parse_text(struct cursor *c, const char *log, char origin[ORIGIN_SIZE], struct checkpoint *out,
	struct bytes *text)
{
	const uint8_t *start = c->at;
	struct bytes name, number, hash, empty;
	size_t room = DIGEST_SIZE;

	if (!note_line(c, &name) || !note_line(c, &number) || !note_line(c, &hash))
		return false;
	*text = bytes_of(start, (size_t)(c->at - start));
	return checkpoint_generation(name, log, origin, &out->generation) &&
	       parse_size(number, &out->size) &&
	       base64_decode((const char *)hash.data, hash.size, out->root.octet, &room) &&
	       room == DIGEST_SIZE && note_line(c, &empty) && empty.size == 0;
}

enum err
checkpoint_verify(
	struct bytes note, const char *log, const uint8_t key[KEY_SIZE], struct checkpoint *out)
{
	char origin[ORIGIN_SIZE];
	struct cursor c = cursor_of(note);
	struct bytes text;

	if (note.size > CHECKPOINT_MAX || !note_name_is_fit(log) ||
		!parse_text(&c, log, origin, out, &text))
		return E_CHECKPOINT;
	return note_verify(text, &c, origin, key);
}
