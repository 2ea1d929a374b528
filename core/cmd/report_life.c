/* The orders of a report: a row for each with all fields of a compliance row, and every receipt of its life.
 *
 * Lives are kept in the order of their beginnings. The oldest leaves when there is no more room: if it has not ended, or another receipt comes later, the rest of
 * its life is read by the index. */
#include "core/base/date.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/cmd/report.h"
#include "core/ops/config.h"
#include "core/trade/order.h"
#include "core/trade/pair.h"
#include "core/trade/rescue.h"
#include "core/trade/venue.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LIVES  32768
#define HOPS   64 /* of a chain of causes */
#define PATH   12
#define EXECS  160
#define QUOTES 192

struct life {
	struct fact order; /* the receipt that began it */
	struct report_session session;
	uint64_t revision, receipts;
	uint8_t state, n_path, path[PATH];
	char client[24], venue_order[24], fee_asset_more;
	char execs[EXECS];
	int64_t cum_qty, left_qty, last_px, last_qty, fee_e8;
	__int128 value; /* sum of px * qty */
	int64_t filled_qty;
	uint32_t fee_asset;
	uint32_t fills, replayed, duplicates, busts, cancels, changes;
	uint64_t rejected_seq, cancelled_seq;
	int64_t sent_mono_ns, round_trip_ns, fill_mono_ns;
	int64_t venue_offset_ns, venue_bound_ns, host_bound_ns, second, today;
	uint8_t has_venue_clock, has_host_clock;
	/* of its chain */
	uint64_t decision, risk, rescue;
	int64_t quote_mono_ns, decision_mono_ns;
	char trigger[FACT_TEXT + 16], check[FACT_TEXT], step[FACT_TEXT], quotes[QUOTES];
};

struct report_lives {
	struct life *life; /* a ring */
	uint64_t head, tail;
	struct map index; /* order -> place in the ring */
	uint64_t told;	  /* the order whose row was made anew last */
};

/* ---- its chain */

static void add_quote(const struct report *r, struct life *l, const struct fact *q)
{
	char bid[24], ask[24];
	size_t n = strlen(l->quotes);
	if (!l->quote_mono_ns || q->num[5] > l->quote_mono_ns)
		l->quote_mono_ns = q->num[5];
	dec_format(q->num[0], q->px_dp, 0, bid);
	dec_format(q->num[2], q->px_dp, 0, ask);
	snprintf(l->quotes + n, QUOTES - n, "%s%s %s/%s #%" PRIu64, n ? "; " : "",
		 report_name(r, NAME_INSTRUMENT, q->instrument), bid, ask, q->seq);
}

static void add_decision(struct life *l, const struct fact *d)
{
	char sell[24], buy[24];
	l->decision = d->seq;
	l->decision_mono_ns = d->mono_ns;
	dec_format(d->num[2], 9, 0, sell);
	dec_format(d->num[3], 9, 0, buy);
	snprintf(l->trigger, sizeof l->trigger, "%.60s; basis sell %s bp, buy %s bp", d->text, sell,
		 buy);
}

/* What led to it: the quotes and the decision, the check by risk, the step of a rescue. */
static void follow_causes(struct report *r, struct life *l)
{
	struct fact f = l->order;
	for (int hop = 0; hop < HOPS && f.cause && !report_get(r, f.cause, &f); hop++) {
		if (f.kind == FACT_QUOTE)
			add_quote(r, l, &f);
		else if (f.kind == FACT_DECISION && !l->decision)
			add_decision(l, &f);
		else if (f.kind == FACT_PAIR && f.state == PAIR_CHECKED && !l->risk) {
			l->risk = f.seq;
			snprintf(l->check, sizeof l->check, "%s", f.text);
		} else if (f.kind == FACT_RESCUE && !l->rescue) {
			l->rescue = f.seq;
			snprintf(l->step, sizeof l->step, "%s #%" PRIu64,
				 f.num[7] >= 0 && f.num[7] < rescue_way_max
					 ? rescue_way_name((enum rescue_way)f.num[7])
					 : "?",
				 f.seq);
		}
	}
}

/* ---- its life */

