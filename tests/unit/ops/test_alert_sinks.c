/* Proves that an alert reaches log, command and webhook, whole and with nothing of the host's; that a sink which fails, hangs or floods is bounded and told of;
 * that certificates are checked and secrets are shown nowhere. Prints how long an alert took to each. */
#include "core/base/err.h"
#include "core/io/ca.h"
#include "core/ops/alert_sinks.h"
#include "tests/unit/store/folder.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#define ERR_STATE openssl_err_state
#include <openssl/ssl.h>
#undef ERR_STATE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

static int64_t mono_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void sleep_ms(int ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL);
}

/* ---- a server that answers as it is told ---- */

static struct server {
	int listener;
	uint16_t port;
	SSL_CTX *tls; /* NULL: plain */
	pthread_t thread;
	_Atomic bool over;
	_Atomic unsigned n;	  /* requests */
	_Atomic int answer[32];	  /* to each; 0: 200; -1: none, the line is cut; -2: silence */
	_Atomic int64_t heard_ns; /* when the latest was whole */
	char text[32][4096];
} server;

static ssize_t get(SSL *s, int fd, char *p, size_t n)
{
	return s ? SSL_read(s, p, (int)n) : read(fd, p, n);
}

static bool whole(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "content-length:");
	return body && length && strlen(body + 4) >= (size_t)atoi(length + 15);
}

static void serve(int fd)
{
	SSL *s = NULL;
	unsigned at = server.n % 32;
	size_t have = 0;
	char *text = server.text[at], reply[160];
	if (server.tls) {
		s = SSL_new(server.tls);
		SSL_set_fd(s, fd);
		if (SSL_accept(s) != 1) {
			SSL_free(s);
			return;
		}
	}
	memset(text, 0, sizeof server.text[0]);
	for (ssize_t k;
	     !whole(text) && (k = get(s, fd, text + have, sizeof server.text[0] - 1 - have)) > 0;)
		have += (size_t)k;
	server.heard_ns = mono_ns();
	const int code = server.answer[at] ? server.answer[at] : 200;
	if (code == -2)
		for (int i = 0; i < 50 && !server.over; i++)
			sleep_ms(10);
	int n = snprintf(reply, sizeof reply,
			 "HTTP/1.1 %d So\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
			 code);
	if (code > 0 && s)
		SSL_write(s, reply, n);
	else if (code > 0)
		(void)!write(fd, reply, (size_t)n);
	if (s) {
		SSL_shutdown(s);
		SSL_free(s);
	}
	server.n++;
}

static void *serving(void *arg)
{
	(void)arg;
	while (!server.over) {
		int fd = accept(server.listener, NULL, NULL);
		if (fd < 0)
			break;
		serve(fd);
		close(fd);
	}
	return NULL;
}

static void server_open(bool tls)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	signal(SIGPIPE, SIG_IGN);
	if (tls) {
		char path[300];
		ck_assert_int_eq(ca_make(folder, NULL), 0);
		server.tls = SSL_CTX_new(TLS_server_method());
		snprintf(path, sizeof path, "%s/cert.pem", folder);
		ck_assert_int_eq(SSL_CTX_use_certificate_chain_file(server.tls, path), 1);
		snprintf(path, sizeof path, "%s/key.pem", folder);
		ck_assert_int_eq(SSL_CTX_use_PrivateKey_file(server.tls, path, SSL_FILETYPE_PEM),
				 1);
	}
	server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(server.listener, (struct sockaddr *)&a, sizeof a), 0);
	ck_assert_int_eq(listen(server.listener, 8), 0);
	getsockname(server.listener, (struct sockaddr *)&a, &n);
	server.port = ntohs(a.sin_port);
	ck_assert_int_eq(pthread_create(&server.thread, NULL, serving, NULL), 0);
}

static void server_close(void)
{
	server.over = true;
	shutdown(server.listener, SHUT_RDWR);
	pthread_join(server.thread, NULL);
	close(server.listener);
	SSL_CTX_free(server.tls);
}

/* ---- what is sent ---- */

static struct config_alerts cfg;

