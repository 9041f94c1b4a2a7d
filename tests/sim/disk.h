/* SPDX-License-Identifier: EUPL-1.2
 *
 * The simulator's disks. tests/sim/lmdb_memory.c stands in for liblmdb: the real store and the real
 * spool run on it unchanged, each in a folder that is a *disk*. A disk is an immutable image of
 * ordered tables; a write transaction works on a copy that shares what it does not change, and a
 * commit puts the copy in the image's place. So a disk keeps LMDB's promise exactly, and no more:
 * what a commit has returned for is there, one that was cut off is there or not, never half; what
 * was not committed is gone. An image that is held can be put back later: an old backup. */
#ifndef DAFTAR_SIM_DISK_H
#define DAFTAR_SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image;

/* Called with the disk's folder around each commit of a write transaction: before it counts and
 * after it does. May leave by longjmp: the power fails there. Returns an errno that the commit is
 * to fail with, 0 for none. */
extern int (*disk_commit)(const char *folder, bool done);

/* The image of this folder now, held until disk_let_go; NULL when there is none. */
struct image *disk_hold(const char *folder);
void disk_let_go(struct image **image);
/* The folder's disk becomes a copy of the image. Nobody may have it open. */
void disk_put(const char *folder, struct image *image);
/* This part of the map counts as used, in percent. */
void disk_fill(const char *folder, unsigned percent);
/* Forgets every disk. */
void disk_forget_all(void);
/* Octets of memory that all images take. */
size_t disk_memory(void);

#endif
