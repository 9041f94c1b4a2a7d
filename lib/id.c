/* SPDX-License-Identifier: EUPL-1.2
 *
 * Message ids, tracking numbers, party codes, digests and instants: how each is made, written and
 * read. Readers are strict: one value has one spelling, or it is not that value. The tracking
 * number is the exception, because people type it. */
#include "lib/id.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "lib/buf.h"
#include "lib/tracking.h"

static void
random_octets(void *out, size_t size)
{
	if (getrandom(out, size, 0) != (ssize_t)size)
		die("no random numbers");
}

/* RFC 9562 section 5.7 with method 1 of section 6.2: within a millisecond the 12 bits after the
 * version count up from a random start; a clock that steps back keeps the last millisecond. */
struct id
id_new(void)
{
	static int64_t last_ms;
	static uint32_t count;
	int64_t now = instant_now();
	struct id id;

	random_octets(id.octet, sizeof id.octet);
	if (now > last_ms) {
		last_ms = now;
		count = (uint32_t)(id.octet[6] & 0x03) << 8 | id.octet[7];
	} else if (++count > 0xfff) {
		last_ms++;
		count = 0;
	}
	for (int i = 0; i < 6; i++)
		id.octet[i] = (uint8_t)(last_ms >> (40 - 8 * i));
	id.octet[6] = (uint8_t)(0x70 | count >> 8);
	id.octet[7] = (uint8_t)count;
	id.octet[8] = (uint8_t)((id.octet[8] & 0x3f) | 0x80);
	return id;
}

void
id_format(const struct id *id, char out[ID_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	char *p = out;

	for (int i = 0; i < ID_SIZE; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = digits[id->octet[i] >> 4];
		*p++ = digits[id->octet[i] & 15];
	}
	*p = '\0';
}

bool
id_parse(const char *text, struct id *out)
{
	char hex[2 * ID_SIZE];
	size_t n = 0;

	if (strlen(text) != ID_TEXT_SIZE - 1)
		return false;
	for (size_t i = 0; i < ID_TEXT_SIZE - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash != (text[i] == '-'))
			return false;
		if (!dash)
			hex[n++] = text[i];
	}
	if (!hex_decode(hex, n, out->octet, ID_SIZE))
		return false;
	return out->octet[6] >> 4 == 7 && out->octet[8] >> 6 == 2;
}

bool
id_equal(const struct id *a, const struct id *b)
{
	return memcmp(a->octet, b->octet, ID_SIZE) == 0;
}

static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

static char
tracking_check(const char symbols[8])
{
	unsigned rest = 0;

	for (int i = 0; i < 8; i++)
		rest = (rest * 32 + (unsigned)(strchr(crockford, symbols[i]) - crockford)) % 37;
	return crockford[rest];
}

static void
tracking_write(const char s[8], char out[TRACKING_SIZE])
{
	snprintf(out, TRACKING_SIZE, "DFT-%.4s-%.4s-%c", s, s + 4, tracking_check(s));
}

uint64_t
tracking_bits(const struct id *conversation)
{
	struct digest d;
	uint64_t bits = 0;

	digest_of(conversation->octet, ID_SIZE, &d);
	for (int i = 0; i < 5; i++)
		bits = bits << 8 | d.octet[i];
	return bits;
}

void
tracking_of(const struct id *conversation, char out[TRACKING_SIZE])
{
	uint64_t bits = tracking_bits(conversation);
	char s[8];

	for (int i = 0; i < 8; i++)
		s[i] = crockford[bits >> (35 - 5 * i) & 31];
	tracking_write(s, out);
}

bool
tracking_is_plain(const char *number)
{
	return strpbrk(number, "*~$=") == NULL;
}

/* The symbol a person meant; 0 for one that cannot be meant. */
static char
tracking_symbol(char c, bool check)
{
	c = (char)toupper((unsigned char)c);
	if (c == 'O')
		return '0';
	if (c == 'I' || c == 'L')
		return '1';
	if (c != '\0' && memchr(crockford, c, check ? 37 : 32) != NULL)
		return c;
	return 0;
}

