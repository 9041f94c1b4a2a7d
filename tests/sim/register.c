/* SPDX-License-Identifier: EUPL-1.2
 *
 * A national register: rows that survive whatever happens to the adapter. Entering is one atomic
 * step that remembers the key; before it the process may die, after it the process may die or the
 * answer be lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/names.h"
#include "adapters/row.h"
#include "tests/sim/sim.h"

struct row_made {
	struct digest key;
	struct id message;
	struct made made;
};

struct register_copy {
	struct row_made *row;
	size_t n;
};

static struct register_copy registers[PLACES];
static uint64_t numbers;

void
registers_begin(void)
{
	for (enum seat p = 0; p < PLACES; p++) {
		free(registers[p].row);
		registers[p] = (struct register_copy){.n = 0};
	}
	numbers = 0;
}

struct register_copy *
register_hold(enum seat p)
{
	struct register_copy *c = xmalloc(sizeof *c);

	c->n = registers[p].n;
	c->row = xmalloc((c->n + 1) * sizeof *c->row);
	if (c->n > 0)
		memcpy(c->row, registers[p].row, c->n * sizeof *c->row);
	return c;
}

void
register_drop(struct register_copy **copy)
{
	free((*copy)->row);
	free(TAKE(*copy));
}

void
register_put(enum seat p, struct register_copy **copy)
{
	free(registers[p].row);
	registers[p] = **copy;
	free(TAKE(*copy));
}

static struct row_made *
row_of(enum seat p, const struct digest *key)
{
	for (size_t i = 0; i < registers[p].n; i++)
		if (digest_equal(&registers[p].row[i].key, key))
			return &registers[p].row[i];
	return NULL;
}

size_t
register_entries(enum seat p, const struct digest *key, struct id *message)
{
	size_t n = 0;

	for (size_t i = 0; i < registers[p].n; i++)
		if (digest_equal(&registers[p].row[i].key, key)) {
			*message = registers[p].row[i].message;
			n++;
		}
	return n;
}

size_t
register_size(enum seat p)
{
	return registers[p].n;
}

static enum err
not_now(void)
{
	if (strikes(F_REGISTER_LOCKED))
		return E_LOCKED;
	return strikes(F_REGISTER_AWAY) ? E_REGISTER : E_OK;
}

static enum err
find(struct driver *d, const struct locator *l, struct extract **out)
{
	struct row r = {
		.name = {"entry_number", "office", "registered_on", "child_name", "child_given",
			"sex", "birth_date", "birth_place", "birth_country", "mother_name",
			"mother_nationality"},
		.value = {l->entry_number, "Westlands", "2024-02-20", "Hodan Abdi", "Hodan", "F",
			"2024-03-09", "Nairobi", "KE", "Asha Nuur", "SO"},
		.n = 11,
	};

	(void)d;
	TRY(not_now());
	if (l->entry_number[0] == 'X')
		return E_RECORD_NOT_FOUND;
	return row_extract(&r, out);
}

static enum err
lookup(struct driver *d, const struct digest *key, struct made *made)
{
	const struct row_made *r;

	(void)d;
	TRY(not_now());
	r = row_of(acting->place, key);
	if (r == NULL)
		return E_NOT_FOUND;
	*made = r->made;
	return E_OK;
}

static void
add_row(enum seat p, const struct digest *key, const struct civil_act *act, struct made *made)
{
	struct register_copy *c = &registers[p];
	char number[32];

	snprintf(number, sizeof number, "N-%llu", (unsigned long long)++numbers);
	made_fill(made, number, "2026-11-24", name_full(&act->extract->name));
	c->row = xrealloc(c->row, (c->n + 1) * sizeof *c->row);
	c->row[c->n++] = (struct row_made){*key, act->message, *made};
	saw_entry(p, key, &act->message);
}

static enum err
enter(struct driver *d, const struct digest *key, const struct civil_act *act, struct made *made)
{
	const struct row_made *r;

	(void)d;
	TRY(not_now());
	strikes_dead(F_ENTRY_BEFORE);
	r = row_of(acting->place, key);
	if (r != NULL) {
		*made = r->made;
		return E_ALREADY;
	}
	add_row(acting->place, key, act, made);
	strikes_dead(F_ENTRY_AFTER);
	return strikes(F_ANSWER_LOST) ? E_REGISTER : E_OK;
}

static enum err
count(struct driver *d, uint64_t *all, uint64_t *ours)
{
	(void)d;
	*all = *ours = registers[acting->place].n;
	return E_OK;
}

static enum err
list(struct driver *d, driver_visit *each, void *context)
{
	const struct register_copy *c = &registers[acting->place];

	(void)d;
	TRY(not_now());
	for (size_t i = 0; i < c->n; i++)
		each(context, &c->row[i].key, &c->row[i].made, &c->row[i].message);
	return E_OK;
}

const struct driver_kind register_kind = {.name = "memory",
	.find = find,
	.lookup = lookup,
	.enter = enter,
	.count = count,
	.list = list};
