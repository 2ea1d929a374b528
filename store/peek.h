/* peek - the few numbers of a receipt that say what it is and where it is indexed, without making a fact of it. Any thread; nothing allocates. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peek {
	uint64_t seq, pair, order;
	int64_t utc_ns;
	uint32_t instance;
	uint16_t kind;
};

/* false: no map of rising small numbers to what a receipt's fields hold; receipt_decode says what is wrong. What stands behind `instance` is not looked at. */
bool peek_receipt(const void *bytes, size_t n, struct peek *out);
