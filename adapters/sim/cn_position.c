#include "adapters/sim/cn_position.h"
#include "core/base/dec.h"
#include "core/base/must.h"

enum cn_from cn_from(bool splits, enum offset offset)
{
	must(offset > OFFSET_OPEN && offset < offset_max);
	if (!splits)
		return CN_FROM_ANY;
	return offset == OFFSET_CLOSE_TODAY ? CN_FROM_TODAY : CN_FROM_YESTERDAY;
}

int64_t cn_position_free(const struct cn_position *p, enum cn_from from)
{
	const int64_t all[cn_from_max] = { p->today, p->yesterday, cn_position_lots(p) };
	return all[from] - p->frozen[from];
}

enum cn_refusal cn_position_freeze(struct cn_position *p, enum cn_from from, int64_t qty)
{
	static const enum cn_refusal short_of[cn_from_max] = { CN_TODAY_SHORT, CN_YESTERDAY_SHORT,
							       CN_OVER_CLOSE };
	if (cn_position_free(p, from) < qty)
		return short_of[from];
	p->frozen[from] += qty;
	return CN_OK;
}

void cn_position_thaw(struct cn_position *p, enum cn_from from, int64_t qty)
{
	must(p->frozen[from] >= qty);
	p->frozen[from] -= qty;
}

void cn_position_open(struct cn_position *p, int64_t qty, int64_t value_e8)
{
	p->today += qty;
	p->today_e8 += value_e8;
}

struct cn_taken cn_position_close(struct cn_position *p, enum cn_from from, int64_t qty)
{
	cn_position_thaw(p, from, qty);
	int64_t yesterday = from == CN_FROM_TODAY ? 0 : p->yesterday < qty ? p->yesterday : qty;
	struct cn_taken t = { .today = qty - yesterday, .yesterday = yesterday };
	must(t.today <= p->today && (from != CN_FROM_YESTERDAY || t.today == 0));
	if (t.today)
		t.today_cost_e8 = dec_muldiv(p->today_e8, t.today, p->today, DEC_NEAREST);
	p->today -= t.today;
	p->yesterday -= t.yesterday;
	p->today_e8 -= t.today_cost_e8;
	return t;
}

void cn_position_roll(struct cn_position *p)
{
	for (enum cn_from f = 0; f < cn_from_max; f++)
		must(p->frozen[f] == 0);
	p->yesterday += p->today;
	p->today = 0;
	p->today_e8 = 0;
}
