/* SPDX-License-Identifier: EUPL-1.2
 *
 * The judgement is a search for the row that names the case. Each column is a set of bits, so that
 * one row can stand for several combinations that mean the same; a case that no row names cannot be
 * (the unit test walks them all) and would be IMPOSSIBLE, which mends nothing. */
#include "lib/difference.h"

#include <string.h>

enum {
	NOTHING = 1 << 0,
	FILED = 1 << 1,
	OPEN = 1 << 2,
	TAKEN = 1 << 3,
	COMMITTED = 1 << 4,
	REJECTED = 1 << 5,
	WITHDRAWN = 1 << 6,
	EXPIRED = 1 << 7,
	DEAD = 1 << 8,
	ANSWERED = COMMITTED | REJECTED,     /* by the addressee, who has signed it */
	CLOSED = WITHDRAWN | EXPIRED | DEAD, /* without an answer */
	ENDED = ANSWERED | CLOSED
};
enum { SEND = 1, RECEIVE = 2 };
enum { BROKER = 1, PARTY = 2 };
enum { KEPT = 1, GONE = 2, EITHER = 3 };
enum { SAME = 1, OTHER = 2, ANY = 3 };

static const struct row {
	enum difference difference;
	uint8_t way, who, body;
	uint16_t we, they;
	uint8_t ends;
} rows[] = {
#define CASE(name, way, who, body, we, they, ends) {name, way, who, body, we, they, ends},
#include "lib/difference.def"
};

static const struct {
	const char *word, *sentence;
	enum mend mend;
} differences[DIFFERENCE_N] = {
#define DIFFERENCE(name, word, mend, sentence) [name] = {word, sentence, mend},
#include "lib/difference.def"
};

static const char *const mends[MEND_N] = {[MEND_NONE] = "NONE",
	[MEND_REFILE] = "REFILE",
	[MEND_ADOPT_OUT] = "ADOPT-OUT",
	[MEND_ADOPT_IN] = "ADOPT-IN",
	[MEND_RETELL] = "RETELL",
	[MEND_ASK] = "ASK",
	[MEND_EVIDENCE] = "EVIDENCE",
	[MEND_PERSON] = "PERSON"};

static unsigned
end_bit(enum stage s)
{
	switch (s) {
	case ST_COMMITTED:
		return COMMITTED;
	case ST_REJECTED:
		return REJECTED;
	case ST_WITHDRAWN:
		return WITHDRAWN;
	case ST_EXPIRED:
		return EXPIRED;
	case ST_DEAD_LETTER:
		return DEAD;
	case ST_ACCEPTED:
	case ST_DELIVERED:
	case ST_CONFLICT:
	case STAGE_N:
		return OPEN;
	}
	return OPEN;
}

static unsigned
hold_bit(enum hold h, enum stage ended)
{
	switch (h) {
	case HOLD_NOTHING:
		return NOTHING;
	case HOLD_FILED:
		return FILED;
	case HOLD_OPEN:
		return OPEN;
	case HOLD_TAKEN:
		return TAKEN;
	case HOLD_ENDED:
		return end_bit(ended);
	}
	return NOTHING;
}

enum difference
difference_judge(const struct difference_case *c)
{
	unsigned we = hold_bit(c->we, c->we_ended), they = hold_bit(c->they, c->they_ended);
	unsigned way = c->send ? SEND : RECEIVE, who = c->party ? PARTY : BROKER;
	unsigned body = c->body ? KEPT : GONE, ends = we == they ? SAME : OTHER;

	if (we == TAKEN)
		we = OPEN;
	if (they == FILED) /* what they have not sent is nothing to us */
		they = NOTHING;
	if (c->other_octets && we != NOTHING && they != NOTHING)
		return DIFF_OTHER_OCTETS;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];

		if ((r->way & way) && (r->who & who) && (r->body & body) && (r->we & we) &&
			(r->they & they) && (r->ends & ends))
			return r->difference;
	}
	return DIFF_IMPOSSIBLE;
}

const char *
difference_word(enum difference d)
{
	assert((unsigned)d < DIFFERENCE_N);
	return differences[d].word;
}

const char *
difference_sentence(enum difference d)
{
	assert((unsigned)d < DIFFERENCE_N);
	return differences[d].sentence;
}

enum mend
difference_mend(enum difference d)
{
	assert((unsigned)d < DIFFERENCE_N);
	return differences[d].mend;
}

const char *
mend_word(enum mend m)
{
	assert((unsigned)m < MEND_N);
	return mends[m];
}

bool
difference_parse(const char *word, enum difference *out)
{
	for (unsigned d = 0; d < DIFFERENCE_N; d++)
		if (strcmp(word, differences[d].word) == 0) {
			*out = (enum difference)d;
			return true;
		}
	return false;
}
