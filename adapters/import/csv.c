#include "adapters/import/csv.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <string.h>

#define LOOK_LINES 2000

/* "1.2e-05", as programs that keep floats write it: the length of the part before the e, and what the e says. n: there is none. */
static size_t mantissa(const char *p, size_t n, int64_t *power)
{
	size_t e = 0;
	*power = 0;
	while (e < n && p[e] != 'e' && p[e] != 'E')
		e++;
	size_t from = e + 1 + (e + 1 < n && p[e + 1] == '+');
	if (e == n || dec_parse_fast(p + from, n - from, 0, power) != 0 || *power > 99 ||
	    *power < -99) {
		*power = 0;
		return n;
	}
	return e;
}

void csv_scale_add(struct csv_scale *s, const char *p, size_t n)
{
	int64_t power;
	n = mantissa(p, n, &power);
	size_t from = n && *p == '-', i = from;
	while (i < n && p[i] >= '0' && p[i] <= '9')
		i++;
	int64_t digits = i - from == 1 && p[from] == '0' ? 0 : (int64_t)(i - from) + power;
	if (digits > (int64_t)s->digits && digits <= DEC_DP_MAX)
		s->digits = (unsigned)digits;
	bool point = i < n && p[i] == '.';
	while (point && n > i + 1 && p[n - 1] == '0')
		n--;
	int64_t decimals = (point ? (int64_t)(n - i) - 1 : 0) - power;
	if (decimals > (int64_t)s->decimals && decimals <= DEC_DP_MAX)
		s->decimals = (unsigned)decimals;
}

uint8_t csv_decimals(const struct csv_scale *s, unsigned room)
{
	unsigned most = s->digits + room < 18 ? 18 - s->digits - room : 0;
	unsigned dp = s->decimals > CSV_DP ? s->decimals : CSV_DP;
	/* Fewer than it wants only where they would not fit; those seen come before the room. */
	if (dp > most)
		dp = most > s->decimals ? most : s->decimals;
	return (uint8_t)(dp > DEC_DP_MAX ? DEC_DP_MAX : dp);
}

/* ---------------------------------------------------------------- a row */

static struct field field_at(const struct csv *c, const struct field *f, unsigned n, enum column k)
{
	int at = c->columns.at[k];
	return at >= 0 && (unsigned)at < n ? f[at] : (struct field){ NULL, 0 };
}

static int refuse(const char **why, const char *text)
{
	*why = text;
	return -ERR_PARSE;
}

/* The arrival, its day apart or not. */
static int arrival_of(struct csv *c, const struct field *f, unsigned n, int64_t *ns)
{
	struct field time = field_at(c, f, n, COLUMN_ARRIVAL);
	if (c->columns.at[COLUMN_DAY] < 0)
		return moment_parse(time.p, time.n, c->columns.unit[COLUMN_ARRIVAL], ns);
	struct field day = field_at(c, f, n, COLUMN_DAY);
	if (!day.n || day.n >= sizeof c->day_text)
		return -ERR_PARSE;
	if (day.n != c->day.n || memcmp(day.p, c->day_text, day.n) != 0) {
		int rc = moment_parse(day.p, day.n, MOMENT_DATE, &c->day_ns);
		if (rc)
			return rc;
		memcpy(c->day_text, day.p, day.n);
		c->day = (struct field){ c->day_text, day.n };
	}
	int rc = moment_time_of_day(time.p, time.n, ns);
	*ns += c->day_ns;
	return rc;
}

int csv_row(struct csv *c, const char *line, size_t n, struct csv_row *row, const char **why)
{
	struct field f[COLUMNS_MAX];
	unsigned k = columns_split(&c->columns, line, n, f);
	*row = (struct csv_row){
		.venue = field_at(c, f, k, COLUMN_VENUE),
		.symbol = field_at(c, f, k, COLUMN_SYMBOL),
		.px = { field_at(c, f, k, COLUMN_BID), field_at(c, f, k, COLUMN_ASK) },
		.qty = { field_at(c, f, k, COLUMN_BID_QTY), field_at(c, f, k, COLUMN_ASK_QTY) },
		.seq = field_at(c, f, k, COLUMN_SEQ)
	};
	if (k <= (unsigned)c->columns.at[COLUMN_ARRIVAL] ||
	    k <= (unsigned)c->columns.at[COLUMN_BID])
		return refuse(why, "a row with too few columns");
	if (arrival_of(c, f, k, &row->at_ns) != 0)
		return refuse(why, "a time that cannot be read");
	struct field stamp = field_at(c, f, k, COLUMN_STAMP);
	if (stamp.n &&
	    moment_parse(stamp.p, stamp.n, c->columns.unit[COLUMN_STAMP], &row->stamp_ns) != 0)
		return refuse(why, "a venue's stamp that cannot be read");
	return 0;
}

static int number(struct field f, unsigned dp, int64_t *out)
{
	int64_t power;
	int rc = dec_parse_fast(f.p, f.n, dp, out);
	size_t n = rc == -ERR_PARSE ? mantissa(f.p, f.n, &power) : f.n;
	if (n == f.n)
		return rc;
	power += dp;
	rc = dec_parse_fast(f.p, n, power < 0 || power > DEC_DP_MAX ? 0 : (unsigned)power, out);
	return rc == 0 && *out && (power < 0 || power > DEC_DP_MAX) ? -ERR_RANGE : rc;
}

