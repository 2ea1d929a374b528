/* Runs a fuzz harness without libFuzzer: every file of a folder, then seeded mutations of them.
 * driver CORPUS [MUTATIONS [SEED]]: the same arguments give the same inputs on every machine.
 * A CORPUS that is a file is run once, unchanged: so a crash found elsewhere is run again. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { input_max = 1 << 16, input_max_s = 20 };

struct input {
	char *name;
	uint8_t *bytes;
	size_t len;
};

struct corpus {
	struct input *inputs;
	size_t len;
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What is being run, for the message when the harness does not come back. */
static char running[512];

static void die(const char *what, const char *path)
{
	fprintf(stderr, "fuzz: cannot %s %s: %s\n", what, path, strerror(errno));
	exit(2);
}

static void *need(void *memory)
{
	if (!memory)
		die("get memory for", "the corpus");
	return memory;
}

static struct input input_read(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		die("open", path);
	struct input input = {
		.name = need(strdup(path)),
		.bytes = need(malloc(input_max)),
	};
	input.len = fread(input.bytes, 1, input_max, file);
	if (ferror(file))
		die("read", path);
	fclose(file);
	return input;
}

static void corpus_add(struct corpus *corpus, const char *path)
{
	corpus->inputs = need(realloc(corpus->inputs, (corpus->len + 1) * sizeof(*corpus->inputs)));
	corpus->inputs[corpus->len++] = input_read(path);
}

static struct corpus corpus_read(const char *path)
{
	struct corpus corpus = { 0 };
	struct dirent **names;
	/* Sorted: the order that a file system lists in is no seed. */
	int count = scandir(path, &names, NULL, alphasort);
	if (count < 0)
		die("list the corpus folder", path);
	for (int i = 0; i < count; i++) {
		char *file;
		struct stat info;
		if (asprintf(&file, "%s/%s", path, names[i]->d_name) < 0)
			die("name", path);
		if (stat(file, &info) == 0 && S_ISREG(info.st_mode) && names[i]->d_name[0] != '.')
			corpus_add(&corpus, file);
		free(file);
		free(names[i]);
	}
	free(names);
	return corpus;
}

static void corpus_free(struct corpus *corpus)
{
	for (size_t i = 0; i < corpus->len; i++) {
		free(corpus->inputs[i].name);
		free(corpus->inputs[i].bytes);
	}
	free(corpus->inputs);
}

/* splitmix64: the driver stands alone, so that it can drive the harness of rng.c as well. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t limit)
{
	return limit ? (size_t)(next(state) % limit) : 0;
}

/* Takes out, doubles, or overwrites a run of bytes; `other` gives foreign ones. */
static size_t mutate_once(uint8_t *bytes, size_t len, const struct input *other, uint64_t *rng)
{
	static const uint8_t edges[] = { 0, 1, 0x7f, 0x80, 0xff, '0', '9', '-', '.', '"', '=', 1 };
	size_t at = below(rng, len + 1);
	size_t run = below(rng, 16) + 1;
	size_t from;

	switch (next(rng) % 6) {
	case 0: /* flip a bit */
		if (at < len)
			bytes[at] ^= (uint8_t)(1u << (next(rng) % 8));
		return len;
	case 1: /* a byte that parsers stumble over */
		if (at < len)
			bytes[at] = edges[below(rng, sizeof(edges))];
		return len;
	case 2: /* cut short */
		return at;
	case 3: /* take a run out */
		run = run < len - at ? run : len - at;
		memmove(bytes + at, bytes + at + run, len - at - run);
		return len - run;
	case 4: /* say a run twice */
		run = run < len - at ? run : len - at;
		if (len + run > input_max)
			return len;
		memmove(bytes + at + run, bytes + at, len - at);
		return len + run;
	default: /* a run of another input over it */
		from = below(rng, other->len);
		run = run < other->len - from ? run : other->len - from;
		if (at + run > input_max)
			return len;
		memcpy(bytes + at, other->bytes + from, run);
		return at + run > len ? at + run : len;
	}
}

/* The harness gets a block of exactly its length, so that one byte beyond it is seen. */
static void run(const uint8_t *bytes, size_t len)
{
	uint8_t *exact = need(malloc(len ? len : 1));
	memcpy(exact, bytes, len);
	alarm(input_max_s);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
}

static void run_mutations(const struct corpus *corpus, uint64_t count, uint64_t seed)
{
	uint8_t *bytes = need(malloc(input_max));
	for (uint64_t i = 0; i < count; i++) {
		uint64_t rng = seed * 0x9e3779b97f4a7c15u + i;
		const struct input *base = &corpus->inputs[below(&rng, corpus->len)];
		size_t len = base->len;
		memcpy(bytes, base->bytes, len);
		for (uint64_t n = next(&rng) % 4 + 1; n; n--) {
			const struct input *other = &corpus->inputs[below(&rng, corpus->len)];
			len = mutate_once(bytes, len, other, &rng);
		}
		snprintf(running, sizeof(running), "mutation %llu of seed %llu, from %.300s",
			 (unsigned long long)i, (unsigned long long)seed, base->name);
		run(bytes, len);
	}
	free(bytes);
}

/* Sanitizers and signals end the process in the harness; what ran is what people need to know. */
static void tell_running(void)
{
	if (running[0])
		fprintf(stderr, "fuzz: died in %s\n", running);
}

static void on_signal(int number)
{
	tell_running();
	signal(number, SIG_DFL);
	raise(number);
}

#if defined(__has_feature)
#define ASAN (__has_feature(address_sanitizer))
#elif defined(__SANITIZE_ADDRESS__)
#define ASAN 1
#else
#define ASAN 0
#endif

#if ASAN
void __sanitizer_set_death_callback(void (*callback)(void));
#endif

static void watch(void)
{
	signal(SIGALRM, on_signal); /* an input that never ends */
#if ASAN
	__sanitizer_set_death_callback(tell_running);
#else
	signal(SIGSEGV, on_signal);
	signal(SIGABRT, on_signal);
#endif
}

int main(int argc, char **argv)
{
	if (argc < 2 || argc > 4) {
		fprintf(stderr, "usage: %s CORPUS [MUTATIONS [SEED]]\n", argv[0]);
		return 2;
	}
	watch();
	uint64_t mutations = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	struct stat info;
	struct corpus corpus = { 0 };
	if (stat(argv[1], &info) == 0 && S_ISREG(info.st_mode)) {
		corpus_add(&corpus, argv[1]);
		mutations = 0;
	} else {
		corpus = corpus_read(argv[1]);
	}
	if (!corpus.len) {
		fprintf(stderr, "fuzz: no seed in %s\n", argv[1]);
		return 1;
	}
	for (size_t i = 0; i < corpus.len; i++) {
		snprintf(running, sizeof(running), "%.400s", corpus.inputs[i].name);
		run(corpus.inputs[i].bytes, corpus.inputs[i].len);
	}
	run_mutations(&corpus, mutations, seed);
	running[0] = '\0';
	printf("%zu seeds, %llu mutations\n", corpus.len, (unsigned long long)mutations);
	corpus_free(&corpus);
	return 0;
}
