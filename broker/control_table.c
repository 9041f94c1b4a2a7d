/* SPDX-License-Identifier: EUPL-1.2
 *
 * The table of daftard's verbs: a row each, with who may say it, what it takes and what it does.
 * Files with many verbs of their own keep their rows themselves; here all of them become one.
 * doc/CONTROL.md is held against it. */
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard_alert.h"

#define VERBS_MOST 200

static const struct control_verb exchange_verbs[] = {
	{"status", CONTROL_LOOKS, 0,
		"how the exchange is: state, peers, queues, children, trust list", verb_status,
		{{0}}},
	{"scrub.run", CONTROL_OPERATOR, 0, "read the whole store now, looking for damage",
		verb_scrub_run, {{0}}},
	{"scrub.show", CONTROL_LOOKS, 0, "what the last scrub found", verb_scrub_show, {{0}}},
	{"backup.run", CONTROL_OPERATOR, 0, "copy the store into a new folder beneath backup-dir",
		verb_backup_run,
		{{"name", CONTROL_TEXT, CONTROL_REQUIRED, "name of the new folder", 0, 64}}},
	{"backup.show", CONTROL_LOOKS, 0, "what became of the last backup", verb_backup_show,
		{{0}}},
	{"log.show", CONTROL_LOOKS, 0, "the newest head of the log", verb_log_show, {{0}}},
	{"log.check", CONTROL_LOOKS, 0, "whether these heads are of this log", verb_log_check,
		{{"notes", CONTROL_LONG, CONTROL_REQUIRED, "signed heads, one after another", 0,
			0}}},
	{"audit.list", CONTROL_SECURITY | CONTROL_AUDITOR, 0,
		"what was changed, by whom, when and why, newest first", verb_audit_list,
		{{"before", CONTROL_NUMBER, CONTROL_OPTIONAL, "`next' of the page before", 0, 0},
			{"limit", CONTROL_NUMBER, CONTROL_OPTIONAL, "rows, 50 without it", 1, 200},
			{"kind", CONTROL_TEXT, CONTROL_OPTIONAL, "only this kind of change", 0, 32},
			{"by", CONTROL_TEXT, CONTROL_OPTIONAL, "only of this person", 0, 33}}},
	{"audit.verify", CONTROL_SECURITY | CONTROL_AUDITOR, 0,
		"hold every change against its leaf, and the leaf against the log",
		verb_audit_verify,
		{{"after", CONTROL_NUMBER, CONTROL_OPTIONAL, "`next' of the answer before", 0, 0}}},
	{"ledger", CONTROL_AUDITOR, 0, "who has handled a case, when, and under which mandate",
		verb_ledger,
		{{"id", CONTROL_MESSAGE, CONTROL_REQUIRED,
			"id of a message or a case, or tracking number", 0, 0}}},
	{0},
};

