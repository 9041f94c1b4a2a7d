/* SPDX-License-Identifier: EUPL-1.2
 *
 * The questions, in the order in which they are asked: first what decides whether the case may
 * exist at all, and whether a State may learn of it; the person's particulars only after that. */
#include <string.h>

#include "lib/record_rule.h"
#include "liaison/wizard.h"

/* ---- when a question is asked ---- */

static bool
is_extract(const struct draft *d)
{
	return draft_is(d, "case-type", "ORIGIN-EXTRACT");
}

static bool
has_fear(const struct draft *d)
{
	return json_array_size(draft_answer(d, "feared")) > 0;
}

/* An officer's finding is needed (daftar-request(5)). */
static bool
needs_finding(const struct draft *d)
{
	return is_extract(d) || has_fear(d);
}

static bool
has_number(const struct draft *d)
{
	return draft_text(d, "entry-number")[0] != '\0';
}

static bool
has_particulars(const struct draft *d)
{
	return !has_number(d) || json_is_true(draft_answer(d, "particulars"));
}

#define HAS(function, id)                                                                          \
	static bool function(const struct draft *d)                                                \
	{                                                                                          \
		return has_particulars(d) && json_is_object(draft_answer(d, id));                  \
	}
HAS(has_child_second, "child-second")
HAS(has_mother, "mother")
HAS(has_mother_second, "mother-second")
HAS(has_father, "father")
HAS(has_father_second, "father-second")

static bool
has_place(const struct draft *d)
{
	return has_particulars(d) && draft_text(d, "place")[0] != '\0';
}

static bool
in_latin(const struct draft *d, const char *id)
{
	const json_t *name = draft_answer(d, id);
	const char *script = json_string_value(json_object_get(name, "script"));

	return script == NULL || strcmp(script, "Latn") == 0;
}

/* Only where no spelling in Latin letters was given. */
#define WITHOUT_LATIN(function, id)                                                                \
	static bool function(const struct draft *d)                                                \
	{                                                                                          \
		return has_particulars(d) && json_is_object(draft_answer(d, id)) &&                \
		       !in_latin(d, id) && draft_answer(d, id "-second") != NULL &&                \
		       (json_is_null(draft_answer(d, id "-second")) ||                             \
			       !in_latin(d, id "-second"));                                        \
	}
WITHOUT_LATIN(child_without_latin, "child")
WITHOUT_LATIN(mother_without_latin, "mother")
WITHOUT_LATIN(father_without_latin, "father")

static bool
is_new_consent(const struct draft *d)
{
	return json_is_string(draft_answer(d, "consent"));
}

static bool
is_child_asked(const struct draft *d)
{
	return is_new_consent(d) && draft_is(d, "consent-subject", "child") &&
	       !draft_is(d, "consent-by", "self");
}

static bool
has_assent(const struct draft *d)
{
	return is_child_asked(d) && json_is_true(draft_answer(d, "assent"));
}

/* ---- the table ---- */

static const char name_help[] =
	N_("Type the whole name as the papers write it, in Arabic, Ge'ez or Latin letters, in "
	   "its "
	   "own order. Do not add a family name that the papers do not have. The registry "
	   "compares "
	   "it letter by letter.");
static const char parts_help[] =
	N_("In many countries a name is one's own, the father's and the grandfather's name, and "
	   "there is no family name. Choose what each word is; when none fits, choose the last "
	   "line and say it word by word.");
static const char second_help[] =
	N_("Passports and school papers often write the name in other letters. Both help the "
	   "registry to find the record. Type it only if a paper has it.");
static const char latin_help[] =
	N_("This is only a proposal of how it could be written in Latin letters, and it is "
	   "marked "
	   "as such in the case. Nobody has to take it.");

