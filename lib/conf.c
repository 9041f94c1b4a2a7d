/* SPDX-License-Identifier: EUPL-1.2
 *
 * A program's table of settings turned into libconfuse options, and read back. libconfuse names
 * file and line of what it does not understand; what our own table demands (must be given, range)
 * is said in the same form. */
#include "lib/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <confuse.h>

#define CONF_MAX 65536
#define LETTERS "abcdefghijklmnopqrstuvwxyz-"

struct conf {
	char *file;
	unsigned *lines; /* by place in the table */
	const struct setting *settings;
	cfg_t *cfg;
	cfg_opt_t *options;
	char *folder; /* of the file, with its slash; "" for the working folder */
	char **paths; /* resolved SET_PATHs, by place in the table */
	const char ***lists;
	cfg_opt_t **inside; /* of SET_TITLED, by place in the table */
	size_t n;
};

static size_t
count_settings(const struct setting *s)
{
	size_t n = 0;

	while (s[n].name != NULL)
		n++;
	return n;
}

static cfg_opt_t
option_of(const struct setting *s, cfg_opt_t *inside)
{
	const char *text = s->fallback;

	switch (s->type) {
	case SET_TEXT:
	case SET_PATH: {
		cfg_opt_t o = CFG_STR(s->name, text, CFGF_NONE);
		return o;
	}
	case SET_NUMBER: {
		cfg_opt_t o =
			CFG_INT(s->name, text != NULL ? strtol(text, NULL, 10) : 0, CFGF_NONE);
		return o;
	}
	case SET_SWITCH: {
		cfg_opt_t o = CFG_BOOL(s->name,
			text != NULL && strcmp(text, "yes") == 0 ? cfg_true : cfg_false, CFGF_NONE);
		return o;
	}
	case SET_LIST: {
		cfg_opt_t o = CFG_STR_LIST(s->name, "{}", CFGF_NONE);
		return o;
	}
	case SET_TITLED: {
		cfg_opt_t o =
			CFG_SEC(s->name, inside, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
		return o;
	}
	}
	assert(!"a setting of no type");
	abort();
}

/* Where complaints go: libconfuse gives its callback no place for more. */
static FILE *said;

/* The options inside of a titled section. */
static cfg_opt_t *
options_inside(const struct setting *s)
{
	cfg_opt_t *o = xcalloc(count_settings(s->inside) + 1, sizeof *o); /* CFG_END is all zero */

	for (size_t i = 0; s->inside[i].name != NULL; i++) {
		assert(s->inside[i].type == SET_TEXT);
		o[i] = option_of(&s->inside[i], NULL);
	}
	return o;
}

static void
say_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	fprintf(said, "%s:%d: ", cfg->filename != NULL ? cfg->filename : "configuration",
		cfg->line);
	vfprintf(said, fmt, ap);
	fputc('\n', said);
}

static enum err
say_setting(const char *file, const struct setting *s, const char *what)
{
	fprintf(said, "%s: %s %s (%s)\n", file, s->name, what, s->sentence);
	return E_CONFIG;
}

static char *
resolve(const struct conf *c, const char *path)
{
	if (path[0] == '/' || path[0] == '\0')
		return xstrdup(path);
	return xprintf("%s%s", c->folder, path);
}

/* Checks one setting against its row and remembers what conf_text and conf_list lend out. */
static enum err
check_setting(struct conf *c, const char *file, size_t i)
{
	const struct setting *s = &c->settings[i];
	bool given = cfg_size(c->cfg, s->name) > 0 &&
		     (cfg_getopt(c->cfg, s->name)->flags & CFGF_MODIFIED) != 0;

	if (s->fallback == NULL && !given)
		return say_setting(file, s, "must be given");
	if (s->type == SET_NUMBER) {
		long v = cfg_getint(c->cfg, s->name);

		if (v < s->least || v > s->most) {
			fprintf(said, "%s: %s must be from %ld to %ld\n", file, s->name, s->least,
				s->most);
			return E_CONFIG;
		}
	}
	if (s->type == SET_PATH)
		c->paths[i] = resolve(c, cfg_getstr(c->cfg, s->name));
	if (s->type == SET_LIST) {
		unsigned n = cfg_size(c->cfg, s->name);

		c->lists[i] = xcalloc(n + 1, sizeof(char *));
		for (unsigned k = 0; k < n; k++)
			c->lists[i][k] = cfg_getnstr(c->cfg, s->name, k);
	}
	return E_OK;
}

/* libconfuse counts the lines of a comment more than once, so that everything behind it is named
 * with a wrong line. Comments are blanked before it sees them; newlines stay where they are. */
