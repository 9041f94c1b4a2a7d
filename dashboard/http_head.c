/* SPDX-License-Identifier: EUPL-1.2 */
#include "dashboard/http_head.h"

#include <string.h>
#include <strings.h>

#define DONE 200
#define MORE 0

enum method { GET, HEAD, POST };

struct reading {
	struct bytes all;
	size_t at; /* of the next line */
	enum method method;
	bool has_host, has_length;
	size_t length;
	size_t fields;
};

/* The next line without its CRLF. Every other use of CR, LF or NUL is refused. */
static int
next_line(struct reading *r, struct bytes *line)
{
	const uint8_t *from = r->all.data + r->at;
	size_t left = r->all.size - r->at, n = 0;

	while (n < left && from[n] != '\r' && from[n] != '\n' && from[n] != '\0')
		n++;
	if (n < left && from[n] != '\r')
		return 400;
	if (n + 1 < left && from[n + 1] != '\n')
		return 400;
	if (n + 1 >= left)
		return MORE;
	*line = bytes_of(from, n);
	r->at += n + 2;
	return DONE;
}

static bool
starts(struct bytes line, const char *word)
{
	return line.size >= strlen(word) && memcmp(line.data, word, strlen(word)) == 0;
}

static int
read_method(struct bytes *line, enum method *out)
{
	static const struct {
		const char *word;
		enum method method;
	} methods[] = {{"GET ", GET}, {"HEAD ", HEAD}, {"POST ", POST}};

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (starts(*line, methods[i].word)) {
			size_t n = strlen(methods[i].word);

			*out = methods[i].method;
			*line = bytes_of(line->data + n, line->size - n);
			return DONE;
		}
	for (size_t i = 0; i < line->size && line->data[i] != ' '; i++)
		if (line->data[i] < 'A' || line->data[i] > 'Z')
			return 400;
	return line->size == 0 ? 400 : 405;
}

/* "GET /path?query HTTP/1.1": one space each, the target in origin form, visible ASCII. */
static int
read_first(struct reading *r, struct bytes line)
{
	const uint8_t *space;
	size_t n;
	int status = read_method(&line, &r->method);

	if (status != DONE)
		return status;
	space = line.size > 0 ? memchr(line.data, ' ', line.size) : NULL;
	if (space == NULL || line.data[0] != '/')
		return 400;
	n = (size_t)(space - line.data);
	if (n > TARGET_MAX)
		return 414;
	for (size_t i = 0; i < n; i++)
		if (line.data[i] <= ' ' || line.data[i] >= 0x7f || line.data[i] == '#')
			return 400;
	if (n > 1 && line.data[1] == '/')
		return 400;
	line = bytes_of(space + 1, line.size - n - 1);
	if (line.size != 8 || !starts(line, "HTTP/"))
		return 400;
	return starts(line, "HTTP/1.1") ? DONE : 505;
}

static bool
is_token(uint8_t c)
{
	return c > ' ' && c < 0x7f && strchr("\"(),/:;<=>?@[\\]{}", c) == NULL;
}

static bool
is_name(struct bytes line, size_t n, const char *name)
{
	return n == strlen(name) && strncasecmp((const char *)line.data, name, n) == 0;
}

static int
read_length(struct reading *r, struct bytes value)
{
	if (r->has_length || value.size == 0)
		return 400;
	r->has_length = true;
	for (size_t i = 0; i < value.size; i++) {
		if (value.data[i] < '0' || value.data[i] > '9')
			return 400;
		if (r->length <= BODY_MAX)
			r->length = r->length * 10 + (size_t)(value.data[i] - '0');
	}
	return r->length > BODY_MAX ? 413 : DONE;
}

static struct bytes
trim(struct bytes v)
{
	while (v.size > 0 && (v.data[0] == ' ' || v.data[0] == '\t'))
		v = bytes_of(v.data + 1, v.size - 1);
	while (v.size > 0 && (v.data[v.size - 1] == ' ' || v.data[v.size - 1] == '\t'))
		v.size--;
	return v;
}

/* What only makes sense once; a second one would be read by one program and not by another. */
static bool
comes_twice(const struct reading *r, struct bytes line, size_t n)
{
	static const char *const once[] = {"Host", "Cookie", "Origin", "Sec-Fetch-Site",
		"Content-Type", "Connection", "If-None-Match", "Last-Event-ID"};
	const uint8_t *before = r->all.data;
	size_t k = 0;

	while (k < ARRAY_LEN(once) && !is_name(line, n, once[k]))
		k++;
	if (k == ARRAY_LEN(once))
		return false;
	for (size_t i = 0; before + i + 2 < line.data; i++)
		if (before[i] == '\n' && before + i + 1 != line.data &&
			strncasecmp((const char *)before + i + 1, once[k], n) == 0 &&
			before[i + 1 + n] == ':')
			return true;
	return false;
}

/* "Name: value": no space before the colon, no folded line, no octet above ASCII. */
static int
read_field(struct reading *r, struct bytes line)
{
	struct bytes value;
	size_t n = 0;

	if (++r->fields > HEAD_FIELDS_MAX)
		return 431;
	while (n < line.size && is_token(line.data[n]))
		n++;
	if (n == 0 || n == line.size || line.data[n] != ':')
		return 400;
	value = trim(bytes_of(line.data + n + 1, line.size - n - 1));
	for (size_t i = 0; i < value.size; i++)
		if ((value.data[i] < ' ' && value.data[i] != '\t') || value.data[i] >= 0x7f)
			return 400;
	if (is_name(line, n, "Transfer-Encoding") || comes_twice(r, line, n))
		return 400;
	if (is_name(line, n, "Expect"))
		return 417;
	if (is_name(line, n, "Host"))
		r->has_host = true;
	return is_name(line, n, "Content-Length") ? read_length(r, value) : DONE;
}

static int
judge(const struct reading *r, struct head *out)
{
	if (!r->has_host)
		return 400;
	if (r->method == POST && !r->has_length)
		return 411;
	if (r->method != POST && r->length != 0)
		return 400;
	*out = (struct head){r->at, r->length};
	return DONE;
}

int
head_read(struct bytes so_far, struct head *out)
{
	struct reading r = {.all = so_far};
	struct bytes line;
	int status;

	if (r.all.size > HEAD_MAX)
		r.all.size = HEAD_MAX;
	*out = (struct head){0};
	status = next_line(&r, &line);
	if (status == DONE)
		status = read_first(&r, line);
	while (status == DONE) {
		status = next_line(&r, &line);
		if (status == DONE && line.size == 0)
			return judge(&r, out);
		if (status == DONE)
			status = read_field(&r, line);
	}
	if (status == MORE && so_far.size >= HEAD_MAX)
		return 431;
	return status;
}

void
head_field(struct bytes head, const char *name, char *out, size_t size)
{
	struct reading r = {.all = head};
	size_t n = strlen(name);
	struct bytes line, value;

	out[0] = '\0';
	while (next_line(&r, &line) == DONE && line.size > 0) {
		if (line.size <= n || line.data[n] != ':' || !is_name(line, n, name))
			continue;
		value = trim(bytes_of(line.data + n + 1, line.size - n - 1));
		if (value.size >= size)
			return;
		memcpy(out, value.data, value.size);
		out[value.size] = '\0';
		return;
	}
}
