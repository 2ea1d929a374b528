#include "lua/config_errors.h"
#include <stdarg.h>
#include <string.h>

void config_errors_init(struct config_errors *e, const char *file)
{
	e->n = e->more = 0;
	snprintf(e->file, sizeof(e->file), "%s", file);
}

void config_errors_add(struct config_errors *e, int line, int column, const char *fmt, ...)
{
	if (e->n == CONFIG_ERRORS_MAX) {
		e->more++;
		return;
	}
	struct config_error *x = &e->error[e->n++];
	x->line = line;
	x->column = column;
	va_list ap;
	va_start(ap, fmt);
	int wanted = vsnprintf(x->text, sizeof(x->text), fmt, ap);
	va_end(ap);
	/* A text that was cut says so. */
	if (wanted >= (int)sizeof(x->text))
		memcpy(x->text + sizeof(x->text) - 4, "...", 4);
	/* One error, one line, whatever the file had in its strings. */
	for (char *c = x->text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
}

static int after(const struct config_error *a, const struct config_error *b)
{
	return a->line != b->line ? a->line > b->line : a->column > b->column;
}

/* Insertion: stable, in place, and the table is short. */
void config_errors_sort(struct config_errors *e)
{
	for (uint32_t i = 1; i < e->n; i++) {
		struct config_error x = e->error[i];
		uint32_t at = i;
		for (; at > 0 && after(&e->error[at - 1], &x); at--)
			e->error[at] = e->error[at - 1];
		e->error[at] = x;
	}
}

void config_errors_print(const struct config_errors *e, FILE *f)
{
	for (uint32_t i = 0; i < e->n; i++) {
		const struct config_error *x = &e->error[i];
		if (x->line > 0)
			fprintf(f, "%s:%d: %s\n", e->file, x->line, x->text);
		else
			fprintf(f, "%s: %s\n", e->file, x->text);
	}
	if (e->more)
		fprintf(f, "%s: and %u more errors\n", e->file, e->more);
}
