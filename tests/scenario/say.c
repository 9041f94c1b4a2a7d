/* SPDX-License-Identifier: EUPL-1.2
 *
 * Says lines to a control socket exactly as they come on standard input, and prints the answers, a
 * line for a line: what daftarctl would never say.
 *
 *	say SOCKET <LINES
 *	say tcp://ADDRESS OWN.key EXCHANGE.pub <LINES	each on a connection of its own */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/control.h"

static int
reach(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0 || strlen(path) >= sizeof at.sun_path)
		return -1;
	strcpy(at.sun_path, path);
	return connect(fd, (struct sockaddr *)&at, sizeof at) == 0 ? fd : -1;
}

static int
say_from_afar(char **argv)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (control_keys(argv[2], argv[3]) != E_OK)
		return 12;
	while ((n = getline(&line, &room, stdin)) > 0) {
		OWNED_BUF(answer) = {0};

		if (control_remote_line(argv[1], bytes_of(line, (size_t)n), &answer) != E_OK)
			return 11;
		printf("%.*s\n", (int)answer.size, (const char *)answer.data);
	}
	free(line);
	return 0;
}

int
main(int argc, char **argv)
{
	int fd = argc == 2 ? reach(argv[1]) : -1;
	char *line = NULL, *answer = NULL;
	size_t room = 0, answer_room = 0;
	FILE *from;
	ssize_t n;

	if (argc == 4)
		return say_from_afar(argv);
	if (fd < 0 || (from = fdopen(dup(fd), "r")) == NULL)
		return 10;
	while ((n = getline(&line, &room, stdin)) > 0) {
		if (send(fd, line, (size_t)n, MSG_NOSIGNAL) != n ||
			getline(&answer, &answer_room, from) <= 0)
			return 11;
		fputs(answer, stdout);
	}
	free(line);
	free(answer);
	fclose(from);
	close(fd);
	return 0;
}