static void begin(struct report *r, struct life *l, const struct fact *f)
{
	*l = (struct life){ .order = *f, .left_qty = f->qty };
	const struct report_session *s = report_session_now(r);
	if (s)
		l->session = *s;
	l->has_venue_clock = report_clock_of(r, f->venue, &l->venue_offset_ns, &l->venue_bound_ns);
	int64_t unused;
	l->has_host_clock = report_clock_of(r, 0, &unused, &l->host_bound_ns);
	report_tally_use(r, f->account, &l->second, &l->today);
	follow_causes(r, l);
}

static void on_sent(struct life *l, const struct fact *f)
{
	l->sent_mono_ns = l->sent_mono_ns ? l->sent_mono_ns : f->mono_ns;
	if (f->exec[0])
		memcpy(l->client, f->exec, sizeof l->client);
}

static void on_ack(struct life *l, const struct fact *f)
{
	l->round_trip_ns = l->round_trip_ns ? l->round_trip_ns : f->num[0];
}

static void on_fill(struct life *l, const struct fact *f)
{
	size_t n = strlen(l->execs);
	if (n + strlen(f->exec) + 5 < EXECS)
		snprintf(l->execs + n, EXECS - n, "%s%s", n ? " " : "", f->exec);
	else if (n + 5 < EXECS && strcmp(l->execs + n - 3, "...") != 0)
		snprintf(l->execs + n, EXECS - n, " ...");
	l->fills++;
	l->replayed += f->num[3] != 0;
	l->cum_qty = f->num[0];
	l->left_qty = f->num[1];
	l->last_px = f->px;
	l->last_qty = f->qty;
	l->value += (__int128)f->px * f->qty;
	l->filled_qty += f->qty;
	l->fee_e8 += f->fee_e8;
	l->fee_asset_more |= l->fee_asset && f->fee_asset && l->fee_asset != f->fee_asset;
	l->fee_asset = f->fee_asset ? f->fee_asset : l->fee_asset;
	l->fill_mono_ns = l->fill_mono_ns ? l->fill_mono_ns : f->mono_ns;
}

static void on_cancelled(struct life *l, const struct fact *f)
{
	l->cancelled_seq = f->seq;
	l->cum_qty = f->num[0];
}

static void on_bust(struct life *l, const struct fact *f)
{
	l->busts++;
	l->cum_qty = f->num[0];
	l->filled_qty -= f->qty;
	l->value -= (__int128)f->px * f->qty;
}

static void on_rejected(struct life *l, const struct fact *f)
{
	l->rejected_seq = f->seq;
}

static void on_cancel(struct life *l, const struct fact *f)
{
	(void)f;
	l->cancels++;
}

static void on_replaced(struct life *l, const struct fact *f)
{
	if (f->num[3])
		return;
	l->changes++;
	l->left_qty = f->qty - l->cum_qty;
}

static void on_duplicate(struct life *l, const struct fact *f)
{
	(void)f;
	l->duplicates++;
}

static void nothing(struct life *l, const struct fact *f)
{
	(void)l;
	(void)f;
}

/* What belongs to the life of an order. */
static void (*const effect[fact_kind_max])(struct life *l, const struct fact *f) = {
	[FACT_SENT] = on_sent,		 [FACT_ACK] = on_ack,
	[FACT_FILL] = on_fill,		 [FACT_CANCEL] = on_cancel,
	[FACT_CANCELLED] = on_cancelled, [FACT_CANCEL_REJECTED] = nothing,
	[FACT_REJECTED] = on_rejected,	 [FACT_QUERY] = nothing,
	[FACT_STATUS] = nothing,	 [FACT_UNKNOWN] = nothing,
	[FACT_DUPLICATE] = on_duplicate, [FACT_BUST] = on_bust,
	[FACT_REPLACE] = nothing,	 [FACT_REPLACED] = on_replaced,
	[FACT_WITHDRAWN] = nothing,
};

static void go_on(struct life *l, const struct fact *f)
{
	if (!l->n_path || l->state != f->state)
		l->path[l->n_path < PATH ? l->n_path++ : PATH - 1] = f->state;
	l->state = f->state;
	l->receipts++;
	if (f->venue_order[0])
		memcpy(l->venue_order, f->venue_order, sizeof l->venue_order);
	if (f->kind != FACT_ORDER)
		effect[f->kind](l, f);
}

