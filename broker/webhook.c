/* SPDX-License-Identifier: EUPL-1.2
 *
 * One POST of libcurl's easy interface, in a process that ends after it. Only http and https, no
 * redirection, no proxy and no netrc of the environment, and what is answered is thrown away. */
#include "broker/webhook.h"

#include <inttypes.h>

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

void
webhook_sign(const struct webhook *w, struct bytes body, int64_t now, struct buf *out)
{
	OWNED_BUF(all) = {0};
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	buf_printf(&all, "%" PRId64 ".", now / 1000);
	buf_add_bytes(&all, body);
	if (HMAC(EVP_sha256(), w->key.data, (int)w->key.size, all.data, all.size, mac, &size) ==
		NULL)
		die("no HMAC");
	buf_text(out, "sha256=");
	buf_hex(out, mac, size);
}

static size_t
throw_away(char *data, size_t size, size_t n, void *context)
{
	size_t *got = context;

	(void)data;
	*got += size * n;
	return *got > (size_t)64 * 1024 ? 0 : size * n;
}

static struct curl_slist *
headers_of(const struct webhook *w, struct bytes body, int64_t now)
{
	struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json");
	OWNED_BUF(line) = {0};

	if (w->key.size == 0)
		return list;
	buf_printf(&line, "X-Daftar-Time: %" PRId64, now / 1000);
	list = curl_slist_append(list, (const char *)line.data);
	buf_reset(&line);
	buf_text(&line, "X-Daftar-Signature: ");
	webhook_sign(w, body, now, &line);
	return curl_slist_append(list, (const char *)line.data);
}

static void
set(CURL *c, const struct webhook *w, struct bytes body, struct curl_slist *headers, size_t *got)
{
	curl_easy_setopt(c, CURLOPT_URL, w->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, w->timeout);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, w->timeout / 2 + 1);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.data);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "daftar-alert/" PACKAGE_VERSION);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, throw_away);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, got);
	if (w->ca != NULL)
		curl_easy_setopt(c, CURLOPT_CAINFO, w->ca);
}

enum err
webhook_post(const struct webhook *w, struct bytes body, int64_t now)
{
	struct curl_slist *headers = headers_of(w, body, now);
	CURL *c = curl_easy_init();
	CURLcode result = CURLE_FAILED_INIT;
	long status = 0;
	size_t got = 0;

	if (c != NULL) {
		set(c, w, body, headers, &got);
		result = curl_easy_perform(c);
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_cleanup(c);
	}
	curl_slist_free_all(headers);
	if (status >= 200 && status < 300)
		return E_OK;
	return result == CURLE_OK || status != 0 ? E_STATE : E_UNREACHABLE;
}
