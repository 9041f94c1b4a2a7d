/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files as a maildir treats them: written aside, made durable, moved into place. Whatever the
 * moment of a crash, new/ holds whole entries only, and the number that was being given is found
 * again by the key that it was reserved for, so that a paper register keeps no gap. */
#include "adapters/folder_register.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/row.h"
#include "adapters/names.h"
#include "lib/file.h"
#include "lib/log.h"

#define FILE_MAX (64u * 1024 * 1024)
/* How far back an interrupted reservation is looked for. An older one would leave a gap in the
 * numbers, never a second entry. */
#define RESERVED_LOOK_BACK 4096

enum err
folder_failed(const char *what, const char *name)
{
	log_line(LOG_WARNING, "register folder: cannot %s %s: %s", what, name, strerror(errno));
	return E_REGISTER;
}

/* ---- opening ---- */

static int
open_dir(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static enum err
sub_folder(const struct folder *f, const char *name, bool make, int *out)
{
	if (make && mkdirat(f->root, name, 0700) != 0 && errno != EEXIST)
		return folder_failed("make", name);
	*out = open_dir(f->root, name);
	if (*out < 0 && (make || errno != ENOENT))
		return folder_failed("open", name);
	return E_OK;
}

static enum err
take_lock(struct folder *f, enum folder_lock how)
{
	int kind = how == FOLDER_WRITE ? LOCK_EX : LOCK_SH;

	f->lock = openat(f->root, ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->lock < 0)
		return folder_failed("open", ".lock");
	if (flock(f->lock, kind | LOCK_NB) == 0)
		return E_OK;
	return errno == EWOULDBLOCK ? E_LOCKED : folder_failed("lock", ".lock");
}

static enum err
open_folders(struct folder *f, enum folder_lock how)
{
	bool make = how == FOLDER_WRITE;

	if (how != FOLDER_LOOK)
		TRY(take_lock(f, how));
	TRY(sub_folder(f, "tmp", make, &f->tmp));
	TRY(sub_folder(f, "new", make, &f->new));
	return sub_folder(f, "numbers", make, &f->numbers);
}

enum err
folder_begin(const char *path, enum folder_lock how, struct folder *f)
{
	enum err e;

	*f = (struct folder){-1, -1, -1, -1, -1};
	f->root = open_dir(AT_FDCWD, path);
	if (f->root < 0)
		return folder_failed("open", path);
	e = open_folders(f, how);
	if (e != E_OK)
		folder_end(f);
	return e;
}

void
folder_end(struct folder *f)
{
	close_fd(&f->lock);
	close_fd(&f->numbers);
	close_fd(&f->new);
	close_fd(&f->tmp);
	close_fd(&f->root);
	*f = (struct folder){-1, -1, -1, -1, -1};
}

/* ---- files ---- */

enum err
folder_read(int dir, const char *name, struct buf *out)
{
	OWNED_FD(fd) = dir < 0 ? -1 : openat(dir, name, O_RDONLY | O_CLOEXEC);
	enum err e;

	if (fd < 0)
		return dir < 0 || errno == ENOENT ? E_OK : folder_failed("read", name);
	e = file_read_from(fd, FILE_MAX, out);
	if (e == E_TOO_LARGE)
		errno = EFBIG;
	return e == E_OK ? E_OK : folder_failed("read", name);
}

/* Writes a file anew, or, with O_EXCL, only if there is none; made durable with its name. */
static enum err
write_file(int dir, const char *name, int flags, struct bytes v)
{
	OWNED_FD(fd) = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600);

	if (fd < 0)
		return folder_failed("write", name);
	return file_write_to(fd, v) == E_OK && fsync(dir) == 0 ? E_OK
							       : folder_failed("write", name);
}

static enum err
move_in(const struct folder *f, const char *name)
{
	if (renameat(f->tmp, name, f->new, name) != 0)
		return folder_failed("move", name);
	return fsync(f->new) == 0 ? E_OK : folder_failed("write", "new");
}

enum err
folder_store(const struct folder *f, const char *key, struct bytes csv, struct bytes xml)
{
	OWNED(char, csv_name, free_chars) = xprintf("%s.csv", key);
	OWNED(char, xml_name, free_chars) = xprintf("%s.xml", key);

	TRY(write_file(f->tmp, csv_name, O_TRUNC, csv));
	TRY(write_file(f->tmp, xml_name, O_TRUNC, xml));
	TRY(move_in(f, csv_name));
	return move_in(f, xml_name);
}

