/* feasible - can this pair be brought to an end as a whole, before its first leg is sent?
 *
 * What one order must satisfy (size, tick, collar, position) is a row of the risk gate; here stands what only the whole pair shows: that no leg stands at its price limit, that the
 * money is there for all legs together and for what is in flight already, that messages are left for every leg and for taking it back, and that there is a market to take it back
 * in. Read top to bottom, the first that fails is the answer. Engine's thread. */
#pragma once
#include "core/trade/risk.h"

struct risk_verdict feasible_pair(struct desk *d, const struct pair *p);
/* The same before a further slice of a pair leaves; `rest` is a copy that wants no more than is left. */
struct risk_verdict feasible_slice(struct desk *d, const struct pair *rest);
