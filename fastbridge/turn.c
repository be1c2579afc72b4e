// SPDX-License-Identifier: GPL-2.0
/*
 * When something may be done for namespaces of users.
 *
 * How much there is to be read of a bridge, and how often it changes, is up to whoever has
 * it; but the works that read it are nobody's, and much of that is done under RTNL. So of all the
 * works for bridges in namespaces of users one at a time has a turn, and then none for nine times
 * as long as that took: together they have a tenth of a CPU at most, but for asking whether it is
 * their turn, and for looking at their ports for what is too old. What has not been read in time is
 * not believed; its frames are left to the bridge.
 *
 * Locking: the lock is held here only, and nothing is called with it held. Nobody waits for a
 * turn, and a work has one at a time and ends it itself: so whoever waits for a work to end, with
 * RTNL or without, waits no longer than without turns.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/spinlock.h>

#include "monitor.h"
#include "turn.h"

/* After a turn there is none for so many times as long. */
#define FB_TURN_REST	9
/* Until somebody asks again at least, and at most: who has no turn has something to say, too. */
#define FB_TURN_RETRY	msecs_to_jiffies(20)
#define FB_TURN_PATIENCE	(HZ / 4)

static DEFINE_SPINLOCK(fb_turn_lock);
static bool fb_turn_taken;
/* Since when it is taken, or from when on it may be; of ktime_get_ns(). */
static u64 fb_turn_time;

static unsigned long fb_turn_wait(u64 now)
{
	if (fb_turn_taken)
		return FB_TURN_RETRY;
	if (now >= fb_turn_time)
		return 0;
	return clamp_t(u64, nsecs_to_jiffies64(fb_turn_time - now),
		       FB_TURN_RETRY, FB_TURN_PATIENCE);
}

/**
 * fb_turn_begin - may something be done for a namespace now?
 * @monitor: the listener there
 *
 * Context: may sleep.
 * Return: 0 if so, which fb_turn_end() is to follow; or in how many jiffies to ask again.
 */
unsigned long fb_turn_begin(const struct fb_monitor *monitor)
{
	u64 now = ktime_get_ns();
	unsigned long wait;

	if (!fb_monitor_is_strange(monitor))
		return 0;
	spin_lock(&fb_turn_lock);
	wait = fb_turn_wait(now);
	if (!wait) {
		fb_turn_taken = true;
		fb_turn_time = now;
	}
	spin_unlock(&fb_turn_lock);
	return wait;
}

/**
 * fb_turn_end - it has been done
 * @monitor: the listener there
 */
void fb_turn_end(const struct fb_monitor *monitor)
{
	u64 now = ktime_get_ns();

	if (!fb_monitor_is_strange(monitor))
		return;
	spin_lock(&fb_turn_lock);
	fb_turn_taken = false;
	fb_turn_time = now + FB_TURN_REST * (now - fb_turn_time);
	spin_unlock(&fb_turn_lock);
}
