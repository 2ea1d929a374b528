#include "adapters/import/columns.h"
#include "core/base/err.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const name_of[] = { "arrival", "stamp", "day",     "venue",	 "symbol",
				       "bid",	  "ask",   "bid_qty", "ask_qty", "seq" };
_Static_assert(sizeof name_of / sizeof *name_of == column_max, "a name for each column");

const char *column_name(enum column c)
{
	return (unsigned)c < column_max ? name_of[c] : "?";
}

/* ---------------------------------------------------------------- the words of a name */

enum word {
	W_BID,
	W_ASK,
	W_QTY,
	W_COUNT,
	W_TIME,
	W_DAY,
	W_NS,
	W_US,
	W_MS,
	W_S,
	W_ARRIVAL,
	W_EXCHANGE,
	W_SENT,
	W_MATCHED,
	W_VENUE,
	W_SYMBOL,
	W_SEQ,
	W_UPDATE,
	W_ID,
	word_max
};

static const char *const words[] = {
	[W_BID] = "bid bids buy",
	[W_ASK] = "ask asks offer offers ofr sell",
	[W_QTY] = "qty size sz siz quantity amount amt vol volume lots",
	[W_COUNT] = "count ct num orders",
	[W_TIME] = "ts time timestamp datetime date day utc",
	[W_DAY] = "date day",
	[W_NS] = "ns nano nanos nanosecond nanoseconds",
	[W_US] = "us micro micros microsecond microseconds",
	[W_MS] = "ms milli millis millisecond milliseconds msec",
	[W_S] = "s sec secs second seconds epoch",
	[W_ARRIVAL] =
		"local recv received receive receipt arrival arrived rx capture captured client "
		"host recorder recorded collected logged",
	[W_EXCHANGE] =
		"exch exchange venue event transaction transact server engine trade matching sending "
		"sent source origin",
	[W_SENT] = "e event sending sent",
	[W_MATCHED] = "t transaction transact engine trade matching",
	[W_VENUE] = "venue exchange exch market broker source feed lp",
	[W_SYMBOL] = "symbol sym instrument pair ticker contract product security",
	[W_SEQ] = "seq sequence seqnum",
	[W_UPDATE] = "update updateid",
	[W_ID] = "id inst",
};
_Static_assert(sizeof words / sizeof *words == word_max, "a list for each word");

struct name {
	uint32_t has; /* bits by enum word */
	int level;    /* the number in it; -1: none */
	unsigned n;   /* words */
};

static bool listed(const char *list, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = list; (at = strstr(at, word)); at++)
		if ((at == list || at[-1] == ' ') && (at[n] == ' ' || at[n] == 0))
			return true;
	return false;
}

/* "bidsize", "bestaskprice": words that nobody has set apart. The length of the first; 0: there is but one. */
static size_t joined(const char *word)
{
	static const char *const heads[] = { "best", "bid", "ask", "offer", "ofr" };
	static const enum word tails[] = { W_BID, W_ASK, W_QTY, W_COUNT, W_TIME };
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		size_t n = strlen(heads[i]);
		const char *rest = word + n;
		if (strncmp(word, heads[i], n) != 0 || !*rest)
			continue;
		for (size_t k = 0; k < sizeof tails / sizeof *tails; k++)
			if (listed(words[tails[k]], rest))
				return n;
		if (listed("price px", rest) || joined(rest))
			return n;
	}
	return 0;
}

static void take_word(struct name *name, char *word)
{
	size_t head = joined(word);
	if (head) {
		take_word(name, word + head);
		word[head] = 0;
	}
	name->n++;
	if (word[0] >= '0' && word[0] <= '9')
		name->level = atoi(word);
	for (unsigned w = 0; w < word_max; w++)
		if (listed(words[w], word))
			name->has |= 1u << w;
}

