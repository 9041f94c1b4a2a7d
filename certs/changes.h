/* SPDX-License-Identifier: EUPL-1.2
 *
 * What one trust list changes of another, in words, for people who have to say yes to it. The two
 * trees are compared whole, element by element: nothing can be added, removed or altered
 * that is not shown. */
#ifndef DAFTAR_CHANGES_H
#define DAFTAR_CHANGES_H

#include <libxml/tree.h>

void changes_print(xmlNode *before, xmlNode *after);

#endif
