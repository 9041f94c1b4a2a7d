/* SPDX-License-Identifier: EUPL-1.2
 *
 * The books about ourselves: what was changed, by whom and why, page by page; and whether what the
 * store says of it is what the log says, which every party has a head of. */
#include <stdlib.h>
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"

#define LIST_USUAL 50
#define LOOKS_MOST 5000	 /* at one call of the list */
#define VERIFY_MOST 2000 /* changes, at one call */
#define PAGE 64

struct filter {
	const char *kind, *by;
	size_t limit;
};

static bool
fits(const struct change *c, const struct filter *f)
{
	return (f->kind == NULL || strcmp(f->kind, change_kind_word(c->kind)) == 0) &&
	       (f->by == NULL || strcmp(f->by, c->by) == 0 || strcmp(f->by, c->second) == 0);
}

static void
free_changes(struct change **list)
{
	free(*list);
	*list = NULL;
}

/* The number before which the next page begins; 0: this was the last. */
static uint64_t
list_changes(struct daftard *d, uint64_t before, const struct filter *f, json_t *rows)
{
	OWNED(struct change, page, free_changes) = xcalloc(PAGE, sizeof *page);
	size_t looked = 0, n;

	while (looked < LOOKS_MOST && (n = store_changes(d->store, before, page, PAGE)) > 0) {
		for (size_t i = 0; i < n; i++) {
			if (json_array_size(rows) == f->limit)
				return before;
			before = page[i].number;
			if (fits(&page[i], f))
				json_add(rows, change_json(&page[i]));
		}
		looked += n;
		if (before <= 1)
			return 0;
	}
	return looked < LOOKS_MOST ? 0 : before;
}

enum err
verb_audit_list(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	json_int_t limit = json_integer_value(json_object_get(args, "limit"));
	json_int_t before = json_integer_value(json_object_get(args, "before"));
	const struct filter f = {json_string_value(json_object_get(args, "kind")),
		json_string_value(json_object_get(args, "by")),
		limit > 0 ? (size_t)limit : LIST_USUAL};
	json_t *rows = json_array();
	uint64_t next;

	group_end(d);
	next = list_changes(d, (uint64_t)before, &f, rows);
	*data = json_object();
	json_put(*data, "changes", rows);
	json_put(*data, "next", next > 0 ? json_integer((json_int_t)next) : json_null());
	return E_OK;
}

static json_t *
numbers_json(const struct audit *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->n_bad && i < ARRAY_LEN(a->bad); i++)
		json_add(list, json_integer((json_int_t)a->bad[i]));
	return list;
}

enum err
verb_audit_verify(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	json_int_t after = json_integer_value(json_object_get(args, "after"));
	struct digest root;
	struct audit a;

	group_end(d);
	store_audit(d->store, (uint64_t)after, VERIFY_MOST, &a);
	TRY(store_log_root(d->store, store_log_size(d->store), &root));
	*data = json_object();
	json_put_number(*data, "checked", a.checked);
	json_put_number(*data, "bad", a.n_bad);
	json_put(*data, "numbers", numbers_json(&a));
	json_put_number(*data, "without_leaf", a.before_leaves);
	json_put_number(*data, "log_size", store_log_size(d->store));
	json_put_digest(*data, "head", &root);
	json_put(*data, "next", a.more ? json_integer((json_int_t)a.last) : json_null());
	return E_OK;
}
