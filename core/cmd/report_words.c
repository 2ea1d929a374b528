#include "core/cmd/report_words.h"
#include <stdbool.h>
#include <string.h>

static const char *const words[][report_lang_max] = {
#define WORD_ROW(id, en, zh) { en, zh },
	REPORT_WORDS(WORD_ROW)
#undef WORD_ROW
};
_Static_assert(sizeof words / sizeof *words == report_word_max, "every word, in every language");

static const struct {
	const char *code, *zh;
} codes[] = {
#define CODE_ROW(code, zh) { code, zh },
	REPORT_CODES(CODE_ROW)
#undef CODE_ROW
};

static const char *const tags[report_lang_max] = { "en", "zh" };

const char *report_word(enum report_lang lang, enum report_word w)
{
	return words[w][lang];
}

const char *report_say(enum report_lang lang, enum report_word w,
		       const char *const arg[REPORT_ARGS], char *out, size_t cap)
{
	size_t n = 0;
	for (const char *s = words[w][lang]; *s && n + 1 < cap; s++) {
		const bool place =
			s[0] == '{' && s[1] >= '0' && s[1] < '0' + REPORT_ARGS && s[2] == '}';
		if (!place) {
			out[n++] = *s;
			continue;
		}
		const char *put = arg[s[1] - '0'];
		size_t len = put ? strnlen(put, cap - 1 - n) : 0;
		if (len)
			memcpy(out + n, put, len);
		n += len;
		s += 2;
	}
	out[n] = 0;
	return out;
}

const char *report_code(enum report_lang lang, const char *code)
{
	for (size_t i = 0; lang == LANG_ZH && i < sizeof codes / sizeof *codes; i++)
		if (strcmp(codes[i].code, code) == 0)
			return codes[i].zh;
	return code;
}

enum report_lang report_lang_find(const char *name)
{
	unsigned l = 0;
	while (l < report_lang_max && strcmp(tags[l], name) != 0)
		l++;
	return (enum report_lang)l;
}

const char *report_lang_tag(enum report_lang lang)
{
	return tags[lang];
}
