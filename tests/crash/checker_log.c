/* SPDX-License-Identifier: EUPL-1.2
 *
 * The log, put together again from nothing but the receipts: each has its leaf and its place. The
 * tree is then built by RFC 9162 section 2.1 as it stands there, with no code of the exchange, and
 * every checkpoint that any receipt carries must be the root that this tree had at that size: then
 * all of them are of one log, which only ever grew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "tests/crash/checker.h"

struct note {
	uint64_t size;
	uint8_t root[32];
};

static struct {
	uint8_t (*leaf)[32];
	bool *there;
	uint64_t room;
	struct note *note;
	size_t n, notes_room;
} l;

static void
hash(uint8_t first, const void *a, size_t a_size, const void *b, size_t b_size, uint8_t out[32])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	if (c == NULL || EVP_DigestInit_ex(c, EVP_sha256(), NULL) != 1 ||
		EVP_DigestUpdate(c, &first, 1) != 1 || EVP_DigestUpdate(c, a, a_size) != 1 ||
		EVP_DigestUpdate(c, b, b_size) != 1 || EVP_DigestFinal_ex(c, out, NULL) != 1)
		die("checker: SHA-256");
	EVP_MD_CTX_free(c);
}

static void
add_leaf(uint64_t index, const uint8_t leaf[32])
{
	if (index >= l.room) {
		uint64_t room = index * 2 + 1024;

		l.leaf = xrealloc(l.leaf, room * sizeof *l.leaf);
		l.there = xrealloc(l.there, room * sizeof *l.there);
		memset(l.there + l.room, 0, room - l.room);
		l.room = room;
	}
	if (l.there[index])
		fault(UNPROVED, "two receipts for place %llu of the log",
			(unsigned long long)index);
	l.there[index] = true;
	memcpy(l.leaf[index], leaf, 32);
}

static void
add_note(const char *note)
{
	char line[64] = "";
	size_t size = 32;
	struct note n;
	unsigned long long tree;

	if (sscanf(note, "%*[^\n]\n%llu\n%63s\n", &tree, line) != 2 ||
		!base64_decode(line, strlen(line), n.root, &size) || size != 32) {
		fault(UNPROVED, "a checkpoint that is none");
		return;
	}
	n.size = tree;
	if (l.n == l.notes_room) {
		l.notes_room = l.notes_room * 2 + 64;
		l.note = xrealloc(l.note, l.notes_room * sizeof *l.note);
	}
	l.note[l.n++] = n;
}

void
log_receipt(struct bytes receipt, const struct receipt *r)
{
	const char *text = (const char *)receipt.data;
	const char *from = strstr(text, "<e:Statement"), *to = strstr(text, "</e:Statement>");
	const char *note = strstr(text, "<e:Checkpoint>");
	uint8_t leaf[32];

	if (from == NULL || to == NULL || note == NULL) {
		fault(UNPROVED, "a receipt without its parts");
		return;
	}
	hash(0, from, (size_t)(to - from) + strlen("</e:Statement>"), "", 0, leaf);
	add_leaf(r->index, leaf);
	add_note(note + strlen("<e:Checkpoint>"));
}

static int
by_size(const void *a, const void *b)
{
	const struct note *x = a, *y = b;

	return x->size < y->size ? -1 : x->size > y->size;
}

/* The tree of the first `size' leaves, given as its complete subtrees from left to right. */
struct peaks {
	uint8_t hash[64][32];
	unsigned level[64];
	size_t n;
};

static void
grow(struct peaks *p, const uint8_t leaf[32])
{
	memcpy(p->hash[p->n], leaf, 32);
	p->level[p->n++] = 0;
	while (p->n > 1 && p->level[p->n - 1] == p->level[p->n - 2]) {
		hash(1, p->hash[p->n - 2], 32, p->hash[p->n - 1], 32, p->hash[p->n - 2]);
		p->level[p->n - 2]++;
		p->n--;
	}
}

static void
root_of(const struct peaks *p, uint8_t out[32])
{
	memcpy(out, p->hash[p->n - 1], 32);
	for (size_t i = p->n - 1; i-- > 0;)
		hash(1, p->hash[i], 32, out, 32, out);
}

void
log_judge(uint64_t size, size_t *checkpoints)
{
	struct peaks p = {.n = 0};
	uint8_t root[32];
	size_t at = 0;

	*checkpoints = 0;
	qsort(l.note, l.n, sizeof *l.note, by_size);
	for (uint64_t i = 0; i < size; i++) {
		if (i >= l.room || !l.there[i]) {
			fault(UNPROVED, "no receipt for place %llu of the log",
				(unsigned long long)i);
			return;
		}
		grow(&p, l.leaf[i]);
		if (at < l.n && l.note[at].size == i + 1) {
			root_of(&p, root);
			++*checkpoints;
		}
		for (; at < l.n && l.note[at].size == i + 1; at++)
			if (memcmp(root, l.note[at].root, 32) != 0)
				fault(UNPROVED, "checkpoint of size %llu is of another log",
					(unsigned long long)(i + 1));
	}
	if (at < l.n)
		fault(UNPROVED, "a checkpoint of more leaves than the log has");
}
