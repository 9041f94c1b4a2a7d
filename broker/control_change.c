/* SPDX-License-Identifier: EUPL-1.2
 *
 * How a change is made: an officer wants it, and it is made at once, or it waits, at most a day,
 * until another officer has approved it. Either way it is written down with who, why and when. What
 * is wrong with a change is asked again when it is made: the world may have gone on meanwhile. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"
#include "lib/log.h"

#define LIST_MOST 50

/* ---- what is told ---- */

json_t *
change_json(const struct change *c)
{
	json_t *o = json_object();

	json_put_number(o, "number", c->number);
	json_put_text(o, "kind", change_kind_word(c->kind));
	json_put_text(o, "state", change_state_word(c->state));
	if (c->party.code[0] != '\0')
		json_put_text(o, "party", c->party.code);
	if (c->kind == CHANGE_TRUST || c->kind == CHANGE_REVOKE)
		json_put_digest(o, "digest", &c->digest);
	if (c->kind == CHANGE_TRUST)
		json_put_number(o, "version", c->version);
	if (c->subject[0] != '\0')
		json_put_text(o, "subject", c->subject);
	json_put_text(o, "reason", c->reason);
	json_put_text(o, "by", c->by);
	json_put(o, "proposed", json_instant(c->proposed));
	if (c->state == CHANGE_WAITS)
		json_put(o, "until", json_instant(c->proposed + CHANGE_LIFE_MS));
	if (c->second[0] != '\0')
		json_put_text(o, "second", c->second);
	json_put(o, "decided", json_instant(c->decided));
	json_put(o, "leaf", c->leaf > 0 ? json_integer((json_int_t)c->leaf - 1) : json_null());
	json_put(o, "end_leaf",
		c->end_leaf > 0 ? json_integer((json_int_t)c->end_leaf - 1) : json_null());
	return o;
}

void
change_told(struct daftard *d, const struct change *c)
{
	json_t *event = json_object();

	json_put_text(event, "event", "change");
	json_put(event, "at", json_instant(instant_now()));
	json_put_number(event, "number", c->number);
	json_put_text(event, "kind", change_kind_word(c->kind));
	json_put_text(event, "state", change_state_word(c->state));
	if (c->party.code[0] != '\0')
		json_put_text(event, "party", c->party.code);
	if (c->subject[0] != '\0')
		json_put_text(event, "subject", c->subject);
	control_tell(d->control, event);
}

/* To the log and to whoever watches. */
static void
tell_change(struct daftard *d, const char *what, const struct change *c)
{
	char digest[DIGEST_TEXT_SIZE] = "";

	if (c->kind == CHANGE_TRUST || c->kind == CHANGE_REVOKE)
		digest_format(&c->digest, digest);
	log_line(LOG_WARNING, "change=%llu %s kind=%s%s%s%s%s%s%s by=%s%s%s reason=\"%s\"",
		(unsigned long long)c->number, what, change_kind_word(c->kind),
		c->party.code[0] != '\0' ? " party=" : "", c->party.code,
		c->subject[0] != '\0' ? " on=" : "", c->subject,
		digest[0] != '\0' ? " digest=" : "", digest, c->by,
		c->second[0] != '\0' ? " second=" : "", c->second, c->reason);
	change_told(d, c);
}

/* ---- writing it down ---- */

static void
write_down(struct store_txn *t, struct change *c, struct bytes document)
{
	if (c->number == 0)
		store_add_change(t, c, document);
	else
		store_end_change(t, c);
}

static enum err
keep(struct daftard *d, struct change *c, struct bytes document)
{
	struct store_txn *t = store_begin(d->store);

	write_down(t, c, document);
	return daftard_commit(d, &t);
}

/* Who asks, and when. */
static void
put_asker(struct daftard *d, struct change *c)
{
	c->by_uid = control_user(d->control);
	c->proposed = instant_now();
	officers_name(&d->officers, c->by_uid, c->by);
}

void
change_note(struct daftard *d, struct store_txn *t, enum change_kind kind, const char *subject,
	const char *reason, struct change *out)
{
	*out = (struct change){.kind = kind, .state = CHANGE_DONE};
	put_asker(d, out);
	out->decided = out->proposed;
	snprintf(out->subject, sizeof out->subject, "%s", subject);
	snprintf(out->reason, sizeof out->reason, "%s", reason);
	store_add_change(t, out, bytes_of(NULL, 0));
}

