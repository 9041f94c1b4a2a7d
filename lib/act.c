/* SPDX-License-Identifier: EUPL-1.2
 *
 * Acts are written and read as statements are (lib/receipt.c): the one form by hand, and what is
 * not exactly that form is not an act. */
#include "lib/act.h"

#include <stdlib.h>
#include <string.h>

bool
act_text_is_fit(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~' || strchr("<>&\"'", *text) != NULL)
			return false;
	return true;
}

static void
put(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, "<e:%s>%s</e:%s>", name, text, name);
}

void
act_compose(const struct leaf_act *a, struct buf *out)
{
	char at[INSTANT_TEXT_SIZE], reason[DIGEST_TEXT_SIZE];

	assert(act_text_is_fit(a->kind) && act_text_is_fit(a->state) &&
		act_text_is_fit(a->subject) && act_text_is_fit(a->by) &&
		act_text_is_fit(a->second));
	instant_format(a->at, at);
	digest_format(&a->reason, reason);
	buf_printf(out, "<e:Act kind=\"%s\" number=\"%llu\" state=\"%s\">", a->kind,
		(unsigned long long)a->number, a->state);
	put(out, "On", a->subject);
	put(out, "By", a->by);
	if (a->second[0] != '\0')
		put(out, "Second", a->second);
	put(out, "At", at);
	put(out, "Reason", reason);
	buf_text(out, "</e:Act>");
}

/* ---- reading ---- */

static void
expect(struct cursor *c, const char *literal)
{
	struct bytes got = cursor_take(c, strlen(literal));

	if (!c->bad && memcmp(got.data, literal, got.size) != 0)
		c->bad = true;
}

/* The text before the literal, which is taken as well. */
static void
until(struct cursor *c, const char *literal, char *out, size_t size)
{
	size_t n = strlen(literal);
	const uint8_t *found = c->bad ? NULL : memmem(c->at, c->left, literal, n);
	size_t got = found == NULL ? 0 : (size_t)(found - c->at);

	out[0] = '\0';
	if (found == NULL || got >= size || memchr(c->at, '\0', got) != NULL) {
		c->bad = true;
		return;
	}
	memcpy(out, c->at, got);
	out[got] = '\0';
	(void)cursor_take(c, got + n);
}

static bool
comes(const struct cursor *c, const char *literal)
{
	size_t n = strlen(literal);

	return !c->bad && c->left >= n && memcmp(c->at, literal, n) == 0;
}

static bool
composes_again(const struct leaf_act *a, struct bytes leaf)
{
	OWNED_BUF(again) = {0};

	if (!act_text_is_fit(a->kind) || !act_text_is_fit(a->state) ||
		!act_text_is_fit(a->subject) || !act_text_is_fit(a->by) ||
		!act_text_is_fit(a->second))
		return false;
	act_compose(a, &again);
	return again.size == leaf.size && memcmp(again.data, leaf.data, leaf.size) == 0;
}

enum err
act_parse(struct bytes leaf, struct leaf_act *out)
{
	struct cursor c = cursor_of(leaf);
	char number[24], at[INSTANT_TEXT_SIZE], reason[DIGEST_TEXT_SIZE];
	struct leaf_act a = {0};

	expect(&c, "<e:Act kind=\"");
	until(&c, "\" number=\"", a.kind, sizeof a.kind);
	until(&c, "\" state=\"", number, sizeof number);
	until(&c, "\"><e:On>", a.state, sizeof a.state);
	until(&c, "</e:On><e:By>", a.subject, sizeof a.subject);
	until(&c, "</e:By>", a.by, sizeof a.by);
	if (comes(&c, "<e:Second>")) {
		expect(&c, "<e:Second>");
		until(&c, "</e:Second>", a.second, sizeof a.second);
	}
	expect(&c, "<e:At>");
	until(&c, "</e:At><e:Reason>", at, sizeof at);
	until(&c, "</e:Reason></e:Act>", reason, sizeof reason);
	if (!cursor_done(&c) || !instant_parse(at, &a.at) || !digest_parse(reason, &a.reason))
		return E_MALFORMED;
	a.number = strtoull(number, NULL, 10);
	if (!composes_again(&a, leaf))
		return E_MALFORMED;
	*out = a;
	return E_OK;
}
