/* SPDX-License-Identifier: EUPL-1.2
 *
 * Consent tokens in the hands of one who signs well himself: the sender of a message alters the
 * token that it was given, writes it in another way, takes it from another case, or brings several,
 * and signs the whole. */
#include "tests/hostile/hostile.h"

#define TOKEN "<e:ConsentToken "
#define END "</e:ConsentToken>"
#define BYTES "MALFORMED FORBIDDEN-MARKUP NOT-UTF8 NOT-CANONICAL SCHEMA"

/* The sample without its signature, with another token. */
static void
judge_token(
	struct tally *t, const struct sample *s, const struct family *f, const struct buf *token)
{
	OWNED_BUF(plain) = {0};
	OWNED_BUF(made) = {0};
	struct bytes was;

	assert_true(message_token(buf_bytes(&s->message), &was));
	buf_add(&plain, s->message.data, (size_t)(was.data - s->message.data));
	put(&plain, buf_bytes(token));
	buf_add(&plain, was.data + was.size,
		(size_t)(s->header.data + s->header.size - was.data) - was.size);
	put(&plain, s->body);
	buf_text(&plain, "</e:Message>");
	put_well_signed(&made, t->world, s, buf_bytes(&plain));
	judge(t, s, f, buf_bytes(&made), ONE_MODE);
}

static void
put_token(struct buf *out, const struct sample *s)
{
	struct bytes token;

	assert_true(message_token(buf_bytes(&s->message), &token));
	put(out, token);
}

/* ---- every octet ---- */

/* What is no XML any more was signed all the same: the octets' vote asks for nothing else. */
static void
alter_octets(struct tally *t, const struct sample *s)
{
	static const struct family altered = {"octet altered", BYTES " CONSENT-FORGED", "octets"};
	static const struct family without = {"octet left out", BYTES " CONSENT-FORGED", "octets"};
	OWNED_BUF(token) = {0};

	put_token(&token, s);
	for (size_t i = 0; i < token.size; i++) {
		OWNED_BUF(less) = {0};

		token.data[i] ^= (uint8_t)(1u << i % 8);
		judge_token(t, s, &altered, &token);
		token.data[i] ^= (uint8_t)(1u << i % 8);
		buf_add(&less, token.data, i);
		buf_add(&less, token.data + i + 1, token.size - i - 1);
		judge_token(t, s, &without, &less);
	}
}

/* ---- other facts, another spelling ---- */

static const struct edit {
	struct family family;
	const char *what, *by;
} edits[] = {
	{{"another office", "CONSENT-FORGED", NULL}, "by=\"UNHCR.NBO\"", "by=\"KE.CRS\""},
	{{"office on no list", "CONSENT-FORGED", NULL}, "by=\"UNHCR.NBO\"", "by=\"ZZ.NBO\""},
	{{"another destination", "CONSENT-FORGED", NULL}, "destination=\"SO.NIRA\"",
		"destination=\"KE.CRS\""},
	{{"another holder", "CONSENT-FORGED", NULL}, "holder=\"KE.CRS\"", "holder=\"SO.NIRA\""},
	{{"another purpose", "CONSENT-FORGED", NULL}, "purpose=\"BIRTH-TRANSCRIPTION\"",
		"purpose=\"BIRTH-EXTRACT\""},
	{{"longer", "CONSENT-FORGED", NULL}, "validUntil=\"20", "validUntil=\"21"},
	{{"before all time", "SCHEMA", NULL}, "issuedAt=\"20", "issuedAt=\"19"},
	{{"later than its end", "SCHEMA", NULL}, "issuedAt=\"20", "issuedAt=\"90"},
	{{"no holder", "SCHEMA", NULL}, " holder=\"KE.CRS\"", ""},
	{{"attribute more", "SCHEMA NOT-CANONICAL", NULL}, " holder=", " fear=\"SO\" holder="},
	{{"attributes in another order", "NOT-CANONICAL", "octets"},
		" holder=\"KE.CRS\" id=", " id=\"\" holder=\"KE.CRS\" x="},
	{{"single quotes", "NOT-CANONICAL", NULL}, "by=\"UNHCR.NBO\"", "by='UNHCR.NBO'"},
	{{"declared again", "NOT-CANONICAL", "octets"}, TOKEN,
		TOKEN "xmlns:e=\"" NS_ENVELOPE "\" "},
	{{"white space", "SCHEMA", NULL}, "><e:Grant ", "> <e:Grant "},
	{{"white space in a signature", "SCHEMA", NULL}, "</e:Grant>", "\n</e:Grant>"},
	{{"comment", "FORBIDDEN-MARKUP", NULL}, "><e:Grant ", "><!-- --><e:Grant "},
	{{"comment in a signature", "FORBIDDEN-MARKUP", NULL}, "</e:Grant>", "<!-- --></e:Grant>"},
	{{"reference", "FORBIDDEN-MARKUP", NULL}, "by=\"UNHCR", "by=\"UNHC&#82;"},
	{{"element more", "SCHEMA", NULL}, END, "<e:Note></e:Note>" END},
	{{"clearance of nothing", "SCHEMA", NULL}, END, "<e:Clearance></e:Clearance>" END},
	{{"clearance in front", "SCHEMA", NULL}, "<e:Grant ",
		"<e:Clearance cert=\"" HEX64 "\">AAAA</e:Clearance><e:Grant "},
	{{"token in a token", "SCHEMA", NULL}, "<e:Grant ",
		"<e:ConsentToken></e:ConsentToken><e:Grant "},
	{{"certificate on no list", "SCHEMA CONSENT-FORGED", NULL}, "<e:Grant cert=\"",
		"<e:Grant cert=\"" HEX64 "\" was=\""},
	{{"foreign element", "SCHEMA", NULL}, END, "<x:y xmlns:x=\"urn:x\"></x:y>" END},
	{{"xml:id", "SCHEMA NOT-CANONICAL", "octets"}, "validUntil=", "xml:id=\"a\" validUntil="},
	{{"token behind it", "SCHEMA", NULL}, END, END "<e:ConsentToken></e:ConsentToken>"},
};

