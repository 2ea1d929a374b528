/* explain as one JSON object. */
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/explain.h"
#include "core/cmd/tell.h"
#include "core/trade/order.h"
#include "core/trade/pair.h"
#include <inttypes.h>
#include <stdlib.h>

#define JSON_A_RECEIPT 4096
#define JSON_HEAD      (8192 + LANE_ORDERS * 512 + LANE_STATES * 64 + LANE_MARKS * 96)

static void json_name(struct json_out *j, const struct explain *e, const char *key,
		      enum name_space space, uint32_t id)
{
	if (id)
		json_str(j, key, tell_name(e->reader, space, id));
}

static void json_leg(struct json_out *j, const struct explain *e, unsigned i)
{
	const struct story_leg *l = &e->story.leg[i];
	const struct fact *f = &l->f;
	struct fact average = explain_average(&e->story, l);
	int64_t slip;
	if (!l->known)
		return;
	json_obj(j, NULL);
	json_uint(j, "leg", i);
	json_name(j, e, "instrument", NAME_INSTRUMENT, f->instrument);
	json_name(j, e, "account", NAME_ACCOUNT, f->account);
	json_name(j, e, "venue", NAME_VENUE, f->venue);
	json_str(j, "side", f->side == SIDE_BUY ? "buy" : "sell");
	json_dec(j, "want_qty", l->want_qty, f->qty_dp);
	if (explain_own(&e->story))
		json_dec(j, "held_qty", l->held_qty, f->qty_dp);
	json_dec(j, "trigger_px", l->ref_px, f->px_dp);
	json_dec(j, "limit_px", l->limit_px, f->px_dp);
	json_dec(j, "filled_qty", l->own_qty, f->qty_dp);
	json_dec(j, "net_qty", l->net_qty, f->qty_dp);
	if (l->own_qty > 0) {
		json_dec(j, "average_px", average.px, f->px_dp);
		if (story_slip(&e->story, &average, &slip))
			json_dec(j, "slippage_ticks", slip, 2);
	}
	json_arr(j, "fees");
	for (unsigned k = 0; k < STORY_FEES && l->fee[k].sum_e8; k++) {
		json_obj(j, NULL);
		json_dec(j, "fee", l->fee[k].sum_e8, 8);
		json_name(j, e, "asset", NAME_ASSET, l->fee[k].asset);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_obj_end(j);
}

static void json_event(struct json_out *j, const struct explain *e, const struct fact *f)
{
	char words[TELL_BYTES];
	struct row row;
	int64_t slip;
	row_make(&row, e->reader, f);
	tell(&e->story, e->reader, f, words);
	json_obj(j, NULL);
	json_dec(j, "us", story_since_ns(&e->story, f), 3);
	row_json(&row, j);
	if (f->kind == FACT_FILL && story_slip(&e->story, f, &slip))
		json_dec(j, "slippage_ticks", slip, 2);
	json_str(j, "text", words);
	json_obj_end(j);
}

static void json_head(struct json_out *j, const struct explain *e)
{
	const struct story *s = &e->story;
	char id[24];
	snprintf(id, sizeof(id), "%016" PRIx64, s->pair);
	json_str(j, "pair", id);
	json_str(j, "intent", explain_intent(s));
	json_str(j, "state", explain_state(s));
	json_bool(j, "ended", s->ended);
	json_str(j, "why", s->why);
	if (s->asked.kind != FACT_NONE)
		json_str(j, "asked", s->asked.text);
	json_int(j, "utc_ns", s->utc_ns);
	json_dec(j, "took_us", s->took_ns, 3);
	json_name(j, e, "instance", NAME_INSTANCE, s->instance);
	json_name(j, e, "script_sha256", NAME_SCRIPT, s->script);
	if (s->script_fact.kind == FACT_SCRIPT) {
		json_str(j, "script", s->script_fact.text);
		json_int(j, "script_version", s->script_fact.num[0]);
	}
	if (s->session.kind == FACT_SESSION_OPEN)
		json_str(j, "host", s->session.text);
	json_dec(j, "imbalance_base", s->imbalance_e8, 8);
	json_dec(j, "residual_base", s->residual_e8, 8);
	json_uint(j, "orders", s->orders);
	json_uint(j, "fills", s->fills);
	json_uint(j, "rescues", s->rescues);
	json_bool(j, "cut", s->cut);
}

/* What is drawn, for whoever draws it anew. */
static void json_lane(struct json_out *j, const struct explain *e, unsigned i)
{
	const struct lanes *l = &e->lanes;
	const struct lane_order *o = &l->order[i];
	char id[24];
	snprintf(id, sizeof(id), "%016" PRIx64, o->fact->order);
	json_obj(j, NULL);
	json_str(j, "order", id);
	json_uint(j, "leg", o->fact->leg);
	json_str(j, "side", o->fact->side == SIDE_BUY ? "buy" : "sell");
	json_bool(j, "rescue", o->rescue);
	json_dec(j, "px", o->fact->px, o->fact->px_dp);
	json_dec(j, "qty", o->fact->qty, o->fact->qty_dp);
	json_dec(j, "filled_qty", o->filled_qty, o->fact->qty_dp);
	json_dec(j, "from_us", o->from_ns, 3);
	json_dec(j, "heard_us", o->heard_ns, 3);
	json_dec(j, "to_us", o->to_ns, 3);
	json_bool(j, "ended", o->ended);
	if (o->state < order_state_max)
		json_str(j, "state", order_state_name((enum order_state)o->state));
	json_arr(j, "marks");
	for (unsigned k = 0; k < l->n_marks; k++) {
		if (l->mark[k].order != i)
			continue;
		json_obj(j, NULL);
		json_dec(j, "us", l->mark[k].at_ns, 3);
		json_str(j, "what", lane_mark_words((enum lane_mark_kind)l->mark[k].kind));
		json_uint(j, "seq", l->mark[k].fact->seq);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_obj_end(j);
}

static void json_lanes(struct json_out *j, const struct explain *e)
{
	const struct lanes *l = &e->lanes;
	json_arr(j, "lanes");
	for (unsigned i = 0; i < l->n_orders; i++)
		json_lane(j, e, i);
	json_arr_end(j);
	json_arr(j, "states");
	for (unsigned i = 0; i < l->n_states; i++) {
		json_obj(j, NULL);
		json_dec(j, "us", l->state[i].from_ns, 3);
		if (l->state[i].state < pair_state_max)
			json_str(j, "state", pair_state_name((enum pair_state)l->state[i].state));
		json_obj_end(j);
	}
	json_arr_end(j);
}

int explain_json(const struct explain *e, FILE *f)
{
	const struct story *s = &e->story;
	size_t cap = JSON_HEAD + (size_t)s->n * JSON_A_RECEIPT;
	char *buf = malloc(cap);
	if (!buf)
		return err_set(ERR_NOMEM, "no memory for a story of %u receipts", s->n);
	struct json_out j;
	json_out_init(&j, buf, cap);
	json_obj(&j, NULL);
	json_head(&j, e);
	json_arr(&j, "legs");
	for (unsigned i = 0; i < s->n_legs; i++)
		json_leg(&j, e, i);
	json_arr_end(&j);
	json_lanes(&j, e);
	json_arr(&j, "events");
	for (uint32_t i = 0; i < s->n; i++)
		json_event(&j, e, &s->fact[i]);
	json_arr_end(&j);
	json_obj_end(&j);
	int rc = j.full ? err_set(ERR_FULL, "the story does not fit its buffer") : 0;
	if (!rc)
		fprintf(f, "%s\n", buf);
	free(buf);
	return rc;
}
