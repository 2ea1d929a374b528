/* Proves that TLS below the door carries bytes both ways, and that what must be refused is
 * refused in words: expired and not yet valid certificates, another host's, self-signed, from an
 * unknown CA, for another use, TLS 1.1, plain text. */
#include "core/base/err.h"
#include "core/io/ca.h"
#include "core/io/env_live.h"
#include "tests/unit/io/ends.h"
#include <arpa/inet.h>
#include <check.h>
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#define ERR_STATE openssl_err_state
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

static struct env *env;
static struct end server[4], client;
static struct door door;
static char dir[64];

static void path_in(char out[256], const char *folder, const char *name)
{
	snprintf(out, 256, "%s/%s", folder, name);
}

static void set_up(void)
{
	strcpy(dir, "/tmp/test_tls_XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(env_live_open(NULL, &env), 0);
	for (int i = 0; i < 4; i++)
		end_init(&server[i], env, 8u << 20);
	end_init(&client, env, 8u << 20);
	door = (struct door){ .end = server, .n = 4 };
}

static void tear_down(void)
{
	env->ops->free(env);
	for (int i = 0; i < 4; i++)
		end_free(&server[i]);
	end_free(&client);
	DIR *d = opendir(dir);
	for (struct dirent *x; d && (x = readdir(d));) {
		char path[400];
		snprintf(path, sizeof(path), "%s/%s", dir, x->d_name);
		unlink(path);
	}
	closedir(d);
	rmdir(dir);
}

static struct env_peer tls_peer(uint16_t port)
{
	struct env_peer p = peer_on(port);
	p.tls = true;
	path_in(p.ca_file, dir, "ca.pem");
	return p;
}

/* A listener with the certificate in `dir`; returns its port. */
static uint16_t serve(void)
{
	struct env_peer p = peer_on(0);
	uint16_t port;
	p.tls = true;
	path_in(p.cert_file, dir, "cert.pem");
	path_in(p.key_file, dir, "key.pem");
	ck_assert_int_eq(env_listen(env, &p, door_accept, &door, &port), 0);
	return port;
}

static void make(const char *name, int64_t from_s, int64_t to_s)
{
	struct ca_opt o = {
		.name = name ? &name : NULL, .n = name != NULL, .from_s = from_s, .to_s = to_s
	};
	ck_assert_int_eq(ca_make(dir, &o), 0);
}

static void expect_refusal(const struct env_peer *p, const char *text)
{
	ck_assert_int_eq(env_open(env, p, &end_handler, &client, &client.chan), 0);
	ck_assert_msg(run_until(env, NULL, end_is_down, &client, 5000), "not refused");
	ck_assert_int_eq(client.ups, 0);
	ck_assert_msg(client.err == -ERR_TLS, "%s: %s", err_name(client.err), client.why);
	ck_assert_msg(strstr(client.why, text), "\"%s\" is not in \"%s\"", text, client.why);
}

static void connect_client(const struct env_peer *p)
{
	ck_assert_int_eq(env_open(env, p, &end_handler, &client, &client.chan), 0);
	bool up = run_until(env, NULL, end_is_up, &client, 5000);
	ck_assert_msg(up, "%s", client.why);
	ck_assert(run_until(env, NULL, end_is_up, &server[0], 5000));
}

START_TEST(bytes_go_there_and_back)
{
	make(NULL, 0, 0);
	struct env_peer p = tls_peer(serve());
	connect_client(&p);
	server[0].echo = true;
	size_t n = 2u << 20;
	uint8_t *b = malloc(n);
	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)(i * 7 + (i >> 9));
	ck_assert_int_eq(chan_send(client.chan, b, 100), 0);
	ck_assert(run_until_bytes(env, NULL, &client, 100, 2000));
	struct env_live_stats before, after;
	env_live_stats(env, &before);
	ck_assert_int_eq(chan_send(client.chan, b, 5000), 0);
	ck_assert_int_eq(chan_send(client.chan, b, 5000), 0);
	env_flush(env);
	env_live_stats(env, &after);
	ck_assert_uint_eq(after.writes - before.writes, 1);
	ck_assert(run_until_bytes(env, NULL, &client, 10100, 2000));
	client.n = 0;
	ck_assert_int_eq(chan_send(client.chan, b, n), 0);
	ck_assert(run_until_bytes(env, NULL, &client, n, 10000));
	ck_assert_mem_eq(client.got, b, n);
	free(b);
}
END_TEST

