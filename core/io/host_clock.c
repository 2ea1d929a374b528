#include "core/io/host_clock.h"
#include "core/base/err.h"
#include <errno.h>
#include <string.h>
#include <sys/timex.h>

/* The kernel lets its bound grow until here, 16 s, and then calls the clock unsynchronised. */
#define UNKNOWN_US 16000000

static int64_t clamped(int64_t us)
{
	return us < 0 || us >= UNKNOWN_US ? INT64_MAX : us * 1000;
}

static int64_t slew(const struct timex *t)
{
	int64_t ns;
	return __builtin_mul_overflow(t->offset, t->status & STA_NANO ? 1 : 1000, &ns)
		       ? (t->offset < 0 ? INT64_MIN : INT64_MAX)
		       : ns;
}

void host_clock_from(const struct timex *t, int state, struct host_clock *out)
{
	bool kept = state >= TIME_OK && state < TIME_ERROR && !(t->status & STA_UNSYNC);
	*out = (struct host_clock){
		.synced = kept && clamped(t->maxerror) != INT64_MAX,
		.max_error_ns = kept ? clamped(t->maxerror) : INT64_MAX,
		.est_error_ns = kept ? clamped(t->esterror) : INT64_MAX,
		.freq_ppb = (int64_t)(((__int128)t->freq * 1000) / 65536),
		.slew_ns = slew(t),
		.status = t->status,
		.leap_s = state == TIME_INS   ? 1
			  : state == TIME_DEL ? -1
					      : 0,
		.tai_s = t->tai,
	};
}

int host_clock_read(struct host_clock *out)
{
	struct timex t;
	memset(&t, 0, sizeof t);
	int state = ntp_adjtime(&t);
	host_clock_from(&t, state, out);
	if (state == -1)
		return err_set(ERR_IO, "the kernel does not tell the state of its clock: %s",
			       strerror(errno));
	return 0;
}
