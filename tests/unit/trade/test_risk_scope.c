/* Proves that a kill stops the part of the host that it names, in its mode, once; that it takes a person and a reason to open again; and that states, pauses, bounds and counts of the day stand again after a restart. */
#include "core/trade/risk.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <stdio.h>
#include <string.h>

static struct config_limit conf[1];

/* One row, as the configuration would bring it. */
static void set(struct rig *r, enum risk_limit l, enum limit_scope s, uint32_t index, int64_t value,
		enum limit_action a)
{
	conf[0] = (struct config_limit){ .limit = (uint8_t)l,
					 .scope = (uint8_t)s,
					 .index = index,
					 .value = value,
					 .action = (uint8_t)a,
					 .warn_pct = 80,
					 .line = 31 };
	r->cfg.limit = conf;
	r->cfg.n_limits = 1;
	snprintf(r->cfg.file, sizeof r->cfg.file, "/etc/host.lua");
	limits_load(&r->d);
}

START_TEST(states_by_scope)
{
	static const struct risk_scope part[] = { { .scope = SCOPE_GLOBAL },
						  { .scope = SCOPE_VENUE, .index = PERP },
						  { .scope = SCOPE_ACCOUNT, .index = SPOT },
						  { .scope = SCOPE_INSTANCE } };
	for (unsigned k = 0; k < 4; k++) {
		struct rig *r = rig_new();
		struct pair *p = rig_propose(r, INTENT_OPEN, 100);
		rig_finish(r, p, RIG_SECOND);
		risk_kill(&r->d, &part[k], KILL_STOP, "me", "a drill");
		ck_assert_int_eq(risk_state_of(&r->d, 0, NULL), RISK_REDUCING);
		ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 10));
		ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_KILL);
		p = rig_propose(r, INTENT_CLOSE, 10); /* R5 */
		ck_assert_ptr_nonnull(p);
		rig_finish(r, p, RIG_SECOND);
		risk_kill(&r->d, &part[k], KILL_FINISH, "me", "a drill");
		ck_assert_int_eq(risk_state_of(&r->d, 0, NULL), RISK_HALTED);
		ck_assert_int_eq(r->d.instance[0].wish, WISH_FINISH);
		ck_assert_ptr_null(rig_propose(r, INTENT_CLOSE, 10));
		risk_kill(&r->d, &part[k], KILL_STOP, "me", "less"); /* no way back */
		ck_assert_int_eq(risk_state_of(&r->d, 0, NULL), RISK_HALTED);
		risk_kill(&r->d, &part[k], KILL_FLATTEN, "me", "out");
		ck_assert_int_eq(r->d.instance[0].wish, WISH_FLATTEN);
		p = rig_propose(r, INTENT_CLOSE, 10); /* what the host itself closes */
		ck_assert_ptr_nonnull(p);
		rig_finish(r, p, RIG_SECOND);
		ck_assert_int_eq(risk_resume(&r->d, &part[k], "me", "over"), 0);
		ck_assert_int_eq(r->d.instance[0].wish, WISH_NONE);
		ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 10));
		rig_free(r);
	}
}
END_TEST

/* F59: twice is once, and what only a venue knows is asked for again. */
START_TEST(kill_is_idempotent)
{
	struct rig *r = rig_new();
	rig_plan(r, PERP, FATE_LOST, FATE_FILL);
	rig_plan(r, SPOT, FATE_REST, FATE_FILL);
	r->venue[PERP].mute_query = true;
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 100));
	rig_run(r, 200 * RIG_MS);
	struct risk_scope all = { .scope = SCOPE_GLOBAL };
	risk_kill(&r->d, &all, KILL_CANCEL, "me", "a drill");
	unsigned cancels = r->venue[SPOT].cancels, acts = rig_count(r, FACT_OPERATOR),
		 scopes = rig_count(r, FACT_SCOPE);
	ck_assert_uint_eq(cancels, 1);
	risk_kill(&r->d, &all, KILL_CANCEL, "me", "a drill");
	ck_assert_uint_eq(r->venue[SPOT].cancels, cancels);
	ck_assert_uint_eq(rig_count(r, FACT_OPERATOR), acts);
	ck_assert_uint_eq(rig_count(r, FACT_SCOPE), scopes);
	rig_run(r, RIG_SECOND); /* by now it is unknown */
	unsigned queries = r->venue[PERP].queries;
	risk_kill(&r->d, &all, KILL_CANCEL, "me", "again");
	ck_assert_uint_eq(r->venue[PERP].queries, queries + 1);
	rig_free(r);
}
END_TEST

/* A venue or an account that is killed leaves each contract in one message; whoever has neighbours there, order by order. */
START_TEST(by_the_contract)
{
	static const struct {
		struct risk_scope scope;
		unsigned mass, single;
	} row[] = {
		{ { .scope = SCOPE_GLOBAL }, 1, 0 },
		{ { .scope = SCOPE_VENUE, .index = PERP }, 1, 0 },
		{ { .scope = SCOPE_ACCOUNT, .index = PERP }, 1, 0 },
		{ { .scope = SCOPE_INSTRUMENT, .index = PERP }, 0, 2 },
		{ { .scope = SCOPE_INSTANCE }, 0, 2 },
	};
	for (unsigned k = 0; k < sizeof row / sizeof *row; k++) {
		struct rig *r = rig_new();
		rig_plan(r, PERP, FATE_REST, FATE_REST);
		for (int i = 0; i < 2; i++) {
			struct proposal pr = rig_proposal(INTENT_OPEN, 100);
			pr.tif = TIF_GTC;
			ck_assert_ptr_nonnull(exec_propose(&r->d, 0, &pr));
			rig_pump(r);
		}
		r->venue[PERP].then = FATE_FILL; /* the rescues */
		risk_kill(&r->d, &row[k].scope, KILL_CANCEL, "me", "a drill");
		ck_assert_uint_eq(r->venue[PERP].mass_cancels, row[k].mass);
		ck_assert_uint_eq(r->venue[PERP].cancels, row[k].single);
		rig_run(r, RIG_SECOND);
		ck_assert_uint_eq(r->d.stat.in_flight, 0);
		rig_audit(r);
		rig_free(r);
	}
}
END_TEST

