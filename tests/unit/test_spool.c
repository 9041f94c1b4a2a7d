/* SPDX-License-Identifier: EUPL-1.2
 *
 * The spool's promises: what a call says is done is on disk, states only rise, an id keeps its
 * first bytes for ever, a full spool can still finish what it has begun, and a process that is
 * killed anywhere leaves a spool that opens and tells the truth. */
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

static int
setup(void **state)
{
	struct place *p = xcalloc(1, sizeof *p);

	strcpy(p->folder, "/tmp/daftar-spool-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->spool, sizeof p->spool, "%s/spool", p->folder);
	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_OK);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "link.lock"};
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

static void
reopen(struct place *p)
{
	spool_close(&p->s);
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_OK);
}

/* A message as the spool sees one: a header, and bytes that it never looks into. */
static void
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
	h->retain_until = NOW + 86400000;
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
static void
alter(struct buf *message)
{
	char *at = strstr((char *)message->data, "<e:Body>");

	at[strlen("<e:Body>")] = 'B';
}

static struct id
file(struct spool *s, struct buf *message)
{
	struct header h;

	make(&h, &office, &kenya, 100, message);
	assert_int_equal(spool_file(s, buf_bytes(message), NOW), E_OK);
	return h.id;
}

static struct id
take(struct spool *s, const struct party *from, struct buf *message)
{
	struct header h;
	bool again;

	make(&h, from, &somalia, 100, message);
	assert_int_equal(spool_take(s, buf_bytes(message), NOW, &again), E_OK);
	assert_false(again);
	return h.id;
}

static struct statement
statement(const struct id *id, const struct buf *message, enum stage stage, const char *code)
{
	struct statement w = {.id = *id, .from = office, .to = kenya, .stage = stage, .at = NOW};

	digest_of(message->data, message->size, &w.digest);
	assert_true(copy_text(w.code, sizeof w.code, code));
	return w;
}

static enum out_state
out_state(struct spool *s, const struct id *id)
{
	struct out_entry e;

	assert_int_equal(spool_out(s, id, &e, NULL), E_OK);
	return e.state;
}

static enum in_state
in_state(struct spool *s, const struct party *from, const struct id *id)
{
	struct in_entry e;

	assert_int_equal(spool_in(s, from, id, &e, NULL), E_OK);
	return e.state;
}

static void
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

#define TEXT(s) bytes_of(s, strlen(s))
#define NOTHING bytes_of(NULL, 0)

/* ---- opening ---- */

static void
folder_and_files_are_of_the_owner_alone(void **state)
{
	struct place *p = *state;
	char file[160];
	struct stat st;

	assert_int_equal(stat(p->spool, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	snprintf(file, sizeof file, "%s/data.mdb", p->spool);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
folder_that_is_open_to_others_is_closed(void **state)
{
	struct place *p = *state;
	struct stat st;

	assert_int_equal(chmod(p->spool, 0755), 0);
	reopen(p);
	assert_int_equal(stat(p->spool, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void
whole_map_is_taken_from_the_disk(void **state)
{
	struct place *p = *state;
	char file[160];
	struct stat st;

	snprintf(file, sizeof file, "%s/data.mdb", p->spool);
	assert_int_equal(stat(file, &st), 0);
	assert_true((size_t)st.st_size >= SMALL);
	assert_true((size_t)st.st_blocks * 512 >= SMALL);
}

static void
map_grows_and_never_shrinks(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	struct buf m = {0};
	struct id id = file(p->s, &m);

	spool_close(&p->s);
	assert_int_equal(spool_open(p->spool, 2 * SMALL, &p->s), E_OK);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.map_size, 2 * SMALL);
	spool_close(&p->s);
	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_OK);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.map_size, 2 * SMALL);
	assert_int_equal(out_state(p->s, &id), OUT_FILED);
	buf_free(&m);
}

static void
second_opening_in_one_process_is_locked(void **state)
{
	struct place *p = *state;
	struct spool *other = NULL;

	assert_int_equal(spool_open(p->spool, SMALL, &other), E_LOCKED);
	assert_null(other);
}

static void
file_that_is_no_spool_is_refused(void **state)
{
	struct place *p = *state;
	char file[160], junk[8192];
	int fd;

	spool_close(&p->s);
	snprintf(file, sizeof file, "%s/data.mdb", p->spool);
	memset(junk, 'x', sizeof junk);
	fd = open(file, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, junk, sizeof junk), sizeof junk);
	close(fd);
	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_IO);
}

static void
flipped_bit_is_found_and_never_served(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, back = {0}, image = {0};
	struct out_entry e;
	struct header h;
	char file[160];
	char *at;
	int fd;

	make(&h, &office, &kenya, 3000, &m);
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_OK);
	spool_close(&p->s);
	snprintf(file, sizeof file, "%s/data.mdb", p->spool);
	fd = open(file, O_RDWR);
	for (size_t i = 0; i < SMALL; i++)
		buf_u8(&image, 0);
	assert_int_equal(pread(fd, image.data, SMALL, 0), SMALL);
	at = memmem(image.data, SMALL, "AAAAAAAA", 8);
	assert_non_null(at);
	*at ^= 1;
	assert_int_equal(pwrite(fd, at, 1, at - (char *)image.data), 1);
	close(fd);
	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_OK);
	assert_int_equal(spool_out(p->s, &h.id, &e, &back), E_IO);
	assert_int_equal(back.size, 0);
	buf_free(&m);
	buf_free(&back);
	buf_free(&image);
}

