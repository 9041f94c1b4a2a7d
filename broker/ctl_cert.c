/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates: which there are, one by the beginning of its fingerprint, and whether one that lies
 * in a file would be taken now. What only the realm's machine can do is said, with the command. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/x509.h>

#include "broker/ctl_command.h"
#include "lib/file.h"
#include "lib/id.h"
#include "lib/keyring.h"

#define CERT_MOST (64 * 1024)
#define PREFIX_LEAST 4

void
print_certs(const json_t *data)
{
	static const struct column columns[] = {{"what", "what", 8}, {"party", "party", 14},
		{"country", "country", 7}, {"until", "until", 24}, {"state", "state", 12},
		{"fingerprint", "fingerprint", 0}};

	print_table(json_object_get(data, "certificates"), columns, ARRAY_LEN(columns));
}

/* The fingerprint, and nothing else of a name that the certificate may hold. */
void
print_cert(const json_t *data)
{
	static const struct column fields[] = {{"fingerprint", "fingerprint", 0},
		{"what", "what", 0}, {"party", "party", 0}, {"country", "country", 0},
		{"until", "until", 0}, {"state", "state", 0}, {"revocation", "revocation", 0},
		{"verdict", "verdict", 0}};
	const json_t *step;
	size_t i;

	print_known(data, fields, ARRAY_LEN(fields));
	json_array_foreach(json_object_get(data, "next"), i, step)
		print_field(i == 0 ? "next" : "", "%s", json_string_value(step));
}

/* ---- finding one ---- */

/* The only one whose fingerprint begins so, of all or of a party; a loan. */
static enum err
find_one(const json_t *data, const char *prefix, const char *party, const json_t **out)
{
	const json_t *row;
	size_t i, n = 0, length = strlen(prefix);

	json_array_foreach(json_object_get(data, "certificates"), i, row)
	{
		if (strncmp(text_of(row, "fingerprint"), prefix, length) != 0 ||
			(party != NULL && strcmp(text_of(row, "party"), party) != 0))
			continue;
		*out = row;
		n++;
	}
	return n == 0 ? E_NOT_FOUND : n == 1 ? E_OK : E_AMBIGUOUS;
}

static enum err
list_of(const struct options *o, json_t **data)
{
	return ctl_call(o, "cert.list", NULL, data);
}

static int
many(const struct options *o, const char *prefix)
{
	return ctl_fail(o, E_USAGE, "daftarctl cert list",
		"more than one fingerprint begins with %s, or it has fewer than %d characters",
		prefix, PREFIX_LEAST);
}

int
ctl_cert_show(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	const json_t *row = NULL;
	enum err e;

	(void)args;
	e = list_of(o, &data);
	if (e == E_OK)
		e = strlen(o->words[0]) < PREFIX_LEAST ? E_AMBIGUOUS
						       : find_one(data, o->words[0], NULL, &row);
	return e == E_AMBIGUOUS ? many(o, o->words[0]) : ctl_end(o, c, ctl_item(o), row, e);
}

/* The beginning is enough where one certificate of the party has it. */
int
ctl_cert_revoke(const struct options *o, const struct command *c, json_t *args)
{
	const char *prefix = o->words[1];
	OWNED(json_t, data, json_decrefp) = NULL;
	const json_t *row = NULL;
	enum err e = E_OK;

	if (strlen(prefix) == DIGEST_TEXT_SIZE - 1)
		return ctl_change(o, c, args);
	e = list_of(o, &data);
	if (e == E_OK)
		e = strlen(prefix) < PREFIX_LEAST ? E_AMBIGUOUS
						  : find_one(data, prefix, o->words[0], &row);
	if (e == E_AMBIGUOUS)
		return many(o, prefix);
	if (e != E_OK)
		return ctl_complain(o, c, ctl_item(o), e);
	json_object_set(args, "fingerprint", json_object_get(row, "fingerprint"));
	return ctl_change(o, c, args);
}

/* ---- one in a file ---- */

