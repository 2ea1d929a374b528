/* Any text as a conversion: refused, or one leg, a positive constant and small powers. */
#include "core/base/must.h"
#include "lua/conv.h"
#include <math.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char leg[2][16] = { "near", "far" }, ref[2][16] = { "fx", "gold" };
	static const struct conv_names names = { 2, 2, leg, ref };
	struct basis_conv c;
	int i = conv_parse((const char *)bytes, len, &names, &c);
	if (i < 0)
		return 0;
	must(i < 2 && isfinite(c.k) && c.k > 0);
	for (int r = 0; r < REF_MAX; r++)
		must(c.power[r] >= -CONV_POWER_MAX && c.power[r] <= CONV_POWER_MAX);
	return 0;
}
