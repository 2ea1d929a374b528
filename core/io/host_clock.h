/* host_clock - what the kernel itself says about this machine's clock: whether anything keeps it right, and how wrong it may be by now.
 *
 * One system call, no daemon is asked: chrony and ntpd both tell the kernel. Any thread. A bound is worth what the daemon that keeps the clock is worth;
 * on a machine that nobody keeps the kernel's number means nothing, and the bound is INT64_MAX. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct timex;

struct host_clock {
	bool synced; /* something keeps the clock, and not longer ago than the kernel believes it */
	int64_t max_error_ns; /* UTC is that near, surely; INT64_MAX: not known */
	int64_t est_error_ns; /* probably; INT64_MAX: not known */
	int64_t freq_ppb;     /* the correction of the clock's own rate */
	int64_t slew_ns; /* being worked off just now: the clock's offset as the kernel was told */
	int32_t status;	 /* STA_ bits of <sys/timex.h> */
	int32_t leap_s;	 /* a leap second at the end of this day, UTC: 1, -1, or 0 */
	int32_t tai_s;	 /* TAI less UTC; 0: not told */
};

/* 0; -ERR_IO: the kernel did not answer, and *out says unknown. */
int host_clock_read(struct host_clock *out);
/* The same from what ntp_adjtime filled in and returned; pure. */
void host_clock_from(const struct timex *t, int state, struct host_clock *out);
