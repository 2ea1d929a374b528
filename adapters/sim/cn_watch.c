#include "adapters/sim/cn_watch.h"

#define SECOND_NS 1000000000ll

void cn_count_cancel(struct cn_count *c, enum cn_house house, int64_t lots, bool immediate,
		     bool at_limit)
{
	const struct cn_house_rule *h = &cn_house_rule[house];
	if (immediate && !h->counts_immediate)
		return;
	c->cancels++;
	c->large_cancels += h->large_lot > 0 && lots >= h->large_lot;
	c->limit_cancels += at_limit;
}

bool cn_flow_take(struct cn_flow *f, int64_t now_ns, uint32_t most)
{
	int64_t second = now_ns / SECOND_NS;
	if (second != f->second)
		*f = (struct cn_flow){ .second = second };
	if (most && f->n >= most)
		return false;
	f->n++;
	return true;
}
