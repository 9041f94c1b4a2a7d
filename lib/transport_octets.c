/* SPDX-License-Identifier: EUPL-1.2
 *
 * TCP_INFO, read from the connection that libzmq told of. When the number of the file is another
 * connection's by now, its counts are lower than the last, and are left alone. */
#include "lib/transport_octets.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define HEADERS 40 /* of IPv4 and TCP, without options */

static bool
ask(int fd, struct tcp_info *info)
{
	socklen_t size = sizeof *info;

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &size) == 0;
}

void
octets_look(struct octets *o)
{
	struct tcp_info info = {0};
	uint64_t sent, received;

	if (o->open && ask(o->fd, &info)) {
		sent = info.tcpi_bytes_sent + (uint64_t)HEADERS * info.tcpi_segs_out;
		received = info.tcpi_bytes_received + (uint64_t)HEADERS * info.tcpi_segs_in;
		if (sent >= o->sent_here && received >= o->received_here) {
			o->sent_here = sent;
			o->received_here = received;
		}
	}
	o->sent = o->sent_before + o->sent_here;
	o->received = o->received_before + o->received_here;
}

void
octets_begin(struct octets *o, int fd)
{
	octets_end(o);
	o->open = true;
	o->fd = fd;
	octets_look(o);
}

void
octets_end(struct octets *o)
{
	octets_look(o);
	o->sent_before += o->sent_here;
	o->received_before += o->received_here;
	o->sent_here = o->received_here = 0;
	o->open = false;
}

uint64_t
octets_taken(const struct octets *o)
{
	struct tcp_info info = {0};

	return o->open && ask(o->fd, &info) ? info.tcpi_bytes_acked : 0;
}