/* ---- outbox ---- */

static void
filed_message_survives_and_is_found(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, back = {0};
	struct out_entry e;
	struct id id = file(p->s, &m);

	reopen(p);
	assert_int_equal(spool_out(p->s, &id, &e, &back), E_OK);
	assert_int_equal(e.state, OUT_FILED);
	assert_int_equal(e.code, E_OK);
	assert_int_equal(e.filed, NOW);
	assert_int_equal(e.sent, 0);
	assert_int_equal(e.order, 1);
	assert_true(party_equal(&e.header.to, &kenya));
	assert_true(id_equal(&e.header.id, &id));
	assert_string_equal(e.header.agreement, "AGR-1");
	assert_int_equal(e.header.action, A_TRANSCRIPTION_REQUEST);
	assert_int_equal(back.size, m.size);
	assert_memory_equal(back.data, m.data, m.size);
	buf_free(&m);
	buf_free(&back);
}

static void
filing_again_changes_nothing(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	struct buf m = {0};

	file(p->s, &m);
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW + 1), E_OK);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_FILED], 1);
	buf_free(&m);
}

static void
same_id_with_other_bytes_is_a_conflict_for_ever(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = file(p->s, &m);
	struct statement w = statement(&id, &m, ST_COMMITTED, "");

	assert_int_equal(spool_notice(p->s, 1, &w, TEXT("end"), NOTHING, NOW), E_OK);
	assert_int_equal(out_state(p->s, &id), OUT_ENDED);
	alter(&m);
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_CONFLICT);
	reopen(p);
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_CONFLICT);
	buf_free(&m);
}

static void
what_is_no_message_is_not_filed(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	bool again;

	assert_int_equal(spool_file(p->s, TEXT("<e:Message>"), NOW), E_MALFORMED);
	assert_int_equal(spool_take(p->s, TEXT("<e:Message>"), NOW, &again), E_MALFORMED);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_FILED], 0);
	assert_int_equal(c.in[IN_TAKEN], 0);
}

static void
outbox_states_rise_and_keep_their_evidence(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = file(p->s, &m);
	struct statement delivered = statement(&id, &m, ST_DELIVERED, "");
	struct statement ended = statement(&id, &m, ST_COMMITTED, "");
	struct out_entry e;

	assert_int_equal(spool_sent(p->s, &id, TEXT("accepted"), NOW + 1), E_OK);
	assert_int_equal(out_state(p->s, &id), OUT_SENT);
	assert_int_equal(spool_notice(p->s, 1, &delivered, TEXT("dlv"), NOTHING, NOW + 2), E_OK);
	assert_int_equal(out_state(p->s, &id), OUT_DELIVERED);
	assert_int_equal(spool_notice(p->s, 2, &ended, TEXT("end"), TEXT("signed"), NOW + 3), E_OK);
	reopen(p);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_ENDED);
	assert_int_equal(e.stage, ST_COMMITTED);
	assert_int_equal(e.sent, NOW + 1);
	assert_int_equal(e.delivered, NOW + 2);
	assert_int_equal(e.ended, NOW + 3);
	assert_evidence(p->s, &id, "ACCEPTED", "accepted");
	assert_evidence(p->s, &id, "DELIVERED", "dlv");
	assert_evidence(p->s, &id, "ENDED", "end");
	assert_evidence(p->s, &id, "ADDRESSEE", "signed");
	assert_int_equal(spool_last_notice(p->s), 2);
	buf_free(&m);
}

static void
outbox_states_never_fall(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = file(p->s, &m);
	struct statement delivered = statement(&id, &m, ST_DELIVERED, "");
	struct statement ended = statement(&id, &m, ST_REJECTED, "L04");
	struct statement expired = statement(&id, &m, ST_EXPIRED, "");
	struct out_entry e;

	assert_int_equal(spool_notice(p->s, 1, &ended, TEXT("end"), TEXT("signed"), NOW), E_OK);
	assert_int_equal(spool_notice(p->s, 2, &delivered, TEXT("late"), NOTHING, NOW + 1), E_OK);
	assert_int_equal(spool_notice(p->s, 3, &expired, TEXT("other"), NOTHING, NOW + 2), E_OK);
	assert_int_equal(spool_sent(p->s, &id, TEXT("accepted"), NOW + 3), E_OK);
	assert_int_equal(spool_refused(p->s, &id, E_CONFLICT, NOW + 4), E_STATE);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_ENDED);
	assert_int_equal(e.stage, ST_REJECTED);
	assert_int_equal(e.code, E_UNKNOWN_CODE);
	assert_string_equal(e.reason, "L04");
	assert_int_equal(e.ended, NOW);
	assert_evidence(p->s, &id, "ENDED", "end");
	assert_evidence(p->s, &id, "DELIVERED", "late");
	assert_evidence(p->s, &id, "ACCEPTED", "accepted");
	buf_free(&m);
}

