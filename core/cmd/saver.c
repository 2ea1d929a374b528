#include "core/cmd/saver.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 80

struct value {
	char key[KEY_MAX];
	uint8_t *bytes;
	size_t n, cap;
	bool known, due; /* was handed over before; is to be written */
};

struct saver {
	struct store *store;
	struct value *value;
	uint32_t n;
	size_t cap;
	uint8_t *out; /* what is being written */
	pthread_mutex_t lock;
	pthread_cond_t work;
	pthread_t thread;
	bool runs, stop;
};

static struct value *next_due(struct saver *v)
{
	for (uint32_t i = 0; i < v->n; i++)
		if (v->value[i].due)
			return &v->value[i];
	return NULL;
}

/* The lock is held while a value is copied, never while it is written. */
static void *run(void *arg)
{
	struct saver *v = arg;
	struct kv *kv = store_kv(v->store);
	char key[KEY_MAX];
	pthread_mutex_lock(&v->lock);
	for (;;) {
		struct value *x = next_due(v);
		if (!x && v->stop)
			break;
		if (!x) {
			pthread_cond_wait(&v->work, &v->lock);
			continue;
		}
		const size_t n = x->n;
		memcpy(v->out, x->bytes, n);
		memcpy(key, x->key, sizeof key);
		x->due = false;
		pthread_mutex_unlock(&v->lock);
		if (kv->ops->put(kv, key, v->out, n))
			log_warn("%s could not be saved: %s", key, err_text());
		pthread_mutex_lock(&v->lock);
	}
	pthread_mutex_unlock(&v->lock);
	return NULL;
}

static bool has_room(struct value *x, size_t n)
{
	if (n <= x->cap)
		return true;
	uint8_t *more = realloc(x->bytes, n);
	if (!more)
		return false;
	x->bytes = more;
	x->cap = n;
	return true;
}

bool saver_put(struct saver *v, uint32_t i, const char *key, const void *p, size_t n)
{
	struct value *x = &v->value[i];
	if (n > v->cap || pthread_mutex_trylock(&v->lock))
		return false;
	const bool same = x->known && x->n == n && memcmp(x->bytes, p, n) == 0;
	const bool kept = same || has_room(x, n);
	if (kept && !same) {
		snprintf(x->key, sizeof x->key, "%s", key);
		memcpy(x->bytes, p, n);
		x->n = n;
		x->known = x->due = true;
		pthread_cond_signal(&v->work);
	}
	pthread_mutex_unlock(&v->lock);
	return kept;
}

int saver_open(struct store *s, uint32_t keys, size_t cap, struct saver **out)
{
	struct saver *v = calloc(1, sizeof *v);
	if (!v)
		return err_set(ERR_NOMEM, "no memory for %u values", keys);
	v->store = s;
	v->n = keys;
	v->cap = cap;
	v->value = calloc(keys + 1u, sizeof *v->value);
	v->out = malloc(cap);
	pthread_mutex_init(&v->lock, NULL);
	pthread_cond_init(&v->work, NULL);
	v->runs = v->value && v->out && pthread_create(&v->thread, NULL, run, v) == 0;
	if (!v->runs) {
		saver_close(v);
		return err_set(ERR_NOMEM, "no memory or thread to save %u values", keys);
	}
	*out = v;
	return 0;
}

void saver_close(struct saver *v)
{
	if (!v)
		return;
	if (v->runs) {
		pthread_mutex_lock(&v->lock);
		v->stop = true;
		pthread_cond_signal(&v->work);
		pthread_mutex_unlock(&v->lock);
		pthread_join(v->thread, NULL);
	}
	for (uint32_t i = 0; v->value && i < v->n; i++)
		free(v->value[i].bytes);
	pthread_mutex_destroy(&v->lock);
	pthread_cond_destroy(&v->work);
	free(v->value);
	free(v->out);
	free(v);
}
