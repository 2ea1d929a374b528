/* What the thread sanitizer cannot see: RocksDB and zstd as Debian builds them are not instrumented, so what their threads hand to each other, or two of ours write
 * into the database at once, looks like a race. Only what is called from those libraries, and from that of their C++, is left out. */
const char *__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void)
{
	return "called_from_lib:librocksdb.so\ncalled_from_lib:libzstd.so\ncalled_from_lib:libstdc++.so\n";
}
