/* SPDX-License-Identifier: EUPL-1.2
 *
 * The messages that differ from a right one in one place: what is replaced, by what, and the code
 * that the exchange must answer with. */
#ifndef DAFTAR_TEST_FORGE_ROWS_H
#define DAFTAR_TEST_FORGE_ROWS_H

#include "lib/xml.h"

#define FROM "<e:From>UNHCR.NBO</e:From>"
#define TO "<e:To>KE.CRS</e:To>"
#define PURPOSE "<e:Purpose>BIRTH-TRANSCRIPTION</e:Purpose>"
#define GCM "http://www.w3.org/2009/xmlenc11#aes256-gcm"
#define CBC "http://www.w3.org/2001/04/xmlenc#aes256-cbc"

struct edit {
	const char *name;
	enum err code;
	const char *what, *by;
};

/* Wrong in the signed part, and signed well by the sender. */
static const struct edit before_signing[] = {
	{"element-too-many", E_SCHEMA, FROM, "<e:Other></e:Other>" FROM},
	{"element-missing", E_SCHEMA, PURPOSE, ""},
	{"elements-in-another-order", E_SCHEMA, FROM TO, TO FROM},
	{"party-in-lower-case", E_SCHEMA, FROM, "<e:From>unhcr.nbo</e:From>"},
	{"purpose-on-no-list", E_SCHEMA, PURPOSE, "<e:Purpose>CURIOSITY</e:Purpose>"},
	{"action-on-no-list", E_SCHEMA, "<e:Action>TranscriptionRequest", "<e:Action>DeathRequest"},
	{"sequence-zero", E_SCHEMA, "<e:ChannelSeq>1<", "<e:ChannelSeq>0<"},
	{"schema-of-tomorrow", E_SCHEMA, "schemaVersion=\"1.0\"", "schemaVersion=\"9.0\""},
	{"weak-encryption", E_SCHEMA, GCM, CBC},
	{"wrong-realm", E_WRONG_REALM, " realm=\"demo\"", " realm=\"production\""},
	{"unknown-addressee", E_UNKNOWN_PARTY, TO, "<e:To>ZZ.NOBODY</e:To>"},
	{"unknown-sender", E_UNKNOWN_PARTY, FROM, "<e:From>ZZ.NOBODY</e:From>"},
	{"unknown-principal", E_UNKNOWN_PARTY, TO, TO "<e:OnBehalfOf>ZZ.NOBODY</e:OnBehalfOf>"},
	{"sender-is-somebody-else", E_SENDER_MISMATCH, FROM, "<e:From>SO.NIRA</e:From>"},
	{"no-such-agreement", E_NO_AGREEMENT, "<e:AgreementRef>AGR-1-", "<e:AgreementRef>AGR-9-"},
	{"agreement-with-another", E_NO_AGREEMENT, TO, "<e:To>SO.NIRA</e:To>"},
	{"action-not-agreed-on", E_NO_AGREEMENT, "<e:Action>TranscriptionRequest",
		"<e:Action>CorrectionNotice"},
	{"to-oneself", E_NO_AGREEMENT, TO, "<e:To>UNHCR.NBO</e:To>"},
	{"consent-for-another-registry", E_CONSENT_FORGED, " destination=\"SO.NIRA\"",
		" destination=\"KE.CRS\""},
	{"consent-by-another-office", E_CONSENT_FORGED, " by=\"UNHCR.NBO\"", " by=\"SO.NIRA\""},
	{"consent-that-lasts-longer", E_CONSENT_FORGED, " validUntil=\"20", " validUntil=\"21"},
	{"consent-in-another-form", E_SCHEMA, "<e:Grant ", "<e:Note></e:Note><e:Grant "},
	{"purpose-not-agreed-on", E_PURPOSE, PURPOSE, "<e:Purpose>BIRTH-EXTRACT</e:Purpose>"},
};

