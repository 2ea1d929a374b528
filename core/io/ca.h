/* ca - makes a certificate authority and a server's certificate, for simulated venues and for
 * tests.
 *
 * Cold. Files written into the folder: ca.pem (to trust), cert.pem (server, signed by it),
 * key.pem (0600). */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct ca_opt {
	/* Names and IP addresses that the certificate is for; NULL: localhost, 127.0.0.1, ::1. */
	const char *const *name;
	size_t n;
	/* Valid from and to, seconds from now; both 0: an hour ago to 30 days from now. */
	int64_t from_s, to_s;
};

/* -ERR_IO, -ERR_ARG, -ERR_TLS. `o` NULL: defaults. */
int ca_make(const char *dir, const struct ca_opt *o);