START_TEST(spinning_reads_many_records_that_came_at_once)
{
	env->ops->free(env);
	struct env_live_opt o = { .spin = true };
	ck_assert_int_eq(env_live_open(&o, &env), 0);
	make(NULL, 0, 0);
	struct env_peer p = tls_peer(serve());
	connect_client(&p);
	for (int i = 0; i < 200; i++) {
		ck_assert_int_eq(chan_send(client.chan, "0123456789", 10), 0);
		env_flush(env);
	}
	ck_assert(run_until_bytes(env, NULL, &server[0], 2000, 2000));
}
END_TEST

START_TEST(an_orderly_end_is_told_apart_from_a_torn_one)
{
	make(NULL, 0, 0);
	struct env_peer p = tls_peer(serve());
	connect_client(&p);
	chan_close(client.chan);
	ck_assert(run_until(env, NULL, end_is_down, &server[0], 2000));
	ck_assert_int_eq(server[0].err, -ERR_CLOSED);
}
END_TEST

START_TEST(expired)
{
	make(NULL, -7200, -3600);
	struct env_peer p = tls_peer(serve());
	expect_refusal(&p, "has expired (valid until 20");
	ck_assert(run_until(env, NULL, end_is_down, &server[0], 2000));
	ck_assert_int_eq(server[0].ups, 0);
}
END_TEST

START_TEST(not_yet_valid)
{
	make(NULL, 3600, 7200);
	struct env_peer p = tls_peer(serve());
	expect_refusal(&p, "is not valid before 20");
}
END_TEST

START_TEST(wrong_host)
{
	make("other.example", 0, 0);
	struct env_peer p = tls_peer(serve());
	expect_refusal(&p, "is for another host, not for 127.0.0.1");
}
END_TEST

START_TEST(the_name_asked_for_is_the_one_verified)
{
	make("venue.example", 0, 0);
	struct env_peer p = tls_peer(serve());
	strcpy(p.server_name, "other.example");
	expect_refusal(&p, "is for another host, not for other.example");
	client.downs = 0;
	door.taken = 0;
	server[0].ups = server[0].downs = 0;
	strcpy(p.server_name, "venue.example");
	connect_client(&p);
}
END_TEST

START_TEST(unknown_ca)
{
	make(NULL, 0, 0);
	uint16_t port = serve();
	make(NULL, 0, 0);
	struct env_peer p = tls_peer(port);
	expect_refusal(&p, "unknown CA");
	client.downs = 0;
	p.ca_file[0] = 0;
	expect_refusal(&p, "unknown CA, not among the system's certificates");
}
END_TEST

START_TEST(renewed_files_are_read_anew)
{
	make(NULL, 0, 0);
	uint16_t port = serve();
	struct env_peer p = tls_peer(port);
	connect_client(&p);
	make(NULL, 0, 0);
	door.taken = 1;
	client.ups = client.downs = 0;
	p = tls_peer(serve());
	struct end second;
	end_init(&second, env, 10);
	ck_assert_int_eq(env_open(env, &p, &end_handler, &second, &second.chan), 0);
	ck_assert(run_until(env, NULL, end_is_up, &second, 5000));
	end_free(&second);
}
END_TEST

