/* SPDX-License-Identifier: EUPL-1.2
 *
 * A case asked for question by question. The questions are one table (wizard_table.c); what is
 * answered is a draft, sealed in the spool after every answer, and becomes the JSON that
 * daftar-request(5) describes: whether it is valid is decided there and in check.c, not here.
 * For `request new', and for whoever shows the same questions in another way. */
#ifndef DAFTAR_LIAISON_WIZARD_H
#define DAFTAR_LIAISON_WIZARD_H

#include "liaison/ask.h"
#include "liaison/consent.h"

/* ---- drafts (liaison/draft.c) ---- */
struct draft {
	struct office *o;
	char number[TRACKING_SIZE]; /* that the case will have */
	struct id id;		    /* and its conversation */
	int64_t begun, changed;	    /* ms UTC */
	json_int_t turn; /* counts what was kept: two windows cannot write over each other */
	json_t *answers; /* by the questions' ids; null: there is none */
};
void draft_free(struct draft *d);
#define OWNED_DRAFT(name) __attribute__((cleanup(draft_free))) struct draft name = {.turn = 0}
void draft_begin(struct office *o, struct draft *d);
/* Durable when it returns E_OK. E_CONFLICT: another window has kept another answer since;
 * E_SPOOL_FULL, E_IO. */
enum err draft_keep(struct draft *d) MUST_USE;
enum err draft_find(struct office *o, const char *number, struct draft *d) MUST_USE;
/* Gone from the spool's file as well. */
enum err draft_drop(struct draft *d) MUST_USE;
/* The newest first, at most `most'; their number. To be freed one by one. */
size_t draft_list(struct office *o, struct draft *out, size_t most);
#define DRAFTS_MOST 50
/* Asks which of them, or a new one (liaison/wizard_draft.c); *begun: it is one of them. */
enum answer draft_choose(struct office *o, struct draft *d, bool *begun) MUST_USE;

/* NULL: not answered. */
const json_t *draft_answer(const struct draft *d, const char *id);
const char *draft_text(const struct draft *d, const char *id); /* "" when it is no text */
bool draft_is(const struct draft *d, const char *id, const char *text);

/* ---- questions (liaison/wizard_table.c) ---- */
enum kind {
	KIND_TEXT,	/* a line that follows `rule' */
	KIND_CHOICE,	/* a word of the code list `list' */
	KIND_YES,	/* true or false */
	KIND_STATEMENT, /* must have been done */
	KIND_ISSUER,	/* a registry that this office may ask */
	KIND_RECEIVER,	/* a registry that the other may answer to */
	KIND_PURPOSE,	/* that both agreements allow */
	KIND_COUNTRY,
	KIND_FEARED, /* countries */
	KIND_NAME,
	KIND_PARTS, /* of the name that `of' has given */
	KIND_LATIN, /* that name in Latin letters, proposed */
	KIND_LANGUAGE,
	KIND_DATE,
	KIND_DAY,
	KIND_PLACE_CODE,
	KIND_CONSENT,
	KIND_SCAN, /* a file: its digest */
	KIND_DOCUMENTS,
	KIND_N
};

struct wizard_row {
	const char *id;
	const char *path; /* in the case, "locator.name[1]"; NULL: only for the wizard */
	enum kind kind;
	const char *list;		     /* of KIND_CHOICE */
	int rule;			     /* of KIND_TEXT: enum rule */
	bool may_lack;			     /* Enter alone: there is none */
	bool remembered;		     /* proposed again in the next case */
	const char *of;			     /* the question that it depends on, or NULL */
	const char *fallback;		     /* proposed, NULL: nothing */
	bool (*when)(const struct draft *d); /* NULL: always asked */
	const char *label, *text, *help;     /* N_ */
	const char *example;		     /* as typed; NULL: none */
};
extern const struct wizard_row wizard_rows[];
extern const size_t wizard_rows_n;
const struct wizard_row *row_find(const char *id);
bool row_is_asked(const struct wizard_row *q, const struct draft *d);
/* The first that is asked and not answered, NULL: none. */
const struct wizard_row *row_open(const struct draft *d);
/* The question that a problem with this path of the case belongs to, NULL: none. */
const struct wizard_row *row_of_path(const struct draft *d, const char *path);

/* ---- what an answer is (liaison/wizard_kind.c and its neighbours) ---- */
/* Asks it; *value is a new reference, to be kept under the question's id. */
enum answer row_ask(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
/* The answer for people, malloc'ed. */
char *row_words(const struct draft *d, const struct wizard_row *q);
/* Sets an answer, and forgets those that depended on another one; takes the reference. */
void draft_set(struct draft *d, const struct wizard_row *q, json_t *value);

/* ---- between the files of the wizard ---- */
enum answer ask_name(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
enum answer ask_parts(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
enum answer ask_latin(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
enum answer ask_language(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
enum answer ask_date(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
enum answer ask_day(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
enum answer ask_country(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
enum answer ask_feared(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
enum answer ask_place_code(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
enum answer ask_issuer(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
enum answer ask_receiver(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
enum answer ask_purpose(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
enum answer ask_consent(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
enum answer ask_scan(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
enum answer ask_documents(struct draft *d, const struct wizard_row *q, json_t **value) MUST_USE;
char *words_of_name(const json_t *value);
char *words_of_language(const json_t *value);
char *words_of_parts(const json_t *value);
char *words_of_date(const json_t *value);
char *words_of_country(const json_t *value);
char *words_of_party(const struct draft *d, const json_t *value);
/* What Enter alone means: the answer there is, or what is proposed; malloc'ed, NULL: nothing. */
char *proposed(const struct draft *d, const struct wizard_row *q);
/* The words of a code list, to choose from; their number. */
size_t codes_of(const char *list, struct choice *out, size_t most);
#define CODES_MOST 32
/* Asks for a line, with the value that Enter takes shown before. */
enum answer ask_with(const char *fallback, struct buf *out) MUST_USE;

/* ---- the case (liaison/wizard_case.c) ---- */
/* The case file, malloc'ed JSON. */
char *draft_case(const struct draft *d);
/* Would the State that is asked read that it is feared, or is the case blocked? E_PROTECTION, with
 * what to tell blamed. */
enum err draft_fear(struct draft *d) MUST_USE;
/* Read by the reader of case files and held against the rules of `request check'; what is wrong in
 * `problems' for E_INPUT, blamed otherwise. */
enum err draft_check(struct draft *d, struct case_file *f, struct buf *problems) MUST_USE;

/* ---- the review page (liaison/wizard_review.c) ---- */
enum review { REVIEW_KEEP, REVIEW_CHANGE, REVIEW_LEAVE };
enum review review(struct draft *d, const struct wizard_row **change, enum answer *leave) MUST_USE;

#endif
