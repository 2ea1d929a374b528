#include "adapters/sim/cn_wire.h"
#include "core/base/date.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS	 64   /* of the market's book, what the exchange meets */
#define BOOK_CAP 4096 /* of what the feed has said */
#define REF_BITS 40

enum word { WORD_OPEN, WORD_CLOSE, WORD_CLOSETODAY };

static uint64_t ref_key(uint32_t session, uint64_t ref)
{
	return (uint64_t)session << REF_BITS | ref;
}

static bool splits(const struct cn_wire *w, uint16_t instrument)
{
	return cn_house_rule[w->exchange.house[instrument]].splits_close;
}

/* ---------------------------------------------------------------- rows */

static struct cn_row *row_of(const struct cn_wire *w, const char *id)
{
	uint32_t i;
	for (uint64_t h = map_hash_bytes(id, strlen(id)) | 1; map_get(&w->by_id, h, &i); h += 2)
		if (strcmp(w->row[i].id, id) == 0)
			return &w->row[i];
	return NULL;
}

static struct cn_row *add_row(struct cn_wire *w, const char *id)
{
	uint64_t h = map_hash_bytes(id, strlen(id)) | 1;
	uint32_t other;
	if (w->n_rows == w->cap_rows)
		return NULL;
	while (map_get(&w->by_id, h, &other))
		h += 2;
	if (map_put(&w->by_id, h, w->n_rows))
		return NULL;
	struct cn_row *row = &w->row[w->n_rows++];
	*row = (struct cn_row){ .first = ++w->version };
	snprintf(row->id, sizeof row->id, "%s", id);
	row->version = row->first;
	return row;
}

/* The exchange's stamps: some write the trading day where others write the day. */
static int64_t stamp(const struct cn_wire *w, uint16_t instrument, int64_t at_ns, int32_t day)
{
	const int64_t beijing = 8 * 3600ll * 1000000000, whole = 86400ll * 1000000000;
	uint8_t house = w->exchange.house[instrument];
	if ((house != CN_DCE && house != CN_CZCE) || !date_ok(day))
		return at_ns;
	int64_t of_day = (at_ns + beijing) % whole;
	return date_days(day) * whole + of_day - beijing;
}

static void on_order(struct cn_wire *w, const struct cn_order *o, struct cn_row *row)
{
	static const char *const why_text[cn_state_max] = { "未成交", "全部成交", "已撤单" };
	row->exchange_id = o->id;
	row->insert_ns = stamp(w, o->asked.instrument, o->placed_ns, o->trading_day);
	row->left = o->asked.qty - o->cum + row->cut;
	row->finished = o->state != CN_WORKING;
	row->version = ++w->version;
	/* What a fault kept from the exchange ends as the remainder of an immediate order does. */
	enum cn_state state =
		row->cut && o->state == CN_FILLED ? CN_CANCELLED : (enum cn_state)o->state;
	snprintf(row->msg, sizeof row->msg, "%s", why_text[state]);
}

static struct cn_row *row_of_report(struct cn_wire *w, const struct cn_order *o)
{
	uint32_t i;
	if (map_get(&w->by_ref, ref_key(o->asked.session, o->asked.ref), &i))
		return &w->row[i];
	return w->placing;
}

static void settled(struct cn_wire *w)
{
	w->n_rows = w->n_deals = 0;
	map_clear(&w->by_id);
	map_clear(&w->by_ref);
	memset(w->ref, 0, sizeof w->ref);
	w->epoch++;
}

static void take_report(struct cn_wire *w, const struct cn_report *r, struct cn_row *row)
{
	if (r->kind == CN_REPORT_ORDER)
		on_order(w, &r->order, row);
	if (r->kind == CN_REPORT_TRADE && w->n_deals < w->cap_deals)
		w->deal[w->n_deals++] = (struct cn_deal){ .trade = r->trade,
							  .row = (uint32_t)(row - w->row),
							  .version = ++w->version };
	if (r->order.asked.instrument < CN_WIRE_SYMBOLS)
		w->position_version[r->account][r->order.asked.instrument] = ++w->version;
}

