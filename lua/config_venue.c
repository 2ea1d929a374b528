#include "lua/config_part.h"
#include "lua/value.h"
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TO(m)	 FIELD_TO(struct config_venue, m)
#define URL(i) \
	.offset = (uint32_t)((i) * sizeof(struct config_url)), .size = sizeof(struct config_url)
#define URL_BIT(i) (1u << (i))

static const char *const adapters[] = { "binance_spot", "binance_usdm", "diff", NULL };
/* Which addresses each of them connects to; in the order of `adapters`. */
static const unsigned adapter_urls[] = {
	URL_BIT(URL_STREAM) | URL_BIT(URL_API) | URL_BIT(URL_REST),
	URL_BIT(URL_STREAM) | URL_BIT(URL_API) | URL_BIT(URL_REST) | URL_BIT(URL_USER),
	URL_BIT(URL_STREAM) | URL_BIT(URL_API),
};
_Static_assert(COUNT(adapters) == COUNT(adapter_urls) + 1, "addresses for every adapter");

/* The step of their stamps; in the same order. */
static const int64_t adapter_grain_ns[] = { 1000000, 1000000, 500000000 };
_Static_assert(COUNT(adapters) == COUNT(adapter_grain_ns) + 1, "a grain for every adapter");
/* Does its market have a switch against our silence? */
static const bool adapter_dead_man[] = { false, true, false };
_Static_assert(COUNT(adapters) == COUNT(adapter_dead_man) + 1, "a word for every adapter");

static const char *const ws[] = { "wss", "ws", NULL };
static const char *const http[] = { "https", "http", NULL };

static const struct field url_fields[] = {
	[URL_STREAM] = { "stream", FIELD_URL, URL(URL_STREAM), .names = ws,
			 .doc = "where market data comes from; for Binance the path that ends in /stream" },
	[URL_API] = { "api", FIELD_URL, URL(URL_API), .names = ws,
		      .doc = "where orders go: the WebSocket API" },
	[URL_REST] = { "rest", FIELD_URL, URL(URL_REST), .names = http,
		       .doc = "where depth snapshots and listen keys come from; the host only, the adapter adds the path" },
	[URL_USER] = { "user", FIELD_URL, URL(URL_USER), .names = ws,
		       .doc = "where reports of orders come from, when not from api; for Binance the path that ends in /ws" },
};
_Static_assert(COUNT(url_fields) == venue_url_max, "a key for every address");

static const struct section urls = { "url", "the addresses of the venue", url_fields,
				     COUNT(url_fields), NULL };

/* In the order of enum self_trade. */
static const char *const self_trades[] = { "expire_taker", "expire_maker", "expire_both", "none",
					   NULL };
_Static_assert(COUNT(self_trades) == self_trade_max + 1, "a word for every way");

