/* SPDX-License-Identifier: EUPL-1.2
 *
 * Weights are odd, so that one wrong character always changes the last one of its group. */
#include "certs/recovery_code.h"

#include <ctype.h>
#include <string.h>

#include <openssl/rand.h>

#include "lib/id.h"

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static char
check_of(const char *group)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < RECOVERY_GROUP - 1; i++)
		sum += (2 * i + 3) * (unsigned)(strchr(digits, group[i]) - digits);
	return digits[sum % 32];
}

void
recovery_code_make(char out[RECOVERY_CODE_SIZE])
{
	uint8_t chance[RECOVERY_GROUPS * (RECOVERY_GROUP - 1)];
	char *p = out;

	if (RAND_bytes(chance, sizeof chance) != 1)
		die("no random numbers");
	for (size_t g = 0; g < RECOVERY_GROUPS; g++) {
		for (size_t i = 0; i < RECOVERY_GROUP - 1; i++)
			p[i] = digits[chance[g * (RECOVERY_GROUP - 1) + i] % 32];
		p[RECOVERY_GROUP - 1] = check_of(p);
		p[RECOVERY_GROUP] = g + 1 < RECOVERY_GROUPS ? '-' : '\0';
		p += RECOVERY_GROUP + 1;
	}
	explicit_bzero(chance, sizeof chance);
}

static char
digit_of(char typed)
{
	char c = (char)toupper((unsigned char)typed);

	return c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
}

int
recovery_code_read(const char *typed, char out[RECOVERY_CODE_SIZE])
{
	size_t n = 0;

	memset(out, 0, RECOVERY_CODE_SIZE);
	for (; *typed != '\0'; typed++) {
		size_t group = n / (RECOVERY_GROUP + 1);
		char c = digit_of(*typed);

		if (c == '-' || isspace((unsigned char)c))
			continue;
		if (group == RECOVERY_GROUPS || strchr(digits, c) == NULL)
			return (int)group + 1;
		out[n++] = c;
		if (n % (RECOVERY_GROUP + 1) != RECOVERY_GROUP)
			continue;
		if (out[n - 1] != check_of(&out[n - RECOVERY_GROUP]))
			return (int)group + 1;
		out[n++] = group + 1 < RECOVERY_GROUPS ? '-' : '\0';
	}
	return n == RECOVERY_CODE_SIZE ? 0 : (int)(n / (RECOVERY_GROUP + 1)) + 1;
}

void
recovery_code_key(const char code[RECOVERY_CODE_SIZE], uint8_t key[RECOVERY_KEY_SIZE])
{
	static const char label[] = "daftar recovery code 1";
	struct digest d;

	digest_hmac(bytes_of(code, RECOVERY_CODE_SIZE - 1), bytes_of(label, sizeof label - 1), &d);
	memcpy(key, d.octet, RECOVERY_KEY_SIZE);
	explicit_bzero(&d, sizeof d);
}
