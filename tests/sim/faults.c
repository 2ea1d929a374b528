#include "tests/sim/faults.h"

#include "core/base/must.h"
#include "tests/sim/faults_parts.h"

#define NOT  0, 0, NULL
#define LATE FAULT_LATE

/* clang-format off */
static const struct fault_row rows[FAULTS] = {
	{ 1, 12, 2, fault_reject, "one leg rejected, the other filled", "the venue's knob reject, once" },
	{ 2, 8, 2, fault_reject_both, "both legs rejected", "the same knob at both venues" },
	{ 3, 12, 2, fault_partial, "one leg partial, the other full", "knob partial, 10 % to 90 %" },
	{ 4, 9, 2, fault_partial_both, "partials on both legs", "knob partial at both venues" },
	{ 5, 8, 2, fault_partial_ioc, "the remainder of an IOC is cancelled by the venue", "knob partial, one lot" },
	{ 6, 8, 2, fault_fill_races_cancel, "a fill races a cancel", "a trade through what rests while its cancel is under way" },
	{ 7, NOT, "a fill after the cancel was acknowledged", "Binance has no message for it: f07_… in tests/unit/trade/cases.c and cases_later.c" },
	{ 8, 8, 2, fault_cancel_too_late, "a cancel comes too late", "the venue ends the order while its cancel is under way" },
	{ 9, NOT, "a replace crosses a fill", "the worlds move a resting leg by a cancel and a new order (F06): f09_… in tests/unit/trade/cases_rest.c, test_router_change.c" },
	{ 10, 10, 2, fault_dup_report, "an execution report comes twice", "knob dup.out, once" },
	{ 11, NOT, "a fill is restated", "Binance's reports know no restatement; a correction: tests/unit/trade/test_router_change.c" },
	{ 12, 10, 2, fault_answer_lost, "the answer is lost, the order lives", "knobs drop.out and timeout, once" },
	{ 13, 10, 2, fault_order_lost, "the order is lost before the venue", "knob drop.in, once" },
	{ 14, 9, 2, fault_cancel_lost, "a cancel is lost", "knob drop.in while a cancel is sent" },
	{ 15, 8, 2, fault_fill_before_ack, "a fill comes before its acknowledgement", "the venue's telling swaps the two" },
	{ 16, 6, 60, fault_foreign_order, "an order that is not ours on our account", "by another hand, met at once or resting; the operator adopts or accepts it" },
	{ 17, 4, 290, fault_cut_one, "one venue's connections break", "env_sim_cut" },
	{ 18, 5, 320, fault_cut_both, "all connections break", "env_sim_cut" },
	{ 19, 5, 320, fault_half_open, "a dead line that nobody is told of", "env_sim_freeze, one way or both" },
	{ 20, NOT, "a gap in incoming sequence numbers", "no adapter speaks FIX" },
	{ 21, NOT, "a resend with PossDup, fills inside", "no adapter speaks FIX" },
	{ 22, NOT, "a gap fill over lost fills", "no adapter speaks FIX" },
	{ 23, NOT, "a sequence number that is too low", "no adapter speaks FIX" },
	{ 24, NOT, "a sequence reset within the day", "no adapter speaks FIX" },
	{ 25, NOT, "our own order resent", "no adapter speaks FIX" },
	{ 26, 4, 290, fault_garbled, "garbled bytes", "bytes of a flight are changed" },
	{ 27, 4, 290, fault_broken_frame, "frames that break the protocol", "the head of a flight is changed" },
	{ 28, 6, 40, fault_feed_drop, "a gap in the depth", "knob drop.feed, for eight messages" },
	{ 29, 5, 60, fault_feed_mute, "a quote grows stale", "the market data of one symbol is lost for a while" },
	{ 30, 6, 40, fault_quote_crossed, "a crossed quote, a side of size 0", "a false quote is said" },
	{ 31, 6, 40, fault_quote_fat, "a quote far off the market", "a false quote is said" },
	{ 32, 5, 60, fault_feed_freeze, "one feed lives, the other is frozen", "the venue holds its market data back" },
	{ 33, 6, 2, fault_feed_dup, "market data comes twice", "knob dup.feed, for three messages" },
	{ 34, 5, 30, fault_band_locked, "a leg is locked at its limit", "the venue's upper band lies below the market" },
	{ 35, NOT, "a session closes while a leg is open", "the worlds' markets never close: tests/unit/engine/test_truth.c" },
	{ 36, NOT, "an auction refuses order types", "the same: tests/unit/market/test_calendar.c" },
	{ 37, NOT, "a holiday on one side only", "the same: tests/unit/market/test_calendar.c" },
	{ 38, 8, LATE, fault_halt, "trading of one leg is halted", "exchange_halt" },
	{ 39, NOT, "a trade is busted after the pair was hedged", "Binance takes no trade back: f39_… in tests/unit/trade/cases_later.c and cases_style.c" },
	{ 40, NOT, "an order fills more than it asked for", "the matching core cannot: f40_… in tests/unit/trade/cases_later.c and cases_rest.c" },
	{ 41, 5, 2, fault_self_match, "own orders on both sides of a contract", "all strategies propose all they can" },
	{ 42, 6, 2, fault_proposed_twice, "the same trigger twice", "a strategy proposes everything twice" },
	{ 43, 5, 840, fault_rate_limited, "the venue says 429 or 418", "plans limit and ban; near the end its weight limit is lowered" },
	{ 44, 5, 450, fault_key_or_time, "the key is not known, or the time outside the window", "plans revoke and window, or the venue's clock jumps 20 s" },
	{ 45, 4, 390, fault_out_of_service, "the venue goes down and comes back", "plan maintenance, or its process dies and is started again" },
	{ 46, 6, LATE, fault_utc_step, "UTC steps", "env_sim_step_utc by 1 ms, 1 s and 1 h" },
	{ 47, 7, LATE, fault_stamps_back, "the venue's stamps go back", "the venue's clock jumps back" },
	{ 48, NOT, "the currency's quote is missing", "the worlds' pairs are in one currency: tests/unit/trade/test_risk.c" },
	{ 49, NOT, "a contract changes", "read at the start only: tests/unit/engine/test_truth.c, tests/unit/market/test_instrument.c" },
	{ 50, 6, 20, fault_money_gone, "the money is gone between check and send", "exchange_move, and back" },
	{ 51, 4, 320, fault_start_differs, "the venue's position differs at the start", "an order by another hand while the host is dead" },
	{ 52, 8, 150, fault_host_dies, "the host dies", "at any write to journal or socket, amid a flush, between turns" },
	{ 53, NOT, "power is lost, the last record is torn", "the journal in memory has no half records: tests/unit/store/test_ring_file.c" },
	{ 54, 5, 30, fault_disk_trouble, "the disk is full or ill", "the journal says so" },
	{ 55, NOT, "the store is damaged", "no store here: tests/unit/store/test_store.c" },
	{ 56, 5, 390, fault_no_connections, "no more connections can be made", "every attempt is refused, and one that there was breaks" },
	{ 57, 8, 2, fault_script_wrong, "a script fails, overruns or talks nonsense", "chatty.h, and lua_host_kill_next" },
	{ 58, 8, 2, fault_script_reloaded, "a script is loaded anew with pairs in flight", "swaps, canaries, shadows and steps back; versions that fail after some calls (world_reload.h)" },
	{ 59, 6, 30, fault_operator_kills, "kill or pause in the worst moment, twice", "kills of every mode and scope, pauses, while orders are out" },
	{ 60, 6, 20, fault_limit_lowered, "a limit below what is held", "an operator sets it lower, and later higher again" },
	{ 61, 5, 40, fault_writer_stalls, "the receipts' writer stalls", "the journal has little room, or none" },
	{ 62, NOT, "a certificate is expired or another", "no TLS in memory: tests/unit/io/test_tls.c" },
	{ 63, NOT, "two hosts on one account", "one host a world: one_host_a_store in tests/unit/store/test_store.c; another machine is not seen" },
	{ 64, 8, 450, fault_reconcile_part, "a reconciliation that is not whole, or stale", "the connection breaks; on the new one answers are lost (drop.out), an order is left out (miss.order), a position is old (stale.position)" },
	{ 65, 5, 100, fault_liquidated, "liquidation or deleveraging of a leg", "plans liquidate and adl, or an order of the venue's own for a part" },
	{ 66, NOT, "a leg expires", "the worlds' instruments do not: tests/unit/trade/test_watch.c, tests/unit/engine/test_truth.c" },
	{ 67, 8, 2, fault_unsolicited, "the venue cancels by itself", "exchange_expire of what rests" },
	{ 68, 5, 20, fault_size_limit, "the venue allows no more", "the largest size falls to one lot" },
	{ 69, 5, 20, fault_tick_changes, "tick size changes within the day", "the venue's tick is another" },
	{ 70, 6, 2, fault_money_moves, "funding, fees, money by hand", "exchange_move" },
	{ 71, NOT, "a trade is reported on two ways", "no adapter speaks FIX" },
	{ 72, 6, 2, fault_dead_man, "the dead-man switch fires", "the venue cancels all that rests" },
};
/* clang-format on */

const struct fault_row *fault_row(unsigned id)
{
	must(id >= 1 && id <= FAULTS && rows[id - 1].id == id);
	return &rows[id - 1];
}
