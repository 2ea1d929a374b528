/* span - a length of time as people say it: "812 ms", "1.27 s", "5 h 2 min". Pure; any thread. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define SPAN_BYTES 24

/* Three digits below a minute, whole units of two kinds from there on; cut, never rounded up. INT64_MAX, which stands for a limit or bound that nobody
 * knows, reads "not known". Returns the length; terminated. */
size_t span_format(int64_t ns, char out[SPAN_BYTES]);
