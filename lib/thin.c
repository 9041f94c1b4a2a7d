/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lanes, pieces and the window. The window is what the line has carried in the last second, and
 * half as much again: it finds the rate of any line within a few seconds, and behind it at most two
 * seconds of octets stand that nothing can overtake. */
#include "lib/thin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define LANES 2
#define MEASURE_MS 500
#define TINY 128	 /* of the first lane: does not wait */
#define HEAD_OCTETS 2048 /* of a message, in which its action stands */
#define LINE_WORD "LINE"
#define LINE_KIND "1"

enum part { WHOLE = 1, MORE = 2, LAST = 3 };

struct parcel {
	STAILQ_ENTRY(parcel) next;
	struct buf octets;
	size_t sent;
};

struct lane {
	STAILQ_HEAD(, parcel) queue;
	uint64_t waiting;
	struct buf heard; /* of an unfinished one */
};

struct thin {
	struct lane lane[LANES];
	const struct parcel_certs *certs;
	struct buf frame, room;
	uint64_t most, window; /* what may be under way */
	uint64_t gave, taken;  /* handed over, and taken by the other side */
	uint64_t measured;     /* taken when the rate was measured last .. */
	int64_t measured_at;   /* .. which was then */
};

struct thin *
thin_new(void)
{
	struct thin *t = xcalloc(1, sizeof *t);

	for (int i = 0; i < LANES; i++)
		STAILQ_INIT(&t->lane[i].queue);
	t->window = THIN_WINDOW_LEAST;
	t->most = THIN_WINDOW_MOST;
	return t;
}

static void
drop_first(struct lane *l)
{
	struct parcel *p = STAILQ_FIRST(&l->queue);

	STAILQ_REMOVE_HEAD(&l->queue, next);
	buf_free(&p->octets);
	free(p);
}

void
thin_free(struct thin **t)
{
	if (*t == NULL)
		return;
	for (int i = 0; i < LANES; i++) {
		while (!STAILQ_EMPTY(&(*t)->lane[i].queue))
			drop_first(&(*t)->lane[i]);
		buf_free(&(*t)->lane[i].heard);
	}
	buf_free(&(*t)->frame);
	buf_free(&(*t)->room);
	free(*t);
	*t = NULL;
}

/* ---- LINE ---- */

static bool
is_word(struct bytes frame, const char *word)
{
	return frame.size == strlen(word) && memcmp(frame.data, word, frame.size) == 0;
}

void
thin_line_write(const struct thin_line *line, char text[THIN_LINE_SIZE], struct bytes frame[3])
{
	OWNED_BUF(b) = {0};

	buf_text(&b, LINE_KIND " ");
	buf_hex(&b, line->list, sizeof line->list);
	buf_printf(&b, " %llu", (unsigned long long)line->window);
	if (!copy_text(text, THIN_LINE_SIZE, (const char *)b.data))
		assert(!"a LINE that is too long");
	frame[0] = bytes_of(WIRE_VERSION, strlen(WIRE_VERSION));
	frame[1] = bytes_of(LINE_WORD, strlen(LINE_WORD));
	frame[2] = bytes_of(text, strlen(text));
}

bool
thin_line_read(const struct bytes *frame, size_t n, struct thin_line *out)
{
	char text[THIN_LINE_SIZE] = "", list[2 * PARCEL_LIST_SIZE + 1], again[THIN_LINE_SIZE];
	unsigned long long window;
	struct bytes same[3];

	if (n != 3 || !is_word(frame[0], WIRE_VERSION) || !is_word(frame[1], LINE_WORD) ||
		frame[2].size >= sizeof text)
		return false;
	memcpy(text, frame[2].data, frame[2].size);
	if (sscanf(text, LINE_KIND " %16[0-9a-f] %10llu", list, &window) != 2 ||
		!hex_decode(list, strlen(list), out->list, sizeof out->list))
		return false;
	out->window = window;
	thin_line_write(out, again, same);
	return same[2].size == frame[2].size && memcmp(again, text, frame[2].size) == 0;
}

void
thin_agree(struct thin *t, const struct parcel_certs *certs, uint64_t window)
{
	t->certs = certs;
	if (window > 0 && window < t->most)
		t->most = window < THIN_WINDOW_LEAST ? THIN_WINDOW_LEAST : window;
}

/* ---- saying ---- */

static bool
stops_a_case(struct bytes message)
{
	static const char action[] = "<e:Action>Cancellation</e:Action>";
	size_t size = message.size < HEAD_OCTETS ? message.size : HEAD_OCTETS;

	return memmem(message.data, size, action, strlen(action)) != NULL;
}

/* Bodies, and what is not awaited, in the second. */
static int
lane_of(const struct bytes *frame, size_t n)
{
	static const char *const slow[] = {"SUBMIT", "DELIVER", "TRUST", "STATUS"};

	for (size_t i = 0; n > 2 && i < ARRAY_LEN(slow); i++)
		if (is_word(frame[1], slow[i]))
			return i < 2 && (stops_a_case(frame[2]) ||
						(n > 3 && stops_a_case(frame[3])))
				       ? 0
				       : 1;
	return 0;
}

