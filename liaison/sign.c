/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar request sign': the message of a draft, made while the key is at hand and filed later. It
 * is kept sealed as the fact "signed/NUMBER"; whatever changes or stops the draft drops it, and a
 * message whose time is over is made anew. */
#include <string.h>

#include "liaison/consent.h"

static char *
key_of(const char *number)
{
	return xprintf("signed/%s", number);
}

enum err
signed_get(struct office *o, const struct officer_case *c, struct buf *out)
{
	OWNED(char, key, free_chars) = key_of(c->number);
	struct header h;

	TRY(sealed_get(o, key, out));
	if (message_header(buf_bytes(out), &h) == E_OK && id_equal(&h.id, &c->message) &&
		h.expires > instant_now() && trust_allows(o->trust, &h, instant_now()) == E_OK)
		return E_OK;
	buf_reset(out);
	return E_NOT_FOUND;
}

enum err
signed_drop(struct office *o, const char *number)
{
	OWNED(char, key, free_chars) = key_of(number);
	enum err e = spool_drop_fact(o->spool, key);

	return e == E_NOT_FOUND ? E_OK : e;
}

/* The token is part of the message: both are kept, or neither. */
static enum err
sign(struct office *o, struct officer_case *c)
{
	OWNED(char, key, free_chars) = key_of(c->number);
	OWNED_BUF(message) = {0};
	OWNED_FD(lock) = -1;

	TRY(case_lock(o, &lock));
	TRY(case_again(o, c));
	if (c->body.size == 0)
		return E_STATE;
	TRY(compose_request(o, c, &message));
	TRY(case_save(o, c));
	TRY(sealed_set(o, key, buf_bytes(&message)));
	ledger_note(o, &c->conversation, "signed");
	return E_OK;
}

enum ending
command_request_sign(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	OWNED_CASE(c);
	enum ending end = office_open(options, NEED_ALL, &o);
	enum err e;

	if (end == END_DONE)
		end = request_of_number(o, options->argument[0], &c);
	if (end != END_DONE)
		return end;
	e = sign(o, &c);
	if (e != E_OK)
		return fail(e, "the draft is as it was", "daftar track NUMBER",
			"%s cannot be signed", c.number);
	if (say_in_json())
		say_json(json_pack(
			"{s:b s:s s:s}", "ok", 1, "tracking", c.number, "state", "signed"));
	else
		say("%s\n", c.number);
	note("Signed, encrypted and kept here; nothing is filed and nothing was sent.\n"
	     "next: daftar request file %s\n",
		c.number);
	return END_DONE;
}
