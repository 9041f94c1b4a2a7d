/* SPDX-License-Identifier: EUPL-1.2
 *
 * The one place that speaks PKCS #11. Every key has a session of its own; a session is only good in
 * the generation of its module in which it was opened. When a use fails, the session is closed and
 * everything is looked for anew: the slot with the token, the login, the key. A token that was put
 * back (or in another slot) is found only after the module was finalized and initialized again, by
 * some modules; that begins a new generation and ends the sessions of the module's other keys,
 * which find that out by themselves.
 *
 * Modules differ in how they tell why a use failed. So the token is away when it can't be found and
 * opened, and everything else is the key's or the input's fault. */
#include "lib/token_parts.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>

#include "lib/keyring.h"

#define SLOTS_MAX 64
#define PIN_MAX 256
#define PIN_FILE "file:"

/* A loaded module; they are few, and stay. */
struct module {
	struct module *next;
	char *path;
	CK_FUNCTION_LIST *f;
	unsigned generation; /* 0: not initialized */
	bool pin_refused;    /* not asked again by this process */
};

struct token_key {
	unsigned references;
	struct module *m;
	P11KitUri *uri;
	const char *pin_file; /* in the URI */
	unsigned generation;  /* in which session and object are good; 0: none */
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE object;
	enum err state;
};

static struct module *modules;

/* ---- modules ---- */

/* Before OpenSSL puts itself away, which modules use as well. */
static void
finalize_all(void)
{
	for (struct module *m = modules; m != NULL; m = m->next) {
		if (m->generation != 0)
			m->f->C_Finalize(NULL);
		m->generation = 0;
	}
}

static bool
module_again(struct module *m)
{
	static unsigned generations;
	CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};

	if (m->generation != 0)
		m->f->C_Finalize(NULL);
	CK_RV rv = m->f->C_Initialize(&args);
	generations++;
	m->generation = rv == CKR_OK || rv == CKR_CRYPTOKI_ALREADY_INITIALIZED ? generations : 0;
	return m->generation != 0;
}

/* A module runs inside this process: nobody else may be able to change it. */
static enum err
check_module(const char *path)
{
	struct stat st;

	if (path[0] != '/' || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return E_NO_KEY;
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return E_KEY_MODE;
	return (st.st_mode & (S_IWGRP | S_IWOTH)) == 0 ? E_OK : E_KEY_MODE;
}

static CK_FUNCTION_LIST *
load_functions(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	CK_FUNCTION_LIST *f = NULL;

	if (library == NULL)
		return NULL;
	CK_C_GetFunctionList get = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
	return get != NULL && get(&f) == CKR_OK ? f : NULL;
}

static enum err
module_load(const char *path, struct module **out)
{
	for (struct module *m = modules; m != NULL; m = m->next) {
		*out = m;
		if (strcmp(m->path, path) == 0)
			return E_OK;
	}
	TRY(check_module(path));
	CK_FUNCTION_LIST *f = load_functions(path);
	if (f == NULL)
		return E_NO_KEY;
	if (modules == NULL)
		atexit(finalize_all);
	*out = xcalloc(1, sizeof **out);
	**out = (struct module){.next = modules, .path = xstrdup(path), .f = f};
	modules = *out;
	return E_OK;
}

/* ---- the token and its login ---- */

static bool
has_token(struct module *m, CK_SLOT_ID slot, P11KitUri *uri, CK_TOKEN_INFO *info)
{
	return m->f->C_GetTokenInfo(slot, info) == CKR_OK &&
	       (info->flags & CKF_TOKEN_INITIALIZED) != 0 &&
	       p11_kit_uri_match_token_info(uri, info) == 1;
}

/* The first that fits: a label that two tokens have is made clear by their serial numbers. */
static bool
find_slot(struct token_key *k, CK_SLOT_ID *slot, CK_TOKEN_INFO *info)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG n = SLOTS_MAX;

	if (k->m->generation == 0 || k->m->f->C_GetSlotList(CK_TRUE, slots, &n) != CKR_OK)
		return false;
	for (CK_ULONG i = 0; i < n; i++) {
		*slot = slots[i];
		if (has_token(k->m, slots[i], k->uri, info))
			return true;
	}
	return false;
}

