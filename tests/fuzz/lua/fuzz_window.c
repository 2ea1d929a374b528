/* Any bytes as saved windows: refused, or taken in by a window of that name, and then read on. */
#include "core/base/must.h"
#include "lua/window.h"
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct window_spec spec[] = { { .name = "a", .n = 5 },
						   { .name = "b", .n = 5, .span_s = 5 },
						   { .name = "c", .kind = WINDOW_EMA, .n = 5 } };
	static uint8_t again[WINDOW_BYTES];
	size_t used, n;
	if (windows_check(bytes, len, &used) || !used)
		return 0;
	must(used <= len);
	struct windows *w = windows_new();
	must(w != NULL);
	for (int i = 0; i < 3; i++)
		must(windows_add(w, &spec[i]) == i);
	windows_restore(w, bytes, used);
	must(windows_save(w, again, sizeof(again), &n) == 0);
	must(windows_check(again, n, &used) == 0 && used == n);
	for (int i = 0; i < 3; i++)
		for (int what = 0; what < window_ask_max; what++)
			windows_ask(w, i, what, 0.5, 1.7e9);
	windows_free(w);
	return 0;
}
