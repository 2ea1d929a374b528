/* The words of what is no pair's: sessions and names, venues, feeds and clocks, accounts, limits, and what is counted for the exchanges. */
#include "core/base/span.h"
#include "core/cmd/row.h"
#include "core/cmd/tell_parts.h"
#include "core/cmd/tz.h"
#include "core/market/feed.h"
#include "core/market/tsync.h"
#include "core/ops/config.h"
#include "core/trade/alert.h"
#include "core/trade/desk.h"
#include "core/trade/fence.h"
#include "core/trade/limit.h"
#include "core/trade/reconcile.h"
#include "core/trade/risk.h"
#include <inttypes.h>

/* ---- the host */

void tell_session_open(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(l, "%s; process %" PRId64, f->text, f->num[2]);
	if (f->num[0])
		tell_put(l, ", epoch %" PRId64, f->num[0]);
	if (f->num[5])
		tell_put(l, ", after receipt %" PRId64, f->num[5]);
	if (f->num[6])
		tell_put(l, "; %" PRId64 " receipts of the life before are lost", f->num[6]);
}

void tell_session_close(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(l, "%s end", f->num[6] ? "clean" : "unfinished");
	if (f->num[0])
		tell_put(l, ", %" PRId64 " receipts", f->num[0]);
	/* An import has no bounds to end within. */
	if (f->num[5] || !f->num[0])
		tell_put(l,
			 ": %" PRId64 " pairs, %" PRId64 " orders, %" PRId64
			 " fills; %s unhedged of at most %s",
			 f->num[1], f->num[2], f->num[3], tell_dec(f->num[4], 8),
			 tell_dec(f->num[5], 8));
	if (f->text[0])
		tell_put(l, "; %s", f->text);
}

void tell_name_given(struct line *l, const struct reader *r, const struct fact *f)
{
	static const char *const space[] = { "?",	 "venue",  "account", "instrument",
					     "instance", "script", "asset" };
	_Static_assert(sizeof space / sizeof *space == name_space_max, "a word for every space");
	(void)r;
	tell_put(l, "%s %s is number %" PRId64 " in receipts",
		 space[f->num[0] > 0 && f->num[0] < name_space_max ? f->num[0] : 0], f->text,
		 f->num[1]);
}

void tell_script(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s, version %" PRId64 ", source %s", f->text, f->num[0],
		 tell_name(r, NAME_SCRIPT, f->script));
}

void tell_recovery(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(l, "%s", f->text);
	if (f->num[3])
		tell_put(l, "; read from receipt %" PRId64 " to %" PRId64, f->num[2], f->num[3]);
}

void tell_checkpoint(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	if (f->num[0] == CHECKPOINT_END)
		tell_put(l, "the whole state stands above: a restart reads on from there");
	else
		tell_put(l,
			 "the whole state follows: %" PRId64 " pairs, %" PRId64
			 " positions, the host is %s",
			 f->num[1], f->num[3],
			 f->num[4] >= 0 && f->num[4] < risk_state_max
				 ? risk_state_name((enum risk_state)f->num[4])
				 : "?");
}

void tell_alert(struct line *l, const struct reader *r, const struct fact *f)
{
	enum alert_code code = f->num[2] > 0 && f->num[2] < alert_code_max
				       ? (enum alert_code)f->num[2]
				       : ALERT_NONE;
	(void)r;
	if (f->num[0] >= ALERT_INFO && f->num[0] < alert_severity_max)
		tell_put(l, "%s, ", alert_severity_name((enum alert_severity)f->num[0]));
	if (code)
		tell_put(l, "%s: ", alert_code_name(code));
	tell_put(l, "%s", f->text[0] ? f->text : alert_code_text(code));
	if (f->num[1] > 1)
		tell_put(l, ", %" PRId64 " times", f->num[1]);
}

void tell_metric(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(l, "%s is %s", f->text, tell_dec(f->num[0], 9));
}