static void
first_receipt_stands(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = file(p->s, &m);

	assert_int_equal(spool_sent(p->s, &id, TEXT("first"), NOW), E_OK);
	assert_int_equal(spool_sent(p->s, &id, TEXT("second"), NOW), E_OK);
	assert_evidence(p->s, &id, "ACCEPTED", "first");
	buf_free(&m);
}

static void
refusal_is_a_word_and_a_receipt_beats_it(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct out_entry e;
	struct id id = file(p->s, &m), next;

	assert_int_equal(spool_refused(p->s, &id, E_NO_AGREEMENT, NOW), E_OK);
	assert_int_equal(spool_refused(p->s, &id, E_CONFLICT, NOW), E_OK);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_REFUSED);
	assert_int_equal(e.code, E_NO_AGREEMENT);
	assert_int_equal(spool_next_to_send(p->s, NULL, &next, &m), E_NOT_FOUND);
	assert_int_equal(spool_sent(p->s, &id, TEXT("proof"), NOW), E_OK);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_SENT);
	assert_int_equal(e.code, E_OK);
	assert_int_equal(e.ended, 0);
	buf_free(&m);
}

static void
put_off_message_stays_filed_and_is_counted(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, again = {0};
	struct out_entry e;
	struct id id = file(p->s, &m), next;

	assert_int_equal(spool_put_off(p->s, &id, E_BUSY), E_OK);
	assert_int_equal(spool_put_off(p->s, &id, E_BUSY), E_OK);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_FILED);
	assert_int_equal(e.code, E_BUSY);
	assert_int_equal(e.attempts, 2);
	assert_int_equal(spool_next_to_send(p->s, NULL, &next, &again), E_OK);
	assert_true(id_equal(&next, &id));
	assert_int_equal(spool_sent(p->s, &id, TEXT("r"), NOW), E_OK);
	assert_int_equal(spool_put_off(p->s, &id, E_BUSY), E_STATE);
	buf_free(&m);
	buf_free(&again);
}

static void
unknown_ids_are_said_to_be_unknown(void **state)
{
	struct place *p = *state;
	struct id id = id_new(), next;
	struct buf b = {0};
	struct out_entry o;
	struct in_entry i;

	assert_int_equal(spool_sent(p->s, &id, TEXT("r"), NOW), E_NOT_FOUND);
	assert_int_equal(spool_refused(p->s, &id, E_BUSY, NOW), E_NOT_FOUND);
	assert_int_equal(spool_put_off(p->s, &id, E_BUSY), E_NOT_FOUND);
	assert_int_equal(spool_out(p->s, &id, &o, NULL), E_NOT_FOUND);
	assert_int_equal(spool_next_to_send(p->s, &id, &next, &b), E_NOT_FOUND);
	assert_int_equal(spool_in(p->s, &kenya, &id, &i, NULL), E_NOT_FOUND);
	assert_int_equal(spool_claim(p->s, &kenya, &id), E_NOT_FOUND);
	assert_int_equal(spool_told(p->s, &kenya, &id), E_NOT_FOUND);
	assert_int_equal(spool_answer(p->s, &kenya, &id, &b), E_NOT_FOUND);
	buf_free(&b);
}

static void
notices_count_once_and_unknown_ones_count_as_kept(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, other = {0};
	struct id id = file(p->s, &m), stranger = id_new();
	struct statement unknown = statement(&stranger, &m, ST_COMMITTED, "");
	struct statement delivered = statement(&id, &m, ST_DELIVERED, "");
	struct statement foreign;

	assert_int_equal(spool_notice(p->s, 7, &unknown, TEXT("r"), NOTHING, NOW), E_OK);
	assert_int_equal(spool_last_notice(p->s), 7);
	assert_int_equal(spool_notice(p->s, 7, &delivered, TEXT("r"), NOTHING, NOW), E_OK);
	assert_int_equal(out_state(p->s, &id), OUT_FILED);
	buf_text(&other, "other bytes");
	foreign = statement(&id, &other, ST_COMMITTED, "");
	assert_int_equal(spool_notice(p->s, 8, &foreign, TEXT("r"), NOTHING, NOW), E_OK);
	assert_int_equal(out_state(p->s, &id), OUT_FILED);
	assert_evidence(p->s, &id, "ENDED", NULL);
	reopen(p);
	assert_int_equal(spool_last_notice(p->s), 8);
	buf_free(&m);
	buf_free(&other);
}

static void
what_waits_is_offered_oldest_first(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id[5], next;

	for (int i = 0; i < 5; i++)
		id[i] = file(p->s, &m);
	assert_int_equal(spool_sent(p->s, &id[1], TEXT("r"), NOW), E_OK);
	assert_int_equal(spool_refused(p->s, &id[3], E_CONFLICT, NOW), E_OK);
	assert_int_equal(spool_next_to_send(p->s, NULL, &next, &m), E_OK);
	assert_true(id_equal(&next, &id[0]));
	assert_int_equal(spool_next_to_send(p->s, &next, &next, &m), E_OK);
	assert_true(id_equal(&next, &id[2]));
	assert_int_equal(spool_next_to_send(p->s, &next, &next, &m), E_OK);
	assert_true(id_equal(&next, &id[4]));
	assert_int_equal(spool_next_to_send(p->s, &next, &next, &m), E_NOT_FOUND);
	/* going on after one that has left works as well */
	assert_int_equal(spool_next_to_send(p->s, &id[1], &next, &m), E_OK);
	assert_true(id_equal(&next, &id[2]));
	buf_free(&m);
}