/* Changed after signing. */
#define OPEN "<e:Message "
#define METHOD_URI "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
#define OLD_METHOD(word) "http://www.w3.org/2000/09/xmldsig#" word
#define EMPTY "<ds:DigestMethod Algorithm=\"" ALG_SHA256 "\"></ds:DigestMethod>"
#define TRANSFORM "<ds:Transform Algorithm=\"" ALG_ENVELOPED "\"></ds:Transform>"
#define XSLT "http://www.w3.org/TR/1999/REC-xslt-19991116"

static const struct edit after_signing[] = {
	{"not-utf8", E_NOT_UTF8, "BIRTH-T", "BIRTH\xfeT"},
	{"overlong-utf8", E_NOT_UTF8, "BIRTH-T", "BIRTH\xc0\xadT"},
	{"byte-order-mark", E_NOT_UTF8, OPEN, "\xef\xbb\xbf" OPEN},
	{"xml-declaration", E_FORBIDDEN_MARKUP, OPEN, "<?xml version=\"1.0\"?>" OPEN},
	{"dtd", E_FORBIDDEN_MARKUP, OPEN, "<!DOCTYPE e:Message>" OPEN},
	{"entities", E_FORBIDDEN_MARKUP, OPEN,
		"<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>" OPEN},
	{"comment", E_FORBIDDEN_MARKUP, "<e:To>KE", "<e:To><!-- -->KE"},
	{"cdata", E_FORBIDDEN_MARKUP, "<e:To>KE.CRS", "<e:To><![CDATA[KE.CRS]]>"},
	{"instruction", E_FORBIDDEN_MARKUP, "<e:To>KE", "<e:To><?x y?>KE"},
	{"unknown-entity", E_FORBIDDEN_MARKUP, "<e:To>KE", "<e:To>&who;KE"},
	{"tags-that-cross", E_MALFORMED, "</e:From>", "</e:Fro>"},
	{"attribute-twice", E_MALFORMED, " realm=\"demo\"", " realm=\"demo\" realm=\"demo\""},
	{"control-character", E_MALFORMED, "<e:To>KE", "<e:To>\033KE"},
	{"single-quotes", E_NOT_CANONICAL, "realm=\"demo\"", "realm='demo'"},
	{"blank-in-a-tag", E_NOT_CANONICAL, "<e:To>", "<e:To >"},
	{"short-empty-tag", E_NOT_CANONICAL, EMPTY,
		"<ds:DigestMethod Algorithm=\"" ALG_SHA256 "\"/>"},
	{"needless-namespace", E_NOT_CANONICAL, "<e:To>", "<e:To xmlns:e=\"" NS_ENVELOPE "\">"},
	{"part-signed", E_SIGNATURE_SHAPE, "URI=\"\"", "URI=\"#header\""},
	{"no-enveloped-transform", E_SIGNATURE_SHAPE, TRANSFORM, ""},
	{"key-by-name", E_SCHEMA, "<ds:X509Data>", "<ds:KeyName>root</ds:KeyName><ds:X509Data>"},
	{"sha1-signature", E_ALGORITHM, METHOD_URI, OLD_METHOD("rsa-sha1")},
	{"hmac-signature", E_ALGORITHM, METHOD_URI, OLD_METHOD("hmac-sha1")},
	{"sha1-digest", E_ALGORITHM, ALG_SHA256 "\"></ds:DigestMethod><ds:DigestValue",
		OLD_METHOD("sha1") "\"></ds:DigestMethod><ds:DigestValue"},
	{"xslt-transform", E_SIGNATURE_SHAPE, ALG_ENVELOPED, XSLT},
	{"inclusive-c14n", E_ALGORITHM, ALG_EXC_C14N,
		"http://www.w3.org/TR/2001/REC-xml-c14n-20010315"},
	{"altered", E_SIGNATURE, "<e:ChannelSeq>1<", "<e:ChannelSeq>2<"},
	{"redirected", E_SIGNATURE, TO, "<e:To>SO.NIRA</e:To>"},
};

#endif
