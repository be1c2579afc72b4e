// SPDX-License-Identifier: GPL-2.0
/* The bodies of the trace events. */
#include <linux/etherdevice.h>

#define CREATE_TRACE_POINTS
#include "trace.h"
