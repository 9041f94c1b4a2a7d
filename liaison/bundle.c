/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftar bundle: the outbox on a USB stick. Export writes what the exchange has no receipt for;
 * the exchange's operator answers the file with another one; import hears that. Both may be done
 * again at any time. */
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib/bundle_peer.h"
#include "liaison/daftar.h"

static struct bundle_peer
peer_of(struct office *o, uint64_t epoch)
{
	struct bundle_peer p = {.program = "daftar/" PACKAGE_VERSION,
		.self = o->self,
		.trust = o->trust,
		.identity = o->sign,
		.spool = o->spool,
		.epoch = epoch};

	if (getrandom(p.incarnation.octet, ID_SIZE, 0) != ID_SIZE)
		die("no random numbers");
	return p;
}

static enum ending
no_bundle(enum err e, const char *next, const char *what, const char *file)
{
	return fail(e, "what was filed is safe in the spool", next, "%s %s", _(what), line(file));
}

/* ---- export ---- */

static void
tell_export(const char *file, const struct bundle_counts *c, size_t size)
{
	if (say_in_json()) {
		say_json(json_pack("{s:s,s:I,s:I,s:I,s:b,s:I}", "file", file, "submitted",
			(json_int_t)c->submitted, "taken", (json_int_t)c->taken, "settled",
			(json_int_t)c->settled, "more", c->more, "size", (json_int_t)size));
		return;
	}
	say("%llu messages and %llu receipts are in %s (%zu KiB)\n",
		(unsigned long long)c->submitted, (unsigned long long)(c->taken + c->settled),
		line(file), (size + 1023) / 1024);
	if (c->more)
		note("Not everything had room: when its answer is back, export again.\n");
	note("Next: bring it to the exchange, and its answer back to: daftar bundle import FILE\n");
}

static enum err
export_to(struct office *o, const char *file, struct bundle_counts *c, size_t *size)
{
	OWNED_BUF(out) = {0};
	struct bundle_peer p;
	uint64_t epoch;
	enum err e;

	TRY(spool_take_link(o->spool, &epoch));
	p = peer_of(o, epoch);
	e = bundle_export(&p, 0, instant_now(), &out, c);
	spool_give_link(o->spool);
	*size = out.size;
	return e == E_OK ? file_replace(file, buf_bytes(&out), 0600) : e;
}

enum ending
command_bundle_export(const struct options *o)
{
	OWNED(struct office, office, office_free) = NULL;
	const char *file = o->argument[0];
	struct bundle_counts c;
	enum ending end = office_open(o, NEED_ALL, &office);
	size_t size;
	enum err e;

	if (end != END_DONE)
		return end;
	if (access(file, F_OK) == 0)
		return no_bundle(E_STATE, "daftar bundle export OTHER-FILE",
			N_("this file is there already and stays as it is:"), file);
	e = export_to(office, file, &c, &size);
	if (e != E_OK)
		return no_bundle(e, "daftar doctor", N_("nothing was exported to"), file);
	tell_export(file, &c, size);
	return END_DONE;
}

/* ---- import ---- */

/* The list goes first: what follows may be signed with keys that only it knows. */
static enum err
take_list(struct office *o, uint64_t epoch, struct bytes file)
{
	struct bundle_peer p = peer_of(o, epoch);
	struct bytes list;
	enum err e = bundle_trust(&p, file, instant_now(), &list);

	if (e == E_OK)
		e = office_new_trust(o, list);
	return e == E_NOT_FOUND ? E_OK : e;
}

static enum err
hear(struct office *o, uint64_t epoch, struct bytes file, struct bundle_counts *c)
{
	OWNED(struct examiner, examiner, examiner_free) = NULL;
	struct bundle_peer p;

	TRY(take_list(o, epoch, file));
	TRY(examiner_start(trust_bytes(o->trust), o->operator, & examiner));
	p = peer_of(o, epoch);
	p.examiner = examiner;
	TRY(bundle_import(&p, file, instant_now(), c));
	return incoming_settle_all(o);
}

static enum err
import_from(struct office *o, struct bytes file, struct bundle_counts *c)
{
	uint64_t epoch;
	enum err e;

	TRY(spool_take_link(o->spool, &epoch));
	e = hear(o, epoch, file, c);
	spool_give_link(o->spool);
	return e;
}

static void
tell_import(const char *file, const struct bundle_counts *c)
{
	if (say_in_json()) {
		say_json(json_pack("{s:s,s:I,s:I,s:I,s:I}", "file", file, "receipts",
			(json_int_t)c->receipts, "refusals", (json_int_t)c->refusals, "notices",
			(json_int_t)c->notices, "deliveries", (json_int_t)c->deliveries));
		return;
	}
	say("%llu receipts, %llu refusals, %llu notices and %llu messages were in %s\n",
		(unsigned long long)c->receipts, (unsigned long long)c->refusals,
		(unsigned long long)c->notices, (unsigned long long)c->deliveries, line(file));
	if (c->deliveries > 0)
		note("Next: daftar bundle export FILE tells the exchange what was taken.\n");
}

enum ending
command_bundle_import(const struct options *o)
{
	OWNED(struct office, office, office_free) = NULL;
	const char *file = o->argument[0];
	OWNED_BUF(content) = {0};
	struct bundle_counts c;
	enum ending end = office_open(o, NEED_ALL, &office);
	enum err e;

	if (end != END_DONE)
		return end;
	e = input_read(file, BUNDLE_MAX, &content);
	if (e == E_OK)
		e = import_from(office, buf_bytes(&content), &c);
	if (e == E_INPUT || e == E_SIGNATURE || e == E_NOT_ADDRESSEE)
		return no_bundle(e, N_("ask the exchange's operator for the answer to your bundle"),
			N_("this is not the exchange's answer to this office, or it was altered:"),
			file);
	if (e != E_OK)
		return no_bundle(e, N_("daftar bundle import FILE, once more"),
			N_("not everything of this file was heard:"), file);
	tell_import(file, &c);
	return END_DONE;
}
