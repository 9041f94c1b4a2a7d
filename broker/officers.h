/* SPDX-License-Identifier: EUPL-1.2
 *
 * The persons who may change who may speak: users of this system, by name in daftard.conf. With two
 * or more of them, what needs two persons waits until one has wanted it and another one has
 * approved it; root and the daemon's own user are no persons in this sense, unless they are named.
 * Names are looked up once, before the walls go up. */
#ifndef DAFTAR_OFFICERS_H
#define DAFTAR_OFFICERS_H

#include "broker/standing.h"
#include "lib/conf.h"
#include "lib/control.h"

struct officer {
	uid_t uid;
	char name[OFFICER_SIZE];
};

struct officers {
	struct officer *list;
	size_t n; /* of `officers'; behind them stand root and the daemon's user */
	size_t known;
};

/* E_CONFIG: no such user, or named twice; said on standard error. Says in the log when the rule of
 * two persons is off. */
enum err officers_load(struct officers *o, const struct conf *conf) MUST_USE;
enum err officers_admit(const struct officers *o, struct control_server *control) MUST_USE;
void officers_free(struct officers *o);
bool officers_are_two(const struct officers *o); /* the rule is on */
bool officers_have(const struct officers *o, uid_t uid);
/* His name; the number of a user that is not known. */
void officers_name(const struct officers *o, uid_t uid, char out[OFFICER_SIZE]);

#endif
