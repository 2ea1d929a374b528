#include "core/trade/alert.h"

static const struct code {
	const char *name;
	enum alert_severity severity;
	const char *text;
} codes[] = { [ALERT_NONE] = { "none", ALERT_INFO, "" },
#define ALERT_ROW(id, word, severity, text) [ALERT_##id] = { word, severity, text },
	      ALERT_CODES(ALERT_ROW)
#undef ALERT_ROW
};
_Static_assert(sizeof codes / sizeof *codes == alert_code_max, "a row for every code");

static const char *const severities[] = { "?", "info", "warning", "critical" };
_Static_assert(sizeof severities / sizeof *severities == alert_severity_max,
	       "a word for every severity");

const char *alert_code_name(enum alert_code c)
{
	return c < alert_code_max ? codes[c].name : "?";
}

const char *alert_code_text(enum alert_code c)
{
	return c < alert_code_max ? codes[c].text : "?";
}

enum alert_severity alert_code_severity(enum alert_code c)
{
	return c < alert_code_max ? codes[c].severity : ALERT_CRITICAL;
}

const char *alert_severity_name(enum alert_severity s)
{
	return s < alert_severity_max ? severities[s] : "?";
}
