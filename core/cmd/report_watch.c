/* What a report's host was watched by and told: limits and what went beyond them, alerts and who acknowledged them, operators' acts, versions of scripts,
 * connections, gaps, reconciliations. */
#include "core/base/dec.h"
#include "core/cmd/report_host.h"
#include "core/io/env.h"
#include "core/trade/alert.h"
#include "core/trade/limit.h"
#include "core/trade/lineup.h"
#include "core/trade/risk.h"
#include "core/trade/venue.h"
#include <string.h>

/* ---- limits */

static const char *subject(const struct report *r, const struct fact *f)
{
	return f->instrument ? report_name(r, NAME_INSTRUMENT, f->instrument)
	       : f->instance ? report_name(r, NAME_INSTANCE, f->instance)
	       : f->account  ? report_name(r, NAME_ACCOUNT, f->account)
			     : report_name(r, NAME_VENUE, f->venue);
}

/* As receipts call it, without the scale of what is told in units here. */
static void put_limit(struct report_out *o, enum report_column c, enum risk_limit l)
{
	char name[64];
	snprintf(name, sizeof name, "%s", risk_limit_name(l));
	const size_t n = strlen(name);
	if (n > 3 && strcmp(name + n - 3, "_e8") == 0)
		name[n - 3] = 0;
	report_text(o, c, name);
}

/* A limit's own numbers: money, base units and lots stand at 8 decimals. */
static void put_value(struct report_out *o, enum report_column c, enum risk_limit l, int64_t v)
{
	const enum limit_unit u = limit_unit_of(l);
	if (v == LIMIT_OFF || v == INT64_MIN)
		return;
	report_dec(o, c, v, u == UNIT_MONEY || u == UNIT_BASE ? 8 : u == UNIT_LOTS ? 9 : 0);
}

int report_on_risk(struct report *r, const struct fact *f)
{
	struct report_out *o = r->out;
	const enum risk_limit l = f->num[0] > 0 && f->num[0] < risk_limit_max
					  ? (enum risk_limit)f->num[0]
					  : RISK_LIMIT_NONE;
	r->fig.breaches += f->num[3] > 0 ? (uint64_t)f->num[3] : 1;
	report_int(o, COL_B_SEQ, (int64_t)f->seq);
	report_time(o, COL_B_TIME, f->utc_ns);
	report_text(o, COL_B_WHAT, "refused");
	put_limit(o, COL_B_LIMIT, l);
	put_value(o, COL_B_VALUE, l, f->num[1]);
	put_value(o, COL_B_BOUND, l, f->num[2]);
	report_int(o, COL_B_COUNT, f->num[3] > 0 ? f->num[3] : 1);
	report_text(o, COL_B_OF, subject(r, f));
	report_id(o, COL_B_PAIR, f->pair);
	report_text(o, COL_B_TEXT, f->text);
	report_row(o, SHEET_BREACHES);
	return 0;
}

static const char *scope_of(int64_t scope)
{
	return scope >= 0 && scope < limit_scope_max ? limit_scope_name((enum limit_scope)scope)
						     : NULL;
}

static const char *action_of(int64_t action)
{
	return action >= 0 && action < limit_action_max
		       ? limit_action_name((enum limit_action)action)
		       : NULL;
}

static void put_breach(struct report *r, const struct fact *f, enum risk_limit l, const char *what)
{
	struct report_out *o = r->out;
	r->fig.breaches += f->num[0] == LIMIT_BEYOND;
	report_int(o, COL_B_SEQ, (int64_t)f->seq);
	report_time(o, COL_B_TIME, f->utc_ns);
	report_text(o, COL_B_WHAT, what);
	put_limit(o, COL_B_LIMIT, l);
	put_value(o, COL_B_VALUE, l, f->num[4]);
	put_value(o, COL_B_BOUND, l, f->num[5]);
	report_int(o, COL_B_COUNT, f->num[7]);
	report_text(o, COL_B_SCOPE, scope_of(f->num[2]));
	report_text(o, COL_B_OF, subject(r, f));
	report_text(o, COL_B_ACTION, action_of(f->num[3]));
	report_id(o, COL_B_PAIR, f->pair);
	report_text(o, COL_B_TEXT, f->text);
	report_row(o, SHEET_BREACHES);
}

int report_on_limit(struct report *r, const struct fact *f)
{
	static const char *const whats[] = {
		"beyond", "near", "back", "set", "carried", "in_force"
	};
	struct report_out *o = r->out;
	const enum risk_limit l = f->num[1] > 0 && f->num[1] < risk_limit_max
					  ? (enum risk_limit)f->num[1]
					  : RISK_LIMIT_NONE;
	const char *what = f->num[0] >= 0 && f->num[0] < 6 ? whats[f->num[0]] : "?";
	if (f->num[0] <= LIMIT_ENDED) {
		put_breach(r, f, l, what);
		return 0;
	}
	if (f->num[0] == LIMIT_CARRIED) /* what was counted so far, for a restart: no limit */
		return 0;
	report_int(o, COL_L_SEQ, (int64_t)f->seq);
	report_time(o, COL_L_TIME, f->utc_ns);
	report_text(o, COL_L_WHAT, what);
	put_limit(o, COL_L_LIMIT, l);
	report_text(o, COL_L_SCOPE, scope_of(f->num[2]));
	report_text(o, COL_L_OF, subject(r, f));
	report_text(o, COL_L_ACTION, action_of(f->num[3]));
	put_value(o, COL_L_BOUND, l, f->num[0] == LIMIT_SET ? f->num[4] : f->num[5]);
	if (f->num[0] == LIMIT_SET)
		put_value(o, COL_L_BEFORE, l, f->num[6]);
	report_text(o, COL_L_TEXT, f->text);
	report_row(o, SHEET_LIMITS);
	return 0;
}

