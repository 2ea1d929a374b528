/* config_part - what the files of the configuration reader share: one reading, its lists, its sections. For config*.c only. */
#pragma once
#include "core/ops/config.h"
#include "lua/config.h"
#include "lua/schema.h"

enum config_list {
	LIST_VENUE,
	LIST_ACCOUNT,
	LIST_CALENDAR,
	LIST_INSTRUMENT,
	LIST_INSTANCE,
	LIST_EXCHANGE_RULE,
	LIST_ALERT,
	config_list_max
};

/* References that could not be resolved; later checks pass over them, since the error is told already. */
#define NO_VENUE      UINT16_MAX
#define NO_ACCOUNT    UINT16_MAX
#define NO_INSTRUMENT UINT32_MAX

struct config_part {
	struct schema schema;
	struct config *config;
	const struct tree_node *root;
	bool offline; /* nothing is connected to: keys and folders are not looked at, and it may be any time */
};

/* One item of a list: its table, and where it goes. */
typedef void (*config_item_fn)(struct config_part *p, const struct tree_node *node, void *item);

/* How a list of the file becomes an array of the config. */
struct config_list_spec {
	const char *key;  /* in the file: "venues" */
	const char *what; /* one of them: "venue" */
	size_t size;
	uint32_t max;
	config_item_fn read;
	bool nameless; /* its items are not referred to */
};

extern const struct section config_venues, config_accounts, config_instruments, config_strategies;
extern const struct section config_risk, config_limits, config_store, config_engine,
	config_calendars;
extern const struct section config_rescue_section;
extern const struct section config_reload_section;
extern const struct section config_exchange_rules, config_alerts;

void config_read_venue(struct config_part *p, const struct tree_node *node, void *item);
void config_read_account(struct config_part *p, const struct tree_node *node, void *item);
void config_read_calendar(struct config_part *p, const struct tree_node *node, void *item);
void config_read_instrument(struct config_part *p, const struct tree_node *node, void *item);
void config_read_exchange_rule(struct config_part *p, const struct tree_node *node, void *item);
void config_read_alert(struct config_part *p, const struct tree_node *node, void *item);
/* The command and the webhook; once the rules are read. */
void config_read_alert_sinks(struct config_part *p);
void config_check_exchange_rules(struct config_part *p);
void config_read_instance(struct config_part *p, const struct tree_node *node, void *item);
/* The rows of `limits`; once everything that they name is read. */
void config_read_limits(struct config_part *p);
/* Legs, references, accounts and ratios of an instance: the maps of its table. */
void config_read_legs(struct config_part *p, const struct tree_node *node,
		      struct config_instance *c);

extern const struct section config_execution;
/* Once its legs are read: which of them goes first. */
void config_read_execution(struct config_part *p, const struct tree_node *node,
			   struct config_instance *c);
/* The steps of a canary, of a `reload` table (NULL: none). */
void config_read_canary(struct config_part *p, const struct tree_node *reload,
			struct config_reload *c);
/* The stated rates of a `rescue` table (NULL: none). */
void config_read_rates(struct config_part *p, const struct tree_node *rescue,
		       struct config_rescue *out);

/* Index of the calendar of that name: one of the file's, or one that ships, which is built and added then. CALENDAR_NONE, and an error at the node, when there is none. */
uint16_t config_calendar(struct config_part *p, const struct tree_node *node, const char *name);
/* Legs that are never traded at once (F37). */
void config_check_sessions(struct config_part *p, const struct tree_node *node,
			   const struct config_instance *c);

/* The node of key in the table, or the table itself: where to point when a key may be absent. */
const struct tree_node *config_at(const struct tree_node *table, const char *key);
/* The map of key in the table; NULL: absent, or something else, which has been told then. */
const struct tree_node *config_map(struct config_part *p, const struct tree_node *table,
				   const char *key, const char *of);
/* What must hold between parts that are each right. */
void config_check_instance(struct config_part *p, const struct tree_node *node,
			   struct config_instance *c);
/* What makes no sense together though each is right by itself: ladder, policy, times. */
void config_check_sense(struct config_part *p, const struct tree_node *node,
			const struct config_instance *c);
void config_check_instruments(struct config_part *p); /* once the instances are read */
void config_check_host(struct config_part *p);

/* Files that are named: each adds its errors at the node. */
void config_file_key(struct config_part *p, const struct tree_node *node, const char *path);
void config_file_readable(struct config_part *p, const struct tree_node *node, const char *path);
/* A folder that is there and can be written, or can be made. */
void config_file_folder(struct config_part *p, const struct tree_node *node, const char *path);