#define NAME_ROWS(id, where, in_case, lacks, asked, second, latin, person, person_parts,           \
	person_second, person_second_parts, person_latin, ask)                                     \
	{id, where "[1]", KIND_NAME, NULL, 0, lacks, false, NULL, NULL, in_case, person, ask,      \
		name_help, "Hodan Abdi Warsame"},                                                  \
		{id "-parts", where "[1]", KIND_PARTS, NULL, 0, false, false, id, NULL, asked,     \
			person_parts, N_("What is each word of the name?"), parts_help, "1"},      \
		{id "-second", where "[2]", KIND_NAME, NULL, 0, true, false, id, NULL, asked,      \
			person_second,                                                             \
			N_("Do the papers write the name in other letters too? How?"),             \
			second_help, "هودان عبدي ورسمة"},                                          \
		{id "-second-parts", where "[2]", KIND_PARTS, NULL, 0, false, false, id "-second", \
			NULL, second, person_second_parts, N_("What is each word of it?"),         \
			parts_help, "1"},                                                          \
	{                                                                                          \
		id "-latin", where "[3]", KIND_LATIN, NULL, 0, true, false, id, NULL, latin,       \
			person_latin, N_("How may it be written in Latin letters?"), latin_help,   \
			"1"                                                                        \
	}