/* ---- alerts and acts */

/* "ack 473 (venue_down) by ann/17: seen" */
static void actor(const char *text, char out[48])
{
	const char *at = strstr(text, " by ");
	snprintf(out, 48, "%.*s", at ? (int)strcspn(at + 4, ":") : 0, at ? at + 4 : "");
}

static void put_alert(struct report *r, const struct fact *f, const struct fact *ack)
{
	struct report_out *o = r->out;
	char who[48];
	report_int(o, COL_A_SEQ, (int64_t)f->seq);
	report_time(o, COL_A_TIME, f->utc_ns);
	report_text(o, COL_A_SEVERITY,
		    f->num[0] > 0 && f->num[0] < alert_severity_max
			    ? alert_severity_name((enum alert_severity)f->num[0])
			    : NULL);
	report_text(o, COL_A_CODE,
		    f->num[2] > 0 && f->num[2] < alert_code_max
			    ? alert_code_name((enum alert_code)f->num[2])
			    : NULL);
	report_int(o, COL_A_COUNT, f->num[1]);
	report_text(o, COL_A_INSTANCE, report_name(r, NAME_INSTANCE, f->instance));
	report_text(o, COL_A_VENUE, report_name(r, NAME_VENUE, f->venue));
	report_text(o, COL_A_INSTRUMENT, report_name(r, NAME_INSTRUMENT, f->instrument));
	report_id(o, COL_A_PAIR, f->pair);
	report_text(o, COL_A_TEXT, f->text);
	if (ack) {
		actor(ack->text, who);
		report_int(o, COL_A_ACK_SEQ, (int64_t)ack->seq);
		report_text(o, COL_A_ACK_BY, who);
		report_int(o, COL_A_ACK_NS, ack->utc_ns - f->utc_ns);
		r->fig.acked++;
	}
	report_row(o, SHEET_ALERTS);
}

/* Kept until it is acknowledged or the day is over, so that its row can say by whom. */
int report_on_alert(struct report *r, const struct fact *f)
{
	struct report_host *h = r->host;
	r->fig.alerts++;
	r->fig.critical += f->num[0] == ALERT_CRITICAL;
	if (h->alerts_head - h->alerts_tail == REPORT_ALERTS) {
		const struct fact *old = &h->alert[h->alerts_tail++ % REPORT_ALERTS];
		if (old->kind)
			put_alert(r, old, NULL);
	}
	h->alert[h->alerts_head++ % REPORT_ALERTS] = *f;
	return 0;
}

static void on_ack(struct report *r, const struct fact *f)
{
	struct report_host *h = r->host;
	for (uint64_t i = h->alerts_tail; i < h->alerts_head; i++) {
		struct fact *a = &h->alert[i % REPORT_ALERTS];
		if (a->kind && a->seq == f->cause) {
			put_alert(r, a, f);
			a->kind = FACT_NONE;
			return;
		}
	}
}

int report_on_operator(struct report *r, const struct fact *f)
{
	static const struct {
		int64_t command;
		const char *name;
	} names[] = { { CMD_STOP, "stop" },	  { CMD_KILL, "kill" },	    { CMD_PAUSE, "pause" },
		      { CMD_RESUME, "resume" },	  { CMD_RELOAD, "reload" }, { CMD_SET, "set" },
		      { CMD_RESOLVE, "resolve" }, { CMD_ACK, "ack" } };
	struct report_out *o = r->out;
	char who[48];
	actor(f->text, who);
	if (f->num[0] == CMD_ACK)
		on_ack(r, f);
	r->fig.kills += f->num[0] == CMD_KILL && !f->num[1];
	report_int(o, COL_X_SEQ, (int64_t)f->seq);
	report_time(o, COL_X_TIME, f->utc_ns);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].command == f->num[0])
			report_text(o, COL_X_COMMAND, names[i].name);
	report_text(o, COL_X_BY, who);
	report_text(o, COL_X_STATE,
		    f->state < risk_state_max ? risk_state_name((enum risk_state)f->state) : NULL);
	report_id(o, COL_X_PAIR, f->pair);
	if (f->cause)
		report_int(o, COL_X_CAUSE, (int64_t)f->cause);
	report_text(o, COL_X_TEXT, f->text);
	report_row(o, SHEET_ACTS);
	return 0;
}

/* ---- scripts */

