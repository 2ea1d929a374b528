/* history - a sound history of receipts and venue events, a step at a time, into which the checker's tests put one wrong thing. One thread; one history at a time. */
#pragma once
#include "core/trade/desk.h"
#include "tests/sim/checker.h"

#define PAIR  0x100
#define BUY   0x101
#define SELL  0x102
#define LOT   1000000 /* 0.01 of the base, at 8 decimals */
#define PX    6180000000000
#define NAMES 1

extern struct checker *history_checker; /* opened by the test */
extern uint64_t history_seq;		/* of the last receipt */
extern int64_t history_ns;

/* A new world of two venues, both up, and one instance. */
void history_begin(void);
/* The checker hears a receipt; number and time are set where they are 0. */
void history_hear(struct fact f);
/* A receipt about an order, BUY or SELL, or 0 for the pair. */
struct fact history_of(enum fact_kind k, uint64_t order);
void history_pair(enum pair_state from, enum pair_state to);
void history_venue(unsigned v, enum venue_state to);
void history_quotes(int64_t age_ns, int64_t ask);
void history_proposed(int64_t age_ns, int64_t ask);
void history_intend(uint64_t order, int64_t qty);
void history_send(uint64_t order);
void history_event(enum exchange_event_kind k, uint64_t order, uint64_t trade, int64_t qty);
void history_fill(uint64_t order, uint64_t trade, int64_t qty, int64_t cum);
void history_both_sent(void);
void history_traded(uint64_t order, uint64_t trade);
void history_sound(void);
