/* The host of a report: sessions, builds, configurations, accounts, clocks; and who takes which receipt. */
#include "core/cmd/report_host.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/trade/lineup.h"
#include <stdlib.h>
#include <string.h>

#define RTS25_HFT 100000
#define RTS25	  1000000

/* ---- sessions */

const struct report_session *report_session_now(const struct report *r)
{
	return r->host->session.open_seq ? &r->host->session : NULL;
}

/* "tandem 0.1.0 (1be8650), configuration 3618..." */
static void learn_session(struct report_host *h, const struct fact *f)
{
	const char *config = strstr(f->text, "configuration ");
	h->session = (struct report_session){ .open_seq = f->seq,
					      .epoch = f->num[0],
					      .open_utc_ns = f->utc_ns };
	snprintf(h->session.config, sizeof h->session.config, "%.64s", config ? config + 14 : "");
}

/* `close` is its own record, the next session's opening, or NULL: there is neither on this day. */
static const char *how_ended(const struct report *r, const struct fact *close, bool import)
{
	if (close && close->kind == FACT_SESSION_CLOSE)
		return import ? "import" : "orderly";
	const bool last = r->fig.last_walked == reader_last(r->reader);
	return close || (last && !reader_host(r->reader)) ? "killed" : "running";
}

static void put_session(struct report *r, const struct fact *close, uint64_t counted)
{
	const struct report_host *h = r->host;
	const struct fact *f = &h->open;
	struct report_out *o = r->out;
	const bool import = !h->build.kind && !h->session.config[0];
	if (!f->kind)
		return;
	report_int(o, COL_N_EPOCH, f->num[0]);
	report_int(o, COL_N_OPEN_SEQ, (int64_t)f->seq);
	report_time(o, COL_N_OPEN, f->utc_ns);
	report_text(o, COL_N_CONFIG, h->session.config);
	report_text(o, COL_N_BUILD, h->session.build);
	if (!h->open_before)
		report_int(o, COL_N_COUNTED, (int64_t)counted);
	report_text(o, COL_N_TEXT, f->text);
	if (close && close->kind == FACT_SESSION_CLOSE) {
		report_int(o, COL_N_CLOSE_SEQ, (int64_t)close->seq);
		report_time(o, COL_N_CLOSE, close->utc_ns);
		report_text(o, COL_N_CLEAN, close->num[6] ? "yes" : "no");
		report_int(o, COL_N_RECEIPTS, close->num[0]);
		report_int(o, COL_N_PAIRS, close->num[1]);
		report_int(o, COL_N_ORDERS, close->num[2]);
		report_int(o, COL_N_FILLS, close->num[3]);
		report_dec(o, COL_N_RESIDUAL, close->num[4], 8);
	}
	report_text(o, COL_N_HOW, how_ended(r, close, import));
	report_row(o, SHEET_SESSIONS);
}

static int on_session_open(struct report *r, const struct fact *f)
{
	struct report_host *h = r->host;
	learn_session(h, f);
	h->open = *f;
	h->build = (struct fact){ 0 };
	h->open_before = false;
	return 0;
}

static int on_session_close(struct report *r, const struct fact *f)
{
	(void)f;
	r->host->open = (struct fact){ 0 };
	return 0;
}

static int on_build(struct report *r, const struct fact *f)
{
	const char *sha = strstr(f->text, "sha256 ");
	r->host->build = *f;
	snprintf(r->host->session.build, sizeof r->host->session.build, "%.64s",
		 sha ? sha + 7 : f->text);
	return 0;
}

/* ---- accounts: "group demo; terminal 10.0.0.1 ..." */

static int on_account(struct report *r, const struct fact *f)
{
	struct report_host *h = r->host;
	uint32_t i = 0;
	while (i < h->n_accounts && h->account[i].account != f->account)
		i++;
	if (i == REPORT_ACCOUNTS)
		return 0;
	h->n_accounts += i == h->n_accounts;
	struct report_account *a = &h->account[i];
	*a = (struct report_account){ .account = f->account, .hedge_flag = f->num[1] };
	const char *text = strncmp(f->text, "group ", 6) == 0 ? f->text + 6 : f->text,
		   *terminal = strstr(text, "; terminal ");
	const size_t n = terminal ? (size_t)(terminal - text) : strlen(text);
	snprintf(a->group, sizeof a->group, "%.*s", (int)(n < 47 ? n : 47), text);
	snprintf(a->terminal, sizeof a->terminal, "%.95s", terminal ? terminal + 11 : "");
	return 0;
}

