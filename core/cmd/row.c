#include "core/cmd/row.h"
#include "core/base/dec.h"
#include "core/cmd/tz.h"
#include "core/market/event.h"
#include "core/market/gate.h"
#include "core/market/instrument.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum shape {
	AS_COUNT, /* absent when 0 */
	AS_STAMP, /* likewise, signed */
	AS_ID,	  /* 16 hex digits, absent when 0 */
	AS_NAME,
	AS_TEXT,
	AS_LEG,
	AS_REF,
	AS_SIDE,
	AS_OFFSET,
	AS_PX,
	AS_QTY,
	AS_FEE,
	AS_KIND,
	AS_STATE,
	AS_TIME,
};

static const struct common {
	const char *name;
	uint16_t at;
	uint8_t shape, space;
} commons[] = {
	{ "seq", offsetof(struct fact, seq), AS_COUNT, 0 },
	{ "cause", offsetof(struct fact, cause), AS_COUNT, 0 },
	{ "time", offsetof(struct fact, utc_ns), AS_TIME, 0 },
	{ "utc_ns", offsetof(struct fact, utc_ns), AS_STAMP, 0 },
	{ "venue_ns", offsetof(struct fact, venue_ns), AS_STAMP, 0 },
	{ "clock_bound_ns", offsetof(struct fact, clock_bound_ns), AS_STAMP, 0 },
	{ "mono_ns", offsetof(struct fact, mono_ns), AS_STAMP, 0 },
	{ "turn", offsetof(struct fact, turn), AS_COUNT, 0 },
	{ "kind", offsetof(struct fact, kind), AS_KIND, 0 },
	{ "instance", offsetof(struct fact, instance), AS_NAME, NAME_INSTANCE },
	{ "script", offsetof(struct fact, script), AS_NAME, NAME_SCRIPT },
	{ "account", offsetof(struct fact, account), AS_NAME, NAME_ACCOUNT },
	{ "round", offsetof(struct fact, round), AS_ID, 0 },
	{ "pair", offsetof(struct fact, pair), AS_ID, 0 },
	{ "leg", offsetof(struct fact, leg), AS_LEG, 0 },
	{ "ref", offsetof(struct fact, leg), AS_REF, 0 },
	{ "venue", offsetof(struct fact, venue), AS_NAME, NAME_VENUE },
	{ "instrument", offsetof(struct fact, instrument), AS_NAME, NAME_INSTRUMENT },
	{ "order", offsetof(struct fact, order), AS_ID, 0 },
	{ "venue_order", offsetof(struct fact, venue_order), AS_TEXT, 0 },
	{ "exec", offsetof(struct fact, exec), AS_TEXT, 0 },
	{ "side", offsetof(struct fact, side), AS_SIDE, 0 },
	{ "offset", offsetof(struct fact, offset), AS_OFFSET, 0 },
	{ "px", offsetof(struct fact, px), AS_PX, 0 },
	{ "qty", offsetof(struct fact, qty), AS_QTY, 0 },
	{ "fee", offsetof(struct fact, fee_e8), AS_FEE, 0 },
	{ "fee_asset", offsetof(struct fact, fee_asset), AS_NAME, NAME_ASSET },
	{ "state", offsetof(struct fact, state), AS_STATE, 0 },
	{ "reason", offsetof(struct fact, text), AS_TEXT, 0 },
};
#define N_COMMON (sizeof(commons) / sizeof(commons[0]))
_Static_assert(N_COMMON + FACT_NUMS <= ROW_FIELDS_MAX, "a row holds every field");

static const char *const offsets[] = {
	[OFFSET_NONE] = NULL,
	[OFFSET_OPEN] = "open",
	[OFFSET_CLOSE] = "close",
	[OFFSET_CLOSE_TODAY] = "close_today",
	[OFFSET_CLOSE_YESTERDAY] = "close_yesterday",
};
_Static_assert(sizeof(offsets) / sizeof(offsets[0]) == offset_max, "a name for every offset");

