/* Proves the order's table: the whole of it as text, here and in the README of its folder, and that terminal states are left by late fills alone (I5). */
#include "core/trade/order.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

/* Rows: states; columns: SEND ACK FILL_PART FILL_LAST CANCEL CANCELLED CANCEL_REJECTED REJECTED LOST BUST REPLACE REPLACED REPLACE_REJECTED; "-": no such move. */
static const char *const golden[order_state_max] = {
	[ORDER_NEW] = "SENT - - - - - - REJECTED UNKNOWN - - - - ",
	[ORDER_SENT] =
		"- LIVE LIVE FILLED CANCELLING CANCELLED SENT REJECTED UNKNOWN LIVE - LIVE SENT ",
	[ORDER_LIVE] =
		"- LIVE LIVE FILLED CANCELLING CANCELLED LIVE REJECTED UNKNOWN LIVE REPLACING LIVE LIVE ",
	[ORDER_CANCELLING] =
		"- CANCELLING CANCELLING FILLED CANCELLING CANCELLED UNKNOWN REJECTED UNKNOWN CANCELLING - CANCELLING CANCELLING ",
	[ORDER_UNKNOWN] =
		"- LIVE UNKNOWN FILLED UNKNOWN CANCELLED UNKNOWN REJECTED UNKNOWN UNKNOWN - UNKNOWN UNKNOWN ",
	[ORDER_FILLED] = "- FILLED FILLED FILLED - FILLED FILLED - - CANCELLED - FILLED FILLED ",
	[ORDER_CANCELLED] =
		"- CANCELLED CANCELLED FILLED - CANCELLED CANCELLED CANCELLED - CANCELLED - CANCELLED CANCELLED ",
	[ORDER_REJECTED] =
		"- REJECTED CANCELLED FILLED - REJECTED REJECTED REJECTED - REJECTED - REJECTED REJECTED ",
	[ORDER_REPLACING] =
		"- REPLACING REPLACING FILLED CANCELLING CANCELLED REPLACING REJECTED UNKNOWN REPLACING - LIVE LIVE ",
};

START_TEST(test_table)
{
	for (unsigned s = 0; s < order_state_max; s++) {
		char row[256] = "";
		for (unsigned e = 0; e < order_event_max; e++) {
			enum order_state to = order_next((enum order_state)s, (enum order_event)e);
			strcat(row, to == order_state_max ? "-" : order_state_name(to));
			strcat(row, " ");
		}
		ck_assert_str_eq(row, golden[s]);
	}
}
END_TEST

START_TEST(test_terminal_is_final)
{
	for (unsigned s = 0; s < order_state_max; s++)
		for (unsigned e = 0; e < order_event_max; e++) {
			enum order_state to = order_next((enum order_state)s, (enum order_event)e);
			if (!order_terminal((enum order_state)s) || to == order_state_max ||
			    to == s)
				continue;
			ck_assert(order_terminal(to)); /* it never works again */
			ck_assert(e == ORDER_EV_FILL_PART || e == ORDER_EV_FILL_LAST ||
				  e == ORDER_EV_BUST);
		}
}
END_TEST

/* R1: from unknown, only what a venue says leads out, and silence leads there from every open state. */
START_TEST(test_unknown)
{
	for (unsigned s = 0; s < order_state_max; s++)
		if (order_open((enum order_state)s) || s == ORDER_NEW)
			ck_assert_int_eq(order_next((enum order_state)s, ORDER_EV_LOST),
					 ORDER_UNKNOWN);
		else
			ck_assert_int_eq(order_next((enum order_state)s, ORDER_EV_LOST),
					 order_state_max);
	ck_assert_int_eq(order_next(ORDER_UNKNOWN, ORDER_EV_CANCEL), ORDER_UNKNOWN);
	ck_assert_int_eq(order_next(ORDER_UNKNOWN, ORDER_EV_CANCEL_REJECTED), ORDER_UNKNOWN);
	ck_assert_int_eq(order_next(ORDER_UNKNOWN, ORDER_EV_SEND),
			 order_state_max); /* never sent again */
}
END_TEST

/* Every state can be reached, every open state can end, and every state is open, terminal or new. */
START_TEST(test_reachable)
{
	bool seen[order_state_max] = { [ORDER_NEW] = true };
	for (int round = 0; round < order_state_max; round++)
		for (unsigned s = 0; s < order_state_max; s++)
			for (unsigned e = 0; seen[s] && e < order_event_max; e++) {
				enum order_state to =
					order_next((enum order_state)s, (enum order_event)e);
				if (to != order_state_max)
					seen[to] = true;
			}
	for (unsigned s = 0; s < order_state_max; s++) {
		ck_assert(seen[s]);
		ck_assert_int_eq((s == ORDER_NEW) + order_open((enum order_state)s) +
					 order_terminal((enum order_state)s),
				 1);
		if (order_open((enum order_state)s)) {
			ck_assert_int_eq(order_next((enum order_state)s, ORDER_EV_FILL_LAST),
					 ORDER_FILLED);
			ck_assert_int_eq(order_next((enum order_state)s, ORDER_EV_CANCELLED),
					 ORDER_CANCELLED);
			ck_assert_int_eq(order_next((enum order_state)s, ORDER_EV_REJECTED),
					 ORDER_REJECTED);
		}
	}
	ck_assert_str_eq(order_state_name(order_state_max), "?");
	ck_assert_str_eq(order_event_name(ORDER_EV_BUST), "BUST");
}
END_TEST

/* The table in the folder's README, cell by cell. */
START_TEST(test_readme)
{
	static char text[65536], want[8192];
	FILE *f = fopen(TANDEM_SOURCE_DIR "/core/trade/README.md", "r");
	ck_assert_ptr_nonnull(f);
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	int n = snprintf(want, sizeof want, "%-10s", "");
	for (unsigned e = 0; e < order_event_max; e++)
		n += snprintf(want + n, sizeof want - (size_t)n, " %-10s",
			      order_event_name((enum order_event)e));
	for (unsigned s = 0; s < order_state_max; s++) {
		while (want[n - 1] == ' ')
			n--;
		n += snprintf(want + n, sizeof want - (size_t)n, "\n%-10s",
			      order_state_name((enum order_state)s));
		for (unsigned e = 0; e < order_event_max; e++) {
			enum order_state to = order_next((enum order_state)s, (enum order_event)e);
			n += snprintf(want + n, sizeof want - (size_t)n, " %-10s",
				      to == order_state_max ? "-" : order_state_name(to));
		}
	}
	while (want[n - 1] == ' ')
		want[--n] = '\0';
	ck_assert_msg(strstr(text, want) != NULL,
		      "core/trade/README.md does not hold this table:\n%s", want);
	ck_assert_str_eq(order_event_name(order_event_max), "?");
}
END_TEST

SUITE("order", test_table, test_readme, test_terminal_is_final, test_unknown, test_reachable)
