/* SPDX-License-Identifier: EUPL-1.2
 *
 * How far a long work is, with its rate and the time left. Drawn at most five times a second. */
#include <unistd.h>

#include "liaison/layout.h"
#include "liaison/say.h"

#define DRAW_MS 200

void
progress_open(struct progress *p, const char *what, uint64_t total)
{
	*p = (struct progress){.what = what,
		.total = total,
		.began = monotonic_now(),
		.draws = terminal_draws(STDERR_FILENO),
		.open = !say_is_quiet() && total > 0};
}

static const char *
time_left(const struct progress *p, uint64_t rate)
{
	uint64_t seconds = rate == 0 ? 0 : (p->total - p->done + rate - 1) / rate;
	OWNED_BUF(b) = {0};

	if (seconds < 120)
		buf_printf(&b, ngettext("%llu second left", "%llu seconds left", seconds),
			(unsigned long long)seconds);
	else
		buf_printf(&b, ngettext("%llu minute left", "%llu minutes left", seconds / 60),
			(unsigned long long)seconds / 60);
	return kept_words(&b);
}

static void
tell(struct progress *p, int64_t now)
{
	uint64_t ms = now > p->began ? (uint64_t)(now - p->began) : 1;
	uint64_t rate = p->done * 1000 / ms;
	OWNED_BUF(b) = {0};

	/* 1: what is being done; 2: how many; 3: of how many; 4: percent; 5: how many a second; 6:
	 * "3 seconds left" */
	buf_printf(&b, _("%s: %llu of %llu (%d %%), %llu a second, %s"), _(p->what),
		(unsigned long long)p->done, (unsigned long long)p->total,
		(int)(p->done * 100 / p->total), (unsigned long long)rate,
		p->done < p->total ? time_left(p, rate) : _("done"));
	p->drawn = now;
	if (p->draws) {
		put_over(stderr, clipped(kept_words(&b), terminal_columns(STDERR_FILENO) - 1));
		return;
	}
	buf_text(&b, "\n");
	put_text(stderr, b.data, b.size);
}

void
progress_step(struct progress *p, uint64_t done)
{
	unsigned tenth;
	int64_t now;

	if (!p->open)
		return;
	p->done = done < p->total ? done : p->total;
	tenth = (unsigned)(p->done * 10 / p->total);
	now = monotonic_now();
	if (p->draws ? now - p->drawn >= DRAW_MS || p->done == p->total : tenth > p->tenth)
		tell(p, now);
	p->tenth = tenth;
}

void
progress_close(struct progress *p)
{
	if (p->open && p->draws)
		put_over(stderr, "");
	p->open = false;
}
