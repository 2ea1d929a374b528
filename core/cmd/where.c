/* Conditions: the reading of them. */
#include "core/cmd/where.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/cmd/when.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum token { TOKEN_END, TOKEN_WORD, TOKEN_QUOTED, TOKEN_OP, TOKEN_OPEN, TOKEN_CLOSE };

struct parser {
	struct where *w;
	const char *text;
	size_t at;    /* behind the token */
	size_t start; /* of the token */
	enum token token;
	enum where_op op;
	char word[ROW_TEXT];
	unsigned deep;
	bool plain; /* a message needs no caret */
};

#define LINE_SHOWN 160 /* bytes of a long text that a message shows */

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || (c && strchr("_.+-:#/", c));
}

/* The text with a caret below the byte; a long one in part. */
static int wrong(const struct parser *p, size_t at, const char *what)
{
	size_t n = strlen(p->text),
	       from = at > LINE_SHOWN / 2 && n > LINE_SHOWN ? at - LINE_SHOWN / 2 : 0;
	char shown[LINE_SHOWN + 1], said[300];
	unsigned column = 0;
	snprintf(said, sizeof said, "%s", what);
	if (p->plain)
		return err_set(ERR_PARSE, "\"%.80s\": %s", p->text, said);
	snprintf(shown, sizeof shown, "%s", p->text + from);
	for (char *c = shown; *c; c++) {
		bool inside = (size_t)(c - shown) < at - from;
		column += inside && ((unsigned char)*c & 0xc0) != 0x80;
		*c = (unsigned char)*c < ' ' || *c == 127 ? ' ' : *c;
	}
	return err_set(ERR_PARSE, "%s\n  %s\n  %*s^", said, shown, (int)column, "");
}

/* ---- words and signs */

static int next_quoted(struct parser *p, char quote)
{
	size_t n = 0;
	for (p->at++; p->text[p->at] && p->text[p->at] != quote; p->at++) {
		if (n + 1 >= sizeof p->word)
			return wrong(p, p->start, "no field holds a text as long as this");
		p->word[n++] = p->text[p->at];
	}
	if (!p->text[p->at])
		return wrong(p, p->start, "this quote is not closed");
	p->at++;
	p->word[n] = 0;
	p->token = TOKEN_QUOTED;
	return 0;
}

static int next_word(struct parser *p)
{
	size_t n = 0;
	for (; in_word(p->text[p->at]); p->at++) {
		if (n + 1 >= sizeof p->word)
			return wrong(p, p->start, "no field holds a text as long as this");
		p->word[n++] = p->text[p->at];
	}
	p->word[n] = 0;
	p->token = TOKEN_WORD;
	return 0;
}

static int next(struct parser *p)
{
	/* Longer ones first. */
	static const struct {
		const char *sign;
		uint8_t op;
	} signs[] = { { "!=", WHERE_NE },     { "<=", WHERE_LE }, { ">=", WHERE_GE },
		      { "=", WHERE_EQ },      { "<", WHERE_LT },  { ">", WHERE_GT },
		      { "~", WHERE_CONTAINS } };
	p->at += strspn(p->text + p->at, " \t\r\n");
	p->start = p->at;
	char c = p->text[p->at];
	if (!c || c == '(' || c == ')') {
		p->token = !c ? TOKEN_END : c == '(' ? TOKEN_OPEN : TOKEN_CLOSE;
		p->at += c != 0;
		return 0;
	}
	if (c == '"' || c == '\'')
		return next_quoted(p, c);
	if (in_word(c))
		return next_word(p);
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (strncmp(p->text + p->at, signs[i].sign, strlen(signs[i].sign)) == 0) {
			p->at += strlen(signs[i].sign);
			p->op = (enum where_op)signs[i].op;
			p->token = TOKEN_OP;
			return 0;
		}
	return wrong(p, p->start,
		     "this has no meaning here; there are = != < <= > >= ~ and or not ( )");
}

static bool is(const struct parser *p, const char *word)
{
	return p->token == TOKEN_WORD && strcmp(p->word, word) == 0;
}

/* ---- nodes */

static int add_node(struct parser *p, struct where_node n, int *out)
{
	if (p->w->n == WHERE_NODES)
		return wrong(p, p->start, "this is one condition too many");
	*out = p->w->n;
	p->w->node[p->w->n++] = n;
	return 0;
}

