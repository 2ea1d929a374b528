#include "core/cmd/live.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/cmd/reach.h"
#include "core/cmd/row.h"
#include "core/market/gate.h"
#include "core/ops/control.h"
#include "core/ops/list.h"
#include "core/ops/status_page.h"
#include "core/trade/risk.h"
#include "core/trade/venue.h"
#include "store/blocks.h"
#include "store/reader.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PRICES_NS  60000000000 /* what was not quoted for longer is not shown */
#define PRICES_MAX 256
#define LAST	   20 /* receipts, where nobody says how many */
#define LAST_MAX   10000

/* ---- the page of numbers ---- */

static int read_page(const struct live *v, struct snapshot_body *s)
{
	char path[PATH_MAX];
	const struct snapshot_page *page;
	int rc = reach_path(v->db, "status", S_IFREG, path);
	if (!rc)
		rc = status_page_read(path, &page);
	if (rc)
		return rc;
	rc = snapshot_read(page, s);
	status_page_close(page);
	return rc;
}

static int fetch_status(const struct live *v, struct console *c)
{
	struct snapshot_body s;
	char path[PATH_MAX], at[32];
	int rc = read_page(v, &s);
	if (!rc)
		rc = reach_path(v->db, "control", S_IFSOCK, path);
	if (rc)
		return rc;
	row_time(s.utc_ns, at);
	console_begin(c);
	console_bool(c, "running", control_listens(path));
	console_text(c, "time", at);
	console_text(c, "risk", risk_state_name((enum risk_state)s.risk_state));
	const struct {
		const char *name;
		uint64_t n;
	} count[] = { { "quotes", s.quotes },
		      { "receipts", s.receipts },
		      { "proposed", s.proposed },
		      { "refused", s.refused },
		      { "sent", s.sent },
		      { "hedged", s.hedged },
		      { "flat", s.flat },
		      { "held", s.held },
		      { "in_flight", s.in_flight },
		      { "orders", s.orders },
		      { "fills", s.fills },
		      { "rejects", s.rejects },
		      { "completed", s.completed },
		      { "unwound", s.unwound },
		      { "risk_hits", s.risk_hits },
		      { "script_kills", s.script_kills },
		      { "unknown_orders", s.unknown_orders } };
	for (size_t i = 0; i < sizeof count / sizeof *count; i++)
		console_number(c, count[i].name, (double)count[i].n);
	console_number(c, "residual", dec_to_double(s.residual_base_e8, BASE_DP));
	console_end(c, NULL);
	return 0;
}

static int fetch_instances(const struct live *v, struct console *c)
{
	struct snapshot_body s;
	const int rc = read_page(v, &s);
	if (rc)
		return rc;
	console_begin(c);
	for (uint32_t i = 0; i < s.n_instances && i < SNAPSHOT_INSTANCES; i++) {
		const struct snapshot_instance *in = &s.instance[i];
		console_begin(c);
		if (in->basis_ok) {
			console_number(c, "sell_bp", in->sell_bp);
			console_number(c, "buy_bp", in->buy_bp);
			console_number(c, "spread", in->spread);
		}
		console_number(c, "lots", in->pos_lots);
		console_text(c, "gate", in->gate ? gate_name((enum gate)in->gate) : NULL);
		console_text(c, "risk", risk_state_name((enum risk_state)in->risk_state));
		console_bool(c, "quarantined", in->quarantined);
		console_bool(c, "paused", in->paused);
		console_text(c, "paused_why", in->paused ? in->paused_why : NULL);
		console_end(c, in->name);
	}
	console_end(c, NULL);
	return 0;
}

static int fetch_venues(const struct live *v, struct console *c)
{
	struct snapshot_body s;
	const int rc = read_page(v, &s);
	if (rc)
		return rc;
	console_begin(c);
	for (uint32_t i = 0; i < s.n_venues && i < SNAPSHOT_VENUES; i++) {
		const struct snapshot_venue *x = &s.venue[i];
		console_begin(c);
		console_text(c, "state", venue_state_name((enum venue_state)x->state));
		console_text(c, "risk", risk_state_name((enum risk_state)x->risk_state));
		if (x->clock_known)
			console_number(c, "clock_offset_ms", (double)x->clock_offset_ns * 1e-6);
		if (x->clock_known && x->clock_bound_ns != INT64_MAX)
			console_number(c, "clock_bound_ms", (double)x->clock_bound_ns * 1e-6);
		console_end(c, x->name);
	}
	console_end(c, NULL);
	return 0;
}

