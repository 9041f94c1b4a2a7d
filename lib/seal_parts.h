/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files of seal share. A *form* is one of the two signatures that exist: the signature of
 * a message and the registrar's seal. Each form is written down three times on purpose: by the
 * writer (seal_write.c), by the closed template for the parsed tree (seal_shape.c), and by the
 * grammar of octets of the second vote (seal_bytes.c). A mistake in one is caught by the others. */
#ifndef DAFTAR_SEAL_PARTS_H
#define DAFTAR_SEAL_PARTS_H

#include "lib/id.h"
#include "lib/seal.h"
#include "lib/signature.h"

#define XADES_SIGNED_PROPERTIES "http://uri.etsi.org/01903#SignedProperties"
#define SEAL_ID "seal"
#define SEAL_PROPERTIES_ID "seal-properties"
#define SEAL_CERT_MAX 8192

enum form { FORM_MESSAGE, FORM_EXTRACT, FORM_N };

/* What a checked signature says of itself. */
struct claims {
	enum method method;
	int64_t when;		   /* FORM_EXTRACT: SigningTime */
	struct digest cert_digest; /* FORM_EXTRACT: of the certificate that sealed */
	struct digest covered;	   /* SHA-256 of the octets that a vote saw signed */
	uint8_t cert[SEAL_CERT_MAX];
	size_t cert_size;
};

/* ---- seal_write.c ---- */
/* `doc' with an unfilled signature as the root's last child. E_MALFORMED. */
enum err seal_template(struct bytes doc, enum form form, enum method method,
	const struct identity *who, int64_t when, struct buf *out) MUST_USE;

/* ---- seal_shape.c ---- */
/* The signature node of a tree that follows the closed template of `form' exactly.
 * E_UNSIGNED, E_SIGNATURE_SHAPE, E_ALGORITHM. */
enum err seal_shape(
	xmlDoc *doc, enum form form, xmlNode **signature, struct claims *claims) MUST_USE;

/* ---- seal_bytes.c ---- */
/* The whole second vote. E_NOT_CANONICAL beside the codes of seal_verify. */
enum err seal_vote_bytes(
	struct bytes doc, enum form form, EVP_PKEY *key, struct claims *claims) MUST_USE;

/* ---- seal.c ---- */
/* The whole first vote. */
enum err seal_vote_tree(xmlDoc *doc, enum form form, EVP_PKEY *key, struct claims *claims) MUST_USE;
/* What both votes come to: E_OK when both say yes, and of the same octets, certificate, method and
 * time; E_VOTES_DIFFER when only one does or they speak of different things; else the first's code.
 */
enum err seal_votes_together(enum err by_tree, const struct claims *tree, enum err by_bytes,
	const struct claims *bytes) MUST_USE;
/* Fills the template, signs, and has both votes look at the result. */
enum err seal_make(struct bytes doc, enum form form, const struct identity *who, int64_t when,
	struct buf *out) MUST_USE;

#endif
