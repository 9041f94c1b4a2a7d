/* SPDX-License-Identifier: EUPL-1.2
 *
 * What `daftar track' and `daftar show' share (liaison/timeline.c). */
#ifndef DAFTAR_TRACK_H
#define DAFTAR_TRACK_H

#include "liaison/daftar.h"

/* Tells the case as it stands by now, and gives its story; with what is about the person only when
 * `personal' says so. */
enum ending track_tell(
	struct office *o, const struct officer_case *c, bool personal, struct story *s) MUST_USE;

/* What a draft says of the person. */
void track_tell_draft(const struct officer_case *c);

#endif