static const char *const sides[] = { [SIDE_BUY] = "buy", [SIDE_SELL] = "sell" };
_Static_assert(sizeof(sides) / sizeof(sides[0]) == side_max, "a name for every side");

#define STATES_LOOKED_AT 32

const char *row_common_name(unsigned i)
{
	return i < N_COMMON ? commons[i].name : NULL;
}

enum row_sense row_common_sense(unsigned i)
{
	static const uint8_t sense[] = {
		[AS_COUNT] = ROW_IS_NUMBER, [AS_STAMP] = ROW_IS_NUMBER, [AS_ID] = ROW_IS_ID,
		[AS_NAME] = ROW_IS_TEXT,    [AS_TEXT] = ROW_IS_TEXT,	[AS_LEG] = ROW_IS_NUMBER,
		[AS_REF] = ROW_IS_NUMBER,   [AS_SIDE] = ROW_IS_WORD,	[AS_OFFSET] = ROW_IS_WORD,
		[AS_PX] = ROW_IS_NUMBER,    [AS_QTY] = ROW_IS_NUMBER,	[AS_FEE] = ROW_IS_NUMBER,
		[AS_KIND] = ROW_IS_WORD,    [AS_STATE] = ROW_IS_WORD,	[AS_TIME] = ROW_IS_TIME,
	};
	return (enum row_sense)sense[commons[i].shape];
}

/* Every state of every kind, some of them several times. */
static const char *state_word(unsigned n)
{
	for (unsigned k = 1; k < fact_kind_max; k++)
		for (unsigned s = 0; s < STATES_LOOKED_AT; s++) {
			const char *name = fact_state_name((enum fact_kind)k, (uint8_t)s);
			if (name && n-- == 0)
				return name;
		}
	return NULL;
}

const char *row_common_word(unsigned i, unsigned n)
{
	switch ((enum shape)commons[i].shape) {
	case AS_SIDE:
		return n < side_max ? sides[n] : NULL;
	case AS_OFFSET:
		return n + 1 < offset_max ? offsets[n + 1] : NULL;
	case AS_KIND:
		return n + 1 < fact_kind_max ? fact_kind_name((enum fact_kind)(n + 1)) : NULL;
	case AS_STATE:
		return state_word(n);
	default:
		return NULL;
	}
}

void row_time(int64_t utc_ns, char out[32])
{
	int64_t rest = utc_ns % 1000000000;
	time_t s = (time_t)(utc_ns / 1000000000 - (rest < 0));
	rest += rest < 0 ? 1000000000 : 0;
	struct tm tm;
	gmtime_r(&s, &tm);
	size_t n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, 32 - n, ".%06" PRId64 "Z", rest / 1000);
}

/* Copied by hand: a million orders are some hundred million fields. */
static struct row_field *add(struct row *row, const char *name, enum row_type type,
			     const char *text)
{
	struct row_field *f = &row->field[row->n++];
	size_t n = strnlen(text, sizeof(f->text) - 1);
	f->name = name;
	f->type = type;
	f->value = 0;
	f->dp = 0;
	memcpy(f->text, text, n);
	f->text[n] = 0;
	return f;
}

static void add_text(struct row *row, const char *name, const char *text)
{
	if (text && text[0])
		add(row, name, ROW_STRING, text);
}

static void add_dec(struct row *row, const char *name, int64_t v, unsigned dp)
{
	char text[24];
	dec_format(v, dp, 0, text);
	struct row_field *f = add(row, name, ROW_NUMBER, text);
	f->value = v;
	f->dp = dp;
}

/* A name that is not known (its receipt is lost) still shows its number. */
static void add_name(struct row *row, const char *name, const struct reader *r, uint8_t space,
		     uint32_t id)
{
	char text[16];
	const char *known = id ? reader_name(r, (enum name_space)space, id) : NULL;
	if (id && !known)
		snprintf(text, sizeof(text), "#%u", id);
	if (id)
		add(row, name, ROW_STRING, known ? known : text);
}

