/* SPDX-License-Identifier: EUPL-1.2
 *
 * The lines of the ledger. Everything that stands in them is of a closed alphabet (codes, ids,
 * instants), so that nothing has to be escaped; the names of officers, which do, are numbers here
 * for everybody but the operator, and have letters only. */
#include "broker/ledger.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX (256 * 1024) /* of one answer */

static const char *const access_words[ACCESS_N] = {
	[ACCESS_SEEN] = "seen",
	[ACCESS_EXPORTED] = "exported",
	[ACCESS_JUDGED] = "examined-again",
	[ACCESS_HELD] = "legal-hold",
	[ACCESS_RELEASED] = "legal-hold-lifted",
	[ACCESS_PURGED] = "body-dropped",
};

static const char *const stage_words[STAGE_N] = {
	[ST_ACCEPTED] = "accepted",
	[ST_DELIVERED] = "delivered",
	[ST_COMMITTED] = "committed",
	[ST_REJECTED] = "rejected",
	[ST_WITHDRAWN] = "withdrawn",
	[ST_EXPIRED] = "expired",
	[ST_DEAD_LETTER] = "dead-letter",
	[ST_CONFLICT] = "conflict",
};

static void
free_entries(struct entry **list)
{
	free(*list);
	*list = NULL;
}

/* ---- a line ---- */

/* Whose doing it was: the addressee's own word ends it, everything else is the exchange's. */
static const char *
who_did(const struct entry *e, enum stage s, const struct party *exchange)
{
	return s == ST_DELIVERED || s == ST_COMMITTED || s == ST_REJECTED ? e->header.to.code
									  : exchange->code;
}

static void
begin(struct buf *out, int64_t at, const char *what, const char *who)
{
	char text[INSTANT_TEXT_SIZE];

	buf_text(out, "{");
	if (at != 0) {
		instant_format(at, text);
		buf_printf(out, "\"at\":\"%s\",", text);
	}
	buf_printf(out, "\"what\":\"%s\",\"who\":\"%s\"", what, who);
}

static void
end(struct buf *out, const struct entry *e)
{
	const struct header *h = &e->header;
	char id[ID_TEXT_SIZE];

	id_format(&h->id, id);
	buf_printf(out,
		",\"message\":\"%s\",\"action\":\"%s\",\"from\":\"%s\",\"to\":\"%s\","
		"\"agreement\":\"%s\",\"purpose\":\"%s\"",
		id, action_word(h->action), h->from.code, h->to.code, h->agreement, h->purpose);
	if (h->has_token) {
		id_format(&h->token.id, id);
		buf_printf(out, ",\"token\":\"%s\"", id);
	}
	buf_text(out, "}\n");
}

/* How often is known a while later, and not when. */
static void
add_offered(const struct entry *e, const struct party *exchange, struct buf *out)
{
	begin(out, 0, "offered", exchange->code);
	if (e->attempts > 0)
		buf_printf(out, ",\"times\":%u", e->attempts);
	end(out, e);
}

static void
add_stages(const struct entry *e, const struct party *exchange, struct buf *out)
{
	for (enum stage s = 0; s < STAGE_N; s++) {
		if (e->at[s] == 0)
			continue;
		begin(out, e->at[s], stage_words[s], who_did(e, s, exchange));
		if (s == e->stage && e->code[0] != '\0')
			buf_printf(out, ",\"code\":\"%s\"", e->code);
		end(out, e);
	}
	if (e->attempts > 0 || (e->header.has_token && e->shown))
		add_offered(e, exchange, out);
}

static bool
is_by_hand(enum access_kind kind)
{
	return kind != ACCESS_JUDGED && kind != ACCESS_EXPORTED;
}

/* A login has hardly anything else; but it is not ours to choose. */
static void
add_name(struct buf *out, const char *name)
{
	static const char fit[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-";

	for (; *name != '\0'; name++)
		buf_printf(out, "%c", strchr(fit, *name) != NULL ? *name : '?');
}

static void
add_accesses(struct store *s, const struct entry *e, const struct party *exchange, bool named,
	struct buf *out)
{
	struct access list[STORE_ACCESSES_MAX];
	size_t n = store_accesses(s, NULL, e->seq, list, STORE_ACCESSES_MAX);

	for (size_t i = 0; i < n; i++) {
		begin(out, list[i].at, access_words[list[i].kind], exchange->code);
		if (is_by_hand(list[i].kind))
			buf_text(out, ",\"by\":\"administrator\"");
		if (named && is_by_hand(list[i].kind)) {
			buf_printf(out, ",\"uid\":%u,\"officer\":\"", list[i].uid);
			add_name(out, list[i].by);
			buf_text(out, "\"");
		}
		end(out, e);
	}
}

/* ---- the case ---- */

static bool
is_granted_by(const struct entry *e, const struct party *party)
{
	return e->header.has_token && party_equal(&e->header.token.by, party);
}

/* Anybody who has a conversation's id could file something in it under a token of his own: an
 * office is told of the whole conversation only where no other office has a case in it. */
static bool
gave_consent(const struct entry *list, size_t n, const struct party *party)
{
	size_t own = 0;

	for (size_t i = 0; i < n; i++) {
		own += is_granted_by(&list[i], party);
		if (list[i].header.has_token && !is_granted_by(&list[i], party))
			return false;
	}
	return own > 0;
}

/* What its addressee was not offered yet he must not learn of. */
static bool
is_of(const struct entry *e, const struct party *party)
{
	return party_equal(&e->header.from, party) ||
	       (e->shown && party_equal(&e->header.to, party));
}

void
ledger_lines(struct store *s, const struct party *exchange, const struct id *conversation,
	const struct party *party, struct buf *out)
{
	OWNED(struct entry, list, free_entries) = xcalloc(LEDGER_MESSAGES_MAX, sizeof *list);
	size_t n = store_conversation(s, conversation, list, LEDGER_MESSAGES_MAX);
	bool all = party == NULL || gave_consent(list, n, party);

	for (size_t i = 0; i < n && out->size < LINES_MAX; i++) {
		OWNED_BUF(lines) = {0};

		if (!all && !is_of(&list[i], party) && !is_granted_by(&list[i], party))
			continue;
		add_stages(&list[i], exchange, &lines);
		add_accesses(s, &list[i], exchange, party == NULL, &lines);
		if (out->size + lines.size <= LINES_MAX)
			buf_add_bytes(out, buf_bytes(&lines));
		else
			buf_text(out, "{\"what\":\"cut-off\"}\n");
	}
}
