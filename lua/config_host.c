#include "lua/config_part.h"
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TO(m)	 FIELD_TO(struct config_risk, m)

static const char *const self_matches[] = { "skip", "cancel", NULL };
_Static_assert(COUNT(self_matches) == self_match_max + 1, "a word for each way");

static const struct field risk_fields[] = {
	{ "max_order_notional", FIELD_DECIMAL, TO(max_order_notional_e8), .flags = FIELD_REQUIRED,
	  .dp = 8, .min = "1e-8", .unit = "quote currency",
	  .doc = "the largest value of one order" },
	{ "max_position_notional", FIELD_DECIMAL, TO(max_position_notional_e8),
	  .flags = FIELD_REQUIRED, .dp = 8, .min = "1e-8", .unit = "quote currency",
	  .doc = "the largest value of a position in one instrument" },
	{ "max_position_base", FIELD_DECIMAL, TO(max_position_base_e8), .dp = 8, .def = "0",
	  .min = "0", .unit = "base units",
	  .doc = "the largest position in one instrument; 0 for no such limit" },
	{ "max_imbalance_base", FIELD_DECIMAL, TO(max_imbalance_base_e8), .dp = 8, .def = "0",
	  .min = "0", .unit = "base units",
	  .doc = "how far the legs of a pair may be apart at any moment; 0 for no such limit" },
	{ "residual_tolerance_base", FIELD_DECIMAL, TO(residual_tolerance_base_e8), .dp = 8,
	  .def = "0", .min = "0", .unit = "base units",
	  .doc = "what may stay unhedged at rest: odd lots, and fees taken in the base asset" },
	{ "collar", FIELD_RATE, TO(collar_ppm), .dp = 6, .def = "100bp", .min = "1bp", .max = "50%",
	  .doc = "how far an order's price may lie from the best one on the other side" },
	{ "max_age", FIELD_DURATION, TO(max_age_ns), .def = "2s", .min = "1us", .max = "1h",
	  .doc = "how long ago a quote may have been proven valid" },
	{ "max_skew", FIELD_DURATION, TO(max_skew_ns), .def = "1s", .min = "1us", .max = "1h",
	  .doc = "how far apart the moments may lie at which both legs were last proven valid" },
	{ "max_clock_bound", FIELD_DURATION, TO(max_clock_bound_ns), .def = "250ms", .min = "0s",
	  .max = "1h",
	  .doc = "how far a venue's clock may be off against ours, in the worst case, before its stamps are not traded on; 0 for no such limit" },
	{ "max_utc_bound", FIELD_DURATION, TO(max_utc_bound_ns), .def = "0s", .min = "0s",
	  .max = "1h",
	  .doc = "how far this machine's clock may be off against UTC, as its kernel says, before nothing is opened; 0: it is only receipted" },
	{ "close_margin", FIELD_DURATION, TO(close_margin_ns), .def = "60s", .min = "0s",
	  .max = "24h",
	  .doc = "how long before one of its legs stops being traded nothing is opened; where legs have calendars" },
	{ "messages_per_s", FIELD_INT, TO(messages_per_s), .def = "50", .min = "1", .max = "100000",
	  .unit = "messages a second",
	  .doc = "how many orders and cancels a second leave at most, all venues together" },
	{ "max_pairs_in_flight", FIELD_INT, TO(max_pairs_in_flight), .def = "4", .min = "1",
	  .max = "1000", .doc = "how many pairs of all instances may be on their way at once" },
	{ "max_rejects_per_min", FIELD_INT, TO(max_rejects_per_min), .def = "10", .min = "1",
	  .max = "100000",
	  .doc = "how many rejections a minute are borne before nothing is opened any more" },
	{ "self_match", FIELD_ENUM, TO(self_match), .def = "skip", .names = self_matches,
	  .doc = "what becomes of an order that would meet an own one of its account group: it is not sent, or the other one is cancelled first; a rescue always cancels first" },
	{ "repeat_window", FIELD_DURATION, TO(repeat_window_ns), .def = "60s", .min = "1s",
	  .max = "24h",
	  .doc = "the time within which the limit `repeats` counts executions of one kind" },
	{ "day", FIELD_STRING, TO(day), .def = "",
	  .doc = "an instrument whose trading day the losses of a day are counted by; without it the day of UTC" },
	{ "cool_down", FIELD_DURATION, TO(cool_down_ns), .def = "5s", .min = "0s", .max = "1h",
	  .doc = "how long nothing is opened after a pair that failed on both legs" },
};
static const struct field_order risk_order[] = {
	{ "max_order_notional", "max_position_notional" },
	{ "residual_tolerance_base", "max_imbalance_base" },
	{ "max_imbalance_base", "max_position_base" },
	{ NULL, NULL },
};
const struct section config_risk = { "risk", "bounds that no script can widen", risk_fields,
				     COUNT(risk_fields), risk_order };

#undef TO
#define TO(m) FIELD_TO(struct config_store, m)

/* Index 1 is what sets the flag `durability_power`. */
static const char *const durabilities[] = { "process", "power", NULL };

