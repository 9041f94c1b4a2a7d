/* SPDX-License-Identifier: EUPL-1.2
 *
 * What daftard does with a store from the command line instead of running the exchange: look for
 * damage, make a copy, and mark a copy that was put back. The first two may be done while another
 * daftard runs. */
#include "broker/daftard.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum err
daftard_store_key(const struct conf *conf, uint8_t key[STORE_KEY_SIZE])
{
	const char *set = conf_text(conf, "store-key");
	OWNED(char, file, free_chars) =
		set != NULL ? xstrdup(set) : xprintf("%s/store.key", conf_text(conf, "party-dir"));
	enum err e = store_key(file, conf_text(conf, "store"), key);

	if (e != E_OK)
		fprintf(stderr, "daftard: store key %s: %s (%s)\n", file, err_sentence(e),
			err_word(e));
	return e;
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
