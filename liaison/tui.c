/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar tui': the office on a full screen. It looks, like track and list, and shows what they
 * show; what it may change it does as the commands do. Sending and fetching is a process of its
 * own, so that a slow line holds up nobody. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "liaison/incoming.h"
#include "liaison/outbox.h"
#include "liaison/terminal.h"
#include "liaison/track.h"
#include "liaison/tui.h"
#include "liaison/worklist.h"

#define LOOK_MS 250 /* between two looks at the process on line, and at signals */
#define DUE_MS (INT64_C(86400000) * 7)

struct full {
	struct office *o;
	struct tui t;
	struct worklist list;
	struct out_entry *out;
	size_t n_out, room_out;
	pid_t sync; /* 0: none runs */
};

/* ---- gathering ---- */

/* What waits for this office, then what has a day, then the rest. */
static enum tui_part
part_of(const struct story *s)
{
	static const char *const decide[] = {"not-taken", "not-stopped", "withdrawing", "frozen"};
	int64_t due = story_next_term(s);

	for (size_t i = 0; i < ARRAY_LEN(decide); i++)
		if (strcmp(story_state(s), decide[i]) == 0)
			return PART_DECIDE;
	if (story_ended(s)) /* an appeal may have its day */
		return due > instant_now() ? PART_DUE : PART_FINISHED;
	if (!s->filed)
		return PART_DRAFT;
	return due != 0 && due < instant_now() + DUE_MS ? PART_DUE : PART_WAITING;
}

/* Of one case: is there a question that this office has still to answer, and by when? */
struct asking {
	struct office *o;
	bool open;
	int64_t by; /* ms, 0: no day */
};

static bool
note_question(void *context, const struct question *q)
{
	struct asking *a = context;
	char instant[INSTANT_TEXT_SIZE];
	int64_t by = 0;

	if (question_is_answered(a->o, q))
		return true;
	a->open = true;
	snprintf(instant, sizeof instant, "%.10sT23:59:59.999Z", q->answer_by);
	if (instant_parse(instant, &by) && (a->by == 0 || by < a->by))
		a->by = by;
	return true;
}

/* A case that has ended asks nothing any more. */
static struct asking
question_of_case(struct office *o, const struct story *s)
{
	struct asking a = {.o = o};

	if (!story_ended(s) && s->filed &&
		question_each(o, &s->c.conversation, note_question, &a) != E_OK)
		a.open = true; /* better looked at once too often */
	return a;
}

static void
fill_item(struct office *o, const struct story *s, size_t at, struct tui_item *item)
{
	struct asking a = question_of_case(o, s);
	int64_t due = story_next_term(s);

	memcpy(item->number, s->c.number, sizeof item->number);
	memcpy(item->to, s->c.to.code, sizeof item->to);
	memcpy(item->destination, s->c.destination.code, sizeof item->destination);
	item->part = a.open ? PART_DECIDE : part_of(s);
	item->state = a.open ? "question" : story_state(s);
	item->since = story_since(s);
	item->due = a.by != 0 && (due == 0 || a.by < due) ? a.by : due;
	item->at = at;
}

static enum err
load_queue(struct full *f)
{
	const struct choice all = {.states = NULL};
	struct tui_item *item;

	worklist_free(&f->list);
	TRY(worklist_load(f->o, &all, &f->list));
	item = xcalloc(f->list.n + 1, sizeof *item);
	for (size_t i = 0; i < f->list.n; i++)
		fill_item(f->o, &f->list.story[i], i, &item[i]);
	tui_set_items(&f->t, &item, f->list.n);
	return E_OK;
}

static bool
note_out(void *context, const struct out_entry *e)
{
	struct full *f = context;

	if (!outbox_has(e))
		return true;
	if (f->n_out == f->room_out) {
		f->room_out = f->room_out == 0 ? 16 : f->room_out * 2;
		f->out = xrealloc(f->out, f->room_out * sizeof *f->out);
	}
	f->out[f->n_out++] = *e;
	return true;
}

static enum err
load_outbox(struct full *f)
{
	struct tui_out *out;

	f->n_out = 0;
	TRY(spool_each_out(f->o->spool, note_out, f));
	out = xcalloc(f->n_out + 1, sizeof *out);
	for (size_t i = 0; i < f->n_out; i++) {
		const struct out_entry *e = &f->out[i];

		tracking_of(&e->header.conversation, out[i].number);
		memcpy(out[i].to, e->header.to.code, sizeof out[i].to);
		out[i].word = outbox_word(e);
		out[i].action = action_word(e->header.action);
		out[i].code = e->code == E_OK ? NULL : err_word(e->code);
		out[i].no_drop = e->header.action == A_TRANSCRIPTION_REQUEST
					 ? outbox_no_drop(f->o, e)
					 : N_("only requests are dropped");
		out[i].no_retry = outbox_no_retry(f->o, e);
		out[i].filed = e->filed;
		out[i].at = i;
	}
	tui_set_outbox(&f->t, &out, f->n_out);
	return E_OK;
}