static bool
collect(void *context, const struct out_entry *e)
{
	uint64_t *seen = context;

	assert_int_equal(e->order, *seen + 1);
	(*seen)++;
	return *seen < 3;
}

static void
visit_goes_in_order_and_stops_when_told(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	uint64_t seen = 0;

	for (int i = 0; i < 5; i++)
		file(p->s, &m);
	assert_int_equal(spool_each_out(p->s, collect, &seen), E_OK);
	assert_int_equal(seen, 3);
	buf_free(&m);
}

static bool
look_closer(void *context, const struct out_entry *e)
{
	struct buf b = {0};
	struct out_entry same;

	assert_int_equal(spool_out(context, &e->header.id, &same, &b), E_OK);
	assert_true(b.size > 0);
	assert_int_equal(spool_sent(context, &e->header.id, TEXT("r"), NOW), E_OK);
	buf_free(&b);
	return true;
}

static void
visitor_may_use_the_spool(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	struct buf m = {0};

	file(p->s, &m);
	file(p->s, &m);
	assert_int_equal(spool_each_out(p->s, look_closer, p->s), E_OK);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_SENT], 2);
	buf_free(&m);
}

/* ---- inbox ---- */

static void
taken_message_is_known_again(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, back = {0};
	struct id id = take(p->s, &kenya, &m);
	struct in_entry e;
	bool again = false;

	reopen(p);
	assert_int_equal(spool_take(p->s, buf_bytes(&m), NOW + 1, &again), E_OK);
	assert_true(again);
	assert_int_equal(spool_in(p->s, &kenya, &id, &e, &back), E_OK);
	assert_int_equal(e.taken, NOW);
	assert_int_equal(e.state, IN_TAKEN);
	assert_int_equal(back.size, m.size);
	alter(&m);
	assert_int_equal(spool_take(p->s, buf_bytes(&m), NOW, &again), E_CONFLICT);
	buf_free(&m);
	buf_free(&back);
}

static void
two_senders_may_use_one_id(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, twin = {0};
	struct header h;
	struct in_entry e;
	bool again = true;

	make(&h, &kenya, &somalia, 10, &m);
	assert_int_equal(spool_take(p->s, buf_bytes(&m), NOW, &again), E_OK);
	h.from = office;
	header_open_message(&h, &twin);
	header_compose(&h, &twin);
	buf_text(&twin, "<e:Body></e:Body></e:Message>");
	assert_int_equal(spool_take(p->s, buf_bytes(&twin), NOW, &again), E_OK);
	assert_false(again);
	assert_int_equal(spool_claim(p->s, &office, &h.id), E_OK);
	assert_int_equal(in_state(p->s, &kenya, &h.id), IN_TAKEN);
	assert_int_equal(in_state(p->s, &office, &h.id), IN_CLAIMED);
	assert_int_equal(spool_next_in(p->s, IN_TAKEN, 0, &e, NULL), E_OK);
	assert_true(party_equal(&e.header.from, &kenya));
	assert_int_equal(spool_next_in(p->s, IN_TAKEN, e.order, &e, NULL), E_NOT_FOUND);
	buf_free(&m);
	buf_free(&twin);
}

static struct spool_done
done_of(const struct id *id, const char *receipt)
{
	return (struct spool_done){.id = *id, .from = kenya, .receipt = TEXT(receipt)};
}

