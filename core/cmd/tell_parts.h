/* tell_parts - what the files of tell share: a line being written, and the forms in which its values are put. Main thread. */
#pragma once
#include "core/cmd/tell.h"

struct line {
	char *out;
	size_t n;
	const struct story *story; /* of the pair; empty where the receipt is no pair's */
};

/* Puts one receipt into words. Every kind has one. */
typedef void tell_fn(struct line *l, const struct reader *r, const struct fact *f);

void tell_put(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* ": " and the receipt's own text, where it has one. */
void tell_reason(struct line *l, const struct fact *f);
/* Only its own text. */
void tell_text(struct line *l, const struct reader *r, const struct fact *f);

const char *tell_side(const struct fact *f);
const char *tell_px(const struct fact *f, int64_t v);
const char *tell_qty(const struct fact *f, int64_t v);
const char *tell_ms(int64_t ns);
const char *tell_span(int64_t ns);     /* "1.27 s" */
const char *tell_time(int64_t utc_ns); /* "2024-08-08T23:54:02Z", by the clock of tz.h */
const char *tell_instrument(const struct reader *r, const struct fact *f);
/* Of what it speaks, where it is no pair's: an instrument, else an account, else a venue, else "". */
const char *tell_subject(const struct reader *r, const struct fact *f);
/* "X of main": a contract as one account holds it. */
const char *tell_holding(const struct reader *r, const struct fact *f);

/* Of a pair and its orders: tell_pair.c. */
tell_fn tell_quote, tell_decision, tell_proposal, tell_pair, tell_leg, tell_plan, tell_order,
	tell_order_news, tell_order_kept, tell_fill, tell_replace, tell_replaced, tell_rescue,
	tell_cost, tell_held, tell_transfer, tell_risk;
/* Of the host, its markets and accounts: tell_host.c. */
tell_fn tell_session_open, tell_session_close, tell_name_given, tell_rule, tell_script, tell_venue,
	tell_feed, tell_bad_input, tell_foreign, tell_position, tell_balance, tell_alert,
	tell_recovery, tell_checkpoint, tell_clock, tell_metric, tell_round, tell_gate, tell_block,
	tell_inputs, tell_market, tell_shadow, tell_stall, tell_lots, tell_reconcile, tell_fence,
	tell_foreign_order, tell_watermark, tell_cancel_all, tell_arm, tell_limit, tell_scope,
	tell_tally, tell_tally_rate, tell_archive, tell_account, tell_key;
