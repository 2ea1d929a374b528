/* money - an amount of one currency in another, through rates that are known: the instance's references and spot legs as they stand (or stood last), and what the operator states.
 *
 * USDT, USD, CNY and CNH are four things; without a rate nothing is compared. Pure; engine's thread. */
#pragma once
#include "core/trade/desk.h"

/* The currency that an instance counts its rescues in: the quote of its first leg. */
asset_id money_of(const struct desk *d, uint16_t instance);
/* *amount_e8 of `from` in `to`, over at most two rates; false, and unchanged, when none leads there. */
bool money_convert(const struct desk *d, uint16_t instance, asset_id from, asset_id to,
		   int64_t *amount_e8);