static bool lower(char c)
{
	return c >= 'a' && c <= 'z';
}
static bool upper(char c)
{
	return c >= 'A' && c <= 'Z';
}
static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct name read_name(const char *p, size_t n)
{
	struct name name = { .level = -1 };
	char word[COLUMN_NAME];
	size_t k = 0;
	for (size_t i = 0; i <= n; i++) {
		char c = i < n ? p[i] : 0;
		bool part = lower(c) || upper(c) || digit(c);
		/* localTimestamp, bid1: a new word begins without a sign between. */
		bool turn =
			i && part && (digit(c) != digit(p[i - 1]) || (upper(c) && lower(p[i - 1])));
		if (k && (!part || turn)) {
			word[k] = 0;
			take_word(&name, word);
			k = 0;
		}
		if (part && k + 1 < sizeof word)
			word[k++] = upper(c) ? (char)(c + 32) : c;
	}
	return name;
}

static bool has(const struct name *n, enum word w)
{
	return n->has & 1u << w;
}

static enum moment_unit unit_of(const struct name *n)
{
	return has(n, W_NS)   ? MOMENT_NS
	       : has(n, W_US) ? MOMENT_US
	       : has(n, W_MS) ? MOMENT_MS
	       : has(n, W_S)  ? MOMENT_S
			      : moment_unit_max;
}

/* ---------------------------------------------------------------- what a column is */

/* Times that are not yet known to be the row's arrival or its stamp stand behind the columns proper. */
enum { ROLE_PLAIN = column_max, ROLE_NONE, role_max };

struct claim {
	int rank; /* the highest wins; 0: nobody claims it */
	int16_t at;
	uint8_t unit;
};

static unsigned side_role(const struct name *n)
{
	bool ask = has(n, W_ASK);
	if (has(n, W_COUNT) || (has(n, W_TIME) && !has(n, W_QTY)))
		return ROLE_NONE;
	if (has(n, W_QTY))
		return ask ? COLUMN_ASK_QTY : COLUMN_BID_QTY;
	return ask ? COLUMN_ASK : COLUMN_BID;
}

static unsigned role_of(const struct name *n)
{
	enum moment_unit unit = unit_of(n);
	bool marked = has(n, W_ARRIVAL) || has(n, W_EXCHANGE);
	if (has(n, W_BID) != has(n, W_ASK))
		return side_role(n);
	if (has(n, W_TIME) || (marked && unit != moment_unit_max) ||
	    (n->n == 1 && (has(n, W_NS) || has(n, W_US) || has(n, W_MS) || has(n, W_S))))
		return has(n, W_ARRIVAL)	    ? COLUMN_ARRIVAL
		       : has(n, W_EXCHANGE)	    ? COLUMN_STAMP
		       : has(n, W_DAY) && n->n == 1 ? COLUMN_DAY
						    : ROLE_PLAIN;
	if (has(n, W_SEQ) || (has(n, W_UPDATE) && (has(n, W_ID) || n->n == 1)))
		return COLUMN_SEQ;
	if (has(n, W_SYMBOL))
		return COLUMN_SYMBOL;
	return has(n, W_VENUE) && !has(n, W_ID) ? COLUMN_VENUE : ROLE_NONE;
}

/* Mapped ones before all others, then the best level, the moment of sending before that of matching, the first in the row. */
static void claim(struct claim *claims, const struct name *n, int16_t at, bool mapped)
{
	unsigned role = role_of(n);
	int rank = (mapped ? 1 << 24 : 0) + (1 << 20) - at;
	if (role == ROLE_NONE)
		return;
	if (role >= COLUMN_BID && role <= COLUMN_ASK_QTY)
		rank -= (n->level < 0 ? 0 : n->level > 999 ? 999 : n->level) * COLUMNS_MAX;
	else
		rank += has(n, W_SENT) ? 2 * COLUMNS_MAX : has(n, W_MATCHED) ? COLUMNS_MAX : 0;
	if (rank > claims[role].rank)
		claims[role] = (struct claim){ rank, at, (uint8_t)unit_of(n) };
}

