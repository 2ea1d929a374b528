/* The first look at what comes on a connection of ours: is it a reply, and to what, or an event? */
#include "adapters/codec/binance_exec.h"
#include "core/base/err.h"
#include <string.h>

enum member {
	M_ID,
	M_STATUS,
	M_RESULT,
	M_ERROR,
	M_LIMITS,
	M_SUBSCRIPTION,
	M_EVENT,
	M_NAME,
	M_DATA,
	member_max
};
static const char *const member_name[] = {
	"id", "status", "result", "error", "rateLimits", "subscriptionId", "event", "e", "data",
};
_Static_assert(sizeof(member_name) / sizeof(*member_name) == member_max, "a name for each member");

enum error_member { E_CODE, E_MSG, E_DATA, error_member_max };
static const char *const error_member_name[] = { "code", "msg", "data" };
_Static_assert(sizeof(error_member_name) / sizeof(*error_member_name) == error_member_max,
	       "a name for each");

enum limit_member { L_TYPE, L_LIMIT, L_COUNT, limit_member_max };
static const char *const limit_member_name[] = { "rateLimitType", "limit", "count" };
_Static_assert(sizeof(limit_member_name) / sizeof(*limit_member_name) == limit_member_max,
	       "a name for each");

static bool members(const struct json_value *v, const char *const *name, struct json_value *m,
		    unsigned n)
{
	struct json_scan j;
	json_scan_value(&j, v);
	return v->token == TOKEN_OBJECT && json_members(&j, name, m, n);
}

static int32_t small(const struct json_value *v)
{
	int64_t x;
	return json_int64(v, &x) && x >= INT32_MIN && x <= INT32_MAX ? (int32_t)x : 0;
}

static bool read_error(const struct json_value *v, struct binance_message *out)
{
	static const char *const data_name[] = { "serverTime", "retryAfter" };
	struct json_value m[error_member_max], data[2];
	if (!members(v, error_member_name, m, error_member_max))
		return false;
	out->code = small(&m[E_CODE]);
	json_text(&m[E_MSG], out->text, sizeof(out->text));
	if (members(&m[E_DATA], data_name, data, 2)) {
		json_int64(&data[0], &out->server_ms);
		json_int64(&data[1], &out->retry_after_ms);
	}
	return true;
}

/* The tightest of the weight limits: whose share is used most. */
static void read_limits(const struct json_value *v, struct binance_message *out)
{
	struct json_scan j;
	struct json_value row, m[limit_member_max];
	if (v->token != TOKEN_ARRAY)
		return;
	json_scan_value(&j, v);
	json_next(&j);
	while (json_take(&j, &row)) {
		if (!members(&row, limit_member_name, m, limit_member_max) ||
		    !json_is(&m[L_TYPE], "REQUEST_WEIGHT"))
			continue;
		int32_t limit = small(&m[L_LIMIT]), used = small(&m[L_COUNT]);
		bool tighter =
			(int64_t)used * out->weight_limit >= (int64_t)out->weight_used * limit;
		if (limit > 0 && used >= 0 && (!out->weight_limit || tighter)) {
			out->weight_limit = limit;
			out->weight_used = used;
		}
	}
}

static struct json_value whole(const char *p, size_t n)
{
	return (struct json_value){ p, (uint32_t)n, TOKEN_OBJECT, false };
}

static const char event_head[] = "{\"e\":\"";

int binance_message(const char *p, size_t n, struct binance_message *out, const char **why)
{
	struct json_value m[member_max];
	struct json_scan j;
	*out = (struct binance_message){ .subscription = -1 };
	*why = "a message of more than 4 GiB";
	if (n > UINT32_MAX)
		return -ERR_PARSE;
	/* What names itself first is an event whatever follows; it is read whole, once, where it is read. */
	if (n >= sizeof(event_head) - 1 && !memcmp(p, event_head, sizeof(event_head) - 1)) {
		out->kind = BINANCE_EVENT;
		out->event = whole(p, n);
		return 0;
	}
	json_scan_init(&j, p, n);
	if (!json_members(&j, member_name, m, member_max) || json_next(&j) != TOKEN_END) {
		*why = j.error ? j.error : "no JSON object";
		return -ERR_PARSE;
	}
	out->kind = BINANCE_EVENT;
	out->event = m[M_NAME].token ? whole(p, n) : m[M_EVENT].token ? m[M_EVENT] : m[M_DATA];
	if (out->event.token == TOKEN_OBJECT) {
		json_int64(&m[M_SUBSCRIPTION], &out->subscription);
		return 0;
	}
	out->kind = BINANCE_REPLY;
	out->has_id = json_int64(&m[M_ID], &out->id);
	out->status = small(&m[M_STATUS]);
	out->result = m[M_RESULT];
	read_limits(&m[M_LIMITS], out);
	if (m[M_ERROR].token != TOKEN_NONE && !read_error(&m[M_ERROR], out)) {
		*why = "an error that is no object";
		return -ERR_PARSE;
	}
	*why = "neither a reply nor an event";
	return out->status ? 0 : -ERR_PARSE;
}

void binance_rest_error(int status, const char *p, size_t n, struct binance_message *out)
{
	*out = (struct binance_message){ .kind = BINANCE_REPLY,
					 .status = status,
					 .subscription = -1 };
	struct json_scan j;
	struct json_value v;
	if (n > UINT32_MAX)
		return;
	json_scan_init(&j, p, n);
	/* Good answers are not looked into: they may be large. Bad ones may come from a proxy and be no JSON at all. */
	if (status != 200 && json_take(&j, &v))
		read_error(&v, out);
}