static void on_report(void *owner, const struct cn_report *r)
{
	struct cn_wire *w = owner;
	struct cn_row *row = row_of_report(w, &r->order);
	if (r->replayed)
		return; /* the rows have it */
	cn_ledger_report(&w->ledger, r, row ? row->id : "", row ? row->cut : 0);
	if (r->kind == CN_REPORT_SETTLED && r->account == 0)
		settled(w);
	else if (r->kind != CN_REPORT_SETTLED && row)
		take_report(w, r, row);
	w->account_version[r->account] = ++w->version;
}

static void on_snapshot(void *owner, const struct cn_snapshot *s)
{
	struct cn_wire *w = owner;
	w->shown[s->instrument] = *s;
	w->shown_version[s->instrument] = ++w->version;
}

static void refuse_row(struct cn_wire *w, struct cn_row *row, enum cn_refusal r)
{
	row->finished = true;
	row->left = row->qty;
	row->version = w->account_version[row->account] = ++w->version;
	snprintf(row->msg, sizeof row->msg, "%s%s",
		 cn_refusal_by_exchange(r) ? "已撤单报单被拒绝" : "", cn_refusal_text(r));
}

/* An order of the day that a run before began: its client knows it by this number. */
static void come_back(void *owner, const struct ledger_record *r)
{
	struct cn_wire *w = owner;
	struct cn_row *row = row_of(w, r->text) ? NULL : add_row(w, r->text);
	w->placing = row;
	if (!row)
		return;
	row->account = r->account;
	row->instrument = r->instrument;
	row->side = r->side;
	row->offset = r->pad;
	row->tif = r->tif;
	row->px = r->body.order.px;
	row->cut = r->body.order.cut;
	row->qty = row->left = r->body.order.qty + row->cut;
	row->insert_ns = r->at_ns;
	(void)map_put(&w->by_ref,
		      ref_key((uint32_t)r->body.order.session, (uint64_t)r->body.order.ref),
		      (uint32_t)(row - w->row));
	if (r->kind == LEDGER_REJECT)
		refuse_row(w, row, r->status);
}

/* ---------------------------------------------------------------- begin and end */

static int take_memory(struct cn_wire *w)
{
	w->row = calloc(w->cap_rows, sizeof *w->row);
	w->deal = calloc(w->cap_deals, sizeof *w->deal);
	for (enum side side = SIDE_BUY; side < side_max; side++)
		w->level[side] = calloc(LEVELS, sizeof *w->level[side]);
	if (!w->row || !w->deal || !w->level[SIDE_BUY] || !w->level[SIDE_SELL])
		return err_set(ERR_NOMEM, "no memory for the orders of a day");
	int rc = map_init(&w->by_id, w->cap_rows);
	if (!rc)
		rc = map_init(&w->by_ref, w->cap_rows);
	for (uint16_t i = 0; !rc && i < w->config.exchange.n_instruments; i++)
		rc = shown_init(&w->market[i], BOOK_CAP);
	return rc;
}

static int take_users(struct cn_wire *w, const struct cn_wire_config *c)
{
	for (uint32_t k = 0; k < c->n_keys; k++)
		if (c->key[k].kind == SERVER_KEY_HMAC && c->key[k].account < CN_WIRE_USERS)
			w->user[c->key[k].account] = c->key[k];
	return 0;
}

int cn_wire_init(struct cn_wire *w, const struct cn_wire_config *c, struct knobs *knobs,
		 int64_t now_ns)
{
	memset(w, 0, sizeof *w);
	w->config = *c;
	w->knobs = knobs;
	w->cap_rows = w->cap_deals = 65536;
	if (c->exchange.n_instruments > CN_WIRE_SYMBOLS || c->exchange.n_accounts > CN_WIRE_USERS)
		return err_set(ERR_CONFIG, "more than %d contracts or %d accounts", CN_WIRE_SYMBOLS,
			       CN_WIRE_USERS);
	int rc = cn_init(&w->exchange, &c->exchange, now_ns, on_report, on_snapshot, w);
	if (!rc)
		rc = take_memory(w);
	if (!rc)
		rc = take_users(w, c);
	if (!rc)
		rc = cn_ledger_open(&w->ledger, c->ledger, c->name, c->assets, &w->exchange,
				    c->account, come_back, w);
	w->placing = NULL;
	for (uint16_t i = 0; !rc && i < c->exchange.n_instruments; i++) {
		w->phase[i] = (uint8_t)cn_phase_of(&w->exchange, i);
		w->status_version[i] = ++w->version;
	}
	if (rc)
		cn_wire_free(w);
	return rc;
}

