/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a disk may hold after the power went, for every moment of a recorded step, and whether
 * daftar starts again on it:
 *
 *	powercut SCENARIO RECORDED-ROOT RECORD TEMPLATE WORK BASE IMAGES SEED
 *
 * An image is what stood there before (TEMPLATE), and of the calls that were recorded up to a
 * moment: all that was synced, and of the rest a choice: nothing, everything, or, by the seed, any
 * subset of the writes, in sectors of 512 octets, and the first so many of the changes of names (a
 * journal keeps their order). The call that was under way at the moment is as unsure as the
 * others. On the image a process takes the step again and judges it, as after a kill: what was
 * acknowledged before the moment must be there. The last line is images=.. wrong=..
 *
 * With POWERCUT_DISK_LIES set no sync counts: then what was acknowledged is lost, which has to be
 * found, or this program proves nothing. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log.h"
#include "tests/crash/paper.h"
#include "tests/crash/record.h"
#include "tests/crash/step.h"

#define FILES_MAX 256
#define OPS_MAX 4096
#define SECTOR 512
#define SHOWN 10

struct op {
	struct op_head h;
	char *path, *second;
	const uint8_t *octets;
	int file;	/* which one it changes; -1: a folder */
	size_t settled; /* from this moment on it is durable */
	bool names, kept;
};

/* A file: a name may come and go, what is behind it stays. */
struct file {
	uint8_t *octets, *first; /* now, and before the step */
	size_t size, first_size;
};

struct name {
	char *path;
	int file; /* -1: a folder */
};

static struct {
	const char *root, *image;
	struct op op[OPS_MAX];
	size_t n;
	struct file file[FILES_MAX];
	int files;
	struct name first[FILES_MAX], name[FILES_MAX];
	size_t first_names, names;
	uint64_t random;
	size_t wrong;
} p;

