/* Any bytes as JSON: tokens, values and texts stay within the buffer, and both ways of reading agree on whether it is JSON. */
#include "adapters/codec/json_scan.h"
#include <stdlib.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void look_at(const struct json_value *v, const uint8_t *bytes, size_t len)
{
	char text[64];
	int64_t n;
	check(v->p >= (const char *)bytes && v->p + v->n <= (const char *)bytes + len);
	json_int64(v, &n);
	size_t k = json_text(v, text, sizeof(text));
	check(k < sizeof(text) && text[k] == '\0' && k <= v->n);
}

/* One pass reads what two read; it also refuses where the second of them would. */
static void both_passes_agree(const char *p, size_t len, const struct json_value *letters)
{
	struct json_value out[JSON_LETTERS], in[JSON_LETTERS], inner[JSON_LETTERS];
	struct json_scan j;
	json_scan_init(&j, p, len);
	if (!json_letters_and(&j, out, 'o', in))
		return;
	check(!memcmp(out, letters, sizeof(out)));
	json_scan_value(&j, json_letter(out, 'o'));
	if (json_letters(&j, inner))
		check(!memcmp(in, inner, sizeof(in)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char *const name[] = { "a", "data", "" };
	struct json_value v, members[3], letters[JSON_LETTERS];
	struct json_scan j, k;
	enum json_token t;
	json_scan_init(&j, (const char *)bytes, len);
	do
		t = json_next(&j);
	while (t != TOKEN_NONE && t != TOKEN_END);
	json_scan_init(&k, (const char *)bytes, len);
	bool whole = json_take(&k, &v);
	if (whole)
		look_at(&v, bytes, len);
	check((whole && json_next(&k) == TOKEN_END) == (t == TOKEN_END));
	json_scan_init(&k, (const char *)bytes, len);
	if (json_members(&k, name, members, 3))
		for (unsigned i = 0; i < 3; i++)
			if (members[i].token)
				look_at(&members[i], bytes, len);
	json_scan_init(&k, (const char *)bytes, len);
	if (json_letters(&k, letters))
		for (unsigned i = 0; i < JSON_LETTERS; i++)
			if (letters[i].token)
				look_at(&letters[i], bytes, len);
	both_passes_agree((const char *)bytes, len, letters);
	return 0;
}
