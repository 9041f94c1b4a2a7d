/* SPDX-License-Identifier: EUPL-1.2
 *
 * Steps on the tree of a draft, shared by trust_write.c, which has them, draft_keys.c and
 * draft_terms.c. */
#ifndef DAFTAR_DRAFT_PARTS_H
#define DAFTAR_DRAFT_PARTS_H

#include "certs/trust_write.h"

bool draft_attribute_is(xmlNode *node, const char *name, const char *value);
xmlNode *draft_element(const struct draft *d, const char *name, const char *text);
xmlNode *draft_cert(const struct draft *d, const char *name, X509 *cert);
void draft_remove(xmlNode *node);
void draft_set(xmlNode *node, const char *name, const char *value);
void draft_set_instant(xmlNode *node, const char *name, int64_t when);
/* Behind the last of its own kind below the root, or where its kind belongs. */
void draft_insert(struct draft *d, xmlNode *node);
uint64_t draft_next_version(const struct draft *d);
/* The party's element; NULL when there is none. */
xmlNode *draft_find_party(const struct draft *d, const struct party *code);
/* Enters the certificate in this element of the party as revoked. */
void draft_revoke(struct draft *d, const xmlNode *party, const xmlNode *node, int64_t at);

#endif
