#include "core/cmd/recon_show.h"
#include "core/base/dec.h"
#include "core/base/json_out.h"
#include "core/cmd/row.h"
#include "core/cmd/tell.h"
#include <inttypes.h>
#include <string.h>

#define LINE_BYTES 2048
#define SHOWN	   50 /* of each sort, in words */

bool recon_clean(const struct recon_view *v)
{
	uint64_t n = v->bad;
	for (int w = 0; w < recon_what_max; w++)
		n += v->recon->found[w];
	return n == 0;
}

/* ---------------------------------------------------------------- one finding */

/* A row of theirs, a receipt of ours, or both. */
struct finding {
	enum recon_what what;
	const struct recon_row *row; /* NULL: only ours */
	struct fact f;		     /* kind FACT_NONE: only theirs */
};

typedef void finding_fn(const struct recon_view *v, const struct finding *x, FILE *f);

static enum recon_what what_of(const struct recon_row *r)
{
	return r->twice ? RECON_TWICE_THEIRS : r->seq ? RECON_DIFFERS : RECON_ONLY_THEIRS;
}

static void each(const struct recon_view *v, enum recon_what only, uint64_t max, finding_fn *fn,
		 FILE *f)
{
	const struct recon *c = v->recon;
	uint64_t n = 0;
	for (uint32_t i = 0; i < c->n && n < max; i++) {
		struct finding x = { .what = what_of(&c->row[i]), .row = &c->row[i] };
		if ((x.row->seq && !x.row->diff && !x.row->twice) ||
		    (only != recon_what_max && x.what != only))
			continue;
		if (x.row->seq && reader_get(v->reader, x.row->seq, &x.f))
			continue;
		fn(v, &x, f);
		n++;
	}
	for (uint32_t i = 0; i < c->n_ours && n < max; i++) {
		struct finding x = { .what = c->ours[i].twice ? RECON_TWICE_OURS
							      : RECON_ONLY_OURS };
		if ((only != recon_what_max && x.what != only) ||
		    reader_get(v->reader, c->ours[i].seq, &x.f))
			continue;
		fn(v, &x, f);
		n++;
	}
}

static const char *dec(int64_t v, unsigned dp, char out[24])
{
	dec_format(v, dp, 0, out);
	return out;
}

static const char *side(unsigned s)
{
	return s == SIDE_BUY ? "buy" : "sell";
}

static void say_row(const struct recon_view *v, const struct recon_row *r, FILE *f)
{
	const struct recon *c = v->recon;
	char qty[24], px[24], fee[24], at[32] = "";
	if (r->at_ns)
		row_time(r->at_ns, at);
	fprintf(f, "line %" PRIu64 ": %s%s%s %s %s at %s", r->line, at, at[0] ? " " : "",
		side(r->side), dec(r->qty, r->qty_dp, qty), c->name[r->symbol],
		dec(r->px, r->px_dp, px));
	if (r->fee_known)
		fprintf(f, ", fee %s %s", dec(r->fee, r->fee_dp, fee), c->name[r->fee_asset]);
	fprintf(f, ", execution %s of order %s", c->text + r->exec, c->text + r->order);
}

static void say_fact(const struct recon_view *v, const struct fact *x, FILE *f)
{
	char qty[24], px[24], fee[24], at[32];
	row_time(x->venue_ns ? x->venue_ns : x->utc_ns, at);
	fprintf(f, "receipt %" PRIu64 ": %s %s %s %s at %s, fee %s %s, execution %s of order %s%s",
		x->seq, at, side(x->side), dec(x->qty, x->qty_dp, qty),
		tell_name(v->reader, NAME_INSTRUMENT, x->instrument), dec(x->px, x->px_dp, px),
		dec(x->fee_e8, 8, fee), tell_name(v->reader, NAME_ASSET, x->fee_asset), x->exec,
		x->venue_order, x->kind == FACT_FOREIGN ? ", none of our orders" : "");
}

static void say(const struct recon_view *v, const struct finding *x, FILE *f)
{
	char diff[80];
	fputs("  ", f);
	if (x->row)
		say_row(v, x->row, f);
	if (x->row && x->f.kind)
		fprintf(f, "\n    %s: ", recon_diff_text(x->row->diff, diff));
	if (x->f.kind)
		say_fact(v, &x->f, f);
	fputc('\n', f);
}

/* ---------------------------------------------------------------- in words */

static const char *const heads[] = {
	[RECON_ONLY_THEIRS] = "executions that only the statement has",
	[RECON_ONLY_OURS] = "executions that only the receipts have",
	[RECON_DIFFERS] = "executions that both have, told differently",
	[RECON_TWICE_THEIRS] = "executions that the statement has twice",
	[RECON_TWICE_OURS] = "executions that were booked twice",
};
_Static_assert(sizeof heads / sizeof *heads == recon_what_max, "words for each");