/* A column that is there already serves again. */
static int add_column(struct parser *p, const struct column *c, int *out)
{
	struct where *w = p->w;
	for (int i = 0; i < w->n_columns; i++)
		if (w->column[i].name == c->name) {
			*out = i;
			return 0;
		}
	if (w->n_columns == WHERE_NODES)
		return wrong(p, p->start, "this is one field too many");
	*out = w->n_columns;
	w->column[w->n_columns++] = *c;
	return 0;
}

static int keep_word(struct parser *p, const char **out)
{
	struct where *w = p->w;
	size_t n = strlen(p->word) + 1;
	if (n > sizeof w->words - w->used)
		return wrong(p, p->start, "there are too many words in this");
	*out = memcpy(w->words + w->used, p->word, n);
	w->used += n;
	return 0;
}

/* ---- values */

static int take_number(struct parser *p, struct where_node *n)
{
	const char *dot = strchr(p->word, '.');
	size_t len = strlen(p->word), dp = dot ? len - (size_t)(dot - p->word) - 1 : 0;
	struct column other;
	char what[200];
	int b;
	if (p->token == TOKEN_WORD && !isdigit((unsigned char)p->word[0]) &&
	    !strchr("+-.", p->word[0])) {
		if (column_find(p->word, &other))
			return wrong(p, p->start, err_text());
		if (column_sense(&other) != ROW_IS_NUMBER) {
			snprintf(what, sizeof what, "%s is no number, and %s is one", other.name,
				 p->w->column[n->a].name);
			return wrong(p, p->start, what);
		}
		if (add_column(p, &other, &b))
			return -ERR_PARSE;
		n->b = (int16_t)b;
		return 0;
	}
	if (dp > DEC_DP_MAX || dec_parse_fast(p->word, len, (unsigned)dp, &n->value)) {
		snprintf(what, sizeof what, "%s is a number, and this is none that fits",
			 p->w->column[n->a].name);
		return wrong(p, p->start, what);
	}
	n->dp = (uint8_t)dp;
	return 0;
}

static int take_id(struct parser *p, struct where_node *n)
{
	char *end;
	const char *digits = p->word;
	if (strncmp(digits, "0x", 2) == 0)
		digits += 2;
	if (strlen(digits) > 16 || !isxdigit((unsigned char)digits[0]))
		return wrong(p, p->start,
			     "this is no id: up to 16 hex digits, as receipts show it");
	n->value = (int64_t)strtoull(digits, &end, 16);
	return *end ? wrong(p, p->start, "this is no id: up to 16 hex digits, as receipts show it")
		    : 0;
}

static int take_time(struct parser *p, struct where_node *n)
{
	if (p->word[0] == '-')
		return wrong(p, p->start,
			     "a distance has no beginning here; --from and --to take one");
	return when_parse(p->word, 0, &n->value) ? wrong(p, p->start, err_text()) : 0;
}

/* What a field is compared with, by what the field is. */
static int take_value(struct parser *p, struct where_node *n)
{
	const struct column *c = &p->w->column[n->a];
	enum row_sense sense = column_sense(c);
	if (p->token != TOKEN_WORD && p->token != TOKEN_QUOTED)
		return wrong(p, p->start, "a value is missing here");
	if (n->op == WHERE_CONTAINS && (sense == ROW_IS_NUMBER || sense == ROW_IS_TIME))
		return wrong(p, p->start, "~ asks what a text contains, and this field is none");
	if (sense == ROW_IS_NUMBER)
		return take_number(p, n);
	if (sense == ROW_IS_TIME)
		return take_time(p, n);
	if (sense == ROW_IS_ID && n->op != WHERE_CONTAINS)
		return take_id(p, n);
	if (n->op != WHERE_CONTAINS && column_check_word(c, p->word))
		return wrong(p, p->start, err_text());
	return keep_word(p, &n->text);
}

/* ---- the grammar: any = all { "or" all }; all = one { "and" one }; one = "not" one | "(" any ")" | field [ op value ] */

static int parse_any(struct parser *p, int *out);

