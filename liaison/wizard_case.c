/* SPDX-License-Identifier: EUPL-1.2
 *
 * Answers made into the case file of daftar-request(5), by the paths of the questions. Nothing is
 * checked here: the file's own reader and the rules of `request check' say what is wrong. */
#include <stdlib.h>
#include <string.h>

#include "liaison/wizard.h"

/* ---- by path ---- */

/* One step of "locator.name[2].full": the key, and its place in a list, 0: none. */
static size_t
step(const char *path, char key[32], size_t *place)
{
	size_t n = strcspn(path, ".["), behind = n;

	*place = 0;
	if (n >= 32)
		n = 31;
	memcpy(key, path, n);
	key[n] = '\0';
	if (path[behind] == '[') {
		*place = (size_t)strtoul(path + behind + 1, NULL, 10);
		behind += strcspn(path + behind, "]") + 1;
	}
	return behind + (path[behind] == '.');
}

/* What is there under the key, an object otherwise; a loan. */
static json_t *
within(json_t *object, const char *key, size_t place)
{
	json_t *there = json_object_get(object, key);

	if (place == 0 && there == NULL)
		json_object_set_new(object, key, there = json_object());
	if (place == 0)
		return there;
	if (there == NULL)
		json_object_set_new(object, key, there = json_array());
	if (place > json_array_size(there)) {
		json_array_append_new(there, json_object());
		place = json_array_size(there);
	}
	return json_array_get(there, place - 1);
}

/* Takes the reference. Objects are put together. */
static void
put(json_t *root, const char *path, json_t *value)
{
	json_t *at = root, *there;
	char key[32];
	size_t place;

	while (true) {
		path += step(path, key, &place);
		if (path[0] == '\0')
			break;
		at = within(at, key, place);
	}
	there = place == 0 && !json_is_object(value) ? NULL : within(at, key, place);
	if (there != NULL && json_is_object(value))
		json_object_update(there, value);
	else
		json_object_set(at, key, value);
	json_decref(value);
}

/* ---- what the wizard keeps for itself ---- */

static json_t *
value_of(const struct draft *d, const struct wizard_row *q)
{
	json_t *value = json_deep_copy(draft_answer(d, q->id));

	if (q->kind == KIND_NAME || q->kind == KIND_LATIN) {
		json_object_set_new(value, "lang", json_string(draft_text(d, "language")));
		if (!json_is_true(json_object_get(value, "authoritative")))
			json_object_del(value, "authoritative");
	}
	if (q->kind == KIND_PARTS && !json_is_true(json_object_get(value, "noFamilyName")))
		json_object_del(value, "noFamilyName");
	json_object_del(value, "placed");
	return value;
}

static void
put_consent(const struct draft *d, json_t *root)
{
	const json_t *which = draft_answer(d, "consent");

	if (json_is_array(which))
		json_object_set_new(root, "consent", json_deep_copy(which));
	if (!json_is_string(which))
		return;
	put(root, "consent.id", json_copy((json_t *)which));
	put(root, "consent.destination", json_string(draft_text(d, "receiving")));
}

static json_t *
json_of(const struct draft *d)
{
	json_t *root = json_object();

	for (size_t i = 0; i < wizard_rows_n; i++) {
		const struct wizard_row *q = &wizard_rows[i];
		const json_t *answer = draft_answer(d, q->id);

		if (q->path != NULL && answer != NULL && !json_is_null(answer) &&
			row_is_asked(q, d))
			put(root, q->path, value_of(d, q));
	}
	/* Without a finding there is nothing to say of fear. */
	if (json_object_get(json_object_get(root, "riskClearance"), "result") == NULL)
		json_object_del(root, "riskClearance");
	put_consent(d, root);
	return root;
}

char *
draft_case(const struct draft *d)
{
	json_t *root = json_of(d);
	char *text = json_dumps(root, JSON_INDENT(2));

	json_decref(root);
	if (text == NULL)
		die("memory");
	return text;
}

/* ---- the rules ---- */

static void
put_feared(const struct draft *d, struct request *r)
{
	struct text_item **end = &r->risk->feared;
	const json_t *country;
	size_t i;

	json_array_foreach(draft_answer(d, "feared"), i, country)
	{
		*end = arena_alloc(r->arena, sizeof **end);
		(*end)->value = arena_text(r->arena, json_string_value(country));
		end = &(*end)->next;
	}
}

/* As far as it can be said already: whom the case would tell, and whom the person fears. */
enum err
draft_fear(struct draft *d)
{
	OWNED(struct request, r, request_free) = request_new();
	const char *result = draft_text(d, "risk-result");

	if (!party_parse(draft_text(d, "issuing"), &r->requested_of) ||
		!party_parse(draft_text(d, "receiving"), &r->destination))
		return E_OK;
	r->case_type = draft_text(d, "case-type");
	r->risk = arena_alloc(r->arena, sizeof *r->risk);
	r->risk->result = strcmp(result, "BLOCKED") == 0 ? "BLOCKED" : "CLEARED";
	r->risk->officer = "";
	put_feared(d, r);
	return check_fear(d->o, r);
}

enum err
draft_check(struct draft *d, struct case_file *f, struct buf *problems)
{
	OWNED(char, text, free_chars) = draft_case(d);
	OWNED_BUF(whole) = {0};
	enum err e;

	buf_text(&whole, text);
	OPENSSL_cleanse(text, strlen(text));
	e = case_text_load(d->o, &whole, f);
	if (e == E_INPUT)
		blame_take(problems);
	return e;
}
