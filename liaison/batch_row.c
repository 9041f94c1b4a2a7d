/* SPDX-License-Identifier: EUPL-1.2
 *
 * A row made into a case file (daftar-request(5)), which is then read and checked as every other:
 * here stands only what columns have that a case file has not, names and dates as people write
 * them. A row is named by digests under a secret of the office, so that what the spool keeps of it
 * tells nobody what stood there. */
#include <string.h>
#include <strings.h>

#include "lib/name_text.h"
#include "liaison/batch.h"
#include "liaison/batch_date.h"

/* ---- its names ---- */

static void
add_value(struct buf *b, const char *name, const char *value)
{
	buf_text(b, name);
	buf_u8(b, 0);
	buf_text(b, value);
	buf_u8(b, 0);
}

static void
name_row(struct bytes secret, struct batch_row *r)
{
	OWNED_BUF(content) = {0};
	OWNED_BUF(key) = {0};
	OWNED_BUF(consent) = {0};
	struct digest d;
	struct id id;

	for (int i = 0; i < COLUMN_N; i++)
		if (i != COLUMN_ROW && batch_columns[i].kind != KIND_PASSED &&
			r->value[i][0] != '\0')
			add_value(&content, batch_columns[i].name, r->value[i]);
	digest_hmac(secret, buf_bytes(&content), &r->content);
	r->key = r->content;
	if (r->value[COLUMN_ROW][0] != '\0') {
		add_value(&key, "row", r->value[COLUMN_ROW]);
		digest_hmac(secret, buf_bytes(&key), &r->key);
	}
	add_value(&consent, "consent", "");
	buf_add(&consent, r->key.octet, sizeof r->key.octet);
	digest_hmac(secret, buf_bytes(&consent), &d);
	memcpy(id.octet, d.octet, sizeof id.octet);
	id.octet[6] = (uint8_t)(0x80 | (id.octet[6] & 0x0f)); /* RFC 9562 section 5.8 */
	id.octet[8] = (uint8_t)(0x80 | (id.octet[8] & 0x3f));
	id_format(&id, r->consent);
}

void
batch_row_read(const struct batch_map *m, const struct batch_record *record, struct bytes secret,
	struct arena *a, struct batch_row *out)
{
	memset(out, 0, sizeof *out);
	out->line = record->line;
	for (int i = 0; i < COLUMN_N; i++)
		out->value[i] = batch_value(m, record, (enum column)i, a);
	name_row(secret, out);
}

/* ---- into JSON ---- */

struct making {
	const struct batch_row *row;
	struct arena *arena;
	struct buf *problems;
	json_t *root;
};

static void
problem(struct making *k, enum column column, const char *what)
{
	buf_printf(k->problems, "%s: %s\n", batch_columns[column].name, what);
}

/* Sets the value at "consent.assent.on", with the objects on the way; takes the reference. */
static void
put(json_t *into, const char *path, json_t *value)
{
	const char *dot = strchr(path, '.');
	char key[64];
	json_t *next;

	if (dot == NULL) {
		json_object_set_new(into, path, value);
		return;
	}
	assert((size_t)(dot - path) < sizeof key);
	memcpy(key, path, (size_t)(dot - path));
	key[dot - path] = '\0';
	next = json_object_get(into, key);
	if (next == NULL) {
		next = json_object();
		json_object_set_new(into, key, next);
	}
	put(next, dot + 1, value);
}

/* White space between; *rest moves on. NULL at the end. */
static char *
next_word(char **rest)
{
	char *word;

	while ((word = strsep(rest, " \t\r\n;,")) != NULL)
		if (word[0] != '\0')
			return word;
	return NULL;
}

static void
put_words(struct making *k, enum column column, bool one)
{
	char *rest = arena_text(k->arena, k->row->value[column]), *word;
	json_t *list = json_array();

	while ((word = next_word(&rest)) != NULL)
		json_array_append_new(list, json_string(word));
	if (one && json_array_size(list) == 1)
		put(k->root, batch_columns[column].path, json_incref(json_array_get(list, 0)));
	else
		put(k->root, batch_columns[column].path, json_incref(list));
	json_decref(list);
}

static void
put_documents(struct making *k, enum column column)
{
	char *rest = arena_text(k->arena, k->row->value[column]), *word;
	json_t *list = json_array();

	while ((word = next_word(&rest)) != NULL) {
		const char *kind = strsep(&word, ":"),
			   *digest = word != NULL ? strsep(&word, ":") : "";

		json_array_append_new(list, json_pack("{s:s s:s s:s}", "kind", kind, "digest",
						    digest, "mediaType", word != NULL ? word : ""));
	}
	put(k->root, batch_columns[column].path, list);
}

