/* diff_request - what a DIFF client says, as text: looking for news, subscriptions, login, orders, cancels; and our order numbers in its order_id.
 *
 * An order_id is "TDM" and sixteen hex digits: no point in it, which the protocol takes for the border of a unit. Into the caller's buffer: the length, or a negative
 * code and nothing that could be sent. No I/O, no memory, any thread. */
#pragma once
#include "core/trade/order.h"
#include "core/trade/venue.h"

#define DIFF_REQUEST_MAX 4096

size_t diff_encode_id(uint64_t id, char out[VENUE_CLIENT_ID]);
uint64_t diff_decode_id(const char *client, size_t n); /* 0: not one of ours */

struct diff_login {
	const char *bid, *user, *password; /* bid: the broker, as the gateway calls it */
	const char *app_id, *system_info;  /* NULL: not sent */
};

/* All that can be said without naming an instrument. */
ptrdiff_t diff_peek(char *out, size_t cap);
ptrdiff_t diff_login(const struct diff_login *l, char *out, size_t cap);
ptrdiff_t diff_confirm(char *out, size_t cap);
/* aid: "subscribe_quote" or "subscribe_trading_status"; symbols with their exchange: "SHFE.au2702". Each one replaces the one before. */
ptrdiff_t diff_subscribe(const char *aid, const struct instrument *all, const uint32_t *which,
			 uint32_t n, char *out, size_t cap);
/* -ERR_ARG: an order that the protocol has no words for: a market order, one without an offset, another time in force than the day's, IOC and FOK. */
ptrdiff_t diff_insert(const struct order *o, const struct instrument *in, const char *user,
		      char *out, size_t cap);
ptrdiff_t diff_cancel(uint64_t id, const char *user, char *out, size_t cap);
/* Does the exchange of this symbol tell today's lots from earlier ones? */
bool diff_splits_close(const char *symbol);
