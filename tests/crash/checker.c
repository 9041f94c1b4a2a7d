/* SPDX-License-Identifier: EUPL-1.2
 *
 * The verdict on a realm whose programs were killed. Stopped, everything is read: both registers,
 * the spools of all parties, the broker's store, the logs of what was filed and which receipts were
 * heard. The rules are written here once more, plainly, from what is promised; nothing of the
 * exchange, the adapters or the link is asked.
 *
 *	checker HOME		status 0: no fault; 1: faults; 2: it could not be judged */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/store.h"
#include "lib/log.h"
#include "lib/spool.h"
#include "lib/trust.h"
#include "lib/xml.h"
#include "lib/child.h"
#include "tests/crash/checker.h"

#define SHOWN 8 /* faults of a kind that are printed */

static const char *const fault_words[FAULTS] = {[LOST] = "lost",
	[TWICE] = "twice",
	[PHANTOM] = "phantom",
	[UNSTORED] = "unstored",
	[DIFFERENT] = "different",
	[UNTOLD] = "untold",
	[UNPROVED] = "unproved",
	[HALF] = "half"};

/* What a party knows of its messages. */
struct books {
	const char *code, *folder;
	struct spool *spool;
	struct in_entry *in;
	size_t n_in, room_in;
	struct out_entry *out;
	size_t n_out, room_out;
};

/* What the filer's log says of one message. */
struct heard {
	struct id id;
	struct digest digest;
	uint64_t number;
	enum stage end;
	struct {
		bool there;
		struct digest sha;
	} receipt[STAGE_N];
};

static struct {
	const char *home;
	struct trust *trust;
	struct store *store;
	struct entry *entry; /* by id */
	size_t n, receipts, checkpoints;
	struct books party[3];
	struct heard *heard; /* by id */
	size_t n_heard;
	uint64_t *filed; /* numbers of births, sorted */
	size_t n_filed;
	struct made_list made;
	uint64_t faults[FAULTS];
} c = {.party = {{"UNHCR.NBO", "officer"}, {"KE.CRS", "KE.CRS"}, {"SO.NIRA", "SO.NIRA"}}};