static struct decision
decision_of(const struct change *c)
{
	struct decision d = {.standing = STANDING_GOOD, .since = c->decided};

	if (c->kind == CHANGE_CUT || c->kind == CHANGE_REVOKE)
		d.standing = STANDING_CUT;
	if (c->kind == CHANGE_SUSPEND)
		d.standing = STANDING_SUSPENDED;
	memcpy(d.by, c->by, sizeof d.by);
	memcpy(d.second, c->second, sizeof d.second);
	memcpy(d.reason, c->reason, sizeof d.reason);
	return d;
}

/* The decision and its record are one commit. */
static enum err
decide(struct daftard *d, struct change *c)
{
	const struct decision what = decision_of(c);
	struct store_txn *t = store_begin(d->store);

	if (c->kind == CHANGE_REVOKE)
		store_bar(t, &c->party, &c->digest, &what);
	else
		store_decide(t, &c->party, &what);
	write_down(t, c, bytes_of(NULL, 0));
	return daftard_commit(d, &t);
}

/* ---- making it ---- */

/* Everything that was decided before is on disk and answered; what comes after finds the new
 * standing. */
static enum err
make_standing(struct daftard *d, struct change *c)
{
	group_end(d);
	TRY(decide(d, c));
	if (c->kind == CHANGE_CUT)
		daftard_drop(d, &c->party);
	if (c->kind != CHANGE_REVOKE)
		daftard_admit(d);
	exchange_dispatch(d->exchange, instant_now(), monotonic_now());
	return E_OK;
}

/* The change, what it does and its leaf are one commit of the group. */
static enum err
make_by_rule(struct daftard *d, const struct change_rule *rule, struct change *c,
	struct bytes document, json_t *more)
{
	OWNED(json_t, args, json_decrefp) =
		json_loadb((const char *)document.data, document.size, 0, NULL);
	struct store_txn *t;

	if (!json_is_object(args))
		return E_DAMAGED;
	t = group_txn(d);
	TRY(rule->make(d, t, c, args, more));
	write_down(t, c, bytes_of(NULL, 0));
	TRY(group_finish(d));
	if (rule->after != NULL)
		rule->after(d, c, args);
	return E_OK;
}

static enum err
make(struct daftard *d, struct change *c, struct bytes document, json_t **data)
{
	const struct change_rule *rule = change_rule_of(c->kind);
	OWNED(json_t, said, json_decrefp) = NULL;
	OWNED(json_t, more, json_decrefp) = json_object();
	enum err e;

	c->state = CHANGE_DONE;
	c->decided = instant_now();
	if (rule != NULL) {
		TRY(make_by_rule(d, rule, c, document, more));
	} else if (c->kind != CHANGE_TRUST) {
		TRY(make_standing(d, c));
	} else {
		TRY(trust_install(d, document, &said));
		e = keep(d, c, bytes_of(NULL, 0));
		if (e != E_OK)
			log_line(LOG_WARNING, "change not written down code=%s", err_word(e));
	}
	tell_change(d, "done", c);
	*data = change_json(c);
	json_put_number(*data, "serial", d->told_serial);
	if (said != NULL)
		json_put(*data, "changes", TAKE(said));
	if (json_object_update(*data, more) != 0)
		die("memory");
	if (c->party.code[0] != '\0')
		standing_put(d, &c->party, *data);
	return E_OK;
}

enum err
change_wish(
	struct daftard *d, struct change *c, struct bytes document, bool needs_two, json_t **data)
{
	put_asker(d, c);
	if (needs_two && !officers_are_two(&d->officers))
		log_line(LOG_WARNING, "one person does what needs two: kind=%s by=%s",
			change_kind_word(c->kind), c->by);
	if (!needs_two || !officers_are_two(&d->officers))
		return make(d, c, document, data);
	if (!officers_have(&d->officers, c->by_uid))
		return E_OFFICER;
	group_end(d);
	c->state = CHANGE_WAITS;
	TRY(keep(d, c, document));
	tell_change(d, "waits", c);
	*data = change_json(c);
	return E_OK;
}

/* ---- the second officer ---- */

static enum err
change_arg(struct daftard *d, const json_t *args, struct change *c, struct buf *document)
{
	json_int_t number = json_integer_value(json_object_get(args, "number"));

	if (number <= 0)
		return E_USAGE;
	group_end(d);
	return store_change(d->store, NULL, (uint64_t)number, c, document);
}

static bool
has_lapsed(const struct change *c)
{
	return c->state == CHANGE_WAITS && instant_now() - c->proposed >= CHANGE_LIFE_MS;
}

