/* Costs for programs: JSON lines and CSV. */
#include "core/base/dec.h"
#include "core/cmd/row.h"
#include "core/cmd/tca_show.h"
#include "core/trade/pair.h"
#include <math.h>
#include <string.h>

#define LINE_BYTES 8192

static const char *name(const struct reader *r, enum name_space space, uint32_t id)
{
	const char *text = reader_name(r, space, id);
	return text ? text : "";
}

/* "leg gap" is leg_gap_us: the unit is part of a name. */
static const char *key(enum tca_step s, char out[48])
{
	snprintf(out, 48, "%s_us", tca_step_name(s));
	for (char *c = out; *c; c++)
		*c = *c == ' ' ? '_' : *c;
	return out;
}

static void json_money(struct json_out *j, int64_t slip_e8, int64_t chase_e8, int64_t unwind_e8,
		       int64_t fee_e8)
{
	json_dec(j, "slip", slip_e8, 8);
	json_dec(j, "chase", chase_e8, 8);
	json_dec(j, "unwinding", unwind_e8, 8);
	json_dec(j, "fees", fee_e8, 8);
}

static void json_leg_sum(struct json_out *j, const struct tca_leg_sum *l, const struct reader *r)
{
	json_obj(j, NULL);
	json_str(j, "instrument", name(r, NAME_INSTRUMENT, l->instrument));
	json_uint(j, "orders", l->orders);
	json_uint(j, "fills", l->fills);
	json_uint(j, "maker", l->maker);
	json_num(j, "delay_ticks", l->delay_of ? l->delay / l->delay_of : NAN);
	json_num(j, "slip_ticks", l->ticks_of ? l->ticks / l->ticks_of : NAN);
	json_money(j, l->slip_e8, l->chase_e8, l->unwind_e8, l->fee_e8);
	json_obj_end(j);
}

static void json_hist(struct json_out *j, enum tca_step s, const struct hist *h)
{
	char text[48];
	json_obj(j, key(s, text));
	json_uint(j, "n", h->count);
	json_num(j, "p50", (double)hist_quantile(h, .5) / 1e3);
	json_num(j, "p90", (double)hist_quantile(h, .9) / 1e3);
	json_num(j, "p99", (double)hist_quantile(h, .99) / 1e3);
	json_num(j, "worst", (double)h->max / 1e3);
	json_obj_end(j);
}

void tca_json_strategy(struct tca_strategy *g, const struct reader *r, FILE *f)
{
	char line[LINE_BYTES], from[32], to[32];
	struct json_out j;
	row_time(g->first_utc_ns, from);
	row_time(g->last_utc_ns, to);
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_str(&j, "of", "strategy");
	json_str(&j, "instance", name(r, NAME_INSTANCE, g->instance));
	json_str(&j, "script", name(r, NAME_SCRIPT, g->script));
	json_str(&j, "from", from);
	json_str(&j, "to", to);
	json_uint(&j, "pairs", g->pairs);
	json_uint(&j, "hedged", g->hedged);
	json_uint(&j, "flat", g->flat);
	json_uint(&j, "refused", g->refused);
	json_uint(&j, "held", g->held);
	json_uint(&j, "open", g->open);
	json_uint(&j, "broke", g->broke);
	json_uint(&j, "completed", g->completed);
	json_uint(&j, "unwound", g->unwound);
	json_uint(&j, "resumed", g->resumed);
	json_uint(&j, "unpriced", g->unpriced);
	json_str(&j, "money", name(r, NAME_ASSET, g->money));
	json_dec(&j, "moved", g->value_e8, 8);
	json_money(&j, g->slip_e8, g->chase_e8, g->unwind_e8, g->fee_e8);
	json_num(&j, "cost_bp_p50", tca_sum_cost_bp(g, .5));
	json_num(&j, "cost_bp_p90", tca_sum_cost_bp(g, .9));
	json_num(&j, "cost_bp_p99", tca_sum_cost_bp(g, .99));
	json_num(&j, "cost_bp_worst", tca_sum_cost_bp(g, 1));
	json_arr(&j, "legs");
	for (uint32_t i = 0; i < g->n_legs; i++)
		json_leg_sum(&j, &g->leg[i], r);
	json_arr_end(&j);
	for (int k = 0; k < tca_step_max; k++)
		json_hist(&j, (enum tca_step)k, &g->step[k]);
	json_obj_end(&j);
	fprintf(f, "%s\n", line);
}

static void json_leg(struct json_out *j, const struct tca_leg *l, const struct reader *r)
{
	int64_t hundredths;
	json_obj(j, NULL);
	json_str(j, "instrument", name(r, NAME_INSTRUMENT, l->instrument));
	json_str(j, "account", name(r, NAME_ACCOUNT, l->account));
	json_str(j, "side", l->side == SIDE_BUY ? "buy" : "sell");
	json_dec(j, "wanted", l->want_qty, l->qty_dp);
	json_dec(j, "filled", l->qty, l->qty_dp);
	json_dec(j, "unwound", l->back_qty, l->qty_dp);
	json_dec(j, "decision_px", l->ref_px, l->px_dp);
	if (l->arrival_px)
		json_dec(j, "arrival_px", l->arrival_px, l->px_dp);
	if (l->qty > 0)
		json_dec(j, "average_px", tca_average_px(l), l->px_dp);
	if (tca_slip_ticks(l, &hundredths))
		json_dec(j, "slip_ticks", hundredths, 2);
	json_uint(j, "orders", l->orders);
	json_uint(j, "fills", l->fills);
	json_uint(j, "maker", l->maker);
	json_money(j, l->slip_e8, l->chase_e8, l->unwind_e8, l->fee_e8);
	json_obj_end(j);
}

