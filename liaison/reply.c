/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar reply': shows a question, and answers it. The answer goes to whoever has asked, encrypted
 * to that registry alone, under the case's consent. Its message is chosen once: the same answer
 * again is the same message, another one is told to be too late. */
#include <string.h>

#include "lib/record_rule.h"
#include "lib/text.h"
#include "liaison/consent.h"
#include "liaison/incoming.h"
#include "liaison/scans.h"

#define SEND_MS 5000
#define TEXT_MAX ((size_t)16 << 10)
#define DOCUMENT_MAX ((size_t)64 << 20)
#define NOTHING "nothing was sent"

/* ---- which question ---- */

struct choice {
	unsigned n;	   /* of its case, 0: not said */
	struct id message; /* when it was named by its id */
	bool by_id;
	struct office *o;
	struct question found;
	size_t open, all;
};

static void
choose(struct choice *s, const struct question *q)
{
	question_free(&s->found);
	s->found = *q;
	s->found.text = q->text != NULL ? xstrdup(q->text) : NULL;
}

/* The one that is named; of a case, the one that is open, and otherwise the last. */
static bool
see(void *context, const struct question *q)
{
	struct choice *s = context;
	bool named = s->by_id ? id_equal(&q->message, &s->message) : s->n == 0 || s->n == q->n;
	bool is_open = named && !question_is_answered(s->o, q);

	if (!named)
		return true;
	if (is_open || s->open == 0)
		choose(s, q);
	s->open += is_open;
	s->all++;
	return true;
}

/* NUMBER/2: the number and what stands behind it. False: no such number can be. */
static bool
split(const char *typed, char *number, size_t size, unsigned *n)
{
	const char *slash = strchr(typed, '/');
	size_t length = slash != NULL ? (size_t)(slash - typed) : strlen(typed);

	*n = 0;
	if (length >= size)
		return false;
	memcpy(number, typed, length);
	number[length] = '\0';
	if (slash == NULL)
		return true;
	for (const char *d = slash + 1; *d >= '0' && *d <= '9' && *n < 1000; d++)
		*n = *n * 10 + (unsigned)(*d - '0');
	return *n > 0 && strspn(slash + 1, "0123456789") == strlen(slash + 1);
}

static enum ending
no_question(const char *typed)
{
	return fail(E_NOT_FOUND, NOTHING, "daftar inbox", "there is no question %s", line(typed));
}

static enum ending
question_of_argument(
	struct office *o, const char *typed, struct officer_case *c, struct question *out)
{
	struct choice s = {.o = o};
	char number[64];
	enum ending end;

	s.by_id = id_parse(typed, &s.message);
	if (!s.by_id && !split(typed, number, sizeof number, &s.n))
		return no_question(typed);
	if (!s.by_id) {
		end = case_of_argument(o, number, c);
		if (end != END_DONE)
			return end;
	}
	if (question_each(o, s.by_id ? NULL : &c->conversation, see, &s) != E_OK)
		return fail(E_IO, NOTHING, "daftar doctor", "the questions cannot be read");
	*out = s.found;
	if (s.all == 0)
		return no_question(typed);
	if (s.n == 0 && s.open > 1)
		return fail(E_USAGE, NOTHING, "daftar inbox",
			"%s has more than one question to answer: say which, as %s/%u", c->number,
			c->number, s.found.n);
	if (!s.by_id)
		return END_DONE;
	tracking_of(&s.found.conversation, number);
	return case_of_argument(o, number, c);
}

/* ---- what is answered ---- */

static enum ending
add_document(const char *said, struct query_reply *r, struct document ***end)
{
	const char *equals = strchr(said, '=');
	struct document *d = arena_alloc(r->arena, sizeof *d);
	char digest[DIGEST_TEXT_SIZE];
	OWNED_BUF(scan) = {0};
	struct digest x;
	enum err e;

	if (equals == NULL)
		return fail(E_USAGE, NOTHING, "daftar help reply",
			"--document takes KIND=FILE, such as proof-of-birth=scan.pdf");
	d->kind = arena_text_n(r->arena, (const uint8_t *)said, (size_t)(equals - said));
	if (!code_known("document", d->kind))
		return fail(E_INPUT, NOTHING, "daftar codes document",
			"there is no such kind of document");
	e = input_read(equals + 1, DOCUMENT_MAX, &scan);
	if (e != E_OK)
		return fail(e, NOTHING, NULL, "%s cannot be read", line(equals + 1));
	d->media_type = scan_media(buf_bytes(&scan));
	if (d->media_type == NULL)
		return fail(E_INPUT, NOTHING, "daftar codes media-type",
			"%s is no PDF, JPEG or PNG file", line(equals + 1));
	digest_of(scan.data, scan.size, &x);
	digest_format(&x, digest);
	d->digest = arena_text(r->arena, digest);
	**end = d;
	*end = &d->next;
	return END_DONE;
}

