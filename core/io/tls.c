#include "core/io/tls.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "core/io/tls_memory.h"
#include <arpa/inet.h>
#include <errno.h>
/* OpenSSL has a type of the name that one of our codes bears. */
#define ERR_STATE openssl_err_state
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#undef ERR_STATE
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define CIPHERS_1_2 "ECDHE+AESGCM:ECDHE+CHACHA20"

/* A context is OpenSSL's, with the name of the file that it trusts for the texts; so is a
 * connection. */
struct tls_ctx {
	SSL_CTX *ctx;
	char trusts[256];
};

struct tls_conn {
	SSL *ssl;
	char peer[128];
	char trusts[256];
	char from[32], to[32]; /* when the certificate that was refused is valid */
};

int tls_memory_pool(size_t bytes)
{
	int rc = tls_memory_take(bytes);
	/* Refused once OpenSSL has allocated, which it does at its first use. */
	if (!rc &&
	    CRYPTO_set_mem_functions(tls_memory_malloc, tls_memory_realloc, tls_memory_free) != 1)
		rc = err_set(ERR_STATE, "OpenSSL is in use already: its memory stays malloc's");
	return rc;
}

/* ---------------------------------------------------------------- the descriptor */

static int sock_read(BIO *b, char *p, int n)
{
	int fd = (int)(intptr_t)BIO_get_data(b);
	BIO_clear_retry_flags(b);
	ssize_t k = recv(fd, p, (size_t)n, 0);
	if (k < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(b);
	return (int)k;
}

/* OpenSSL's own socket BIO would raise SIGPIPE. */
static int sock_write(BIO *b, const char *p, int n)
{
	int fd = (int)(intptr_t)BIO_get_data(b);
	BIO_clear_retry_flags(b);
	ssize_t k = send(fd, p, (size_t)n, MSG_NOSIGNAL);
	if (k < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_write(b);
	return (int)k;
}

static long sock_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	(void)b;
	(void)num;
	(void)ptr;
	return cmd == BIO_CTRL_FLUSH;
}

/* Made once, read only afterwards. */
static BIO_METHOD *sock_method;

static void make_sock_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
	must(m);
	BIO_meth_set_read(m, sock_read);
	BIO_meth_set_write(m, sock_write);
	BIO_meth_set_ctrl(m, sock_ctrl);
	sock_method = m;
}

/* ---------------------------------------------------------------- contexts */

static const char *ssl_reason(void)
{
	unsigned long e = ERR_peek_last_error();
	const char *text = e ? ERR_reason_error_string(e) : NULL;
	return text ? text : "no reason given";
}

static void date_of(const ASN1_TIME *at, char out[32])
{
	struct tm tm;
	if (ASN1_TIME_to_tm(at, &tm) != 1)
		snprintf(out, 32, "an unreadable date");
	else
		strftime(out, 32, "%Y-%m-%d %H:%M UTC", &tm);
}

/* OpenSSL forgets a certificate that it refuses: keep its dates for the text. */
static int on_verify(int ok, X509_STORE_CTX *x)
{
	SSL *s = X509_STORE_CTX_get_ex_data(x, SSL_get_ex_data_X509_STORE_CTX_idx());
	X509 *cert = X509_STORE_CTX_get_current_cert(x);
	struct tls_conn *t = s ? SSL_get_app_data(s) : NULL;
	if (!ok && t && cert) {
		date_of(X509_get0_notBefore(cert), t->from);
		date_of(X509_get0_notAfter(cert), t->to);
	}
	return ok;
}

static int load_cert(SSL_CTX *c, const struct env_peer *p)
{
	if (SSL_CTX_use_certificate_chain_file(c, p->cert_file) != 1)
		return err_set(ERR_CONFIG, "certificate file %s: %s", p->cert_file, ssl_reason());
	if (SSL_CTX_use_PrivateKey_file(c, p->key_file, SSL_FILETYPE_PEM) != 1)
		return err_set(ERR_CONFIG, "key file %s: %s", p->key_file, ssl_reason());
	if (SSL_CTX_check_private_key(c) != 1)
		return err_set(ERR_CONFIG, "key file %s does not belong to certificate %s",
			       p->key_file, p->cert_file);
	return 0;
}

static int load_trust(SSL_CTX *c, const struct env_peer *p)
{
	if (!p->ca_file[0])
		return SSL_CTX_set_default_verify_paths(c) == 1
			       ? 0
			       : err_set(ERR_CONFIG, "the system's certificates: %s", ssl_reason());
	if (SSL_CTX_load_verify_file(c, p->ca_file) != 1)
		return err_set(ERR_CONFIG, "CA file %s: %s", p->ca_file, ssl_reason());
	return 0;
}

static int make_ctx(const struct env_peer *p, bool server, struct tls_ctx **out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, make_sock_method);
	ERR_clear_error();
	struct tls_ctx *x = OPENSSL_zalloc(sizeof(*x));
	SSL_CTX *c = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	if (!x || !c) {
		OPENSSL_free(x);
		SSL_CTX_free(c);
		return err_set(ERR_TLS, "cannot make a TLS context: %s", ssl_reason());
	}
	SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
	SSL_CTX_set_cipher_list(c, CIPHERS_1_2);
	SSL_CTX_set_security_level(c, 2);
	SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
				       SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(c, 1);
	int rc = 0;
	if (server)
		SSL_CTX_set_num_tickets(c, 0);
	if (server || p->cert_file[0])
		rc = load_cert(c, p);
	if (!rc && (!server || p->ca_file[0])) {
		SSL_CTX_set_verify(c,
				   SSL_VERIFY_PEER | (server ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
				   on_verify);
		rc = load_trust(c, p);
	}
	x->ctx = c;
	snprintf(x->trusts, sizeof(x->trusts), "%s",
		 p->ca_file[0] ? p->ca_file : "the system's certificates");
	if (rc)
		tls_ctx_free(x);
	else
		*out = x;
	return rc;
}

