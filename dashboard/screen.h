/* SPDX-License-Identifier: EUPL-1.2
 *
 * The closed tables of screens and acts. */
#ifndef DAFTAR_DASHBOARD_SCREEN_H
#define DAFTAR_DASHBOARD_SCREEN_H

#include "dashboard/page.h"

struct screen {
	const char *path;
	void (*show)(struct page *p);
	const char *parent; /* "" : in the navigation */
	unsigned roles;
	const char *title; /* N_() */
};

struct act {
	const char *path, *verb, *args;
	unsigned roles;
	bool dry;
	const char *title, *sentence; /* N_() */
};

extern const struct screen screens[];
extern const size_t n_screens;
const struct screen *screen_find(const char *path); /* NULL when there is none */
const struct act *act_find(const char *path);

/* What a change of the audit's list is called; its own word when it is not known here. */
const char *change_words(const char *kind);
/* Only what the screen itself writes. */
void page_fill(struct page *p);
/* The frame around pages that are no screen: before and after what they say. */
void page_begin(struct page *p);
void page_end(struct page *p);
/* A whole page of one sentence. */
void page_notice(struct page *p, const char *title, const char *sentence);

#define SCREEN(path, function, parent, roles, title) void function(struct page *p);
#include "dashboard/screens.def"
#undef SCREEN

#endif
