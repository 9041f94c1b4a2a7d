/* SPDX-License-Identifier: EUPL-1.2
 *
 * The officer's tool: what its commands share. A command gets its arguments and options and returns
 * the status that the program ends with. Data goes to standard output, words to standard error. */
#ifndef DAFTAR_LIAISON_H
#define DAFTAR_LIAISON_H

#include <stdarg.h>

#include <jansson.h>

#include "lib/conf.h"
#include "lib/file.h"
#include "lib/lang.h"
#include "lib/link.h"
#include "lib/record.h"

/* ---- how the program ends (daftar(1)) ---- */
enum ending {
	END_DONE = 0,
	END_FAILED = 1,
	END_USAGE = 2,
	END_DOCUMENT = 3, /* the document is not valid */
	END_REFUSED = 4,  /* refused by rule: protection, consent, right, law */
	END_NOT_FOUND = 5,
	END_CONFLICT = 6,   /* with an earlier message */
	END_STORED = 7,	    /* stored offline, will be sent */
	END_NOT_YET = 8,    /* not finished yet */
	END_TRUST = 9,	    /* signature, certificate, key or trust list */
	END_UNREACHED = 10, /* broker unreachable and nothing stored */
	END_INTERRUPTED = 130
};
enum ending ending_of(enum err e);

/* ---- options ---- */
enum option {
#define OPTION(option, name, value, sentence) option,
#include "liaison/rows.h"
	OPT_N
};
struct options {
	const char *value[OPT_N]; /* "" for a switch that was given, NULL otherwise */
	const char *argument[2];
	const char *const *arguments; /* all of them */
	int n_arguments;
	const char *document[16]; /* every --document, in their order */
	size_t n_document;
	int64_t timeout; /* ms, -1: not given */
};

/* ---- saying (liaison/say.c): everything that a terminal sees passes through here ---- */
void say_open(bool json, bool quiet);
/* After lang_open: lines begin on the side that the language now has. */
void say_direction(void);
bool say_in_json(void);
/* say, note and fail translate their formats (lib/lang.h); what they are given they do not.
 * Data: to standard output. What would move the cursor, colour, ring or reorder text is escaped; a
 * newline stands only where the format has it. */
void say(const char *fmt, ...) PRINTF(1, 2);
/* Words: to standard error, not with --quiet. */
void note(const char *fmt, ...) PRINTF(1, 2);
/* Once, before anything else is said: this is a realm to learn in. JSON says so in each object. */
void say_training(void);
/* A part of a text, as it is; lives until the end. */
const char *kept_text_n(const char *text, size_t n);
/* Words of a conversation: to standard error, also with --quiet (liaison/ask.c). */
void say_told(const char *fmt, va_list ap);
/* A text from outside for use in say and note, newlines escaped as well; lives until the end. */
const char *line(const char *text);
/* One object a line; takes the reference. `v' is put in front. */
void say_json(json_t *o);
/* Exactly these octets, for evidence that is to be kept or piped on. */
void say_octets(struct bytes v);
/* One of several things that are wrong: shown with the failure that follows. */
void blame(const char *item);
/* What was blamed, a line each, for a caller that tells it in another way; no failure shows it
 * then. */
void blame_take(struct buf *out);
/* Tells these without a failure, in a conversation; they are then forgotten. */
void say_blamed(void);
/* To which item it happens, and a word of the code list "advice": told with the failure that
 * follows. */
void about(const char *item);
void advise(const char *code);
/* An error, whatever --quiet says: what happened and to which item, what is still safe, the next
 * command to type (NULL: none), and the code. Returns how the program ends. */
enum ending fail(enum err e, const char *safe, const char *next, const char *what, ...)
	PRINTF(4, 5) MUST_USE;
/* Something that stops nothing and that somebody should look at: "path: sentence", in words already
 * (liaison/look.c). */
void look_again(const char *item);
/* In which of many papers it is ("march.csv 12"); the caller's until NULL is given. */
void look_where(const char *where);
/* What was said so since this was asked last, a list that is given away; NULL: nothing. */
json_t *looked_again(void);
void looked_put(json_t *j); /* the same as "warnings" of an object, where there are any */
/* "2026-11-24 08:00:00 UTC", lives until the end. */
const char *when(int64_t ms);