/* As track tells it, or show where the person is asked for, which the case's ledger notes. */
static void
load_case(struct full *f)
{
	OWNED_BUF(text) = {0};
	struct story s;
	OWNED_CASE(c);

	say_catch(&text);
	if (case_of_argument(f->o, f->t.number, &c) == END_DONE &&
		track_tell(f->o, &c, f->t.personal, &s) == END_DONE && f->t.personal) {
		track_tell_draft(&c);
		ledger_note(f->o, &c.conversation, "shown");
	}
	say_catch(NULL);
	tui_set_text(&f->t, buf_bytes(&text));
}

static void
load_all(struct full *f)
{
	enum err e = load_queue(f);

	if (e == E_OK)
		e = load_outbox(f);
	if (e != E_OK)
		tui_say(&f->t, _("The spool cannot be read: daftar doctor"));
	if (f->t.view == VIEW_CASE)
		load_case(f);
}

static const char *
describe(void *context, size_t at)
{
	struct full *f = context;

	return at < f->list.n ? story_holder(&f->list.story[at]) : "";
}

/* ---- sending and fetching beside it ---- */

static void
become_sync(const struct full *f)
{
	char *const argv[] = {(char *)"daftar", (char *)"sync", (char *)"--quiet",
		(char *)"--no-input", (char *)"--home", f->o->home, NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	setsid(); /* keys that send signals are not for it */
	execv("/proc/self/exe", argv);
	_exit(END_FAILED);
}

static void
start_sync(struct full *f)
{
	f->sync = fork();
	if (f->sync == 0)
		become_sync(f);
	f->t.syncing = f->sync > 0;
	if (f->sync < 0) {
		f->sync = 0;
		tui_say(&f->t, _("It cannot be started just now."));
	}
}

static bool
look_at_sync(struct full *f)
{
	static const struct {
		int ending;
		const char *text;
	} ends[] = {
		{END_DONE, N_("Sent and fetched: nothing waits.")},
		{END_STORED, N_("Not everything has left yet; it is safe here.")},
		{END_UNREACHED, N_("The exchange was not reached; nothing is lost.")},
	};
	const char *text = N_("Sending and fetching went wrong: daftar sync tells why.");
	int status;

	if (f->sync == 0 || waitpid(f->sync, &status, WNOHANG) != f->sync)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(ends) && WIFEXITED(status); i++)
		if (ends[i].ending == WEXITSTATUS(status))
			text = ends[i].text;
	f->sync = 0;
	f->t.syncing = false;
	load_all(f);
	tui_say(&f->t, _(text));
	return true;
}

static void
stop_sync(struct full *f)
{
	if (f->sync == 0)
		return;
	kill(f->sync, SIGTERM);
	waitpid(f->sync, NULL, 0);
	f->sync = 0;
}

/* ---- what is wanted ---- */

static void
change_outbox(struct full *f, enum tui_want want)
{
	const struct out_entry *e;
	enum err code;

	if (f->t.at_out >= f->t.n_out)
		return;
	e = &f->out[f->t.out[f->t.at_out].at];
	code = want == WANT_DROP ? outbox_drop(f->o, e) : outbox_retry(f->o, e);
	load_all(f);
	tui_say(&f->t, code != E_OK	   ? _(err_sentence(code))
		       : want == WANT_DROP ? _("Dropped: nobody else has seen it.")
					   : _("It is asked for again with the next s."));
}

static void
do_it(struct full *f, enum tui_want want)
{
	switch (want) {
	case WANT_NOTHING:
	case WANT_QUIT:
		break;
	case WANT_RELOAD:
		load_all(f);
		break;
	case WANT_CASE:
		load_case(f);
		break;
	case WANT_SYNC:
		start_sync(f);
		break;
	case WANT_DROP:
	case WANT_RETRY:
		change_outbox(f, want);
		break;
	}
}

static void
draw(struct full *f)
{
	struct arena *before = words_begin();
	struct tui_line *l;
	int columns, rows;

	screen_size(&columns, &rows);
	l = xcalloc((size_t)rows, sizeof *l);
	tui_draw(&f->t, columns, rows, l);
	screen_show(l, rows);
	tui_lines_free(l, rows);
	free(l);
	words_end(before);
}

static enum ending
run(struct full *f)
{
	enum tui_want want = WANT_NOTHING;
	bool changed = true;

	while (want != WANT_QUIT && screen_signal() == 0) {
		struct tui_press p;

		if (changed)
			draw(f);
		p = screen_key(f->sync != 0 ? LOOK_MS : LOOK_MS * 4);
		changed = p.key != KEY_IS_NONE;
		want = tui_press(&f->t, p);
		do_it(f, want);
		changed = look_at_sync(f) || changed;
	}
	stop_sync(f);
	screen_close();
	return screen_signal() == 0 ? END_DONE : END_INTERRUPTED;
}

enum ending
command_tui(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	struct full f = {.t = {.describe = describe}};
	const char *why;
	enum ending end = office_open(options, NEED_ALL, &o);

	if (end != END_DONE)
		return end;
	f.o = o;
	f.t.context = &f;
	f.t.training = office_is_training(o);
	snprintf(f.t.title, sizeof f.t.title, _("%s  realm %s"), o->self.code,
		trust_realm(o->trust));
	if (!screen_open(&why))
		return fail(E_USAGE, "nothing was changed", "daftar list",
			"there is no full screen here: %s", _(why));
	load_all(&f);
	end = run(&f);
	tui_free(&f.t);
	worklist_free(&f.list);
	free(f.out);
	return end;
}
