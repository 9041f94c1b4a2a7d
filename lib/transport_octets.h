/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside a peer's transport only: what its connections have cost. The kernel counts for each;
 * libzmq closes them when it likes, so what was counted is looked at again and again. */
#ifndef DAFTAR_TRANSPORT_OCTETS_H
#define DAFTAR_TRANSPORT_OCTETS_H

#include <stdbool.h>
#include <stdint.h>

struct octets {
	bool open;
	int fd;				       /* of the connection at hand */
	uint64_t sent_here, received_here;     /* on it, up to the last look */
	uint64_t sent_before, received_before; /* on earlier ones */
	uint64_t sent, received;	       /* all together */
};

void octets_begin(struct octets *o, int fd);
void octets_look(struct octets *o);
void octets_end(struct octets *o);
/* What the other side has taken of what was sent on the connection at hand. */
uint64_t octets_taken(const struct octets *o);

#endif
