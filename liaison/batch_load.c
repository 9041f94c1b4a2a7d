/* SPDX-License-Identifier: EUPL-1.2
 *
 * A batch is read whole before anything else is done with it: a file that changes meanwhile, or
 * that cannot be read to its end, is refused as a whole. What the office keeps of a row is its name
 * and what it said, as digests under a secret that is sealed as cases are, and the case that it
 * became: "row/DIGEST" holds "NUMBER CONTENT". */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/rand.h>

#include "liaison/batch.h"

#define BATCH_MAX ((size_t)64 << 20)
#define ROWS_MAX ((size_t)100000)
#define SECRET "batch/secret"
#define NOTHING "nothing was filed"

const char *
row_end_word(enum row_end e)
{
	static const char *const words[ROW_ENDS] = {
		[ROW_LEFT] = "left",
		[ROW_GOOD] = "good",
		[ROW_FILED] = "filed",
		[ROW_ALREADY] = "already-filed",
		[ROW_WAITS] = "waits-for-clearance",
		[ROW_REJECTED] = "rejected",
	};

	return words[e];
}

void
batch_free(struct batch **b)
{
	struct batch *old = *b;

	if (old == NULL)
		return;
	for (size_t i = 0; i < old->n; i++) {
		free(old->record[i].cell);
		free_chars(&old->done[i].reason);
	}
	free(old->record);
	free(old->done);
	batch_map_free(&old->map);
	csv_close(&old->csv);
	OPENSSL_cleanse(old->secret, sizeof old->secret);
	office_free(&old->o);
	free(old);
	*b = NULL;
}

struct bytes
batch_secret(const struct batch *b)
{
	return bytes_of(b->secret, sizeof b->secret);
}

/* ---- the file ---- */

/* E_IO too when somebody writes to it meanwhile. */
static enum err
read_whole(const char *path, struct buf *text)
{
	struct stat before, after;
	enum err e;

	if (strcmp(path, "-") != 0 && stat(path, &before) != 0)
		return E_NOT_FOUND;
	e = input_read(path, BATCH_MAX, text);
	if (e == E_TOO_LARGE)
		blame(_("the file is larger than 64 MiB; split it"));
	if (e != E_OK || strcmp(path, "-") == 0)
		return e;
	if (stat(path, &after) == 0 && before.st_ino == after.st_ino &&
		before.st_size == after.st_size && before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
		before.st_mtim.tv_nsec == after.st_mtim.tv_nsec)
		return E_OK;
	blame(_("somebody has changed it while it was read"));
	return E_IO;
}

static enum err
blame_fault(const struct csv_fault *f, enum err e)
{
	OWNED(char, text, free_chars) = NULL;

	if (f->column > 0)
		text = xprintf(_("line %zu, character %zu: %s"), f->line, f->column, _(f->what));
	else
		text = xprintf(_("line %zu: %s"), f->line, _(f->what));
	blame(text);
	return e;
}

static void
add_record(struct batch *b)
{
	struct batch_record *r;

	if ((b->n & (b->n - 1)) == 0) {
		size_t room = b->n == 0 ? 1 : 2 * b->n;

		b->record = xrealloc(b->record, room * sizeof *b->record);
		b->done = xrealloc(b->done, room * sizeof *b->done);
	}
	r = &b->record[b->n];
	r->line = b->csv.began;
	r->n = b->csv.n;
	r->cell = xcalloc(r->n, sizeof *r->cell);
	memcpy(r->cell, b->csv.cell, r->n * sizeof *r->cell);
	b->done[b->n++] = (struct batch_done){.end = ROW_LEFT};
}

static bool
is_empty(const struct csv *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->cell[i][strspn(c->cell[i], " \t")] != '\0')
			return false;
	return true;
}

static enum err
read_records(struct batch *b)
{
	struct csv_fault many = {0};

	while (csv_record(&b->csv)) {
		if (is_empty(&b->csv))
			continue;
		if (b->n == ROWS_MAX) {
			many = (struct csv_fault){.line = b->csv.began,
				.what = N_("there are more than 100,000 rows; split the file")};
			return blame_fault(&many, E_TOO_LARGE);
		}
		add_record(b);
	}
	return b->csv.fault.what == NULL ? E_OK : blame_fault(&b->csv.fault, E_INPUT);
}

static void
say_separator(const struct csv *c)
{
	if (c->separator == ';')
		note("The columns are separated by semicolons.\n");
	else if (c->separator == '\t')
		note("The columns are separated by tabs.\n");
}

