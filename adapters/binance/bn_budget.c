#include "adapters/binance/bn_budget.h"
#include "core/base/err.h"

#define ONE		 1000000ll /* a message, in the bucket's unit */
#define SECOND_NS	 1000000000ll
#define BACKOFF_FIRST_NS 100000000ll

void bn_budget_init(struct bn_budget *b, int32_t messages_per_s, int32_t reserve_pct,
		    int64_t now_ns)
{
	*b = (struct bn_budget){ .per_s = messages_per_s * ONE, .filled_ns = now_ns };
	b->reserve = b->per_s / 100 * reserve_pct;
	b->level = b->per_s;
}

static void fill(struct bn_budget *b, int64_t now_ns)
{
	int64_t passed = now_ns - b->filled_ns;
	if (passed <= 0)
		return;
	b->filled_ns = now_ns;
	int64_t more =
		passed >= SECOND_NS ? b->per_s : (int64_t)((__int128)b->per_s * passed / SECOND_NS);
	b->level = b->level + more < b->per_s ? b->level + more : b->per_s;
}

int bn_budget_take(struct bn_budget *b, enum bn_urgency u, int64_t now_ns)
{
	if (now_ns < b->paused_ns[u])
		return err_set(ERR_LIMIT, "the venue asked for a pause, %lld ms of it are left",
			       (long long)((b->paused_ns[u] - now_ns) / 1000000));
	if (!b->per_s)
		return 0;
	fill(b, now_ns);
	if (b->level - ONE < (u == BN_OPENING ? b->reserve : 0))
		return err_set(ERR_LIMIT, "the venue's message budget is used up%s",
			       u == BN_OPENING ? " but for what is kept for cancels and rescues"
					       : "");
	b->level -= ONE;
	return 0;
}

int64_t bn_budget_backoff(struct bn_budget *b, enum bn_urgency u, int64_t now_ns, int64_t most_ns)
{
	if (now_ns < b->paused_ns[u])
		return 0;
	bool again = b->backoff_ns && now_ns - b->paused_ns[u] <= most_ns;
	int64_t wait = again ? 2 * b->backoff_ns : BACKOFF_FIRST_NS;
	b->backoff_ns = wait < most_ns ? wait : most_ns;
	return b->backoff_ns;
}

void bn_budget_pause(struct bn_budget *b, int64_t until_ns, bool all)
{
	for (unsigned u = 0; u < bn_urgency_max; u++)
		if ((all || u == BN_OPENING) && b->paused_ns[u] < until_ns)
			b->paused_ns[u] = until_ns;
}