static const struct field venue_fields[] = {
	{ "name", FIELD_NAME, TO(name), .flags = FIELD_REQUIRED,
	  .doc = "what the venue is called in this file, in receipts and in commands" },
	{ "adapter", FIELD_CHOICE, TO(adapter), .flags = FIELD_REQUIRED, .names = adapters,
	  .doc = "which wire protocol is spoken" },
	{ "url", FIELD_SECTION, TO(url), .flags = FIELD_REQUIRED, .sub = &urls,
	  .doc = "the addresses of the venue" },
	{ "ca_file", FIELD_PATH, TO(ca_file),
	  .doc = "certificates (PEM) of who may vouch for the venue; without it the system's" },
	{ "allow_plaintext", FIELD_BOOL, TO(allow_plaintext), .def = "false",
	  .doc = "whether ws:// and http:// may leave this machine; keys and orders can be read on the way then" },
	{ "recv_window", FIELD_DURATION, TO(recv_window_ns), .def = "5s", .min = "1ms",
	  .max = "60s",
	  .doc = "how old a request may be when the venue gets it; older ones it refuses" },
	{ "connect_timeout", FIELD_DURATION, TO(connect_timeout_ns), .def = "5s", .min = "10ms",
	  .max = "5min",
	  .doc = "how long a connection may take to come up before it is tried anew" },
	{ "answer_timeout", FIELD_DURATION, TO(answer_timeout_ns), .def = "2s", .min = "1ms",
	  .max = "5min",
	  .doc = "how long an answer to a request may take; after it the outcome is unknown and is asked for" },
	{ "settle", FIELD_DURATION, TO(settle_ns), .def = "3s", .min = "1ms", .max = "5min",
	  .doc = "how long after sending an order the venue's \"no such order\" is believed" },
	{ "backoff_min", FIELD_DURATION, TO(backoff_min_ns), .def = "500ms", .min = "1ms",
	  .max = "1h",
	  .doc = "the first wait before a connection is tried again; it doubles from there" },
	{ "backoff_max", FIELD_DURATION, TO(backoff_max_ns), .def = "30s", .min = "1ms",
	  .max = "1h", .doc = "the longest wait before a connection is tried again" },
	{ "feed_silence", FIELD_DURATION, TO(feed_silence_ns), .def = "10s", .min = "10ms",
	  .max = "1h",
	  .doc = "how long market data may be silent before the connection counts as dead" },
	{ "ping_after", FIELD_DURATION, TO(ping_after_ns), .def = "300ms", .min = "10ms",
	  .max = "1h",
	  .doc = "Binance: how long a connection may be silent before it is pinged, while an order may work or an answer is waited for; a venue "
		 "takes about 5 pings a second; idle connections are pinged after half of feed_silence" },
	{ "pong_timeout", FIELD_DURATION, TO(pong_timeout_ns), .def = "700ms", .min = "10ms",
	  .max = "1h",
	  .doc = "Binance: how long such a ping may be unanswered; then the connection is dead: it is made anew, and orders are reconciled" },
	{ "lines", FIELD_INT, TO(lines), .flags = FIELD_UNSIGNED, .def = "1", .min = "1",
	  .max = "2", .unit = "connections",
	  .doc = "how many lines bring its market data: of 2 with the same content (A and B) one may lose what the other brings" },
	{ "record", FIELD_BOOL, TO(record), .def = "false",
	  .doc = "whether its market data is kept in the store as it came, to be imported, replayed and examined" },
	{ "max_min_delay", FIELD_DURATION, TO(max_min_delay_ns), .def = "0s", .min = "0s",
	  .max = "10s",
	  .doc = "what the least one-way delay from it is at most, when you know it: it closes the open side of a clock that only stamps; 0 for "
		 "not known" },
	{ "max_drift", FIELD_RATE, TO(max_drift_ppb), .dp = 9, .def = "200ppm", .min = "1ppm",
	  .max = "3000ppm",
	  .doc = "how fast its clock may gain or lose against ours at most; less, where that is known, gives narrower bounds" },
	{ "stamp_grain", FIELD_DURATION, TO(stamp_grain_ns), .min = "0s", .max = "1h",
	  .doc = "the step of its stamps, such as \"1ms\" or \"1s\"; without it what its adapter knows (Binance: 1ms, DIFF: 500ms); 0: found from the stamps, "
		 "which takes many of them" },
	{ "messages_per_s", FIELD_INT, TO(messages_per_s), .def = "20", .min = "1", .max = "100000",
	  .unit = "messages a second",
	  .doc = "how many orders and cancels a second the venue is sent at most" },
	{ "dead_man", FIELD_DURATION, TO(dead_man_ns), .def = "0s", .min = "0s", .max = "10min",
	  .doc = "after so long a silence of ours the venue cancels all our orders, where it has such a switch: armed at every log-on, and again "
		 "three times in that time; 0 for not" },
	{ "self_trade", FIELD_ENUM, TO(self_trade), .def = "expire_taker", .names = self_trades,
	  .doc = "which of two own orders that would meet the venue is asked to take off, where it can be asked: a second guard behind risk.self_match" },
	{ "reserve_pct", FIELD_INT, TO(reserve_pct), .def = "20", .min = "20", .max = "90",
	  .unit = "per cent",
	  .doc = "the part of that budget kept for cancels and rescues; opening orders never use it" },
};
static const struct field_order venue_order[] = { { "backoff_min", "backoff_max" },
						  { NULL, NULL } };

const struct section config_venues = { "venues",
				       "the markets that are connected to, a list of tables",
				       venue_fields, COUNT(venue_fields), venue_order };

#undef TO
#define TO(m) FIELD_TO(struct config_account, m)

/* Index 1 is what sets the flag `ed25519`. */
static const char *const key_types[] = { "hmac", "ed25519", NULL };

static const char *const hedge_flags[] = {
#define HEDGE_FLAG_NAME(id, name) name,
	HEDGE_FLAGS(HEDGE_FLAG_NAME)
#undef HEDGE_FLAG_NAME
		NULL
};

