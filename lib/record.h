/* SPDX-License-Identifier: EUPL-1.2
 *
 * The civil record and the papers of a case as C sees them, and their XML (schemas/birth.xsd,
 * schemas/case.xsd). Everything of one document hangs on one arena. Compose gives complete
 * canonical documents; parse takes documents that were validated before (message_open,
 * seal_verify_extract).
 *
 * Personal data lives in these structs, in adapters and the officer's tool only. Nothing in this
 * file logs, and no error text quotes a value (P10). */
#ifndef DAFTAR_RECORD_H
#define DAFTAR_RECORD_H

#include "lib/buf.h"
#include "lib/id.h"

/* One written form of a name: ordered typed parts in one script, and the authored string. */
struct name_part {
	const char *kind; /* given father grandfather great-grandfather mother family family-prefix
			     nisba kunya laqab unknown */
	const char *value;
	struct name_part *next;
};
struct name_form {
	const char *script; /* ISO 15924 */
	const char *lang;   /* BCP 47 */
	const char *system; /* romanisation, NULL for the register's own script */
	bool authoritative; /* exactly one form of a name is */
	const char *full;   /* as authored */
	struct name_part *parts;
	bool no_family_name;
	struct name_form *next;
};
struct name {
	struct name_form *forms;
};

/* A date of the record: the authored text is the legal datum, the EDTF value a convenience. */
struct record_date {
	const char *value;    /* EDTF subset of domain.md section 4, proleptic Gregorian */
	const char *calendar; /* gregorian ethiopic coptic hijri-civil hijri-umalqura */
	const char *authored; /* exactly as in the register */
	const char *basis;    /* document declaration age-estimate court placeholder */
};

struct place {
	const char *text;    /* as authored */
	const char *country; /* ISO 3166-1 alpha-2 */
	const char *iso;     /* ISO 3166-2, may be NULL */
	const char *pcode;   /* OCHA P-code, may be NULL */
};

struct identifier {
	const char *scheme; /* "ke-upi": a country's code and a dash come first */
	const char *country;
	const char *value;
	const char *normalized; /* may be NULL */
	struct identifier *next;
	const char *visibility; /* public protected national; NULL: public */
};

struct text_item { /* nationalities, redactions, ... : a word and an optional second one */
	const char *value;
	const char *detail;
	struct text_item *next;
	const char *visibility; /* of a nationality or annotation; NULL: public */
	const char *date;	/* of an annotation: ISO date, may be NULL */
};

/* The act's own words, or a translation of them. */
struct act_text {
	const char *lang; /* BCP 47 */
	const char *by;	  /* who translated; NULL for the act itself */
	const char *text; /* up to 20000 characters */
	struct act_text *next;
};

struct parent {
	const char *role; /* mother father parent */
	struct name name;
	struct record_date *birth_date; /* may be NULL, as all pointers below */
	struct place *birth_place;
	struct text_item *nationality;
	struct identifier *identifier;
	struct parent *next;
	const char *visibility; /* NULL: public */
	/* Protected particulars: they travel only where the agreement asks for them. */
	struct place *residence;
	const char *marital_status;
};

struct register_entry {
	const char *number;
	const char *office;
	struct record_date *registered_on;
	const char *late;		    /* reason code when registered late, NULL otherwise */
	const char *volume, *page, *serial; /* may be NULL */
};

/* b:CertifiedExtract */
struct extract {
	struct arena *arena;
	const char *id;	  /* ExtractId, UUID */
	const char *kind; /* full extract verbatim substitute */
	struct register_entry entry;
	struct name name;
	const char *sex; /* M F X U */
	struct identifier *identifier;
	struct text_item *nationality; /* value: country, detail: status or NULL */
	struct record_date birth_date;
	const char *birth_time; /* as authored, may be NULL */
	struct place birth_place;
	const char *multiplicity;     /* may be NULL */
	struct parent *parents;	      /* up to 4 */
	struct text_item *annotation; /* value: kind, detail: text */
	struct text_item *redaction;  /* value: field, detail: reason */
	const char *certifier;	      /* officer's function, never a private name */
	const char *certified_office;
	const char *issued_on; /* ISO date */
	const char *issued_place;
	/* All below may be NULL. */
	const char *birth_clock;      /* "14:30", where birth_time can be told so */
	const char *declarant;	      /* relation */
	struct act_text *verbatim;    /* up to 3 */
	struct act_text *translation; /* up to 3, `by' set */
	const char *consent_digest;   /* hex: of the consent that the extract rests on */
	const char *valid_until;      /* ISO date */
	/* Set when the document that was read holds an extension, which is passed over; never
	 * written. */
	const char *extension;
};
struct extract *extract_new(void);
void extract_free(struct extract **x);
void extract_compose(const struct extract *x, struct buf *out); /* unsealed document */
/* The seal is ignored, extensions are told but not read. E_MALFORMED and its like from the XML
 * parser, E_SCHEMA for anything that birth.xsd does not allow, or a name without exactly one
 * authoritative form, impossible days, and what a name may not hold. */
