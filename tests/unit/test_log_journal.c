/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the journal is told: the line, and the codes in it as fields of their own; and whether
 * standard error is the journal at all. */
#include "tests/unit/test.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/log_journal.h"

static struct buf entry;

static const char *
entry_of(const char *text)
{
	buf_reset(&entry);
	journal_entry(&entry, "daftard", 4, text);
	return (const char *)entry.data;
}

static void
a_line_has_its_codes_as_fields(void **unused)
{
	assert_string_equal(entry_of("018f6c00-0000-7000-8000-000000000001 conflict from=KE.CRS "
				     "to=SO.NIRA action=Request seq=7 code=CONFLICT"),
		"PRIORITY=4\nSYSLOG_IDENTIFIER=daftard\n"
		"MESSAGE=018f6c00-0000-7000-8000-000000000001 conflict from=KE.CRS to=SO.NIRA "
		"action=Request seq=7 code=CONFLICT\n"
		"DAFTAR_MESSAGE=018f6c00-0000-7000-8000-000000000001\n"
		"DAFTAR_FROM=KE.CRS\nDAFTAR_TO=SO.NIRA\nDAFTAR_ACTION=Request\nDAFTAR_SEQ=7\n"
		"DAFTAR_CODE=CONFLICT\n");
}

static void
alerts_can_be_asked_for_together(void **unused)
{
	const char *text = entry_of("alert=3 raised rule=silence: nothing was heard");

	assert_non_null(strstr(text, "\nDAFTAR_ALERT=3\n"));
	assert_non_null(strstr(text, "\nDAFTAR_RULE=silence\n"));
	assert_non_null(strstr(text, "\nMESSAGE_ID="));
}

static void
what_a_person_has_written_is_no_field(void **unused)
{
	const char *text = entry_of("change=1 done kind=cut party=KE.CRS reason=\"x code=OK\"");

	assert_non_null(strstr(text, "\nDAFTAR_PARTY=KE.CRS\n"));
	assert_null(strstr(text, "\nDAFTAR_CODE"));
	assert_null(strstr(entry_of("code= x=1 =2 code"), "\nDAFTAR_"));
}

/* The line that log_line writes on standard error. */
static void
line_of(const char *reason, char *out, size_t size)
{
	int ends[2], kept = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	assert_true(kept >= 0 && dup2(ends[1], STDERR_FILENO) >= 0);
	log_line(LOG_WARNING, "change=7 done by=bile reason=\"%s\"", reason);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	n = read(ends[0], out, size - 1);
	assert_true(n > 0);
	out[n] = '\0';
	close(kept);
	close(ends[0]);
	close(ends[1]);
}

static void
a_reason_cannot_go_on_as_fields_of_ours(void **unused)
{
	char line[1024];

	line_of("x\" second=amina code=\"OK\nerror: y", line, sizeof line);
	assert_non_null(strstr(line, "by=bile reason=\"x' second=amina code='OK?error: y\"\n"));
	line_of("as agreed", line, sizeof line);
	assert_non_null(strstr(line, "by=bile reason=\"as agreed\"\n"));
}

static void
only_the_stream_that_is_named_is_the_journal(void **unused)
{
	int ends[2];
	struct stat st;
	char name[64];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fstat(ends[1], &st), 0);
	snprintf(name, sizeof name, "%llu:%llu", (unsigned long long)st.st_dev,
		(unsigned long long)st.st_ino);
	assert_true(journal_is(ends[1], name));
	assert_false(journal_is(ends[1], NULL));
	assert_false(journal_is(ends[1], "8:1"));
	assert_false(journal_is(ends[1], "no"));
	close(ends[0]);
	close(ends[1]);
}

static void
an_entry_gets_there_and_without_a_journal_nothing_does(void **unused)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char folder[64], got[512];
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), ours;
	ssize_t n;

	assert_true(scratch_folder(folder, sizeof folder, "journal"));
	snprintf(at.sun_path, sizeof at.sun_path, "%s/socket", folder);
	assert_int_equal(journal_open(at.sun_path), -1);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	ours = journal_open(at.sun_path);
	assert_true(ours >= 0);
	entry_of("ready");
	assert_true(journal_send(ours, buf_bytes(&entry)));
	n = recv(fd, got, sizeof got, 0);
	assert_int_equal(n, entry.size);
	assert_memory_equal(got, entry.data, entry.size);
	close(fd);
	assert_false(journal_send(ours, buf_bytes(&entry)));
	close(ours);
	assert_int_equal(unlink(at.sun_path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static int
end(void **state)
{
	buf_free(&entry);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_its_codes_as_fields),
		cmocka_unit_test(alerts_can_be_asked_for_together),
		cmocka_unit_test(what_a_person_has_written_is_no_field),
		cmocka_unit_test(a_reason_cannot_go_on_as_fields_of_ours),
		cmocka_unit_test(only_the_stream_that_is_named_is_the_journal),
		cmocka_unit_test(an_entry_gets_there_and_without_a_journal_nothing_does),
	};

	return cmocka_run_group_tests_name("log_journal", tests, NULL, end);
}