/* Only a token that has not refused a PIN since its last good login is asked. */
static enum err
may_log_in(const struct token_key *k, const CK_TOKEN_INFO *info)
{
	const CK_FLAGS marks =
		CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED;

	return k->m->pin_refused || (info->flags & marks) != 0 ? E_PIN : E_OK;
}

static enum err
err_of_login(struct module *m, CK_RV rv)
{
	switch (rv) {
	case CKR_OK:
	case CKR_USER_ALREADY_LOGGED_IN:
		return E_OK;
	case CKR_PIN_INCORRECT:
	case CKR_PIN_INVALID:
	case CKR_PIN_LEN_RANGE:
	case CKR_PIN_EXPIRED:
	case CKR_PIN_LOCKED:
		m->pin_refused = true;
		return E_PIN;
	}
	return E_TOKEN;
}

static bool
is_logged_in(struct token_key *k)
{
	CK_SESSION_INFO info;

	return k->m->f->C_GetSessionInfo(k->session, &info) == CKR_OK &&
	       (info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS);
}

/* One login holds for all sessions with the token. */
static enum err
log_in(struct token_key *k, const CK_TOKEN_INFO *info)
{
	char pin[PIN_MAX];

	if (is_logged_in(k))
		return E_OK;
	TRY(may_log_in(k, info));
	TRY(secret_text(k->pin_file, pin, sizeof pin));
	enum err e = err_of_login(
		k->m, k->m->f->C_Login(k->session, CKU_USER, (CK_UTF8CHAR *)pin, strlen(pin)));
	OPENSSL_cleanse(pin, sizeof pin);
	return e;
}

/* ---- objects ---- */

#define ATTRIBUTES_MAX 4

/* Of the class that is asked for, and with what the URI says of it. One, or none. */
static bool
find_object(
	struct token_key *k, CK_OBJECT_CLASS class, const CK_ATTRIBUTE *id, CK_OBJECT_HANDLE *out)
{
	CK_FUNCTION_LIST *f = k->m->f;
	CK_ATTRIBUTE t[ATTRIBUTES_MAX] = {{CKA_CLASS, &class, sizeof class}};
	CK_OBJECT_HANDLE found[2];
	CK_ULONG n_found = 0, n = 1;
	CK_ATTRIBUTE *label = p11_kit_uri_get_attribute(k->uri, CKA_LABEL);

	if (label != NULL)
		t[n++] = *label;
	if (id != NULL)
		t[n++] = *id;
	if (f->C_FindObjectsInit(k->session, t, n) != CKR_OK)
		return false;
	CK_RV rv = f->C_FindObjects(k->session, found, 2, &n_found);
	f->C_FindObjectsFinal(k->session);
	*out = found[0];
	return rv == CKR_OK && n_found == 1;
}

static bool
get_attribute(struct token_key *k, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, void *out,
	size_t *size)
{
	CK_ATTRIBUTE a = {type, out, *size};

	if (k->m->f->C_GetAttributeValue(k->session, object, &a, 1) != CKR_OK ||
		a.ulValueLen > *size)
		return false;
	*size = a.ulValueLen;
	return true;
}

static bool
get_flag(struct token_key *k, CK_ATTRIBUTE_TYPE type, bool otherwise)
{
	CK_BBOOL flag = CK_FALSE;
	size_t size = sizeof flag;

	return get_attribute(k, k->object, type, &flag, &size) && size == sizeof flag ? flag != 0
										      : otherwise;
}

/* ---- sessions ---- */

static void
close_session(struct token_key *k)
{
	if (k->generation != 0 && k->generation == k->m->generation)
		k->m->f->C_CloseSession(k->session);
	k->generation = 0;
}

