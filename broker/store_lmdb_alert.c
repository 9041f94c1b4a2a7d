/* SPDX-License-Identifier: EUPL-1.2
 *
 * Alerts on disk. One table; the first octet of a key says what it is: 'a' an alert by number, 'm'
 * the mute of a rule by its word, 'h' when a party was heard, 'i' an instant. Nothing here is a
 * promise to anybody outside. */
#include "broker/store_alert.h"

#include <string.h>

#include "broker/store_lmdb.h"

static struct key
key_of(char kind, const struct key *rest)
{
	struct key k = {.size = 0};

	return key_and(key_and(k, &kind, 1), rest->octet, rest->size);
}

static struct key
key_alert(uint64_t number)
{
	struct key k = key_seq(number);

	return key_of('a', &k);
}

static bool
is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

/* ---- alerts ---- */

void
store_put_alert(struct store_txn *t, const struct alert *x)
{
	struct alert_record r = {.version = RECORD_VERSION,
		.severity = (uint8_t)x->severity,
		.level = (uint8_t)x->level,
		.n = x->n,
		.when = x->when,
		.since = x->since,
		.ended = x->ended,
		.acked = x->acked,
		.muted_until = x->muted_until};
	struct key k = key_alert(x->number);

	assert(x->number != 0 && strlen(alert_word(x->rule)) < sizeof r.rule);
	strcpy(r.rule, alert_word(x->rule));
	memcpy(r.subject, x->subject, sizeof r.subject);
	memcpy(r.acked_by, x->acked_by, sizeof r.acked_by);
	memcpy(r.muted_by, x->muted_by, sizeof r.muted_by);
	table_put(t, T_ALERT, &k, bytes_of(&r, sizeof r));
}

void
store_drop_alert(struct store_txn *t, uint64_t number)
{
	struct key k = key_alert(number);

	table_delete(t, T_ALERT, &k);
}

static bool
unpack(struct bytes key, struct bytes content, struct alert *out)
{
	struct alert_record r;

	if (key.size != 9 || content.size != sizeof r || content.data[0] != RECORD_VERSION)
		return false;
	memcpy(&r, content.data, sizeof r);
	if (!is_text(r.rule, sizeof r.rule) || !is_text(r.subject, sizeof r.subject) ||
		!is_text(r.acked_by, sizeof r.acked_by) ||
		!is_text(r.muted_by, sizeof r.muted_by) || r.severity > SEVERITY_CRITICAL)
		return false;
	*out = (struct alert){.number = key_last_seq(key),
		.severity = (enum severity)r.severity,
		.level = r.level,
		.n = r.n,
		.when = r.when,
		.since = r.since,
		.ended = r.ended,
		.acked = r.acked,
		.muted_until = r.muted_until};
	memcpy(out->subject, r.subject, sizeof r.subject);
	memcpy(out->acked_by, r.acked_by, sizeof r.acked_by);
	memcpy(out->muted_by, r.muted_by, sizeof r.muted_by);
	return alert_parse(r.rule, &out->rule);
}

/* Of a rule that this version does not know: it is not ours to judge. */
size_t
store_alerts(struct store *s, uint64_t after, struct alert *out, size_t max)
{
	struct key from = key_alert(after + 1);
	struct bytes key, content;
	struct walk w;
	size_t n = 0;

	VIEW(v, s, NULL);
	walk_begin(&w, &v, T_ALERT, &from, 1);
	while (n < max && walk_next(&w, &key, &content))
		n += unpack(key, content, &out[n]);
	walk_done(&w);
	return n;
}

/* ---- mutes of rules ---- */

static struct key
key_mute(enum alert_rule rule)
{
	struct key k = key_text(alert_word(rule));

	return key_of('m', &k);
}

void
store_put_mute(struct store_txn *t, enum alert_rule rule, const struct alert_mute *m)
{
	struct mute_record r = {.version = RECORD_VERSION, .until = m->until};
	struct key k = key_mute(rule);

	memcpy(r.by, m->by, sizeof r.by);
	if (m->until == 0)
		table_delete(t, T_ALERT, &k);
	else
		table_put(t, T_ALERT, &k, bytes_of(&r, sizeof r));
}

void
store_mute(struct store *s, enum alert_rule rule, struct alert_mute *out)
{
	struct key k = key_mute(rule);
	struct mute_record r;

	*out = (struct alert_mute){.until = 0};
	VIEW(v, s, NULL);
	if (table_record(&v, T_ALERT, &k, &r, sizeof r) != E_OK || !is_text(r.by, sizeof r.by))
		return;
	out->until = r.until;
	memcpy(out->by, r.by, sizeof r.by);
}

/* ---- who was heard when ---- */

static struct key
key_hearing(const struct party *p)
{
	struct key k = key_party(p);

	return key_of('h', &k);
}

void
store_put_hearing(struct store_txn *t, const struct party *p, const struct hearing *h)
{
	const struct hearing_record r = {RECORD_VERSION, h->heard, h->away, h->usual};
	struct key k = key_hearing(p);

	table_put(t, T_ALERT, &k, bytes_of(&r, sizeof r));
}

enum err
store_hearing(struct store *s, const struct party *p, struct hearing *out)
{
	struct key k = key_hearing(p);
	struct hearing_record r;

	VIEW(v, s, NULL);
	TRY(table_record(&v, T_ALERT, &k, &r, sizeof r));
	*out = (struct hearing){r.heard, r.away, r.usual};
	return E_OK;
}

/* ---- instants ---- */

static struct key
key_instant(enum alert_instant i)
{
	static const char *const words[ALERT_INSTANTS] = {
		[INSTANT_FIRST] = "first",
		[INSTANT_LOOKED] = "looked",
		[INSTANT_BACKUP] = "backup",
	};
	struct key k = key_text(words[i]);

	return key_of('i', &k);
}

void
store_put_instant(struct store_txn *t, enum alert_instant i, int64_t ms)
{
	const struct instant_record r = {RECORD_VERSION, ms};
	struct key k = key_instant(i);

	table_put(t, T_ALERT, &k, bytes_of(&r, sizeof r));
}

int64_t
store_instant(struct store *s, enum alert_instant i)
{
	struct key k = key_instant(i);
	struct instant_record r;

	VIEW(v, s, NULL);
	return table_record(&v, T_ALERT, &k, &r, sizeof r) == E_OK ? r.at : 0;
}

/* ---- the scrub ---- */

const char *
check_alert(struct scrub_run *run, const struct key *k, struct bytes content)
{
	static const struct {
		char kind;
		size_t size;
	} known[] = {
		{'a', sizeof(struct alert_record)},
		{'m', sizeof(struct mute_record)},
		{'h', sizeof(struct hearing_record)},
		{'i', sizeof(struct instant_record)},
	};

	(void)run;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (k->size > 1 && k->octet[0] == (uint8_t)known[i].kind)
			return content.size == known[i].size && content.data[0] == RECORD_VERSION
				       ? NULL
				       : "not a record of ours";
	return "a record of no kind";
}