/* Line ends as Windows writes them, and those at the end, are the editor's. */
static void
tidy(struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->size; i++)
		if (b->data[i] != '\r' || i + 1 == b->size || b->data[i + 1] != '\n')
			b->data[n++] = b->data[i];
	b->size = n;
	while (b->size > 0 && (b->data[b->size - 1] == '\n' || b->data[b->size - 1] == ' '))
		b->size--;
}

static enum ending
read_text(const char *path, struct query_reply *r)
{
	OWNED_BUF(text) = {0};
	OWNED_BUF(composed) = {0};
	const char *problem;
	enum err e = input_read(path, TEXT_MAX, &text);

	if (e != E_OK)
		return fail(e, NOTHING, NULL, "%s cannot be read", line(path));
	tidy(&text);
	buf_u8(&text, '\0');
	problem = strlen((char *)text.data) + 1 == text.size
			  ? rule_problem(RULE_TEXT, (char *)text.data)
			  : N_("must not hold a NUL");
	if (problem == NULL && text_nfc((char *)text.data, &composed) != E_OK)
		problem = N_("must be UTF-8");
	if (problem != NULL)
		return fail(E_INPUT, NOTHING, "the same with another text", "the answer's text %s",
			_(problem));
	r->explanation = arena_text_n(r->arena, composed.data, composed.size);
	return END_DONE;
}

static enum ending
read_answer(const struct options *o, const struct question *q, struct query_reply *r)
{
	struct document **end_of_list = &r->documents;
	const char *answer = o->argument[1];
	enum ending end = END_DONE;

	if (!code_known("answer", answer))
		return fail(E_USAGE, NOTHING, "daftar codes answer",
			"the answer is confirm, correct or cannot");
	r->query = q->id;
	r->answer = answer;
	if (o->value[OPT_FROM] != NULL)
		end = read_text(o->value[OPT_FROM], r);
	for (size_t i = 0; end == END_DONE && i < o->n_document; i++)
		end = add_document(o->document[i], r, &end_of_list);
	if (end == END_DONE && strcmp(answer, "correct") == 0 && r->explanation == NULL &&
		r->documents == NULL)
		return fail(E_INPUT, NOTHING, "daftar help reply",
			"correct has to say what is right: --from FILE or --document KIND=FILE");
	return end;
}

/* ---- filing ---- */

static enum err
may_answer(struct office *o, const struct officer_case *c)
{
	struct story s;
	int64_t since;

	if (c->stop[STOP_WITHDRAWAL].at != 0)
		return E_CONSENT_WITHDRAWN;
	if (case_is_held(c) || case_held_by(c, &since) != NULL)
		return E_FROZEN;
	TRY(story_load(o, c, &s));
	return story_ended(&s) ? E_FINAL : E_OK;
}

/* What was said already is not said in another way; what never left, because the machine stopped
 * in between or the exchange did not take it, is. */
static enum err
file_reply(struct office *o, struct officer_case *c, struct question *q,
	const struct query_reply *r, bool *again)
{
	OWNED_BUF(body) = {0};
	OWNED_BUF(message) = {0};
	struct in_entry asked;
	struct digest said;

	query_reply_compose(r, &body);
	digest_of(body.data, body.size, &said);
	*again = question_is_answered(o, q);
	if (*again)
		return digest_equal(&said, &q->said) ? E_OK : E_CONFLICT;
	TRY(may_answer(o, c));
	TRY(spool_in(o->spool, &q->from, &q->message, &asked, NULL));
	q->reply = id_new();
	q->said = said;
	q->answered = instant_now();
	if (!copy_text(q->answer, sizeof q->answer, r->answer))
		return E_INPUT;
	TRY(compose_reply(o, c, &asked, &q->reply, buf_bytes(&body), &message));
	TRY(question_keep(o, q));
	case_names(c, r->documents);
	TRY(case_save(o, c));
	ledger_note(o, &c->conversation, "question answered");
	return spool_file(o->spool, buf_bytes(&message), instant_now());
}

