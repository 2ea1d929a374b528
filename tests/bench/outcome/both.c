/* both - both legs at once, and nothing after that, as simple arbitrage bots do: what did not fill stays open until the bound. */
#include "tests/bench/outcome/executors.h"
#include <stdlib.h>

static int begin(struct executor *e, struct lane *l)
{
	(void)e, (void)l;
	return 0;
}

static void on_trigger(struct executor *e, struct lane *l, uint32_t trigger)
{
	const struct lane_trigger t = l->trigger[trigger];
	for (unsigned m = 0; m < TAPE_MARKETS; m++) {
		enum side side = (enum side)t.side[m];
		lane_send(l, trigger, m, side, executor_limit(l, e, m, t.ref_px[m], side),
			  l->tape->qty, TIF_IOC, false, 0);
	}
}

static void on_report(struct executor *e, struct lane *l, const struct lane_report *r)
{
	(void)e, (void)l, (void)r;
}

static void on_timer(struct executor *e, struct lane *l, uint64_t arg)
{
	(void)e, (void)l, (void)arg;
}

static void both_free(struct executor *e)
{
	free(e);
}

static const struct executor_ops ops = { .tunes_pay_up = true,
					 .begin = begin,
					 .on_trigger = on_trigger,
					 .on_report = on_report,
					 .on_timer = on_timer,
					 .free = both_free };

struct executor *both_new(void)
{
	struct executor *e = calloc(1, sizeof *e);
	if (e)
		e->ops = &ops;
	return e;
}
