/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl message export ID --out FOLDER: the exchange's receipts of a message, each a file of
 * exactly its octets, that anybody verifies with the trust list and nothing else. The folder is
 * made new, so that nothing is overwritten; when something fails it is left as far as it came and
 * says so. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/ctl_command.h"
#include "lib/file.h"

static enum err
write_new(int folder, const char *name, struct bytes content)
{
	OWNED_FD(fd) =
		openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? E_IO : file_write_to(fd, content);
}

/* Stages are words of ours, but the name of a file is not taken on trust. */
static bool
is_stage(const char *word)
{
	return word[0] != '\0' && word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-")] == '\0';
}

static enum err
write_receipt(const struct options *o, int folder, const char *id, const char *stage)
{
	OWNED(json_t, args, json_decrefp) = json_pack("{s:s, s:s}", "id", id, "stage", stage);
	OWNED(char, name, free_chars) = xprintf("%s.xml", stage);
	OWNED(json_t, data, json_decrefp) = NULL;
	const char *receipt;

	if (!is_stage(stage))
		return E_WIRE;
	TRY(ctl_call(o, "message.receipt", args, &data));
	receipt = text_of(data, "receipt");
	return write_new(folder, name, bytes_of(receipt, strlen(receipt)));
}

static enum err
write_all(const struct options *o, int folder, const json_t *message, json_t *files)
{
	OWNED(char, shown, free_chars) = json_dumps(message, JSON_INDENT(1) | JSON_ENSURE_ASCII);
	const char *id = text_of(message, "id");
	const json_t *stage;
	size_t i;

	json_array_foreach(json_object_get(message, "receipts"), i, stage)
	{
		TRY(write_receipt(o, folder, id, json_string_value(stage)));
		json_array_append_new(files, json_sprintf("%s.xml", json_string_value(stage)));
	}
	json_array_append_new(files, json_string("message.json"));
	return write_new(folder, "message.json", bytes_of(shown, strlen(shown)));
}

void
print_export(const json_t *data)
{
	const json_t *file;
	size_t i;

	print_field("message", "%s", text_of(data, "id"));
	print_field("folder", "%s", text_of(data, "folder"));
	json_array_foreach(json_object_get(data, "files"), i, file)
		print_field(i == 0 ? "files" : "", "%s", json_string_value(file));
	puts("next: daftar verify FOLDER/ACCEPTED.xml, anywhere, with the realm's trust list");
}

int
ctl_export(const struct options *o, const struct command *c, json_t *args)
{
	const char *folder = o->value[OPT_OUT];
	OWNED(json_t, files, json_decrefp) = json_array();
	OWNED(json_t, message, json_decrefp) = NULL;
	OWNED(json_t, done, json_decrefp) = NULL;
	OWNED_FD(fd) = -1;
	enum err e = ctl_call(o, "message.show", args, &message);

	if (e != E_OK)
		return ctl_complain(o, c, ctl_item(o), e);
	if (mkdir(folder, 0700) != 0 ||
		(fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
		return ctl_fail(o, E_IO, "daftarctl help message export", "%s: %s", folder,
			strerror(errno));
	e = write_all(o, fd, message, files);
	if (e == E_OK)
		e = folder_sync(folder);
	if (e == E_OK)
		e = folder_sync_of(folder);
	done = json_pack(
		"{s:s, s:s, s:O}", "id", text_of(message, "id"), "folder", folder, "files", files);
	return ctl_end(o, c, folder, done, e);
}