void cn_wire_free(struct cn_wire *w)
{
	cn_ledger_close(&w->ledger);
	for (uint16_t i = 0; i < CN_WIRE_SYMBOLS; i++)
		shown_free(&w->market[i]);
	for (enum side side = SIDE_BUY; side < side_max; side++)
		free(w->level[side]);
	free(w->row);
	free(w->deal);
	map_free(&w->by_id);
	map_free(&w->by_ref);
	if (w->exchange.order)
		cn_free(&w->exchange);
	memset(w, 0, sizeof *w);
}

/* An operation is over: on disk first, then whoever looks may hear of it. */
static void done(struct cn_wire *w)
{
	for (uint16_t i = 0; i < w->config.exchange.n_instruments; i++) {
		uint8_t phase = (uint8_t)cn_phase_of(&w->exchange, i);
		if (phase == w->phase[i])
			continue;
		w->phase[i] = phase;
		w->status_version[i] = ++w->version;
	}
	if (cn_ledger_commit(&w->ledger, w->exchange.now_ns))
		w->broken = true;
}

/* ---------------------------------------------------------------- what clients ask */

static void notice(struct cn_talk *t, int32_t code, const char *level, const char *text,
		   const char *more)
{
	if (t->n_notices == CN_NOTICES)
		return;
	struct cn_notice *n = &t->notice[t->n_notices++];
	*n = (struct cn_notice){ .code = code };
	snprintf(n->level, sizeof n->level, "%s", level);
	snprintf(n->content, sizeof n->content, "%s%s%s", text, more[0] ? " " : "", more);
}

static void login(struct cn_wire *w, struct cn_talk *t, int64_t now_ns, const struct cn_ask *a)
{
	for (uint16_t k = 0; k < w->config.exchange.n_accounts; k++) {
		const struct server_key *u = &w->user[k];
		if (!u->api_key[0] || strcmp(u->api_key, a->user) != 0 ||
		    strcmp(u->secret, a->password) != 0)
			continue;
		t->session = cn_login(&w->exchange, now_ns, k);
		w->ref[k] = 0;
		t->in = true;
		t->account = k;
		t->epoch = w->epoch;
		t->told = 0;
		t->begun = w->version;
		t->rows_told = t->deals_told = 0;
		t->whole = false;
		notice(t, 0, "INFO", "登录成功", "");
		return;
	}
	notice(t, 3, "ERROR", "用户登录失败!CTP:不合法的登录", "");
}

static int instrument_of(const struct cn_wire *w, const char *symbol)
{
	for (uint16_t i = 0; i < w->config.exchange.n_instruments; i++)
		if (strcmp(w->config.exchange.instrument[i].symbol, symbol) == 0)
			return i;
	return -1;
}

static uint8_t tif_of(const struct cn_ask *a)
{
	bool all = strcmp(a->volume_condition, "ALL") == 0;
	if (strcmp(a->time_condition, "IOC") == 0)
		return all ? TIF_FOK : TIF_IOC;
	return strcmp(a->time_condition, "GFD") == 0 && !all ? TIF_DAY : tif_max;
}

static uint8_t offset_of(const struct cn_wire *w, uint16_t instrument, const char *word)
{
	if (strcmp(word, "OPEN") == 0)
		return OFFSET_OPEN;
	if (strcmp(word, "CLOSE") == 0)
		return splits(w, instrument) ? OFFSET_CLOSE_YESTERDAY : OFFSET_CLOSE;
	return strcmp(word, "CLOSETODAY") == 0 ? OFFSET_CLOSE_TODAY : OFFSET_NONE;
}

static int64_t price_of(const struct cn_ask *a, unsigned px_dp)
{
	double v = a->price * (double)dec_pow10[px_dp];
	return a->has_price && v > 0 && v < 1e15 ? llround(v) : 0;
}