/* ---- files (liaison/files.c) ---- */
char *path_in(const char *folder, const char *name); /* malloc'ed */
/* E_NOT_FOUND, E_IO, E_TOO_LARGE; "-" is standard input. */
enum err input_read(const char *path, size_t most, struct buf *out) MUST_USE;
enum err folder_make(const char *path) MUST_USE; /* 0700, with its parents */

/* ---- the office: its home, keys, trust list and spool (liaison/office.c) ---- */
enum need { NEED_TRUST = 1, NEED_KEYS = 2, NEED_SPOOL = 4, NEED_ALL = 7 };
struct office {
	char *home;
	struct conf *conf;
	struct party self;
	X509 *operator;
	struct trust *trust;
	struct identity *sign, *encrypt;
	struct identity *encrypt_before; /* of the time before the last change of keys, or NULL */
	struct curve_pair curve;
	struct spool *spool;
	struct data_keys *data_keys; /* with the spool */
	uint64_t budget;	     /* octets that may pass while this command runs, 0: no bound */
	char *at;      /* the exchange's address for this command, NULL: that of the settings */
	size_t broker; /* of office_brokers, the one that is tried */
};
/* The home folder that the options or the environment name; malloc'ed. */
char *office_home(const struct options *o);
/* The setting `language' of the office; malloc'ed, NULL when there is none. */
char *office_language(const struct options *o);
/* One part, for those who report themselves. */
enum err office_load(struct office *o, enum need part) MUST_USE;
/* Everything asked for, or an ending that has been told to the person. */
enum ending office_open(const struct options *o, int need, struct office **out) MUST_USE;
void office_free(struct office **o);
/* The address in turn; how many there are, each of them, and going on to the next. */
const char *office_broker(const struct office *o);
size_t office_brokers(const struct office *o);
const char *office_broker_at(const struct office *o, size_t i);
void office_next_broker(struct office *o);
/* A newer list that the broker offers: checked, kept, in force instead of the old one. */
enum err office_new_trust(struct office *o, struct bytes list) MUST_USE;
/* Schemas and XML, once a process. */
enum err office_xml(void) MUST_USE;
/* What stays of a case, sealed to the office's own encryption certificate (liaison/seal.c). What
 * was kept before there was sealing is read as it is. NEED_KEYS. */
enum err office_seal(const struct office *o, struct bytes plain, struct buf *out) MUST_USE;
enum err office_unseal(const struct office *o, struct bytes kept, struct buf *plain) MUST_USE;
/* A fact of the spool with a sealed value. E_NOT_FOUND; E_BODY when no key of ours opens it. */
enum err sealed_set(struct office *o, const char *key, struct bytes plain) MUST_USE;
enum err sealed_get(struct office *o, const char *key, struct buf *plain) MUST_USE;
/* Seals everything to the present certificate, if that was not done yet. */
enum err office_seal_anew(struct office *o) MUST_USE;
/* What was just replaced leaves the spool's file when the office is closed. */
enum err office_forget(struct office *o) MUST_USE;
extern const struct setting office_settings[];
#define CONF_NAME "daftar.conf"
#define TRUST_NAME "trust.xml"
#define OPERATOR_NAME "operator.pem"

/* ---- cases (liaison/case.c) ---- */
#define LABEL_SIZE 64
#define CASE_CONSENTS 4
/* What stops a case, or lets it go on, and the two Cancellations that say so. */
enum stop_kind { STOP_WITHDRAWAL, STOP_HOLD, STOP_RELEASE, STOP_N };
struct case_stop {
	int64_t at; /* ms UTC; 0: never */
	struct id to_holder, to_destination;
	char channel[32]; /* by which the person withdrew, "" for the others */
	char reason[24];  /* of a case that was cancelled, its consent standing; "" otherwise */
};
struct officer_case {
	char number[TRACKING_SIZE];
	struct id conversation;
	struct id message; /* of the request, chosen before it is composed */
	struct party to, destination;
	char purpose[PURPOSE_SIZE];
	char label[LABEL_SIZE]; /* the name of the file it came from */
	int64_t created;
	struct digest digest; /* of the request's canonical form: the same paper is the same case */
	struct buf body;      /* the request; empty once it has been filed */
	struct buf documents; /* that its papers name, a line each (liaison/scans.h) */
	struct buf token;     /* the consent token's element; empty until one was granted */
	char consent[CASE_CONSENTS][ID_TEXT_SIZE]; /* that it rests on */
	size_t n_consent;
	struct case_stop stop[STOP_N];
	int64_t held_by[2]; /* when the registry that was asked, the one to be told, said so; 0 */
	/* It was given back and its paper is that case now; it is in place of that one. "":
	 * neither. */
	char anew[TRACKING_SIZE], instead_of[TRACKING_SIZE];
};
void case_free(struct officer_case *c);
/* An empty one, freed at the end of the scope. */
#define OWNED_CASE(name)                                                                           \
	__attribute__((cleanup(case_free))) struct officer_case name = {.created = 0}
