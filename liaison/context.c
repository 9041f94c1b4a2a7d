/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar context': which office the commands are for. An office that is somewhere else is a link
 * with a name. Nothing here opens a spool or a key. */
#include "liaison/context.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IN_USE "context"
#define SAFE N_("nothing was changed")

/* ---- names and folders ---- */

char *
context_root(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config != NULL && config[0] == '/')
		return xprintf("%s/daftar", config);
	return xprintf("%s/.config/daftar", home != NULL ? home : "");
}

bool
context_name_ok(const char *name)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return name[0] != '\0' && name[0] != '.' && strlen(name) < CONTEXT_SIZE &&
	       strspn(name, allowed) == strlen(name);
}

char *
context_home(const char *name)
{
	OWNED(char, root, free_chars) = context_root();

	return strcmp(name, CONTEXT_DEFAULT) == 0 ? TAKE(root)
						  : xprintf("%s/contexts/%s", root, name);
}

static void
kept_name(char out[CONTEXT_SIZE])
{
	OWNED(char, root, free_chars) = context_root();
	OWNED(char, file, free_chars) = path_in(root, IN_USE);
	OWNED_BUF(text) = {0};

	if (input_read(file, 256, &text) != E_OK || text.size == 0)
		return;
	text.data[strcspn((char *)text.data, "\n")] = '\0';
	if (context_name_ok((char *)text.data))
		(void)!copy_text(out, CONTEXT_SIZE, (char *)text.data);
}

static bool
is_given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