bool
thin_put(struct thin *t, const struct bytes *frame, size_t n, size_t most)
{
	struct lane *l = &t->lane[lane_of(frame, n)];
	struct parcel *p;

	if (l->waiting >= most)
		return false;
	p = xcalloc(1, sizeof *p);
	parcel_pack(frame, n, t->certs, &p->octets);
	STAILQ_INSERT_TAIL(&l->queue, p, next);
	l->waiting += p->octets.size;
	return true;
}

static enum part
part_of(const struct parcel *p, size_t *size)
{
	size_t left = p->octets.size - p->sent;

	*size = left;
	if (p->sent == 0 && left <= THIN_WHOLE)
		return WHOLE;
	if (left <= THIN_PIECE)
		return LAST;
	*size = THIN_PIECE;
	return MORE;
}

/* Of ZMTP 3.1 around a CURVE MESSAGE command. */
static uint64_t
octets_on_line(size_t frame)
{
	uint64_t command = frame + 33;

	return command + (command > UINT8_MAX ? 9 : 2);
}

bool
thin_next(struct thin *t, struct bytes *frame, uint64_t *cost)
{
	int lane = STAILQ_EMPTY(&t->lane[0].queue) ? 1 : 0;
	struct parcel *p = STAILQ_FIRST(&t->lane[lane].queue);
	uint64_t under_way = t->gave > t->taken ? t->gave - t->taken : 0;
	enum part part;
	size_t size;

	if (p == NULL)
		return false;
	part = part_of(p, &size);
	if (under_way > 0 && under_way + size > t->window && (lane > 0 || size > TINY))
		return false;
	buf_reset(&t->frame);
	buf_u8(&t->frame, (uint8_t)((lane == 0 ? 0x10 : 0x20) | part));
	buf_add(&t->frame, p->octets.data + p->sent, size);
	p->sent += size;
	t->lane[lane].waiting -= size;
	if (p->sent == p->octets.size)
		drop_first(&t->lane[lane]);
	*frame = buf_bytes(&t->frame);
	*cost = octets_on_line(frame->size);
	t->gave += *cost;
	return true;
}

/* Heartbeats are in what was taken and not in what was handed over: made up for when the line is
 * empty. */
void
thin_look(struct thin *t, uint64_t acknowledged, int64_t tick)
{
	uint64_t window;

	t->taken = acknowledged;
	if (t->gave <= t->taken)
		t->gave = t->taken;
	if (t->measured_at == 0 || t->measured > acknowledged || thin_waiting(t) == 0) {
		t->measured = acknowledged;
		t->measured_at = tick;
		return;
	}
	if (tick - t->measured_at < MEASURE_MS)
		return;
	window = (acknowledged - t->measured) * THIN_AHEAD_MS / (uint64_t)(tick - t->measured_at);
	if (window < THIN_WINDOW_LEAST)
		window = THIN_WINDOW_LEAST;
	t->window = window < t->most ? window : t->most;
	t->measured = acknowledged;
	t->measured_at = tick;
}

uint64_t
thin_waiting(const struct thin *t)
{
	return t->lane[0].waiting + t->lane[1].waiting;
}

uint64_t
thin_kept(const struct thin *t)
{
	return thin_waiting(t) + t->lane[0].heard.size + t->lane[1].heard.size;
}

/* ---- hearing ---- */

bool
thin_is_parcel(const struct bytes *frame, size_t n)
{
	return n == 1 && frame[0].size > 1;
}

static enum thin_heard
open_parcel(struct thin *t, struct bytes parcel, struct bytes frame[WIRE_FRAMES_MAX], size_t *n)
{
	return parcel_open(parcel, t->certs, &t->room, frame, n) ? THIN_VERB : THIN_BAD;
}

enum thin_heard
thin_hear(struct thin *t, struct bytes octets, struct bytes frame[WIRE_FRAMES_MAX], size_t *n)
{
	uint8_t mark = octets.size > 1 ? octets.data[0] : 0;
	struct bytes rest;
	struct lane *l;
	enum thin_heard e;

	if ((mark & 0xf0) != 0x10 && (mark & 0xf0) != 0x20)
		return THIN_BAD;
	l = &t->lane[(mark & 0xf0) == 0x10 ? 0 : 1];
	rest = bytes_of(octets.data + 1, octets.size - 1);
	if ((mark & 0x0f) == WHOLE && l->heard.size == 0)
		return open_parcel(t, rest, frame, n);
	if ((mark & 0x0f) != MORE && (mark & 0x0f) != LAST)
		return THIN_BAD;
	if (rest.size > THIN_PIECE || l->heard.size + rest.size > PARCEL_MAX ||
		((mark & 0x0f) == LAST && l->heard.size == 0))
		return THIN_BAD;
	buf_add_bytes(&l->heard, rest);
	if ((mark & 0x0f) == MORE)
		return THIN_PART;
	e = open_parcel(t, buf_bytes(&l->heard), frame, n);
	buf_free(&l->heard);
	return e;
}