static void
blank_comments(char *text)
{
	char quote = '\0', kind = '\0';

	for (char *p = text; *p != '\0'; p++) {
		if (kind == '*' && p[0] == '*' && p[1] == '/') {
			p[0] = p[1] = ' ';
			kind = '\0';
		} else if (kind != '\0') {
			if (*p != '\n')
				*p = ' ';
			else if (kind != '*')
				kind = '\0';
		} else if (quote != '\0') {
			if (*p == '\\' && p[1] != '\0')
				p++;
			else if (*p == quote)
				quote = '\0';
		} else if (*p == '"' || *p == '\'')
			quote = *p;
		else if (*p == '#' || (p[0] == '/' && (p[1] == '/' || p[1] == '*'))) {
			kind = *p == '#' ? '#' : p[1];
			*p = ' ';
			if (kind != '#')
				*++p = ' ';
		}
	}
}

/* The file as text, or NULL with errno set. */
static char *
read_text(const char *file)
{
	FILE *f = fopen(file, "re");
	char *text;
	size_t n;

	if (f == NULL)
		return NULL;
	text = xcalloc(CONF_MAX + 1, 1);
	n = fread(text, 1, CONF_MAX + 1, f);
	if (ferror(f) || n > CONF_MAX || memchr(text, '\0', n) != NULL) {
		if (!ferror(f))
			errno = n > CONF_MAX ? EFBIG : EILSEQ;
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

/* The line of each setting; comments are blank already. */
static void
find_lines(struct conf *c, const char *text)
{
	unsigned line = 1;
	char quote = '\0';
	size_t n;

	for (const char *p = text; *p != '\0'; p += n) {
		n = quote == '\0' ? strspn(p, LETTERS) : 0;
		for (size_t i = 0; n > 0 && i < c->n; i++)
			if (strlen(c->settings[i].name) == n &&
				strncmp(p, c->settings[i].name, n) == 0 && c->lines[i] == 0)
				c->lines[i] = line;
		if (n > 0)
			continue;
		n = 1;
		if (*p == '\n')
			line++;
		else if (quote != '\0' && *p == '\\' && p[1] != '\0')
			n = 2;
		else if (quote != '\0' && *p == quote)
			quote = '\0';
		else if (quote == '\0' && (*p == '"' || *p == '\''))
			quote = *p;
	}
}

/* Parses; what is wrong in the text was said by say_error. */
static enum err
parse_text(struct conf *c, const char *given)
{
	OWNED(char, text, free_chars) = xstrdup(given);
	FILE *f;
	int result;

	if (text[0] == '\0')
		return E_OK;
	blank_comments(text);
	find_lines(c, text);
	f = fmemopen(text, strlen(text), "r");
	if (f == NULL)
		die("memory");
	free(c->cfg->filename);
	c->cfg->filename = xstrdup(c->file);
	result = cfg_parse_fp(c->cfg, f);
	fclose(f);
	return result == CFG_SUCCESS ? E_OK : E_CONFIG;
}

static struct conf *
conf_new(const char *file, const struct setting *settings)
{
	struct conf *c = xcalloc(1, sizeof *c);
	const char *slash = strrchr(file, '/');

	c->file = xstrdup(file);
	c->settings = settings;
	c->n = count_settings(settings);
	c->options = xcalloc(c->n + 1, sizeof *c->options);
	c->paths = xcalloc(c->n, sizeof *c->paths);
	c->lists = xcalloc(c->n, sizeof *c->lists);
	c->lines = xcalloc(c->n, sizeof *c->lines);
	c->inside = xcalloc(c->n, sizeof(cfg_opt_t *));
	c->folder = slash == NULL ? xstrdup("") : xprintf("%.*s", (int)(slash - file + 1), file);
	for (size_t i = 0; i < c->n; i++) {
		if (settings[i].type == SET_TITLED)
			c->inside[i] = options_inside(&settings[i]);
		c->options[i] = option_of(&settings[i], c->inside[i]);
	}
	c->cfg = cfg_init(c->options, CFGF_NONE);
	if (c->cfg == NULL)
		die("configuration");
	cfg_set_error_function(c->cfg, say_error);
	return c;
}

enum err
conf_read(const char *file, const char *text, const struct setting *settings, FILE *to,
	struct conf **out)
{
	OWNED(struct conf, c, conf_free) = conf_new(file, settings);

	said = to;
	TRY(parse_text(c, text));
	for (size_t i = 0; i < c->n; i++)
		TRY(check_setting(c, file, i));
	*out = TAKE(c);
	return E_OK;
}

enum err
conf_load(const char *file, const struct setting *settings, struct conf **out)
{
	OWNED(char, text, free_chars) = read_text(file);

	if (text == NULL) {
		fprintf(stderr, "%s: cannot be read: %s\n", file, strerror(errno));
		return E_CONFIG;
	}
	return conf_read(file, text, settings, stderr, out);
}

void
conf_free(struct conf **c)
{
	if (*c == NULL)
		return;
	for (size_t i = 0; i < (*c)->n; i++) {
		free((*c)->paths[i]);
		free((*c)->lists[i]);
		free((*c)->inside[i]);
	}
	if ((*c)->cfg != NULL)
		cfg_free((*c)->cfg);
	free((*c)->paths);
	free((*c)->lists);
	free((*c)->options);
	free((*c)->inside);
	free((*c)->folder);
	free((*c)->file);
	free((*c)->lines);
	free(*c);
	*c = NULL;
}

static size_t
place_of(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->settings[i].name, name) == 0)
			return i;
	assert(!"a setting that is not in the table");
	abort();
}

