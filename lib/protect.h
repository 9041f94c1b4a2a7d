/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rules that protect the person behind a request: what must hold before it may be filed, and
 * once more before the issuing registry answers it (domain.md 1.2: P1, P2, P6, P9, P12). One set
 * for the officer's tool and for the adapter, so that both say the same. The rules look at what the
 * request says; signatures and agreements of the message around it are examined elsewhere.
 *
 *	P04  the destination, or the State that is asked, is one that the person fears
 *	P01  nobody who may has consented, to this destination and purpose, of free will
 *	P02  a consent has expired */
#ifndef DAFTAR_PROTECT_H
#define DAFTAR_PROTECT_H

#include "lib/keyring.h"
#include "lib/record.h"
#include "lib/trust.h"

#define ADULT_AGE 18 /* Convention on the Rights of the Child, article 1 */
/* An age that was estimated, or a date that is told as uncertain or about, may be wrong by this
 * many years either way. */
#define AGE_DOUBT 2

struct protect_context {
	const char *requested_country, *destination_country; /* of the two registries; "" unknown */
	const char *purpose;				     /* of the header */
	const char *today;				     /* ISO day */
	int assent_age; /* from which the child itself is asked; 0: none is set */
	/* The date in the record, NULL as long as it was not found: then the request's counts. */
	const struct record_date *birth;
	/* The record is still to be found, and the rules are asked again then: what depends on an
	 * age that the request does not tell is left to that. */
	bool record_follows;
	const struct trust_party *liaison; /* whose officers may clear; NULL: none may */
	/* SHA-256 of the certificate of who files the request; NULL where it is not known. */
	const struct digest *signer;
};

/* NULL when all is well; otherwise the refusal code ("P01", "P02", "P04") and, in *why, what is
 * wrong and what to do: a constant sentence without any value of the request. */
const char *protect_request(
	const struct request *r, const struct protect_context *k, const char **why);

/* The same for one consent, before there is a request that rests on it: what a request, its papers
 * or its record have to show is left to that. */
const char *protect_consent(
	const struct consent *c, const struct protect_context *k, const char **why);

/* Of two settings, 0 meaning none, the one that protects more: the lower age. */
int protect_assent_age(int a, int b);

/* Writes the second officer's signature into r->risk: over "daftar risk clearance 1\n" and lines
 * for case type, registries, officer, result, day, feared countries and consents. E_INPUT without
 * a finding, E_NO_KEY, E_WEAK_KEY. */
enum err protect_clear(struct request *r, const struct identity *officer) MUST_USE;

/* Earliest end of all consents: the last millisecond of that day, UTC; 0 when none has one. */
int64_t protect_until(const struct request *r);

/* ---- between the files of this module ---- */

struct age {
	bool known;	 /* the date tells something */
	int first, last; /* days between which the person was born, YYYYMMDD */
};
struct age age_of(const struct record_date *birth);
/* Could be younger than `age' on that day, could have reached it: by an uncertain date both can be
 * true, and by no date both are. */
bool age_may_be_under(const struct age *a, int age, const char *today);
bool age_may_have_reached(const struct age *a, int age, const char *today);

/* The clearance's Approval is a second officer's; NULL, or the sentence that says why not. */
const char *clearance_problem(const struct request *r, const struct protect_context *k);

#endif