void tell_round(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(l, "basis position %s", f->text);
	if (f->num[1])
		tell_put(l, " after %s: %" PRId64 " pairs, money %s, fees %s", tell_span(f->num[6]),
			 f->num[1], tell_dec(f->num[2], 8), tell_dec(f->num[3], 8));
	if (f->num[4])
		tell_put(l, " and %s of what was bought", tell_dec(f->num[4], 8));
	if (f->num[5])
		tell_put(l, ", funding %s", tell_dec(f->num[5], 8));
	if (f->num[7])
		tell_put(l, "; %s carried on", tell_dec(f->num[7], 8));
}

/* ---- markets */

void tell_rule(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s: tick %s, lot %s", tell_instrument(r, f), tell_px(f, f->num[1]),
		 tell_qty(f, f->num[2]));
	if (f->num[3])
		tell_put(l, ", at least %s", tell_qty(f, f->num[3]));
	if (f->num[4])
		tell_put(l, ", worth %s or more", tell_dec(f->num[4], 8));
	tell_put(l, "; taker pays %s %%, maker %s %%", tell_dec(f->num[5], 6),
		 tell_dec(f->num[6], 6));
	if (f->num[0] > 0)
		tell_put(l, "; from %s on", tell_time(f->num[0]));
}

void tell_bad_input(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s sent what cannot be used", tell_subject(r, f));
	tell_reason(l, f);
	if (f->num[2] > 1)
		tell_put(l, "; %" PRId64 " times since the last such receipt", f->num[2]);
}

void tell_venue(struct line *l, const struct reader *r, const struct fact *f)
{
	const char *from = fact_state_name(FACT_VENUE, (uint8_t)f->num[0]);
	const char *to = fact_state_name(FACT_VENUE, f->state);
	tell_put(l, "%s %s -> %s", tell_subject(r, f), from ? from : "?", to ? to : "?");
	tell_reason(l, f);
}

void tell_clock(struct line *l, const struct reader *r, const struct fact *f)
{
	static const char *const open[] = { "", ", nothing says how far it may be behind that",
					    ", nothing says how far it may be ahead of that",
					    ", nothing says how far off that may be" };
	_Static_assert(sizeof open / sizeof *open == tsync_open_max, "words for every open side");
	int64_t ahead = f->num[0];
	if (!f->venue) { /* this machine's own */
		tell_put(l, "%s", f->text);
		return;
	}
	tell_put(l, "%s is %s %s this host", tell_subject(r, f),
		 tell_span(ahead < 0 && ahead > INT64_MIN ? -ahead : ahead),
		 ahead < 0 ? "behind" : "ahead of");
	if (f->num[1] != INT64_MAX)
		tell_put(l, ", known to %s", tell_span(f->num[1]));
	if (f->num[4] > 0 && f->num[4] < tsync_open_max)
		tell_put(l, "%s", open[f->num[4]]);
	if (f->num[3])
		tell_put(l, "; drifts by %s ppm", tell_dec(f->num[3], 3));
	if (f->num[5])
		tell_put(l, "; has jumped %" PRId64 " time%s", f->num[5],
			 f->num[5] == 1 ? "" : "s");
	if (f->num[6])
		tell_put(l, "; %" PRId64 " samples", f->num[6]);
	if (f->num[7])
		tell_put(l, ", %" PRId64 " refused", f->num[7]);
}

void tell_feed(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s %s", tell_instrument(r, f), f->text);
	if (f->num[6] > REPAIR_NONE && f->num[6] < feed_repair_max)
		tell_put(l, "; mended by %s after %s",
			 feed_repair_name((enum feed_repair)f->num[6]), tell_span(f->num[4]));
	if (f->state != BOOK_LIVE && f->num[3] && f->num[2])
		tell_put(l, "; missing %" PRId64 " to %" PRId64, f->num[2], f->num[3]);
}

void tell_gate(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(l, "%s", f->text);
	if (f->num[3] || f->num[4])
		tell_put(l, "; looked at %" PRId64 " times, %" PRId64 " proposals refused",
			 f->num[5], f->num[6]);
}

