/* A domestic exchange for tests: gold at SHFE with a night session, corn at DCE with one, an index at CFFEX without, sugar at CZCE. Monday is 2026-03-02. Prices are whole,
 * one lot is worth 10 a point; margin 10 %, fee 2 a lot, today's lots 5 where split. */
#pragma once
#include "adapters/sim/cn_exchange.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "tests/unit/suite.h"
#include <stdlib.h>
#include <string.h>

#define S_NS	 1000000000ll
#define MS_NS	 1000000ll
#define H(h, m)	 ((h)*3600 + (m)*60)
#define WEEK	 0x1f
#define MONDAY_S 1772380800ll /* 2026-03-02 00:00 in Shanghai */
#define E8	 100000000ll

enum { GOLD, CORN, INDEX, SUGAR, CONTRACTS };
enum { TOLD = 256 };

/* Shanghai time of the n-th day after Monday. */
static inline int64_t at(int day, int32_t s)
{
	return (MONDAY_S + day * 86400ll + s) * S_NS;
}

struct cn_world {
	struct calendar night, plain;
	struct instrument instrument[CONTRACTS];
	struct cn_contract contract[CONTRACTS];
	struct cn_member member[3];
	struct cn_config config;
	struct cn_exchange x;
	uint32_t session[3];
	uint64_t ref;
	struct cn_report report[TOLD];
	struct cn_snapshot shown[TOLD];
	unsigned n_report, n_shown;
};

static inline void cn_world_report(void *owner, const struct cn_report *r)
{
	struct cn_world *w = owner;
	must(w->n_report < TOLD);
	w->report[w->n_report++] = *r;
}

static inline void cn_world_snapshot(void *owner, const struct cn_snapshot *s)
{
	struct cn_world *w = owner;
	must(w->n_shown < TOLD);
	w->shown[w->n_shown++] = *s;
}

static inline void cn_world_calendars(struct cn_world *w)
{
	const struct calendar night = {
		.name = "night",
		.zone = "Asia/Shanghai",
		.n_sessions = 5,
		.session = { { H(20, 55), H(21, 0), WEEK, PHASE_AUCTION, true },
			     { H(21, 0), H(23, 0), WEEK, PHASE_CONTINUOUS, true },
			     { H(9, 0), H(10, 15), WEEK, PHASE_CONTINUOUS, false },
			     { H(10, 30), H(11, 30), WEEK, PHASE_CONTINUOUS, false },
			     { H(13, 30), H(15, 0), WEEK, PHASE_CONTINUOUS, false } }
	};
	const struct calendar plain = {
		.name = "plain",
		.zone = "Asia/Shanghai",
		.n_sessions = 3,
		.session = { { H(9, 25), H(9, 30), WEEK, PHASE_AUCTION, false },
			     { H(9, 30), H(11, 30), WEEK, PHASE_CONTINUOUS, false },
			     { H(13, 0), H(15, 15), WEEK, PHASE_CONTINUOUS, false } }
	};
	w->night = night;
	w->plain = plain;
	must(calendar_build(&w->night, at(-7, 0), at(28, 0)) == 0);
	must(calendar_build(&w->plain, at(-7, 0), at(28, 0)) == 0);
}

static inline struct rule cn_world_rule(void)
{
	return (struct rule){ .tick = 1,
			      .lot = 1,
			      .min_qty = 1,
			      .max_qty = 500,
			      .band_up_ppm = 50000,
			      .band_down_ppm = 50000,
			      .margin_e8 = 10000000,
			      .fee = { .per_lot_e8 = 2 * E8,
				       .close_today_e8 = -1,
				       .close_today_per_lot_e8 = 5 * E8 } };
}

static inline void cn_world_init(struct cn_world *w, int64_t now_ns)
{
	static const uint8_t house[CONTRACTS] = { CN_SHFE, CN_DCE, CN_CFFEX, CN_CZCE };
	memset(w, 0, sizeof *w);
	cn_world_calendars(w);
	for (int i = 0; i < CONTRACTS; i++) {
		w->instrument[i] = (struct instrument){ .name = "contract",
							.base = 1,
							.quote = 2,
							.settle = 2,
							.expo = { EXPO_LINEAR, 10, 1 } };
		struct rule r = cn_world_rule();
		must(instrument_add_rule(&w->instrument[i], &r) == 0);
		w->contract[i] =
			(struct cn_contract){ .calendar = i == INDEX ? &w->plain : &w->night,
					      .house = house[i],
					      .settle_px = 1000 };
	}
	for (int a = 0; a < 3; a++)
		w->member[a] = (struct cn_member){ 1000000 * E8, a == 2 ? 1 : (uint16_t)a };
	w->config = (struct cn_config){ .instrument = w->instrument,
					.contract = w->contract,
					.member = w->member,
					.n_instruments = CONTRACTS,
					.n_accounts = 3,
					.levels = 8,
					.resting = 16,
					.orders = 512,
					.trades = 2048 };
	ck_assert_msg(cn_init(&w->x, &w->config, now_ns, cn_world_report, cn_world_snapshot, w) ==
			      0,
		      "%s", err_text());
}

static inline void cn_world_enter(struct cn_world *w, int64_t now_ns)
{
	for (uint16_t a = 0; a < 3; a++) {
		w->session[a] = cn_login(&w->x, now_ns, a);
		must(cn_confirm(&w->x, now_ns, a, w->session[a]) == CN_OK);
	}
	w->n_report = w->n_shown = 0;
}

static inline void cn_world_free(struct cn_world *w)
{
	cn_free(&w->x);
	calendar_free(&w->night);
	calendar_free(&w->plain);
}

static inline struct cn_request cn_world_request(struct cn_world *w, uint16_t account,
						 uint16_t instrument, enum side side,
						 enum offset offset, int64_t px, int64_t qty)
{
	return (struct cn_request){ .account = account,
				    .instrument = instrument,
				    .session = w->session[account],
				    .ref = ++w->ref,
				    .side = (uint8_t)side,
				    .tif = TIF_DAY,
				    .offset = (uint8_t)offset,
				    .px = px,
				    .qty = qty };
}

/* The market shows one level a side; a quantity of 0: none. */
static inline void cn_world_market(struct cn_world *w, uint16_t instrument, int64_t now_ns,
				   int64_t bid, int64_t bid_qty, int64_t ask, int64_t ask_qty)
{
	const struct level level[side_max] = { { bid, bid_qty }, { ask, ask_qty } };
	struct depth d = { 0 };
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		d.level[side] = &level[side];
		d.n[side] = level[side].qty > 0;
	}
	must(cn_market_book(&w->x, instrument, now_ns, &d) == 0);
}