static void show_sums(const struct recon_view *v, FILE *f)
{
	const struct recon *c = v->recon;
	char a[24], b[24], x[24], y[24], p[24], q[24];
	fprintf(f, "%-20s %-14s %7s %13s %13s %13s %13s %12s %12s %s\n", "instrument", "account",
		"joined", "bought, ours", "theirs", "sold, ours", "theirs", "fees, ours", "theirs",
		"in");
	for (uint32_t i = 0; i < c->n_sums; i++) {
		const struct recon_sum *s = &c->sum[i];
		fprintf(f, "%-20s %-14s %7" PRIu64 " %13s %13s %13s %13s %12s %12s %s\n",
			tell_name(v->reader, NAME_INSTRUMENT, s->instrument),
			tell_name(v->reader, NAME_ACCOUNT, s->account), s->joined,
			dec(s->ours_e8[SIDE_BUY], 8, a), dec(s->theirs_e8[SIDE_BUY], 8, b),
			dec(s->ours_e8[SIDE_SELL], 8, x), dec(s->theirs_e8[SIDE_SELL], 8, y),
			dec(s->our_fee_e8, 8, p), dec(s->their_fee_e8, 8, q),
			tell_name(v->reader, NAME_ASSET, s->fee_asset));
	}
}

/* Accounts with executions of that time of which the statement has none: it may be of another account, or lack all of it. */
static void show_others(const struct recon_view *v, FILE *f)
{
	const struct recon *c = v->recon;
	for (uint32_t i = 0; i < c->n_sums; i++) {
		bool said = recon_is_of(c, c->sum[i].account);
		for (uint32_t k = 0; k < i && !said; k++)
			said = c->sum[k].account == c->sum[i].account;
		if (!said)
			fprintf(f,
				"note: account %s traded in that time, and the statement has nothing of it; --account %s asks for it\n",
				tell_name(v->reader, NAME_ACCOUNT, c->sum[i].account),
				tell_name(v->reader, NAME_ACCOUNT, c->sum[i].account));
	}
}

void recon_show(const struct recon_view *v, const char *statement, FILE *f)
{
	const struct recon *c = v->recon;
	char from[32], to[32];
	row_time(c->from_ns, from);
	row_time(c->to_ns, to);
	fprintf(f, "%s: %u executions", statement, c->n);
	if (c->to_ns < INT64_MAX)
		fprintf(f, ", %.19s to %.19s UTC", from, to);
	if (c->out_of_span)
		fprintf(f, "; %" PRIu64 " of another time", c->out_of_span);
	fprintf(f, "\n%" PRIu64 " joined with receipts, %" PRIu64 " of them of no order of ours",
		c->joined, c->foreign);
	if (c->busts)
		fprintf(f, "; %" PRIu64 " that were taken back are left out", c->busts);
	fputs("\n\n", f);
	show_sums(v, f);
	for (int w = 0; w < recon_what_max; w++) {
		if (!c->found[w])
			continue;
		fprintf(f, "\n%" PRIu64 " %s:\n", c->found[w], heads[w]);
		each(v, (enum recon_what)w, SHOWN, say, f);
		if (c->found[w] > SHOWN)
			fprintf(f, "  and %" PRIu64 " more: --csv and --json have all of them\n",
				c->found[w] - SHOWN);
	}
	if (v->bad)
		fprintf(f, "\n%" PRIu64 " rows cannot be read; they are not part of this\n",
			v->bad);
	fputc('\n', f);
	show_others(v, f);
	fputs(recon_clean(v) ? "all of it is joined and the same\n" : "NOT the same\n", f);
}

/* ---------------------------------------------------------------- for programs */

static void json_one(const struct recon_view *v, const struct finding *x, FILE *f)
{
	const struct recon *c = v->recon;
	char line[LINE_BYTES], diff[80], at[32];
	struct json_out j;
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_str(&j, "what", recon_what_name(x->what));
	if (x->row && x->f.kind)
		json_str(&j, "differs", recon_diff_text(x->row->diff, diff));
	if (x->row) {
		const struct recon_row *r = x->row;
		json_obj(&j, "theirs");
		json_uint(&j, "line", r->line);
		if (r->at_ns) {
			row_time(r->at_ns, at);
			json_str(&j, "time", at);
		}
		json_str(&j, "exec", c->text + r->exec);
		json_str(&j, "order", c->text + r->order);
		json_str(&j, "symbol", c->name[r->symbol]);
		json_str(&j, "side", side(r->side));
		json_dec(&j, "px", r->px, r->px_dp);
		json_dec(&j, "qty", r->qty, r->qty_dp);
		if (r->fee_known)
			json_dec(&j, "fee", r->fee, r->fee_dp);
		json_str(&j, "fee_asset", c->name[r->fee_asset]);
		json_obj_end(&j);
	}
	if (x->f.kind) {
		struct row row;
		row_make(&row, v->reader, &x->f);
		json_obj(&j, "ours");
		row_json(&row, &j);
		json_obj_end(&j);
	}
	json_obj_end(&j);
	fprintf(f, "%s\n", line);
}

