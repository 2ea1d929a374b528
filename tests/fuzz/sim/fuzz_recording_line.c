/* Proves that no line of a recording makes its parser read or point outside of it. */
#include "adapters/sim/recording.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *line = (const char *)bytes;
	struct recording_line l;
	if (recording_line(line, len, &l) != 0)
		return 0;
	if (l.time_ns < -1)
		abort();
	if (l.json && (l.json < line || !l.n_json || l.json + l.n_json != line + len))
		abort();
	if (l.url && (l.url != line || l.n_url > len))
		abort();
	return 0;
}
