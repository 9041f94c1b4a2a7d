/* SPDX-License-Identifier: EUPL-1.2
 *
 * The officer's cases, kept as facts of the spool: "case/DFT-7Q2K-M9XA-P" holds, sealed, what the
 * office needs to know, "paper/DIGEST" leads from a request's canonical form to its case, so that
 * the same paper, however often it is handed in, is the same case and the same message. The request
 * itself stays only until it is filed: after that nobody needs the child's particulars on this
 * computer. */
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "lib/json_text.h"
#include "liaison/scans.h"

#define CASE_VERSION 2 /* 1 was not sealed, and knew neither consents nor stops */

void
case_free(struct officer_case *c)
{
	buf_free(&c->body);
	buf_free(&c->token);
	buf_free(&c->documents);
}

bool
case_is_held(const struct officer_case *c)
{
	return c->stop[STOP_HOLD].at > c->stop[STOP_RELEASE].at;
}

const struct party *
case_held_by(const struct officer_case *c, int64_t *since)
{
	const struct party *const who[2] = {&c->to, &c->destination};

	for (int i = 0; i < 2; i++)
		if (c->held_by[i] > c->stop[STOP_RELEASE].at) {
			*since = c->held_by[i];
			return who[i];
		}
	return NULL;
}

/* ---- as a fact ---- */

static void
key_of(const char *number, char out[32])
{
	(void)!copy_text(out, 32, "case/");
	(void)!copy_text(out + 5, 27, number);
}

static void
put_text(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, json_string(text));
}

static void
put_id(json_t *o, const char *key, const struct id *id)
{
	char text[ID_TEXT_SIZE];

	id_format(id, text);
	put_text(o, key, text);
}

static void
put_octets(json_t *o, const char *key, const struct buf *b)
{
	json_object_set_new(
		o, key, json_stringn(b->size == 0 ? "" : (const char *)b->data, b->size));
}

static const char *const stop_keys[STOP_N] = {
	[STOP_WITHDRAWAL] = "withdrawal",
	[STOP_HOLD] = "hold",
	[STOP_RELEASE] = "release",
};

static const char *const held_keys[2] = {"heldByHolder", "heldByDestination"};

static void
put_stops(json_t *o, const struct officer_case *c)
{
	for (size_t i = 0; i < STOP_N; i++) {
		json_t *stop;

		if (c->stop[i].at == 0)
			continue;
		stop = json_object();
		json_object_set_new(stop, "at", json_integer(c->stop[i].at));
		put_id(stop, "holder", &c->stop[i].to_holder);
		put_id(stop, "destination", &c->stop[i].to_destination);
		put_text(stop, "channel", c->stop[i].channel);
		if (c->stop[i].reason[0] != '\0')
			put_text(stop, "reason", c->stop[i].reason);
		json_object_set_new(o, stop_keys[i], stop);
	}
}

static void
put_kin(json_t *o, const struct officer_case *c)
{
	if (c->anew[0] != '\0')
		put_text(o, "anew", c->anew);
	if (c->instead_of[0] != '\0')
		put_text(o, "insteadOf", c->instead_of);
}

static json_t *
json_of_case(const struct officer_case *c)
{
	json_t *o = json_object(), *consents = json_array();
	char digest[DIGEST_TEXT_SIZE];

	digest_format(&c->digest, digest);
	json_object_set_new(o, "v", json_integer(CASE_VERSION));
	put_text(o, "number", c->number);
	put_id(o, "conversation", &c->conversation);
	put_id(o, "message", &c->message);
	put_text(o, "to", c->to.code);
	put_text(o, "destination", c->destination.code);
	put_text(o, "purpose", c->purpose);
	put_text(o, "label", c->label);
	json_object_set_new(o, "created", json_integer(c->created));
	put_text(o, "digest", digest);
	put_octets(o, "body", &c->body);
	put_octets(o, "token", &c->token);
	put_octets(o, "documents", &c->documents);
	for (size_t i = 0; i < c->n_consent; i++)
		json_array_append_new(consents, json_string(c->consent[i]));
	json_object_set_new(o, "consents", consents);
	put_stops(o, c);
	for (int i = 0; i < 2; i++)
		if (c->held_by[i] != 0)
			json_object_set_new(o, held_keys[i], json_integer(c->held_by[i]));
	put_kin(o, c);
	return o;
}

static enum err
to_json(const struct officer_case *c, struct buf *out)
{
	json_t *o = json_of_case(c);
	char *text = json_dumps(o, JSON_COMPACT);

	json_decref(o);
	if (text == NULL)
		return E_INPUT;
	buf_text(out, text);
	OPENSSL_cleanse(text, strlen(text));
	free(text);
	return E_OK;
}

static void
octets_of(const json_t *o, const char *key, struct buf *out)
{
	const json_t *text = json_object_get(o, key);

	if (json_is_string(text))
		buf_add(out, json_string_value(text), json_string_length(text));
}

