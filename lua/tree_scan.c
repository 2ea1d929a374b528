#include "lua/tree_scan.h"
#include "lua/tree.h"
#include "lua/tree_lex.h"
#include <stdlib.h>
#include <string.h>

#define LOCALS_MAX 128

struct scan_local {
	const char *name;
	size_t n;
	struct scan_value value;
};

struct scan {
	struct lex lex;
	struct tree_block **blocks;
	struct config_errors *errs;
	unsigned n_locals;
	struct scan_local local[LOCALS_MAX];
};

static struct scan_value scan_value(struct scan *s, int depth);

static int entry_order(const struct scan_entry *a, const struct scan_entry *b)
{
	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return a->key && b->key ? strcmp(a->key, b->key) : 0;
}

/* Twins stay in the order of the source. */
static int entry_order_sort(const void *pa, const void *pb)
{
	const struct scan_entry *a = *(struct scan_entry *const *)pa,
				*b = *(struct scan_entry *const *)pb;
	int order = entry_order(a, b);
	if (order == 0)
		order = a->line != b->line ? a->line - b->line : a->column - b->column;
	return order;
}

const struct scan_entry *scan_find(const struct scan_table *t, const char *key, uint32_t index)
{
	if (!t)
		return NULL;
	struct scan_entry want = { .key = key, .index = index };
	uint32_t lo = 0, hi = t->n_sorted;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (entry_order(t->sorted[mid], &want) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	/* Of twins the last one counts, as in Lua. */
	while (lo + 1 < t->n_sorted && entry_order(t->sorted[lo + 1], &want) == 0)
		lo++;
	return lo < t->n_sorted && entry_order(t->sorted[lo], &want) == 0 ? t->sorted[lo] : NULL;
}

static void report_twins(struct scan *s, const struct scan_table *t)
{
	for (uint32_t i = 1; i < t->n_sorted; i++) {
		const struct scan_entry *a = t->sorted[i - 1], *b = t->sorted[i];
		if (entry_order(a, b) != 0)
			continue;
		if (b->key)
			config_errors_add(
				s->errs, b->line, b->column,
				"\"%s\" stands twice in this table, first in line %d; the last one would win and nobody "
				"would see the other; delete one of them",
				b->key, a->line);
		else
			config_errors_add(
				s->errs, b->line, b->column,
				"entry %u stands twice in this table, first in line %d; the last one would win and nobody "
				"would see the other; delete one of them",
				b->index, a->line);
	}
}

static void sort_entries(struct scan *s, struct scan_table *t)
{
	t->sorted = tree_block_take(s->blocks, (t->n + 1) * sizeof(struct scan_entry *));
	if (!t->sorted)
		return;
	for (struct scan_entry *e = t->first; e; e = e->next)
		if (e->key || e->index)
			t->sorted[t->n_sorted++] = e;
	qsort(t->sorted, t->n_sorted, sizeof(struct scan_entry *), entry_order_sort);
	report_twins(s, t);
}

/* How much deeper a word leads: what stands between a bracket or block and its end is one unit. */
static int nesting(const struct lex_word *w)
{
	static const char *const opens[] = { "function", "do", "if", "repeat" };
	static const char *const closes[] = { "end", "until" };
	if (w->kind == LEX_SIGN)
		return strchr("([{", w->sign) ? 1 : strchr(")]}", w->sign) ? -1 : 0;
	for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++)
		if (lex_is_name(w, opens[i]))
			return 1;
	for (size_t i = 0; i < sizeof(closes) / sizeof(closes[0]); i++)
		if (lex_is_name(w, closes[i]))
			return -1;
	return 0;
}

/* To the end of an expression inside a constructor: its separator or the closing brace. */
static void skip_expression(struct scan *s)
{
	int depth = 0;
	for (; s->lex.word.kind != LEX_END; lex_next(&s->lex)) {
		const struct lex_word *w = &s->lex.word;
		if (depth == 0 &&
		    (lex_is_sign(w, ',') || lex_is_sign(w, ';') || lex_is_sign(w, '}')))
			return;
		depth += nesting(w);
		if (depth < 0)
			depth = 0;
	}
}

/* `[key] =`, at the bracket: a string or a number as it stands; otherwise the key stays unknown. */
static void scan_bracket_key(struct scan *s, struct scan_entry *e)
{
	lex_next(&s->lex);
	const struct lex_word w = s->lex.word;
	if (lex_is_sign(&s->lex.ahead, ']')) {
		if (w.kind == LEX_STRING && w.verbatim)
			e->key = tree_block_text(s->blocks, w.p, w.n);
		char *text = w.kind == LEX_NUMBER ? tree_block_text(s->blocks, w.p, w.n) : NULL;
		double v = text ? strtod(text, NULL) : 0;
		if (v >= 1 && v <= TREE_NODES_MAX && v == (double)(uint32_t)v)
			e->index = (uint32_t)v;
	}
	int depth = 1;
	for (; s->lex.word.kind != LEX_END && depth > 0; lex_next(&s->lex))
		depth += nesting(&s->lex.word);
	if (lex_is_sign(&s->lex.word, '='))
		lex_next(&s->lex);
}