/* The session of a slot that has been found, logged in, and the key in it. */
static enum err
open_session(struct token_key *k, CK_SLOT_ID slot, const CK_TOKEN_INFO *info)
{
	if (k->m->f->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &k->session) != CKR_OK)
		return E_TOKEN;
	k->generation = k->m->generation;
	TRY(log_in(k, info));
	const CK_ATTRIBUTE *id = p11_kit_uri_get_attribute(k->uri, CKA_ID);
	return find_object(k, CKO_PRIVATE_KEY, id, &k->object) ? E_OK : E_NO_KEY;
}

static enum err
find_token(struct token_key *k)
{
	CK_TOKEN_INFO info;
	CK_SLOT_ID slot;

	if (!find_slot(k, &slot, &info) && (!module_again(k->m) || !find_slot(k, &slot, &info)))
		return E_TOKEN;
	enum err e = open_session(k, slot, &info);
	if (e != E_OK)
		close_session(k);
	return e;
}

static enum err
ready(struct token_key *k)
{
	k->state = E_OK;
	if (k->generation == 0 || k->generation != k->m->generation)
		k->state = find_token(k);
	return k->state;
}

/* ---- use ---- */

static CK_RV
do_sign(struct token_key *k, CK_MECHANISM_TYPE type, struct bytes in, uint8_t *out, size_t *size)
{
	CK_MECHANISM m = {type, NULL, 0};
	CK_ULONG n = *size;
	CK_RV rv = k->m->f->C_SignInit(k->session, &m, k->object);

	if (rv == CKR_OK)
		rv = k->m->f->C_Sign(k->session, (CK_BYTE *)in.data, in.size, out, &n);
	*size = n;
	return rv;
}

static CK_RV
do_decrypt(struct token_key *k, struct bytes in, uint8_t *out, size_t *size)
{
	CK_MECHANISM m = {CKM_RSA_X_509, NULL, 0};
	CK_ULONG n = *size;
	CK_RV rv = k->m->f->C_DecryptInit(k->session, &m, k->object);

	if (rv == CKR_OK)
		rv = k->m->f->C_Decrypt(k->session, (CK_BYTE *)in.data, in.size, out, &n);
	*size = n;
	return rv;
}

/* The shared secret is an object of the session, which may be read and is destroyed at once; the
 * private key is not and can't be. */
static CK_RV
do_derive(struct token_key *k, struct bytes point, uint8_t *out, size_t *size)
{
	CK_FUNCTION_LIST *f = k->m->f;
	CK_ECDH1_DERIVE_PARAMS p = {
		.kdf = CKD_NULL, .public_data_len = point.size, .public_data = (void *)point.data};
	CK_MECHANISM m = {CKM_ECDH1_DERIVE, &p, sizeof p};
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ULONG length = *size;
	CK_ATTRIBUTE secret[] = {{CKA_CLASS, &class, sizeof class},
		{CKA_KEY_TYPE, &type, sizeof type}, {CKA_TOKEN, &no, sizeof no},
		{CKA_SENSITIVE, &no, sizeof no}, {CKA_EXTRACTABLE, &yes, sizeof yes},
		{CKA_VALUE_LEN, &length, sizeof length}};
	CK_OBJECT_HANDLE object;
	CK_RV rv = f->C_DeriveKey(k->session, &m, k->object, secret, ARRAY_LEN(secret), &object);

	if (rv != CKR_OK)
		return rv;
	rv = get_attribute(k, object, CKA_VALUE, out, size) && *size == length
		     ? CKR_OK
		     : CKR_FUNCTION_FAILED;
	f->C_DestroyObject(k->session, object);
	return rv;
}

static CK_RV
act_once(struct token_key *k, enum token_act act, struct bytes in, uint8_t *out, size_t *size)
{
	switch (act) {
	case TOKEN_ECDSA:
		return do_sign(k, CKM_ECDSA, in, out, size);
	case TOKEN_RSA_SIGN:
		return do_sign(k, CKM_RSA_PKCS, in, out, size);
	case TOKEN_RSA_DECRYPT:
		return do_decrypt(k, in, out, size);
	case TOKEN_ECDH:
		return do_derive(k, in, out, size);
	}
	return CKR_FUNCTION_FAILED;
}