/* cert.pem and key.pem of a certificate that signs itself, with this extended key usage. */
static void make_self_signed(const char *usage)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
				   (const unsigned char *)"self", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	const struct {
		int nid;
		const char *value;
	} ext[] = { { NID_subject_alt_name, "IP:127.0.0.1" }, { NID_ext_key_usage, usage } };
	for (int i = 0; i < 2; i++) {
		X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, ext[i].nid, ext[i].value);
		X509_add_ext(x, e, -1);
		X509_EXTENSION_free(e);
	}
	ck_assert_int_gt(X509_sign(x, key, EVP_sha256()), 0);
	char path[256];
	path_in(path, dir, "cert.pem");
	FILE *f = fopen(path, "w");
	PEM_write_X509(f, x);
	fclose(f);
	path_in(path, dir, "key.pem");
	f = fopen(path, "w");
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
}

START_TEST(self_signed)
{
	make(NULL, 0, 0);
	make_self_signed("serverAuth");
	struct env_peer p = tls_peer(serve());
	expect_refusal(&p, "is self-signed");
}
END_TEST

START_TEST(a_certificate_for_another_use)
{
	make_self_signed("clientAuth");
	struct env_peer p = tls_peer(serve());
	path_in(p.ca_file, dir, "cert.pem");
	expect_refusal(&p, "is refused: unsuit");
}
END_TEST

struct old_server {
	int fd;
	uint16_t port;
	int max_version; /* 0: plain text */
};

/* A server outside our code: TLS up to max_version, or plain text. */
static void *serve_old(void *arg)
{
	struct old_server *o = arg;
	int fd = accept(o->fd, NULL, NULL);
	if (o->max_version == 0) {
		(void)!write(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
		char sink[512];
		while (read(fd, sink, sizeof(sink)) > 0)
			;
		close(fd);
		return NULL;
	}
	char path[256];
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_security_level(c, 0);
	SSL_CTX_set_min_proto_version(c, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(c, o->max_version);
	SSL_CTX_set_cipher_list(c, "ALL:@SECLEVEL=0");
	path_in(path, dir, "cert.pem");
	SSL_CTX_use_certificate_file(c, path, SSL_FILETYPE_PEM);
	path_in(path, dir, "key.pem");
	SSL_CTX_use_PrivateKey_file(c, path, SSL_FILETYPE_PEM);
	SSL *s = SSL_new(c);
	SSL_set_fd(s, fd);
	char byte;
	if (SSL_accept(s) == 1)
		(void)SSL_read(s, &byte, 1);
	SSL_free(s);
	SSL_CTX_free(c);
	close(fd);
	return NULL;
}

static pthread_t start_old(struct old_server *o)
{
	o->fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	ck_assert_int_eq(bind(o->fd, (struct sockaddr *)&a, n), 0);
	ck_assert_int_eq(listen(o->fd, 1), 0);
	getsockname(o->fd, (struct sockaddr *)&a, &n);
	o->port = ntohs(a.sin_port);
	pthread_t t;
	ck_assert_int_eq(pthread_create(&t, NULL, serve_old, o), 0);
	return t;
}

static void expect_old_refused(int max_version, const char *text)
{
	make(NULL, 0, 0);
	struct old_server o = { .max_version = max_version };
	pthread_t t = start_old(&o);
	struct env_peer p = tls_peer(o.port);
	expect_refusal(&p, text);
	pthread_join(t, NULL);
	close(o.fd);
}

START_TEST(tls_1_1)
{
	expect_old_refused(TLS1_1_VERSION, "offers no TLS from 1.2 on");
}
END_TEST

START_TEST(plain_text)
{
	expect_old_refused(0, "does not speak TLS");
}
END_TEST

START_TEST(tls_1_2_is_taken)
{
	make(NULL, 0, 0);
	struct old_server o = { .max_version = TLS1_2_VERSION };
	pthread_t t = start_old(&o);
	struct env_peer p = tls_peer(o.port);
	ck_assert_int_eq(env_open(env, &p, &end_handler, &client, &client.chan), 0);
	ck_assert(run_until(env, NULL, end_is_up, &client, 5000));
	ck_assert_int_eq(chan_send(client.chan, "x", 1), 0);
	ck_assert(run_until(env, NULL, end_is_down, &client, 5000));
	/* That server hangs up without a goodbye: not an orderly end. */
	ck_assert_int_ne(client.err, -ERR_CLOSED);
	pthread_join(t, NULL);
	close(o.fd);
}
END_TEST

START_TEST(a_client_that_does_not_speak_tls_is_dropped)
{
	make(NULL, 0, 0);
	struct env_peer p = peer_on(serve());
	ck_assert_int_eq(env_open(env, &p, &end_handler, &client, &client.chan), 0);
	ck_assert(run_until(env, NULL, end_is_up, &client, 5000));
	ck_assert_int_eq(chan_send(client.chan, "GET / HTTP/1.1\r\n\r\n", 18), 0);
	ck_assert(run_until(env, NULL, end_is_down, &server[0], 5000));
	ck_assert_int_eq(server[0].err, -ERR_TLS);
	ck_assert_int_eq(server[0].ups, 0);
}
END_TEST

START_TEST(missing_files_are_named)
{
	struct env_peer p = tls_peer(1);
	struct chan *c;
	ck_assert_int_eq(env_open(env, &p, &end_handler, &client, &c), -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err_text(), "ca.pem"));
	path_in(p.cert_file, dir, "nowhere.pem");
	uint16_t port;
	ck_assert_int_eq(env_listen(env, &p, door_accept, &door, &port), -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err_text(), "nowhere.pem"));
}
END_TEST

