/* SPDX-License-Identifier: EUPL-1.2
 *
 * Officers by name and by number. */
#include "broker/officers.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"

static const struct {
	const char *setting;
	unsigned roles;
} lists[] = {
	{"officers", CONTROL_LOOKS},
	{"viewers", CONTROL_VIEWER},
	{"operators", CONTROL_OPERATOR},
	{"auditors", CONTROL_AUDITOR},
};

static struct control_person *
add(struct officers *o, uid_t uid, const char *name, unsigned roles)
{
	struct control_person *p;

	o->list = xrealloc(o->list, (o->known + 1) * sizeof *o->list);
	p = &o->list[o->known++];
	*p = (struct control_person){.uid = uid, .roles = roles};
	if (!act_text_is_fit(name) || !copy_text(p->name, sizeof p->name, name))
		snprintf(p->name, sizeof p->name, "uid %u", (unsigned)uid);
	return p;
}

static struct control_person *
find(const struct officers *o, uid_t uid, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (o->list[i].uid == uid)
			return &o->list[i];
	return NULL;
}

static enum err
complain(FILE *said, const char *setting, const char *name, const char *what)
{
	fprintf(said, "daftard: %s: `%s' %s; name users of this system, each once [%s]\n", setting,
		name, what, err_word(E_CONFIG));
	return E_CONFIG;
}

/* Who is in several lists has the roles of all; an officer has them already. */
static enum err
add_person(struct officers *o, size_t list, const char *name, struct config_reader *r, FILE *said)
{
	struct control_person *p;
	uid_t uid;

	if (!config_reader_user(r, name, &uid))
		return complain(said, lists[list].setting, name, "is no user of this system");
	p = find(o, uid, o->known);
	if (p != NULL && (p->roles & lists[list].roles) == lists[list].roles &&
		(list == 0 || p->roles != CONTROL_LOOKS))
		return complain(said, lists[list].setting, name, "is named twice");
	if (p != NULL)
		p->roles |= lists[list].roles;
	else
		add(o, uid, name, lists[list].roles);
	return E_OK;
}

static enum err
add_list(struct officers *o, size_t list, const struct conf *conf, struct config_reader *r,
	FILE *said)
{
	const char *const *names;
	size_t n = conf_list(conf, lists[list].setting, &names);

	for (size_t i = 0; i < n; i++)
		TRY(add_person(o, list, names[i], r, said));
	return E_OK;
}

/* It looks by itself; whatever else it does, it does for a person. */
static enum err
add_dashboard(struct officers *o, const struct conf *conf, struct config_reader *r, FILE *said)
{
	const char *name = conf_text(conf, "dashboard-user");
	uid_t uid;

	if (name == NULL)
		return E_OK;
	if (!config_reader_user(r, name, &uid))
		return complain(said, "dashboard-user", name, "is no user of this system");
	if (find(o, uid, o->known) != NULL)
		return complain(said, "dashboard-user", name, "is a person of another list");
	add(o, uid, name, CONTROL_VIEWER)->speaks = true;
	return E_OK;
}

/* NAME.pub, for each person who has one. */
static enum err
add_key(struct officers *o, size_t person, struct config_reader *r, FILE *said)
{
	struct officer_key k = {.person = person};
	OWNED_BUF(text) = {0};
	char *z85;

	if (config_reader_key(r, o->list[person].name, &text) != E_OK)
		return E_OK;
	z85 = (char *)text.data;
	z85[strcspn(z85, " \t\r\n")] = '\0';
	if (!curve_parse(z85, k.key))
		return complain(
			said, "officer-keys", o->list[person].name, "has no CURVE key in his file");
	for (size_t i = 0; i < o->n_keys; i++)
		if (memcmp(o->keys[i].key, k.key, CURVE_KEY_SIZE) == 0)
			return complain(said, "officer-keys", o->list[person].name,
				"has another one's key");
	o->keys = xrealloc(o->keys, (o->n_keys + 1) * sizeof *o->keys);
	o->keys[o->n_keys++] = k;
	return E_OK;
}

static enum err
add_keys(struct officers *o, const struct conf *conf, struct config_reader *r, FILE *said)
{
	if (conf_text(conf, "officer-keys") == NULL)
		return E_OK;
	for (size_t i = 0; i < o->persons; i++)
		if (!o->list[i].speaks)
			TRY(add_key(o, i, r, said));
	return E_OK;
}

static void
add_own_user(struct officers *o, struct config_reader *r)
{
	char name[OFFICER_SIZE];

	add(o, 0, "root", 0);
	if (config_reader_name(r, geteuid(), name, sizeof name))
		add(o, geteuid(), name, 0);
}

static enum err
load(struct officers *o, const struct conf *conf, struct config_reader *r, FILE *said)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		TRY(add_list(o, i, conf, r, said));
		if (i == 0)
			o->n = o->known;
	}
	TRY(add_dashboard(o, conf, r, said));
	o->persons = o->known;
	return add_keys(o, conf, r, said);
}

enum err
officers_load(struct officers *o, const struct conf *conf, struct config_reader *r, FILE *said)
{
	enum err e = load(o, conf, r, said);

	if (e != E_OK) {
		officers_free(o);
		return e;
	}
	add_own_user(o, r);
	if (!officers_are_two(o))
		log_line(LOG_WARNING, "fewer than two officers are named: what needs two persons "
				      "is done at once by one");
	return E_OK;
}

enum err
officers_admit(const struct officers *o, struct control_server *control)
{
	return control_admit(control, o->list, o->persons);
}

void
officers_free(struct officers *o)
{
	free(o->list);
	free(o->keys);
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
	return find(o, uid, o->n) != NULL;
}

void
officers_name(const struct officers *o, uid_t uid, char out[OFFICER_SIZE])
{
	const struct control_person *p = find(o, uid, o->known);

	if (p != NULL)
		memcpy(out, p->name, OFFICER_SIZE);
	else
		snprintf(out, OFFICER_SIZE, "uid %u", (unsigned)uid);
}
