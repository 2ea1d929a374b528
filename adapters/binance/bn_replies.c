/* What comes of each answer, as a table by question; here are the session's own steps, rules, time and books. */
#include "adapters/binance/bn_replies.h"
#include "adapters/codec/binance_code.h"
#include "adapters/codec/binance_rules.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include <stdio.h>
#include <string.h>

#define RULES_EVERY_NS 3600000000000ll
#define CLOCK_EVERY_NS 10000000000ll
#define ORDERS_PAUSE_NS \
	10000000000ll /* the shortest stretch that orders are counted in; the longest pause that the venue has not asked for */

/* ---- the session's own steps ---- */

static void on_step(struct binance *b, struct bn_request *q, const struct binance_message *m,
		    int64_t recv_ns)
{
	struct bn_session *s = bn_session_of(b, q);
	char why[192];
	(void)recv_ns;
	if (bn_good(m)) {
		bn_session_event(s, BN_EV_DONE, bn_ask_name((enum bn_ask)q->ask));
		return;
	}
	bool refused = binance_code_find(m->status, m->code, m->text)->reject_class == REJECT_AUTH;
	snprintf(why, sizeof(why), "%s: the %s failed: %d %d %.90s", s->name,
		 bn_ask_name((enum bn_ask)q->ask), m->status, m->code,
		 m->status ? m->text : "no answer");
	if (refused)
		log_error(
			"%s (check the key, its rights and its address list; trying again slowly)",
			why);
	bn_session_break(s, refused, why);
}

/* A listen key goes into an address: letters and digits only. */
static bool plain_key(const char *key)
{
	for (; *key; key++)
		if (!((*key >= '0' && *key <= '9') || (*key >= 'A' && *key <= 'Z') ||
		      (*key >= 'a' && *key <= 'z') || *key == '-' || *key == '_'))
			return false;
	return true;
}

static void on_listen_key(struct binance *b, struct bn_request *q, const struct binance_message *m,
			  int64_t recv_ns)
{
	static const char *const name[] = { "listenKey" };
	struct bn_session *s = bn_session_of(b, q);
	struct json_scan j;
	struct json_value key;
	json_scan_value(&j, &m->result);
	bool has = bn_good(m) && json_members(&j, name, &key, 1) &&
		   json_text(&key, s->listen_key, sizeof(s->listen_key)) &&
		   plain_key(s->listen_key);
	if (bn_good(m) && !has)
		bn_session_break(s, false, "the answer holds no listen key");
	else
		on_step(b, q, m, recv_ns);
}

static void on_keep_alive(struct binance *b, struct bn_request *q, const struct binance_message *m,
			  int64_t recv_ns)
{
	(void)recv_ns;
	if (!bn_good(m))
		bn_session_break(bn_session_of(b, q), false,
				 "the listen key could not be kept alive");
}

/* ---- rules and time ---- */

static bool same_filters(const struct rule *x, const struct rule *y)
{
	return x->tick == y->tick && x->lot == y->lot && x->min_qty == y->min_qty &&
	       x->max_qty == y->max_qty && x->min_notional_e8 == y->min_notional_e8 &&
	       x->band_up_ppm == y->band_up_ppm && x->band_down_ppm == y->band_down_ppm;
}

static void on_rule(void *owner, const struct symbol *s, const struct rule *filters,
		    const struct caps *caps, bool trading)
{
	struct binance *b = owner;
	const struct instrument *in = &b->instrument[s->instrument];
	const struct rule *now = instrument_rule(in, filters->from_utc_ns);
	struct rule r = *filters;
	if (!trading)
		log_warn("%s: %s does not trade now", in->name, s->text);
	b->halted |= !trading;
	b->venue.host.on_halt(b->venue.host.core, s->instrument, !trading);
	if (in->caps.types & ~caps->types || in->caps.tifs & ~(caps->tifs | 1u << TIF_DAY))
		log_warn("%s: the venue does not take all order types that the configuration names",
			 in->name);
	if (b->self_trade != SELF_TRADE_NONE && !(caps->self_trades >> b->self_trade & 1))
		log_warn(
			"%s: the venue does not take %s: orders name none, and only our own look at what would meet stands (venues.self_trade)",
			in->name, binance_self_trade((enum self_trade)b->self_trade));
	if (b->venue.host.on_caps)
		b->venue.host.on_caps(b->venue.host.core, s->instrument, caps);
	if (now && same_filters(now, filters))
		return;
	b->rules_same = 0;
	if (now) { /* what exchangeInfo does not say goes on */
		r.fee = now->fee;
		r.margin_e8 = now->margin_e8;
		r.band_lo = now->band_lo;
		r.band_hi = now->band_hi;
	}
	b->venue.host.on_rule(b->venue.host.core, s->instrument, &r);
}