/* ---- what was made ---- */

enum err
folder_made(const struct folder *f, const char *key, struct made *made)
{
	struct id message;

	return folder_made_by(f, key, made, &message);
}

enum err
folder_made_by(const struct folder *f, const char *key, struct made *made, struct id *message)
{
	OWNED(char, csv_name, free_chars) = xprintf("%s.csv", key);
	OWNED(char, xml_name, free_chars) = xprintf("%s.xml", key);
	struct buf text = {0};
	struct csv c;
	struct row r;
	bool whole, bad;

	if (f->new < 0 || faccessat(f->new, xml_name, F_OK, 0) != 0)
		return f->new < 0 || errno == ENOENT ? E_NOT_FOUND
						     : folder_failed("look for", xml_name);
	TRY(folder_read(f->new, csv_name, &text));
	csv_open(&c, &text, ",");
	whole = row_next(&c, &r, &bad);
	if (!whole || !id_parse(row_text(&r, "message"), message))
		memset(message, 0, sizeof *message);
	if (whole)
		made_fill(made, row_text(&r, "entry_number"), row_text(&r, "entered_on"),
			row_text(&r, "entered_as"));
	csv_close(&c);
	if (whole && made->entry_number[0] != '\0')
		return E_OK;
	log_line(LOG_ERROR, "register folder: new/%s is damaged: the entry of %s.xml is not in it",
		csv_name, key);
	return E_REGISTER;
}

/* ---- numbers ---- */

/* Fresh directory streams, so that the folder's own descriptor keeps its place. */
static DIR *
list(int dir)
{
	int fd = open_dir(dir, ".");
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (d == NULL)
		close_fd(&fd);
	return d;
}

static enum err
greatest_number(int numbers, uint64_t *out)
{
	DIR *d = list(numbers);
	struct dirent *e;

	if (d == NULL)
		return folder_failed("list", "numbers");
	*out = 0;
	while ((e = readdir(d)) != NULL) {
		char *end;
		uint64_t n = strtoull(e->d_name, &end, 10);

		if (*end == '\0' && n > *out)
			*out = n;
	}
	closedir(d);
	return E_OK;
}

static void
number_name(uint64_t n, char out[24])
{
	snprintf(out, 24, "%06llu", (unsigned long long)n);
}

/* Is number n free for this key? A reservation that was cut off before its key was whole is
 * nobody's; a file that is not there says nothing: somebody took it away. */
static enum err
number_holder(const struct folder *f, uint64_t n, const char *key, bool *ours)
{
	struct buf held = {0};
	char name[24];
	enum err e;

	*ours = false;
	number_name(n, name);
	if (faccessat(f->numbers, name, F_OK, 0) != 0)
		return E_OK;
	e = folder_read(f->numbers, name, &held);
	*ours = held.size < DIGEST_TEXT_SIZE - 1 ||
		memcmp(held.data, key, DIGEST_TEXT_SIZE - 1) == 0;
	buf_free(&held);
	return e;
}

enum err
folder_reserve(const struct folder *f, const char *key, uint64_t *number)
{
	OWNED(char, line, free_chars) = xprintf("%s\n", key);
	uint64_t top = 0, last;
	char name[24];

	TRY(greatest_number(f->numbers, &top));
	last = top > RESERVED_LOOK_BACK ? top - RESERVED_LOOK_BACK : 0;
	for (*number = top; *number > last; (*number)--) {
		bool ours;

		TRY(number_holder(f, *number, key, &ours));
		if (!ours)
			continue;
		number_name(*number, name);
		return write_file(f->numbers, name, O_TRUNC, bytes_of(line, strlen(line)));
	}
	*number = top + 1;
	number_name(*number, name);
	return write_file(f->numbers, name, O_EXCL, bytes_of(line, strlen(line)));
}

enum err
folder_each_new(const struct folder *f, folder_visit *each, void *context)
{
	enum err failed = E_OK;
	struct dirent *e;
	DIR *d;

	if (f->new < 0)
		return E_OK;
	d = list(f->new);
	if (d == NULL)
		return folder_failed("list", "new");
	while (failed == E_OK && (e = readdir(d)) != NULL) {
		size_t size = strlen(e->d_name);

		if (size <= 4 || strcmp(e->d_name + size - 4, ".xml") != 0)
			continue;
		e->d_name[size - 4] = '\0';
		failed = each(context, e->d_name);
	}
	closedir(d);
	return failed;
}