static bool
stops_of(const json_t *o, struct officer_case *c)
{
	for (size_t i = 0; i < STOP_N; i++) {
		const json_t *stop = json_object_get(o, stop_keys[i]);
		struct case_stop *s = &c->stop[i];

		if (stop == NULL)
			continue;
		s->at = json_integer_value(json_object_get(stop, "at"));
		if (s->at <= 0 || !json_get_id(stop, "holder", &s->to_holder) ||
			!json_get_id(stop, "destination", &s->to_destination) ||
			!json_get_text(stop, "channel", s->channel, sizeof s->channel) ||
			(json_object_get(stop, "reason") != NULL &&
				!json_get_text(stop, "reason", s->reason, sizeof s->reason)))
			return false;
	}
	return true;
}

static bool
consents_of(const json_t *o, struct officer_case *c)
{
	const json_t *list = json_object_get(o, "consents");

	if (json_array_size(list) > ARRAY_LEN(c->consent))
		return false;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *id = json_string_value(json_array_get(list, i));

		if (id == NULL || !copy_text(c->consent[i], sizeof c->consent[i], id))
			return false;
		c->n_consent++;
	}
	return true;
}

static bool
kin_of(const json_t *o, struct officer_case *c)
{
	return (json_object_get(o, "anew") == NULL ||
		       json_get_text(o, "anew", c->anew, sizeof c->anew)) &&
	       (json_object_get(o, "insteadOf") == NULL ||
		       json_get_text(o, "insteadOf", c->instead_of, sizeof c->instead_of));
}

static bool
case_of_json(const json_t *o, struct officer_case *c)
{
	char digest[DIGEST_TEXT_SIZE];

	if (!json_get_text(o, "number", c->number, sizeof c->number) ||
		!json_get_id(o, "conversation", &c->conversation) ||
		!json_get_id(o, "message", &c->message) ||
		!json_get_text(o, "to", c->to.code, sizeof c->to.code) ||
		!json_get_text(o, "destination", c->destination.code, sizeof c->destination.code) ||
		!json_get_text(o, "purpose", c->purpose, sizeof c->purpose) ||
		!json_get_text(o, "label", c->label, sizeof c->label) ||
		!json_get_text(o, "digest", digest, sizeof digest) ||
		!digest_parse(digest, &c->digest) || !consents_of(o, c) || !stops_of(o, c) ||
		!kin_of(o, c))
		return false;
	c->created = json_integer_value(json_object_get(o, "created"));
	octets_of(o, "body", &c->body);
	octets_of(o, "token", &c->token);
	octets_of(o, "documents", &c->documents);
	for (int i = 0; i < 2; i++)
		c->held_by[i] = json_integer_value(json_object_get(o, held_keys[i]));
	return true;
}

static enum err
of_json(struct bytes value, struct officer_case *c)
{
	json_t *o = json_loadb((const char *)value.data, value.size, 0, NULL);
	bool good;

	memset(c, 0, sizeof *c);
	good = case_of_json(o, c);
	json_decref(o);
	if (good)
		return E_OK;
	case_free(c);
	memset(c, 0, sizeof *c);
	return E_VERSION;
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
	TRY(sealed_set(o, key, buf_bytes(&value)));
	if (c->stop[STOP_WITHDRAWAL].reason[0] != '\0' || c->anew[0] != '\0')
		return E_OK; /* its paper may be another case by now */
	return spool_set_fact(o->spool, paper, bytes_of(c->number, strlen(c->number)));
}

enum err
case_drop(struct office *o, const struct officer_case *c)
{
	char key[32], paper[DIGEST_TEXT_SIZE + 8] = "paper/";

	key_of(c->number, key);
	digest_format(&c->digest, paper + strlen(paper));
	TRY(scans_erase(o, &c->conversation));
	TRY(spool_drop_fact(o->spool, paper));
	return spool_drop_fact(o->spool, key);
}

enum err
case_find(struct office *o, const char *number, struct officer_case *out)
{
	OWNED_BUF(value) = {0};
	char key[32];

	memset(out, 0, sizeof *out);
	key_of(number, key);
	TRY(sealed_get(o, key, &value));
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

enum err
case_again(struct office *o, struct officer_case *c)
{
	OWNED_CASE(now);

	TRY(case_find(o, c->number, &now));
	case_free(c);
	*c = now;
	memset(&now, 0, sizeof now);
	return E_OK;
}

struct walk {
	const struct office *o;
	case_visit *each;
	void *context;
};

static bool
visit(void *context, const char *key, struct bytes value)
{
	struct walk *w = context;
	OWNED_BUF(plain) = {0};
	OWNED_CASE(c);

	(void)key;
	if (office_unseal(w->o, value, &plain) != E_OK || of_json(buf_bytes(&plain), &c) != E_OK)
		return true;
	return w->each(w->context, &c);
}

enum err
case_each(struct office *o, case_visit *each, void *context)
{
	struct walk w = {o, each, context};

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
	about(number);
	e = case_find(o, number, out);
	if (e == E_NOT_FOUND)
		return fail(e, "nothing was changed", "daftar list",
			"there is no case %s in this office", number);
	if (e != E_OK)
		return fail(e, "nothing was changed", NULL, "case %s cannot be read", number);
	return END_DONE;
}
