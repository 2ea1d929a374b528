/* cases - the named faults of a two-leg order, each played on a rig to its end: what the executor's suite asserts and the crash test cuts. */
#pragma once
#include "rig.h"

struct fault_case {
	const char *name; /* begins with its fault id */
	void (*play)(struct rig *r);
};
extern const struct fault_case fault_cases[];
extern const unsigned n_fault_cases;
