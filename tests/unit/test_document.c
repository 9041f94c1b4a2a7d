/* SPDX-License-Identifier: EUPL-1.2
 *
 * A scan as a file: only whole, only what was named, and only where nothing stands. The daemon is
 * played. */
#include "tests/unit/test_realm.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/commands.h"
#include "lib/file.h"
#include "lib/record.h"

static const struct setting settings[] = {{"control", SET_TEXT, "nowhere", 0, 0, ""}, {0}};

static uint8_t octets[SCAN_PART + 7];
static char folder[64], digest[DIGEST_TEXT_SIZE];
static struct conf *conf;
static int here; /* parts */
static bool altered;

static json_t *
list(void)
{
	return json_pack("[{s:s,s:s,s:s,s:i,s:i,s:i,s:b}]", "kind", "other", "mediaType",
		"image/png", "digest", digest, "size", (int)sizeof octets, "parts", here, "of", 2,
		"complete", here == 2);
}

enum err __wrap_control_call(const char *path, const char *verb, json_t *args, json_t **data);

enum err
__wrap_control_call(const char *path, const char *verb, json_t *args, json_t **data)
{
	unsigned n = (unsigned)json_integer_value(json_object_get(args, "part"));
	OWNED_BUF(text) = {0};
	struct bytes part;

	assert_string_equal(path, "nowhere");
	if (strcmp(verb, "documents") == 0) {
		*data = list();
		return E_OK;
	}
	part = scan_part(bytes_of(octets, sizeof octets), n);
	buf_base64(&text, part.data + altered, part.size - altered);
	*data = json_pack("{s:s}", "data", (const char *)text.data);
	return E_OK;
}

static int
save(const char *named, const char *file)
{
	OWNED(char, path, free_chars) = xprintf("%s/%s", folder, file);
	const struct command_line line = {
		.command = "document", .id = "save", .file = "DFT", .more = {named, path}};

	return document_run(&line, conf);
}

static bool
is_there(const char *file)
{
	OWNED(char, path, free_chars) = xprintf("%s/%s", folder, file);

	return access(path, F_OK) == 0;
}

static int
make_folder(void **state)
{
	OWNED(char, path, free_chars) = NULL;
	struct digest d;

	(void)state;
	strcpy(folder, "/tmp/daftar-document-XXXXXX");
	assert_non_null(mkdtemp(folder));
	path = xprintf("%s/conf", folder);
	assert_int_equal(file_replace(path, bytes_of("", 0), 0600), E_OK);
	for (size_t i = 0; i < sizeof octets; i++)
		octets[i] = (uint8_t)(i * 7 % 251);
	digest_of(octets, sizeof octets, &d);
	digest_format(&d, digest);
	here = 2;
	altered = false;
	return conf_load(path, settings, &conf);
}

static int
drop_folder(void **state)
{
	OWNED(char, command, free_chars) = xprintf("rm -rf '%s'", folder);

	(void)state;
	conf_free(&conf);
	return system(command);
}

static void
whole_scan_is_written_for_nobody_else(void **state)
{
	OWNED(char, path, free_chars) = xprintf("%s/scan", folder);
	OWNED_BUF(file) = {0};
	struct stat st;

	(void)state;
	assert_int_equal(save(digest, "scan"), 0);
	assert_int_equal(file_read(path, sizeof octets, &file), E_OK);
	assert_int_equal(file.size, sizeof octets);
	assert_memory_equal(file.data, octets, sizeof octets);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
what_was_not_named_is_not_written(void **state)
{
	(void)state;
	altered = true;
	assert_int_equal(save(digest, "scan"), 1);
	assert_false(is_there("scan"));
}

static void
half_a_scan_is_not_written(void **state)
{
	(void)state;
	here = 1;
	assert_int_equal(save(digest, "scan"), 1);
	assert_false(is_there("scan"));
}

static void
scan_is_named_by_the_begin_of_its_digest(void **state)
{
	char begin[9] = "";

	(void)state;
	memcpy(begin, digest, 8);
	assert_int_equal(save(begin, "scan"), 0);
	begin[7] = '\0';
	assert_int_equal(save(begin, "other"), 2);
	assert_int_equal(save("0000000000", "other"), 1);
	assert_false(is_there("other"));
}

static void
what_stands_there_stays(void **state)
{
	OWNED(char, path, free_chars) = xprintf("%s/scan", folder);
	OWNED_BUF(file) = {0};

	(void)state;
	assert_int_equal(file_replace(path, bytes_of("mine", 4), 0600), E_OK);
	assert_int_equal(save(digest, "scan"), 1);
	assert_int_equal(file_read(path, 100, &file), E_OK);
	assert_int_equal(file.size, 4);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_int_equal(save(digest, "scan"), 1);
	assert_false(is_there("elsewhere"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, drop_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whole_scan_is_written_for_nobody_else),
		TEST(what_was_not_named_is_not_written),
		TEST(half_a_scan_is_not_written),
		TEST(scan_is_named_by_the_begin_of_its_digest),
		TEST(what_stands_there_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
