/* SPDX-License-Identifier: EUPL-1.2
 *
 * liblmdb in memory: the part of its interface that daftar uses, over treaps whose nodes are shared
 * between images and counted. A node that only one image holds is changed in place, any other is
 * copied on the way down, so a transaction costs what it changes and an old image costs nothing
 * until it differs. The priority of a node is a hash of its key: the shape of a tree, and so every
 * walk, depends on its content alone.
 *
 * Sizes are told as LMDB would tell them, roughly: what fills a map is refused like there. */
#include <lmdb.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base.h"
#include "tests/sim/disk.h"

#define PAGE 4096
#define TREES 64
#define NAME_SIZE 24
#define KEY_MAX 511

int (*disk_commit)(const char *folder, bool done);

/* ---- trees ---- */

struct item {
	uint32_t refs;
	uint32_t key_size;
	size_t size;
	uint8_t octet[]; /* key, then value at the next multiple of eight */
};

struct node {
	uint32_t refs;
	uint32_t priority;
	struct item *item;
	struct node *left, *right;
};

struct tree {
	char name[NAME_SIZE];
	struct node *root;
	size_t entries, octets;
};

struct image {
	uint32_t refs;
	unsigned n;	   /* trees, the first two of which are LMDB's own */
	size_t number;	   /* of the transaction that made it */
	uint64_t stamp[2]; /* stand for the two heads of the file */
	struct tree tree[TREES];
};

static size_t memory;

static void *
take_memory(size_t size)
{
	void *p = xmalloc(size);

	memory += malloc_usable_size(p);
	return p;
}

static void
give_memory(void *p)
{
	memory -= malloc_usable_size(p);
	free(p);
}

size_t
disk_memory(void)
{
	return memory;
}

static size_t
value_at(const struct item *i)
{
	return (i->key_size + 7) / 8 * 8;
}

static struct item *
item_new(const MDB_val *key, const MDB_val *value, bool reserve)
{
	size_t at = (key->mv_size + 7) / 8 * 8;
	struct item *i = take_memory(sizeof *i + at + value->mv_size);

	i->refs = 1;
	i->key_size = (uint32_t)key->mv_size;
	i->size = value->mv_size;
	memcpy(i->octet, key->mv_data, key->mv_size);
	if (!reserve && value->mv_size > 0)
		memcpy(i->octet + at, value->mv_data, value->mv_size);
	return i;
}

static void
item_drop(struct item *i)
{
	if (--i->refs == 0)
		give_memory(i);
}

static void
node_drop(struct node *n)
{
	if (n == NULL || --n->refs > 0)
		return;
	node_drop(n->left);
	node_drop(n->right);
	item_drop(n->item);
	give_memory(n);
}

static struct node *
node_hold(struct node *n)
{
	if (n != NULL)
		n->refs++;
	return n;
}

/* The node at *at, to be changed: ours alone. */
static struct node *
own(struct node **at)
{
	struct node *n = *at, *copy;

	if (n->refs == 1)
		return n;
	copy = take_memory(sizeof *copy);
	*copy = *n;
	copy->refs = 1;
	copy->item->refs++;
	(void)node_hold(copy->left);
	(void)node_hold(copy->right);
	n->refs--;
	*at = copy;
	return copy;
}

static int
compare(const MDB_val *key, const struct item *i)
{
	size_t n = key->mv_size < i->key_size ? key->mv_size : i->key_size;
	int c = memcmp(key->mv_data, i->octet, n);

	if (c != 0)
		return c;
	return (key->mv_size > i->key_size) - (key->mv_size < i->key_size);
}

static uint32_t
hash(const MDB_val *key)
{
	const uint8_t *p = key->mv_data;
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < key->mv_size; i++)
		h = (h ^ p[i]) * 0x100000001b3;
	h ^= h >> 32;
	return (uint32_t)(h * 0x9e3779b1 >> 7);
}

static struct item *
find(const struct tree *t, const MDB_val *key)
{
	const struct node *n = t->root;

	while (n != NULL) {
		int c = compare(key, n->item);

		if (c == 0)
			return n->item;
		n = c < 0 ? n->left : n->right;
	}
	return NULL;
}