const char *
conf_text(const struct conf *c, const char *name)
{
	size_t i = place_of(c, name);
	const char *v = c->settings[i].type == SET_PATH ? c->paths[i] : cfg_getstr(c->cfg, name);

	return v == NULL || v[0] == '\0' ? NULL : v;
}

long
conf_number(const struct conf *c, const char *name)
{
	place_of(c, name);
	return cfg_getint(c->cfg, name);
}

bool
conf_switch(const struct conf *c, const char *name)
{
	place_of(c, name);
	return cfg_getbool(c->cfg, name) == cfg_true;
}

size_t
conf_list(const struct conf *c, const char *name, const char *const **items)
{
	size_t i = place_of(c, name);

	*items = (const char *const *)c->lists[i];
	return cfg_size(c->cfg, name);
}

const char *
conf_file(const struct conf *c)
{
	return c->file;
}

const struct setting *
conf_settings(const struct conf *c)
{
	return c->settings;
}

unsigned
conf_line(const struct conf *c, const char *name)
{
	return c->lines[place_of(c, name)];
}

void
conf_take(struct conf *c, struct conf *from, const char *name)
{
	size_t i = place_of(c, name);
	cfg_opt_t *ours = cfg_getopt(c->cfg, name), *theirs = cfg_getopt(from->cfg, name);
	const cfg_opt_t opt = *ours;
	char *path = c->paths[i];
	const char **list = c->lists[i];

	assert(c->settings == from->settings);
	*ours = *theirs;
	*theirs = opt;
	c->paths[i] = from->paths[i];
	from->paths[i] = path;
	c->lists[i] = from->lists[i];
	from->lists[i] = list;
	c->lines[i] = from->lines[i];
}

/* ---- telling ---- */

const char *
conf_type_word(enum setting_type type)
{
	static const char *const words[] = {[SET_TEXT] = "text",
		[SET_PATH] = "path",
		[SET_NUMBER] = "number",
		[SET_SWITCH] = "yes or no",
		[SET_LIST] = "list"};

	return (size_t)type < ARRAY_LEN(words) && words[type] != NULL ? words[type] : "section";
}

size_t
conf_titled(const struct conf *c, const char *name)
{
	place_of(c, name);
	return cfg_size(c->cfg, name);
}

const char *
conf_title(const struct conf *c, const char *name, size_t i)
{
	return cfg_title(cfg_getnsec(c->cfg, name, (unsigned)i));
}

const char *
conf_inside(const struct conf *c, const char *name, size_t i, const char *inner)
{
	const char *v = cfg_getstr(cfg_getnsec(c->cfg, name, (unsigned)i), inner);

	return v == NULL || v[0] == '\0' ? NULL : v;
}

static void
put_titled(const struct conf *c, const struct setting *s, struct buf *out)
{
	for (size_t i = 0; i < conf_titled(c, s->name); i++) {
		buf_printf(out, "%s\"%s\" {", i == 0 ? "" : ", ", conf_title(c, s->name, i));
		for (const struct setting *in = s->inside; in->name != NULL; in++)
			if (conf_inside(c, s->name, i, in->name) != NULL)
				buf_printf(out, " %s = \"%s\"", in->name,
					conf_inside(c, s->name, i, in->name));
		buf_text(out, " }");
	}
}

static void
value_of(const struct conf *c, size_t i, struct buf *out)
{
	const struct setting *s = &c->settings[i];
	const char *text;

	switch (s->type) {
	case SET_TEXT:
	case SET_PATH:
		text = conf_text(c, s->name);
		buf_printf(out, "\"%s\"", text != NULL ? text : "");
		return;
	case SET_NUMBER:
		buf_printf(out, "%ld", conf_number(c, s->name));
		return;
	case SET_SWITCH:
		buf_text(out, conf_switch(c, s->name) ? "yes" : "no");
		return;
	case SET_LIST:
		buf_text(out, "{");
		for (size_t k = 0; c->lists[i][k] != NULL; k++)
			buf_printf(out, "%s\"%s\"", k == 0 ? "" : ", ", c->lists[i][k]);
		buf_text(out, "}");
		return;
	case SET_TITLED:
		put_titled(c, s, out);
		return;
	}
}

void
conf_value(const struct conf *c, const struct setting *s, struct buf *out)
{
	value_of(c, place_of(c, s->name), out);
}

void
conf_print(const struct conf *c)
{
	for (size_t i = 0; i < c->n; i++) {
		OWNED_BUF(value) = {0};

		value_of(c, i, &value);
		printf("# %s\n%s = %.*s\n", c->settings[i].sentence, c->settings[i].name,
			(int)value.size, (const char *)value.data);
	}
}
