/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signature wrapping. What was signed is kept somewhere in the document, something else is shown.
 * A document is written down as a row of letters (see put_letter); each row is made with every
 * kind of kept part and every kind of reference, the last of them signed anew so that it fits: that
 * is what an insider would send to those who verify one part and read another. */
#include "tests/hostile/hostile.h"

/* Of the signed message M and the other, unsigned message m, both of one action. */
static const char *const rows[] = {
	/* kept beside what is shown */
	"ohbSI/",
	"ohbIS/",
	"oIhbS/",
	"ohIbS/",
	"ohbSX/",
	"ohbXS/",
	"oXhbS/",
	"ohXbS/",
	"oIhbSI/",
	/* kept inside */
	"o1bS/",
	"o2bS/",
	"oh3S/",
	"oh4S/",
	"oh5S/",
	"ohb6/",
	"ohb7/",
	"ohb8/",
	"o1b/",
	"oh4/",
	"oh5/",
	"ohbI/",
	"oIhb/",
	"ohbX/",
	/* kept around */
	"OmHBS/",
	"OHmBS/",
	"OHBmS/",
	"OHBSm/",
	"OhbHBS/",
	"OHBhbS/",
	"OHhBS/",
	"OhHBS/",
	"OHBbS/",
	"OHbBS/",
	/* parts of two messages */
	"OhBS/",
	"OHbS/",
	"OhbS/",
	"OBHS/",
	"OHHBS/",
	"OHBBS/",
	"OHBBHS/",
	"OHS/",
	"OBS/",
	"OS/",
	"Ohb/",
	/* the signature elsewhere */
	"OHBSS/",
	"OSHBS/",
	"OSHB/",
	"OHSB/",
	"SOHB/",
	"OHBS/S",
	"S",
	/* two roots */
	"OHBS/ohb/",
	"ohb/OHBS/",
	"ohbS/I",
	"Iohb/",
	/* one more around all */
	"wOHBS/.",
	"wohb/I.",
	"wIohb/.",
	"wohbS/I.",
};

enum kept { KEPT_MESSAGE, KEPT_UNSIGNED, KEPT_HEADER, KEPT_BODY, KEPT_N };
enum reference { REFERENCE_AS_IT_IS, REFERENCE_TO_ID, REFERENCE_SIGNED, REFERENCE_N };

struct wrap {
	const struct world *world;
	const struct sample *good, *other;
	enum kept kept;
	enum reference reference;
};

#define DECLARES_E " xmlns:e=\"" NS_ENVELOPE "\""
#define DECLARES_DS " xmlns:ds=\"" NS_DSIG "\""

/* The kept part as an element by itself, with its Id where one is referred to. */
static void
put_kept_alone(struct buf *out, const struct wrap *w)
{
	static const char *const names[] = {"e:Message", "e:Message", "e:Header", "e:Body"};
	OWNED_BUF(part) = {0};
	OWNED(char, open, free_chars) = xprintf("<%s", names[w->kept]);
	OWNED(char, with_id, free_chars) = xprintf("<%s Id=\"kept\"", names[w->kept]);

	if (w->kept == KEPT_MESSAGE)
		put(&part, buf_bytes(&w->good->message));
	else if (w->kept == KEPT_UNSIGNED)
		put_unsigned(&part, w->good);
	else
		put(&part, w->kept == KEPT_HEADER ? w->good->header : w->good->body);
	if (w->reference == REFERENCE_AS_IT_IS || !replaced(out, buf_bytes(&part), open, with_id))
		put(out, buf_bytes(&part));
}

/* As it stands inside an e:Message: what is in scope is not declared again. */
static void
put_kept(struct buf *out, const struct wrap *w, bool in_signature)
{
	OWNED_BUF(alone) = {0};
	OWNED_BUF(inside) = {0};

	put_kept_alone(&alone, w);
	replaced_all(&inside, buf_bytes(&alone), DECLARES_E, "");
	replaced_all(out, buf_bytes(&inside), in_signature ? DECLARES_DS : DECLARES_E, "");
}

/* What a reference to "#kept" covers: the part, canonical by itself. */
static void
put_covered(struct buf *out, const struct wrap *w)
{
	OWNED_BUF(part) = {0};

	put_kept_alone(&part, w);
	if (w->kept == KEPT_MESSAGE || w->kept == KEPT_UNSIGNED) {
		put(out, buf_bytes(&part));
		return;
	}
	(void)replaced(out, buf_bytes(&part), " Id=", DECLARES_E " Id=");
}

static void
put_signature(struct buf *out, const struct wrap *w)
{
	static const struct form to_id = {.reference = " URI=\"#kept\""};
	OWNED_BUF(covered) = {0};

	if (w->reference == REFERENCE_AS_IT_IS) {
		put(out, w->good->signature);
	} else if (w->reference == REFERENCE_TO_ID) {
		(void)replaced(out, w->good->signature, " URI=\"\"", " URI=\"#kept\"");
	} else {
		put_covered(&covered, w);
		form_sign(out, w->world, w->good, &to_id, buf_bytes(&covered));
	}
}

static void
put_signature_with(struct buf *out, const struct wrap *w, const char *before, const char *open,
	const char *close)
{
	OWNED_BUF(signature) = {0};
	OWNED_BUF(more) = {0};

	put_signature(&signature, w);
	buf_text(&more, open);
	put_kept(&more, w, true);
	buf_printf(&more, "%s%s", close, before);
	if (!replaced(out, buf_bytes(&signature), before, (char *)more.data))
		die("a signature without %s", before);
}