static struct alert_sinks *sinks_open(void)
{
	struct alert_sinks *s = NULL;
	cfg.command_max = cfg.command_max ? cfg.command_max : 2;
	cfg.command_timeout_ns = cfg.command_timeout_ns ? cfg.command_timeout_ns : 5000000000;
	cfg.webhook_timeout_ns = cfg.webhook_timeout_ns ? cfg.webhook_timeout_ns : 5000000000;
	int rc = alert_sinks_open(&cfg, &s);
	ck_assert_msg(rc == 0, "%s", err_text());
	return s;
}

static void use_webhook(bool tls)
{
	cfg.webhook_tls = tls;
	strcpy(cfg.webhook_host, tls ? "localhost" : "127.0.0.1");
	strcpy(cfg.webhook_path, "/hook/S3CRET?key=S3CRET");
	cfg.webhook_port = server.port;
	if (tls)
		snprintf(cfg.ca_file, sizeof cfg.ca_file, "%s/ca.pem", folder);
}

static void use_command(const char *script)
{
	snprintf(cfg.arg[0], sizeof cfg.arg[0], "%s/command", folder);
	strcpy(cfg.arg[1], "two words");
	cfg.n_args = 2;
	FILE *f = fopen(cfg.arg[0], "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "#!/bin/sh\n%s\n", script);
	fclose(f);
	chmod(cfg.arg[0], 0700);
}

static struct alert held(void)
{
	struct alert a = { .id = 4711,
			   .pair = 0x1000300000007,
			   .code = ALERT_PAIR_HELD,
			   .severity = ALERT_CRITICAL,
			   .count = 1,
			   .repeats = 1,
			   .first_utc_ns = 5,
			   .last_utc_ns = 5 };
	strcpy(a.instance, "au");
	strcpy(a.text, "pair is held: \"venue\" down\n\xff");
	return a;
}

static bool until(bool (*fn)(void), int ms)
{
	for (int k = 0; k < ms; k++) {
		if (fn())
			return true;
		sleep_ms(1);
	}
	return fn();
}

static bool heard_one(void)
{
	return server.n >= 1;
}
static bool heard_three(void)
{
	return server.n >= 3;
}

static char *slurp(const char *name)
{
	static char text[65536];
	char path[300];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "r");
	if (!f)
		return NULL;
	text[fread(text, 1, sizeof text - 1, f)] = 0;
	fclose(f);
	return text;
}

static bool command_done(void)
{
	return slurp("done") != NULL;
}

static bool failure(struct alert_sinks *s, struct alert_failure *f)
{
	for (int k = 0; k < 10000; k++) {
		if (alert_sinks_failure(s, f))
			return true;
		sleep_ms(1);
	}
	return false;
}

static void is_the_alert(const char *json)
{
	json_error_t e;
	json_t *j = json_loads(json, JSON_DISABLE_EOF_CHECK, &e);
	ck_assert_msg(j != NULL, "%s: %s", e.text, json);
	ck_assert_int_eq(json_integer_value(json_object_get(j, "id")), 4711);
	ck_assert_str_eq(json_string_value(json_object_get(j, "code")), "pair_held");
	ck_assert_str_eq(json_string_value(json_object_get(j, "severity")), "critical");
	ck_assert_str_eq(json_string_value(json_object_get(j, "pair")), "0001000300000007");
	ck_assert_str_eq(json_string_value(json_object_get(j, "instance")), "au");
	ck_assert(json_is_null(json_object_get(j, "venue")));
	ck_assert_ptr_nonnull(
		strstr(json_string_value(json_object_get(j, "text")), "\"venue\" down"));
	json_decref(j);
}

static void figure(const char *sink, int64_t ns)
{
	printf("{\"figure\":\"alert_to_%s\",\"ms\":%.3f}\n", sink, (double)ns / 1e6);
}

START_TEST(the_log)
{
	char path[300];
	snprintf(path, sizeof path, "%s/log", folder);
	int was = dup(STDERR_FILENO), fd = open(path, O_RDWR | O_CREAT, 0600);
	dup2(fd, STDERR_FILENO);
	struct alert_sinks *s = sinks_open();
	struct alert a = held();
	a.repeats = 7;
	const int64_t from = mono_ns();
	alert_sinks_push(s, &a, 1u << ALERT_SINK_LOG);
	struct stat st = { 0 };
	for (int k = 0; k < 100000 && st.st_size == 0; k++)
		fstat(fd, &st);
	const int64_t took = mono_ns() - from;
	alert_sinks_close(s);
	dup2(was, STDERR_FILENO);
	const char *text = slurp("log");
	ck_assert_msg(strstr(text, "alert 4711 critical pair_held of au: pair is held") &&
			      strstr(text, "(7 times)"),
		      "%s", text);
	figure("log", took);
}
END_TEST