const struct report_account *report_account_of(const struct report *r, uint32_t account)
{
	const struct report_host *h = r->host;
	for (uint32_t i = 0; i < h->n_accounts; i++)
		if (h->account[i].account == account)
			return &h->account[i];
	return NULL;
}

/* ---- clocks */

static struct report_clock *clock_of(struct report_host *h, uint32_t venue)
{
	for (uint32_t i = 0; i < h->n_clocks; i++)
		if (h->clock[i].venue == venue)
			return &h->clock[i];
	if (h->n_clocks == REPORT_CLOCKS)
		return NULL;
	struct report_clock *c = &h->clock[h->n_clocks++];
	*c = (struct report_clock){ .venue = venue, .steps_first = -1 };
	return c;
}

bool report_clock_of(const struct report *r, uint32_t venue, int64_t *offset_ns, int64_t *bound_ns)
{
	const struct report_host *h = r->host;
	for (uint32_t i = 0; i < h->n_clocks; i++)
		if (h->clock[i].venue == venue && h->clock[i].known) {
			*offset_ns = h->clock[i].offset_ns;
			*bound_ns = h->clock[i].bound_ns;
			return true;
		}
	return false;
}

/* How it stood from its last receipt up to now. */
static void stood(struct report_clock *c, int64_t utc_ns)
{
	const int64_t ns = utc_ns - c->since_utc_ns;
	if (c->known && ns > 0) {
		c->all_ns += ns;
		c->unknown_ns += c->bound_ns == INT64_MAX ? ns : 0;
		c->in_100us_ns += c->bound_ns <= RTS25_HFT ? ns : 0;
		c->in_1ms_ns += c->bound_ns <= RTS25 ? ns : 0;
	}
	c->since_utc_ns = utc_ns;
}

static void draw_bound(struct report *r, uint32_t venue, int64_t utc_ns, int64_t bound_ns)
{
	struct report_bins *b = &r->bins;
	uint32_t k = 0;
	const uint32_t at = report_bin(r, utc_ns);
	while (k < b->n_venues && b->venue[k] != venue)
		k++;
	if (k == REPORT_BOUNDS || at == REPORT_BINS || bound_ns == INT64_MAX)
		return;
	b->venue[k] = venue;
	b->n_venues += k == b->n_venues;
	b->bound_ns[k][at] = bound_ns > b->bound_ns[k][at] ? bound_ns : b->bound_ns[k][at];
}

static int on_clock(struct report *r, const struct fact *f)
{
	struct report_clock *c = clock_of(r->host, f->venue);
	if (!c)
		return 0;
	stood(c, f->utc_ns);
	if (!c->known) /* what it is when it is first told of is not its least */
		c->offset_min_ns = c->offset_max_ns = f->num[0];
	if (!c->receipts)
		c->bound_min_ns = c->bound_max_ns = f->num[1];
	c->known = true;
	c->receipts++;
	c->offset_ns = f->num[0];
	c->bound_ns = f->num[1];
	c->offset_min_ns = c->offset_ns < c->offset_min_ns ? c->offset_ns : c->offset_min_ns;
	c->offset_max_ns = c->offset_ns > c->offset_max_ns ? c->offset_ns : c->offset_max_ns;
	c->bound_min_ns = c->bound_ns < c->bound_min_ns ? c->bound_ns : c->bound_min_ns;
	c->bound_max_ns = c->bound_ns > c->bound_max_ns ? c->bound_ns : c->bound_max_ns;
	c->steps_first = c->steps_first < 0 ? f->num[5] : c->steps_first;
	c->steps = f->num[5];
	draw_bound(r, f->venue, f->utc_ns, f->num[1]);
	return 0;
}

static void put_part(struct report_out *o, enum report_column c, int64_t part, int64_t all)
{
	if (all > 0)
		report_dec(o, c, dec_muldiv(part, 10000, all, DEC_DOWN), 2);
}

static void put_clock(struct report *r, struct report_clock *c)
{
	struct report_out *o = r->out;
	stood(c, r->host->last_utc_ns);
	report_text(o, COL_K_VENUE, c->venue ? report_name(r, NAME_VENUE, c->venue) : "host");
	report_int(o, COL_K_SAMPLES, (int64_t)c->receipts);
	report_int(o, COL_K_OFFSET_MIN, c->offset_min_ns);
	report_int(o, COL_K_OFFSET_MAX, c->offset_max_ns);
	if (c->bound_min_ns != INT64_MAX)
		report_int(o, COL_K_BOUND_MIN, c->bound_min_ns);
	if (c->bound_max_ns != INT64_MAX)
		report_int(o, COL_K_BOUND_MAX, c->bound_max_ns);
	put_part(o, COL_K_IN_100US, c->in_100us_ns, c->all_ns);
	put_part(o, COL_K_IN_1MS, c->in_1ms_ns, c->all_ns);
	put_part(o, COL_K_UNKNOWN, c->unknown_ns, c->all_ns);
	report_int(o, COL_K_STEPS, c->steps - (c->steps_first < 0 ? 0 : c->steps_first));
	report_row(o, SHEET_CLOCKS);
}

