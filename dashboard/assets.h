/* SPDX-License-Identifier: EUPL-1.2
 *
 * The style sheets, the script and the icon, served from memory: files of dashboard/assets, made
 * into C by dashboard/assets/embed. No framework, no letters from elsewhere. */
#ifndef DAFTAR_DASHBOARD_ASSETS_H
#define DAFTAR_DASHBOARD_ASSETS_H

#include <stddef.h>

struct asset {
	const char *path, *type;
	const char *digest; /* of the content, in hex: its version */
	const unsigned char *plain;
	size_t plain_size;
	const unsigned char *small; /* as gzip */
	size_t small_size;
};

const struct asset *asset_find(const char *path); /* NULL when there is none */

#endif
