/* SPDX-License-Identifier: EUPL-1.2
 *
 * A registry's answer, true or not, for the scenario tests:
 *
 *	answer REALM FROM REQUEST RESULT ABOUT FILE
 *
 * FILE is an outcome by FROM, signed and encrypted for whoever has sent the message in the file
 * REQUEST, in its conversation. RESULT is Transcribed or Refused; ABOUT is what it claims to
 *answer: `request', `another' message, or `both' (one outside, the other sealed). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/child.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/record.h"
#include "lib/xml.h"
#include "tests/tools/realm.h"

#define DAY (24 * 60 * 60 * INT64_C(1000))

static struct header
header_of(const struct trust *t, const struct header *request, const char *from)
{
	struct header h = {.id = id_new(),
		.conversation = request->conversation,
		.leg = request->leg,
		.action = A_TRANSCRIPTION_OUTCOME,
		.to = request->from,
		.created = instant_now(),
		.channel_seq = 1,
		.has_ref = true,
		.ref = request->id};
	const struct trust_agreement *a;

	if (!party_parse(from, &h.from) || !copy_text(h.realm, sizeof h.realm, trust_realm(t)))
		die("%s is no party code", from);
	h.expires = h.retain_until = h.created + DAY;
	a = trust_agreement(t, &h.from, &h.to, h.action);
	if (a == NULL)
		die("%s may not answer", from);
	memcpy(h.agreement, a->id, sizeof h.agreement);
	memcpy(h.purpose, a->purpose[0], sizeof h.purpose);
	return h;
}

static void
body_of(const struct header *h, const char *result, struct buf *out)
{
	struct text_item reason = {.value = "I01"};
	struct outcome o = {.answers = h->ref, .answers_digest = h->ref_digest};

	if (strcmp(result, "Refused") == 0) {
		o.result = OUTCOME_REFUSED;
		o.reason = &reason;
	} else {
		o.result = OUTCOME_TRANSCRIBED;
		o.extract_id = "01a20ce8-ae8d-70c3-a2e0-ae84596f233b";
		o.register_name = "Civil Register";
		o.entry_number = "TR-000777";
		o.entered_on = "2026-11-01";
		o.office = "Civil Registration";
	}
	outcome_compose(&o, out);
}

static void
make(const char *from, const char *request_file, const char *result, const char *about,
	const char *file)
{
	OWNED(struct trust, t, trust_free) = load_trust();
	OWNED(struct identity, signer, identity_free) = identity_of_party(from);
	const struct trust_party *to;
	OWNED_BUF(request) = {0};
	OWNED_BUF(body) = {0};
	OWNED_BUF(message) = {0};
	struct header asked, h;

	sure(file_read(request_file, XML_MESSAGE_MAX, &request), request_file);
	sure(message_header(buf_bytes(&request), &asked), request_file);
	h = header_of(t, &asked, from);
	digest_of(request.data, request.size, &h.ref_digest);
	if (strcmp(about, "another") == 0)
		h.ref = id_new();
	body_of(&h, result, &body);
	if (strcmp(about, "both") == 0)
		h.ref = id_new();
	to = trust_party(t, &h.to);
	sure(message_compose(&h, buf_bytes(&body), to->encrypt, to->n_encrypt, signer, &message),
		"composing");
	sure(file_replace(file, buf_bytes(&message), 0600), file);
}

int
main(int argc, char **argv)
{
	OWNED(char, schemas, free_chars) = schemas_find();

	log_open("answer", LOG_NOTICE);
	if (argc != 7) {
		fputs("usage: answer REALM FROM REQUEST RESULT ABOUT FILE\n", stderr);
		return 2;
	}
	realm = argv[1];
	xml_init();
	sure(schemas == NULL ? E_NOT_FOUND : xml_load_schemas(schemas), "schemas");
	make(argv[2], argv[3], argv[4], argv[5], argv[6]);
	return EXIT_SUCCESS;
}
