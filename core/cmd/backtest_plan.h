/* backtest_plan - which configuration a backtest runs, which of its instances, with which parameters, and whether it may.
 *
 * It may not without tick, lot and a fee model of everything that is traded: what is not known would be a gain that is not there. Main thread; cold. */
#pragma once
#include "core/cmd/backtest.h"

/* The configuration that goes with a strategy: the file itself when it is one, else the one beside it that names it. -ERR_NOTFOUND: none, or several; the text
 * says which and what to write. *is_config: STRATEGY is the configuration. */
int backtest_plan_find(const char *strategy, char config[256], bool *is_config);
/* Read, checked and bound: for config_free; runs by instance and wanted by instrument are the caller's. -ERR_CONFIG, -ERR_NOTFOUND, -ERR_NOMEM. */
int backtest_plan(const struct backtest_options *o, struct config **cfg, bool **runs,
		  bool **wanted);
/* One way, of a venue. */
int64_t backtest_plan_latency(const struct backtest_options *o, const struct config *c,
			      uint16_t venue);
