/* SPDX-License-Identifier: EUPL-1.2
 *
 * Good signed messages of every kind, altered: an input is a message's number and a list of edits
 * to it. No edit but none is accepted, and what the examiner says of it stands up to verdict_check.
 */
#include "tests/unit/test_realm.h"

#include "tests/fuzz/fuzz.h"

#include "lib/examiner.h"
#include "lib/header.h"

static struct realm *realm;
static struct buf message[ACTION_N];
static size_t n_messages;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	realm_ready();
	realm = realm_new();
	for (enum action a = 0; a < ACTION_N; a++) {
		struct header h = header_for(a, KENYA, SOMALIA);

		if (realm_bodies[a] != NULL && a != A_QUERY_REPLY)
			message_good(realm, &h, KENYA, SOMALIA, &message[n_messages++]);
	}
	return 0;
}

/* Copies or moves `size' octets from `from' to `to', within the message. */
static void
put_again(struct buf *b, size_t at, size_t from, size_t size, bool remove)
{
	OWNED_BUF(next) = {0};
	struct bytes piece;

	from %= b->size;
	at %= b->size;
	piece = bytes_of(b->data + from, size < b->size - from ? size : b->size - from);
	buf_add(&next, b->data, at);
	buf_add_bytes(&next, piece);
	buf_add(&next, b->data + at, b->size - at);
	if (remove && from > at)
		next.size -= piece.size;
	buf_reset(b);
	buf_add_bytes(b, buf_bytes(&next));
}

static void
cut(struct buf *b, size_t at, size_t size)
{
	at %= b->size;
	size = size < b->size - at ? size : b->size - at;
	memmove(b->data + at, b->data + at + size, b->size - at - size);
	b->size -= size;
}

static void
edit(struct buf *b, struct cursor *c)
{
	uint8_t what = cursor_u8(c);
	size_t at = cursor_u32(c) & 0xffff, size;
	struct bytes more;

	switch (what % 5) {
	case 0:
		b->data[at % b->size] = cursor_u8(c);
		break;
	case 1:
		cut(b, at, cursor_u8(c));
		break;
	case 2:
		size = cursor_u32(c) & 0xfff;
		put_again(b, at, cursor_u32(c) & 0xffff, size, what & 0x80);
		break;
	case 3:
		more = cursor_take(c, c->left < 16 ? c->left : 16);
		at %= b->size;
		for (size_t i = 0; i < more.size && at + i < b->size; i++)
			b->data[at + i] = more.data[i];
		break;
	default:
		b->size -= at % b->size;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(bytes_of(data, size));
	const struct buf *good = &message[cursor_u8(&c) % n_messages];
	OWNED_BUF(b) = {0};
	struct verdict v, again;

	buf_add_bytes(&b, buf_bytes(good));
	while (!c.bad && c.left > 0 && b.size > 0)
		edit(&b, &c);
	examine(buf_bytes(&b), realm->trust, NULL, NULL, NULL, instant_now(), &v);
	if (verdict_check(bytes_of(&v, sizeof(v)), buf_bytes(&b), &again) != E_OK)
		broken("an honest verdict stands");
	if (v.code == E_OK && (b.size != good->size || memcmp(b.data, good->data, b.size) != 0))
		broken("nothing but what was signed is accepted");
	if (v.code == E_VOTES_DIFFER)
		broken("both votes agree");
	return 0;
}
