// SPDX-License-Identifier: GPL-2.0
/*
 * Agents are coroutines: before each step they go back to the scheduler, which tries every agent
 * that can go on, depth first. The state in between is the world, the agents' stacks and what
 * they have stored that nobody else sees yet; it is put back for the next try.
 *
 * Of the states met a hash of 64 bits is kept: of 10^7 states two are taken for one with a
 * probability of some 10^-6.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"

#define STACK 4096
/* An agent's stores that the others do not see yet. */
#define STORES 2
#define STEPS_MAX 100000
#define STATES_MAX (1u << 26)
#define SITES 64

enum kind { RUN, STORE, BARRIER, CMPXCHG, RELAX, LOCK, TRYLOCK, AWAIT, DONE };

struct store {
	volatile void *cell;
	uint64_t size;
	uint64_t value;
};

struct agent {
	void *sp;
	enum kind kind;			/* of the step that comes next */
	uint32_t nr_stores;
	struct store stores[STORES];
	const char *site;
	volatile void *cell;
	uint64_t size;
	uint64_t seen;			/* CMPXCHG: what is to be there; RELAX: the world's hash */
	bool (*holds)(void);
};

static const struct explore_model *model;
static struct agent agents[EXPLORE_AGENTS];
static unsigned int nr_agents;
static struct agent *self;
static void *scheduler;
static const char *failure;
static const char *broken;
static struct site {
	const char *name;
	const struct explore_model *model;	/* which has it */
} sites[SITES];
static unsigned int nr_sites;
static char stacks[EXPLORE_AGENTS][STACK] __attribute__((aligned(64)));

static uint64_t *met;
static uint64_t nr_met;

/* One step of the path that led here, and what there is to be tried behind it. */
struct step {
	unsigned int next;
	unsigned int chosen;
	const char *site;
	char *state;
};

static struct step path[STEPS_MAX];

void explore_switch(void **from, void *to);
asm(".text\n"
    "explore_switch:\n"
    "	push %rbx\n	push %rbp\n	push %r12\n	push %r13\n	push %r14\n	push %r15\n"
    "	mov %rsp, (%rdi)\n"
    "	mov %rsi, %rsp\n"
    "	pop %r15\n	pop %r14\n	pop %r13\n	pop %r12\n	pop %rbp\n	pop %rbx\n"
    "	ret\n");

static uint64_t mix(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *byte = data;
	uint64_t word;

	for (; size; byte += sizeof(word), size -= sizeof(word)) {
		word = 0;
		memcpy(&word, byte, size < sizeof(word) ? size : sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 29;
		if (size < sizeof(word))
			break;
	}
	return hash;
}

static uint64_t world_hash(void)
{
	return mix(1, model->world, model->size);
}

static size_t stack_used(unsigned int i)
{
	return stacks[i] + STACK - (char *)agents[i].sp;
}

static uint64_t state_hash(void)
{
	uint64_t hash = world_hash();
	unsigned int i;

	for (i = 0; i < nr_agents; i++) {
		hash = mix(hash, &agents[i], sizeof(agents[i]));
		if (agents[i].kind != DONE)
			hash = mix(hash, agents[i].sp, stack_used(i));
	}
	return hash ? hash : 1;
}

/* Is this state a new one? */
static bool meet(void)
{
	uint64_t hash = state_hash();
	uint64_t at = hash & (STATES_MAX - 1);

	for (; met[at]; at = (at + 1) & (STATES_MAX - 1))
		if (met[at] == hash)
			return false;
	met[at] = hash;
	if (++nr_met > STATES_MAX / 4 * 3) {
		printf("not ok token: %s has too many states\n", model->name);
		exit(1);
	}
	return true;
}

static char *state_save(void)
{
	size_t size = model->size + nr_agents * sizeof(*agents);
	unsigned int i;
	char *state, *to;

	for (i = 0; i < nr_agents; i++)
		size += stack_used(i);
	state = malloc(size);
	if (!state)
		abort();
	to = mempcpy(state, model->world, model->size);
	to = mempcpy(to, agents, nr_agents * sizeof(*agents));
	for (i = 0; i < nr_agents; i++)
		to = mempcpy(to, agents[i].sp, stack_used(i));
	return state;
}

static void state_restore(const char *state)
{
	unsigned int i;

	memcpy(model->world, state, model->size);
	state += model->size;
	memcpy(agents, state, nr_agents * sizeof(*agents));
	state += nr_agents * sizeof(*agents);
	for (i = 0; i < nr_agents; i++) {
		memcpy(agents[i].sp, state, stack_used(i));
		state += stack_used(i);
	}
}

/* To the scheduler and back, when it is this agent's turn. */
static void step(enum kind kind, volatile void *cell, size_t size, const char *site)
{
	self->kind = kind;
	self->cell = cell;
	self->size = size;
	self->site = site;
	explore_switch(&self->sp, scheduler);
	self->seen = 0;
	self->holds = NULL;
}

static void agent_main(void)
{
	model->agents[self - agents]();
	step(DONE, NULL, 0, "end");
	abort();
}

static void agents_begin(void)
{
	void **sp;

	memset(stacks, 0, sizeof(stacks));
	memset(agents, 0, sizeof(agents));
	for (nr_agents = 0; model->agents[nr_agents]; nr_agents++) {
		sp = (void **)(stacks[nr_agents] + STACK) - 2;
		*sp = agent_main;
		agents[nr_agents].sp = sp - 6;
		agents[nr_agents].site = "begin";
	}
}

static uint64_t memory(volatile const void *cell, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, (const void *)cell, size);
	return value;
}

