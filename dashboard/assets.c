/* SPDX-License-Identifier: EUPL-1.2 */
#include "dashboard/assets.h"

#include <string.h>

#include "dashboard/assets_data.h"
#include "lib/base.h"

const struct asset *
asset_find(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(assets); i++)
		if (strcmp(assets[i].path, path) == 0)
			return &assets[i];
	return NULL;
}