/* How much of an immediate order a fault lets through. */
static int64_t cut_by_fault(struct cn_wire *w, const struct cn_row *row)
{
	if (row->tif != TIF_IOC || row->qty < 2 || !knobs_hit(w->knobs, FAULT_PARTIAL))
		return 0;
	int64_t part = dec_muldiv(row->qty, knobs_part_ppm(w->knobs), 1000000, DEC_DOWN);
	return row->qty - (part < 1 ? 1 : part);
}

static void hand_over(struct cn_wire *w, struct cn_talk *t, int64_t now_ns, struct cn_row *row)
{
	struct cn_request q = { .account = row->account,
				.instrument = row->instrument,
				.session = t->session,
				.ref = ++w->ref[row->account],
				.side = row->side,
				.type = ORD_LIMIT,
				.tif = row->tif,
				.offset = row->offset,
				.px = row->px,
				.qty = row->qty - row->cut };
	(void)map_put(&w->by_ref, ref_key(q.session, q.ref), (uint32_t)(row - w->row));
	w->placing = row;
	enum cn_refusal r = cn_order(&w->exchange, now_ns, &q, NULL);
	w->placing = NULL;
	if (r != CN_OK)
		refuse_row(w, row, r);
	if (r == CN_FLOW)
		notice(t, cn_refusal_code(r), "WARNING", cn_refusal_text(r), "");
}

static void insert(struct cn_wire *w, struct cn_talk *t, int64_t now_ns, const struct cn_ask *a)
{
	int i = instrument_of(w, a->symbol);
	if (!t->in || cn_wire_is_over(w, t)) {
		notice(t, 6, "WARNING", "下单失败,CTP:还没有登录", a->order_id);
		return;
	}
	if (row_of(w, a->order_id)) {
		notice(t, 22, "WARNING", "下单失败,单号重复", a->order_id);
		return;
	}
	if (i < 0 || !a->order_id[0]) {
		notice(t, 16, "WARNING", "下单失败,CTP:找不到合约", a->order_id);
		return;
	}
	struct cn_row *row = add_row(w, a->order_id);
	if (!row) {
		notice(t, 40, "WARNING", "下单失败,CTP:交易所未处理请求超过许可数", a->order_id);
		return;
	}
	row->account = t->account;
	row->instrument = (uint16_t)i;
	row->side = strcmp(a->direction, "BUY") == 0	? SIDE_BUY
		    : strcmp(a->direction, "SELL") == 0 ? SIDE_SELL
							: side_max;
	row->offset = offset_of(w, row->instrument, a->offset);
	row->tif = strcmp(a->price_type, "LIMIT") == 0 ? tif_of(a) : tif_max;
	row->px = price_of(a, w->config.exchange.instrument[i].px_dp);
	row->qty = row->left = a->volume;
	row->insert_ns = now_ns;
	row->cut = cut_by_fault(w, row);
	if (knobs_hit(w->knobs, FAULT_REJECT))
		refuse_row(w, row, row->offset == OFFSET_OPEN ? CN_MONEY : CN_PHASE);
	else
		hand_over(w, t, now_ns, row);
}

static void cancel(struct cn_wire *w, struct cn_talk *t, int64_t now_ns, const struct cn_ask *a)
{
	const struct cn_row *row = row_of(w, a->order_id);
	if (!t->in || cn_wire_is_over(w, t)) {
		notice(t, 6, "WARNING", "撤单失败,CTP:还没有登录", a->order_id);
		return;
	}
	enum cn_refusal r = CN_NO_ORDER;
	if (row && row->account == t->account && row->exchange_id) {
		const struct cn_cancel c = { .account = t->account,
					     .session = t->session,
					     .id = row->exchange_id };
		r = cn_cancel(&w->exchange, now_ns, &c);
	}
	if (r != CN_OK) {
		char text[112];
		snprintf(text, sizeof text, "撤单失败,%s", cn_refusal_text(r));
		notice(t, cn_refusal_code(r), "WARNING", text, a->order_id);
	}
}

