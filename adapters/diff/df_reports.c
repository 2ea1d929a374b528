/* df_reports - from the picture to what the core is told: fills once each and before the order's end, refusals with their class, unknown when a line breaks. */
#include "adapters/codec/diff_code.h"
#include "adapters/codec/diff_request.h"
#include "adapters/diff/df.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include <stdio.h>
#include <string.h>

#define PAUSE_NS 1000000000ll /* the counter counts by the second */

static uint32_t instrument_of(const struct df_session *s, const char *exchange, const char *name)
{
	char symbol[48];
	int n = snprintf(symbol, sizeof symbol, "%s.%s", exchange, name);
	const struct symbol *sym = symbols_find(&s->owner->symbols, symbol, (size_t)n);
	return sym ? sym->instrument : UINT32_MAX;
}

static enum side side_of(uint8_t direction)
{
	return direction == DIFF_SELL ? SIDE_SELL : SIDE_BUY;
}

/* Order numbers come with blanks in front at some exchanges. */
static void put_trimmed(char *out, size_t cap, const char *text)
{
	while (*text == ' ')
		text++;
	size_t n = strlen(text);
	while (n && text[n - 1] == ' ')
		n--;
	n = n < cap ? n : cap - 1;
	memcpy(out, text, n);
	out[n] = 0;
}

static int64_t qty_of(const struct instrument *in, int64_t lots)
{
	return lots == DIFF_NONE ? 0 : dec_rescale(lots, 0, in->qty_dp, DEC_NEAREST);
}

/* What all reports of an order have in common; false: it is of no contract of ours, or not fully told yet. */
static bool begin(const struct df_session *s, const struct diff_order *o, enum exec_kind kind,
		  struct exec_report *r)
{
	const struct df_venue *d = s->owner;
	uint32_t i = instrument_of(s, o->exchange_id, o->instrument_id);
	if (i == UINT32_MAX || !o->direction || o->volume_orign == DIFF_NONE)
		return false;
	const struct instrument *in = &d->instrument[i];
	struct env_now now = df_now(d);
	*r = (struct exec_report){ .kind = (uint8_t)kind,
				   .side = (uint8_t)side_of(o->direction),
				   .venue = d->venue.index,
				   .account = s->account,
				   .instrument = i,
				   .order = diff_decode_id(o->key, strlen(o->key)),
				   .qty = qty_of(in, o->volume_orign),
				   .recv_ns = now.mono_ns };
	(void)diff_scale(o->price_e8, in->px_dp, &r->px);
	if (o->insert_ns != DIFF_NONE)
		r->venue_ns = diff_day(o->insert_ns, now.utc_ns);
	snprintf(r->client, sizeof r->client, "%.39s", o->key);
	put_trimmed(r->venue_order, sizeof r->venue_order, o->exchange_order_id);
	return true;
}

static void say(struct df_session *s, const struct exec_report *r)
{
	struct df_venue *d = s->owner;
	bn_orders_report(&d->orders, r);
	d->venue.host.on_exec(d->venue.host.core, r);
}

/* ---- fills ---- */

/* A fill's identity has the exchange's number of its order: without it the fill waits for the patch that brings it. */
static bool tell_fill(struct df_session *s, struct diff_trade *t, bool replayed)
{
	const struct df_venue *d = s->owner;
	struct diff_order *o = diff_user_order(&s->picture, t->order_id);
	struct exec_report r;
	if (t->told)
		return true;
	if (!o || !o->exchange_order_id[0] || !t->exchange_trade_id[0] || !t->direction ||
	    t->volume == DIFF_NONE || t->price_e8 == DIFF_NONE)
		return false;
	if (!begin(s, o, EXEC_FILL, &r)) {
		t->told = instrument_of(s, t->exchange_id, t->instrument_id) == UINT32_MAX;
		return t->told;
	}
	const struct instrument *in = &d->instrument[r.instrument];
	r.side = (uint8_t)side_of(t->direction);
	r.replayed = replayed;
	r.forced = r.order ? FORCED_NONE : (uint8_t)diff_code_forced(o->last_msg);
	r.qty = qty_of(in, t->volume);
	if (!diff_scale(t->price_e8, in->px_dp, &r.px))
		df_bad(s->owner, BAD_NO_BOOK, BAD_NUMBER,
		       "a fill at a price that the contract cannot have", t->key, strlen(t->key));
	put_trimmed(r.exec, sizeof r.exec, t->exchange_trade_id);
	if (t->at_ns != DIFF_NONE)
		r.venue_ns = diff_day(t->at_ns, df_now(d).utc_ns);
	r.fee_e8 = t->commission_e8 == DIFF_NONE ? 0 : t->commission_e8;
	r.fee_asset = in->settle ? in->settle : in->quote;
	t->told = true;
	o->told_lots += t->volume;
	r.has_cum = true;
	r.cum = qty_of(in, o->told_lots);
	say(s, &r);
	return true;
}