bool
tracking_parse(const char *text, char out[TRACKING_SIZE])
{
	char s[9];
	size_t n = 0;

	if (strncasecmp(text, "DFT", 3) == 0)
		text += 3;
	for (; *text != '\0'; text++) {
		if (*text == '-' || *text == ' ')
			continue;
		if (n == sizeof s)
			return false;
		s[n] = tracking_symbol(*text, n == 8);
		if (s[n++] == 0)
			return false;
	}
	if (n != sizeof s || tracking_check(s) != s[8])
		return false;
	tracking_write(s, out);
	return true;
}

size_t
tracking_beginning(const char *text, uint64_t *bits)
{
	char whole[TRACKING_SIZE];
	bool is_whole = tracking_parse(text, whole);
	size_t n = 0;

	*bits = 0;
	if (is_whole)
		text = whole;
	if (strncasecmp(text, "DFT", 3) == 0)
		text += 3;
	for (; *text != '\0' && n < 8; text++) {
		char symbol = tracking_symbol(*text, false);

		if (*text == '-' || *text == ' ')
			continue;
		if (symbol == 0)
			return 0;
		*bits |= (uint64_t)(strchr(crockford, symbol) - crockford) << (35 - 5 * n);
		n++;
	}
	return is_whole || text[strspn(text, "- ")] == '\0' ? n : 0;
}

bool
party_parse(const char *text, struct party *out)
{
	size_t left = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), right;

	if (left < 2 || left > 8 || text[left] != '.')
		return false;
	right = strspn(text + left + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	if (right < 1 || right > 16 || text[left + 1 + right] != '\0')
		return false;
	return copy_text(out->code, sizeof out->code, text);
}

bool
party_equal(const struct party *a, const struct party *b)
{
	return memcmp(a->code, b->code, PARTY_SIZE) == 0;
}

void
digest_of(const void *data, size_t size, struct digest *out)
{
	if (EVP_Digest(data, size, out->octet, NULL, EVP_sha256(), NULL) != 1)
		die("SHA-256 is not available");
}

void
digest_hmac(struct bytes key, struct bytes data, struct digest *out)
{
	if (HMAC(EVP_sha256(), key.data, (int)key.size, data.data, data.size, out->octet, NULL) ==
		NULL)
		die("HMAC-SHA-256 is not available");
}

void
digest_format(const struct digest *d, char out[DIGEST_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	char *p = out;

	for (int i = 0; i < DIGEST_SIZE; i++) {
		*p++ = digits[d->octet[i] >> 4];
		*p++ = digits[d->octet[i] & 15];
	}
	*p = '\0';
}

bool
digest_parse(const char *text, struct digest *out)
{
	return hex_decode(text, strlen(text), out->octet, DIGEST_SIZE);
}

bool
digest_equal(const struct digest *a, const struct digest *b)
{
	return equal_bytes(a->octet, b->octet, DIGEST_SIZE);
}

static int64_t
clock_ms(clockid_t which)
{
	struct timespec ts;

	if (clock_gettime(which, &ts) != 0)
		die("no clock");
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
instant_now(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t
monotonic_now(void)
{
	return clock_ms(CLOCK_BOOTTIME);
}

void
instant_format(int64_t ms, char out[INSTANT_TEXT_SIZE])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	char date[32];

	assert(ms >= 0 && ms < 253402300800000);
	gmtime_r(&seconds, &tm);
	strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out, INSTANT_TEXT_SIZE, "%.19s.%03dZ", date, (int)(ms % 1000));
}

bool
instant_parse(const char *text, int64_t *ms)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	char back[INSTANT_TEXT_SIZE];
	struct tm tm = {0};
	int milli;

	if (strlen(text) != sizeof shape - 1)
		return false;
	for (size_t i = 0; i < sizeof shape - 1; i++)
		if (shape[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != shape[i])
			return false;
	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		    &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &milli) != 7)
		return false;
	if (tm.tm_year < 1970)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*ms = (int64_t)timegm(&tm) * 1000 + milli;
	/* 31 February and 25 o'clock do not come back as they were written. */
	if (*ms < 0 || *ms >= 253402300800000)
		return false;
	instant_format(*ms, back);
	return strcmp(back, text) == 0;
}
