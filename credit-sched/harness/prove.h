/* SPDX-License-Identifier: GPL-2.0 */
/* What must hold; each function prints what it finds, and returns whether it does. */
#ifndef HARNESS_PROVE_H
#define HARNESS_PROVE_H

#include "scenario.h"

/* Begins a line of the results, and returns what it is told. */
bool verdict(bool holds, const char *who, const char *what);

/* Stock, and patched with the switches off, decide alike. */
bool prove_same(unsigned int count, uint64_t seed);

/* A threshold out of range becomes the default. */
bool prove_range(void);

/* With the switches on nobody is worse off than chance makes him in stock. */
bool prove_invariants(unsigned int count, uint64_t seed);

/* Guests that boost each other on purpose get no more than honest ones. */
bool prove_no_gain(unsigned int runs, uint64_t seed);

#endif /* HARNESS_PROVE_H */
