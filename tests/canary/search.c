/* SPDX-License-Identifier: EUPL-1.2
 *
 * Looks for texts, in every form of forms.c, wherever something may have been left:
 *
 *	search TEXTS PLACE...
 *	search --plant TEXTS FILE	writes every text in every form there, prints how many
 *
 * TEXTS is a file of lines `label<tab>text'. A PLACE is a file, a folder with everything below it
 * (names of files too), or pid:N, a process: its memory, command line and environment. Prints a
 *line `label form place offset' for each text and form that a place holds, how often, and last how
 *much was searched. The status is 0 when nothing was found, 1 when something was, 2 when a place
 *could not be searched.
 *
 * Four octets at each place choose a bit of a small table; only where it is set are texts compared.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/canary/forms.h"

/* Shorter ones would be met by chance. */
#define NEEDLE_MIN 8
#define NEEDLE_MAX 4096
#define SLICE (4 << 20)
#define BITS 16
#define HITS_SHOWN 4

struct needle {
	char *label;
	const char *form;
	uint8_t *octets;
	size_t size;
	unsigned hits; /* in the place at hand */
	bool met;      /* anywhere */
	uint32_t next; /* of the same hash; 0: none */
};

static struct needle *needles; /* from 1 */
static size_t n_needles, n_met, room;
static uint32_t heads[1 << BITS];
static uint64_t searched, places, found;
static bool failed;

static uint32_t
hash(const uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof v);
	return v * UINT32_C(2654435761) >> (32 - BITS);
}

/* ---- what is looked for ---- */

static bool
known(const uint8_t *octets, size_t size)
{
	for (uint32_t i = heads[hash(octets)]; i != 0; i = needles[i].next)
		if (needles[i].size == size && memcmp(needles[i].octets, octets, size) == 0)
			return true;
	return false;
}

static void
add_needle(const char *label, const char *form, struct bytes octets)
{
	struct needle *n;

	if (octets.size < NEEDLE_MIN || octets.size > NEEDLE_MAX || known(octets.data, octets.size))
		return;
	if (n_needles + 2 > room) {
		room = room * 2 + 64;
		needles = xrealloc(needles, room * sizeof *needles);
	}
	n = &needles[++n_needles];
	*n = (struct needle){.label = xstrdup(label), .form = form, .size = octets.size};
	n->octets = xmalloc(octets.size);
	memcpy(n->octets, octets.data, octets.size);
	n->next = heads[hash(n->octets)];
	heads[hash(n->octets)] = (uint32_t)n_needles;
}

static void
add_text(const char *label, const char *text)
{
	OWNED_BUF(octets) = {0};
	const char *form;

	if (strlen(text) < NEEDLE_MIN)
		die("%s is too short to be told from chance", label);
	for (size_t i = 0; (form = form_make(i, bytes_of(text, strlen(text)), &octets)) != NULL;
		i++)
		add_needle(label, form, buf_bytes(&octets));
}

static void
read_texts(const char *file)
{
	char line[4096], *tab;
	FILE *f = fopen(file, "re");

	if (f == NULL)
		die("%s", file);
	errno = 0;
	while (fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		tab = strchr(line, '\t');
		if (tab == NULL)
			die("%s: a line without a tab", file);
		*tab = '\0';
		add_text(line, tab + 1);
	}
	fclose(f);
	if (n_needles == 0)
		die("%s: no texts", file);
}

/* ---- octets ---- */

static void
tell(struct needle *n, const char *place, uint64_t offset)
{
	found++;
	n_met += !n->met;
	n->met = true;
	if (n->hits++ < HITS_SHOWN)
		printf("%s %s %s %" PRIu64 "\n", n->label, n->form, place, offset);
}

/* Matches that begin in the first `size' of the octets, of which `size' + `more' can be read. */
static void
look(const uint8_t *octets, size_t size, size_t more, const char *place, uint64_t offset)
{
	for (size_t i = 0; i < size && i + NEEDLE_MIN <= size + more; i++) {
		uint32_t k = heads[hash(octets + i)];

		for (; k != 0; k = needles[k].next)
			if (needles[k].size <= size + more - i &&
				memcmp(needles[k].octets, octets + i, needles[k].size) == 0)
				tell(&needles[k], place, offset + i);
	}
	searched += size;
}

static void
new_place(void)
{
	places++;
	for (size_t i = 1; i <= n_needles; i++)
		needles[i].hits = 0;
}

/* From `from' to `until' or to the end; what cannot be read there ends it, too (some memory
 * can not). */
