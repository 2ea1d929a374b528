#include "adapters/import/statement.h"
#include "adapters/import/moment.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As headers write them, once case, blanks and signs are gone. */
static const struct {
	const char *name, *known;
	bool needed;
} columns[] = {
	[STATEMENT_EXEC] = { "exec",
			     "|exec|execid|executionid|execution|tradeid|tradeno|tradenumber|id|fillid|dealid|dealno|billid|成交编号|成交序号|成交号|",
			     false },
	[STATEMENT_ORDER] = { "order",
			      "|order|orderid|ordid|orderno|ordernumber|ordersysid|ibordid|委托号|委托编号|报单编号|订单号|订单编号|",
			      false },
	[STATEMENT_TIME] = { "time",
			     "|time|timestamp|ts|datetime|dateutc|timeutc|filltime|tradetime|transacttime|executiontime|createdtime|成交时间|时间|",
			     false },
	[STATEMENT_DAY] = { "day", "|day|date|tradedate|成交日期|日期|交易日|", false },
	[STATEMENT_SYMBOL] = { "symbol",
			       "|symbol|pair|market|instrument|instid|instrumentid|contract|合约|合约代码|品种合约|交易对|",
			       true },
	[STATEMENT_SIDE] = { "side",
			     "|side|direction|buysell|bs|type|isbuyer|action|买卖|买卖方向|方向|",
			     false },
	[STATEMENT_PX] = { "px",
			   "|px|price|fillpx|fillprice|tradeprice|tprice|execprice|成交价|成交价格|价格|",
			   true },
	[STATEMENT_QTY] = { "qty",
			    "|qty|quantity|executed|fillsz|fillsize|size|sz|tradeqty|lastqty|lots|volume|filled|成交量|手数|成交手数|数量|",
			    true },
	[STATEMENT_FEE] = { "fee", "|fee|fees|commission|commfee|fillfee|tradingfee|手续费|",
			    false },
	[STATEMENT_FEE_ASSET] = { "fee_asset",
				  "|feeasset|feecoin|feeccy|feecurrency|commissionasset|commissioncurrency|",
				  false },
	[STATEMENT_ACCOUNT] = { "account",
				"|account|accountid|subaccount|clientid|客户号|资金账号|投资者代码|",
				false },
};
_Static_assert(sizeof columns / sizeof *columns == statement_column_max, "a row for each column");

const char *statement_column_name(enum statement_column c)
{
	return (unsigned)c < statement_column_max ? columns[c].name : "?";
}

/* ---------------------------------------------------------------- a line as text */

static bool is_utf8(const char *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		unsigned char c = (unsigned char)p[i++];
		int more = c < 0x80		   ? 0
			   : c >= 0xc2 && c < 0xe0 ? 1
			   : c >= 0xe0 && c < 0xf0 ? 2
			   : c >= 0xf0 && c < 0xf5 ? 3
						   : -1;
		for (; more > 0; more--)
			if (i == n || ((unsigned char)p[i++] & 0xc0) != 0x80)
				return false;
		if (more < 0)
			return false;
	}
	return true;
}

/* Into s->text, in UTF-8, terminated; without the mark that some programs begin a file with. */
static int take_text(struct statement *s, const char *line, size_t n)
{
	if (n >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
		line += 3;
		n -= 3;
	}
	while (n && (line[n - 1] == '\r' || line[n - 1] == '\n'))
		n--;
	if (!s->convert) {
		if (n >= sizeof s->text)
			return err_set(ERR_RANGE, "a line of %zu bytes", n);
		memcpy(s->text, line, n);
		s->text[n] = 0;
		return memchr(s->text, 0, n) ? err_set(ERR_PARSE, "a zero byte") : 0;
	}
	char *in = (char *)(uintptr_t)line, *out = s->text;
	size_t left = n, room = sizeof s->text - 1;
	iconv(s->convert, NULL, NULL, NULL, NULL);
	if (iconv(s->convert, &in, &left, &out, &room) == (size_t)-1)
		return err_set(ERR_PARSE, "it is neither UTF-8 nor GB18030");
	*out = 0;
	return 0;
}