enum err extract_parse(struct bytes doc, struct extract **out) MUST_USE;

/* How a record is found: the entry's number, or name, date, place and parents. */
struct locator {
	const char *entry_number; /* or NULL */
	const char *office;
	struct name name;
	struct record_date *birth_date;
	struct place *birth_place;
	struct name mother, father;
};

/* A child that is old enough was asked itself, and agreed. */
struct assent {
	const char *on; /* ISO date */
	const char *language;
	const char *witnessed_by; /* officer's code */
};

struct consent {
	const char *id;		    /* UUID */
	const char *subject;	    /* "child", "mother", ... */
	const char *given_by;	    /* self mother father guardian */
	const char *capacity_basis; /* self parental-authority guardianship */
	const char *destination;    /* party code */
	const char *purpose;
	const char *field_set;
	const char *language;
	const char *interpreter; /* code or NULL */
	bool risks_explained;
	bool no_conditionality;
	const char *given_on;	 /* ISO date */
	const char *valid_until; /* ISO date */
	const char *withdrawal_channel;
	const char *evidence_digest; /* hex */
	const char *witnessed_by;    /* officer's code */
	struct assent *assent;	     /* may be NULL */
	struct consent *next;	     /* another person's consent to the same; up to 4 in all */
};

/* The officer's finding that the destination may be told (domain.md 1.2, P9). */
struct risk_clearance {
	const char *officer;	  /* code */
	const char *result;	  /* CLEARED BLOCKED */
	const char *on;		  /* ISO date */
	struct text_item *feared; /* value: country */
	/* A second officer's signature (protect_clear): the certificate's digest, hex, and the
	 * value, base64. Both NULL without one. */
	const char *approval_cert, *approval_value;
};

struct document {
	const char *kind;
	const char *digest; /* hex */
	const char *media_type;
	struct document *next;
};

/* c:TranscriptionRequest */
struct request {
	struct arena *arena;
	const char *case_type; /* ORIGIN-ENTRY ORIGIN-EXTRACT THIRD-COUNTRY */
	struct party requested_of;
	struct party destination;
	const char *urgency; /* NULL, normal, urgent */
	const char *applicant_relation;
	struct locator locator;
	struct consent consent;
	const char *legal_basis;
	struct risk_clearance *risk; /* may be NULL */
	struct document *documents;
};
struct request *request_new(void);
void request_free(struct request **r);
void request_compose(const struct request *r, struct buf *out);
enum err request_parse(struct bytes doc, struct request **out) MUST_USE;
/* The officer's file (JSON, described in daftar-request(5)): problems are written to `problems', a
 * line each, "consent.validUntil: missing". E_INPUT. */
enum err request_of_json(
	const char *text, size_t size, struct request **out, struct buf *problems) MUST_USE;
/* The same of one that was taken apart already, into an object of jansson's. */
struct json_t;
enum err request_of_object(
	struct json_t *root, struct request **out, struct buf *problems) MUST_USE;
/* Only its consents, {"consent": ..}: nothing else of *out is filled in. */
enum err consents_of_json(
	const char *text, size_t size, struct request **out, struct buf *problems) MUST_USE;

