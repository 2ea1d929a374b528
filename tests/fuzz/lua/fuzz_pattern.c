/* Any text against any pattern (the first line is the pattern): an answer within bounds, after a bounded number of steps. */
#include "core/base/must.h"
#include "lua/pattern.h"
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *p = (const char *)bytes, *end = len ? memchr(bytes, '\n', len) : NULL;
	if (!end)
		return 0;
	struct matcher m = { .s = end + 1, .s_end = p + len, .p_end = end };
	for (const char *s = m.s; s <= m.s_end && !m.error; s++) {
		m.n_captures = 0;
		const char *to = pattern_match_at(&m, s, p);
		must(!to || (to >= s && to <= m.s_end));
		for (int i = 0; to && i < m.n_captures; i++) {
			const struct capture *c = &m.capture[i];
			must(c->at >= m.s && c->at <= m.s_end &&
			     (c->len < 0 || c->len <= m.s_end - c->at));
		}
	}
	must(m.steps <= PATTERN_STEPS + (int)len);
	return 0;
}