static void
edit_tokens(struct tally *t, const struct sample *s)
{
	OWNED_BUF(token) = {0};

	put_token(&token, s);
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		OWNED_BUF(other) = {0};

		if (replaced(&other, buf_bytes(&token), edits[i].what, edits[i].by))
			judge_token(t, s, &edits[i].family, &other);
	}
}

/* ---- of other cases ---- */

static void
borrow(struct tally *t, const struct sample *s, const struct sample *from)
{
	static const struct family other = {"token of another case", "CONSENT-SCOPE", NULL};
	static const struct family two = {"two tokens", "SCHEMA", NULL};
	OWNED_BUF(token) = {0};

	put_token(&token, from);
	judge_token(t, s, &other, &token);
	put_token(&token, s);
	judge_token(t, s, &two, &token);
}

/* The grant of one token, the clearance of another. */
static void
mix(struct tally *t, const struct sample *s, const struct sample *from)
{
	static const struct family f = {"signature of another token", "CONSENT-FORGED", NULL};
	static const char *const parts[] = {"e:Grant", "e:Clearance"};
	OWNED_BUF(ours) = {0};
	OWNED_BUF(theirs) = {0};

	put_token(&ours, s);
	put_token(&theirs, from);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		OWNED_BUF(mixed) = {0};
		struct bytes mine, other;
		size_t before;

		if (!xml_cut(buf_bytes(&ours), parts[i], &mine) ||
			!xml_cut(buf_bytes(&theirs), parts[i], &other))
			continue;
		before = (size_t)(mine.data - ours.data);
		buf_add(&mixed, ours.data, before);
		put(&mixed, other);
		buf_add(&mixed, mine.data + mine.size, ours.size - before - mine.size);
		judge_token(t, s, &f, &mixed);
	}
}

/* A Cancellation that stops somebody's case needs that case's token. */
static void
leave_out(struct tally *t, const struct sample *s)
{
	static const struct family f = {"no token", "CONSENT-MISSING", NULL};
	static const struct family bare = {"no grant", "SCHEMA", NULL};
	OWNED_BUF(none) = {0};
	OWNED_BUF(token) = {0};
	OWNED_BUF(ungranted) = {0};
	struct bytes grant;
	size_t before;

	put_token(&token, s);
	assert_true(xml_cut(buf_bytes(&token), "e:Grant", &grant));
	before = (size_t)(grant.data - token.data);
	buf_add(&ungranted, token.data, before);
	buf_add(&ungranted, grant.data + grant.size, token.size - before - grant.size);
	judge_token(t, s, &bare, &ungranted);
	if (s->action == A_CANCELLATION)
		judge_token(t, s, &f, &none);
}

bool
part_tokens(struct world *w)
{
	static const enum action with[] = {A_CERTIFIED_EXTRACT, A_CANCELLATION};
	struct tally t = {.world = w};

	for (size_t i = 0; i < ARRAY_LEN(with); i++) {
		const struct sample *s = &w->sample[with[i]];

		alter_octets(&t, s);
		edit_tokens(&t, s);
		leave_out(&t, s);
		for (size_t k = 0; k < ARRAY_LEN(with); k++) {
			borrow(&t, s, &w->other[with[k]]);
			mix(&t, s, &w->other[with[k]]);
		}
	}
	return report(&t, "tokens altered and borrowed by a sender who signs well", 2000);
}