static void
inbox_states_go_forward_only(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = take(p->s, &kenya, &m);
	struct spool_done done = done_of(&id, "signed");
	struct in_entry e;

	assert_int_equal(spool_told(p->s, &kenya, &id), E_STATE);
	assert_int_equal(spool_wait(p->s, &kenya, &id), E_OK);
	assert_int_equal(spool_wait(p->s, &kenya, &id), E_OK);
	assert_int_equal(spool_claim(p->s, &kenya, &id), E_OK);
	assert_int_equal(spool_claim(p->s, &kenya, &id), E_OK);
	assert_int_equal(spool_wait(p->s, &kenya, &id), E_STATE);
	assert_int_equal(spool_note(p->s, &kenya, &id, E_OK, "2026/117"), E_OK);
	assert_int_equal(spool_file_all(p->s, NULL, 0, &done, NOW + 5), E_OK);
	assert_int_equal(spool_claim(p->s, &kenya, &id), E_STATE);
	assert_int_equal(spool_note(p->s, &kenya, &id, E_OK, "x"), E_STATE);
	assert_int_equal(spool_told(p->s, &kenya, &id), E_OK);
	assert_int_equal(spool_told(p->s, &kenya, &id), E_OK);
	reopen(p);
	assert_int_equal(spool_in(p->s, &kenya, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, IN_TOLD);
	assert_int_equal(e.attempts, 2);
	assert_int_equal(e.done, NOW + 5);
	assert_string_equal(e.note, "2026/117");
	buf_free(&m);
}

static void
note_that_is_too_long_is_refused(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = take(p->s, &kenya, &m);
	char note[65];

	memset(note, '7', 64);
	note[64] = '\0';
	assert_int_equal(spool_note(p->s, &kenya, &id, E_OK, note), E_INPUT);
	note[63] = '\0';
	assert_int_equal(spool_note(p->s, &kenya, &id, E_REGISTER, note), E_OK);
	buf_free(&m);
}

static void
inbox_is_walked_by_state_oldest_first(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, back = {0};
	struct in_entry e;
	struct id id[4];

	for (int i = 0; i < 4; i++)
		id[i] = take(p->s, &kenya, &m);
	assert_int_equal(spool_claim(p->s, &kenya, &id[1]), E_OK);
	assert_int_equal(spool_next_in(p->s, IN_TAKEN, 0, &e, &back), E_OK);
	assert_true(id_equal(&e.header.id, &id[0]));
	assert_true(back.size > 0);
	assert_int_equal(spool_next_in(p->s, IN_TAKEN, e.order, &e, NULL), E_OK);
	assert_true(id_equal(&e.header.id, &id[2]));
	assert_int_equal(spool_next_in(p->s, IN_TAKEN, e.order, &e, NULL), E_OK);
	assert_true(id_equal(&e.header.id, &id[3]));
	assert_int_equal(spool_next_in(p->s, IN_TAKEN, e.order, &e, NULL), E_NOT_FOUND);
	assert_int_equal(spool_next_in(p->s, IN_CLAIMED, 0, &e, NULL), E_OK);
	assert_true(id_equal(&e.header.id, &id[1]));
	assert_int_equal(spool_next_in(p->s, IN_WAITING, 0, &e, NULL), E_NOT_FOUND);
	assert_int_equal(spool_next_in(p->s, IN_DONE, 0, &e, NULL), E_NOT_FOUND);
	assert_int_equal(spool_next_in(p->s, IN_TOLD, 0, &e, NULL), E_NOT_FOUND);
	buf_free(&m);
	buf_free(&back);
}

static void
answers_and_settlement_come_together_or_not_at_all(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, a = {0}, b = {0}, back = {0};
	struct id id = take(p->s, &kenya, &m);
	struct spool_done done = done_of(&id, "signed");
	struct bytes both[2];
	struct spool_counts c;
	struct header h;

	make(&h, &somalia, &kenya, 10, &a);
	make(&h, &somalia, &office, 10, &b);
	both[0] = buf_bytes(&a);
	both[1] = TEXT("no message");
	assert_int_equal(spool_file_all(p->s, both, 2, &done, NOW), E_MALFORMED);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_FILED], 0);
	assert_int_equal(in_state(p->s, &kenya, &id), IN_TAKEN);
	both[1] = buf_bytes(&b);
	assert_int_equal(spool_file_all(p->s, both, 2, &done, NOW), E_OK);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_FILED], 2);
	assert_int_equal(c.in[IN_DONE], 1);
	assert_int_equal(c.in[IN_TAKEN], 0);
	assert_int_equal(spool_answer(p->s, &kenya, &id, &back), E_OK);
	assert_string_equal((char *)back.data, "signed");
	buf_free(&m);
	buf_free(&a);
	buf_free(&b);
	buf_free(&back);
}

static void
second_answer_to_one_message_is_refused(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, a = {0}, b = {0};
	struct id id = take(p->s, &kenya, &m);
	struct spool_done done = done_of(&id, "signed"), other = done_of(&id, "otherwise");
	struct spool_counts c;
	struct header h;
	struct bytes one;

	make(&h, &somalia, &kenya, 10, &a);
	make(&h, &somalia, &kenya, 10, &b);
	one = buf_bytes(&a);
	assert_int_equal(spool_file_all(p->s, &one, 1, &done, NOW), E_OK);
	assert_int_equal(spool_file_all(p->s, &one, 1, &done, NOW), E_OK);
	assert_int_equal(spool_file_all(p->s, &one, 1, &other, NOW), E_STATE);
	one = buf_bytes(&b);
	assert_int_equal(spool_file_all(p->s, &one, 1, &done, NOW), E_STATE);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_FILED], 1);
	buf_free(&m);
	buf_free(&a);
	buf_free(&b);
}

/* ---- a full spool ---- */

static struct id *
fill(struct spool *s, size_t *n, struct buf *last)
{
	struct id *id = xcalloc(4096, sizeof *id);
	struct header h;
	enum err e;

	for (*n = 0; *n < 4096; (*n)++) {
		make(&h, &office, &kenya, 9000, last);
		e = spool_file(s, buf_bytes(last), NOW);
		if (e != E_OK)
			break;
		id[*n] = h.id;
	}
	assert_int_equal(e, E_SPOOL_FULL);
	assert_true(*n > 5);
	return id;
}

/* Every filed message can get everything that can ever be told about it. */
static void
finish(struct spool *s, const struct id *id, uint64_t *notice)
{
	struct statement delivered = {.id = *id, .stage = ST_DELIVERED};
	struct statement ended = {.id = *id, .stage = ST_COMMITTED};
	struct out_entry e;
	char receipt[6000];

	memset(receipt, 'R', sizeof receipt);
	assert_int_equal(spool_out(s, id, &e, NULL), E_OK);
	delivered.digest = ended.digest = e.digest;
	assert_int_equal(spool_sent(s, id, bytes_of(receipt, sizeof receipt), NOW), E_OK);
	assert_int_equal(spool_notice(s, ++*notice, &delivered, bytes_of(receipt, sizeof receipt),
				 NOTHING, NOW),
		E_OK);
	assert_int_equal(spool_notice(s, ++*notice, &ended, bytes_of(receipt, sizeof receipt),
				 bytes_of(receipt, sizeof receipt), NOW),
		E_OK);
}

