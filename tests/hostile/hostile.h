/* SPDX-License-Identifier: EUPL-1.2
 *
 * The campaign of hostile documents. A *sample* is a good message of one action; a *family* makes
 * documents from it that must be refused; the *judge* shows each to the real examiner process, in
 * every mode, and asks both votes alone. */
#ifndef DAFTAR_HOSTILE_H
#define DAFTAR_HOSTILE_H

#include "tests/unit/test_realm.h"

#include "lib/examiner.h"
#include "lib/literal.h"

/* ---- world.c ---- */

/* A good message in its parts: open tag, e:Header, e:Body, ds:Signature, "</e:Message>". The parts
 * are loans from `message'. */
struct sample {
	enum action action;
	enum who from, to;
	struct buf message;
	struct bytes open, header, body, signature;
};

struct world {
	struct realm *realm;
	struct examiner *examiner;
	struct sample sample[ACTION_N], other[ACTION_N]; /* two of each action */
};

struct world *world_new(void);
void world_free(struct world **w);
const struct identity *world_signer(const struct world *w, const struct sample *s);

/* Texts. `replaced' changes the first `what' and says whether there was one. */
bool replaced(struct buf *out, struct bytes in, const char *what, const char *by);
void replaced_all(struct buf *out, struct bytes in, const char *what, const char *by);
void put(struct buf *out, struct bytes v);
/* The sample without its signature. */
void put_unsigned(struct buf *out, const struct sample *s);

/* ---- judge.c ---- */

struct tally {
	const struct world *world;
	size_t documents, examined;
	size_t accepted;     /* by the examiner: must stay 0 */
	size_t unfit;	     /* refused with a code that does not fit */
	size_t lost;	     /* the examiner died or hung */
	size_t both;	     /* both votes said yes; another step refused */
	size_t tree, octets; /* only one vote said yes */
	size_t undesigned;   /* of these, those that are not meant to be seen by one vote only */
	size_t differ;	     /* the examiner's own word for that */
	unsigned turn;
};

/* The modes in turn, or all; EXAMINER_ONLY leaves the single votes out. */
enum effort { ALL_MODES, ONE_MODE, EXAMINER_ONLY };

/* `fit': the codes that may be given, their words with spaces between. `single': "tree" or "octets"
 * when by design the other vote alone refuses this document, else NULL. */
struct family {
	const char *name, *fit, *single;
};

void judge(struct tally *t, const struct sample *s, const struct family *f, struct bytes doc,
	enum effort effort);
/* "ok N - what: figures" or "not ok N - ..."; a tally must have at least `least' documents. */
bool report(const struct tally *t, const char *what, size_t least);
bool report_line(bool good, const char *format, ...) PRINTF(2, 3);
/* RSS and its high water mark of the examiner, KiB. */
void examiner_memory(size_t *now, size_t *most);

/* ---- sign.c ---- */

#define X509_DATA "<ds:X509Data><ds:X509Certificate>%C</ds:X509Certificate></ds:X509Data>"
#define TRANSFORM(uri) "<ds:Transform Algorithm=\"" uri "\"></ds:Transform>"
#define BOTH_TRANSFORMS TRANSFORM(ALG_ENVELOPED) TRANSFORM(ALG_EXC_C14N)

/* Parts of a signature; NULL stands for the right one. %D becomes the digest, %C the signer's
 * certificate, %X that of the other party, %K the signer's public key. */
struct form {
	const char *canonicalization, *method, *reference, *transforms, *digest_method, *more,
		*key_info, *behind, *attributes;
	const char *digest; /* "SHA1", ... of digest and value, default "SHA256" */
	enum { VALUE_GOOD, VALUE_HMAC_KEY, VALUE_HMAC_CERT, VALUE_NONE } value;
};

/* A signature over `covered' as `f' says, by the sample's sender: a lenient verifier would be
 * content. */
void form_sign(struct buf *out, const struct world *w, const struct sample *s, const struct form *f,
	struct bytes covered);

/* A document as its sender would send it: with the right signature of the sample's sender. */
void put_well_signed(
	struct buf *out, const struct world *w, const struct sample *s, struct bytes doc);

/* ---- the parts: false when something was not as it must be ---- */

bool part_controls(struct world *w);
bool part_wrapping(struct world *w);
bool part_forms(struct world *w);
bool part_edits(struct world *w);
bool part_tokens(struct world *w);
bool part_malformed(struct world *w, bool thorough);
bool part_flips(struct world *w, bool thorough);
bool part_access(struct world *w);
bool part_cost(struct world *w, bool thorough);

#endif