static enum err
file_once(struct office *o, struct officer_case *c, struct question *q, const struct query_reply *r,
	bool *again)
{
	OWNED_FD(lock) = -1;
	OWNED_QUESTION(now);
	enum err e, kept;

	TRY(case_lock(o, &lock));
	TRY(case_again(o, c));
	TRY(question_find(o, &c->conversation, &q->message, &now));
	TRY(spool_group(o->spool));
	e = file_reply(o, c, &now, r, again);
	kept = spool_group_end(o->spool);
	q->reply = now.reply;
	q->answered = now.answered;
	memcpy(q->answer, now.answer, sizeof q->answer);
	return e != E_OK ? e : kept;
}

/* ---- telling ---- */

static bool
has_left(struct office *o, void *context)
{
	const struct question *q = context;
	struct out_entry e;

	return spool_out(o->spool, &q->reply, &e, NULL) == E_OK && e.state != OUT_FILED;
}

static enum ending
refuse(const struct officer_case *c, const struct question *q, enum err e)
{
	if (e == E_CONFLICT)
		return fail(e, "the first answer stands; nothing more was sent",
			"daftar track NUMBER", "question %s/%u was answered in another way before",
			c->number, q->n);
	if (stops_case(e))
		return stopped_fail(e, c, NOTHING);
	return fail(e, NOTHING, e == E_SPOOL_FULL ? "daftar sync" : "daftar doctor",
		"question %s/%u cannot be answered", c->number, q->n);
}

static enum ending
report(struct office *o, const struct officer_case *c, const struct question *q, bool again,
	const struct session_end *line_end)
{
	struct out_entry e;

	if (spool_out(o->spool, &q->reply, &e, NULL) != E_OK)
		return fail(E_IO, NOTHING, "the same again", "the answer cannot be read back");
	if (say_in_json()) {
		json_t *j = question_json(o, c->number, q, false);

		json_object_set_new(j, "again", json_boolean(again));
		say_json(j);
	} else {
		say("%s/%u answered: %s, to %s\n", c->number, q->n, q->answer, q->from.code);
	}
	if (again)
		note("It was answered so before; nothing was sent twice.\n");
	if (e.state == OUT_REFUSED)
		return fail(e.code, "the answer stays in this office", "daftar doctor",
			"the exchange does not take the answer");
	if (e.state != OUT_FILED) {
		note("The exchange's receipt is kept.\nnext: daftar inbox\n");
		return END_DONE;
	}
	note("It is signed, encrypted and safe in the spool; %s.\nnext: daftar sync\n",
		line_end->was_up ? _("the exchange has not confirmed it")
				 : _("the exchange could not be reached"));
	return END_STORED;
}

static enum ending
answer(struct office *o, const struct options *options, struct officer_case *c, struct question *q)
{
	OWNED(struct query_reply, r, query_reply_free) = query_reply_new();
	struct session_end line_end = {.was_up = false};
	enum ending end = read_answer(options, q, r);
	bool again = false;
	enum err e;

	if (end != END_DONE)
		return end;
	e = file_once(o, c, q, r, &again);
	if (e != E_OK)
		return refuse(c, q, e);
	if (options->timeout != 0 && !has_left(o, q))
		e = session_run(o, false, options->timeout < 0 ? SEND_MS : options->timeout,
			has_left, q, &line_end);
	if (e != E_OK)
		note("The line to the exchange cannot be used: %s.\n", _(err_sentence(e)));
	return line_end.interrupted ? END_INTERRUPTED : report(o, c, q, again, &line_end);
}

/* ---- the command ---- */

static enum ending
show(struct office *o, const struct officer_case *c, const struct question *q)
{
	ledger_note(o, &c->conversation, "question shown");
	if (say_in_json()) {
		say_json(question_json(o, c->number, q, true));
		return END_DONE;
	}
	question_say(o, c->number, q, true);
	if (question_is_answered(o, q))
		return END_DONE;
	note("What you answer is read by %s, and by nobody on the way.\n"
	     "next: daftar reply %s/%u confirm, or: correct, or: cannot (daftar help reply)\n",
		q->from.code, c->number, q->n);
	return END_DONE;
}

enum ending
command_reply(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	enum ending end = office_open(options, NEED_ALL, &o);
	OWNED_QUESTION(q);
	OWNED_CASE(c);

	if (end == END_DONE)
		end = question_of_argument(o, options->argument[0], &c, &q);
	if (end != END_DONE)
		return end;
	return options->argument[1] == NULL ? show(o, &c, &q) : answer(o, options, &c, &q);
}