void tell_lots(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s: long %s of today and %s of earlier days, short %s and %s",
		 tell_instrument(r, f), tell_qty(f, f->num[1]), tell_qty(f, f->num[2]),
		 tell_qty(f, f->num[3]), tell_qty(f, f->num[4]));
	if (f->num[0])
		tell_put(l, ", trading day %" PRId64, f->num[0]);
	tell_reason(l, f);
}

void tell_stall(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(l,
		 "the engine stood for %s ms while a strategy was stopped; %" PRId64
		 " calls, %" PRId64 " quotes and %" PRId64 " orders came no later than that",
		 tell_ms(f->num[0]), f->num[1], f->num[2], f->num[3]);
	tell_reason(l, f);
}

void tell_shadow(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(l, "the shadow proposed %s lots", tell_dec(f->num[0], 9));
	tell_reason(l, f);
	tell_put(l,
		 "; of %" PRId64 " events the same in %" PRId64 ", only the live one in %" PRId64
		 ", only the shadow in %" PRId64 ", otherwise in %" PRId64,
		 f->num[2], f->num[3], f->num[4], f->num[5], f->num[6]);
}

void tell_market(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s %s", tell_instrument(r, f), f->text);
	if (f->num[3] != INT64_MAX && f->num[3])
		tell_put(l, " until %s", tell_time(f->num[3]));
	if (f->num[2])
		tell_put(l, ", trading day %" PRId64, f->num[2]);
}

void tell_block(struct line *l, const struct reader *r, const struct fact *f)
{
	char from[TZ_TIME];
	tz_time(f->num[0], from);
	tell_put(l, "%s: %" PRId64 " events recorded in %" PRId64 " bytes, %s from %s",
		 tell_subject(r, f), f->num[2], f->num[3],
		 tell_span((int64_t)((uint64_t)f->num[1] - (uint64_t)f->num[0])), from);
	if (f->num[4])
		tell_put(l, "; %" PRId64 " lost", f->num[4]);
}

void tell_inputs(struct line *l, const struct reader *r, const struct fact *f)
{
	char from[32];
	(void)r;
	row_time(f->num[0], from);
	tell_put(l, "%" PRId64 " inputs of the engine recorded in %" PRId64 " bytes, %s from %s",
		 f->num[2], f->num[3],
		 tell_span((int64_t)((uint64_t)f->num[1] - (uint64_t)f->num[0])), from);
	if (f->num[4])
		tell_put(l, "; %" PRId64 " lost", f->num[4]);
}

void tell_key(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(
		l,
		"from here on checkpoints are signed by another key, %s; the one before signed %" PRId64
		" receipts",
		f->text, f->num[0]);
}

/* ---- accounts */

void tell_position(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s: long %s, short %s; money %s, fees %s", tell_holding(r, f),
		 tell_qty(f, f->num[0]), tell_qty(f, f->num[1]), tell_dec(f->num[2], 8),
		 tell_dec(f->num[3], 8));
	if (f->num[4])
		tell_put(l, "; the market stands at %s", tell_px(f, f->num[4]));
}

void tell_balance(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s holds %s %s free, %s locked", tell_name(r, NAME_ACCOUNT, f->account),
		 tell_dec(f->num[0], 8), tell_name(r, NAME_ASSET, f->fee_asset),
		 tell_dec(f->num[1], 8));
}

void tell_foreign(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s %s %s at %s, %s", tell_side(f), tell_qty(f, f->qty), tell_holding(r, f),
		 tell_px(f, f->px),
		 f->num[1] ? "by force" : "of an order that this host does not know");
	if (f->fee_e8)
		tell_put(l, ", fee %s %s", tell_dec(f->fee_e8, 8),
			 tell_name(r, NAME_ASSET, f->fee_asset));
	tell_reason(l, f);
	tell_put(l, "; booked to %s",
		 f->instance ? tell_name(r, NAME_INSTANCE, f->instance) : "nobody");
}