static struct scan_entry *scan_one(struct scan *s, struct scan_table *t, int depth)
{
	struct scan_entry *e = tree_block_take(s->blocks, sizeof(*e));
	if (!e)
		return NULL;
	const struct lex_word *w = &s->lex.word;
	e->line = w->line;
	e->column = w->column;
	if (w->kind == LEX_NAME && lex_is_sign(&s->lex.ahead, '=')) {
		e->key = tree_block_text(s->blocks, w->p, w->n);
		lex_next(&s->lex);
		lex_next(&s->lex);
	} else if (lex_is_sign(w, '[')) {
		scan_bracket_key(s, e);
	} else {
		e->index = ++t->n_positional;
	}
	e->value = scan_value(s, depth);
	return e;
}

/* At the opening brace; ends behind the closing one. */
static struct scan_table *scan_table(struct scan *s, int depth)
{
	struct scan_table *t = tree_block_take(s->blocks, sizeof(*t));
	if (!t)
		return NULL;
	t->line = s->lex.word.line;
	t->column = s->lex.word.column;
	lex_next(&s->lex);
	while (s->lex.word.kind != LEX_END && !lex_is_sign(&s->lex.word, '}')) {
		struct scan_entry *e = scan_one(s, t, depth);
		if (!e)
			return NULL;
		if (t->last)
			t->last->next = e;
		else
			t->first = e;
		t->last = e;
		t->n++;
		skip_expression(s);
		if (!lex_is_sign(&s->lex.word, '}'))
			lex_next(&s->lex);
	}
	lex_next(&s->lex);
	sort_entries(s, t);
	return t;
}

static struct scan_local *find_local(struct scan *s, const struct lex_word *w)
{
	for (unsigned i = 0; i < s->n_locals; i++)
		if (s->local[i].n == w->n && !memcmp(s->local[i].name, w->p, w->n))
			return &s->local[i];
	return NULL;
}

/* True when the word goes on with an expression that could have ended before it. */
static bool goes_on(const struct lex_word *w)
{
	if (w->kind == LEX_SIGN)
		return strchr(",;})]=", w->sign) == NULL;
	if (w->kind == LEX_NAME)
		return lex_is_name(w, "and") || lex_is_name(w, "or");
	return w->kind != LEX_END;
}

/* Consumes a value that is a constructor, a number, or a name and nothing more; of any other, at most its first part. */
static struct scan_value scan_value(struct scan *s, int depth)
{
	struct scan_value v = { .number = NULL };
	struct lex *l = &s->lex;
	if (lex_is_sign(&l->word, '{')) {
		if (depth >= TREE_DEPTH_MAX)
			return v;
		v.table = scan_table(s, depth + 1);
	} else if (l->word.kind == LEX_NUMBER) {
		v.number = tree_block_text(s->blocks, l->word.p, l->word.n);
		lex_next(l);
	} else if (lex_is_sign(&l->word, '-') && l->ahead.kind == LEX_NUMBER) {
		char *text = tree_block_take(s->blocks, l->ahead.n + 2);
		if (text) {
			text[0] = '-';
			memcpy(text + 1, l->ahead.p, l->ahead.n);
		}
		v.number = text;
		lex_next(l);
		lex_next(l);
	} else if (l->word.kind == LEX_NAME && nesting(&l->word) == 0) {
		const struct scan_local *found = find_local(s, &l->word);
		if (found)
			v = found->value;
		lex_next(l);
	} else {
		return v;
	}
	return goes_on(&l->word) ? (struct scan_value){ .number = NULL } : v;
}

/* `name =`, at the name. Inside a block it may or may not run: nothing is known of the name then. */
static void scan_assignment(struct scan *s, int depth)
{
	struct lex_word name = s->lex.word;
	lex_next(&s->lex);
	lex_next(&s->lex);
	struct scan_value v = depth == 0 ? scan_value(s, 0) : (struct scan_value){ .number = NULL };
	struct scan_local *at = find_local(s, &name);
	if (!at && s->n_locals < LOCALS_MAX)
		at = &s->local[s->n_locals++];
	if (at)
		*at = (struct scan_local){ .name = name.p, .n = name.n, .value = v };
}

const struct scan_table *scan_source(const char *text, size_t len, struct tree_block **blocks,
				     struct config_errors *errs)
{
	struct scan s = { .blocks = blocks, .errs = errs };
	lex_init(&s.lex, text, len);
	int depth = 0;
	while (s.lex.word.kind != LEX_END) {
		const struct lex_word *w = &s.lex.word;
		if (depth == 0 && lex_is_name(w, "return")) {
			lex_next(&s.lex);
			return scan_value(&s, 0).table;
		}
		if (w->kind == LEX_NAME && lex_is_sign(&s.lex.ahead, '=')) {
			scan_assignment(&s, depth);
			continue;
		}
		depth += nesting(w);
		if (depth < 0)
			depth = 0;
		lex_next(&s.lex);
	}
	return NULL;
}