static void tell_fills(struct df_session *s, bool replayed)
{
	struct diff_table *t = &s->picture.trades;
	uint32_t waiting = 0, n = t->n_listed;
	for (uint32_t k = 0; k < n; k++) {
		uint32_t i = t->listed[k];
		struct diff_trade *row = diff_trade_at(&s->picture, i);
		if (tell_fill(s, row, replayed))
			row->listed = false;
		else
			t->listed[waiting++] = i;
	}
	t->n_listed = waiting;
}

/* ---- orders ---- */

static int64_t filled_lots(const struct diff_order *o)
{
	return o->volume_left == DIFF_NONE ? 0 : o->volume_orign - o->volume_left;
}

static void put_refusal(struct exec_report *r, const struct diff_order *o)
{
	const struct diff_code *c = diff_code_find(0, o->last_msg);
	r->code = c->code;
	r->reject_class = c->reject_class;
}

/* Did it end without ever having worked? The exchange's own refusal reads as a cancel with a reason. */
static bool was_refused(const struct diff_order *o)
{
	return filled_lots(o) == 0 &&
	       (!diff_code_is_cancel(o->last_msg) || strstr(o->last_msg, "被拒绝") != NULL);
}

static void tell_end(struct df_session *s, struct diff_order *o, bool replayed)
{
	struct exec_report r;
	/* Not before its fills are told: they are in the picture, or come in the next pack. */
	if (o->volume_left == DIFF_NONE || o->told_lots < filled_lots(o))
		return;
	bool refused = was_refused(o);
	if (o->volume_left > 0) {
		if (!begin(s, o, refused ? EXEC_REJECTED : EXEC_CANCELLED, &r))
			return;
		r.has_cum = true;
		r.cum = qty_of(&s->owner->instrument[r.instrument], filled_lots(o));
		r.replayed = replayed;
		snprintf(r.text, sizeof r.text, "%.95s", o->last_msg);
		if (refused)
			put_refusal(&r, o);
		else
			r.why = (uint8_t)diff_code_cancel_why(o->last_msg);
		if (refused && r.reject_class == REJECT_RATE)
			bn_budget_pause(&s->owner->budget, r.recv_ns + PAUSE_NS, false);
		o->ended = true;
		say(s, &r);
	}
	o->ended = true;
}

static void tell_order(struct df_session *s, struct diff_order *o, bool replayed)
{
	struct exec_report r;
	if (o->ended)
		return;
	if (!o->acked && o->status == DIFF_ALIVE && o->exchange_order_id[0]) {
		if (!begin(s, o, EXEC_ACK, &r))
			return;
		r.replayed = replayed;
		o->acked = true;
		say(s, &r);
	}
	if (o->status == DIFF_FINISHED)
		tell_end(s, o, replayed);
}

void df_report_news(struct df_session *s, bool replayed)
{
	struct diff_table *t = &s->picture.orders;
	/* An acknowledgement goes before the fills, an end behind them. Orders that wait for their fills stay listed. */
	for (uint32_t k = 0; k < t->n_listed; k++) {
		struct diff_order *o = diff_order_at(&s->picture, t->listed[k]);
		if (o->status == DIFF_ALIVE)
			tell_order(s, o, replayed);
	}
	tell_fills(s, replayed);
	uint32_t waiting = 0, n = t->n_listed;
	for (uint32_t k = 0; k < n; k++) {
		uint32_t i = t->listed[k];
		struct diff_order *o = diff_order_at(&s->picture, i);
		tell_order(s, o, replayed);
		o->listed = o->status == DIFF_FINISHED && !o->ended;
		if (o->listed)
			t->listed[waiting++] = i;
	}
	t->n_listed = waiting;
}

