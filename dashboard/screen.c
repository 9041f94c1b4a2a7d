/* SPDX-License-Identifier: EUPL-1.2 */
#include "dashboard/screen.h"

#include <string.h>

const struct screen screens[] = {
#define SCREEN(path, function, parent, roles, title) {path, function, parent, roles, title},
#include "dashboard/screens.def"
#undef SCREEN
};
const size_t n_screens = ARRAY_LEN(screens);

static const struct act acts[] = {
#define ACT(path, verb, args, roles, dry, title, sentence)                                         \
	{path, verb, args, roles, dry, title, sentence},
#include "dashboard/acts.def"
#undef ACT
};

const struct screen *
screen_find(const char *path)
{
	for (size_t i = 0; i < n_screens; i++)
		if (strcmp(screens[i].path, path) == 0)
			return &screens[i];
	return NULL;
}

const struct act *
act_find(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		if (strcmp(acts[i].path, path) == 0)
			return &acts[i];
	return NULL;
}
