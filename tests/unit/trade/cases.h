/* cases - the named faults of a two-leg order, each played on a rig to its end: what the executor's suite asserts and the crash test cuts.
 *
 * A name begins with its fault or its rule. To add one: a line here, a function case_<name>. */
#pragma once
#include "tests/unit/trade/rig.h"

/* clang-format off */
#define FAULT_CASES(X) \
	X(both_filled) \
	X(open_and_close) \
	X(f01_completed) \
	X(f01_unwound) \
	X(f01_dearer_way_not_taken) \
	X(f01_policy_unwind) \
	X(f01_policy_hold) \
	X(f01_refused_by_port) \
	X(f01_one_lot) \
	X(f01_refused_everywhere) \
	X(f02_both_rejected) \
	X(f03_one_partial) \
	X(f03_reduced_to_ratio) \
	X(f04_both_partial) \
	X(f04_odd_part) \
	X(f05_ioc_remainder) \
	X(f04_filled_up) \
	X(f05_nothing_stands_there) \
	X(f06_cancel_races_fill) \
	X(f07_fill_after_cancel) \
	X(f07_late_fill_of_held_close) \
	X(f08_cancel_refused) \
	X(f10_fill_reported_twice) \
	X(f12_ack_lost_order_filled) \
	X(f12_ack_lost_order_in_part) \
	X(f12_ack_lost_order_works) \
	X(f12_no_answer_is_held) \
	X(f13_order_lost) \
	X(f13_both_lost) \
	X(f14_cancel_lost) \
	X(f15_fill_before_ack) \
	X(f17_one_venue_gone) \
	X(f17_resting_order) \
	X(f17_rescue_waits_for_venue) \
	X(f18_both_venues_gone) \
	X(f39_bust_after_hedged) \
	X(f40_over_fill) \
	X(f43_barred) \
	X(r4_broken_close) \
	X(r4_broken_close_is_held) \
	X(r5_rescue_after_kill) \
	X(r5_close_while_reducing) \
	X(r6_budget) \
	X(duplicate_id_is_asked) \
	X(f07_after_checkpoint) \
	X(f16_foreign_fill) \
	X(f39_after_checkpoint) \
	X(power_waits_for_disk) \
	X(power_cancelled_while_waiting) \
	X(two_in_flight) \
	X(no_rule_in_force) \
	X(legged_filled) \
	X(legged_nothing_filled) \
	X(legged_first_rejected) \
	X(legged_in_part) \
	X(legged_fills_as_they_come) \
	X(legged_follower_rejected) \
	X(legged_follower_in_part) \
	X(legged_ack_lost) \
	X(legged_order_lost) \
	X(legged_follower_unknown) \
	X(legged_kill_between) \
	X(legged_late_fill) \
	X(legged_below_a_lot) \
	X(legged_slices) \
	X(passive_filled) \
	X(passive_filled_in_parts) \
	X(passive_time_is_over) \
	X(passive_time_is_over_half_filled) \
	X(passive_priced_anew) \
	X(i02_passive_waits_for_room) \
	X(i02_passive_stays_within_an_order) \
	X(f09_passive_fill_while_it_is_moved) \
	X(f06_passive_cancel_races_fill) \
	X(passive_gate_closes) \
	X(passive_killed) \
	X(passive_killed_as_it_fills) \
	X(passive_follower_rejected) \
	X(passive_ack_lost) \
	X(passive_asked_to_end) \
	X(passive_session_lost) \
	X(passive_other_venue_lost) \
	X(passive_taken_away) \
	X(passive_refused) \
	X(passive_breach) \
	X(passive_on_power) \
	X(arrive_together) \
	X(arrive_ways_not_known) \
	X(arrive_far_leg_refused) \
	X(certain_leg_at_once_on_fill) \
	X(certain_leg_never_sent) \
	X(certain_leg_follows_a_part) \
	X(certain_leg_when_silence_lasts) \
	X(late_leg_killed) \
	X(late_leg_without_a_book) \
	X(f17_known_leg_is_cut) \
	X(f17_unknown_fills_after_all) \
	X(f17_cut_in_its_own_time) \
	X(f43_barred_while_it_rests) \
	X(f34_locked_at_limit) \
	X(f38_halted_leg) \
	X(f72_chase_cancelled_unasked) \
	X(chase_follows_the_price) \
	X(flattened) \
	X(adopted) \
	X(written_off) \
	X(f39_legged_bust) \
	X(f40_passive_over_fill) \
	X(passive_finishing) \
	X(i13_passive_without_messages) \
	X(passive_close_while_reducing) \
	X(passive_the_other_leg) \
	X(legged_no_answer_is_held) \
	X(late_leg_asked_to_end) \
	X(sliced) \
	X(sliced_one_falls_short) \
	X(sliced_first_refused) \
	X(sliced_ack_lost) \
	X(sliced_killed_between) \
	X(sliced_market_gone) \
	X(sliced_market_comes_back) \
	X(sliced_rules_change) \
	X(sliced_limit_between) \
	X(sliced_breach) \
	X(sliced_asked_to_end) \
	X(sliced_session_lost) \
	X(sliced_less_certain_first) \
	X(sliced_legged) \
	X(sliced_legged_follower_fails) \
	X(sliced_passive) \
	X(sliced_on_power) \
	X(sliced_close)
/* clang-format on */

#define CASE_PLAY(f) void case_##f(struct rig *r);
FAULT_CASES(CASE_PLAY)
#undef CASE_PLAY

struct fault_case {
	const char *name;
	void (*play)(struct rig *r);
};
extern const struct fault_case fault_cases[];
extern const unsigned n_fault_cases;

#define CASE_LOTS 100.0 /* 0.1 BTC */
void expect_state(const struct pair *p, enum pair_state s);
/* Ended as told, both books agree, and what is left between the venues is within the pair's tolerance. */
void expect_end(struct rig *r, struct pair *p, enum pair_state s);
struct pair *open_pair(struct rig *r, enum fate spot, enum fate perp);
struct pair *open_hedged(struct rig *r);
/* A pair that goes out so; first: its leg that goes first or rests. */
struct pair *propose_as(struct rig *r, enum pair_style style, enum pair_align align, int first);
unsigned orders_of_role(const struct rig *r, enum order_role role);
/* The newest receipt of a plan has these words. */
void ended_by(const struct rig *r, const char *why);
/* Ended flat, nothing was sent on the second leg, and no rescue was needed. */
void expect_nothing_on_perp(struct rig *r, struct pair *p);
