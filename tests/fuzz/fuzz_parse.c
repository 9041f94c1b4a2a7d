/* SPDX-License-Identifier: EUPL-1.2
 *
 * Any octets as a document: pre-scan, parser, canonical form, schemas, the header, the closed
 * templates of both signatures; and as a consent token. What is called canonical is the same after
 * a second round. */
#include "tests/fuzz/fuzz.h"

#include "lib/child.h"
#include "lib/header.h"
#include "lib/seal_parts.h"

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	OWNED(char, schemas, free_chars) = schemas_find();

	(void)argc;
	(void)argv;
	xml_init();
	if (schemas == NULL || xml_load_schemas(schemas) != E_OK)
		die("no schemas");
	return 0;
}

static void
look_at(xmlDoc *doc, struct bytes octets)
{
	static struct claims claims;
	uint8_t der[SEAL_CERT_MAX];
	size_t size = sizeof(der);
	struct header header;
	xmlNode *signature;
	char where[80];

	for (enum form f = 0; f < FORM_N; f++)
		(void)!seal_shape(doc, f, &signature, &claims);
	(void)!seal_cert(doc, der, &size);
	if (header_read(doc, &header) == E_OK && !header_sane(&header))
		broken("a header that was read is sane");
	for (enum xml_schema s = 0; s < SCHEMA_N; s++)
		(void)!xml_validate(doc, s, where, sizeof(where));
	(void)!validate_strictly(doc, octets, SCHEMA_ENVELOPE);
}

/* Tokens are read without any parser, by whoever has octets. */
static void
look_for_token(struct bytes octets)
{
	struct consent_token t;
	size_t size;

	if (!consent_token_read(octets, &t))
		return;
	if (!consent_token_sane(&t))
		broken("a token that was read is sane");
	if (!consent_token_stands_in(octets, &t, &size) || size != octets.size)
		broken("a token stands in its own octets");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED(xmlDoc, doc, xml_free) = NULL;
	OWNED_BUF(canonical) = {0};

	look_for_token(bytes_of(data, size));
	if (xml_parse(bytes_of(data, size), &doc) != E_OK)
		return 0;
	if (xml_prescan(bytes_of(data, size)) != E_OK)
		broken("nothing is parsed that the pre-scan refuses");
	if (xml_check_canonical(doc, bytes_of(data, size)) == E_OK &&
		(xml_canonical(doc, &canonical) != E_OK || canonical.size != size ||
			memcmp(canonical.data, data, size) != 0))
		broken("canonical octets are what the canonicaliser writes");
	look_at(doc, bytes_of(data, size));
	return 0;
}
