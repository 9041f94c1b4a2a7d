/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rows checked, and filed in groups: many rows are one transaction of the spool, which is flushed
 * to the disk once. What belongs to a row (its case with its token, its consent, its message, and
 * that the row is done) stands in one transaction, so that after whatever accident a row is filed
 * with all of it or not at all; it is called filed when its group is on disk and not before. */
#include <signal.h>
#include <string.h>

#include "liaison/alike.h"
#include "liaison/batch.h"
#include "liaison/terminal.h"

#define GROUP 64
#define ROW_OCTETS ((size_t)34 << 10) /* that a row needs in the spool, with its indexes */
#define ROW_OCTETS_MOST ((size_t)512 << 10)

static volatile sig_atomic_t interrupted;

static void
on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static void
catch_signals(void)
{
	struct sigaction a = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	sigemptyset(&a.sa_mask);
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGHUP, &a, NULL);
}

/* Is it this computer that fails, and not the row? */
static bool
is_machine(enum err e)
{
	static const enum err list[] = {
		E_SPOOL_FULL, E_IO, E_LOCKED, E_TOKEN, E_PIN, E_NO_KEY, E_DAMAGED, E_BODY};

	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		if (list[i] == e)
			return true;
	return false;
}

/* ---- why not ---- */

/* Everything that was found, in the words of the columns, one behind the other. */
static char *
words_of(const struct buf *problems, enum err e)
{
	char *rest = problems->size == 0 ? NULL : (char *)problems->data, *one;
	OWNED_BUF(out) = {0};

	while ((one = strsep(&rest, "\n")) != NULL) {
		if (one[0] == '\0')
			continue;
		if (out.size > 0)
			buf_text(&out, "; ");
		batch_reword(one, &out);
	}
	if (out.size == 0)
		buf_text(&out, _(err_sentence(e)));
	if (e != E_INPUT)
		buf_printf(&out, " (%s)", err_word(e));
	return (char *)buf_take(&out, NULL);
}

static enum err
reject(struct batch_done *d, enum err e, const char *why)
{
	d->end = ROW_REJECTED;
	d->code = e;
	free_chars(&d->reason);
	d->reason = xstrdup(why);
	return E_OK;
}

static enum err
reject_for(struct batch_done *d, enum err e, struct buf *problems)
{
	OWNED(char, why, free_chars) = NULL;

	blame_take(problems);
	why = words_of(problems, e);
	return reject(d, e, why);
}

/* ---- what the office knows of it ---- */

static enum err
known(struct batch_done *d, const char *number, bool draft)
{
	d->end = draft ? ROW_WAITS : ROW_ALREADY;
	memcpy(d->number, number, sizeof d->number);
	return E_OK;
}

static bool
is_dropped(struct office *o, const struct officer_case *c)
{
	struct out_entry e;

	return spool_out(o->spool, &c->message, &e, NULL) == E_OK && e.state == OUT_REFUSED &&
	       e.code == E_DROPPED;
}

/* What was dropped stays so: who goes on with a batch has not changed their mind. But it is told,
 * for nobody has it. */
static enum err
known_filed(struct batch *b, struct batch_done *d, const char *number)
{
	OWNED_CASE(c);

	d->dropped = case_find(b->o, number, &c) == E_OK && is_dropped(b->o, &c);
	return known(d, number, false);
}

/* A draft that somebody has filed meanwhile waits no more. */
static enum err
known_draft(struct batch *b, struct batch_done *d, const char *number)
{
	OWNED_CASE(c);

	TRY(case_find(b->o, number, &c));
	return c.body.size > 0 ? known(d, number, true) : known_filed(b, d, number);
}

/* E_NOT_FOUND: nothing, it has to be looked at. */
static enum err
find_row(struct batch *b, size_t i)
{
	struct batch_done *d = &b->done[i];
	char number[TRACKING_SIZE] = "";
	OWNED(char, why, free_chars) = NULL;
	struct digest content;
	bool draft;
	enum err e;

	if (d->differs) {
		why = xprintf(
			_("row: line %zu has the same reference and says something else"), d->twin);
		return reject(d, E_CONFLICT, why);
	}
	e = batch_row_find(b->o, &d->key, &content, number, &draft);
	if (e == E_NOT_FOUND && d->twin != 0 && b->done[i].end == ROW_LEFT)
		return E_NOT_FOUND;
	if (e != E_OK)
		return e;
	if (digest_equal(&content, &d->content))
		return draft ? known_draft(b, d, number) : known_filed(b, d, number);
	memcpy(d->number, number, sizeof d->number);
	why = xprintf(_("row: this reference is case %s already, and the row says something else"),
		number);
	return reject(d, E_CONFLICT, why);
}

