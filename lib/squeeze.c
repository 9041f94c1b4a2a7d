/* SPDX-License-Identifier: EUPL-1.2
 *
 * Deflate and its bounds, the only file that includes zlib.h. What comes from outside is inflated
 * into room that was measured before, in one call: it fits exactly or it is refused, and a few
 * octets that would become megabytes are stopped by the room, not by a clock. */
#include "lib/squeeze.h"

#include <string.h>
#include <zlib.h>

#define RAW (-15)
#define MEMORY 9
#define LEVEL 9
#define GZIP (16 + 15)

static const char dictionary[] =
#include "lib/squeeze_1.def"
	;

struct bytes
squeeze_dictionary(void)
{
	return bytes_of(dictionary, sizeof dictionary - 1);
}

/* The certificates stand last: what is nearest costs least. */
static void
dictionary_with(const struct bytes *certs, size_t n_certs, struct buf *out)
{
	assert(n_certs <= SQUEEZE_CERTS);
	buf_add_bytes(out, squeeze_dictionary());
	for (size_t i = 0; i < n_certs; i++)
		buf_add_bytes(out, certs[i]);
}

static size_t
most_of(size_t squeezed, size_t most)
{
	size_t allowed = SQUEEZE_FREE + SQUEEZE_RATIO * squeezed;

	return allowed < most ? allowed : most;
}

/* What was written behind the end becomes part of it, or is wiped. */
static void
keep(struct buf *out, size_t written, bool wanted)
{
	if (wanted)
		out->size += written;
	else
		explicit_bzero(out->data + out->size, written);
	out->data[out->size] = '\0';
}

static bool
deflate_into(z_stream *z, struct bytes in, struct buf *out)
{
	buf_room(out, in.size);
	z->next_in = (Bytef *)(uintptr_t)in.data;
	z->avail_in = (uInt)in.size;
	z->next_out = out->data + out->size;
	z->avail_out = (uInt)in.size;
	if (deflate(z, Z_FINISH) != Z_STREAM_END || z->avail_out == 0)
		return false;
	return most_of(in.size - z->avail_out, in.size) >= in.size;
}

bool
squeeze(struct bytes in, const struct bytes *certs, size_t n_certs, struct buf *out)
{
	OWNED_BUF(known) = {0};
	z_stream z = {0};
	bool smaller;

	if (in.size == 0 || in.size > UINT32_MAX / 2)
		return false;
	dictionary_with(certs, n_certs, &known);
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, RAW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK ||
		deflateSetDictionary(&z, known.data, (uInt)known.size) != Z_OK)
		die("no memory to squeeze");
	smaller = deflate_into(&z, in, out);
	keep(out, z.total_out, smaller);
	(void)deflateEnd(&z);
	return smaller;
}

static bool
inflate_into(z_stream *z, struct bytes in, size_t most, struct buf *out)
{
	buf_room(out, most);
	z->next_in = (Bytef *)(uintptr_t)in.data;
	z->avail_in = (uInt)in.size;
	z->next_out = out->data + out->size;
	z->avail_out = (uInt)most;
	return inflate(z, Z_FINISH) == Z_STREAM_END && z->avail_in == 0;
}

bool
unsqueeze(struct bytes in, const struct bytes *certs, size_t n_certs, size_t most, struct buf *out)
{
	OWNED_BUF(known) = {0};
	z_stream z = {0};
	bool whole;

	if (in.size == 0 || in.size > UINT32_MAX / 2 / SQUEEZE_RATIO)
		return false;
	dictionary_with(certs, n_certs, &known);
	if (inflateInit2(&z, RAW) != Z_OK ||
		inflateSetDictionary(&z, known.data, (uInt)known.size) != Z_OK)
		die("no memory to unsqueeze");
	whole = inflate_into(&z, in, most_of(in.size, most), out);
	keep(out, z.total_out, whole);
	(void)inflateEnd(&z);
	return whole;
}

void
gzip_add(struct bytes in, struct buf *out)
{
	z_stream z = {0};
	uLong most;

	assert(in.size <= UINT32_MAX / 2);
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, GZIP, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
		die("no memory to squeeze");
	most = deflateBound(&z, (uLong)in.size);
	buf_room(out, most);
	z.next_in = (Bytef *)(uintptr_t)in.data;
	z.avail_in = (uInt)in.size;
	z.next_out = out->data + out->size;
	z.avail_out = (uInt)most;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		die("deflate");
	out->size += most - z.avail_out;
	(void)deflateEnd(&z);
}