void
fault(enum fault kind, const char *fmt, ...)
{
	va_list ap;

	if (c.faults[kind]++ >= SHOWN)
		return;
	printf("%s: ", fault_words[kind]);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

static void
sure(enum err e, const char *what)
{
	if (e == E_OK)
		return;
	fprintf(stderr, "checker: %s: %s\n", what, err_word(e));
	exit(2);
}

static const char *
id_text(const struct id *id)
{
	static char text[4][ID_TEXT_SIZE];
	static unsigned i;

	id_format(id, text[++i % 4]);
	return text[i % 4];
}

/* ---- the store ---- */

static int
by_id(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return memcmp(&x->header.id, &y->header.id, ID_SIZE);
}

static const struct entry *
stored(const struct id *id)
{
	struct entry key = {.header.id = *id};

	return c.n == 0 ? NULL : bsearch(&key, c.entry, c.n, sizeof *c.entry, by_id);
}

/* The store's receipt must prove what the entry says. */
static void
judge_receipt(const struct entry *e, enum stage stage)
{
	OWNED_BUF(octets) = {0};
	struct receipt r;

	if (store_receipt(c.store, NULL, e->seq, stage, &octets) != E_OK) {
		fault(UNPROVED, "%s has no receipt for %s", id_text(&e->header.id),
			stage_word(stage));
		return;
	}
	if (receipt_verify(buf_bytes(&octets), trust_log_name(c.trust), trust_log_key(c.trust),
		    &r) != E_OK ||
		!id_equal(&r.what.id, &e->header.id) || !digest_equal(&r.what.digest, &e->digest) ||
		r.what.stage != stage || !party_equal(&r.what.from, &e->header.from) ||
		!party_equal(&r.what.to, &e->header.to)) {
		fault(UNPROVED, "%s: its receipt for %s proves something else",
			id_text(&e->header.id), stage_word(stage));
		return;
	}
	c.receipts++;
	log_receipt(buf_bytes(&octets), &r);
}

static void
read_store(void)
{
	OWNED(char, folder, free_chars) = xprintf("%s/broker/store", c.home);
	OWNED(char, file, free_chars) = xprintf("%s/realm/parties/DAFTAR.HUB/store.key", c.home);
	struct store_figures figures;
	uint8_t key[STORE_KEY_SIZE];
	uint64_t before = 0;
	size_t n;

	sure(store_key(file, folder, key), file);
	sure(store_open_copy(folder, key, &c.store), folder);
	store_figures(c.store, &figures);
	c.entry = xcalloc(figures.messages + 256, sizeof *c.entry);
	while ((n = store_recent(c.store, before, c.entry + c.n, 256)) > 0) {
		c.n += n;
		if (c.n > figures.messages)
			break;
		before = c.entry[c.n - 1].seq;
	}
	if (c.n != figures.messages)
		fault(LOST, "the store counts %" PRIu64 " messages and has %zu", figures.messages,
			c.n);
	for (size_t i = 0; i < c.n; i++)
		for (enum stage s = 0; s < STAGE_N; s++)
			if (c.entry[i].at[s] != 0)
				judge_receipt(&c.entry[i], s);
	qsort(c.entry, c.n, sizeof *c.entry, by_id);
	log_judge(figures.log_size, &c.checkpoints);
}

/* ---- the spools ---- */

static bool
add_out(void *context, const struct out_entry *e)
{
	struct books *b = context;

	if (b->n_out == b->room_out) {
		b->room_out = b->room_out * 2 + 256;
		b->out = xrealloc(b->out, b->room_out * sizeof *b->out);
	}
	b->out[b->n_out++] = *e;
	return true;
}

static bool
add_in(void *context, const struct in_entry *e)
{
	struct books *b = context;

	if (b->n_in == b->room_in) {
		b->room_in = b->room_in * 2 + 256;
		b->in = xrealloc(b->in, b->room_in * sizeof *b->in);
	}
	b->in[b->n_in++] = *e;
	return true;
}

static void
read_spools(void)
{
	for (size_t i = 0; i < ARRAY_LEN(c.party); i++) {
		struct books *b = &c.party[i];
		OWNED(char, folder, free_chars) = xprintf("%s/%s/spool", c.home, b->folder);

		sure(spool_open(folder, 0, &b->spool), folder);
		sure(spool_each_out(b->spool, add_out, b), folder);
		sure(spool_each_in(b->spool, add_in, b), folder);
	}
}

static struct books *
books_of(const struct party *p)
{
	for (size_t i = 0; i < ARRAY_LEN(c.party); i++)
		if (strcmp(c.party[i].code, p->code) == 0)
			return &c.party[i];
	return NULL;
}

static const struct in_entry *
find_in(const struct books *b, const struct entry *e)
{
	for (size_t i = 0; b != NULL && i < b->n_in; i++)
		if (id_equal(&b->in[i].header.id, &e->header.id) &&
			party_equal(&b->in[i].header.from, &e->header.from))
			return &b->in[i];
	return NULL;
}

static const struct out_entry *
find_out(const struct books *b, const struct id *id)
{
	for (size_t i = 0; b != NULL && i < b->n_out; i++)
		if (id_equal(&b->out[i].header.id, id))
			return &b->out[i];
	return NULL;
}

/* ---- the logs of what was filed ---- */

static int
heard_by_id(const void *a, const void *b)
{
	return memcmp(a, b, ID_SIZE);
}

static struct heard *
heard_of(const struct id *id)
{
	for (size_t i = c.n_heard; i-- > 0;)
		if (id_equal(&c.heard[i].id, id))
			return &c.heard[i];
	return NULL;
}

static void
filed(uint64_t number)
{
	c.filed = xrealloc(c.filed, (c.n_filed + 1) * sizeof *c.filed);
	c.filed[c.n_filed++] = number;
}

static void
hear(const struct id *id, const char *stage, const char *sha)
{
	struct heard *h = heard_of(id);
	struct digest d;
	enum stage s;

	if (h == NULL || !stage_parse(stage, &s) || !digest_parse(sha, &d)) {
		fault(DIFFERENT, "%s: a receipt for what was never filed", id_text(id));
		return;
	}
	if (h->receipt[s].there && !digest_equal(&h->receipt[s].sha, &d))
		fault(DIFFERENT, "%s: two receipts for %s were heard", id_text(id), stage);
	h->receipt[s].there = true;
	h->receipt[s].sha = d;
	if (stage_final(s))
		h->end = s;
}

static void
read_line(const char *line)
{
	char word[16] = "", text[ID_TEXT_SIZE] = "", second[72] = "", third[72] = "";
	struct id id;

	if (sscanf(line, "%15s %36s %71s %71s", word, text, second, third) < 3 ||
		!id_parse(text, &id))
		return;
	if (strcmp(word, "filed") == 0) {
		c.heard = xrealloc(c.heard, (c.n_heard + 1) * sizeof *c.heard);
		c.heard[c.n_heard] = (struct heard){
			.id = id, .number = strtoull(third, NULL, 10), .end = STAGE_N};
		if (!digest_parse(second, &c.heard[c.n_heard].digest))
			sure(E_INPUT, "the filer's log");
		filed(c.heard[c.n_heard++].number);
	} else if (strcmp(word, "receipt") == 0 || strcmp(word, "told") == 0) {
		hear(&id, second, third);
	} else if (strcmp(word, "refused") == 0) {
		fault(LOST, "%s was refused: %s", text, second);
	}
}

static void
read_logs(void)
{
	OWNED(char, filer, free_chars) = xprintf("%s/filer/log", c.home);
	OWNED(char, papers, free_chars) = xprintf("%s/papers/log", c.home);
	FILE *f = fopen(filer, "re"), *p = fopen(papers, "re");
	char line[512];

	if (f == NULL || p == NULL)
		sure(E_IO, "the logs of what was filed");
	while (fgets(line, sizeof line, f) != NULL)
		read_line(line);
	while (fgets(line, sizeof line, p) != NULL)
		filed(strtoull(line + strcspn(line, " "), NULL, 10));
	fclose(f);
	fclose(p);
	qsort(c.heard, c.n_heard, sizeof *c.heard, heard_by_id);
}

/* ---- receipts ---- */

/* What somebody holds as the broker's receipt must stand in the store, octet for octet. */
static void
judge_held(const char *who, const struct id *id, enum stage stage, const struct digest *sha)
{
	const struct entry *e = stored(id);
	OWNED_BUF(octets) = {0};
	struct digest d;

	if (e == NULL || store_receipt(c.store, NULL, e->seq, stage, &octets) != E_OK) {
		fault(UNSTORED, "%s holds a receipt for %s of %s", who, stage_word(stage),
			id_text(id));
		return;
	}
	digest_of(octets.data, octets.size, &d);
	if (!digest_equal(&d, sha))
		fault(DIFFERENT, "%s holds another receipt for %s of %s than the store", who,
			stage_word(stage), id_text(id));
}

static void
judge_evidence(const struct books *b, const struct out_entry *o)
{
	static const char *const kinds[] = {"ACCEPTED", "DELIVERED", "ENDED"};
	const enum stage stages[] = {ST_ACCEPTED, ST_DELIVERED, o->stage};
	OWNED_BUF(octets) = {0};
	struct digest d;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (spool_evidence(b->spool, &o->header.id, kinds[i], &octets) != E_OK)
			continue;
		digest_of(octets.data, octets.size, &d);
		judge_held(b->code, &o->header.id, stages[i], &d);
	}
}

