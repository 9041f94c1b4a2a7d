/* SPDX-License-Identifier: EUPL-1.2
 *
 * Work on the whole store that must not keep the loop waiting: the scrub, at start and each day,
 * and backups. A child of the daemon does it, over a look at the store of its own, inside the same
 * walls, and says at its end what it found. One at a time. */
#include "broker/daftard.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/control_json.h"
#include "lib/log.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))
#define MINUTE_MS (60 * INT64_C(1000))
#define WIPE_BUSY ((size_t)128 << 10)
#define WIPE_IDLE ((size_t)2 << 20)

/* ---- in the child ---- */

/* Nothing of the parent's is used any more, and nothing of it is kept open. */
static void
leave_parent(int pipe, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(EXIT_FAILURE);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGHUP, SIG_IGN);
	(void)close_range(3, (unsigned)pipe - 1, 0);
	(void)close_range((unsigned)pipe + 1, ~0u, 0);
	(void)setpriority(PRIO_PROCESS, 0, 10);
}

static void NORETURN
do_work(const struct work *w, struct store *store, int pipe, pid_t parent)
{
	struct work_result r = {.code = E_OK};
	struct store *copy = NULL;

	leave_parent(pipe, parent);
	r.code = store_open_beside(store, &copy);
	if (r.code == E_OK)
		r.code = w->directory != NULL ? store_backup(copy, w->directory, &r.scrub)
					      : store_scrub(copy, &r.scrub);
	_exit(write(pipe, &r, sizeof r) == sizeof r ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* ---- in the parent ---- */

static const char *
word_of(const struct work *w)
{
	return w->directory != NULL ? "backup" : "scrub";
}

/* A child that ended without a word was stopped by what it read. */
static void
finish(struct work *w)
{
	bool told = w->got == sizeof w->result;
	int status;

	event_free(w->event);
	w->event = NULL;
	close_fd(&w->pipe);
	(void)waitpid(w->pid, &status, 0);
	w->pid = 0;
	w->at = instant_now();
	if (!told)
		w->result = (struct work_result){.code = E_DAMAGED,
			.scrub = {.damaged = 1, .first = "it could not be read to its end"}};
	w->result.scrub.first[sizeof w->result.scrub.first - 1] = '\0';
	log_line(w->result.code == E_OK ? LOG_NOTICE : LOG_ERROR,
		"%s%s code=%s records=%llu damaged=%llu%s%s",
		w->result.code == E_DAMAGED ? "alarm: " : "", word_of(w), err_word(w->result.code),
		(unsigned long long)w->result.scrub.records,
		(unsigned long long)w->result.scrub.damaged,
		w->result.scrub.first[0] != '\0' ? " first=" : "", w->result.scrub.first);
	free_chars(&w->directory);
	w->directory = NULL;
}

static void
on_result(evutil_socket_t fd, short what, void *context)
{
	struct work *w = context;
	ssize_t n = read(fd, (uint8_t *)&w->result + w->got, sizeof w->result - w->got);

	(void)what;
	if (n > 0)
		w->got += (size_t)n;
	if (n <= 0 || w->got == sizeof w->result)
		finish(w);
}

static enum err
begin(struct daftard *d, struct work *w, char *directory)
{
	pid_t parent = getpid();
	int ends[2];

	if (w->pid != 0 || pipe2(ends, O_CLOEXEC) != 0) {
		free(directory);
		return E_LOCKED;
	}
	w->directory = directory;
	w->got = 0;
	w->pid = fork();
	if (w->pid == 0)
		do_work(w, d->store, ends[1], parent);
	close(ends[1]);
	w->pipe = ends[0];
	w->event = event_new(d->base, w->pipe, EV_READ | EV_PERSIST, on_result, w);
	if (w->pid < 0 || w->event == NULL || event_add(w->event, NULL) != 0)
		die("a child for the %s cannot be started", word_of(w));
	return E_OK;
}

enum err
work_scrub(struct daftard *d)
{
	d->next_scrub = monotonic_now() + DAY_MS;
	return begin(d, &d->scrub, NULL);
}

enum err
work_backup(struct daftard *d, const char *name)
{
	static const char fit[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	const char *folder = conf_text(d->conf, "backup-dir");

	if (folder == NULL)
		return E_CONFIG;
	if (name == NULL || name[0] == '.' || name[0] == '\0' || strlen(name) > 64 ||
		strspn(name, fit) != strlen(name))
		return E_USAGE;
	return begin(d, &d->backup, xprintf("%s/%s", folder, name));
}

/* A little each tick, since the next commit has to wait until it is on disk, and more when nothing
 * else is to be done. */
static void
wipe(struct daftard *d)
{
	uint64_t commits = store_commits(d->store);
	bool idle = commits == d->commits;

	group_end(d);
	(void)store_wipe(d->store, idle ? WIPE_IDLE : WIPE_BUSY, idle);
	d->commits = store_commits(d->store);
}

void
work_tick(struct daftard *d)
{
	int64_t now = monotonic_now();

	wipe(d);
	if (now >= d->next_scrub)
		(void)!work_scrub(d);
	if (now < d->next_sweep)
		return;
	d->next_sweep = now + MINUTE_MS;
	certs_tick(d);
	store_forget_readers(d->store);
}

static void
stop(struct work *w)
{
	if (w->event == NULL)
		return;
	(void)kill(w->pid, SIGKILL);
	(void)waitpid(w->pid, NULL, 0);
	event_free(w->event);
	close_fd(&w->pipe);
	free_chars(&w->directory);
	*w = (struct work){.pid = 0};
}

void
work_stop(struct daftard *d)
{
	stop(&d->scrub);
	stop(&d->backup);
}

/* ---- what is told ---- */

json_t *
work_json(const struct work *w)
{
	json_t *o = json_object();

	json_put(o, "running", json_boolean(w->pid != 0));
	if (w->at == 0)
		return o;
	json_put(o, "at", json_instant(w->at));
	json_put_text(o, "code", err_word(w->result.code));
	json_put_number(o, "records", w->result.scrub.records);
	json_put_number(o, "damaged", w->result.scrub.damaged);
	json_put_text(o, "first", w->result.scrub.first);
	return o;
}

static enum err
show(const struct work *w, json_t **data)
{
	*data = work_json(w);
	return E_OK;
}

/* Asked again while it runs, it is the same scrub. */
enum err
verb_scrub_run(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;

	(void)args;
	if (d->scrub.pid == 0)
		TRY(work_scrub(d));
	return show(&d->scrub, data);
}

enum err
verb_scrub_show(void *context, const json_t *args, json_t **data)
{
	const struct daftard *d = context;

	(void)args;
	return show(&d->scrub, data);
}

enum err
verb_backup_run(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;

	TRY(work_backup(d, json_string_value(json_object_get(args, "name"))));
	return show(&d->backup, data);
}

enum err
verb_backup_show(void *context, const json_t *args, json_t **data)
{
	const struct daftard *d = context;

	(void)args;
	return show(&d->backup, data);
}
