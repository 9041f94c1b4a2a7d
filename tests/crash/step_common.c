/* SPDX-License-Identifier: EUPL-1.2
 *
 * What all steps need: where things are, how a refusal and a wrong result end the program, and the
 * list of what was acknowledged. */
#include "tests/crash/step.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/log.h"
#include "lib/xml.h"
#include "tests/crash/paper.h"

const char *step_home, *step_base;

char *
in_home(const char *name)
{
	return xprintf("%s/%s", step_home, name);
}

char *
in_base(const char *name)
{
	return xprintf("%s/%s", step_base, name);
}

void
step_try(enum err e, const char *what)
{
	if (e == E_OK)
		return;
	printf("refused: %s: %s\n", what, err_word(e));
	exit(STEP_REFUSED);
}

void
must(bool true_, const char *fmt, ...)
{
	va_list ap;

	if (true_)
		return;
	printf("wrong: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	exit(STEP_WRONG);
}

void
acknowledge(const char *what, const char *more)
{
	OWNED(char, file, free_chars) = in_home("acks");
	OWNED(char, line, free_chars) = xprintf("%s %s\n", what, more);
	OWNED_FD(fd) = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, line, strlen(line)) != (ssize_t)strlen(line))
		die("step: the acknowledgement cannot be written");
}

void
each_acknowledged(void (*each)(const char *what, const char *more))
{
	OWNED(char, file, free_chars) = in_home("acks");
	FILE *f = fopen(file, "re");
	char line[256], what[32], more[128];

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strchr(line, '\n') != NULL && sscanf(line, "%31s %127s", what, more) == 2)
			each(what, more);
	if (f != NULL)
		fclose(f);
}

void
read_base(const char *name, struct buf *out)
{
	OWNED(char, file, free_chars) = in_base(name);

	paper_load(file, out);
}

static struct trust *
load_trust(void)
{
	OWNED(char, schemas, free_chars) = schemas_find();
	OWNED(char, cert, free_chars) = in_base("realm/operator.pem");
	OWNED(char, list, free_chars) = in_base("realm/trust.xml");
	X509 *operator_cert = NULL;
	struct trust *t = NULL;

	xml_init();
	step_try(schemas == NULL ? E_NOT_FOUND : xml_load_schemas(schemas), "schemas");
	step_try(cert_load(cert, &operator_cert), cert);
	step_try(trust_load_file(list, operator_cert, instant_now(), &t), list);
	cert_free(&operator_cert);
	return t;
}

struct trust *
step_trust(void)
{
	static struct trust *once;

	if (once == NULL)
		once = load_trust();
	return once;
}