/* ---- a row ---- */

struct work {
	struct batch *b;
	size_t i;
	struct batch_row row;
	struct case_file f;
	struct buf body;
	bool file, wrote;
};

static enum err
check_shape(struct batch *b, size_t i)
{
	OWNED(char, why, free_chars) = NULL;

	if (b->record[i].n == b->csv.columns)
		return E_OK;
	why = xprintf(_("it has %zu cells, and the header has %zu columns"), b->record[i].n,
		b->csv.columns);
	(void)!reject(&b->done[i], E_INPUT, why);
	return E_INPUT;
}

/* The same paper may be a case without having been a row; where it was dropped, another reference
 * files it anew. */
static enum err
find_paper(struct work *w)
{
	struct batch_done *d = &w->b->done[w->i];
	struct digest digest;
	OWNED_CASE(c);

	digest_of(w->body.data, w->body.size, &digest);
	TRY(case_by_digest(w->b->o, &digest, &c));
	if (is_dropped(w->b->o, &c))
		return E_NOT_FOUND;
	(void)!known(d, c.number, c.body.size > 0);
	if (!w->file)
		return E_OK;
	w->wrote = true;
	return batch_row_keep(w->b->o, &d->key, &d->content, c.number, c.body.size > 0);
}

static enum err
keep_draft(struct work *w, struct officer_case *c)
{
	struct batch_done *d = &w->b->done[w->i];

	w->wrote = true;
	TRY(consents_keep(w->b->o, w->f.consents, c));
	TRY(case_save(w->b->o, c));
	TRY(alike_note(w->b->o, w->f.request, c->number));
	TRY(batch_row_keep(w->b->o, &d->key, &d->content, c->number, true));
	ledger_note(w->b->o, &c->conversation, "drafted");
	return known(d, c->number, true);
}

static enum err
file_case(struct work *w, struct officer_case *c, const struct header *h, struct bytes message)
{
	struct batch_done *d = &w->b->done[w->i];
	struct office *o = w->b->o;

	w->wrote = true;
	TRY(consents_keep(o, w->f.consents, c));
	buf_free(&c->body);
	TRY(case_save(o, c));
	TRY(alike_note(o, w->f.request, c->number));
	TRY(spool_file_made(o->spool, h, message, instant_now()));
	TRY(batch_row_keep(o, &d->key, &d->content, c->number, false));
	ledger_note(o, &c->conversation, "filed");
	d->end = ROW_FILED;
	memcpy(d->number, c->number, sizeof d->number);
	return E_OK;
}

static enum err
file_row(struct work *w, bool waits)
{
	OWNED(char, label, free_chars) = xprintf("%s %zu", w->b->path, w->row.line);
	OWNED_BUF(message) = {0};
	struct header h;
	OWNED_CASE(c);

	TRY(case_begin(w->b->o, &w->f, label, buf_bytes(&w->body), &c));
	if (waits)
		return keep_draft(w, &c);
	TRY(compose_request_of(w->b->o, &c, w->f.request, &h, &message));
	return file_case(w, &c, &h, buf_bytes(&message));
}

/* Checked as every case file is. */
static enum err
load(struct work *w, json_t *root)
{
	OWNED(char, where, free_chars) = xprintf("%s %zu", w->b->path, w->row.line);
	enum err e;

	look_where(where);
	e = case_object_load(w->b->o, root, &w->f);
	look_where(NULL);
	return e;
}

/* Cases and rows above that may be about the same child. */
static void
look_for_doubles(struct work *w)
{
	OWNED(char, where, free_chars) = xprintf("%s %zu", w->b->path, w->row.line);

	look_where(where);
	alike_look(w->b->o, w->f.request, "");
	look_where(NULL);
}

/* Checked, and filed. */
static enum err
work_on(struct work *w, struct arena *a, struct buf *problems)
{
	struct batch_done *d = &w->b->done[w->i];
	json_t *root;
	bool waits;
	enum err e;

	batch_row_read(&w->b->map, &w->b->record[w->i], batch_secret(w->b), a, &w->row);
	e = batch_row_json(&w->row, a, &root, problems);
	if (e == E_OK)
		e = load(w, root);
	json_decref(root);
	if (e != E_OK)
		return e;
	request_compose(w->f.request, &w->body);
	e = find_paper(w);
	if (e != E_NOT_FOUND)
		return e;
	e = check_clearance(w->b->o, w->f.request, NULL);
	waits = e == E_PROTECTION && (finding_waits(w->b->o, w->f.request) ||
					     road_needs_clearance(w->b->o, w->f.request));
	if (e != E_OK && !waits)
		return e;
	if (waits)
		blame_take(problems);
	look_for_doubles(w);
	if (w->file)
		return file_row(w, waits);
	d->end = waits ? ROW_WAITS : ROW_GOOD;
	return E_OK;
}

