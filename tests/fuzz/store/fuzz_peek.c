/* Any bytes: a peek never reads beyond them, and of what is a whole receipt it sees what the receipt says. */
#include "store/peek.h"
#include "store/receipt.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct receipt_encoder *encoder;
	struct fact f;
	struct peek p;
	const void *made;
	size_t n;
	(void)peek_receipt(bytes, len, &p);
	if (!encoder && !(encoder = receipt_encoder_new()))
		return 0;
	if (receipt_decode(bytes, len, &f) || receipt_encode(encoder, &f, &made, &n))
		return 0;
	if (!peek_receipt(made, n, &p) || p.seq != f.seq || p.kind != f.kind || p.pair != f.pair ||
	    p.order != f.order || p.instance != f.instance || p.utc_ns != f.utc_ns)
		abort();
	return 0;
}