static void
look_through(int fd, const char *place, uint64_t from, uint64_t until)
{
	static uint8_t slice[SLICE + NEEDLE_MAX];
	size_t kept = 0;

	while (from < until) {
		size_t want = until - from < SLICE ? (size_t)(until - from) : SLICE;
		ssize_t n = pread(fd, slice + kept, want, (off_t)from);
		size_t size, tail;

		if (n <= 0)
			break;
		size = kept + (size_t)n;
		tail = size < NEEDLE_MAX ? size : NEEDLE_MAX;
		look(slice, size - tail, tail, place, from - kept);
		memmove(slice, slice + size - tail, tail);
		from += (uint64_t)n;
		kept = tail;
	}
	look(slice, kept, 0, place, from - kept);
}

static void
look_at_text(const char *text, const char *place)
{
	look((const uint8_t *)text, strlen(text), 0, place, 0);
}

/* ---- files ---- */

static void look_at(int folder, const char *name, const char *path);

static void
look_into(int fd, const char *path)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;

	if (d == NULL)
		die("%s", path);
	while ((e = readdir(d)) != NULL) {
		OWNED(char, below, free_chars) = xprintf("%s/%s", path, e->d_name);

		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			look_at(dirfd(d), e->d_name, below);
	}
	closedir(d);
}

static void
look_at_link(int folder, const char *name, const char *path)
{
	char target[4096];
	ssize_t n = readlinkat(folder, name, target, sizeof target - 1);

	if (n < 0)
		return;
	target[n] = '\0';
	look_at_text(target, path);
}

/* A socket or a pipe has a name only. */
static void
look_at(int folder, const char *name, const char *path)
{
	struct stat st;
	int fd;

	new_place();
	look_at_text(name, path);
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return; /* it has just gone */
	if (S_ISLNK(st.st_mode))
		look_at_link(folder, name, path);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return;
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno != ENOENT) {
		fprintf(stderr, "search: %s cannot be read\n", path);
		failed = true;
	}
	if (fd < 0)
		return;
	if (S_ISDIR(st.st_mode)) {
		look_into(fd, path);
		return;
	}
	look_through(fd, path, 0, UINT64_MAX);
	close(fd);
}

/* ---- processes ---- */

static int
open_of(const char *pid, const char *what)
{
	OWNED(char, path, free_chars) = xprintf("/proc/%s/%s", pid, what);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		fprintf(stderr, "search: %s cannot be read\n", path);
		failed = true;
	}
	return fd;
}

static void
look_at_part(const char *pid, const char *part)
{
	OWNED(char, place, free_chars) = xprintf("pid:%s/%s", pid, part);
	int fd = open_of(pid, part);

	new_place();
	if (fd >= 0)
		look_through(fd, place, 0, UINT64_MAX);
	close_fd(&fd);
}

static void
look_at_memory(const char *pid)
{
	OWNED(char, place, free_chars) = xprintf("pid:%s/mem", pid);
	int maps = open_of(pid, "maps"), mem = open_of(pid, "mem");
	uint64_t from, until, before = searched;
	char line[4096], may;
	FILE *f = maps >= 0 ? fdopen(maps, "r") : NULL;

	new_place();
	while (f != NULL && mem >= 0 && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %c", &from, &until, &may) == 3 &&
			may == 'r' && until <= INT64_MAX)
			look_through(mem, place, from, until);
	if (searched - before < 1 << 16) {
		fprintf(stderr, "search: the memory of process %s cannot be read\n", pid);
		failed = true;
	}
	if (f != NULL)
		fclose(f);
	close_fd(&mem);
}

static void
look_at_process(const char *pid)
{
	look_at_part(pid, "cmdline");
	look_at_part(pid, "environ");
	look_at_memory(pid);
}

static int
plant(const char *file)
{
	FILE *f = fopen(file, "we");

	if (f == NULL)
		die("%s", file);
	for (size_t i = 1; i <= n_needles; i++) {
		fwrite(needles[i].octets, 1, needles[i].size, f);
		fputc('\n', f);
	}
	if (fclose(f) != 0)
		die("%s", file);
	printf("%zu\n", n_needles);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc < 3) {
		fputs("usage: search [--plant] TEXTS PLACE...\n", stderr);
		return 2;
	}
	if (argc == 4 && strcmp(argv[1], "--plant") == 0) {
		read_texts(argv[2]);
		return plant(argv[3]);
	}
	read_texts(argv[1]);
	for (int i = 2; i < argc; i++) {
		if (strncmp(argv[i], "pid:", 4) == 0)
			look_at_process(argv[i] + 4);
		else if (access(argv[i], F_OK) == 0)
			look_at(AT_FDCWD, argv[i], argv[i]);
		else
			die("%s", argv[i]);
	}
	printf("# %" PRIu64 " octets, %" PRIu64 " places, %zu of %zu forms found\n", searched,
		places, n_met, n_needles);
	return failed ? 2 : found > 0;
}