/* What is no fault of the machine's is the row's, and E_OK. */
static enum err
take_row(struct batch *b, size_t i, bool file)
{
	struct work w = {.b = b, .i = i, .file = file};
	struct arena *a = arena_new();
	OWNED_BUF(problems) = {0};
	enum err e = find_row(b, i);

	if (e == E_NOT_FOUND)
		e = check_shape(b, i) == E_OK ? work_on(&w, a, &problems) : E_OK;
	if (e != E_OK && !is_machine(e) && !w.wrote)
		e = reject_for(&b->done[i], e, &problems);
	if (e != E_OK)
		blame_take(&problems);
	case_file_free(&w.f);
	buf_free(&w.body);
	arena_free(&a);
	return e;
}

/* ---- groups ---- */

static void
forget_rows(struct batch *b, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		b->done[i].end = ROW_LEFT;
		b->done[i].number[0] = '\0';
		free_chars(&b->done[i].reason);
	}
}

/* All of them on disk, or none. */
static enum err
file_group(struct batch *b, size_t from, size_t to)
{
	OWNED_FD(lock) = -1;
	enum err e = E_OK;

	TRY(case_lock(b->o, &lock));
	TRY(spool_group(b->o->spool));
	for (size_t i = from; i < to && e == E_OK; i++)
		e = take_row(b, i, true);
	if (e == E_OK)
		e = spool_group_end(b->o->spool);
	else
		spool_group_drop(b->o->spool);
	if (e != E_OK)
		forget_rows(b, from, to);
	return e;
}

/* When there is no room for all, as many as there is room for. */
static enum err
file_each(struct batch *b, size_t from, size_t to)
{
	enum err e = E_OK;

	for (size_t i = from; i < to && e == E_OK; i++)
		e = file_group(b, i, i + 1);
	return e;
}

/* What the rows from this one on will need, so that the spool does not fill up in the middle of
 * them. E_SPOOL_FULL: the disk has no room for that. */
static enum err
make_room(struct batch *b, size_t from, size_t each)
{
	size_t left = 0, want;
	struct digest content;
	char number[TRACKING_SIZE];
	bool draft;

	for (size_t i = from; i < b->n; i++)
		left += batch_row_find(b->o, &b->done[i].key, &content, number, &draft) ==
			E_NOT_FOUND;
	TRY(spool_room_for(b->o->spool, left, each, &want));
	return left > 0 ? spool_grow(b->o->spool, want) : E_OK;
}

/* Rows that say more than most need more room than was made. When the disk has no more, as many are
 * filed as fit. */
static enum err
file_or_grow(struct batch *b, size_t from, size_t to)
{
	enum err e = file_group(b, from, to);

	for (size_t each = 2 * ROW_OCTETS; e == E_SPOOL_FULL && each <= ROW_OCTETS_MOST; each *= 2)
		if (make_room(b, from, each) == E_OK)
			e = file_group(b, from, to);
	return e == E_SPOOL_FULL ? file_each(b, from, to) : e;
}

static enum err
check_rows(struct batch *b, struct progress *p)
{
	enum err e = E_OK;

	for (size_t i = 0; i < b->n && e == E_OK && !interrupted; i++) {
		e = take_row(b, i, false);
		if (e == E_OK && b->done[i].twin != 0 && b->done[i].end == ROW_GOOD)
			b->done[i].end = ROW_ALREADY;
		progress_step(p, i + 1);
	}
	return e;
}

static enum err
file_rows(struct batch *b, struct progress *p)
{
	enum err e = E_OK;

	if (make_room(b, 0, ROW_OCTETS) != E_OK)
		note("The disk has no room for all of these rows; as many are filed as fit.\n");
	for (size_t from = 0; from < b->n && e == E_OK && !interrupted; from += GROUP) {
		size_t to = from + GROUP < b->n ? from + GROUP : b->n;

		e = file_or_grow(b, from, to);
		progress_step(p, to);
	}
	return e;
}

enum err
batch_run(struct batch *b, bool file)
{
	struct progress p;
	enum err e;

	catch_signals();
	progress_open(&p, file ? N_("filing") : N_("checking"), b->n);
	e = file ? file_rows(b, &p) : check_rows(b, &p);
	progress_close(&p);
	return e;
}
