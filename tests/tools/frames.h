/* SPDX-License-Identifier: EUPL-1.2
 *
 * Counts the frames of a ZMTP 3 stream (ZeroMQ RFC 23) by their size: all that a line shows of what
 * is said on it, once it is encrypted. For faultproxy. */
#ifndef DAFTAR_TOOLS_FRAMES_H
#define DAFTAR_TOOLS_FRAMES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define GREETING 64
#define FRAME_SIZES 256

/* Where in its stream a flow stands. */
struct frames {
	size_t greeted;	 /* octets of the greeting that have passed */
	uint8_t head[9]; /* flags and length, as far as it was read */
	size_t n_head;
	uint64_t left; /* of the frame's body */
};

struct frame_sizes {
	struct {
		uint64_t size;
		unsigned long n;
	} row[FRAME_SIZES];
	size_t n;
};

static inline void
frame_note(struct frame_sizes *s, uint64_t size)
{
	size_t i = 0;

	while (i < s->n && s->row[i].size != size)
		i++;
	if (i == FRAME_SIZES)
		return;
	if (i == s->n)
		s->row[s->n++].size = size;
	s->row[i].n++;
}

/* One octet of a head; a length of one octet, or of eight when flag 2 is set. */
static inline void
frame_head(struct frames *f, struct frame_sizes *s, uint8_t octet)
{
	size_t wanted;

	f->head[f->n_head++] = octet;
	wanted = (f->head[0] & 2) != 0 ? 9 : 2;
	if (f->n_head < wanted)
		return;
	for (size_t i = 1; i < wanted; i++)
		f->left = f->left << 8 | f->head[i];
	frame_note(s, f->left);
	f->n_head = 0;
}

static inline void
frames_pass(struct frames *f, struct frame_sizes *s, const char *octet, size_t size)
{
	for (size_t i = 0; i < size;) {
		if (f->greeted < GREETING) {
			f->greeted++;
			i++;
		} else if (f->left == 0) {
			frame_head(f, s, (uint8_t)octet[i++]);
		} else {
			size_t n = size - i < f->left ? size - i : (size_t)f->left;

			f->left -= n;
			i += n;
		}
	}
}

/* "frames up 33:4 120:2" */
static inline void
frames_say(const struct frame_sizes *s, const char *way)
{
	printf("frames %s", way);
	for (size_t i = 0; i < s->n; i++)
		printf(" %llu:%lu", (unsigned long long)s->row[i].size, s->row[i].n);
	putchar('\n');
	fflush(stdout);
}

#endif