/* What this agent sees: its own last store, or what all see. */
static uint64_t seen_by(const struct agent *agent, volatile const void *cell, size_t size)
{
	unsigned int i = agent->nr_stores;

	while (i--)
		if (agent->stores[i].cell == cell)
			return agent->stores[i].value;
	return memory(cell, size);
}

static void drain(struct agent *agent)
{
	memcpy((void *)agent->stores[0].cell, &agent->stores[0].value, agent->stores[0].size);
	agent->nr_stores--;
	agent->stores[0] = agent->stores[1];
	memset(&agent->stores[agent->nr_stores], 0, sizeof(agent->stores[0]));
}

static bool can_step(const struct agent *agent)
{
	switch (agent->kind) {
	case RUN:
		return true;
	case STORE:
		return agent->nr_stores < STORES;
	case BARRIER:
		return !agent->nr_stores;
	/* One that fails is a load like any other: no more is promised of it. */
	case TRYLOCK:
	case CMPXCHG:
		return !agent->nr_stores ||
		       seen_by(agent, agent->cell, agent->size) != agent->seen;
	case RELAX:
		return world_hash() != agent->seen;
	case LOCK:
		return !agent->nr_stores && !memory(agent->cell, agent->size);
	case AWAIT:
		return agent->holds();
	case DONE:
		break;
	}
	return false;
}

/* Choice 2 * i is a step of agent i, 2 * i + 1 shows its oldest store to all. */
static bool choose(unsigned int choice)
{
	struct agent *agent = &agents[choice / 2];

	if (choice & 1) {
		if (!agent->nr_stores)
			return false;
		drain(agent);
		return true;
	}
	if (!can_step(agent))
		return false;
	self = agent;
	/* What lies behind the top of the stack is nobody's, and is not to make states differ. */
	memset((char *)agent->sp - 512, 0, 512);
	explore_switch(&scheduler, agent->sp);
	return true;
}

static void show_path(unsigned int depth)
{
	unsigned int i;

	printf("# %s%s%s: %s, after\n#", model->name, broken ? " without " : "",
	       broken ? broken : "", failure);
	for (i = 0; i < depth; i++) {
		const char *file = strrchr(path[i].site, '/');

		printf(" %c%s%s", 'A' + path[i].chosen / 2, path[i].chosen & 1 ? "*" : " ",
		       path[i].chosen & 1 ? "" : file ? file + 1 : path[i].site);
	}
	printf("\n");
}

/* From the state at path[depth]: the next that is new. */
static bool go_on(unsigned int depth)
{
	struct step *here = &path[depth];
	bool any = here->chosen != ~0u;

	for (; here->next < 2 * nr_agents; here->next++) {
		const char *site = agents[here->next / 2].site;

		if (!choose(here->next))
			continue;
		any = true;
		here->chosen = here->next;
		here->site = site;
		if (failure || meet()) {
			here->next++;
			return true;
		}
		state_restore(here->state);
	}
	if (!any)
		failure = model->wrong();
	return false;
}