/* Cuts s->text at its delimiters, quotes taken off; how many fields. */
static unsigned split(struct statement *s, char *field[STATEMENT_COLUMNS])
{
	unsigned n = 0;
	char *in = s->text, *out = s->text;
	bool more = true;
	while (more && n < STATEMENT_COLUMNS) {
		bool quoted = false;
		while (*in == ' ' || (*in == '\t' && s->delimiter != '\t'))
			in++;
		field[n++] = out;
		for (; *in && (quoted || *in != s->delimiter); in++) {
			if (*in == '"' && quoted && in[1] == '"')
				*out++ = *in++;
			else if (*in == '"')
				quoted = !quoted;
			else
				*out++ = *in;
		}
		while (out > field[n - 1] && (out[-1] == ' ' || out[-1] == '\t'))
			out--;
		more = *in++ != 0;
		*out++ = 0;
	}
	return n;
}

/* ---------------------------------------------------------------- the header */

/* "Date(UTC)" is dateutc, "Comm/Fee" commfee. */
static void plain(const char *text, char out[STATEMENT_TEXT])
{
	size_t n = 0;
	for (; *text && n < STATEMENT_TEXT - 1; text++) {
		unsigned char c = (unsigned char)*text;
		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80)
			out[n++] = (char)c;
	}
	out[n] = 0;
}

static bool is_known(const char *list, const char *name)
{
	char with[STATEMENT_TEXT + 3];
	snprintf(with, sizeof with, "|%s|", name);
	return name[0] && strstr(list, with);
}

/* Whichever of the signs there is most of outside quotes. */
static char delimiter_of(const char *text)
{
	static const char signs[] = ",;\t|";
	unsigned n[4] = { 0 }, best = 0;
	bool quoted = false;
	for (; *text; text++) {
		quoted ^= *text == '"';
		const char *at = quoted ? NULL : strchr(signs, *text);
		if (at)
			n[at - signs]++;
	}
	for (unsigned i = 1; i < 4; i++)
		if (n[i] > n[best])
			best = i;
	return signs[best];
}

static int map_one(struct statement *s, const char *word, size_t n, char *const *field,
		   unsigned fields)
{
	char pair[160], want[STATEMENT_TEXT], have[STATEMENT_TEXT];
	snprintf(pair, sizeof pair, "%.*s", (int)n, word);
	char *name = strchr(pair, '=');
	if (!name)
		return err_set(ERR_ARG, "\"%s\" maps nothing: NAME=COLUMN, as exec=TradeNo", pair);
	*name++ = 0;
	for (int c = 0; c < statement_column_max; c++) {
		if (strcmp(columns[c].name, pair) != 0)
			continue;
		plain(name, want);
		for (unsigned i = 0; i < fields; i++) {
			plain(field[i], have);
			if (strcmp(want, have) == 0 || strcmp(field[i], name) == 0) {
				s->at[c] = (int16_t)i;
				return 0;
			}
		}
		return err_set(ERR_ARG, "the statement has no column \"%s\"", name);
	}
	return err_set(
		ERR_ARG,
		"\"%s\" is nothing that a column can be; there are exec, order, time, day, symbol, side, px, qty, fee, fee_asset, account",
		pair);
}

static int map_all(struct statement *s, const char *map, char *const *field, unsigned fields)
{
	int rc = 0;
	while (map && *map && !rc) {
		size_t n = strcspn(map, ",");
		rc = map_one(s, map, n, field, fields);
		map += n + (map[n] == ',');
	}
	return rc;
}

/* A name that stands first in its list is meant where a header has two of them: "Trade ID" beside "id". */
static void find(struct statement *s, char *const *field, unsigned fields)
{
	for (int c = 0; c < statement_column_max; c++) {
		const char *best = NULL;
		for (unsigned i = 0; i < fields; i++) {
			char name[STATEMENT_TEXT], with[STATEMENT_TEXT + 3];
			plain(field[i], name);
			if (!is_known(columns[c].known, name))
				continue;
			snprintf(with, sizeof with, "|%s|", name);
			const char *at = strstr(columns[c].known, with);
			if (best && at >= best)
				continue;
			best = at;
			s->at[c] = (int16_t)i;
		}
	}
	/* A date alone, with the time in it. */
	if (s->at[STATEMENT_TIME] < 0) {
		s->at[STATEMENT_TIME] = s->at[STATEMENT_DAY];
		s->at[STATEMENT_DAY] = -1;
	}
}

