/* SPDX-License-Identifier: EUPL-1.2 */
#include "dashboard/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>

void
tls_free(SSL_CTX **c)
{
	SSL_CTX_free(*c);
	*c = NULL;
}

static enum err
key_is_private(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return E_NO_KEY;
	return (st.st_mode & 077) == 0 ? E_OK : E_KEY_MODE;
}

static enum err
use_own(SSL_CTX *c, const struct tls_files *f)
{
	if (SSL_CTX_use_certificate_chain_file(c, f->certificate) != 1)
		return E_NO_CERT;
	TRY(key_is_private(f->key));
	if (SSL_CTX_use_PrivateKey_file(c, f->key, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_check_private_key(c) != 1)
		return E_NO_KEY;
	return E_OK;
}

/* Also tells browsers which certificate to offer. */
static enum err
ask_for_clients(SSL_CTX *c, const struct tls_files *f)
{
	STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(f->client_ca);

	if (names == NULL)
		return E_NO_CERT;
	SSL_CTX_set_client_CA_list(c, names);
	if (SSL_CTX_load_verify_file(c, f->client_ca) != 1)
		return E_NO_CERT;
	SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_verify_depth(c, 3);
	return E_OK;
}

static enum err
look_at_revocations(SSL_CTX *c, const struct tls_files *f)
{
	X509_STORE *store = SSL_CTX_get_cert_store(c);
	X509_LOOKUP *lookup;

	if (f->client_crl == NULL)
		return E_OK;
	lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
	if (lookup == NULL || X509_load_crl_file(lookup, f->client_crl, X509_FILETYPE_PEM) < 1)
		return E_CONFIG;
	return X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) == 1 ? E_OK : E_CONFIG;
}

static enum err
set_policy(SSL_CTX *c)
{
	static const unsigned char ours[] = "daftar-dashboard";

	if (SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) != 1 ||
		SSL_CTX_set_cipher_list(c, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL") != 1 ||
		SSL_CTX_set_session_id_context(c, ours, sizeof ours - 1) != 1)
		return E_CONFIG;
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(c, 0);
	SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
				       SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
	return E_OK;
}

enum err
tls_open(const struct tls_files *files, SSL_CTX **out)
{
	OWNED(SSL_CTX, c, tls_free) = SSL_CTX_new(TLS_server_method());

	if (c == NULL)
		die("memory");
	TRY(set_policy(c));
	TRY(use_own(c, files));
	TRY(ask_for_clients(c, files));
	TRY(look_at_revocations(c, files));
	ERR_clear_error();
	*out = TAKE(c);
	return E_OK;
}
