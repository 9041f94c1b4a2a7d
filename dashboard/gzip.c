/* SPDX-License-Identifier: EUPL-1.2 */
#include "dashboard/gzip.h"

#include <string.h>

#include <zlib.h>

void
gzip(struct bytes in, struct buf *out)
{
	z_stream z = {0};
	uLong room;

	if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		die("memory");
	room = deflateBound(&z, in.size);
	buf_room(out, room);
	z.next_in = (Bytef *)(uintptr_t)in.data;
	z.avail_in = (uInt)in.size;
	z.next_out = out->data + out->size;
	z.avail_out = (uInt)room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		die("a page cannot be made small");
	out->size += room - z.avail_out;
	deflateEnd(&z);
}

/* "gzip" as a word of the list, and not with a weight of nothing. */
bool
gzip_is_taken(const char *accept)
{
	while (*accept != '\0') {
		size_t n = strcspn(accept, ",");
		size_t word = strcspn(accept, ",; ");

		if (word == 4 && strncmp(accept, "gzip", 4) == 0)
			return memmem(accept, n, "q=0", 3) == NULL ||
			       memmem(accept, n, "q=0.", 4) != NULL;
		accept += n;
		accept += strspn(accept, ", ");
	}
	return false;
}