static enum err
print_of_file(const char *file, char out[DIGEST_TEXT_SIZE])
{
	OWNED(X509, cert, cert_free) = NULL;
	OWNED_BUF(der) = {0};
	unsigned char *octets = NULL;
	struct digest d;
	int n;

	TRY(file_read(file, CERT_MOST, &der));
	if (cert_load(file, &cert) != E_OK)
		TRY(cert_of_der(buf_bytes(&der), &cert));
	n = i2d_X509(cert, &octets);
	if (n <= 0)
		return E_NO_CERT;
	digest_of(octets, (size_t)n, &d);
	OPENSSL_free(octets);
	digest_format(&d, out);
	return E_OK;
}

/* Of its country: "fresh", "too old", "none". */
static const char *
revocation_of(const json_t *crls, const char *country)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(crls, "crls"), i, row)
	{
		if (strcmp(text_of(row, "country"), country) != 0)
			continue;
		if (strcmp(text_of(row, "kind"), "none") == 0)
			return "none";
		if (text_of(row, "too_old_since")[0] != '\0')
			return "too old";
		return "fresh";
	}
	return "not asked for";
}

static void
say_next(json_t *found, const char *fmt, const char *what)
{
	OWNED(char, line, free_chars) = xprintf(fmt, what);
	json_t *next = json_object_get(found, "next");

	if (next == NULL) {
		next = json_array();
		json_object_set_new(found, "next", next);
	}
	json_array_append_new(next, json_string(line));
}

static void
say_how_to_list(json_t *found)
{
	say_next(found, "%s",
		"daftar-pki enrol (a new party) or daftar-pki renew (new keys of one "
		"that is there), on the realm's machine, with the office's request");
	say_next(found, "%s", "then here: daftarctl trust install trust.xml");
}

/* What is to be said of a certificate of this fingerprint. */
static json_t *
judge(const char *print, const json_t *certs, const json_t *crls)
{
	json_t *found = json_object();
	const json_t *row = NULL;
	const char *state, *fresh;
	bool good;

	json_object_set_new(found, "fingerprint", json_string(print));
	if (find_one(certs, print, NULL, &row) != E_OK) {
		json_object_set_new(found, "verdict",
			json_string("not taken: the trust list in force does not have it"));
		say_how_to_list(found);
		return found;
	}
	(void)json_object_update(found, (json_t *)row);
	state = text_of(row, "state");
	fresh = revocation_of(crls, text_of(row, "country"));
	good = strcmp(state, "valid") == 0;
	json_object_set_new(found, "revocation", json_string(fresh));
	json_object_set_new(found, "verdict",
		json_string(!good ? "not taken: it is ended or revoked"
			    : strcmp(text_of(row, "what"), "sign") != 0
				    ? "it signs no messages; for what it is for it is good"
			    : strcmp(fresh, "too old") == 0 || strcmp(fresh, "none") == 0
				    ? "held: revocation data of its country is too old"
				    : "taken"));
	if (!good)
		say_next(found, "daftarctl key rotate %s", text_of(row, "party"));
	else if (strcmp(fresh, "too old") == 0 || strcmp(fresh, "none") == 0)
		say_next(found, "daftarctl crl add FILE, a new one of the authority of %s",
			text_of(row, "country"));
	return found;
}

static int
look_at(const struct options *o, const struct command *c, json_t **found)
{
	OWNED(json_t, certs, json_decrefp) = NULL;
	OWNED(json_t, crls, json_decrefp) = NULL;
	char print[DIGEST_TEXT_SIZE];
	enum err e = print_of_file(o->words[0], print);

	if (e == E_OK)
		e = list_of(o, &certs);
	if (e == E_OK)
		e = ctl_call(o, "crl.list", NULL, &crls);
	if (e == E_OK)
		*found = judge(print, certs, crls);
	return ctl_end(o, c, ctl_item(o), *found, e);
}

int
ctl_cert_test(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, found, json_decrefp) = NULL;
	int status = look_at(o, c, &found);

	(void)args;
	return status == 0 && strcmp(text_of(found, "verdict"), "taken") != 0 ? EXIT_FAILED
									      : status;
}

int
ctl_cert_add(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, found, json_decrefp) = NULL;

	(void)args;
	return look_at(o, c, &found);
}