/* Which of the times is the arrival, which the stamp. */
static void settle_times(struct columns *c, struct claim *t)
{
	struct claim *arrival = &t[COLUMN_ARRIVAL], *stamp = &t[COLUMN_STAMP],
		     *plain = &t[ROLE_PLAIN], *day = &t[COLUMN_DAY];
	if (!plain->rank &&
	    day->rank) { /* one column that is called date, and holds the time too */
		*plain = *day;
		day->rank = 0;
	}
	if (plain->rank && !arrival->rank)
		*arrival = *plain;
	else if (plain->rank && !stamp->rank)
		*stamp = *plain;
	c->venue_clock = !stamp->rank && arrival->at == plain->at && plain->rank;
	if (!arrival->rank && stamp->rank) {
		*arrival = *stamp;
		stamp->rank = 0;
		c->venue_clock = true;
	}
	if (arrival->at != plain->at)
		day->rank = 0;
}

/* ---------------------------------------------------------------- the line */

static char find_delimiter(const char *line, size_t n)
{
	static const char candidates[] = ",;\t| ";
	size_t most = 0;
	char best = ',';
	for (const char *d = candidates; *d; d++) {
		size_t count = 0;
		for (size_t i = 0; i < n; i++)
			count += line[i] == *d;
		if (count > most && (*d != ' ' || !most)) {
			most = count;
			best = *d;
		}
	}
	return best;
}

static struct field trimmed(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (end - p >= 2 && (*p == '"' || *p == '\'') && end[-1] == *p) {
		p++;
		end--;
	}
	return (struct field){ p, (size_t)(end - p) };
}

#define EACH(byte) (0x0101010101010101ull * (unsigned char)(byte))

/* The next delimiter from p on, or end. */
static inline const char *next_delimiter(const char *p, const char *end, char delimiter)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	while (end - p >= 8) {
		uint64_t w;
		memcpy(&w, p, 8);
		w ^= EACH(delimiter);
		w = ~(((w & EACH(0x7f)) + EACH(0x7f)) | w | EACH(0x7f));
		if (w)
			return p + (__builtin_ctzll(w) >> 3);
		p += 8;
	}
#endif
	while (p < end && *p != delimiter)
		p++;
	return p;
}

unsigned columns_split(const struct columns *c, const char *line, size_t n, struct field *out)
{
	const char *p = line, *end = line + n;
	for (unsigned k = 0; k < c->used; k++) {
		while (p < end && *p == ' ' && c->delimiter != ' ')
			p++;
		const char *stop = next_delimiter(p, end, c->delimiter);
		/* A quoted field may hold the delimiter. */
		if (p < end && (*p == '"' || *p == '\'' || (stop > p && stop[-1] == ' '))) {
			const char *close =
				*p == '"' ? memchr(p + 1, '"', (size_t)(end - p - 1)) : NULL;
			if (close && close > stop)
				stop = next_delimiter(close, end, c->delimiter);
			out[k] = trimmed(p, stop);
		} else {
			out[k] = (struct field){ p, (size_t)(stop - p) };
		}
		if (stop == end)
			return k + 1;
		p = stop + 1;
	}
	return c->used;
}

/* A first line with numbers in it is a row. */
static bool is_header(const struct field *f, unsigned n)
{
	unsigned numbers = 0;
	for (unsigned i = 0; i < n; i++) {
		size_t k = 0;
		while (k < f[i].n && (digit(f[i].p[k]) || f[i].p[k] == '.' || f[i].p[k] == '-'))
			k++;
		numbers += f[i].n && k == f[i].n;
	}
	return numbers < 2;
}

