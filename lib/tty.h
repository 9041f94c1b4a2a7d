/* SPDX-License-Identifier: EUPL-1.2
 *
 * A terminal that a program draws on, given back as it was found however the program ends: asked to
 * by a signal, or in a crash. For the full screens of daftar and daftarctl; one terminal, standard
 * input and output of the process. */
#ifndef DAFTAR_TTY_H
#define DAFTAR_TTY_H

#include <termios.h>

#include "lib/base.h"

/* Before anything is changed. False: this is no terminal. */
bool tty_remember(void) MUST_USE;
/* How it was then. */
const struct termios *tty_before(void);
/* From now on a crash writes `leave', which stays the caller's, and gives the terminal back; a
 * signal that asks the program to end is told by tty_signal. */
void tty_guard(const char *leave);
/* The caller has given it back, or does so now. */
void tty_release(void);
/* The signal that asks the program to end; 0: none. */
int tty_signal(void);

#endif
