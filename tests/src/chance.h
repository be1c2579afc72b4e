/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers that look random and are the same for the same seed. */
#ifndef CHANCE_H
#define CHANCE_H

#include <stdbool.h>
#include <stdint.h>

uint32_t mix(uint32_t seed, uint32_t number);
void chance_begin(uint32_t seed, uint32_t episode);
unsigned int chance(unsigned int below);
bool one_in(unsigned int times);

#endif /* CHANCE_H */
