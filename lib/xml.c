/* SPDX-License-Identifier: EUPL-1.2
 *
 * libxml2 with everything switched off that can surprise: no file, no network, no entity, no DTD,
 * no recovery, no messages. Its input layer is emptied for the whole process, so even a code path
 * that was overlooked finds nothing to open; the schemas are read by us and handed to it from
 * memory while xml_load_schemas runs, and only then.
 *
 * A parse counts only if libxml2 found nothing at all to say about it: version 2.9.14 returns a
 * document for undeclared prefixes and doubled attributes, and tells so only in the context. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libxml/c14n.h>
#include <libxml/catalog.h>
#include <libxml/parser.h>
#include <libxml/xmlIO.h>
#include <libxml/xmlschemas.h>

#include "lib/file.h"
#include "lib/seal.h"
#include "lib/xml.h"

#define SCHEMA_FILE_MAX (512 * 1024)
/* The folder of schemas as libxml2 sees it: a name that no file has. Relative locations are
 * resolved against it, so whatever leaves that folder does not begin with it any more. */
#define SCHEMA_BASE "/daftar-schemas/"

static xmlSchema *schemas[SCHEMA_N];
/* The folder that schemas may be read from; NULL except while they are loaded. */
static const char *schema_directory;

static const char *const schema_files[SCHEMA_N] = {
	[SCHEMA_ENVELOPE] = "envelope.xsd",
	[SCHEMA_CONTENT] = "content.xsd",
	[SCHEMA_BIRTH] = "birth.xsd",
	[SCHEMA_CASE] = "case.xsd",
	[SCHEMA_TRUST] = "trust.xsd",
};

/* ---- start ---- */

static void
say_nothing(void *context, const char *format, ...)
{
	(void)context;
	(void)format;
}

static void
note_nothing(void *context, xmlError *error)
{
	(void)context;
	(void)error;
}

/* Reads a schema file that lies directly in the folder. */
static enum err
read_schema(const char *url, struct buf *out)
{
	const size_t n = strlen(SCHEMA_BASE);

	if (strncmp(url, SCHEMA_BASE, n) != 0 || strchr(url + n, '/') != NULL)
		return E_NOT_FOUND;
	OWNED(char, file, free_chars) = xprintf("%s/%s", schema_directory, url + n);
	OWNED_FD(fd) = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > SCHEMA_FILE_MAX)
		return E_IO;
	return file_read_from(fd, SCHEMA_FILE_MAX, out);
}

/* libxml2 asks here for everything that it would open by itself. */
static xmlParserInput *
load_entity(const char *url, const char *public_id, xmlParserCtxt *context)
{
	OWNED_BUF(b) = {0};

	(void)public_id;
	if (schema_directory == NULL || url == NULL || read_schema(url, &b) != E_OK)
		return NULL;
	xmlParserInputBuffer *in = xmlParserInputBufferCreateMem(
		(const char *)b.data, (int)b.size, XML_CHAR_ENCODING_NONE);
	if (in == NULL)
		return NULL;
	xmlParserInput *input = xmlNewIOInputStream(context, in, XML_CHAR_ENCODING_NONE);
	if (input == NULL) {
		xmlFreeParserInputBuffer(in);
		return NULL;
	}
	input->filename = (char *)xmlStrdup((const xmlChar *)url);
	return input;
}

void
xml_init(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	LIBXML_TEST_VERSION
	xmlInitParser();
	xmlCatalogSetDefaults(XML_CATA_ALLOW_NONE);
	xmlSetGenericErrorFunc(NULL, say_nothing);
	xmlSetStructuredErrorFunc(NULL, note_nothing);
	seal_init();
	/* After xmlsec, which registers readers of its own. */
	xmlCleanupInputCallbacks();
	xmlCleanupOutputCallbacks();
	xmlSetExternalEntityLoader(load_entity);
}

/* ---- parse ---- */

void
xml_free(xmlDoc **doc)
{
	if (*doc != NULL)
		xmlFreeDoc(*doc);
	*doc = NULL;
}

