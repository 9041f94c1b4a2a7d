/* SPDX-License-Identifier: EUPL-1.2
 *
 * The examiner as a process: the same verdicts as the code in it gives, a new process for one that
 * died, hangs or costs too much, and a client that no examiner can harm, whatever it answers.
 *
 * For the last, this program is its own enemy: copied into a folder under the name of the examiner
 * it answers as the first octet of each message tells it to, and a second copy beside it is the
 * client. */
#include "tests/unit/test_realm.h"
#include "tests/unit/test_revoke.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "lib/channel.h"
#include "lib/examiner.h"
#include "lib/log.h"

static struct realm *realm;
static char *program; /* the real one */

static int
set_up(void **state)
{
	(void)state;
	log_open("test_examiner", LOG_NOTICE);
	realm_ready();
	realm = realm_new();
	return child_find("daftar-examiner", "../broker", &program) == E_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	realm_free(&realm);
	free_chars(&program);
	return 0;
}

static struct examiner *
started(void)
{
	struct examiner *x = NULL;

	assert_int_equal(examiner_start(buf_bytes(&realm->list), realm->operator_cert, &x), E_OK);
	return x;
}

static void
query_from_kenya(struct buf *out)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);

	message_from(realm, &h, KENYA, SOMALIA, out);
}

static enum err
ask(struct examiner *x, const struct buf *message, struct verdict *v)
{
	return examiner_examine(x, EXAMINE_FILE, NULL, buf_bytes(message), v);
}

/* The one child of this process. */
static pid_t
the_child(void)
{
	int pid = 0, more = 0;
	FILE *f = fopen("/proc/thread-self/children", "r");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d %d", &pid, &more), 1);
	fclose(f);
	return pid;
}

/* ---- the real one ---- */

static void
process_says_what_the_code_says(void **state)
{
	OWNED(struct examiner, x, examiner_free) = started();
	struct party kenya = party_of(KENYA), somalia = party_of(SOMALIA);
	OWNED_BUF(message) = {0};
	struct bytes m;
	struct verdict v, ours;

	(void)state;
	query_from_kenya(&message);
	m = buf_bytes(&message);
	assert_int_equal(examiner_examine(x, EXAMINE_FILE, NULL, m, &v), E_OK);
	examine(m, realm->trust, NULL, NULL, NULL, instant_now(), &ours);
	assert_memory_equal(&v.header, &ours.header, sizeof v.header);
	assert_memory_equal(&v.digest, &ours.digest, sizeof v.digest);
	assert_int_equal(examiner_examine(x, EXAMINE_FROM_PEER, &kenya, m, &v), E_OK);
	assert_int_equal(
		examiner_examine(x, EXAMINE_FROM_PEER, &somalia, m, &v), E_SENDER_MISMATCH);
	assert_int_equal(examiner_examine(x, EXAMINE_AS_ADDRESSEE, &somalia, m, &v), E_OK);
	assert_int_equal(examiner_examine(x, EXAMINE_AS_ADDRESSEE, &kenya, m, &v), E_NOT_ADDRESSEE);
}

static void
refusals_come_through(void **state)
{
	OWNED(struct examiner, x, examiner_free) = started();
	pid_t before = the_child();
	OWNED_BUF(message) = {0};
	OWNED_BUF(large) = {0};
	struct verdict v;

	(void)state;
	query_from_kenya(&message);
	message.data[message.size / 2] ^= 1;
	assert_int_not_equal(ask(x, &message, &v), E_OK);
	assert_int_equal(v.size, message.size);
	assert_int_equal(examiner_examine(x, EXAMINE_FILE, NULL, bytes_of("", 0), &v), E_MALFORMED);
	while (large.size <= XML_MESSAGE_MAX)
		buf_text(&large, "<a>");
	assert_int_equal(ask(x, &large, &v), E_TOO_LARGE);
	assert_int_equal(v.size, large.size);
	assert_int_equal(the_child(), before);
}

