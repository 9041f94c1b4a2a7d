/* SPDX-License-Identifier: EUPL-1.2
 *
 * Verbs as lists of frames. lib/verb.def says for each verb which fields it has and in which order;
 * a field is a letter, and the table below knows for each letter how it is written and how it is
 * read. Encoding and decoding walk the same string of letters, so they cannot disagree.
 *
 * Decoding is strict: the number of frames, each length, the alphabet of each word. What is not
 * exactly one verb of that direction is not a message of DXP/1 at all. */
#include <string.h>

#include "lib/wire.h"

#define WORD_MAX 32
#define TEXT_MAX 255

static const struct {
	const char *word;
	char direction;
	const char *fields;
} verbs[VERB_N] = {
#define VERB(name, word, direction, fields) [name] = {word, direction, fields},
#include "lib/verb.def"
#undef VERB
};

const char *
verb_word(enum verb v)
{
	assert((unsigned)v < VERB_N);
	return verbs[v].word;
}

char
verb_direction(enum verb v)
{
	assert((unsigned)v < VERB_N);
	return verbs[v].direction;
}

/* ---- writing ---- */

struct writer {
	struct frames *out;
	size_t scratch_used;
};

static void
put(struct writer *w, struct bytes frame)
{
	assert(w->out->n < WIRE_FRAMES_MAX && frame.size <= WIRE_FRAME_MAX);
	w->out->frame[w->out->n++] = frame;
}

static void
put_text(struct writer *w, const char *text)
{
	put(w, bytes_of(text, strlen(text)));
}

static void
put_number(struct writer *w, uint64_t number)
{
	uint8_t *at = w->out->scratch + w->scratch_used;

	assert(w->scratch_used + 8 <= sizeof(w->out->scratch));
	w->scratch_used += 8;
	for (int i = 0; i < 8; i++)
		at[i] = (uint8_t)(number >> (56 - 8 * i));
	put(w, bytes_of(at, 8));
}

static void
put_field(struct writer *w, char field, const struct wire *m)
{
	switch (field) {
	case 'E':
		put_number(w, m->epoch);
		return;
	case 'R':
		put_number(w, m->resume);
		return;
	case 'N':
		put_number(w, m->number);
		return;
	case 'I':
		put(w, bytes_of(m->id.octet, ID_SIZE));
		return;
	case 'D':
		put(w, bytes_of(m->digest.octet, DIGEST_SIZE));
		return;
	case 'C':
		put_text(w, err_word(m->code));
		put_text(w, m->retry ? "1" : "0");
		return;
	case 'S':
		put(w, bytes_of(m->text.data, m->text.size < TEXT_MAX ? m->text.size : TEXT_MAX));
		return;
	case 'B':
		put(w, m->body);
		return;
	case 'X':
		put(w, m->extra);
		return;
	}
	assert(!"a letter of verb.def that nobody writes");
}

void
wire_encode(const struct wire *w, struct frames *out)
{
	struct writer to = {.out = out};

	assert((unsigned)w->verb < VERB_N);
	out->n = 0;
	put_text(&to, WIRE_VERSION);
	put_text(&to, verbs[w->verb].word);
	for (const char *field = verbs[w->verb].fields; *field != '\0'; field++)
		put_field(&to, *field, w);
}

/* ---- reading ---- */

static bool
is_text(struct bytes frame, const char *text)
{
	return frame.size == strlen(text) && memcmp(frame.data, text, frame.size) == 0;
}

static enum err
get_number(struct bytes frame, uint64_t *out)
{
	struct cursor c = cursor_of(frame);

	*out = cursor_u64(&c);
	return cursor_done(&c) ? E_OK : E_WIRE;
}

static enum err
get_octets(struct bytes frame, void *out, size_t size)
{
	struct cursor c = cursor_of(frame);

	cursor_copy(&c, out, size);
	return cursor_done(&c) ? E_OK : E_WIRE;
}

/* A word that this version does not know is not an error of the frames: a newer peer may say it. */
static enum err
get_code(struct bytes frame, enum err *out)
{
	char word[WORD_MAX + 1] = "";

	if (frame.size == 0 || frame.size > WORD_MAX)
		return E_WIRE;
	for (size_t i = 0; i < frame.size; i++) {
		uint8_t c = frame.data[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'))
			return E_WIRE;
		word[i] = (char)c;
	}
	*out = err_of_word(word);
	return E_OK;
}

static enum err
get_flag(struct bytes frame, bool *out)
{
	*out = is_text(frame, "1");
	return *out || is_text(frame, "0") ? E_OK : E_WIRE;
}

/* Text ends on terminals, in logs and in JSON: printable ASCII and nothing else. */
static enum err
get_text(struct bytes frame, struct bytes *out)
{
	if (frame.size > TEXT_MAX)
		return E_WIRE;
	for (size_t i = 0; i < frame.size; i++)
		if (frame.data[i] < 0x20 || frame.data[i] > 0x7e)
			return E_WIRE;
	*out = frame;
	return E_OK;
}

static enum err
get_body(struct bytes frame, bool may_be_empty, struct bytes *out)
{
	if (frame.size > WIRE_FRAME_MAX || (frame.size == 0 && !may_be_empty))
		return E_WIRE;
	*out = frame;
	return E_OK;
}

/* The frames of one field: `frame' points to two of them when the field is C. */
static enum err
get_field(char field, const struct bytes *frame, struct wire *out)
{
	switch (field) {
	case 'E':
		return get_number(*frame, &out->epoch);
	case 'R':
		return get_number(*frame, &out->resume);
	case 'N':
		return get_number(*frame, &out->number);
	case 'I':
		return get_octets(*frame, out->id.octet, ID_SIZE);
	case 'D':
		return get_octets(*frame, out->digest.octet, DIGEST_SIZE);
	case 'C':
		TRY(get_code(frame[0], &out->code));
		return get_flag(frame[1], &out->retry);
	case 'S':
		return get_text(*frame, &out->text);
	case 'B':
		return get_body(*frame, false, &out->body);
	case 'X':
		return get_body(*frame, true, &out->extra);
	}
	assert(!"a letter of verb.def that nobody reads");
}

static size_t
frames_of(char field)
{
	return field == 'C' ? 2 : 1;
}

static enum err
find_verb(struct bytes word, char direction, enum verb *out)
{
	for (enum verb v = 0; v < VERB_N; v++)
		if (is_text(word, verbs[v].word)) {
			*out = v;
			return verbs[v].direction == direction || verbs[v].direction == '*'
				       ? E_OK
				       : E_WIRE;
		}
	return E_WIRE;
}

static enum err
decode_fields(const struct bytes *frame, size_t n, struct wire *out)
{
	size_t at = 2;

	for (const char *field = verbs[out->verb].fields; *field != '\0'; field++) {
		if (n - at < frames_of(*field))
			return E_WIRE;
		TRY(get_field(*field, frame + at, out));
		at += frames_of(*field);
	}
	return at == n ? E_OK : E_WIRE;
}

enum err
wire_decode(const struct bytes *frame, size_t n, char direction, struct wire *out)
{
	*out = (struct wire){0};
	assert(direction == 'p' || direction == 'b');
	if (n < 2 || n > WIRE_FRAMES_MAX)
		return E_WIRE;
	if (!is_text(frame[0], WIRE_VERSION))
		return frame[0].size == 4 && memcmp(frame[0].data, "DXP", 3) == 0 ? E_VERSION
										  : E_WIRE;
	TRY(find_verb(frame[1], direction, &out->verb));
	return decode_fields(frame, n, out);
}