static int parse_comparison(struct parser *p, int *out)
{
	struct where_node n = { .op = WHERE_HAS, .b = -1 };
	struct column c;
	int a, rc;
	if (p->token != TOKEN_WORD || is(p, "and") || is(p, "or"))
		return wrong(p, p->start,
			     p->token == TOKEN_QUOTED
				     ? "a field's name stands to the left, without quotes"
				     : "a field's name is missing here");
	if (column_find(p->word, &c))
		return wrong(p, p->start, err_text());
	if ((rc = add_column(p, &c, &a)) != 0 || (rc = next(p)) != 0)
		return rc;
	n.a = (int16_t)a;
	if (p->token == TOKEN_OP) {
		n.op = (uint8_t)p->op;
		if ((rc = next(p)) != 0 || (rc = take_value(p, &n)) != 0 ||
		    (rc = add_node(p, n, out)) != 0)
			return rc;
		return next(p);
	}
	return add_node(p, n, out);
}

static int parse_one(struct parser *p, int *out)
{
	int inner, rc;
	bool not = is(p, "not");
	if (!not &&p->token != TOKEN_OPEN)
		return parse_comparison(p, out);
	size_t opened = p->start;
	if (++p->deep > WHERE_DEEP)
		return wrong(p, p->start, "this goes too deep");
	if ((rc = next(p)) != 0 || (rc = not ? parse_one(p, &inner) : parse_any(p, &inner)) != 0)
		return rc;
	p->deep--;
	if (not )
		return add_node(p, (struct where_node){ .op = WHERE_NOT, .a = (int16_t)inner },
				out);
	if (p->token != TOKEN_CLOSE)
		return p->token == TOKEN_END
			       ? wrong(p, opened, "this is not closed")
			       : wrong(p, p->start, "\"and\", \"or\" or \")\" is missing here");
	*out = inner;
	return next(p);
}

/* A row of conditions with one word between them. */
static int parse_row(struct parser *p, const char *word, enum where_op op,
		     int (*part)(struct parser *, int *), int *out)
{
	int left, right, rc = part(p, &left);
	while (!rc && is(p, word)) {
		if ((rc = next(p)) != 0 || (rc = part(p, &right)) != 0)
			return rc;
		rc = add_node(p,
			      (struct where_node){
				      .op = (uint8_t)op, .a = (int16_t)left, .b = (int16_t)right },
			      &left);
	}
	*out = left;
	return rc;
}

static int parse_all(struct parser *p, int *out)
{
	return parse_row(p, "and", WHERE_AND, parse_one, out);
}

static int parse_any(struct parser *p, int *out)
{
	return parse_row(p, "or", WHERE_OR, parse_all, out);
}

/* Behind what is there already. */
static int join(struct parser *p, int root)
{
	struct where *w = p->w;
	if (w->root < 0) {
		w->root = root;
		return 0;
	}
	struct where_node both = { .op = WHERE_AND, .a = (int16_t)w->root, .b = (int16_t)root };
	return add_node(p, both, &w->root);
}

void where_all(struct where *w)
{
	w->n = w->n_columns = 0;
	w->root = -1;
	w->used = 0;
}

int where_parse(struct where *w, const char *text)
{
	struct parser p = { .w = w, .text = text };
	int root = -1, rc = next(&p);
	if (!rc)
		rc = parse_any(&p, &root);
	if (!rc && p.token != TOKEN_END)
		rc = wrong(&p, p.start,
			   p.token == TOKEN_CLOSE ? "nothing was opened that this closes"
						  : "\"and\" or \"or\" is missing here");
	return rc ? rc : join(&p, root);
}

int where_and(struct where *w, const char *field, enum where_op op, const char *value)
{
	struct parser p = { .w = w, .text = value, .token = TOKEN_QUOTED, .plain = true };
	struct where_node n = { .op = (uint8_t)op, .b = -1 };
	struct column c;
	int a, root, rc = column_find(field, &c);
	if (rc)
		return rc;
	if (strlen(value) >= sizeof p.word)
		return err_set(ERR_PARSE, "no receipt's %s is as long as \"%.40s...\"", field,
			       value);
	strcpy(p.word, value);
	if ((rc = add_column(&p, &c, &a)) != 0)
		return rc;
	n.a = (int16_t)a;
	if ((rc = take_value(&p, &n)) != 0 || (rc = add_node(&p, n, &root)) != 0)
		return rc;
	return join(&p, root);
}
