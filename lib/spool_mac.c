/* SPDX-License-Identifier: EUPL-1.2
 *
 * Over what the MAC of a spool's record is made, and the key that lies beside the folder: not in
 * it, so that who can write there cannot make a record that passes. */
#include "lib/spool_lmdb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

void
record_mac(struct mac *m, const char *table, struct bytes key, struct bytes value,
	uint8_t out[MAC_SIZE])
{
	const uint8_t size[4] = {(uint8_t)(key.size >> 24), (uint8_t)(key.size >> 16),
		(uint8_t)(key.size >> 8), (uint8_t)key.size};
	const struct bytes parts[] = {
		bytes_of(table, strlen(table) + 1), bytes_of(size, sizeof size), key, value};

	mac_over(m, parts, ARRAY_LEN(parts), out);
}

/* ---- the file ---- */

char *
spool_key_file(const char *directory)
{
	OWNED(char, name, free_chars) = xstrdup(directory);
	size_t n = strlen(name);
	const char *last;
	char *real;

	while (n > 1 && name[n - 1] == '/')
		name[--n] = '\0';
	last = strrchr(name, '/') != NULL ? strrchr(name, '/') + 1 : name;
	if (strcmp(last, ".") != 0 && strcmp(last, "..") != 0)
		return xprintf("%s.key", name);
	real = realpath(name, NULL);
	if (real != NULL) {
		free_chars(&name);
		name = real;
	}
	return xprintf("%s.key", name);
}

enum err
spool_key_load(const char *file, uint8_t out[MAC_KEY_SIZE])
{
	enum err e = mac_key_load(file, out);

	if (e == E_KEY_MODE)
		log_line(LOG_ERROR, "spool: %s must be a file of this user with mode 0600", file);
	if (e == E_NO_KEY && errno != ENOENT)
		log_line(LOG_ERROR, "spool: %s is not a spool's key", file);
	return e;
}

enum err
spool_key_make(const char *file, const uint8_t *key)
{
	enum err e = mac_key_make(file, key);

	if (e != E_OK)
		log_line(LOG_ERROR,
			"spool: cannot make %s, which lies beside the spool; let this user write "
			"to that folder",
			file);
	return e;
}
