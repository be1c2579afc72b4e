/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs the bed, and counts what it has counted: it is traced, and stops after each instruction.
 *
 * An instruction with a rep counts as often as it repeats, as it does in the emulated hosts; a
 * processor counts it once. cli and sti, which a process may not, count and have no effect.
 */
#ifndef STEP_TRACE_H
#define STEP_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "protocol.h"
#include "symbols.h"

struct trace {
	const struct symbols *symbols;
	unsigned long said, begins, ends;	/* labels of the bed's */
	pid_t pid;
	int status;				/* how it has stopped */
	bool ended;				/* as it should */
	struct step_row next;			/* that has begun */
	char why[256];				/* if it has gone wrong */
};

/* What was counted for a row. */
struct trace_count {
	struct step_row row;
	uint64_t steps;
	uint64_t repeats;			/* of these, those that a processor does not count */
	uint64_t *of;				/* those of each symbol's */
};

bool trace_begin(struct trace *trace, const struct symbols *symbols, const char *bed);
/* The next row, whose of is the caller's to free. False at the end, or if there is a why. */
bool trace_next(struct trace *trace, struct trace_count *count);

#endif /* STEP_TRACE_H */
