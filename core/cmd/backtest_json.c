/* A backtest as one JSON object. */
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/backtest_show.h"
#include "core/trade/risk.h"
#include "lua/host.h"
#include <stdlib.h>

#define ROOM (4u << 20)

static void put_days(struct json_out *j, const struct bt_instance *in)
{
	json_arr(j, "days");
	for (uint32_t k = 0; k < in->n_days; k++) {
		const struct bt_day *d = &in->day[k];
		json_obj(j, NULL);
		json_int(j, "day", d->date);
		json_uint(j, "sent", d->sent);
		json_uint(j, "hedged", d->hedged);
		json_uint(j, "flat", d->flat);
		json_uint(j, "broken", d->broken);
		json_uint(j, "fills", d->fills);
		json_dec(j, "net", d->net_e8, 8);
		json_dec(j, "fees", d->fees_e8, 8);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void put_pairs(struct json_out *j, const struct bt_instance *in)
{
	json_obj(j, "pairs");
	json_uint(j, "sent", in->sent);
	json_uint(j, "open", in->opened);
	json_uint(j, "close", in->closed);
	json_uint(j, "hedged", in->hedged);
	json_uint(j, "flat", in->flat);
	json_uint(j, "broken", in->broken);
	json_uint(j, "rescued", in->rescued);
	json_uint(j, "completed", in->completed);
	json_uint(j, "unwound", in->unwound);
	json_uint(j, "held", in->held_now);
	json_uint(j, "in_flight", in->in_flight);
	json_obj_end(j);
	json_obj(j, "orders");
	json_uint(j, "sent", in->orders);
	json_uint(j, "refused", in->rejects);
	json_uint(j, "cancelled", in->cancels);
	json_uint(j, "fills", in->fills);
	json_uint(j, "resting_fills", in->maker_fills);
	json_obj_end(j);
}

static void put_money(struct json_out *j, const struct config *c, const struct bt_instance *in)
{
	json_str(j, "money", asset_name(&c->assets, in->money));
	json_bool(j, "all_converted", in->priced);
	json_dec(j, "net", in->net_e8, 8);
	json_dec(j, "gross", in->net_e8 + in->fees_e8, 8);
	json_dec(j, "fees", in->fees_e8, 8);
	json_dec(j, "volume", in->volume_e8, 8);
	json_dec(j, "max_drawdown", in->drawdown_e8, 8);
	json_obj(j, "slippage");
	json_dec(j, "pairs", in->slip_e8, 8);
	json_dec(j, "rescues", in->rescue_slip_e8, 8);
	json_obj_end(j);
	json_obj(j, "naked");
	json_uint(j, "times", in->naked_times);
	json_int(j, "ns", in->naked_ns);
	json_int(j, "longest_ns", in->longest_naked_ns);
	json_dec(j, "most_base", in->most_naked_base_e8, 8);
	json_obj_end(j);
	json_num(j, "held_lots", in->pos_lots);
	json_dec(j, "unhedged_base", in->left_base_e8, 8);
}

static void put_params(struct json_out *j, const struct strategy *s)
{
	struct lua_param p;
	json_obj(j, "params");
	for (unsigned k = 0; lua_host_param(s, k, &p); k++)
		json_num(j, p.name, p.value);
	json_obj_end(j);
}

static void put_worst(struct json_out *j, const struct bt_tally *t, const struct bt_instance *in)
{
	char id[24];
	json_arr(j, "worst");
	for (uint32_t k = 0; k < in->n_worst; k++) {
		const struct bt_pair *p = &t->pair[in->worst[k]];
		snprintf(id, sizeof id, "%016llx", (unsigned long long)p->id);
		json_obj(j, NULL);
		json_str(j, "pair", id);
		json_int(j, "utc_ns", p->utc_ns);
		json_bool(j, "broken", p->broke);
		json_dec(j, "slippage", p->slip_e8, 8);
		json_dec(j, "fees", p->fees_e8, 8);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void put_instance(struct json_out *j, const struct backtest *b, uint16_t i)
{
	const struct config *c = backtest_config(b);
	const struct bt_tally *t = backtest_tally(b);
	json_obj(j, NULL);
	json_str(j, "instance", c->instance[i].name);
	json_str(j, "file", c->instance[i].file);
	json_uint(j, "version", backtest_script(b, i)->version);
	json_uint(j, "calls", backtest_script(b, i)->calls);
	json_uint(j, "errors", backtest_script(b, i)->errors);
	json_bool(j, "quarantined", backtest_script(b, i)->quarantined);
	put_params(j, backtest_script(b, i));
	put_pairs(j, &t->of[i]);
	put_money(j, c, &t->of[i]);
	put_days(j, &t->of[i]);
	put_worst(j, t, &t->of[i]);
	json_obj_end(j);
}

static void put_refused(struct json_out *j, const struct backtest *b)
{
	const struct why *w = &backtest_tally(b)->why;
	json_arr(j, "gates");
	for (size_t k = 0; k < w->n_gates; k++) {
		const struct why_gate *g = &w->gates[k];
		json_obj(j, NULL);
		json_str(j, "instance", backtest_name(b, NAME_INSTANCE, g->instance));
		json_str(j, "gate", gate_name((enum gate)g->gate));
		json_str(j, "instrument", backtest_name(b, NAME_INSTRUMENT, g->instrument));
		json_uint(j, "triggers", g->triggers);
		json_uint(j, "times", g->span.times);
		json_int(j, "closed_ns", g->span.ns);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_arr(j, "limits");
	for (size_t k = 0; k < w->n_risks; k++) {
		const struct why_risk *r = &w->risks[k];
		json_obj(j, NULL);
		json_str(j, "instance", backtest_name(b, NAME_INSTANCE, r->instance));
		json_str(j, "limit", risk_limit_name((enum risk_limit)r->limit));
		json_uint(j, "times", r->times);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void put_venues(struct json_out *j, const struct backtest *b)
{
	const struct config *c = backtest_config(b);
	json_arr(j, "venues");
	for (uint16_t v = 0; v < c->n_venues; v++) {
		const struct paper_stats *s = backtest_venue(b, v);
		json_obj(j, NULL);
		json_str(j, "venue", c->venue[v].name);
		json_str(j, "recorded_as", reel_recorded_as(backtest_reel(b), v));
		json_bool(j, "clock", reel_has_clock(backtest_reel(b), v));
		json_int(j, "latency_ns", backtest_latency_ns(b, v));
		json_uint(j, "orders", s->orders);
		json_uint(j, "fills", s->fills);
		json_obj(j, "refused");
		for (int k = 0; k < reject_class_max; k++)
			if (s->refused[k])
				json_uint(j, reject_class_name((enum reject_class)k),
					  s->refused[k]);
		json_obj_end(j);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void put_sentences(struct json_out *j, const struct backtest *b, const char *key,
			  bool (*says)(const struct backtest *, unsigned, char *))
{
	char text[BACKTEST_SENTENCE];
	json_arr(j, key);
	for (unsigned i = 0; says(b, i, text); i++)
		json_str(j, NULL, text);
	json_arr_end(j);
}

int backtest_json(const struct backtest *b, const char *html, FILE *f)
{
	const struct config *c = backtest_config(b);
	const struct reel_stats *r = reel_stats(backtest_reel(b));
	char *text = malloc(ROOM);
	struct json_out j;
	int64_t from, to;
	if (!text)
		return err_set(ERR_NOMEM, "no memory for the answer");
	backtest_span(b, &from, &to);
	json_out_init(&j, text, ROOM);
	json_obj(&j, NULL);
	json_bool(&j, "ok", true);
	json_str(&j, "config", c->file);
	json_int(&j, "from_ns", from);
	json_int(&j, "to_ns", to);
	json_uint(&j, "events", r->events);
	json_uint(&j, "prices", r->quotes);
	json_uint(&j, "receipts", backtest_tally(b)->receipts);
	json_uint(&j, "seed", backtest_options(b)->seed);
	json_arr(&j, "instances");
	for (uint16_t i = 0; i < c->n_instances; i++)
		if (backtest_runs(b, i))
			put_instance(&j, b, i);
	json_arr_end(&j);
	put_refused(&j, b);
	put_venues(&j, b);
	put_sentences(&j, b, "mind", backtest_warns);
	put_sentences(&j, b, "assumed", backtest_assumes);
	json_str(&j, "html", html);
	json_str(&j, "out", backtest_options(b)->out);
	json_obj_end(&j);
	int rc = j.full ? err_set(ERR_RANGE, "the answer is too long for one object") : 0;
	if (!rc)
		fprintf(f, "%s\n", text);
	free(text);
	return rc;
}
