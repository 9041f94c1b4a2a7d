/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftar-examiner: parses, validates and verifies one message at a time, and can do nothing else.
 * Its life: load the schemas, enter the sandbox, prove that it holds, then frames on file
 * descriptor 3 (lib/examiner.h): a trust list, messages, a verdict for each. It dies when the other
 * end closes, on a frame that is none, and by a signal when a message takes more CPU time than a
 * message may; whoever started it starts another.
 *
 * With --check it is a client of itself: the same process, sandbox and code as in the broker, on
 * files. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/channel.h"
#include "lib/child.h"
#include "lib/examiner.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/sandbox.h"
#include "lib/xml.h"

#define EXIT_ACCEPTED 0
#define EXIT_REFUSED 1
#define EXIT_USAGE 2

/* Address space: 50 MiB at rest with schemas and a trust list, and what a message may take beyond.
 */
#define MEMORY_MAX (112u << 20)
#ifdef DAFTAR_SANITIZER
#define SLOWER 10
#else
#define SLOWER 1
#endif
#define MESSAGE_CPU_MS (100 * SLOWER)
#define MESSAGE_CPU_MOST 60000
#define TRUST_CPU_MS (10000 * SLOWER)

static const struct sandbox limits = {.memory = MEMORY_MAX};

/* ---- the examiner ---- */

/* The default action of SIGPROF ends the process; 0 takes the limit off. */
static void
limit_cpu(int ms)
{
	struct itimerval t = {.it_value = {ms / 1000, ms % 1000 * 1000}};

	if (setitimer(ITIMER_PROF, &t, NULL) != 0)
		die("no limit for CPU time");
}

/* A slow machine may need more than the usual 100 ms; what is not a number changes nothing. */
static int
message_cpu_ms(void)
{
	const char *set = secure_getenv("DAFTAR_EXAMINER_CPU_MS");
	char *end = NULL;
	long ms = set == NULL ? 0 : strtol(set, &end, 10);

	if (ms < 1 || ms > MESSAGE_CPU_MOST || *end != '\0')
		return MESSAGE_CPU_MS;
	return (int)ms;
}

static enum err
get_ready(void)
{
	OWNED(char, schemas, free_chars) = schemas_find();

	xml_init();
	if (schemas == NULL)
		return E_IO;
	TRY(xml_load_schemas(schemas));
	TRY(sandbox_enter(&limits));
	return sandbox_prove(&limits);
}

/* No reason of the system's stands behind it. */
static NORETURN void
die_of_garbage(const char *what)
{
	errno = 0;
	die("%s", what);
}

static enum err
read_trust(struct bytes frame, struct trust **out)
{
	OWNED(X509, operator_cert, cert_free) = NULL;
	struct cursor c = cursor_of(frame);
	struct bytes list;

	(void)cursor_u8(&c);
	list = cursor_take(&c, cursor_u32(&c));
	if (c.bad)
		die_of_garbage("the trust list's frame is cut off");
	TRY(cert_of_der(bytes_of(c.at, c.left), &operator_cert));
	return trust_load(list, operator_cert, instant_now(), out);
}

/* A list that is no good, or older, leaves the one that is known in its place. */
static enum err
take_trust(struct bytes frame, struct trust **known, struct revocations *r)
{
	OWNED(struct trust, next, trust_free) = NULL;

	TRY(read_trust(frame, &next));
	if (*known != NULL)
		TRY(trust_replaces(*known, next));
	trust_free(known);
	*known = TAKE(next);
	revocations_trust(r, *known);
	return E_OK;
}

static void
take_revocation(struct bytes frame, const struct trust *trust, struct revocations *r,
	struct revocation_facts *out)
{
	enum err e;

	if (trust == NULL)
		die_of_garbage("revocation data came before the trust list");
	e = revocations_take(
		r, trust, bytes_of(frame.data + 1, frame.size - 1), instant_now(), out);
	assert(out->code == (uint32_t)e);
}

static void
judge(struct bytes frame, const struct trust *trust, const struct revocations *r,
	struct verdict *out)
{
	struct cursor c = cursor_of(frame);
	const struct party *peer = NULL, *self = NULL;
	struct party party;
	uint8_t mode;
	int64_t when;

	(void)cursor_u8(&c);
	mode = cursor_u8(&c);
	cursor_copy(&c, party.code, sizeof party.code);
	when = (int64_t)cursor_u64(&c);
	if (c.bad || party.code[PARTY_SIZE - 1] != '\0')
		die_of_garbage("a message's frame is cut off");
	if (mode == EXAMINE_FROM_PEER)
		peer = &party;
	else if (mode == EXAMINE_AS_ADDRESSEE)
		self = &party;
	else if (mode != EXAMINE_FILE)
		die_of_garbage("a message's frame has no known mode");
	if (trust == NULL)
		die_of_garbage("a message came before the trust list");
	examine(bytes_of(c.at, c.left), trust, r, peer, self, when == 0 ? instant_now() : when,
		out);
}

