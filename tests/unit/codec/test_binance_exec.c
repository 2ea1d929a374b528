/* Proves what Binance's execution reports, replies, trades, balances and positions become, and that what is inexact is refused. */
#include "adapters/codec/binance_exec.h"
#include "core/base/err.h"
#include "core/trade/order.h"
#include "tests/unit/suite.h"
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct instrument instruments[] = {
	{ .symbol = "BTCUSDT", .px_dp = 2, .qty_dp = 5 },
	{ .symbol = "ETHUSDT", .px_dp = 2, .qty_dp = 3 },
};

static struct symbols symbols;
static struct assets assets;
static struct binance_exec ctx;

static void setup(void)
{
	if (symbols.n)
		return;
	ck_assert_int_eq(symbols_init(&symbols, instruments, COUNT(instruments), 0), 0);
	assets.n = 1;
	ctx = (struct binance_exec){
		.symbols = &symbols, .assets = &assets, .venue = 3, .account = 2
	};
}

static struct json_value value(const char *text)
{
	struct json_scan j;
	struct json_value v;
	json_scan_init(&j, text, strlen(text));
	json_take(&j, &v);
	return v;
}

static int event(const char *text, struct binance_event *ev)
{
	setup();
	struct json_value v = value(text);
	return binance_event(&ctx, &v, 55, ev);
}

#define SPOT(head, x, X, tail)                                                                                         \
	"{\"e\":\"executionReport\",\"E\":1499405658658,\"s\":\"ETHUSDT\"," head                                       \
	"\"S\":\"BUY\",\"o\":\"LIMIT\",\"f\":\"GTC\","                                                                 \
	"\"q\":\"1.00000000\",\"p\":\"10264.41000000\",\"P\":\"0.00000000\",\"F\":\"0.00000000\",\"g\":-1,\"x\":\"" x  \
	"\",\"X\":\"" X "\","                                                                                          \
	"\"i\":4293153,\"T\":1499405658657,\"I\":8641984,\"w\":true,\"m\":false,\"M\":false,\"O\":1499405658657," tail \
	"}"
#define OURS "\"c\":\"TDM0000000000000007\",\"C\":\"\","
#define NO_FILL \
	"\"r\":\"NONE\",\"l\":\"0.00000000\",\"z\":\"0.00000000\",\"L\":\"0.00000000\",\"n\":\"0\",\"N\":null,\"t\":-1"

START_TEST(spot_acknowledgement)
{
	struct binance_event ev;
	ck_assert_int_eq(event(SPOT(OURS, "NEW", "NEW", NO_FILL), &ev), 0);
	const struct exec_report *r = &ev.exec;
	ck_assert_int_eq(ev.kind, BINANCE_EV_EXEC);
	ck_assert(r->kind == EXEC_ACK && r->order == 7 && r->instrument == 1 && r->venue == 3 &&
		  r->account == 2);
	ck_assert(r->side == SIDE_BUY && r->px == 1026441 && r->qty == 1000 && r->has_cum &&
		  r->cum == 0);
	ck_assert_str_eq(r->client, "TDM0000000000000007");
	ck_assert_str_eq(r->venue_order, "4293153");
	ck_assert(r->venue_ns == 1499405658657000000 && r->recv_ns == 55);
}
END_TEST

START_TEST(spot_fill)
{
	struct binance_event ev;
	ck_assert_int_eq(
		event(SPOT(OURS, "TRADE", "PARTIALLY_FILLED",
			   "\"r\":\"NONE\",\"l\":\"0.25000000\",\"z\":\"0.75000000\",\"L\":\"10264.40000000\",\"n\":\"0.00002500\",\"N\":\"BNB\",\"t\":991"),
		      &ev),
		0);
	const struct exec_report *r = &ev.exec;
	ck_assert(r->kind == EXEC_FILL && r->px == 1026440 && r->qty == 250 && r->cum == 750 &&
		  r->has_cum && !r->replayed);
	ck_assert(r->fee_e8 == 2500 && !r->maker);
	ck_assert_str_eq(r->exec, "991");
	ck_assert_str_eq(asset_name(&assets, r->fee_asset), "BNB");
}
END_TEST

