/* SPDX-License-Identifier: EUPL-1.2
 *
 * Steps on the tree of a draft, shared by trust_write.c, which has them, and draft_keys.c. */
#ifndef DAFTAR_DRAFT_PARTS_H
#define DAFTAR_DRAFT_PARTS_H

#include "certs/trust_write.h"

bool draft_attribute_is(xmlNode *node, const char *name, const char *value);
xmlNode *draft_element(const struct draft *d, const char *name, const char *text);
xmlNode *draft_cert(const struct draft *d, const char *name, X509 *cert);
void draft_remove(xmlNode *node);
/* Enters the certificate in this element of the party as revoked. */
void draft_revoke(struct draft *d, const xmlNode *party, const xmlNode *node, int64_t at);

#endif