static void on_rules(struct binance *b, struct bn_request *q, const struct binance_message *m,
		     int64_t recv_ns)
{
	struct binance_rules r = { .api = b->api,
				   .symbols = &b->symbols,
				   .utc_ns = bn_now(b).utc_ns,
				   .owner = b,
				   .on_rule = on_rule };
	(void)q;
	b->halted = false;
	b->rules_same = recv_ns - b->rules_told_ns <= 2 * DOUBTED_MOST_NS ? b->rules_same + 1 : 0;
	b->rules_told_ns = recv_ns;
	int rc = bn_good(m)
			 ? binance_rules_read(&r, m->result.p, m->result.n)
			 : err_set(ERR_NET, "exchangeInfo: %d %d %s", m->status, m->code, m->text);
	if (!rc && r.found < b->n_mine)
		rc = err_set(ERR_CONFIG,
			     "exchangeInfo knows %u of %u instruments: check their symbols",
			     r.found, b->n_mine);
	b->rules_at_ns = recv_ns + (rc		? b->times.backoff_max_ns
				    : b->halted ? HALTED_EVERY_NS
						: RULES_EVERY_NS);
	if (rc) {
		if (bn_good(m))
			bn_bad_input(b, BAD_NO_BOOK, rc == -ERR_RANGE ? BAD_TICK : BAD_SYNTAX,
				     err_text(), &m->result);
		log_error("%s: %s", b->dialect->name, err_text());
		return;
	}
	b->rules_known = true;
	bn_evaluate(b, "trading rules are known");
}

static void on_time(struct binance *b, struct bn_request *q, const struct binance_message *m,
		    int64_t recv_ns)
{
	static const char *const name[] = { "serverTime" };
	struct json_scan j;
	struct json_value v;
	int64_t ms;
	b->clock_at_ns = recv_ns + (bn_good(m) ? CLOCK_EVERY_NS : b->times.backoff_max_ns);
	json_scan_value(&j, &m->result);
	if (!bn_good(m) || !json_members(&j, name, &v, 1) || !json_int64(&v, &ms) || ms <= 0 ||
	    ms > INT64_MAX / 1000000)
		return;
	int64_t venue_ns = ms * 1000000, way_ns = recv_ns - q->sent_ns;
	b->venue.host.on_clock(b->venue.host.core, b->venue.index, q->sent_ns, venue_ns, venue_ns,
			       recv_ns);
	/* Half of the way is what the answer cannot tell: an offset within it is none. */
	int64_t offset = venue_ns - (bn_now(b).utc_ns - way_ns / 2);
	int64_t unsure = way_ns / 2 + 1000000;
	b->clock_offset_ns = offset > unsure || offset < -unsure ? offset : 0;
}

/* A whole book, or only its number. */
static void on_book(struct binance *b, struct bn_request *q, const struct binance_message *m,
		    int64_t recv_ns)
{
	const struct venue_host *h = &b->venue.host;
	const struct instrument *in = &b->instrument[q->instrument];
	struct binance_md *md = &b->market.md;
	struct binance_md_event ev;
	const struct symbol *s = symbols_find(&b->symbols, in->symbol, strlen(in->symbol));
	if (!bn_good(m))
		return; /* the book asks again when it is overdue */
	if (binance_md_snapshot(md, s, m->result.p, m->result.n, recv_ns, &ev))
		bn_bad_input(b, q->instrument, md->bad, md->why, &m->result);
	else if (q->ask == BN_PROBE)
		h->on_probe(h->core, q->instrument, ev.depth.last_seq, q->sent_ns);
	else
		h->on_snapshot(h->core, q->instrument, &ev.depth);
}