/* "NAME=COLUMN,...": the column, by its header or its number, is what NAME says. */
static int take_map(const char *map, const struct field *f, unsigned n, bool header,
		    struct claim *claims, bool *mapped)
{
	while (*map) {
		size_t len = strcspn(map, ","), name = strcspn(map, "=");
		const char *column = map + name + 1;
		if (name >= len)
			return err_set(ERR_ARG, "\"%.*s\": a map reads NAME=COLUMN", (int)len, map);
		size_t n_column = len - name - 1;
		unsigned at = 0;
		while (at < n &&
		       (!header || f[at].n != n_column || memcmp(f[at].p, column, n_column) != 0))
			at++;
		if (at == n && n_column && n_column <= 3 &&
		    strspn(column, "0123456789") >= n_column)
			at = (unsigned)atoi(column);
		if (at >= n)
			return err_set(ERR_ARG, "\"%.*s\": there is no such column among %u",
				       (int)len, map, n);
		struct name words_of = read_name(map, name);
		if (role_of(&words_of) == ROLE_NONE)
			return err_set(
				ERR_ARG,
				"\"%.*s\" names nothing: say bid, ask, bid_qty, ask_qty, venue, symbol, seq, "
				"local_ts_UNIT, exch_ts_UNIT or ts_UNIT (UNIT: ns us ms s)",
				(int)name, map);
		claim(claims, &words_of, (int16_t)at, true);
		mapped[at] = true;
		map += len + (map[len] == ',');
	}
	return 0;
}

static int complain(const char *what, const char *line, size_t n)
{
	return err_set(
		ERR_PARSE,
		"no column is %s: the first line reads \"%.*s%s\"; --map %s=COLUMN says which",
		what, (int)(n < 120 ? n : 120), line, n > 120 ? "..." : "", what);
}

/* A terminal must not get what a stranger's file begins with. */
static int check_text(const char *line, size_t n)
{
	if (n >= 2 && (memcmp(line, "\xff\xfe", 2) == 0 || memcmp(line, "\xfe\xff", 2) == 0))
		return err_set(ERR_PARSE, "it is written in UTF-16; save it as UTF-8");
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)line[i];
		if (c == '\r')
			return err_set(ERR_PARSE,
				       "its lines end in CR alone; let them end in LF or CR LF");
		if ((c < ' ' && c != '\t') || c == 127)
			return err_set(ERR_PARSE,
				       "it is no text: byte %zu of its first line is 0x%02x", i, c);
	}
	return 0;
}

int columns_find(struct columns *c, const char *line, size_t n, const char *map)
{
	struct field f[COLUMNS_MAX];
	struct claim claims[role_max] = { 0 };
	bool mapped[COLUMNS_MAX] = { 0 };
	if (n >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
		line += 3;
		n -= 3;
	}
	if (n && *line == '#') { /* "# ts,bid,ask" */
		line++;
		n--;
	}
	int rc = check_text(line, n);
	if (rc)
		return rc;
	*c = (struct columns){ .delimiter = find_delimiter(line, n), .used = COLUMNS_MAX };
	unsigned fields = columns_split(c, line, n, f);
	c->header = is_header(f, fields);
	rc = map ? take_map(map, f, fields, c->header, claims, mapped) : 0;
	if (rc)
		return rc;
	for (unsigned i = 0; c->header && i < fields; i++) {
		struct name name = read_name(f[i].p, f[i].n);
		if (!mapped[i])
			claim(claims, &name, (int16_t)i, false);
	}
	settle_times(c, claims);
	c->used = 0;
	for (unsigned k = 0; k < column_max; k++) {
		c->at[k] = claims[k].rank ? claims[k].at : -1;
		c->unit[k] = claims[k].unit;
		if (c->at[k] >= c->used)
			c->used = (uint16_t)(c->at[k] + 1);
	}
	return c->at[COLUMN_ARRIVAL] < 0 ? complain("ts", line, n)
	       : c->at[COLUMN_BID] < 0	 ? complain("bid", line, n)
	       : c->at[COLUMN_ASK] < 0	 ? complain("ask", line, n)
					 : 0;
}