/* The first whose key is not smaller; with `after', greater. */
static struct item *
find_from(const struct tree *t, const MDB_val *key, bool after)
{
	const struct node *n = t->root;
	struct item *best = NULL;

	while (n != NULL) {
		int c = compare(key, n->item);

		if (c < 0 || (c == 0 && !after)) {
			best = n->item;
			n = n->left;
		} else
			n = n->right;
	}
	return best;
}

/* The last whose key is smaller; NULL key: the last of all. */
static struct item *
find_before(const struct tree *t, const MDB_val *key)
{
	const struct node *n = t->root;
	struct item *best = NULL;

	while (n != NULL)
		if (key == NULL || compare(key, n->item) > 0) {
			best = n->item;
			n = n->right;
		} else
			n = n->left;
	return best;
}

static struct item *
find_first(const struct tree *t)
{
	const struct node *n = t->root;

	while (n != NULL && n->left != NULL)
		n = n->left;
	return n == NULL ? NULL : n->item;
}

static void
turn_right(struct node **at)
{
	struct node *n = *at, *l = own(&n->left);

	n->left = l->right;
	l->right = n;
	*at = l;
}

static void
turn_left(struct node **at)
{
	struct node *n = *at, *r = own(&n->right);

	n->right = r->left;
	r->left = n;
	*at = r;
}

static void
insert(struct tree *t, struct node **at, const MDB_val *key, struct item *item)
{
	struct node *n = *at;
	int c;

	if (n == NULL) {
		n = *at = take_memory(sizeof *n);
		*n = (struct node){.refs = 1, .priority = hash(key), .item = item};
		t->entries++;
		t->octets += item->key_size + item->size;
		return;
	}
	n = own(at);
	c = compare(key, n->item);
	if (c == 0) {
		t->octets += item->size - n->item->size;
		item_drop(n->item);
		n->item = item;
		return;
	}
	insert(t, c < 0 ? &n->left : &n->right, key, item);
	if (c < 0 && n->left->priority > n->priority)
		turn_right(at);
	else if (c > 0 && n->right->priority > n->priority)
		turn_left(at);
}

/* The node sinks until it has no child on one side, and leaves. */
static void
sink(struct node **at)
{
	struct node *n = own(at);

	while (n->left != NULL && n->right != NULL) {
		if (n->left->priority > n->right->priority) {
			turn_right(at);
			at = &(*at)->right;
		} else {
			turn_left(at);
			at = &(*at)->left;
		}
	}
	*at = n->left != NULL ? n->left : n->right;
	n->left = n->right = NULL;
	node_drop(n);
}

static void
extract(struct tree *t, const MDB_val *key)
{
	struct node **at = &t->root;
	int c;

	while ((c = compare(key, (*at)->item)) != 0) {
		struct node *n = own(at);

		at = c < 0 ? &n->left : &n->right;
	}
	t->entries--;
	t->octets -= (*at)->item->key_size + (*at)->item->size;
	sink(at);
}

/* ---- images and disks ---- */

static struct image *
image_new(void)
{
	struct image *i = take_memory(sizeof *i);

	memset(i, 0, sizeof *i);
	i->refs = 1;
	i->n = 2;
	return i;
}

static struct image *
image_copy(const struct image *from)
{
	struct image *i = take_memory(sizeof *i);

	memcpy(i, from, offsetof(struct image, tree) + from->n * sizeof from->tree[0]);
	i->refs = 1;
	for (unsigned k = 0; k < i->n; k++)
		(void)node_hold(i->tree[k].root);
	return i;
}

void
disk_let_go(struct image **image)
{
	struct image *i = TAKE(*image);

	if (i == NULL || --i->refs > 0)
		return;
	for (unsigned k = 0; k < i->n; k++)
		node_drop(i->tree[k].root);
	give_memory(i);
}

struct disk {
	struct disk *next;
	struct image *image;
	unsigned filled; /* percent */
	size_t map_size; /* as it was opened last */
	char folder[];
};

