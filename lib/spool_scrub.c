/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading everything, and holding everything against everything else. The MACs find what was
 * altered, their sum what is missing or has come back from the past; the rest would find our own
 * mistakes. One read transaction, so that all of it is of one moment. */
#include "lib/spool_lmdb.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"

struct look {
	struct txn *t;
	struct spool_scrub *out;
	uint64_t states_out[OUT_N], states_in[IN_N];
	uint64_t waiting, book, ended, urgent; /* lines that the records ask for */
};

static void fault(struct spool_scrub *out, const char *fmt, ...) PRINTF(2, 3);

static void
fault(struct spool_scrub *out, const char *fmt, ...)
{
	va_list args;

	if (out->damaged++ > 0)
		return;
	va_start(args, fmt);
	vsnprintf(out->first, sizeof out->first, fmt, args);
	va_end(args);
}

/* ---- each value by its MAC ---- */

static void
check_value(
	struct look *l, enum table table, const MDB_val *k, const MDB_val *v, uint8_t sum[MAC_SIZE])
{
	struct bytes key = bytes_of(k->mv_data, k->mv_size);
	uint8_t mac[MAC_SIZE];

	l->out->records++;
	if (v->mv_size < MAC_SIZE) {
		fault(l->out, "a record of %s is cut off", txn_table_name(table));
		return;
	}
	for (size_t i = 0; i < MAC_SIZE && table != T_META; i++)
		sum[i] ^= ((const uint8_t *)v->mv_data)[v->mv_size - MAC_SIZE + i];
	record_mac(l->t->s->mac, txn_table_name(table), key,
		bytes_of(v->mv_data, v->mv_size - MAC_SIZE), mac);
	if (!equal_bytes(mac, (const uint8_t *)v->mv_data + v->mv_size - MAC_SIZE, MAC_SIZE))
		fault(l->out, "a record of %s does not have the octets that were written",
			txn_table_name(table));
}

static void
check_table(struct look *l, enum table table, uint8_t sum[MAC_SIZE])
{
	MDB_cursor *c;
	MDB_val k, v;
	int rc;

	if (mdb_cursor_open(l->t->t, l->t->s->dbi[table], &c) != 0) {
		fault(l->out, "the table %s cannot be read", txn_table_name(table));
		return;
	}
	while ((rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) == 0)
		check_value(l, table, &k, &v, sum);
	mdb_cursor_close(c);
	if (rc != MDB_NOTFOUND)
		fault(l->out, "the table %s cannot be read to its end", txn_table_name(table));
}

static void
check_values(struct look *l)
{
	uint8_t sum[MAC_SIZE] = {0};

	for (int i = 0; i < TABLES; i++)
		check_table(l, (enum table)i, sum);
	if (memcmp(sum, l->t->meta.sum, MAC_SIZE) != 0)
		fault(l->out, "a record is missing, or an old one has come back");
}

/* ---- entries against what is said of them ---- */

static void
check_lines(struct look *l, const struct lines *lines, const char *what, uint64_t order)
{
	l->book += lines->book;
	l->ended += lines->ended;
	l->urgent += lines->urgent;
	if (lines->book && !txn_has(l->t, T_BOOK, key_bytes(&lines->book_key)))
		fault(l->out, "%s %llu is not in the book", what, (unsigned long long)order);
	if (lines->ended && !txn_has(l->t, T_ENDED, key_bytes(&lines->ended_key)))
		fault(l->out, "%s %llu is not in the list of ends", what,
			(unsigned long long)order);
	if (lines->urgent && !txn_has(l->t, T_URGENT, key_bytes(&lines->urgent_key)))
		fault(l->out, "%s %llu is not in the list of what goes first", what,
			(unsigned long long)order);
}

static void
check_body(struct look *l, enum table table, uint64_t order, const uint8_t digest[DIGEST_SIZE],
	bool needed)
{
	struct key k = key_order(order);
	struct bytes v;
	struct digest d;

	if (!txn_get(l->t, table, key_bytes(&k), &v)) {
		if (needed && l->t->e == E_OK)
			fault(l->out, "the message %llu of %s is missing",
				(unsigned long long)order, txn_table_name(table));
		return;
	}
	digest_of(v.data, v.size, &d);
	if (memcmp(d.octet, digest, DIGEST_SIZE) != 0)
		fault(l->out, "the message %llu of %s is not the one of its entry",
			(unsigned long long)order, txn_table_name(table));
}

