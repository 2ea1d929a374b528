#include "tests/bench/outcome/executors.h"

static const char *const name[] = {
#define EXECUTOR_NAME(id, name, make) name,
	EXECUTORS(EXECUTOR_NAME)
};
static struct executor *(*const make[])(void) = {
#define EXECUTOR_MAKE(id, name, make) make,
	EXECUTORS(EXECUTOR_MAKE)
};
_Static_assert(sizeof name / sizeof *name == executor_max, "a name for every executor");

struct executor *executor_new(enum executor_id id)
{
	return make[id]();
}

const char *executor_name(enum executor_id id)
{
	return id < executor_max ? name[id] : "?";
}
