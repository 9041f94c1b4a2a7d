/* SPDX-License-Identifier: EUPL-1.2
 *
 * What it costs to file a request out of a batch, against the floor of the same run: a message of
 * the same size encrypted and signed in a bare loop, with nothing around it.
 *
 *	filing REALM DAFTAR CSV ROWS
 *
 * DAFTAR_HOME is an office of the realm that has filed nothing. Prints {"bench":"filing","rows":..,
 * "ms_each":..,"floor_ms_each":..,"of_floor":..,"cpu_ms_each":..}: by the clock on the wall,
 *flushes to the disk and the start of the program among it, and by its processor time, which others
 *on the machine disturb less. Status 1 when a row takes 3 ms or longer by the wall. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "lib/message.h"
#include "tests/bench/parcel.h"

#define FROM "UNHCR.NBO"
#define TO "KE.CRS"
#define BODY_SIZE 3000 /* of a request with parents and consent */
#define MOST_MS 3.0

extern char **environ;

static struct header
make_header(const struct bench_realm *r)
{
	struct header h = {.action = A_TRANSCRIPTION_REQUEST,
		.conversation = id_new(),
		.created = instant_now(),
		.channel_seq = 1};

	h.id = h.leg = h.conversation;
	h.expires = h.retain_until = h.created + 86400000;
	if (!copy_text(h.realm, sizeof h.realm, trust_realm(r->trust)) ||
		!party_parse(FROM, &h.from) || !party_parse(TO, &h.to))
		die("bench: header");
	strcpy(h.agreement, "NONE");
	strcpy(h.purpose, "BIRTH-TRANSCRIPTION");
	return h;
}

static int64_t
floor_ns(const struct bench_realm *r, size_t n)
{
	static const char open[] = "<c:TranscriptionRequest xmlns:c=\"urn:daftar:case:1\">",
			  end[] = "</c:TranscriptionRequest>";
	OWNED(struct identity, sender, identity_free) = bench_identity(r, FROM);
	struct header h = make_header(r);
	OWNED_BUF(body) = {0};
	int64_t began;

	buf_text(&body, open);
	while (body.size < BODY_SIZE)
		buf_u8(&body, 'x');
	buf_text(&body, end);
	began = bench_ns();
	for (size_t i = 0; i < n; i++) {
		OWNED_BUF(out) = {0};

		if (message_compose(&h, buf_bytes(&body), trust_party(r->trust, &h.to)->encrypt, 1,
			    sender, &out) != E_OK)
			die("bench: message");
	}
	return bench_ns() - began;
}

static double
ms_of(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static int64_t
filing_ns(char *daftar, char *csv, double *cpu_ms)
{
	char *argv[] = {daftar, "batch", "file", csv, "--quiet", NULL};
	int64_t began = bench_ns();
	struct rusage used;
	int status;
	pid_t pid;

	if (posix_spawn(&pid, daftar, NULL, NULL, argv, environ) != 0 ||
		wait4(pid, &status, 0, &used) != pid || !WIFEXITED(status) ||
		WEXITSTATUS(status) != 7)
		die("bench: %s batch file %s", daftar, csv);
	*cpu_ms = ms_of(used.ru_utime) + ms_of(used.ru_stime);
	return bench_ns() - began;
}

int
main(int argc, char **argv)
{
	struct bench_realm r;
	double each, least, cpu;
	size_t n;

	if (argc != 5)
		die("usage: filing REALM DAFTAR CSV ROWS");
	n = (size_t)atol(argv[4]);
	bench_realm_load(&r, argv[1]);
	least = (double)floor_ns(&r, n) / 1e6 / (double)n;
	each = (double)filing_ns(argv[2], argv[3], &cpu) / 1e6 / (double)n;
	printf("{\"bench\":\"filing\",\"rows\":%zu,\"ms_each\":%.2f,\"floor_ms_each\":%.2f,"
	       "\"of_floor\":%.2f,\"cpu_ms_each\":%.2f}\n",
		n, each, least, each / least, cpu / (double)n);
	return each < MOST_MS ? 0 : 1;
}
