/* SPDX-License-Identifier: EUPL-1.2
 *
 * HTML of the one page: the answers on top (is it working, what waits, how long is the trust list
 * good for), then the newest messages with their timelines. The page is complete without scripts;
 * the script only replaces parts of it by the same HTML made here. */
#include "dashboard/view.h"

#include <stdio.h>
#include <string.h>

#include "lib/id.h"
#include "lib/message.h"

/* Characters that would act on the page or the reader instead of being read. */
static bool
must_show(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0xfeff;
}

/* The code point at `s' and its length in octets; octets that are not UTF-8 count one by one as
 * U+FFFD, so that nothing is swallowed. */
static uint32_t
next_point(const unsigned char *s, size_t *n)
{
	size_t more = s[0] >= 0xf0 && s[0] < 0xf5 ? 3 : s[0] >= 0xe0 ? 2 : s[0] >= 0xc2 ? 1 : 0;
	uint32_t c = s[0];

	*n = 1;
	if (s[0] < 0x80)
		return c;
	if (more == 0 || s[0] >= 0xf5)
		return 0xfffd;
	c &= 0x3fu >> more;
	for (size_t i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0xfffd;
		c = c << 6 | (s[i] & 0x3f);
	}
	*n = more + 1;
	return c;
}

void
html_text(struct buf *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n;

	for (; *s != '\0'; s += n) {
		uint32_t c = next_point(s, &n);

		if (c == '&')
			buf_text(out, "&amp;");
		else if (c == '<')
			buf_text(out, "&lt;");
		else if (c == '>')
			buf_text(out, "&gt;");
		else if (c == '"')
			buf_text(out, "&quot;");
		else if (c == '\'')
			buf_text(out, "&#39;");
		else if (c == 0xfffd || must_show(c))
			buf_printf(out, "\\u{%x}", (unsigned)c);
		else
			buf_add(out, s, n);
	}
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

static int64_t
number_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* "4 s", "3 min", "2 h", "5 d" */
static void
put_age(struct buf *out, int64_t ms)
{
	int64_t s = ms < 0 ? 0 : ms / 1000;

	if (s < 120)
		buf_printf(out, "%lld s", (long long)s);
	else if (s < 7200)
		buf_printf(out, "%lld min", (long long)(s / 60));
	else if (s < 172800)
		buf_printf(out, "%lld h", (long long)(s / 3600));
	else
		buf_printf(out, "%lld d", (long long)(s / 86400));
}

static void
put_answer(struct buf *out, const char *state, const char *question, const struct buf *answer)
{
	static const struct {
		const char *state, *mark;
	} marks[] = {{"good", "\u2713"}, {"warn", "!"}, {"bad", "\u2717"}};
	const char *mark = "";

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (strcmp(marks[i].state, state) == 0)
			mark = marks[i].mark;
	buf_printf(out,
		"<div class=\"answer %s\"><dt>%s</dt><dd><span class=\"mark\" "
		"aria-hidden=\"true\">%s</span> ",
		state, question, mark);
	buf_add_bytes(out, buf_bytes(answer));
	buf_text(out, "</dd></div>");
}

static void
answer_working(struct buf *out, const json_t *status, const char *why)
{
	struct buf text = {0};
	size_t peers = json_array_size(json_object_get(status, "peers"));

	if (status == NULL) {
		buf_text(&text, "No: the broker does not answer (");
		html_text(&text, why != NULL ? why : "UNREACHABLE");
		buf_text(
			&text, "). What was accepted is on its disk; parties keep what they file.");
		put_answer(out, "bad", "Is it working?", &text);
	} else {
		buf_printf(&text, "Yes: realm ");
		html_text(&text, text_of(status, "realm"));
		buf_printf(
			&text, ", %zu %s connected, up for ", peers, peers == 1 ? "peer" : "peers");
		put_age(&text, number_of(status, "uptime_ms"));
		put_answer(out, peers > 0 ? "good" : "warn", "Is it working?", &text);
	}
	buf_free(&text);
}

static void
answer_waiting(struct buf *out, const json_t *status)
{
	int64_t queued = number_of(status, "queued"),
		oldest = number_of(status, "oldest_queued_ms");
	int64_t age = oldest > 0 ? instant_now() - oldest : 0;
	struct buf text = {0};

	if (queued == 0)
		buf_text(&text, "Nothing: every accepted message is with its addressee.");
	else {
		buf_printf(&text, "%lld %s for an addressee, the oldest for ", (long long)queued,
			queued == 1 ? "message waits" : "messages wait");
		put_age(&text, age);
	}
	put_answer(out, age > 3600000 ? "warn" : "good", "Is anything waiting?", &text);
	buf_free(&text);
}

static void
answer_expiring(struct buf *out, const json_t *status)
{
	const json_t *trust = json_object_get(status, "trust");
	int64_t until = 0, left;
	const char *state;
	struct buf text = {0};

	if (!instant_parse(text_of(trust, "valid_until"), &until))
		until = 0;
	left = until - instant_now();
	state = left < 7 * 86400000LL ? "bad" : left < 30 * 86400000LL ? "warn" : "good";
	buf_printf(&text, "Trust list version %lld is good for ",
		(long long)number_of(trust, "version"));
	put_age(&text, left);
	put_answer(out, state, "Does anything expire?", &text);
	buf_free(&text);
}

static void
answer_books(struct buf *out, const json_t *status)
{
	struct buf text = {0};

	buf_printf(&text, "%lld messages, %lld entries in the public log.",
		(long long)number_of(status, "messages"), (long long)number_of(status, "log_size"));
	put_answer(out, "good", "What is in the books?", &text);
	buf_free(&text);
}

void
view_answers(struct buf *out, const json_t *status, const char *why)
{
	char now[INSTANT_TEXT_SIZE];

	instant_format(instant_now(), now);
	buf_text(out, "<dl id=\"answers\">");
	answer_working(out, status, why);
	if (status != NULL) {
		answer_waiting(out, status);
		answer_expiring(out, status);
		answer_books(out, status);
	}
	buf_printf(out, "</dl><p id=\"fresh\">As of <time datetime=\"%s\">%.19sZ</time></p>", now,
		now);
}

static void
put_step(struct buf *out, const json_t *step)
{
	buf_text(out, "<li><b>");
	html_text(out, text_of(step, "stage"));
	buf_text(out, "</b> <time>");
	html_text(out, text_of(step, "at"));
	buf_text(out, "</time>");
	if (text_of(step, "code")[0] != '\0') {
		buf_text(out, " <code>");
		html_text(out, text_of(step, "code"));
		buf_text(out, "</code>");
	}
	buf_text(out, "</li>");
}

static void
put_cell(struct buf *out, const char *class, const char *text)
{
	buf_printf(out, "<td class=\"%s\"><bdi>", class);
	html_text(out, text);
	buf_text(out, "</bdi></td>");
}

void
view_message(struct buf *out, const json_t *message)
{
	const json_t *steps = json_object_get(message, "timeline"), *step;
	size_t i;

	buf_text(out, "<tr id=\"m-");
	html_text(out, text_of(message, "id"));
	buf_text(out, "\"><th scope=\"row\"><bdi>");
	html_text(out, text_of(message, "tracking"));
	buf_text(out, "</bdi></th>");
	put_cell(out, "action", text_of(message, "action"));
	put_cell(out, "party", text_of(message, "from"));
	put_cell(out, "party", text_of(message, "to"));
	put_cell(out, "stage", text_of(message, "stage"));
	buf_text(out, "<td><ol class=\"steps\">");
	json_array_foreach(steps, i, step) put_step(out, step);
	buf_text(out, "</ol></td></tr>");
}

static void
put_messages(struct buf *out, const json_t *messages)
{
	const json_t *message;
	size_t i;

	buf_text(out,
		"<h2 id=\"newest\">Newest messages</h2><div class=\"wide\" role=\"region\" "
		"aria-labelledby=\"newest\" tabindex=\"0\"><table><caption>Newest first; times are "
		"UTC</caption><thead><tr><th scope=\"col\">Tracking</th><th scope=\"col\">Kind</th>"
		"<th scope=\"col\">From</th><th scope=\"col\">To</th><th scope=\"col\">Now</th>"
		"<th scope=\"col\">Timeline</th></tr></thead><tbody id=\"messages\">");
	json_array_foreach(messages, i, message) view_message(out, message);
	buf_text(out, "</tbody></table></div>");
	if (json_array_size(messages) == 0)
		buf_text(out, "<p id=\"none\">No message yet.</p>");
}

static void
put_head(struct buf *out, const char *title)
{
	buf_text(out, "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
		      "name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
	html_text(out, title);
	buf_text(out, "</title><link rel=\"stylesheet\" href=\"/style.css\"><link rel=\"icon\" "
		      "href=\"data:,\"></head><body>");
}

void
view_messages(struct buf *out, const json_t *messages)
{
	put_messages(out, messages);
}

void
view_notice(struct buf *out, const char *title, const char *sentence)
{
	put_head(out, title);
	buf_text(out, "<main id=\"main\"><h1>");
	html_text(out, title);
	buf_text(out, "</h1><p>");
	html_text(out, sentence);
	buf_text(out, "</p></main></body></html>\n");
}
