/* SPDX-License-Identifier: EUPL-1.2
 *
 * What most sources include of libraries. No source includes this: --enable-precompiled puts it,
 * read once by the compiler, before every one, for builds that are made only to be tested. */
#ifndef DAFTAR_HEADS_H
#define DAFTAR_HEADS_H

#include <errno.h>
#include <jansson.h>
#include <libxml/tree.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#endif
