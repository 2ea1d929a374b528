#include "adapters/codec/diff_pack.h"

static const char *const part_name[] = { "quotes", "trading_status", "trade", "notify",
					 "ins_list" };
_Static_assert(sizeof part_name / sizeof *part_name == diff_part_max, "a name for each part");

enum outer { O_AID, O_DATA, outer_max };
static const char *const outer_name[] = { "aid", "data" };
_Static_assert(sizeof outer_name / sizeof *outer_name == outer_max, "a name for each member");

bool diff_pack_open(struct diff_pack *p, const char *text, size_t n)
{
	struct json_value m[outer_max];
	struct json_scan j;
	*p = (struct diff_pack){ 0 };
	json_scan_init(&j, text, n);
	if (!json_members(&j, outer_name, m, outer_max) || json_next(&j) != TOKEN_END) {
		p->why = j.error ? j.error : "not one JSON object";
		return false;
	}
	p->aid = m[O_AID];
	if (p->aid.token != TOKEN_STRING) {
		p->why = "a pack without its aid";
		return false;
	}
	if (!json_is(&p->aid, "rtn_data"))
		return true;
	json_scan_value(&p->data, &m[O_DATA]);
	if (m[O_DATA].token != TOKEN_ARRAY || json_next(&p->data) != TOKEN_ARRAY) {
		p->why = "rtn_data without an array of patches";
		return false;
	}
	return true;
}

bool diff_pack_next(struct diff_pack *p, struct json_value part[diff_part_max])
{
	struct json_value patch;
	struct json_scan j;
	if (!p->data.p || p->why)
		return false;
	if (!json_take(&p->data, &patch))
		return false; /* the array's end; the whole text was read before */
	json_scan_value(&j, &patch);
	if (patch.token != TOKEN_OBJECT || !json_members(&j, part_name, part, diff_part_max)) {
		p->why = "a patch that is no object";
		return false;
	}
	return true;
}

void diff_each_open(struct diff_each *e, const struct json_value *object)
{
	json_scan_value(&e->j, object);
	if (object->token == TOKEN_OBJECT)
		(void)json_next(&e->j);
	else
		e->j.error = "no object where one was expected";
}

bool diff_each_next(struct diff_each *e, struct json_value *key, struct json_value *value)
{
	if (e->j.error || json_next(&e->j) != TOKEN_KEY)
		return false;
	*key = e->j.at;
	return json_take(&e->j, value);
}
