/* SPDX-License-Identifier: EUPL-1.2
 *
 * What an adapter asks of a national system, whatever it is. A driver is a table of functions and
 * its own state; the adapter's core calls it with one thing at a time and owns all the rules of
 * exactly-once: a driver only has to be honest about what is in the register.
 *
 * Time limits: a call may block for at most a few seconds; E_LOCKED or E_REGISTER mean "not now",
 * and the core tries again later with the item still claimed. A register that is not there when the
 * adapter starts is no reason not to start: `open' looks at the settings only. */
#ifndef DAFTAR_DRIVER_H
#define DAFTAR_DRIVER_H

#include "lib/conf.h"
#include "lib/record.h"

struct driver;

/* What is to be entered, and where it came from. All loans. */
struct civil_act {
	const struct extract *extract;
	struct bytes sealed; /* the extract as it came, with the registrar's seal */
	struct party issuer;
	const char *country; /* the issuer's */
	struct id message;   /* that brought it */
};

/* An entry that the register made for us. */
struct made {
	char entry_number[64];
	char entered_on[16];  /* ISO date */
	char entered_as[256]; /* name as entered: personal data, stays in the outcome's body */
};

/* One entry that was made through us, and the message that brought it (all zero when the register
 * does not say). Loans. */
typedef void driver_visit(
	void *context, const struct digest *key, const struct made *made, const struct id *message);

struct driver_kind {
	const char *name; /* "folder", "odbc" */
	const struct setting
		*settings; /* merged into the adapter's own; names start with the kind */
	/* E_CONFIG, with what is wrong said on standard error. */
	enum err (*open)(const struct conf *c, struct driver **out);
	void (*close)(struct driver **d);
	/* Finds the entry that the locator means and fills an unsealed extract (without id,
	 * certifier and issue date). E_RECORD_NOT_FOUND, E_AMBIGUOUS, E_LOCKED, E_REGISTER,
	 * E_REGISTER_DATA. */
	enum err (*find)(struct driver *d, const struct locator *l, struct extract **out);
	/* Has the register made an entry under this key (by us, at any time)? E_OK with *made
	 * filled, E_NOT_FOUND, or E_LOCKED or E_REGISTER when it cannot be asked just now. */
	enum err (*lookup)(struct driver *d, const struct digest *key, struct made *made);
	/* Makes the entry and our mark of the key in one atomic, durable step, or E_ALREADY (with
	 * *made) when the key, or the same act by another road, is there already. */
	enum err (*enter)(struct driver *d, const struct digest *key, const struct civil_act *act,
		struct made *made);
	/* Number of entries in the register, and of those made through us. */
	enum err (*count)(struct driver *d, uint64_t *all, uint64_t *ours);
	/* Every entry that was made through us, in any order: the register's own book. E_LOCKED,
	 * E_REGISTER, E_REGISTER_DATA; some may have been visited before that. */
	enum err (*list)(struct driver *d, driver_visit *each, void *context);
};

extern const struct driver_kind driver_folder;
extern const struct driver_kind driver_odbc;

#endif