static void
check_out(struct look *l, uint64_t order)
{
	struct key k = key_order(order);
	struct id_record known;
	struct out_record r;
	struct lines lines;
	struct bytes id = bytes_of(r.header.id, ID_SIZE);

	if (!txn_record(l->t, T_OUT, key_bytes(&k), &r, sizeof r)) {
		if (l->t->e == E_OK)
			fault(l->out, "outbox entry %llu is missing", (unsigned long long)order);
		return;
	}
	l->states_out[out_state_of(&r)]++;
	if (!txn_record(l->t, T_OUT_ID, id, &known, sizeof known) || known.order != order ||
		memcmp(known.digest, r.digest, DIGEST_SIZE) != 0)
		fault(l->out, "outbox entry %llu is not found by its id",
			(unsigned long long)order);
	if (out_state_of(&r) == OUT_FILED) {
		l->waiting++;
		if (!txn_has(l->t, T_OUT_WAIT, key_bytes(&k)))
			fault(l->out, "outbox entry %llu does not wait", (unsigned long long)order);
	}
	lines_of_out(l->t, order, &r, &lines);
	check_lines(l, &lines, "outbox entry", order);
	check_body(l, T_OUT_BODY, order, r.digest, out_state_of(&r) == OUT_FILED);
}

static void
check_in(struct look *l, uint64_t order)
{
	struct key k = key_order(order), by_sender, state;
	struct id_record known;
	struct in_record r;
	struct header h;
	struct lines lines;

	if (!txn_record(l->t, T_IN, key_bytes(&k), &r, sizeof r)) {
		if (l->t->e == E_OK)
			fault(l->out, "inbox entry %llu is missing", (unsigned long long)order);
		return;
	}
	header_unpack(&r.header, &r.token, &h);
	l->states_in[in_state_of(&r)]++;
	by_sender = in_key_sender(&h.from, &h.id);
	if (!txn_record(l->t, T_IN_ID, key_bytes(&by_sender), &known, sizeof known) ||
		known.order != order || memcmp(known.digest, r.digest, DIGEST_SIZE) != 0)
		fault(l->out, "inbox entry %llu is not found by its id", (unsigned long long)order);
	state = in_key_state(in_state_of(&r), order);
	if (!txn_has(l->t, T_IN_STATE, key_bytes(&state)))
		fault(l->out, "inbox entry %llu is not in the list of its state",
			(unsigned long long)order);
	lines_of_in(l->t, order, &r, &lines);
	check_lines(l, &lines, "inbox entry", order);
	check_body(l, T_IN_BODY, order, r.digest, in_state_of(&r) < IN_DONE);
}

static void
check_count(struct look *l, enum table table, uint64_t want)
{
	MDB_stat st;

	if (mdb_stat(l->t->t, l->t->s->dbi[table], &st) != 0 || st.ms_entries != want)
		fault(l->out, "the table %s has not the number of records that it must have",
			txn_table_name(table));
}

static void
check_entries(struct look *l)
{
	const struct meta_record *m = &l->t->meta;

	for (uint64_t i = 1; i <= m->out_last && l->t->e == E_OK; i++)
		check_out(l, i);
	for (uint64_t i = 1; i <= m->in_last && l->t->e == E_OK; i++)
		check_in(l, i);
	if (memcmp(l->states_out, m->out, sizeof m->out) != 0 ||
		memcmp(l->states_in, m->in, sizeof m->in) != 0)
		fault(l->out, "the counts of states are not those of the entries");
	check_count(l, T_OUT, m->out_last);
	check_count(l, T_OUT_ID, m->out_last);
	check_count(l, T_OUT_WAIT, l->waiting);
	check_count(l, T_IN, m->in_last);
	check_count(l, T_IN_ID, m->in_last);
	check_count(l, T_IN_STATE, m->in_last);
	check_count(l, T_BOOK, l->book);
	check_count(l, T_ENDED, l->ended);
	check_count(l, T_URGENT, l->urgent);
}

enum err
spool_scrub(struct spool *s, struct spool_scrub *out)
{
	struct look l = {.out = out};
	TXN(t);

	memset(out, 0, sizeof *out);
	l.t = &t;
	txn_read(&t, s);
	if (t.e != E_OK && t.e != E_IO)
		return txn_end(&t);
	if (t.e == E_OK)
		check_values(&l);
	else
		fault(out, "the meta record is damaged");
	if (out->damaged == 0) /* or every fault would be said several times */
		check_entries(&l);
	if (t.e != E_OK && out->damaged == 0)
		fault(out, "an entry cannot be read");
	if (out->damaged == 0)
		return txn_end(&t);
	log_line(LOG_ERROR, "spool %s: damaged: %s", s->directory, out->first);
	return E_DAMAGED;
}
