#include "tests/bench/all/forgetful.h"

static uint64_t forget(struct journal *j, struct fact *f)
{
	static uint64_t seq;
	(void)j;
	return f->seq = ++seq;
}

static uint64_t forget_room(const struct journal *j)
{
	(void)j;
	return UINT32_MAX;
}

static int forget_trouble(const struct journal *j, const char **why)
{
	(void)j, (void)why;
	return 0;
}

static const struct journal_ops forget_ops = {
	.append = forget, .room = forget_room, .synced = forget_room, .trouble = forget_trouble
};
static struct journal forgetful = { &forget_ops };

struct journal *forgetful_journal(void)
{
	return &forgetful;
}