static const struct field store_fields[] = {
	{ "path", FIELD_PATH, TO(path), .flags = FIELD_REQUIRED,
	  .doc = "the folder of the receipts; made when it is not there" },
	{ "ring", FIELD_PATH, TO(ring),
	  .doc = "the folder of the journal ring; without it /dev/shm where it fits, else path" },
	{ "ring_bytes", FIELD_BYTES, TO(ring_bytes), .flags = FIELD_UNSIGNED, .def = "64MiB",
	  .min = "1MiB", .max = "16GiB",
	  .doc = "the size of the journal ring; full, it halts opening and drops nothing" },
	{ "durability", FIELD_ENUM, TO(durability_power), .def = "process", .names = durabilities,
	  .doc = "what an intent survives before its orders leave: a crash of the process, or the loss of power (slower by one disk flush)" },
	{ "key", FIELD_PATH, TO(key),
	  .doc = "the key that signs receipts (`tandem key new`); without it path + \"/receipts.key\", made when missing" },
	{ "checkpoint_to", FIELD_STRING, TO(checkpoint_to),
	  .doc = "where every signed checkpoint is copied: a file, or \"|\" and a command that gets it as its input; without it nowhere" },
	{ "checkpoint_every", FIELD_INT, TO(checkpoint_every), .flags = FIELD_UNSIGNED,
	  .def = "1024", .min = "1", .max = "1000000", .unit = "receipts",
	  .doc = "how many receipts stand between two checkpoints, from which a restart reads on" },
	{ "archive_to", FIELD_PATH, TO(archive_to),
	  .doc = "the folder where days older than keep_days go as archives when a host ends in order; without it nothing leaves the store" },
	{ "keep_days", FIELD_INT, TO(keep_days), .flags = FIELD_UNSIGNED, .def = "7305", .min = "1",
	  .max = "36500", .unit = "days",
	  .doc = "how long receipts and recordings stay in the store, with archive_to; twenty years by default" },
};
const struct section config_store = { "store", "where receipts go", store_fields,
				      COUNT(store_fields), NULL };

#undef TO
#define TO(m) FIELD_TO(struct config_engine, m)

static const struct field engine_fields[] = {
	{ "spin", FIELD_BOOL, TO(spin), .def = "false",
	  .doc = "whether the engine polls without sleeping: a whole core for some 20 us a hop" },
	{ "cpu", FIELD_INT, TO(cpu), .def = "-1", .min = "-1", .max = "4095",
	  .doc = "the core that the engine's thread is pinned to; -1 for none" },
	{ "script_budget", FIELD_DURATION, TO(script_budget_ns), .def = "1ms", .min = "50us",
	  .max = "1s",
	  .doc = "how much CPU time a script may take for one call before it is stopped" },
	{ "script_memory", FIELD_BYTES, TO(script_memory), .flags = FIELD_UNSIGNED, .def = "32MiB",
	  .min = "1MiB", .max = "1GiB", .doc = "how much memory a script may take" },
	{ "clock_page", FIELD_PATH, TO(clock_page),
	  .doc = "the shared clock of a simulated venue; without it this machine's clocks" },
	{ "status_page", FIELD_PATH, TO(status_page),
	  .doc = "the shared page that shows the host's state; without it the store's path + \"/status\"" },
	{ "control", FIELD_PATH, TO(control),
	  .doc = "the Unix socket for commands; without it the store's path + \"/control\"" },
};
const struct section config_engine = { "engine", "how the host runs on this machine", engine_fields,
				       COUNT(engine_fields), NULL };

/* The instrument whose trading day is the host's. */
static void config_check_day(struct config_part *p)
{
	struct config *c = p->config;
	c->risk.day_instrument = UINT32_MAX;
	if (!c->risk.day[0])
		return;
	const struct tree_node *node = config_at(tree_get(p->root, "risk"), "day");
	int64_t i = schema_find(&p->schema, node, LIST_INSTRUMENT, c->risk.day);
	if (i >= 0 && c->instrument[i].calendar >= c->n_calendars)
		schema_error(
			&p->schema, node,
			"risk.day is \"%s\", which has no calendar; it would have no trading day; name an instrument that has one, or leave it out",
			c->risk.day);
	c->risk.day_instrument = i >= 0 ? (uint32_t)i : UINT32_MAX;
}

void config_check_host(struct config_part *p)
{
	const struct config *c = p->config;
	const struct tree_node *store = tree_get(p->root, "store"),
			       *engine = tree_get(p->root, "engine");
	if (!p->offline) {
		config_file_folder(p, config_at(store, "path"), c->store.path);
		config_file_folder(p, config_at(store, "ring"), c->store.ring);
	}
	config_check_day(p);
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	if (c->engine.cpu >= 0 && cpus > 0 && c->engine.cpu >= cpus)
		schema_error(
			&p->schema, config_at(engine, "cpu"),
			"engine.cpu is %d, and this machine has cores 0 to %ld; the thread could not be "
			"pinned; write one of them, or -1",
			c->engine.cpu, cpus - 1);
	/* The kernel's limit for the name of a socket, its end included. */
	size_t room = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
	size_t len = c->engine.control[0] ? strlen(c->engine.control)
					  : strlen(c->store.path) + strlen("/control");
	if (len > room)
		schema_error(
			&p->schema,
			c->engine.control[0] ? config_at(engine, "control")
					     : config_at(store, "path"),
			"the control socket's path has %zu characters; the kernel takes %zu; set engine.control to a shorter one, such as "
			"\"/run/tandem/control\"",
			len, room);
}
