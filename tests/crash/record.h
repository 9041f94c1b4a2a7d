/* SPDX-License-Identifier: EUPL-1.2
 *
 * The stream that record.so writes and powercut reads: what a process did to the files under one
 * folder, call by call, in order. Each record is this head, the path, the second path or nothing,
 * the octets. */
#ifndef DAFTAR_CRASH_RECORD_H
#define DAFTAR_CRASH_RECORD_H

#include <stdint.h>

enum op_kind {
	OP_WRITE,    /* `size' octets at `offset' */
	OP_TRUNCATE, /* the file is `offset' octets long now */
	OP_GROW,     /* at least `offset' */
	OP_SYNC,     /* of a file or a folder */
	OP_CREATE,   /* a new empty file */
	OP_FOLDER,
	OP_RENAME, /* from path to second path */
	OP_LINK,   /* second path is another name of path */
	OP_REMOVE,
	OP_KINDS
};

struct op_head {
	uint8_t kind, synced; /* written through: durable when the call returned */
	uint16_t path, second;
	uint32_t size;
	uint64_t offset;
};

#endif
