/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar log': the exchange's log as this office has seen it last, and the word that somebody has
 * looked at two heads that do not fit. */
#include "lib/loghead.h"
#include "liaison/daftar.h"

/* The note alone, so that it can be given away as a file. */
enum ending
command_log_show(const struct options *options)
{
	OWNED(struct office, office, office_free) = NULL;
	enum ending end = office_open(options, NEED_ALL, &office);
	OWNED_BUF(head) = {0};
	enum err e;

	if (end != END_DONE)
		return end;
	e = log_head_note(office->spool, &head);
	if (e != E_OK)
		return fail(e, "nothing was changed", "daftar sync",
			"this office has not seen the exchange's log yet");
	if (say_in_json())
		say_json(json_pack("{s:s%,s:b}", "note", (const char *)head.data, head.size,
			"forked", log_forks(office->spool) > 0));
	else
		say("%.*s", (int)head.size, (const char *)head.data);
	return END_DONE;
}

enum ending
command_log_acknowledge(const struct options *options)
{
	OWNED(struct office, office, office_free) = NULL;
	enum ending end = office_open(options, NEED_ALL, &office);
	enum err e;

	if (end != END_DONE)
		return end;
	e = log_acknowledge(office->spool);
	if (e != E_OK)
		return fail(e, "nothing was changed", "daftar doctor",
			"no heads of the exchange's log wait for a look");
	note("The heads are kept, and what waited goes on. Next: daftar sync\n");
	return END_DONE;
}