struct MDB_txn {
	struct MDB_txn *next, *parent;
	MDB_env *env;
	struct image *image; /* NULL: over */
	bool write, full, dirty;
};

struct MDB_env {
	MDB_env *next;
	struct disk *disk; /* NULL: not open, or dead */
	struct MDB_txn *txns;
	size_t map_size;
	int fd;
};

struct MDB_cursor {
	MDB_txn *txn;
	MDB_dbi dbi;
	bool placed;
	uint8_t key[KEY_MAX];
	size_t size;
};

static struct disk *disks;
static MDB_env *envs;

static struct disk *
disk_find(const char *folder)
{
	for (struct disk *d = disks; d != NULL; d = d->next)
		if (strcmp(d->folder, folder) == 0)
			return d;
	return NULL;
}

static struct disk *
disk_of(const char *folder)
{
	struct disk *d = disk_find(folder);

	if (d != NULL)
		return d;
	d = xcalloc(1, sizeof *d + strlen(folder) + 1);
	strcpy(d->folder, folder);
	d->image = image_new();
	d->next = disks;
	disks = d;
	return d;
}

struct image *
disk_hold(const char *folder)
{
	struct disk *d = disk_find(folder);

	if (d == NULL)
		return NULL;
	d->image->refs++;
	return d->image;
}

void
disk_fill(const char *folder, unsigned percent)
{
	disk_of(folder)->filled = percent;
}

static void
txn_over(MDB_txn *t)
{
	disk_let_go(&t->image);
}

/* ---- the file ---- */

/* The heads are in the file, where spool and store look at them: anything, and last the number of
 * the transaction. Nothing else is in the file. */
static void
write_head(int fd, const struct image *i, size_t which)
{
	uint64_t head[19];

	for (size_t k = 0; k < ARRAY_LEN(head); k++)
		head[k] = i->stamp[which] + k * 0x9e3779b97f4a7c15;
	head[ARRAY_LEN(head) - 1] = i->number;
	if ((i->number & 1) != which && i->number > 0)
		head[ARRAY_LEN(head) - 1]--;
	if (pwrite(fd, head, sizeof head, (off_t)(which * PAGE)) != (ssize_t)sizeof head)
		die("a head");
}

static void
next_head(struct image *i)
{
	size_t octets = 0;

	for (unsigned k = 0; k < i->n; k++)
		octets += i->tree[k].octets;
	i->number++;
	i->stamp[i->number & 1] =
		(i->stamp[~i->number & 1] + i->number + octets) * 0xd1342543de82ef95 + 1;
}

static size_t image_pages(const struct image *i);

static int
write_file(const char *folder, const struct image *i)
{
	char file[PATH_MAX];
	int fd;

	if (snprintf(file, sizeof file, "%s/data.mdb", folder) >= (int)sizeof file)
		return ENAMETOOLONG;
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)(image_pages(i) * PAGE)) != 0)
		return errno;
	write_head(fd, i, 0);
	write_head(fd, i, 1);
	close(fd);
	return 0;
}

void
disk_put(const char *folder, struct image *image)
{
	struct disk *d = disk_of(folder);

	disk_let_go(&d->image);
	d->image = image_copy(image);
	if (write_file(folder, d->image) != 0)
		die("%s", folder);
}

/* ---- environments ---- */

int
mdb_env_create(MDB_env **env)
{
	*env = xcalloc(1, sizeof **env);
	(*env)->fd = -1;
	(*env)->next = envs;
	envs = *env;
	return 0;
}

int
mdb_env_set_mapsize(MDB_env *env, size_t size)
{
	if (size > 0)
		env->map_size = size;
	return 0;
}

int
mdb_env_set_maxdbs(MDB_env *env, MDB_dbi n)
{
	(void)env;
	return n + 2 <= TREES ? 0 : EINVAL;
}

int
mdb_env_set_maxreaders(MDB_env *env, unsigned n)
{
	(void)env;
	(void)n;
	return 0;
}

int
mdb_env_set_assert(MDB_env *env, MDB_assert_func *f)
{
	(void)env;
	(void)f;
	return 0;
}

