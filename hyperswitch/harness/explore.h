/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Goes through all that can happen between a few agents, each of which runs real code: every
 * order of their accesses to what they share, and every time at which x86 may show one agent's
 * stores to the others (an agent sees its own at once), of which two may wait. What has been met
 * before is not gone into again, so that loops end. That nobody is ever passed over is not
 * looked at, only that nobody is left behind when there is nothing more to do.
 *
 * An agent is a function. All that it knows is on its stack and in the model's world; it touches
 * the world by what stands below, each of which is one step. What only whoever holds a lock or a
 * ring may touch it may read and write as it is if it also shows that it is alone.
 */
#ifndef HYPERSWITCH_EXPLORE_H
#define HYPERSWITCH_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPLORE_AGENTS 6

/**
 * struct explore_model - what is gone through
 * @name: for reports
 * @world: what the agents share
 * @size: of it, in bytes
 * @begin: sets the world up
 * @agents: NULL behind the last one
 * @wrong: asked whenever nobody can go on: what is wrong then, or NULL
 */
struct explore_model {
	const char *name;
	void *world;
	size_t size;
	void (*begin)(void);
	void (*agents[EXPLORE_AGENTS + 1])(void);
	const char *(*wrong)(void);
};

bool explore_holds(const struct explore_model *model);
bool explore_needs_barriers(void);

uint64_t explore_load(const volatile void *cell, size_t size, const char *site);
void explore_store(volatile void *cell, size_t size, uint64_t value, const char *site);
uint64_t explore_cmpxchg(volatile void *cell, size_t size, uint64_t old, uint64_t new,
			 const char *site);
uint64_t explore_xchg(volatile void *cell, size_t size, uint64_t new, const char *site);
uint64_t explore_add(volatile void *cell, size_t size, uint64_t what, const char *site);
void explore_barrier(const char *site);
void explore_relax(const char *site);
void explore_lock(uint32_t *lock, const char *site);
bool explore_trylock(uint32_t *lock, const char *site);
void explore_await(bool (*holds)(void), const char *site);
void explore_fail(const char *what);

#define EXPLORE_STRING(x) #x
#define EXPLORE_LINE(x) EXPLORE_STRING(x)
#define HERE __FILE__ ":" EXPLORE_LINE(__LINE__)

/* What token.h takes from Linux, and the agents with it. */
#define READ_ONCE(x) ((__typeof__(x))explore_load(&(x), sizeof(x), HERE))
#define WRITE_ONCE(x, value) explore_store(&(x), sizeof(x), value, HERE)
#define virt_store_release(cell, value) explore_store(cell, sizeof(*(cell)), value, HERE)
#define sync_cmpxchg(cell, old, new) \
	((__typeof__(*(cell)))explore_cmpxchg(cell, sizeof(*(cell)), old, new, HERE))
#define xchg(cell, new) explore_xchg(cell, sizeof(*(cell)), new, HERE)
#define xadd(cell, what) explore_add(cell, sizeof(*(cell)), what, HERE)
#define smp_mb() explore_barrier(HERE)
#define virt_mb() smp_mb()
#define cpu_relax() explore_relax(HERE)
#define spin_lock(lock) explore_lock(lock, HERE)
#define spin_trylock(lock) explore_trylock(lock, HERE)
#define spin_unlock(lock) virt_store_release(lock, 0)
#define await(holds) explore_await(holds, HERE)

#endif /* HYPERSWITCH_EXPLORE_H */
