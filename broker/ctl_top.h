/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl top: what was asked last and what of it is shown. ctl_top.c asks and hears keys,
 * ctl_top_draw.c makes the picture. */
#ifndef DAFTAR_CTL_TOP_H
#define DAFTAR_CTL_TOP_H

#include "broker/ctl_command.h"
#include "broker/ctl_screen.h"

enum top_view { VIEW_CORRIDORS, VIEW_PARTIES, VIEW_ALERTS, VIEW_WAITING, VIEW_HELP };

struct top {
	json_t *status, *corridors, *alerts, *waiting; /* NULL: not to be had */
	int64_t at;				       /* of these answers */
	enum err failed;			       /* since, nothing could be asked */
	double accepted, ended;			       /* a minute; < 0: not known yet */
	struct {
		int64_t at, accepted, ended;
	} before;
	enum top_view view;
	size_t first; /* row of the list that stands on top */
	bool paused;
	int64_t every; /* ms */
};

/* The whole picture; the list in it begins with row `first' of it. `rows' is the room, 0: as many
 * as there are. */
void top_draw(const struct top *t, int rows, struct picture *out);
/* Messages that have come to any end. */
int64_t top_ended(const json_t *status);

#endif