static void
judge_receipts(void)
{
	for (size_t i = 0; i < ARRAY_LEN(c.party); i++)
		for (size_t k = 0; k < c.party[i].n_out; k++)
			judge_evidence(&c.party[i], &c.party[i].out[k]);
	for (size_t i = 0; i < c.n_heard; i++)
		for (enum stage s = 0; s < STAGE_N; s++)
			if (c.heard[i].receipt[s].there)
				judge_held(
					"the filer", &c.heard[i].id, s, &c.heard[i].receipt[s].sha);
}

/* ---- messages ---- */

/* Accepted: it has ended, its addressee has it and has said so, its sender knows. */
static void
judge_addressee(const struct entry *e)
{
	const struct in_entry *in = find_in(books_of(&e->header.to), e);

	if (!stage_final(e->stage))
		fault(LOST, "%s has not ended: %s", id_text(&e->header.id), stage_word(e->stage));
	else if (in == NULL)
		fault(LOST, "%s is not in the spool of %s", id_text(&e->header.id),
			e->header.to.code);
	else if (!digest_equal(&in->digest, &e->digest))
		fault(LOST, "%s came to %s as something else", id_text(&e->header.id),
			e->header.to.code);
	else if (in->state != IN_TOLD)
		fault(LOST, "%s is %s at %s", id_text(&e->header.id), in_state_word(in->state),
			e->header.to.code);
}

