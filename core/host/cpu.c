/* cpu.c: see cpu.h. */
#include "host/cpu.h"

#include <sched.h>

bool cpu_leave(int64_t cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return true;
	if (cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof(set), &set) != 0 || !CPU_ISSET((size_t)cpu, &set))
		return false;
	CPU_CLR((size_t)cpu, &set);
	return CPU_COUNT(&set) == 0 || sched_setaffinity(0, sizeof(set), &set) == 0;
}

void cpu_take(int64_t cpu)
{
	cpu_set_t set;

	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}
