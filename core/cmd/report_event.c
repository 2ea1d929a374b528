/* The receipts of a report's orders, each as a row: their life in sequence. A day has millions of them, so they are put together without row.h but for their own numbers. */
#include "core/cmd/report.h"
#include "core/cmd/row.h"

static const char *const sides[] = { "buy", "sell" };
static const char *const offsets[] = { NULL, "open", "close", "close_today", "close_yesterday" };

/* "name=value", zeros left out, as `query --csv` has them. */
static void put_numbers(const struct report *r, const struct fact *f)
{
	char all[512] = "";
	struct row row;
	size_t n = 0;
	for (unsigned i = 0; i < FACT_NUMS && n < sizeof all; i++) {
		if (!f->num[i] || !fact_num_name((enum fact_kind)f->kind, i))
			continue;
		row_make_number(&row, f, i);
		if (!row.n)
			continue;
		n += (size_t)snprintf(all + n, sizeof all - n, "%s%s=%s", n ? " " : "",
				      row.field[0].name, row.field[0].text);
	}
	report_text(r->out, COL_E_NUMBERS, all);
}

static void put_event_money(const struct report *r, const struct fact *f)
{
	struct report_out *o = r->out;
	if (f->px || f->qty) {
		report_dec(o, COL_E_PX, f->px, f->px_dp);
		report_dec(o, COL_E_QTY, f->qty, f->qty_dp);
	}
	if (f->fee_e8 || f->fee_asset) {
		report_dec(o, COL_E_FEE, f->fee_e8, 8);
		report_text(o, COL_E_FEE_ASSET, report_name(r, NAME_ASSET, f->fee_asset));
	}
	if (f->kind == FACT_FILL || f->kind == FACT_CANCELLED || f->kind == FACT_BUST)
		report_dec(o, COL_E_CUM, f->num[0], f->qty_dp);
}

void report_event(struct report *r, const struct fact *f)
{
	struct report_out *o = r->out;
	report_int(o, COL_E_SEQ, (int64_t)f->seq);
	if (f->cause)
		report_int(o, COL_E_CAUSE, (int64_t)f->cause);
	report_time(o, COL_E_TIME, f->utc_ns);
	report_int(o, COL_E_UTC, f->utc_ns);
	report_int(o, COL_E_MONO, f->mono_ns);
	if (f->venue_ns)
		report_int(o, COL_E_VENUE_NS, f->venue_ns);
	if (f->clock_bound_ns && f->clock_bound_ns != INT64_MAX)
		report_int(o, COL_E_BOUND, f->clock_bound_ns);
	report_text(o, COL_E_KIND, fact_kind_name((enum fact_kind)f->kind));
	report_id(o, COL_E_ORDER, f->order);
	report_id(o, COL_E_PAIR, f->pair);
	if (f->leg != 0xff)
		report_int(o, COL_E_LEG, f->leg);
	report_text(o, COL_E_INSTANCE, report_name(r, NAME_INSTANCE, f->instance));
	report_text(o, COL_E_ACCOUNT, report_name(r, NAME_ACCOUNT, f->account));
	report_text(o, COL_E_INSTRUMENT, report_name(r, NAME_INSTRUMENT, f->instrument));
	report_text(o, COL_E_SIDE, f->side < 2 ? sides[f->side] : NULL);
	report_text(o, COL_E_OFFSET, f->offset < 5 ? offsets[f->offset] : NULL);
	put_event_money(r, f);
	report_text(o, COL_E_STATE, fact_state_name((enum fact_kind)f->kind, f->state));
	report_text(o, COL_E_VENUE_ORDER, f->venue_order);
	report_text(o, COL_E_EXEC, f->exec);
	report_text(o, COL_E_TEXT, f->text);
	put_numbers(r, f);
	report_row(o, SHEET_EVENTS);
}
