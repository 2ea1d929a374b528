/* bn_session - one account's connection for orders and its events, from the dial to READY, as a table of states.
 *
 * Spot: log on (Ed25519) or sign each request (HMAC), subscribe to the account's events on the same socket. USD-M: the same for
 * orders, and a listen key that names a second socket for the events. If either socket breaks, the session is over and begun
 * anew, since fills could be missing. Engine's thread. */
#pragma once
#include "adapters/binance/bn_link.h"
#include "adapters/codec/binance_exec.h"

struct binance;
struct binance_account;

enum bn_session_state {
	BN_SES_DOWN,  /* no connection, or being dialled */
	BN_SES_LOGON, /* session.logon asked; passed at once with HMAC */
	BN_SES_KEY,   /* listen key asked; passed at once on spot */
	BN_SES_USER,  /* events being subscribed to, or their socket being dialled */
	BN_SES_READY, /* orders may go out, reports come in */
	bn_session_state_max
};
enum bn_session_event { BN_EV_OPEN, BN_EV_DONE, BN_EV_LOST, bn_session_event_max };

struct bn_session {
	struct binance *owner;
	uint16_t index, account;
	uint8_t state;
	char name[48];
	struct binance_key key;
	struct binance_exec exec;
	struct bn_link api, user;
	bool ed25519;
	char listen_key[128];
	int64_t keep_alive_ns; /* when the listen key is due */
	uint32_t parts_open;   /* of the reconciliation: a bit by enum bn_ask */
	uint32_t history_open; /* and how many questions about executions */
	uint32_t due; /* to be asked soon, since an event said only a part: a bit by enum bn_ask */
	int64_t due_at_ns;
};

int bn_session_init(struct binance *b, struct bn_session *s, uint16_t index,
		    const struct binance_account *a);
void bn_session_free(struct bn_session *s);
void bn_session_start(struct bn_session *s);
void bn_session_stop(struct bn_session *s);
/* Moves the session by its table and does what the new state asks for. */
void bn_session_event(struct bn_session *s, enum bn_session_event ev, const char *why);
/* Ends both sockets; slow: what broke it will not mend itself soon. */
void bn_session_break(struct bn_session *s, bool slow, const char *why);
void bn_session_on_time(struct bn_session *s, int64_t now_ns);
enum bn_session_state bn_session_next(
	enum bn_session_state st,
	enum bn_session_event ev); /* bn_session_state_max: no such move */
const char *bn_session_state_name(enum bn_session_state st);