START_TEST(a_server_may_ask_for_a_certificate)
{
	make(NULL, 0, 0);
	struct env_peer s = peer_on(0);
	uint16_t port;
	s.tls = true;
	path_in(s.cert_file, dir, "cert.pem");
	path_in(s.key_file, dir, "key.pem");
	path_in(s.ca_file, dir, "ca.pem");
	ck_assert_int_eq(env_listen(env, &s, door_accept, &door, &port), 0);
	struct env_peer p = tls_peer(port);
	ck_assert_int_eq(env_open(env, &p, &end_handler, &client, &client.chan), 0);
	ck_assert(run_until(env, NULL, end_is_down, &server[0], 5000));
	ck_assert_int_eq(server[0].ups, 0);
	ck_assert_int_eq(server[0].err, -ERR_TLS);
}
END_TEST

START_TEST(files_of_the_ca)
{
	make(NULL, 0, 0);
	char path[256];
	struct stat st;
	path_in(path, dir, "key.pem");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	const char *bad = "a,DNS:b";
	struct ca_opt o = { .name = &bad, .n = 1 };
	ck_assert_int_eq(ca_make(dir, &o), -ERR_ARG);
	ck_assert_int_eq(ca_make("/nonexistent", NULL), -ERR_IO);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tls");
	TCase *t = tcase_create("loopback");
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, bytes_go_there_and_back);
	tcase_add_test(t, spinning_reads_many_records_that_came_at_once);
	tcase_add_test(t, an_orderly_end_is_told_apart_from_a_torn_one);
	tcase_add_test(t, expired);
	tcase_add_test(t, not_yet_valid);
	tcase_add_test(t, wrong_host);
	tcase_add_test(t, the_name_asked_for_is_the_one_verified);
	tcase_add_test(t, unknown_ca);
	tcase_add_test(t, renewed_files_are_read_anew);
	tcase_add_test(t, self_signed);
	tcase_add_test(t, a_certificate_for_another_use);
	tcase_add_test(t, tls_1_1);
	tcase_add_test(t, plain_text);
	tcase_add_test(t, tls_1_2_is_taken);
	tcase_add_test(t, a_client_that_does_not_speak_tls_is_dropped);
	tcase_add_test(t, missing_files_are_named);
	tcase_add_test(t, a_server_may_ask_for_a_certificate);
	tcase_add_test(t, files_of_the_ca);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