static void
reply(const void *data, size_t size)
{
	if (channel_write(CHILD_FD, bytes_of(data, size)) != E_OK)
		exit(EXIT_SUCCESS);
}

static void
answer(struct bytes frame, struct trust **trust, struct revocations *r)
{
	struct revocation_facts facts;
	struct verdict v;
	const char *word;

	switch (frame.data[0]) {
	case 'T':
		limit_cpu(TRUST_CPU_MS);
		word = err_word(take_trust(frame, trust, r));
		limit_cpu(0);
		reply(word, strlen(word));
		return;
	case 'R':
		limit_cpu(message_cpu_ms());
		take_revocation(frame, *trust, r, &facts);
		limit_cpu(0);
		reply(&facts, sizeof facts);
		return;
	case 'M':
		limit_cpu(message_cpu_ms());
		judge(frame, *trust, r, &v);
		limit_cpu(0);
		reply(&v, sizeof v);
		return;
	default:
		die_of_garbage("a frame of an unknown kind");
	}
}

/* Not getting ready is told to whoever waits for an answer to the trust list. */
static int
serve(void)
{
	OWNED_BUF(frame) = {0};
	OWNED(struct trust, trust, trust_free) = NULL;
	OWNED(struct revocations, revocations, revocations_free) = revocations_new();
	enum err ready = get_ready();

	while (channel_read(CHILD_FD, &frame, CHANNEL_FRAME_MAX) == E_OK) {
		if (ready != E_OK) {
			log_line(LOG_ERROR, "%s: %s", err_word(ready), err_sentence(ready));
			reply(err_word(ready), strlen(err_word(ready)));
			return EXIT_FAILURE;
		}
		answer(buf_bytes(&frame), &trust, revocations);
	}
	return EXIT_SUCCESS;
}

/* ---- the command line ---- */

#define REVOCATION_FILES 32

struct check {
	const char *trust, *operator_file;
	const char *revocation[REVOCATION_FILES];
	size_t n_revocation;
	bool json;
	enum examine_mode mode;
	struct party party;
};

static void
usage(FILE *to)
{
	fputs("usage: daftar-examiner --check FILE... --trust LIST --operator CERT\n"
	      "                       [--revocation FILE]... [--peer CODE | --self CODE] [--json]\n"
	      "Examines messages exactly as the broker does.\n"
	      "  --peer CODE  came over the connection of this party\n"
	      "  --self CODE  must be addressed to this party\n"
	      "  --revocation FILE  a CRL or OCSP response (DER) that is in force; repeatable\n"
	      "exit status: 0 accepted, 1 refused, 2 not examined\n",
		to);
}

static bool
read_file(const char *name, size_t max, struct buf *out)
{
	enum err e = file_read(name, max, out);

	/* More than there may be is refused for it when it is examined. */
	return e == E_OK || e == E_TOO_LARGE;
}

static void
print_json(const char *file, const struct verdict *v)
{
	char digest[DIGEST_TEXT_SIZE], id[ID_TEXT_SIZE];
	enum err e = (enum err)v->code;
	static const struct id none;

	digest_format(&v->digest, digest);
	id_format(&v->header.id, id);
	fputs("{\"file\":\"", stdout);
	for (const char *p = file; *p != '\0'; p++)
		if (*p == '"' || *p == '\\' || (unsigned char)*p < 0x20)
			printf("\\u%04x", (unsigned)(unsigned char)*p);
		else
			putchar(*p);
	printf("\",\"verdict\":\"%s\",\"code\":\"%s\",\"sentence\":\"%s\",\"cpu_us\":%" PRIu32
	       ",\"size\":%" PRIu32 ",\"sha256\":\"%s\",\"id\":",
		e == E_OK ? "accepted" : "refused", err_word(e), err_sentence(e), v->cpu_us,
		v->size, digest);
	if (id_equal(&v->header.id, &none))
		printf("null,");
	else
		printf("\"%s\",", id);
	printf("\"held\":%s,\"from\":\"%s\",\"to\":\"%s\"}\n", v->held ? "true" : "false",
		v->header.from.code, v->header.to.code);
}

static void
print_verdict(const struct check *k, const char *file, const struct verdict *v)
{
	enum err e = (enum err)v->code;

	if (k->json)
		print_json(file, v);
	else if (v->held)
		printf("%s: accepted, but held %s: %s (%" PRIu32 " us)\n", file, err_word(E_HELD),
			err_sentence(E_HELD), v->cpu_us);
	else
		printf("%s: %s %s: %s (%" PRIu32 " us)\n", file, e == E_OK ? "accepted" : "refused",
			err_word(e), err_sentence(e), v->cpu_us);
}

