/* Proves that no recording, whatever its lines hold, makes the probe read outside of it or learn a symbol that a configuration could not hold. */
#include "adapters/sim/probe.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct probe_symbol symbol[PROBE_SYMBOLS];
	unsigned n = 0;
	for (size_t at = 0; at < len;) {
		const uint8_t *end = memchr(bytes + at, '\n', len - at);
		size_t line = end ? (size_t)(end - bytes) - at : len - at;
		char *copy = malloc(line + 1); /* of its own, so that a byte beyond it is seen */
		if (!copy)
			return 0;
		memcpy(copy, bytes + at, line);
		char *exact = realloc(copy, line ? line : 1);
		probe_line(exact ? exact : copy, line, symbol, &n);
		free(exact ? exact : copy);
		at += line + 1;
	}
	if (n > PROBE_SYMBOLS)
		abort();
	for (unsigned i = 0; i < n; i++)
		if (!symbol[i].symbol[0] || strlen(symbol[i].symbol) >= sizeof symbol[i].symbol ||
		    strpbrk(symbol[i].symbol, "\\\"'[] \n") || symbol[i].tick_e8 < 0 ||
		    symbol[i].lot_e8 < 0 || symbol[i].px_e8 < 0)
			abort();
	return 0;
}