/* ---- all of it */

static int (*const effect[fact_kind_max])(struct report *r, const struct fact *f) = {
	[FACT_SESSION_OPEN] = on_session_open,
	[FACT_SESSION_CLOSE] = on_session_close,
	[FACT_BUILD] = on_build,
	[FACT_ACCOUNT] = on_account,
	[FACT_CLOCK] = on_clock,
	[FACT_RISK] = report_on_risk,
	[FACT_LIMIT] = report_on_limit,
	[FACT_ALERT] = report_on_alert,
	[FACT_OPERATOR] = report_on_operator,
	[FACT_SCRIPT] = report_on_script,
	[FACT_VENUE] = report_on_venue,
	[FACT_FEED] = report_on_feed,
	[FACT_RECONCILE] = report_on_reconcile,
};

/* The newest of a kind before the day. 1: *out is it; 0: there is none. */
static int newest_before(struct report *r, enum fact_kind k, uint64_t seq, struct fact *out)
{
	const struct reader_filter q = { .kind = (uint16_t)k, .seq_to = seq - 1 };
	struct reader_walk *w;
	struct fact f;
	int found = 0, rc = seq > 1 ? reader_walk_open(r->reader, &q, &w) : 1;
	if (rc)
		return rc < 0 ? rc : 0;
	while ((rc = reader_walk_next(w, &f)) > 0) {
		*out = f;
		found = 1;
	}
	reader_walk_close(w);
	return rc < 0 ? rc : found;
}

/* What a session that began before this day said at its opening holds on this day too. */
static int learn_before(struct report *r)
{
	struct report_host *h = r->host;
	struct fact open, close, f;
	struct reader_walk *w;
	int rc = newest_before(r, FACT_SESSION_OPEN, r->day.first_seq, &open);
	if (rc <= 0)
		return rc;
	rc = newest_before(r, FACT_SESSION_CLOSE, r->day.first_seq, &close);
	if (rc < 0 || (rc > 0 && close.seq > open.seq))
		return rc < 0 ? rc : 0;
	learn_session(h, &open);
	h->open = open;
	h->open_before = true;
	const struct reader_filter q = { .seq_from = open.seq, .seq_to = open.seq + 4096 };
	rc = reader_walk_open(r->reader, &q, &w);
	while (!rc && (rc = reader_walk_next(w, &f)) > 0 && f.seq < r->day.first_seq) {
		if (f.kind == FACT_BUILD)
			on_build(r, &f);
		else if (f.kind == FACT_ACCOUNT)
			on_account(r, &f);
		else if (f.kind == FACT_SCRIPT && f.state == VERSION_LIVE)
			report_version(h, f.instance, f.script);
		rc = 0;
	}
	reader_walk_close(w);
	return rc < 0 ? rc : 0;
}

int report_host_open(struct report *r)
{
	r->host = calloc(1, sizeof *r->host);
	if (!r->host || !(r->host->alert = calloc(REPORT_ALERTS, sizeof *r->host->alert)))
		return err_set(ERR_NOMEM, "no memory for a report");
	return learn_before(r);
}

void report_host_close(struct report *r)
{
	if (!r->host)
		return;
	free(r->host->alert);
	free(r->host);
}

int report_host_fact(struct report *r, const struct fact *f)
{
	struct report_host *h = r->host;
	const uint64_t before = h->counted++; /* the session's, whatever day they are of */
	if (f->kind == FACT_SESSION_OPEN)
		h->counted = 1;
	if (f->kind >= fact_kind_max || !report_day_has(&r->day, f))
		return 0;
	h->last_utc_ns = f->utc_ns > h->last_utc_ns ? f->utc_ns : h->last_utc_ns;
	if (f->kind == FACT_SESSION_OPEN)
		put_session(r, f, before); /* the one before had no end of its own */
	if (f->kind == FACT_SESSION_CLOSE)
		put_session(r, f, before);
	return effect[f->kind] ? effect[f->kind](r, f) : 0;
}

int report_host_end(struct report *r)
{
	struct report_host *h = r->host;
	report_watch_end(r);
	for (uint32_t i = 0; i < h->n_clocks; i++)
		put_clock(r, &h->clock[i]);
	put_session(r, NULL, h->counted);
	return 0;
}
