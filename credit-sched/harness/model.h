/* SPDX-License-Identifier: GPL-2.0 */
/* A MODEL of the paper's figures 7, 8 and 9: Xen's own scheduler, costs from costs.c. */
#ifndef HARNESS_MODEL_H
#define HARNESS_MODEL_H

#include "scenario.h"

/* Tables, and the same as JSON into a file; means of some runs. */
bool model(unsigned int runs, uint64_t seed, const char *file);

/* What must hold of it, whatever the figures. */
bool prove_model(unsigned int runs, uint64_t seed);

#endif /* HARNESS_MODEL_H */
