/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a key does. Nothing here looks at a terminal or a spool; what changes something outside is
 * asked about first, and only y goes on. */
#include <stdlib.h>
#include <string.h>

#include "lib/lang.h"
#include "liaison/tui.h"

void
tui_free(struct tui *t)
{
	free(t->item);
	free(t->out);
	buf_free(&t->text);
	buf_free(&t->said);
}

void
tui_say(struct tui *t, const char *text)
{
	buf_reset(&t->said);
	buf_text(&t->said, text);
}

/* ---- what there is ---- */

static int
by_part(const void *a, const void *b)
{
	const struct tui_item *x = a, *y = b;

	if (x->part != y->part)
		return (int)x->part - (int)y->part;
	if (x->part <= PART_DUE && x->due != y->due) /* what has no day, behind */
		return y->due == 0 || (x->due != 0 && x->due < y->due) ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

void
tui_set_items(struct tui *t, struct tui_item **item, size_t n)
{
	char selected[TRACKING_SIZE] = "";

	if (t->at_item < t->n_item)
		memcpy(selected, t->item[t->at_item].number, sizeof selected);
	free(t->item);
	t->item = *item;
	*item = NULL;
	t->n_item = n;
	if (n > 1)
		qsort(t->item, n, sizeof *t->item, by_part);
	if (t->at_item >= n)
		t->at_item = n == 0 ? 0 : n - 1;
	for (size_t i = 0; i < n; i++)
		if (strcmp(t->item[i].number, selected) == 0)
			t->at_item = i;
}

void
tui_set_outbox(struct tui *t, struct tui_out **out, size_t n)
{
	free(t->out);
	t->out = *out;
	*out = NULL;
	t->n_out = n;
	if (t->at_out >= n)
		t->at_out = n == 0 ? 0 : n - 1;
	t->asked = WANT_NOTHING; /* it was about what stood there before */
}

void
tui_set_text(struct tui *t, struct bytes text)
{
	buf_reset(&t->text);
	buf_add_bytes(&t->text, text);
}

/* ---- moving ---- */

static void
move(size_t *at, size_t n, enum tui_key key, int rows)
{
	size_t page = rows > 8 ? (size_t)rows - 6 : 2;

	switch (key) {
	case KEY_IS_UP:
		*at -= *at > 0;
		break;
	case KEY_IS_DOWN:
		*at += 1;
		break;
	case KEY_IS_PAGE_UP:
		*at -= *at < page ? *at : page;
		break;
	case KEY_IS_PAGE_DOWN:
		*at += page;
		break;
	case KEY_IS_HOME:
		*at = 0;
		break;
	case KEY_IS_END:
		*at = n;
		break;
	case KEY_IS_NONE:
	case KEY_IS_CHAR:
	case KEY_IS_ENTER:
	case KEY_IS_ESC:
	case KEY_IS_BACKSPACE:
	case KEY_IS_RESIZE:
		break;
	}
	if (*at >= n)
		*at = n == 0 ? 0 : n - 1;
}

static size_t
lines_of(const struct buf *text)
{
	size_t n = 1;

	for (size_t i = 0; i < text->size; i++)
		n += text->data[i] == '\n';
	return n;
}

/* ---- looking for a number ---- */

/* Letters and digits only, in capitals: a number is found in any spelling. */
static void
plain(const char *text, char out[24])
{
	size_t n = 0;

	for (; *text != '\0' && n < 23; text++)
		if ((*text >= '0' && *text <= '9') || (*text >= 'A' && *text <= 'Z'))
			out[n++] = *text;
		else if (*text >= 'a' && *text <= 'z')
			out[n++] = (char)(*text - 'a' + 'A');
	out[n] = '\0';
}

static bool
seek(struct tui *t)
{
	char sought[24], number[24];

	plain(t->sought, sought);
	if (sought[0] == '\0')
		return true;
	for (size_t i = 0; i < t->n_item; i++) {
		size_t k = (t->at_item + i) % t->n_item;

		plain(t->item[k].number, number);
		if (strstr(number, sought) != NULL) {
			t->at_item = k;
			return true;
		}
	}
	return false;
}

static enum tui_want
search_press(struct tui *t, struct tui_press p)
{
	size_t n = strlen(t->sought);

	if (p.key == KEY_IS_ENTER || p.key == KEY_IS_ESC) {
		t->searching = false;
		return WANT_NOTHING;
	}
	if (p.key == KEY_IS_BACKSPACE && n > 0)
		t->sought[n - 1] = '\0';
	if (p.key == KEY_IS_CHAR && p.c > ' ' && p.c < 0x7f && n + 1 < sizeof t->sought) {
		t->sought[n] = (char)p.c;
		t->sought[n + 1] = '\0';
	}
	if (!seek(t))
		tui_say(t, _("No case has such a number."));
	return WANT_NOTHING;
}

/* ---- views ---- */

static void
go(struct tui *t, enum tui_view view)
{
	if (t->view == VIEW_CASE) { /* nothing about the person stays behind */
		buf_free(&t->text);
		t->personal = false;
	}
	t->view = view;
	t->scrolled = 0;
}

static enum tui_want
open_case(struct tui *t, const char *number)
{
	go(t, VIEW_CASE);
	memcpy(t->number, number, sizeof t->number);
	return WANT_CASE;
}

static enum tui_want
queue_press(struct tui *t, struct tui_press p)
{
	move(&t->at_item, t->n_item, p.key, t->rows);
	if (p.key == KEY_IS_ENTER && t->at_item < t->n_item)
		return open_case(t, t->item[t->at_item].number);
	if (p.key == KEY_IS_CHAR && p.c == '/') {
		t->searching = true;
		t->sought[0] = '\0';
	}
	return WANT_NOTHING;
}

static enum tui_want
case_press(struct tui *t, struct tui_press p)
{
	if (p.key == KEY_IS_CHAR && p.c == 'p') {
		t->personal = !t->personal;
		t->scrolled = 0;
		return WANT_CASE;
	}
	move(&t->scrolled, lines_of(&t->text), p.key, t->rows);
	if (p.key == KEY_IS_ESC || p.key == KEY_IS_BACKSPACE)
		go(t, VIEW_QUEUE);
	return WANT_NOTHING;
}

static enum tui_want
ask(struct tui *t, enum tui_want want, const char *why_not)
{
	if (why_not != NULL) {
		tui_say(t, _(why_not));
		return WANT_NOTHING;
	}
	t->asked = want;
	return WANT_NOTHING;
}

static enum tui_want
outbox_press(struct tui *t, struct tui_press p)
{
	const struct tui_out *e = t->at_out < t->n_out ? &t->out[t->at_out] : NULL;

	if (p.key == KEY_IS_ESC) {
		go(t, VIEW_QUEUE);
		return WANT_NOTHING;
	}
	if (e != NULL && p.key == KEY_IS_ENTER)
		return open_case(t, e->number);
	if (e != NULL && p.key == KEY_IS_CHAR && p.c == 'd')
		return ask(t, WANT_DROP, e->no_drop);
	if (e != NULL && p.key == KEY_IS_CHAR && p.c == 'a')
		return ask(t, WANT_RETRY, e->no_retry);
	move(&t->at_out, t->n_out, p.key, t->rows);
	return WANT_NOTHING;
}

static enum tui_want
help_press(struct tui *t, struct tui_press p)
{
	move(&t->scrolled, 100, p.key, t->rows);
	if (p.key == KEY_IS_ESC || p.key == KEY_IS_ENTER)
		go(t, VIEW_QUEUE);
	return WANT_NOTHING;
}

/* Only y goes on; whatever else is pressed means no. */
static enum tui_want
answer(struct tui *t, struct tui_press p)
{
	enum tui_want want = t->asked;

	t->asked = WANT_NOTHING;
	if (p.key == KEY_IS_CHAR && (p.c == 'y' || p.c == 'Y'))
		return want;
	tui_say(t, _("Nothing was changed."));
	return WANT_NOTHING;
}

/* The same in every view. */
static bool
common_press(struct tui *t, uint32_t c, enum tui_want *want)
{
	switch (c) {
	case 'q':
		*want = WANT_QUIT;
		return true;
	case '?':
		go(t, VIEW_HELP);
		return true;
	case 'o':
		go(t, VIEW_OUTBOX);
		*want = WANT_RELOAD;
		return true;
	case 'r':
		*want = WANT_RELOAD;
		return true;
	case 's':
		*want = t->syncing ? WANT_NOTHING : WANT_SYNC;
		return true;
	default:
		return false;
	}
}

enum tui_want
tui_press(struct tui *t, struct tui_press p)
{
	static enum tui_want (*const views[])(struct tui *, struct tui_press) = {
		[VIEW_QUEUE] = queue_press,
		[VIEW_CASE] = case_press,
		[VIEW_OUTBOX] = outbox_press,
		[VIEW_HELP] = help_press,
	};
	enum tui_want want = WANT_NOTHING;

	if (p.key == KEY_IS_NONE || p.key == KEY_IS_RESIZE)
		return WANT_NOTHING;
	buf_reset(&t->said);
	if (t->asked != WANT_NOTHING)
		return answer(t, p);
	if (t->searching)
		return search_press(t, p);
	if (p.key == KEY_IS_CHAR && common_press(t, p.c, &want))
		return want;
	return views[t->view](t, p);
}
