/* executors - who is compared: each a struct executor with a state of its own, made for one run and freed by its ops. */
#pragma once
#include "tests/bench/outcome/lane.h"

/* id, name, how it is made */
/* clang-format off */
#define EXECUTORS(X)                                                                                  \
	X(ORACLE, "oracle", oracle_new) /* the same latency, and it knows the future */               \
	X(OURS, "ours", ours_new)	/* the core itself */                                         \
	X(ARRIVING, "ours, arriving", arriving_new) /* the same, sent so that both legs arrive together */ \
	X(LEGGED, "leg by leg", legged_new) /* one leg, and the other on its fills */                 \
	X(BOTH, "both, no rescue", both_new) /* both at once, and nothing after that */               \
	X(HANDS, "two terminals", hands_new) /* one leg, and the other 300 to 1,000 ms later */
/* clang-format on */
enum executor_id {
#define EXECUTOR_ENUM(id, ...) EXECUTOR_##id,
	EXECUTORS(EXECUTOR_ENUM)
#undef EXECUTOR_ENUM
		executor_max
};

/* NULL: no memory. */
struct executor *executor_new(enum executor_id id);
const char *executor_name(enum executor_id id);

struct executor *oracle_new(void);
struct executor *ours_new(void);
struct executor *arriving_new(void);
struct executor *legged_new(void);
struct executor *both_new(void);
struct executor *hands_new(void);

/* The limit of an order that may pay so many ticks beyond a price. */
static inline int64_t executor_limit(const struct lane *l, const struct executor *e, unsigned leg,
				     int64_t px, enum side side)
{
	int64_t worse = e->pay_up_tick * l->tape->tick, tick = l->tape->market[leg].tick;
	int64_t limit = side == SIDE_BUY ? px + worse : px - worse;
	int64_t rest = limit % tick; /* onto the tick: never the worse way */
	return side == SIDE_BUY ? limit - rest : rest ? limit + tick - rest : limit;
}
/* The leg whose best price has less behind it: the one that goes first. */
static inline unsigned executor_thinner(const struct lane *l, const struct lane_trigger *t)
{
	int64_t there[TAPE_MARKETS];
	for (unsigned m = 0; m < TAPE_MARKETS; m++)
		there[m] = lane_top(l, m)->qty[t->side[m] ^ 1];
	return there[1] < there[0];
}