START_TEST(a_cancel_bears_the_orders_own_id)
{
	struct binance_event ev;
	ck_assert_int_eq(event(SPOT("\"c\":\"cancel77\",\"C\":\"TDM0000000000000007\",", "CANCELED",
				    "CANCELED", NO_FILL),
			       &ev),
			 0);
	ck_assert(ev.exec.kind == EXEC_CANCELLED && ev.exec.order == 7 && ev.exec.has_cum);
	ck_assert_str_eq(ev.exec.text, "CANCELED");
}
END_TEST

START_TEST(ends_of_orders)
{
	static const struct {
		const char *text;
		enum exec_kind kind;
		enum reject_class why;
	} ends[] = {
		{ SPOT(OURS, "EXPIRED", "EXPIRED", NO_FILL), EXEC_CANCELLED, REJECT_OTHER },
		{ SPOT(OURS, "TRADE_PREVENTION", "EXPIRED_IN_MATCH", NO_FILL), EXEC_CANCELLED,
		  REJECT_OTHER },
		{ SPOT(OURS, "TRADE_PREVENTION", "PARTIALLY_FILLED", NO_FILL), EXEC_STATUS,
		  REJECT_OTHER },
		{ SPOT(OURS, "REPLACED", "PARTIALLY_FILLED", NO_FILL), EXEC_STATUS, REJECT_OTHER },
		{ SPOT(OURS, "REJECTED", "REJECTED",
		       "\"r\":\"INSUFFICIENT_BALANCES\",\"l\":\"0\",\"z\":\"0\",\"L\":\"0\",\"n\":\"0\",\"N\":null,\"t\":-1"),
		  EXEC_REJECTED, REJECT_MONEY },
	};
	for (size_t i = 0; i < COUNT(ends); i++) {
		struct binance_event ev;
		ck_assert_int_eq(event(ends[i].text, &ev), 0);
		ck_assert_int_eq(ev.exec.kind, ends[i].kind);
		ck_assert_int_eq(ev.exec.reject_class, ends[i].why);
		ck_assert_int_eq(ev.exec.why, i == 0   ? CANCEL_EXPIRED
					      : i == 1 ? CANCEL_SELF_TRADE
						       : CANCEL_UNSAID); /* F67 */
	}
}
END_TEST

START_TEST(futures_fill)
{
	static const char text[] =
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1568879465651,\"T\":1568879465650,\"o\":{\"s\":\"BTCUSDT\",\"c\":\"TDM00000000000000ff\",\"S\":\"SELL\","
		"\"o\":\"LIMIT\",\"f\":\"IOC\",\"q\":\"0.010\",\"p\":\"9910.5\",\"ap\":\"9910.5\",\"sp\":\"0\",\"x\":\"TRADE\",\"X\":\"FILLED\",\"i\":8886774,"
		"\"l\":\"0.010\",\"z\":\"0.010\",\"L\":\"9910.5\",\"N\":\"USDT\",\"n\":\"0.03964200\",\"T\":1568879465650,\"t\":17,\"b\":\"0\",\"a\":\"9.91\","
		"\"m\":true,\"R\":false,\"wt\":\"CONTRACT_PRICE\",\"ps\":\"BOTH\",\"cp\":false,\"rp\":\"-0.5\"}}";
	struct binance_event ev;
	ck_assert_int_eq(event(text, &ev), 0);
	const struct exec_report *r = &ev.exec;
	ck_assert(ev.kind == BINANCE_EV_EXEC && r->kind == EXEC_FILL && r->order == 0xff &&
		  r->side == SIDE_SELL);
	ck_assert(r->px == 991050 && r->qty == 1000 && r->cum == 1000 && r->maker &&
		  r->fee_e8 == 3964200);
	ck_assert_int_eq(r->venue_ns, 1568879465650000000);
}
END_TEST