static void
full_spool_refuses_cleanly_and_can_finish_everything(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	struct buf m = {0};
	struct out_entry e;
	struct header h;
	uint64_t notice = 0;
	size_t n;
	struct id *id = fill(p->s, &n, &m);

	assert_int_equal(message_header(buf_bytes(&m), &h), E_OK);
	assert_int_equal(spool_out(p->s, &h.id, &e, NULL), E_NOT_FOUND);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_FILED], n);
	assert_true(c.map_used < c.map_size / 100 * 81);
	for (size_t i = 0; i < n; i++)
		finish(p->s, &id[i], &notice);
	reopen(p);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_ENDED], n);
	assert_int_equal(c.out[OUT_FILED], 0);
	buf_free(&m);
	free(id);
}

static void
full_spool_takes_nothing_in_but_settles_what_it_took(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, a = {0}, b = {0};
	char settlement[6000];
	struct spool_counts c;
	struct bytes both[2];
	struct in_entry e;
	struct header h;
	enum err got = E_OK;
	uint64_t seq;
	size_t n = 0;
	bool again;

	memset(settlement, 'S', sizeof settlement);
	while (got == E_OK) {
		make(&h, &kenya, &somalia, 9000, &m);
		got = spool_take(p->s, buf_bytes(&m), NOW, &again);
		n += got == E_OK;
	}
	assert_int_equal(got, E_SPOOL_FULL);
	assert_true(n > 5);
	while (spool_next_in(p->s, IN_TAKEN, 0, &e, NULL) == E_OK) {
		struct spool_done done = {.id = e.header.id,
			.from = kenya,
			.receipt = bytes_of(settlement, sizeof settlement)};

		assert_int_equal(spool_claim(p->s, &kenya, &e.header.id), E_OK);
		assert_int_equal(spool_next_seq(p->s, &kenya, &seq), E_OK);
		make(&h, &somalia, &kenya, 14000, &a);
		make(&h, &somalia, &office, 14000, &b);
		both[0] = buf_bytes(&a);
		both[1] = buf_bytes(&b);
		assert_int_equal(spool_file_all(p->s, both, 2, &done, NOW), E_OK);
		assert_int_equal(spool_told(p->s, &kenya, &e.header.id), E_OK);
	}
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.in[IN_TOLD], n);
	assert_int_equal(c.out[OUT_FILED], 2 * n);
	buf_free(&m);
	buf_free(&a);
	buf_free(&b);
}

static void
facts_cannot_fill_the_spool_either(void **state)
{
	struct place *p = *state;
	static const char fact[100000];
	struct spool_counts c;
	enum err e = E_OK;
	char name[32];

	for (int i = 0; e == E_OK && i < 1000; i++) {
		snprintf(name, sizeof name, "fact %d", i);
		e = spool_set_fact(p->s, name, bytes_of(fact, sizeof fact));
	}
	assert_int_equal(e, E_SPOOL_FULL);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_true(c.map_used < c.map_size / 100 * 91);
}

/* ---- facts ---- */

static bool
count_fact(void *context, const char *key, struct bytes value)
{
	char *seen = context;

	strcat(seen, key);
	strcat(seen, "=");
	strncat(seen, (const char *)value.data, value.size);
	strcat(seen, ";");
	return true;
}

static void
facts_are_kept_and_walked_by_prefix(void **state)
{
	static uint8_t large[(256 << 10) + 1];
	struct place *p = *state;
	char seen[128] = "";
	struct buf b = {0};

	assert_int_equal(spool_fact(p->s, "draft/1", &b), E_NOT_FOUND);
	assert_int_equal(spool_set_fact(p->s, "draft/2", TEXT("b")), E_OK);
	assert_int_equal(spool_set_fact(p->s, "draft/1", TEXT("x")), E_OK);
	assert_int_equal(spool_set_fact(p->s, "draft/1", TEXT("a")), E_OK);
	assert_int_equal(spool_set_fact(p->s, "drafu", TEXT("no")), E_OK);
	assert_int_equal(spool_set_fact(p->s, "draf", TEXT("no")), E_OK);
	reopen(p);
	assert_int_equal(spool_fact(p->s, "draft/1", &b), E_OK);
	assert_string_equal((char *)b.data, "a");
	assert_int_equal(spool_each_fact(p->s, "draft/", count_fact, seen), E_OK);
	assert_string_equal(seen, "draft/1=a;draft/2=b;");
	assert_int_equal(spool_set_fact(p->s, "large", bytes_of(large, sizeof large)), E_TOO_LARGE);
	buf_free(&b);
}

static void
channel_numbers_never_repeat(void **state)
{
	struct place *p = *state;
	uint64_t seq;

	for (uint64_t i = 1; i <= 3; i++) {
		assert_int_equal(spool_next_seq(p->s, &kenya, &seq), E_OK);
		assert_int_equal(seq, i);
		reopen(p);
	}
	assert_int_equal(spool_next_seq(p->s, &somalia, &seq), E_OK);
	assert_int_equal(seq, 1);
}

