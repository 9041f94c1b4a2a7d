/* SPDX-License-Identifier: EUPL-1.2
 *
 * commands.table as rows for C, by way of commands.inc: whoever includes this file has defined one
 * or more of OPTION, COMMAND, TOPIC and FUNCTION before. */
#ifndef OPTION
#define OPTION(option, name, value, sentence)
#endif
#ifndef COMMAND
#define COMMAND(name, arguments, least, most, required, allowed, run, group, sentence, detail)
#endif
#ifndef TOPIC
#define TOPIC(name, title, text)
#endif
#ifndef FUNCTION
#define FUNCTION(run)
#endif
#include "liaison/commands.inc"
#undef OPTION
#undef COMMAND
#undef TOPIC
#undef FUNCTION
