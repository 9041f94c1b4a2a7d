/* SPDX-License-Identifier: EUPL-1.2
 *
 * Does another case of this office seem to be about the same child? After a case was filed nothing
 * of the child stays here, so what is kept to tell is no name: "alike/HEARD/NUMBER/WRITTEN",
 * digests under a secret of the office: of how the name is heard and the year of birth, of its
 * letters and the day. The secret is sealed as cases are. What is found is told, and decides
 * nothing. With the consent it goes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "lib/name_key.h"
#include "lib/record_rule.h"
#include "liaison/alike.h"

#define SECRET "alike-secret"
#define PREFIX "alike/"
#define YEARS_MAX 3
#define DIGEST_CUT 32 /* hexadecimal digits */

/* ---- the secret ---- */

static uint8_t secret[32];
static bool has_secret;

static bool
find_secret(struct office *o)
{
	OWNED_BUF(text) = {0};

	if (!has_secret && sealed_get(o, SECRET, &text) == E_OK)
		has_secret = hex_decode((const char *)text.data, text.size, secret, sizeof secret);
	return has_secret;
}

/* Looked for each time: a group that was dropped has taken it along. */
static enum err
make_secret(struct office *o)
{
	OWNED_BUF(text) = {0};
	OWNED_BUF(there) = {0};
	bool found = find_secret(o);

	if (found && spool_fact(o->spool, SECRET, &there) == E_OK)
		return E_OK;
	if (!found && RAND_bytes(secret, sizeof secret) != 1)
		die("random numbers");
	buf_hex(&text, secret, sizeof secret);
	TRY(sealed_set(o, SECRET, buf_bytes(&text)));
	has_secret = true;
	return E_OK;
}

/* ---- digests ---- */

static void
digest_of_two(const char *name, size_t size, const char *when, char out[DIGEST_CUT + 1])
{
	OWNED_BUF(b) = {0};
	struct digest d;
	char text[DIGEST_TEXT_SIZE];

	buf_add(&b, name, size);
	buf_u8(&b, 0);
	buf_text(&b, when);
	digest_hmac(bytes_of(secret, sizeof secret), buf_bytes(&b), &d);
	digest_format(&d, text);
	memcpy(out, text, DIGEST_CUT);
	out[DIGEST_CUT] = '\0';
}

/* The given name and the next one; a grandfather's is often left out. */
static size_t
two_words(const char *class)
{
	size_t n = strcspn(class, " ");

	return class[n] == '\0' ? n : n + 1 + strcspn(class + n + 1, " ");
}

/* What one form of the name and one year give. */
struct trace {
	char heard[DIGEST_CUT + 1], written[DIGEST_CUT + 1];
};
typedef enum err trace_visit(void *context, const struct trace *t);

static enum err
each_year(
	const struct name_form *f, const struct record_date *born, trace_visit *each, void *context)
{
	OWNED(char, class, free_chars) = name_class(f->full);
	OWNED(char, letters, free_chars) = name_key(f->full);
	struct trace t;
	char year[16];
	int first, last;

	if (class[0] == '\0' || !edtf_span(born->value, &first, &last) || first == 0 ||
		last == EDTF_OPEN || last / 10000 - first / 10000 >= YEARS_MAX)
		return E_OK;
	digest_of_two(letters, strlen(letters), born->value, t.written);
	for (int y = first / 10000; y <= last / 10000; y++) {
		(void)snprintf(year, sizeof year, "%d", y);
		digest_of_two(class, two_words(class), year, t.heard);
		TRY(each(context, &t));
	}
	return E_OK;
}

static enum err
each_trace(const struct request *r, trace_visit *each, void *context)
{
	const struct locator *l = &r->locator;

	for (const struct name_form *f = l->name.forms; f != NULL && l->birth_date != NULL;
		f = f->next)
		TRY(each_year(f, l->birth_date, each, context));
	return E_OK;
}

/* ---- keeping ---- */

struct keeping {
	struct office *o;
	const char *number;
};

