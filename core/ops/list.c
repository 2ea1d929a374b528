#include "core/ops/list.h"

#include "core/base/dec.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct list_column positions[] = {
	{ "account", 0, 0 },	{ "instrument", 0, 0 },	 { "owner", 0, 0 },	  { "long", 1, 1 },
	{ "short", 1, 1 },	{ "net", 1, 0 },	 { "base", 1, 0 },	  { "mark", 1, 0 },
	{ "value", 1, 0 },	{ "cash", 1, 0 },	 { "quote", 0, 0 },	  { "fees", 0, 0 },
	{ "fence", 0, 0 },
};
static const struct list_column orders[] = {
	{ "order", 0, 0 },	{ "pair", 0, 0 },	 { "instance", 0, 0 },	  { "instrument", 0, 0 },
	{ "account", 0, 1 },	{ "leg", 1, 1 },	 { "side", 0, 0 },	  { "price", 1, 0 },
	{ "quantity", 1, 0 },	{ "filled", 1, 0 },	 { "state", 0, 0 },	  { "rescue", 0, 0 },
	{ "age_ms", 1, 0 },	{ "venue_order", 0, 1 },
};
static const struct list_column pnl[] = {
	{ "instance", 0, 0 },	{ "of", 0, 0 },		 { "pairs", 1, 0 },	  { "quote", 0, 0 },
	{ "cash", 1, 0 },	{ "value", 1, 0 },	 { "gross", 1, 0 },	  { "fees_quote", 1, 0 },
	{ "net", 1, 0 },	{ "fees", 0, 0 },	 { "unmarked", 0, 0 },
};
static const struct list_column held[] = {
	{ "pair", 0, 0 },	{ "instance", 0, 0 },	 { "state", 0, 0 },	  { "cause", 0, 0 },
	{ "told", 0, 0 },	{ "intent", 0, 1 },	 { "lots", 1, 1 },	  { "unhedged", 1, 0 },
	{ "unhedged_value", 1, 0 }, { "complete_cost", 1, 0 }, { "unwind_cost", 1, 0 }, { "spent", 1, 0 },	  { "attempts", 1, 0 },
	{ "open_orders", 1, 0 }, { "broken_ms", 1, 0 },	 { "held_money_s", 1, 0 },	 { "reason", 0, 1 },
};
static const struct list_column alerts[] = {
	{ "id", 1, 0 },		{ "severity", 0, 0 },	 { "code", 0, 0 },	  { "count", 1, 0 },
	{ "first", 0, 0 },	{ "last", 0, 0 },	 { "instance", 0, 0 },	  { "venue", 0, 0 },
	{ "instrument", 0, 0 },	{ "account", 0, 1 },	 { "pair", 0, 1 },	  { "text", 0, 0 },
};
static const struct list_column counters[] = {
	{ "account", 0, 0 },	{ "exchange", 0, 0 },	 { "contract", 0, 0 },	  { "day", 0, 0 },
	{ "counter", 0, 0 },	{ "count", 1, 0 },	 { "warn", 1, 0 },	  { "bound", 1, 0 },
	{ "limit", 1, 0 },	{ "in_force_from", 0, 1 }, { "verified", 0, 0 },
};
static const struct list_column limits[] = {
	{ "limit", 0, 0 },	{ "scope", 0, 0 },	 { "of", 0, 0 },	  { "bound", 1, 0 },
	{ "use", 1, 0 },	{ "unit", 0, 0 },	 { "warn_pct", 1, 0 },	  { "action", 0, 0 },
	{ "state", 0, 0 },	{ "hits", 1, 0 },	 { "configured", 1, 1 },  { "from", 0, 0 },
};
/* clang-format on */
#define FORM(x, none)                         \
	{                                     \
		x, sizeof x / sizeof *x, none \
	}
_Static_assert(sizeof orders / sizeof *orders <= LIST_COLUMNS_MAX &&
		       sizeof held / sizeof *held <= LIST_COLUMNS_MAX,
	       "a row has room for its fields");

static const struct list_form form[env_command_max] = {
	[CMD_POSITIONS] = FORM(positions, "no positions"),
	[CMD_ORDERS] = FORM(orders, "no open orders"),
	[CMD_PNL] = FORM(pnl, "no instances"),
	[CMD_ALERTS] = FORM(alerts, "no alert is open"),
	[CMD_COUNTERS] = FORM(
		counters,
		"nothing is counted: no instrument names its exchange, or nothing was sent and no rule bounds it"),
	[CMD_LIMITS] = FORM(limits, "no limits"),
	[CMD_HELD] = FORM(held, "no pair is held or being rescued"),
};

const struct list_form *list_form(enum env_command_kind kind)
{
	return kind < env_command_max && form[kind].n ? &form[kind] : NULL;
}

void list_begin(struct list_row *r)
{
	r->text[0] = ENV_REPLY_ROW;
	r->text[1] = '\0';
	r->len = 1;
	r->fields = 0;
}

/* One byte is kept for each tab that is still to come. */
static void put(struct list_row *r, const char *s)
{
	const size_t room = sizeof r->text - 1 - LIST_COLUMNS_MAX;
	if (r->fields++)
		r->text[r->len++] = '\t';
	for (; *s && r->len < room; s++)
		r->text[r->len++] = (unsigned char)*s < ' ' ? ' ' : *s;
	r->text[r->len] = '\0';
}

void list_none(struct list_row *r)
{
	put(r, "");
}

void list_text(struct list_row *r, const char *s)
{
	put(r, s);
}

void list_dec(struct list_row *r, int64_t v, unsigned dp)
{
	char text[24];
	dec_format(v, dp, 0, text);
	put(r, text);
}

void list_hex(struct list_row *r, uint64_t id)
{
	char text[20] = "";
	if (id)
		snprintf(text, sizeof text, "%016" PRIx64, id);
	put(r, text);
}

unsigned list_split(char *row, char *field[LIST_COLUMNS_MAX])
{
	unsigned n = 0;
	for (char *p = row; p && n < LIST_COLUMNS_MAX; n++) {
		field[n] = p;
		p = strchr(p, '\t');
		if (p)
			*p++ = '\0';
	}
	return n;
}