static bool explore(bool quiet)
{
	unsigned int depth = 0;

	if (!met)
		met = calloc(STATES_MAX, sizeof(*met));
	if (!met)
		abort();
	memset(met, 0, STATES_MAX * sizeof(*met));
	nr_met = 0;
	failure = NULL;
	model->begin();
	agents_begin();
	meet();
	path[0] = (struct step){ .chosen = ~0u, .state = state_save() };
	for (;;) {
		bool went = go_on(depth);

		if (failure) {
			if (!quiet)
				show_path(depth + went);
			do
				free(path[depth].state);
			while (depth--);
			return false;
		}
		if (went) {
			if (++depth == STEPS_MAX)
				abort();
			path[depth] = (struct step){ .chosen = ~0u, .state = state_save() };
			continue;
		}
		free(path[depth].state);
		if (!depth--)
			return true;
		state_restore(path[depth].state);
	}
}

/**
 * explore_holds() - go through a model
 * @of: the model
 *
 * Return: is nothing wrong, whatever happens? A line tells, in the manner of TAP.
 */
bool explore_holds(const struct explore_model *of)
{
	bool holds;

	model = of;
	holds = explore(false);
	printf("%sok token: %s (%llu states)\n", holds ? "" : "not ", model->name,
	       (unsigned long long)nr_met);
	return holds;
}

/**
 * explore_needs_barriers() - go through models, each time without one of their barriers
 *
 * Those that explore_holds() has met are tried, in the model in which it has met them first.
 *
 * Return: does each time something go wrong? A line for each tells.
 */
bool explore_needs_barriers(void)
{
	bool all = nr_sites > 0;
	unsigned int i;

	for (i = 0; i < nr_sites; i++) {
		bool needed;

		model = sites[i].model;
		broken = sites[i].name;
		needed = !explore(true);
		broken = NULL;
		printf("%sok token: %s goes wrong without the barrier at %s\n",
		       needed ? "" : "not ", model->name, sites[i].name);
		all &= needed;
	}
	return all;
}

uint64_t explore_load(const volatile void *cell, size_t size, const char *site)
{
	step(RUN, NULL, 0, site);
	return seen_by(self, cell, size);
}

/* Others do not see it yet: as long as there is room it may as well be done at once. */
void explore_store(volatile void *cell, size_t size, uint64_t value, const char *site)
{
	if (self->nr_stores == STORES)
		step(STORE, NULL, 0, site);
	self->stores[self->nr_stores++] = (struct store){ cell, size, value };
}

uint64_t explore_cmpxchg(volatile void *cell, size_t size, uint64_t old, uint64_t new,
			 const char *site)
{
	uint64_t value;

	self->seen = old;
	step(CMPXCHG, cell, size, site);
	value = seen_by(self, cell, size);
	if (value == old)
		memcpy((void *)cell, &new, size);
	return value;
}

uint64_t explore_add(volatile void *cell, size_t size, uint64_t what, const char *site)
{
	uint64_t value, sum;

	step(BARRIER, NULL, 0, site);
	value = memory(cell, size);
	sum = value + what;
	memcpy((void *)cell, &sum, size);
	return value;
}

uint64_t explore_xchg(volatile void *cell, size_t size, uint64_t new, const char *site)
{
	uint64_t value;

	step(BARRIER, NULL, 0, site);
	value = memory(cell, size);
	memcpy((void *)cell, &new, size);
	return value;
}

/* A barrier of which the run is to do without does nothing. */
void explore_barrier(const char *site)
{
	unsigned int i;

	for (i = 0; i < nr_sites && sites[i].name != site; i++)
		;
	if (i == nr_sites && nr_sites < SITES)
		sites[nr_sites++] = (struct site){ site, model };
	if (site != broken && self->nr_stores)
		step(BARRIER, NULL, 0, site);
}

/* Once more when something has changed: until then it would be in vain. */
void explore_relax(const char *site)
{
	self->seen = world_hash();
	step(RELAX, NULL, 0, site);
}

void explore_lock(uint32_t *lock, const char *site)
{
	step(LOCK, lock, sizeof(*lock), site);
	*lock = 1;
}

bool explore_trylock(uint32_t *lock, const char *site)
{
	self->seen = 0;
	step(TRYLOCK, lock, sizeof(*lock), site);
	if (*lock)
		return false;
	*lock = 1;
	return true;
}

void explore_await(bool (*holds)(void), const char *site)
{
	self->holds = holds;
	step(AWAIT, NULL, 0, site);
}

void explore_fail(const char *what)
{
	failure = what;
}
