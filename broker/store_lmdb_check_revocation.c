/* SPDX-License-Identifier: EUPL-1.2
 *
 * Scrub of revocation data: an item and what leads to it. The octets are not parsed here. */
#include "broker/store_lmdb.h"

#include <string.h>

const char *
check_revocation(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct revocation_item item;
	struct seq_record place;
	struct digest d;
	struct bytes der;
	struct key by;

	if (k->size != 8 || !revocation_unpack(content, &item, &der))
		return "no revocation data of ours";
	digest_of(der.data, der.size, &d);
	if (!digest_equal(&d, &item.facts.digest))
		return "its octets are others than were checked";
	by = key_revoker(item.facts.kind, &item.facts.subject);
	return table_record(run->view, T_REVOKER, &by, &place, sizeof place) == E_OK &&
			       place.seq == key_last_seq(bytes_of(k->octet, k->size))
		       ? NULL
		       : "it is not found by its subject";
}

const char *
check_revoker(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct revocation_item item;
	struct seq_record place;
	struct bytes value, der;
	struct key item_key, by;

	if (content.size != sizeof place)
		return "no subject of ours";
	memcpy(&place, content.data, sizeof place);
	item_key = key_seq(place.seq);
	if (table_get(run->view, T_REVOCATION, &item_key, &value) != E_OK ||
		!revocation_unpack(value, &item, &der))
		return "its revocation data is missing";
	by = key_revoker(item.facts.kind, &item.facts.subject);
	return k->size == by.size && memcmp(k->octet, by.octet, by.size) == 0
		       ? NULL
		       : "its revocation data is about something else";
}