bool
context_now(const struct options *o, char out[CONTEXT_SIZE])
{
	const char *asked = o->value[OPT_CONTEXT], *env = getenv("DAFTAR_CONTEXT");

	(void)!copy_text(out, CONTEXT_SIZE, CONTEXT_DEFAULT);
	if (is_given(o->value[OPT_HOME]))
		return false;
	if (!is_given(asked) && is_given(getenv("DAFTAR_HOME")))
		return false;
	if (!is_given(asked))
		asked = env;
	if (!is_given(asked))
		kept_name(out);
	else if (!context_name_ok(asked) || !copy_text(out, CONTEXT_SIZE, asked))
		(void)!copy_text(out, CONTEXT_SIZE, "-"); /* there is none of that name */
	return true;
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
context_each(context_visit *each, void *context)
{
	OWNED(char, root, free_chars) = context_root();
	OWNED(char, folder, free_chars) = path_in(root, "contexts");
	OWNED(char, conf, free_chars) = path_in(root, CONF_NAME);
	char **names = NULL;
	size_t n = 0;
	DIR *d = opendir(folder);

	if (access(conf, F_OK) == 0)
		each(context, CONTEXT_DEFAULT, root);
	for (struct dirent *f; d != NULL && (f = readdir(d)) != NULL;)
		if (context_name_ok(f->d_name)) {
			names = xrealloc(names, (n + 1) * sizeof *names);
			names[n++] = xstrdup(f->d_name);
		}
	if (d != NULL)
		closedir(d);
	if (n > 0)
		qsort(names, n, sizeof *names, by_name);
	for (size_t i = 0; i < n; i++) {
		OWNED(char, home, free_chars) = path_in(folder, names[i]);

		each(context, names[i], home);
		free_chars(&names[i]);
	}
	free(names);
}

/* ---- what a context is ---- */

struct told {
	struct office o;
	bool ready, listed; /* set up; its trust list is in force */
};

static void
look_at(const char *home, struct told *t)
{
	OWNED(char, file, free_chars) = path_in(home, CONF_NAME);

	memset(t, 0, sizeof *t);
	t->o.home = xstrdup(home);
	if (access(file, F_OK) != 0 || conf_load(file, office_settings, &t->o.conf) != E_OK ||
		!party_parse(conf_text(t->o.conf, "party"), &t->o.self))
		return;
	t->ready = true;
	t->listed = office_load(&t->o, NEED_TRUST) == E_OK;
}

static void
forget(struct told *t)
{
	trust_free(&t->o.trust);
	cert_free(&t->o.operator);
	conf_free(&t->o.conf);
	free_chars(&t->o.home);
}

static json_t *
json_of(const char *name, bool in_use, const struct told *t)
{
	return json_pack("{s:s s:b s:s s:b s:s* s:s* s:b}", "context", name, "inUse", in_use,
		"home", line(t->o.home), "ready", t->ready, "party",
		t->ready ? t->o.self.code : NULL, "realm",
		t->listed ? trust_realm(t->o.trust) : NULL, "training",
		t->ready && office_is_training(&t->o));
}

static void
say_context(const char *name, bool in_use, const struct told *t)
{
	if (say_in_json()) {
		say_json(json_of(name, in_use, t));
		return;
	}
	if (!t->ready)
		say("%s %-16s not set up: daftar setup --context %s\n", in_use ? "*" : " ",
			line(name), line(name));
	else if (t->listed)
		say("%s %-16s %-12s realm %s%s\n", in_use ? "*" : " ", line(name), t->o.self.code,
			line(trust_realm(t->o.trust)),
			office_is_training(&t->o) ? _(" (training)") : "");
	else
		say("%s %-16s %-12s no trust list is in force%s\n", in_use ? "*" : " ", line(name),
			t->o.self.code, office_is_training(&t->o) ? _(" (training)") : "");
}

/* ---- commands ---- */

struct listing {
	char now[CONTEXT_SIZE];
	bool by_name;
	size_t n;
};

static void
list_one(void *context, const char *name, const char *home)
{
	struct listing *l = context;
	struct told t;

	look_at(home, &t);
	l->n++;
	say_context(name, l->by_name && strcmp(name, l->now) == 0, &t);
	forget(&t);
}

enum ending
command_context_list(const struct options *o)
{
	struct listing l = {.n = 0};

	l.by_name = context_now(o, l.now);
	context_each(list_one, &l);
	if (l.n == 0)
		note("There is no office on this computer yet.\nnext: daftar setup\n");
	else if (!l.by_name)
		note("None of them is in use: --home or DAFTAR_HOME names another folder.\n");
	return END_DONE;
}

enum ending
command_context_show(const struct options *o)
{
	OWNED(char, home, free_chars) = office_home(o);
	char now[CONTEXT_SIZE];
	bool named = context_now(o, now);
	struct told t;
	bool ready;

	look_at(home, &t);
	say_context(named ? now : "-", true, &t);
	note("Its folder is %s.\n", line(home));
	ready = t.ready;
	forget(&t);
	if (ready)
		return END_DONE;
	return fail(E_NOT_FOUND, SAFE, "daftar setup, or daftar context list",
		"there is no office in %s", line(home));
}

static enum ending
bad_name(const char *name)
{
	return fail(E_USAGE, SAFE, "daftar context list",
		"%s is no name for a context: letters, digits, dots and dashes, up to 32",
		line(name));
}

static enum err
keep_name(const char *name)
{
	OWNED(char, root, free_chars) = context_root();
	OWNED(char, file, free_chars) = path_in(root, IN_USE);
	OWNED(char, text, free_chars) = xprintf("%s\n", name);

	TRY(folder_make(root));
	return file_replace(file, bytes_of(text, strlen(text)), 0600);
}

enum ending
command_context_use(const struct options *o)
{
	const char *name = o->argument[0];
	OWNED(char, home, free_chars) = NULL;
	struct told t;
	enum err e;

	if (!context_name_ok(name))
		return bad_name(name);
	home = context_home(name);
	if (!is_folder(home))
		return fail(E_NOT_FOUND, SAFE, "daftar context list",
			"there is no context %s on this computer", name);
	e = keep_name(name);
	if (e != E_OK)
		return fail(e, SAFE, "look after the disk and the folder's owner",
			"the choice cannot be kept");
	look_at(home, &t);
	say_context(name, true, &t);
	note(t.ready ? N_("Commands are for %s from now on.\nnext: daftar doctor\n")
		     : N_("Commands are for %s from now on; it is not set up.\nnext: daftar "
			  "setup\n"),
		name);
	forget(&t);
	if (is_given(getenv("DAFTAR_HOME")))
		note("But DAFTAR_HOME is set, and goes before it: unset DAFTAR_HOME\n");
	else if (is_given(getenv("DAFTAR_CONTEXT")))
		note("But DAFTAR_CONTEXT is set, and goes before it: unset DAFTAR_CONTEXT\n");
	return END_DONE;
}

/* A link to the office that is there already, or a folder for one that is still to be set up. */
static enum err
make_context(const char *home, const char *there)
{
	OWNED(char, root, free_chars) = context_root();
	OWNED(char, folder, free_chars) = path_in(root, "contexts");
	char whole[PATH_MAX];

	TRY(folder_make(folder));
	if (there == NULL)
		return folder_make(home);
	if (realpath(there, whole) == NULL)
		return E_NOT_FOUND;
	if (symlink(whole, home) != 0)
		return E_IO;
	return folder_sync(folder);
}

enum ending
command_context_add(const struct options *o)
{
	const char *name = o->argument[0], *there = o->value[OPT_HOME];
	OWNED(char, home, free_chars) = NULL;
	OWNED(char, conf, free_chars) = NULL;
	struct stat st;
	enum err e;

	if (!context_name_ok(name) || strcmp(name, CONTEXT_DEFAULT) == 0)
		return bad_name(name);
	home = context_home(name);
	if (lstat(home, &st) == 0)
		return fail(E_CONFLICT, SAFE, "daftar context list",
			"there is a context %s already", name);
	conf = path_in(there != NULL ? there : ".", CONF_NAME);
	if (there != NULL && access(conf, F_OK) != 0)
		return fail(E_NOT_FOUND, SAFE, "daftar context add NAME, without --home",
			"there is no office in %s", line(there));
	e = make_context(home, there);
	if (e != E_OK)
		return fail(e, SAFE, "look after the disk and the folder's owner",
			"the context %s cannot be made", name);
	say("%s\n", name);
	note(there != NULL ? N_("The office is the context %s from now on.\nnext: daftar context "
				"use %s\n")
			   : N_("The context %s is there and empty.\nnext: daftar setup --context "
				"%s\n"),
		name, name);
	return END_DONE;
}
