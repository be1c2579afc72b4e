// SPDX-License-Identifier: GPL-2.0
/*
 * The hypercall, and the pages that dom0 and Xen have in common: with the states of the queues
 * that are lent, 32 in each, and that with fastbridge's generations, by which what Xen has been
 * told of flows is revoked.
 *
 * Locking: hs_lock. Pages are there from when the first vif has hyperswitch set until the last
 * has it no more; then no queue is lent.
 */
#include "common.h"

#include <linux/bitmap.h>
#include <linux/mutex.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/page.h>

#include "hs.h"

#define HS_PLACES	(HS_PAGES * HS_STATES_PER_PAGE)

static DEFINE_MUTEX(hs_lock);
static unsigned int hs_users;
static struct hs_state *hs_pages[HS_PAGES];
static DECLARE_BITMAP(hs_places, HS_PLACES);

/**
 * xenvif_hs_call - ask Xen for something
 * @cmd: HSOP_*
 * @arg: the structures for that
 * @count: how many
 *
 * Return: 0, and then each has a status, or a negative error.
 */
int xenvif_hs_call(unsigned int cmd, void *arg, unsigned int count)
{
	return xen_single_call(__HYPERVISOR_hyperswitch_op, cmd, (unsigned long)arg, count,
			       0, 0);
}

/* Have a page in common with Xen from now on, or no more. */
static int share(void *page, u16 kind, u16 index, bool remove)
{
	struct hs_page arg = {
		.gfn = virt_to_gfn(page),
		.kind = kind,
		.index = index,
		.remove = remove,
	};
	int err = xenvif_hs_call(HSOP_page, &arg, 1);

	/* This is a driver domain, which may not lend anything. */
	if (err == -EPERM)
		return -EOPNOTSUPP;
	return err ? err : arg.status;
}

static bool xen_has_it(void)
{
	struct hs_info info = {};

	return !xenvif_hs_call(HSOP_info, &info, 1) && info.magic == HS_MAGIC &&
	       info.abi == HS_ABI;
}

static int find_xen(void)
{
	BUILD_BUG_ON(PAGE_SIZE != XEN_PAGE_SIZE);
	if (!xenvif_fastbridge.flow || !xenvif_fastbridge.generations || !xen_has_it())
		return -EOPNOTSUPP;
	return share((void *)xenvif_fastbridge.generations(), HS_PAGE_GENS, 0, false);
}

/**
 * xenvif_hs_get - a vif may lend its queues; before xenvif_hs_on()
 *
 * It holds on to fastbridge.
 *
 * Return: 0, -EOPNOTSUPP if Xen does not know of it, or another error.
 */
int xenvif_hs_get(void)
{
	int err = 0;

	mutex_lock(&hs_lock);
	if (!hs_users)
		err = find_xen();
	if (!err)
		hs_users++;
	mutex_unlock(&hs_lock);
	return err;
}

/* What Xen does not give back is not ours to free: it is used again. */
static void unshare_states(unsigned int index)
{
	if (WARN_ON_ONCE(share(hs_pages[index], HS_PAGE_STATE, index, true)))
		return;
	free_page((unsigned long)hs_pages[index]);
	hs_pages[index] = NULL;
}

/**
 * xenvif_hs_put - it does so no more; after xenvif_hs_off()
 */
void xenvif_hs_put(void)
{
	unsigned int i;

	mutex_lock(&hs_lock);
	if (!--hs_users) {
		for (i = 0; i < HS_PAGES; i++)
			if (hs_pages[i])
				unshare_states(i);
		WARN_ON_ONCE(share((void *)xenvif_fastbridge.generations(), HS_PAGE_GENS, 0,
				   true));
	}
	mutex_unlock(&hs_lock);
}

static struct hs_state *new_page(unsigned int index)
{
	void *page = (void *)get_zeroed_page(GFP_KERNEL);

	if (page && share(page, HS_PAGE_STATE, index, false)) {
		free_page((unsigned long)page);
		page = NULL;
	}
	return page;
}

/**
 * xenvif_hs_place - find room for the state of a queue
 * @place: where it is, see struct hs_attach
 *
 * Return: the state, or NULL if there is no room, or no memory.
 */
struct hs_state *xenvif_hs_place(unsigned int *place)
{
	struct hs_state *state = NULL;
	unsigned int page;

	mutex_lock(&hs_lock);
	*place = find_first_zero_bit(hs_places, HS_PLACES);
	if (*place == HS_PLACES)
		goto unlock;
	page = *place / HS_STATES_PER_PAGE;
	if (!hs_pages[page])
		hs_pages[page] = new_page(page);
	if (!hs_pages[page])
		goto unlock;
	__set_bit(*place, hs_places);
	state = &hs_pages[page][*place % HS_STATES_PER_PAGE];
unlock:
	mutex_unlock(&hs_lock);
	return state;
}

/**
 * xenvif_hs_displace - undo xenvif_hs_place()
 * @place: where it was; Xen does not use it any more
 */
void xenvif_hs_displace(unsigned int place)
{
	mutex_lock(&hs_lock);
	__clear_bit(place, hs_places);
	mutex_unlock(&hs_lock);
}