/* The file is there as a sign that a disk is, and to have something to allocate: where it is gone,
 * so is the disk. */
int
mdb_env_open(MDB_env *env, const char *path, unsigned flags, mdb_mode_t mode)
{
	char file[PATH_MAX];
	struct stat st;

	if (snprintf(file, sizeof file, "%s/data.mdb", path) >= (int)sizeof file)
		return ENAMETOOLONG;
	if (access(file, F_OK) != 0) {
		if ((flags & MDB_RDONLY) != 0)
			return ENOENT;
		disk_let_go(&disk_of(path)->image);
		disk_of(path)->image = image_new();
	}
	env->fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, mode);
	if (env->fd < 0)
		return errno;
	env->disk = disk_of(path);
	if (env->map_size == 0)
		env->map_size = env->disk->map_size > 0 ? env->disk->map_size : 1 << 20;
	env->disk->map_size = env->map_size;
	if (fstat(env->fd, &st) != 0 || st.st_size == 0) {
		write_head(env->fd, env->disk->image, 0);
		write_head(env->fd, env->disk->image, 1);
	}
	return 0;
}

void
mdb_env_close(MDB_env *env)
{
	MDB_env **at = &envs;

	while (*at != env)
		at = &(*at)->next;
	*at = env->next;
	for (MDB_txn *t = env->txns, *next; t != NULL; t = next) {
		next = t->next;
		txn_over(t);
		free(t);
	}
	close_fd(&env->fd);
	free(env);
}

/* And what processes that died had open. */
void
disk_forget_all(void)
{
	while (envs != NULL)
		mdb_env_close(envs);
	for (struct disk *d = disks, *next; d != NULL; d = next) {
		next = d->next;
		disk_let_go(&d->image);
		free(d);
	}
	disks = NULL;
}

int
mdb_env_get_fd(MDB_env *env, mdb_filehandle_t *fd)
{
	*fd = env->fd;
	return 0;
}

int
mdb_env_sync(MDB_env *env, int force)
{
	(void)force;
	return env->disk != NULL ? 0 : EIO;
}

int
mdb_reader_check(MDB_env *env, int *dead)
{
	(void)env;
	*dead = 0;
	return 0;
}

int
mdb_reader_list(MDB_env *env, MDB_msg_func *each, void *context)
{
	(void)env;
	(void)each;
	(void)context;
	return 0;
}

static size_t
tree_pages(const struct tree *t)
{
	return t->entries == 0 ? 0 : (t->octets + 24 * t->entries) * 5 / 4 / PAGE + 1;
}

static size_t
image_pages(const struct image *i)
{
	size_t pages = 2;

	for (unsigned k = 0; k < i->n; k++)
		pages += tree_pages(&i->tree[k]);
	return pages;
}

static size_t
pages_used(const MDB_env *env, const struct image *i)
{
	return image_pages(i) + env->map_size / PAGE * env->disk->filled / 100;
}

int
mdb_env_info(MDB_env *env, MDB_envinfo *info)
{
	*info = (MDB_envinfo){.me_mapsize = env->map_size,
		.me_last_pgno = pages_used(env, env->disk->image) - 1,
		.me_last_txnid = env->disk->image->number,
		.me_maxreaders = 126};
	return 0;
}

int
mdb_env_stat(MDB_env *env, MDB_stat *stat)
{
	*stat = (MDB_stat){.ms_psize = PAGE, .ms_entries = env->disk->image->n - 2};
	return 0;
}

/* A compact copy begins to count anew. */
int
mdb_env_copy2(MDB_env *env, const char *path, unsigned flags)
{
	struct disk *d = disk_of(path);

	if (image_pages(d->image) > 2)
		return EEXIST;
	disk_let_go(&d->image);
	d->image = image_copy(env->disk->image);
	if ((flags & MDB_CP_COMPACT) != 0)
		d->image->number = 1;
	return write_file(path, d->image);
}

int
mdb_env_copy(MDB_env *env, const char *path)
{
	return mdb_env_copy2(env, path, 0);
}

/* ---- transactions ---- */

