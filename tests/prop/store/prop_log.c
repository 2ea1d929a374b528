/* Proves on logs in memory that whatever is done to entries, tiles or checkpoint, by whoever does not have the key, is caught by a checkpoint from outside: flips, drops,
 * insertions, swaps, cuts, forks that are consistent in themselves, roll backs, other keys. The long run tries 100,000; TANDEM_TRIALS sets how many. */
#include "core/base/err.h"
#include "core/base/rng.h"
#include "store/note.h"
#include "store/proof.h"
#include "tests/unit/store/folder.h"

#define ENTRIES 700
#define BYTES	24
#define TILES	(ENTRIES / MERKLE_TILE)
#define TRIALS	4000
#define LONG	100000

struct entry {
	uint8_t n, b[BYTES];
};

/* A log as its holder has it: what the auditor is shown. */
struct log {
	uint32_t n;
	struct entry e[ENTRIES + 8];
	struct merkle_hash tile[TILES + 1][MERKLE_TILE];
	uint32_t tiles;
	char note[NOTE_MAX];
};

static struct log honest, earlier, bad;
static struct note_key *key, *other;

static int keep_tile(void *arg, unsigned level, uint64_t n,
		     const struct merkle_hash tile[MERKLE_TILE])
{
	struct log *l = arg;
	if (level == 0 && n <= TILES) {
		memcpy(l->tile[n], tile, sizeof l->tile[n]);
		l->tiles = (uint32_t)n + 1;
	}
	return 0;
}

static void root_of(struct log *l, struct merkle_hash *root)
{
	static struct merkle m;
	struct merkle_hash leaf;
	m.size = 0;
	l->tiles = 0;
	for (uint32_t i = 0; i < l->n; i++) {
		merkle_leaf(l->e[i].b, l->e[i].n, &leaf);
		merkle_append(&m, &leaf, keep_tile, l);
	}
	merkle_root(&m, root);
}

static void sign(struct log *l, struct note_key *k)
{
	struct note_checkpoint c = { .origin = "tandem/test", .size = l->n };
	root_of(l, &c.root);
	ck_assert_int_gt(note_sign(k, &c, l->note), 0);
}

/* ---- the auditor: the note's key, the root over what is shown, the tiles, the checkpoint that was kept outside */

struct audit {
	struct log *l;
	uint32_t tile;
	bool differs;
};

static int compare_tile(void *arg, unsigned level, uint64_t n,
			const struct merkle_hash tile[MERKLE_TILE])
{
	struct audit *a = arg;
	if (level == 0) {
		a->differs |=
			n >= a->l->tiles || memcmp(a->l->tile[n], tile, sizeof a->l->tile[n]) != 0;
		a->tile++;
	}
	return 0;
}

static bool audit(struct log *l, const struct note_checkpoint *outside)
{
	static struct merkle m;
	struct audit a = { .l = l };
	struct note_checkpoint c;
	struct merkle_hash leaf, root, at_outside;
	bool seen = false;
	if (note_open(key, l->note, strlen(l->note), &c) || c.size != l->n)
		return false;
	m.size = 0;
	for (uint32_t i = 0; i < l->n; i++) {
		merkle_leaf(l->e[i].b, l->e[i].n, &leaf);
		merkle_append(&m, &leaf, compare_tile, &a);
		if (m.size == outside->size) {
			merkle_root(&m, &at_outside);
			seen = true;
		}
	}
	merkle_root(&m, &root);
	return !a.differs && a.tile == l->tiles && merkle_same(&root, &c.root) && seen &&
	       merkle_same(&at_outside, &outside->root);
}

/* ---- what is done to it */

static void flip(struct rng *r, struct log *l)
{
	struct entry *e = &l->e[rng_below(r, l->n)];
	e->b[rng_below(r, e->n)] ^= (uint8_t)(1u << rng_below(r, 8));
}

static void drop(struct rng *r, struct log *l)
{
	uint32_t at = (uint32_t)rng_below(r, l->n);
	memmove(&l->e[at], &l->e[at + 1], (l->n - at - 1) * sizeof l->e[0]);
	l->n--;
}

static void insert(struct rng *r, struct log *l)
{
	uint32_t at = (uint32_t)rng_below(r, l->n + 1);
	memmove(&l->e[at + 1], &l->e[at], (l->n - at) * sizeof l->e[0]);
	l->e[at].n = 3;
	memcpy(l->e[at].b, "new", 3);
	l->n++;
}

