/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests that were given back and are filed again, for `daftar request'. */
#ifndef DAFTAR_ANEW_H
#define DAFTAR_ANEW_H

#include "liaison/daftar.h"

/* The case that `c' stands in place of, if any, leads to it from now on. Inside its group. */
enum err anew_note(struct office *o, const struct officer_case *c) MUST_USE;
/* A number that was given back leads to the one that its paper has now: *c becomes that. Alone it
 * brings nothing back, since the office keeps nothing of a person whose request has left: then, and
 * for what is not to be filed again, it is told and an ending returned. END_DONE for every other.
 */
enum ending anew_follow(struct office *o, struct officer_case *c) MUST_USE;

#endif
