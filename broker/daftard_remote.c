/* SPDX-License-Identifier: EUPL-1.2
 *
 * Officers from afar. A second gate, in a process of its own with the limits and walls of the first
 * one, listens at `control-listen' and admits the keys in `officer-keys' and no others; what it
 * passes on is a line of the control protocol and the key that has proved itself. The name belongs
 * to the key, never to the line: "as" is refused. A key that is taken out of the folder is shut out
 * with the next reload, open connections included. */
#include <stdlib.h>
#include <string.h>

#include "broker/daftard.h"
#include "lib/log.h"

#define PIECE ((size_t)128 * 1024)

static const struct officer_key *
find_key(const struct officers *o, const uint8_t key[CURVE_KEY_SIZE])
{
	for (size_t i = 0; i < o->n_keys; i++)
		if (memcmp(o->keys[i].key, key, CURVE_KEY_SIZE) == 0)
			return &o->keys[i];
	return NULL;
}

/* One that does not read is forgotten by the gate; it asks again. */
static void
send_answer(struct daftard *d, peer_no peer, const char *line)
{
	size_t left = strlen(line);

	do {
		size_t size = left < PIECE ? left : PIECE;
		const struct bytes frame[] = {
			bytes_of(size == left ? "." : "+", 1), bytes_of(line, size)};

		if (!gate_child_send(d->remote, peer, frame, 2))
			return;
		line += size;
		left -= size;
	} while (left > 0);
}

static void
on_line(void *context, peer_no peer, const uint8_t key[CURVE_KEY_SIZE], const struct bytes *frame,
	size_t n)
{
	struct daftard *d = context;
	const struct officer_key *k = find_key(&d->officers, key);
	OWNED(char, answer, free_chars) = NULL;

	if (k == NULL || n != 1 || frame[0].size > CONTROL_LINE_MAX) {
		log_line(LOG_WARNING, "officer from afar: %s",
			k == NULL ? "a key that is not known any more" : "no line");
		return;
	}
	answer = control_answer(d->control, &d->officers.list[k->person], frame[0]);
	send_answer(d, peer, answer);
}

static void
on_gone(void *context, peer_no peer)
{
	(void)context;
	(void)peer;
}

static void
on_bound(void *context, const char *endpoint)
{
	struct daftard *d = context;

	log_line(LOG_NOTICE, "officers from afar: listens at %s keys=%zu", endpoint,
		d->officers.n_keys);
}

/* The exchange goes on without it. */
static void
on_failed(void *context, enum err why)
{
	struct daftard *d = context;

	log_line(LOG_ERROR,
		"officers from afar: cannot listen at %s code=%s; the control socket "
		"still serves. Is the address ours and the port free?",
		conf_text(d->conf, "control-listen"), err_word(why));
}

static void
on_died(void *context)
{
	(void)context;
	log_line(LOG_WARNING, "officers from afar: the process died and is started again");
}

static void
on_offender(
	void *context, const uint8_t key[CURVE_KEY_SIZE], enum gate_offence what, uint64_t octets)
{
	struct daftard *d = context;
	const struct officer_key *k = find_key(&d->officers, key);

	log_line(LOG_WARNING, "officer from afar %s: shut down, %s octets=%llu",
		k != NULL ? d->officers.list[k->person].name : "(a stranger)",
		gate_offence_word(what), (unsigned long long)octets);
}

void
remote_allow(struct daftard *d)
{
	uint8_t(*keys)[CURVE_KEY_SIZE];

	if (d->remote == NULL)
		return;
	keys = xcalloc(d->officers.n_keys + 1, sizeof *keys);
	for (size_t i = 0; i < d->officers.n_keys; i++)
		memcpy(keys[i], d->officers.keys[i].key, CURVE_KEY_SIZE);
	gate_child_allow(d->remote, (const uint8_t(*)[CURVE_KEY_SIZE])keys, d->officers.n_keys);
	free(keys);
}

enum err
remote_open(struct daftard *d)
{
	const char *listen = conf_text(d->conf, "control-listen");
	const struct gate_child_handlers h = {.context = d,
		.bound = on_bound,
		.failed = on_failed,
		.frames = on_line,
		.gone = on_gone,
		.offender = on_offender,
		.died = on_died};

	if (listen == NULL)
		return E_OK;
	TRY(gate_child_open(d->base, listen, &d->pair, &h, &d->remote));
	remote_allow(d);
	return E_OK;
}