static void swap(struct rng *r, struct log *l)
{
	uint32_t a = (uint32_t)rng_below(r, l->n), b = (uint32_t)rng_below(r, l->n - 1);
	b += b >= a;
	struct entry e = l->e[a];
	l->e[a] = l->e[b];
	l->e[b] = e;
}

static void cut(struct rng *r, struct log *l)
{
	l->n -= (uint32_t)rng_range(r, 1, l->n - 1);
}

static void lengthen(struct rng *r, struct log *l)
{
	struct entry *e = &l->e[rng_below(r, l->n)];
	e->n = (uint8_t)(e->n > 1 && rng_chance(r, 500000) ? e->n - 1 : e->n + 1);
}

static void change_tile(struct rng *r, struct log *l)
{
	l->tile[rng_below(r, l->tiles)][rng_below(r, MERKLE_TILE)].b[rng_below(r, 32)] ^= 1;
}

static void change_note(struct rng *r, struct log *l)
{
	l->note[rng_below(r, strlen(l->note))] ^= (char)(1u << rng_below(r, 7));
}

static void (*const deed[])(struct rng *, struct log *) = {
	flip, drop, insert, swap, cut, lengthen, change_tile, change_note,
};
#define DEEDS (sizeof deed / sizeof *deed)

/* How far he goes to hide it. */
enum hiding { HIDE_NOTHING, HIDE_TILES, HIDE_OTHER_KEY, HIDE_BACK, hiding_max };

static const char *tamper(struct rng *r, size_t what, enum hiding how)
{
	struct merkle_hash root;
	memcpy(&bad, &honest, sizeof bad);
	if (how == HIDE_BACK) {
		/* All of it as it was, with a checkpoint that the true key signed then. */
		memcpy(&bad, &earlier, sizeof bad);
		return "rolled back";
	}
	deed[what](r, &bad);
	if (how == HIDE_TILES)
		root_of(&bad, &root);
	if (how == HIDE_OTHER_KEY)
		sign(&bad, other);
	return "changed";
}

static void make_logs(struct rng *r)
{
	char path[96];
	snprintf(path, sizeof path, "%s/a", folder);
	ck_assert_int_eq(note_key_make(path, "desk"), 0);
	ck_assert_int_eq(note_key_open(path, &key), 0);
	snprintf(path, sizeof path, "%s/b", folder);
	ck_assert_int_eq(note_key_make(path, "desk"), 0);
	ck_assert_int_eq(note_key_open(path, &other), 0);
	honest.n = ENTRIES;
	/* Every entry another, so that any exchange is one. */
	for (uint32_t i = 0; i < ENTRIES; i++) {
		honest.e[i].n = (uint8_t)rng_range(r, 5, BYTES - 1);
		memcpy(honest.e[i].b, &i, sizeof i);
		for (uint32_t k = 4; k < honest.e[i].n; k++)
			honest.e[i].b[k] = (uint8_t)rng_range(r, 1, 255);
	}
	memcpy(&earlier, &honest, sizeof earlier);
	earlier.n = ENTRIES - 100;
	sign(&earlier, key);
	sign(&honest, key);
}

START_TEST(everything_is_caught)
{
	struct note_checkpoint outside;
	struct rng r;
	const char *trials = getenv("TANDEM_TRIALS");
	const long n = trials ? atol(trials) : getenv("TANDEM_LONG") ? LONG : TRIALS;
	rng_seed(&r, 11);
	make_logs(&r);
	ck_assert_int_eq(note_open(key, honest.note, strlen(honest.note), &outside), 0);
	ck_assert(audit(&honest, &outside));
	for (long i = 0; i < n; i++) {
		size_t what = (size_t)rng_below(&r, DEEDS);
		enum hiding how = (enum hiding)rng_below(&r, hiding_max);
		/* Tiles that are made anew undo what was done to them, a note that is signed anew what was done to it. */
		if (deed[what] == change_tile && how != HIDE_BACK)
			how = HIDE_NOTHING;
		const char *told = tamper(&r, what, how);
		EXPECT_MSG(!audit(&bad, &outside),
			   "trial %ld (deed %zu, hidden %d): %s, and not seen", i, what, (int)how,
			   told);
	}
	/* An honest log that went on is no suspect. */
	struct note_checkpoint old;
	ck_assert_int_eq(note_open(key, earlier.note, strlen(earlier.note), &old), 0);
	ck_assert(audit(&honest, &old));
	note_key_free(key);
	note_key_free(other);
}
END_TEST

FOLDER_SUITE("log", everything_is_caught)
