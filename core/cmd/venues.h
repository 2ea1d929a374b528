/* venues - which adapter a venue of the configuration gets: a row of a table for each that is built in. Any thread, at start. */
#pragma once
#include "core/ops/config.h"
#include "core/trade/venue.h"

/* Opens the adapter of venue v with its accounts and instruments; nothing is connected yet. -ERR_CONFIG: no such adapter. */
int venues_open(struct config *c, uint16_t v, const struct venue_host *host, struct venue **out);
