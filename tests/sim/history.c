#include "tests/sim/history.h"

#include <stdio.h>

struct checker *history_checker;
static struct instrument instrument[2];
uint64_t history_seq;
int64_t history_ns;
static int64_t net_e8; /* of all fills */

void history_begin(void)
{
	struct checker_terms t = { .instrument = instrument,
				   .n_instruments = 2,
				   .n_venues = 2,
				   .n_accounts = 2,
				   .n_instances = 1,
				   .instrument_of = { { 1 }, { 2 } },
				   .account_of = { { 1 }, { 2 } },
				   .group_of = { 0, 1, 1 },
				   .max_imbalance_base_e8 = 3 * LOT,
				   .max_age_ns = 1000000000,
				   .messages = { 20, 20 },
				   .cheapest = { false, true },
				   .lot_base_e8 = { LOT, LOT },
				   .max_position_base_e8 = 3 * LOT,
				   .answer_ns = 60000000,
				   .messages_per_s = { 10, 10 },
				   .reserve_pct = { 20, 20 } };
	for (unsigned i = 0; i < 2; i++) {
		instrument[i] = (struct instrument){ .venue = (uint16_t)i,
						     .px_dp = 8,
						     .qty_dp = 8,
						     .base = 1,
						     .quote = 2,
						     .settle = 2,
						     .expo = { i ? EXPO_LINEAR : EXPO_SPOT, 1, 1 },
						     .n_rules = 1 };
		instrument[i].rule[0] =
			(struct rule){ .tick = 1000000, .lot = 1000, .min_qty = 1000 };
	}
	checker_begin(history_checker, &t);
	history_seq = 0;
	net_e8 = 0;
	history_ns = 1000000000;
	history_venue(0, VENUE_UP);
	history_venue(1, VENUE_UP);
}

void history_hear(struct fact f)
{
	f.seq = f.seq ? f.seq : ++history_seq;
	f.mono_ns = f.mono_ns ? f.mono_ns : (history_ns += 1000);
	checker_fact(history_checker, &f);
}

struct fact history_of(enum fact_kind k, uint64_t order)
{
	struct fact f;
	fact_init(&f, k);
	f.instance = NAMES;
	f.pair = PAIR;
	f.order = order;
	f.leg = order == SELL;
	f.side = order == SELL ? SIDE_SELL : SIDE_BUY;
	f.instrument = order == SELL ? 2 : 1;
	f.account = f.instrument;
	f.px = PX;
	f.qty = LOT;
	return f;
}

void history_pair(enum pair_state from, enum pair_state to)
{
	struct fact f = history_of(FACT_PAIR, 0);
	f.state = (uint8_t)to;
	f.num[0] = from;
	f.num[1] = to;
	f.num[2] = f.num[3] = net_e8;
	f.num[4] = 2;
	history_hear(f);
}

void history_venue(unsigned v, enum venue_state to)
{
	struct fact f;
	fact_init(&f, FACT_VENUE);
	f.venue = v + 1;
	f.num[1] = to;
	history_hear(f);
}

void history_quotes(int64_t age_ns, int64_t ask)
{
	for (unsigned i = 1; i <= 2; i++) {
		struct fact f = history_of(FACT_QUOTE, 0);
		f.instrument = i;
		f.num[0] = PX;
		f.num[1] = f.num[3] = LOT;
		f.num[2] = ask;
		f.num[6] = age_ns;
		f.num[7] = BOOK_LIVE;
		history_hear(f);
	}
}

void history_proposed(int64_t age_ns, int64_t ask)
{
	history_quotes(age_ns, ask);
	history_pair(PAIR_PROPOSED, PAIR_PROPOSED);
	for (uint64_t o = BUY; o <= SELL; o++) {
		struct fact f = history_of(FACT_LEG, o);
		f.order = 0;
		f.num[2] = LOT;
		f.num[4] = PX;
		history_hear(f);
	}
	history_pair(PAIR_PROPOSED, PAIR_CHECKED);
}

void history_intend(uint64_t order, int64_t qty)
{
	struct fact f = history_of(FACT_ORDER, order);
	f.state = ORDER_NEW;
	f.qty = qty;
	history_hear(f);
}

void history_send(uint64_t order)
{
	struct fact f = history_of(FACT_SENT, order);
	f.state = ORDER_SENT;
	snprintf(f.exec, sizeof f.exec, "TDM%016llx", (unsigned long long)order);
	history_hear(f);
}

void history_event(enum exchange_event_kind k, uint64_t order, uint64_t trade, int64_t qty)
{
	struct exchange_event e = { .kind = (uint8_t)k };
	unsigned venue = order == SELL;
	e.order = (struct exchange_order){
		.id = order, .side = (uint8_t)(order == SELL), .qty = LOT, .px = PX
	};
	snprintf(e.order.client, sizeof e.order.client, "TDM%016llx", (unsigned long long)order);
	e.trade = (struct exchange_trade){ .trade = trade,
					   .order = order,
					   .side = e.order.side,
					   .px = PX,
					   .qty = qty,
					   .fee_asset = 2 };
	checker_event(history_checker, venue, &e);
}

void history_fill(uint64_t order, uint64_t trade, int64_t qty, int64_t cum)
{
	net_e8 += order == SELL ? -qty : qty;
	struct fact f = history_of(FACT_FILL, order);
	f.state = cum >= LOT ? ORDER_FILLED : ORDER_LIVE;
	f.qty = qty;
	f.num[0] = cum;
	snprintf(f.venue_order, sizeof f.venue_order, "%llu", (unsigned long long)order);
	snprintf(f.exec, sizeof f.exec, "%llu", (unsigned long long)trade);
	history_hear(f);
}

void history_both_sent(void)
{
	history_proposed(1000, PX + 1000000);
	history_intend(BUY, LOT);
	history_intend(SELL, LOT);
	history_send(BUY);
	history_send(SELL);
	history_pair(PAIR_CHECKED, PAIR_SENT);
	history_event(EVENT_NEW, BUY, 0, 0);
	history_event(EVENT_NEW, SELL, 0, 0);
}

void history_traded(uint64_t order, uint64_t trade)
{
	history_event(EVENT_TRADE, order, trade, LOT);
	history_fill(order, trade, LOT, LOT);
}

void history_sound(void)
{
	history_both_sent();
	history_traded(BUY, 7);
	history_traded(SELL, 8);
	history_pair(PAIR_SENT, PAIR_HEDGED);
}
