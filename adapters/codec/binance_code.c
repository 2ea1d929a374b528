#include "adapters/codec/binance_code.h"
#include <string.h>

/* Rows of one code: those with a phrase first. Spot and USD-M share the numbers, with few exceptions that do not collide. */
static const struct binance_code table[] = {
	/* the venue's own trouble */
	{ -1000, NULL, REJECT_TRANSIENT, FATE_UNKNOWN },
	{ -1001, NULL, REJECT_TRANSIENT, FATE_UNKNOWN },
	{ -1006, NULL, REJECT_TRANSIENT, FATE_UNKNOWN },
	{ -1007, NULL, REJECT_TRANSIENT, FATE_UNKNOWN },
	{ -1008, NULL, REJECT_TRANSIENT, FATE_REFUSED },
	{ -1016, NULL, REJECT_CLOSED, FATE_REFUSED },
	/* too much */
	{ -1003, NULL, REJECT_RATE, FATE_REFUSED },
	{ -1015, NULL, REJECT_RATE, FATE_REFUSED },
	{ -1034, NULL, REJECT_RATE, FATE_REFUSED },
	/* who, and when */
	{ -1002, NULL, REJECT_AUTH, FATE_REFUSED },
	{ -1011, NULL, REJECT_AUTH, FATE_REFUSED },
	{ -1021, NULL, REJECT_CLOCK, FATE_REFUSED },
	{ -5028, NULL, REJECT_CLOCK, FATE_REFUSED },
	{ -1022, NULL, REJECT_AUTH, FATE_REFUSED },
	{ -1099, NULL, REJECT_AUTH, FATE_REFUSED },
	{ -2014, NULL, REJECT_AUTH, FATE_REFUSED },
	{ -2015, NULL, REJECT_AUTH, FATE_REFUSED },
	{ -2017, NULL, REJECT_AUTH, FATE_REFUSED },
	{ -1125, NULL, REJECT_AUTH, FATE_REFUSED },
	/* filters */
	{ -1013, "Filter failure: PRICE_FILTER", REJECT_PRICE, FATE_REFUSED },
	{ -1013, "Filter failure: PERCENT_PRICE", REJECT_PRICE, FATE_REFUSED },
	{ -1013, "Filter failure: LOT_SIZE", REJECT_SIZE, FATE_REFUSED },
	{ -1013, "Filter failure: MARKET_LOT_SIZE", REJECT_SIZE, FATE_REFUSED },
	{ -1013, "Filter failure: MIN_NOTIONAL", REJECT_SIZE, FATE_REFUSED },
	{ -1013, "Filter failure: NOTIONAL", REJECT_SIZE, FATE_REFUSED },
	{ -1013, "Filter failure: MAX_POSITION", REJECT_SIZE, FATE_REFUSED },
	{ -1013, "Filter failure: MAX_NUM", REJECT_RATE, FATE_REFUSED },
	{ -1013, "Filter failure: EXCHANGE_MAX", REJECT_RATE, FATE_REFUSED },
	{ -1013, "Invalid price", REJECT_PRICE, FATE_REFUSED },
	{ -1013, "Invalid quantity", REJECT_SIZE, FATE_REFUSED },
	{ -1111, NULL, REJECT_SIZE, FATE_REFUSED },
	{ -1116, NULL, REJECT_OTHER, FATE_REFUSED },
	{ -1121, NULL, REJECT_CLOSED, FATE_REFUSED },
	/* matching engine: its text says what it is */
	{ -2010, "Account has insufficient balance", REJECT_MONEY, FATE_REFUSED },
	{ -2010, "Duplicate order sent", REJECT_DUPLICATE, FATE_REFUSED },
	{ -2010, "Market is closed", REJECT_CLOSED, FATE_REFUSED },
	{ -2010, "Order would immediately match and take", REJECT_WOULD_TAKE, FATE_REFUSED },
	{ -2010, "Price * QTY is zero or less", REJECT_SIZE, FATE_REFUSED },
	{ -2010, "This action is disabled", REJECT_AUTH, FATE_REFUSED },
	{ -2010, "This account may not place", REJECT_AUTH, FATE_REFUSED },
	{ -2010, "This symbol is not permitted", REJECT_AUTH, FATE_REFUSED },
	{ -2010, "This symbol is restricted", REJECT_AUTH, FATE_REFUSED },
	{ -2010, "Rest API trading is not enabled", REJECT_AUTH, FATE_REFUSED },
	{ -2010, "WebSocket API trading is not enabled", REJECT_AUTH, FATE_REFUSED },
	{ -2010, "Filter failure: PRICE_FILTER", REJECT_PRICE, FATE_REFUSED },
	{ -2010, "Filter failure: PERCENT_PRICE", REJECT_PRICE, FATE_REFUSED },
	{ -2010, "Filter failure: LOT_SIZE", REJECT_SIZE, FATE_REFUSED },
	{ -2010, NULL, REJECT_OTHER, FATE_REFUSED },
	{ -2011, NULL, REJECT_GONE, FATE_ABSENT },
	{ -2013, NULL, REJECT_GONE, FATE_ABSENT },
	{ -2026, NULL, REJECT_GONE, FATE_ABSENT },
	/* USD-M */
	{ -2018, NULL, REJECT_MONEY, FATE_REFUSED },
	{ -2019, NULL, REJECT_MONEY, FATE_REFUSED },
	{ -2020, NULL, REJECT_OTHER, FATE_REFUSED },
	{ -2021, NULL, REJECT_PRICE, FATE_REFUSED },
	{ -2022, NULL, REJECT_SIZE, FATE_REFUSED },
	{ -2023, NULL, REJECT_MONEY, FATE_REFUSED },
	{ -2024, NULL, REJECT_SIZE, FATE_REFUSED },
	{ -2025, NULL, REJECT_RATE, FATE_REFUSED },
	{ -2027, NULL, REJECT_SIZE, FATE_REFUSED },
	{ -2028, NULL, REJECT_MONEY, FATE_REFUSED },
	{ -4001, NULL, REJECT_PRICE, FATE_REFUSED },
	{ -4002, NULL, REJECT_PRICE, FATE_REFUSED },
	{ -4003, NULL, REJECT_SIZE, FATE_REFUSED },
	{ -4004, NULL, REJECT_SIZE, FATE_REFUSED },
	{ -4005, NULL, REJECT_SIZE, FATE_REFUSED },
	{ -4013, NULL, REJECT_PRICE, FATE_REFUSED },
	{ -4014, NULL, REJECT_PRICE, FATE_REFUSED },
	{ -4016, NULL, REJECT_PRICE, FATE_REFUSED },
	{ -4023, NULL, REJECT_SIZE, FATE_REFUSED },
	{ -4024, NULL, REJECT_PRICE, FATE_REFUSED },
	{ -4029, NULL, REJECT_PRICE, FATE_REFUSED },
	{ -4030, NULL, REJECT_SIZE, FATE_REFUSED },
	{ -4050, NULL, REJECT_MONEY, FATE_REFUSED },
	{ -4051, NULL, REJECT_MONEY, FATE_REFUSED },
	{ -4061, NULL, REJECT_OTHER, FATE_REFUSED },
	{ -4087, NULL, REJECT_CLOSED, FATE_REFUSED },
	{ -4088, NULL, REJECT_AUTH, FATE_REFUSED },
	{ -4108, NULL, REJECT_CLOSED, FATE_REFUSED },
	{ -4111, NULL, REJECT_DUPLICATE, FATE_REFUSED },
	{ -4116, NULL, REJECT_DUPLICATE, FATE_REFUSED },
	{ -4131, NULL, REJECT_PRICE, FATE_REFUSED },
	{ -4140, NULL, REJECT_CLOSED, FATE_REFUSED },
	{ -4164, NULL, REJECT_SIZE, FATE_REFUSED },
	{ -4192, NULL, REJECT_CLOSED, FATE_REFUSED },
	{ -5021, NULL, REJECT_PRICE, FATE_REFUSED },
	{ -5022, NULL, REJECT_WOULD_TAKE, FATE_REFUSED },
};

static const struct binance_code other = { 0, NULL, REJECT_OTHER, FATE_REFUSED };
static const struct binance_code lost = { 0, NULL, REJECT_TRANSIENT, FATE_UNKNOWN };
static const struct binance_code limited = { 0, NULL, REJECT_RATE, FATE_REFUSED };

const struct binance_code *binance_code_find(int32_t status, int32_t code, const char *text)
{
	for (size_t i = 0; code && i < sizeof(table) / sizeof(*table); i++)
		if (table[i].code == code &&
		    (!table[i].phrase || !strncmp(text, table[i].phrase, strlen(table[i].phrase))))
			return &table[i];
	if (status == 429 || status == 418)
		return &limited;
	/* The venue's documents: after a 5xx the execution may have been a success. */
	return status >= 500 || (!status && !code) ? &lost : &other;
}