static int check(const struct statement *s)
{
	for (int c = 0; c < statement_column_max; c++)
		if (columns[c].needed && s->at[c] < 0)
			return err_set(ERR_PARSE,
				       "no column says the %s: name it with --columns %s=HEAD",
				       columns[c].name, columns[c].name);
	if (s->at[STATEMENT_EXEC] < 0 && s->at[STATEMENT_ORDER] < 0 && s->at[STATEMENT_TIME] < 0)
		return err_set(
			ERR_PARSE,
			"neither executions nor orders have a number, and no time: name their columns with --columns exec=HEAD");
	return 0;
}

int statement_open(struct statement *s, const char *line, size_t n, const char *map)
{
	char *field[STATEMENT_COLUMNS];
	memset(s, 0, sizeof *s);
	for (int c = 0; c < statement_column_max; c++)
		s->at[c] = -1;
	if (!is_utf8(line, n)) {
		iconv_t cd = iconv_open("UTF-8", "GB18030");
		if (cd == (iconv_t)-1)
			return err_set(ERR_PARSE,
				       "it is not UTF-8, and this system cannot read GB18030");
		s->convert = cd;
	}
	int rc = take_text(s, line, n);
	if (rc)
		return rc;
	s->delimiter = delimiter_of(s->text);
	unsigned fields = split(s, field);
	find(s, field, fields);
	rc = map_all(s, map, field, fields);
	return rc ? rc : check(s);
}

void statement_close(struct statement *s)
{
	if (s->convert)
		iconv_close(s->convert);
	s->convert = NULL;
}

/* ---------------------------------------------------------------- a row */

/* Digits, one sign before, thousands apart by the other sign; a unit behind ("0.004BTC"). */
static int number(const struct statement *s, const char *text, struct statement_dec *out)
{
	char digits[32];
	size_t n = 0;
	const char point = s->comma ? ',' : '.', group = s->comma ? '.' : ',';
	unsigned dp = 0;
	bool behind = false, any = false;
	*out = (struct statement_dec){ 0 };
	for (; *text == ' '; text++)
		;
	if (*text == '-' || *text == '+') {
		if (*text == '-')
			digits[n++] = '-';
		text++;
	}
	for (; *text; text++) {
		if (*text == group && any && !behind)
			continue;
		if (*text == point && !behind) {
			behind = true;
			continue;
		}
		if (*text < '0' || *text > '9')
			break;
		if (n > 20)
			return -ERR_RANGE;
		digits[n++] = *text;
		dp += behind;
		any = true;
	}
	if (!any || (*text && ((unsigned char)*text < 'A' || strchr("eE", *text))))
		return -ERR_PARSE;
	while (dp && digits[n - 1] == '0') {
		n--;
		dp--;
	}
	out->dp = (uint8_t)dp;
	out->known = true;
	return dp > DEC_DP_MAX ? -ERR_RANGE : dec_parse_fast(digits, n, 0, &out->v);
}

static int side(const char *text, uint8_t *out)
{
	static const char buys[] = "|buy|b|bot|bought|true|1|买|买入|多|",
			  sells[] = "|sell|s|sld|sold|false|0|卖|卖出|空|";
	char word[STATEMENT_TEXT];
	plain(text, word);
	*out = SIDE_BUY;
	if (is_known(buys, word))
		return 0;
	*out = SIDE_SELL;
	return is_known(sells, word) ? 0 : -ERR_PARSE;
}

static int moment(const struct statement *s, char *const *field, int64_t *ns)
{
	const char *time = field[s->at[STATEMENT_TIME]];
	int16_t day = s->at[STATEMENT_DAY];
	size_t n = strlen(time);
	int64_t of_day = 0;
	if (day < 0 || moment_time_of_day(time, n, &of_day)) {
		int rc = moment_parse(time, n, moment_unit_max, ns);
		if (rc)
			return rc;
		/* A number, or a text that says its zone, is UTC already. */
		bool zoned = strspn(time, "0123456789.") == n || strchr(time, 'Z') ||
			     strchr(time, '+') || (n > 11 && strchr(time + 11, '-'));
		*ns -= zoned ? 0 : s->zone_ns;
		return 0;
	}
	int rc = moment_parse(field[day], strlen(field[day]), MOMENT_DATE, ns);
	*ns += of_day - s->zone_ns;
	return rc;
}