/* All of it by the index. 1: it is there; 0: its beginning is not (archived, or lost). */
static int gather(struct report *r, uint64_t order, struct life *l)
{
	const struct reader_filter q = { .order = order };
	struct reader_walk *w;
	struct fact f;
	bool begun = false;
	int rc = reader_walk_open(r->reader, &q, &w);
	if (rc)
		return rc;
	while ((rc = reader_walk_next(w, &f)) > 0) {
		if (f.kind == FACT_ORDER && !begun) {
			begin(r, l, &f);
			begun = true;
		}
		if (begun && (f.kind == FACT_ORDER || (f.kind < fact_kind_max && effect[f.kind])))
			go_on(l, &f);
	}
	reader_walk_close(w);
	return rc < 0 ? rc : begun;
}

/* ---- its row */

static void put_who(const struct report *r, const struct life *l)
{
	const struct fact *f = &l->order;
	struct report_out *o = r->out;
	const struct report_account *a = report_account_of(r, f->account);
	report_text(o, COL_O_VENUE, report_name(r, NAME_VENUE, f->venue));
	report_text(o, COL_O_ACCOUNT, report_name(r, NAME_ACCOUNT, f->account));
	report_text(o, COL_O_GROUP, a ? a->group : NULL);
	report_text(o, COL_O_TERMINAL, a ? a->terminal : NULL);
	report_text(o, COL_O_HEDGE,
		    a && a->hedge_flag >= 0 && a->hedge_flag < hedge_flag_max
			    ? hedge_flag_name((enum hedge_flag)a->hedge_flag)
			    : NULL);
	report_text(o, COL_O_INSTANCE, report_name(r, NAME_INSTANCE, f->instance));
	report_text(o, COL_O_SCRIPT, report_name(r, NAME_SCRIPT, f->script));
	report_text(o, COL_O_BUILD, l->session.build);
	report_text(o, COL_O_CONFIG, l->session.config);
	report_id(o, COL_O_ROUND, f->round);
	report_id(o, COL_O_PAIR, f->pair);
	if (f->leg != 0xff)
		report_int(o, COL_O_LEG, f->leg);
	report_id(o, COL_O_ORDER, f->order);
	report_text(o, COL_O_CLIENT, l->client);
	report_id(o, COL_O_PARENT, (uint64_t)f->num[6]);
	report_text(o, COL_O_VENUE_ORDER, l->venue_order);
	report_text(o, COL_O_EXECS, l->execs);
	report_text(o, COL_O_INSTRUMENT, report_name(r, NAME_INSTRUMENT, f->instrument));
}

static const char *const sides[] = { "buy", "sell" };
static const char *const offsets[] = { NULL, "open", "close", "close_today", "close_yesterday" };

static const char *word(const char *const *words, size_t n, int64_t i)
{
	return i >= 0 && (size_t)i < n ? words[i] : NULL;
}

static void put_what(const struct report *r, const struct life *l)
{
	static const char *const types[] = { "limit", "market", "post_only" };
	static const char *const tifs[] = { "GTC", "IOC", "FOK", "DAY" };
	static const char *const whys[] = { "opens", "rescues", "hedges" };
	const struct fact *f = &l->order;
	struct report_out *o = r->out;
	report_text(o, COL_O_SIDE, word(sides, 2, f->side));
	report_text(o, COL_O_OFFSET, word(offsets, 5, f->offset));
	report_text(o, COL_O_TYPE, word(types, 3, f->num[0]));
	report_text(o, COL_O_TIF, word(tifs, 4, f->num[1]));
	report_text(o, COL_O_WHY, word(whys, 3, f->num[2]));
	report_dec(o, COL_O_PX, f->px, f->px_dp);
	report_dec(o, COL_O_QTY, f->qty, f->qty_dp);
	report_dec(o, COL_O_FILLED, l->cum_qty, f->qty_dp);
	report_dec(o, COL_O_LEFT, l->left_qty, f->qty_dp);
	if (l->fills) {
		report_dec(o, COL_O_LAST_QTY, l->last_qty, f->qty_dp);
		report_dec(o, COL_O_LAST_PX, l->last_px, f->px_dp);
		report_dec(o, COL_O_FEE, l->fee_e8, 8);
		report_text(o, COL_O_FEE_ASSET,
			    l->fee_asset_more ? "several"
					      : report_name(r, NAME_ASSET, l->fee_asset));
	}
	if (l->filled_qty > 0) { /* two decimals more than prices have, rounded to the nearest */
		const unsigned more = f->px_dp <= 16 ? 2 : 0;
		const __int128 v = l->value * (more ? 100 : 1), half = l->filled_qty / 2;
		report_dec(o, COL_O_AVERAGE,
			   (int64_t)((v + (v < 0 ? -half : half)) / l->filled_qty),
			   f->px_dp + more);
	}
}