static void
trust_list_that_is_no_good_does_not_start(void **state)
{
	struct examiner *x = NULL;
	OWNED_BUF(altered) = {0};

	(void)state;
	buf_add_bytes(&altered, buf_bytes(&realm->list));
	altered.data[altered.size / 2] ^= 1;
	assert_int_equal(examiner_start(buf_bytes(&altered), realm->operator_cert, &x), E_NO_TRUST);
	assert_int_equal(examiner_start(buf_bytes(&realm->list), realm->anchor[1], &x), E_NO_TRUST);
	assert_int_equal(examiner_start(bytes_of("", 0), realm->operator_cert, &x), E_NO_TRUST);
	assert_null(x);
}

static void
without_schemas_it_does_not_start(void **state)
{
	OWNED(char, schemas, free_chars) = schemas_find();
	bool had = getenv("DAFTAR_SCHEMAS") != NULL;
	struct examiner *x = NULL;

	(void)state;
	setenv("DAFTAR_SCHEMAS", "/no/such/folder", 1);
	assert_int_equal(examiner_start(buf_bytes(&realm->list), realm->operator_cert, &x), E_IO);
	assert_null(x);
	if (had)
		setenv("DAFTAR_SCHEMAS", schemas, 1);
	else
		unsetenv("DAFTAR_SCHEMAS");
}

/* Nothing was asked of it: no message suffers. */
static void
examiner_that_died_idle_is_replaced(void **state)
{
	OWNED(struct examiner, x, examiner_free) = started();
	pid_t before = the_child();
	OWNED_BUF(message) = {0};
	struct verdict v;
	siginfo_t info;

	(void)state;
	query_from_kenya(&message);
	assert_int_equal(kill(before, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)before, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(ask(x, &message, &v), E_OK);
	assert_int_not_equal(the_child(), before);
}

static void
message_of_a_hanging_examiner_is_quarantined_and_the_next_is_served(void **state)
{
	OWNED(struct examiner, x, examiner_free) = started();
	pid_t before = the_child();
	OWNED_BUF(message) = {0};
	struct verdict v;

	(void)state;
	query_from_kenya(&message);
	assert_int_equal(kill(before, SIGSTOP), 0);
	assert_int_equal(ask(x, &message, &v), E_QUARANTINED);
	assert_int_equal(v.code, E_QUARANTINED);
	assert_int_equal(ask(x, &message, &v), E_OK);
	assert_int_not_equal(the_child(), before);
}

/* The largest message costs several ticks of the clock that the limit is counted in. */
static void
message_that_costs_too_much_is_quarantined_and_the_next_is_served(void **state)
{
	X509 *const to[] = {realm->encrypt[SOMALIA]->cert};
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED(struct examiner, x, examiner_free) = NULL;
	OWNED_BUF(body) = {0};
	OWNED_BUF(costly) = {0};
	struct verdict v;

	(void)state;
	body_make(A_QUERY, 160 * 1024 - 2500, &body);
	assert_int_equal(
		message_compose(&h, buf_bytes(&body), to, 1, realm->sign[KENYA], &costly), E_OK);
	setenv("DAFTAR_EXAMINER_CPU_MS", "1", 1);
	x = started();
	unsetenv("DAFTAR_EXAMINER_CPU_MS");
	assert_int_equal(ask(x, &costly, &v), E_QUARANTINED);
	assert_int_equal(ask(x, &costly, &v), E_OK);
}

#ifndef DAFTAR_SANITIZER
/* The number behind a label in a file of /proc about the examiner. */
static size_t
figure_of_the_child(const char *name, const char *label)
{
	OWNED(char, path, free_chars) = xprintf("/proc/%d/%s", (int)the_child(), name);
	FILE *f = fopen(path, "r");
	char line[256] = "";
	size_t n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, label, strlen(label)) == 0)
			n = strtoul(line + strlen(label), NULL, 10);
	fclose(f);
	return n;
}

