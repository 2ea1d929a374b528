/* bn_dialect - where the two markets differ, as one row each. Data; any thread. */
#pragma once
#include "adapters/binance/bn_requests.h"
#include "adapters/codec/binance_order.h"

/* How a question is put. method NULL: this market has no such question. */
struct bn_way {
	const char *method; /* of the WebSocket API, or the path of REST */
	const char *verb;   /* "GET", … of REST; NULL: over the WebSocket API */
	bool is_signed; /* REST: with timestamp and signature, else with the key alone or nothing */
	bool keyed;	/* REST: with the API key's header */
};

struct bn_dialect {
	const char *name;   /* of the venue's operations */
	bool listen_key;    /* events come on a connection of their own, named by a key */
	bool positions;	    /* the account has positions, not only balances */
	bool symbols_query; /* exchangeInfo takes a list of symbols */
	enum depth_rule depth_rule;
	struct bn_way way[bn_ask_max];
};

extern const struct bn_dialect bn_dialects[binance_api_max];
