/* Proves that a reply is told from an event, and that its status, error and limits are read. */
#include "adapters/codec/binance_exec.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <string.h>

static int read_message(const char *text, struct binance_message *m)
{
	const char *why;
	int rc = binance_message(text, strlen(text), m, &why);
	ck_assert(why && why[0]);
	return rc;
}

START_TEST(good_replies)
{
	struct binance_message m;
	ck_assert_int_eq(
		read_message(
			"{\"id\":12,\"status\":200,\"result\":{\"orderId\":1},\"rateLimits\":["
			"{\"rateLimitType\":\"ORDERS\",\"interval\":\"SECOND\",\"intervalNum\":10,\"limit\":50,\"count\":49},"
			"{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":6000,\"count\":321}]}",
			&m),
		0);
	ck_assert(m.kind == BINANCE_REPLY && m.has_id && m.id == 12 && m.status == 200 &&
		  m.code == 0);
	ck_assert(m.result.token == TOKEN_OBJECT && m.weight_used == 321 && m.weight_limit == 6000);
}
END_TEST

START_TEST(refusals)
{
	struct binance_message m;
	ck_assert_int_eq(
		read_message(
			"{\"id\":\"13\",\"status\":418,\"error\":{\"code\":-1003,\"msg\":\"Way too much\",\"data\":"
			"{\"serverTime\":1659142907531,\"retryAfter\":1659146400000}}}",
			&m),
		0);
	ck_assert(m.has_id && m.id == 13 && m.status == 418 && m.code == -1003);
	ck_assert_str_eq(m.text, "Way too much");
	ck_assert(m.server_ms == 1659142907531 && m.retry_after_ms == 1659146400000);
}
END_TEST

START_TEST(replies_without_an_id)
{
	struct binance_message m;
	ck_assert_int_eq(
		read_message(
			"{\"id\":null,\"status\":400,\"error\":{\"code\":-1135,\"msg\":\"x\"}}",
			&m),
		0);
	ck_assert(!m.has_id && m.code == -1135);
}
END_TEST

START_TEST(events)
{
	struct binance_message m;
	ck_assert_int_eq(read_message("{\"subscriptionId\":3,\"event\":{\"e\":\"x\"}}", &m), 0);
	ck_assert(m.kind == BINANCE_EVENT && m.subscription == 3 && m.event.n == 9);
	ck_assert_int_eq(read_message("{\"e\":\"ACCOUNT_UPDATE\",\"a\":{}}", &m), 0);
	ck_assert(m.kind == BINANCE_EVENT && m.subscription == -1 && m.event.n == 29);
	ck_assert_int_eq(read_message("{\"stream\":\"k\",\"data\":{\"e\":\"x\"}}", &m), 0);
	ck_assert(m.kind == BINANCE_EVENT && m.event.n == 9);
	ck_assert_int_eq(read_message("{\"event\":{\"e\":\"serverShutdown\",\"E\":1}}", &m), 0);
	ck_assert_int_eq(m.kind, BINANCE_EVENT);
	/* Broken further on: whoever reads the event finds it. */
	ck_assert_int_eq(read_message("{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{", &m), 0);
	ck_assert(m.kind == BINANCE_EVENT && m.event.n == 31);
}
END_TEST

START_TEST(neither)
{
	static const char *const bad[] = { "",
					   "[]",
					   "{}",
					   "{\"id\":1}",
					   "{\"id\":1,\"status\":200",
					   "{\"id\":1,\"status\":200}x",
					   "{\"id\":1,\"status\":400,\"error\":\"x\"}",
					   "{\"id\":1,\"id\":2,\"status\":200}" };
	struct binance_message m;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(read_message(bad[i], &m) == -ERR_PARSE, "%s", bad[i]);
}
END_TEST

START_TEST(rest_errors)
{
	static const char body[] = "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}";
	struct binance_message m;
	binance_rest_error(400, body, strlen(body), &m);
	ck_assert(m.status == 400 && m.code == -1121);
	ck_assert_str_eq(m.text, "Invalid symbol.");
	binance_rest_error(502, "<html>bad gateway</html>", 24, &m);
	ck_assert(m.status == 502 && m.code == 0 && !m.text[0]);
	binance_rest_error(200, body, strlen(body), &m);
	ck_assert(m.status == 200 && m.code == 0);
}
END_TEST

SUITE("binance_message", good_replies, refusals, replies_without_an_id, events, neither,
      rest_errors)
