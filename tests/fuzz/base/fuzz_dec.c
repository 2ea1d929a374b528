/* Any bytes through the decimal parsers: the quick one and its twin agree, and what they accept
 * survives being written and read again. The first byte chooses the scale. */
#include "core/base/dec.h"
#include "core/base/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	unsigned dp = data[0] % (DEC_DP_MAX + 1);
	const char *s = (const char *)data + 1;
	int64_t fast = 0, bytes = 0, again = 0;
	int rc = dec_parse_fast(s, size - 1, dp, &fast);
	must(rc == dec_parse_bytes(s, size - 1, dp, &bytes) && fast == bytes);
	must(rc == dec_parse(s, size - 1, dp, &again) && again == fast);
	if (rc)
		return 0;
	char text[24];
	size_t n = dec_format(fast, dp, 0, text);
	must(dec_parse_fast(text, n, dp, &again) == 0 && again == fast);
	return 0;
}