/* ---- the lists of a running host ---- */

struct rows {
	const struct list_form *form;
	struct console *c;
};

static int take_row(void *arg, char *text)
{
	const struct rows *r = arg;
	char *field[LIST_COLUMNS_MAX];
	if (list_split(text, field) != r->form->n)
		return err_set(
			ERR_CONFIG,
			"the host tells other columns than this program knows: it is of another version");
	console_begin(r->c);
	for (unsigned i = 0; i < r->form->n; i++) {
		const struct list_column *col = &r->form->column[i];
		if (!col->number)
			console_text(r->c, col->name, field[i]);
		else if (*field[i])
			console_number(r->c, col->name, strtod(field[i], NULL));
	}
	console_end(r->c, NULL);
	return 0;
}

static int fetch_list(const struct live *v, enum env_command_kind kind, struct console *c)
{
	char path[PATH_MAX];
	struct rows r = { list_form(kind), c };
	int rc = reach_path(v->db, "control", S_IFSOCK, path);
	console_begin(c);
	if (!rc)
		rc = control_list(path, kind, take_row, &r);
	if (rc == -ERR_NOTFOUND)
		rc = err_set(
			ERR_NOTFOUND,
			"no host runs on %s, and only a running one can say %s; status, instances, prices and receipts stay",
			v->db, control_verb(kind));
	if (!rc)
		console_end(c, NULL);
	return rc;
}

/* ---- what was recorded ---- */

struct price {
	char name[48];
	double px[side_max], qty[side_max];
	int64_t at_ns;
};

static struct price *price_of(struct price *list, unsigned *n, const char *name)
{
	unsigned i = 0;
	while (i < *n && strcmp(list[i].name, name) != 0)
		i++;
	if (i == PRICES_MAX)
		return NULL;
	if (i == *n) {
		list[(*n)++] = (struct price){ .at_ns = 0 };
		snprintf(list[i].name, sizeof list[i].name, "%s", name);
	}
	return &list[i];
}

static int read_prices(struct blocks *b, struct price *list, unsigned *n)
{
	struct blocks_event e;
	int rc;
	while ((rc = blocks_next(b, &e)) > 0) {
		if (e.ev.kind != PACK_QUOTE || e.ev.instrument == UINT32_MAX)
			continue;
		const struct pack_instrument *i = &blocks_instrument(b, e.ev.instrument)->i;
		struct price *p = price_of(list, n, i->name);
		for (int side = 0; p && side < side_max; side++) {
			p->px[side] = dec_to_double(e.ev.quote.px[side], i->px_dp);
			p->qty[side] = dec_to_double(e.ev.quote.qty[side], i->qty_dp);
		}
		if (p)
			p->at_ns = e.line_ns;
	}
	return rc;
}

static int last_minute(const char *db, struct blocks **out)
{
	struct blocks_filter f = { 0 };
	int64_t first_ns = 0, last_ns = 0;
	int rc = blocks_open(db, &f, out);
	if (rc)
		return rc;
	const bool any = blocks_span(*out, &first_ns, &last_ns);
	blocks_close(*out);
	*out = NULL;
	if (!any)
		return err_set(ERR_NOTFOUND, "%s: no market data is recorded there", db);
	f.from_ns = last_ns - PRICES_NS;
	return blocks_open(db, &f, out);
}

static int fetch_prices(const struct live *v, struct console *c)
{
	struct price *list = calloc(PRICES_MAX, sizeof *list);
	struct blocks *b = NULL;
	unsigned n = 0;
	int rc = list ? last_minute(v->db, &b) : err_set(ERR_NOMEM, "no memory for prices");
	if (!rc)
		rc = read_prices(b, list, &n);
	if (b)
		blocks_close(b);
	console_begin(c);
	for (unsigned i = 0; !rc && i < n; i++) {
		char at[32];
		row_time(list[i].at_ns, at);
		console_begin(c);
		console_number(c, "bid", list[i].px[SIDE_BUY]);
		console_number(c, "ask", list[i].px[SIDE_SELL]);
		console_number(c, "bid_qty", list[i].qty[SIDE_BUY]);
		console_number(c, "ask_qty", list[i].qty[SIDE_SELL]);
		console_text(c, "time", at);
		console_end(c, list[i].name);
	}
	free(list);
	if (!rc)
		console_end(c, NULL);
	return rc;
}

