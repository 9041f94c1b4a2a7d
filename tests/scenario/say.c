/* SPDX-License-Identifier: EUPL-1.2
 *
 * Says lines to a control socket exactly as they come on standard input, and prints the answers, a
 * line for a line: what daftarctl would never say. usage: say SOCKET <LINES */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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

int
main(int argc, char **argv)
{
	int fd = argc == 2 ? reach(argv[1]) : -1;
	char *line = NULL, *answer = NULL;
	size_t room = 0, answer_room = 0;
	FILE *from;
	ssize_t n;

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
