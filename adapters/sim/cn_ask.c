#include "adapters/sim/cn_ask.h"
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *const aids[] = { "",
				    "peek_message",
				    "req_login",
				    "confirm_settlement",
				    "subscribe_quote",
				    "subscribe_trading_status",
				    "insert_order",
				    "cancel_order" };
_Static_assert(sizeof aids / sizeof *aids == cn_aid_max, "a word for every pack");

static void text_of(const json_t *o, const char *key, char *out, size_t cap)
{
	const char *s = json_string_value(json_object_get(o, key));
	out[0] = 0;
	if (s && strlen(s) < cap)
		snprintf(out, cap, "%s", s);
}
#define TEXT(o, key, to) text_of(o, key, to, sizeof(to))

static void read_order(struct cn_ask *a, const json_t *o)
{
	char exchange[16], name[32];
	const json_t *volume = json_object_get(o, "volume");
	const json_t *price = json_object_get(o, "limit_price");
	TEXT(o, "exchange_id", exchange);
	TEXT(o, "instrument_id", name);
	snprintf(a->symbol, sizeof a->symbol, "%s.%s", exchange, name);
	TEXT(o, "direction", a->direction);
	TEXT(o, "offset", a->offset);
	TEXT(o, "price_type", a->price_type);
	TEXT(o, "time_condition", a->time_condition);
	TEXT(o, "volume_condition", a->volume_condition);
	a->volume = json_is_integer(volume) ? json_integer_value(volume) : 0;
	a->has_price = json_is_number(price);
	a->price = json_number_value(price);
}

void cn_ask_read(struct cn_ask *a, const char *text, size_t n)
{
	char aid[32];
	*a = (struct cn_ask){ .aid = CN_AID_OTHER };
	json_t *o = json_loadb(text, n, 0, NULL);
	TEXT(o, "aid", aid);
	for (uint8_t k = CN_AID_OTHER + 1; k < cn_aid_max; k++)
		if (strcmp(aid, aids[k]) == 0)
			a->aid = k;
	TEXT(o, "user_name", a->user);
	TEXT(o, "password", a->password);
	TEXT(o, "order_id", a->order_id);
	TEXT(o, "ins_list", a->ins_list);
	if (a->aid == CN_AID_INSERT)
		read_order(a, o);
	json_decref(o);
}
