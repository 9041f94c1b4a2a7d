/* SPDX-License-Identifier: EUPL-1.2
 *
 * A verb as one run of octets, for a thin line: its frames behind their sizes, squeezed
 * (lib/squeeze.h), where a ZMTP frame for each would cost 35 octets of its own. Which certificates
 * of the trust list stand behind the dictionary is named in front:
 *
 *	parcel = form *cert octets       form: %x00-03 so many certificates, octets are squeezed
 *	                                       %x80 octets as they are
 *	cert   = 2OCTET                  its place in the list, big-endian
 *	octets = 1*8(size frame)         size: 7 bits an octet, the lowest first, the last below 128
 */
#ifndef DAFTAR_PARCEL_H
#define DAFTAR_PARCEL_H

#include "lib/squeeze.h"
#include "lib/wire.h"

#define PARCEL_MAX (WIRE_TOTAL_MAX + 1024)
#define PARCEL_LIST_SIZE 8

/* The certificates of a trust list, as they stand in a message, in the list's order; both ends have
 * to have the same. All zero: none. */
struct parcel_certs {
	uint8_t list[PARCEL_LIST_SIZE]; /* the first octets of the SHA-256 of the trust list */
	struct bytes *text;		/* loans from `octets' */
	size_t n;
	struct buf octets;
};
void parcel_certs_clear(struct parcel_certs *c);
/* Those that stand in `list' between <tl:Sign> and </tl:Sign>. */
void parcel_certs_of(struct parcel_certs *c, struct bytes list);

/* Appends the parcel of these frames. `certs' may be NULL. */
void parcel_pack(
	const struct bytes *frame, size_t n, const struct parcel_certs *certs, struct buf *out);
/* The frames are loans from `room', whose content is replaced. False for whatever is not a parcel,
 * or is more than any verb has. */
bool parcel_open(struct bytes parcel, const struct parcel_certs *certs, struct buf *room,
	struct bytes frame[WIRE_FRAMES_MAX], size_t *n) MUST_USE;

#endif
