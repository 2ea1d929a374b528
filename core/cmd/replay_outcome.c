#include "core/cmd/replay_outcome.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/cmd/backtest.h"
#include "core/cmd/row.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MOST 50

static void add_up(const struct backtest *b, struct replay_outcome *out)
{
	const struct config *c = backtest_config(b);
	const struct bt_tally *t = backtest_tally(b);
	asset_id money = 0;
	out->priced = true;
	for (uint16_t i = 0; i < c->n_instances; i++) {
		const struct bt_instance *x = &t->of[i];
		if (!backtest_runs(b, i))
			continue;
		out->sent += x->sent;
		out->hedged += x->hedged;
		out->flat += x->flat;
		out->broken += x->broken;
		out->orders += x->orders;
		out->fills += x->fills;
		out->net_e8 += x->net_e8;
		out->fees_e8 += x->fees_e8;
		out->priced &= x->priced && (!money || money == x->money);
		money = x->money;
	}
	if (money < c->assets.n)
		snprintf(out->money, sizeof out->money, "%s", c->assets.name[money]);
}

static int run_side(const struct replay_other *o, const struct replay_options *span, bool other,
		    struct replay_outcome *out)
{
	struct backtest_options *p = calloc(1, sizeof *p);
	struct backtest *b = NULL;
	if (!p)
		return err_set(ERR_NOMEM, "no memory for a backtest");
	p->config = other && o->config ? o->config : o->config_then;
	p->strategy = other ? o->strategy : NULL;
	p->instance = o->instance ? o->instance : o->strategy && o->n_names ? o->name[0] : NULL;
	p->recording = &span->path;
	p->n_recordings = 1;
	p->from_ns = span->from_ns;
	p->to_ns = span->to_ns;
	p->seed = 1;
	int rc = backtest_open(p, &b);
	if (!rc)
		rc = backtest_run(b);
	if (!rc)
		add_up(b, out);
	backtest_close(b);
	free(p);
	return err_ctx(rc, "what would have come of %s", other ? "the other version" : "it then");
}

int replay_outcome(const struct replay_other *o, const struct replay_options *span,
		   struct replay_outcome out[2])
{
	memset(out, 0, 2 * sizeof *out);
	int rc = run_side(o, span, false, &out[0]);
	return rc ? rc : run_side(o, span, true, &out[1]);
}

/* ---------------------------------------------------------------- told */

static const char *wish(const struct other_wish *w, char out[64])
{
	if (!w->n)
		snprintf(out, 64, "nothing");
	else
		snprintf(out, 64, "%s %s %g lots%s", w->intent == INTENT_OPEN ? "open" : "close",
			 w->side == SIDE_BUY ? "buy" : "sell", w->lots,
			 w->n > 1 ? " and more" : "");
	return out;
}

static void tell_side(const char *which, const struct replay_outcome *x, FILE *f)
{
	char net[24], fees[24];
	dec_format(x->net_e8, MONEY_DP, 2, net);
	dec_format(x->fees_e8, MONEY_DP, 2, fees);
	fprintf(f,
		"%-6s %" PRIu64 " pairs sent: %" PRIu64 " hedged, %" PRIu64 " flat, %" PRIu64
		" broke; %" PRIu64 " orders, %" PRIu64 " fills",
		which, x->sent, x->hedged, x->flat, x->broken, x->orders, x->fills);
	if (x->priced)
		fprintf(f, "; net %s, fees %s %s", net, fees, x->money);
	fputc('\n', f);
}

void replay_outcome_text(const struct replay_other *o, const struct replay_outcome side[2], FILE *f)
{
	char at[32], a[64], b[64];
	fprintf(f,
		"of %" PRIu64 " calls that both were shown, %zu came out otherwise (%" PRIu64
		" pairs proposed then, %" PRIu64 " now)\n",
		o->calls, o->n_decisions, o->then_proposed, o->now_proposed);
	for (size_t i = 0; i < o->n_decisions && i < SHOWN_MOST; i++) {
		const struct other_decision *d = &o->decision[i];
		row_time(d->utc_ns, at);
		fprintf(f,
			"  %s %s call %" PRIu64
			": basis sell %.3f bp, buy %.3f bp; then %s, now %s\n",
			at, o->name[d->instance], d->call, d->sell_bp, d->buy_bp, wish(&d->then, a),
			wish(&d->now, b));
	}
	if (o->n_decisions > SHOWN_MOST)
		fprintf(f, "  and %zu more: --json has them all\n", o->n_decisions - SHOWN_MOST);
	if (o->errors)
		fprintf(f, "  %" PRIu64 " calls of the other version failed\n", o->errors);
	fputs("what would have come of it with the matching core, each from a position of its own:\n",
	      f);
	tell_side("then", &side[0], f);
	tell_side("now", &side[1], f);
}

static void json_wish(struct json_out *j, const char *name, const struct other_wish *w)
{
	json_obj(j, name);
	json_int(j, "pairs", w->n);
	if (w->n) {
		json_str(j, "intent", w->intent == INTENT_OPEN ? "open" : "close");
		json_str(j, "side", w->side == SIDE_BUY ? "buy" : "sell");
		json_num(j, "lots", w->lots);
	}
	json_obj_end(j);
}

static void json_side(struct json_out *j, const char *name, const struct replay_outcome *x)
{
	json_obj(j, name);
	json_int(j, "sent", (int64_t)x->sent);
	json_int(j, "hedged", (int64_t)x->hedged);
	json_int(j, "flat", (int64_t)x->flat);
	json_int(j, "broken", (int64_t)x->broken);
	json_int(j, "orders", (int64_t)x->orders);
	json_int(j, "fills", (int64_t)x->fills);
	if (x->priced) {
		json_dec(j, "net", x->net_e8, MONEY_DP);
		json_dec(j, "fees", x->fees_e8, MONEY_DP);
		json_str(j, "money", x->money);
	}
	json_obj_end(j);
}

void replay_outcome_json(const struct replay_other *o, const struct replay_outcome side[2],
			 struct json_out *j)
{
	char at[32];
	json_int(j, "compared_calls", (int64_t)o->calls);
	json_int(j, "different", (int64_t)o->n_decisions);
	json_arr(j, "decisions_that_differ");
	for (size_t i = 0; i < o->n_decisions; i++) {
		const struct other_decision *d = &o->decision[i];
		row_time(d->utc_ns, at);
		json_obj(j, NULL);
		json_str(j, "time", at);
		json_str(j, "instance", o->name[d->instance]);
		json_int(j, "call", (int64_t)d->call);
		json_num(j, "sell_bp", d->sell_bp);
		json_num(j, "buy_bp", d->buy_bp);
		json_wish(j, "then", &d->then);
		json_wish(j, "now", &d->now);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_side(j, "outcome_then", &side[0]);
	json_side(j, "outcome_now", &side[1]);
}