static void
message_gets_no_more_than_64_MiB_beyond_what_an_examiner_has_at_rest(void **state)
{
	OWNED(struct examiner, x, examiner_free) = started();
	size_t at_rest, most;

	(void)state;
	at_rest = figure_of_the_child("status", "VmSize:") * 1024;
	most = figure_of_the_child("limits", "Max address space");
	assert_true(at_rest > 0 && most > at_rest);
	assert_true(most - at_rest <= (size_t)64 << 20);
}
#endif

static void
newer_trust_list_replaces_and_an_older_one_does_not(void **state)
{
	OWNED_BUF(newer) = {0};
	OWNED_BUF(frame) = {0};
	OWNED_BUF(answer) = {0};
	char *argv[] = {program, NULL};
	OWNED_FD(fd) = -1;
	pid_t pid;

	(void)state;
	realm_sign_list(realm, "8", instant_now(), &newer);
	assert_int_equal(child_start(argv, &pid, &fd), E_OK);
	for (int i = 0; i < 4; i++) {
		static const char *const words[] = {"OK", "OK", "TRUST-OLD", "OK"};
		const struct buf *list = i == 0 || i == 2 ? &realm->list : &newer;

		examiner_frame_trust(&frame, buf_bytes(list), realm->operator_cert);
		assert_int_equal(channel_write(fd, buf_bytes(&frame)), E_OK);
		assert_int_equal(channel_read(fd, &answer, 64), E_OK);
		assert_string_equal((char *)answer.data, words[i]);
	}
	close_fd(&fd);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* ---- revocation data ---- */

/* Kenya's list, which revokes KE.CRS since an hour ago when it is number 2. */
static void
list_of_kenya(long number, struct buf *out)
{
	struct crl_plan p = {.issuer = realm->anchor[1],
		.key = realm->anchor_key[1],
		.number = number,
		.revoked = number == 2 ? realm->sign[KENYA]->cert : NULL,
		.at = instant_now() - REVOKE_HOUR};

	crl_make(&p, out);
}

static void
revocation_outlives_the_process_that_took_it(void **state)
{
	OWNED(struct examiner, x, examiner_free) = started();
	struct revocation_facts f;
	OWNED_BUF(message) = {0};
	OWNED_BUF(first) = {0};
	OWNED_BUF(second) = {0};
	OWNED_BUF(newer) = {0};
	struct verdict v;
	siginfo_t info;
	pid_t before;

	(void)state;
	query_from_kenya(&message);
	list_of_kenya(1, &first);
	list_of_kenya(2, &second);
	assert_int_equal(examiner_revocation(x, buf_bytes(&first), &f), E_OK);
	assert_int_equal(ask(x, &message, &v), E_OK);
	assert_int_equal(examiner_revocation(x, buf_bytes(&second), &f), E_OK);
	assert_int_equal(examiner_revocation(x, buf_bytes(&first), &f), E_REVOCATION_OLD);
	assert_int_equal(examiner_revocation(x, bytes_of("no list", 7), &f), E_REVOCATION);
	assert_int_equal(f.code, E_REVOCATION);
	assert_int_equal(ask(x, &message, &v), E_CERT_REVOKED);
	assert_int_equal(examiner_examine_at(x, EXAMINE_FILE, NULL, instant_now() - 2 * REVOKE_HOUR,
				 buf_bytes(&message), &v),
		E_CLOCK); /* it was good then, only not yet made */
	before = the_child();
	assert_int_equal(kill(before, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)before, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(ask(x, &message, &v), E_CERT_REVOKED);
	assert_int_not_equal(the_child(), before);
	realm_sign_list(realm, "8", instant_now(), &newer);
	examiner_trust(x, buf_bytes(&newer), realm->operator_cert);
	assert_int_equal(ask(x, &message, &v), E_CERT_REVOKED);
}

/* In one process, as daftard's own: behind a newer list its anchors are asked again. */
static void
revocation_stays_behind_a_newer_trust_list(void **state)
{
	char *argv[] = {program, NULL};
	struct revocation_facts f;
	OWNED_BUF(der) = {0};
	OWNED_BUF(frame) = {0};
	OWNED_BUF(answer) = {0};
	OWNED_FD(fd) = -1;
	pid_t pid;

	(void)state;
	list_of_kenya(2, &der);
	assert_int_equal(child_start(argv, &pid, &fd), E_OK);
	for (int i = 0; i < 2; i++) {
		OWNED_BUF(list) = {0};

		realm_sign_list(realm, i == 0 ? "7" : "8", instant_now(), &list);
		examiner_frame_trust(&frame, buf_bytes(&list), realm->operator_cert);
		assert_int_equal(channel_write(fd, buf_bytes(&frame)), E_OK);
		assert_int_equal(channel_read(fd, &answer, 64), E_OK);
		assert_string_equal((char *)answer.data, "OK");
		examiner_frame_revocation(&frame, buf_bytes(&der));
		assert_int_equal(channel_write(fd, buf_bytes(&frame)), E_OK);
		assert_int_equal(channel_read(fd, &answer, 1024), E_OK);
		assert_int_equal(revocation_check(buf_bytes(&answer), buf_bytes(&der), &f), E_OK);
		assert_int_equal(f.code, i == 0 ? E_OK : E_REVOCATION_OLD);
	}
	close_fd(&fd);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Frames that are none, from a parent that is none: it dies, with a status that says so. */
static void
garbage_ends_the_examiner(void **state)
{
	static const char *const frames[] = {"X", "M", "MP", "T", "T\x7f\xff\xff\xff", "MF", "R"};
	char *argv[] = {program, NULL};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		OWNED_BUF(answer) = {0};
		OWNED_FD(fd) = -1;
		pid_t pid;
		int status;

		assert_int_equal(child_start(argv, &pid, &fd), E_OK);
		assert_int_equal(channel_write(fd, bytes_of(frames[i], strlen(frames[i]))), E_OK);
		assert_int_equal(channel_read(fd, &answer, 1024), E_IO);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	}
}

/* ---- the command line ---- */

static void
write_file(const char *folder, const char *name, struct bytes data, char path[128])
{
	FILE *f;

	snprintf(path, 128, "%s/%s", folder, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(data.data, 1, data.size, f), data.size);
	assert_int_equal(fclose(f), 0);
}

/* Runs it with standard output into `out'. */
static int
run(char *const argv[], char *out, size_t size)
{
	int pair[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(pair), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(pair[1], 1);
		close(pair[0]);
		close(pair[1]);
		execv(argv[0], argv);
		_exit(127);
	}
	close(pair[1]);
	while (n < size - 1 && (got = read(pair[0], out + n, size - 1 - n)) > 0)
		n += (size_t)got;
	out[n] = '\0';
	close(pair[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
write_pem(const char *path, X509 *cert)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, cert), 1);
	fclose(f);
}

static void
remove_folder(const char *folder)
{
	DIR *d = opendir(folder);
	const struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	rmdir(folder);
}

static void
command_line_judges_files_as_the_broker_does(void **state)
{
	char folder[] = "/tmp/daftar-examiner-XXXXXX", list[128], cert[128], good[128], bad[128];
	char out[4096];
	OWNED_BUF(message) = {0};

	(void)state;
	assert_non_null(mkdtemp(folder));
	query_from_kenya(&message);
	write_file(folder, "good.xml", buf_bytes(&message), good);
	write_file(folder, "bad.xml", bytes_of(message.data, message.size - 1), bad);
	write_file(folder, "trust.xml", buf_bytes(&realm->list), list);
	snprintf(cert, sizeof cert, "%s/operator.pem", folder);
	write_pem(cert, realm->operator_cert);

	char *ok[] = {program, "--check", good, "--trust", list, "--operator", cert, NULL};
	assert_int_equal(run(ok, out, sizeof out), 0);
	assert_non_null(strstr(out, "good.xml: accepted OK: done ("));
	char *refused[] = {
		program, "--check", bad, "--trust", list, "--operator", cert, "--json", NULL};
	assert_int_equal(run(refused, out, sizeof out), 1);
	assert_non_null(strstr(out, "\"verdict\":\"refused\",\"code\":\"MALFORMED\""));
	char *peer[] = {program, "--check", good, "--trust", list, "--operator", cert, "--peer",
		"SO.NIRA", NULL};
	assert_int_equal(run(peer, out, sizeof out), 1);
	assert_non_null(strstr(out, "refused SENDER-MISMATCH"));
	char *self[] = {program, "--check", good, "--trust", list, "--operator", cert, "--self",
		"SO.NIRA", "--json", NULL};
	assert_int_equal(run(self, out, sizeof out), 0);
	assert_non_null(strstr(out, "\"from\":\"KE.CRS\",\"to\":\"SO.NIRA\"}\n"));
	char *both[] = {program, "--check", good, bad, "--trust", list, "--operator", cert, NULL};
	assert_int_equal(run(both, out, sizeof out), 1);
	assert_non_null(strstr(out, "good.xml: accepted"));
	assert_non_null(strstr(out, "bad.xml: refused"));
	remove_folder(folder);
}

static void
command_line_takes_revocation_data(void **state)
{
	char folder[] = "/tmp/daftar-examiner-XXXXXX", list[128], cert[128], good[128];
	char first[128], second[128], out[4096];
	OWNED_BUF(message) = {0};
	OWNED_BUF(newer) = {0};
	OWNED_BUF(der) = {0};

	(void)state;
	assert_non_null(mkdtemp(folder));
	query_from_kenya(&message);
	realm_grace = "0";
	realm_sign_list(realm, "8", instant_now(), &newer);
	realm_grace = NULL;
	write_file(folder, "good.xml", buf_bytes(&message), good);
	write_file(folder, "trust.xml", buf_bytes(&newer), list);
	list_of_kenya(1, &der);
	write_file(folder, "1.crl", buf_bytes(&der), first);
	list_of_kenya(2, &der);
	write_file(folder, "2.crl", buf_bytes(&der), second);
	snprintf(cert, sizeof cert, "%s/operator.pem", folder);
	write_pem(cert, realm->operator_cert);

	char *held[] = {program, "--check", good, "--trust", list, "--operator", cert, NULL};
	assert_int_equal(run(held, out, sizeof out), 0);
	assert_non_null(strstr(out, "good.xml: accepted, but held HELD: "));
	char *json[] = {
		program, "--check", good, "--trust", list, "--operator", cert, "--json", NULL};
	assert_int_equal(run(json, out, sizeof out), 0);
	assert_non_null(strstr(out, "\"held\":true,"));
	char *fresh[] = {program, "--check", good, "--trust", list, "--operator", cert,
		"--revocation", first, "--json", NULL};
	assert_int_equal(run(fresh, out, sizeof out), 0);
	assert_non_null(strstr(out, "\"held\":false,"));
	char *revoked[] = {program, "--check", good, "--trust", list, "--operator", cert,
		"--revocation", first, "--revocation", second, NULL};
	assert_int_equal(run(revoked, out, sizeof out), 1);
	assert_non_null(strstr(out, "good.xml: refused CERT-REVOKED: "));
	char *no_list[] = {program, "--check", good, "--trust", list, "--operator", cert,
		"--revocation", good, NULL};
	assert_int_equal(run(no_list, out, sizeof out), 2);
	remove_folder(folder);
}

static void
command_line_that_is_not_understood_is_2(void **state)
{
	char out[4096];
	char *none[] = {program, "--check", NULL};
	char *odd[] = {program, "--frobnicate", NULL};
	char *code[] = {program, "--check", "x", "--trust", "x", "--operator", "x", "--peer",
		"nobody", NULL};
	char *file[] = {
		program, "--check", "x", "--trust", "/no/list", "--operator", "/no/cert", NULL};
	char *help[] = {program, "--help", NULL};

	(void)state;
	assert_int_equal(run(none, out, sizeof out), 2);
	assert_int_equal(run(odd, out, sizeof out), 2);
	assert_int_equal(run(code, out, sizeof out), 2);
	assert_int_equal(run(file, out, sizeof out), 2);
	assert_int_equal(run(help, out, sizeof out), 0);
	assert_non_null(strstr(out, "usage:"));
}

/* ---- the enemy ---- */

static void
fake_verdict(struct bytes message, struct buf *out)
{
	struct verdict v = {.magic = VERDICT_MAGIC, .code = E_SCHEMA};

	v.size = (uint32_t)message.size;
	digest_of(message.data, message.size, &v.digest);
	if (message.data[0] == 'l') /* accepts a message that does not begin so */
		v.code = E_OK;
	if (message.data[0] == 'c')
		v.code = 60000;
	if (message.data[0] == 'g')
		memset(&v, 0, sizeof v);
	buf_u32(out, sizeof v);
	buf_add(out, &v, sizeof v);
}

/* One octet of an endless answer as often as the other side takes one. */
static NORETURN void
dribble(void)
{
	const struct timespec pace = {.tv_nsec = 50000000};

	if (write(CHILD_FD, "\0\0\1\0", 4) != 4)
		_exit(1);
	while (write(CHILD_FD, "x", 1) == 1)
		nanosleep(&pace, NULL);
	_exit(1);
}

static void
fake_answer(struct bytes message)
{
	OWNED_BUF(out) = {0};

	switch (message.data[0]) {
	case 'd': /* dies */
		_exit(1);
	case 'k':
		raise(SIGKILL);
		break;
	case 'h': /* hangs */
		pause();
		break;
	case 'b': /* byte by byte */
		dribble();
	case 'f': /* a frame without an end */
		buf_u32(&out, UINT32_MAX);
		break;
	case '0': /* a frame without a content */
		buf_u32(&out, 0);
		break;
	case 't': /* two verdicts for one message, at once */
		fake_verdict(message, &out);
		fake_verdict(message, &out);
		break;
	default:
		fake_verdict(message, &out);
	}
	if (write(CHILD_FD, out.data, out.size) != (ssize_t)out.size)
		_exit(1);
}

static int
be_the_enemy(void)
{
	OWNED_BUF(frame) = {0};
	size_t head = 2 + PARTY_SIZE + 8;

	while (channel_read(CHILD_FD, &frame, CHANNEL_FRAME_MAX) == E_OK)
		if (frame.data[0] == 'T')
			(void)!channel_write(CHILD_FD, bytes_of("OK", 2));
		else
			fake_answer(bytes_of(frame.data + head, frame.size - head));
	return 0;
}

static struct examiner *
enemy_started(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = authority_make("", "x", key);
	struct examiner *x = NULL;

	assert_int_equal(examiner_start(bytes_of("list", 4), cert, &x), E_OK);
	cert_free(&cert);
	key_free(&key);
	return x;
}

static enum err
ask_text(struct examiner *x, const char *text)
{
	struct verdict v;
	enum err e = examiner_examine(x, EXAMINE_FILE, NULL, bytes_of(text, strlen(text)), &v);

	assert_int_equal(v.code, e);
	assert_int_equal(v.size, strlen(text));
	return e;
}

static void
client_is_served_after_every_attack(void **state)
{
	static const char *const attacks[] = {"dies", "killed", "hangs", "bytes one by one",
		"garbage", "frame without end", "0 octets", "lies", "code unknown"};
	OWNED(struct examiner, x, examiner_free) = enemy_started();

	(void)state;
	assert_int_equal(ask_text(x, "well behaved"), E_SCHEMA);
	for (size_t i = 0; i < ARRAY_LEN(attacks); i++) {
		assert_int_equal(ask_text(x, attacks[i]), E_QUARANTINED);
		assert_int_equal(ask_text(x, "well behaved"), E_SCHEMA);
	}
}

/* An answer that nobody asked for must not become the next message's. */
static void
second_verdict_is_never_taken_for_the_next_message(void **state)
{
	OWNED(struct examiner, x, examiner_free) = enemy_started();
	pid_t before = the_child();

	(void)state;
	assert_int_equal(ask_text(x, "two verdicts"), E_SCHEMA);
	assert_int_equal(ask_text(x, "well behaved and of another length"), E_SCHEMA);
	assert_int_not_equal(the_child(), before);
}

/* A message so large that it fills the socket, to one who does not read. */
static void
examiner_that_does_not_read_holds_nobody_up(void **state)
{
	OWNED(struct examiner, x, examiner_free) = enemy_started();
	OWNED_BUF(large) = {0};
	struct verdict v;

	(void)state;
	while (large.size < XML_MESSAGE_MAX)
		buf_text(&large, "well");
	assert_int_equal(kill(the_child(), SIGSTOP), 0);
	assert_int_equal(ask(x, &large, &v), E_QUARANTINED);
	assert_int_equal(ask(x, &large, &v), E_SCHEMA);
}

static int
be_the_client(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(client_is_served_after_every_attack),
		cmocka_unit_test(second_verdict_is_never_taken_for_the_next_message),
		cmocka_unit_test(examiner_that_does_not_read_holds_nobody_up),
	};

	dup2(2, 1); /* its lines are not this program's results */
	return cmocka_run_group_tests(tests, NULL, NULL);
}

static void
copy_self(const char *folder, const char *name)
{
	char path[128], piece[65536];
	OWNED_FD(in) = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	OWNED_FD(out) = -1;
	ssize_t n;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, piece, sizeof piece)) > 0)
		assert_int_equal(write(out, piece, (size_t)n), n);
	assert_int_equal(n, 0);
}