static int refuse(const struct statement *s, uint64_t line, enum statement_column c,
		  const char *text)
{
	return err_set(ERR_PARSE, "line %llu, column %d (%s): \"%.40s\" is no %s",
		       (unsigned long long)line, s->at[c] + 1, columns[c].name, text,
		       c == STATEMENT_SIDE   ? "side"
		       : c == STATEMENT_TIME ? "time"
					     : "number");
}

static void copy(const struct statement *s, char *const *field, enum statement_column c,
		 char out[STATEMENT_TEXT])
{
	if (s->at[c] < 0)
		return;
	snprintf(out, STATEMENT_TEXT, "%s", field[s->at[c]]);
	for (char *p = out; *p; p++) /* what would steer a terminal or break a row of CSV */
		if ((unsigned char)*p < ' ' || *p == 127 || *p == '"')
			*p = '?';
}

static int numbers(const struct statement *s, char *const *field, struct statement_row *row)
{
	struct statement_dec *to[statement_column_max] = {
		[STATEMENT_PX] = &row->px, [STATEMENT_QTY] = &row->qty, [STATEMENT_FEE] = &row->fee
	};
	for (int c = 0; c < statement_column_max; c++) {
		if (!to[c] || s->at[c] < 0 || (c == STATEMENT_FEE && !field[s->at[c]][0]))
			continue;
		if (number(s, field[s->at[c]], to[c]))
			return refuse(s, row->line, (enum statement_column)c, field[s->at[c]]);
	}
	if (s->fee_negative)
		row->fee.v = row->fee.v < 0 ? dec_abs(row->fee.v) : -row->fee.v;
	return 0;
}

/* "0.00004BTC": the unit, where no column has it. */
static void fee_unit(const struct statement *s, char *const *field, struct statement_row *row)
{
	if (s->at[STATEMENT_FEE] < 0 || row->fee_asset[0])
		return;
	const char *unit = field[s->at[STATEMENT_FEE]];
	unit += strspn(unit, "0123456789.,+- ");
	snprintf(row->fee_asset, STATEMENT_TEXT, "%s", unit);
}

int statement_row(struct statement *s, uint64_t line_number, const char *line, size_t n,
		  struct statement_row *row)
{
	char *field[STATEMENT_COLUMNS];
	int rc = take_text(s, line, n);
	if (rc)
		return err_ctx(rc, "line %llu", (unsigned long long)line_number);
	unsigned fields = split(s, field);
	*row = (struct statement_row){ .line = line_number };
	if (fields < 2)
		return 0;
	for (int c = 0; c < statement_column_max; c++)
		if (s->at[c] >= (int)fields)
			return err_set(ERR_PARSE, "line %llu has %u fields, and the %s is the %d.",
				       (unsigned long long)line_number, fields, columns[c].name,
				       s->at[c] + 1);
	copy(s, field, STATEMENT_EXEC, row->exec);
	copy(s, field, STATEMENT_ORDER, row->order);
	copy(s, field, STATEMENT_SYMBOL, row->symbol);
	copy(s, field, STATEMENT_ACCOUNT, row->account);
	copy(s, field, STATEMENT_FEE_ASSET, row->fee_asset);
	/* Sums at the end of a bill name no execution, or no contract. */
	bool numbered = s->at[STATEMENT_EXEC] >= 0 || s->at[STATEMENT_ORDER] >= 0;
	if (numbered ? !row->exec[0] && !row->order[0] : !row->symbol[0])
		return 0;
	rc = numbers(s, field, row);
	if (rc)
		return rc;
	fee_unit(s, field, row);
	if (s->at[STATEMENT_TIME] >= 0 && moment(s, field, &row->at_ns))
		return refuse(s, line_number, STATEMENT_TIME, field[s->at[STATEMENT_TIME]]);
	row->side = row->qty.v < 0 ? SIDE_SELL : SIDE_BUY;
	row->qty.v = dec_abs(row->qty.v);
	if (s->at[STATEMENT_SIDE] >= 0 && side(field[s->at[STATEMENT_SIDE]], &row->side))
		return refuse(s, line_number, STATEMENT_SIDE, field[s->at[STATEMENT_SIDE]]);
	return 1;
}

int statement_dec_cmp(struct statement_dec a, struct statement_dec b)
{
	unsigned dp = a.dp > b.dp ? a.dp : b.dp;
	__int128 x = (__int128)a.v * dec_pow10[dp - a.dp], y = (__int128)b.v * dec_pow10[dp - b.dp];
	return (x > y) - (x < y);
}