static void put_states(const struct report *r, const struct life *l)
{
	char path[PATH * 16] = "";
	size_t n = 0;
	for (unsigned i = 0; i < l->n_path; i++)
		n += (size_t)snprintf(path + n, sizeof path - n, "%s%s", i ? " " : "",
				      l->path[i] < order_state_max
					      ? order_state_name((enum order_state)l->path[i])
					      : "?");
	report_text(r->out, COL_O_STATE,
		    l->state < order_state_max ? order_state_name((enum order_state)l->state)
					       : NULL);
	report_text(r->out, COL_O_PATH, path);
}

/* Words of a venue, read again: few orders are refused or cancelled. */
static void put_ends(struct report *r, const struct life *l)
{
	struct fact f;
	struct report_out *o = r->out;
	if (l->rejected_seq && !report_get(r, l->rejected_seq, &f)) {
		report_int(o, COL_O_CODE, f.num[0]);
		report_text(o, COL_O_REFUSAL, f.text);
	}
	if (l->cancelled_seq && !report_get(r, l->cancelled_seq, &f)) {
		char why[FACT_TEXT + 32];
		const char *said = f.num[3] >= 0 && f.num[3] < cancel_why_max
					   ? cancel_why_name((enum cancel_why)f.num[3])
					   : "?";
		snprintf(why, sizeof why, "%s%s%s%s", f.num[5] ? "asked; " : "", said,
			 f.text[0] ? ": " : "", f.text);
		report_text(o, COL_O_CANCEL_WHY, why);
	}
	if (l->cancels)
		report_int(o, COL_O_CANCELS, l->cancels);
	if (l->changes)
		report_int(o, COL_O_CHANGES, l->changes);
	if (l->replayed + l->duplicates)
		report_int(o, COL_O_REPLAYED, l->replayed + l->duplicates);
	if (l->busts)
		report_int(o, COL_O_BUSTS, l->busts);
}

static void put_between(struct report_out *o, enum report_column c, int64_t from_ns, int64_t to_ns)
{
	if (from_ns && to_ns && to_ns >= from_ns)
		report_int(o, c, to_ns - from_ns);
}

static void put_chain(const struct report *r, const struct life *l)
{
	struct report_out *o = r->out;
	if (l->decision)
		report_int(o, COL_O_DECISION, (int64_t)l->decision);
	report_text(o, COL_O_TRIGGER, l->trigger);
	report_text(o, COL_O_QUOTES, l->quotes);
	report_text(o, COL_O_CHECK, l->check);
	report_text(o, COL_O_RESCUE, l->step);
	report_int(o, COL_O_SECOND, l->second);
	report_int(o, COL_O_TODAY, l->today);
	put_between(o, COL_O_DECIDE_NS, l->quote_mono_ns, l->decision_mono_ns);
	put_between(o, COL_O_CHECK_NS, l->decision_mono_ns, l->order.mono_ns);
	put_between(o, COL_O_SENT_NS, l->order.mono_ns, l->sent_mono_ns);
	if (l->round_trip_ns)
		report_int(o, COL_O_ACK_NS, l->round_trip_ns);
	put_between(o, COL_O_FILL_NS, l->sent_mono_ns, l->fill_mono_ns);
}

static void put_clocks(const struct report *r, const struct life *l)
{
	const struct fact *f = &l->order;
	struct report_out *o = r->out;
	report_time(o, COL_O_TIME, f->utc_ns);
	report_int(o, COL_O_UTC, f->utc_ns);
	report_int(o, COL_O_MONO, f->mono_ns);
	if (f->clock_bound_ns && f->clock_bound_ns != INT64_MAX)
		report_int(o, COL_O_BOUND, f->clock_bound_ns);
	if (l->has_venue_clock) {
		report_int(o, COL_O_VENUE_OFFSET, l->venue_offset_ns);
		if (l->venue_bound_ns != INT64_MAX)
			report_int(o, COL_O_VENUE_BOUND, l->venue_bound_ns);
	}
	if (l->has_host_clock && l->host_bound_ns != INT64_MAX)
		report_int(o, COL_O_HOST_BOUND, l->host_bound_ns);
}