static void json_sum(const struct recon_view *v, const struct recon_sum *s, FILE *f)
{
	char line[LINE_BYTES];
	struct json_out j;
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_str(&j, "what", "instrument");
	json_str(&j, "instrument", tell_name(v->reader, NAME_INSTRUMENT, s->instrument));
	json_str(&j, "account", tell_name(v->reader, NAME_ACCOUNT, s->account));
	json_uint(&j, "joined", s->joined);
	json_dec(&j, "bought_ours", s->ours_e8[SIDE_BUY], 8);
	json_dec(&j, "bought_theirs", s->theirs_e8[SIDE_BUY], 8);
	json_dec(&j, "sold_ours", s->ours_e8[SIDE_SELL], 8);
	json_dec(&j, "sold_theirs", s->theirs_e8[SIDE_SELL], 8);
	json_dec(&j, "fees_ours", s->our_fee_e8, 8);
	json_dec(&j, "fees_theirs", s->their_fee_e8, 8);
	json_str(&j, "fee_asset", tell_name(v->reader, NAME_ASSET, s->fee_asset));
	json_obj_end(&j);
	fprintf(f, "%s\n", line);
}

void recon_json(const struct recon_view *v, FILE *f)
{
	const struct recon *c = v->recon;
	char line[LINE_BYTES], at[32];
	struct json_out j;
	each(v, recon_what_max, UINT64_MAX, json_one, f);
	for (uint32_t i = 0; i < c->n_sums; i++)
		json_sum(v, &c->sum[i], f);
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_str(&j, "what", "all");
	json_bool(&j, "ok", recon_clean(v));
	row_time(c->from_ns, at);
	json_str(&j, "from", at);
	if (c->to_ns < INT64_MAX)
		row_time(c->to_ns, at);
	json_str(&j, "to", c->to_ns < INT64_MAX ? at : "");
	json_uint(&j, "rows", c->n);
	json_uint(&j, "other_time", c->out_of_span);
	json_uint(&j, "joined", c->joined);
	json_uint(&j, "foreign", c->foreign);
	json_uint(&j, "busts", c->busts);
	for (int w = 0; w < recon_what_max; w++)
		json_uint(&j, recon_what_name((enum recon_what)w), c->found[w]);
	json_uint(&j, "unreadable", v->bad);
	json_obj_end(&j);
	fprintf(f, "%s\n", line);
}

static void csv_one(const struct recon_view *v, const struct finding *x, FILE *f)
{
	const struct recon *c = v->recon;
	char diff[80] = "", a[24] = "", b[24] = "", d[24] = "";
	const struct recon_row *r = x->row;
	if (r && x->f.kind)
		recon_diff_text(r->diff, diff);
	fprintf(f, "%s,\"%s\",", recon_what_name(x->what), diff);
	if (r)
		fprintf(f, "%" PRIu64 ",\"%s\",\"%s\",\"%s\",%s,%s,%s,%s,", r->line,
			c->text + r->exec, c->text + r->order, c->name[r->symbol], side(r->side),
			dec(r->px, r->px_dp, a), dec(r->qty, r->qty_dp, b),
			r->fee_known ? dec(r->fee, r->fee_dp, d) : "");
	else
		fputs(",,,,,,,,", f);
	if (x->f.kind)
		fprintf(f, "%" PRIu64 ",\"%s\",\"%s\",%s,%s,%s,%s,%s,%s\n", x->f.seq, x->f.exec,
			x->f.venue_order, tell_name(v->reader, NAME_ACCOUNT, x->f.account),
			tell_name(v->reader, NAME_INSTRUMENT, x->f.instrument), side(x->f.side),
			dec(x->f.px, x->f.px_dp, a), dec(x->f.qty, x->f.qty_dp, b),
			dec(x->f.fee_e8, 8, d));
	else
		fputs(",,,,,,,,\n", f);
}

void recon_csv(const struct recon_view *v, FILE *f)
{
	fputs("what,differs,line,exec,order,symbol,side,px,qty,fee,receipt,our_exec,our_order,our_account,our_instrument,our_side,our_px,our_qty,our_fee\n",
	      f);
	each(v, recon_what_max, UINT64_MAX, csv_one, f);
}