static const struct control_verb standing_verbs[] = {
	{"party.cut", CONTROL_SECURITY, CONTROL_CHANGES, "take no octet of this party any more",
		verb_party_cut,
		{{"code", CONTROL_PARTY, CONTROL_REQUIRED, "the party", 0, 0}, CONTROL_WHY}},
	{"party.suspend", CONTROL_SECURITY, CONTROL_CHANGES,
		"take nothing new from it and give it nothing", verb_party_suspend,
		{{"code", CONTROL_PARTY, CONTROL_REQUIRED, "the party", 0, 0}, CONTROL_WHY}},
	{"party.resume", CONTROL_SECURITY, CONTROL_CHANGES | CONTROL_TWO,
		"serve it again; one that was cut off needs two officers", verb_party_resume,
		{{"code", CONTROL_PARTY, CONTROL_REQUIRED, "the party", 0, 0}, CONTROL_WHY}},
	{"trust.put", CONTROL_SECURITY, 0, "a piece of a trust list", verb_trust_put,
		{{"data", CONTROL_LONG, CONTROL_REQUIRED, "base64", 0, 0},
			{"at", CONTROL_NUMBER, CONTROL_REQUIRED, "its place", 0, 0}}},
	{"trust.install", CONTROL_SECURITY, CONTROL_CHANGES | CONTROL_TWO,
		"all is here: put it into force", verb_trust_install,
		{{"adds", CONTROL_SWITCH, CONTROL_OPTIONAL, "only if it adds a party", 0, 0},
			{"reason", CONTROL_REASON, CONTROL_OPTIONAL,
				"why; the version of the list without it", 0, 0}}},
	{"change.list", CONTROL_LOOKS, 0,
		"what officers have changed, and what waits for a second one", verb_change_list,
		{{0}}},
	{"change.approve", CONTROL_SECURITY, CONTROL_CHANGES | CONTROL_TWO,
		"make a change that another officer wanted", verb_change_approve,
		{{"number", CONTROL_NUMBER, CONTROL_REQUIRED, "of the change", 1, INT64_MAX}}},
	{"change.reject", CONTROL_SECURITY, CONTROL_CHANGES, "do not make it", verb_change_reject,
		{{"number", CONTROL_NUMBER, CONTROL_REQUIRED, "of the change", 1, INT64_MAX}}},
	{"change.effect", CONTROL_LOOKS, 0, "whether a change is in force at the gate",
		verb_change_effect,
		{{"serial", CONTROL_NUMBER, CONTROL_REQUIRED, "of the keys that it was told", 1,
			UINT32_MAX}}},
	{"cert.list", CONTROL_LOOKS, 0, "every certificate of the trust list", verb_cert_list,
		{{"party", CONTROL_PARTY, CONTROL_OPTIONAL, "only its own", 0, 0}}},
	{"cert.expiring", CONTROL_LOOKS, 0, "what ends within so many days", verb_cert_expiring,
		{{"days", CONTROL_NUMBER, CONTROL_OPTIONAL, "90 without it", 0, 36500},
			{"party", CONTROL_PARTY, CONTROL_OPTIONAL, "only its own", 0, 0}}},
	{"cert.revoke", CONTROL_SECURITY, CONTROL_CHANGES | CONTROL_TWO,
		"accept this certificate here no more", verb_cert_revoke,
		{{"party", CONTROL_PARTY, CONTROL_REQUIRED, "the party", 0, 0},
			{"fingerprint", CONTROL_DIGEST, CONTROL_REQUIRED, "of the certificate", 0,
				0},
			CONTROL_WHY}},
	{"gate.knocks", CONTROL_LOOKS, 0, "connection keys that were turned away, since the start",
		verb_gate_knocks, {{0}}},
	{"crl.put", CONTROL_SECURITY, 0, "a piece of a CRL or OCSP response", verb_crl_put,
		{{"data", CONTROL_LONG, CONTROL_REQUIRED, "base64", 0, 0},
			{"at", CONTROL_NUMBER, CONTROL_REQUIRED, "its place", 0, 0}}},
	{"crl.add", CONTROL_SECURITY, 0,
		"all is here: have it checked, and in force if it is newer", verb_crl_add, {{0}}},
	{"crl.show", CONTROL_LOOKS, 0, "what became of it", verb_crl_show, {{0}}},
	{"crl.list", CONTROL_LOOKS, 0,
		"revocation data in force, how old it is, and which is missing", verb_crl_list,
		{{0}}},
	{0},
};

