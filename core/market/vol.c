#include "core/market/vol.h"

#include "core/base/dec.h"

#define SECOND_NS 1000000000LL
#define SCALE	  256		   /* of a square; its root is 16 */
#define MOVE_MOST 10000000000000LL /* its square, scaled, stays within 128 bits */

void vol_sample(struct vol *v, int64_t now_ns, int64_t mid_px)
{
	if (mid_px == 0) {
		v->at_ns = 0;
		return;
	}
	int64_t took_ns = now_ns - v->at_ns;
	if (v->at_ns && took_ns < VOL_EVERY_NS)
		return;
	if (v->at_ns && took_ns <= 3 * VOL_EVERY_NS) {
		int64_t move = mid_px - v->px;
		move = move > MOVE_MOST ? MOVE_MOST : move < -MOVE_MOST ? -MOVE_MOST : move;
		__int128 square = (__int128)move * move * SCALE * SECOND_NS / took_ns;
		if (v->n < VOL_MEMORY)
			v->n++;
		v->square += (square - v->square) / v->n;
	}
	v->at_ns = now_ns;
	v->px = mid_px;
}

bool vol_known(const struct vol *v)
{
	return v->n >= VOL_LEAST;
}

/* The largest whole number whose square is not above x. */
static int64_t root(__int128 x)
{
	__int128 r = 0;
	for (__int128 bit = (__int128)1 << 124; bit; bit >>= 2) {
		if (x >= r + bit) {
			x -= r + bit;
			r = (r >> 1) + bit;
		} else {
			r >>= 1;
		}
	}
	return (int64_t)r;
}

int64_t vol_move_px(const struct vol *v, int64_t over_ns)
{
	if (!vol_known(v) || over_ns <= 0)
		return 0;
	int64_t in_a_second = root(v->square); /* times 16 */
	int64_t root_time = root((__int128)over_ns * SECOND_NS);
	return dec_muldiv(in_a_second, root_time, 16 * SECOND_NS, DEC_UP);
}
