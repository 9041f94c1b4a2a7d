/* SPDX-License-Identifier: EUPL-1.2
 *
 * The persons who may use the control protocol, and as what: users of this system, by name in
 * daftard.conf. Officers have every role, and are the persons of the rule of two: with two or more
 * of them, what needs two persons waits until one has wanted it and another one has approved it.
 * Root and the daemon's own user have every role, and are no persons in this sense unless they are
 * named. The dashboard's user speaks for others. */
#ifndef DAFTAR_OFFICERS_H
#define DAFTAR_OFFICERS_H

#include <stdio.h>

#include "broker/config_reader.h"
#include "broker/standing.h"
#include "lib/transport.h"
#include "lib/conf.h"
#include "lib/control.h"

/* Of a person who may come from afar. */
struct officer_key {
	uint8_t key[CURVE_KEY_SIZE];
	size_t person; /* place in the list */
};
struct officers {
	struct officer_key *keys;
	size_t n_keys;
	struct control_person *list;
	size_t n;	/* of `officers' .. */
	size_t persons; /* .. behind them everybody else whom the socket serves .. */
	size_t known;	/* .. and root and the daemon's user, whose names are known */
};

/* E_CONFIG: no such user, named twice in a list, or a key that is none or another's; told to
 * `said'. Says in the log when the rule
 * of two persons is off. */
enum err officers_load(
	struct officers *o, const struct conf *conf, struct config_reader *r, FILE *said) MUST_USE;
enum err officers_admit(const struct officers *o, struct control_server *control) MUST_USE;
void officers_free(struct officers *o);
bool officers_are_two(const struct officers *o); /* the rule is on */
bool officers_have(const struct officers *o, uid_t uid);
/* His name; the number of a user that is not known. */
void officers_name(const struct officers *o, uid_t uid, char out[OFFICER_SIZE]);

#endif