static void add_id(struct row *row, const char *name, uint64_t id)
{
	static const char digit[] = "0123456789abcdef";
	char text[17];
	for (unsigned i = 0; i < 16; i++)
		text[i] = digit[id >> (60 - 4 * i) & 15];
	text[16] = 0;
	if (id)
		add(row, name, ROW_STRING, text);
}

static void add_kind(struct row *row, const char *name, unsigned kind)
{
	char text[24];
	if (kind >= fact_kind_max)
		snprintf(text, sizeof(text), "kind_%u", kind);
	add(row, name, ROW_STRING,
	    kind < fact_kind_max ? fact_kind_name((enum fact_kind)kind) : text);
}

static void add_common(struct row *row, const struct reader *r, const struct fact *f,
		       const struct common *c)
{
	const char *at = (const char *)f + c->at;
	uint64_t wide = 0;
	uint32_t id = 0;
	char text[TZ_TIME];
	switch ((enum shape)c->shape) {
	case AS_COUNT:
	case AS_STAMP:
		memcpy(&wide, at, sizeof(wide));
		if (wide && (c->shape != AS_STAMP || wide != INT64_MAX))
			add_dec(row, c->name, (int64_t)wide, 0);
		break;
	case AS_TIME:
		tz_time(f->utc_ns, text);
		add(row, c->name, ROW_STRING, text);
		break;
	case AS_ID:
		memcpy(&wide, at, sizeof(wide));
		add_id(row, c->name, wide);
		break;
	case AS_NAME:
		memcpy(&id, at, sizeof(id));
		add_name(row, c->name, r, c->space, id);
		break;
	case AS_TEXT:
		add_text(row, c->name, at);
		break;
	case AS_LEG:
		if (f->leg < GATE_REF)
			add_dec(row, c->name, f->leg, 0);
		break;
	case AS_REF:
		if (f->leg >= GATE_REF && f->leg != GATE_WHOLE)
			add_dec(row, c->name, f->leg - GATE_REF, 0);
		break;
	case AS_SIDE:
		if (f->side < side_max)
			add(row, c->name, ROW_STRING, sides[f->side]);
		break;
	case AS_OFFSET:
		add_text(row, c->name, f->offset < offset_max ? offsets[f->offset] : NULL);
		break;
	case AS_PX: /* a price of 0 is one where there is a quantity */
		if (f->px || f->qty)
			add_dec(row, c->name, f->px, f->px_dp);
		break;
	case AS_QTY:
		if (f->px || f->qty)
			add_dec(row, c->name, f->qty, f->qty_dp);
		break;
	case AS_FEE:
		if (f->fee_e8 || f->fee_asset)
			add_dec(row, c->name, f->fee_e8, MONEY_DP);
		break;
	case AS_KIND:
		add_kind(row, c->name, f->kind);
		break;
	case AS_STATE:
		add_text(row, c->name, fact_state_name((enum fact_kind)f->kind, f->state));
		break;
	}
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);
	return n > k && strcmp(name + n - k, suffix) == 0;
}

static bool is_common(const char *name)
{
	for (size_t i = 0; i < N_COMMON; i++)
		if (strcmp(commons[i].name, name) == 0)
			return true;
	return false;
}

/* What a kind's number is called in a row, and at how many decimals it stands: DP_PX and DP_QTY are the receipt's own. */
enum { DP_PX = 0xfe, DP_QTY = 0xff };

struct shown {
	char name[ROW_NAME];
	uint8_t dp;
	bool may_lack; /* INT64_MAX: "not known", "never" */
};

static void name_number(enum fact_kind k, const char *name, struct shown *out)
{
	static const struct {
		const char *suffix;
		uint8_t dp;
	} scaled[] = { { "_e8", 8 }, { "_nano", 9 } };
	/* A quote's own "seq" is the venue's, not the receipt's. */
	bool taken = is_common(name);
	snprintf(out->name, ROW_NAME, "%s%s%s", taken ? fact_kind_name(k) : "", taken ? "_" : "",
		 name);
	out->may_lack = ends_with(out->name, "_ns");
	out->dp = ends_with(out->name, "_px") ? DP_PX : ends_with(out->name, "_qty") ? DP_QTY : 0;
	for (size_t s = 0; s < sizeof(scaled) / sizeof(scaled[0]); s++)
		if (ends_with(out->name, scaled[s].suffix)) {
			out->name[strlen(out->name) - strlen(scaled[s].suffix)] = 0;
			out->dp = scaled[s].dp;
			return;
		}
}