/* From the moment it was asked for, the venue counts at least so long. */
static void on_arm(struct binance *b, struct bn_request *q, const struct binance_message *m,
		   int64_t recv_ns)
{
	(void)recv_ns;
	if (bn_good(m))
		b->armed_until_ns[q->instrument] = q->sent_ns + b->dead_man_ms * 1000000;
	else
		log_warn("%s: the dead-man switch of %s was not armed: %d %d %.90s",
			 b->dialect->name, b->instrument[q->instrument].name, m->status, m->code,
			 m->status ? m->text : "no answer");
}

/* ---- the table ---- */

static const bn_answer answers[] = {
	[BN_LOGON] = on_step,
	[BN_SUBSCRIBE] = on_step,
	[BN_LISTEN_KEY] = on_listen_key,
	[BN_KEEP_ALIVE] = on_keep_alive,
	[BN_RULES] = on_rules,
	[BN_TIME] = on_time,
	[BN_BOOK] = on_book,
	[BN_PROBE] = on_book,
	[BN_PLACE] = bn_on_place,
	[BN_CANCEL] = bn_on_cancel,
	[BN_STATUS] = bn_on_status,
	[BN_TRADES] = bn_on_trades,
	[BN_REPLACE] = bn_on_replace,
	[BN_CANCEL_ALL] = bn_on_cancel_all,
	[BN_ARM] = on_arm,
	[BN_HISTORY] = bn_on_history,
	[BN_WHOSE] = bn_on_whose,
	[BN_OPEN_ORDERS] = bn_on_open_orders,
	[BN_POSITIONS] = bn_on_positions,
	[BN_BALANCES] = bn_on_balances,
};
_Static_assert(sizeof(answers) / sizeof(*answers) == bn_ask_max, "an answer for each question");

/* What an answer says about how we may go on, whatever it answers. */
static void heed(struct binance *b, const struct bn_request *q, const struct binance_message *m,
		 int64_t recv_ns)
{
	bool orders = m->code == -1015 && m->status != 418; /* it comes with 429 as well */
	bool barred = !orders && (m->status == 429 || m->status == 418 || m->code == -1003);
	if (barred || orders) {
		int64_t wait;
		if (m->retry_after_ms > 0 && m->retry_after_ms < INT64_MAX / 1000000)
			wait = m->retry_after_ms * 1000000 - bn_now(b).utc_ns - b->clock_offset_ns;
		else if (m->status == 418) /* a ban: what is asked meanwhile makes it longer */
			wait = b->times.backoff_max_ns > ORDERS_PAUSE_NS ? b->times.backoff_max_ns
									 : ORDERS_PAUSE_NS;
		else
			wait = bn_budget_backoff(&b->budget, barred ? BN_URGENT : BN_OPENING,
						 recv_ns, ORDERS_PAUSE_NS);
		if (wait <= 0)
			return;
		/* Too many orders: cancels and questions may go on. Too much at all: nothing may, or a ban follows. */
		bn_budget_pause(&b->budget, recv_ns + wait, barred);
		if (b->venue.host.on_pause)
			b->venue.host.on_pause(b->venue.host.core, b->venue.index, recv_ns + wait,
					       barred);
		log_warn("%s: asked to slow down for %lld ms (%d %d %s)", b->dialect->name,
			 (long long)(wait / 1000000), m->status, m->code, m->text);
	}
	if (binance_code_find(m->status, m->code, m->text)->reject_class == REJECT_CLOCK)
		b->clock_at_ns = 0;
	/* The venue takes a log-on back with this code. */
	struct bn_session *s = bn_session_of(b, q);
	if (m->code == -2015 && s && s->state == BN_SES_READY) {
		log_error("%s: the key was refused: %s", s->name, m->text);
		bn_session_break(s, true, "the venue revoked the session");
	}
}

void bn_reply(struct binance *b, struct bn_request *q, const struct binance_message *m,
	      int64_t recv_ns)
{
	struct bn_request copy = *q;
	bn_requests_del(&b->requests, q);
	if (!m->status && copy.rest)
		bn_rest_drop(&b->rest, copy.id);
	answers[copy.ask](b, &copy, m, recv_ns);
	heed(b, &copy, m, recv_ns);
}
