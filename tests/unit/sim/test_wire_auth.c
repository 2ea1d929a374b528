/* Proves that the wire lets in who holds the key and the right time, and nobody else; sessions, subscriptions and listen keys included. */
#include "tests/unit/sim/wire_fixture.h"
#define ERR_STATE openssl_err_state
#include <openssl/evp.h>
#undef ERR_STATE

static void ed25519(const uint8_t key[32], const char *text, char out[96])
{
	uint8_t raw[64];
	size_t n = sizeof raw;
	EVP_PKEY *k = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key, 32);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	ck_assert_int_eq(EVP_DigestSignInit(c, NULL, NULL, NULL, k), 1);
	ck_assert_int_eq(EVP_DigestSign(c, raw, &n, (const uint8_t *)text, strlen(text)), 1);
	EVP_EncodeBlock((uint8_t *)out, raw, 64);
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
}

static json_t *logon(struct wire_fixture *x, int account)
{
	char payload[256], sig[96], text[512];
	const char *key = x->key[2 * account + 1].api_key;
	snprintf(payload, sizeof payload, "apiKey=%s&timestamp=%lld", key,
		 (long long)(x->now_ns / 1000000));
	ed25519(x->private_key[account], payload, sig);
	snprintf(
		text, sizeof text,
		"{\"id\":1,\"method\":\"session.logon\",\"params\":{\"apiKey\":\"%s\",\"timestamp\":%lld,\"signature\":\"%s\"}}",
		key, (long long)(x->now_ns / 1000000), sig);
	return say(x, text);
}

START_TEST(test_time_window)
{
	static const struct {
		int64_t ahead_ms;
		const char *window;
		int code;
	} row[] = {
		{ 0, "", 0 },
		{ 999, "", 0 },
		{ 1000, "", -1021 },
		{ -5000, "", 0 },
		{ -5001, "", -1021 },
		{ -60000, "recvWindow=60000", 0 },
		{ 0, "recvWindow=60001", -1131 },
		{ -10, "recvWindow=9.999", -1021 },
		{ -10, "recvWindow=10.001", 0 },
		{ 0, "recvWindow=x", -1100 },
	};
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char params[128];
		snprintf(params, sizeof params, "timestamp=%lld %s",
			 NOW / 1000000 + row[i].ahead_ms, row[i].window);
		int got = code_of(ask(x, "account.status", params));
		EXPECT_MSG(got == row[i].code, "row %zu answered %d", i, got);
	}
	wire_fixture_free(x);
}
END_TEST

START_TEST(test_wrong_keys)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT);
	char text[512];
	ck_assert_int_eq(code_of(ask_as(x, -1, "account.status", "")), -1102);
	ck_assert_int_eq(code_of(ask_as(x, -1, "account.status", "apiKey=?!")), -2014);
	ck_assert_int_eq(code_of(ask_as(x, -1, "account.status", "apiKey=unknown")), -2015);
	snprintf(text, sizeof text, "apiKey=%s timestamp=%lld", x->key[0].api_key, NOW / 1000000);
	ck_assert_int_eq(code_of(ask_as(x, -1, "account.status", text)), -1102);
	snprintf(text, sizeof text, "apiKey=%s timestamp=%lld signature=%064d", x->key[0].api_key,
		 NOW / 1000000, 0);
	ck_assert_int_eq(code_of(ask_as(x, -1, "account.status", text)), -1022);
	/* One's secret does not open the other's account. */
	char keep[65];
	strcpy(keep, x->key[0].secret);
	strcpy(x->key[0].secret, x->key[2].secret);
	ck_assert_int_eq(code_of(ask(x, "account.status", "")), -1022);
	strcpy(x->key[0].secret, keep);
	ck_assert_int_eq(code_of(ask(x, "account.status", "")), 0);
	wire_fixture_free(x);
}
END_TEST