int csv_quote(const struct csv *c, const struct csv_row *row, unsigned px_dp, unsigned qty_dp,
	      struct quote *q, const char **why)
{
	*q = (struct quote){ .recv_ns = row->at_ns };
	if (!row->px[SIDE_BUY].n && !row->px[SIDE_SELL].n)
		return refuse(why, "a row with neither bid nor ask");
	for (unsigned side = 0; side < side_max; side++) {
		const struct field *px = &row->px[side], *qty = &row->qty[side];
		int rc = px->n ? number(*px, px_dp, &q->px[side]) : 0;
		if (rc)
			return refuse(
				why,
				rc == -ERR_RANGE
					? "a price with more digits than its instrument has (--px-dp)"
					: "a price that is no decimal number");
		if (qty->n && (rc = number(*qty, qty_dp, &q->qty[side])) != 0)
			return refuse(
				why,
				rc == -ERR_RANGE
					? "a quantity with more digits than its instrument has (--qty-dp)"
					: "a quantity that is no decimal number");
		if (q->qty[side] < 0)
			return refuse(why, "a quantity below zero");
		if (px->n && c->columns.at[COLUMN_BID_QTY + (int)side] < 0)
			q->qty[side] = c->no_size;
		if (!px->n)
			q->qty[side] = 0;
	}
	/* Numbers that are none cost the number, not the quote. */
	if (row->seq.n && dec_parse_fast(row->seq.p, row->seq.n, 0, &q->seq) != 0)
		q->seq = 0;
	return 0;
}

/* ---------------------------------------------------------------- the beginning of a file */

/* Units that the header did not say, from the first row that shows them. */
static void see_units(struct csv *c, const struct field *f, unsigned n)
{
	static const enum column times[] = { COLUMN_ARRIVAL, COLUMN_STAMP };
	for (unsigned i = 0; i < 2; i++) {
		struct field time = field_at(c, f, n, times[i]);
		if (!time.n)
			continue;
		enum moment_unit seen = moment_unit_of(time.p, time.n);
		/* A date stays one, whatever unit a name like "ts_ms" promises. */
		bool date = seen == MOMENT_DATE && time.n > 8;
		if (c->columns.unit[times[i]] == moment_unit_max || date)
			c->columns.unit[times[i]] = (uint8_t)seen;
	}
}

static bool next_line(const char **p, const char *end, struct field *line)
{
	if (*p >= end)
		return false;
	const char *eol = memchr(*p, '\n', (size_t)(end - *p)), *stop = eol ? eol : end;
	*line = (struct field){ *p, (size_t)(stop - *p) };
	line->n -= line->n && stop[-1] == '\r';
	*p = eol ? eol + 1 : end;
	return true;
}

static void look_at_row(struct csv *c, const struct field *line)
{
	struct field f[COLUMNS_MAX];
	unsigned k = columns_split(&c->columns, line->p, line->n, f);
	see_units(c, f, k);
	for (int side = 0; side < side_max; side++) {
		struct field px = field_at(c, f, k, COLUMN_BID + (enum column)side),
			     qty = field_at(c, f, k, COLUMN_BID_QTY + (enum column)side);
		csv_scale_add(&c->px, px.p, px.n);
		csv_scale_add(&c->qty, qty.p, qty.n);
	}
}

/* The header: the first line that is not empty; of those that begin with # the first that names columns. */
static int find_header(struct csv *c, const char **p, const char *end, const char *map)
{
	struct field line;
	int rc = err_set(ERR_PARSE, "no line of it names columns");
	while (next_line(p, end, &line)) {
		c->skip++;
		if (!line.n)
			continue;
		rc = columns_find(&c->columns, line.p, line.n, map);
		if (rc == 0 && !c->columns.header) {
			c->skip--;
			*p = line.p;
		}
		if (rc == 0 || *line.p != '#')
			return rc;
	}
	return rc;
}

int csv_open(struct csv *c, const char *first, size_t n, const char *map)
{
	const char *p = first, *end = first + n;
	struct field line;
	*c = (struct csv){ 0 };
	int rc = find_header(c, &p, end, map);
	if (rc)
		return rc;
	bool any = false;
	for (unsigned k = 0; k < LOOK_LINES && next_line(&p, end, &line); k++) {
		bool row = line.n && *line.p != '#';
		any |= row;
		if (row)
			look_at_row(c, &line);
	}
	if (c->columns.unit[COLUMN_ARRIVAL] == moment_unit_max && c->columns.at[COLUMN_DAY] < 0)
		return !any ? err_set(ERR_PARSE, "it has a header, and no quote under it")
			    : err_set(ERR_PARSE,
				      "the times of column %d are in no unit that can be told; "
				      "--map ts_UNIT=%d says it (UNIT: ns us ms s)",
				      c->columns.at[COLUMN_ARRIVAL], c->columns.at[COLUMN_ARRIVAL]);
	return 0;
}
