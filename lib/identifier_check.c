/* SPDX-License-Identifier: EUPL-1.2
 *
 * Check digits, and what some numbers tell of themselves, each from its published rule. The values
 * have the form that their scheme asks for. */
#include <stdlib.h>
#include <string.h>

#include "lib/identifier_parts.h"
#include "lib/lang.h"

#define ABROAD N_("abroad")

static int
digit(const char *at)
{
	return *at - '0';
}

static int
two(const char *at)
{
	return digit(at) * 10 + digit(at + 1);
}

/* ---- Verhoeff: the dihedral group of the pentagon ---- */

/* Turning by i, then by j; from 5 on the pentagon lies on its face. */
static int
turned(int i, int j)
{
	if (i < 5)
		return j < 5 ? (i + j) % 5 : 5 + (i + j) % 5;
	return j < 5 ? 5 + (i - j) % 5 : (i - j + 5) % 5;
}

bool
verhoeff_fits(const char *digits)
{
	/* its powers are applied from the right: once, twice, .. */
	static const int permuted[10] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
	size_t n = strlen(digits);
	int sum = 0;

	if (n == 0 || strspn(digits, "0123456789") != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int d = digit(digits + n - 1 - i);

		for (size_t k = 0; k < i % 8; k++)
			d = permuted[d];
		sum = turned(sum, d);
	}
	return sum == 0;
}

bool
fits_verhoeff(const char *value)
{
	return verhoeff_fits(value);
}

/* Neither begins with 0 or 1. */
bool
tells_mosip(const char *value, struct identifier_result *out)
{
	(void)out;
	return value[0] >= '2';
}

/* ---- France: NIR ---- */

/* The two of Corsica are counted as 19 and 18. */
bool
fits_nir(const char *value)
{
	char number[14];
	int rest = 0;

	memcpy(number, value, 13);
	number[13] = '\0';
	if (number[6] == 'A' || number[6] == 'B') {
		number[5] = '1';
		number[6] = number[6] == 'A' ? '9' : '8';
	}
	for (size_t i = 0; i < 13; i++)
		rest = (rest * 10 + digit(number + i)) % 97;
	return two(value + 13) == 97 - rest;
}

/* Months above 12 stand for a birth whose month was not known. */
bool
tells_nir(const char *value, struct identifier_result *out)
{
	int month = two(value + 3);

	out->sex = value[0] == '1' || value[0] == '7' ? 'M' : 'F';
	out->year = two(value + 1);
	out->month = month >= 1 && month <= 12 ? month : 0;
	out->place = strncmp(value + 5, "99", 2) == 0 ? ABROAD : NULL;
	return month != 0;
}

/* ---- Italy: codice fiscale ---- */

/* Where two people would have the same code, digits are written as letters. */
static int
omocodia(char c)
{
	static const char letters[] = "LMNPQRSTUV";
	const char *at = strchr(letters, c);

	return c >= '0' && c <= '9' ? c - '0' : at != NULL ? (int)(at - letters) : 0;
}

static int
two_of_omocodia(const char *at)
{
	return omocodia(at[0]) * 10 + omocodia(at[1]);
}

/* Characters at odd places, counted from 1, by this table; at even ones by their own order. */
bool
fits_codice_fiscale(const char *value)
{
	static const int odd[26] = {1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8,
		12, 14, 16, 10, 22, 25, 24, 23};
	int sum = 0;

	for (size_t i = 0; i < 15; i++) {
		int order = value[i] <= '9' ? value[i] - '0' : value[i] - 'A';

		sum += i % 2 == 0 ? odd[order] : order;
	}
	return value[15] == 'A' + sum % 26;
}

bool
tells_codice_fiscale(const char *value, struct identifier_result *out)
{
	static const char months[] = "ABCDEHLMPRST";
	int day = two_of_omocodia(value + 9);

	out->sex = day > 40 ? 'F' : 'M';
	out->year = two_of_omocodia(value + 6);
	out->month = (int)(strchr(months, value[8]) - months) + 1;
	out->day = day > 40 ? day - 40 : day;
	out->place = value[11] == 'Z' ? ABROAD : NULL;
	return out->day >= 1 && out->day <= 31;
}

/* ---- Spain ---- */

bool
fits_dni(const char *value)
{
	static const char letters[] = "TRWAGMYFPDXBNJZSQVHLCKE", nie[] = "XYZ";
	const char *first = strchr(nie, value[0]);
	long number = first != NULL ? first - nie : digit(value);

	for (size_t i = 1; i < 8; i++)
		number = number * 10 + digit(value + i);
	return letters[number % 23] == value[8];
}

/* ---- Estonia ---- */

static int
weighed(const char *value, int first)
{
	int sum = 0;

	for (int i = 0; i < 10; i++)
		sum += digit(value + i) * ((first + i - 1) % 9 + 1);
	return sum % 11;
}

bool
fits_isikukood(const char *value)
{
	int check = weighed(value, 1);

	if (check == 10)
		check = weighed(value, 3);
	return digit(value + 10) == (check == 10 ? 0 : check);
}

static bool
is_day(int year, int month, int day)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (month == 2 && leap);
}

bool
tells_isikukood(const char *value, struct identifier_result *out)
{
	int first = digit(value);

	out->sex = first % 2 == 1 ? 'M' : 'F';
	out->century = true;
	out->year = 1800 + (first - 1) / 2 * 100 + two(value + 1);
	out->month = two(value + 3);
	out->day = two(value + 5);
	return is_day(out->year, out->month, out->day);
}

/* ---- Egypt and Libya ---- */

bool
tells_egypt(const char *value, struct identifier_result *out)
{
	out->sex = digit(value + 12) % 2 == 1 ? 'M' : 'F';
	out->century = true;
	out->year = 1700 + digit(value) * 100 + two(value + 1);
	out->month = two(value + 3);
	out->day = two(value + 5);
	out->place = two(value + 7) == 88 ? ABROAD : NULL;
	return is_day(out->year, out->month, out->day);
}

bool
tells_libya(const char *value, struct identifier_result *out)
{
	out->sex = value[0] == '1' ? 'M' : 'F';
	out->century = true;
	out->year = two(value + 1) * 100 + two(value + 3);
	return out->year >= 1850 && out->year < 2150;
}
