/* SPDX-License-Identifier: EUPL-1.2
 *
 * The one list of errors: code, word on the wire, may the same bytes be sent again, and a sentence
 * that a person can act on. The list itself is lib/err.def; a code is added there and nowhere else,
 * and every code has a test that provokes exactly it.
 *
 * The reason codes of civil registration (L.., I.., P.., T..: why a registrar refuses) are data of
 * a case, not errors of the exchange; they live in schemas/codes.csv and lib/codes.h. */
#ifndef DAFTAR_ERR_H
#define DAFTAR_ERR_H

enum err {
#define ERR(name, word, retry, sentence) name,
#include "lib/err.def"
#undef ERR
	E_COUNT
};

/* The word that stands for `e' on the wire, in logs and in --json output ("OK", "SIGNATURE", ...).
 */
const char *err_word(enum err e);
/* What happened and what to do, in English, one sentence, no full stop, never a value of a record.
 */
const char *err_sentence(enum err e);
/* Nonzero when sending the same bytes again later may succeed. */
int err_retry(enum err e);
/* The code for a word; E_UNKNOWN_CODE for a word that is not in the list. */
enum err err_of_word(const char *word);

#endif
