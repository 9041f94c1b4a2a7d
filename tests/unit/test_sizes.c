/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the length of a message says: measured over a thousand records that differ in everything,
 * and over every kind of document of a case. doc/PRIVACY.md quotes the figures, which are printed.
 */
#include "tests/unit/test_realm.h"

#include <stdio.h>

#include "lib/file.h"
#include "lib/record.h"
#include "lib/seal.h"
#include "lib/xml.h"

#define RECORDS 1000
#define SIZE_MAX_SEEN (256 * 1024)

static struct realm *realm;
static uint32_t chance = 20261127;

static int
set_up(void **state)
{
	(void)state;
	realm_ready();
	realm = realm_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	realm_free(&realm);
	return 0;
}

/* ---- records by chance, the same ones each time ---- */

/* 0 .. n-1 */
static uint32_t
draw(uint32_t n)
{
	chance = chance * 1664525 + 1013904223;
	return (chance >> 8) % n;
}

/* A word of the script: Latin, Arabic, Ethiopic letters of one, two and three octets. */
static const char *
word(struct arena *a, uint32_t script)
{
	static const char *const letter[3][8] = {{"a", "e", "h", "m", "o", "r", "s", "w"},
		{"\u0627", "\u0628", "\u062f", "\u0631", "\u0639", "\u0645", "\u0646", "\u064a"},
		{"\u1200", "\u1208", "\u1218", "\u1230", "\u1260", "\u1290", "\u12a0", "\u12e8"}};
	OWNED_BUF(b) = {0};

	for (uint32_t n = 2 + draw(9); n > 0; n--)
		buf_text(&b, letter[script][draw(8)]);
	return arena_text(a, (char *)b.data);
}

static struct name_form *
form(struct arena *a, uint32_t script, bool authoritative)
{
	static const char *const names[] = {"Latn", "Arab", "Ethi"};
	static const char *const kinds[] = {"given", "father", "grandfather", "great-grandfather"};
	struct name_form *f = arena_alloc(a, sizeof *f);
	struct name_part **at = &f->parts;
	OWNED_BUF(full) = {0};

	f->script = names[script];
	f->lang = "und";
	f->authoritative = authoritative;
	for (uint32_t i = 0, n = 1 + draw(4); i < n; i++) {
		struct name_part *p = *at = arena_alloc(a, sizeof *p);

		p->kind = kinds[i];
		p->value = word(a, script);
		buf_printf(&full, i > 0 ? " %s" : "%s", p->value);
		at = &p->next;
	}
	f->full = arena_text(a, (char *)full.data);
	return f;
}

static struct name
name(struct arena *a)
{
	struct name n = {form(a, draw(3), true)};

	if (draw(2) == 0)
		n.forms->next = form(a, 0, false);
	return n;
}

static struct parent *
parent(struct arena *a, const char *role)
{
	struct parent *p = arena_alloc(a, sizeof *p);

	p->role = role;
	p->name = name(a);
	return p;
}

static void
fill(struct extract *x)
{
	struct arena *a = x->arena;

	x->id = "7b0c2d7e-51f3-4c1d-8f2e-0a9b8c7d6e5f";
	x->kind = "extract";
	x->entry.number = word(a, 0);
	x->entry.office = word(a, 0);
	x->name = name(a);
	x->sex = draw(2) ? "F" : "M";
	x->birth_date = (struct record_date){
		draw(4) ? "2024-03-09" : "2024", "gregorian", word(a, draw(3)), "document"};
	x->birth_place = (struct place){.text = word(a, draw(3)), .country = "KE"};
	x->parents = draw(5) ? parent(a, "mother") : NULL;
	if (x->parents != NULL && draw(4))
		x->parents->next = parent(a, "father");
	x->certifier = "Registrar of Births";
	x->certified_office = x->entry.office;
	x->issued_on = "2026-11-24";
	x->issued_place = "Nairobi";
}

/* ---- how many sizes ---- */

struct sizes {
	unsigned seen[SIZE_MAX_SEEN];
	size_t distinct, least, most;
};

static void
see(struct sizes *s, size_t size)
{
	assert_true(size < SIZE_MAX_SEEN);
	s->distinct += s->seen[size]++ == 0;
	if (s->least == 0 || size < s->least)
		s->least = size;
	if (size > s->most)
		s->most = size;
}

static void
say(const char *what, const struct sizes *s)
{
	print_message("# %s: %zu sizes, %zu to %zu octets; %u have the least\n", what, s->distinct,
		s->least, s->most, s->seen[s->least]);
}

static struct sizes records, bodies, messages;

