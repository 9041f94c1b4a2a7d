/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftard's own walls. It has to start helpers as long as it lives, and a helper is born inside its
 * parent's walls: the gate needs sockets, so daftard cannot give up sockets. What it can give up is
 * everything else: files beyond the store, the trust list and what programs are made of;
 * capabilities; new privileges; core dumps; the system calls that nobody here needs. daftard(8)
 * says so too. */
#include <string.h>

#include "broker/daftard.h"
#include "lib/child.h"
#include "lib/sandbox.h"

/* "/a/b" for "/a/b/c", "." for "c". */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xprintf("%.*s", (int)(slash - path), path);
}

static enum err
programs_folder(char **out)
{
	OWNED(char, program, free_chars) = NULL;

	TRY(child_find("daftar-examiner", "broker", &program));
	*out = folder_of(program);
	return E_OK;
}

enum err
daftard_confine(struct daftard *d)
{
	OWNED(char, control, free_chars) = folder_of(conf_text(d->conf, "control"));
	OWNED(char, trust, free_chars) = folder_of(conf_text(d->conf, "trust-list"));
	OWNED(char, schemas, free_chars) = schemas_find();
	OWNED(char, programs, free_chars) = NULL;

	TRY(programs_folder(&programs));
	const struct sandbox walls = {
		/* the control socket is removed at the end; helpers get /dev/null */
		/* a trust list that is installed gets its name in its folder */
		.write_beneath = {conf_text(d->conf, "store"), control, trust, "/dev/null",
			conf_text(d->conf, "backup-dir")},
		/* /proc tells the memory of the helpers */
		.read_beneath = {"/usr", "/proc", programs, schemas},
		.network = true,
		.helpers = true,
	};
	TRY(sandbox_enter(&walls));
	return sandbox_prove(&walls);
}