static void subscribe(const struct cn_wire *w, bool sub[CN_WIRE_SYMBOLS], const char *list)
{
	for (uint16_t i = 0; i < w->config.exchange.n_instruments; i++) {
		const char *symbol = w->config.exchange.instrument[i].symbol;
		size_t n = strlen(symbol);
		sub[i] = false;
		for (const char *p = list; *p;) {
			size_t k = strcspn(p, ",");
			sub[i] |= k == n && memcmp(p, symbol, n) == 0;
			p += k + (p[k] == ',');
		}
	}
}

void cn_wire_ask(struct cn_wire *w, struct cn_talk *t, int64_t now_ns, const char *text, size_t n)
{
	struct cn_ask a;
	cn_ask_read(&a, text, n);
	switch ((enum cn_aid)a.aid) {
	case CN_AID_PEEK:
		t->looking = true;
		return;
	case CN_AID_LOGIN:
		login(w, t, now_ns, &a);
		break;
	case CN_AID_CONFIRM:
		if (t->in)
			(void)cn_confirm(&w->exchange, now_ns, t->account, t->session);
		break;
	case CN_AID_QUOTES:
		subscribe(w, t->sub, a.ins_list);
		snprintf(t->ins_list, sizeof t->ins_list, "%s", a.ins_list);
		t->list_changed = true;
		t->quotes_told = 0;
		break;
	case CN_AID_STATUS:
		subscribe(w, t->status, a.ins_list);
		t->status_told = 0;
		break;
	case CN_AID_INSERT:
		insert(w, t, now_ns, &a);
		break;
	case CN_AID_CANCEL:
		cancel(w, t, now_ns, &a);
		break;
	case CN_AID_OTHER:
	case cn_aid_max:
		return;
	}
	done(w);
}

bool cn_wire_is_over(const struct cn_wire *w, const struct cn_talk *t)
{
	return t->in && t->epoch != w->epoch;
}

/* ---------------------------------------------------------------- the market */

static int tell_book(struct cn_wire *w, uint16_t instrument, int64_t now_ns)
{
	struct depth d = { 0 };
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		const struct shown_level *l;
		d.level[side] = w->level[side];
		while (d.n[side] < LEVELS &&
		       (l = shown_at(&w->market[instrument], side, d.n[side])) != NULL)
			w->level[side][d.n[side]++] = (struct level){ l->px, l->size };
	}
	return cn_market_book(&w->exchange, instrument, now_ns, &d);
}

static void take_depth(struct shown *book, const struct source_event *e)
{
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		if (e->kind == SOURCE_SNAPSHOT)
			shown_load(book, side, e->depth.level[side], e->depth.n[side]);
		for (uint32_t i = 0; e->kind == SOURCE_DEPTH && i < e->depth.n[side]; i++)
			shown_set(book, side, e->depth.level[side][i].px,
				  e->depth.level[side][i].qty);
	}
}

/* The exchange or the broker ends one that rests, unasked (F67). */
static void unsolicited(struct cn_wire *w, int64_t now_ns)
{
	for (uint32_t i = 0; i < w->n_rows; i++)
		if (!w->row[i].finished && w->row[i].exchange_id) {
			if (knobs_hit(w->knobs, FAULT_UNSOLICITED))
				(void)cn_expire(&w->exchange, now_ns, w->row[i].exchange_id);
			return;
		}
}

int cn_wire_market(struct cn_wire *w, uint16_t instrument, int64_t now_ns,
		   const struct source_event *e)
{
	int rc = 0;
	if (e->kind == SOURCE_DEPTH || e->kind == SOURCE_SNAPSHOT) {
		take_depth(&w->market[instrument], e);
		rc = tell_book(w, instrument, now_ns);
		unsolicited(w, now_ns);
	} else if (e->kind == SOURCE_TRADE) {
		rc = cn_market_trade(&w->exchange, instrument, now_ns, &e->trade);
	}
	done(w);
	return rc;
}

void cn_wire_tick(struct cn_wire *w, int64_t now_ns)
{
	cn_tick(&w->exchange, now_ns);
	done(w);
}

int64_t cn_wire_next_ns(const struct cn_wire *w)
{
	return cn_next_ns(&w->exchange);
}
