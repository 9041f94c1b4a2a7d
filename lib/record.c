/* SPDX-License-Identifier: EUPL-1.2
 *
 * What belongs to no one paper: a name for people, and the key under which a birth is entered at
 * most once. */
#include <string.h>

#include "lib/record.h"

const char *
name_full(const struct name *n)
{
	for (const struct name_form *f = n->forms; f != NULL; f = f->next)
		if (f->authoritative && f->full != NULL)
			return f->full;
	return "";
}

static void
put_sized(struct buf *b, const char *text, size_t size)
{
	buf_u32(b, (uint32_t)size);
	buf_add(b, text, size);
}

/* The year's four characters of the EDTF value as they stand ("2024", "199X"); none where the date
 * is not known. */
static size_t
year_size(const struct record_date *d)
{
	return d == NULL || d->value == NULL ? 0 : strspn(d->value, "0123456789X");
}

void
record_key(struct bytes pair_secret, const struct party *receiver, const char *issuing_country,
	const struct register_entry *entry, struct digest *out)
{
	OWNED_BUF(b) = {0};
	size_t year = year_size(entry->registered_on);

	put_sized(&b, receiver->code, strlen(receiver->code));
	put_sized(&b, issuing_country, strlen(issuing_country));
	put_sized(&b, entry->office, strlen(entry->office));
	put_sized(&b, entry->number, strlen(entry->number));
	put_sized(&b, year == 0 ? "" : entry->registered_on->value, year);
	put_sized(&b, "birth", strlen("birth"));
	digest_hmac(pair_secret, buf_bytes(&b), out);
}
