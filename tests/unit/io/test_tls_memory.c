/* Proves that OpenSSL lives from the pool taken at start: TLS traffic in steady state calls
 * malloc not once. */
#include "core/base/err.h"
#include "core/io/ca.h"
#include "core/io/env_live.h"
#include "core/io/tls.h"
#include "tests/unit/io/ends.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

START_TEST(steady_state_is_served_from_the_pool)
{
	char dir[] = "/tmp/test_tls_memory_XXXXXX";
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(tls_memory_pool(1), -ERR_ARG);
	ck_assert_int_eq(tls_memory_pool(32u << 20), 0);
	ck_assert_int_eq(ca_make(dir, NULL), 0);
	struct env *env;
	struct env_live_opt o = { .spin = true };
	ck_assert_int_eq(env_live_open(&o, &env), 0);
	struct end server, client;
	end_init(&server, env, 8u << 20);
	end_init(&client, env, 8u << 20);
	struct door door = { .end = &server, .n = 1 };
	struct env_peer p = peer_on(0);
	uint16_t port;
	p.tls = true;
	snprintf(p.ca_file, sizeof(p.ca_file), "%s/ca.pem", dir);
	struct env_peer s = p;
	s.ca_file[0] = 0;
	snprintf(s.cert_file, sizeof(s.cert_file), "%s/cert.pem", dir);
	snprintf(s.key_file, sizeof(s.key_file), "%s/key.pem", dir);
	ck_assert_int_eq(env_listen(env, &s, door_accept, &door, &port), 0);
	p.port = port;
	ck_assert_int_eq(env_open(env, &p, &end_handler, &client, &client.chan), 0);
	ck_assert(run_until(env, NULL, end_is_up, &client, 5000));
	ck_assert(run_until(env, NULL, end_is_up, &server, 5000));
	server.echo = true;
	struct tls_memory_stats a, b;
	tls_memory_stats(&a);
	for (int i = 1; i <= 1000; i++) {
		ck_assert_int_eq(chan_send(client.chan, "an order of thirty-two bytes ...", 32), 0);
		ck_assert(run_until_bytes(env, NULL, &client, (size_t)i * 32, 2000));
	}
	tls_memory_stats(&b);
	ck_assert_uint_gt(b.taken, a.taken);
	ck_assert_uint_eq(b.fallback, a.fallback);
	ck_assert_uint_le(b.live, a.live + 4);
	env->ops->free(env);
	end_free(&server);
	end_free(&client);
	ck_assert_int_eq(tls_memory_pool(32u << 20), -ERR_STATE);
	const char *const name[] = { "ca.pem", "cert.pem", "key.pem" };
	for (int i = 0; i < 3; i++) {
		char path[256];
		snprintf(path, sizeof(path), "%s/%s", dir, name[i]);
		unlink(path);
	}
	rmdir(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tls_memory");
	TCase *t = tcase_create("pool");
	tcase_set_timeout(t, 30);
	tcase_add_test(t, steady_state_is_served_from_the_pool);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