void tell_foreign_order(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s %s %s at %s, filled %s, %s%s", tell_side(f), tell_qty(f, f->qty),
		 tell_holding(r, f), tell_px(f, f->px), tell_qty(f, f->num[0]),
		 f->num[1] ? "works" : "works no more", f->num[2] ? " and is accepted" : "");
	tell_reason(l, f);
}

/* A quantity of a contract, or money. */
void tell_reconcile(struct line *l, const struct reader *r, const struct fact *f)
{
	if (f->fee_asset) {
		tell_put(l, "%s of %s", tell_name(r, NAME_ASSET, f->fee_asset),
			 tell_name(r, NAME_ACCOUNT, f->account));
		tell_reason(l, f);
		tell_put(l,
			 "; the host has traded %s, the venue says %s, %s of it beside the books",
			 tell_dec(f->num[4], 8), tell_dec(f->num[5], 8), tell_dec(f->num[6], 8));
		return;
	}
	tell_put(l, "%s", tell_holding(r, f));
	tell_reason(l, f);
	tell_put(l, "; the host has %s, the venue says %s", tell_qty(f, f->num[0]),
		 tell_qty(f, f->num[1]));
	if (f->num[2])
		tell_put(l, "; %s to %s", tell_qty(f, f->num[2]),
			 tell_name(r, NAME_INSTANCE, f->instance));
	if (f->num[3])
		tell_put(l, "; %s to nobody", tell_qty(f, f->num[3]));
}

void tell_fence(struct line *l, const struct reader *r, const struct fact *f)
{
	const char *why = fact_state_name(FACT_FENCE, f->state);
	tell_put(l, "%s %s for %s", tell_holding(r, f),
		 f->num[1] ? "is fenced: nothing opens there," : "is fenced no more",
		 why ? why : "?");
	tell_reason(l, f);
	if (f->num[2] != f->num[3])
		tell_put(l, "; the host has %s, the venue says %s", tell_qty(f, f->num[2]),
			 tell_qty(f, f->num[3]));
}

void tell_watermark(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s: its executions are known", tell_holding(r, f));
	if (f->venue_ns)
		tell_put(l, " up to %s", tell_time(f->venue_ns));
	if (f->exec[0])
		tell_put(l, ", the last is %s", f->exec);
}

void tell_cancel_all(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l,
		 "all that works in %s is cancelled at once: %" PRId64
		 " orders of this host, %" PRId64 " message%s",
		 tell_holding(r, f), f->num[0], f->num[1], f->num[1] == 1 ? "" : "s");
}

/* The dead-man switch. */
void tell_arm(struct line *l, const struct reader *r, const struct fact *f)
{
	const char *of = tell_name(r, NAME_ACCOUNT, f->account);
	if (f->num[1] < 0)
		tell_put(l, "the dead-man switch of %s could not be armed", of);
	else if (f->num[0])
		tell_put(l, "the venue cancels what works of %s after %s of silence", of,
			 tell_span(f->num[0]));
	else
		tell_put(l, "the dead-man switch of %s is off", of);
	tell_reason(l, f);
}

/* ---- limits and counters */

static const char *scope_word(int64_t scope)
{
	return scope >= 0 && scope < limit_scope_max ? limit_scope_name((enum limit_scope)scope)
						     : "?";
}

static const char *whose(const struct reader *r, const struct fact *f)
{
	return f->instance ? tell_name(r, NAME_INSTANCE, f->instance) : tell_subject(r, f);
}

