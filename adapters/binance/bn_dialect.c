#include "adapters/binance/bn_dialect.h"

const struct bn_dialect bn_dialects[binance_api_max] = {
	[BINANCE_SPOT] = {
		.name = "binance_spot",
		.symbols_query = true,
		.depth_rule = DEPTH_NEXT_IS_LAST_PLUS_1,
		.way = {
			[BN_LOGON] = { "session.logon", NULL, true, false },
			[BN_SUBSCRIBE] = { "userDataStream.subscribe", NULL, true, false },
			[BN_RULES] = { "/api/v3/exchangeInfo", "GET", false, false },
			[BN_TIME] = { "/api/v3/time", "GET", false, false },
			[BN_BOOK] = { "/api/v3/depth", "GET", false, false },
			[BN_PLACE] = { "order.place", NULL, true, false },
			[BN_CANCEL] = { "order.cancel", NULL, true, false },
			[BN_STATUS] = { "order.status", NULL, true, false },
			[BN_TRADES] = { "myTrades", NULL, true, false },
			[BN_OPEN_ORDERS] = { "openOrders.status", NULL, true, false },
			[BN_BALANCES] = { "account.status", NULL, true, false },
		},
	},
	[BINANCE_USDM] = {
		.name = "binance_usdm",
		.listen_key = true,
		.positions = true,
		.depth_rule = DEPTH_PREV_IS_LAST,
		.way = {
			[BN_LOGON] = { "session.logon", NULL, true, false },
			[BN_LISTEN_KEY] = { "/fapi/v1/listenKey", "POST", false, true },
			[BN_KEEP_ALIVE] = { "/fapi/v1/listenKey", "PUT", false, true },
			[BN_RULES] = { "/fapi/v1/exchangeInfo", "GET", false, false },
			[BN_TIME] = { "/fapi/v1/time", "GET", false, false },
			[BN_BOOK] = { "/fapi/v1/depth", "GET", false, false },
			[BN_PLACE] = { "order.place", NULL, true, false },
			[BN_CANCEL] = { "order.cancel", NULL, true, false },
			[BN_STATUS] = { "order.status", NULL, true, false },
			[BN_TRADES] = { "/fapi/v1/userTrades", "GET", true, true },
			[BN_OPEN_ORDERS] = { "/fapi/v1/openOrders", "GET", true, true },
			[BN_POSITIONS] = { "v2/account.position", NULL, true, false },
			[BN_BALANCES] = { "v2/account.balance", NULL, true, false },
		},
	},
};
