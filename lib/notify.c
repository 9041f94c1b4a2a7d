/* SPDX-License-Identifier: EUPL-1.2
 *
 * One datagram to the socket that the environment names; a leading @ stands for the NUL of an
 * abstract address. Whether it arrives is the manager's affair. */
#include "lib/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base.h"

void
notify_supervisor(const char *state)
{
	OWNED_FD(fd) = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	socklen_t size;

	if (path == NULL || fd < 0 || !copy_text(to.sun_path, sizeof to.sun_path, path))
		return;
	size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (to.sun_path[0] == '@')
		to.sun_path[0] = '\0';
	(void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to, size);
}

int64_t
notify_within(void)
{
	const char *within = getenv("WATCHDOG_USEC"), *whom = getenv("WATCHDOG_PID");

	if (within == NULL || (whom != NULL && strtol(whom, NULL, 10) != (long)getpid()))
		return 0;
	return strtoll(within, NULL, 10) / 1000;
}

void
notify_well(void)
{
	if (notify_within() > 0)
		notify_supervisor("WATCHDOG=1");
}
