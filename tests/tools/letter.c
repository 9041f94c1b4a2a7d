/* SPDX-License-Identifier: EUPL-1.2
 *
 * Any message of a case, with a consent token or without, right or wrong, by the keys of a
 * throw-away realm:
 *
 *	letter REALM ACTION FROM TO FILE [WORD=VALUE]...
 *
 * FILE is the message by FROM, encrypted for TO under the agreement that there is; its id, digest
 * and conversation are printed. The element of a token that is made is left in FILE.token. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/child.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/xml.h"
#include "tests/tools/realm.h"

#define HOUR (60 * 60 * INT64_C(1000))

static struct word {
	const char *name, *value;
	const char *means;
} words[] = {
	{"body", NULL, "file with the body element; otherwise one of tests/data/valid"},
	{"like", NULL, "file with a message: in its case, in answer to it"},
	{"conversation", NULL, "id of the case; otherwise a new one"},
	{"agreement", NULL, "its id; otherwise the one that lasts longest"},
	{"purpose", NULL, "of the header; otherwise the agreement's first"},
	{"sequence", "1", "number in the channel"},
	{"key", NULL, "idempotency key of an extract; otherwise that of its body"},
	{"token", "none", "`none', `new', or a file with one, alone or in a message"},
	/* of a new token */
	{"by", "UNHCR.NBO", "the office that it names"},
	{"signer", NULL, "the party whose key signs it; otherwise that office"},
	{"holder", "KE.CRS", "the registry that may tell"},
	{"destination", "SO.NIRA", "the registry that may be told"},
	{"case", NULL, "id of the case that it is for; otherwise the message's"},
	{"allows", "BIRTH-TRANSCRIPTION", "its purpose"},
	{"issued", "0", "hours from now"},
	{"until", "720", "hours from now"},
	{"officer", NULL, "clears it: a path without .key and .pem"},
	{"damaged", "no", "`yes': one octet of its signature is another"},
};

static const char *
word(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].name, name) == 0)
			return words[i].value;
	die("%s is no word", name);
}

static bool
take_word(const char *argument)
{
	const char *equals = strchr(argument, '=');

	for (size_t i = 0; equals != NULL && i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i].name);

		if (n == (size_t)(equals - argument) && memcmp(words[i].name, argument, n) == 0) {
			words[i].value = equals + 1;
			return true;
		}
	}
	return false;
}

static void
read_octets(const char *file, struct buf *out)
{
	sure(file_read(file, XML_MESSAGE_MAX, out), file);
	while (out->size > 0 && out->data[out->size - 1] == '\n')
		out->data[--out->size] = '\0';
}

static struct party
party(const char *code)
{
	struct party p = {0};

	if (!party_parse(code, &p))
		die("%s is no party code", code);
	return p;
}

static struct id
id(const char *text)
{
	struct id out;

	if (!id_parse(text, &out))
		die("%s is no id", text);
	return out;
}

/* ---- the body ---- */

static const char *const bodies[ACTION_N] = {
	[A_TRANSCRIPTION_REQUEST] = "transcription-request/hodan.xml",
	[A_CERTIFIED_EXTRACT] = "certified-extract/usual.xml",
	[A_TRANSCRIPTION_OUTCOME] = "transcription-outcome/not-found.xml",
	[A_QUERY] = "query/element.xml",
	[A_QUERY_REPLY] = "query-reply/confirm.xml",
	[A_ATTACHMENT] = "attachment/part.xml",
	[A_CANCELLATION] = "cancellation/withdrawn.xml",
	[A_CORRECTION_NOTICE] = "correction-notice/clerical.xml",
	[A_CORRECTION_OUTCOME] = "correction-outcome/applied.xml",
};

static void
read_body(enum action a, struct buf *out)
{
	const char *tests = getenv("DAFTAR_TESTS");
	OWNED(char, file, free_chars) = NULL;

	if (bodies[a] == NULL)
		die("%s is not encrypted for anybody", action_word(a));
	file = xprintf("%s/data/valid/%s", tests != NULL ? tests : "tests", bodies[a]);
	read_octets(word("body") != NULL ? word("body") : file, out);
}

/* ---- the header ---- */

static void
put_case(struct header *h)
{
	OWNED_BUF(other) = {0};
	struct header like;

	if (word("like") != NULL) {
		read_octets(word("like"), &other);
		sure(message_header(buf_bytes(&other), &like), word("like"));
		h->conversation = like.conversation;
		h->leg = like.leg;
		h->has_ref = true;
		h->ref = like.id;
		digest_of(other.data, other.size, &h->ref_digest);
	}
	if (word("conversation") != NULL)
		h->conversation = id(word("conversation"));
}

static void
put_agreement(const struct trust *t, struct header *h)
{
	const struct trust_agreement *a = trust_agreement(t, &h->from, &h->to, h->action);
	const char *agreement = word("agreement"), *purpose = word("purpose");

	if (agreement == NULL)
		agreement = a != NULL ? a->id : "NONE";
	if (purpose == NULL)
		purpose = h->action == A_CANCELLATION ? PURPOSE_WITHDRAWAL
			  : a != NULL		      ? a->purpose[0]
						      : "BIRTH-TRANSCRIPTION";
	if (!copy_text(h->realm, sizeof h->realm, trust_realm(t)) ||
		!copy_text(h->agreement, sizeof h->agreement, agreement) ||
		!copy_text(h->purpose, sizeof h->purpose, purpose))
		die("a word is too long");
}

static void
put_key(struct header *h, struct bytes body)
{
	h->has_key = h->action == A_CERTIFIED_EXTRACT;
	if (!h->has_key)
		return;
	digest_of(body.data, body.size, &h->key);
	if (word("key") != NULL && !digest_parse(word("key"), &h->key))
		die("%s is no key", word("key"));
}

