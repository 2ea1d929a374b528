/* Any bytes as the page of an archive: what is taken for one is whole, of a kind that there is, and no other bytes say the same. */
#include "core/base/must.h"
#include "store/copy_parts.h"
#include <stddef.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char text[1024];
	struct copy_page p = { 0 };
	n = n < sizeof text - 1 ? n : sizeof text - 1;
	memcpy(text, data, n);
	text[n] = 0;
	if (!copy_parse_page(text, &p))
		return 0;
	must(p.kind < copy_kind_max);
	/* A byte more or less is another page, or none. */
	text[strlen(text) - 1] = 0;
	must(!copy_parse_page(text, &p));
	return 0;
}
