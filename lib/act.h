/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a person did at the exchange, as a leaf of its log: who, what, to which thing, when, and
 * the digest of why. With the leaf nobody can take the act back, or give it another author,
 * without every party seeing that the log was forked; the reason itself stays in the store.
 *
 *	<e:Act kind="cut" number="7" state="done"><e:On>KE.CRS</e:On><e:By>amina</e:By>
 *	<e:Second>bile</e:Second>?<e:At>..</e:At><e:Reason>64 hex digits</e:Reason></e:Act>
 *	(without these line breaks)
 *
 * The leaf is these octets. */
#ifndef DAFTAR_ACT_H
#define DAFTAR_ACT_H

#include "lib/buf.h"
#include "lib/id.h"

#define ACT_SUBJECT_SIZE 129
#define ACT_NAME_SIZE 33

struct leaf_act {
	uint64_t number;		/* of the change that it belongs to */
	char kind[32], state[16];	/* words */
	char subject[ACT_SUBJECT_SIZE]; /* a party, an id, a setting; may be "" */
	char by[ACT_NAME_SIZE], second[ACT_NAME_SIZE];
	int64_t at;
	struct digest reason;
};

/* Whether it can stand in a leaf: printable ASCII that XML need not escape. */
bool act_text_is_fit(const char *text);
void act_compose(const struct leaf_act *a, struct buf *out);
/* Only exactly what act_compose writes. E_MALFORMED. */
enum err act_parse(struct bytes leaf, struct leaf_act *out) MUST_USE;

#endif