static struct header
header_of(const struct trust *t, enum action action, const char *from, const char *to)
{
	struct header h = {.id = id_new(),
		.conversation = id_new(),
		.leg = id_new(),
		.action = action,
		.from = party(from),
		.to = party(to),
		.created = instant_now(),
		.channel_seq = strtoull(word("sequence"), NULL, 10)};

	h.expires = h.created + 24 * HOUR;
	h.retain_until = h.created + 48 * HOUR;
	put_case(&h);
	put_agreement(t, &h);
	return h;
}

/* ---- the token ---- */

static int64_t
in_hours(const char *name)
{
	return instant_now() + strtoll(word(name), NULL, 10) * HOUR;
}

static void
clear_token(struct consent_token *t, struct buf *element)
{
	OWNED(char, key, free_chars) = xprintf("%s.key", word("officer"));
	OWNED(char, cert, free_chars) = xprintf("%s.pem", word("officer"));
	OWNED(struct identity, officer, identity_free) = NULL;
	OWNED_BUF(granted) = {0};

	sure(identity_load(key, cert, &officer), key);
	buf_add_bytes(&granted, buf_bytes(element));
	buf_reset(element);
	sure(consent_token_clear(t, buf_bytes(&granted), officer, element), "clearing");
}

/* Behind the start tag of the first signature. */
static void
damage(struct buf *element)
{
	uint8_t *at = memmem(element->data, element->size, "<e:Grant ", 9);

	at = memchr(at, '>', element->size - (size_t)(at - element->data));
	at[1] = at[1] == 'A' ? 'B' : 'A';
}

static void
make_token(const struct header *h, struct buf *element)
{
	const char *signer_code = word("signer") != NULL ? word("signer") : word("by");
	OWNED(struct identity, signer, identity_free) = identity_of_party(signer_code);
	struct consent_token t = {.id = id_new(),
		.conversation = word("case") != NULL ? id(word("case")) : h->conversation,
		.by = party(word("by")),
		.holder = party(word("holder")),
		.destination = party(word("destination")),
		.issued = in_hours("issued"),
		.valid_until = in_hours("until")};

	if (!copy_text(t.purpose, sizeof t.purpose, word("allows")))
		die("a word is too long");
	sure(consent_token_grant(&t, signer, element), "signing");
	if (word("officer") != NULL)
		clear_token(&t, element);
	if (strcmp(word("damaged"), "yes") == 0)
		damage(element);
}

static void
copy_token(const char *file, struct buf *element)
{
	OWNED_BUF(other) = {0};
	struct bytes found;

	read_octets(file, &other);
	if (!message_token(buf_bytes(&other), &found))
		found = buf_bytes(&other);
	buf_add_bytes(element, found);
}

static void
put_token(struct header *h, const char *file, struct buf *element)
{
	OWNED(char, beside, free_chars) = xprintf("%s.token", file);

	if (strcmp(word("token"), "none") == 0)
		return;
	if (strcmp(word("token"), "new") == 0) {
		make_token(h, element);
		sure(file_replace(beside, buf_bytes(element), 0600), beside);
	} else {
		copy_token(word("token"), element);
	}
	h->has_token = consent_token_read(buf_bytes(element), &h->token);
	if (!h->has_token)
		die("%s holds no token", word("token"));
}

/* ---- the message ---- */

static void
tell(const struct header *h, const struct buf *message)
{
	char text[ID_TEXT_SIZE], conversation[ID_TEXT_SIZE], hex[DIGEST_TEXT_SIZE];
	struct digest digest;

	id_format(&h->id, text);
	id_format(&h->conversation, conversation);
	digest_of(message->data, message->size, &digest);
	digest_format(&digest, hex);
	printf("%s %s %s\n", text, hex, conversation);
}

static void
make(const char *action_text, const char *from, const char *to, const char *file)
{
	OWNED(struct trust, t, trust_free) = load_trust();
	OWNED(struct identity, signer, identity_free) = identity_of_party(from);
	const struct trust_party *reader;
	OWNED_BUF(body) = {0};
	OWNED_BUF(element) = {0};
	OWNED_BUF(message) = {0};
	enum action action;
	struct header h;

	if (!action_parse(action_text, &action))
		die("%s is no action", action_text);
	read_body(action, &body);
	h = header_of(t, action, from, to);
	put_key(&h, buf_bytes(&body));
	put_token(&h, file, &element);
	reader = trust_party(t, &h.to);
	if (reader == NULL)
		die("%s is not in the trust list", to);
	sure(message_compose_with(&h, buf_bytes(&element), buf_bytes(&body), reader->encrypt,
		     reader->n_encrypt, signer, &message),
		"composing");
	sure(file_replace(file, buf_bytes(&message), 0600), file);
	tell(&h, &message);
}

static int
usage(void)
{
	fputs("usage: letter REALM ACTION FROM TO FILE [WORD=VALUE]...\n", stderr);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		fprintf(stderr, "  %-13s %s%s%s%s\n", words[i].name, words[i].means,
			words[i].value != NULL ? " (" : "",
			words[i].value != NULL ? words[i].value : "",
			words[i].value != NULL ? ")" : "");
	return 2;
}

int
main(int argc, char **argv)
{
	OWNED(char, schemas, free_chars) = schemas_find();

	log_open("letter", LOG_NOTICE);
	if (argc < 6)
		return usage();
	for (int i = 6; i < argc; i++)
		if (!take_word(argv[i]))
			return usage();
	realm = argv[1];
	errno = 0;
	xml_init();
	sure(schemas == NULL ? E_NOT_FOUND : xml_load_schemas(schemas), "schemas");
	make(argv[2], argv[3], argv[4], argv[5]);
	return EXIT_SUCCESS;
}
