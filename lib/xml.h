/* SPDX-License-Identifier: EUPL-1.2
 *
 * XML as daftar uses it: a look at the raw bytes before any parser sees them, one hardened way to
 * parse, schemas compiled once, and a writer whose output is its own exclusive canonical form
 * (Exclusive XML Canonicalization 1.0, without comments). The only file that configures libxml2. */
#ifndef DAFTAR_XML_H
#define DAFTAR_XML_H

#include <libxml/tree.h>

#include "lib/buf.h"

#define XML_MESSAGE_MAX (256 * 1024)

#define NS_ENVELOPE "urn:daftar:envelope:1"
#define NS_TYPES "urn:daftar:types:1"
#define NS_BIRTH "urn:daftar:birth:1"
#define NS_CASE "urn:daftar:case:1"
#define NS_TRUST "urn:daftar:trust:1"
#define NS_DSIG "http://www.w3.org/2000/09/xmldsig#"
#define NS_DSIG11 "http://www.w3.org/2009/xmldsig11#"
#define NS_XENC "http://www.w3.org/2001/04/xmlenc#"
#define NS_XENC11 "http://www.w3.org/2009/xmlenc11#"
#define NS_XADES "http://uri.etsi.org/01903/v1.3.2#"
#define ALG_EXC_C14N "http://www.w3.org/2001/10/xml-exc-c14n#"
#define ALG_ENVELOPED "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
#define ALG_SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"
#define ALG_ECDSA_SHA256 "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
#define ALG_ECDSA_SHA384 "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"
#define ALG_RSA_SHA256 "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

/* Once a process, before anything else here: switches off every loader, entity and message of
 * libxml2, and starts xmlsec (seal_init is called from here). */
void xml_init(void);

/* Length of the UTF-8 sequence at `p', which is before `end'; 0 when it is not one (RFC 3629
 * section 4). */
size_t utf8_length(const uint8_t *p, const uint8_t *end);
/* Size, UTF-8, no NUL, no BOM, no `<!', no `<?', bounds on depth (32), tags (4000), one tag's
 * length (8 KiB), attributes a tag (16) and in all (8000) and namespace declarations (32); only the
 * five predefined entities and the character references that canonical XML writes
 * (&#xD; &#x9; &#xA;).
 * E_TOO_LARGE, E_NOT_UTF8, E_FORBIDDEN_MARKUP, E_TOO_COMPLEX, E_MALFORMED. */
enum err xml_prescan(struct bytes doc) MUST_USE;
/* Prescan, then parse with network, entities, DTD and recovery off; *out is xmlFreeDoc'ed by the
 * caller (OWNED(xmlDoc, d, xml_free)). */
enum err xml_parse(struct bytes doc, xmlDoc **out) MUST_USE;
void xml_free(xmlDoc **doc);
/* E_NOT_CANONICAL unless the bytes equal the exclusive canonical form of `doc' parsed from them. */
enum err xml_check_canonical(xmlDoc *doc, struct bytes bytes) MUST_USE;
/* The exclusive canonical form of the whole document, appended to `out'. */
enum err xml_canonical(xmlDoc *doc, struct buf *out) MUST_USE;

/* Compiled schemas. `directory' holds envelope.xsd, types.xsd, birth.xsd, case.xsd, trust.xsd,
 * and the W3C signature and encryption schemas that they import (our own reduced copies: only the
 * closed profile is valid). Loaded from files at start, never from a network. */
enum xml_schema {
	SCHEMA_ENVELOPE,
	SCHEMA_CONTENT,
	SCHEMA_BIRTH,
	SCHEMA_CASE,
	SCHEMA_TRUST,
	SCHEMA_N
};
/* envelope.xsd: e:Message, e:Receipt. content.xsd: e:Content (the plaintext of a body). birth.xsd:
 * b:CertifiedExtract, b:Correction*. case.xsd: c:*. trust.xsd: tl:TrustList. E_IO, E_SCHEMA. */
enum err xml_load_schemas(const char *directory) MUST_USE;
/* They take 4 MiB; a process that validates once gives them back. */
void xml_unload_schemas(void);
/* E_SCHEMA. When `where' is not NULL it is filled with the line and the element's name (never its
 * content) of the first fault: "line 3, element b:Sex". */
enum err xml_validate(xmlDoc *doc, enum xml_schema which, char *where, size_t size) MUST_USE;

/* Walking a parsed tree. Names without prefix, namespace by URI. All take NULL nodes quietly. */
xmlNode *xml_root(xmlDoc *doc);
xmlNode *xml_child(const xmlNode *parent, const char *ns, const char *name); /* the first such */
xmlNode *xml_next(const xmlNode *node, const char *ns, const char *name);    /* next such sibling */
bool xml_is(const xmlNode *node, const char *ns, const char *name);
/* Text of an element that holds only text, and an attribute without namespace, copied into the
 * arena; NULL when there is none. */
char *xml_text(struct arena *a, const xmlNode *node);
char *xml_attribute(struct arena *a, const xmlNode *node, const char *name);
/* xml_text(xml_child(...)) */
char *xml_child_text(struct arena *a, const xmlNode *parent, const char *ns, const char *name);

/* The writer: canonical by construction if namespaces are declared where first used and attributes
 * given in the order of their names; debug builds check the order. `value' NULL leaves the
 * attribute or element out. */
void xml_open(struct buf *b, const char *qname, ...)
	__attribute__((sentinel)); /* name, value, ..., NULL */
void xml_close(struct buf *b, const char *qname);
void xml_put_text(struct buf *b, const char *text); /* escaped as canonical XML does */
void xml_element(struct buf *b, const char *qname, const char *text); /* <q>text</q> */

/* Finds the one element whose start tag begins at `open' ("<b:CertifiedExtract") in canonical bytes
 * and cuts it out, end tag included. False when there is none or more than one. */
bool xml_cut(struct bytes doc, const char *qname, struct bytes *out) MUST_USE;

#endif
