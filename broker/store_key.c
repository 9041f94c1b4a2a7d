/* SPDX-License-Identifier: EUPL-1.2
 *
 * The key under which every record of the store is authenticated. It stands outside of the store's
 * folder: whoever can write to the store alone, or carries a copy of it away, can not make a record
 * that passes. It is made once, and never in the place of one that is missing. */
#include "broker/store.h"

#include <errno.h>

#include "lib/log.h"

enum err
store_key(const char *file, const char *directory, uint8_t key[STORE_KEY_SIZE])
{
	enum err e = mac_key_load(file, key);

	if (e != E_NO_KEY || errno != ENOENT || store_needs_key(directory))
		return e;
	TRY(mac_key_make(file, NULL));
	log_line(LOG_NOTICE, "store: new key made, keep a copy of it away from the store");
	return mac_key_load(file, key);
}
