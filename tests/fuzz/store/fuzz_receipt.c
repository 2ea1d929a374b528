/* Any bytes: either no receipt, or one that says the same again once it is written and read back. */
#include "store/receipt.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct receipt_encoder *encoder;
	if (!encoder && !(encoder = receipt_encoder_new()))
		return 0;
	struct fact first, again;
	if (receipt_decode(bytes, len, &first))
		return 0;
	const void *made;
	size_t n;
	if (receipt_encode(encoder, &first, &made, &n) || receipt_decode(made, n, &again))
		abort();
	/* Up to the texts byte by byte; the texts up to their ends, for behind them anything may stand. */
	if (memcmp(&first, &again, offsetof(struct fact, venue_order)) != 0 ||
	    strcmp(first.venue_order, again.venue_order) != 0 ||
	    strcmp(first.exec, again.exec) != 0 || strcmp(first.text, again.text) != 0)
		abort();
	return 0;
}
