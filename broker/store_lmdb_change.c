/* SPDX-License-Identifier: EUPL-1.2
 *
 * What officers wanted, in order of number: a record, and behind it the document that it is about
 * for as long as it waits for a second officer. Nothing is ever deleted. What the log says of a
 * change is composed again from its record: the two must agree, octet for octet. */
#include "broker/store_lmdb.h"

#include <string.h>

static void
pack(const struct change *c, struct change_record *r)
{
	assert(c->kind < CHANGE_N && c->state < CHANGE_STATES);
	*r = (struct change_record){.version = CHANGE_VERSION,
		.kind = (uint8_t)c->kind,
		.state = (uint8_t)c->state,
		.of_version = c->version,
		.proposed = c->proposed,
		.decided = c->decided,
		.by_uid = c->by_uid,
		.second_uid = c->second_uid,
		.leaf = c->leaf,
		.end_leaf = c->end_leaf};
	memcpy(r->party, c->party.code, sizeof r->party);
	memcpy(r->digest, c->digest.octet, sizeof r->digest);
	memcpy(r->by, c->by, sizeof r->by);
	memcpy(r->second, c->second, sizeof r->second);
	memcpy(r->reason, c->reason, sizeof r->reason);
	memcpy(r->subject, c->subject, sizeof r->subject);
}

static bool
is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

enum err
change_read(struct bytes content, uint64_t number, struct change *out, struct bytes *document)
{
	struct change_record r = {0};
	size_t size = sizeof r;

	if (content.size > 0 && content.data[0] == 1)
		size = CHANGE_RECORD_1;
	else if (content.size == 0 || content.data[0] != CHANGE_VERSION)
		return E_VERSION;
	if (content.size < size)
		return E_VERSION;
	memcpy(&r, content.data, size);
	if (r.kind >= CHANGE_N || r.state >= CHANGE_STATES || !is_text(r.party, sizeof r.party) ||
		!is_text(r.by, sizeof r.by) || !is_text(r.second, sizeof r.second) ||
		!is_text(r.reason, sizeof r.reason) || !is_text(r.subject, sizeof r.subject))
		return E_DAMAGED;
	*out = (struct change){.number = number,
		.kind = (enum change_kind)r.kind,
		.state = (enum change_state)r.state,
		.version = r.of_version,
		.proposed = r.proposed,
		.decided = r.decided,
		.by_uid = r.by_uid,
		.second_uid = r.second_uid,
		.leaf = r.leaf,
		.end_leaf = r.end_leaf};
	memcpy(out->party.code, r.party, sizeof r.party);
	memcpy(out->digest.octet, r.digest, sizeof r.digest);
	memcpy(out->by, r.by, sizeof r.by);
	memcpy(out->second, r.second, sizeof r.second);
	memcpy(out->reason, r.reason, sizeof r.reason);
	memcpy(out->subject, r.subject, sizeof r.subject);
	*document = bytes_of(content.data + size, content.size - size);
	return E_OK;
}

static void
put(struct store_txn *t, const struct change *c, struct bytes document)
{
	struct key k = key_seq(c->number);
	struct change_record r;
	OWNED_BUF(both) = {0};

	pack(c, &r);
	buf_add(&both, &r, sizeof r);
	buf_add_bytes(&both, document);
	table_put(t, T_CHANGE, &k, buf_bytes(&both));
}

/* The leaf of this change; its place, plus one. */
static uint64_t
write_act(struct store_txn *t, const struct change *c, bool wish)
{
	struct leaf_act a;

	change_act(c, wish, &a);
	return log_act(t, &a) + 1;
}

void
store_add_change(struct store_txn *t, struct change *c, struct bytes document)
{
	VIEW(v, t->s, t);
	c->number = table_last_seq(&v, T_CHANGE) + 1;
	c->leaf = write_act(t, c, true);
	c->end_leaf = c->state == CHANGE_WAITS ? 0 : c->leaf;
	put(t, c, document);
}

