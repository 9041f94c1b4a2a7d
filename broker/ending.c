/* SPDX-License-Identifier: EUPL-1.2
 *
 * The steps of warning, and what is said. */
#include "broker/ending.h"

#include <stdio.h>
#include <string.h>

static const int64_t thresholds[] = {7, 30, 90}; /* days */

int64_t
ending_threshold(const struct trust_expiry *x, int64_t list_life, int64_t now)
{
	if (x->until <= now)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(thresholds); i++)
		if (x->until - now <= thresholds[i] * DAY_MS)
			return x->what == EXPIRY_LIST && thresholds[i] * DAY_MS > list_life / 2
				       ? -1
				       : thresholds[i];
	return -1;
}

void
ending_describe(const struct trust_expiry *x, int64_t threshold, char out[ENDING_TEXT_SIZE])
{
	char until[INSTANT_TEXT_SIZE], whose[64] = "the realm";

	instant_format(x->until, until);
	if (x->party.code[0] != '\0')
		snprintf(whose, sizeof whose, "%s", x->party.code);
	else if (x->country[0] != '\0')
		snprintf(whose, sizeof whose, "%s", x->country);
	if (x->what == EXPIRY_LIST)
		snprintf(out, ENDING_TEXT_SIZE, "the trust list ");
	else
		snprintf(out, ENDING_TEXT_SIZE, "a certificate (%s) of %s ", expiry_word(x->what),
			whose);
	if (threshold == 0)
		snprintf(out + strlen(out), ENDING_TEXT_SIZE - strlen(out), "has ended at %s",
			until);
	else
		snprintf(out + strlen(out), ENDING_TEXT_SIZE - strlen(out),
			"ends within %lld days, at %s", (long long)threshold, until);
}
