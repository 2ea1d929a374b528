#include "core/trade/today.h"

#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/scribe.h"
#include <string.h>

#define APART_NS 250000000LL /* two answers that say the same, at least */

static int64_t lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

bool today_begins(struct desk *d, uint32_t instrument, int32_t day)
{
	int32_t was = d->session[instrument].trading_day;
	if (!day)
		return false;
	d->session[instrument].trading_day = day;
	if (!was || was == day)
		return false;
	positions_new_day(&d->positions, instrument);
	return true;
}

static uint64_t tell(struct desk *d, const struct position *row, const char *text)
{
	struct fact f;
	scribe_instance(d, &f, FACT_LOTS, row->instance, 0);
	scribe_instrument(d, &f, row->instrument);
	f.account = d->names.account[row->account];
	f.num[0] = d->session[row->instrument].trading_day;
	for (int side = 0; side < side_max; side++) {
		f.num[1 + 2 * side] = row->qty[side][0];
		f.num[2 + 2 * side] = row->qty[side][1];
	}
	fact_text(&f, "%s", text);
	return scribe_put(d, &f);
}
_Static_assert(SIDE_BUY == 0 && SIDE_SELL == 1, "a receipt has the long lots first");

void today_carry(struct desk *d, const struct position *row)
{
	if (d->session[row->instrument].trading_day || row->qty[SIDE_BUY][1] ||
	    row->qty[SIDE_SELL][1])
		tell(d, row, "stands");
}

int today_recall(struct desk *d, uint16_t account, uint32_t instrument, uint16_t instance,
		 const struct fact *f)
{
	struct position *row = positions_at(&d->positions, account, instrument, instance);
	if (!row)
		return err_set(ERR_FULL, "more positions in the journal than this build holds");
	(void)today_begins(d, instrument, (int32_t)f->num[0]);
	for (int side = 0; side < side_max; side++) {
		row->qty[side][0] = f->num[1 + 2 * side];
		row->qty[side][1] = f->num[2 + 2 * side];
	}
	d->positions.changes++;
	return 0;
}

/* ---- the venue's word ---- */

void today_told(struct desk *d, uint16_t account, uint32_t instrument,
		const int64_t qty[side_max][2], int64_t venue_ns)
{
	struct position_sum *s = positions_sum(&d->positions, account, instrument);
	if (s) {
		memcpy(s->told_lots, qty, sizeof s->told_lots);
		s->lots_round = d->venue[d->instrument[instrument].venue].reconcile.round;
	}
	reconcile_position(d, account, instrument, qty[SIDE_BUY][0] + qty[SIDE_BUY][1],
			   qty[SIDE_SELL][0] + qty[SIDE_SELL][1], venue_ns);
}

/* The next row of an account in an instrument, whoever holds it. */
static struct position *each_row(struct desk *d, uint16_t account, uint32_t instrument,
				 uint32_t *at)
{
	while (*at < d->positions.n) {
		struct position *row = &d->positions.row[(*at)++];
		if (row->account == account && row->instrument == instrument)
			return row;
	}
	return NULL;
}

/* What the venue says less what the rows sum up to; false: nothing. */
static bool difference(struct desk *d, uint16_t account, uint32_t instrument,
		       const struct position_sum *s, int64_t out[side_max][2])
{
	uint32_t at = 0;
	memcpy(out, s->told_lots, sizeof s->told_lots);
	for (const struct position *row; (row = each_row(d, account, instrument, &at));)
		for (int side = 0; side < side_max; side++)
			for (int day = 0; day < 2; day++)
				out[side][day] -= row->qty[side][day];
	return out[SIDE_BUY][0] || out[SIDE_BUY][1] || out[SIDE_SELL][0] || out[SIDE_SELL][1];
}

/* Of both sides as much: today's first, as what a close did not find stands there. */
static void take_off(struct position *row, int64_t qty)
{
	for (int side = 0; side < side_max; side++) {
		int64_t today = lesser(row->qty[side][0], qty);
		row->qty[side][0] -= today;
		row->qty[side][1] -= qty - today;
	}
}

/* Both sides hold more than the venue says, and as much more; or less: somebody opened what was taken for a close, and that is nobody's. */
static void level(struct desk *d, uint16_t account, uint32_t instrument, int64_t more)
{
	struct position *nobody =
		more > 0 ? positions_at(&d->positions, account, instrument, POSITION_NOBODY) : NULL;
	uint32_t at = 0;
	if (nobody) {
		nobody->qty[SIDE_BUY][0] += more;
		nobody->qty[SIDE_SELL][0] += more;
	}
	for (struct position *row; more < 0 && (row = each_row(d, account, instrument, &at));) {
		int64_t both = lesser(row->qty[SIDE_BUY][0] + row->qty[SIDE_BUY][1],
				      row->qty[SIDE_SELL][0] + row->qty[SIDE_SELL][1]);
		int64_t qty = lesser(both, -more);
		take_off(row, qty);
		more += qty;
	}
}

/* So many lots of one side are of another day than the rows have it; which row's is not known, so the first that has them. */
static void shift(struct desk *d, uint16_t account, uint32_t instrument, int side, int64_t earlier)
{
	uint32_t at = 0;
	int from = earlier > 0 ? 0 : 1;
	int64_t left = earlier > 0 ? earlier : -earlier;
	for (struct position *row; left > 0 && (row = each_row(d, account, instrument, &at));) {
		int64_t qty = lesser(row->qty[side][from], left);
		row->qty[side][from] -= qty;
		row->qty[side][from ^ 1] += qty;
		left -= qty;
	}
}

static void take_over(struct desk *d, uint16_t account, uint32_t instrument,
		      const struct position_sum *s, int64_t differs[side_max][2])
{
	uint32_t at = 0;
	level(d, account, instrument, differs[SIDE_BUY][0] + differs[SIDE_BUY][1]);
	(void)difference(d, account, instrument, s, differs);
	for (int side = 0; side < side_max; side++)
		shift(d, account, instrument, side, differs[side][1]);
	d->positions.changes++;
	for (const struct position *row; (row = each_row(d, account, instrument, &at));)
		tell(d, row, "as the venue says");
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		desk_close_today(d, i);
}

bool today_judge(struct desk *d, uint16_t account, uint32_t instrument, struct position_sum *s,
		 bool fresh)
{
	int64_t now[side_max][2];
	if (s->lots_round != d->venue[d->instrument[instrument].venue].reconcile.round)
		return true; /* it does not tell them apart */
	if (!difference(d, account, instrument, s, now)) {
		s->lots_differ_ns = 0;
		return true;
	}
	if (!fresh)
		return false;
	bool again = s->lots_differ_ns && memcmp(s->lots_differ, now, sizeof now) == 0;
	if (again && d->now.mono_ns - s->lots_differ_ns >= APART_NS) {
		take_over(d, account, instrument, s, now);
		s->lots_differ_ns = 0;
		return true;
	}
	if (!again)
		s->lots_differ_ns = d->now.mono_ns;
	memcpy(s->lots_differ, now, sizeof now);
	return false;
}
