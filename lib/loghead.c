/* SPDX-License-Identifier: EUPL-1.2
 *
 * Judging heads. Sizes say which of two is older; within one generation the older must be contained
 * in the newer, and equal sizes must have equal roots. A generation begins when the log goes on
 * from a restored copy: what the lost end held is not proved any more, so the change itself is told
 * to people. */
#include "lib/loghead.h"

#include <string.h>

enum err
log_head_read(struct bytes note, const struct trust *trust, struct log_head *out)
{
	memset(out, 0, sizeof *out);
	if (note.size > CHECKPOINT_MAX || memchr(note.data, '\0', note.size) != NULL)
		return E_CHECKPOINT;
	TRY(checkpoint_verify(note, trust_log_name(trust), trust_log_key(trust), &out->at));
	memcpy(out->note, note.data, note.size);
	return E_OK;
}

bool
log_heads_contradict(const struct log_head *a, const struct log_head *b)
{
	return a->at.generation == b->at.generation && a->at.size == b->at.size &&
	       !digest_equal(&a->at.root, &b->at.root);
}

enum err
log_head_follows(const struct log_head *known, const struct log_head *next, struct bytes proof)
{
	struct digest hash[MERKLE_PROOF_MAX];
	const struct checkpoint *old = &known->at, *now = &next->at;

	if (old->size == 0 || now->generation > old->generation)
		return E_OK;
	if (now->generation < old->generation || proof.size > sizeof hash ||
		proof.size % DIGEST_SIZE != 0)
		return E_LOG_FORKED;
	if (proof.size > 0)
		memcpy(hash, proof.data, proof.size);
	return merkle_verify_grown(old->size, &old->root, now->size, &now->root, hash,
		       proof.size / DIGEST_SIZE) == E_OK
		       ? E_OK
		       : E_LOG_FORKED;
}

void
log_pair_compose(const struct log_head *a, const struct log_head *b, struct buf *out)
{
	buf_printf(out, "%s\n%s", a->note, b->note);
}

/* A note is its text, an empty line and signature lines; behind the last of those comes the empty
 * line that parts the two. */
enum err
log_pair_split(struct bytes pair, struct bytes *a, struct bytes *b)
{
	const uint8_t *end, *text_end = memmem(pair.data, pair.size, "\n\n", 2);

	if (text_end == NULL)
		return E_MALFORMED;
	text_end += 2;
	end = memmem(text_end, pair.size - (size_t)(text_end - pair.data), "\n\n", 2);
	if (end == NULL)
		return E_MALFORMED;
	*a = bytes_of(pair.data, (size_t)(end + 1 - pair.data));
	*b = bytes_of(end + 2, pair.size - a->size - 1);
	return b->size > 0 ? E_OK : E_MALFORMED;
}
