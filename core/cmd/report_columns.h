/* report_columns - the tables of a report and the columns of each: what they are called in files, and over the page in English and in Chinese. Plain tables.
 *
 * Files have every column; a page those that are marked to be SEEN. Keys are read by other programs: columns are only ever added, at the end of their table. */
#pragma once

/* id, name of its files, the page's heading (a word of report_words.h) */
#define REPORT_SHEETS(X)                       \
	X(ORDERS, "orders", W_ORDERS)          \
	X(EVENTS, "events", W_EVENTS)          \
	X(PAIRS, "pairs", W_PAIRS)             \
	X(LIMITS, "limits", W_LIMITS)          \
	X(BREACHES, "breaches", W_BREACHES)    \
	X(COUNTERS, "counters", W_COUNTERS)    \
	X(MEASURES, "thresholds", W_MEASURES)  \
	X(ALERTS, "alerts", W_ALERTS)          \
	X(ACTS, "operators", W_ACTS)           \
	X(SCRIPTS, "scripts", W_SCRIPTS)       \
	X(SESSIONS, "sessions", W_SESSIONS)    \
	X(CLOCKS, "clocks", W_CLOCKS)          \
	X(LINKS, "connections", W_CONNECTIONS) \
	X(GAPS, "gaps", W_GAPS_SHEET)          \
	X(RECON, "reconciliation", W_RECONCILED)

enum report_sheet {
#define REPORT_SHEET_ENUM(id, name, word) SHEET_##id,
	REPORT_SHEETS(REPORT_SHEET_ENUM)
#undef REPORT_SHEET_ENUM
		report_sheet_max
};

/* SEEN: on the page. NUM: to the right, bare in JSON. CODE: a word of receipts, put into the reader's language on the page. ID: in fixed width. */
enum { COL_SEEN = 1, COL_NUM = 2, COL_CODE = 4, COL_ID = 8 };

