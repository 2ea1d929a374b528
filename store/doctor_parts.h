/* doctor_parts - what looking and repairing share. Not for others. */
#pragma once
#include "store/doctor.h"
#include <stdarg.h>

void doctor_find(struct doctor *d, enum doctor_what w, uint64_t from, uint64_t to, const char *fmt,
		 ...) __attribute__((format(printf, 5, 6)));
bool doctor_found(const struct doctor *d, enum doctor_what w);

/* In the child. */
int doctor_examine(const char *path, struct doctor *d);
int doctor_mend(const char *path, struct doctor *d);