static void
put_true(struct making *k, enum column column)
{
	static const char *const words[] = {
		"yes", "true", "1", "x", "oui", "نعم", "አዎ", "haa", "ndiyo", "እወ"};
	const char *value = k->row->value[column];

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasecmp(value, words[i]) == 0) {
			put(k->root, batch_columns[column].path, json_true());
			return;
		}
	put(k->root, batch_columns[column].path, json_false());
}

/* ---- names ---- */

/* The columns that go with a name; COLUMN_N: it has none. */
static const struct name_columns {
	enum column name, given, father, grandfather, family, script, lang, other, other_lang,
		other_system;
} names[] = {
	{COLUMN_CHILD_NAME, COLUMN_CHILD_GIVEN, COLUMN_CHILD_FATHER, COLUMN_CHILD_GRANDFATHER,
		COLUMN_CHILD_FAMILY, COLUMN_CHILD_SCRIPT, COLUMN_CHILD_LANG, COLUMN_CHILD_OTHER,
		COLUMN_CHILD_OTHER_LANG, COLUMN_CHILD_OTHER_SYSTEM},
	{COLUMN_MOTHER_NAME, COLUMN_MOTHER_GIVEN, COLUMN_MOTHER_FATHER, COLUMN_MOTHER_GRANDFATHER,
		COLUMN_MOTHER_FAMILY, COLUMN_MOTHER_SCRIPT, COLUMN_MOTHER_LANG, COLUMN_N, COLUMN_N,
		COLUMN_N},
	{COLUMN_FATHER_NAME, COLUMN_FATHER_GIVEN, COLUMN_FATHER_FATHER, COLUMN_FATHER_GRANDFATHER,
		COLUMN_FATHER_FAMILY, COLUMN_FATHER_SCRIPT, COLUMN_FATHER_LANG, COLUMN_N, COLUMN_N,
		COLUMN_N},
};

static const char *
value_of(const struct making *k, enum column column)
{
	return column == COLUMN_N ? "" : k->row->value[column];
}

static void
add_part(json_t *parts, struct buf *full, const char *kind, const char *value)
{
	if (value[0] == '\0')
		return;
	json_array_append_new(parts, json_pack("{s:s s:s}", "kind", kind, "value", value));
	buf_printf(full, "%s%s", full->size > 0 ? " " : "", value);
}

/* As the columns of its parts say; NULL when they say nothing. */
static json_t *
form_of_parts(const struct making *k, const struct name_columns *c)
{
	const char *full = value_of(k, c->name), *family = value_of(k, c->family);
	json_t *parts = json_array(), *form = NULL;
	char script[SCRIPT_SIZE];
	OWNED_BUF(joined) = {0};

	add_part(parts, &joined, "given", value_of(k, c->given));
	add_part(parts, &joined, "father", value_of(k, c->father));
	add_part(parts, &joined, "grandfather", value_of(k, c->grandfather));
	add_part(parts, &joined, "family", family);
	if (joined.size > 0) {
		full = full[0] != '\0' ? full : (char *)joined.data;
		script_of(full, script);
		form = json_pack("{s:s s:s s:O}", "full", full, "script", script, "parts", parts);
		if (family[0] == '\0')
			json_object_set_new(form, "noFamilyName", json_true());
	}
	json_decref(parts);
	return form;
}

static bool
order_of(struct making *k, enum name_order *out)
{
	const char *given = value_of(k, COLUMN_NAME_ORDER);

	*out = NAME_CHAIN;
	if (given[0] == '\0')
		return true;
	for (size_t i = 0; i < NAME_ORDERS; i++)
		if (strcasecmp(given, name_orders[i].word) == 0) {
			*out = (enum name_order)i;
			return true;
		}
	problem(k, COLUMN_NAME_ORDER, _("must be chain, given-family or family-given"));
	return false;
}

/* As it is written; NULL after a problem. */
static json_t *
form_of_text(struct making *k, enum column column)
{
	OWNED(char, wrong, free_chars) = name_text_problem(k->row->value[column]);
	json_t *parts, *form;
	struct name_form *f;
	enum name_order order;

	if (!order_of(k, &order))
		return NULL;
	if (wrong != NULL || name_form_said(k->arena, k->row->value[column], order, &f) != E_OK) {
		problem(k, column, wrong != NULL ? wrong : _("has more than 12 parts"));
		return NULL;
	}
	parts = json_array();
	for (const struct name_part *p = f->parts; p != NULL; p = p->next)
		json_array_append_new(
			parts, json_pack("{s:s s:s}", "kind", p->kind, "value", p->value));
	form = json_pack("{s:s s:s s:o}", "full", f->full, "script", f->script, "parts", parts);
	if (f->no_family_name)
		json_object_set_new(form, "noFamilyName", json_true());
	return form;
}

