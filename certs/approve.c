/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar-pki approve': an officer says yes to a draft. What it changes is told against the list in
 * force, and that list is not believed because it lies beside the draft: the officer's own folder
 * holds the operator's certificate and the newest list that he saw, and only what may follow it
 * counts. So who holds the operator's machine can not show him a small change of another list. */
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "certs/changes.h"
#include "certs/issue.h"
#include "certs/officers.h"
#include "certs/own_keys.h"
#include "certs/pki.h"
#include "certs/place.h"
#include "certs/realm.h"
#include "lib/signature.h"
#include "lib/xml.h"

#define STANDS "nothing was approved, the draft is as it was"

struct approval {
	const char *file, *folder,
		*beside; /* the draft, the officer's folder, the draft's folder */
	struct identity *officer;
	struct digest digest; /* of his certificate */
	X509 *operator_cert;
	struct trust *known, *next; /* the list in force, and the draft */
	struct draft *draft;
};

static void
clear(struct approval *a)
{
	identity_free(&a->officer);
	cert_free(&a->operator_cert);
	trust_free(&a->known);
	trust_free(&a->next);
	draft_free(&a->draft);
}

static enum err
load_officer(struct approval *a)
{
	enum err e = identity_load(
		path_in(a->folder, OFFICER_KEY), path_in(a->folder, OFFICER_CERT), &a->officer);

	if (e != E_OK)
		return refuse(e, say("the officer's key in %s cannot be used", a->folder), STANDS,
			"give the folder that `daftar-pki officer' made");
	issue_cert_digest(a->officer->cert, &a->digest);
	return E_OK;
}

/* ---- the list in force ---- */

static enum err
load_operator(struct approval *a, const struct options *o)
{
	const char *pinned = path_in(a->folder, OFFICER_OPERATOR);
	bool known = place_exists(pinned);
	const char *file = known ? pinned : path_in(a->beside, "operator.pem");
	struct digest d;
	enum err e = cert_load(file, &a->operator_cert);

	if (e != E_OK)
		return refuse(e, say("%s cannot be used", file), STANDS,
			"put the operator's certificate there");
	if (known)
		return E_OK;
	issue_cert_digest(a->operator_cert, &d);
	return fingerprint_check(&d, option_value(o, OPT_OPERATOR_FINGERPRINT), "the operator",
		say("daftar-pki approve %s --officer %s --operator-fingerprint 'WHAT THEY READ'",
			a->file, a->folder));
}

static enum err
bad_list(enum err e, const char *file)
{
	return refuse(e, say("%s is not a list that may be in force", file), STANDS,
		say("put the newest list beside the draft; where officers changed, copy the lists "
		    "between one by one to %s",
			OFFICER_LIST));
}

static enum err
load_list(struct approval *a)
{
	const char *file = path_in(a->beside, "trust.xml");
	const char *own = path_in(a->folder, OFFICER_LIST);
	OWNED(struct trust, seen, trust_free) = NULL;
	enum err e = trust_load_file(file, a->operator_cert, 0, &a->known);

	if (e != E_OK)
		return bad_list(e, file);
	if (!place_exists(own))
		return E_OK;
	e = trust_load_file(own, a->operator_cert, 0, &seen);
	if (e == E_OK)
		e = trust_replaces(seen, a->known);
	return e == E_OK ? E_OK : bad_list(e, file);
}

/* ---- the draft ---- */

static enum err
load_draft(struct approval *a)
{
	OWNED_BUF(text) = {0};

	TRY(place_read(a->file, XML_MESSAGE_MAX, &text));
	if (draft_read(buf_bytes(&text), &a->draft) != E_OK)
		return refuse(E_INPUT, say("%s is not a draft", a->file), STANDS,
			"give the file " DRAFT_FILE " of the operator");
	TRY(realm_look(a->draft, &a->next));
	if (strcmp(trust_realm(a->known), trust_realm(a->next)) == 0 &&
		trust_version(a->next) > trust_version(a->known))
		return E_OK;
	return refuse(E_TRUST_OLD, say("%s does not follow the list in force", a->file), STANDS,
		"ask the operator for the newest draft and the newest list");
}

static bool
named_in(const struct trust *t, const struct digest *officer)
{
	for (size_t i = 0; i < trust_officer_count(t); i++)
		if (digest_equal(&trust_officer_at(t, i)->digest, officer))
			return true;
	return false;
}

static enum err
check_named(const struct approval *a)
{
	if (named_in(a->known, &a->digest) || named_in(a->next, &a->digest))
		return E_OK;
	return refuse(E_STATE,
		say("neither list names %s/" OFFICER_CERT " as an officer", a->folder), STANDS,
		"ask the operator which certificate was entered");
}

/* ---- yes ---- */

static enum err
show(const struct approval *a)
{
	OWNED(struct draft, before, draft_free) = NULL;

	if (draft_of(trust_bytes(a->known), &before) != E_OK)
		die("a verified trust list cannot be parsed");
	printf("realm %s, list %llu is in force\n", trust_realm(a->known),
		(unsigned long long)trust_version(a->known));
	changes_print(draft_root(before), draft_root(a->draft));
	return E_OK;
}

static enum err
ask(const struct options *o)
{
	char line[16] = "";

	if (option_given(o, OPT_YES))
		return E_OK;
	printf("Do you approve of all of it? Type yes or no: ");
	fflush(stdout);
	if (isatty(STDIN_FILENO) && fgets(line, sizeof(line), stdin) && strcmp(line, "yes\n") == 0)
		return E_OK;
	return refuse(E_STATE, "nobody said yes to it", STANDS,
		"type the same at a terminal, or with --yes once you have read it");
}

static enum err
sign(struct approval *a)
{
	OWNED_BUF(text) = {0};
	OWNED_BUF(plain) = {0};
	uint8_t value[SIGNATURE_MAX];
	size_t size = sizeof(value);
	enum method method;

	TRY(draft_approved(a->draft, &text));
	if (!method_of_key(a->officer->key, &method) ||
		!signature_make(a->officer->key, method, buf_bytes(&text), value, &size))
		return refuse(E_NO_KEY, "the officer's key cannot sign", STANDS, NULL);
	draft_approve(a->draft, &a->digest, bytes_of(value, size));
	TRY(draft_plain(a->draft, &plain));
	return place_replace(a->file, buf_bytes(&plain));
}

static enum err
pin(const struct approval *a)
{
	if (!place_exists(path_in(a->folder, OFFICER_OPERATOR)))
		TRY(own_cert_write(a->operator_cert, path_in(a->folder, OFFICER_OPERATOR), false));
	return place_replace(path_in(a->folder, OFFICER_LIST), trust_bytes(a->known));
}

enum err
pki_approve(const struct options *o)
{
	OWNED(char, copy, free_chars) = xstrdup(o->argument[0]);
	__attribute__((cleanup(clear))) struct approval a = {
		.file = o->argument[0],
		.folder = option_value(o, OPT_OFFICER),
		.beside = dirname(copy),
	};

	TRY(realm_schemas());
	TRY(load_officer(&a));
	TRY(load_operator(&a, o));
	TRY(load_list(&a));
	TRY(load_draft(&a));
	TRY(check_named(&a));
	TRY(show(&a));
	TRY(ask(o));
	TRY(pin(&a));
	TRY(sign(&a));
	printf("approved: %s carries it now; the operator types daftar-pki publish REALM\n",
		a.file);
	return E_OK;
}