START_TEST(the_command)
{
	char script[900];
	setenv("SECRET_OF_THE_HOST", "1", 1);
	snprintf(
		script, sizeof script,
		"cat > %s/in; echo \"$1\" > %s/arg; env > %s/env; ls /proc/self/fd | wc -l > %s/fds; date +%%s%%N > %s/done; echo noise",
		folder, folder, folder, folder, folder);
	use_command(script);
	struct alert_sinks *s = sinks_open();
	struct alert a = held();
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	alert_sinks_push(s, &a, 1u << ALERT_SINK_COMMAND);
	ck_assert(until(command_done, 10000));
	alert_sinks_close(s);
	figure("command_done", atoll(slurp("done")) - ((int64_t)t.tv_sec * 1000000000 + t.tv_nsec));
	is_the_alert(slurp("in"));
	ck_assert_str_eq(slurp("arg"), "two words\n");
	ck_assert_ptr_null(strstr(slurp("env"), "SECRET_OF_THE_HOST"));
	ck_assert_int_le(atoi(slurp("fds")), 5); /* 0, 1, 2, and what ls opens */
}
END_TEST

/* Whether it fails, hangs, or is not there: the engine hears of it, and the next is started. */
START_TEST(a_command_that_fails)
{
	static const struct {
		const char *script, *why;
	} row[] = { { "exit 3", "exit code 3" },
		    { "kill -9 $$", "signal 9" },
		    { "sleep 60", "longer than it may" } };
	struct alert_failure f;
	struct alert a = held();
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		use_command(row[i].script);
		cfg.command_timeout_ns = i == 2 ? 100000000 : 0;
		struct alert_sinks *s = sinks_open();
		alert_sinks_push(s, &a, 1u << ALERT_SINK_COMMAND);
		ck_assert(failure(s, &f));
		ck_assert_int_eq(f.sink, ALERT_SINK_COMMAND);
		ck_assert_msg(strstr(f.why, row[i].why), "%s", f.why);
		alert_sinks_close(s);
	}
	strcpy(cfg.arg[0], "/nothing/there");
	struct alert_sinks *s = sinks_open();
	alert_sinks_push(s, &a, 1u << ALERT_SINK_COMMAND);
	ck_assert(failure(s, &f));
	ck_assert_ptr_nonnull(strstr(f.why, "cannot be started"));
	alert_sinks_close(s);
}
END_TEST

/* No more than so many at once, and so many waiting. */
START_TEST(commands_are_bounded)
{
	char script[400];
	snprintf(script, sizeof script,
		 "echo + >> %s/log; sleep 0.1; wc -l < %s/log > /dev/null; echo - >> %s/log",
		 folder, folder, folder);
	use_command(script);
	cfg.command_max = 2;
	struct alert_sinks *s = sinks_open();
	struct alert a = held();
	struct alert_failure f;
	for (int i = 0; i < 100; i++)
		alert_sinks_push(s, &a, 1u << ALERT_SINK_COMMAND);
	ck_assert(failure(s, &f));
	ck_assert_msg(strstr(f.why, "wait for it already"), "%s", f.why);
	alert_sinks_close(s);
	int at_once = 0;
	for (const char *p = slurp("log"); *p; p++) {
		at_once += (*p == '+') - (*p == '-');
		ck_assert_int_le(at_once, 2);
	}
}
END_TEST