static void
judge_sender(const struct entry *e)
{
	const struct books *b = books_of(&e->header.from);
	const struct out_entry *o = find_out(b, &e->header.id);
	const struct heard *h = heard_of(&e->header.id);
	bool same = o != NULL	? digest_equal(&o->digest, &e->digest)
		    : h != NULL ? digest_equal(&h->digest, &e->digest)
				: false;
	OWNED_BUF(word) = {0};
	struct digest d;

	if (!same)
		fault(PHANTOM, "%s was accepted and %s never filed it", id_text(&e->header.id),
			e->header.from.code);
	else if (o != NULL ? o->state != OUT_ENDED || o->stage != e->stage : h->end != e->stage)
		fault(UNTOLD, "%s: %s does not know that it ended %s", id_text(&e->header.id),
			e->header.from.code, stage_word(e->stage));
	if (o == NULL)
		return;
	if (spool_evidence(b->spool, &o->header.id, "ADDRESSEE", &word) == E_OK)
		digest_of(word.data, word.size, &d);
	if (word.size == 0 || !digest_equal(&d, &e->by))
		fault(UNTOLD, "%s: %s does not hold the addressee's word", id_text(&e->header.id),
			e->header.from.code);
}

static void
judge_messages(void)
{
	for (size_t i = 0; i < c.n; i++) {
		judge_addressee(&c.entry[i]);
		judge_sender(&c.entry[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(c.party); i++)
		for (size_t k = 0; k < c.party[i].n_out; k++)
			if (stored(&c.party[i].out[k].header.id) == NULL)
				fault(LOST, "%s of %s is not in the store",
					id_text(&c.party[i].out[k].header.id), c.party[i].code);
	for (size_t i = 0; i < c.n_heard; i++)
		if (stored(&c.heard[i].id) == NULL)
			fault(LOST, "%s of the filer is not in the store", id_text(&c.heard[i].id));
}

/* ---- cases and entries ---- */

static int
by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
judge_entry(const struct made *m)
{
	struct id id;
	const struct entry *e = id_parse(m->message, &id) ? stored(&id) : NULL;

	if (c.n_filed == 0 ||
		bsearch(&m->issued, c.filed, c.n_filed, sizeof *c.filed, by_value) == NULL)
		fault(PHANTOM, "entry %s: nobody filed birth %" PRIu64, m->number, m->issued);
	if (e == NULL || e->header.action != A_CERTIFIED_EXTRACT)
		fault(PHANTOM, "entry %s was brought by no message that was accepted", m->number);
	else if (e->stage != ST_COMMITTED)
		fault(LOST, "entry %s stands, and its message ended %s", m->number,
			stage_word(e->stage));
}

/* Both lists are sorted. */
static void
judge_cases(void)
{
	size_t at = 0;

	for (size_t i = 0; i < c.n_filed; i++) {
		while (at < c.made.n && c.made.list[at].issued < c.filed[i])
			at++;
		if (at == c.made.n || c.made.list[at].issued != c.filed[i])
			fault(LOST, "birth %" PRIu64 " was filed and not entered", c.filed[i]);
	}
	for (size_t i = 0; i < c.made.n; i++)
		judge_entry(&c.made.list[i]);
}

static void
read_registers(void)
{
	OWNED(char, folder, free_chars) = xprintf("%s/SO.NIRA/register", c.home);
	OWNED(char, file, free_chars) = xprintf("%s/KE.CRS/register.db", c.home);

	register_folder(folder, "SO-TR-", &c.made);
	register_sqlite(file, &c.made);
	register_judge(&c.made);
}

/* ---- the verdict ---- */

static void
load_trust(void)
{
	OWNED(char, schemas, free_chars) = schemas_find();
	OWNED(char, cert, free_chars) = xprintf("%s/realm/operator.pem", c.home);
	OWNED(char, list, free_chars) = xprintf("%s/realm/trust.xml", c.home);
	X509 *operator_cert = NULL;

	xml_init();
	sure(schemas == NULL ? E_NOT_FOUND : xml_load_schemas(schemas), "schemas");
	sure(cert_load(cert, &operator_cert), cert);
	sure(trust_load_file(list, operator_cert, instant_now(), &c.trust), list);
	cert_free(&operator_cert);
}

int
main(int argc, char **argv)
{
	uint64_t faults = 0;

	log_open("checker", LOG_ERROR);
	if (argc != 2)
		return fputs("usage: checker HOME\n", stderr), 2;
	c.home = argv[1];
	load_trust();
	read_store();
	read_spools();
	read_logs();
	read_registers();
	qsort(c.filed, c.n_filed, sizeof *c.filed, by_value);
	judge_receipts();
	judge_messages();
	judge_cases();
	printf("cases=%zu entered=%zu accepted=%zu receipts=%zu checkpoints=%zu", c.n_filed,
		c.made.n, c.n, c.receipts, c.checkpoints);
	for (int i = 0; i < FAULTS; i++) {
		printf(" %s=%" PRIu64, fault_words[i], c.faults[i]);
		faults += c.faults[i];
	}
	putchar('\n');
	return faults > 0;
}
