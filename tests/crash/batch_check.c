/* SPDX-License-Identifier: EUPL-1.2
 *
 * Is every row of a batch in the outbox, once and whole? Opens each message as its addressee would
 * and looks for the number of the entry, which the rows count up from 1:
 *
 *	batch_check SPOOL ADDRESSEE ROWS	ADDRESSEE is a folder with encrypt.key and
 *encrypt.pem
 *
 * The last line is filed=.. distinct=.. cases=.. doubled=.. missing=.. broken=..; status 0 when
 *each of the rows is there once, and every message has a case of its own. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/child.h"
#include "lib/message.h"
#include "lib/record.h"
#include "lib/spool.h"
#include "lib/xml.h"

struct check {
	struct spool *s;
	struct identity *who;
	struct id *id; /* of each entry of the outbox */
	size_t n, room;
	unsigned char *seen; /* of each row */
	size_t rows, doubled, broken, cases;
};

static bool
collect(void *context, const struct out_entry *e)
{
	struct check *c = context;

	if (c->n == c->room) {
		c->room = c->room == 0 ? 1024 : 2 * c->room;
		c->id = xrealloc(c->id, c->room * sizeof *c->id);
	}
	c->id[c->n++] = e->header.id;
	return true;
}

static bool
has_case(struct check *c, const struct id *conversation)
{
	OWNED(char, key, free_chars) = NULL;
	char number[TRACKING_SIZE];
	OWNED_BUF(value) = {0};

	tracking_of(conversation, number);
	key = xprintf("case/%s", number);
	return spool_fact(c->s, key, &value) == E_OK;
}

static void
look_at(struct check *c, const struct id *id)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED_BUF(message) = {0};
	OWNED_BUF(body) = {0};
	struct out_entry e;
	long row = 0;

	if (spool_out(c->s, id, &e, &message) == E_OK && has_case(c, &e.header.conversation))
		c->cases++;
	if (message_open(buf_bytes(&message), c->who, &body) == E_OK &&
		request_parse(buf_bytes(&body), &r) == E_OK && r->locator.entry_number != NULL)
		row = atol(r->locator.entry_number);
	if (row < 1 || (size_t)row > c->rows) {
		c->broken++;
		return;
	}
	c->doubled += c->seen[row - 1];
	c->seen[row - 1] = 1;
}

static struct identity *
identity_of(const char *folder)
{
	OWNED(char, key, free_chars) = xprintf("%s/encrypt.key", folder);
	OWNED(char, cert, free_chars) = xprintf("%s/encrypt.pem", folder);
	struct identity *who = NULL;

	if (identity_load(key, cert, &who) != E_OK)
		die("no keys in %s", folder);
	return who;
}

static void
open_xml(void)
{
	OWNED(char, schemas, free_chars) = schemas_find();

	xml_init();
	if (schemas == NULL || xml_load_schemas(schemas) != E_OK)
		die("no schemas");
}

int
main(int argc, char **argv)
{
	struct check c = {.rows = argc == 4 ? (size_t)atol(argv[3]) : 0};
	size_t distinct = 0;

	if (c.rows == 0)
		die("usage: batch_check SPOOL ADDRESSEE ROWS");
	open_xml();
	c.who = identity_of(argv[2]);
	c.seen = xcalloc(c.rows, 1);
	if (spool_open(argv[1], 0, &c.s) != E_OK || spool_each_out(c.s, collect, &c) != E_OK)
		die("the spool cannot be read");
	for (size_t i = 0; i < c.n; i++)
		look_at(&c, &c.id[i]);
	for (size_t i = 0; i < c.rows; i++)
		distinct += c.seen[i];
	printf("filed=%zu distinct=%zu cases=%zu doubled=%zu missing=%zu broken=%zu\n", c.n,
		distinct, c.cases, c.doubled, c.rows - distinct, c.broken);
	spool_close(&c.s);
	identity_free(&c.who);
	free(c.id);
	free(c.seen);
	return c.n == c.rows && distinct == c.rows && c.cases == c.rows ? 0 : 1;
}