static void delivered(bool tls)
{
	server_open(tls);
	use_webhook(tls);
	struct alert_sinks *s = sinks_open();
	struct alert a = held();
	for (int i = 0; i < 2; i++) { /* the second with all of the library warm */
		const int64_t from = mono_ns();
		const unsigned before = server.n;
		alert_sinks_push(s, &a, 1u << ALERT_SINK_WEBHOOK);
		for (int k = 0; k < 10000 && server.n == before; k++)
			sleep_ms(1);
		ck_assert_uint_eq(server.n, before + 1);
		figure(tls ? "https" : "http", server.heard_ns - from);
	}
	alert_sinks_close(s);
	ck_assert_msg(strncmp(server.text[0], "POST /hook/S3CRET?key=S3CRET HTTP/1.1\r\n", 39) == 0,
		      "%s", server.text[0]);
	ck_assert_ptr_nonnull(strstr(server.text[0], "Content-Type: application/json"));
	is_the_alert(strstr(server.text[0], "\r\n\r\n") + 4);
	server_close();
}

START_TEST(the_webhook)
{
	delivered(false);
}
END_TEST

START_TEST(the_webhook_over_tls)
{
	delivered(true);
}
END_TEST

START_TEST(a_webhook_is_asked_again)
{
	server_open(false);
	use_webhook(false);
	server.answer[0] = 503;
	server.answer[1] = -1;
	struct alert_sinks *s = sinks_open();
	struct alert a = held();
	struct alert_failure f;
	alert_sinks_push(s, &a, 1u << ALERT_SINK_WEBHOOK);
	ck_assert(until(heard_three, 10000));
	ck_assert(!alert_sinks_failure(s, &f)); /* the third time it was taken */
	server.answer[3] = 404;			/* asking again would not help */
	alert_sinks_push(s, &a, 1u << ALERT_SINK_WEBHOOK);
	ck_assert(failure(s, &f));
	ck_assert_int_eq(f.sink, ALERT_SINK_WEBHOOK);
	ck_assert_msg(strstr(f.why, "it answered 404; given up after 1"), "%s", f.why);
	ck_assert_ptr_null(strstr(f.why, "S3CRET"));
	ck_assert_uint_eq(server.n, 4);
	alert_sinks_close(s);
	server_close();
}
END_TEST

/* A server that hears and never answers holds nobody for longer than the limit. */
START_TEST(a_webhook_that_is_silent)
{
	server_open(false);
	use_webhook(false);
	cfg.webhook_timeout_ns = 50000000;
	server.answer[0] = -2;
	struct alert_sinks *s = sinks_open();
	struct alert a = held();
	alert_sinks_push(s, &a, 1u << ALERT_SINK_WEBHOOK);
	for (int k = 0; k < 10000 && server.n < 2; k++)
		sleep_ms(1);
	ck_assert_uint_ge(server.n, 2); /* it was asked again */
	alert_sinks_close(s);
	server_close();
}
END_TEST

/* A certificate that nobody vouches for gets nothing. */
START_TEST(a_strangers_certificate)
{
	server_open(true);
	use_webhook(true);
	cfg.ca_file[0] = 0; /* the system's roots */
	struct alert_sinks *s = sinks_open();
	struct alert a = held();
	alert_sinks_push(s, &a, 1u << ALERT_SINK_WEBHOOK);
	ck_assert(!until(heard_one, 1500));
	alert_sinks_close(s);
	server_close();
}
END_TEST

START_TEST(roots_that_cannot_be_read)
{
	struct alert_sinks *s = NULL;
	use_webhook(true);
	strcpy(cfg.ca_file, "/nothing/there.pem");
	cfg.command_max = 1;
	ck_assert_int_eq(alert_sinks_open(&cfg, &s), -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err_text(), "alert_ca_file"));
}
END_TEST

/* More at once than there is room for: counted, and the pusher never waits. */
START_TEST(too_many_at_once)
{
	char script[100];
	snprintf(script, sizeof script, "sleep 0.01");
	use_command(script);
	struct alert_sinks *s = sinks_open();
	struct alert a = held();
	unsigned fit = 0;
	for (int i = 0; i < 20000; i++)
		fit += alert_sinks_push(s, &a, 0);
	ck_assert_uint_ge(fit, 1);
	ck_assert_uint_eq(fit + alert_sinks_lost(s), 20000);
	alert_sinks_close(s);
}
END_TEST

FOLDER_SUITE("alert_sinks", the_log, the_command, a_command_that_fails, commands_are_bounded,
	     the_webhook, the_webhook_over_tls, a_webhook_is_asked_again, a_webhook_that_is_silent,
	     a_strangers_certificate, roots_that_cannot_be_read, too_many_at_once)