START_TEST(liquidations_are_foreign_fills)
{
	static const char text[] =
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1,\"T\":1,\"o\":{\"s\":\"BTCUSDT\",\"c\":\"autoclose-1\",\"S\":\"SELL\",\"q\":\"1\",\"p\":\"9\",\"x\":\"CALCULATED\","
		"\"X\":\"FILLED\",\"i\":8,\"l\":\"1\",\"z\":\"1\",\"L\":\"9\",\"T\":1,\"t\":18,\"m\":false}}";
	struct binance_event ev;
	ck_assert_int_eq(event(text, &ev), 0);
	ck_assert(ev.exec.kind == EXEC_FILL && ev.exec.order == 0 && ev.exec.fee_e8 == 0);
	ck_assert_str_eq(ev.exec.client, "autoclose-1");
	ck_assert_int_eq(ev.exec.forced, FORCED_LIQUIDATION); /* F65 */
	ck_assert_int_eq(binance_forced("adl_autoclose", "MARKET"), FORCED_ADL);
	ck_assert_int_eq(binance_forced("settlement_autoclose-7", "MARKET"), FORCED_DELIVERY);
	ck_assert_int_eq(binance_forced("web_1", "LIQUIDATION"), FORCED_LIQUIDATION);
	ck_assert_int_eq(binance_forced("TDM00000000000000ff", "LIMIT"), FORCED_NONE);
	ck_assert_int_eq(binance_forced("x-autoclose-", ""), FORCED_NONE);
}
END_TEST

/* F09 */
START_TEST(a_change_in_place)
{
	static const char text[] =
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1,\"T\":1,\"o\":{\"s\":\"BTCUSDT\",\"c\":\"TDM00000000000000ff\",\"S\":\"SELL\",\"q\":\"0.020\",\"p\":\"9910.5\",\"x\":\"AMENDMENT\","
		"\"X\":\"PARTIALLY_FILLED\",\"i\":8,\"l\":\"0\",\"z\":\"0.010\",\"L\":\"0\",\"T\":1,\"t\":0,\"m\":false}}";
	struct binance_event ev;
	ck_assert_int_eq(event(text, &ev), 0);
	ck_assert(ev.exec.kind == EXEC_REPLACED && ev.exec.order == 0xff && ev.exec.px == 991050 &&
		  ev.exec.qty == 2000 && ev.exec.cum == 1000);
}
END_TEST

START_TEST(trade_lite_has_no_cum)
{
	static const char text[] =
		"{\"e\":\"TRADE_LITE\",\"E\":2,\"T\":1,\"s\":\"BTCUSDT\",\"q\":\"0.0009\",\"p\":\"68130.90\",\"m\":false,"
		"\"c\":\"TDM0000000000000001\",\"S\":\"SELL\",\"L\":\"68130.90\",\"l\":\"0.0008\",\"t\":5,\"i\":6}";
	struct binance_event ev;
	ck_assert_int_eq(event(text, &ev), 0);
	ck_assert(ev.kind == BINANCE_EV_TRADE_LITE && ev.exec.kind == EXEC_FILL &&
		  !ev.exec.has_cum && ev.exec.qty == 80);
}
END_TEST

