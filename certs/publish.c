/* SPDX-License-Identifier: EUPL-1.2
 *
 * How a change comes into force. Where no officer is named it is signed and put in place at once.
 * Where officers are named it is written down as a draft: changes gather in it until it is
 * published, each new one takes the approvals off again, and nothing of it is in force before.
 *
 * A draft has no signature. So that it can be checked as a list is, it is signed in memory with a
 * key that is thrown away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certs/changes.h"
#include "certs/issue.h"
#include "certs/pki.h"
#include "certs/place.h"
#include "certs/realm.h"
#include "lib/xml.h"

#define STANDS "the trust list in force stands, the draft was not changed"

static const char *
draft_file(const struct realm *r)
{
	return path_in(r->folder, DRAFT_FILE);
}

/* ---- looking at a draft ---- */

static void
clear_identity(struct identity *i)
{
	key_free(&i->key);
	cert_free(&i->cert);
	OPENSSL_free(i->der);
}

enum err
realm_look(const struct draft *d, struct trust **out)
{
	__attribute__((cleanup(clear_identity))) struct identity nobody = {.key = issue_key()};
	OWNED_BUF(list) = {0};
	unsigned char *der = NULL;
	enum err e;
	int size;

	nobody.cert = issue_operator(nobody.key, "draft");
	size = i2d_X509(nobody.cert, &der);
	if (size <= 0)
		die("no memory for a certificate");
	nobody.der = der;
	nobody.der_size = (size_t)size;
	e = draft_sign(d, &nobody, &list);
	if (e == E_OK)
		e = trust_look(buf_bytes(&list), nobody.cert, instant_now(), out);
	if (e == E_OK)
		return E_OK;
	return refuse(e, "the drafted trust list would be refused by every party", STANDS,
		"look at what was to be added: codes, countries, keys that are used twice, or more "
		"than one list can hold");
}

static enum err
read_draft(const struct realm *r, struct buf *text)
{
	return place_read(draft_file(r), XML_MESSAGE_MAX, text);
}

enum err
realm_load_pending(struct realm *r)
{
	OWNED(struct draft, d, draft_free) = NULL;
	OWNED_BUF(text) = {0};

	if (!place_exists(draft_file(r)))
		return E_OK;
	TRY(read_draft(r, &text));
	if (draft_read(buf_bytes(&text), &d) == E_OK && realm_look(d, &r->pending) == E_OK)
		return E_OK;
	return refuse(E_INPUT, say("%s is not a draft of this realm", draft_file(r)),
		"the trust list in force stands",
		say("mv %s %s.bad, then type the change again", draft_file(r), draft_file(r)));
}

const struct trust *
realm_next(const struct realm *r)
{
	return r->pending ? r->pending : r->trust;
}

struct draft *
realm_draft(const struct realm *r)
{
	struct draft *d = NULL;
	OWNED_BUF(text) = {0};

	if (!r->pending) {
		if (draft_of(trust_bytes(r->trust), &d) != E_OK)
			die("a verified trust list cannot be parsed");
		return d;
	}
	if (read_draft(r, &text) != E_OK ||
		draft_again(buf_bytes(&text), trust_version(r->trust), &d) != E_OK)
		die("a draft that was read before cannot be read again");
	return d;
}

/* ---- writing one ---- */

static enum err
tell_changes(const struct realm *r, const struct draft *d)
{
	OWNED(struct draft, old, draft_free) = NULL;

	TRY(draft_of(trust_bytes(r->trust), &old));
	changes_print(draft_root(old), draft_root(d));
	return E_OK;
}

static void
tell_next(const struct realm *r, const struct trust *next)
{
	size_t before = trust_approvals(r->trust), after = trust_approvals(next);

	printf("nothing is in force yet: %s waits for officers\n"
	       "  each of them:  daftar-pki approve %s --officer DIR\n",
		draft_file(r), draft_file(r));
	if (before > 0)
		printf("    %zu of the officers of the list in force\n", before);
	if (after > 0 && (before != after || trust_officer_count(next) > 0))
		printf("    %zu of the officers that the draft names\n", after);
	printf("  then:          daftar-pki publish %s\n"
	       "  to drop it:    rm %s\n",
		r->folder, draft_file(r));
}

