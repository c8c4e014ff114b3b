/* frozen.c: what is frozen already, draft or not: the symbol's name and the first 16 bytes behind it. Compiled, never run;
 * it failing to compile means that no plugin built before would be recognised any more. */
#include <aioquant/plugin.h>

#define HEAD(field, offset, bytes) \
	_Static_assert(offsetof(struct aq_plugin, field) == (offset) && sizeof(((struct aq_plugin *)0)->field) == (bytes), \
		#field " lies in the frozen head")
HEAD(magic, 0, 4);
HEAD(abi_major, 4, 2);
HEAD(abi_minor, 6, 2);
HEAD(size, 8, 4);
HEAD(kind, 12, 4);
_Static_assert(AQ_MAGIC == 0x31505141u, "the magic spells AQP1");
_Static_assert(AQ_KIND_UNKNOWN == 0 && AQ_STRATEGY == 1 && AQ_EXCHANGE == 2 && AQ_STORAGE == 3 && AQ_BUS == 4 &&
	AQ_SERVICE == 5, "kinds keep their numbers");

AQ_PLUGIN(.kind = AQ_SERVICE, .name = "frozen");
