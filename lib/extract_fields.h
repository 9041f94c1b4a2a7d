/* SPDX-License-Identifier: EUPL-1.2
 *
 * The particulars of an extract, each by the path of its element in schemas/birth.xsd, and what
 * lists of paths do with them: an agreement's Field, a registry's Need, a consent's field set (P5).
 * A path in a list allows its element and everything below it. The core of the record (the entry's
 * number, office and day, the child's name, sex, day and place of birth, the certification) cannot
 * be left out: without it there is no extract. A parent is there by name or not at all.
 *
 * Texts that people have written freely (annotations, the act's own words, translations,
 * extensions) are particulars like any other: they can tell everything. */
#ifndef DAFTAR_EXTRACT_FIELDS_H
#define DAFTAR_EXTRACT_FIELDS_H

#include "lib/record.h"

/* Cuts what the list does not allow; each particular that was there is a redaction with `reason' (a
 * word of the list "redaction"). `allowed' n 0: everything that is not protected in every State. */
void extract_cut(struct extract *x, const char *const *allowed, size_t n, const char *reason);
/* The first particular of the extract that the list does not allow (its path), NULL: none. */
const char *extract_extra(const struct extract *x, const char *const *allowed, size_t n);

/* The particulars that can be left out, one after the other; NULL behind the last. */
const char *extract_field_at(size_t i);
/* Does a list with this path allow anything that there is? */
bool extract_field_known(const char *path);

#endif
