/* SPDX-License-Identifier: EUPL-1.2
 *
 * The configuration, asked and changed while daftard runs: what is in force and where it comes
 * from, whether another text would be good, what differs on disk, and putting it into force. All
 * that can be reloaded is, or nothing is; what needs a restart is named. */
#include <stdlib.h>
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"

/* ---- telling ---- */

static json_t *
value_json(const struct conf *c, const struct setting *s)
{
	const char *const *items;
	json_t *list;
	size_t n;

	if (s->type == SET_NUMBER)
		return json_integer(conf_number(c, s->name));
	if (s->type == SET_SWITCH)
		return json_boolean(conf_switch(c, s->name));
	if (s->type != SET_LIST)
		return json_string(conf_text(c, s->name) != NULL ? conf_text(c, s->name) : "");
	list = json_array();
	n = conf_list(c, s->name, &items);
	for (size_t i = 0; i < n; i++)
		json_add(list, json_string(items[i]));
	return list;
}

static const char *
effect_word(const struct setting *s)
{
	return s->effect == SET_AT_RELOAD ? "reload" : "restart";
}

static void
put_origin(const struct conf *c, const struct setting *s, json_t *o)
{
	OWNED(char, origin, free_chars) = xprintf("%s:%u", conf_file(c), conf_line(c, s->name));

	json_put_text(o, "origin", conf_line(c, s->name) > 0 ? origin : "default");
}

static json_t *
setting_json(const struct conf *c, const struct setting *s)
{
	OWNED(char, range, free_chars) = xprintf("%ld..%ld", s->least, s->most);
	json_t *o = json_object();

	json_put_text(o, "name", s->name);
	json_put(o, "value", value_json(c, s));
	json_put(o, "default", s->fallback != NULL ? json_string(s->fallback) : json_null());
	json_put_text(o, "type", conf_type_word(s->type));
	json_put(o, "range", s->type == SET_NUMBER ? json_string(range) : json_null());
	json_put_text(o, "sentence", s->sentence);
	json_put_text(o, "effect", effect_word(s));
	put_origin(c, s, o);
	return o;
}

enum err
verb_config_show(void *context, const json_t *args, json_t **data)
{
	const struct daftard *d = context;
	json_t *list = json_array();

	(void)args;
	for (const struct setting *s = daftard_settings; s->name != NULL; s++)
		json_add(list, setting_json(d->conf, s));
	*data = json_object();
	json_put(*data, "settings", list);
	return E_OK;
}

enum err
verb_config_explain(void *context, const json_t *args, json_t **data)
{
	const char *key = json_string_value(json_object_get(args, "key"));
	const struct daftard *d = context;
	const struct setting *s = daftard_settings;

	while (s->name != NULL && strcmp(s->name, key) != 0)
		s++;
	if (s->name == NULL) {
		control_explain(
			d->control, "there is no such setting; type: daftarctl config show");
		return E_NOT_FOUND;
	}
	*data = json_object();
	json_put(*data, "settings", json_array());
	json_add(json_object_get(*data, "settings"), setting_json(d->conf, s));
	return E_OK;
}

/* ---- reading another one ---- */

struct heard_said {
	char *text;
	size_t size;
	FILE *to;
};

static void
said_open(struct heard_said *h)
{
	h->text = NULL;
	h->to = open_memstream(&h->text, &h->size);
	if (h->to == NULL)
		die("memory");
}

static void
said_close(struct heard_said *h)
{
	fclose(h->to);
	for (size_t i = 0; i < h->size; i++)
		if ((h->text[i] < ' ' || h->text[i] > '~') && h->text[i] != '\n')
			h->text[i] = '?';
	while (h->size > 0 && h->text[h->size - 1] == '\n')
		h->text[--h->size] = '\0';
}

/* One sentence of all that is wrong. */
static void
explain(struct daftard *d, struct heard_said *h)
{
	for (size_t i = 0; i < h->size; i++)
		if (h->text[i] == '\n')
			h->text[i] = ';';
	control_explain(d->control,
		"%s; what was in force still is. Mend it and type: daftarctl config check",
		h->text);
}

static enum err
read_next(struct daftard *d, struct next_settings *next)
{
	struct heard_said said;
	enum err e;

	said_open(&said);
	e = settings_read(d, NULL, said.to, next);
	said_close(&said);
	if (e != E_OK)
		explain(d, &said);
	free(said.text);
	return e;
}

enum err
verb_config_check(void *context, const json_t *args, json_t **data)
{
	const char *text = json_string_value(json_object_get(args, "text"));
	struct daftard *d = context;
	struct next_settings next;
	struct heard_said said;
	json_t *lines = json_array();
	char *rest, *line;
	enum err e;

	said_open(&said);
	e = settings_read(d, text, said.to, &next);
	said_close(&said);
	if (e == E_OK)
		settings_drop(&next);
	for (line = strtok_r(said.text, "\n", &rest); line != NULL;
		line = strtok_r(NULL, "\n", &rest))
		json_add(lines, json_string(line));
	free(said.text);
	*data = json_object();
	json_put(*data, "good", json_boolean(e == E_OK));
	json_put_text(*data, "code", e == E_OK ? "" : err_word(e));
	json_put(*data, "said", lines);
	return E_OK;
}

/* ---- what differs ---- */

static bool
differs(const struct conf *a, const struct conf *b, const struct setting *s)
{
	OWNED(json_t, one, json_decrefp) = value_json(a, s);
	OWNED(json_t, other, json_decrefp) = value_json(b, s);

	return !json_equal(one, other);
}

