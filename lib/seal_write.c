/* SPDX-License-Identifier: EUPL-1.2
 *
 * Writing a signature that is not yet filled in, as canonical octets behind the document's last
 * child. SignedInfo and, for a seal, SignedProperties are final here except for the digests and the
 * value, which xmlsec fills. */
#include <string.h>

#include "lib/seal_parts.h"

static void
put_algorithm(struct buf *b, const char *qname, const char *uri)
{
	xml_open(b, qname, "Algorithm", uri, NULL);
	xml_close(b, qname);
}

static void
put_digest(struct buf *b, const struct digest *d)
{
	put_algorithm(b, "ds:DigestMethod", ALG_SHA256);
	xml_open(b, "ds:DigestValue", NULL);
	if (d != NULL)
		buf_base64(b, d->octet, DIGEST_SIZE);
	xml_close(b, "ds:DigestValue");
}

static void
put_document_reference(struct buf *b)
{
	xml_open(b, "ds:Reference", "URI", "", NULL);
	xml_open(b, "ds:Transforms", NULL);
	put_algorithm(b, "ds:Transform", ALG_ENVELOPED);
	put_algorithm(b, "ds:Transform", ALG_EXC_C14N);
	xml_close(b, "ds:Transforms");
	put_digest(b, NULL);
	xml_close(b, "ds:Reference");
}

static void
put_properties_reference(struct buf *b)
{
	xml_open(b, "ds:Reference", "Type", XADES_SIGNED_PROPERTIES, "URI", "#" SEAL_PROPERTIES_ID,
		NULL);
	xml_open(b, "ds:Transforms", NULL);
	put_algorithm(b, "ds:Transform", ALG_EXC_C14N);
	xml_close(b, "ds:Transforms");
	put_digest(b, NULL);
	xml_close(b, "ds:Reference");
}

static void
put_signed_info(struct buf *b, enum form form, enum method method)
{
	xml_open(b, "ds:SignedInfo", NULL);
	put_algorithm(b, "ds:CanonicalizationMethod", ALG_EXC_C14N);
	put_algorithm(b, "ds:SignatureMethod", method_uri(method));
	put_document_reference(b);
	if (form == FORM_EXTRACT)
		put_properties_reference(b);
	xml_close(b, "ds:SignedInfo");
}

static void
put_key_info(struct buf *b, const struct identity *who)
{
	xml_open(b, "ds:KeyInfo", NULL);
	xml_open(b, "ds:X509Data", NULL);
	xml_open(b, "ds:X509Certificate", NULL);
	buf_base64(b, who->der, who->der_size);
	xml_close(b, "ds:X509Certificate");
	xml_close(b, "ds:X509Data");
	xml_close(b, "ds:KeyInfo");
}

/* ETSI EN 319 132-1 sections 5.2.1 and 5.2.2: when, and with which certificate. */
static void
put_properties(struct buf *b, const struct identity *who, int64_t when)
{
	char time[INSTANT_TEXT_SIZE];
	struct digest cert;

	instant_format(when, time);
	digest_of(who->der, who->der_size, &cert);
	xml_open(b, "ds:Object", NULL);
	xml_open(b, "xades:QualifyingProperties", "xmlns:xades", NS_XADES, "Target", "#" SEAL_ID,
		NULL);
	xml_open(b, "xades:SignedProperties", "Id", SEAL_PROPERTIES_ID, NULL);
	xml_open(b, "xades:SignedSignatureProperties", NULL);
	xml_element(b, "xades:SigningTime", time);
	xml_open(b, "xades:SigningCertificateV2", NULL);
	xml_open(b, "xades:Cert", NULL);
	xml_open(b, "xades:CertDigest", NULL);
	put_digest(b, &cert);
	xml_close(b, "xades:CertDigest");
	xml_close(b, "xades:Cert");
	xml_close(b, "xades:SigningCertificateV2");
	xml_close(b, "xades:SignedSignatureProperties");
	xml_close(b, "xades:SignedProperties");
	xml_close(b, "xades:QualifyingProperties");
	xml_close(b, "ds:Object");
}

enum err
seal_template(struct bytes doc, enum form form, enum method method, const struct identity *who,
	int64_t when, struct buf *out)
{
	const uint8_t *tail = doc.size == 0 ? NULL : memrchr(doc.data, '<', doc.size);

	/* In a canonical document the last tag is the root's end tag. */
	if (tail == NULL || tail[1] != '/')
		return E_MALFORMED;
	buf_add(out, doc.data, (size_t)(tail - doc.data));
	xml_open(out, "ds:Signature", "xmlns:ds", NS_DSIG, "Id",
		form == FORM_EXTRACT ? SEAL_ID : NULL, NULL);
	put_signed_info(out, form, method);
	xml_open(out, "ds:SignatureValue", NULL);
	xml_close(out, "ds:SignatureValue");
	put_key_info(out, who);
	if (form == FORM_EXTRACT)
		put_properties(out, who, when);
	xml_close(out, "ds:Signature");
	buf_add(out, tail, doc.size - (size_t)(tail - doc.data));
	return E_OK;
}