struct tally {
	uint64_t out[OUT_N], in[IN_N], last;
};

static bool
tally_out(void *context, const struct out_entry *e)
{
	struct tally *t = context;

	t->out[e->state]++;
	assert_int_equal(e->order, ++t->last);
	return true;
}

static bool
tally_in(void *context, const struct in_entry *e)
{
	((struct tally *)context)->in[e->state]++;
	return true;
}

/* The counts kept and the entries there tell the same story. */
static void
assert_sound(struct spool *s)
{
	struct spool_counts c;
	struct tally t = {0};
	struct id next;
	struct buf b = {0};
	uint64_t waiting = 0;
	enum err e;

	assert_int_equal(spool_each_out(s, tally_out, &t), E_OK);
	assert_int_equal(spool_each_in(s, tally_in, &t), E_OK);
	assert_int_equal(spool_count(s, &c), E_OK);
	assert_memory_equal(c.out, t.out, sizeof t.out);
	assert_memory_equal(c.in, t.in, sizeof t.in);
	for (e = spool_next_to_send(s, NULL, &next, &b); e == E_OK;
		e = spool_next_to_send(s, &next, &next, &b))
		waiting++;
	assert_int_equal(e, E_NOT_FOUND);
	assert_int_equal(waiting, t.out[OUT_FILED]);
	buf_free(&b);
}

/* ---- several processes ---- */

