/* binance_order - writes what we ask of Binance: orders, cancels, queries, log-ons, over the WebSocket API and signed REST.
 *
 * Parameters stand in the order of their names, so that the message and the text that is signed are one walk. An order takes
 * a path of its own that copies a few fixed pieces and writes price, quantity, id and time: about 100 ns, without a signature
 * where the session is logged on. Nothing is kept, nothing allocates; the signer belongs to the caller's thread. */
#pragma once
#include "adapters/codec/sign.h"
#include "core/market/instrument.h"
#include "core/trade/venue.h"

#define BINANCE_KEY_MAX	    132
#define BINANCE_REQUEST_MAX 1024

enum binance_api { BINANCE_SPOT, BINANCE_USDM, binance_api_max };

/* Who asks. */
struct binance_key {
	char api_key[BINANCE_KEY_MAX];
	struct signer *signer;
	bool logged_on; /* session.logon holds: requests on that connection need no signature */
	int64_t recv_window_ms;
	uint8_t self_trade; /* enum self_trade: named in limit orders, where the instrument's caps have it */
};

/* A parameter: text, or a number where text is NULL. Texts need no escaping: symbols, ids, words. */
struct binance_param {
	const char *name;
	const char *text;
	int64_t number;
};
#define BINANCE_PARAMS 8

/* The venue's word for it; NULL: none. */
const char *binance_self_trade(enum self_trade s);
/* "TDM" and 16 hexadecimal digits; 0 is no id. */
size_t binance_encode_id(uint64_t id, char out[VENUE_CLIENT_ID]);
uint64_t binance_decode_id(const char *client, size_t n); /* 0: not one of ours */

/* order.place. false for a combination that this market has not (it says so with err_set). */
bool binance_can_place(enum binance_api api, enum ord_type type, enum tif tif);
/* All that follow: bytes written (not terminated), or -ERR_FULL, or -ERR_AUTH when signing fails.
 * id: of the request, echoed in the reply; time_ms: the venue's time as we know it. */
ptrdiff_t binance_place(enum binance_api api, const struct binance_key *k,
			const struct instrument *in, const struct order *o, uint64_t id,
			int64_t time_ms, char *out, size_t cap);
/* Any other method. Up to BINANCE_PARAMS parameters in any order; apiKey, recvWindow, timestamp and signature are added. */
ptrdiff_t binance_request(const struct binance_key *k, const char *method,
			  const struct binance_param *param, unsigned n, uint64_t id,
			  int64_t time_ms, char *out, size_t cap);
/* session.logon: signed whatever logged_on says. */
ptrdiff_t binance_logon(const struct binance_key *k, uint64_t id, int64_t time_ms, char *out,
			size_t cap);
/* A method that is not signed: no timestamp. */
ptrdiff_t binance_plain(const char *method, const struct binance_param *param, unsigned n,
			uint64_t id, char *out, size_t cap);
/* The query string of a signed REST request, from the first parameter to the signature. */
ptrdiff_t binance_query(const struct binance_key *k, const struct binance_param *param, unsigned n,
			int64_t time_ms, char *out, size_t cap);
