/* Conditions: whether they hold for a receipt, and what they say about where to look. */
#include "core/base/dec.h"
#include "core/cmd/where.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* -1, 0 or 1: two decimals of any scale, exactly. */
static int by_value(int64_t a, unsigned a_dp, int64_t b, unsigned b_dp)
{
	__int128 x = a, y = b;
	if (a_dp < b_dp)
		x *= dec_pow10[b_dp - a_dp];
	else
		y *= dec_pow10[a_dp - b_dp];
	return (x > y) - (x < y);
}

static bool by_op(uint8_t op, int order)
{
	switch ((enum where_op)op) {
	case WHERE_EQ:
		return order == 0;
	case WHERE_NE:
		return order != 0;
	case WHERE_LT:
		return order < 0;
	case WHERE_LE:
		return order <= 0;
	case WHERE_GT:
		return order > 0;
	case WHERE_GE:
		return order >= 0;
	default:
		return false;
	}
}

static bool compare(const struct where *w, const struct where_node *n, const struct reader *r,
		    const struct fact *f)
{
	struct row row, other;
	const struct column *c = &w->column[n->a];
	const struct row_field *a = column_read(c, r, f, &row), *b = NULL;
	if (!a || n->op == WHERE_HAS)
		return a != NULL;
	if (n->b >= 0 && (b = column_read(&w->column[n->b], r, f, &other)) == NULL)
		return false;
	if (n->op == WHERE_CONTAINS)
		return strcasestr(a->text, n->text) != NULL;
	switch (column_sense(c)) {
	case ROW_IS_NUMBER:
		return by_op(n->op,
			     by_value(a->value, a->dp, b ? b->value : n->value, b ? b->dp : n->dp));
	case ROW_IS_TIME:
		return by_op(n->op, by_value(f->utc_ns, 0, n->value, 0));
	case ROW_IS_ID: {
		uint64_t id = strtoull(a->text, NULL, 16), wanted = (uint64_t)n->value;
		return by_op(n->op, (id > wanted) - (id < wanted));
	}
	default:
		return by_op(n->op, strcmp(a->text, n->text));
	}
}

static bool holds(const struct where *w, int i, const struct reader *r, const struct fact *f)
{
	const struct where_node *n = &w->node[i];
	switch ((enum where_op)n->op) {
	case WHERE_AND:
		return holds(w, n->a, r, f) && holds(w, n->b, r, f);
	case WHERE_OR:
		return holds(w, n->a, r, f) || holds(w, n->b, r, f);
	case WHERE_NOT:
		return !holds(w, n->a, r, f);
	default:
		return compare(w, n, r, f);
	}
}

bool where_holds(const struct where *w, const struct reader *r, const struct fact *f)
{
	return w->root < 0 || holds(w, w->root, r, f);
}

/* A time is compared to the nanosecond, a filter's ends are included. */
static void narrow_time(const struct where_node *n, struct reader_filter *f)
{
	bool from = n->op == WHERE_EQ || n->op == WHERE_GE || n->op == WHERE_GT;
	bool to = n->op == WHERE_EQ || n->op == WHERE_LE || n->op == WHERE_LT;
	if (n->value <= 0)
		return;
	if (from && (!f->utc_from || f->utc_from < n->value))
		f->utc_from = n->value;
	if (to && (!f->utc_to || f->utc_to > n->value))
		f->utc_to = n->value;
}

static void narrow_to(const struct where *w, int i, const struct reader *r, struct reader_filter *f)
{
	const struct where_node *n = &w->node[i];
	if (n->op == WHERE_AND) {
		narrow_to(w, n->a, r, f);
		narrow_to(w, n->b, r, f);
	}
	if (n->op < WHERE_EQ || n->b >= 0)
		return;
	const char *name = w->column[n->a].name;
	if (strcmp(name, "time") == 0)
		narrow_time(n, f);
	if (n->op != WHERE_EQ)
		return;
	if (strcmp(name, "pair") == 0 && !f->pair)
		f->pair = (uint64_t)n->value;
	else if (strcmp(name, "order") == 0 && !f->order)
		f->order = (uint64_t)n->value;
	else if (strcmp(name, "kind") == 0 && !f->kind)
		f->kind = (uint16_t)fact_kind_find(n->text);
	else if (strcmp(name, "instance") == 0 && !f->instance)
		f->instance = reader_name_find(r, NAME_INSTANCE, n->text);
}

void where_narrow(const struct where *w, const struct reader *r, struct reader_filter *f)
{
	if (w->root >= 0)
		narrow_to(w, w->root, r, f);
}