static void put_receipt(struct console *c, const struct reader *r, const struct fact *f)
{
	struct row row;
	row_make(&row, r, f);
	console_begin(c);
	for (unsigned i = 0; i < row.n; i++) {
		const struct row_field *field = &row.field[i];
		if (field->type == ROW_NUMBER)
			console_number(c, field->name, dec_to_double(field->value, field->dp));
		else
			console_text(c, field->name, field->text);
	}
	console_end(c, NULL);
}

/* The newest `n` that fit, oldest first: a ring of them, filled by one walk. */
static int walk_last(struct reader *r, const struct reader_filter *f, unsigned n, struct console *c)
{
	struct reader_walk *w = NULL;
	struct fact *ring = calloc(n, sizeof *ring);
	uint64_t seen = 0;
	int rc = ring ? reader_walk_open(r, f, &w)
		      : err_set(ERR_NOMEM, "no memory for %u receipts", n);
	while (!rc && (rc = reader_walk_next(w, &ring[seen % n])) > 0) {
		seen++;
		rc = 0;
	}
	if (w)
		reader_walk_close(w);
	console_begin(c);
	for (uint64_t i = seen > n ? seen - n : 0; !rc && i < seen; i++)
		put_receipt(c, r, &ring[i % n]);
	free(ring);
	if (!rc)
		console_end(c, NULL);
	return rc;
}

static int fetch_receipts(const struct live *v, const char *kind, double n, struct console *c)
{
	struct reader_filter f = { .kind = kind ? (uint16_t)fact_kind_find(kind) : 0 };
	struct reader *r;
	if (kind && !f.kind)
		return err_set(
			ERR_PARSE,
			"\"%s\" is no kind of receipt: fill, pair, order, alert ... as in tandem query --kind",
			kind);
	const unsigned most = n >= 1 && n <= LAST_MAX ? (unsigned)n : LAST;
	int rc = reader_open(v->db, &r);
	if (rc)
		return rc;
	rc = walk_last(r, &f, most, c);
	reader_close(r);
	return rc;
}

/* ---- the table ---- */

/* id, name, called, list of a running host, text */
#define LIVE(X)                                                                               \
	X(STATUS, status, false, 0, "what the host has done, in numbers")                     \
	X(INSTANCES, instances, false, 0, "by name: basis in bp, lots held, gate, paused")    \
	X(VENUES, venues, false, 0, "by name: state, risk, clock")                            \
	X(PRICES, prices, false, 0, "by instrument: best prices as last recorded")            \
	X(POSITIONS, positions, false, CMD_POSITIONS, "what is held, a row each")             \
	X(ORDERS, orders, false, CMD_ORDERS, "orders that have not ended")                    \
	X(PNL, pnl, false, CMD_PNL, "what was earned")                                        \
	X(HELD, held, false, CMD_HELD, "pairs that are held or being rescued")                \
	X(LIMITS, limits, false, CMD_LIMITS, "limits, their use and how often they were hit") \
	X(ALERTS, alerts, false, CMD_ALERTS, "alerts that nobody has acknowledged")           \
	X(COUNTERS, counters, false, CMD_COUNTERS, "what the exchanges count today")          \
	X(RECEIPTS, receipts, true, 0, "receipts(\"fill\", 20): the newest of a kind, or of all")

enum live_id {
#define LIVE_ID(id, ...) LIVE_##id,
	LIVE(LIVE_ID)
#undef LIVE_ID
		live_max
};

const struct console_name live_names[] = {
#define LIVE_NAME(id, name, call, list, text) { #name, text, call },
	LIVE(LIVE_NAME)
#undef LIVE_NAME
		{ NULL, NULL, false }
};

static const enum env_command_kind lists[live_max] = {
#define LIVE_LIST(id, name, call, list, text) list,
	LIVE(LIVE_LIST)
#undef LIVE_LIST
};

int live_fetch(void *arg, unsigned name, const char *what, double n, struct console *c)
{
	const struct live *v = arg;
	switch ((enum live_id)name) {
	case LIVE_STATUS:
		return fetch_status(v, c);
	case LIVE_INSTANCES:
		return fetch_instances(v, c);
	case LIVE_VENUES:
		return fetch_venues(v, c);
	case LIVE_PRICES:
		return fetch_prices(v, c);
	case LIVE_RECEIPTS:
		return fetch_receipts(v, what, n, c);
	default:
		return fetch_list(v, lists[name], c);
	}
}
