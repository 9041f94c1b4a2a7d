/* SPDX-License-Identifier: EUPL-1.2
 *
 * A spool in a folder of its own, and messages for it: what the tests of the spool share. */
#ifndef DAFTAR_SPOOL_STAGE_H
#define DAFTAR_SPOOL_STAGE_H

#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/header.h"
#include "lib/log.h"
#include "lib/spool.h"

#define NOW INT64_C(1795507200000)
#define SMALL ((size_t)2 << 20)

static const struct party kenya = {"KE.CRS"}, somalia = {"SO.NIRA"}, office = {"UNHCR.NBO"};

struct place {
	char folder[64], spool[96];
	struct spool *s;
};

static inline int
setup(void **state)
{
	struct place *p = xcalloc(1, sizeof *p);

	assert_true(scratch_folder(p->folder, sizeof p->folder, "spool"));
	snprintf(p->spool, sizeof p->spool, "%s/spool", p->folder);
	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_OK);
	*state = p;
	return 0;
}

static inline int
teardown(void **state)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "link.lock", "../spool.key"};
	struct place *p = *state;
	char file[160];

	spool_close(&p->s);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(file, sizeof file, "%s/%s", p->spool, files[i]);
		unlink(file);
	}
	rmdir(p->spool);
	rmdir(p->folder);
	free(p);
	return 0;
}

static inline void
reopen(struct place *p)
{
	spool_close(&p->s);
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_OK);
}

/* A consent token for the case of `h' as it is read, with signatures that nobody has made. */
static inline void
make_token(struct header *h, struct buf *element)
{
	static const char hex[] =
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	char id[ID_TEXT_SIZE], conversation[ID_TEXT_SIZE];
	struct id random = id_new();

	id_format(&random, id);
	id_format(&h->conversation, conversation);
	buf_reset(element);
	buf_printf(element,
		"<e:ConsentToken by=\"UNHCR.NBO\" conversation=\"%s\" destination=\"SO.NIRA\" "
		"holder=\"KE.CRS\" id=\"%s\" issuedAt=\"2026-11-20T08:00:00.000Z\" "
		"purpose=\"BIRTH-TRANSCRIPTION\" validUntil=\"2027-01-01T00:00:00.000Z\">"
		"<e:Grant cert=\"%s\">AAAA</e:Grant><e:Clearance cert=\"%s\">BBBB</e:Clearance>"
		"</e:ConsentToken>",
		conversation, id, hex, hex);
	assert_true(consent_token_read(buf_bytes(element), &h->token));
	h->has_token = true;
}

/* A message as the spool sees one: a header, and bytes that it never looks into. */
static inline void
make(struct header *h, const struct party *from, const struct party *to, size_t filler,
	struct buf *out)
{
	memset(h, 0, sizeof *h);
	strcpy(h->realm, "demo");
	h->id = id_new();
	h->conversation = id_new();
	h->leg = id_new();
	h->action = A_TRANSCRIPTION_REQUEST;
	h->from = *from;
	h->to = *to;
	h->created = NOW;
	h->expires = NOW + 86400000;
	h->retain_until = NOW + 1000 * INT64_C(86400000);
	h->channel_seq = 1;
	strcpy(h->agreement, "AGR-1");
	strcpy(h->purpose, "BIRTH-TRANSCRIPTION");
	buf_reset(out);
	header_open_message(h, out);
	header_compose(h, out);
	buf_text(out, "<e:Body>");
	for (size_t i = 0; i < filler; i++)
		buf_u8(out, 'A');
	buf_text(out, "</e:Body></e:Message>");
}

/* The same id with other bytes. */
static inline void
alter(struct buf *message)
{
	char *at = strstr((char *)message->data, "<e:Body>");

	at[strlen("<e:Body>")] = 'B';
}

static inline struct id
file(struct spool *s, struct buf *message)
{
	struct header h;

	make(&h, &office, &kenya, 100, message);
	assert_int_equal(spool_file(s, buf_bytes(message), NOW), E_OK);
	return h.id;
}

static inline struct id
take(struct spool *s, const struct party *from, struct buf *message)
{
	struct header h;
	bool again;

	make(&h, from, &somalia, 100, message);
	assert_int_equal(spool_take(s, buf_bytes(message), NOW, &again), E_OK);
	assert_false(again);
	return h.id;
}

static inline struct statement
statement(const struct id *id, const struct buf *message, enum stage stage, const char *code)
{
	struct statement w = {.id = *id, .from = office, .to = kenya, .stage = stage, .at = NOW};

	digest_of(message->data, message->size, &w.digest);
	assert_true(copy_text(w.code, sizeof w.code, code));
	return w;
}

static inline enum out_state
out_state(struct spool *s, const struct id *id)
{
	struct out_entry e;

	assert_int_equal(spool_out(s, id, &e, NULL), E_OK);
	return e.state;
}

static inline enum in_state
in_state(struct spool *s, const struct party *from, const struct id *id)
{
	struct in_entry e;

	assert_int_equal(spool_in(s, from, id, &e, NULL), E_OK);
	return e.state;
}

static inline void
assert_evidence(struct spool *s, const struct id *id, const char *kind, const char *text)
{
	struct buf b = {0};

	if (text == NULL)
		assert_int_equal(spool_evidence(s, id, kind, &b), E_NOT_FOUND);
	else {
		assert_int_equal(spool_evidence(s, id, kind, &b), E_OK);
		assert_string_equal((char *)b.data, text);
	}
	buf_free(&b);
}

/* Flips one bit of the file where `text' stands; the spool must be closed. */
static inline void
flip(const char *spool, const char *text)
{
	OWNED_BUF(image) = {0};
	char file[160], block[65536];
	ssize_t n;
	char *at;
	int fd;

	snprintf(file, sizeof file, "%s/data.mdb", spool);
	fd = open(file, O_RDWR);
	assert_true(fd >= 0);
	while ((n = read(fd, block, sizeof block)) > 0)
		buf_add(&image, block, (size_t)n);
	at = memmem(image.data, image.size, text, strlen(text));
	assert_non_null(at);
	*at ^= 1;
	assert_int_equal(pwrite(fd, at, 1, at - (char *)image.data), 1);
	close(fd);
}

#define TEXT(s) bytes_of(s, strlen(s))
#define NOTHING bytes_of(NULL, 0)

#endif
