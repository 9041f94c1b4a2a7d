/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar-adapter print': a request or an extract of the inbox as a form on paper, for a register
 * that is a book. The daemon hands the opened document over its socket; the sheet is drawn here, by
 * the person who asked. */
#include <stdio.h>
#include <string.h>

#include "adapters/commands.h"
#include "lib/control.h"
#include "lib/file.h"
#include "lib/paper.h"
#include "lib/trust.h"

static const char *
text_of(const json_t *data, const char *key)
{
	const char *text = json_string_value(json_object_get(data, key));

	return text != NULL ? text : "";
}

static enum err
fill(const json_t *data, struct paper *p)
{
	const char *document = text_of(data, "document"), *action = text_of(data, "action");
	struct bytes doc = bytes_of(document, strlen(document));
	OWNED(struct request, r, request_free) = NULL;
	OWNED(struct extract, x, extract_free) = NULL;
	struct digest d;

	if (!digest_parse(text_of(data, "digest"), &d))
		return E_INPUT;
	if (strcmp(action, "TranscriptionRequest") == 0) {
		TRY(request_parse(doc, &r));
		paper_begin(p, "title-request", text_of(data, "tracking"), &d);
		paper_request(p, r);
		return E_OK;
	}
	if (strcmp(action, "CertifiedExtract") != 0)
		return E_ACTION;
	TRY(extract_parse(doc, &x));
	paper_begin(p, "title-extract", text_of(data, "tracking"), &d);
	paper_extract(p, x);
	return E_OK;
}

static int
complain(enum err e, const char *item)
{
	fprintf(stderr, "daftar-adapter: %s: %s: %s\n", item, err_word(e), err_sentence(e));
	return exit_status(e);
}

static int
write_sheet(const struct paper *p, const char *to)
{
	OWNED(char, path, free_chars) =
		to != NULL ? xstrdup(to)
			   : xprintf("%s-%s.pdf", p->number, p->title + strlen("title-"));
	OWNED_BUF(pdf) = {0};
	size_t unknown = 0;
	enum err e = paper_pdf(p, &pdf, &unknown);

	if (e == E_OK && unknown > 0) {
		fprintf(stderr,
			"daftar-adapter: no font here has all letters of this record; nothing "
			"was written; apt-get install fonts-noto-core\n");
		return exit_status(E_IO);
	}
	if (e == E_OK)
		e = file_replace(path, buf_bytes(&pdf), 0600);
	if (e != E_OK)
		return complain(e, "the sheet was not written");
	printf("%s\n", path);
	return 0;
}

int
print_run(const struct command_line *line, const struct conf *c)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	json_t *args = json_pack("{s:s}", "id", line->id);
	const char *languages = line->value[OPT_LANGUAGES];
	OWNED_PAPER(p);
	enum err e;

	if (!paper_languages_of(languages != NULL ? languages : "en,fr", &p)) {
		fprintf(stderr,
			"daftar-adapter: --languages is one or two of en, fr, ar, am, so, sw "
			"and ti: --languages fr,ar\n");
		json_decref(args);
		return exit_status(E_USAGE);
	}
	e = control_call(conf_text(c, "control"), "paper", args, &data);
	json_decref(args);
	if (e == E_UNREACHABLE)
		return complain(e, "no adapter answers; is it running?");
	p.training = json_is_true(json_object_get(data, "training"));
	if (e == E_OK)
		e = fill(data, &p);
	return e == E_OK ? write_sheet(&p, line->value[OPT_OUTPUT]) : complain(e, line->id);
}
