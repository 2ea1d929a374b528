/* Proves that the venue checks signatures as the published examples have them, and that keys are made once and kept safe. */
#include "adapters/sim/server_keys.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(test_published_hmac)
{
	struct server_key k = { .kind = SERVER_KEY_HMAC };
	char sig[65] = "cc15477742bd704c29492d96c7ead9414dfd8e0ec4a00f947bb5bb454ddbd08a";
	static const char payload[] =
		"apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&newOrderRespType=ACK&price=52000.00&"
		"quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532&type=LIMIT";
	strcpy(k.secret, "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j");
	ck_assert(server_key_verify(&k, payload, sizeof payload - 1, sig));
	sig[0] = 'C';
	ck_assert(server_key_verify(&k, payload, sizeof payload - 1, sig));
	ck_assert(!server_key_verify(&k, payload, sizeof payload - 2, sig));
	sig[63] ^= 1;
	ck_assert(!server_key_verify(&k, payload, sizeof payload - 1, sig));
	ck_assert(!server_key_verify(&k, payload, sizeof payload - 1, ""));
}
END_TEST

/* Key and signature of RFC 8032, 7.1, test 2. */
START_TEST(test_rfc8032)
{
	struct server_key k = { .kind = SERVER_KEY_ED25519,
				.public_key = { 0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a,
						0x92, 0xb7, 0x0a, 0xa7, 0x4d, 0x1b, 0x7e, 0xbc,
						0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4, 0x96, 0x8c,
						0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c } };
	char sig[] =
		"kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==";
	ck_assert(server_key_verify(&k, "\x72", 1, sig));
	ck_assert(!server_key_verify(&k, "\x73", 1, sig));
	ck_assert(!server_key_verify(&k, "\x72", 1, "short=="));
	sig[0] = 'l';
	ck_assert(!server_key_verify(&k, "\x72", 1, sig));
}
END_TEST

static void mode_is_0600(const char *path)
{
	struct stat st;
	ck_assert_msg(stat(path, &st) == 0, "%s is not there", path);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
}

START_TEST(test_files)
{
	char dir[] = "/tmp/tandem-keys-XXXXXX", path[128];
	struct server_key a, b;
	ck_assert_ptr_nonnull(mkdtemp(dir));
	static const char *const end[] = { "secret", "key", "ed25519.pem", "ed25519.key" };
	for (int kind = 0; kind < server_key_kind_max; kind++) {
		ck_assert_int_eq(server_key_load(&a, kind, dir, "me"), 0);
		ck_assert_int_eq(server_key_load(&b, kind, dir, "me"), 0);
		ck_assert_int_eq(memcmp(&a, &b, sizeof a), 0);
		ck_assert_uint_eq(strlen(a.api_key), 64);
	}
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s/me.%s", dir, end[i]);
		mode_is_0600(path);
		FILE *f = fopen(path, "w");
		fputs("rubbish\n", f);
		fclose(f);
		ck_assert_int_eq(server_key_load(&a, i / 2, dir, "me"), -ERR_CORRUPT);
		unlink(path);
	}
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s/me.%s", dir, end[i]);
		unlink(path);
	}
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

SUITE("server_keys", test_published_hmac, test_rfc8032, test_files)