/* clang-format off */
/* sheet, id, key, English, Chinese, how */
#define REPORT_COLUMNS(X)                                                                                  \
	X(ORDERS, O_SEQ, "seq", "receipt", "回执号", COL_SEEN | COL_NUM)                                          \
	X(ORDERS, O_DAY, "trade_day", "trade day", "交易日", 0)                                                   \
	X(ORDERS, O_SESSION, "session", "session", "运行时段", COL_NUM)                                           \
	X(ORDERS, O_TIME, "time", "time", "时间", COL_SEEN)                                                       \
	X(ORDERS, O_UTC, "utc_ns", "UTC, ns", "UTC（纳秒）", COL_NUM)                                             \
	X(ORDERS, O_MONO, "mono_ns", "monotonic, ns", "单调时钟（纳秒）", COL_NUM)                                  \
	X(ORDERS, O_BOUND, "clock_bound_ns", "clock bound, ns", "时钟误差上界（纳秒）", COL_NUM)                     \
	X(ORDERS, O_VENUE_OFFSET, "venue_clock_offset_ns", "venue's clock ahead, ns", "场所时钟偏差（纳秒）", COL_NUM) \
	X(ORDERS, O_VENUE_BOUND, "venue_clock_bound_ns", "at most off, ns", "场所时钟误差上界（纳秒）", COL_NUM)      \
	X(ORDERS, O_HOST_BOUND, "host_clock_bound_ns", "host against UTC, at most, ns", "本机相对 UTC 误差上界（纳秒）", COL_NUM) \
	X(ORDERS, O_VENUE, "venue", "venue", "交易场所", 0)                                                       \
	X(ORDERS, O_ACCOUNT, "account", "account", "账户", COL_SEEN)                                              \
	X(ORDERS, O_GROUP, "group", "controlling group", "实际控制关系组", 0)                                       \
	X(ORDERS, O_TERMINAL, "terminal", "operator's terminal", "操作终端信息", 0)                                 \
	X(ORDERS, O_HEDGE, "hedge_flag", "hedge flag", "投机/套保标志", COL_CODE)                                   \
	X(ORDERS, O_INSTANCE, "instance", "strategy instance", "策略实例", 0)                               \
	X(ORDERS, O_SCRIPT, "script", "script, SHA-256", "脚本 SHA-256", 0)                                      \
	X(ORDERS, O_BUILD, "build", "build, SHA-256", "程序 SHA-256", 0)                                         \
	X(ORDERS, O_CONFIG, "configuration", "configuration, SHA-256", "配置 SHA-256", 0)                         \
	X(ORDERS, O_ROUND, "round", "round", "回合", 0)                                                          \
	X(ORDERS, O_PAIR, "pair", "pair", "配对", COL_ID)                                              \
	X(ORDERS, O_LEG, "leg", "leg", "腿", COL_NUM)                                                  \
	X(ORDERS, O_ORDER, "order", "order", "报单编号", COL_SEEN | COL_ID)                                        \
	X(ORDERS, O_CLIENT, "client_order", "client order id", "客户报单编号", 0)                                   \
	X(ORDERS, O_PARENT, "parent", "parent order", "母单", 0)                                                 \
	X(ORDERS, O_VENUE_ORDER, "venue_order", "venue's order id", "交易所报单编号", 0)                             \
	X(ORDERS, O_EXECS, "execs", "executions", "成交编号", 0)                                                  \
	X(ORDERS, O_INSTRUMENT, "instrument", "contract", "合约", COL_SEEN)                                       \
	X(ORDERS, O_SIDE, "side", "side", "买卖", COL_SEEN | COL_CODE)                                            \
	X(ORDERS, O_OFFSET, "offset", "open/close", "开平", COL_SEEN | COL_CODE)                                  \
	X(ORDERS, O_TYPE, "type", "type", "报单类型", COL_CODE)                                                   \
	X(ORDERS, O_TIF, "tif", "time in force", "有效期类型", COL_SEEN)                                           \
	X(ORDERS, O_WHY, "purpose", "purpose", "用途", COL_SEEN | COL_CODE)                                       \
	X(ORDERS, O_PX, "px", "price", "价格", COL_SEEN | COL_NUM)                                                \
	X(ORDERS, O_QTY, "qty", "quantity", "数量", COL_SEEN | COL_NUM)                                           \
	X(ORDERS, O_STATE, "state", "status", "状态", COL_SEEN | COL_CODE)                                        \
	X(ORDERS, O_PATH, "states", "status before and after", "状态变化", 0)                                       \
	X(ORDERS, O_FILLED, "filled_qty", "filled", "成交数量", COL_SEEN | COL_NUM)                                \
	X(ORDERS, O_LEFT, "left_qty", "left", "剩余数量", COL_NUM)                                                 \
	X(ORDERS, O_LAST_QTY, "last_qty", "last filled", "末笔成交数量", COL_NUM)                                  \
	X(ORDERS, O_LAST_PX, "last_px", "last price", "末笔成交价", COL_NUM)                                       \
	X(ORDERS, O_AVERAGE, "average_px", "average price", "成交均价", COL_SEEN | COL_NUM)                         \
	X(ORDERS, O_FEE, "fee", "fee", "手续费", COL_SEEN | COL_NUM)                                               \
	X(ORDERS, O_FEE_ASSET, "fee_asset", "fee's asset", "手续费币种", COL_SEEN)                                  \
	X(ORDERS, O_CODE, "refusal_code", "refused, code", "拒单代码", COL_NUM)                                    \
	X(ORDERS, O_REFUSAL, "refusal", "refused, text", "拒单原因", 0)                                           \
	X(ORDERS, O_CANCELS, "cancels_asked", "cancels asked for", "撤单次数", COL_NUM)                            \
	X(ORDERS, O_CANCEL_WHY, "cancel_reason", "reason to be cancelled", "撤单原因", 0)                          \
	X(ORDERS, O_CHANGES, "changes", "changes of price or quantity", "改单次数", COL_NUM)                       \
	X(ORDERS, O_REPLAYED, "resent", "executions told again", "重发成交", COL_NUM)                               \
	X(ORDERS, O_BUSTS, "busts", "executions taken back", "撤销成交", COL_NUM)                                  \
	X(ORDERS, O_DECISION, "decision", "decision, receipt", "决策回执号", COL_NUM)                              \
	X(ORDERS, O_TRIGGER, "trigger", "trigger", "触发", 0)                                                    \
	X(ORDERS, O_QUOTES, "quotes", "quotes used", "所用行情", 0)                                               \
	X(ORDERS, O_CHECK, "risk_check", "risk checks", "风控检查", 0)                                            \
	X(ORDERS, O_RESCUE, "rescue_step", "step of a rescue", "补救步骤", 0)                                      \
	X(ORDERS, O_SECOND, "messages_in_second", "messages of the last second, at sending", "发送时最近一秒报撤单", COL_NUM) \
	X(ORDERS, O_TODAY, "messages_today", "messages of the day, at sending", "发送时当日报撤单", COL_NUM)          \
	X(ORDERS, O_DECIDE_NS, "quote_to_decision_ns", "quote to decision, ns", "行情到决策（纳秒）", COL_NUM)         \
	X(ORDERS, O_CHECK_NS, "decision_to_order_ns", "decision to order, ns", "决策到报单（纳秒）", COL_NUM)          \
	X(ORDERS, O_SENT_NS, "order_to_sent_ns", "order to wire, ns", "报单到发出（纳秒）", COL_NUM)                  \
	X(ORDERS, O_ACK_NS, "sent_to_ack_ns", "wire to acknowledgement, ns", "发出到回报（纳秒）", COL_NUM)             \
	X(ORDERS, O_FILL_NS, "sent_to_fill_ns", "wire to first fill, ns", "发出到首笔成交（纳秒）", COL_NUM)            \
	X(ORDERS, O_CAUSE, "cause", "cause, receipt", "起因回执号", COL_NUM)                                       \
	X(ORDERS, O_RECEIPTS, "receipts", "receipts of its life", "回执数", COL_NUM)                              \
	X(ORDERS, O_LEAF, "leaf", "leaf of the log", "日志叶序号", COL_NUM)                                         \
	X(ORDERS, O_REVISION, "revision", "revision", "修订", COL_NUM)                                            \
	X(ORDERS, O_MONEY, "currency", "currency", "计价货币", 0)                                                  \
	X(EVENTS, E_SEQ, "seq", "receipt", "回执号", COL_SEEN | COL_NUM)                                          \
	X(EVENTS, E_CAUSE, "cause", "cause", "起因", COL_NUM)                                                    \
	X(EVENTS, E_TIME, "time", "time", "时间", COL_SEEN)                                                       \
	X(EVENTS, E_UTC, "utc_ns", "UTC, ns", "UTC（纳秒）", COL_NUM)                                             \
	X(EVENTS, E_MONO, "mono_ns", "monotonic, ns", "单调时钟（纳秒）", COL_NUM)                                  \
	X(EVENTS, E_VENUE_NS, "venue_ns", "venue's stamp, ns", "场所时间（纳秒）", COL_NUM)                          \
	X(EVENTS, E_BOUND, "clock_bound_ns", "clock bound, ns", "时钟误差上界（纳秒）", COL_NUM)                     \
	X(EVENTS, E_KIND, "kind", "what", "事件", COL_SEEN)                                                       \
	X(EVENTS, E_ORDER, "order", "order", "报单编号", COL_SEEN | COL_ID)                                        \
	X(EVENTS, E_PAIR, "pair", "pair", "配对", 0)                                                             \
	X(EVENTS, E_LEG, "leg", "leg", "腿", COL_NUM)                                                            \
	X(EVENTS, E_INSTANCE, "instance", "instance", "策略实例", 0)                                              \
	X(EVENTS, E_ACCOUNT, "account", "account", "账户", 0)                                                    \
	X(EVENTS, E_INSTRUMENT, "instrument", "contract", "合约", COL_SEEN)                                       \
	X(EVENTS, E_SIDE, "side", "side", "买卖", COL_SEEN | COL_CODE)                                            \
	X(EVENTS, E_OFFSET, "offset", "open/close", "开平", COL_CODE)                                            \
	X(EVENTS, E_PX, "px", "price", "价格", COL_SEEN | COL_NUM)                                                \
	X(EVENTS, E_QTY, "qty", "quantity", "数量", COL_SEEN | COL_NUM)                                           \
	X(EVENTS, E_STATE, "state", "status after", "状态", COL_SEEN | COL_CODE)                                  \
	X(EVENTS, E_CUM, "cum_qty", "filled so far", "累计成交", COL_NUM)                                          \
	X(EVENTS, E_FEE, "fee", "fee", "手续费", COL_NUM)                                                         \
	X(EVENTS, E_FEE_ASSET, "fee_asset", "fee's asset", "手续费币种", 0)                                        \
	X(EVENTS, E_VENUE_ORDER, "venue_order", "venue's order id", "交易所报单编号", 0)                             \
	X(EVENTS, E_EXEC, "exec", "execution or client id", "成交或客户编号", 0)                                    \
	X(EVENTS, E_TEXT, "reason", "words", "说明", 0)                                                          \
	X(EVENTS, E_NUMBERS, "numbers", "its own numbers", "附加数值", 0)                                         \
	X(PAIRS, P_SEQ, "seq", "receipt", "回执号", COL_NUM)                                                      \
	X(PAIRS, P_TIME, "time", "time", "时间", COL_SEEN)                                                        \
	X(PAIRS, P_PAIR, "pair", "pair", "配对", COL_SEEN | COL_ID)                                               \
	X(PAIRS, P_ROUND, "round", "round", "回合", 0)                                                           \
	X(PAIRS, P_INSTANCE, "instance", "instance", "策略实例", COL_SEEN)                                         \
	X(PAIRS, P_SCRIPT, "script", "script, SHA-256", "脚本 SHA-256", 0)                                       \
	X(PAIRS, P_INTENT, "intent", "intent", "目的", COL_SEEN | COL_CODE)                                       \
	X(PAIRS, P_LOTS, "lots", "lots", "手数", COL_SEEN | COL_NUM)                                              \
	X(PAIRS, P_STATE, "state", "ended", "结果", COL_SEEN | COL_CODE)                                          \
	X(PAIRS, P_BROKE, "broke", "broke", "断腿", COL_SEEN | COL_CODE)                                          \
	X(PAIRS, P_HELD, "held_cause", "held for", "持有原因", COL_SEEN)                                           \
	X(PAIRS, P_HELD_NS, "held_ns", "held, ns", "持有时长（纳秒）", COL_NUM)                                      \
	X(PAIRS, P_TOOK, "took_ns", "took, ns", "用时（纳秒）", COL_SEEN | COL_NUM)                                 \
	X(PAIRS, P_GAP, "leg_gap_ns", "legs apart, ns", "两腿时差（纳秒）", COL_SEEN | COL_NUM)                       \
	X(PAIRS, P_ORDERS, "orders", "orders", "报单", COL_SEEN | COL_NUM)                                        \
	X(PAIRS, P_FILLS, "fills", "executions", "成交", COL_SEEN | COL_NUM)                                      \
	X(PAIRS, P_RESCUES, "rescue_steps", "steps of rescue", "补救步数", COL_SEEN | COL_NUM)                      \
	X(PAIRS, P_SPENT, "rescue_cost", "rescue cost", "补救费用", COL_SEEN | COL_NUM)                            \
	X(PAIRS, P_SLIP, "slippage", "slippage against the trigger", "相对触发价滑点", COL_SEEN | COL_NUM)           \
	X(PAIRS, P_FEES, "fees", "fees", "手续费", COL_SEEN)                                                      \
	X(PAIRS, P_EXPECTED, "expected", "expected", "预期", COL_NUM)                                             \
	X(PAIRS, P_IMBALANCE, "imbalance_base", "unhedged, base units", "未对冲（基础单位）", COL_SEEN | COL_NUM)     \
	X(PAIRS, P_WHY, "reason", "words", "说明", COL_SEEN)                                                      \
	X(LIMITS, L_SEQ, "seq", "receipt", "回执号", COL_SEEN | COL_NUM)                                          \
	X(LIMITS, L_TIME, "time", "time", "时间", COL_SEEN)                                                       \
	X(LIMITS, L_WHAT, "what", "what", "类别", COL_SEEN | COL_CODE)                                            \
	X(LIMITS, L_LIMIT, "limit", "limit", "限额", COL_SEEN)                                                    \
	X(LIMITS, L_SCOPE, "scope", "scope", "范围", COL_SEEN | COL_CODE)                                         \
	X(LIMITS, L_OF, "of", "of", "对象", COL_SEEN)                                                            \
	X(LIMITS, L_ACTION, "action", "action", "动作", COL_SEEN | COL_CODE)                                      \
	X(LIMITS, L_BOUND, "bound", "bound", "限值", COL_SEEN | COL_NUM)                                          \
	X(LIMITS, L_BEFORE, "before", "before", "原值", COL_NUM)                                                  \
	X(LIMITS, L_TEXT, "reason", "words", "说明", COL_SEEN)                                                    \
	X(BREACHES, B_SEQ, "seq", "receipt", "回执号", COL_SEEN | COL_NUM)                                        \
	X(BREACHES, B_TIME, "time", "time", "时间", COL_SEEN)                                                     \
	X(BREACHES, B_WHAT, "what", "what", "类别", COL_SEEN | COL_CODE)                                          \
	X(BREACHES, B_LIMIT, "limit", "limit", "限额", COL_SEEN)                                                  \
	X(BREACHES, B_VALUE, "value", "value", "实际值", COL_SEEN | COL_NUM)                                       \
	X(BREACHES, B_BOUND, "bound", "limit's value", "限值", COL_SEEN | COL_NUM)                                \
	X(BREACHES, B_COUNT, "count", "times", "次数", COL_SEEN | COL_NUM)                                        \
	X(BREACHES, B_SCOPE, "scope", "scope", "范围", COL_CODE)                                                  \
	X(BREACHES, B_OF, "of", "of", "对象", COL_SEEN)                                                          \
	X(BREACHES, B_ACTION, "action", "action", "动作", COL_CODE)                                               \
	X(BREACHES, B_PAIR, "pair", "pair", "配对", COL_ID)                                                      \
	X(BREACHES, B_TEXT, "reason", "words", "说明", COL_SEEN)                                                  \
	X(COUNTERS, C_DAY, "trade_day", "trade day", "交易日", 0)                                                 \
	X(COUNTERS, C_ACCOUNT, "account", "account", "账户", COL_SEEN)                                            \
	X(COUNTERS, C_GROUP, "group", "group", "实控组", COL_SEEN)                                                       \
	X(COUNTERS, C_INSTRUMENT, "instrument", "contract", "合约", COL_SEEN)                                     \
	X(COUNTERS, C_ORDERS, "orders", "orders", "报单", COL_SEEN | COL_NUM)                                     \
	X(COUNTERS, C_CANCELS, "cancels", "cancels", "撤单", COL_SEEN | COL_NUM)                                  \
	X(COUNTERS, C_LARGE, "large_cancels", "large cancels", "大额撤单", COL_SEEN | COL_NUM)                     \
	X(COUNTERS, C_REST, "remainders", "remainders of FAK/FOK", "FAK/FOK 剩余撤销", COL_SEEN | COL_NUM)          \
	X(COUNTERS, C_AT_LIMIT, "limit_cancels", "cancels at the price limit", "涨跌停撤单", COL_NUM)               \
	X(COUNTERS, C_SELF, "self_trades", "self-trades", "自成交", COL_SEEN | COL_NUM)                            \
	X(COUNTERS, C_FILLS, "fills", "executions", "成交", COL_SEEN | COL_NUM)                                   \
	X(COUNTERS, C_OPENED, "opened_qty", "opened", "开仓量", COL_NUM)                                          \
	X(COUNTERS, C_REJECTS, "rejects", "refused", "拒单", COL_SEEN | COL_NUM)                                  \
	X(COUNTERS, C_MESSAGES, "messages", "orders and cancels", "报撤单合计", COL_SEEN | COL_NUM)                \
	X(COUNTERS, C_PEAK, "peak_per_s", "most in a second", "秒内峰值", COL_SEEN | COL_NUM)                      \
	X(COUNTERS, C_PEAK_TIME, "peak_time", "when", "峰值时间", 0)                                              \
	X(COUNTERS, C_SECONDS, "seconds_of_10", "seconds with 10 or more", "达 10 笔的秒数", COL_SEEN | COL_NUM)   \
	X(COUNTERS, C_BURSTS, "bursts_of_10", "bursts of 10 within a second", "一秒内达 10 笔次数", COL_NUM)        \
	X(COUNTERS, C_ENGINE, "engine_messages", "engine's own count", "引擎计数", COL_NUM)                       \
	X(MEASURES, M_MEASURE, "threshold", "threshold", "标准", COL_SEEN | COL_CODE)                             \
	X(MEASURES, M_ACCOUNT, "account", "account or group", "账户或实控组", COL_SEEN)                             \
	X(MEASURES, M_INSTRUMENT, "instrument", "contract", "合约", COL_SEEN)                                     \
	X(MEASURES, M_VALUE, "value", "value", "实际值", COL_SEEN | COL_NUM)                                       \
	X(MEASURES, M_LIMIT, "limit", "limit", "标准值", COL_SEEN | COL_NUM)                                       \
	X(MEASURES, M_PART, "percent", "%", "占比 %", COL_SEEN | COL_NUM)                                         \
	X(MEASURES, M_MARK, "mark", "mark", "标记", COL_SEEN | COL_CODE)                                          \
	X(ALERTS, A_SEQ, "seq", "receipt", "回执号", COL_SEEN | COL_NUM)                                          \
	X(ALERTS, A_TIME, "time", "time", "时间", COL_SEEN)                                                       \
	X(ALERTS, A_SEVERITY, "severity", "severity", "级别", COL_SEEN | COL_CODE)                                \
	X(ALERTS, A_CODE, "code", "code", "代码", COL_SEEN)                                                       \
	X(ALERTS, A_COUNT, "count", "times", "次数", COL_SEEN | COL_NUM)                                          \
	X(ALERTS, A_INSTANCE, "instance", "instance", "策略实例", 0)                                              \
	X(ALERTS, A_VENUE, "venue", "venue", "交易场所", 0)                                                       \
	X(ALERTS, A_INSTRUMENT, "instrument", "contract", "合约", 0)                                              \
	X(ALERTS, A_PAIR, "pair", "pair", "配对", COL_ID)                                                        \
	X(ALERTS, A_TEXT, "reason", "words", "说明", COL_SEEN)                                                    \
	X(ALERTS, A_ACK_SEQ, "ack_seq", "acknowledged, receipt", "确认回执号", COL_NUM)                            \
	X(ALERTS, A_ACK_BY, "ack_by", "acknowledged by", "确认人", COL_SEEN)                                      \
	X(ALERTS, A_ACK_NS, "ack_after_ns", "after, ns", "确认用时（纳秒）", COL_SEEN | COL_NUM)                     \
	X(ACTS, X_SEQ, "seq", "receipt", "回执号", COL_SEEN | COL_NUM)                                            \
	X(ACTS, X_TIME, "time", "time", "时间", COL_SEEN)                                                         \
	X(ACTS, X_COMMAND, "command", "act", "操作", COL_SEEN | COL_CODE)                                         \
	X(ACTS, X_BY, "operator", "operator", "操作员", COL_SEEN)                                                 \
	X(ACTS, X_STATE, "risk_state", "risk", "风控状态", COL_SEEN | COL_CODE)                                   \
	X(ACTS, X_PAIR, "pair", "pair", "配对", COL_ID)                                                          \
	X(ACTS, X_CAUSE, "cause", "of receipt", "对应回执", COL_NUM)                                              \
	X(ACTS, X_TEXT, "reason", "words", "说明", COL_SEEN)                                                      \
	X(SCRIPTS, S_SEQ, "seq", "receipt", "回执号", COL_SEEN | COL_NUM)                                         \
	X(SCRIPTS, S_TIME, "time", "time", "时间", COL_SEEN)                                                      \
	X(SCRIPTS, S_INSTANCE, "instance", "instance", "策略实例", COL_SEEN)                                       \
	X(SCRIPTS, S_SHA, "script", "SHA-256", "SHA-256", COL_SEEN | COL_ID)                                    \
	X(SCRIPTS, S_VERSION, "version", "version", "版本", COL_SEEN | COL_NUM)                                   \
	X(SCRIPTS, S_ROLE, "role", "role", "角色", COL_SEEN | COL_CODE)                                           \
	X(SCRIPTS, S_BEFORE, "before", "before it", "前一版本", COL_ID)                                           \
	X(SCRIPTS, S_FILE, "file", "file, or why", "文件或原因", COL_SEEN)                                          \
	X(SCRIPTS, S_LINES, "lines", "lines", "行数", COL_NUM)                                                    \
	X(SCRIPTS, S_BYTES, "bytes", "bytes", "字节", COL_NUM)                                                    \
	X(SESSIONS, N_EPOCH, "session", "session", "时段", COL_SEEN | COL_NUM)                                    \
	X(SESSIONS, N_OPEN_SEQ, "open_seq", "opened, receipt", "开始回执号", COL_SEEN | COL_NUM)                    \
	X(SESSIONS, N_OPEN, "opened", "opened", "开始", COL_SEEN)                                                 \
	X(SESSIONS, N_CLOSE_SEQ, "close_seq", "closed, receipt", "结束回执号", COL_SEEN | COL_NUM)                  \
	X(SESSIONS, N_CLOSE, "closed", "closed", "结束", COL_SEEN)                                                \
	X(SESSIONS, N_HOW, "ended", "ended", "结束方式", COL_SEEN | COL_CODE)                                      \
	X(SESSIONS, N_CLEAN, "clean", "nothing open or unknown", "无未了结事项", COL_SEEN | COL_CODE)               \
	X(SESSIONS, N_RECEIPTS, "receipts", "receipts it says", "所记回执数", COL_SEEN | COL_NUM)                   \
	X(SESSIONS, N_COUNTED, "counted", "receipts counted", "实计回执数", COL_SEEN | COL_NUM)                     \
	X(SESSIONS, N_PAIRS, "pairs", "pairs", "配对", COL_NUM)                                                   \
	X(SESSIONS, N_ORDERS, "orders", "orders", "报单", COL_NUM)                                                \
	X(SESSIONS, N_FILLS, "fills", "executions", "成交", COL_NUM)                                              \
	X(SESSIONS, N_RESIDUAL, "residual_base", "unhedged at its end, base units", "结束时未对冲", COL_NUM)          \
	X(SESSIONS, N_CONFIG, "configuration", "configuration", "配置", COL_SEEN | COL_ID)                       \
	X(SESSIONS, N_BUILD, "build", "build", "程序", COL_SEEN | COL_ID)                                        \
	X(SESSIONS, N_TEXT, "words", "version; last words", "版本与结语", COL_SEEN)                                  \
	X(CLOCKS, K_VENUE, "venue", "venue", "交易场所", COL_SEEN)                                                \
	X(CLOCKS, K_SAMPLES, "receipts", "receipts", "回执数", COL_SEEN | COL_NUM)                                \
	X(CLOCKS, K_OFFSET_MIN, "offset_min_ns", "offset from, ns", "偏差下限（纳秒）", COL_SEEN | COL_NUM)          \
	X(CLOCKS, K_OFFSET_MAX, "offset_max_ns", "to, ns", "偏差上限（纳秒）", COL_SEEN | COL_NUM)                   \
	X(CLOCKS, K_BOUND_MIN, "bound_min_ns", "bound from, ns", "误差上界最小（纳秒）", COL_SEEN | COL_NUM)          \
	X(CLOCKS, K_BOUND_MAX, "bound_max_ns", "to, ns", "误差上界最大（纳秒）", COL_SEEN | COL_NUM)                  \
	X(CLOCKS, K_IN_100US, "within_100us_percent", "within 100 us, %", "100 微秒内 %", COL_SEEN | COL_NUM)      \
	X(CLOCKS, K_IN_1MS, "within_1ms_percent", "within 1 ms, %", "1 毫秒内 %", COL_SEEN | COL_NUM)              \
	X(CLOCKS, K_UNKNOWN, "unknown_percent", "not known, %", "未知 %", COL_SEEN | COL_NUM)                     \
	X(CLOCKS, K_STEPS, "steps", "jumps", "跳变", COL_SEEN | COL_NUM)                                          \
	X(LINKS, V_SEQ, "seq", "receipt", "回执号", COL_SEEN | COL_NUM)                                           \
	X(LINKS, V_TIME, "time", "time", "时间", COL_SEEN)                                                        \
	X(LINKS, V_VENUE, "venue", "venue", "交易场所", COL_SEEN)                                                 \
	X(LINKS, V_FROM, "from", "from", "原状态", COL_SEEN | COL_CODE)                                           \
	X(LINKS, V_TO, "to", "to", "现状态", COL_SEEN | COL_CODE)                                                 \
	X(LINKS, V_EPOCH, "log_on", "log-on", "登录次数", COL_SEEN | COL_NUM)                                      \
	X(LINKS, V_TEXT, "reason", "words", "说明", COL_SEEN)                                                     \
	X(GAPS, G_SEQ, "seq", "receipt", "回执号", COL_SEEN | COL_NUM)                                            \
	X(GAPS, G_TIME, "time", "time", "时间", COL_SEEN)                                                         \
	X(GAPS, G_INSTRUMENT, "instrument", "contract", "合约", COL_SEEN)                                         \
	X(GAPS, G_STATE, "state", "book", "订单簿", COL_SEEN)                                                      \
	X(GAPS, G_FIRST, "first_missing", "first missing", "缺失起", COL_SEEN | COL_NUM)                           \
	X(GAPS, G_LAST, "last_missing", "last missing", "缺失止", COL_SEEN | COL_NUM)                              \
	X(GAPS, G_TOOK, "took_ns", "until whole, ns", "恢复用时（纳秒）", COL_SEEN | COL_NUM)                        \
	X(GAPS, G_DROPPED, "dropped", "dropped", "丢弃", COL_SEEN | COL_NUM)                                      \
	X(GAPS, G_TEXT, "reason", "words", "说明", COL_SEEN)                                                      \
	X(RECON, R_SEQ, "seq", "receipt", "回执号", COL_SEEN | COL_NUM)                                           \
	X(RECON, R_TIME, "time", "time", "时间", COL_SEEN)                                                        \
	X(RECON, R_WHAT, "what", "what", "结果", COL_SEEN | COL_CODE)                                             \
	X(RECON, R_ACCOUNT, "account", "account", "账户", COL_SEEN)                                               \
	X(RECON, R_OF, "of", "of", "对象", COL_SEEN)                                                             \
	X(RECON, R_HOST, "host", "host", "本机", COL_SEEN | COL_NUM)                                              \
	X(RECON, R_VENUE, "venue", "venue", "交易场所", COL_SEEN | COL_NUM)                                       \
	X(RECON, R_TEXT, "reason", "words", "说明", COL_SEEN)
/* clang-format on */

enum report_column {
#define REPORT_COLUMN_ENUM(sheet, id, key, en, zh, how) COL_##id,
	REPORT_COLUMNS(REPORT_COLUMN_ENUM)
#undef REPORT_COLUMN_ENUM
		report_column_max
};
