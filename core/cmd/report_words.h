/* report_words - every word of a report, in English and in Chinese: one table, and no sentence anywhere else.
 *
 * What a program reads (keys of CSV and JSON, codes of states and limits) is the same in both. Codes are put into Chinese on the page only. Pure. */
#pragma once
#include <stddef.h>

enum report_lang { LANG_EN, LANG_ZH, report_lang_max };

/* id, English, Chinese. {0} is the first thing that is put in, the second {1}; a language may turn them around. */
/* clang-format off */
#define REPORT_WORDS(X)                                                                                                     \
	X(TITLE, "Report of the day {0}", "交易日报告 {0}") \
	X(MADE, "Store {0}. Receipts {1} to {2}: {3} belong to this day. Times are {4}.", "数据库 {0}。回执 {1} 至 {2}：其中 {3} 条属于本日。时间为 {4}。") \
	X(DAY_UTC, "The day is the UTC day.", "本日按 UTC 自然日计。") \
	X(DAY_TRADING, "What is of a contract with trading days of its own counts for its trading day: a night session belongs to the next one. All else counts for the UTC day, and for the hours of those sessions.", "有交易日历的合约按其交易日计，夜盘属于下一交易日；其余按 UTC 自然日计，并包括上述夜盘时段。") \
	X(CUT, "The first {0} rows of {1}; all of them are in {2}.", "共 {1} 行，此处只列前 {0} 行；全部见 {2}。") \
	X(CUT_HERE, "The first {0} rows of {1}; --csv or --jsonl writes all of them.", "共 {1} 行，此处只列前 {0} 行；用 --csv 或 --jsonl 可得全部。") \
	X(ALL_COLUMNS, "{0} rows, with all {1} columns, in {2}.", "共 {0} 行，全部 {1} 列见 {2}。") \
	X(NONE, "None.", "无。") \
	X(AT_A_GLANCE, "At a glance", "概览") \
	X(COMPLETE, "Sequence", "序列完整性") \
	X(ARCHIVED, "Of them in an archive", "其中已归档") \
	X(UNSIGNED, "The log of this store was never signed (store.sign of the configuration).", "此数据库的日志未经签名。") \
	X(GAPLESS, "gapless: {0} receipts, none missing", "连续：{0} 条回执，无缺号") \
	X(GAPS, "{0} receipts, {1} sequences missing in {2} places, the first after {3}", "{0} 条回执，缺 {1} 个序号，共 {2} 处，第一处在 {3} 之后") \
	X(N_ORDERS, "Orders", "报单") \
	X(N_FILLS, "Executions", "成交") \
	X(N_CANCELS, "Cancels asked for", "撤单") \
	X(N_REJECTS, "Refused by a venue", "拒单") \
	X(N_PAIRS, "Pairs", "配对") \
	X(PAIR_ENDS, "{0}: {1} hedged, {2} flat, {3} held, {4} refused, {5} in flight", "{0}：已对冲 {1}，已平 {2}，持有待处理 {3}，拒绝 {4}，进行中 {5}") \
	X(RESCUED, "Pairs that broke", "断腿配对") \
	X(RESCUE_COST, "{0}, rescues spent {1}", "{0}，补救费用 {1}") \
	X(N_BREACHES, "Limits hit", "风控触发") \
	X(N_ALERTS, "Alerts", "警报") \
	X(ALERTS_OPEN, "{0}, {1} of them critical; {2} acknowledged", "{0}，其中严重 {1}；已确认 {2}") \
	X(N_KILLS, "Kills", "紧急停止") \
	X(ORDERS, "Orders", "报单") \
	X(EVENTS, "Life of the orders, in sequence", "报单全过程（按序）") \
	X(PAIRS, "Pairs and how they ended", "配对及其结果") \
	X(LIMITS, "Limits in force", "生效的风控限额") \
	X(BREACHES, "Limits hit", "限额触发") \
	X(COUNTERS, "Counters by contract and account", "合约与账户计数") \
	X(MEASURES, "Against the exchanges' thresholds", "与交易所标准对照") \
	X(MEASURES_NOTE, "Warned at 70 %, new positions barred at 90 % (exchange_rules of the configuration decide for each exchange, and their alerts stand below). The thresholds here are those of rules published in China, taken from secondary pages: verify them with your exchange.", "达 70 % 预警，达 90 % 禁止开仓（各交易所以配置中的 exchange_rules 为准，其警报见下）。此处标准为国内公布规则的数值，取自二手资料，须向交易所核实。") \
	X(ALERTS, "Alerts and acknowledgements", "警报与确认") \
	X(ACTS, "Operators' acts", "操作员操作") \
	X(SCRIPTS, "Versions of scripts", "策略脚本版本") \
	X(DIFF, "{0}: from {1} to {2}", "{0}：由 {1} 改为 {2}") \
	X(DIFF_NOT, "The texts cannot be compared: {0}", "无法比较文本：{0}") \
	X(SESSIONS, "Sessions, builds, configurations", "运行时段、程序与配置") \
	X(CLOCKS, "Clocks", "时钟") \
	X(CLOCKS_NOTE, "How far a clock may be off, weighted by time, against the bounds of RTS 25: 100 us (high frequency) and 1 ms (other algorithms). Without a venue: this host against UTC.", "时钟偏差上界按时间加权，与 RTS 25 的 100 微秒（高频）及 1 毫秒（其他算法）比较。无交易场所者为本机相对 UTC。") \
	X(CONNECTIONS, "Connections of venues", "交易场所连接") \
	X(GAPS_SHEET, "Gaps in market data", "行情缺口") \
	X(RECONCILED, "Reconciliation of accounts", "账户核对") \
	X(AUDIT, "Checkpoint and root", "检查点与默克尔根") \
	X(LOG_NAME, "Log", "日志") \
	X(SIZE, "Receipts under the root", "根覆盖的回执数") \
	X(ROOT, "Root", "根") \
	X(KEY, "Public key", "公钥") \
	X(COVERED, "This day", "本日") \
	X(COVERED_ALL, "all of its receipts are under this root", "全部回执均在此根之下") \
	X(COVERED_NOT, "receipts after {0} are not sealed yet", "{0} 之后的回执尚未签入") \
	X(SIGNED, "Signature", "签名") \
	X(SIGNED_GOOD, "good, by the key that the store names (what vouches for the key stands outside: tandem verify --key)", "有效，由数据库所记公钥签署（公钥须由外部佐证：tandem verify --key）") \
	X(PLOTS, "Pictures", "图") \
	X(PLOT_RATE, "Orders and messages", "报单与消息") \
	X(PLOT_MINUTE, "per minute", "每分钟") \
	X(PLOT_HOURS, "hours since {0}", "自 {0} 起的小时数") \
	X(PLOT_MINUTES, "minutes since {0}", "自 {0} 起的分钟数") \
	X(PLOT_SECONDS, "seconds since {0}", "自 {0} 起的秒数") \
	X(PLOT_ORDERS, "orders", "报单") \
	X(PLOT_MESSAGES, "messages", "消息") \
	X(PLOT_CAPTURE, "Cost of each pair against its trigger prices", "各配对相对触发价的成本") \
	X(PLOT_MONEY, "quote currency", "计价货币") \
	X(PLOT_SLIP, "slippage, worse above 0", "滑点") \
	X(PLOT_SPENT, "spent by rescues", "补救费用") \
	X(PLOT_NET, "Money of closed rounds, added up", "已平回合累计盈亏") \
	X(PLOT_ROUNDS, "net of fees in money", "扣除计价货币手续费") \
	X(PLOT_BOUND, "How far clocks may be off", "时钟偏差上界") \
	X(PLOT_HOST, "this host", "本机") \
	X(PLOT_GAP, "Time between the legs' first fills", "两腿首笔成交时间差") \
	X(PLOT_GAP_X, "at most, ms", "不超过，毫秒") \
	X(PLOT_GAP_Y, "pairs", "配对数") \
	X(FILES, "Files beside this page", "附带文件")

