/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl key rotate PARTY: new keys are listed beside the old ones, used, and only then are the
 * old ones taken out, so that nothing on its way is refused. How far that is, is read off the trust
 * list in force: one good signing certificate, several, or none. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/ctl_command.h"
#include "lib/id.h"

#define DAY_MS INT64_C(86400000)

struct keys {
	size_t sign, encrypt; /* good ones */
	const char *oldest;   /* fingerprint of the good signing certificate that ends first */
	int64_t ends;
};

static void
count(const json_t *certs, struct keys *k)
{
	const json_t *row;
	size_t i;

	*k = (struct keys){.ends = INT64_MAX};
	json_array_foreach(json_object_get(certs, "certificates"), i, row)
	{
		int64_t until;

		if (strcmp(text_of(row, "state"), "valid") != 0)
			continue;
		k->encrypt += strcmp(text_of(row, "what"), "encrypt") == 0;
		if (strcmp(text_of(row, "what"), "sign") != 0)
			continue;
		k->sign++;
		if (instant_parse(text_of(row, "until"), &until) && until < k->ends) {
			k->ends = until;
			k->oldest = text_of(row, "fingerprint");
		}
	}
}

static void
add(json_t *steps, const char *where, char *what)
{
	json_array_append_new(steps, json_pack("{s:s, s:s}", "where", where, "type", what));
	free_chars(&what);
}

/* Nothing new is listed yet. */
static void
begin(json_t *steps, const char *party)
{
	add(steps, "the office",
		xprintf("daftar-pki request DIR --party %s --role ROLE --name NAME --renew",
			party));
	add(steps, "the office",
		xprintf("read the fingerprint that it prints to the operator, by telephone"));
	add(steps, "the realm",
		xprintf("daftar-pki renew REALM --request request.json --answer answer.json "
			"--fingerprint HEX"));
	add(steps, "here", xprintf("daftarctl trust install trust.xml"));
	add(steps, "the office", xprintf("daftar-pki accept DIR --answer answer.json"));
	add(steps, "here", xprintf("daftarctl key rotate %s, once more", party));
}

static void
finish(json_t *steps, const char *party, const char *oldest)
{
	add(steps, "here",
		xprintf("daftarctl message find --from %s --state open: until nothing is left that "
			"was signed with the old key",
			party));
	add(steps, "the realm",
		xprintf("daftar-pki retire REALM --party %s --cert %s", party, oldest));
	add(steps, "here", xprintf("daftarctl trust install trust.xml"));
}

static json_t *
plan(const json_t *certs, const char *party)
{
	json_t *steps = json_array();
	const char *stands;
	struct keys k;

	count(certs, &k);
	if (k.sign > 1 || k.encrypt > 1) {
		stands = "old and new keys are both good: the overlap";
		finish(steps, party, k.oldest != NULL ? k.oldest : "HEX");
	} else {
		stands = k.sign == 1 ? "one key of each kind, nothing new is listed"
				     : "no good signing key is listed: it can send nothing";
		begin(steps, party);
	}
	return json_pack("{s:s, s:s, s:I, s:I, s:o*, s:O, s:o}", "party", party, "stands", stands,
		"signing", (json_int_t)k.sign, "encryption", (json_int_t)k.encrypt, "days",
		k.sign > 0 ? json_integer((k.ends - instant_now()) / DAY_MS) : NULL, "certificates",
		json_object_get(certs, "certificates"), "steps", steps);
}

void
print_rotation(const json_t *data)
{
	static const struct column columns[] = {
		{"where", "where", 11}, {"what to type", "type", 0}};

	print_field("party", "%s", text_of(data, "party"));
	print_field("stands", "%s", text_of(data, "stands"));
	if (json_object_get(data, "days") != NULL)
		print_field("first ends", "in %" PRId64 " days", number_of(data, "days"));
	putchar('\n');
	print_certs(data);
	putchar('\n');
	print_table(json_object_get(data, "steps"), columns, ARRAY_LEN(columns));
}

int
ctl_key_rotate(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, certs, json_decrefp) = NULL;
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e = ctl_call(o, c->doing->verb, args, &certs);

	if (e == E_OK)
		data = plan(certs, o->words[0]);
	return ctl_end(o, c, ctl_item(o), data, e);
}
