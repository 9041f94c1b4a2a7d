/* SPDX-License-Identifier: EUPL-1.2
 *
 * One document before the examiner: as the broker shows it, as an addressee does, and as a file;
 * then each of the two votes alone, to see what the other is worth. */
#include "tests/hostile/hostile.h"

#include <unistd.h>

/* Is `word' one of the words in `fit'? */
static bool
fits(const char *fit, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = fit; (p = strstr(p, word)) != NULL; p += n)
		if ((p == fit || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

static void
complain(const struct tally *t, const struct sample *s, const struct family *f, const char *what)
{
	printf("# %s: %s (%s, document %zu)\n", what, f->name, action_word(s->action),
		t->documents);
}

static void
examine_in_mode(struct tally *t, const struct sample *s, const struct family *f, struct bytes doc,
	enum examine_mode mode)
{
	struct party from = party_of(s->from), to = party_of(s->to);
	const struct party *party = mode == EXAMINE_FROM_PEER ? &from : &to;
	struct verdict v;
	enum err e = examiner_examine(t->world->examiner, mode, party, doc, &v);

	t->examined++;
	if (e == E_OK) {
		t->accepted++;
		complain(t, s, f, "ACCEPTED");
	} else if (e == E_QUARANTINED || e == E_IO || e == E_SANDBOX || e == E_NO_TRUST) {
		t->lost++;
		complain(t, s, f, err_word(e));
	} else if (!fits(f->fit, err_word(e))) {
		t->unfit++;
		complain(t, s, f, err_word(e));
	}
	t->differ += e == E_VOTES_DIFFER ? 1 : 0;
}

static enum err
vote_of_tree(struct bytes doc, EVP_PKEY *key)
{
	OWNED(xmlDoc, d, xml_free) = NULL;

	TRY(xml_parse(doc, &d));
	return seal_verify(d, key);
}

static void
ask_each_vote(struct tally *t, const struct sample *s, const struct family *f, struct bytes doc)
{
	EVP_PKEY *key = X509_get0_pubkey(world_signer(t->world, s)->cert);
	bool tree = vote_of_tree(doc, key) == E_OK;
	bool octets = seal_verify_bytes(doc, key) == E_OK;
	const char *single = tree ? "tree" : "octets";

	t->both += tree && octets ? 1 : 0;
	if (tree == octets)
		return;
	t->tree += tree ? 1 : 0;
	t->octets += octets ? 1 : 0;
	if (f->single != NULL && strcmp(f->single, single) == 0)
		return;
	t->undesigned++;
	complain(t, s, f, tree ? "only the tree's vote accepts" : "only the octets' vote accepts");
}

void
judge(struct tally *t, const struct sample *s, const struct family *f, struct bytes doc,
	enum effort effort)
{
	static const enum examine_mode modes[] = {
		EXAMINE_FROM_PEER, EXAMINE_AS_ADDRESSEE, EXAMINE_FILE};

	t->documents++;
	if (effort != ALL_MODES)
		examine_in_mode(t, s, f, doc, modes[t->turn++ % ARRAY_LEN(modes)]);
	else
		for (size_t i = 0; i < ARRAY_LEN(modes); i++)
			examine_in_mode(t, s, f, doc, modes[i]);
	if (effort != EXAMINER_ONLY)
		ask_each_vote(t, s, f, doc);
}

bool
report_line(bool good, const char *format, ...)
{
	static unsigned number;
	va_list list;

	printf("%s %u - ", good ? "ok" : "not ok", ++number);
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('\n');
	fflush(stdout);
	return good;
}

bool
report(const struct tally *t, const char *what, size_t least)
{
	bool good = t->accepted == 0 && t->unfit == 0 && t->lost == 0 && t->undesigned == 0 &&
		    t->differ == 0 && t->documents >= least;

	return report_line(good,
		"%s: %zu documents, %zu examinations, %zu accepted, %zu with a code that does not "
		"fit, %zu examiners lost, %zu votes that differ; alone, the vote of the tree would "
		"have accepted %zu and that of the octets %zu (%zu not by design), both %zu that "
		"another step refused",
		what, t->documents, t->examined, t->accepted, t->unfit, t->lost, t->differ, t->tree,
		t->octets, t->undesigned, t->both);
}

static size_t
kib_behind(const char *text, const char *label)
{
	const char *at = strstr(text, label);

	return at == NULL ? 0 : strtoul(at + strlen(label), NULL, 10);
}

/* The one child of this process. */
void
examiner_memory(size_t *now, size_t *most)
{
	int pid = 0;
	char text[4096] = "";
	FILE *f = fopen("/proc/thread-self/children", "re");

	if (f == NULL || fscanf(f, "%d", &pid) != 1)
		die("the examiner cannot be found");
	fclose(f);
	OWNED(char, name, free_chars) = xprintf("/proc/%d/status", pid);
	f = fopen(name, "re");
	if (f == NULL)
		die("%s", name);
	if (fread(text, 1, sizeof text - 1, f) == 0)
		die("%s", name);
	fclose(f);
	*now = kib_behind(text, "VmRSS:");
	*most = kib_behind(text, "VmHWM:");
}

bool
part_controls(struct world *w)
{
	static const enum examine_mode modes[] = {
		EXAMINE_FROM_PEER, EXAMINE_AS_ADDRESSEE, EXAMINE_FILE};
	size_t accepted = 0, all = 0;

	for (enum action a = 0; a < ACTION_N; a++) {
		const struct sample *s = &w->sample[a];
		struct party from = party_of(s->from), to = party_of(s->to);
		EVP_PKEY *key = X509_get0_pubkey(world_signer(w, s)->cert);
		struct bytes m = buf_bytes(&s->message);
		struct verdict v;

		for (size_t i = 0; i < ARRAY_LEN(modes); i++, all++)
			accepted +=
				examiner_examine(w->examiner, modes[i],
					modes[i] == EXAMINE_FROM_PEER ? &from : &to, m, &v) == E_OK
					? 1
					: 0;
		all += 2;
		accepted += vote_of_tree(m, key) == E_OK ? 1 : 0;
		accepted += seal_verify_bytes(m, key) == E_OK ? 1 : 0;
	}
	return report_line(accepted == all,
		"controls: %zu of %zu judgements accept the good messages of %d actions (3 modes, "
		"each vote alone)",
		accepted, all, (int)ACTION_N);
}
