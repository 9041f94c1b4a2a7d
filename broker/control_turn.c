/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whose turn it is with a message that does not get through, and what is to be done: one row a
 * code, for the lists of daftarctl and of the dashboard. */
#include <string.h>

#include "broker/control_act.h"
#include "broker/control_json.h"

/* Whose turn it is, and what to do. */
struct turn {
	const char *of; /* "operator", "sender", "addressee" or "nobody" */
	const char *sentence;
};

static struct turn
turn_of(const char *code, bool ended)
{
	static const struct {
		enum err code;
		struct turn turn;
	} rows[] = {
		{E_RETURNED, {"sender", "the sender files it again when its addressee can take it; "
					"the same "
					"record is entered once"}},
		{E_DISCARDED,
			{"nobody", "nothing; its sender knows, and files it otherwise if at all"}},
		{E_DAMAGED,
			{"operator",
				"scrub the store, restore it if it is damaged; the sender files it "
				"again"}},
		{E_CERT_REVOKED,
			{"sender", "the sender gets a new certificate and files it again"}},
		{E_CONSENT_FORGED,
			{"sender",
				"the liaison office looks into its token; nothing is filed again "
				"under it"}},
		{E_CONSENT_WITHDRAWN,
			{"addressee", "nothing; the person has withdrawn, and a registrar of the "
				      "addressee looks whether it was entered"}},
		{E_EXPIRED, {"sender", "the sender files it again if it is still wanted"}},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(code, err_word(rows[i].code)) == 0)
			return rows[i].turn;
	if (ended)
		return (struct turn){"sender",
			"its sender was told, and files it again when the cause is mended"};
	return (struct turn){"operator",
		"mend what kept its addressee from taking it, then try it again, or two "
		"officers return it to its sender"};
}

void
dead_put_turn(json_t *o, const char *code, bool ended)
{
	const struct turn t = turn_of(code, ended);

	json_put_text(o, "turn", t.of);
	json_put_text(o, "what_next", t.sentence);
}