const struct wizard_row wizard_rows[] = {
	{"case-type", "caseType", KIND_CHOICE, "case-type", 0, false, false, NULL, "ORIGIN-ENTRY",
		NULL, N_("Kind of case"), N_("What is to be done?"),
		N_("Usually the first: the child was born and registered in the country of asylum, "
		   "and the birth is to be entered at home. The second asks the country of origin: "
		   "it then learns where the person is, so a second officer has to agree."),
		"1"},
	{"issuing", "requestedOf", KIND_ISSUER, NULL, 0, false, false, NULL, NULL, NULL,
		N_("Registry that holds the record"), N_("Which registry holds the record?"),
		N_("The registry of the country where the birth was registered. Only registries "
		   "that have an agreement with this office are listed."),
		"1"},
	{"receiving", "destination", KIND_RECEIVER, NULL, 0, false, false, "issuing", NULL, NULL,
		N_("Registry that enters it"), N_("Which registry is to enter the birth?"),
		N_("The registry that will write the birth into its own register. Only registries "
		   "are listed that may get an extract from the one that holds the record."),
		"2"},
	{"feared", "riskClearance.fearedCountry", KIND_FEARED, NULL, 0, true, false, NULL, NULL,
		NULL, N_("States that are feared"),
		N_("Does the person, or a parent, fear any State? Which?"),
		N_("Ask this alone and in the person's language. A registry of a feared State is "
		   "never asked anything; whether it may enter the birth, a second officer "
		   "decides. "
		   "Several are typed with commas between them."),
		"SO, ER"},
	{"risk-officer", "riskClearance.officer", KIND_TEXT, NULL, RULE_OFFICER, false, true, NULL,
		NULL, needs_finding, N_("Protection officer"),
		N_("Code of the protection officer who has looked at the risk"),
		N_("A code, never a name. It must be another officer than the one who takes the "
		   "consent."),
		"NBO-0102"},
	{"risk-result", "riskClearance.result", KIND_CHOICE, "risk-result", 0, false, false, NULL,
		NULL, needs_finding, N_("Finding"), N_("What did that officer find?"),
		N_("CLEARED: the destination may learn of the case; a second officer then signs "
		   "(daftar help consent clear). BLOCKED: nothing is sent to anybody."),
		"1"},
	{"risk-on", "riskClearance.on", KIND_DAY, NULL, 0, false, false, NULL, "today",
		needs_finding, N_("Day of the finding"), N_("On which day?"),
		N_("Not before the first consent was given, and not in the future."), "today"},
	{"applicant", "applicant.relation", KIND_CHOICE, "relation", 0, false, false, NULL, NULL,
		NULL, N_("Who asks"), N_("Who asks for it?"),
		N_("What the person who sits in front of you is to the one whose birth it is."),
		"2"},
	{"urgency", "urgency", KIND_CHOICE, "urgency", 0, false, false, NULL, "normal", NULL,
		N_("Urgency"), N_("Is it urgent?"),
		N_("Urgent only when after a near day the entry is of no use any more. Urgent "
		   "cases "
		   "go first at every step."),
		"1"},
	{"entry-number", "locator.entryNumber", KIND_TEXT, NULL, RULE_NUMBER, true, false, NULL,
		NULL, NULL, N_("Number of the entry"),
		N_("Number of the entry in the register, as the certificate shows it"),
		N_("The number finds the record most surely. It stands on the birth certificate. "
		   "Without it name and date of birth are needed."),
		"0412873920"},
	{"office", "locator.office", KIND_TEXT, NULL, RULE_LINE, true, false, NULL, NULL, NULL,
		N_("Registry office"), N_("Which registry office made the entry?"),
		N_("The office or district as the certificate names it."), "Nairobi East"},
	{"particulars", NULL, KIND_YES, NULL, 0, false, false, NULL, "yes", has_number,
		N_("Particulars too"), N_("Shall name and date of birth be given as well?"),
		N_("With them the registry sees whether the number is the right one. Without them "
		   "less is told about the person."),
		"yes"},
	{"language", NULL, KIND_LANGUAGE, NULL, 0, false, true, NULL, "und", has_particulars,
		N_("Language of the names"), N_("In which language are the names in the papers?"),
		N_("The language, not the letters: a Somali name in Latin letters is Somali. "
		   "\"und\" "
		   "when it is not known."),
		"so"},
	NAME_ROWS("child", "locator.name", has_particulars, false, has_particulars,
		has_child_second, child_without_latin, N_("Name of the child"),
		N_("Parts of the child's name"), N_("Child's name in other letters"),
		N_("Parts of that spelling"), N_("Child's name in Latin letters"),
		N_("Full name of the person whose birth it is, as the papers write it")),
	{"calendar", NULL, KIND_CHOICE, "calendar", 0, false, true, NULL, "gregorian",
		has_particulars, N_("Calendar"),
		N_("In which calendar do the papers write the date of birth?"),
		N_("Look at the year: an Ethiopic year is 7 or 8 below the Gregorian one, a Hijri "
		   "year is about 580 below. The date is kept as it was written, and converted."),
		"1"},
	{"birth-date", "locator.birthDate", KIND_DATE, NULL, 0, false, false, "calendar", NULL,
		has_particulars, N_("Date of birth"),
		N_("Date of birth, exactly as the papers write it"),
		N_("Type it as it is written: 9 March 2024, 30/6/2016, 5 Pagume 2015, March 2001, "
		   "about 1994, 7 years in 2024. What is not known is left out; it is never "
		   "guessed."),
		"9 March 2024"},
	{"birth-basis", "locator.birthDate.basis", KIND_CHOICE, "basis", 0, false, false,
		"birth-date", "document", has_particulars, N_("Basis of the date"),
		N_("How is the date known?"),
		N_("1 January or 1 July in the papers because nobody knew the day is a "
		   "placeholder: "
		   "then only the year counts."),
		"1"},
	{"place", "locator.birthPlace.text", KIND_TEXT, NULL, RULE_LINE, true, false, NULL, NULL,
		has_particulars, N_("Place of birth"), N_("Place of birth, as the papers write it"),
		N_("Town, district or hospital, as it stands there."), "Kakuma, Turkana"},
	{"place-country", "locator.birthPlace.country", KIND_COUNTRY, NULL, 0, false, false, NULL,
		NULL, has_place, N_("Country of birth"), N_("In which country is it?"),
		N_("The name of the country or its two letters."), "KE"},
	{"place-code", "locator.birthPlace", KIND_PLACE_CODE, NULL, 0, true, false, "place", NULL,
		has_place, N_("Code of the place"), N_("Is it one of these places?"),
		N_("A code tells the registry which of several places of one name it is. Without a "
		   "code the text alone counts."),
		"1"},
	NAME_ROWS("mother", "locator.mother", has_particulars, true, has_mother, has_mother_second,
		mother_without_latin, N_("Name of the mother"), N_("Parts of the mother's name"),
		N_("Mother's name in other letters"), N_("Parts of that spelling"),
		N_("Mother's name in Latin letters"),
		N_("Full name of the mother, as in the papers")),
	NAME_ROWS("father", "locator.father", has_particulars, true, has_father, has_father_second,
		father_without_latin, N_("Name of the father"), N_("Parts of the father's name"),
		N_("Father's name in other letters"), N_("Parts of that spelling"),
		N_("Father's name in Latin letters"),
		N_("Full name of the father, as in the papers")),
	{"documents", "documents", KIND_DOCUMENTS, NULL, 0, true, false, NULL, NULL, NULL,
		N_("Documents"), N_("Which documents are there? One after the other."),
		N_("Only a digest of each scan goes into the case; the scan stays with this "
		   "office. A "
		   "guardian needs proof of guardianship or a judgment."),
		"1"},
	{"consent", NULL, KIND_CONSENT, NULL, 0, false, false, "receiving", NULL, NULL,
		N_("Consent"), N_("Which consent does the case rest on?"),
		N_("A consent counts for one receiving registry and one purpose. Take a recorded "
		   "one, "
		   "or record a new one now. Several recorded ones are typed with commas."),
		"1"},
	{"consent-subject", "consent.subject", KIND_CHOICE, "consent-subject", 0, false, false,
		"consent", "child", is_new_consent, N_("Whose particulars"),
		N_("Whose particulars does the consent cover?"),
		N_("Nearly always those of the person whose birth it is."), "1"},
	{"consent-by", "consent.givenBy", KIND_CHOICE, "consent-giver", 0, false, false, "consent",
		NULL, is_new_consent, N_("Given by"), N_("Who gives it?"),
		N_("For a child a parent or a guardian; an adult for itself."), "2"},
	{"consent-right", "consent.capacityBasis", KIND_CHOICE, "capacity", 0, false, false,
		"consent-by", NULL, is_new_consent, N_("By which right"), N_("By which right?"),
		N_("A parent for the child: parental authority. A guardian: guardianship, and a "
		   "document has to show it. Whoever speaks for itself: self."),
		"2"},
	{"consent-purpose", "consent.purpose", KIND_PURPOSE, NULL, 0, false, false, "receiving",
		NULL, is_new_consent, N_("Purpose"), N_("For which purpose?"),
		N_("What the agreements between the registries allow."), "1"},
	{"consent-fields", "consent.fieldSet", KIND_CHOICE, "field-set", 0, false, false, "consent",
		"BIRTH-PARENTS", is_new_consent, N_("What may be sent"),
		N_("How much of the record may be sent?"),
		N_("Tell the person what each means. The registry sends nothing beyond it."), "2"},
	{"consent-language", "consent.language", KIND_LANGUAGE, NULL, 0, false, true, "consent",
		NULL, is_new_consent, N_("Language of the talk"),
		N_("In which language was it explained?"),
		N_("The language that you or the interpreter spoke with the person."), "so"},
	{"interpreter", "consent.interpreter", KIND_TEXT, NULL, RULE_OFFICER, true, true, "consent",
		NULL, is_new_consent, N_("Interpreter"), N_("Code of the interpreter"),
		N_("A code, never a name. Enter when nobody interpreted."), "NBO-INT-031"},
	{"risks", "consent.risksExplained", KIND_STATEMENT, NULL, 0, false, false, "consent", NULL,
		is_new_consent, N_("Risks explained"),
		N_("Were the risks explained: who learns what, and that it cannot be undone once "
		   "entered?"),
		N_("The receiving State learns that the family was abroad, where the child was "
		   "born "
		   "and the parents' names. Without this there is no consent."),
		"yes"},
	{"freely", "consent.noConditionality", KIND_STATEMENT, NULL, 0, false, false, "consent",
		NULL, is_new_consent, N_("Freely given"),
		N_("Was it said that refusing costs nothing, no aid and no right?"),
		N_("A consent that somebody gives for fear of losing help is none."), "yes"},
	{"consent-on", "consent.givenOn", KIND_DAY, NULL, 0, false, false, "consent", "today",
		is_new_consent, N_("Given on"), N_("On which day was it given?"),
		N_("The day on which the form was signed."), "today"},
	{"consent-until", "consent.validUntil", KIND_DAY, NULL, 0, false, false, "consent",
		"in a year", is_new_consent, N_("Valid until"),
		N_("Until which day does it count?"),
		N_("Long enough for the registries to answer; after it nothing more is sent."),
		"in a year"},
	{"withdrawal", "consent.withdrawalChannel", KIND_CHOICE, "withdrawal-channel", 0, false,
		false, "consent", "liaison-office", is_new_consent, N_("How to take it back"),
		N_("How can the person take it back?"),
		N_("Tell the person this, and write the tracking number on the copy of the form."),
		"1"},
	{"evidence", "consent.evidenceDigest", KIND_SCAN, NULL, 0, false, false, "consent", NULL,
		is_new_consent, N_("Signed form"), N_("File with the scan of the signed form"),
		N_("Its digest goes into the case and proves later that it is this form; the scan "
		   "stays with this office. A photograph will do."),
		"form.pdf"},
	{"witness", "consent.witnessedBy", KIND_TEXT, NULL, RULE_OFFICER, false, true, "consent",
		NULL, is_new_consent, N_("Officer who took it"),
		N_("Code of the officer who took the consent"), N_("A code, never a name."),
		"NBO-0417"},
	{"assent", NULL, KIND_YES, NULL, 0, false, false, "consent", "no", is_child_asked,
		N_("Child asked"), N_("Was the child itself asked, and does it agree?"),
		N_("Needed from the age that one of the registries has set; daftar tells you in "
		   "the "
		   "end if it is missing."),
		"no"},
	{"assent-on", "consent.assent.on", KIND_DAY, NULL, 0, false, false, "assent", "today",
		has_assent, N_("Child asked on"), N_("On which day?"),
		N_("The day on which the child was asked."), "today"},
	{"assent-language", "consent.assent.language", KIND_LANGUAGE, NULL, 0, false, false,
		"assent", NULL, has_assent, N_("Language with the child"), N_("In which language?"),
		N_("The language that was spoken with the child."), "so"},
	{"assent-witness", "consent.assent.witnessedBy", KIND_TEXT, NULL, RULE_OFFICER, false,
		false, "assent", NULL, has_assent, N_("Officer who asked the child"),
		N_("Code of the officer who asked the child"), N_("A code, never a name."),
		"NBO-0417"},
	{"basis", "legalBasis", KIND_TEXT, NULL, RULE_LINE, false, true, NULL, NULL, NULL,
		N_("Legal basis"), N_("On which agreement or law does the case rest?"),
		N_("In words, as the registries know it."),
		N_("Tripartite Agreement on Voluntary Repatriation")},
};
const size_t wizard_rows_n = ARRAY_LEN(wizard_rows);