/* Codes that a page shows in words, as receipts write them. */
#define REPORT_CODES(X)                                                                                                     \
	X("buy", "买") X("sell", "卖") X("open", "开仓") X("close", "平仓") X("close_today", "平今") X("close_yesterday", "平昨")     \
	X("speculation", "投机") X("hedge", "套保") X("arbitrage", "套利")                                                        \
	X("limit", "限价") X("market", "市价") X("post_only", "只做挂单")                                                         \
	X("opens", "开立") X("rescues", "补救") X("hedges", "对冲")                                                              \
	X("NEW", "未发") X("SENT", "已报") X("LIVE", "未成交") X("CANCELLING", "撤单中") X("UNKNOWN", "状态不明") X("FILLED", "全部成交") \
	X("CANCELLED", "已撤单") X("REJECTED", "拒单") X("REPLACING", "改单中")                                                   \
	X("PROPOSED", "已提议") X("CHECKED", "已通过风控") X("REFUSED", "被拒") X("HEDGED", "已对冲") X("FLAT", "已平")              \
	X("BROKEN", "断腿") X("COMPLETING", "补腿中") X("UNWINDING", "平回中") X("HELD", "持有待处理")                              \
	X("roll", "移仓") X("repair", "修复") X("flatten", "清仓")                                                               \
	X("info", "提示") X("warning", "警告") X("critical", "严重")                                                             \
	X("beyond", "超限") X("near", "接近") X("back", "恢复") X("set", "设定") X("carried", "延续") X("refused", "拒绝")            \
	X("in_force", "生效") X("reject", "拒绝报单") X("reduce_only", "只许平仓") X("rescue", "补救") X("pause", "暂停") X("kill", "紧急停止") \
	X("stop", "停止") X("resume", "恢复运行") X("reload", "更换脚本") X("resolve", "处置") X("ack", "确认")                       \
	X("ACTIVE", "正常") X("REDUCING", "只减仓") X("HALTED", "停止")                                                          \
	X("DOWN", "断开") X("CONNECTING", "连接中") X("LOGON", "登录中") X("RECONCILING", "核对中") X("UP", "已连接")                 \
	X("differs", "不符") X("agrees", "相符") X("baseline", "基准") X("moved", "已调整") X("adopted", "已接管") X("accepted", "已认可") \
	X("global", "全局") X("venue", "场所") X("account", "账户") X("instrument", "合约") X("instance", "策略实例") X("pair", "配对") \
	X("host", "本机") X("yes", "是") X("no", "否") X("ok", "正常") X("warn", "预警") X("block", "禁止开仓") X("reached", "已达标准")  \
	X("orderly", "正常结束") X("running", "运行中") X("killed", "异常终止") X("import", "导入")                                   \
	X("live", "在用") X("shadow", "影子") X("leaving", "退出中") X("gone", "已退出") X("taken", "已接替")                        \
	X("orders_cancels_per_s", "每秒报撤单笔数") X("orders_cancels_per_day", "全天报撤单笔数") X("bursts_of_10_per_day", "一秒内报撤单达 10 笔的次数") \
	X("self_trades", "自成交次数") X("cancels", "频繁报撤单：撤单次数") X("large_cancels", "大额报撤单：大额撤单次数")
/* clang-format on */

enum report_word {
#define REPORT_WORD_ENUM(id, en, zh) W_##id,
	REPORT_WORDS(REPORT_WORD_ENUM)
#undef REPORT_WORD_ENUM
		report_word_max
};

const char *report_word(enum report_lang lang, enum report_word w);
/* The same with what is put in for {0}, {1} ... in their places; out takes cap bytes. Returns out. */
#define REPORT_ARGS 6
const char *report_say(enum report_lang lang, enum report_word w,
		       const char *const arg[REPORT_ARGS], char *out, size_t cap);
/* A code in words; itself where there are none for it. */
const char *report_code(enum report_lang lang, const char *code);
/* "en", "zh". report_lang_max: no such language. */
enum report_lang report_lang_find(const char *name);
const char *report_lang_tag(enum report_lang lang);