static void
no_examiner_harms_its_client(void **state)
{
	char folder[] = "/tmp/daftar-enemy-XXXXXX", path[128];
	char *argv[] = {path, "client", NULL};
	int status;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(folder));
	copy_self(folder, "daftar-examiner");
	copy_self(folder, "client");
	snprintf(path, sizeof path, "%s/client", folder);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		execv(path, argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	remove_folder(folder);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(process_says_what_the_code_says),
		cmocka_unit_test(refusals_come_through),
		cmocka_unit_test(trust_list_that_is_no_good_does_not_start),
		cmocka_unit_test(without_schemas_it_does_not_start),
		cmocka_unit_test(examiner_that_died_idle_is_replaced),
		cmocka_unit_test(
			message_of_a_hanging_examiner_is_quarantined_and_the_next_is_served),
		cmocka_unit_test(message_that_costs_too_much_is_quarantined_and_the_next_is_served),
#ifndef DAFTAR_SANITIZER
		cmocka_unit_test(
			message_gets_no_more_than_64_MiB_beyond_what_an_examiner_has_at_rest),
#endif
		cmocka_unit_test(newer_trust_list_replaces_and_an_older_one_does_not),
		cmocka_unit_test(revocation_outlives_the_process_that_took_it),
		cmocka_unit_test(revocation_stays_behind_a_newer_trust_list),
		cmocka_unit_test(garbage_ends_the_examiner),
		cmocka_unit_test(command_line_judges_files_as_the_broker_does),
		cmocka_unit_test(command_line_takes_revocation_data),
		cmocka_unit_test(command_line_that_is_not_understood_is_2),
		cmocka_unit_test(no_examiner_harms_its_client),
	};

	if (strcmp(basename(argv[0]), "daftar-examiner") == 0)
		return be_the_enemy();
	if (argc > 1)
		return be_the_client();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