static enum err
read_batch(struct batch *b, const char *map)
{
	OWNED_BUF(text) = {0};
	struct csv_fault fault;

	TRY(batch_map_read(map, &b->map));
	TRY(read_whole(b->path, &text));
	if (!csv_text_ok(buf_bytes(&text), &fault))
		return blame_fault(&fault, E_NOT_UTF8);
	csv_open(&b->csv, &text, ",;\t");
	if (b->csv.fault.what != NULL)
		return blame_fault(&b->csv.fault, E_INPUT);
	TRY(batch_map_header(&b->map, &b->csv));
	TRY(read_records(b));
	say_separator(&b->csv);
	return E_OK;
}

/* ---- names of rows ---- */

static enum err
load_secret(struct batch *b)
{
	OWNED_BUF(kept) = {0};
	OWNED_FD(lock) = -1;
	char hex[2 * DIGEST_SIZE + 1];
	OWNED_BUF(text) = {0};
	enum err e;

	TRY(case_lock(b->o, &lock));
	e = sealed_get(b->o, SECRET, &kept);
	if (e == E_OK)
		return kept.size == sizeof hex - 1 && hex_decode((char *)kept.data, kept.size,
							      b->secret, sizeof b->secret)
			       ? E_OK
			       : E_VERSION;
	if (e != E_NOT_FOUND)
		return e;
	if (RAND_bytes(b->secret, sizeof b->secret) != 1)
		die("random");
	buf_hex(&text, b->secret, sizeof b->secret);
	return sealed_set(b->o, SECRET, buf_bytes(&text));
}

static void
name_rows(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct arena *a = arena_new();
		struct batch_row row;

		batch_row_read(&b->map, &b->record[i], batch_secret(b), a, &row);
		b->done[i].key = row.key;
		b->done[i].content = row.content;
		arena_free(&a);
	}
}

struct named {
	const struct digest *key;
	size_t i;
};

static int
by_key(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = memcmp(x->key->octet, y->key->octet, sizeof x->key->octet);

	return order != 0 ? order : x->i < y->i ? -1 : 1;
}

/* Rows of one reference: the first stands, the others are it once more, or contradict it. */
static void
find_twins(struct batch *b)
{
	struct named *list = xcalloc(b->n + 1, sizeof *list);
	size_t first = 0;

	for (size_t i = 0; i < b->n; i++)
		list[i] = (struct named){&b->done[i].key, i};
	qsort(list, b->n, sizeof *list, by_key);
	for (size_t k = 1; k < b->n; k++) {
		struct batch_done *d = &b->done[list[k].i], *f = &b->done[list[first].i];

		if (!digest_equal(&d->key, &f->key)) {
			first = k;
			continue;
		}
		d->twin = b->record[list[first].i].line;
		d->differs = !digest_equal(&d->content, &f->content);
	}
	free(list);
}

enum ending
batch_load(const struct options *options, struct batch **out)
{
	OWNED(struct batch, b, batch_free) = xcalloc(1, sizeof *b);
	enum ending end = office_open(options, NEED_ALL, &b->o);
	enum err e;

	if (end != END_DONE)
		return end;
	b->path = options->argument[0];
	about(b->path);
	e = read_batch(b, options->value[OPT_MAP]);
	if (e != E_OK)
		return fail(e, NOTHING, "daftar help batch", "%s is no batch", line(b->path));
	e = load_secret(b);
	if (e != E_OK)
		return fail(e, NOTHING, "daftar doctor", "the rows cannot be named");
	name_rows(b);
	find_twins(b);
	*out = TAKE(b);
	return END_DONE;
}

/* ---- what is kept of a row ---- */

static void
fact_of(const struct digest *key, char out[DIGEST_TEXT_SIZE + 4])
{
	memcpy(out, "row/", 4);
	digest_format(key, out + 4);
}

/* "DFT-7Q2K-M9XA-P HEX", and " draft" behind it. */
enum err
batch_row_find(struct office *o, const struct digest *key, struct digest *content,
	char number[TRACKING_SIZE], bool *draft)
{
	char fact[DIGEST_TEXT_SIZE + 4];
	OWNED_BUF(value) = {0};
	char *rest, *word;

	fact_of(key, fact);
	TRY(spool_fact(o->spool, fact, &value));
	rest = value.size == 0 ? NULL : (char *)value.data;
	word = strsep(&rest, " ");
	if (word == NULL || !copy_text(number, TRACKING_SIZE, word))
		return E_VERSION;
	word = strsep(&rest, " ");
	if (word == NULL || !digest_parse(word, content))
		return E_VERSION;
	*draft = rest != NULL;
	return E_OK;
}

enum err
batch_row_keep(struct office *o, const struct digest *key, const struct digest *content,
	const char *number, bool draft)
{
	char fact[DIGEST_TEXT_SIZE + 4], hex[DIGEST_TEXT_SIZE];
	OWNED(char, value, free_chars) = NULL;

	fact_of(key, fact);
	digest_format(content, hex);
	value = xprintf("%s %s%s", number, hex, draft ? " draft" : "");
	return spool_set_fact(o->spool, fact, bytes_of(value, strlen(value)));
}
