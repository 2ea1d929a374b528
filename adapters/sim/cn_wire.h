/* cn_wire - the counter's side of DIFF over the domestic exchange: a client's packs in, and what has changed for it out, a pack for each time that it looks.
 *
 * One struct cn_wire is one venue: its exchange, users, the day's orders by the client's own numbers, quotes as they were last shown, and its ledger. It knows no socket and no delay. Quotes are
 * told whole; an order is told whole once and after that by what changed. After a settlement every login is over. Whatever
 * the bytes, nothing breaks. One thread; no allocation after init but in reading JSON. Limits: limit prices, no bank transfers, no charts. */
#pragma once
#include "adapters/sim/cn_ask.h"
#include "adapters/sim/cn_exchange.h"
#include "adapters/sim/cn_ledger.h"
#include "adapters/sim/knobs.h"
#include "adapters/sim/server_keys.h"
#include "adapters/sim/shown.h"
#include "adapters/sim/source.h"

#define CN_WIRE_SYMBOLS 8 /* of a server's venue */
#define CN_WIRE_USERS	4
#define CN_NOTICES	8

struct cn_wire_config {
	struct cn_config exchange;
	const struct assets *assets;
	const char *name;
	char account[CN_WIRE_USERS][32];
	const struct server_key
		*key; /* HMAC ones: the key is the user, the secret the password; by account */
	uint32_t n_keys;
	const char *ledger; /* NULL: none */
	uint64_t seed;
};

/* An order as its client sees it. */
struct cn_row {
	char id[64], msg[96];
	uint16_t account, instrument;
	uint8_t side, offset, tif;
	bool finished;
	int64_t px, qty, left;
	int64_t cut;	      /* of qty never reached the exchange: a fault */
	uint64_t exchange_id; /* 0: it was refused */
	int64_t insert_ns;
	uint64_t first, version; /* when it was first, and last, different */
};

struct cn_deal {
	struct cn_trade trade;
	uint32_t row;
	uint64_t version;
};

struct cn_notice {
	int32_t code;
	char level[8], content[160];
};

/* One client connection. Zeroed at its start. */
struct cn_talk {
	bool looking; /* it has peeked, and waits */
	bool in;      /* logged in: */
	uint16_t account;
	uint32_t session, epoch; /* epoch: of the wire, at the login */
	uint64_t told;		 /* versions up to this one were told */
	uint64_t begun;		 /* of the login: what changed since is told behind its picture */
	uint32_t rows_told, deals_told; /* of a login's picture that is being sent in parts */
	bool whole;			/* that picture has been sent */
	bool has_list, list_changed;
	char ins_list[2048];
	bool sub[CN_WIRE_SYMBOLS], status[CN_WIRE_SYMBOLS];
	uint64_t quotes_told, status_told;
	struct cn_notice notice[CN_NOTICES];
	uint32_t n_notices, notices_told;
};

struct cn_wire {
	struct cn_exchange exchange;
	const struct cn_config *setup;
	struct cn_wire_config config;
	struct cn_ledger ledger;
	struct knobs *knobs;
	struct server_key user[CN_WIRE_USERS];
	uint64_t version;
	uint32_t epoch; /* counts settlements */
	struct cn_row *row;
	struct cn_deal *deal;
	uint32_t n_rows, n_deals, cap_rows, cap_deals;
	struct map by_id, by_ref; /* of the text; of session and reference */
	uint64_t ref[CN_WIRE_USERS];
	struct cn_row *placing; /* the order that is being handed over */
	uint64_t account_version[CN_WIRE_USERS], position_version[CN_WIRE_USERS][CN_WIRE_SYMBOLS];
	struct cn_snapshot shown[CN_WIRE_SYMBOLS];
	uint64_t shown_version[CN_WIRE_SYMBOLS], status_version[CN_WIRE_SYMBOLS];
	uint8_t phase[CN_WIRE_SYMBOLS];
	struct shown market[CN_WIRE_SYMBOLS];
	struct level *level[side_max];
	bool broken; /* the ledger cannot be written */
};

/* knobs outlive the wire. -ERR_CONFIG, -ERR_NOMEM and what the ledger says. */
int cn_wire_init(struct cn_wire *w, const struct cn_wire_config *c, struct knobs *knobs,
		 int64_t now_ns);
void cn_wire_free(struct cn_wire *w);
/* now_ns: the venue's own clock, here and below. Every call may have changed what there is to say to any client. */
void cn_wire_ask(struct cn_wire *w, struct cn_talk *t, int64_t now_ns, const char *text, size_t n);
int cn_wire_market(struct cn_wire *w, uint16_t instrument, int64_t now_ns,
		   const struct source_event *e);
/* Lets happen what is due, and when something is due next (INT64_MAX: never). */
void cn_wire_tick(struct cn_wire *w, int64_t now_ns);
int64_t cn_wire_next_ns(const struct cn_wire *w);
/* The pack for a client that looks and to whom something is new: its length, and it looks no more; 0: nothing to say. */
size_t cn_wire_say(struct cn_wire *w, struct cn_talk *t, char *out, size_t cap);
/* Its login ended with the trading day: the connection is to be cut. */
bool cn_wire_is_over(const struct cn_wire *w, const struct cn_talk *t);
