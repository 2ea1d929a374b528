#include "core/cmd/column.h"
#include "core/base/err.h"
#include "core/base/nearest.h"
#include <string.h>

static int unknown(const char *name)
{
	struct nearest near = { .word = name, .n = strlen(name) };
	const char *known;
	for (unsigned i = 0; (known = row_common_name(i)) != NULL; i++)
		nearest_try(&near, known);
	for (unsigned k = 1; k < fact_kind_max; k++)
		for (unsigned i = 0; (known = row_number_name((enum fact_kind)k, i)) != NULL; i++)
			nearest_try(&near, known);
	return err_set(ERR_NOTFOUND, "no receipt has a field \"%s\"%s%s%s", name,
		       near.found ? "; did you mean \"" : "", near.found ? near.found : "",
		       near.found ? "\"?" : "");
}

int column_find(const char *name, struct column *out)
{
	const char *known;
	*out = (struct column){ .common = -1 };
	for (unsigned i = 0; (known = row_common_name(i)) != NULL; i++)
		if (strcmp(known, name) == 0) {
			out->name = known;
			out->common = (int)i;
			return 0;
		}
	for (unsigned k = 0; k < fact_kind_max; k++) {
		out->number[k] = -1;
		for (unsigned i = 0; (known = row_number_name((enum fact_kind)k, i)) != NULL; i++)
			if (strcmp(known, name) == 0) {
				out->name = known;
				out->number[k] = (int8_t)i;
			}
	}
	return out->name ? 0 : unknown(name);
}

enum row_sense column_sense(const struct column *c)
{
	return c->common < 0 ? ROW_IS_NUMBER : row_common_sense((unsigned)c->common);
}

const struct row_field *column_read(const struct column *c, const struct reader *r,
				    const struct fact *f, struct row *row)
{
	row->n = 0;
	if (c->common >= 0)
		row_make_common(row, r, f, (unsigned)c->common);
	else if (f->kind < fact_kind_max && c->number[f->kind] >= 0)
		row_make_number(row, f, (unsigned)c->number[f->kind]);
	return row->n ? &row->field[0] : NULL;
}

int column_check_word(const struct column *c, const char *word)
{
	struct nearest near = { .word = word, .n = strlen(word) };
	const char *known;
	if (column_sense(c) != ROW_IS_WORD)
		return 0;
	for (unsigned n = 0; (known = row_common_word((unsigned)c->common, n)) != NULL; n++) {
		if (strcmp(known, word) == 0)
			return 0;
		nearest_try(&near, known);
	}
	return err_set(ERR_NOTFOUND, "no receipt's %s is \"%s\"%s%s%s", c->name, word,
		       near.found ? "; did you mean \"" : "", near.found ? near.found : "",
		       near.found ? "\"?" : "");
}