static void put_row(struct report *r, const struct life *l)
{
	const struct fact *f = &l->order;
	struct report_out *o = r->out;
	char day[12];
	const int32_t date = report_day_of(&r->day, f);
	date_format(date, day);
	report_int(o, COL_O_SEQ, (int64_t)f->seq);
	report_text(o, COL_O_DAY, day);
	if (l->session.epoch)
		report_int(o, COL_O_SESSION, l->session.epoch);
	put_clocks(r, l);
	put_who(r, l);
	put_what(r, l);
	put_states(r, l);
	put_ends(r, l);
	put_chain(r, l);
	report_int(o, COL_O_CAUSE, (int64_t)f->cause);
	report_int(o, COL_O_RECEIPTS, (int64_t)l->receipts);
	report_int(o, COL_O_LEAF, (int64_t)f->seq - 1);
	report_text(o, COL_O_MONEY, report_name(r, NAME_ASSET, f->fee_asset));
	report_int(o, COL_O_REVISION, (int64_t)l->revision + 1);
	report_row(o, SHEET_ORDERS);
}

/* ---- all of them */

int report_lives_open(struct report *r)
{
	struct report_lives *x = calloc(1, sizeof *x);
	r->lives = x;
	if (!x || !(x->life = calloc(LIVES, sizeof *x->life)))
		return err_set(ERR_NOMEM, "no memory for the orders of a report");
	return map_init(&x->index, LIVES);
}

void report_lives_close(struct report *r)
{
	if (!r->lives)
		return;
	map_free(&r->lives->index);
	free(r->lives->life);
	free(r->lives);
}

/* The oldest leaves. What it may still become is on record already, for the store is read up to now. */
static int leave(struct report *r)
{
	struct report_lives *x = r->lives;
	struct life *l = &x->life[x->tail % LIVES];
	int rc = 0;
	map_del(&x->index, l->order.order);
	x->tail++;
	if (order_terminal((enum order_state)l->state)) {
		put_row(r, l);
		return 0;
	}
	struct life whole, was = *l;
	rc = gather(r, l->order.order, &whole);
	if (rc < 0)
		return rc;
	/* what was known at its beginning is not what is known now */
	whole.session = was.session;
	whole.second = was.second;
	whole.today = was.today;
	whole.venue_offset_ns = was.venue_offset_ns;
	whole.venue_bound_ns = was.venue_bound_ns;
	whole.has_venue_clock = was.has_venue_clock;
	whole.host_bound_ns = was.host_bound_ns;
	whole.has_host_clock = was.has_host_clock;
	put_row(r, rc ? &whole : &was);
	return 0;
}

static int begin_life(struct report *r, const struct fact *f)
{
	struct report_lives *x = r->lives;
	int rc = x->head - x->tail == LIVES ? leave(r) : 0;
	if (rc < 0)
		return rc;
	struct life *l = &x->life[x->head % LIVES];
	begin(r, l, f);
	go_on(l, f);
	return map_put(&x->index, f->order, (uint32_t)(x->head++ % LIVES));
}

/* A receipt of an order whose row has been written, or that began before this day: all of it, once more. */
static int tell_again(struct report *r, const struct fact *f)
{
	struct life l;
	if (r->lives->told == f->order)
		return 0;
	r->lives->told = f->order;
	int rc = gather(r, f->order, &l);
	if (rc <= 0)
		return rc;
	l.revision = report_day_has(&r->day, &l.order);
	put_row(r, &l);
	return 0;
}

int report_lives_fact(struct report *r, const struct fact *f)
{
	uint32_t at;
	if (!f->order || r->framed || f->kind >= fact_kind_max ||
	    (f->kind != FACT_ORDER && !effect[f->kind]))
		return 0;
	const bool own = report_day_has(&r->day, f);
	if (own) {
		report_event(r, f);
		r->fig.orders += f->kind == FACT_ORDER;
		r->fig.fills += f->kind == FACT_FILL;
		r->fig.cancels += f->kind == FACT_CANCEL;
		r->fig.rejects += f->kind == FACT_REJECTED;
	}
	if (f->kind == FACT_ORDER)
		return own ? begin_life(r, f) : 0;
	if (!map_get(&r->lives->index, f->order, &at))
		return own ? tell_again(r, f) : 0;
	go_on(&r->lives->life[at], f);
	return 0;
}

int report_lives_end(struct report *r)
{
	int rc = 0;
	while (!rc && r->lives->tail != r->lives->head)
		rc = leave(r);
	return rc;
}
