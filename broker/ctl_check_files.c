/* SPDX-License-Identifier: EUPL-1.2
 *
 * The lines of daftarctl check that are about files of this machine: who may read keys, and who may
 * write what decides. Where they are, daftard's settings say; a path that is not here is another
 * machine's, and makes no line. Nothing is opened but folders. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/ctl_check.h"

/* Others may not have these bits. */
static const struct {
	const char *setting, *what;
	mode_t never;
} looked_at[] = {
	{"party-dir", "keys", 0077},
	{"store", "store folder", 0077},
	{"store-key", "store key", 0177},
	{"trust-list", "trust file", 0022},
	{"operator-certificate", "operator", 0022},
	{"backup-dir", "backups", 0077},
};

static void
closedirp(DIR **d)
{
	if (*d != NULL)
		closedir(*d);
}

/* The first key of a folder that others may read, or "". */
static void
loose_key(const char *folder, char *out, size_t size)
{
	OWNED(DIR, d, closedirp) = opendir(folder);
	const struct dirent *e;
	struct stat st;

	out[0] = '\0';
	while (d != NULL && (e = readdir(d)) != NULL) {
		size_t n = strlen(e->d_name);

		if (n < 4 || strcmp(e->d_name + n - 4, ".key") != 0)
			continue;
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode) && (st.st_mode & 0177) != 0)
			(void)!copy_text(out, size, e->d_name);
	}
}

static void
look(const char *path, const char *what, mode_t never, json_t *out)
{
	OWNED(char, next, free_chars) = NULL;
	char key[256] = "";
	struct stat st;

	if (stat(path, &st) != 0)
		return;
	if ((st.st_mode & never) != 0) {
		next = xprintf("chmod %s %s",
			never == 0022	      ? "go-w"
			: S_ISDIR(st.st_mode) ? "700"
					      : "600",
			path);
		finding(out, HEALTH_FAIL, what, next, "%s: others may %s it (mode %03o)", path,
			(st.st_mode & never & 0022) != 0 ? "change" : "read",
			(unsigned)st.st_mode & 0777);
		return;
	}
	if (S_ISDIR(st.st_mode))
		loose_key(path, key, sizeof key);
	if (key[0] != '\0') {
		next = xprintf("chmod 600 %s/%s", path, key);
		finding(out, HEALTH_FAIL, what, next, "%s/%s: others may read this key", path, key);
		return;
	}
	finding(out, HEALTH_OK, what, NULL, "%s: nobody else may %s it", path,
		never == 0022 ? "change" : "read");
}

void
check_files(const struct asked *a, json_t *out)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(a->settings, "settings"), i, row)
	{
		for (size_t k = 0; k < ARRAY_LEN(looked_at); k++)
			if (strcmp(text_of(row, "name"), looked_at[k].setting) == 0 &&
				text_of(row, "value")[0] == '/')
				look(text_of(row, "value"), looked_at[k].what, looked_at[k].never,
					out);
	}
}
