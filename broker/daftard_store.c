/* SPDX-License-Identifier: EUPL-1.2
 *
 * What daftard does with a store from the command line instead of running the exchange: look for
 * damage, make a copy, check a copy or put it back, and mark one that was put back by other means.
 * All but the last two may be done while another daftard runs. */
#include "broker/daftard.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No key is made where `folder' holds a store that was written under one. */
static enum err
key_for(const struct conf *conf, const char *folder, uint8_t key[STORE_KEY_SIZE])
{
	const char *set = conf_text(conf, "store-key");
	OWNED(char, file, free_chars) =
		set != NULL ? xstrdup(set) : xprintf("%s/store.key", conf_text(conf, "party-dir"));
	enum err e = store_key(file, folder, key);

	if (e != E_OK)
		fprintf(stderr, "daftard: store key %s: %s (%s)\n", file, err_sentence(e),
			err_word(e));
	return e;
}

enum err
daftard_store_key(const struct conf *conf, uint8_t key[STORE_KEY_SIZE])
{
	return key_for(conf, conf_text(conf, "store"), key);
}

bool
daftard_store_has_place(const char *folder)
{
	OWNED(char, above, free_chars) = xstrdup(folder);
	struct stat st;

	if (stat(folder, &st) == 0)
		return S_ISDIR(st.st_mode);
	return access(dirname(above), W_OK | X_OK) == 0;
}

static int
say(const char *what, const char *folder, enum err e)
{
	if (e != E_OK)
		fprintf(stderr, "daftard: %s %s: %s (%s)\n", what, folder, err_sentence(e),
			err_word(e));
	return e == E_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* No key is made for a store that is only looked at. */
static enum err
look(const struct conf *conf, struct store **out)
{
	const char *folder = conf_text(conf, "store");
	uint8_t key[STORE_KEY_SIZE];
	enum err e;

	if (!store_needs_key(folder))
		return E_NOT_FOUND;
	TRY(daftard_store_key(conf, key));
	e = store_open_copy(folder, key, out);
	explicit_bzero(key, sizeof key);
	return e;
}

static void
print(const struct scrub *scrub)
{
	printf("records=%llu damaged=%llu%s%s\n", (unsigned long long)scrub->records,
		(unsigned long long)scrub->damaged, scrub->first[0] != '\0' ? " first=" : "",
		scrub->first);
}

int
daftard_scrub(const struct conf *conf)
{
	OWNED(struct store, s, store_close) = NULL;
	struct scrub scrub = {.records = 0};
	enum err e = look(conf, &s);

	if (e == E_OK) {
		e = store_scrub(s, &scrub);
		print(&scrub);
	}
	return say("store", conf_text(conf, "store"), e);
}

int
daftard_backup(const struct conf *conf, const char *directory)
{
	OWNED(struct store, s, store_close) = NULL;
	struct scrub scrub = {.records = 0};
	enum err e = look(conf, &s);

	if (e != E_OK)
		return say("store", conf_text(conf, "store"), e);
	e = store_backup(s, directory, &scrub);
	print(&scrub);
	return say("backup", directory, e);
}

int
daftard_restored(const struct conf *conf)
{
	const char *folder = conf_text(conf, "store");
	uint8_t key[STORE_KEY_SIZE];
	enum err e;

	if (!store_needs_key(folder))
		return say("store", folder, E_NOT_FOUND);
	if (daftard_store_key(conf, key) != E_OK)
		return EXIT_FAILURE;
	e = store_restored(folder, key);
	explicit_bzero(key, sizeof key);
	if (e == E_OK)
		printf("%s: marked; the next start begins a new generation\n", folder);
	return say("store", folder, e);
}

/* ---- a copy comes back ---- */

static int
refuse_copy(const char *copy, const char *folder, enum err e)
{
	fprintf(stderr, "daftard: copy %s: %s (%s)\n  safe: %s is as it was\n", copy,
		e == E_STATE ? "there is a store already, and nothing is written over"
			     : err_sentence(e),
		err_word(e), folder);
	if (e == E_STATE)
		fprintf(stderr,
			"  next: stop daftard, move the folder away (mv %s %s.lost), and type the "
			"same again\n",
			folder, folder);
	else
		fputs("  next: try an older copy; daftard --restore COPY --check reads one without "
		      "changing anything\n",
			stderr);
	return EXIT_FAILURE;
}

static void
tell_copy(struct store *s)
{
	struct store_figures f;
	char when[INSTANT_TEXT_SIZE] = "never";

	store_figures(s, &f);
	if (store_newest(s) != 0)
		instant_format(store_newest(s), when);
	printf("messages=%llu waiting=%llu log=%llu newest=%s\n", (unsigned long long)f.messages,
		(unsigned long long)f.queued, (unsigned long long)f.log_size, when);
}

static enum err
check_copy(const char *copy, const uint8_t key[STORE_KEY_SIZE])
{
	OWNED(struct store, s, store_close) = NULL;
	struct scrub scrub = {.records = 0};
	enum err e;

	TRY(store_open_copy(copy, key, &s));
	tell_copy(s);
	e = store_scrub(s, &scrub);
	print(&scrub);
	return e;
}

static enum err
put_back(const char *copy, const char *folder, const uint8_t key[STORE_KEY_SIZE])
{
	struct scrub scrub = {.records = 0};
	enum err e = store_put_back(copy, folder, key, &scrub);

	print(&scrub);
	if (e == E_OK)
		printf("%s: whole, in place, and marked; the next start begins a new generation\n"
		       "next: start daftard, then: daftarctl reconcile show\n",
			folder);
	return e;
}

int
daftard_restore(const struct conf *conf, const char *copy, bool only_check)
{
	const char *folder = conf_text(conf, "store");
	uint8_t key[STORE_KEY_SIZE];
	enum err e;

	if (!store_needs_key(copy))
		return refuse_copy(copy, folder, E_NOT_FOUND);
	if (store_needs_key(folder) && !only_check)
		return refuse_copy(copy, folder, E_STATE);
	if (key_for(conf, copy, key) != E_OK)
		return EXIT_FAILURE;
	e = only_check ? check_copy(copy, key) : put_back(copy, folder, key);
	explicit_bzero(key, sizeof key);
	return e == E_OK ? EXIT_SUCCESS : refuse_copy(copy, folder, e);
}