bool
token_act(struct token_key *k, enum token_act act, struct bytes in, uint8_t *out, size_t *size)
{
	size_t room = *size;

	for (int i = 0; i < 2; i++) {
		*size = room;
		if (ready(k) != E_OK)
			return false;
		if (act_once(k, act, in, out, size) == CKR_OK)
			return true;
		close_session(k);
	}
	/* It fails with a token that has just been found whole. */
	(void)ready(k);
	return false;
}

enum err
token_why(struct token_key *k)
{
	enum err e = k->state;

	k->state = E_OK;
	return e == E_OK || e == E_PIN ? e : E_TOKEN;
}

/* ---- the public half ---- */

static bool
find_public(struct token_key *k, CK_OBJECT_HANDLE *out)
{
	uint8_t octets[256];
	size_t size = sizeof octets;

	if (!get_attribute(k, k->object, CKA_ID, octets, &size) || size == 0)
		return find_object(k, CKO_PUBLIC_KEY, NULL, out);
	CK_ATTRIBUTE id = {CKA_ID, octets, size};
	return find_object(k, CKO_PUBLIC_KEY, &id, out);
}

static enum err
read_public(struct token_key *k, struct token_public *out)
{
	CK_OBJECT_HANDLE object;
	CK_KEY_TYPE type;
	size_t size = sizeof type;

	if (!find_public(k, &object) || !get_attribute(k, object, CKA_KEY_TYPE, &type, &size) ||
		(type != CKK_EC && type != CKK_RSA))
		return E_NO_KEY;
	out->is_rsa = type == CKK_RSA;
	out->first_size = sizeof out->first;
	out->second_size = sizeof out->second;
	bool read = get_attribute(k, object, out->is_rsa ? CKA_MODULUS : CKA_EC_PARAMS, out->first,
			    &out->first_size) &&
		    get_attribute(k, object, out->is_rsa ? CKA_PUBLIC_EXPONENT : CKA_EC_POINT,
			    out->second, &out->second_size);
	return read ? E_OK : E_NO_KEY;
}

enum err
token_public(struct token_key *k, struct token_public *out)
{
	TRY(ready(k));
	if (!get_flag(k, CKA_SENSITIVE, false) || get_flag(k, CKA_EXTRACTABLE, true))
		return E_KEY_MODE;
	return read_public(k, out);
}

/* ---- names ---- */

bool
token_is_named(const char *text)
{
	return strncmp(text, P11_KIT_URI_SCHEME ":", P11_KIT_URI_SCHEME_LEN + 1) == 0;
}

static enum err
read_uri(const char *text, struct token_key *k)
{
	k->uri = p11_kit_uri_new();
	if (k->uri == NULL)
		die("memory");
	if (p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, k->uri) != P11_KIT_URI_OK ||
		p11_kit_uri_any_unrecognized(k->uri) || p11_kit_uri_get_pin_value(k->uri) != NULL)
		return E_NO_KEY;
	const char *module = p11_kit_uri_get_module_path(k->uri);
	const char *pin = p11_kit_uri_get_pin_source(k->uri);
	if (module == NULL || pin == NULL || strncmp(pin, PIN_FILE, strlen(PIN_FILE)) != 0)
		return E_NO_KEY;
	k->pin_file = pin + strlen(PIN_FILE);
	return module_load(module, &k->m);
}

enum err
token_open(const char *uri, struct token_key **out)
{
	OWNED(struct token_key, k, token_free) = xcalloc(1, sizeof *k);

	k->references = 1;
	TRY(read_uri(uri, k));
	TRY(ready(k));
	*out = TAKE(k);
	return E_OK;
}

struct token_key *
token_ref(struct token_key *k)
{
	k->references++;
	return k;
}

void
token_free(struct token_key **k)
{
	struct token_key *old = TAKE(*k);

	if (old == NULL || --old->references > 0)
		return;
	if (old->m != NULL)
		close_session(old);
	if (old->uri != NULL)
		p11_kit_uri_free(old->uri);
	free(old);
}