static void
put_around(struct buf *out, const struct wrap *w, struct bytes part, const char *before)
{
	OWNED_BUF(more) = {0};

	put_kept(&more, w, false);
	buf_text(&more, before);
	if (!replaced(out, part, before, (char *)more.data))
		die("a part without %s", before);
}

/* Large letters: parts of the signed message. Small ones: of the other. Digits: with the kept part
 * inside. */
static void
put_letter(struct buf *out, const struct wrap *w, char letter)
{
	const struct sample *g = w->good, *o = w->other;

	switch (letter) {
	case 'O':
	case 'o':
		put(out, g->open);
		break;
	case 'H':
		put(out, g->header);
		break;
	case 'h':
		put(out, o->header);
		break;
	case 'B':
		put(out, g->body);
		break;
	case 'b':
		put(out, o->body);
		break;
	case 'S':
		put_signature(out, w);
		break;
	case '/':
		buf_text(out, "</e:Message>");
		break;
	case 'm':
		buf_text(out, "<e:Message realm=\"demo\" schemaVersion=\"1.0\">");
		put(out, o->header);
		put(out, o->body);
		buf_text(out, "</e:Message>");
		break;
	case 'I':
		put_kept(out, w, false);
		break;
	case 'X':
		buf_text(out, "<x:Extension xmlns:x=\"urn:x\">");
		put_kept(out, w, false);
		buf_text(out, "</x:Extension>");
		break;
	case '1':
		put_around(out, w, o->header, "</e:Header>");
		break;
	case '2':
		put_around(out, w, o->header, "<e:MessageId>");
		break;
	case '3':
		put_around(out, w, o->body, "</e:Body>");
		break;
	case '4':
		buf_text(out, "<e:Body>");
		put_kept(out, w, false);
		buf_text(out, "</e:Body>");
		break;
	case '5':
		buf_text(out, "<e:Body><x:Extension xmlns:x=\"urn:x\">");
		put_kept(out, w, false);
		buf_text(out, "</x:Extension></e:Body>");
		break;
	case '6':
		put_signature_with(out, w, "</ds:Signature>", "<ds:Object>", "</ds:Object>");
		break;
	case '7':
		put_signature_with(out, w, "</ds:KeyInfo>", "", "");
		break;
	case '8':
		put_signature_with(out, w, "</ds:SignedInfo>", "", "");
		break;
	case 'w':
		buf_text(out, "<x:All xmlns:x=\"urn:x\">");
		break;
	case '.':
		buf_text(out, "</x:All>");
		break;
	default:
		die("no such letter");
	}
}

static size_t
count_of(struct bytes in, const char *what)
{
	size_t n = 0, length = strlen(what);
	const uint8_t *at;

	while ((at = memmem(in.data, in.size, what, length)) != NULL) {
		n++;
		in = bytes_of(at + length, in.size - (size_t)(at + length - in.data));
	}
	return n;
}

/* Two roots are no document; what is declared nowhere is none either. */
static const char *
fitting(const char *row, struct bytes doc)
{
	size_t signatures = count_of(doc, "<ds:Signature ") + count_of(doc, "<ds:Signature>");

	if (strchr(row, '/') != NULL && row[0] != 'w' && row[strlen(row) - 1] != '/')
		return "MALFORMED";
	if (row[0] == 'w' && strchr(row, 'I') != NULL)
		return "MALFORMED";
	if (strncmp(row, "OHBS/o", 6) == 0 || strncmp(row, "ohb/", 4) == 0 || row[0] == 'I' ||
		(row[0] == 'S' && row[1] != '\0'))
		return "MALFORMED";
	if (row[0] == 'w' || strcmp(row, "S") == 0)
		return "SCHEMA SIGNATURE-SHAPE";
	if (signatures == 0)
		return "UNSIGNED";
	return signatures > 1 ? "SIGNATURE-SHAPE" : "SIGNATURE-SHAPE SCHEMA SIGNATURE";
}

static bool
keeps(const char *row)
{
	return strpbrk(row, "IX12345678") != NULL;
}

static void
wrap_one(struct tally *t, const struct wrap *w, const char *row)
{
	OWNED_BUF(doc) = {0};
	struct family f = {.name = row};

	for (const char *p = row; *p != '\0'; p++)
		put_letter(&doc, w, *p);
	if (doc.size == w->good->message.size &&
		memcmp(doc.data, w->good->message.data, doc.size) == 0)
		return; /* two receipts have one body */
	f.fit = fitting(row, buf_bytes(&doc));
	judge(t, w->good, &f, buf_bytes(&doc), ALL_MODES);
}

static void
wrap_row(struct tally *t, struct wrap *w, const char *row)
{
	enum kept most = keeps(row) ? KEPT_N : 1;

	for (enum kept k = 0; k < most; k++)
		for (enum reference r = 0; r < REFERENCE_N; r++) {
			w->kept = k;
			w->reference = r;
			wrap_one(t, w, row);
		}
}

bool
part_wrapping(struct world *world)
{
	struct tally t = {.world = world};

	for (enum action a = 0; a < ACTION_N; a++) {
		struct wrap w = {
			.world = world, .good = &world->sample[a], .other = &world->other[a]};

		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			wrap_row(&t, &w, rows[i]);
	}
	return report(&t, "signature wrapping, 10 actions", 4000);
}