START_TEST(other_events)
{
	static const struct {
		const char *text;
		enum binance_event_kind kind;
	} others[] = {
		{ "{\"e\":\"listenKeyExpired\",\"E\":1,\"listenKey\":\"x\"}",
		  BINANCE_EV_LISTEN_KEY },
		{ "{\"e\":\"eventStreamTerminated\",\"E\":1}", BINANCE_EV_TERMINATED },
		{ "{\"e\":\"serverShutdown\",\"E\":1}", BINANCE_EV_SHUTDOWN },
		{ "{\"e\":\"balanceUpdate\",\"E\":1,\"a\":\"BTC\",\"d\":\"100\"}",
		  BINANCE_EV_OTHER },
		{ "{\"e\":\"outboundAccountPosition\",\"E\":1,\"u\":1,\"B\":[]}",
		  BINANCE_EV_BALANCES },
		{ "{\"e\":\"ACCOUNT_UPDATE\",\"E\":1,\"a\":{\"m\":\"ORDER\",\"B\":[],\"P\":[]}}",
		  BINANCE_EV_ACCOUNT },
		{ "{\"e\":\"ACCOUNT_UPDATE\",\"E\":1,\"a\":{\"m\":\"FUNDING_FEE\",\"B\":[]}}",
		  BINANCE_EV_OTHER },
		{ "{\"e\":\"executionReport\",\"E\":1,\"s\":\"NOTOURS\"}", BINANCE_EV_OTHER },
	};
	struct binance_event ev;
	for (size_t i = 0; i < COUNT(others); i++) {
		ck_assert_int_eq(event(others[i].text, &ev), 0);
		ck_assert_int_eq(ev.kind, others[i].kind);
	}
}
END_TEST

#define FILL(px, qty, z, t) \
	"\"r\":\"NONE\",\"l\":" qty ",\"z\":" z ",\"L\":" px ",\"n\":\"0\",\"N\":null,\"t\":" t

START_TEST(inexact_reports_are_refused)
{
	static const char *const bad[] = {
		SPOT(OURS, "TRADE", "FILLED", FILL("\"1.005\"", "\"1\"", "\"1\"", "1")),
		SPOT(OURS, "TRADE", "FILLED", FILL("\"1\"", "\"0.0001\"", "\"1\"", "1")),
		SPOT(OURS, "TRADE", "FILLED", FILL("\"1\"", "\"1\"", "1", "1")),
		SPOT(OURS, "TRADE", "FILLED", FILL("\"1\"", "\"1\"", "\"1\"", "\"x\"")),
		SPOT(OURS, "TRADE", "FILLED", FILL("\"NaN\"", "\"1\"", "\"1\"", "1")),
		SPOT(OURS, "NEW", "SOMETHING_NEW", NO_FILL),
		"{\"e\":\"executionReport\",\"s\":\"ETHUSDT\"}",
		"{\"e\":\"executionReport\",\"s\":\"ETHUSDT\",\"S\":\"BOTH\"}",
		"{\"e\":\"ORDER_TRADE_UPDATE\"}",
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":\"LIMIT\"}",
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":[]}",
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":-5}",
		"{\"e\":\"outboundAccountPosition\"}",
		"[]",
	};
	struct binance_event ev;
	for (size_t i = 0; i < COUNT(bad); i++) {
		ck_assert_msg(event(bad[i], &ev) < 0, "%s", bad[i]);
		ck_assert(ctx.why && ctx.why[0]);
	}
}
END_TEST

/* Nobody has read it before: what is broken, or followed by something, is no report, however much of it can be read. */
START_TEST(an_event_is_read_to_its_end)
{
	static const char *const bad[] = {
		SPOT(OURS, "NEW", "NEW", NO_FILL) "x",
		SPOT(OURS, "NEW", "NEW", NO_FILL) "{}",
		"{\"e\":\"listenKeyExpired\",\"E\":1",
		"{\"e\":\"listenKeyExpired\",\"E\":1,\"x\":tru}",
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1,\"o\":{\"s\":\"BTCUSDT\"}",
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1,\"o\":{\"s\":\"BTCUSDT\"},\"o\":{}}",
	};
	struct binance_event ev;
	setup();
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct json_value v = { bad[i], (uint32_t)strlen(bad[i]), TOKEN_OBJECT, false };
		ck_assert_msg(binance_event(&ctx, &v, 1, &ev) < 0, "%s", bad[i]);
	}
}
END_TEST