/* ---- questions ---- */

static bool fresh(const struct df_session *s)
{
	return df_now(s->owner).mono_ns - s->heard_ns <= s->owner->answer_timeout_ns;
}

static void tell_status(struct df_session *s, const struct diff_order *o, enum order_state st)
{
	struct exec_report r;
	if (!begin(s, o, EXEC_STATUS, &r))
		return;
	r.status = (uint8_t)st;
	r.has_cum = true;
	r.cum = qty_of(&s->owner->instrument[r.instrument], filled_lots(o));
	snprintf(r.text, sizeof r.text, "%.95s", o->last_msg);
	if (st == ORDER_REJECTED)
		put_refusal(&r, o);
	say(s, &r);
}

/* Fills first, even those that were told before: whoever asks may be short of one. */
static void tell_fills_again(struct df_session *s, const char *id)
{
	struct diff_order *o = diff_user_order(&s->picture, id);
	o->told_lots = 0;
	for (uint32_t i = 0; i < s->picture.trades.n; i++) {
		struct diff_trade *t = diff_trade_at(&s->picture, i);
		if (strcmp(t->order_id, id) != 0 || !t->told)
			continue;
		t->told = false;
		(void)tell_fill(s, t, true);
	}
}

static int tell_absent(struct df_session *s, const struct order *o)
{
	struct df_venue *d = s->owner;
	struct exec_report r = { .kind = EXEC_NOT_FOUND,
				 .side = o->side,
				 .venue = d->venue.index,
				 .account = s->account,
				 .instrument = o->instrument,
				 .order = o->id,
				 .px = o->px,
				 .qty = o->qty,
				 .recv_ns = df_now(d).mono_ns };
	diff_encode_id(o->id, r.client);
	memcpy(r.venue_order, o->venue_order, sizeof r.venue_order);
	/* Absence proves something only in a picture that was asked for after the order had had its time (F13, F64). */
	if (s->login_ns < o->sent_mono_ns + d->settle_ns)
		return -ERR_TIMEOUT;
	if (o->sent_mono_ns && o->sent_mono_ns < s->day_ns) {
		r.kind = EXEC_CANCELLED;
		r.why = CANCEL_EXPIRED;
		snprintf(r.text, sizeof r.text, "its trading day is over");
	}
	say(s, &r);
	return 0;
}

int df_report_state(struct df_session *s, const struct order *o)
{
	char id[VENUE_CLIENT_ID];
	diff_encode_id(o->id, id);
	const struct diff_order *p = diff_user_order(&s->picture, id);
	if (!p || !p->status)
		return tell_absent(s, o);
	if (p->status == DIFF_FINISHED && p->volume_left != DIFF_NONE) {
		tell_fills_again(s, id);
		tell_status(s, p,
			    p->volume_left == 0 ? ORDER_FILLED
			    : was_refused(p)	? ORDER_REJECTED
						: ORDER_CANCELLED);
		return 0;
	}
	if (!fresh(s))
		return -ERR_TIMEOUT;
	tell_fills_again(s, id);
	tell_status(s, p, ORDER_LIVE);
	return 0;
}

void df_report_void(struct df_session *s, const char *why)
{
	struct df_venue *d = s->owner;
	/* The core may place and ask from within: by index, each as it is found. */
	for (uint32_t i = 0; i < d->orders.cap; i++) {
		const struct bn_order *e = &d->orders.slot[i];
		if (!e->id || e->session != s->index)
			continue;
		struct exec_report r = { .kind = EXEC_UNKNOWN,
					 .side = e->side,
					 .venue = d->venue.index,
					 .account = s->account,
					 .instrument = e->instrument,
					 .order = e->id,
					 .px = e->px,
					 .qty = e->qty,
					 .recv_ns = df_now(d).mono_ns };
		diff_encode_id(e->id, r.client);
		memcpy(r.venue_order, e->venue_order, sizeof r.venue_order);
		snprintf(r.text, sizeof r.text, "%.95s", why);
		d->venue.host.on_exec(d->venue.host.core, &r);
	}
}