static enum err
write_draft(struct realm *r, struct draft *d, long days)
{
	OWNED(struct trust, next, trust_free) = NULL;
	OWNED_BUF(text) = {0};

	draft_finish(d, days);
	TRY(realm_look(d, &next));
	TRY(draft_plain(d, &text));
	TRY(place_replace(draft_file(r), buf_bytes(&text)));
	TRY(tell_changes(r, d));
	tell_next(r, next);
	trust_free(&r->pending);
	r->pending = TAKE(next);
	return E_OK;
}

enum err
realm_change(struct realm *r, struct draft *d, long days)
{
	if (trust_officer_count(r->trust) > 0 || draft_has_officers(d))
		return write_draft(r, d, days);
	TRY(realm_publish(r->folder, r->operator, d, days, &r->trust));
	printf("%s/trust.xml is version %llu\n", r->folder,
		(unsigned long long)trust_version(r->trust));
	return E_OK;
}

/* ---- publishing one ---- */

static enum err
refused_list(const struct realm *r, enum err e)
{
	if (e == E_APPROVAL)
		return refuse(e, "the draft does not carry all the approvals that it needs", STANDS,
			say("daftar-pki approve %s --officer DIR", draft_file(r)));
	return refuse(e, "the drafted list cannot take the place of the one in force", STANDS,
		say("rm %s, then type the change again", draft_file(r)));
}

/* Every list is kept: a party that was away while the officers changed needs those between, too. */
static enum err
keep(const struct realm *r, const struct trust *t)
{
	const char *folder = path_in(r->folder, "lists");

	TRY(place_folder(folder));
	return place_public(say("%s/trust-%llu.xml", folder, (unsigned long long)trust_version(t)),
		trust_bytes(t), true);
}

enum err
realm_install(struct realm *r, const struct draft *d)
{
	OWNED(struct trust, next, trust_free) = NULL;
	OWNED_BUF(list) = {0};
	enum err e = draft_sign(d, r->operator, & list);

	if (e == E_OK)
		e = trust_load(buf_bytes(&list), r->operator->cert, instant_now(), &next);
	if (e == E_OK)
		e = trust_replaces(r->trust, next);
	if (e != E_OK)
		return refused_list(r, e);
	TRY(keep(r, r->trust));
	TRY(keep(r, next));
	TRY(place_replace(path_in(r->folder, "trust.xml"), buf_bytes(&list)));
	trust_free(&r->trust);
	r->trust = TAKE(next);
	return E_OK;
}

enum err
pki_publish(const struct options *o)
{
	OWNED(struct realm, r, realm_free) = NULL;
	OWNED(struct draft, d, draft_free) = NULL;
	OWNED_BUF(text) = {0};

	TRY(realm_open(o->argument[0], &r));
	if (!r->pending)
		return refuse(E_NOT_FOUND, say("there is no %s", draft_file(r)),
			"the trust list in force stands",
			"type the change first: enrol, agree, revoke, resign, renew, retire, "
			"officers");
	TRY(read_draft(r, &text));
	if (draft_read(buf_bytes(&text), &d) != E_OK)
		die("a draft that was read before cannot be read again");
	TRY(tell_changes(r, d));
	TRY(realm_install(r, d));
	if (unlink(draft_file(r)) < 0)
		return refuse(E_IO, say("%s cannot be removed", draft_file(r)),
			"the new list is published", say("rm %s", draft_file(r)));
	printf("%s/trust.xml is version %llu\n"
	       "answers of enrolments and renewals in it: type the same enrol or renew again\n",
		r->folder, (unsigned long long)trust_version(r->trust));
	return E_OK;
}
