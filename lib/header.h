/* SPDX-License-Identifier: EUPL-1.2
 *
 * The header of a message as octets: written and read from one table of its elements. For
 * message.c, examine.c and verdict.c; everyone else uses message.h. */
#ifndef DAFTAR_HEADER_H
#define DAFTAR_HEADER_H

#include "lib/message.h"
#include "lib/xml.h"

/* Realm, agreement and purpose are words of these characters; anything else is not understood. */
#define HEADER_ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

#define INSTANT_END INT64_C(253402300800000) /* year 10000: no text has room for it */

/* <e:Message ...> with the realm of `h'. */
void header_open_message(const struct header *h, struct buf *out);
/* <e:Header>...</e:Header> without a consent token, to stand inside an element that declares the
 * prefix e. */
void header_compose(const struct header *h, struct buf *out);
/* The same with the element that h->token was read from; empty for none. */
void header_compose_with(const struct header *h, struct bytes token, struct buf *out);
/* Fills `out' (zeroed first) with every field that can be understood; E_MALFORMED when one that
 * must be there is missing or any is not in its one spelling. */
enum err header_read(xmlDoc *doc, struct header *out) MUST_USE;
/* Of this alphabet, terminated, and zeros to the end. */
bool text_sane(const char *text, size_t size, const char *alphabet) MUST_USE;
/* For a header that came from another process, its flags being known to be 0 or 1: every value is
 * one that header_read could have read, or zero, and what is absent is zero. */
bool header_sane(const struct header *h) MUST_USE;
/* For a sane header. True when `message' begins with exactly the octets that `h' is written as,
 * whatever the signatures of its consent token are; *rest is what follows </e:Header>. Uses no XML
 * library, so that a parent can check what an examiner has told it. */
bool header_stands_in(struct bytes message, const struct header *h, struct bytes *rest) MUST_USE;

/* SCHEMA_ENVELOPE or SCHEMA_CONTENT on canonical octets and the tree parsed from them. Beyond
 * xml_validate it refuses the XMLSchema-instance namespace, whose attributes every schema allows on
 * every element, and which can name schemas to load. E_SCHEMA. */
enum err validate_strictly(xmlDoc *doc, struct bytes octets, enum xml_schema which) MUST_USE;

/* The clear e:Receipt body of an action Receipt, written and read; `code' NULL or "" for none,
 * `head' a note (lib/note.h) or empty. */
void clear_receipt_compose(enum stage stage, const char *code, struct bytes head, struct buf *out);
enum err clear_receipt_read(xmlDoc *doc, enum stage *stage, char *code, size_t size) MUST_USE;

#endif
