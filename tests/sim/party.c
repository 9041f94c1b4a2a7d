/* SPDX-License-Identifier: EUPL-1.2
 *
 * An adapter's loop, as adapters/daemon.c has it: the link fills the inbox, the core empties it.
 * The officer's office runs the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define SPOOL_MAP ((size_t)16 << 20)
#define BACKLOG_MAP ((size_t)1 << 30)

/* ---- the loop ---- */

static void
work(struct node *n, void *what)
{
	int64_t ms;

	(void)what;
	if (n->work_at > world.now)
		return;
	n->work_at = 0;
	if (world.backlog) {
		backlog_settle(n);
		link_kick(n->link);
		return;
	}
	ms = core_work(n->core, node_clock(n));
	if (ms != CORE_IDLE && (n->work_at == 0 || n->work_at > world.now + ms)) {
		n->work_at = world.now + ms;
		after(ms, n, work, NULL);
	}
	link_kick(n->link);
}

void
party_wake(struct node *n)
{
	if (n->work_at == world.now)
		return;
	n->work_at = world.now;
	after(0, n, work, NULL);
}

static void
on_changed(void *context)
{
	party_wake(context);
}

static void
stop_fenced(struct node *n, void *what)
{
	(void)n;
	node_stop(*(struct node **)what);
}

static void
on_fenced(void *context)
{
	struct node *n = context, **who;

	tell("fenced off");
	if (!n->retired)
		broken("the newest instance lives", "%s was fenced off and no other runs", n->name);
	who = xmalloc(sizeof(struct node *));
	*who = n;
	after(0, NULL, stop_fenced, who);
}

/* ---- start and stop ---- */

static void
start_core(struct node *n)
{
	struct core_options o = {
		.self = party_at(n->place),
		.profile = {.liaison = party_at(PLACE_OFFICE),
			.register_name = "Register of births",
			.office = "Office",
			.place = "Place",
			.certifier = "Registrar",
			.legal_provision = "Law 1, section 2",
			.appeal_body = "High Court",
			.name_rule = "as-authored",
			.appeal_days = 30,
			.expires_days = 30,
			.retain_days = 90},
		.trust = the_trust,
		.sign = identity_of(n->place, true),
		.encrypt = identity_of(n->place, false),
		.spool = n->spool,
		.kind = &register_kind,
		.pair_secret = the_secret,
		.context = n,
	};

	n->core = core_new(&o);
}

static void
start_link(struct node *n)
{
	const struct link_handlers h = {
		.context = n, .up = on_changed, .changed = on_changed, .fenced = on_fenced};
	struct link_options o = {.program = "sim/1",
		.self = party_at(n->place),
		.endpoint = "sim",
		.trust = the_trust,
		.credit = world.backlog ? 256 : 16,
		.identity = identity_of(n->place, true)};
	struct examiner *examiner;
	struct bytes none = {NULL, 0};

	memcpy(o.pair.public_key, curve_of(n->place), CURVE_KEY_SIZE);
	enum err e = examiner_start(none, NULL, &examiner);

	if (e == E_OK)
		e = link_open(NULL, &o, n->spool, examiner, &h, &n->link);
	if (e == E_SPOOL_FULL)
		dies(); /* whoever supervises it starts it again */
	if (e != E_OK)
		broken("it starts again without a hand", "link of %s: %s", n->name, err_word(e));
}

void
party_start(struct node *n)
{
	enum err e = spool_open(n->folder, world.backlog ? BACKLOG_MAP : SPOOL_MAP, &n->spool);

	if (e == E_SPOOL_FULL)
		dies();
	if (e != E_OK)
		broken("it starts again without a hand", "spool of %s: %s", n->name, err_word(e));
	n->work_at = 0;
	start_core(n);
	start_link(n);
	party_wake(n);
}

void
party_stop(struct node *n)
{
	link_close(&n->link);
	core_free(&n->core);
	spool_close(&n->spool);
}

/* Link and core are memory, and go with the process. */
void
party_dead(struct node *n)
{
	n->link = NULL;
	n->core = NULL;
	spool_close(&n->spool);
}

/* ---- the registrar ---- */

static void
compare(struct node *n, void *what)
{
	struct register_report r;

	if (core_register(n->core, true, node_clock(n), NULL, NULL, &r) == E_OK)
		*(bool *)what = true;
	link_kick(n->link);
}

static void
registrar_looks(struct node *none, void *what)
{
	enum seat p = *(enum seat *)what;
	struct node *n = node_at(p);
	bool done = false;

	(void)none;
	if (n->up && n->paused <= world.now)
		(void)!as_node(n, compare, &done);
	if (!done)
		party_compares_register(p);
}

void
party_compares_register(enum seat p)
{
	enum seat *what = xmalloc(sizeof *what);

	*what = p;
	after(between(SECOND, 30 * SECOND), NULL, registrar_looks, what);
}
