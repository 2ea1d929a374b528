/* config - reads the host's configuration, a Lua file that returns a table, into the plain structs of core/ops/config.h.
 *
 * All errors are collected, with line, reason and remedy; a configuration with one error is not handed out. Reading opens
 * nothing but the file itself and looks at (never into) the files that it names: keys, certificates, strategies, the store's
 * folder. Any thread; cold.
 *
 * What the struct does not say: config.file and all paths are absolute. An instrument's configured fees stand in rule[0].fee
 * even when n_rules is 0, which means that tick and lot are the venue's to tell. Its name_id
 * is 0 (the store gives it), its caps are empty (the adapter fills them). In an instance's limits, what is not stated is 0 for
 * times, -1 for slips and UINT8_MAX for on_leg_fail. Legs and references stand in the order of the file. */
#pragma once
#include "core/ops/config.h"
#include "lua/config_errors.h"

struct section;

/* 0 and *out, for config_free(); or -ERR_CONFIG and at least one error in errs (which is initialised here), *out NULL. */
int config_read(const char *path, struct config **out, struct config_errors *errs);
/* The same for who connects to nothing and writes nowhere, and may live at another time: keys, certificates and the store's folder are not looked at, and what has
 * expired by now may not have then. */
int config_read_offline(const char *path, struct config **out, struct config_errors *errs);
/* The same for a text that a store has kept, as if it stood at this absolute path; nothing is looked at. */
int config_read_text(const char *path, const char *text, size_t len, struct config **out,
		     struct config_errors *errs);
/* A calendar that ships, built for any time that a simulated world may have; for calendar_free. -ERR_NOTFOUND, and what calendar_build says. */
int config_calendar_shipped(const char *name, struct calendar *out);
/* The sections, for the reference: ends with NULL. Top-level keys in the order in which a file is best written. */
extern const struct section *const config_sections[];
/* Prints the reference of all sections, or of the one named. -ERR_NOTFOUND when there is none of that name. */
int config_explain(const char *section, FILE *f);
