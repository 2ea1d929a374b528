#include "adapters/import/relay.h"

void relay_begin(struct relay *r, unsigned slots, bool (*fill)(void *arg, unsigned slot), void *arg)
{
	*r = (struct relay){ .fill = fill, .arg = arg, .slots = slots, .ready = 1 };
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->turned, NULL);
	r->ended = !fill(arg, 0);
}

static void *run(void *arg)
{
	struct relay *r = arg;
	pthread_mutex_lock(&r->lock);
	while (!r->ended && !r->stop) {
		if (r->ready == r->slots) {
			pthread_cond_wait(&r->turned, &r->lock);
			continue;
		}
		unsigned slot = r->filling = (r->filling + 1) % r->slots;
		pthread_mutex_unlock(&r->lock);
		bool more = r->fill(r->arg, slot);
		pthread_mutex_lock(&r->lock);
		r->ready++;
		r->ended = !more;
		pthread_cond_signal(&r->turned);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Without a thread: the reader's own work. */
static void fill_here(struct relay *r)
{
	r->filling = (r->filling + 1) % r->slots;
	r->ended = !r->fill(r->arg, r->filling);
	r->ready++;
}

int relay_next(struct relay *r)
{
	if (!r->threaded && !r->ended && !r->stop)
		r->threaded = pthread_create(&r->thread, NULL, run, r) == 0;
	pthread_mutex_lock(&r->lock);
	if (r->ready) /* none after the end */
		r->ready--;
	pthread_cond_signal(&r->turned);
	if (!r->threaded && !r->ended && !r->stop)
		fill_here(r);
	while (!r->ready && !r->ended && !r->stop)
		pthread_cond_wait(&r->turned, &r->lock);
	bool any = r->ready > 0;
	pthread_mutex_unlock(&r->lock);
	if (!any)
		return -1;
	r->reading = (r->reading + 1) % r->slots;
	return (int)r->reading;
}

void relay_end(struct relay *r)
{
	if (!r->slots)
		return;
	if (r->threaded) {
		pthread_mutex_lock(&r->lock);
		r->stop = true;
		pthread_cond_signal(&r->turned);
		pthread_mutex_unlock(&r->lock);
		pthread_join(r->thread, NULL);
	}
	pthread_cond_destroy(&r->turned);
	pthread_mutex_destroy(&r->lock);
	r->slots = 0;
}
