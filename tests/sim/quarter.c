#include "tests/sim/quarter.h"

#include "core/base/log.h"
#include "tests/sim/campaign.h"
#include <stdio.h>
#include <stdlib.h>

#define PAIRS	     5250 /* four times this is more than the 20,000 that every change has to pass */
#define PAIRS_LONG   50000
#define SEEDS	     100000
#define REPLAY_EVERY 8

int quarter(int which)
{
	static struct campaign_totals t;
	const bool is_long = getenv("TANDEM_LONG") != NULL;
	const struct campaign_options o = { .from = 1 + (uint64_t)which * SEEDS,
					    .to = (uint64_t)(which + 1) * SEEDS,
					    .pairs = is_long ? PAIRS_LONG : PAIRS,
					    .jobs = 1,
					    .replay_every = REPLAY_EVERY };
	log_set_level(LOG_ERROR);
	if (!freopen("/dev/null", "w", stderr)) /* what adapters log of broken connections */
		return 1;
	if (campaign_run(&o, &t))
		return 1;
	campaign_print(&t, t.cpu_s, stdout);
	if (t.pairs < o.pairs)
		printf("only %llu pairs were sent\n", (unsigned long long)t.pairs);
	return t.n_failed || t.broken || t.pairs < o.pairs;
}