static uint64_t
chance(uint64_t below)
{
	uint64_t z = (p.random += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

/* ---- names ---- */

static struct name *
find(const char *path)
{
	for (size_t i = 0; i < p.names; i++)
		if (strcmp(p.name[i].path, path) == 0)
			return &p.name[i];
	return NULL;
}

static void
add_name(const char *path, int file)
{
	if (p.names == FILES_MAX || p.files == FILES_MAX)
		die("powercut: too many files");
	p.name[p.names++] = (struct name){(char *)(uintptr_t)path, file};
}

static void
remove_name(const char *path)
{
	struct name *n = find(path);

	if (n != NULL)
		*n = p.name[--p.names];
}

/* One change of names; `file' is that of a new one. */
static void
change_names(const struct op *o)
{
	struct name *n = find(o->path);
	int file = n == NULL ? -1 : n->file;

	switch ((enum op_kind)o->h.kind) {
	case OP_CREATE:
		if (n == NULL)
			add_name(o->path, o->file);
		break;
	case OP_FOLDER:
		if (n == NULL)
			add_name(o->path, -1);
		break;
	case OP_RENAME:
		if (n == NULL)
			break;
		remove_name(o->path);
		remove_name(o->second);
		add_name(o->second, file);
		break;
	case OP_LINK:
		if (n != NULL)
			add_name(o->second, file);
		break;
	case OP_REMOVE:
		remove_name(o->path);
		break;
	case OP_WRITE:
	case OP_TRUNCATE:
	case OP_GROW:
	case OP_SYNC:
	case OP_KINDS:
		break;
	}
}

/* ---- contents ---- */

static void
reach(struct file *f, size_t size)
{
	if (size <= f->size)
		return;
	f->octets = xrealloc(f->octets, size);
	memset(f->octets + f->size, 0, size - f->size);
	f->size = size;
}

static void
write_octets(struct file *f, const struct op *o, bool torn)
{
	size_t done = 0;

	reach(f, o->h.offset + (torn && chance(2) ? chance(o->h.size + 1) : o->h.size));
	while (done < o->h.size) {
		size_t at = o->h.offset + done, part = SECTOR - at % SECTOR;

		if (part > o->h.size - done)
			part = o->h.size - done;
		if ((!torn || chance(2)) && at < f->size) {
			size_t fits = at + part <= f->size ? part : f->size - at;

			memcpy(f->octets + at, o->octets + done, fits);
		}
		done += part;
	}
}

static void
change_content(const struct op *o, bool torn)
{
	struct file *f = &p.file[o->file];

	if (o->h.kind == OP_WRITE) {
		write_octets(f, o, torn);
	} else if (o->h.kind == OP_GROW) {
		reach(f, o->h.offset);
	} else if (o->h.kind == OP_TRUNCATE) {
		reach(f, o->h.offset);
		f->size = o->h.offset;
	}
}

/* ---- reading the recording ---- */

static bool
is_acks(const char *path)
{
	return strcmp(path + strlen(p.root), "/acks") == 0;
}

static bool
is_names(enum op_kind kind)
{
	return kind >= OP_CREATE;
}

static void
read_record(const char *name)
{
	static struct buf b;
	const uint8_t *at;

	paper_load(name, &b);
	for (at = b.data; at < b.data + b.size && p.n < OPS_MAX; p.n++) {
		struct op *o = &p.op[p.n];

		memcpy(&o->h, at, sizeof o->h);
		at += sizeof o->h;
		o->path = strndup((const char *)at, o->h.path);
		at += o->h.path;
		o->second = strndup((const char *)at, o->h.second);
		at += o->h.second;
		o->octets = at;
		at += o->h.size;
	}
	if (p.n == OPS_MAX)
		die("powercut: too many calls");
}

/* Everything that stood there before. */
static void
read_template(const char *folder, const char *path)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	if (d == NULL)
		die("powercut: %s", folder);
	while ((e = readdir(d)) != NULL) {
		char *from = xprintf("%s/%s", folder, e->d_name);
		char *to = xprintf("%s/%s", path, e->d_name);
		struct stat st;

		if (e->d_name[0] == '.' && (e->d_name[1] == '.' || e->d_name[1] == '\0'))
			continue;
		if (stat(from, &st) != 0 || strstr(to, "/lock.mdb") != NULL)
			continue;
		add_name(to, S_ISDIR(st.st_mode) ? -1 : p.files);
		if (S_ISDIR(st.st_mode)) {
			read_template(from, to);
		} else {
			struct file *f = &p.file[p.files++];
			struct buf b = {0};

			if (st.st_size > 0)
				paper_load(from, &b);
			f->first = b.data;
			f->first_size = b.size;
		}
	}
	closedir(d);
}

static bool
is_in(const char *path, const char *folder)
{
	const char *slash = strrchr(path, '/');

	return (size_t)(slash - path) == strlen(folder) &&
	       strncmp(path, folder, strlen(folder)) == 0;
}

/* From when on is each call durable? A file's content with its next sync; a name with the sync of
 * its folder, or of any folder after a later name, since names keep their order. */
static void
settle(void)
{
	bool lies = getenv("POWERCUT_DISK_LIES") != NULL;
	size_t names = p.n + 1;

	for (size_t i = 0; i < p.n; i++) {
		struct op *o = &p.op[i];
		struct name *n;

		o->names = is_names((enum op_kind)o->h.kind);
		if (o->h.kind == OP_CREATE)
			o->file = p.files++;
		n = find(o->path);
		if (o->h.kind != OP_CREATE)
			o->file = n == NULL ? -1 : n->file;
		if (o->names)
			change_names(o);
	}
	for (size_t i = p.n; i-- > 0;) {
		struct op *o = &p.op[i];

		o->settled = is_acks(o->path) || (o->h.synced && !lies) ? i + 1 : p.n + 1;
		for (size_t s = i + 1; s < p.n && o->settled > s + 1; s++) {
			const struct op *y = &p.op[s];

			if (y->h.kind != OP_SYNC || lies)
				continue;
			if (o->names ? is_in(o->path, y->path) ||
						(o->h.second > 0 && is_in(o->second, y->path))
				     : y->file == o->file && o->file >= 0)
				o->settled = s + 1;
		}
		if (o->names) {
			o->settled = o->settled < names ? o->settled : names;
			names = o->settled;
		}
	}
}

/* ---- an image ---- */

enum choice { NOTHING, EVERYTHING, SOME };

static void
compose(size_t moment, enum choice choice)
{
	size_t unsure = 0, keep;

	for (int i = 0; i < p.files; i++) {
		struct file *f = &p.file[i];

		f->octets = xrealloc(f->octets, f->first_size + 1);
		if (f->first_size > 0)
			memcpy(f->octets, f->first, f->first_size);
		f->size = f->first_size;
	}
	memcpy(p.name, p.first, sizeof p.name);
	p.names = p.first_names;
	for (size_t i = 0; i < p.n && i <= moment; i++)
		unsure += p.op[i].names && p.op[i].settled > moment;
	keep = choice == NOTHING ? 0 : choice == EVERYTHING ? unsure : chance(unsure + 1);
	/* The call at the moment is under way; an acknowledgement is not, it has not been given. */
	for (size_t i = 0; i < p.n && i <= moment; i++) {
		const struct op *o = &p.op[i];
		bool sure = o->settled <= moment;

		if (i == moment && is_acks(o->path))
			continue;
		if (o->names && (sure || keep > 0)) {
			keep -= !sure;
			change_names(o);
		} else if (!o->names && o->file >= 0 &&
			   (sure || choice == EVERYTHING || (choice == SOME && chance(3) > 0))) {
			change_content(o, !sure && choice == SOME && chance(2) == 0);
		}
	}
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->path, ((const struct name *)b)->path);
}

