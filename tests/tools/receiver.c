/* SPDX-License-Identifier: EUPL-1.2
 *
 * A web address that takes what is posted to it: receiver FOLDER. Its port is in FOLDER/port; each
 * request, head and body, becomes FOLDER/1, FOLDER/2 .. . What it answers stands in FOLDER/answer:
 * "204" (without the file), another status, or "never". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/socket.h>

#define REQUEST_MOST ((size_t)1 << 20)

static const char *folder;

static FILE *
open_in(const char *name, const char *how)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return fopen(path, how);
}

static int
listen_somewhere(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof a;
	FILE *f;

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 8) != 0 ||
		getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		exit(1);
	f = open_in("port", "w");
	if (f == NULL || fprintf(f, "%d\n", ntohs(a.sin_port)) < 0 || fclose(f) != 0)
		exit(1);
	return fd;
}

/* All of it: as long as its head says. */
static size_t
read_request(int fd, char *all)
{
	size_t size = 0, body = 0;
	const char *end, *length;
	ssize_t n;

	while (size < REQUEST_MOST && (n = read(fd, all + size, REQUEST_MOST - size)) > 0) {
		size += (size_t)n;
		all[size] = '\0';
		end = strstr(all, "\r\n\r\n");
		length = strstr(all, "Content-Length: ");
		if (end == NULL || length == NULL)
			continue;
		body = strtoul(length + 16, NULL, 10);
		if (size >= (size_t)(end + 4 - all) + body)
			break;
	}
	return size;
}

static void
keep(int number, const char *all, size_t size)
{
	char name[32], whole[64];
	FILE *f;

	snprintf(name, sizeof name, "%d.part", number);
	f = open_in(name, "w");
	if (f == NULL || fwrite(all, 1, size, f) != size || fclose(f) != 0)
		exit(1);
	snprintf(whole, sizeof whole, "%d", number);
	if (chdir(folder) != 0 || rename(name, whole) != 0)
		exit(1);
}

/* False: it is never to be answered. */
static int
answer(int fd)
{
	char word[16] = "204", line[128];
	FILE *f = open_in("answer", "r");
	int n;

	if (f != NULL && fscanf(f, "%15s", word) != 1)
		exit(1);
	if (f != NULL)
		fclose(f);
	if (strcmp(word, "never") == 0)
		return 0;
	n = snprintf(line, sizeof line, "HTTP/1.1 %s So\r\nContent-Length: 0\r\n\r\n", word);
	return write(fd, line, (size_t)n) == n;
}

int
main(int argc, char **argv)
{
	char *all = malloc(REQUEST_MOST + 1);
	int fd;

	if (argc != 2 || all == NULL)
		return 2;
	folder = argv[1];
	fd = listen_somewhere();
	for (int number = 1;; number++) {
		int c = accept(fd, NULL, NULL);

		if (c < 0)
			return 1;
		keep(number, all, read_request(c, all));
		if (answer(c))
			close(c);
	}
}