static const struct control_verb books_verbs[] = {
	{"reconcile.run", CONTROL_OPERATOR, 0, "please compare books with us now",
		verb_reconcile_run,
		{{"party", CONTROL_PARTY, CONTROL_OPTIONAL, "only this one", 0, 0}}},
	{"reconcile.show", CONTROL_LOOKS, 0, "when books were compared last, and what came of it",
		verb_reconcile_show,
		{{"party", CONTROL_PARTY, CONTROL_OPTIONAL, "only this one", 0, 0}}},
	{"reconcile.matrix", CONTROL_LOOKS, 0,
		"day by day: do the books agree, of each channel and party", verb_reconcile_matrix,
		{{"days", CONTROL_NUMBER, CONTROL_OPTIONAL, "how many, 14 without it", 1,
			 COMPARED_DAYS},
			{"limit", CONTROL_NUMBER, CONTROL_OPTIONAL, "rows of a page", 1, 200},
			{"after", CONTROL_NUMBER, CONTROL_OPTIONAL, "`next' of the page before", 0,
				INT32_MAX}}},
	{"reconcile.diff", CONTROL_LOOKS, 0, "the differences that the party named last",
		verb_reconcile_diff,
		{{"party", CONTROL_PARTY, CONTROL_REQUIRED, "the party", 0, 0}}},
	{"reconcile.waive", CONTROL_SECURITY, CONTROL_CHANGES,
		"serve it again though it cannot compare", verb_reconcile_waive,
		{{"party", CONTROL_PARTY, CONTROL_REQUIRED, "the party", 0, 0},
			{"reason", CONTROL_REASON, CONTROL_OPTIONAL, "why", 0, 0}}},
	{"reconcile.sign", CONTROL_OPERATOR, 0, "please compare this period of a channel, and sign",
		verb_reconcile_sign,
		{{"from", CONTROL_PARTY, CONTROL_REQUIRED, "sender", 0, 0},
			{"to", CONTROL_PARTY, CONTROL_REQUIRED, "addressee", 0, 0},
			{"since", CONTROL_NUMBER, CONTROL_REQUIRED, "ms UTC", 0, 0},
			{"until", CONTROL_NUMBER, CONTROL_REQUIRED, "ms UTC, not in it", 0, 0}}},
	{"reconcile.closing", CONTROL_LOOKS, 0, "what both sides of a channel have signed last",
		verb_reconcile_closing,
		{{"from", CONTROL_PARTY, CONTROL_REQUIRED, "sender", 0, 0},
			{"to", CONTROL_PARTY, CONTROL_REQUIRED, "addressee", 0, 0}}},
	{"retain.show", CONTROL_LOOKS, 0,
		"what is kept of a message or a case, and why; legal holds", verb_retain_show,
		{{"id", CONTROL_MESSAGE, CONTROL_OPTIONAL,
			"id of a message or a case, or tracking number; all holds without it", 0,
			0}}},
	{"retain.hold", CONTROL_SECURITY, CONTROL_CHANGES, "keep the body although it ends",
		verb_retain_hold,
		{{"id", CONTROL_MESSAGE, CONTROL_REQUIRED,
			 "id of a message or a case, or tracking number", 0, 0},
			CONTROL_WHY}},
	{"retain.release", CONTROL_SECURITY, CONTROL_CHANGES | CONTROL_TWO, "keep it no longer",
		verb_retain_release,
		{{"id", CONTROL_MESSAGE, CONTROL_REQUIRED,
			 "id of a message or a case, or tracking number", 0, 0},
			CONTROL_WHY}},
	{"retain.purge", CONTROL_SECURITY, CONTROL_CHANGES | CONTROL_TWO, "drop bodies now",
		verb_retain_purge,
		{{"id", CONTROL_MESSAGE, CONTROL_REQUIRED,
			 "id of a message or a case, or tracking number", 0, 0},
			{"dry_run", CONTROL_SWITCH, CONTROL_OPTIONAL,
				"say only what would be dropped", 0, 0},
			{"reason", CONTROL_REASON, CONTROL_OPTIONAL, "why; not with dry_run", 0,
				0}}},
	{"retain.report", CONTROL_LOOKS, 0, "a page of what has left, and why", verb_retain_report,
		{{"since", CONTROL_NUMBER, CONTROL_OPTIONAL, "ms UTC", 0, 0},
			{"until", CONTROL_NUMBER, CONTROL_OPTIONAL, "ms UTC", 0, 0},
			{"after", CONTROL_NUMBER, CONTROL_OPTIONAL, "`next' of the page before", 0,
				0}}},
	{0},
};

static const struct control_verb courier_verbs[] = {
	{"bundle.begin", CONTROL_OPERATOR, 0, "a courier's bundle is to be handed in",
		verb_bundle_begin,
		{{"force", CONTROL_SWITCH, CONTROL_OPTIONAL, "instead of one that was begun", 0,
			0}}},
	{"bundle.put", CONTROL_OPERATOR, 0, "a piece of it", verb_bundle_put,
		{{"data", CONTROL_LONG, CONTROL_REQUIRED, "base64", 0, 0},
			{"at", CONTROL_NUMBER, CONTROL_OPTIONAL, "its place", 0, 0}}},
	{"bundle.open", CONTROL_OPERATOR, 0, "all is here: check it and begin", verb_bundle_open,
		{{0}}},
	{"bundle.step", CONTROL_OPERATOR, 0, "hear more of it; done when the answer is complete",
		verb_bundle_step, {{0}}},
	{"bundle.take", CONTROL_OPERATOR, 0, "a piece of the answer, base64", verb_bundle_take,
		{{"at", CONTROL_NUMBER, CONTROL_REQUIRED, "its place", 0, 0}}},
	{0},
};

/* The tables, in the order in which they are listed. */
static const struct control_verb *const tables[] = {
	exchange_verbs,
	look_verbs,
	standing_verbs,
	books_verbs,
	courier_verbs,
	alert_verbs,
	metrics_verbs,
};

const struct control_verb *
daftard_verbs(void)
{
	static struct control_verb all[VERBS_MOST + 1];
	size_t n = 0;

	if (all[0].name != NULL)
		return all;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		for (const struct control_verb *v = tables[i]; v->name != NULL; v++) {
			assert(n < VERBS_MOST);
			all[n++] = *v;
		}
	return all;
}