static void
write_file(const char *path, const struct file *f)
{
	OWNED_FD(fd) = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	/* A name whose folder is not there is nothing. */
	if (fd < 0 || (f->size > 0 && write(fd, f->octets, f->size) != (ssize_t)f->size))
		if (errno != ENOENT)
			die("powercut: %s", path);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void
write_image(void)
{
	if ((nftw(p.image, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT) ||
		mkdir(p.image, 0700) != 0)
		die("powercut: %s", p.image);
	qsort(p.name, p.names, sizeof *p.name, by_path);
	for (size_t i = 0; i < p.names; i++) {
		OWNED(char, path, free_chars) =
			xprintf("%s%s", p.image, p.name[i].path + strlen(p.root));

		if (p.name[i].file < 0)
			(void)!mkdir(path, 0700);
		else
			write_file(path, &p.file[p.name[i].file]);
	}
}

/* ---- judging ---- */

static void
judge(const struct scenario *s, size_t moment, enum choice choice)
{
	OWNED(char, log, free_chars) = xprintf("%s.log", p.image);
	OWNED(char, show, free_chars) = xprintf("tail -n 3 '%s' | sed 's/^/    /'", log);
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		alarm(30);
		if (dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
			_exit(99);
		s->run();
		s->judge();
		exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status == 0)
		return;
	if (p.wrong++ >= SHOWN)
		return;
	printf("wrong: %s: power gone at call %zu of %zu (kind %d, %s), unsynced %s: status %x\n",
		s->name, moment, p.n, moment < p.n ? p.op[moment].h.kind : -1,
		moment < p.n ? p.op[moment].path + strlen(p.root) : "-",
		choice == NOTHING      ? "lost"
		: choice == EVERYTHING ? "kept"
				       : "mixed",
		(unsigned)status);
	fflush(stdout);
	(void)!system(show);
}

static const struct scenario *
scenario_of(const char *name)
{
	for (const struct scenario *s = store_scenarios; s->name != NULL; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	for (const struct scenario *s = party_scenarios; s->name != NULL; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	die("powercut: no scenario %s", name);
}

int
main(int argc, char **argv)
{
	const struct scenario *s;
	size_t images;

	log_open("powercut", LOG_ERROR);
	if (argc != 9)
		return fputs("usage: powercut SCENARIO RECORDED-ROOT RECORD TEMPLATE WORK BASE "
			     "IMAGES SEED\n",
			       stderr),
		       2;
	s = scenario_of(argv[1]);
	p.root = argv[2];
	p.image = step_home = xprintf("%s/image", argv[5]);
	step_base = argv[6];
	images = strtoul(argv[7], NULL, 10);
	p.random = strtoull(argv[8], NULL, 10);
	(void)step_trust(); /* read once, for all */
	read_template(argv[4], p.root);
	p.first_names = p.names;
	memcpy(p.first, p.name, sizeof p.first);
	read_record(argv[3]);
	settle();
	for (size_t i = 0; i < images; i++) {
		size_t moment = i % (p.n + 1), round = i / (p.n + 1);
		enum choice choice = round < SOME ? (enum choice)round : SOME;

		compose(moment, choice);
		write_image();
		judge(s, moment, choice);
	}
	printf("calls=%zu images=%zu wrong=%zu\n", p.n, images, p.wrong);
	return p.wrong > 0;
}
