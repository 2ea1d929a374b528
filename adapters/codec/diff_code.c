#include "adapters/codec/diff_code.h"
#include <string.h>

/* The longer words before the shorter ones that they contain. */
static const struct diff_code table[] = {
	{ 3, "不合法的登录", REJECT_AUTH },
	{ 6, "还没有登录", REJECT_AUTH },
	{ 7, "还没有初始化", REJECT_TRANSIENT },
	{ 8, "前置不活跃", REJECT_TRANSIENT },
	{ 15, "字段有误", REJECT_OTHER },
	{ 16, "找不到合约", REJECT_OTHER },
	{ 17, "合约不能交易", REJECT_CLOSED },
	{ 22, "重复报单", REJECT_DUPLICATE },
	{ 22, "单号重复", REJECT_DUPLICATE },
	{ 23, "没有报单交易权限", REJECT_AUTH },
	{ 25, "找不到相应报单", REJECT_GONE },
	{ 26, "已全成交或已撤销", REJECT_GONE },
	{ 27, "不支持的功能", REJECT_OTHER },
	{ 29, "只能平仓", REJECT_OPENING },
	{ 30, "平仓量超过持仓量", REJECT_SIZE },
	{ 31, "资金不足", REJECT_MONEY },
	{ 36, "资金不足", REJECT_MONEY },
	{ 40, "未处理请求超过许可数", REJECT_RATE },
	{ 41, "每秒发送请求数超过许可数", REJECT_RATE },
	{ 42, "结算结果未确认", REJECT_AUTH },
	{ 50, "平今仓位不足", REJECT_SIZE },
	{ 51, "平昨仓位不足", REJECT_SIZE },
	{ 90, "查询未就绪", REJECT_TRANSIENT },
	{ 116, "报单太频繁", REJECT_RATE },
	{ 0, "当前状态禁止此项操作", REJECT_CLOSED },
	{ 0, "非交易时间", REJECT_CLOSED },
	{ 0, "开仓量超过交易限额", REJECT_OPENING },
	{ 0, "涨停板", REJECT_PRICE },
	{ 0, "跌停板", REJECT_PRICE },
	{ 0, "最小单位倍数", REJECT_PRICE },
	{ 0, "报单手数", REJECT_SIZE },
};

const struct diff_code *diff_code_find(int32_t code, const char *text)
{
	static const struct diff_code other = { 0, "", REJECT_OTHER };
	const unsigned n = sizeof table / sizeof *table;
	for (unsigned i = 0; code && i < n; i++)
		if (table[i].code == code)
			return &table[i];
	for (unsigned i = 0; i < n; i++)
		if (strstr(text, table[i].phrase))
			return &table[i];
	return &other;
}

bool diff_code_is_cancel(const char *text)
{
	static const char *const words[] = { "已撤单", "撤单成功", "已撤", "剩余撤销" };
	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(text, words[i]))
			return true;
	return text[0] == 0;
}

enum cancel_why diff_code_cancel_why(const char *text)
{
	static const struct {
		const char *phrase;
		enum cancel_why why;
	} row[] = {
		{ "自成交", CANCEL_SELF_TRADE }, { "剩余撤销", CANCEL_EXPIRED },
		{ "FAK", CANCEL_EXPIRED },	 { "FOK", CANCEL_EXPIRED },
		{ "闭市", CANCEL_EXPIRED },	 { "收盘", CANCEL_EXPIRED },
	};
	for (unsigned i = 0; i < sizeof row / sizeof *row; i++)
		if (strstr(text, row[i].phrase))
			return row[i].why;
	return CANCEL_UNSAID;
}

enum forced_cause diff_code_forced(const char *text)
{
	return strstr(text, "强平") || strstr(text, "强减") ? FORCED_CLOSE : FORCED_NONE;
}
