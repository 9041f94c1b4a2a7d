/* SPDX-License-Identifier: EUPL-1.2
 *
 * Sets of certificates with a count of who uses them; the newest is first and stays. */
#include "lib/transport_thin.h"

#include <stdlib.h>
#include <string.h>

#include "lib/transport_lines_parts.h"

#define WAITING_MOST (8u << 20)	     /* for one peer, in a lane */
#define WAITING_MOST_ALL (24u << 20) /* for all; beyond that .. */
#define WAITING_LEAST (256u << 10)   /* .. each has this: who does not read keeps nobody waiting */

struct cert_set {
	SLIST_ENTRY(cert_set) next;
	struct parcel_certs certs;
	unsigned users;
};

struct thins {
	SLIST_HEAD(, cert_set) sets;
	uint64_t kept; /* of all peers */
};

struct thin_peer {
	struct thin *thin;
	struct cert_set *set; /* NULL: none in common */
	uint64_t kept;	      /* as was told last */
};

struct thins *
thins_new(void)
{
	struct thins *a = xcalloc(1, sizeof *a);

	SLIST_INIT(&a->sets);
	return a;
}

static void
free_set(struct thins *a, struct cert_set *s)
{
	SLIST_REMOVE(&a->sets, s, cert_set, next);
	parcel_certs_clear(&s->certs);
	free(s);
}

void
thins_free(struct thins **a)
{
	if (*a == NULL)
		return;
	while (!SLIST_EMPTY(&(*a)->sets))
		free_set(*a, SLIST_FIRST(&(*a)->sets));
	free(*a);
	*a = NULL;
}

void
thins_certs(
	struct thins *a, const uint8_t list[PARCEL_LIST_SIZE], const struct bytes *text, size_t n)
{
	struct cert_set *s = xcalloc(1, sizeof *s), *old = SLIST_FIRST(&a->sets);
	size_t at = 0;

	memcpy(s->certs.list, list, PARCEL_LIST_SIZE);
	s->certs.text = xcalloc(n + 1, sizeof *s->certs.text);
	for (size_t i = 0; i < n; i++)
		buf_add_bytes(&s->certs.octets, text[i]);
	for (s->certs.n = 0; s->certs.n < n; at += text[s->certs.n++].size)
		s->certs.text[s->certs.n] =
			bytes_of(s->certs.octets.data + at, text[s->certs.n].size);
	SLIST_INSERT_HEAD(&a->sets, s, next);
	if (old != NULL && old->users == 0)
		free_set(a, old);
}

/* The newest, where the peer has the same. */
static struct cert_set *
common_set(struct thins *a, const struct thin_line *line)
{
	struct cert_set *s = SLIST_FIRST(&a->sets);

	return s != NULL && !all_zero(line->list, sizeof line->list) &&
			       memcmp(s->certs.list, line->list, sizeof line->list) == 0
		       ? s
		       : NULL;
}

bool
thins_ask(struct thins *a, struct peer *p, const struct bytes *frame, size_t n,
	char text[THIN_LINE_SIZE], struct bytes answer[3])
{
	struct thin_line line, ours = {.window = 0};
	struct thin_peer *t;

	if (p->thin != NULL || !thin_line_read(frame, n, &line))
		return false;
	t = p->thin = xcalloc(1, sizeof *t);
	t->thin = thin_new();
	t->set = common_set(a, &line);
	if (t->set != NULL) {
		t->set->users++;
		memcpy(ours.list, line.list, sizeof ours.list);
	}
	thin_agree(t->thin, t->set != NULL ? &t->set->certs : NULL, line.window);
	thin_line_write(&ours, text, answer);
	return true;
}

enum thin_heard
thins_hear(struct peer *p, struct bytes octets, struct bytes frame[WIRE_FRAMES_MAX], size_t *n)
{
	return thin_hear(p->thin->thin, octets, frame, n);
}

bool
thins_put(struct thins *a, struct peer *p, const struct bytes *frame, size_t n)
{
	bool room = a->kept < WAITING_MOST_ALL || p->thin->kept < WAITING_LEAST;

	return room && thin_put(p->thin->thin, frame, n, WAITING_MOST);
}

bool
thins_next(struct peer *p, struct bytes *frame)
{
	struct thin *t = p->thin->thin;
	uint64_t received, acknowledged, cost;

	if (thin_waiting(t) == 0)
		return false;
	if (line_measure(p->fd, &received, &acknowledged))
		thin_look(t, acknowledged, monotonic_now());
	return thin_next(t, frame, &cost);
}

int64_t
thins_kept(struct thins *a, struct peer *p)
{
	uint64_t kept = thin_kept(p->thin->thin);
	int64_t more = (int64_t)kept - (int64_t)p->thin->kept;

	a->kept += (uint64_t)more;
	p->thin->kept = kept;
	return more;
}

void
thins_forget(struct thins *a, struct peer *p)
{
	struct cert_set *s;

	if (p->thin == NULL)
		return;
	s = p->thin->set;
	if (s != NULL && --s->users == 0 && s != SLIST_FIRST(&a->sets))
		free_set(a, s);
	a->kept -= p->thin->kept;
	thin_free(&p->thin->thin);
	free(TAKE(p->thin));
}
