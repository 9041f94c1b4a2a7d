/* SPDX-License-Identifier: EUPL-1.2
 *
 * The officer's cases, kept as facts of the spool: "case/DFT-7Q2K-M9XA-P" holds what the office
 * needs to know, "paper/DIGEST" leads from a request's canonical form to its case, so that the same
 * paper, however often it is handed in, is the same case and the same message. The request itself
 * stays only until it is filed: after that nobody needs the child's particulars on this computer.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "liaison/daftar.h"

void
case_free(struct officer_case *c)
{
	buf_free(&c->body);
}

/* ---- as a fact ---- */

static void
key_of(const char *number, char out[32])
{
	(void)!copy_text(out, 32, "case/");
	(void)!copy_text(out + 5, 27, number);
}

static enum err
to_json(const struct officer_case *c, struct buf *out)
{
	char conversation[ID_TEXT_SIZE], message[ID_TEXT_SIZE], digest[DIGEST_TEXT_SIZE];
	json_t *o;
	char *text;

	id_format(&c->conversation, conversation);
	id_format(&c->message, message);
	digest_format(&c->digest, digest);
	o = json_pack("{s:i s:s s:s s:s s:s s:s s:s s:s s:I s:s s:s%}", "v", 1, "number", c->number,
		"conversation", conversation, "message", message, "to", c->to.code, "destination",
		c->destination.code, "purpose", c->purpose, "label", c->label, "created",
		(json_int_t)c->created, "digest", digest, "body",
		c->body.size == 0 ? "" : (char *)c->body.data, c->body.size);
	if (o == NULL)
		return E_INPUT;
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (text == NULL)
		return E_INPUT;
	buf_reset(out);
	buf_text(out, text);
	OPENSSL_cleanse(text, strlen(text));
	free(text);
	return E_OK;
}

static bool
text_of(const json_t *o, const char *key, char *out, size_t size)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL && copy_text(out, size, s);
}

static enum err
of_json(struct bytes value, struct officer_case *c)
{
	char conversation[ID_TEXT_SIZE], message[ID_TEXT_SIZE], digest[DIGEST_TEXT_SIZE];
	json_t *o = json_loadb((const char *)value.data, value.size, 0, NULL);
	json_t *body = json_object_get(o, "body");
	bool good;

	memset(c, 0, sizeof *c);
	good = text_of(o, "number", c->number, sizeof c->number) &&
	       text_of(o, "conversation", conversation, sizeof conversation) &&
	       text_of(o, "message", message, sizeof message) &&
	       text_of(o, "to", c->to.code, sizeof c->to.code) &&
	       text_of(o, "destination", c->destination.code, sizeof c->destination.code) &&
	       text_of(o, "purpose", c->purpose, sizeof c->purpose) &&
	       text_of(o, "label", c->label, sizeof c->label) &&
	       text_of(o, "digest", digest, sizeof digest) && json_is_string(body) &&
	       id_parse(conversation, &c->conversation) && id_parse(message, &c->message) &&
	       digest_parse(digest, &c->digest);
	if (good) {
		c->created = json_integer_value(json_object_get(o, "created"));
		buf_add(&c->body, json_string_value(body), json_string_length(body));
	}
	json_decref(o);
	return good ? E_OK : E_VERSION;
}

/* ---- find and keep ---- */

enum err
case_save(struct office *o, const struct officer_case *c)
{
	char key[32], paper[DIGEST_TEXT_SIZE + 8] = "paper/";
	OWNED_BUF(value) = {0};

	TRY(to_json(c, &value));
	key_of(c->number, key);
	digest_format(&c->digest, paper + strlen(paper));
	TRY(spool_set_fact(o->spool, key, buf_bytes(&value)));
	return spool_set_fact(o->spool, paper, bytes_of(c->number, strlen(c->number)));
}

enum err
case_find(struct office *o, const char *number, struct officer_case *out)
{
	OWNED_BUF(value) = {0};
	char key[32];

	memset(out, 0, sizeof *out);
	key_of(number, key);
	TRY(spool_fact(o->spool, key, &value));
	return of_json(buf_bytes(&value), out);
}

enum err
case_by_digest(struct office *o, const struct digest *d, struct officer_case *out)
{
	char paper[DIGEST_TEXT_SIZE + 8] = "paper/";
	OWNED_BUF(number) = {0};

	memset(out, 0, sizeof *out);
	digest_format(d, paper + strlen(paper));
	TRY(spool_fact(o->spool, paper, &number));
	return case_find(o, (char *)number.data, out);
}

struct walk {
	case_visit *each;
	void *context;
};

static bool
visit(void *context, const char *key, struct bytes value)
{
	struct walk *w = context;
	OWNED_CASE(c);

	(void)key;
	if (of_json(value, &c) != E_OK)
		return true;
	return w->each(w->context, &c);
}

enum err
case_each(struct office *o, case_visit *each, void *context)
{
	struct walk w = {each, context};

	return spool_each_fact(o->spool, "case/", visit, &w);
}

enum err
case_lock(struct office *o, int *fd)
{
	OWNED(char, file, free_chars) = path_in(o->home, "cases.lock");

	*fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return *fd >= 0 && flock(*fd, LOCK_EX) == 0 ? E_OK : E_IO;
}

enum ending
case_of_argument(struct office *o, const char *typed, struct officer_case *out)
{
	char number[TRACKING_SIZE];
	enum err e;

	memset(out, 0, sizeof *out);
	if (!tracking_parse(typed, number))
		return fail(E_USAGE, "nothing was changed", "daftar list",
			"%s is not a tracking number: its check character does not fit, or a "
			"character is missing",
			line(typed));
	e = case_find(o, number, out);
	if (e == E_NOT_FOUND)
		return fail(e, "nothing was changed", "daftar list",
			"there is no case %s in this office", number);
	if (e != E_OK)
		return fail(e, "nothing was changed", NULL, "case %s cannot be read", number);
	return END_DONE;
}
