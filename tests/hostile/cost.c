/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a message can cost. Each has a signature of the right form, signed well as an insider would,
 * so that it goes as far as it can. The examiner itself tells the CPU time, the kernel how much
 * memory it ever had. */
#include "tests/hostile/cost.h"

#define TARGET_MS 100
#define TARGET_MIB 64

struct worst {
	uint32_t cpu_us;
	size_t memory; /* KiB, the examiner's high water mark */
	char cpu_of[64], memory_of[64];
	size_t lost;
};

/* The best of three: the machine may be busy with other things. */
static uint32_t
cpu_of(struct world *w, struct bytes doc, struct verdict *v)
{
	uint32_t best = UINT32_MAX;

	for (int i = 0; i < 3; i++) {
		if (examiner_examine(w->examiner, EXAMINE_FILE, NULL, doc, v) == E_QUARANTINED)
			return UINT32_MAX;
		if (v->cpu_us < best)
			best = v->cpu_us;
	}
	return best;
}

static void
weigh(struct world *w, struct worst *worst, const char *name, struct bytes doc, bool tell)
{
	struct verdict v;
	uint32_t us = cpu_of(w, doc, &v);
	size_t now, most;

	if (us == UINT32_MAX) {
		printf("# %s: the examiner was lost\n", name);
		worst->lost++;
		return;
	}
	examiner_memory(&now, &most);
	if (tell)
		printf("# %s: %zu octets, %s, %u us\n", name, doc.size, err_word((enum err)v.code),
			us);
	if (most > worst->memory) {
		worst->memory = most;
		snprintf(worst->memory_of, sizeof worst->memory_of, "%s", name);
	}
	if (us > worst->cpu_us) {
		worst->cpu_us = us;
		snprintf(worst->cpu_of, sizeof worst->cpu_of, "%s", name);
	}
}

/* A message with this body, signed well. */
static void
compose(struct buf *out, struct world *w, void (*make)(struct buf *body), const struct form *form)
{
	const struct sample *s = &w->sample[A_QUERY];
	OWNED_BUF(plain) = {0};

	put(&plain, s->open);
	put(&plain, s->header);
	buf_text(&plain, "<e:Body>");
	make(&plain);
	buf_text(&plain, "</e:Body></e:Message>");
	buf_add(out, plain.data, plain.size - strlen("</e:Message>"));
	form_sign(out, w, s, form, buf_bytes(&plain));
	buf_text(out, "</e:Message>");
}

static void
weigh_candidates(struct world *w, struct worst *worst)
{
	static const struct form right;

	for (size_t i = 0; i < candidates_n; i++) {
		OWNED_BUF(doc) = {0};

		compose(&doc, w, candidates[i].make, &right);
		weigh(w, worst, candidates[i].name, buf_bytes(&doc), true);
	}
}

/* The largest certificate that is looked at at all, and the largest that fits into a message. */
static void
weigh_certificates(struct world *w, struct worst *worst)
{
	for (size_t size = 8 * 1024; size <= 160 * 1024; size += 152 * 1024) {
		OWNED_BUF(key_info) = {0};
		OWNED_BUF(doc) = {0};
		struct form f = {0};

		buf_text(&key_info, "<ds:X509Data><ds:X509Certificate>");
		repeat(&key_info, "MIIE", size / 3);
		buf_text(&key_info, "</ds:X509Certificate></ds:X509Data>");
		f.key_info = (char *)key_info.data;
		compose(&doc, w, statement, &f);
		doc.size = doc.size > XML_MESSAGE_MAX ? XML_MESSAGE_MAX : doc.size;
		weigh(w, worst, "a large certificate", buf_bytes(&doc), true);
	}
}

static void
weigh_good_ones(struct world *w, struct worst *worst)
{
	X509 *const to[] = {w->realm->encrypt[SOMALIA]->cert};
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};
	OWNED_BUF(doc) = {0};

	body_make(A_QUERY, 160 * 1024 - 2500, &body);
	assert_int_equal(
		message_compose(&h, buf_bytes(&body), to, 1, w->realm->sign[KENYA], &doc), E_OK);
	weigh(w, worst, "the largest good message", buf_bytes(&doc), true);
}

static void
weigh_random(struct world *w, struct worst *worst, unsigned n)
{
	static const struct form right;

	for (unsigned i = 1; i <= n; i++) {
		OWNED_BUF(doc) = {0};
		OWNED(char, name, free_chars) = xprintf("random %u", i);

		random_state = i * UINT64_C(0x9e3779b97f4a7c15);
		compose(&doc, w, random_body, &right);
		if (doc.size <= XML_MESSAGE_MAX)
			weigh(w, worst, name, buf_bytes(&doc), false);
	}
}

/* Refused before any parser is called: it costs what looking at the octets costs. */
static bool
weigh_over(struct world *w)
{
	static const struct form right;
	uint32_t most = 0;
	size_t refused = 0;

	for (size_t i = 0; i < over_n; i++) {
		OWNED_BUF(doc) = {0};
		struct verdict v;
		uint32_t us;

		compose(&doc, w, over[i].make, &right);
		us = cpu_of(w, buf_bytes(&doc), &v);
		most = us > most ? us : most;
		if (v.code == E_TOO_COMPLEX || v.code == E_TOO_LARGE)
			refused++;
		else
			printf("# over the limit of %s: %s\n", over[i].name,
				err_word((enum err)v.code));
	}
	return report_line(refused == over_n && most < 10000,
		"over the limits: %zu of %zu refused before a parser sees them, at most %u us",
		refused, over_n, most);
}

bool
part_cost(struct world *w, bool thorough)
{
	struct worst worst = {0};
	size_t rest, most;
	struct verdict v;
	bool good;

	(void)!examiner_examine(
		w->examiner, EXAMINE_FILE, NULL, buf_bytes(&w->sample[A_QUERY].message), &v);
	examiner_memory(&rest, &most);
	weigh_candidates(w, &worst);
	weigh_certificates(w, &worst);
	weigh_good_ones(w, &worst);
	weigh_random(w, &worst, thorough ? 5000 : 60);
	good = report_line(worst.lost == 0 && worst.cpu_us < TARGET_MS * 1000 &&
				   worst.memory < rest + TARGET_MIB * 1024,
		"worst message: %.1f ms CPU (%s), %.1f MiB (%s) above the %.1f MiB of an examiner "
		"at "
		"rest",
		worst.cpu_us / 1e3, worst.cpu_of, (double)(worst.memory - rest) / 1024,
		worst.memory_of, (double)rest / 1024);
	return weigh_over(w) && good;
}
