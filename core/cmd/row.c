#include "core/cmd/row.h"
#include "core/base/dec.h"
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

const char *row_common_name(unsigned i)
{
	return i < N_COMMON ? commons[i].name : NULL;
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

static struct row_field *add(struct row *row, const char *name, enum row_type type,
			     const char *text)
{
	struct row_field *f = &row->field[row->n++];
	*f = (struct row_field){ .type = type };
	snprintf(f->name, sizeof(f->name), "%s", name);
	snprintf(f->text, sizeof(f->text), "%s", text);
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
	const char *known = reader_name(r, (enum name_space)space, id);
	snprintf(text, sizeof(text), "#%u", id);
	if (id)
		add(row, name, ROW_STRING, known ? known : text);
}

static void add_id(struct row *row, const char *name, uint64_t id)
{
	char text[24];
	snprintf(text, sizeof(text), "%016" PRIx64, id);
	if (id)
		add(row, name, ROW_STRING, text);
}

static void add_kind(struct row *row, const char *name, unsigned kind)
{
	char text[24];
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
	char text[32];
	switch ((enum shape)c->shape) {
	case AS_COUNT:
	case AS_STAMP:
		memcpy(&wide, at, sizeof(wide));
		if (wide && (c->shape != AS_STAMP || wide != INT64_MAX))
			add_dec(row, c->name, (int64_t)wide, 0);
		break;
	case AS_TIME:
		row_time(f->utc_ns, text);
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
			add(row, c->name, ROW_STRING, f->side == SIDE_BUY ? "buy" : "sell");
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

/* What a kind's number is called in a row, and at how many decimals it stands. */
static unsigned shown_number(enum fact_kind k, unsigned px_dp, unsigned qty_dp, unsigned i,
			     char out[ROW_NAME])
{
	static const struct {
		const char *suffix;
		unsigned dp;
	} scaled[] = { { "_e8", 8 }, { "_nano", 9 } };
	const char *name = fact_num_name(k, i);
	/* A quote's own "seq" is the venue's, not the receipt's. */
	bool taken = is_common(name);
	snprintf(out, ROW_NAME, "%s%s%s", taken ? fact_kind_name(k) : "", taken ? "_" : "", name);
	for (size_t s = 0; s < sizeof(scaled) / sizeof(scaled[0]); s++)
		if (ends_with(out, scaled[s].suffix)) {
			out[strlen(out) - strlen(scaled[s].suffix)] = 0;
			return scaled[s].dp;
		}
	return ends_with(out, "_px") ? px_dp : ends_with(out, "_qty") ? qty_dp : 0;
}

bool row_has_number(enum fact_kind k, const char *name)
{
	char shown[ROW_NAME];
	for (unsigned i = 0; fact_num_name(k, i); i++) {
		shown_number(k, 0, 0, i, shown);
		if (strcmp(shown, name) == 0)
			return true;
	}
	return false;
}

void row_make(struct row *row, const struct reader *r, const struct fact *f)
{
	row->n = 0;
	for (size_t i = 0; i < N_COMMON; i++)
		add_common(row, r, f, &commons[i]);
	row->common = row->n;
	for (unsigned i = 0; fact_num_name((enum fact_kind)f->kind, i); i++) {
		char name[ROW_NAME];
		unsigned dp = shown_number((enum fact_kind)f->kind, f->px_dp, f->qty_dp, i, name);
		if (!(f->num[i] == INT64_MAX && ends_with(name, "_ns"))) /* "not known", "never" */
			add_dec(row, name, f->num[i], dp);
	}
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