START_TEST(test_logon)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT);
	char text[512];
	ck_assert_int_eq(code_of(ask(x, "session.logon", "")), -4056);
	json_t *a = logon(x, 1);
	ck_assert_str_eq(text_of(result_of(a), "apiKey"), x->key[3].api_key);
	ck_assert_int_eq(number_of(result_of(a), "authorizedSince"), NOW / 1000000);
	json_decref(a);
	/* Neither key nor signature from here on, but the time. */
	snprintf(text, sizeof text,
		 "{\"id\":1,\"method\":\"account.status\",\"params\":{\"timestamp\":%lld}}",
		 NOW / 1000000);
	a = say(x, text);
	ck_assert_int_eq(number_of(result_of(a), "uid"), 1001);
	json_decref(a);
	ck_assert_int_eq(code_of(say(x, "{\"id\":1,\"method\":\"account.status\"}")), -1102);
	a = say(x, "{\"id\":1,\"method\":\"userDataStream.subscribe\"}");
	ck_assert_int_eq(number_of(result_of(a), "subscriptionId"), 0);
	json_decref(a);
	ck_assert_int_eq(code_of(say(x, "{\"id\":1,\"method\":\"userDataStream.subscribe\"}")),
			 -2035);
	ck_assert_int_eq(code_of(ask(x, "userDataStream.subscribe.signature", "")), 0);
	ck_assert(x->s.sub[0].used && x->s.sub[1].used && x->s.sub[1].account == 0);
	json_decref(say(x, "{\"id\":1,\"method\":\"session.logout\"}"));
	ck_assert(!x->s.sub[0].used && x->s.ended[0] && x->s.sub[1].used);
	ck_assert_int_eq(code_of(say(x, text)), -1102);
	ck_assert_int_eq(code_of(say(x, "{\"id\":1,\"method\":\"userDataStream.subscribe\"}")),
			 -2015);
	ck_assert_int_eq(
		code_of(say(
			x,
			"{\"id\":1,\"method\":\"userDataStream.unsubscribe\",\"params\":{\"subscriptionId\":1}}")),
		0);
	ck_assert_int_eq(
		code_of(say(
			x,
			"{\"id\":1,\"method\":\"userDataStream.unsubscribe\",\"params\":{\"subscriptionId\":1}}")),
		-2036);
	wire_fixture_free(x);
}
END_TEST

START_TEST(test_ed25519_is_strict)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT);
	uint8_t keep = x->private_key[1][5];
	x->private_key[1][5] ^= 1;
	ck_assert_int_eq(code_of(logon(x, 1)), -1022);
	x->private_key[1][5] = keep;
	ck_assert_int_eq(code_of(logon(x, 1)), 0);
	wire_fixture_free(x);
}
END_TEST

START_TEST(test_listen_keys)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_FUTURES);
	char params[128], key[65];
	snprintf(params, sizeof params, "apiKey=%s", x->key[0].api_key);
	ck_assert_int_eq(code_of(ask_as(x, -1, "userDataStream.ping", params)), -1125);
	json_t *a = ask_as(x, -1, "userDataStream.start", params);
	strcpy(key, text_of(result_of(a), "listenKey"));
	json_decref(a);
	ck_assert_int_eq(wire_listen_account(&x->w, key, x->now_ns), 0);
	x->now_ns += WIRE_LISTEN_NS - 1;
	ck_assert_int_eq(code_of(ask_as(x, -1, "userDataStream.ping", params)), 0);
	x->now_ns += WIRE_LISTEN_NS - 1;
	ck_assert_int_eq(wire_listen_expire(&x->w, x->now_ns), x->now_ns + 1);
	ck_assert_int_eq(wire_listen_account(&x->w, key, x->now_ns), 0);
	ck_assert_int_eq(wire_listen_expire(&x->w, x->now_ns + 1), INT64_MAX);
	ck_assert_str_eq(text_of(find_report(x, "listenKeyExpired"), "listenKey"), key);
	ck_assert_int_eq(wire_listen_account(&x->w, key, x->now_ns + 1), -1);
	a = ask_as(x, -1, "userDataStream.start", params);
	ck_assert_str_ne(text_of(result_of(a), "listenKey"), key);
	json_decref(a);
	ck_assert_int_eq(code_of(ask_as(x, -1, "userDataStream.stop", params)), 0);
	ck_assert_int_eq(code_of(ask_as(x, -1, "userDataStream.stop", params)), -1125);
	wire_fixture_free(x);
}
END_TEST

SUITE("wire_auth", test_time_window, test_wrong_keys, test_logon, test_ed25519_is_strict,
      test_listen_keys)
