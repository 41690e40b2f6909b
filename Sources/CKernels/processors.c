#define _GNU_SOURCE
#include "CKernels.h"

#include <sched.h>

size_t ck_available_processors(void) {
    // The affinity mask knows of taskset and of containers, unlike the count of processors online.
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? (size_t)count : 1;
}