/* A nested one works on a copy of its parent's. */
int
mdb_txn_begin(MDB_env *env, MDB_txn *parent, unsigned flags, MDB_txn **out)
{
	MDB_txn *t;

	if (env->disk == NULL || (parent != NULL && (flags & MDB_RDONLY) != 0))
		return EINVAL;
	for (t = env->txns; t != NULL; t = t->next)
		assert((flags & MDB_RDONLY) || parent != NULL || !t->write || t->image == NULL);
	t = xcalloc(1, sizeof *t);
	t->env = env;
	t->parent = parent;
	t->write = (flags & MDB_RDONLY) == 0;
	if (t->write)
		t->image = image_copy(parent != NULL ? parent->image : env->disk->image);
	else
		(t->image = env->disk->image)->refs++;
	t->next = env->txns;
	env->txns = t;
	*out = t;
	return 0;
}

/* One that is over already belongs to somebody who was cut off in the middle of its end. */
void
mdb_txn_abort(MDB_txn *t)
{
	MDB_txn **at = &t->env->txns;

	txn_over(t);
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	free(t);
}

static void
commit_nested(MDB_txn *t)
{
	disk_let_go(&t->parent->image);
	t->parent->image = TAKE(t->image);
	t->parent->dirty |= t->dirty;
}

static int
commit_to_disk(MDB_txn *t)
{
	struct disk *d = t->env->disk;
	int rc = disk_commit != NULL ? disk_commit(d->folder, false) : 0;

	if (rc != 0)
		return rc;
	next_head(t->image);
	disk_let_go(&d->image);
	d->image = TAKE(t->image);
	write_head(t->env->fd, d->image, d->image->number & 1);
	return disk_commit != NULL ? disk_commit(d->folder, true) : 0;
}

int
mdb_txn_commit(MDB_txn *t)
{
	int rc = 0;

	if (t->full)
		rc = MDB_MAP_FULL;
	else if (t->parent != NULL)
		commit_nested(t);
	else if (t->dirty)
		rc = commit_to_disk(t);
	mdb_txn_abort(t);
	return rc;
}

void
mdb_txn_reset(MDB_txn *t)
{
	txn_over(t);
}

int
mdb_txn_renew(MDB_txn *t)
{
	if (t->env->disk == NULL)
		return EINVAL;
	(t->image = t->env->disk->image)->refs++;
	return 0;
}

size_t
mdb_txn_id(MDB_txn *t)
{
	return t->image->number + (t->write ? 1 : 0);
}

MDB_env *
mdb_txn_env(MDB_txn *t)
{
	return t->env;
}

/* ---- tables ---- */

int
mdb_dbi_open(MDB_txn *t, const char *name, unsigned flags, MDB_dbi *dbi)
{
	struct image *i = t->image;

	if (name == NULL) {
		*dbi = 1;
		return 0;
	}
	for (unsigned k = 2; k < i->n; k++)
		if (strcmp(i->tree[k].name, name) == 0) {
			*dbi = k;
			return 0;
		}
	if (!(flags & MDB_CREATE))
		return MDB_NOTFOUND;
	if (i->n == TREES || !t->write)
		return i->n == TREES ? MDB_DBS_FULL : EACCES;
	t->dirty = true;
	*dbi = i->n++;
	i->tree[*dbi] = (struct tree){.entries = 0};
	if (!copy_text(i->tree[*dbi].name, NAME_SIZE, name))
		return MDB_BAD_VALSIZE;
	return 0;
}

int
mdb_stat(MDB_txn *t, MDB_dbi dbi, MDB_stat *stat)
{
	const struct tree *tree = &t->image->tree[dbi];

	*stat = (MDB_stat){
		.ms_psize = PAGE, .ms_entries = tree->entries, .ms_leaf_pages = tree_pages(tree)};
	if (dbi == 1) /* what a disk is filled with belongs to nobody */
		stat->ms_overflow_pages = t->env->map_size / PAGE * t->env->disk->filled / 100;
	return 0;
}

static MDB_val
value_of(struct item *i)
{
	return (MDB_val){i->size, i->octet + value_at(i)};
}

