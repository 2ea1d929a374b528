/* Proves which refusals are certain and which are unknown, and the class of the common ones. */
#include "adapters/codec/binance_code.h"
#include "tests/unit/suite.h"

START_TEST(what_the_venue_does_not_know_is_never_a_refusal)
{
	static const struct {
		int status, code;
	} unknown[] = { { 408, -1007 }, { 200, -1007 }, { 500, -1000 },
			{ 503, -1001 }, { 400, -1006 }, { 500, 0 },
			{ 502, 0 },	{ 504, -9999 }, { 0, 0 } };
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
		ck_assert_msg(binance_code_find(unknown[i].status, unknown[i].code, "")->fate ==
				      FATE_UNKNOWN,
			      "%d %d", unknown[i].status, unknown[i].code);
	/* The one refusal of a 503 that says that it did nothing. */
	ck_assert_int_eq(binance_code_find(503, -1008, "")->fate, FATE_REFUSED);
}
END_TEST

START_TEST(classes)
{
	static const struct {
		int status, code;
		const char *text;
		enum reject_class c;
		enum binance_fate fate;
	} rows[] = {
		{ 400, -2010, "Account has insufficient balance for requested action.",
		  REJECT_MONEY, FATE_REFUSED },
		{ 400, -2010, "Duplicate order sent.", REJECT_DUPLICATE, FATE_REFUSED },
		{ 400, -2010, "Order would immediately match and take.", REJECT_WOULD_TAKE,
		  FATE_REFUSED },
		{ 400, -2010, "Market is closed.", REJECT_CLOSED, FATE_REFUSED },
		{ 400, -2010, "Something else", REJECT_OTHER, FATE_REFUSED },
		{ 400, -1013, "Filter failure: PRICE_FILTER", REJECT_PRICE, FATE_REFUSED },
		{ 400, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE", REJECT_PRICE, FATE_REFUSED },
		{ 400, -1013, "Filter failure: NOTIONAL", REJECT_SIZE, FATE_REFUSED },
		{ 400, -2011, "Unknown order sent.", REJECT_GONE, FATE_ABSENT },
		{ 400, -2013, "Order does not exist.", REJECT_GONE, FATE_ABSENT },
		{ 429, -1003, "", REJECT_RATE, FATE_REFUSED },
		{ 418, 0, "", REJECT_RATE, FATE_REFUSED },
		{ 429, -1015, "", REJECT_RATE, FATE_REFUSED },
		{ 400, -1021, "", REJECT_CLOCK, FATE_REFUSED },
		{ 400, -1022, "", REJECT_AUTH, FATE_REFUSED },
		{ 401, -2015, "", REJECT_AUTH, FATE_REFUSED },
		{ 400, -2019, "", REJECT_MONEY, FATE_REFUSED },
		{ 400, -4014, "", REJECT_PRICE, FATE_REFUSED },
		{ 400, -4164, "", REJECT_SIZE, FATE_REFUSED },
		{ 400, -5022, "", REJECT_WOULD_TAKE, FATE_REFUSED },
		{ 400, -5021, "", REJECT_PRICE, FATE_REFUSED },
		{ 400, -9999, "", REJECT_OTHER, FATE_REFUSED },
		{ 0, -9999, "", REJECT_OTHER, FATE_REFUSED },
		{ 403, 0, "", REJECT_OTHER, FATE_REFUSED },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct binance_code *c =
			binance_code_find(rows[i].status, rows[i].code, rows[i].text);
		ck_assert_msg(c->reject_class == rows[i].c && c->fate == rows[i].fate, "%d %d %s",
			      rows[i].status, rows[i].code, rows[i].text);
	}
}
END_TEST

SUITE("binance_code", what_the_venue_does_not_know_is_never_a_refusal, classes)