enum err case_save(struct office *o, const struct officer_case *c) MUST_USE;
enum err case_find(struct office *o, const char *number, struct officer_case *out) MUST_USE;
enum err case_by_digest(
	struct office *o, const struct digest *d, struct officer_case *out) MUST_USE;
/* As it is kept by now: what was read before the lock was had may have been filed, cleared or
 * stopped by another process since. Under case_lock. */
enum err case_again(struct office *o, struct officer_case *c) MUST_USE;
/* Held for the protection of a person, and not released since. */
bool case_is_held(const struct officer_case *c);
/* The registry that says that it holds the case, since the office has released it last; NULL: none.
 */
const struct party *case_held_by(const struct officer_case *c, int64_t *since);
/* Something of it may be beyond this office. (liaison/stop.c) */
bool case_may_have_left(struct office *o, const struct officer_case *c);
/* Has one of the two registries still to answer to the stop? */
bool case_stop_is_open(struct office *o, const struct officer_case *c, enum stop_kind kind);
/* Could one of them not be told, or did it not take it? */
bool case_stop_failed(struct office *o, const struct officer_case *c, enum stop_kind kind);
/* Has one of them said TOO-LATE? */
bool case_stop_is_late(struct office *o, const struct officer_case *c, enum stop_kind kind);
/* Is this why nothing more may be said about a case? Then tells it. (liaison/stop.c) */
bool stops_case(enum err e);
enum ending stopped_fail(enum err e, const struct officer_case *c, const char *safe) MUST_USE;
/* What both say to the last stop of the case: lines, or a list in `j' under "registries". */
void case_say_reached(struct office *o, const struct officer_case *c, enum stop_kind kind);
void case_put_reached(struct office *o, const struct officer_case *c, json_t *j);
typedef bool case_visit(void *context, const struct officer_case *c);
enum err case_each(struct office *o, case_visit *each, void *context) MUST_USE;
/* A draft goes, and what is kept of it. Under case_lock. */
enum err case_drop(struct office *o, const struct officer_case *c) MUST_USE;
/* One process at a time makes cases; released by closing the descriptor. */
enum err case_lock(struct office *o, int *fd) MUST_USE;
/* The number that a person typed, in standard form, and its case; told when there is none. */
enum ending case_of_argument(
	struct office *o, const char *typed, struct officer_case *out) MUST_USE;

/* ---- where a case stands (liaison/story.c; its words liaison/story_state.c) ---- */
struct story {
	struct officer_case c;
	bool filed; /* the request is in the outbox */
	struct out_entry out;
	int64_t accepted, delivered, ended; /* as the exchange's receipts say, 0: not yet */
	bool has_outcome;
	struct in_entry outcome; /* the newest final outcome in the inbox */
	char result[32];	 /* "Transcribed", "Refused", ...: from its note */
	char detail[64];	 /* entry number, or reason codes */
	int64_t consent_until;	 /* ms, 0: not known */
	int64_t outcome_day; /* by which a person has to appeal, or a registry to decide; 0: none */
	bool may_appeal;
	unsigned issuer_days, decision_days, tacit_days; /* as the registries say, 0: they do not */
	bool stop_late;	  /* it was withdrawn, and a registry had entered it */
	bool stop_failed; /* it was withdrawn, and a registry could not be told */
	bool stop_open;	  /* it was withdrawn, and a registry has still to answer */
	enum err unread;  /* why the newest answer could not be opened, E_OK: it could */
	struct party unread_from;
};
enum err story_load(struct office *o, const struct officer_case *c, struct story *out) MUST_USE;
/* The same for many cases, the inbox being read once. */
struct answers {
	struct in_entry *entry; /* outcomes, by case and order */
	size_t n, room;
};
void answers_free(struct answers *a);
enum err answers_load(struct office *o, struct answers *out) MUST_USE; /* into {0} */
enum err story_load_with(struct office *o, const struct officer_case *c, const struct answers *a,
	struct story *out) MUST_USE;
