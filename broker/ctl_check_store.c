/* SPDX-License-Identifier: EUPL-1.2
 *
 * The lines of daftarctl check that are about the store. */
#include <inttypes.h>
#include <string.h>

#include "broker/ctl_check.h"
#include "lib/id.h"

#define MIB (1024 * 1024)
#define DAY_MS INT64_C(86400000)
#define BACKUP_MS (2 * DAY_MS)
#define SCRUB_MS (31 * DAY_MS)
#define FORECAST_MS (30 * DAY_MS)

static void
check_room(const json_t *status, json_t *out)
{
	int64_t used = number_of(status, "store_used"), size = number_of(status, "store_size");
	int64_t percent = size > 0 ? used * 100 / size : 0, full;
	const char *more = "raise store-size in daftard.conf: daftarctl config explain store-size";
	char left[32];

	finding(out,
		percent >= 90	? HEALTH_FAIL
		: percent >= 70 ? HEALTH_WARN
				: HEALTH_OK,
		"store", percent >= 70 ? more : NULL,
		"LMDB, %" PRId64 " of %" PRId64 " MiB (%" PRId64 " %%)", used / MIB, size / MIB,
		percent);
	if (!instant_parse(text_of(status, "store_forecast"), &full))
		return;
	full -= instant_now();
	finding(out, full < FORECAST_MS ? HEALTH_WARN : HEALTH_OK, "forecast",
		full < FORECAST_MS ? more : NULL, "full in %s at the last day's rate",
		age_text(full, left));
}

/* How long ago work was done; -1: never since the start. */
static int64_t
age_of(const json_t *work)
{
	int64_t at;

	return instant_parse(text_of(work, "at"), &at) ? instant_now() - at : -1;
}

static void
check_work(const json_t *work, const char *what, int64_t most, const char *next, json_t *out)
{
	const char *code = text_of(work, "code");
	int64_t age = age_of(work);
	char text[32];

	if (json_is_true(json_object_get(work, "running")))
		finding(out, HEALTH_OK, what, NULL, "runs just now");
	else if (age < 0)
		finding(out, HEALTH_WARN, what, next, "none since daftard was started");
	else if (strcmp(code, "OK") != 0)
		finding(out, HEALTH_FAIL, what, next, "%s: %s", code,
			err_sentence(err_of_word(code)));
	else
		finding(out, age > most ? HEALTH_WARN : HEALTH_OK, what, age > most ? next : NULL,
			"%s ago, whole", age_text(age, text));
}

void
check_store(const struct asked *a, json_t *out)
{
	int64_t damaged = number_of(a->status, "damaged");

	check_room(a->status, out);
	finding(out, damaged > 0 ? HEALTH_FAIL : HEALTH_OK, "damage",
		damaged > 0 ? "daftarctl scrub, then restore: doc/OPERATIONS.md" : NULL,
		"%" PRId64 " messages cannot be carried on", damaged);
	check_work(json_object_get(a->status, "scrub"), "scrub", SCRUB_MS, "daftarctl scrub", out);
	check_work(json_object_get(a->status, "backup"), "backup", BACKUP_MS,
		"daftarctl backup NAME", out);
	finding(out, HEALTH_OK, "log", NULL, "%" PRId64 " entries, generation %" PRId64,
		number_of(a->status, "log_size"), number_of(a->status, "generation"));
}
