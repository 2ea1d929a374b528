/* binance_code - what a refusal of Binance means for us, as a table: a class to act on, and whether it is a refusal at all.
 *
 * The venue says of some answers that it does not know itself what became of the request: those are never rejections (R1). A
 * code that is not in the table is REJECT_OTHER. Data, any thread. */
#pragma once
#include "core/trade/venue.h"

enum binance_fate {
	FATE_REFUSED, /* certainly not executed */
	FATE_UNKNOWN, /* the venue does not know: ask */
	FATE_ABSENT,  /* the venue has no such order */
	binance_fate_max
};

struct binance_code {
	int32_t code;
	const char *phrase; /* begins the venue's text; NULL: any text */
	uint8_t reject_class, fate;
};

/* status: HTTP's or the reply's; 0: none. Without status and code nothing was said at all: FATE_UNKNOWN. Never NULL. */
const struct binance_code *binance_code_find(int32_t status, int32_t code, const char *text);
