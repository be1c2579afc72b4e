// SPDX-License-Identifier: GPL-2.0
/* Numbers that look random and are the same for the same seed. */
#include "chance.h"

static uint32_t chance_seed;
static uint32_t chance_number;

/* Any good mixer will do; this is the finaliser of MurmurHash3. */
uint32_t mix(uint32_t seed, uint32_t number)
{
	uint32_t x = seed * 0x9e3779b9u + number;

	x = (x ^ x >> 16) * 0x85ebca6bu;
	x = (x ^ x >> 13) * 0xc2b2ae35u;
	return x ^ x >> 16;
}

/* What follows depends on these two alone. */
void chance_begin(uint32_t seed, uint32_t episode)
{
	chance_seed = mix(seed, episode);
	chance_number = 0;
}

unsigned int chance(unsigned int below)
{
	return mix(chance_seed, chance_number++) % below;
}

bool one_in(unsigned int times)
{
	return !chance(times);
}
