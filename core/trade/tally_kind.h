/* tally_kind - what exchanges count of an account, as a table of names: for the configuration that bounds it and the tally that counts it. Plain data. */
#pragma once

/* id, name, whose it is, whether its bound bars orders that open (else it only warns), what is counted */
/* clang-format off */
#define TALLY_KINDS(X)                                                                                       \
	X(ORDERS, "orders", TALLY_CONTRACT, 1, "orders sent")                                                \
	X(CANCELS, "cancels", TALLY_CONTRACT, 1, "orders that were cancelled, as the exchange counts them")  \
	X(LARGE_CANCELS, "large_cancels", TALLY_CONTRACT, 1, "cancels of at least large_cancel_lots")        \
	X(LIMIT_CANCELS, "limit_cancels", TALLY_CONTRACT, 1, "cancels while the contract stood at its price limit") \
	X(SELF_TRADES, "self_trades", TALLY_CONTRACT, 1, "trades of the group with itself")                  \
	X(OPENED_LOTS, "opened_lots", TALLY_CONTRACT, 1, "lots opened")                                      \
	X(MESSAGES, "messages", TALLY_EXCHANGE, 1, "orders and cancels sent")                                \
	X(BURSTS, "bursts", TALLY_EXCHANGE, 0, "times that burst_messages left within a second")             \
	X(MESSAGES_PER_S, "messages_per_s", TALLY_EXCHANGE, 1, "orders and cancels sent within the last second")
/* clang-format on */

enum tally_kind {
#define TALLY_ENUM(id, ...) TALLY_##id,
	TALLY_KINDS(TALLY_ENUM)
#undef TALLY_ENUM
		tally_kind_max
};

/* Of one contract, or of all that an account group does at an exchange. */
enum tally_scope { TALLY_CONTRACT, TALLY_EXCHANGE };
