#include "core/ops/alerts.h"

#include "core/base/err.h"
#include "core/base/glob.h"
#include "core/base/map.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define UNWRITTEN (1ull << 63)

/* What fits no rule of the configuration, or all where it has none. */
static const struct config_alert otherwise = { .codes = UINT64_MAX,
					       .sinks = 1u << ALERT_SINK_LOG,
					       .instance = "*",
					       .venue = "*",
					       .every_ns = 10000000000LL };

void alerts_init(struct alerts *s, const struct config_alerts *c, alerts_tell_fn tell, void *arg)
{
	*s = (struct alerts){ .cfg = c, .tell = tell, .arg = arg };
}

static const struct config_alert *rule_of(const struct alerts *s, const struct alert *a)
{
	for (uint32_t i = 0; i < s->cfg->n; i++) {
		const struct config_alert *r = &s->cfg->rule[i];
		if ((r->codes >> a->code & 1) && a->severity >= r->severity &&
		    glob_match(r->instance, a->instance) && glob_match(r->venue, a->venue))
			return r;
	}
	return &otherwise;
}

/* The words without their numbers: how often, how much and of which order is no other cause. A contract's name keeps its digits. */
static void words_of(const char *text, char *out)
{
	bool inside = false;
	while (*text) {
		bool sign = *text == '-' || *text == '+';
		if (!inside && isdigit((unsigned char)text[sign])) {
			text += sign;
			while (isalnum((unsigned char)*text) || *text == '.')
				text++;
			continue;
		}
		inside = isalnum((unsigned char)*text) || *text == '_';
		*out++ = *text++;
	}
	*out = '\0';
}

/* One code has many causes, and two of them are two alerts. Whoever has no code of his own speaks in words alone. */
static uint64_t key_of(const struct alert *a)
{
	struct {
		uint64_t pair;
		uint8_t code, severity, sink, zero[5];
		char account[32], instance[48], venue[32], instrument[48], text[ALERT_TEXT];
	} k = { .pair = a->pair, .code = a->code, .severity = a->severity, .sink = a->sink };
	memcpy(k.account, a->account, strlen(a->account));
	memcpy(k.instance, a->instance, strlen(a->instance));
	memcpy(k.venue, a->venue, strlen(a->venue));
	memcpy(k.instrument, a->instrument, strlen(a->instrument));
	if (a->code <= ALERT_SCRIPT)
		memcpy(k.text, a->text, strlen(a->text));
	else
		words_of(a->text, k.text);
	return map_hash_bytes(&k, sizeof k);
}

/* The free one, else one that somebody knows of, else the least severe, the longest silent among them. */
static struct alerts_entry *make_room(struct alerts *s)
{
	struct alerts_entry *worst = &s->entry[0];
	for (uint32_t i = 0; i < ALERTS_OPEN; i++) {
		struct alerts_entry *e = &s->entry[i];
		if (!e->a.code)
			return e;
		if (e->known != worst->known) {
			worst = e->known ? e : worst;
			continue;
		}
		if (e->a.severity < worst->a.severity ||
		    (e->a.severity == worst->a.severity && e->a.mono_ns < worst->a.mono_ns))
			worst = e;
	}
	s->crowded_out += !worst->known;
	s->n_windows -= worst->until_ns != 0;
	return worst;
}

static struct alerts_entry *find(struct alerts *s, uint64_t key)
{
	for (uint32_t i = 0; i < ALERTS_OPEN; i++)
		if (s->entry[i].a.code && s->entry[i].key == key)
			return &s->entry[i];
	return NULL;
}

/* One that is open again after somebody knew of it is a new alert, its window still the old one. */
static void open_anew(struct alerts *s, struct alerts_entry *e, const struct alert *a)
{
	e->a = *a;
	e->a.id = a->id ? a->id : UNWRITTEN | ++s->unwritten;
	e->a.first_utc_ns = a->last_utc_ns;
	e->a.count = 0;
	e->known = false;
}

static void tell(struct alerts *s, struct alerts_entry *e, uint64_t repeats)
{
	const struct config_alert *r = rule_of(s, &e->a);
	uint8_t sinks = r->sinks;
	if (e->a.sink)
		sinks &= (uint8_t) ~(1u << (e->a.sink - 1));
	e->a.repeats = repeats;
	e->waiting = 0;
	s->n_windows -= e->until_ns != 0;
	e->until_ns = r->every_ns ? e->a.mono_ns + r->every_ns : 0;
	s->n_windows += e->until_ns != 0;
	if (sinks)
		s->tell(s->arg, &e->a, sinks);
}

void alerts_raise(struct alerts *s, const struct alert *a)
{
	const uint64_t key = key_of(a);
	struct alerts_entry *e = find(s, key);
	if (!e) {
		e = make_room(s);
		*e = (struct alerts_entry){ .key = key };
		open_anew(s, e, a);
	} else if (e->known) {
		open_anew(s, e, a);
	}
	e->a.count++;
	e->a.mono_ns = a->mono_ns;
	e->a.last_utc_ns = a->last_utc_ns;
	memcpy(e->a.text, a->text, sizeof e->a.text);
	if (e->until_ns && a->mono_ns < e->until_ns)
		e->waiting++;
	else
		tell(s, e, 1 + e->waiting);
}

void alerts_time(struct alerts *s, int64_t mono_ns)
{
	for (uint32_t i = 0; s->n_windows && i < ALERTS_OPEN; i++) {
		struct alerts_entry *e = &s->entry[i];
		if (!e->a.code || !e->until_ns || mono_ns < e->until_ns)
			continue;
		if (e->waiting) {
			e->a.mono_ns = mono_ns;
			tell(s, e, e->waiting);
			continue;
		}
		e->until_ns = 0;
		s->n_windows--;
		if (e->known)
			e->a.code = 0;
	}
}

int alerts_ack(struct alerts *s, uint64_t id, struct alert *out)
{
	for (uint32_t i = 0; i < ALERTS_OPEN; i++) {
		struct alerts_entry *e = &s->entry[i];
		if (!e->a.code || e->known || e->a.id != id)
			continue;
		*out = e->a;
		e->known = true;
		e->waiting = 0;
		if (!e->until_ns)
			e->a.code = 0;
		return 0;
	}
	return err_set(ERR_NOTFOUND, "no alert %" PRIu64 " is open", id);
}

const struct alert *alerts_each(const struct alerts *s, uint32_t *at)
{
	while (*at < ALERTS_OPEN) {
		const struct alerts_entry *e = &s->entry[(*at)++];
		if (e->a.code && !e->known)
			return &e->a;
	}
	return NULL;
}