/* ---- looking up ---- */

const struct wizard_row *
row_find(const char *id)
{
	for (size_t i = 0; i < wizard_rows_n; i++)
		if (strcmp(wizard_rows[i].id, id) == 0)
			return &wizard_rows[i];
	return NULL;
}

bool
row_is_asked(const struct wizard_row *q, const struct draft *d)
{
	return q->when == NULL || q->when(d);
}

const struct wizard_row *
row_open(const struct draft *d)
{
	for (size_t i = 0; i < wizard_rows_n; i++)
		if (row_is_asked(&wizard_rows[i], d) && draft_answer(d, wizard_rows[i].id) == NULL)
			return &wizard_rows[i];
	return NULL;
}

/* How much of the question's path is the beginning of this one, whole keys only. */
static size_t
shared(const char *path, const char *of)
{
	size_t n = path != NULL ? strlen(path) : 0;

	if (n == 0 || strncmp(path, of, n) != 0)
		return 0;
	return of[n] == '\0' || strchr(".[: ", of[n]) != NULL ? n : 0;
}

const struct wizard_row *
row_of_path(const struct draft *d, const char *path)
{
	const struct wizard_row *best = NULL;
	size_t most = 0, n;

	for (size_t i = 0; i < wizard_rows_n; i++) {
		n = shared(wizard_rows[i].path, path);
		if (n > most && row_is_asked(&wizard_rows[i], d)) {
			most = n;
			best = &wizard_rows[i];
		}
	}
	return best;
}
