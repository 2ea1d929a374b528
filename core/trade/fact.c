#include "core/trade/fact.h"
#include "core/market/gate.h"
#include "core/trade/fence.h"
#include "core/trade/lineup.h"
#include "core/trade/order.h"
#include "core/trade/pair.h"
#include "core/trade/reconcile.h"
#include "core/trade/risk.h"
#include "core/trade/venue.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct kind {
	const char *name;
	const char *num[FACT_NUMS];
} kinds[] = { [FACT_NONE] = { "none", { 0 } },
#define FACT_ROW(id, word, ...) [FACT_##id] = { word, { __VA_ARGS__ } },
	      FACT_KINDS(FACT_ROW)
#undef FACT_ROW
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == fact_kind_max, "a row for every kind");

const char *fact_kind_name(enum fact_kind k)
{
	return (unsigned)k < fact_kind_max ? kinds[k].name : "?";
}

const char *fact_num_name(enum fact_kind k, unsigned i)
{
	return (unsigned)k < fact_kind_max && i < FACT_NUMS ? kinds[k].num[i] : NULL;
}

enum fact_kind fact_kind_find(const char *name)
{
	for (unsigned k = FACT_NONE + 1; k < fact_kind_max; k++)
		if (strcmp(kinds[k].name, name) == 0)
			return (enum fact_kind)k;
	return FACT_NONE;
}

const char *fact_state_name(enum fact_kind k, uint8_t state)
{
	switch (k) {
	case FACT_PAIR:
	case FACT_RESCUE:
	case FACT_PLAN:
	case FACT_COST:
	case FACT_HELD:
	case FACT_FAIR:
	case FACT_TERMS:
	case FACT_TRANSFER:
		return state < pair_state_max ? pair_state_name((enum pair_state)state) : NULL;
	case FACT_VENUE:
		return state < venue_state_max ? venue_state_name((enum venue_state)state) : NULL;
	case FACT_FEED:
	case FACT_QUOTE:
		return state < book_state_max ? book_state_name((enum book_state)state) : NULL;
	case FACT_GATE:
		return state < gate_max ? gate_name((enum gate)state) : NULL;
	case FACT_MARKET:
		return state < phase_max ? calendar_phase_name((enum phase)state) : NULL;
	case FACT_RECONCILE:
		return state < reconcile_act_max ? reconcile_act_name((enum reconcile_act)state)
						 : NULL;
	case FACT_SCRIPT:
	case FACT_SHADOW:
		return state < version_role_max ? version_role_name((enum version_role)state) : NULL;
	case FACT_FENCE:
		return state < fence_why_max ? fence_why_name((enum fence_why)state) : NULL;
	case FACT_SCOPE:
		return state < risk_state_max ? risk_state_name((enum risk_state)state) : NULL;
	case FACT_ORDER:
	case FACT_ORDER_KEPT:
	case FACT_REPLACE:
	case FACT_REPLACED:
	case FACT_SENT:
	case FACT_ACK:
	case FACT_FILL:
	case FACT_CANCEL:
	case FACT_CANCELLED:
	case FACT_CANCEL_REJECTED:
	case FACT_REJECTED:
	case FACT_WITHDRAWN:
	case FACT_QUERY:
	case FACT_STATUS:
	case FACT_UNKNOWN:
	case FACT_DUPLICATE:
	case FACT_BUST:
		return state < order_state_max ? order_state_name((enum order_state)state) : NULL;
	default:
		return NULL;
	}
}

void fact_init(struct fact *f, enum fact_kind k)
{
	*f = (struct fact){
		.kind = (uint16_t)k,
		.version = FACT_VERSION,
		.leg = 0xff,
		.side = FACT_NO_SIDE,
	};
}

void fact_words(struct fact *f, const char *const *word, unsigned n)
{
	size_t at = 0;
	for (unsigned i = 0; i < n; i++) {
		size_t len = strnlen(word[i], sizeof(f->text) - 1 - at);
		memcpy(f->text + at, word[i], len);
		at += len;
	}
	f->text[at] = '\0';
}

void fact_text(struct fact *f, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	if (fmt[0] == '%' && fmt[1] == 's' &&
	    !fmt[2]) { /* most of them: a copy costs a fifth of formatting */
		const char *s = va_arg(ap, const char *);
		fact_words(f, &s, s ? 1 : 0);
	} else {
		vsnprintf(f->text, sizeof(f->text), fmt, ap);
	}
	va_end(ap);
}
