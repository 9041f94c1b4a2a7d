/* SPDX-License-Identifier: EUPL-1.2
 *
 * commands.table as rows for C, by way of commands.inc: whoever includes this file has defined one
 * or more of OPTION, COMMAND, FUNCTION and PRINTS before. */
#ifndef OPTION
#define OPTION(option, name, value, sentence)
#endif
#ifndef COMMAND
#define COMMAND(name, arguments, least, most, required, allowed, run, group, sentence, detail,     \
	verb, print, names, next, example)
#endif
#ifndef FUNCTION
#define FUNCTION(run)
#endif
#ifndef PRINTS
#define PRINTS(print)
#endif
#define N_(text) text
#include "broker/commands.inc"
#undef N_
#undef OPTION
#undef COMMAND
#undef FUNCTION
#undef PRINTS
