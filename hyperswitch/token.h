/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose turn it is at a ring that a back end lends to Xen: taking it and giving it back. Xen and
 * the back end have this file in common; harness/token.c goes through all that can happen.
 *
 * A ring is free, Xen's, or the back end's (struct hs_side, owner). Who owns it may look at its
 * cons and prod, and may consume and produce; that the ring is given back after they are written
 * and taken before they are read is the order of all else.
 *
 * Xen never waits. What it cannot do because it has not got the ring it leaves to be done when
 * the ring is given back: hs_token_try_or_wait() says so in waiter before it looks once more,
 * hs_token_release() looks at waiter once the ring is free. One of the two sees the other.
 *
 * The back end may wait, for as long as Xen has a ring at most: want ends Xen's turn and keeps
 * Xen from the next. So does shut, which the back end sets and takes back as it likes, for what it
 * will take the ring for itself.
 *
 * Each of the two has a lock of its own for each ring, and calls all of these with it held.
 */
#ifndef HYPERSWITCH_TOKEN_H
#define HYPERSWITCH_TOKEN_H

#ifdef __XEN__
#define hs_read(x)		ACCESS_ONCE(x)
#define hs_write(x, value)	(ACCESS_ONCE(x) = (value))
/* x86 keeps stores behind all that came before them. */
#define hs_write_last(x, value)	do { barrier(); hs_write(x, value); } while ( 0 )
#define hs_cmpxchg(x, was, is)	cmpxchg(&(x), was, is)
#define hs_mb()			smp_mb()
#else
/* The back end may have one CPU, and the machine more. */
#define hs_read(x)		READ_ONCE(x)
#define hs_write(x, value)	WRITE_ONCE(x, value)
#define hs_write_last(x, value)	virt_store_release(&(x), value)
#define hs_cmpxchg(x, was, is)	sync_cmpxchg(&(x), was, is)
#define hs_mb()			virt_mb()
#endif

/**
 * hs_token_wanted() - Xen: is there something of the back end's that comes first?
 * @side: the ring
 *
 * Return: should it be given back soon, or let alone?
 */
static inline bool hs_token_wanted(const struct hs_side *side)
{
	return hs_read(side->want) || hs_read(side->shut);
}

/**
 * hs_token_try() - Xen: take a ring if it is free
 * @side: the ring
 *
 * Return: is it Xen's now?
 */
static inline bool hs_token_try(struct hs_side *side)
{
	return !hs_token_wanted(side) &&
	       hs_cmpxchg(side->owner, HS_FREE, HS_XEN) == HS_FREE;
}

/**
 * hs_token_try_or_wait() - Xen: take a ring, or be called when it is free
 * @side: the ring
 *
 * Whatever is to be done then has been noted where the call finds it.
 *
 * Return: is it Xen's now? If not, the back end kicks when it has given the ring back. It may do
 * so even if it is.
 */
static inline bool hs_token_try_or_wait(struct hs_side *side)
{
	if (hs_token_try(side))
		return true;
	hs_write(side->waiter, 1);
	/* Pairs with the one in hs_token_release(). */
	hs_mb();
	return hs_token_try(side);
}

/**
 * hs_token_free() - let go of a ring
 * @side: the ring, of which cons and prod are written
 */
static inline void hs_token_free(struct hs_side *side)
{
	hs_write_last(side->owner, HS_FREE);
}

/**
 * hs_token_take() - back end: take a ring, at once or as soon as Xen gives it back
 * @side: the ring
 */
static inline void hs_token_take(struct hs_side *side)
{
	if (hs_cmpxchg(side->owner, HS_FREE, HS_BACKEND) == HS_FREE)
		return;
	hs_write(side->want, 1);
	while (hs_cmpxchg(side->owner, HS_FREE, HS_BACKEND) != HS_FREE)
		cpu_relax();
	hs_write(side->want, 0);
}

/**
 * hs_token_release() - back end: give a ring back
 * @side: the ring, of which cons and prod are written
 *
 * Return: is there something that Xen has left undone, so that it must be kicked?
 */
static inline bool hs_token_release(struct hs_side *side)
{
	hs_token_free(side);
	/* Pairs with the one in hs_token_try_or_wait(). */
	hs_mb();
	if (!hs_read(side->waiter))
		return false;
	hs_write(side->waiter, 0);
	return true;
}

#endif /* HYPERSWITCH_TOKEN_H */