/* Worked out once for every kind. NULL: it has no such number. */
static const struct shown *shown_of(enum fact_kind k, unsigned i)
{
	static struct shown known[fact_kind_max][FACT_NUMS];
	if (!known[FACT_SESSION_OPEN][0].name[0])
		for (unsigned kind = 0; kind < fact_kind_max; kind++)
			for (unsigned n = 0; fact_num_name((enum fact_kind)kind, n); n++)
				name_number((enum fact_kind)kind,
					    fact_num_name((enum fact_kind)kind, n),
					    &known[kind][n]);
	bool is = (unsigned)k < fact_kind_max && i < FACT_NUMS && known[k][i].name[0];
	return is ? &known[k][i] : NULL;
}

const char *row_number_name(enum fact_kind k, unsigned i)
{
	const struct shown *s = shown_of(k, i);
	return s ? s->name : NULL;
}

static void add_number(struct row *row, const struct fact *f, const struct shown *s, int64_t v)
{
	if (v != INT64_MAX || !s->may_lack)
		add_dec(row, s->name, v,
			s->dp == DP_PX	  ? f->px_dp
			: s->dp == DP_QTY ? f->qty_dp
					  : s->dp);
}

void row_make(struct row *row, const struct reader *r, const struct fact *f)
{
	const struct shown *s;
	row->n = 0;
	for (size_t i = 0; i < N_COMMON; i++)
		add_common(row, r, f, &commons[i]);
	row->common = row->n;
	for (unsigned i = 0; (s = shown_of((enum fact_kind)f->kind, i)) != NULL; i++)
		add_number(row, f, s, f->num[i]);
}

void row_make_common(struct row *row, const struct reader *r, const struct fact *f, unsigned i)
{
	row->n = 0;
	add_common(row, r, f, &commons[i]);
	row->common = row->n;
}

void row_make_number(struct row *row, const struct fact *f, unsigned i)
{
	const struct shown *s = shown_of((enum fact_kind)f->kind, i);
	row->n = row->common = 0;
	if (s)
		add_number(row, f, s, f->num[i]);
}

const struct row_field *row_find(const struct row *row, const char *name)
{
	for (unsigned i = 0; i < row->n; i++)
		if (strcmp(row->field[i].name, name) == 0)
			return &row->field[i];
	return NULL;
}

void row_json_field(const struct row_field *f, struct json_out *j)
{
	if (f->type == ROW_STRING)
		json_str(j, f->name, f->text);
	else
		json_dec(j, f->name, f->value, f->dp);
}

void row_json(const struct row *row, struct json_out *j)
{
	for (unsigned i = 0; i < row->n; i++)
		row_json_field(&row->field[i], j);
}

void row_what(const struct row *row, char *out, size_t cap)
{
	const struct row_field *kind = row_find(row, "kind"), *leg = row_find(row, "leg"),
			       *ref = row_find(row, "ref");
	snprintf(out, cap, "%.30s%s%.4s", kind->text,
		 leg   ? " "
		 : ref ? " ref "
		       : "",
		 leg   ? leg->text
		 : ref ? ref->text
		       : "");
}

void row_numbers(const struct row *row, char *out, size_t cap)
{
	size_t n = 0;
	out[0] = 0;
	for (unsigned i = row->common; i < row->n && n < cap; i++)
		if (strcmp(row->field[i].text, "0") != 0)
			n += (size_t)snprintf(out + n, cap - n, "%s%s=%s", n ? " " : "",
					      row->field[i].name, row->field[i].text);
}