uint32_t report_version(struct report_host *h, uint32_t instance, uint32_t script)
{
	uint32_t i = 0;
	while (i < h->n_versions && h->version[i].instance != instance)
		i++;
	if (i == REPORT_VERSIONS)
		return 0;
	const uint32_t before = i < h->n_versions ? h->version[i].script : 0;
	h->n_versions += i == h->n_versions;
	h->version[i].instance = instance;
	h->version[i].script = script;
	return before;
}

int report_on_script(struct report *r, const struct fact *f)
{
	struct report_out *o = r->out;
	uint32_t before = (uint32_t)f->num[3];
	if (f->state == VERSION_LIVE) {
		const uint32_t was = report_version(r->host, f->instance, f->script);
		before = before ? before : was;
		if (before && before != f->script && r->n_diffs < REPORT_DIFFS)
			r->diff[r->n_diffs++] =
				(struct report_diff){ f->instance, before, f->script };
	}
	report_int(o, COL_S_SEQ, (int64_t)f->seq);
	report_time(o, COL_S_TIME, f->utc_ns);
	report_text(o, COL_S_INSTANCE, report_name(r, NAME_INSTANCE, f->instance));
	report_text(o, COL_S_SHA, report_name(r, NAME_SCRIPT, f->script));
	report_int(o, COL_S_VERSION, f->num[0]);
	report_text(o, COL_S_ROLE,
		    f->state < version_role_max ? version_role_name((enum version_role)f->state)
						: NULL);
	if (before != f->script)
		report_text(o, COL_S_BEFORE, report_name(r, NAME_SCRIPT, before));
	report_text(o, COL_S_FILE, f->text);
	report_int(o, COL_S_LINES, f->num[1]);
	report_int(o, COL_S_BYTES, f->num[2]);
	report_row(o, SHEET_SCRIPTS);
	return 0;
}

/* ---- connections, gaps, reconciliations */

static const char *venue_word(int64_t state)
{
	return state >= 0 && state < venue_state_max ? venue_state_name((enum venue_state)state)
						     : NULL;
}

int report_on_venue(struct report *r, const struct fact *f)
{
	struct report_out *o = r->out;
	report_int(o, COL_V_SEQ, (int64_t)f->seq);
	report_time(o, COL_V_TIME, f->utc_ns);
	report_text(o, COL_V_VENUE, report_name(r, NAME_VENUE, f->venue));
	report_text(o, COL_V_FROM, venue_word(f->num[0]));
	report_text(o, COL_V_TO, venue_word(f->num[1]));
	report_int(o, COL_V_EPOCH, f->num[2]);
	report_text(o, COL_V_TEXT, f->text);
	report_row(o, SHEET_LINKS);
	return 0;
}

int report_on_feed(struct report *r, const struct fact *f)
{
	struct report_out *o = r->out;
	report_int(o, COL_G_SEQ, (int64_t)f->seq);
	report_time(o, COL_G_TIME, f->utc_ns);
	report_text(o, COL_G_INSTRUMENT, report_name(r, NAME_INSTRUMENT, f->instrument));
	report_text(o, COL_G_STATE, fact_state_name(FACT_FEED, f->state));
	if (f->num[2] || f->num[3]) {
		report_int(o, COL_G_FIRST, f->num[2]);
		report_int(o, COL_G_LAST, f->num[3]);
	}
	if (f->num[4])
		report_int(o, COL_G_TOOK, f->num[4]);
	if (f->num[5])
		report_int(o, COL_G_DROPPED, f->num[5]);
	report_text(o, COL_G_TEXT, f->text);
	report_row(o, SHEET_GAPS);
	return 0;
}

/* Of a contract quantities, of an asset amounts (the venue's beside the host's). */
int report_on_reconcile(struct report *r, const struct fact *f)
{
	struct report_out *o = r->out;
	const bool asset = f->fee_asset != 0;
	report_int(o, COL_R_SEQ, (int64_t)f->seq);
	report_time(o, COL_R_TIME, f->utc_ns);
	report_text(o, COL_R_WHAT, fact_state_name(FACT_RECONCILE, f->state));
	report_text(o, COL_R_ACCOUNT, report_name(r, NAME_ACCOUNT, f->account));
	report_text(o, COL_R_OF,
		    asset ? report_name(r, NAME_ASSET, f->fee_asset)
			  : report_name(r, NAME_INSTRUMENT, f->instrument));
	report_dec(o, COL_R_HOST, asset ? f->num[4] : f->num[0], asset ? 8 : f->qty_dp);
	report_dec(o, COL_R_VENUE, asset ? f->num[5] : f->num[1], asset ? 8 : f->qty_dp);
	report_text(o, COL_R_TEXT, f->text);
	report_row(o, SHEET_RECON);
	return 0;
}

void report_watch_end(struct report *r)
{
	struct report_host *h = r->host;
	for (; h->alerts_tail < h->alerts_head; h->alerts_tail++)
		if (h->alert[h->alerts_tail % REPORT_ALERTS].kind)
			put_alert(r, &h->alert[h->alerts_tail % REPORT_ALERTS], NULL);
}
