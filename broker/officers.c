/* SPDX-License-Identifier: EUPL-1.2
 *
 * Officers by name and by number. */
#include "broker/officers.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"

static void
add(struct officers *o, uid_t uid, const char *name)
{
	o->list = xrealloc(o->list, (o->known + 1) * sizeof *o->list);
	o->list[o->known].uid = uid;
	if (!copy_text(o->list[o->known].name, OFFICER_SIZE, name))
		snprintf(o->list[o->known].name, OFFICER_SIZE, "uid %u", (unsigned)uid);
	o->known++;
}

static enum err
complain(const char *name, const char *what)
{
	fprintf(stderr, "daftard: officers: `%s' %s; name users of this system, each once [%s]\n",
		name, what, err_word(E_CONFIG));
	return E_CONFIG;
}

static enum err
add_officer(struct officers *o, const char *name)
{
	const struct passwd *user = getpwnam(name);

	if (user == NULL)
		return complain(name, "is no user of this system");
	if (officers_have(o, user->pw_uid))
		return complain(name, "is named twice");
	add(o, user->pw_uid, name);
	o->n++;
	return E_OK;
}

static void
add_own_user(struct officers *o)
{
	const struct passwd *user = getpwuid(geteuid());

	if (user != NULL)
		add(o, user->pw_uid, user->pw_name);
}

enum err
officers_load(struct officers *o, const struct conf *conf)
{
	const char *const *names;
	size_t n = conf_list(conf, "officers", &names);

	for (size_t i = 0; i < n; i++)
		TRY(add_officer(o, names[i]));
	add(o, 0, "root");
	add_own_user(o);
	if (!officers_are_two(o))
		log_line(LOG_WARNING, "fewer than two officers are named: what needs two persons "
				      "is done at once by one");
	return E_OK;
}

/* Every officer has every role. */
enum err
officers_admit(const struct officers *o, struct control_server *control)
{
	struct control_person *list = xcalloc(o->known + 1, sizeof *list);
	enum err e;

	for (size_t i = 0; i < o->n; i++) {
		list[i].uid = o->list[i].uid;
		list[i].roles = CONTROL_LOOKS;
		memcpy(list[i].name, o->list[i].name, OFFICER_SIZE);
	}
	e = control_admit(control, list, o->n);
	free(list);
	return e;
}

void
officers_free(struct officers *o)
{
	free(o->list);
	*o = (struct officers){.n = 0};
}

bool
officers_are_two(const struct officers *o)
{
	return o->n >= 2;
}

bool
officers_have(const struct officers *o, uid_t uid)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->list[i].uid == uid)
			return true;
	return false;
}

void
officers_name(const struct officers *o, uid_t uid, char out[OFFICER_SIZE])
{
	for (size_t i = 0; i < o->known; i++)
		if (o->list[i].uid == uid) {
			memcpy(out, o->list[i].name, OFFICER_SIZE);
			return;
		}
	snprintf(out, OFFICER_SIZE, "uid %u", (unsigned)uid);
}
