/* Any text as a conversion: refused, or one leg, a positive constant and small powers; and held against instruments: one unit, or an error in words. */
#include "core/base/err.h"
#include "core/base/must.h"
#include "lua/conv.h"
#include <math.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char leg[2][16] = { "near", "far" }, ref[2][16] = { "fx", "gold" };
	static const struct conv_names names = { 2, 2, leg, ref };
	struct conv c;
	int i = conv_parse((const char *)bytes, len, &names, &c);
	if (i < 0)
		return 0;
	must(i < 2 && isfinite(c.value.k) && c.value.k > 0);
	for (int r = 0; r < REF_MAX; r++)
		must(c.value.power[r] >= -CONV_POWER_MAX && c.value.power[r] <= CONV_POWER_MAX);
	must(c.bare > 0);
	struct assets a = { 0 };
	struct instrument in[4] = { { .px_unit = "CNH/g" }, { .px_unit = "USD/ozt" } };
	struct conv conv[2] = { conv_none(), conv_none() };
	struct conv_bound to = { .leg = { &in[0], &in[1] },
				 .ref = { &in[2], &in[3] },
				 .assets = &a };
	unsigned wrong = 9;
	char unit[UNIT_TEXT];
	in[2].quote = asset_intern(&a, "CNH");
	in[2].base = in[3].quote = asset_intern(&a, "USD");
	in[3].base = asset_intern(&a, "XAU");
	conv[i] = c;
	int rc = conv_check(conv, &names, &to, &wrong, unit);
	must(wrong < 2 && (rc == 0) == (unit[0] != 0));
	must(rc == 0 || err_text()[0]);
	return 0;
}
