/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl crl add FILE, and what crl list prints. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "broker/ctl_command.h"
#include "lib/file.h"
#include "lib/revocation.h"

#define POLL_MS 50

static enum err
read_data(const char *name, struct buf *out)
{
	enum err e = file_read(name, REVOCATION_MAX, out);

	if (e == E_OK)
		return out->size == 0 ? E_REVOCATION : E_OK;
	return e == E_NOT_FOUND ? E_IO : e;
}

/* Asks until it was checked. */
static enum err
add(const struct options *o, const struct buf *der, json_t **data)
{
	TRY(ctl_put(o, "crl.put", buf_bytes(der)));
	TRY(ctl_call(o, "crl.add", NULL, data));
	while (json_is_true(json_object_get(*data, "running"))) {
		(void)poll(NULL, 0, POLL_MS);
		json_decrefp(data);
		*data = NULL;
		TRY(ctl_call(o, "crl.show", NULL, data));
	}
	return err_of_word(text_of(*data, "code"));
}

int
ctl_crl_add(const struct options *o, const struct command *c, json_t *args)
{
	const char *file = text_of(args, "file");
	OWNED(json_t, data, json_decrefp) = NULL;
	OWNED_BUF(der) = {0};
	enum err e;

	errno = 0;
	e = read_data(file, &der);
	if (e == E_IO && errno != 0)
		fprintf(stderr, "daftarctl: %s\n", strerror(errno));
	if (e == E_OK)
		e = add(o, &der, &data);
	if (e != E_OK)
		return ctl_complain(o, c, file, e);
	ctl_show(o, c, data);
	return 0;
}

/* ---- printing ---- */

static const struct column crl_columns[] = {
	{"country", "country", 7},
	{"kind", "kind", 4},
	{"number", "number", 10},
	{"this update", "this_update", 24},
	{"next update", "next_update", 24},
	{"age", "age", 8},
	{"too old since", "too_old_since", 0},
};

/* Ages in words. */
void
print_crls(const json_t *data)
{
	OWNED(json_t, rows, json_decrefp) = json_deep_copy(json_object_get(data, "crls"));
	json_t *row;
	char text[32];
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (json_object_get(row, "age_ms") != NULL)
			json_object_set_new(
				row, "age", json_string(age_text(number_of(row, "age_ms"), text)));
		else
			json_object_set_new(row, "too_old_since", json_string("there is none"));
	}
	print_table(rows, crl_columns, ARRAY_LEN(crl_columns));
}

void
print_crl(const json_t *data)
{
	print_field("revocation", "%s",
		strcmp(text_of(data, "code"), "OK") == 0 ? "in force" : text_of(data, "sentence"));
}