START_TEST(fees_beyond_eight_decimals_are_cut_not_refused)
{
	struct binance_event ev;
	ck_assert_int_eq(
		event(SPOT(OURS, "TRADE", "FILLED",
			   "\"r\":\"NONE\",\"l\":\"1\",\"z\":\"1\",\"L\":\"1\",\"n\":\"0.123456789123\",\"N\":\"X\",\"t\":1"),
		      &ev),
		0);
	ck_assert_int_eq(ev.exec.fee_e8, 12345678);
}
END_TEST

START_TEST(states_of_orders)
{
	static const struct {
		const char *text;
		enum exec_kind kind;
		enum order_state state;
	} rows[] = {
		{ "{\"symbol\":\"BTCUSDT\",\"orderId\":28,\"orderListId\":-1,\"clientOrderId\":\"TDM0000000000000009\",\"transactTime\":1507725176595}",
		  EXEC_ACK, ORDER_LIVE },
		{ "{\"symbol\":\"BTCUSDT\",\"orderId\":28,\"clientOrderId\":\"TDM0000000000000009\",\"price\":\"1.5\",\"origQty\":\"2\",\"executedQty\":\"0.5\",\"status\":\"PARTIALLY_FILLED\",\"side\":\"SELL\",\"updateTime\":5}",
		  EXEC_STATUS, ORDER_LIVE },
		{ "{\"symbol\":\"BTCUSDT\",\"origClientOrderId\":\"TDM0000000000000009\",\"orderId\":28,\"clientOrderId\":\"zz\",\"price\":\"1.5\",\"origQty\":\"2\",\"executedQty\":\"0.5\",\"status\":\"CANCELED\",\"side\":\"SELL\"}",
		  EXEC_STATUS, ORDER_CANCELLED },
		{ "{\"symbol\":\"BTCUSDT\",\"orderId\":28,\"clientOrderId\":\"TDM0000000000000009\",\"price\":\"1.5\",\"origQty\":\"2\",\"executedQty\":\"0.5\",\"status\":\"FILLED\",\"side\":\"SELL\"}",
		  EXEC_STATUS, ORDER_FILLED },
	};
	setup();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct exec_report r;
		struct json_value v = value(rows[i].text);
		ck_assert_int_eq(binance_order_state(&ctx, &v, 1, &r), 0);
		ck_assert(r.kind == rows[i].kind && r.status == rows[i].state && r.order == 9);
		ck_assert_str_eq(r.venue_order, "28");
		if (i)
			ck_assert(r.has_cum && r.cum == 50000 && r.qty == 200000 && r.px == 150 &&
				  r.side == SIDE_SELL);
	}
	struct exec_report r;
	struct json_value v = value("{\"symbol\":\"XRPUSDT\",\"orderId\":1}");
	ck_assert_int_eq(binance_order_state(&ctx, &v, 1, &r), -ERR_NOTFOUND);
}
END_TEST

START_TEST(trades_of_both_markets)
{
	static const char *const rows[] = {
		"{\"symbol\":\"BTCUSDT\",\"id\":1650422481,\"orderId\":12569099453,\"price\":\"23416.10\",\"qty\":\"0.00635\",\"quoteQty\":\"148.6\",\"commission\":\"0.00014869\",\"commissionAsset\":\"BNB\",\"time\":1660801715793,\"isBuyer\":false,\"isMaker\":true,\"isBestMatch\":true}",
		"{\"symbol\":\"BTCUSDT\",\"id\":1650422481,\"orderId\":12569099453,\"price\":\"23416.10\",\"qty\":\"0.00635\",\"commission\":\"0.00014869\",\"commissionAsset\":\"BNB\",\"time\":1660801715793,\"buyer\":false,\"maker\":true,\"side\":\"SELL\",\"positionSide\":\"BOTH\"}",
	};
	setup();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct exec_report r;
		struct json_value v = value(rows[i]);
		ck_assert_int_eq(binance_trade(&ctx, &v, 1, &r), 0);
		ck_assert(r.kind == EXEC_FILL && r.replayed && !r.has_cum && r.side == SIDE_SELL &&
			  r.maker);
		ck_assert(r.px == 2341610 && r.qty == 635 && r.fee_e8 == 14869 &&
			  r.venue_ns == 1660801715793000000);
		ck_assert_str_eq(r.exec, "1650422481");
		ck_assert_str_eq(r.venue_order, "12569099453");
	}
}
END_TEST

