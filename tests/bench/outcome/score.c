#include "tests/bench/outcome/score.h"

#include "core/base/dec.h"
#include "tests/bench/bench.h"
#include <math.h>

static int64_t hedged_qty(const struct lane_trigger *t)
{
	int64_t a = dec_abs(t->net_qty[0]), b = dec_abs(t->net_qty[1]);
	bool opposite = (t->net_qty[0] > 0) != (t->net_qty[1] > 0);
	bool as_wanted = (t->net_qty[0] > 0) == (t->side[0] == SIDE_BUY);
	return t->net_qty[0] && opposite && as_wanted ? (a < b ? a : b) : 0;
}

/* Less than a lot may be left: it is worth what its leg's price was. */
static int64_t odd_e8(const struct lane *l, const struct lane_trigger *t)
{
	unsigned leg = dec_abs(t->net_qty[1]) > dec_abs(t->net_qty[0]);
	return lane_money_e8(l, t->net_qty[0] + t->net_qty[1], t->ref_px[leg]);
}

int64_t score_net_e8(const struct lane *l, const struct lane_trigger *t)
{
	int64_t h = hedged_qty(t);
	int64_t fair = lane_money_e8(l, h, l->tape->fair);
	return t->cash_e8 + odd_e8(l, t) - t->fees_e8 + (t->side[0] == SIDE_BUY ? fair : -fair);
}

bool score_captured(const struct lane *l, const struct lane_trigger *t)
{
	return hedged_qty(t) > l->tape->qty - l->tape->lot && lane_open_qty(l, t) == 0 &&
	       !t->forced && score_net_e8(l, t) > 0;
}

double score_slip_tick(const struct lane *l, const struct lane_trigger *t)
{
	int64_t edge =
		t->side[0] == SIDE_SELL ? t->ref_px[0] - t->ref_px[1] : t->ref_px[1] - t->ref_px[0];
	int64_t lost_e8 = lane_money_e8(l, hedged_qty(t), edge) - t->cash_e8 - odd_e8(l, t);
	return (double)lost_e8 / (double)lane_money_e8(l, l->tape->qty, l->tape->tick);
}

struct score score_of(const struct lane *l, const struct lane *oracle)
{
	struct score s = { .triggers = l->n_triggers };
	double *slip = calloc(l->n_triggers + 1u, sizeof *slip), sum = 0;
	for (uint32_t i = 0; slip && i < l->n_triggers; i++) {
		const struct lane_trigger *t = &l->trigger[i];
		s.messages += t->messages;
		if (!t->traded)
			continue;
		bool captured = score_captured(l, t);
		slip[s.traded++] = score_slip_tick(l, t);
		sum += score_slip_tick(l, t);
		s.adverse_tick += fmax(0, score_slip_tick(l, t));
		s.captured += captured;
		s.failed += !captured;
		s.late += t->late;
		s.forced += t->forced;
		s.naked_ms += (double)t->naked_ns / 1e6;
		s.naked_size += (double)t->naked_qty_ns_e9 / (double)l->tape->qty;
		s.later += (double)t->later_e8 / 1e8;
		s.net += (double)score_net_e8(l, t) / 1e8;
		if (captured && oracle && score_captured(oracle, &oracle->trigger[i])) {
			s.common++;
			s.slip_beyond_tick += score_slip_tick(l, t) -
					      score_slip_tick(oracle, &oracle->trigger[i]);
		}
	}
	double n = s.triggers ? s.triggers : 1, traded = s.traded ? s.traded : 1;
	s.slip_tick = sum / traded;
	s.adverse_tick /= traded;
	s.slip_p95_tick = slip ? bench_quantile(slip, s.traded, 0.95) : 0;
	s.naked_ms /= traded;
	s.naked_size /= traded;
	s.messages /= n;
	s.later /= n;
	s.net /= n;
	s.slip_beyond_tick /= s.common ? s.common : 1;
	free(slip);
	return s;
}