/* One after the other on one channel, as a registry sends them. */
static void
send_record(uint64_t number)
{
	OWNED(struct extract, x, extract_free) = extract_new();
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	X509 *const to[] = {realm->encrypt[SOMALIA]->cert};
	OWNED_BUF(plain) = {0};
	OWNED_BUF(sealed) = {0};
	OWNED_BUF(message) = {0};
	struct bytes element;

	fill(x);
	extract_compose(x, &plain);
	h.channel_seq = number;
	assert_int_equal(
		seal_extract(buf_bytes(&plain), realm->sign[KENYA], instant_now(), &sealed), E_OK);
	assert_int_equal(
		message_compose(&h, buf_bytes(&sealed), to, 1, realm->sign[KENYA], &message), E_OK);
	assert_true(xml_cut(buf_bytes(&message), "xenc:EncryptedData", &element));
	see(&records, plain.size);
	see(&bodies, element.size);
	see(&messages, message.size);
}

static void
a_thousand_records_have_the_sizes_of_two_classes(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < RECORDS; i++)
		send_record(100000 + i);
	say("a thousand records", &records);
	say("their encrypted bodies", &bodies);
	say("their messages", &messages);
	assert_true(records.distinct > RECORDS / 4);
	assert_true(bodies.distinct <= 2);
	assert_true(messages.distinct <= 2);
}

/* ---- every kind ---- */

static void
read_body(const char *name, struct buf *out)
{
	OWNED(char, file, free_chars) = xprintf("%s/data/valid/%s", tests_folder(), name);

	assert_int_equal(file_read(file, SIZE_MAX_SEEN, out), E_OK);
	while (out->size > 0 && out->data[out->size - 1] == '\n')
		out->data[--out->size] = '\0';
}

/* As a program of ours would send it: with a token where it tells of a person or stops a case, with
 * the key of its act, with what it answers. */
static void
compose_usual(enum action a, const struct buf *body, struct buf *out)
{
	bool answers =
		a == A_TRANSCRIPTION_OUTCOME || a == A_CORRECTION_OUTCOME || a == A_QUERY_REPLY;
	struct header h = header_for(a, KENYA, SOMALIA);
	X509 *const to[] = {realm->encrypt[SOMALIA]->cert};
	OWNED_BUF(token) = {0};

	if (a != A_TRANSCRIPTION_OUTCOME && a != A_CORRECTION_OUTCOME)
		token_give(realm, &h, KENYA, SOMALIA, false, &token);
	h.has_ref = answers;
	h.has_key = a == A_CERTIFIED_EXTRACT;
	assert_int_equal(message_compose_with(&h, buf_bytes(&token), buf_bytes(body), to, 1,
				 realm->sign[KENYA], out),
		E_OK);
}

static void
see_file(enum action a, const char *file, struct sizes *all, struct sizes *whole)
{
	OWNED_BUF(body) = {0};
	OWNED_BUF(message) = {0};
	struct bytes element;

	read_body(file, &body);
	compose_usual(a, &body, &message);
	assert_true(xml_cut(buf_bytes(&message), "xenc:EncryptedData", &element));
	see(all, element.size);
	see(whole, message.size);
	print_message("# %s: %zu octets, encrypted %zu, the message %zu\n", file, body.size,
		element.size, message.size);
}

static void
every_kind_of_document_has_one_of_three_sizes(void **state)
{
	static const struct {
		enum action action;
		const char *file;
	} files[] = {
		{A_TRANSCRIPTION_REQUEST, "transcription-request/no-entry.xml"},
		{A_TRANSCRIPTION_REQUEST, "transcription-request/hodan.xml"},
		{A_TRANSCRIPTION_REQUEST, "transcription-request/selam.xml"},
		{A_CERTIFIED_EXTRACT, "certified-extract/least.xml"},
		{A_CERTIFIED_EXTRACT, "certified-extract/usual.xml"},
		{A_CERTIFIED_EXTRACT, "certified-extract/everything.xml"},
		{A_TRANSCRIPTION_OUTCOME, "transcription-outcome/transcribed.xml"},
		{A_TRANSCRIPTION_OUTCOME, "transcription-outcome/refused.xml"},
		{A_TRANSCRIPTION_OUTCOME, "transcription-outcome/not-found.xml"},
		{A_QUERY, "query/element.xml"},
		{A_QUERY_REPLY, "query-reply/documents.xml"},
		{A_CANCELLATION, "cancellation/withdrawn.xml"},
		{A_CANCELLATION, "cancellation/hold.xml"},
		{A_CORRECTION_NOTICE, "correction-notice/clerical.xml"},
		{A_CORRECTION_OUTCOME, "correction-outcome/refused.xml"},
	};
	static struct sizes all, whole;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		see_file(files[i].action, files[i].file, &all, &whole);
	say("all kinds", &all);
	say("their messages, with the header of each kind", &whole);
	assert_true(all.distinct <= 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_records_have_the_sizes_of_two_classes),
		cmocka_unit_test(every_kind_of_document_has_one_of_three_sizes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