static int
complain(const char *what, enum err e)
{
	fprintf(stderr, "daftar-examiner: %s: %s (%s)\n", what, err_sentence(e), err_word(e));
	return EXIT_USAGE;
}

static int
give_revocations(const struct check *k, struct examiner *x)
{
	OWNED_BUF(der) = {0};
	struct revocation_facts facts;
	enum err e;

	for (size_t i = 0; i < k->n_revocation; i++) {
		if (!read_file(k->revocation[i], REVOCATION_MAX, &der))
			return complain(k->revocation[i], E_IO);
		e = examiner_revocation(x, buf_bytes(&der), &facts);
		if (e != E_OK && e != E_REVOCATION_OLD)
			return complain(k->revocation[i], e);
	}
	return EXIT_ACCEPTED;
}

static int
check_files(const struct check *k, char *const *files)
{
	OWNED_BUF(bytes) = {0};
	OWNED(X509, operator_cert, cert_free) = NULL;
	OWNED(struct examiner, x, examiner_free) = NULL;
	int status = EXIT_ACCEPTED;
	struct verdict v;
	enum err e;

	if ((e = cert_load(k->operator_file, &operator_cert)) != E_OK)
		return complain(k->operator_file, e);
	if (!read_file(k->trust, XML_MESSAGE_MAX, &bytes))
		return complain(k->trust, E_NO_TRUST);
	if ((e = examiner_start(buf_bytes(&bytes), operator_cert, &x)) != E_OK)
		return complain(k->trust, e);
	if ((status = give_revocations(k, x)) != EXIT_ACCEPTED)
		return status;
	for (; *files != NULL; files++) {
		if (!read_file(*files, XML_MESSAGE_MAX, &bytes))
			return complain(*files, E_IO);
		if (examiner_examine(x, k->mode, &k->party, buf_bytes(&bytes), &v) != E_OK)
			status = EXIT_REFUSED;
		print_verdict(k, *files, &v);
	}
	return status;
}

static bool
add_revocation(struct check *k, const char *file)
{
	if (k->n_revocation == REVOCATION_FILES)
		return false;
	k->revocation[k->n_revocation++] = file;
	return true;
}

static bool
set_party(struct check *k, enum examine_mode mode, const char *code)
{
	if (k->mode != EXAMINE_FILE || !party_parse(code, &k->party))
		return false;
	k->mode = mode;
	return true;
}

static const struct option options[] = {{"check", no_argument, NULL, 'c'},
	{"trust", required_argument, NULL, 't'}, {"operator", required_argument, NULL, 'o'},
	{"peer", required_argument, NULL, 'p'}, {"self", required_argument, NULL, 's'},
	{"revocation", required_argument, NULL, 'r'}, {"json", no_argument, NULL, 'j'},
	{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {0}};

/* 0: go on; otherwise the letter that says why not. */
static int
read_options(int argc, char **argv, struct check *k)
{
	bool good = true;
	int letter;

	while (good && (letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (letter == 'h' || letter == 'V')
			return letter;
		if (letter == 't')
			k->trust = optarg;
		else if (letter == 'o')
			k->operator_file = optarg;
		else if (letter == 'j')
			k->json = true;
		else if (letter == 'r')
			good = add_revocation(k, optarg);
		else if (letter == 'p')
			good = set_party(k, EXAMINE_FROM_PEER, optarg);
		else if (letter == 's')
			good = set_party(k, EXAMINE_AS_ADDRESSEE, optarg);
		else
			good = letter == 'c';
	}
	good = good && k->trust != NULL && k->operator_file != NULL && optind < argc;
	return good ? 0 : '?';
}

static int
check_main(int argc, char **argv)
{
	struct check k = {.mode = EXAMINE_FILE};

	switch (read_options(argc, argv, &k)) {
	case 'h':
		usage(stdout);
		return EXIT_SUCCESS;
	case 'V':
		puts("daftar-examiner " PACKAGE_VERSION);
		return EXIT_SUCCESS;
	case '?':
		usage(stderr);
		return EXIT_USAGE;
	}
	return check_files(&k, argv + optind);
}

int
main(int argc, char **argv)
{
	log_open("daftar-examiner", LOG_NOTICE);
	if (argc > 1)
		return check_main(argc, argv);
	if (fcntl(CHILD_FD, F_GETFD) < 0) {
		usage(stderr);
		return EXIT_USAGE;
	}
	return serve();
}