static void
parser_free(xmlParserCtxt **p)
{
	if (*p != NULL)
		xmlFreeParserCtxt(*p);
	*p = NULL;
}

enum err
xml_parse(struct bytes doc, xmlDoc **out)
{
	const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;

	TRY(xml_prescan(doc));
	OWNED(xmlParserCtxt, p, parser_free) = xmlNewParserCtxt();
	if (p == NULL)
		die("no memory for a parser");
	OWNED(xmlDoc, d, xml_free) =
		xmlCtxtReadMemory(p, (const char *)doc.data, (int)doc.size, NULL, "UTF-8", options);
	if (d == NULL || !p->wellFormed || !p->nsWellFormed || p->errNo != XML_ERR_OK)
		return E_MALFORMED;
	if (d->intSubset != NULL || d->extSubset != NULL)
		return E_FORBIDDEN_MARKUP;
	*out = TAKE(d);
	return E_OK;
}

/* ---- canonical form ---- */

/* What the canonicaliser writes, compared with the bytes as it comes. */
struct comparison {
	struct bytes left;
};

static int
compare_piece(void *context, const char *data, int size)
{
	struct comparison *c = context;
	size_t n = (size_t)size;

	if (n > c->left.size || memcmp(data, c->left.data, n) != 0)
		return -1;
	c->left.data += n;
	c->left.size -= n;
	return size;
}

static int
append_piece(void *context, const char *data, int size)
{
	buf_add(context, data, (size_t)size);
	return size;
}

/* Exclusive XML Canonicalization 1.0 without comments, written piece by piece. */
static bool
canonicalise(xmlDoc *doc, xmlOutputWriteCallback write, void *context)
{
	xmlOutputBuffer *o = xmlOutputBufferCreateIO(write, NULL, context, NULL);

	if (o == NULL)
		die("no memory to canonicalise");
	int n = xmlC14NExecute(doc, NULL, NULL, XML_C14N_EXCLUSIVE_1_0, NULL, 0, o);
	int closed = xmlOutputBufferClose(o);
	return n >= 0 && closed >= 0;
}

enum err
xml_check_canonical(xmlDoc *doc, struct bytes bytes)
{
	struct comparison c = {bytes};

	if (!canonicalise(doc, compare_piece, &c) || c.left.size != 0)
		return E_NOT_CANONICAL;
	return E_OK;
}

enum err
xml_canonical(xmlDoc *doc, struct buf *out)
{
	return canonicalise(doc, append_piece, out) ? E_OK : E_NOT_CANONICAL;
}

/* ---- schemas ---- */

static void
schema_parser_free(xmlSchemaParserCtxt **p)
{
	xmlSchemaFreeParserCtxt(*p);
	*p = NULL;
}

static enum err
load_schema(enum xml_schema which)
{
	OWNED(char, file, free_chars) = xprintf("%s/%s", schema_directory, schema_files[which]);
	OWNED(char, url, free_chars) = xprintf(SCHEMA_BASE "%s", schema_files[which]);

	if (access(file, R_OK) != 0)
		return E_IO;
	OWNED(xmlSchemaParserCtxt, p, schema_parser_free) = xmlSchemaNewParserCtxt(url);
	if (p == NULL)
		die("no memory for a schema");
	xmlSchemaSetParserStructuredErrors(p, note_nothing, NULL);
	xmlSchema *schema = xmlSchemaParse(p);
	if (schema == NULL)
		return E_SCHEMA;
	if (schemas[which] != NULL)
		xmlSchemaFree(schemas[which]);
	schemas[which] = schema;
	return E_OK;
}

enum err
xml_load_schemas(const char *directory)
{
	enum err e = E_OK;

	schema_directory = directory;
	for (enum xml_schema s = 0; s < SCHEMA_N && e == E_OK; s++)
		e = load_schema(s);
	schema_directory = NULL;
	return e;
}

void
xml_unload_schemas(void)
{
	for (enum xml_schema s = 0; s < SCHEMA_N; s++) {
		xmlSchemaFree(schemas[s]);
		schemas[s] = NULL;
	}
}