enum err
verb_config_diff(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	json_t *list = json_array();
	struct next_settings next;

	(void)args;
	*data = json_object();
	json_put(*data, "settings", list);
	TRY(read_next(d, &next));
	for (const struct setting *s = daftard_settings; s->name != NULL; s++) {
		json_t *o;

		if (!differs(d->conf, next.conf, s))
			continue;
		o = setting_json(d->conf, s);
		json_put(o, "file", value_json(next.conf, s));
		put_origin(next.conf, s, o);
		json_add(list, o);
	}
	settings_drop(&next);
	return E_OK;
}

/* Whose key is which: the files of `officer-keys' are read with the settings. */
static bool
keys_differ(const struct officers *a, const struct officers *b)
{
	if (a->n_keys != b->n_keys)
		return true;
	for (size_t i = 0; i < a->n_keys; i++)
		if (memcmp(a->keys[i].key, b->keys[i].key, CURVE_KEY_SIZE) != 0 ||
			a->list[a->keys[i].person].uid != b->list[b->keys[i].person].uid)
			return true;
	return false;
}

/* Which settings of this effect the next configuration changes, with commas. */
static void
list_changed(const struct daftard *d, enum setting_effect effect, struct buf *out)
{
	for (const struct setting *s = daftard_settings; s->name != NULL; s++)
		if (s->effect == effect && differs(d->conf, d->next.conf, s))
			buf_printf(out, "%s%s", out->size > 0 ? "," : "", s->name);
	if (effect == SET_AT_RELOAD && keys_differ(&d->officers, &d->next.officers))
		buf_printf(out, "%sofficer-keys", out->size > 0 ? "," : "");
	buf_add(out, "", 1);
}

/* ---- putting it into force ---- */

static json_t *
names_json(const char *names)
{
	OWNED(char, copy, free_chars) = xstrdup(names);
	json_t *list = json_array();
	char *rest, *name;

	for (name = strtok_r(copy, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest))
		json_add(list, json_string(name));
	return list;
}

enum err
verb_config_reload(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	OWNED_BUF(now) = {0};
	OWNED_BUF(later) = {0};
	enum err e;

	settings_drop(&d->next);
	TRY(read_next(d, &d->next));
	list_changed(d, SET_AT_RELOAD, &now);
	list_changed(d, SET_AT_RESTART, &later);
	e = change_ask(d, CHANGE_SETTINGS, (const char *)now.data, args, data);
	settings_drop(&d->next);
	if (e != E_OK)
		return e;
	json_put(*data, "reloaded", names_json((const char *)now.data));
	json_put(*data, "restart", names_json((const char *)later.data));
	return E_OK;
}

enum err
make_reload(struct daftard *d, struct store_txn *t, const struct change *c, const json_t *args,
	json_t *data)
{
	(void)t;
	(void)c;
	(void)args;
	(void)data;
	return d->next.conf != NULL ? E_OK : E_STATE;
}

void
reloaded(struct daftard *d, const struct change *c, const json_t *args)
{
	(void)args;
	if (settings_adopt(d, &d->next) != E_OK)
		log_line(LOG_ERROR,
			"change=%llu settings are not in force: the control socket's "
			"mode cannot be set",
			(unsigned long long)c->number);
}

static void
note_hup(struct daftard *d, const char *subject)
{
	struct change c = {.kind = CHANGE_SETTINGS,
		.state = CHANGE_DONE,
		.proposed = instant_now(),
		.by = "signal HUP",
		.reason = "signal HUP"};
	struct store_txn *t;
	enum err e;

	c.decided = c.proposed;
	snprintf(c.subject, sizeof c.subject, "%s", subject);
	group_end(d);
	t = store_begin(d->store);
	store_add_change(t, &c, bytes_of(NULL, 0));
	e = daftard_commit(d, &t);
	if (e != E_OK)
		log_line(LOG_WARNING, "change not written down code=%s", err_word(e));
}

void
config_hup(struct daftard *d)
{
	OWNED_BUF(now) = {0};
	OWNED_BUF(later) = {0};

	settings_drop(&d->next);
	if (settings_read(d, NULL, stderr, &d->next) != E_OK) {
		log_line(LOG_ERROR, "configuration: what was in force still is; see above, mend "
				    "it, send HUP again");
		return;
	}
	list_changed(d, SET_AT_RELOAD, &now);
	list_changed(d, SET_AT_RESTART, &later);
	if (now.size > 1)
		note_hup(d, (const char *)now.data);
	if (settings_adopt(d, &d->next) != E_OK)
		log_line(LOG_ERROR, "configuration: not in force code=%s", err_word(E_IO));
	else
		log_line(LOG_NOTICE, "configuration in force, changed=%s restart=%s",
			(const char *)now.data, (const char *)later.data);
	settings_drop(&d->next);
}

/* ---- the log's level ---- */

enum err
verb_log_level(void *context, const json_t *args, json_t **data)
{
	const char *word = json_string_value(json_object_get(args, "level"));
	struct daftard *d = context;
	enum log_level level;

	if (settings_level(word, &level) != E_OK) {
		control_explain(d->control,
			"log.level: `level' is error, warning, notice or detail; it stays as it "
			"was");
		return E_USAGE;
	}
	TRY(change_ask(d, CHANGE_LOG_LEVEL, word, args, data));
	json_put_text(*data, "level", word);
	return E_OK;
}

enum err
make_log_level(struct daftard *d, struct store_txn *t, const struct change *c, const json_t *args,
	json_t *data)
{
	enum log_level level;

	(void)d;
	(void)t;
	(void)args;
	(void)data;
	return settings_level(c->subject, &level);
}

void
log_level_changed(struct daftard *d, const struct change *c, const json_t *args)
{
	enum log_level level;

	(void)d;
	(void)args;
	if (settings_level(c->subject, &level) == E_OK)
		log_level_set(level);
}