static const struct field account_fields[] = {
	{ "name", FIELD_NAME, TO(name), .flags = FIELD_REQUIRED,
	  .doc = "what the account is called in this file and in receipts" },
	{ "group", FIELD_NAME, TO(group),
	  .doc = "accounts of one group never trade with each other and share limits; without it its own name" },
	{ "venue", FIELD_REF, TO(venue), .flags = FIELD_REQUIRED | FIELD_UNSIGNED,
	  .ref = LIST_VENUE, .doc = "the venue that it is an account of" },
	{ "api_key_file", FIELD_PATH, TO(api_key_file), .flags = FIELD_REQUIRED,
	  .doc = "the file with the public half of the key: an identifier; DIFF: the user's name" },
	{ "secret_file", FIELD_PATH, TO(secret_file), .flags = FIELD_REQUIRED,
	  .doc = "the file with the HMAC secret, or the Ed25519 private key in PEM; DIFF: the password; mode 0600, yours, no link" },
	{ "key_type", FIELD_ENUM, TO(ed25519), .def = "hmac", .names = key_types,
	  .doc = "how requests are signed" },
	{ "broker", FIELD_STRING, TO(broker), .doc = "DIFF: the broker, as its gateway calls it" },
	{ "hedge_flag", FIELD_ENUM, TO(hedge_flag), .def = "speculation", .names = hedge_flags,
	  .doc = "what its orders are declared to be where an exchange asks; goes into a receipt of every session" },
	{ "terminal", FIELD_STRING, TO(terminal),
	  .doc = "the operator's terminal as it was reported to the exchange (AppID, address, digest of the system's data); goes into a receipt of every session" },
};

const struct section config_accounts = { "accounts",
					 "the logins that orders are sent under, a list of tables",
					 account_fields, COUNT(account_fields), NULL };

static void check_urls(struct config_part *p, const struct tree_node *node,
		       const struct config_venue *v)
{
	const struct tree_node *table = tree_get(node, "url");
	for (unsigned a = 0; table && adapters[a]; a++) {
		for (unsigned i = 0; i < venue_url_max && !strcmp(v->adapter, adapters[a]); i++)
			if ((adapter_urls[a] & URL_BIT(i)) && !tree_get(table, url_fields[i].key))
				schema_error(
					&p->schema, table,
					"venue \"%s\" has no url.%s; %s needs it: it is %s; add %s = \"%s://...\"",
					v->name, url_fields[i].key, v->adapter, url_fields[i].doc,
					url_fields[i].key, url_fields[i].names[0]);
	}
	for (unsigned i = 0; i < venue_url_max; i++) {
		const struct config_url *u = &v->url[i];
		if (!u->host[0] || u->tls || v->allow_plaintext || value_is_loopback(u->host))
			continue;
		schema_error(
			&p->schema, config_at(table, url_fields[i].key),
			"url.%s of venue \"%s\" is not encrypted and leaves this machine; keys and orders could be read and changed on the "
			"way; write %s://, or allow_plaintext = true on a network that you trust",
			url_fields[i].key, v->name, url_fields[i].names[0]);
	}
}

/* Who relies on a switch that is not there finds out when the host is dead and its orders work on. */
static void check_dead_man(struct config_part *p, const struct tree_node *node,
			   const struct config_venue *v)
{
	for (unsigned a = 0; adapters[a]; a++)
		if (v->dead_man_ns && !adapter_dead_man[a] && !strcmp(v->adapter, adapters[a]))
			schema_error(
				&p->schema, config_at(node, "dead_man"),
				"dead_man of venue \"%s\": %s has no such switch; its orders would work on while this host is silent; take dead_man away",
				v->name, v->adapter);
}

void config_read_venue(struct config_part *p, const struct tree_node *node, void *item)
{
	struct config_venue *v = item;
	schema_read(&p->schema, node, &config_venues, v);
	for (unsigned a = 0; adapters[a] && !tree_get(node, "stamp_grain"); a++)
		if (!strcmp(v->adapter, adapters[a]))
			v->stamp_grain_ns = adapter_grain_ns[a];
	check_urls(p, node, v);
	check_dead_man(p, node, v);
	if (tree_get(node, "self_trade") && !strcmp(v->adapter, "diff"))
		schema_error(
			&p->schema, config_at(node, "self_trade"),
			"self_trade is of venue \"%s\", which speaks diff; its orders have no such word, and only risk.self_match guards there; take it out",
			v->name);
	if (!p->offline)
		config_file_readable(p, config_at(node, "ca_file"), v->ca_file);
}

void config_read_account(struct config_part *p, const struct tree_node *node, void *item)
{
	struct config_account *a = item;
	a->venue = NO_VENUE;
	schema_read(&p->schema, node, &config_accounts, a);
	if (!a->group[0])
		memcpy(a->group, a->name, sizeof(a->group));
	if (p->offline)
		return;
	config_file_key(p, config_at(node, "api_key_file"), a->api_key_file);
	config_file_key(p, config_at(node, "secret_file"), a->secret_file);
}
