#include "adapters/codec/diff_request.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/json_out.h"
#include <stdio.h>
#include <string.h>

#define PREFIX "TDM"
#define ID_LEN (sizeof(PREFIX) - 1 + 16)

size_t diff_encode_id(uint64_t id, char out[VENUE_CLIENT_ID])
{
	return (size_t)snprintf(out, VENUE_CLIENT_ID, PREFIX "%016llx", (unsigned long long)id);
}

uint64_t diff_decode_id(const char *client, size_t n)
{
	uint64_t id = 0;
	if (n != ID_LEN || memcmp(client, PREFIX, sizeof(PREFIX) - 1) != 0)
		return 0;
	for (size_t i = sizeof(PREFIX) - 1; i < n; i++) {
		char c = client[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return 0;
		id = id << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return id;
}

static void begin(struct json_out *j, const char *aid, char *out, size_t cap)
{
	json_out_init(j, out, cap);
	json_obj(j, NULL);
	json_str(j, "aid", aid);
}

static ptrdiff_t end(struct json_out *j)
{
	json_obj_end(j);
	return j->full ? err_set(ERR_FULL, "a request longer than %zu bytes", j->cap)
		       : (ptrdiff_t)j->len;
}

ptrdiff_t diff_peek(char *out, size_t cap)
{
	struct json_out j;
	begin(&j, "peek_message", out, cap);
	return end(&j);
}

ptrdiff_t diff_login(const struct diff_login *l, char *out, size_t cap)
{
	struct json_out j;
	begin(&j, "req_login", out, cap);
	json_str(&j, "bid", l->bid);
	json_str(&j, "user_name", l->user);
	json_str(&j, "password", l->password);
	if (l->app_id)
		json_str(&j, "client_app_id", l->app_id);
	if (l->system_info)
		json_str(&j, "client_system_info", l->system_info);
	return end(&j);
}

ptrdiff_t diff_confirm(char *out, size_t cap)
{
	struct json_out j;
	begin(&j, "confirm_settlement", out, cap);
	return end(&j);
}

ptrdiff_t diff_subscribe(const char *aid, const struct instrument *all, const uint32_t *which,
			 uint32_t n, char *out, size_t cap)
{
	char list[DIFF_REQUEST_MAX];
	size_t at = 0;
	struct json_out j;
	list[0] = 0;
	for (uint32_t i = 0; i < n; i++) {
		int k = snprintf(list + at, sizeof list - at, "%s%s", i ? "," : "",
				 all[which[i]].symbol);
		at += (size_t)k;
		if (at >= sizeof list)
			return err_set(ERR_FULL, "too many contracts for one subscription");
	}
	begin(&j, aid, out, cap);
	json_str(&j, "ins_list", list);
	return end(&j);
}

bool diff_splits_close(const char *symbol)
{
	return strncmp(symbol, "SHFE.", 5) == 0 || strncmp(symbol, "INE.", 4) == 0;
}

/* The counter closes earlier lots with CLOSE where the exchange tells them apart, and has no word of its own for it. */
static const char *offset_text(const struct order *o, const char *symbol)
{
	switch ((enum offset)o->offset) {
	case OFFSET_OPEN:
		return "OPEN";
	case OFFSET_CLOSE:
	case OFFSET_CLOSE_YESTERDAY:
		return "CLOSE";
	case OFFSET_CLOSE_TODAY:
		return diff_splits_close(symbol) ? "CLOSETODAY" : "CLOSE";
	case OFFSET_NONE:
	case offset_max:
		break;
	}
	return NULL;
}

static const struct {
	const char *time, *volume;
} conditions[tif_max] = {
	[TIF_DAY] = { "GFD", "ANY" },
	[TIF_IOC] = { "IOC", "ANY" },
	[TIF_FOK] = { "IOC", "ALL" },
};

ptrdiff_t diff_insert(const struct order *o, const struct instrument *in, const char *user,
		      char *out, size_t cap)
{
	char id[VENUE_CLIENT_ID], exchange[8];
	const char *point = strchr(in->symbol, '.');
	const char *offset = offset_text(o, in->symbol);
	struct json_out j;
	if (o->type != ORD_LIMIT || o->tif >= tif_max || !conditions[o->tif].time)
		return err_set(ERR_ARG, "%s takes limit orders for the day, FAK and FOK only",
			       in->symbol);
	if (o->tif == TIF_FOK && strncmp(in->symbol, "CZCE.", 5) == 0)
		return err_set(ERR_ARG, "%s: this exchange has no FOK for futures", in->symbol);
	if (!offset)
		return err_set(ERR_ARG, "%s: an order needs an offset, open or close", in->symbol);
	if (!point || (size_t)(point - in->symbol) >= sizeof exchange)
		return err_set(ERR_ARG, "%s names no exchange: write SHFE.au2702", in->symbol);
	int64_t lots = dec_rescale(o->qty, in->qty_dp, 0, DEC_DOWN);
	if (lots <= 0 || dec_rescale(lots, 0, in->qty_dp, DEC_DOWN) != o->qty)
		return err_set(ERR_ARG, "%s is traded in whole lots", in->symbol);
	snprintf(exchange, sizeof exchange, "%.*s", (int)(point - in->symbol), in->symbol);
	diff_encode_id(o->id, id);
	begin(&j, "insert_order", out, cap);
	json_str(&j, "user_id", user);
	json_str(&j, "order_id", id);
	json_str(&j, "exchange_id", exchange);
	json_str(&j, "instrument_id", point + 1);
	json_str(&j, "direction", o->side == SIDE_BUY ? "BUY" : "SELL");
	json_str(&j, "offset", offset);
	json_int(&j, "volume", lots);
	json_str(&j, "price_type", "LIMIT");
	json_dec(&j, "limit_price", o->px, in->px_dp);
	json_str(&j, "time_condition", conditions[o->tif].time);
	json_str(&j, "volume_condition", conditions[o->tif].volume);
	return end(&j);
}

ptrdiff_t diff_cancel(uint64_t id, const char *user, char *out, size_t cap)
{
	char text[VENUE_CLIENT_ID];
	struct json_out j;
	diff_encode_id(id, text);
	begin(&j, "cancel_order", out, cap);
	json_str(&j, "user_id", user);
	json_str(&j, "order_id", text);
	return end(&j);
}