void tca_json_pair(const struct tca_pair *p, const struct reader *r, FILE *f)
{
	char line[LINE_BYTES], text[48];
	struct json_out j;
	double bp;
	row_time(p->utc_ns, text);
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_str(&j, "of", "pair");
	json_str(&j, "decided", text);
	snprintf(text, sizeof text, "%016llx", (unsigned long long)p->id);
	json_str(&j, "pair", text);
	json_str(&j, "instance", name(r, NAME_INSTANCE, p->instance));
	json_str(&j, "script", name(r, NAME_SCRIPT, p->script));
	json_str(&j, "intent", pair_intent_name((enum pair_intent)p->intent));
	json_str(&j, "state", pair_state_name((enum pair_state)p->state));
	json_bool(&j, "broke", p->broke);
	json_bool(&j, "held", p->held);
	json_bool(&j, "resumed", p->resumed);
	json_bool(&j, "priced", p->priced);
	if (p->basis_bp_nano != TCA_UNKNOWN)
		json_dec(&j, "basis_bp", p->basis_bp_nano, 9);
	json_str(&j, "money", name(r, NAME_ASSET, p->money));
	json_dec(&j, "moved", p->value_e8, 8);
	json_money(&j, p->slip_e8, p->chase_e8, p->unwind_e8, p->fee_e8);
	json_num(&j, "cost_bp", tca_cost_bp(p, &bp) ? bp : NAN);
	for (int k = 0; k < tca_step_max; k++)
		json_num(&j, key((enum tca_step)k, text),
			 p->step_ns[k] == TCA_UNKNOWN ? NAN : (double)p->step_ns[k] / 1e3);
	json_arr(&j, "legs");
	for (uint32_t i = 0; i < p->n_legs; i++)
		json_leg(&j, &p->leg[i], r);
	json_arr_end(&j);
	json_obj_end(&j);
	fprintf(f, "%s\n", line);
}

/* ---------------------------------------------------------------- CSV */

void tca_csv_head(FILE *f)
{
	char text[48];
	fputs("pair,decided,instance,script,intent,state,broke,held,resumed,priced,money,pair_moved,pair_cost_bp",
	      f);
	for (int k = 0; k < tca_step_max; k++)
		fprintf(f, ",%s", key((enum tca_step)k, text));
	fputs(",leg,instrument,account,side,wanted,filled,unwound,decision_px,arrival_px,average_px,slip_ticks,orders,fills,maker,slip,chase,unwinding,fees\n",
	      f);
}

static void put_dec(FILE *f, int64_t v, unsigned dp)
{
	char text[24];
	dec_format(v, dp, 0, text);
	fprintf(f, ",%s", text);
}

static void put_if(FILE *f, bool known, int64_t v, unsigned dp)
{
	if (known)
		put_dec(f, v, dp);
	else
		fputc(',', f);
}

static void csv_leg(const struct tca_pair *p, uint32_t i, const struct reader *r, FILE *f)
{
	const struct tca_leg *l = &p->leg[i];
	int64_t hundredths = 0;
	bool ticks = tca_slip_ticks(l, &hundredths);
	fprintf(f, ",%u,%s,%s,%s", i, name(r, NAME_INSTRUMENT, l->instrument),
		name(r, NAME_ACCOUNT, l->account), l->side == SIDE_BUY ? "buy" : "sell");
	put_dec(f, l->want_qty, l->qty_dp);
	put_dec(f, l->qty, l->qty_dp);
	put_dec(f, l->back_qty, l->qty_dp);
	put_dec(f, l->ref_px, l->px_dp);
	put_if(f, l->arrival_px != 0, l->arrival_px, l->px_dp);
	put_if(f, l->qty > 0, tca_average_px(l), l->px_dp);
	put_if(f, ticks, hundredths, 2);
	fprintf(f, ",%u,%u,%u", l->orders, l->fills, l->maker);
	put_dec(f, l->slip_e8, 8);
	put_dec(f, l->chase_e8, 8);
	put_dec(f, l->unwind_e8, 8);
	put_dec(f, l->fee_e8, 8);
	fputc('\n', f);
}

void tca_csv_pair(const struct tca_pair *p, const struct reader *r, FILE *f)
{
	char at[32];
	double bp;
	row_time(p->utc_ns, at);
	for (uint32_t i = 0; i < p->n_legs; i++) {
		fprintf(f, "%016llx,%s,%s,%s,%s,%s,%d,%d,%d,%d,%s", (unsigned long long)p->id, at,
			name(r, NAME_INSTANCE, p->instance), name(r, NAME_SCRIPT, p->script),
			pair_intent_name((enum pair_intent)p->intent),
			pair_state_name((enum pair_state)p->state), p->broke, p->held, p->resumed,
			p->priced, name(r, NAME_ASSET, p->money));
		put_dec(f, p->value_e8, 8);
		if (tca_cost_bp(p, &bp))
			fprintf(f, ",%.6g", bp);
		else
			fputc(',', f);
		for (int k = 0; k < tca_step_max; k++)
			put_if(f, p->step_ns[k] != TCA_UNKNOWN, p->step_ns[k], 3);
		csv_leg(p, i, r, f);
	}
}
