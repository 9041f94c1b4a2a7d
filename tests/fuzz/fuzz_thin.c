/* SPDX-License-Identifier: EUPL-1.2
 *
 * Thin lines: pieces of parcels in any order, LINE, and what is squeezed, in a message's body too.
 * What is opened is packed and opened to the same frames again; nothing becomes more than it may.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/thin.h"

static struct parcel_certs certs;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char list[] =
		"<tl:Sign>MIIBszCCAVmgAwIBAgIUAbcdefgh</tl:Sign>"
		"<tl:Sign></tl:Sign><tl:Sign>AAAA</tl:Sign><tl:Sign>AAAB</tl:Sign>";

	(void)argc;
	(void)argv;
	parcel_certs_of(&certs, bytes_of(list, sizeof list - 1));
	return 0;
}

static bool
same(struct bytes a, struct bytes b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static void
try_verb(const struct bytes *frame, size_t n)
{
	struct bytes again[WIRE_FRAMES_MAX];
	OWNED_BUF(parcel) = {0};
	OWNED_BUF(room) = {0};
	size_t n_again;

	if (n == 0 || n > WIRE_FRAMES_MAX)
		broken("a verb has one to eight frames");
	parcel_pack(frame, n, &certs, &parcel);
	if (!parcel_open(buf_bytes(&parcel), &certs, &room, again, &n_again) || n_again != n)
		broken("what was opened can be packed and opened");
	for (size_t i = 0; i < n; i++)
		if (!same(frame[i], again[i]))
			broken("a frame comes back as it was");
}

static void
try_squeezed(struct bytes in)
{
	OWNED_BUF(out) = {0};

	if (unsqueeze(in, certs.text, in.size % (SQUEEZE_CERTS + 1), 160 * 1024, &out) &&
		(out.size > SQUEEZE_FREE + SQUEEZE_RATIO * in.size || out.size > 160 * 1024))
		broken("what was squeezed becomes no more than it may");
}

static void
try_line(const struct bytes *frame, size_t n)
{
	char text[THIN_LINE_SIZE];
	struct thin_line line;
	struct bytes again[3];

	if (!thin_line_read(frame, n, &line))
		return;
	thin_line_write(&line, text, again);
	if (!same(frame[2], again[2]))
		broken("LINE has one spelling");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes line[3] = {
		bytes_of("DXP1", 4), bytes_of("LINE", 4), bytes_of(data, size)};
	struct cursor c = cursor_of(bytes_of(data, size));
	struct bytes part, frame[WIRE_FRAMES_MAX];
	struct thin *t = thin_new();
	size_t n;

	try_line(line, ARRAY_LEN(line));
	try_squeezed(bytes_of(data, size));
	thin_agree(t, size % 2 == 0 ? &certs : NULL, size);
	while (next_part(&c, &part)) {
		enum thin_heard e = thin_hear(t, part, frame, &n);

		if (e == THIN_BAD)
			break;
		if (e == THIN_VERB)
			try_verb(frame, n);
		if (thin_kept(t) > 2 * (uint64_t)PARCEL_MAX)
			broken("of unfinished parcels no more is kept than of two");
	}
	thin_free(&t);
	return 0;
}
