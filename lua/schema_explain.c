#include "lua/schema_type.h"
#include <stdio.h>
#include <string.h>

static void explain_range(const struct field *f, FILE *o)
{
	if (f->min && f->max)
		fprintf(o, ", %s to %s", f->min, f->max);
	else if (f->min)
		fprintf(o, ", at least %s", f->min);
	else if (f->max)
		fprintf(o, ", at most %s", f->max);
	if (f->unit)
		fprintf(o, ", in %s", f->unit);
}

static void explain_field(const struct field *f, const char *prefix, FILE *o)
{
	char how[160];
	fprintf(o, "%s%s: %s", prefix, f->key, field_how(f, how, sizeof(how)));
	explain_range(f, o);
	if (f->flags & FIELD_REQUIRED)
		fprintf(o, "; required");
	else if (f->def)
		fprintf(o, "; default %s", f->def[0] ? f->def : "\"\"");
	fprintf(o, "\n    %s\n", f->doc);
}

static void explain(const struct section *sec, const char *prefix, FILE *o)
{
	for (uint32_t i = 0; i < sec->n; i++) {
		const struct field *f = &sec->field[i];
		explain_field(f, prefix, o);
		if (!f->sub)
			continue;
		char inner[128];
		snprintf(inner, sizeof(inner), "%s%s.", prefix, f->key);
		explain(f->sub, inner, o);
	}
}

void schema_explain_keys(const struct field *f, uint32_t n, FILE *o)
{
	const struct section keys = { .field = f, .n = n };
	explain(&keys, "  ", o);
}

void schema_explain(const struct section *sec, FILE *o)
{
	fprintf(o, "%s: %s\n", sec->name, sec->doc);
	char prefix[128];
	snprintf(prefix, sizeof(prefix), "  %s.", sec->name);
	explain(sec, prefix, o);
}