START_TEST(balances)
{
	static const struct {
		const char *text;
		int64_t free, locked;
	} rows[] = {
		{ "{\"asset\":\"BTC\",\"free\":\"1.5\",\"locked\":\"0.25\"}", 150000000, 25000000 },
		{ "{\"a\":\"BTC\",\"f\":\"1.5\",\"l\":\"0.25\"}", 150000000, 25000000 },
		{ "{\"asset\":\"BTC\",\"balance\":\"2\",\"availableBalance\":\"1.5\"}", 150000000,
		  50000000 },
		{ "{\"asset\":\"BTC\",\"balance\":\"2\",\"availableBalance\":\"2.5\"}", 250000000,
		  0 },
	};
	setup();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct binance_balance b;
		struct json_value v = value(rows[i].text);
		ck_assert_int_eq(binance_balance(&ctx, &v, &b), 0);
		ck_assert_str_eq(asset_name(&assets, b.asset), "BTC");
		ck_assert(b.free_e8 == rows[i].free && b.locked_e8 == rows[i].locked);
	}
	uint16_t known = assets.n;
	struct binance_balance b;
	struct json_value v = value("{\"asset\":\"DUST\",\"free\":\"0\",\"locked\":\"0.0\"}");
	ck_assert_int_eq(binance_balance(&ctx, &v, &b), 0);
	ck_assert(b.asset == 0 && assets.n == known);
	v = value("{\"asset\":\"BTC\",\"free\":1}");
	ck_assert_int_lt(binance_balance(&ctx, &v, &b), 0);
}
END_TEST

START_TEST(positions)
{
	static const struct {
		const char *text;
		int64_t qty_long, qty_short;
		bool hedge;
	} rows[] = {
		{ "{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"1.5\"}",
		  150000, 0, false },
		{ "{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"-1.5\"}", 0,
		  150000, false },
		{ "{\"s\":\"BTCUSDT\",\"pa\":\"-2\",\"ps\":\"BOTH\"}", 0, 200000, false },
		{ "{\"s\":\"BTCUSDT\",\"pa\":\"-2\",\"ps\":\"SHORT\"}", 0, 200000, true },
		{ "{\"s\":\"BTCUSDT\",\"pa\":\"2\",\"ps\":\"SHORT\"}", 0, 200000, true },
		{ "{\"s\":\"BTCUSDT\",\"pa\":\"2\",\"ps\":\"LONG\"}", 200000, 0, true },
	};
	setup();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct binance_position p;
		struct json_value v = value(rows[i].text);
		ck_assert_int_eq(binance_position(&ctx, &v, &p), 0);
		ck_assert(p.instrument == 0 && p.qty_long == rows[i].qty_long &&
			  p.qty_short == rows[i].qty_short);
		ck_assert(p.hedge == rows[i].hedge);
	}
}
END_TEST

SUITE("binance_exec", spot_acknowledgement, spot_fill, a_cancel_bears_the_orders_own_id,
      ends_of_orders, futures_fill, liquidations_are_foreign_fills, a_change_in_place,
      trade_lite_has_no_cum, other_events, inexact_reports_are_refused, an_event_is_read_to_its_end,
      fees_beyond_eight_decimals_are_cut_not_refused, states_of_orders, trades_of_both_markets,
      balances, positions)
