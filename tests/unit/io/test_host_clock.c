/* Proves what is made of the kernel's answer about its clock: kept, not kept, bound outgrown, leap seconds; and that this machine's answer is a possible one. */
#include "core/base/err.h"
#include "core/io/host_clock.h"
#include "tests/unit/suite.h"
#include <string.h>
#include <sys/timex.h>

static struct timex kept(void)
{
	return (struct timex){ .status = STA_PLL | STA_NANO,
			       .maxerror = 1500,
			       .esterror = 20,
			       .freq = -12 * 65536 - 32768,
			       .offset = 4321,
			       .tai = 37 };
}

START_TEST(a_kept_clock_has_a_bound)
{
	struct timex t = kept();
	struct host_clock c;
	host_clock_from(&t, TIME_OK, &c);
	ck_assert(c.synced);
	ck_assert_int_eq(c.max_error_ns, 1500000);
	ck_assert_int_eq(c.est_error_ns, 20000);
	ck_assert_int_eq(c.freq_ppb, -12500);
	ck_assert_int_eq(c.slew_ns, 4321);
	ck_assert_int_eq(c.tai_s, 37);
	ck_assert_int_eq(c.leap_s, 0);
	t.status = STA_PLL;
	host_clock_from(&t, TIME_OK, &c);
	ck_assert_int_eq(c.slew_ns, 4321000);
}
END_TEST

START_TEST(a_clock_that_nobody_keeps_has_none)
{
	struct timex t = kept();
	struct host_clock c;
	host_clock_from(&t, TIME_ERROR, &c);
	ck_assert(!c.synced && c.max_error_ns == INT64_MAX && c.est_error_ns == INT64_MAX);
	t.status |= STA_UNSYNC;
	host_clock_from(&t, TIME_OK, &c);
	ck_assert(!c.synced && c.max_error_ns == INT64_MAX);
	t = kept();
	t.maxerror = 16000000;
	host_clock_from(&t, TIME_OK, &c);
	ck_assert(!c.synced && c.max_error_ns == INT64_MAX);
	t.maxerror = -1;
	host_clock_from(&t, TIME_OK, &c);
	ck_assert(!c.synced && c.max_error_ns == INT64_MAX);
	t = kept();
	host_clock_from(&t, -1, &c);
	ck_assert(!c.synced && c.max_error_ns == INT64_MAX);
}
END_TEST

START_TEST(a_leap_second_is_announced)
{
	struct timex t = kept();
	struct host_clock c;
	host_clock_from(&t, TIME_INS, &c);
	ck_assert(c.synced && c.leap_s == 1);
	host_clock_from(&t, TIME_DEL, &c);
	ck_assert(c.synced && c.leap_s == -1);
	host_clock_from(&t, TIME_WAIT, &c);
	ck_assert(c.synced && c.leap_s == 0);
}
END_TEST

START_TEST(any_numbers_are_taken)
{
	struct timex t;
	struct host_clock c;
	memset(&t, 0xff, sizeof t);
	host_clock_from(&t, 99, &c);
	ck_assert(!c.synced);
	t = (struct timex){ .freq = INT64_MIN, .maxerror = INT64_MAX, .esterror = INT64_MAX };
	host_clock_from(&t, TIME_OK, &c);
	ck_assert(!c.synced && c.freq_ppb < 0);
	t = kept();
	t.status = 0;
	t.offset = INT64_MAX;
	host_clock_from(&t, TIME_OK, &c);
	ck_assert_int_eq(c.slew_ns, INT64_MAX);
}
END_TEST

START_TEST(this_machine_answers)
{
	struct host_clock c;
	int rc = host_clock_read(&c);
	if (rc) { /* a sandbox may forbid the call */
		ck_assert(rc == -ERR_IO && !c.synced && c.max_error_ns == INT64_MAX);
		return;
	}
	ck_assert(c.synced == (c.max_error_ns != INT64_MAX));
	ck_assert(c.max_error_ns >= 0 && c.est_error_ns >= 0);
	ck_assert(c.freq_ppb >= -500000 && c.freq_ppb <= 500000); /* the kernel's own limit */
	ck_assert(c.leap_s >= -1 && c.leap_s <= 1);
}
END_TEST

SUITE("host_clock", a_kept_clock_has_a_bound, a_clock_that_nobody_keeps_has_none,
      a_leap_second_is_announced, any_numbers_are_taken, this_machine_answers)