static enum err
lapse(struct daftard *d, struct change *c)
{
	c->state = CHANGE_LAPSED;
	c->decided = c->proposed + CHANGE_LIFE_MS;
	TRY(keep(d, c, bytes_of(NULL, 0)));
	tell_change(d, "lapsed", c);
	return E_OK;
}

/* What was proposed before the newest decision about the party was about another state of things.
 */
static enum err
check_newest(struct daftard *d, const struct change *c)
{
	struct decision why;
	enum err e;

	if (c->kind == CHANGE_TRUST || c->kind == CHANGE_REVOKE || change_rule_of(c->kind) != NULL)
		return E_OK;
	e = store_decision(d->store, NULL, &c->party, &why);
	if (e != E_OK)
		return e == E_NOT_FOUND ? E_STATE : e;
	return why.since <= c->proposed && change_leads_from(c->kind, why.standing) ? E_OK
										    : E_STATE;
}

enum err
verb_change_approve(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	uid_t user = control_user(d->control);
	OWNED_BUF(document) = {0};
	struct change c;

	TRY(change_arg(d, args, &c, &document));
	if (has_lapsed(&c))
		TRY(lapse(d, &c));
	TRY(change_may_approve(&c, user, instant_now()));
	if (control_who(d->control)->via == CONTROL_SPOKEN_FOR) {
		control_explain(d->control,
			"change %llu: the second approval comes from an officer's own account, "
			"not through the dashboard; it still waits. Type: daftarctl change "
			"approve %llu",
			(unsigned long long)c.number, (unsigned long long)c.number);
		return E_OFFICER;
	}
	if (!officers_have(&d->officers, user))
		return E_OFFICER;
	TRY(check_newest(d, &c));
	c.second_uid = user;
	officers_name(&d->officers, user, c.second);
	return make(d, &c, buf_bytes(&document), data);
}

enum err
verb_change_reject(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	struct change c;

	TRY(change_arg(d, args, &c, NULL));
	if (c.state != CHANGE_WAITS)
		return E_STATE;
	c.state = CHANGE_REJECTED;
	c.decided = instant_now();
	c.second_uid = control_user(d->control);
	officers_name(&d->officers, c.second_uid, c.second);
	TRY(keep(d, &c, bytes_of(NULL, 0)));
	tell_change(d, "rejected", &c);
	*data = change_json(&c);
	return E_OK;
}

/* ---- looking ---- */

static size_t
newest_changes(struct daftard *d, struct change *list)
{
	size_t n = store_changes(d->store, 0, list, LIST_MOST);

	for (size_t i = 0; i < n; i++)
		if (has_lapsed(&list[i]) && lapse(d, &list[i]) != E_OK)
			log_line(LOG_WARNING, "a change that has lapsed is not written down");
	return n;
}

static void
free_changes(struct change **list)
{
	free(*list);
	*list = NULL;
}

enum err
verb_change_list(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	OWNED(struct change, list, free_changes) = xcalloc(LIST_MOST, sizeof *list);
	json_t *rows = json_array();
	size_t n;

	(void)args;
	group_end(d);
	n = newest_changes(d, list);
	for (size_t i = 0; i < n; i++)
		json_add(rows, change_json(&list[i]));
	*data = json_object();
	json_put(*data, "changes", rows);
	json_put(*data, "two_persons", json_boolean(officers_are_two(&d->officers)));
	return E_OK;
}

bool
changes_wait(struct daftard *d)
{
	OWNED(struct change, list, free_changes) = xcalloc(LIST_MOST, sizeof *list);
	size_t n = store_changes(d->store, 0, list, LIST_MOST);

	for (size_t i = 0; i < n; i++)
		if (list[i].state == CHANGE_WAITS && !has_lapsed(&list[i]))
			return true;
	return false;
}

/* Has the gate taken the keys of this number, and how long did it take? */
enum err
verb_change_effect(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	json_int_t serial = json_integer_value(json_object_get(args, "serial"));
	bool in_force;

	if (serial <= 0 || serial > UINT32_MAX)
		return E_USAGE;
	in_force = gate_child_in_force(d->gate, (uint32_t)serial);
	*data = json_object();
	json_put(*data, "in_force", json_boolean(in_force));
	if (in_force && serial == d->told_serial && d->obeyed >= d->told)
		json_put_number(*data, "took_us", (uint64_t)(d->obeyed - d->told));
	return E_OK;
}
