/* grid - every market, latency, reject and partial rate with every executor; and before that, on other data, the choice of the settings that are theirs to choose.
 *
 * A setting (pay-up, for leg by leg also the interval; for ours the pay-up is max_slip_ticks) is the one that earned the most per trigger on the stretch for tuning, at
 * the latency where it is used, with 1 % rejects and 5 % partial fills: for all executors by the same search, ours no otherwise than the baselines. Cells run in processes of
 * their own, as many at a time as there are cores; the tapes are shared with them. */
#pragma once
#include "tests/bench/outcome/executors.h"
#include "tests/bench/outcome/score.h"

enum { GRID_INPUTS = 4, GRID_LATENCIES = 7, GRID_RATES = 3 };
enum { GRID_CELLS = GRID_LATENCIES * GRID_RATES * GRID_RATES };

struct grid_latency {
	const char *name;
	int64_t one_way_ns[TAPE_MARKETS]; /* of orders, reports and quotes alike */
};
extern const struct grid_latency grid_latency[GRID_LATENCIES];
extern const uint32_t grid_reject_ppm[GRID_RATES], grid_partial_ppm[GRID_RATES];

struct grid_stretch {
	struct tape *tape;
	int64_t from_ns, to_ns; /* triggers within; both 0: all of it */
};
struct grid_input {
	bool there;
	struct tape tape,
		tuning; /* tuning: not used where one recording serves both, in two stretches */
	struct grid_stretch judged, tuned_on;
};

struct grid_choice {
	int64_t pay_up_tick, interval_ns;
	double net; /* per trigger, where it was chosen */
};

struct grid_cell {
	struct score of[executor_max];
	bool done;
};

struct grid {
	uint64_t seed;
	bool quick;
	struct grid_input input[GRID_INPUTS];
	struct grid_choice choice[GRID_INPUTS][GRID_LATENCIES][executor_max];
	struct grid_cell (*cell)[GRID_CELLS]; /* by input; shared with the processes */
};

static inline unsigned grid_at(unsigned latency, unsigned reject, unsigned partial)
{
	return (latency * GRID_RATES + reject) * GRID_RATES + partial;
}
struct lane_config grid_config(const struct grid *g, const struct grid_stretch *s, unsigned latency,
			       uint32_t reject_ppm, uint32_t partial_ppm);
/* Makes and reads the tapes; recordings that are not there are left out. */
int grid_open(struct grid *g, const char *data);
/* Chooses, then runs. only: one cell of each market; -1: all. */
int grid_run(struct grid *g, int only);
/* One executor, one cell: the lane is the caller's to free. */
int grid_one(const struct grid *g, unsigned input, unsigned cell, enum executor_id id,
	     struct lane *l);
void grid_free(struct grid *g);
