/* SPDX-License-Identifier: EUPL-1.2
 *
 * One good message of every action, cut off at every octet and with a bit flipped in every octet.
 * The octets of ciphertext, of which there are thousands and all alike, are passed in strides;
 * --long takes every bit of every octet. */
#include "tests/hostile/hostile.h"

#define STRIDE 16
#define VOTES_EACH 4

#define ANY                                                                                        \
	"MALFORMED FORBIDDEN-MARKUP NOT-UTF8 NOT-CANONICAL SCHEMA SIGNATURE SIGNATURE-SHAPE "      \
	"UNSIGNED ALGORITHM UNKNOWN-CERT WRONG-REALM UNKNOWN-PARTY SENDER-MISMATCH NOT-ADDRESSEE " \
	"TOO-COMPLEX"

/* Where the body's ciphertext stands. */
static struct bytes
ciphertext(const struct sample *s)
{
	static const char before[] = "<xenc:CipherData><xenc:CipherValue>";
	const uint8_t *at = s->body.data, *hit;
	struct bytes longest = {at, 0};
	size_t left = s->body.size;

	while ((hit = memmem(at, left, before, strlen(before))) != NULL) {
		const uint8_t *text = hit + strlen(before), *end;

		end = memchr(text, '<', (size_t)(s->body.data + s->body.size - text));
		assert_non_null(end);
		if ((size_t)(end - text) > longest.size)
			longest = bytes_of(text, (size_t)(end - text));
		at = end;
		left = (size_t)(s->body.data + s->body.size - at);
	}
	return longest;
}

static bool
passed_over(struct bytes cipher, const uint8_t *at)
{
	size_t offset = (size_t)(at - cipher.data);

	if (at < cipher.data || offset >= cipher.size)
		return false;
	return offset > STRIDE && cipher.size - offset > STRIDE && offset % STRIDE != 0;
}

/* Receipt, statement and one of those with an encrypted body are of three builds; the others are of
 * the third, and the votes are not asked about all of them again. */
static enum effort
effort_at(const struct sample *s, size_t at, bool thorough)
{
	bool own_build = s->action == A_RECEIPT || s->action == A_RECONCILIATION_STATEMENT ||
			 s->action == A_QUERY;

	return thorough || own_build || at % VOTES_EACH == 0 ? ONE_MODE : EXAMINER_ONLY;
}

static void
flip_octet(struct tally *t, const struct sample *s, struct buf *copy, size_t at, bool thorough)
{
	static const struct family f = {"bit flipped", ANY, NULL};

	for (unsigned bit = 0; bit < 8; bit++) {
		if (!thorough && bit != (at * 5 + s->action) % 8)
			continue;
		copy->data[at] ^= (uint8_t)(1u << bit);
		judge(t, s, &f, buf_bytes(copy), effort_at(s, at, thorough));
		copy->data[at] ^= (uint8_t)(1u << bit);
	}
}

static void
cut_at(struct tally *t, const struct sample *s, size_t at)
{
	static const struct family f = {"cut off", "MALFORMED FORBIDDEN-MARKUP", NULL};
	OWNED_BUF(copy) = {0};

	buf_add(&copy, s->message.data, at);
	judge(t, s, &f, buf_bytes(&copy), EXAMINER_ONLY);
}

bool
part_flips(struct world *w, bool thorough)
{
	struct tally flips = {.world = w}, cuts = {.world = w};
	bool good;

	for (enum action a = 0; a < ACTION_N; a++) {
		const struct sample *s = &w->sample[a];
		struct bytes cipher = ciphertext(s);
		OWNED_BUF(copy) = {0};

		put(&copy, buf_bytes(&s->message));
		for (size_t i = 0; i < copy.size; i++) {
			if (!thorough && passed_over(cipher, s->message.data + i))
				continue;
			flip_octet(&flips, s, &copy, i, thorough);
			cut_at(&cuts, s, i);
		}
	}
	good = report(&flips, "bits flipped in a message of each action", 20000);
	return report(&cuts, "messages of each action cut off", 20000) && good;
}
