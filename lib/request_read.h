/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading an officer's file (JSON), for request_json.c alone. Everything that is wrong is said at
 * once, a line each, by the path of its key, in words that tell what to write; never a value: the
 * file is about a child, and a terminal, a log or a ticket is not where its particulars belong
 * (P10). Keys that are not known are refused, for a misspelt one would be left out silently
 * otherwise. */
#ifndef DAFTAR_REQUEST_READ_H
#define DAFTAR_REQUEST_READ_H

#include <jansson.h>

#include "lib/record_part.h"

#define PATH_SIZE 128
#define PROBLEMS_MAX 100

struct reading {
	struct arena *arena;
	struct buf *problems;
	size_t n_problems;
	char path[PATH_SIZE]; /* of the object that is being read: "consent[2]" */
};

/* A line "path.key: what"; `key' "" for the object itself. */
void read_problem(struct reading *in, const char *key, const char *what);
/* One level down, `index' -1 for a key that is no list; gives the length for read_leave(). */
size_t read_enter(struct reading *in, const char *key, int index);
void read_leave(struct reading *in, size_t before);

/* A problem for every key of the object that is not among `keys' (NULL at the end). */
void read_only(struct reading *in, json_t *object, const char *const *keys);
/* Texts as the table describes them, copied into the arena; NULL for what is not there or wrong. */
void read_fields(struct reading *in, json_t *object, const struct field *f, size_t n, void *into);
/* An object, a list of `min' to `max' members, a member that is an object. NULL when it is not
 * there, and after a problem. */
json_t *read_object(struct reading *in, json_t *parent, const char *key, bool needed);
json_t *read_list(struct reading *in, json_t *parent, const char *key, size_t min, size_t max);
json_t *read_member(struct reading *in, json_t *list, size_t i);
/* A statement that has to have been made. */
bool read_true(struct reading *in, json_t *object, const char *key);

void read_name(struct reading *in, json_t *object, const char *key, struct name *into);
struct record_date *read_date(struct reading *in, json_t *parent, const char *key);
struct place *read_place(struct reading *in, json_t *parent, const char *key);

#endif