int tls_client_ctx(const struct env_peer *p, struct tls_ctx **out)
{
	return make_ctx(p, false, out);
}

int tls_server_ctx(const struct env_peer *p, struct tls_ctx **out)
{
	return make_ctx(p, true, out);
}

void tls_ctx_free(struct tls_ctx *x)
{
	if (!x)
		return;
	SSL_CTX_free(x->ctx);
	OPENSSL_free(x);
}

/* ---------------------------------------------------------------- connections */

static bool is_address(const char *s)
{
	uint8_t a[16];
	return inet_pton(AF_INET, s, a) == 1 || inet_pton(AF_INET6, s, a) == 1;
}

static bool expect(SSL *s, const char *name)
{
	if (is_address(name))
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(s), name) == 1;
	SSL_set_hostflags(s, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(s, name) == 1 && SSL_set_tlsext_host_name(s, name) == 1;
}

int tls_start(struct tls_ctx *x, int fd, const char *server_name, struct tls_conn **out)
{
	ERR_clear_error();
	struct tls_conn *t = OPENSSL_zalloc(sizeof(*t));
	SSL *s = SSL_new(x->ctx);
	BIO *b = BIO_new(sock_method);
	if (!t || !s || !b || (server_name && !expect(s, server_name))) {
		OPENSSL_free(t);
		SSL_free(s);
		BIO_free(b);
		return err_set(ERR_TLS, "cannot begin TLS with %s: %s",
			       server_name ? server_name : "a client", ssl_reason());
	}
	BIO_set_data(b, (void *)(intptr_t)fd);
	BIO_set_init(b, 1);
	SSL_set_bio(s, b, b);
	if (server_name)
		SSL_set_connect_state(s);
	else
		SSL_set_accept_state(s);
	t->ssl = s;
	SSL_set_app_data(s, t);
	snprintf(t->peer, sizeof(t->peer), "%s", server_name ? server_name : "the client");
	snprintf(t->trusts, sizeof(t->trusts), "%s", x->trusts);
	*out = t;
	return 0;
}

/* What is wrong with the certificate, in words that say what to do. */
static int refused_cert(struct tls_conn *t, long why)
{
	switch (why) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return err_set(ERR_TLS, "the certificate of %s has expired (valid until %s)",
			       t->peer, t->to);
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return err_set(
			ERR_TLS,
			"the certificate of %s is not valid before %s: is the date here right?",
			t->peer, t->from);
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return err_set(ERR_TLS, "the certificate is for another host, not for %s", t->peer);
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return err_set(ERR_TLS, "the certificate of %s is self-signed and not among %s",
			       t->peer, t->trusts);
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return err_set(ERR_TLS, "the certificate of %s is from an unknown CA, not among %s",
			       t->peer, t->trusts);
	default:
		return err_set(ERR_TLS, "the certificate of %s is refused: %s", t->peer,
			       X509_verify_cert_error_string(why));
	}
}

static int refused(struct tls_conn *t)
{
	long why = SSL_get_verify_result(t->ssl);
	if (why != X509_V_OK)
		return refused_cert(t, why);
	unsigned long e = ERR_peek_last_error();
	if (ERR_GET_LIB(e) != ERR_LIB_SSL)
		return err_set(ERR_TLS, "TLS with %s failed: %s", t->peer, ssl_reason());
	switch (ERR_GET_REASON(e)) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
		return err_set(ERR_TLS, "%s offers no TLS from 1.2 on", t->peer);
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
		return err_set(ERR_TLS, "%s does not speak TLS: is this a plain-text port?",
			       t->peer);
	case SSL_R_UNEXPECTED_EOF_WHILE_READING:
		return err_set(ERR_TLS, "%s ended the connection in the middle of TLS", t->peer);
	default:
		return err_set(ERR_TLS, "TLS with %s failed: %s", t->peer, ssl_reason());
	}
}

/* The meaning of a call that did not return bytes. */
static int outcome(struct tls_conn *t, int rc)
{
	int e = errno;
	switch (SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_EOF;
	case SSL_ERROR_SYSCALL:
		return err_set(ERR_NET, "the connection broke: %s", e ? strerror(e) : "it ended");
	default:
		return refused(t);
	}
}

int tls_handshake(struct tls_conn *t)
{
	ERR_clear_error();
	errno = 0;
	int rc = SSL_do_handshake(t->ssl);
	return rc == 1 ? 0 : outcome(t, rc);
}

ssize_t tls_read(struct tls_conn *t, void *p, size_t n)
{
	ERR_clear_error();
	errno = 0;
	size_t got = 0;
	int rc = SSL_read_ex(t->ssl, p, n, &got);
	return rc == 1 ? (ssize_t)got : outcome(t, rc);
}

ssize_t tls_write(struct tls_conn *t, const void *p, size_t n)
{
	ERR_clear_error();
	errno = 0;
	size_t put = 0;
	int rc = SSL_write_ex(t->ssl, p, n, &put);
	return rc == 1 ? (ssize_t)put : outcome(t, rc);
}

bool tls_pending(const struct tls_conn *t)
{
	return SSL_has_pending(t->ssl) == 1;
}

void tls_free(struct tls_conn *t, bool say_goodbye)
{
	if (!t)
		return;
	ERR_clear_error();
	if (say_goodbye && SSL_is_init_finished(t->ssl))
		SSL_shutdown(t->ssl);
	SSL_free(t->ssl);
	OPENSSL_free(t);
}