static void
finish_form(json_t *form, const char *script, const char *lang, const char *system)
{
	if (script[0] != '\0')
		json_object_set_new(form, "script", json_string(script));
	json_object_set_new(form, "lang", json_string(lang[0] != '\0' ? lang : "und"));
	if (system[0] != '\0')
		json_object_set_new(form, "system", json_string(system));
}

static void
put_name(struct making *k, const struct name_columns *c)
{
	json_t *form = form_of_parts(k, c), *list;

	if (form == NULL && value_of(k, c->name)[0] == '\0')
		return;
	if (form == NULL)
		form = form_of_text(k, c->name);
	if (form == NULL)
		return;
	finish_form(form, value_of(k, c->script), value_of(k, c->lang), "");
	json_object_set_new(form, "authoritative", json_true());
	list = json_array();
	json_array_append_new(list, form);
	form = value_of(k, c->other)[0] != '\0' ? form_of_text(k, c->other) : NULL;
	if (form != NULL) {
		finish_form(form, "", value_of(k, c->other_lang), value_of(k, c->other_system));
		json_array_append_new(list, form);
	}
	put(k->root, batch_columns[c->name].path, list);
}

/* ---- days and dates ---- */

static void
put_day(struct making *k, enum column column)
{
	char day[BATCH_DAY_SIZE];
	const char *what = batch_day(k->row->value[column], value_of(k, COLUMN_DATE_ORDER), day);

	if (what != NULL)
		problem(k, column, what);
	put(k->root, batch_columns[column].path,
		json_string(what == NULL ? day : k->row->value[column]));
}

static void
put_date(struct making *k, enum column column)
{
	struct record_date d = {.authored = k->row->value[column],
		.calendar = k->row->value[COLUMN_BIRTH_CALENDAR],
		.basis = k->row->value[COLUMN_BIRTH_BASIS],
		.value = k->row->value[COLUMN_BIRTH_VALUE]};
	const char *what = batch_date(value_of(k, COLUMN_DATE_ORDER), k->arena, &d);

	if (what != NULL) {
		problem(k, column, what);
		return;
	}
	put(k->root, batch_columns[column].path,
		json_pack("{s:s s:s s:s s:s}", "authored", d.authored, "calendar", d.calendar,
			"basis", d.basis, "value", d.value));
}

/* ---- the whole ---- */

static void
put_column(struct making *k, enum column column)
{
	switch (batch_columns[column].kind) {
	case KIND_TEXT:
		put(k->root, batch_columns[column].path, json_string(k->row->value[column]));
		return;
	case KIND_DATE:
		put_date(k, column);
		return;
	case KIND_DAY:
		put_day(k, column);
		return;
	case KIND_TRUE:
		put_true(k, column);
		return;
	case KIND_IDS:
		put_words(k, column, true);
		return;
	case KIND_WORDS:
		put_words(k, column, false);
		return;
	case KIND_DOCUMENTS:
		put_documents(k, column);
		return;
	case KIND_NAME: /* put with its other columns */
	case KIND_KEY:
	case KIND_OTHER:
	case KIND_PASSED:
		return;
	}
}

static bool
tells_consent(const struct batch_row *r)
{
	for (int i = COLUMN_CONSENT_ID; i <= COLUMN_ASSENT_WITNESS; i++)
		if (r->value[i][0] != '\0')
			return true;
	return false;
}

enum err
batch_row_json(const struct batch_row *r, struct arena *a, json_t **out, struct buf *problems)
{
	struct making k = {r, a, problems, json_object()};
	bool named = r->value[COLUMN_CONSENT][0] != '\0', told = tells_consent(r);

	if (named && told)
		problem(&k, COLUMN_CONSENT,
			_("names a consent, and the columns consent_.. tell another"));
	for (int i = 0; i < COLUMN_N; i++)
		if (r->value[i][0] != '\0' && !(named && told && i == COLUMN_CONSENT))
			put_column(&k, (enum column)i);
	if (told && r->value[COLUMN_CONSENT_ID][0] == '\0')
		put(k.root, batch_columns[COLUMN_CONSENT_ID].path, json_string(r->consent));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		put_name(&k, &names[i]);
	*out = k.root;
	return problems->size == 0 ? E_OK : E_INPUT;
}

void
batch_reword(const char *line, struct buf *out)
{
	size_t path = strcspn(line, ":"), most = 0;
	int found = -1;

	for (int i = 0; i < COLUMN_N; i++) {
		size_t n = strlen(batch_columns[i].path);

		if (n > most && n <= path && strncmp(line, batch_columns[i].path, n) == 0 &&
			(n == path || strchr(".[", line[n]) != NULL)) {
			most = n;
			found = i;
		}
	}
	if (found < 0)
		buf_text(out, line);
	else
		buf_printf(out, "%s%s", batch_columns[found].name, line + path);
}
