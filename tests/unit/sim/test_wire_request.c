/* Proves that requests are taken apart as they were sent: values, ids of any allowed kind, and the exact text that a signature covers. */
#include "adapters/sim/wire_request.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

static struct wire_request r;

static int ws(const char *text)
{
	return wire_request_ws(&r, text, strlen(text));
}

START_TEST(test_payload_is_sorted)
{
	ck_assert_int_eq(
		ws("{\"id\":\"a\",\"method\":\"order.place\",\"params\":{\"b\":\"2\",\"signature\":\"s\",\"a\":1,\"B\":true,\"aa\":0.1}}"),
		0);
	ck_assert_str_eq(r.payload, "B=true&a=1&aa=0.1&b=2");
	ck_assert_str_eq(r.id, "\"a\"");
	ck_assert_str_eq(wire_request_get(&r, "signature"), "s");
	ck_assert_ptr_null(wire_request_get(&r, "c"));
	ck_assert_uint_eq(wire_request_unread(&r), 4);
}
END_TEST

START_TEST(test_ids)
{
	static const char *const ids[] = { "1", "-7", "\"x\\\"y\"", "null" };
	char text[128];
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		snprintf(text, sizeof text, "{\"method\":\"ping\",\"id\":%s}", ids[i]);
		ck_assert_int_eq(ws(text), 0);
		ck_assert_str_eq(r.id, ids[i]);
	}
	ck_assert_int_eq(ws("{\"id\":[],\"method\":\"ping\"}"), -ERR_PARSE);
	ck_assert_str_eq(r.id, "null");
	/* What was understood is kept for the answer. */
	ck_assert_int_eq(ws("{\"id\":5}"), -ERR_PARSE);
	ck_assert_str_eq(r.id, "5");
}
END_TEST

START_TEST(test_rest_payload)
{
	static const char target[] = "/api/v3/order?b=2&signature=ff&a=x%2By&c", body[] = "z=1&q=+";
	ck_assert_int_eq(
		wire_request_rest(&r, "POST", target, sizeof target - 1, body, sizeof body - 1), 0);
	ck_assert_str_eq(r.path, "/api/v3/order");
	ck_assert_str_eq(r.payload, "b=2&a=x%2By&cz=1&q=+");
	ck_assert_str_eq(wire_request_get(&r, "a"), "x+y");
	ck_assert_str_eq(wire_request_get(&r, "c"), "");
	ck_assert_str_eq(wire_request_get(&r, "q"), " ");
	ck_assert_str_eq(wire_request_get(&r, "z"), "1");
	ck_assert_int_eq(wire_request_rest(&r, "GET", "/x?a=%zz", 8, "", 0), -ERR_PARSE);
	ck_assert_int_eq(wire_request_rest(&r, "GET", "/x?a=%00", 8, "", 0), -ERR_PARSE);
}
END_TEST

START_TEST(test_bounds)
{
	static char text[WIRE_REQUEST + 64];
	size_t n = (size_t)sprintf(text, "{\"method\":\"ping\",\"params\":{");
	for (int i = 0; i < WIRE_PARAMS + 1; i++)
		n += (size_t)sprintf(text + n, "\"p%d\":1,", i);
	sprintf(text + n - 1, "}}");
	ck_assert_int_eq(ws(text), -ERR_LIMIT);
	memset(text, ' ', sizeof text - 1);
	ck_assert_int_eq(ws(text), -ERR_LIMIT);
	memset(text, 'a', sizeof text - 1);
	ck_assert_int_eq(wire_request_rest(&r, "GET", text, sizeof text - 1, "", 0), -ERR_LIMIT);
	ck_assert_int_eq(wire_request_rest(&r, "GET", text, 1000, "", 0), -ERR_NOTFOUND);
}
END_TEST

SUITE("wire_request", test_payload_is_sorted, test_ids, test_rest_payload, test_bounds)
