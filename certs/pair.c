/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar-pki pair': the secret that two registries share, and nobody else: from it they make the
 * key of a record that is the same on both sides and says nothing to anyone between them. One side
 * makes it, a person carries it, the other side takes it. */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "certs/pki.h"
#include "certs/place.h"
#include "lib/id.h"
#include "lib/keyring.h"

#define SECRET_SIZE 32

static enum err
take_secret(const char *file, uint8_t secret[SECRET_SIZE])
{
	enum err e = secret_load(file, secret, SECRET_SIZE);

	if (e == E_OK)
		return E_OK;
	return refuse(e, say("%s is not a pair secret with mode 0600", file), "nothing was changed",
		say("if the file is the right one: chmod 600 %s", file));
}

/* Not the secret's own digest, lest it ever be used for something else. */
static void
print_of(const uint8_t secret[SECRET_SIZE], char out[FINGERPRINT_SIZE])
{
	static const char label[] = "daftar pair fingerprint";
	struct digest d;

	digest_hmac(bytes_of(secret, SECRET_SIZE), bytes_of(label, sizeof(label) - 1), &d);
	fingerprint_format(&d, out);
}

static enum err
write_secret(const uint8_t secret[SECRET_SIZE], const char *file, bool force)
{
	OWNED_BUF(line) = {0};

	buf_hex(&line, secret, SECRET_SIZE);
	buf_text(&line, "\n");
	return place_secret(file, buf_bytes(&line), force);
}

static enum err
make_or_take(const struct options *o, const char *file, char print[FINGERPRINT_SIZE])
{
	const char *from = option_value(o, OPT_TAKE);
	uint8_t secret[SECRET_SIZE];
	enum err e = E_OK;

	if (from)
		e = take_secret(from, secret);
	else if (RAND_bytes(secret, sizeof(secret)) != 1)
		die("OpenSSL: no random octets");
	if (e == E_OK)
		e = write_secret(secret, file, option_given(o, OPT_FORCE));
	if (e == E_OK)
		print_of(secret, print);
	OPENSSL_cleanse(secret, sizeof(secret));
	return e;
}

enum err
pki_pair(const struct options *o)
{
	const char *folder = o->argument[0], *other = o->argument[1];
	const char *file = say("%s/pair-%s.key", folder, other);
	char print[FINGERPRINT_SIZE];
	struct party party;

	if (!party_parse(other, &party))
		return refuse(E_INPUT, say("`%s' is not a party code such as SO.NIRA", other),
			"nothing was changed", "daftar-pki pair --help");
	TRY(make_or_take(o, file, print));
	printf("the secret shared with %s is in %s\nboth sides must have the same fingerprint:\n"
	       "  %s\n",
		other, file, print);
	if (!option_given(o, OPT_TAKE))
		printf("let a person carry a copy to %s; there: daftar-pki pair DIR CODE --take "
		       "FILE\n",
			other);
	return E_OK;
}