static enum err
keep(void *context, const struct trace *t)
{
	struct keeping *k = context;
	OWNED(char, key, free_chars) = xprintf(PREFIX "%s/%s/%s", t->heard, k->number, t->written);

	return spool_set_fact(k->o->spool, key, bytes_of("", 0));
}

enum err
alike_note(struct office *o, const struct request *r, const char *number)
{
	struct keeping k = {o, number};

	TRY(make_secret(o));
	return each_trace(r, keep, &k);
}

/* ---- looking ---- */

struct looking {
	struct office *o;
	const char *own;
	struct buf told; /* numbers, with blanks around */
	const struct trace *t;
};

struct hits {
	char number[16][TRACKING_SIZE];
	bool same[16];
	size_t n;
	const struct trace *t;
};

/* The number that a key names: behind the digest of what is heard. */
static bool
number_of(const char *key, char out[TRACKING_SIZE])
{
	const char *at = key + strlen(PREFIX) + DIGEST_CUT + 1, *end = strchr(at, '/');

	if (end == NULL || (size_t)(end - at) >= TRACKING_SIZE)
		return false;
	memcpy(out, at, (size_t)(end - at));
	out[end - at] = '\0';
	return true;
}

/* A case has as many as its name has forms. */
static bool
collect(void *context, const char *key, struct bytes value)
{
	struct hits *h = context;
	char number[TRACKING_SIZE];
	size_t i = 0;

	(void)value;
	if (!number_of(key, number))
		return true;
	while (i < h->n && strcmp(h->number[i], number) != 0)
		i++;
	if (i == ARRAY_LEN(h->number))
		return false;
	if (i == h->n) {
		memcpy(h->number[i], number, sizeof number);
		h->n++;
	}
	h->same[i] |= strcmp(strrchr(key, '/') + 1, h->t->written) == 0;
	return true;
}

static void
tell(struct looking *l, const char *number, bool same)
{
	OWNED(char, name, free_chars) = xprintf(" %s ", number);
	OWNED(char, item, free_chars) = NULL;

	if (strcmp(number, l->own) == 0 ||
		(l->told.size > 0 && strstr((const char *)l->told.data, name) != NULL))
		return;
	buf_text(&l->told, name);
	item = xprintf("%s: %s", number,
		same ? _("this case has the same name and day of birth: is it the same child?")
		     : _("this case has a name that is heard alike, and the same year of birth: is "
			 "it the same child?"));
	look_again(item);
}

static enum err
look(void *context, const struct trace *t)
{
	struct looking *l = context;
	OWNED(char, prefix, free_chars) = xprintf(PREFIX "%s/", t->heard);
	struct hits h = {.t = t};

	TRY(spool_each_fact(l->o->spool, prefix, collect, &h));
	for (size_t i = 0; i < h.n; i++)
		tell(l, h.number[i], h.same[i]);
	return E_OK;
}

void
alike_look(struct office *o, const struct request *r, const char *own)
{
	struct looking l = {.o = o, .own = own};

	if (find_secret(o))
		(void)!each_trace(r, look, &l); /* a help, never a hindrance */
	buf_free(&l.told);
}

/* ---- forgetting ---- */

struct forgetting {
	const char *number;
	struct buf keys; /* each with its end */
};

static bool
collect_key(void *context, const char *key, struct bytes value)
{
	struct forgetting *f = context;

	char number[TRACKING_SIZE];

	(void)value;
	if (number_of(key, number) && strcmp(number, f->number) == 0)
		buf_add(&f->keys, key, strlen(key) + 1);
	return true;
}

enum err
alike_forget(struct office *o, const char *number)
{
	struct forgetting f = {.number = number};
	enum err e = spool_each_fact(o->spool, PREFIX, collect_key, &f);

	for (size_t at = 0; at < f.keys.size && e == E_OK;
		at += strlen((const char *)f.keys.data + at) + 1)
		e = spool_drop_fact(o->spool, (const char *)f.keys.data + at);
	buf_free(&f.keys);
	return e;
}
