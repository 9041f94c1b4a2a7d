/* SPDX-License-Identifier: EUPL-1.2
 *
 * Frames of peers, of the gate's process and of examiners, and what RECON carries. What is decoded
 * is encoded to the same frames again. */
#include "tests/fuzz/fuzz.h"

#include "broker/gate_frames.h"
#include "lib/examiner.h"
#include "lib/recon.h"
#include "lib/wire.h"

static bool
same(struct bytes a, struct bytes b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static void
try_verb(const struct bytes *frame, size_t n, char direction)
{
	struct frames again;
	struct wire w;

	if (wire_decode(frame, n, direction, &w) != E_OK)
		return;
	wire_encode(&w, &again);
	if (again.n != n)
		broken("a verb has its frames");
	for (size_t i = 0; i < n; i++)
		if (!same(frame[i], again.frame[i]) && w.code != E_UNKNOWN_CODE)
			broken("a verb comes back as it was");
}

static void
try_recon(struct bytes body)
{
	struct recon_items items;
	struct recon_name name;
	struct recon_key key;
	struct recon_receipt receipt;
	struct recon_difference difference;
	struct digest element;
	struct recon r;
	struct bytes note;
	enum err code;

	if (recon_decode(body, &r) != E_OK)
		return;
	(void)!recon_get_code(&r, &code, &note);
	if (recon_items(&r, &items) != E_OK)
		return;
	switch (r.kind) {
	case RECON_WANT:
		while (recon_next_element(&items, &element) == E_OK)
			;
		break;
	case RECON_NAMES:
		while (recon_next_name(&items, &name) == E_OK)
			;
		break;
	case RECON_RECEIPTS:
		while (recon_next_receipt(&items, &receipt) == E_OK)
			;
		break;
	case RECON_DONE:
		while (recon_next_difference(&items, &difference) == E_OK)
			;
		break;
	default:
		while (recon_next_key(&items, &key) == E_OK)
			;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(bytes_of(data, size));
	struct bytes frame[WIRE_FRAMES_MAX + 2];
	static struct gate_said said;
	struct verdict verdict;
	size_t n = 0;

	(void)!gate_frame_read(bytes_of(data, size), &said);
	(void)!verdict_check(bytes_of(data, size), bytes_of("<e:Message>", 11), &verdict);
	try_recon(bytes_of(data, size));
	while (n < ARRAY_LEN(frame) && next_part(&c, &frame[n]))
		n++;
	try_verb(frame, n, 'p');
	try_verb(frame, n, 'b');
	return 0;
}