/* c:TranscriptionOutcome */
struct outcome {
	struct arena *arena;
	const char *extract_id; /* NULL when there was no extract (issuer's refusal) */
	struct id answers;	/* the message answered and its digest */
	struct digest answers_digest;
	enum {
		OUTCOME_TRANSCRIBED,
		OUTCOME_ALREADY,
		OUTCOME_REFUSED,
		OUTCOME_TACIT,
		OUTCOME_DEFERRED
	} result;
	const char *register_name;
	const char *entry_number;
	const char *entered_on; /* ISO date */
	const char *office;
	const char *entered_as;	  /* the name as entered, may be NULL */
	const char *name_rule;	  /* rule that made it, may be NULL */
	struct text_item *reason; /* refused: codes (L04, I01, ...), detail NULL; deferred: one
				     code of the list "query" */
	const char *explanation;
	/* All three are told with every refusal that has an L code (E_SCHEMA otherwise); the
	 * provision alone with a tacit one. */
	const char *legal_provision;
	const char *appeal_body;
	const char *appeal_by;		 /* ISO date */
	const char *until;		 /* deferred, tacit: ISO date */
	const char *verification_opened; /* deferred: ISO date, may be NULL */
};
struct outcome *outcome_new(void);
void outcome_free(struct outcome **o);
void outcome_compose(const struct outcome *o, struct buf *out);
enum err outcome_parse(struct bytes doc, struct outcome **out) MUST_USE;
const char *outcome_word(const struct outcome *o); /* "Transcribed", "AlreadyTranscribed", ... */

/* c:Cancellation */
struct cancellation {
	struct arena *arena;
	const char *kind;    /* CONSENT-WITHDRAWN PROTECTION-HOLD PROTECTION-RELEASE ... */
	int64_t effective;   /* ms UTC */
	const char *from;    /* who stops it: party code, may be NULL */
	const char *erase;   /* none bodies all */
	const char *consent; /* id of the consent token, UUID, may be NULL */
};
struct cancellation *cancellation_new(void);
void cancellation_free(struct cancellation **c);
void cancellation_compose(const struct cancellation *c, struct buf *out);
enum err cancellation_parse(struct bytes doc, struct cancellation **out) MUST_USE;

/* c:Query: a question about a case. */
struct query {
	struct arena *arena;
	const char *id;		   /* QueryId, UUID */
	const char *about;	   /* path of an element; NULL where a document is meant */
	struct document *document; /* one, or NULL */
	const char *code;	   /* of the list "query" */
	const char *question;	   /* free text, may be NULL */
	const char *answer_by;	   /* ISO date */
};
struct query *query_new(void);
void query_free(struct query **q);
void query_compose(const struct query *q, struct buf *out);
enum err query_parse(struct bytes doc, struct query **out) MUST_USE;

/* c:QueryReply */
struct query_reply {
	struct arena *arena;
	const char *query;	 /* the question's QueryId */
	const char *answer;	 /* confirm correct cannot */
	const char *explanation; /* free text, may be NULL */
	struct document *documents;
};
struct query_reply *query_reply_new(void);
void query_reply_free(struct query_reply **r);
void query_reply_compose(const struct query_reply *r, struct buf *out);
enum err query_reply_parse(struct bytes doc, struct query_reply **out) MUST_USE;

/* c:Attachment: one part of a scan. All parts but the last have SCAN_PART octets. */
#define SCAN_PART 30000			 /* squeezed it just fits the size class of 32 KiB */
#define ATTACHMENT_MAX ((size_t)8 << 20) /* a file */
struct attachment {
	struct arena *arena;
	struct document document; /* kind, digest of the whole file, media type */
	size_t size;		  /* of the whole file */
	unsigned part, of;	  /* from 1 */
	struct bytes data;
};
struct attachment *attachment_new(void);
void attachment_free(struct attachment **a);
void attachment_compose(const struct attachment *a, struct buf *out);
/* E_SCHEMA also when the numbers do not fit each other. */
enum err attachment_parse(struct bytes doc, struct attachment **out) MUST_USE;
unsigned scan_parts(size_t size); /* so many has a file of that size */
/* The n-th part, from 1. */
struct bytes scan_part(struct bytes file, unsigned n);
/* The word of the list "media-type" that a file's first octets say, NULL: none of them. */
const char *scan_media(struct bytes file);

/* A short text for people of the authoritative form; "" for an empty name. */
const char *name_full(const struct name *n);
/* Is the word in the closed list `list' of schemas/codes.csv ("refusal", "calendar", "sex", ...)?
 */
bool code_known(const char *list, const char *word);
const char *code_sentence(const char *list, const char *word); /* NULL when unknown */
void code_words(const char *list, struct buf *out);	       /* "M, F, X, U" */

/* The key under which an entry is made at most once: HMAC-SHA-256 over receiving registry, issuing
 * country, office, entry number, registration year and "birth", each length-prefixed, with the
 * secret that issuer and receiver share (domain.md 8.2). */
void record_key(struct bytes pair_secret, const struct party *receiver, const char *issuing_country,
	const struct register_entry *entry, struct digest *out);

#endif
