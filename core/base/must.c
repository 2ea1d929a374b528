#include "core/base/must.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The one global here: whoever fails, on whichever thread, must find it without being handed it. */
static _Atomic(_Atomic int *) halt_flag;

void must_set_halt_flag(_Atomic int *flag)
{
	atomic_store(&halt_flag, flag);
}

void must_failed(const char *what, const char *file, int line)
{
	_Atomic int *flag = atomic_load(&halt_flag);
	if (flag)
		atomic_store(flag, 1);
	char text[512];
	int n = snprintf(text, sizeof(text), "%s:%d: must(%s) does not hold; stopping\n", file,
			 line, what);
	size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
	/* write, not stdio: another thread may hold the stream's lock. */
	if (write(STDERR_FILENO, text, len) < 0)
		abort();
	abort();
}