void
store_end_change(struct store_txn *t, struct change *c)
{
	assert(c->number > 0 && c->state != CHANGE_WAITS);
	c->end_leaf = write_act(t, c, false);
	put(t, c, bytes_of(NULL, 0));
}

enum err
store_change(struct store *s, struct store_txn *t, uint64_t number, struct change *out,
	struct buf *document)
{
	struct key k = key_seq(number);
	struct bytes content, behind;

	VIEW(v, s, t);
	TRY(table_get(&v, T_CHANGE, &k, &content));
	TRY(change_read(content, number, out, &behind));
	if (document == NULL)
		return E_OK;
	buf_reset(document);
	buf_add_bytes(document, behind);
	return E_OK;
}

size_t
store_changes(struct store *s, uint64_t before, struct change *out, size_t max)
{
	struct bytes content, ignored;
	uint64_t number;
	size_t n = 0;

	VIEW(v, s, NULL);
	number = table_last_seq(&v, T_CHANGE);
	if (before != 0 && before <= number)
		number = before - 1;
	for (; n < max && number > 0; number--) {
		struct key k = key_seq(number);

		if (table_get(&v, T_CHANGE, &k, &content) == E_OK &&
			change_read(content, number, &out[n], &ignored) == E_OK)
			n++;
	}
	return n;
}

const char *
check_change(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct bytes document;
	struct change c;

	const char *wrong;

	if (k->size != 8 ||
		change_read(content, key_last_seq(bytes_of(k->octet, 8)), &c, &document) != E_OK)
		return "no change of ours";
	wrong = change_differs(run->view, &c);
	if (wrong != NULL)
		return wrong;
	return c.state == CHANGE_WAITS || document.size == 0 ? NULL
							     : "has ended and holds a document";
}

/* ---- against the log ---- */

static const char *
leaf_differs(const struct view *v, const struct change *c, bool wish)
{
	uint64_t place = wish ? c->leaf : c->end_leaf;
	struct key k = key_seq(place - 1);
	OWNED_BUF(should) = {0};
	struct bytes leaf;
	struct leaf_act a;

	change_act(c, wish, &a);
	act_compose(&a, &should);
	if (table_get(v, T_LEAF, &k, &leaf) != E_OK)
		return "its leaf is missing";
	if (leaf.size != should.size || memcmp(leaf.data, should.data, leaf.size) != 0)
		return "the log says otherwise";
	return log_has_leaf(v, place - 1, leaf) ? NULL : "its leaf is not in the tree";
}

const char *
change_differs(const struct view *v, const struct change *c)
{
	const char *wrong = NULL;

	if (c->leaf == 0 && c->end_leaf == 0) /* made before changes had leaves */
		return NULL;
	if ((c->end_leaf == 0) != (c->state == CHANGE_WAITS))
		return "it has ended without a leaf";
	if (c->leaf != 0)
		wrong = leaf_differs(v, c, true);
	if (wrong == NULL && c->end_leaf != 0 && c->end_leaf != c->leaf)
		wrong = leaf_differs(v, c, false);
	return wrong;
}

static void
found(struct audit *out, uint64_t number)
{
	if (out->n_bad < ARRAY_LEN(out->bad))
		out->bad[out->n_bad] = number;
	out->n_bad++;
}

void
store_audit(struct store *s, uint64_t after, size_t most, struct audit *out)
{
	struct bytes content, ignored;
	struct change c;
	uint64_t last;

	VIEW(v, s, NULL);
	last = table_last_seq(&v, T_CHANGE);
	*out = (struct audit){.last = after};
	for (; out->checked < most && out->last < last; out->checked++) {
		struct key k = key_seq(++out->last);

		if (table_get(&v, T_CHANGE, &k, &content) != E_OK ||
			change_read(content, out->last, &c, &ignored) != E_OK ||
			(c.leaf == 0 && c.end_leaf == 0 && out->with_leaf) ||
			change_differs(&v, &c) != NULL)
			found(out, out->last);
		else if (c.leaf != 0)
			out->with_leaf = true;
		else
			out->before_leaves++;
	}
	out->more = out->last < last;
}
