/* Proves that no packets, however numbered, timed and sized, are handed out twice, out of order or with other bytes, and that what is handed out and declared lost leaves no number out. */
#include "core/base/must.h"
#include "core/market/arbiter.h"
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 16, PACKET = 32 };

struct seen {
	int64_t next; /* 0: anything may come */
};

/* The bytes of a packet follow from its number. */
static size_t make(int64_t seq, uint8_t out[PACKET])
{
	memset(out, (int)(seq & 255), PACKET);
	return (size_t)((uint64_t)seq % (PACKET + 1));
}

static void on_packet(void *owner, int64_t seq, const void *p, size_t n, int64_t recv_ns)
{
	struct seen *s = owner;
	uint8_t want[PACKET];
	must(s->next == 0 || seq == s->next);
	must(n == make(seq, want) && memcmp(p, want, n) == 0 && recv_ns >= 0);
	s->next = seq + 1;
}

static void on_gap(void *owner, int64_t first, int64_t last, int64_t now_ns)
{
	struct seen *s = owner;
	must((s->next == 0 || first == s->next) && first <= last && now_ns >= 0);
	s->next = last + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct seen s = { 0 };
	struct arbiter a;
	const struct arbiter_options o = { .window = WINDOW,
					   .packet_max = PACKET,
					   .slack = len ? bytes[0] % 4 : 0,
					   .patience_ns = 40,
					   .owner = &s,
					   .on_packet = on_packet,
					   .on_gap = on_gap };
	int64_t ns = 1, base = 1;
	if (arbiter_init(&a, &o))
		abort();
	for (size_t i = 1; i + 3 <= len; i += 3) {
		uint8_t packet[PACKET];
		int64_t seq = (s.next ? s.next : base) + (int8_t)bytes[i + 1];
		ns += bytes[i + 2];
		switch (bytes[i] % 16) {
		case 0:
			base = 1 + bytes[i + 1];
			s.next = 0;
			arbiter_restart(&a, bytes[i + 2] % 2 ? base : 0);
			break;
		case 1:
			arbiter_on_time(&a, ns);
			break;
		case 2: /* far away, or no number at all */
			seq = (int64_t)((uint64_t)seq << (bytes[i + 1] % 64));
			/* fall through */
		default:
			arbiter_take(&a, bytes[i] & 1, seq, packet, make(seq, packet), ns);
		}
		must(a.n_waiting < WINDOW && (a.n_waiting == 0) == (a.missing_ns == 0));
		must(s.next == 0 || a.next == s.next);
	}
	arbiter_free(&a);
	return 0;
}
