#include "adapters/sim/cn_rules.h"
#include "core/base/dec.h"
#include <stddef.h>

const struct cn_house_rule cn_house_rule[cn_house_max] = {
	[CN_SHFE] = { "SHFE", true, true, false, 5, 300, 500, 50, 5, 0 },
	[CN_INE] = { "INE", true, true, false, 5, 300, 500, 50, 5, 0 },
	[CN_DCE] = { "DCE", false, true, true, 1, 0, 500, 0, 5, 0 },
	[CN_CZCE] = { "CZCE", false, false, true, 1, 0, 500, 0, 5, 100 },
	[CN_CFFEX] = { "CFFEX", false, true, true, 1, 0, 400, 0, 5, 0 },
	[CN_GFEX] = { "GFEX", false, true, true, 1, 0, 500, 0, 5, 0 },
};

struct words {
	const char *name;
	int32_t code;
	uint8_t class;
	bool by_exchange;
	const char *text;
};

static const struct words words[] = {
	[CN_OK] = { "ok", 0, REJECT_OTHER, false, "" },
	[CN_NOT_LOGGED_IN] = { "not logged in", 6, REJECT_AUTH, false, "CTP:还没有登录" },
	[CN_FIELD] = { "field", 15, REJECT_OTHER, false, "CTP:报单字段有误" },
	[CN_INSTRUMENT] = { "instrument", 16, REJECT_OTHER, false, "CTP:找不到合约" },
	[CN_DUPLICATE] = { "duplicate", 22, REJECT_DUPLICATE, false,
			   "CTP:报单错误:不允许重复报单" },
	[CN_NO_ORDER] = { "no order", 25, REJECT_GONE, false, "CTP:撤单找不到相应报单" },
	[CN_DONE] = { "done", 26, REJECT_GONE, false, "CTP:报单已全成交或已撤销,不能再撤" },
	[CN_UNSUPPORTED] = { "unsupported", 27, REJECT_OTHER, false, "CTP:不支持的功能" },
	[CN_CLOSE_ONLY] = { "close only", 29, REJECT_OPENING, false, "CTP:只能平仓" },
	[CN_OVER_CLOSE] = { "over close", 30, REJECT_SIZE, false, "CTP:平仓量超过持仓量" },
	[CN_MONEY] = { "money", 31, REJECT_MONEY, false, "CTP:资金不足" },
	[CN_UNCONFIRMED] = { "unconfirmed", 42, REJECT_AUTH, false, "CTP:结算结果未确认" },
	[CN_TODAY_SHORT] = { "today short", 50, REJECT_SIZE, false, "CTP:平今仓位不足" },
	[CN_YESTERDAY_SHORT] = { "yesterday short", 51, REJECT_SIZE, false, "CTP:平昨仓位不足" },
	[CN_FLOW] = { "flow", -3, REJECT_RATE, false, "每秒发送请求数超过许可数" },
	[CN_FULL] = { "full", 40, REJECT_RATE, false, "CTP:交易所未处理请求超过许可数" },
	[CN_PHASE] = { "phase", 0, REJECT_CLOSED, true, "当前状态禁止此项操作" },
	[CN_ABOVE_LIMIT] = { "above limit", 0, REJECT_PRICE, true, "价格超出涨停板" },
	[CN_BELOW_LIMIT] = { "below limit", 0, REJECT_PRICE, true, "价格跌破跌停板" },
	[CN_TICK] = { "tick", 0, REJECT_PRICE, true, "价格非最小单位倍数" },
	[CN_QTY] = { "quantity", 0, REJECT_SIZE, true, "报单手数不合法" },
	[CN_OPEN_LIMIT] = { "open limit", 0, REJECT_OPENING, true, "开仓量超过交易限额" },
};
_Static_assert(sizeof words / sizeof *words == cn_refusal_max, "words for every refusal");

static const struct words *words_of(enum cn_refusal r)
{
	static const struct words none = { "?", 0, REJECT_OTHER, false, "?" };
	return r < cn_refusal_max ? &words[r] : &none;
}

int32_t cn_refusal_code(enum cn_refusal r)
{
	return words_of(r)->code;
}

const char *cn_refusal_text(enum cn_refusal r)
{
	return words_of(r)->text;
}

enum reject_class cn_refusal_class(enum cn_refusal r)
{
	return words_of(r)->class;
}

const char *cn_refusal_name(enum cn_refusal r)
{
	return words_of(r)->name;
}

bool cn_refusal_by_exchange(enum cn_refusal r)
{
	return words_of(r)->by_exchange;
}

#define PPM 1000000

struct cn_band cn_band(const struct rule *r, int64_t settle_px)
{
	struct cn_band b = { INT64_MIN, INT64_MAX };
	if (r->band_down_ppm > 0) {
		int64_t px = dec_muldiv(settle_px, PPM - r->band_down_ppm, PPM, DEC_UP);
		b.lo = dec_to_step(px, r->tick, DEC_UP);
	}
	if (r->band_up_ppm > 0) {
		int64_t px = dec_muldiv(settle_px, PPM + r->band_up_ppm, PPM, DEC_DOWN);
		b.hi = dec_to_step(px, r->tick, DEC_DOWN);
	}
	if (r->band_lo != 0)
		b.lo = r->band_lo;
	if (r->band_hi != 0)
		b.hi = r->band_hi;
	return b;
}

enum cn_refusal cn_check(const struct cn_asked *q, enum cn_house house, const struct rule *r,
			 const struct cn_band *band, enum phase phase)
{
	if (q->side >= side_max || q->offset == OFFSET_NONE || q->offset >= offset_max ||
	    q->px <= 0 || q->qty <= 0)
		return CN_FIELD;
	bool immediate = q->tif == TIF_IOC || q->tif == TIF_FOK;
	if (q->type != ORD_LIMIT || (q->tif != TIF_DAY && !immediate) ||
	    (q->tif == TIF_FOK && !cn_house_rule[house].fok))
		return CN_UNSUPPORTED;
	if (phase != PHASE_CONTINUOUS && (phase != PHASE_AUCTION || immediate))
		return CN_PHASE;
	if (q->qty > CN_QTY_MAX || q->qty < r->min_qty || (r->max_qty > 0 && q->qty > r->max_qty) ||
	    q->qty % r->lot)
		return CN_QTY;
	if (q->px % r->tick)
		return CN_TICK;
	if (q->px > band->hi)
		return CN_ABOVE_LIMIT;
	return q->px < band->lo ? CN_BELOW_LIMIT : CN_OK;
}