static int
wait_status(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Runs `work' in a process of its own, which has opened the spool itself. */
static pid_t
other_process(struct place *p, int (*work)(struct spool *s, int fd), int *fd)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct spool *mine = NULL;

		close(ends[0]);
		spool_close(&p->s);
		if (spool_open(p->spool, 0, &mine) != E_OK)
			_exit(99);
		_exit(work(mine, ends[1]));
	}
	close(ends[1]);
	*fd = ends[0];
	return pid;
}

static void
say(int fd, char c)
{
	if (write(fd, &c, 1) != 1)
		_exit(98);
}

static void
hear(int fd, char want)
{
	char c = 0;

	assert_int_equal(read(fd, &c, 1), 1);
	assert_int_equal(c, want);
}

static int
hold_link(struct spool *s, int fd)
{
	uint64_t epoch;

	if (spool_take_link(s, &epoch) != E_OK)
		return 1;
	say(fd, 'h');
	for (;;)
		pause();
}

static void
link_is_held_by_one_process_and_freed_by_its_death(void **state)
{
	struct place *p = *state;
	uint64_t epoch = 0, later = 0;
	pid_t pid;
	int fd;

	assert_int_equal(spool_take_link(p->s, &epoch), E_OK);
	assert_int_equal(spool_take_link(p->s, &later), E_LOCKED);
	spool_give_link(p->s);
	pid = other_process(p, hold_link, &fd);
	hear(fd, 'h');
	assert_int_equal(spool_take_link(p->s, &later), E_LOCKED);
	kill(pid, SIGKILL);
	assert_true(WIFSIGNALED(wait_status(pid)));
	assert_int_equal(spool_take_link(p->s, &later), E_OK);
	assert_int_equal(later, epoch + 2);
	reopen(p);
	assert_int_equal(spool_take_link(p->s, &later), E_OK);
	assert_int_equal(later, epoch + 3);
	close(fd);
}

static int
file_fifty(struct spool *s, int fd)
{
	struct buf m = {0};
	struct header h;

	for (int i = 0; i < 50; i++) {
		make(&h, &office, &kenya, 50, &m);
		if (spool_file(s, buf_bytes(&m), NOW) != E_OK)
			return 1;
	}
	say(fd, 'd');
	buf_free(&m);
	return 0;
}

static void
new_spool_begins_after_the_epochs_of_a_lost_one(void **state)
{
	struct place *p = *state;
	uint64_t lost, fresh;
	char file[160];

	assert_int_equal(spool_take_link(p->s, &lost), E_OK);
	spool_close(&p->s);
	snprintf(file, sizeof file, "%s/data.mdb", p->spool);
	assert_int_equal(unlink(file), 0);
	snprintf(file, sizeof file, "%s/lock.mdb", p->spool);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_OK);
	assert_int_equal(spool_take_link(p->s, &fresh), E_OK);
	assert_true(fresh > lost);
}

static void
two_processes_file_side_by_side(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	pid_t pid[2];
	int fd[2];

	spool_close(&p->s);
	assert_int_equal(spool_open(p->spool, 4 * SMALL, &p->s), E_OK);
	for (int i = 0; i < 2; i++)
		pid[i] = other_process(p, file_fifty, &fd[i]);
	for (int i = 0; i < 2; i++) {
		hear(fd[i], 'd');
		assert_int_equal(wait_status(pid[i]), 0);
		close(fd[i]);
	}
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_FILED], 100);
	assert_sound(p->s);
}

static void
forked_child_only_forgets(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id;
	uint64_t epoch;
	pid_t pid;

	assert_int_equal(spool_take_link(p->s, &epoch), E_OK);
	pid = fork();
	if (pid == 0) {
		spool_close(&p->s);
		_exit(p->s == NULL ? 0 : 1);
	}
	assert_int_equal(wait_status(pid), 0);
	id = file(p->s, &m);
	assert_int_equal(out_state(p->s, &id), OUT_FILED);
	buf_free(&m);
}

/* Files, sends, ends, takes and settles for ever; says each step when it is done. */
static int
live(struct spool *s, int fd)
{
	struct buf m = {0};
	struct header h;
	bool again;

	for (uint64_t n = spool_last_notice(s);;) {
		struct statement w = {.stage = ST_COMMITTED};
		struct spool_done done = {.from = kenya, .receipt = TEXT("signed")};

		make(&h, &office, &kenya, 200, &m);
		if (spool_file(s, buf_bytes(&m), NOW) != E_OK)
			return 1;
		say(fd, 'f');
		if (write(fd, h.id.octet, ID_SIZE) != ID_SIZE)
			return 2;
		w.id = h.id;
		digest_of(m.data, m.size, &w.digest);
		if (spool_sent(s, &h.id, TEXT("accepted"), NOW) != E_OK ||
			spool_notice(s, ++n, &w, TEXT("end"), TEXT("x"), NOW) != E_OK)
			return 3;
		say(fd, 'e');
		if (write(fd, h.id.octet, ID_SIZE) != ID_SIZE)
			return 4;
		make(&h, &kenya, &office, 200, &m);
		done.id = h.id;
		if (spool_take(s, buf_bytes(&m), NOW, &again) != E_OK ||
			spool_claim(s, &kenya, &h.id) != E_OK ||
			spool_file_all(s, NULL, 0, &done, NOW) != E_OK)
			return 5;
		say(fd, 'd');
		if (write(fd, h.id.octet, ID_SIZE) != ID_SIZE)
			return 6;
	}
}

static void
assert_said(struct spool *s, char step, const struct id *id)
{
	if (step == 'f')
		assert_true(out_state(s, id) >= OUT_FILED);
	else if (step == 'e')
		assert_int_equal(out_state(s, id), OUT_ENDED);
	else
		assert_int_equal(in_state(s, &kenya, id), IN_DONE);
}

static void
killed_anywhere_it_keeps_what_it_has_said(void **state)
{
	struct place *p = *state;
	unsigned seed = 20261124;

	spool_close(&p->s);
	for (int round = 0; round < 40; round++) {
		struct {
			char step;
			struct id id;
		} said[64];
		size_t n = 0, want;
		pid_t pid;
		int fd;

		seed = seed * 1103515245 + 12345;
		want = 1 + (seed >> 16) % 20;
		pid = other_process(p, live, &fd);
		while (n < want) {
			assert_int_equal(read(fd, &said[n].step, 1), 1);
			assert_int_equal(read(fd, said[n].id.octet, ID_SIZE), ID_SIZE);
			n++;
		}
		for (volatile unsigned spin = (seed >> 8) % 200000; spin > 0; spin--)
			; /* any instruction of the next steps may be the last */
		kill(pid, SIGKILL);
		assert_true(WIFSIGNALED(wait_status(pid)));
		assert_int_equal(spool_open(p->spool, 0, &p->s), E_OK);
		for (size_t i = 0; i < n; i++)
			assert_said(p->s, said[i].step, &said[i].id);
		assert_sound(p->s);
		spool_close(&p->s);
		close(fd);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(folder_and_files_are_of_the_owner_alone),
		T(folder_that_is_open_to_others_is_closed),
		T(whole_map_is_taken_from_the_disk),
		T(map_grows_and_never_shrinks),
		T(second_opening_in_one_process_is_locked),
		T(file_that_is_no_spool_is_refused),
		T(flipped_bit_is_found_and_never_served),
		T(filed_message_survives_and_is_found),
		T(filing_again_changes_nothing),
		T(same_id_with_other_bytes_is_a_conflict_for_ever),
		T(what_is_no_message_is_not_filed),
		T(outbox_states_rise_and_keep_their_evidence),
		T(outbox_states_never_fall),
		T(first_receipt_stands),
		T(refusal_is_a_word_and_a_receipt_beats_it),
		T(put_off_message_stays_filed_and_is_counted),
		T(unknown_ids_are_said_to_be_unknown),
		T(notices_count_once_and_unknown_ones_count_as_kept),
		T(what_waits_is_offered_oldest_first),
		T(visit_goes_in_order_and_stops_when_told),
		T(visitor_may_use_the_spool),
		T(taken_message_is_known_again),
		T(two_senders_may_use_one_id),
		T(inbox_states_go_forward_only),
		T(note_that_is_too_long_is_refused),
		T(inbox_is_walked_by_state_oldest_first),
		T(answers_and_settlement_come_together_or_not_at_all),
		T(second_answer_to_one_message_is_refused),
		T(full_spool_refuses_cleanly_and_can_finish_everything),
		T(full_spool_takes_nothing_in_but_settles_what_it_took),
		T(facts_cannot_fill_the_spool_either),
		T(facts_are_kept_and_walked_by_prefix),
		T(channel_numbers_never_repeat),
		T(link_is_held_by_one_process_and_freed_by_its_death),
		T(new_spool_begins_after_the_epochs_of_a_lost_one),
		T(two_processes_file_side_by_side),
		T(forked_child_only_forgets),
		T(killed_anywhere_it_keeps_what_it_has_said),
	};

	log_open("test_spool", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
