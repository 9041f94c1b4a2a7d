/* SPDX-License-Identifier: EUPL-1.2
 *
 * Looking after the spool: bodies of what has ended are dropped each hour, what was
 * deleted is overwritten each minute, everything is read
 * against its MAC once a day and when the adapter starts; and the commands `backup' and `scrub',
 * which work beside a running adapter. They read in a process of its own, so that a file that is
 * damaged badly enough to end it is still told about in a sentence. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/commands.h"
#include "adapters/daemon.h"
#include "lib/log.h"

#define MINUTE_S 60
#define HOUR_MS INT64_C(3600000)
#define DAY_MS INT64_C(86400000)

/* ---- in the daemon ---- */

static void
scrub(struct daemon *d)
{
	struct spool_scrub found;

	d->scrubbed = monotonic_now();
	if (spool_scrub(d->spool, &found) == E_OK)
		return;
	log_line(LOG_ERROR,
		"the spool is damaged: %s; what is damaged is not used, bring back a "
		"backup",
		found.first);
}

/* What was deleted meanwhile (a case that was withdrawn) leaves the file. */
static enum err
sweep(struct daemon *d)
{
	if (monotonic_now() - d->swept < HOUR_MS)
		return spool_wipe(d->spool);
	d->swept = monotonic_now();
	return spool_sweep(d->spool, instant_now());
}

static void
on_minute(evutil_socket_t fd, short what, void *context)
{
	struct daemon *d = context;
	enum err e = sweep(d);

	(void)fd;
	(void)what;
	if (e != E_OK)
		log_line(LOG_ERROR, "the spool cannot be swept code=%s", err_word(e));
	if (monotonic_now() - d->scrubbed >= DAY_MS)
		scrub(d);
}

enum err
start_keeping(struct daemon *d)
{
	static const struct timeval minute = {MINUTE_S, 0};

	if (spool_is_restored(d->spool))
		log_line(LOG_NOTICE,
			"the spool was brought back from a backup; it is compared with "
			"the exchange");
	scrub(d);
	TRY(spool_sweep(d->spool, instant_now()));
	d->swept = monotonic_now();
	d->keeping = event_new(d->base, -1, EV_PERSIST, on_minute, d);
	return d->keeping != NULL && event_add(d->keeping, &minute) == 0 ? E_OK : E_IO;
}

/* ---- the commands ---- */

struct task {
	const struct command_line *line;
	enum err (*work)(struct spool *s, const struct task *t, struct spool_scrub *found);
	const char *folder;
	size_t map_size; /* 0: as it is */
};

static enum err
work_scrub(struct spool *s, const struct task *t, struct spool_scrub *found)
{
	(void)t;
	return spool_scrub(s, found);
}

static enum err
work_backup(struct spool *s, const struct task *t, struct spool_scrub *found)
{
	return spool_backup(s, t->line->id, found);
}

static void
say(const struct task *t, enum err e, const struct spool_scrub *found)
{
	json_t *o;

	if (t->line->value[OPT_JSON] != NULL) {
		o = json_pack("{s:s,s:I,s:I,s:s}", "code", err_word(e), "records",
			(json_int_t)found->records, "damaged", (json_int_t)found->damaged,
			"finding", found->first);
		json_dumpf(o, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
		putchar('\n');
		json_decref(o);
	} else if (e == E_OK) {
		printf("%llu records, all as they were written\n",
			(unsigned long long)found->records);
	} else {
		fprintf(stderr, "daftar-adapter: %s (%s)%s%s\n", err_sentence(e), err_word(e),
			found->first[0] != '\0' ? ": " : "", found->first);
	}
}

static enum err
run_here(const struct task *t)
{
	OWNED(struct spool, s, spool_close) = NULL;
	OWNED(char, data, free_chars) = xprintf("%s/data.mdb", t->folder);
	struct spool_scrub found = {.records = 0};
	enum err e = E_NOT_FOUND; /* and none is made to have one to look at */

	log_open("daftar-adapter", LOG_WARNING);
	if (access(data, F_OK) == 0)
		e = spool_open(t->folder, t->map_size, &s);
	if (e == E_OK)
		e = t->work(s, t, &found);
	say(t, e, &found);
	return e;
}

static int
run_apart(const struct task *t)
{
	struct spool_scrub broken = {.damaged = 1, .first = "reading it ended the process"};
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("cannot start a process");
	if (pid == 0) {
		enum err e = run_here(t);

		fflush(NULL);
		_exit(exit_status(e));
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("lost a process");
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	say(t, E_DAMAGED, &broken);
	return exit_status(E_DAMAGED);
}

int
scrub_run(const struct command_line *line, const struct conf *c)
{
	struct task t = {.line = line, .work = work_scrub};

	t.folder = line->id != NULL ? line->id : conf_text(c, "spool");
	t.map_size = line->id != NULL ? 1 : 0; /* a backup takes no more room than it has */
	return run_apart(&t);
}

int
backup_run(const struct command_line *line, const struct conf *c)
{
	struct task t = {.line = line, .work = work_backup};

	t.folder = conf_text(c, "spool");
	return run_apart(&t);
}

int
takeover_run(const struct command_line *line, const struct conf *c)
{
	OWNED(struct spool, s, spool_close) = NULL;
	OWNED(char, data, free_chars) = xprintf("%s/data.mdb", conf_text(c, "spool"));
	enum err e = E_NOT_FOUND;

	log_open("daftar-adapter", LOG_WARNING);
	if (access(data, F_OK) == 0)
		e = spool_open(conf_text(c, "spool"), 0, &s);
	if (e == E_OK)
		e = spool_take_over(s, instant_now());
	if (e == E_OK && line->value[OPT_UNCOMPARED] != NULL)
		e = spool_set_reconciled(s);
	if (e == E_OK)
		printf("this spool speaks for the party from now on; start the adapter\n");
	else
		fprintf(stderr, "daftar-adapter: %s (%s)\n", err_sentence(e), err_word(e));
	return exit_status(e);
}
