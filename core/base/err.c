#include "core/base/err.h"
#include "core/base/must.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ERR_TEXT 512

static const char *const names[] = {
	[ERR_OK] = "ERR_OK",
	[ERR_ARG] = "ERR_ARG",
	[ERR_PARSE] = "ERR_PARSE",
	[ERR_RANGE] = "ERR_RANGE",
	[ERR_STATE] = "ERR_STATE",
	[ERR_FULL] = "ERR_FULL",
	[ERR_NOTFOUND] = "ERR_NOTFOUND",
	[ERR_EXISTS] = "ERR_EXISTS",
	[ERR_IO] = "ERR_IO",
	[ERR_NET] = "ERR_NET",
	[ERR_TLS] = "ERR_TLS",
	[ERR_AUTH] = "ERR_AUTH",
	[ERR_TIMEOUT] = "ERR_TIMEOUT",
	[ERR_CLOSED] = "ERR_CLOSED",
	[ERR_BUSY] = "ERR_BUSY",
	[ERR_CORRUPT] = "ERR_CORRUPT",
	[ERR_CONFIG] = "ERR_CONFIG",
	[ERR_LIMIT] = "ERR_LIMIT",
	[ERR_SCRIPT] = "ERR_SCRIPT",
	[ERR_NOMEM] = "ERR_NOMEM",
	[ERR_UNSUPPORTED] = "ERR_UNSUPPORTED",
};
_Static_assert(sizeof(names) / sizeof(names[0]) == err_max, "a name for every code");

static _Thread_local char text[ERR_TEXT];

/* A text that was cut says so, or a person would take half a sentence for the whole. */
static void mark_cut(char *buf, int wanted)
{
	if (wanted >= ERR_TEXT)
		memcpy(buf + ERR_TEXT - 4, "...", 4);
}

int err_set(enum err code, const char *fmt, ...)
{
	must(code > ERR_OK && code < err_max);
	/* Not in place: the old text may be among the arguments. */
	char made[ERR_TEXT];
	va_list ap;
	va_start(ap, fmt);
	int wanted = vsnprintf(made, sizeof(made), fmt, ap);
	va_end(ap);
	mark_cut(made, wanted);
	memcpy(text, made, sizeof(text));
	return -(int)code;
}

int err_ctx(int rc, const char *fmt, ...)
{
	char made[ERR_TEXT];
	va_list ap;
	va_start(ap, fmt);
	int wanted = vsnprintf(made, sizeof(made), fmt, ap);
	va_end(ap);
	if (wanted >= 0 && wanted < ERR_TEXT)
		wanted += snprintf(made + wanted, sizeof(made) - (size_t)wanted, ": %s", text);
	mark_cut(made, wanted);
	memcpy(text, made, sizeof(text));
	return rc;
}

const char *err_text(void)
{
	return text;
}

const char *err_name(int code)
{
	/* Negated as unsigned, since the most negative int has no positive twin. */
	unsigned u = code < 0 ? 0u - (unsigned)code : (unsigned)code;
	return u < err_max ? names[u] : "ERR_?";
}