void tell_limit(struct line *l, const struct reader *r, const struct fact *f)
{
	static const char *const what[] = { "beyond", "near", "back within", "set to",
					    "carried on, counted against", "begins at" };
	_Static_assert(sizeof what / sizeof *what == limit_what_max, "words for every news");
	enum risk_limit limit = f->num[1] > 0 && f->num[1] < risk_limit_max
					? (enum risk_limit)f->num[1]
					: RISK_LIMIT_NONE;
	char key[LIMIT_WORDS], value[LIMIT_WORDS], bound[LIMIT_WORDS];
	const char *of = whose(r, f);
	limit_key(limit, key);
	limit_words(limit, f->num[4], value);
	limit_words(limit, f->num[5], bound);
	tell_put(l, "%s of %s%s%s ", key, scope_word(f->num[2]), of[0] ? " " : "", of);
	if (f->num[0] != LIMIT_SET && f->num[0] != LIMIT_IN_FORCE)
		tell_put(l, "at %s, ", value);
	tell_put(l, "%s %s", f->num[0] >= 0 && f->num[0] < limit_what_max ? what[f->num[0]] : "?",
		 bound);
	if (f->num[0] == LIMIT_BEYOND && f->num[3] > 0 && f->num[3] < limit_action_max)
		tell_put(l, " (%s)", limit_action_name((enum limit_action)f->num[3]));
	tell_reason(l, f);
}

void tell_scope(struct line *l, const struct reader *r, const struct fact *f)
{
	static const char *const wish[] = { "", "; finishes what is in flight",
					    "; closes all that it holds" };
	_Static_assert(sizeof wish / sizeof *wish == desk_wish_max, "words for every wish");
	const char *from = f->num[1] >= 0 && f->num[1] < risk_state_max
				   ? risk_state_name((enum risk_state)f->num[1])
				   : "?";
	const char *to = fact_state_name(FACT_SCOPE, f->state);
	const char *of = whose(r, f);
	tell_put(l, "%s%s%s ", scope_word(f->num[0]), of[0] ? " " : "", of);
	tell_put(l, f->num[1] == f->num[2] ? "stays %s" : "%s -> ", from);
	if (f->num[1] != f->num[2])
		tell_put(l, "%s", to ? to : "?");
	if (f->num[4])
		tell_put(l, ", paused");
	if (f->num[3] > 0 && f->num[3] < desk_wish_max)
		tell_put(l, "%s", wish[f->num[3]]);
	tell_reason(l, f);
}

/* What a checkpoint carries of a trading day: the counters of one contract. */
void tell_tally(struct line *l, const struct reader *r, const struct fact *f)
{
	bool any = false;
	tell_put(l, "%s, trading day %" PRId64 ": ", tell_holding(r, f), f->num[0]);
	for (int k = TALLY_ORDERS; k <= TALLY_OPENED_LOTS; k++) {
		int64_t n = f->num[1 + k - TALLY_ORDERS];
		if (n)
			tell_put(l, "%s%s %" PRId64, any ? "; " : "",
				 tally_kind_text((enum tally_kind)k), n);
		any |= n != 0;
	}
	if (!any)
		tell_put(l, "nothing counted yet");
}

/* The same of all that an account group does at an exchange. */
void tell_tally_rate(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l,
		 "%s at %s, trading day %" PRId64 ": %s %" PRId64 ", %" PRId64
		 " of them within the last second; %s %" PRId64,
		 tell_name(r, NAME_ACCOUNT, f->account), f->text, f->num[0],
		 tally_kind_text(TALLY_MESSAGES), f->num[1], f->num[3],
		 tally_kind_text(TALLY_BURSTS), f->num[2]);
}

void tell_archive(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(l,
		 "receipts %" PRId64 " to %" PRId64 " %s an archive of %" PRId64
		 " receipts and %" PRId64 " blocks, digest %s",
		 f->num[0], f->num[1], f->num[5] ? "came back from" : "are about to go into",
		 f->num[2], f->num[3], f->text);
}

void tell_account(struct line *l, const struct reader *r, const struct fact *f)
{
	const char *flag = f->num[1] < 0 || f->num[1] >= hedge_flag_max
				   ? NULL
				   : hedge_flag_name((enum hedge_flag)f->num[1]);
	tell_put(l, "account %s%s%s, declared as %s", tell_name(r, NAME_ACCOUNT, f->account),
		 f->text[0] ? ": " : "", f->text,
		 flag ? flag : "something newer than this program");
}