/* Where the first fault is, for people: a line and an element's name, never any content. */
struct fault {
	char *where;
	size_t size;
	bool seen;
};

static void
note_fault(void *context, xmlError *error)
{
	struct fault *f = context;

	if (f->seen || f->where == NULL || f->size == 0)
		return;
	f->seen = true;
	const xmlNode *node = error->node;
	if (node != NULL && node->type != XML_ELEMENT_NODE)
		node = node->parent;
	if (node == NULL || node->type != XML_ELEMENT_NODE) {
		snprintf(f->where, f->size, "line %d", error->line);
		return;
	}
	bool prefixed = node->ns != NULL && node->ns->prefix != NULL;
	snprintf(f->where, f->size, "line %d, element %.20s%s%.40s", node->line,
		prefixed ? (const char *)node->ns->prefix : "", prefixed ? ":" : "",
		(const char *)node->name);
}

static void
validator_free(xmlSchemaValidCtxt **v)
{
	xmlSchemaFreeValidCtxt(*v);
	*v = NULL;
}

enum err
xml_validate(xmlDoc *doc, enum xml_schema which, char *where, size_t size)
{
	struct fault f = {where, size, false};

	assert(schemas[which] != NULL);
	if (where != NULL && size > 0)
		where[0] = '\0';
	OWNED(xmlSchemaValidCtxt, v, validator_free) = xmlSchemaNewValidCtxt(schemas[which]);
	if (v == NULL)
		die("no memory to validate");
	xmlSchemaSetValidStructuredErrors(v, note_fault, &f);
	return xmlSchemaValidateDoc(v, doc) == 0 ? E_OK : E_SCHEMA;
}

/* ---- walking ---- */

xmlNode *
xml_root(xmlDoc *doc)
{
	return doc == NULL ? NULL : xmlDocGetRootElement(doc);
}

bool
xml_is(const xmlNode *node, const char *ns, const char *name)
{
	if (node == NULL || node->type != XML_ELEMENT_NODE || node->ns == NULL)
		return false;
	return strcmp((const char *)node->name, name) == 0 &&
	       strcmp((const char *)node->ns->href, ns) == 0;
}

static xmlNode *
first_of(xmlNode *node, const char *ns, const char *name)
{
	while (node != NULL && !xml_is(node, ns, name))
		node = node->next;
	return node;
}

xmlNode *
xml_child(const xmlNode *parent, const char *ns, const char *name)
{
	return parent == NULL ? NULL : first_of(parent->children, ns, name);
}

xmlNode *
xml_next(const xmlNode *node, const char *ns, const char *name)
{
	return node == NULL ? NULL : first_of(node->next, ns, name);
}

/* The value of a run of text nodes; NULL when there is anything else among them (an entity would
 * be, and libxml2's own functions would expand it). */
static char *
text_of(struct arena *a, const xmlNode *first)
{
	OWNED_BUF(b) = {0};

	for (const xmlNode *n = first; n != NULL; n = n->next) {
		if (n->type != XML_TEXT_NODE)
			return NULL;
		if (n->content != NULL)
			buf_text(&b, (const char *)n->content);
	}
	return arena_text_n(a, b.data, b.size);
}

char *
xml_text(struct arena *a, const xmlNode *node)
{
	if (node == NULL || node->type != XML_ELEMENT_NODE)
		return NULL;
	return text_of(a, node->children);
}

char *
xml_attribute(struct arena *a, const xmlNode *node, const char *name)
{
	if (node == NULL || node->type != XML_ELEMENT_NODE)
		return NULL;
	for (const xmlAttr *at = node->properties; at != NULL; at = at->next) {
		if (at->ns == NULL && strcmp((const char *)at->name, name) == 0)
			return text_of(a, at->children);
	}
	return NULL;
}

char *
xml_child_text(struct arena *a, const xmlNode *parent, const char *ns, const char *name)
{
	return xml_text(a, xml_child(parent, ns, name));
}