const char *story_state(const struct story *s); /* "draft", "filed", "sent", ... */
bool story_is_state(const char *word);
/* Who has it, since when, what comes next, for people. */
const char *story_holder(const struct story *s);
int64_t story_since(const struct story *s);
const char *story_next(const struct story *s);
bool story_ended(const struct story *s); /* nothing more will come */
bool story_went_well(const struct story *s);
bool story_may_be_filed_anew(const struct story *s);
/* The exchange has ended it undelivered, whatever may be done about it now. */
bool story_was_given_back(const struct story *s);
json_t *story_json(const struct story *s);
/* What is expected by when. `text' is still to be translated. */
struct story_term {
	const char *key; /* in JSON */
	int64_t at;
	const char *text;
};
struct story_terms {
	struct story_term term[4];
	size_t n;
};
void story_terms(const struct story *s, struct story_terms *out);
int64_t story_next_term(const struct story *s);			/* the soonest, 0: none */
void story_note_terms(const struct office *o, struct story *s); /* from the trust list */

/* ---- what comes (liaison/incoming.c), and outcomes among it (liaison/outcome.c) ---- */
/* Opens what was taken, notes it and settles it; E_OK when nothing is left. */
enum err incoming_settle_all(struct office *o) MUST_USE;
/* The entry's number, or the codes with spaces between; "" when nothing is kept of it. */
void outcome_detail(struct office *o, const struct in_entry *e, char *out, size_t size);
/* Opens the outcome again, for what is not noted. */
enum err outcome_open(struct office *o, const struct in_entry *e, struct outcome **out) MUST_USE;

/* ---- the line to the broker (liaison/session.c) ---- */
struct session_end {
	bool finished;	  /* `done' said so */
	bool was_up;	  /* the broker answered, at least once */
	bool watched;	  /* another process has the link */
	bool interrupted; /* by a signal */
	bool held_back;	  /* something would have gone beyond the budget */
	bool spent;	  /* the budget is */
	struct line_octets octets;
};
/* Keeps the link open, or, when another process has it, watches the spool, until `done' is true or
 * `timeout' ms have passed (-1: for ever). With `take' deliveries are taken and settled.
 * E_STALE_EPOCH when this is an old copy of the office. */
enum err session_run(struct office *o, bool take, int64_t timeout,
	bool (*done)(struct office *o, void *context), void *context,
	struct session_end *end) MUST_USE;
/* The same by one address alone, which is told to nobody else; nothing is taken. */
enum err session_reach(struct office *o, size_t i, int64_t timeout,
	bool (*done)(struct office *o, void *context), void *context,
	struct session_end *end) MUST_USE;
/* The same, asking the exchange for the ledger of a case. */
struct ledger_answer {
	struct id conversation;
	bool answered;
	enum err e;
	struct buf lines; /* of JSON */
};
enum err session_ask(struct office *o, int64_t timeout,
	bool (*done)(struct office *o, void *context), struct ledger_answer *asks,
	struct session_end *end) MUST_USE;
enum ending session_fail(enum err e); /* tells why there was no session */

/* ---- who has handled a case (liaison/ledger.c) ---- */
/* Notes that this office has done something with it: a word or two, nothing about the person. */
void ledger_note(struct office *o, const struct id *conversation, const char *what);

/* The realm is one to learn in: nothing that happens there counts. By its name, or by the office's
 * setting. */
bool office_is_training(const struct office *o);

/* ---- commands: one function each, by liaison/commands.table ---- */
#define FUNCTION(run) enum ending run(const struct options *o);
#include "liaison/rows.h"

#endif
