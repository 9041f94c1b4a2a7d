/* SPDX-License-Identifier: EUPL-1.2
 *
 * The two pages that decide which tree counts are the only ones that no record of ours covers: one
 * flipped bit there, and LMDB serves the commit before the last, whole and wrong. So after each
 * commit a copy of both is written, authenticated, to a file beside the data. It is not flushed:
 * a crash of the machine may leave an older one, which says nothing; but one that is as new as the
 * data must agree with it, and data older than its seal has lost what was promised. */
#include "broker/store_lmdb.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"

/* On disk by LMDB 0.9: a page's header, then magic, version, address, size of the map, two tables,
 * last page, number of the transaction. */
#define META_SIZE (16 + 136)
#define META_TXN (META_SIZE - 8)
_Static_assert(MDB_VERSION_MAJOR == 0 && MDB_VERSION_MINOR == 9 && sizeof(void *) == 8,
	"the pages that count have this form");

struct seal {
	uint8_t version;
	uint8_t meta[2][META_SIZE];
	uint8_t mac[MAC_SIZE];
} PACKED;

static uint64_t
number_of(const uint8_t meta[META_SIZE])
{
	uint64_t n;

	memcpy(&n, meta + META_TXN, sizeof n);
	return n;
}

static uint64_t
newest(const struct seal *m)
{
	uint64_t a = number_of(m->meta[0]), b = number_of(m->meta[1]);

	return a > b ? a : b;
}

static bool
read_pages(const struct store *s, struct seal *out)
{
	int fd;

	if (mdb_env_get_fd(s->env, &fd) != 0)
		return false;
	for (int i = 0; i < 2; i++)
		if (pread(fd, out->meta[i], META_SIZE, i * (off_t)s->page_size) != META_SIZE)
			return false;
	return true;
}

static void
seal_mac(struct store *s, const struct seal *seal, uint8_t out[MAC_SIZE])
{
	struct key k = key_text("seal");

	table_mac(s->mac, T_META, &k, bytes_of(seal, offsetof(struct seal, mac)), out);
}

enum err
seal_open(struct store *s, const char *directory)
{
	OWNED(char, file, free_chars) = xprintf("%s/daftard.seal", directory);
	struct seal kept, is = {.version = RECORD_VERSION};
	uint8_t mac[MAC_SIZE];

	s->seal = open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->seal < 0 || !read_pages(s, &is))
		return E_IO;
	if (s->forget_seal || pread(s->seal, &kept, sizeof kept, 0) != sizeof kept)
		return E_OK;
	seal_mac(s, &kept, mac);
	if (!equal_bytes(mac, kept.mac, sizeof mac)) {
		log_line(LOG_WARNING, "store: its seal cannot be read and is made anew");
		return E_OK;
	}
	if (newest(&is) > newest(&kept) || memcmp(is.meta, kept.meta, sizeof is.meta) == 0)
		return E_OK;
	log_line(LOG_ERROR,
		"store: it is not as it was left: commit=%llu, promised commit=%llu; a copy that "
		"was put back is marked with daftard --restored",
		(unsigned long long)newest(&is), (unsigned long long)newest(&kept));
	return E_DAMAGED;
}

void
seal_write(struct store *s)
{
	struct seal seal = {.version = RECORD_VERSION};

	if (s->seal < 0 || !read_pages(s, &seal))
		return;
	seal_mac(s, &seal, seal.mac);
	if (pwrite(s->seal, &seal, sizeof seal, 0) != sizeof seal)
		log_line(LOG_WARNING, "store: its seal cannot be written");
}

/* When the page that makes a commit count cannot be written, LMDB gives it its old number back, but
 * not its old tables. It does not count then; but the store would not be as it was left, so the
 * page is put back whole. */
static void
put_back(const struct store *s, const struct seal *old)
{
	int half = number_of(old->meta[0]) > number_of(old->meta[1]) ? 1 : 0;
	struct seal is;
	int fd;

	if (read_pages(s, &is) && number_of(is.meta[half]) == number_of(old->meta[half]) &&
		mdb_env_get_fd(s->env, &fd) == 0)
		(void)!pwrite(fd, old->meta[half], META_SIZE, half * (off_t)s->page_size);
}

int
seal_commit(struct store *s, MDB_txn *txn)
{
	struct seal old;
	bool known = read_pages(s, &old);
	int rc = mdb_txn_commit(txn);

	if (rc != 0 && rc != MDB_MAP_FULL && known)
		put_back(s, &old);
	return rc;
}
