#include "store/names.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

#define ID_MAX (1u << 24)

void names_free(struct names *t)
{
	for (unsigned s = 0; s < name_space_max; s++) {
		for (uint32_t i = 0; i < t->space[s].n; i++)
			free(t->space[s].text[i]);
		free(t->space[s].text);
	}
	*t = (struct names){ 0 };
}

static int grow(struct names_space *s, uint32_t id)
{
	uint32_t cap = s->cap ? s->cap : 16;
	while (cap <= id)
		cap *= 2;
	if (cap > s->cap) {
		char **text = realloc(s->text, cap * sizeof(*text));
		if (!text)
			return err_set(ERR_NOMEM, "no memory for %u names", cap);
		memset(text + s->cap, 0, (cap - s->cap) * sizeof(*text));
		s->text = text;
		s->cap = cap;
	}
	if (id >= s->n)
		s->n = id + 1;
	return 0;
}

int names_set(struct names *t, unsigned space, uint64_t id, const char *text)
{
	if (space == 0 || space >= name_space_max || id == 0 || id >= ID_MAX)
		return err_set(ERR_ARG, "\"%s\" cannot be name %llu of space %u", text,
			       (unsigned long long)id, space);
	struct names_space *s = &t->space[space];
	int rc = grow(s, (uint32_t)id);
	if (rc)
		return rc;
	if (s->text[id] && strcmp(s->text[id], text) != 0)
		return err_set(ERR_CORRUPT, "name %llu of space %u is \"%s\" and \"%s\"",
			       (unsigned long long)id, space, s->text[id], text);
	if (!s->text[id])
		s->text[id] = strdup(text);
	return s->text[id] ? 0 : err_set(ERR_NOMEM, "no memory for the name \"%s\"", text);
}

int names_load(struct names *t, struct kv_db *db)
{
	struct kv_iter *it = kv_iter_new(db, KV_NAMES);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read the names");
	int rc = 0;
	for (kv_iter_first(it); kv_iter_valid(it) && !rc; kv_iter_next(it)) {
		size_t n, len;
		const uint8_t *key = kv_iter_key(it, &n), *value = kv_iter_value(it, &len);
		char text[FACT_TEXT];
		if (n != 9 || len >= sizeof(text)) {
			rc = err_set(ERR_CORRUPT, "a name of %zu bytes under a key of %zu", len, n);
			break;
		}
		memcpy(text, value, len);
		text[len] = 0;
		rc = names_set(t, key[0], kv_from_be64(key + 1), text);
	}
	if (!rc)
		rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

const char *names_text(const struct names *t, unsigned space, uint32_t id)
{
	return space < name_space_max && id < t->space[space].n ? t->space[space].text[id] : NULL;
}

uint32_t names_find(const struct names *t, unsigned space, const char *text)
{
	if (space >= name_space_max)
		return 0;
	for (uint32_t i = 1; i < t->space[space].n; i++)
		if (t->space[space].text[i] && strcmp(t->space[space].text[i], text) == 0)
			return i;
	return 0;
}

uint32_t names_next(const struct names *t, unsigned space)
{
	return space < name_space_max && t->space[space].n ? t->space[space].n : 1;
}