/* ---- account ---- */

void df_report_positions(struct df_session *s)
{
	struct df_venue *d = s->owner;
	int64_t now_ns = df_now(d).utc_ns;
	for (uint32_t k = 0; k < d->n_mine; k++) {
		const struct instrument *in = &d->instrument[d->mine[k]];
		int64_t qty[side_max][2] = { { 0 } };
		for (uint32_t i = 0; i < s->picture.positions.n; i++) {
			const struct diff_position *p = diff_position_at(&s->picture, i);
			if (instrument_of(s, p->exchange_id, p->instrument_id) != d->mine[k])
				continue;
			for (unsigned side = 0; side < side_max; side++)
				for (unsigned day = 0; day < 2; day++)
					qty[side][day] +=
						qty_of(in, diff_position_lots(p, side, day == 0));
		}
		d->venue.host.on_lots(d->venue.host.core, s->account, d->mine[k], qty, now_ns);
	}
}

void df_report_balances(struct df_session *s)
{
	struct df_venue *d = s->owner;
	for (uint32_t i = 0; i < s->picture.accounts.n; i++) {
		const struct diff_account *a = diff_account_at(&s->picture, i);
		asset_id asset = asset_intern(d->assets, a->currency[0] ? a->currency : a->key);
		if (!asset || a->available_e8 == DIFF_NONE || a->balance_e8 == DIFF_NONE)
			continue;
		d->venue.host.on_balance(d->venue.host.core, s->account, asset, a->available_e8,
					 a->balance_e8 - a->available_e8, df_now(d).utc_ns);
	}
	diff_table_taken(&s->picture.accounts);
}

/* ---- notices ---- */

static bool is_flow(int64_t code)
{
	return code == -2 || code == -3 || code == 40 || code == 41 || code == 116;
}

/* A cancel that was refused is a notice with the order's number at its end, or with none. */
static void cancel_refused(struct df_session *s, const struct diff_notify *n,
			   const struct diff_code *c)
{
	struct df_venue *d = s->owner;
	const char *at = strstr(n->content, "TDM");
	uint64_t id = at ? diff_decode_id(at, strcspn(at, " ,;|")) : 0;
	const struct bn_order *e = id ? bn_orders_find(&d->orders, id) : NULL;
	if (!e)
		return;
	struct exec_report r = { .kind = EXEC_CANCEL_REJECTED,
				 .side = e->side,
				 .venue = d->venue.index,
				 .account = s->account,
				 .instrument = e->instrument,
				 .order = id,
				 .px = e->px,
				 .qty = e->qty,
				 .code = (int32_t)n->code,
				 .reject_class = c->reject_class,
				 .recv_ns = df_now(d).mono_ns };
	diff_encode_id(id, r.client);
	memcpy(r.venue_order, e->venue_order, sizeof r.venue_order);
	snprintf(r.text, sizeof r.text, "%.95s", n->content);
	say(s, &r);
}

void df_report_notices(struct df_session *s)
{
	struct diff_user *u = &s->picture;
	for (uint32_t i = 0; i < u->n_notifies; i++) {
		const struct diff_notify *n = &u->notify[i];
		int64_t code = n->code == DIFF_NONE ? 0 : n->code;
		if (strcmp(n->level, "INFO") == 0 && !is_flow(code))
			continue;
		log_warn("%s: the counter says %lld %s", s->name, (long long)code, n->content);
		if (is_flow(code))
			bn_budget_pause(&s->owner->budget, df_now(s->owner).mono_ns + PAUSE_NS,
					true);
		if (strstr(n->content, "登录失败"))
			s->refused = true;
		if (strstr(n->content, "撤单失败"))
			cancel_refused(s, n, diff_code_find((int32_t)code, n->content));
	}
	u->n_notifies = 0;
}