int
mdb_get(MDB_txn *t, MDB_dbi dbi, MDB_val *key, MDB_val *value)
{
	struct item *i = find(&t->image->tree[dbi], key);

	if (i == NULL)
		return MDB_NOTFOUND;
	*value = value_of(i);
	return 0;
}

int
mdb_put(MDB_txn *t, MDB_dbi dbi, MDB_val *key, MDB_val *value, unsigned flags)
{
	struct tree *tree = &t->image->tree[dbi];
	struct item *i, *last;

	if (!t->write)
		return EACCES;
	if (key->mv_size == 0 || key->mv_size > KEY_MAX)
		return MDB_BAD_VALSIZE;
	if ((flags & MDB_NOOVERWRITE) != 0 && (i = find(tree, key)) != NULL) {
		*value = value_of(i);
		return MDB_KEYEXIST;
	}
	last = (flags & MDB_APPEND) != 0 ? find_before(tree, NULL) : NULL;
	if (last != NULL && compare(key, last) <= 0)
		return MDB_KEYEXIST;
	if (pages_used(t->env, t->image) + value->mv_size / PAGE >= t->env->map_size / PAGE) {
		t->full = true;
		return MDB_MAP_FULL;
	}
	t->dirty = true;
	i = item_new(key, value, (flags & MDB_RESERVE) != 0);
	insert(tree, &tree->root, key, i);
	if ((flags & MDB_RESERVE) != 0)
		*value = value_of(i);
	return 0;
}

int
mdb_del(MDB_txn *t, MDB_dbi dbi, MDB_val *key, MDB_val *value)
{
	struct tree *tree = &t->image->tree[dbi];

	(void)value;
	if (!t->write)
		return EACCES;
	if (find(tree, key) == NULL)
		return MDB_NOTFOUND;
	t->dirty = true;
	extract(tree, key);
	return 0;
}

/* ---- cursors ---- */

int
mdb_cursor_open(MDB_txn *t, MDB_dbi dbi, MDB_cursor **out)
{
	*out = xmalloc(sizeof **out);
	(*out)->txn = t;
	(*out)->dbi = dbi;
	(*out)->placed = false;
	return 0;
}

void
mdb_cursor_close(MDB_cursor *c)
{
	free(c);
}

static struct item *
step(MDB_cursor *c, const MDB_val *key, MDB_cursor_op op)
{
	const struct tree *t = &c->txn->image->tree[c->dbi];
	const MDB_val here = {c->size, c->key};

	if (op == MDB_SET || op == MDB_SET_KEY)
		return find(t, key);
	if (op == MDB_SET_RANGE)
		return find_from(t, key, false);
	if (op == MDB_GET_CURRENT)
		return c->placed ? find(t, &here) : NULL;
	if (op == MDB_NEXT && c->placed)
		return find_from(t, &here, true);
	if (op == MDB_PREV && c->placed)
		return find_before(t, &here);
	if (op == MDB_LAST || op == MDB_PREV)
		return find_before(t, NULL);
	assert(op == MDB_FIRST || op == MDB_NEXT);
	return find_first(t);
}

int
mdb_cursor_get(MDB_cursor *c, MDB_val *key, MDB_val *value, MDB_cursor_op op)
{
	struct item *i = step(c, key, op);

	if (i == NULL)
		return MDB_NOTFOUND;
	c->placed = true;
	c->size = i->key_size;
	memcpy(c->key, i->octet, i->key_size);
	*key = (MDB_val){i->key_size, i->octet};
	if (value != NULL)
		*value = value_of(i);
	return 0;
}

int
mdb_cursor_put(MDB_cursor *c, MDB_val *key, MDB_val *value, unsigned flags)
{
	return mdb_put(c->txn, c->dbi, key, value, flags & ~(unsigned)MDB_CURRENT);
}

char *
mdb_strerror(int rc)
{
	static char full[] = "the map is full", missing[] = "not found", other[] = "LMDB";

	if (rc == MDB_MAP_FULL)
		return full;
	if (rc == MDB_NOTFOUND)
		return missing;
	return rc > 0 ? strerror(rc) : other;
}