START_TEST(a_pair_by_its_id)
{
	struct rig *r = rig_new();
	rig_plan(r, PERP, FATE_REST, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	rig_pump(r);
	char text[32];
	struct risk_scope s;
	snprintf(text, sizeof text, "pair:%llx", (unsigned long long)p->id);
	ck_assert(risk_scope_find(&r->d, text, &s));
	ck_assert_int_eq(s.scope, SCOPE_PAIR);
	ck_assert_uint_eq(s.pair, p->id);
	risk_kill(&r->d, &s, KILL_CANCEL, "me", "no");
	ck_assert_uint_eq(r->venue[PERP].cancels, 1);
	ck_assert_int_eq(p->breach, RISK_LIMIT_KILL);
	ck_assert_int_eq(risk_state_of(&r->d, 0, NULL), RISK_ACTIVE);
	rig_finish(r, p, 3 * RIG_SECOND);
	ck_assert(pair_over((enum pair_state)p->state));
	rig_free(r);
}
END_TEST

/* What a life has set, killed, paused and counted, the next one has, with a checkpoint behind it and without. */
START_TEST(it_outlives_the_host)
{
	for (int framed = 0; framed < 2; framed++) {
		struct rig *r = rig_new();
		set(r, RISK_LIMIT_DAY_LOSS, SCOPE_GLOBAL, 0, 1000, ACTION_KILL);
		risk_watch(&r->d);
		rig_finish(r, rig_propose(r, INTENT_OPEN, 100), RIG_SECOND);
		struct risk_scope venue = { .scope = SCOPE_VENUE, .index = PERP };
		struct risk_scope account = { .scope = SCOPE_ACCOUNT, .index = SPOT };
		ck_assert_int_eq(risk_set_limit(&r->d, RISK_LIMIT_ORDER_BASE, &venue, 5, "me", ""),
				 0);
		risk_kill(&r->d, &venue, KILL_FLATTEN, "me", "x");
		risk_kill(&r->d, &account, KILL_STOP, "me", "x");
		desk_pause_instance(&r->d, 0, "enough");
		int64_t base = limits_day(&r->d, SCOPE_GLOBAL, 0)->base_e8,
			sent = r->d.venue[PERP].day_sent;
		ck_assert(limits_day(&r->d, SCOPE_GLOBAL, 0)->known);
		ck_assert_int_eq(sent, 1);
		if (framed)
			checkpoint_write(&r->d);
		struct rig *next = rig_reborn(r, r->journal.n, true);
		set(next, RISK_LIMIT_DAY_LOSS, SCOPE_GLOBAL, 0, 1000, ACTION_KILL);
		rig_recover(next);
		const struct limit_row *row =
			limits_find(&next->d, RISK_LIMIT_ORDER_BASE, SCOPE_VENUE, PERP);
		ck_assert_ptr_nonnull(row);
		ck_assert_int_eq(row->value, 5);
		ck_assert_int_eq(next->d.instance[0].bounds->leg[PERP].most[LEG_ORDER_BASE], 5);
		ck_assert_int_eq(next->d.venue[PERP].risk_state, RISK_HALTED);
		ck_assert_int_eq(next->d.account_state[SPOT], RISK_REDUCING);
		ck_assert(next->d.instance[0].paused);
		ck_assert_str_eq(next->d.instance[0].paused_why, "enough");
		ck_assert_int_eq(next->d.venue[PERP].day_sent, sent);
		ck_assert(limits_day(&next->d, SCOPE_GLOBAL, 0)->known);
		ck_assert_int_eq(limits_day(&next->d, SCOPE_GLOBAL, 0)->base_e8, base);
		rig_free(next);
		rig_free(r);
	}
}
END_TEST

/* F60: lowered at once; below what is held only what reduces it passes. */
START_TEST(a_bound_below_what_is_held)
{
	struct rig *r = rig_new();
	r->cfg.risk.max_position_base_e8 = 20000000;
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	rig_finish(r, p, RIG_SECOND);
	struct risk_scope all = { .scope = SCOPE_GLOBAL };
	ck_assert_int_eq(risk_set_limit(&r->d, RISK_LIMIT_POSITION_BASE, &all, 5000000, "me", ""),
			 0);
	struct proposal open = rig_proposal(INTENT_OPEN, 1), close = rig_proposal(INTENT_CLOSE, 10);
	ck_assert_ptr_null(exec_propose(&r->d, 0, &open));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_POSITION_BASE);
	ck_assert_ptr_nonnull(strstr(rig_latest(r, FACT_RISK)->text, "set by an operator"));
	ck_assert_ptr_nonnull(exec_propose(&r->d, 0, &close));
	ck_assert_int_ne(risk_set_limit(&r->d, RISK_LIMIT_POSITION_BASE, &all, LIMIT_OFF, "me", ""),
			 0);
	rig_free(r);
}
END_TEST

SUITE("risk_scope", states_by_scope, kill_is_idempotent, by_the_contract, a_pair_by_its_id,
      it_outlives_the_host, a_bound_below_what_is_held)
