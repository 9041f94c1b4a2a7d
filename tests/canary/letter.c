/* SPDX-License-Identifier: EUPL-1.2
 *
 * A message of any kind, signed and encrypted with the keys of a throw-away realm, under the token
 *of a consent that UNHCR.NBO took for a record of KE.CRS to be entered by SO.NIRA:
 *
 *	letter REALM FROM TO ACTION BODY FILE
 *
 * BODY holds the element that goes into the body. Kinds that no program of ours sends yet are made
 * with it. */
#include <stdio.h>
#include <string.h>

#include "lib/child.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/xml.h"
#include "tests/tools/realm.h"

#define DAY (24 * 60 * 60 * INT64_C(1000))

static struct party
party_of(const char *code)
{
	struct party p;

	if (!party_parse(code, &p))
		die("%s is no party code", code);
	return p;
}

static struct header
header_of(const struct trust *t, const char *from, const char *to, const char *action)
{
	struct header h = {.id = id_new(),
		.conversation = id_new(),
		.leg = id_new(),
		.from = party_of(from),
		.to = party_of(to),
		.created = instant_now(),
		.channel_seq = 1};
	const struct trust_agreement *a;

	if (!action_parse(action, &h.action) || !copy_text(h.realm, sizeof h.realm, trust_realm(t)))
		die("%s is no action", action);
	h.expires = h.retain_until = h.created + DAY;
	a = trust_agreement(t, &h.from, &h.to, h.action);
	if (a == NULL)
		die("%s may not send %s to %s", from, action, to);
	memcpy(h.agreement, a->id, sizeof h.agreement);
	memcpy(h.purpose, a->purpose[0], sizeof h.purpose);
	return h;
}

static void
grant(struct header *h, struct buf *element)
{
	OWNED(struct identity, office, identity_free) = identity_of_party("UNHCR.NBO");
	struct consent_token *k = &h->token;

	*k = (struct consent_token){.id = id_new(),
		.conversation = h->conversation,
		.by = party_of("UNHCR.NBO"),
		.holder = party_of("KE.CRS"),
		.destination = party_of("SO.NIRA"),
		.issued = h->created,
		.valid_until = h->created + DAY};
	memcpy(k->purpose, h->purpose, sizeof k->purpose);
	sure(consent_token_grant(k, office, element), "the token");
	h->has_token = true;
	if (h->action == A_CANCELLATION &&
		!copy_text(h->purpose, sizeof h->purpose, PURPOSE_WITHDRAWAL))
		assert(!"it has room");
}

static void
make(char **argv)
{
	OWNED(struct trust, t, trust_free) = load_trust();
	OWNED(struct identity, signer, identity_free) = identity_of_party(argv[2]);
	struct header h = header_of(t, argv[2], argv[3], argv[4]);
	const struct trust_party *to = trust_party(t, &h.to);
	OWNED_BUF(body) = {0};
	OWNED_BUF(token) = {0};
	OWNED_BUF(message) = {0};

	sure(file_read(argv[5], XML_MESSAGE_MAX, &body), argv[5]);
	grant(&h, &token);
	sure(message_compose_with(&h, buf_bytes(&token), buf_bytes(&body), to->encrypt,
		     to->n_encrypt, signer, &message),
		"composing");
	sure(file_replace(argv[6], buf_bytes(&message), 0600), argv[6]);
}

int
main(int argc, char **argv)
{
	OWNED(char, schemas, free_chars) = schemas_find();

	log_open("letter", LOG_NOTICE);
	if (argc != 7) {
		fputs("usage: letter REALM FROM TO ACTION BODY FILE\n", stderr);
		return 2;
	}
	realm = argv[1];
	xml_init();
	sure(schemas == NULL ? E_NOT_FOUND : xml_load_schemas(schemas), "schemas");
	make(argv);
	return EXIT_SUCCESS;
}
