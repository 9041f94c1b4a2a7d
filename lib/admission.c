/* SPDX-License-Identifier: EUPL-1.2
 *
 * A sorted table of keys, each with its allowance, and a table of addresses of fixed size: an
 * address takes the place of whichever has the same hash. The hash is seeded, or an attacker could
 * choose an address that takes a given one's place; it would gain no more than the allowance that
 * every new address has. */
#include "lib/admission.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BAN_MS 60000
#define BAN_MOST_MS 3600000
#define DAY_MS 86400000
#define ADDRESSES 1024

/* What may be done at once, and how much of it comes back in a second. */
struct allowance {
	int64_t at;
	double left;
};
struct rate {
	double burst, per_second;
};
static const struct rate of_a_key = {20, 2}, of_an_address = {200, 100};

struct entry {
	uint8_t key[CURVE_KEY_SIZE];
	struct allowance connections;
	int64_t banned_until, ban;
};

struct neighbour {
	uint8_t network[ADDRESS_SIZE];
	bool used;
	struct allowance connections;
};

struct admission {
	struct entry *entry; /* sorted */
	size_t n;
	bool told;
	uint32_t seed;
	struct neighbour neighbour[ADDRESSES];
};

struct admission *
admission_new(void)
{
	struct admission *a = xcalloc(1, sizeof(*a));

	if (getrandom(&a->seed, sizeof(a->seed), 0) != (ssize_t)sizeof(a->seed))
		die("no random numbers");
	return a;
}

void
admission_free(struct admission **a)
{
	if (*a == NULL)
		return;
	free((*a)->entry);
	free(*a);
	*a = NULL;
}

static bool
spend(struct allowance *w, const struct rate *rate, int64_t now)
{
	w->left += (double)(now - w->at) / 1000 * rate->per_second;
	if (w->left > rate->burst)
		w->left = rate->burst;
	w->at = now;
	if (w->left < 1)
		return false;
	w->left -= 1;
	return true;
}

/* ---- keys ---- */

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, CURVE_KEY_SIZE);
}

static struct entry *
find(const struct admission *a, const uint8_t key[CURVE_KEY_SIZE])
{
	if (a->n == 0)
		return NULL;
	return bsearch(key, a->entry, a->n, sizeof(*a->entry), compare);
}

void
admission_set(struct admission *a, const uint8_t (*keys)[CURVE_KEY_SIZE], size_t n)
{
	struct entry *next = xcalloc(n + 1, sizeof(*next));

	for (size_t i = 0; i < n; i++) {
		const struct entry *known = find(a, keys[i]);

		if (known != NULL)
			next[i] = *known;
		memcpy(next[i].key, keys[i], CURVE_KEY_SIZE);
		if (known == NULL)
			next[i].connections.left = of_a_key.burst;
	}
	qsort(next, n, sizeof(*next), compare);
	free(a->entry);
	a->entry = next;
	a->n = n;
	a->told = true;
}

bool
admission_hears(const struct admission *a, const uint8_t key[CURVE_KEY_SIZE], int64_t now)
{
	const struct entry *e = find(a, key);

	return e != NULL && now >= e->banned_until;
}

enum admitted
admission_ask(struct admission *a, const uint8_t key[CURVE_KEY_SIZE], int64_t now)
{
	struct entry *e = find(a, key);

	if (!a->told)
		return ADMITTED_LATER;
	if (e == NULL)
		return ADMITTED_NO;
	if (now < e->banned_until || !spend(&e->connections, &of_a_key, now))
		return ADMITTED_LATER;
	return ADMITTED_YES;
}

int64_t
admission_ban(struct admission *a, const uint8_t key[CURVE_KEY_SIZE], int64_t now)
{
	struct entry *e = find(a, key);

	if (e == NULL)
		return 0;
	e->ban = e->ban == 0 || now - e->banned_until > DAY_MS ? BAN_MS : e->ban * 2;
	if (e->ban > BAN_MOST_MS)
		e->ban = BAN_MOST_MS;
	e->banned_until = now + e->ban;
	return e->ban;
}

/* ---- addresses ---- */

static void
network_of(const uint8_t address[ADDRESS_SIZE], uint8_t out[ADDRESS_SIZE])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	memcpy(out, address, ADDRESS_SIZE);
	if (memcmp(address, mapped, sizeof(mapped)) != 0)
		memset(out + ADDRESS_SIZE / 2, 0, ADDRESS_SIZE / 2);
}

/* FNV-1a, from a seed. */
static size_t
slot_of(const struct admission *a, const uint8_t network[ADDRESS_SIZE])
{
	uint32_t h = a->seed ^ 2166136261u;

	for (size_t i = 0; i < ADDRESS_SIZE; i++)
		h = (h ^ network[i]) * 16777619u;
	return (h ^ h >> 16) % ADDRESSES;
}

bool
admission_address(struct admission *a, const uint8_t address[ADDRESS_SIZE], int64_t now)
{
	uint8_t network[ADDRESS_SIZE];
	struct neighbour *n;

	network_of(address, network);
	n = &a->neighbour[slot_of(a, network)];
	if (!n->used || memcmp(n->network, network, ADDRESS_SIZE) != 0) {
		*n = (struct neighbour){.used = true, .connections = {now, of_an_address.burst}};
		memcpy(n->network, network, ADDRESS_SIZE);
	}
	return spend(&n->connections, &of_an_address, now);
}
