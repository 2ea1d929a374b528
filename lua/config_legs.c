#include "lua/config_part.h"
#include "lua/suggest.h"
#include <string.h>

#define LEG_NAME sizeof(((struct config_instance *)0)->leg_name[0])

/* Scripts write these names in formulas: near * 31.1034768 / usdcnh. */
static bool is_formula_name(const char *s)
{
	size_t n = strlen(s);
	bool ok = n > 0 && n < LEG_NAME && !(s[0] >= '0' && s[0] <= '9');
	for (; ok && *s; s++)
		ok = *s == '_' || (*s >= '0' && *s <= '9') ||
		     ((*s | 0x20) >= 'a' && (*s | 0x20) <= 'z');
	return ok;
}

/* A map of names to instruments, in the order of the file. Returns how many. */
static uint8_t read_names(struct config_part *p, const struct tree_node *map, unsigned max,
			  char (*name)[LEG_NAME], uint32_t *instrument)
{
	static const struct field ref = { "instrument",
					  FIELD_REF,
					  .offset = 0,
					  .size = sizeof(*instrument),
					  .flags = FIELD_UNSIGNED,
					  .ref = LIST_INSTRUMENT,
					  .doc = "the name of an instrument" };
	uint8_t n = 0;
	if (!map)
		return 0;
	for (const struct tree_node *e = map->child; e; e = e->next) {
		if (n == max) {
			schema_error(
				&p->schema, e,
				"\"%s\" is one entry too many; there is room for %u; take one out",
				e->key, max);
			break;
		}
		if (!is_formula_name(e->key)) {
			schema_error(
				&p->schema, e,
				"\"%s\" cannot name a leg; scripts use these names in formulas; use up to %zu letters, digits "
				"and _, beginning with a letter",
				e->key, LEG_NAME - 1);
			continue;
		}
		memcpy(name[n], e->key, strlen(e->key) + 1);
		instrument[n] = NO_INSTRUMENT;
		schema_value(&p->schema, e, &ref, &instrument[n]);
		n++;
	}
	return n;
}

/* Index of the leg that an entry is about, or -1 with an error. */
static int leg_of(struct config_part *p, const struct tree_node *e, const struct config_instance *c)
{
	struct suggest near = { .given = e->key };
	for (int i = 0; i < c->n_legs; i++) {
		if (!strcmp(c->leg_name[i], e->key))
			return i;
		suggest_offer(&near, c->leg_name[i]);
	}
	const char *best = suggest_best(&near);
	schema_error(&p->schema, e,
		     "\"%s\" is no leg of \"%s\"; it would count for nothing; %s%s%s", e->key,
		     c->name, best ? "did you mean \"" : "use a name that stands in its legs",
		     best ? best : "", best ? "\"?" : "");
	return -1;
}

static void read_accounts(struct config_part *p, const struct tree_node *map,
			  struct config_instance *c)
{
	static const struct field ref = { "account",
					  FIELD_REF,
					  .offset = 0,
					  .size = sizeof(c->account[0]),
					  .flags = FIELD_UNSIGNED,
					  .ref = LIST_ACCOUNT,
					  .doc = "the name of an account" };
	if (!map)
		return;
	for (const struct tree_node *e = map->child; e; e = e->next) {
		int leg = leg_of(p, e, c);
		if (leg >= 0)
			schema_value(&p->schema, e, &ref, &c->account[leg]);
	}
}

static void read_ratios(struct config_part *p, const struct tree_node *map,
			struct config_instance *c)
{
	static const struct field ratio = { "ratio", FIELD_RATIO, .offset = 0,
					    .size = sizeof(int64_t),
					    .doc = "base units of the leg for one of the pair" };
	for (unsigned i = 0; i < LEG_MAX; i++)
		c->ratio_num[i] = c->ratio_den[i] = 1;
	if (!map)
		return;
	for (const struct tree_node *e = map->child; e; e = e->next) {
		int leg = leg_of(p, e, c);
		int64_t fraction[2];
		if (leg < 0 || !schema_value(&p->schema, e, &ratio, fraction))
			continue;
		c->ratio_num[leg] = fraction[0];
		c->ratio_den[leg] = fraction[1];
	}
}

/* The account of a leg that names none: the only one that its venue has. */
static void default_account(struct config_part *p, const struct tree_node *node,
			    struct config_instance *c, unsigned leg)
{
	const struct config *all = p->config;
	uint16_t venue = all->instrument[c->leg[leg]].venue;
	unsigned found = 0, unclear = 0;
	if (venue == NO_VENUE)
		return;
	for (uint16_t a = 0; a < all->n_accounts; a++) {
		unclear += all->account[a].venue == NO_VENUE;
		if (all->account[a].venue == venue) {
			c->account[leg] = a;
			found++;
		}
	}
	if (found == 1)
		return;
	c->account[leg] = NO_ACCOUNT;
	/* Its account may be one whose venue is misspelt, or in a list that could not be read. */
	if (found == 0 && (unclear || !p->schema.list[LIST_ACCOUNT].item))
		return;
	const struct tree_node *at = config_at(config_at(node, "legs"), c->leg_name[leg]);
	if (found == 0)
		schema_error(
			&p->schema, at,
			"leg \"%s\" of \"%s\" is traded on \"%s\", which has no account; orders need one; add one to accounts",
			c->leg_name[leg], c->name, all->venue[venue].name);
	else
		schema_error(
			&p->schema, at,
			"leg \"%s\" of \"%s\" is traded on \"%s\", which has %u accounts; it must be clear which one pays; add "
			"accounts = { %s = \"...\" }",
			c->leg_name[leg], c->name, all->venue[venue].name, found, c->leg_name[leg]);
}

void config_read_legs(struct config_part *p, const struct tree_node *node,
		      struct config_instance *c)
{
	static const char names[] = "names and their instruments";
	c->n_legs = read_names(p, config_map(p, node, "legs", names), LEG_MAX, c->leg_name, c->leg);
	c->n_refs = read_names(p, config_map(p, node, "refs", names), REF_MAX, c->ref_name, c->ref);
	for (unsigned i = 0; i < LEG_MAX; i++)
		c->account[i] = NO_ACCOUNT;
	read_accounts(p, config_map(p, node, "accounts", "legs and their accounts"), c);
	read_ratios(p, config_map(p, node, "ratios", "legs and their ratios"), c);
	for (unsigned i = 0; i < c->n_legs; i++)
		if (c->leg[i] != NO_INSTRUMENT &&
		    !tree_get(tree_get(node, "accounts"), c->leg_name[i]))
			default_account(p, node, c, i);
}
