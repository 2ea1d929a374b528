/* Proves the session's table: one way up, every state falls on a lost line, and nothing else moves. */
#include "adapters/binance/bn_session.h"
#include "tests/unit/suite.h"

START_TEST(one_way_up)
{
	enum bn_session_state st = bn_session_next(BN_SES_DOWN, BN_EV_OPEN);
	for (int want = BN_SES_LOGON; want < BN_SES_READY; want++) {
		ck_assert_int_eq(st, want);
		ck_assert_int_eq(bn_session_next(st, BN_EV_OPEN), bn_session_state_max);
		st = bn_session_next(st, BN_EV_DONE);
	}
	ck_assert_int_eq(st, BN_SES_READY);
	ck_assert_int_eq(bn_session_next(BN_SES_READY, BN_EV_DONE), bn_session_state_max);
	ck_assert_int_eq(bn_session_next(BN_SES_DOWN, BN_EV_DONE), bn_session_state_max);
}
END_TEST

START_TEST(a_lost_line_ends_any_state)
{
	for (int st = 0; st < bn_session_state_max; st++) {
		ck_assert_int_eq(bn_session_next((enum bn_session_state)st, BN_EV_LOST),
				 BN_SES_DOWN);
		ck_assert(bn_session_state_name((enum bn_session_state)st)[0] != '?');
	}
	ck_assert_str_eq(bn_session_state_name(bn_session_state_max), "?");
}
END_TEST

SUITE("bn_session", one_way_up, a_lost_line_ends_any_state)
