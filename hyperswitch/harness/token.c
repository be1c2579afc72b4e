// SPDX-License-Identifier: GPL-2.0
/*
 * token.h between Xen and a back end, in three models of what they do with it. Each is gone
 * through as a whole, then without each of its barriers, which must show.
 *
 *   receiver  two senders' vCPUs in Xen and dom0's thread have frames for one receiver
 *   room      the receiver posts buffers one by one, for which both of these wait
 *   sender    a guest sends by one vCPU, which then blocks, while dom0 polls its ring, answers
 *             late, and perhaps takes it back for good, and Xen's timer looks after what the
 *             guest need not tell of
 */
#include <stdio.h>
#include <string.h>

#include "explore.h"
#include "../include/hyperswitch.h"
#include "../token.h"

#define SENDERS 2

/* The counters, as all but owner, want and waiter, are the owner's; a step shows another one. */
static void own(struct hs_side *side)
{
	if (side->frames)
		explore_fail("the ring has two owners");
	side->frames = 1;
	(void)READ_ONCE(side->bytes);
	side->frames = 0;
}

/* ------------------------------------------------------------------ receiver */

static struct {
	struct hs_side side;
	uint32_t lock;			/* Xen's, of the receiver's ring */
	uint32_t sender_lock[SENDERS];
	uint32_t again[SENDERS];
	uint32_t waits[SENDERS];	/* under lock */
	uint32_t left[SENDERS];		/* frames, under sender_lock */
	uint32_t thread_left;
} rx;

static void rx_begin(void)
{
	memset(&rx, 0, sizeof(rx));
	rx.side.owner = HS_FREE;
	rx.left[0] = rx.left[1] = 2;
	rx.thread_left = 2;
}

/* As hs_kick(): what this sender has, as far as it goes. */
static void rx_carry(unsigned int i)
{
	while (rx.left[i]) {
		spin_lock(&rx.lock);
		rx.waits[i] = 1;
		if (!hs_token_try_or_wait(&rx.side)) {
			spin_unlock(&rx.lock);
			return;
		}
		rx.waits[i] = 0;
		own(&rx.side);
		rx.left[i]--;
		hs_token_free(&rx.side);
		spin_unlock(&rx.lock);
	}
}

static void rx_kick(unsigned int i)
{
	do {
		if (!spin_trylock(&rx.sender_lock[i])) {
			WRITE_ONCE(rx.again[i], 1);
			smp_mb();
			if (!spin_trylock(&rx.sender_lock[i]))
				return;
		}
		/* Seen by others before what follows looks: that takes a lock. */
		WRITE_ONCE(rx.again[i], 0);
		rx_carry(i);
		spin_unlock(&rx.sender_lock[i]);
		smp_mb();
	} while (READ_ONCE(rx.again[i]));
}

static void rx_sender_0(void)
{
	rx_kick(0);
}

static void rx_sender_1(void)
{
	rx_kick(1);
}

/* As HSOP_kick with HS_KICK_RX. */
static void rx_resume(void)
{
	uint32_t waits[SENDERS];
	unsigned int i;

	spin_lock(&rx.lock);
	for (i = 0; i < SENDERS; i++) {
		waits[i] = rx.waits[i];
		rx.waits[i] = 0;
	}
	spin_unlock(&rx.lock);
	for (i = 0; i < SENDERS; i++)
		if (waits[i])
			rx_kick(i);
}

static void rx_thread(void)
{
	while (rx.thread_left) {
		hs_token_take(&rx.side);
		own(&rx.side);
		rx.thread_left--;
		if (hs_token_release(&rx.side))
			rx_resume();
	}
}

static const char *rx_wrong(void)
{
	if (rx.thread_left)
		return "dom0 waits for ever";
	if (rx.left[0] || rx.left[1])
		return "a frame is left and nobody will look";
	if (rx.side.owner != HS_FREE)
		return "nobody gives the ring back";
	return NULL;
}

static const struct explore_model receiver = {
	"receiver", &rx, sizeof(rx), rx_begin, { rx_sender_0, rx_sender_1, rx_thread }, rx_wrong
};

/* ---------------------------------------------------------------------- room */

#define ROOM_THREAD 1

/* What the sender has, and whether there is a timer that gives dom0 what waits for too long. */
static unsigned int room_frames;
static bool room_timer_runs;

static struct {
	struct hs_side side;
	uint32_t lock;
	uint32_t sender_lock;
	uint32_t again;
	uint32_t waits;
	uint32_t left;			/* frames that Xen may carry, under sender_lock */
	uint32_t posted;		/* req_prod, the receiver's */
	uint32_t event;			/* req_event */
	uint32_t thread_left;		/* frames that dom0's thread has */
	uint32_t thread_event;		/* dom0's thread has been told */
} room;

static void room_begin(void)
{
	memset(&room, 0, sizeof(room));
	room.side.owner = HS_FREE;
	room.left = room_frames;
	room.event = 1;
	room.thread_left = ROOM_THREAD;
}

/* Is there a buffer? If not, the receiver tells of the next. */
static bool room_is(void)
{
	uint32_t cons = READ_ONCE(room.side.cons);
	uint32_t posted = READ_ONCE(room.posted);

	if (posted != cons)
		return true;
	WRITE_ONCE(room.event, posted + 1);
	smp_mb();
	return READ_ONCE(room.posted) != cons;
}

static void room_use(void)
{
	own(&room.side);
	WRITE_ONCE(room.side.cons, READ_ONCE(room.side.cons) + 1);
}

static bool room_carry_one(void)
{
	bool is;

	spin_lock(&room.lock);
	room.waits = 1;
	if (!hs_token_try_or_wait(&room.side)) {
		spin_unlock(&room.lock);
		return false;
	}
	is = room_is();
	if (is) {
		room.waits = 0;
		room_use();
	}
	hs_token_free(&room.side);
	spin_unlock(&room.lock);
	return is;
}

/* @late: what still finds no room is dom0's. */
static void room_kick(bool late)
{
	do {
		if (!spin_trylock(&room.sender_lock)) {
			WRITE_ONCE(room.again, 1);
			smp_mb();
			if (!spin_trylock(&room.sender_lock))
				return;
		}
		WRITE_ONCE(room.again, 0);
		while (room.left) {
			if (!room_carry_one()) {
				if (!late)
					break;
				xadd(&room.thread_left, 1);
			}
			room.left--;
		}
		spin_unlock(&room.sender_lock);
		smp_mb();
	} while (READ_ONCE(room.again));
}

static bool room_resume(void)
{
	uint32_t waits;

	spin_lock(&room.lock);
	waits = room.waits;
	room.waits = 0;
	spin_unlock(&room.lock);
	if (waits)
		room_kick(false);
	return waits;
}

static void room_sender(void)
{
	room_kick(false);
}

/* The event is for whoever waits: for both, if dom0's thread has the ring. */
static void room_receiver(void)
{
	uint32_t n, event;

	for (n = 1; n <= room_frames + ROOM_THREAD; n++) {
		WRITE_ONCE(room.posted, n);
		smp_mb();
		event = READ_ONCE(room.event);
		if (n - event >= 1)
			continue;
		if (!room_resume() || READ_ONCE(room.side.owner) == HS_BACKEND)
			xchg(&room.thread_event, 1);
	}
}

static bool room_somebody_waits(void)
{
	return room.waits;
}

static void room_timer(void)
{
	if (!room_timer_runs)
		return;
	await(room_somebody_waits);
	room_kick(true);
}

static bool room_thread_has(void)
{
	return room.thread_left;
}

static bool room_told(void)
{
	return room.thread_event;
}

static void room_thread(void)
{
	for (;;) {
		await(room_thread_has);
		hs_token_take(&room.side);
		while (!room_is()) {
			await(room_told);
			xchg(&room.thread_event, 0);
		}
		room_use();
		xadd(&room.thread_left, -1);
		if (hs_token_release(&room.side))
			room_resume();
	}
}

static const char *room_wrong(void)
{
	if (room.thread_left)
		return "dom0 waits for ever";
	if (room.left)
		return "a frame is left and nobody will look";
	if (room.side.owner != HS_FREE)
		return "nobody gives the ring back";
	return NULL;
}

static const struct explore_model waiting = {
	"room", &room, sizeof(room), room_begin, {
		room_sender, room_receiver, room_thread, room_timer
	}, room_wrong
};

/* -------------------------------------------------------------------- sender */

#define WINDOW 2

/* That the guest sends. */
static unsigned int frames = 2;

/* Which of the frames Xen has flows for. */
static unsigned int carried;
/* The timer interrupts another domain, whose time is not taken. */
static bool others_run;
/* How often the window stays open when the timer has looked. */
static unsigned int stays;
/* dom0 takes the ring back for good. */
static bool ends;

/* Why Xen looks at the ring. */
enum caller { BY_DOM0, BY_GUEST, PUT_OFF_ENDS, OTHERS_TIME };

static struct {
	struct hs_side side;
	uint32_t lock;			/* Xen's, of the sender's ring */
	uint32_t prod;			/* req_prod, the sender's */
	uint32_t event;			/* req_event */
	uint32_t served;
	uint32_t open;			/* the window, under lock */
	uint32_t stays;			/* likewise */
	uint32_t dead;			/* likewise: Xen has nothing to do with it any more */
	uint32_t timer;			/* Xen's is running */
	uint32_t irq;			/* dom0 has been told */
	uint32_t dom0_lock;
	uint32_t dom0_has;		/* how many in dom0 have the ring, under dom0_lock */
	uint32_t late;			/* frames that dom0 has sent and not answered */
} tx;

static void tx_begin(void)
{
	memset(&tx, 0, sizeof(tx));
	tx.side.owner = HS_FREE;
	tx.event = 1;
	tx.stays = stays;
}

static void tx_serve(uint32_t cons)
{
	own(&tx.side);
	if (tx.served != cons)
		explore_fail("a frame is served twice, or before another");
	tx.served = cons + 1;
}

/* Is more than that on the ring, when the sender has been asked to tell of @window frames? */
static bool tx_more(uint32_t cons, uint32_t window)
{
	WRITE_ONCE(tx.event, cons + window);
	smp_mb();
	return READ_ONCE(tx.prod) - cons >= window;
}

/* Is something left for dom0, or must dom0 ask for the next event? With the lock held. */
static bool tx_carry(enum caller caller)
{
	uint32_t cons, from, window = 1;
	bool pass = false;

	if (tx.dead || !hs_token_try(&tx.side))
		return true;
	if (caller == BY_GUEST)
		tx.open = 1;
	if (caller != BY_DOM0 && tx.open)
		window = WINDOW;
	from = cons = READ_ONCE(tx.side.cons);
	do {
		while (!pass && cons != READ_ONCE(tx.prod)) {
			pass = caller == OTHERS_TIME || hs_token_wanted(&tx.side) ||
			       !(carried >> cons & 1);
			if (!pass)
				tx_serve(cons++);
		}
	} while (!pass && tx_more(cons, window));
	if (!pass && window > 1)
		xchg(&tx.timer, 1);
	WRITE_ONCE(tx.side.cons, cons);
	WRITE_ONCE(tx.side.prod, READ_ONCE(tx.side.prod) + cons - from);
	hs_token_free(&tx.side);
	return pass;
}

/* Who comes while another is at it does not wait. */
static bool tx_kick(enum caller caller)
{
	bool pass;

	if (!spin_trylock(&tx.lock))
		return true;
	pass = tx_carry(caller);
	spin_unlock(&tx.lock);
	return pass;
}

/* With the lock held. */
static void tx_window_serve(enum caller caller)
{
	if (!tx_carry(caller))
		return;
	tx.open = 0;
	xchg(&tx.irq, 1);
}

static void tx_block(void)
{
	if (!READ_ONCE(tx.open) || !spin_trylock(&tx.lock))
		return;
	if (tx.open && !tx.dead) {
		tx.open = 0;
		tx_window_serve(PUT_OFF_ENDS);
	}
	spin_unlock(&tx.lock);
}

static void tx_sender(void)
{
	uint32_t n;

	for (n = 1; n <= frames; n++) {
		WRITE_ONCE(tx.prod, n);
		smp_mb();
		if (READ_ONCE(tx.event) == n && tx_kick(BY_GUEST))
			xchg(&tx.irq, 1);
	}
	tx_block();
}

static bool tx_timer_runs(void)
{
	return tx.timer;
}

static void tx_timer(void)
{
	for (;;) {
		await(tx_timer_runs);
		if (!spin_trylock(&tx.lock))
			continue;
		xchg(&tx.timer, 0);
		if (tx.open && !tx.dead) {
			if (tx.stays)
				tx.stays--;
			else
				tx.open = 0;
			tx_window_serve(others_run ? OTHERS_TIME : PUT_OFF_ENDS);
		}
		spin_unlock(&tx.lock);
	}
}

static void tx_dom0_get(void)
{
	spin_lock(&tx.dom0_lock);
	if (!tx.dom0_has)
		hs_token_take(&tx.side);
	tx.dom0_has++;
	spin_unlock(&tx.dom0_lock);
}

/* Nobody in Xen waits for a sender's ring: dom0 is told instead. */
static void tx_dom0_put(void)
{
	spin_lock(&tx.dom0_lock);
	tx.dom0_has--;
	if (!tx.dom0_has && hs_token_release(&tx.side))
		explore_fail("Xen waits for a sender's ring");
	spin_unlock(&tx.dom0_lock);
}

/* dom0 answers the frame later: see tx_late(). */
static void tx_dom0_serves(uint32_t cons)
{
	tx_serve(cons);
	WRITE_ONCE(tx.side.cons, cons + 1);
	xadd(&tx.late, 1);
}

/* As netback's poll: what Xen has a flow for is given back to it, once. */
static void tx_poll(void)
{
	bool mine = false;
	uint32_t cons;

	tx_dom0_get();
	for (;;) {
		cons = READ_ONCE(tx.side.cons);
		if (READ_ONCE(tx.prod) == cons && !tx_more(cons, 1))
			break;
		if (mine || !(carried >> cons & 1)) {
			tx_dom0_serves(cons);
			mine = false;
			continue;
		}
		tx_dom0_put();
		mine = tx_kick(BY_DOM0);
		if (!mine)
			return;
		tx_dom0_get();
	}
	tx_dom0_put();
}

static bool tx_told(void)
{
	return tx.irq;
}

static void tx_dom0(void)
{
	for (;;) {
		await(tx_told);
		xchg(&tx.irq, 0);
		tx_poll();
	}
}

static bool tx_is_late(void)
{
	return tx.late;
}

static void tx_late(void)
{
	for (;;) {
		await(tx_is_late);
		xadd(&tx.late, -1);
		tx_dom0_get();
		WRITE_ONCE(tx.side.prod, READ_ONCE(tx.side.prod) + 1);
		tx_dom0_put();
	}
}

/* The poll that follows has the ring whatever happens. */
static void tx_ends(void)
{
	if (!ends)
		return;
	tx_dom0_get();
	spin_lock(&tx.lock);
	tx.dead = 1;
	spin_unlock(&tx.lock);
	xchg(&tx.irq, 1);
}

static const char *tx_wrong(void)
{
	if (tx.served != frames)
		return "a frame is left and nobody will look";
	if (tx.side.prod != frames)
		return "an answer is lost";
	if (tx.side.owner != (ends ? HS_BACKEND : HS_FREE))
		return "nobody gives the ring back";
	return NULL;
}

static const struct explore_model sending = {
	"sender", &tx, sizeof(tx), tx_begin, {
		tx_sender, tx_timer, tx_dom0, tx_late, tx_ends
	}, tx_wrong
};

/* Whatever frames Xen has flows for. */
static bool sending_holds(void)
{
	bool holds = true;

	for (carried = 0; carried < 1u << frames; carried++)
		holds &= explore_holds(&sending);
	return holds;
}

/* And whatever else there is. */
static bool sending_holds_always(bool is_long)
{
	bool holds;

	holds = sending_holds();
	others_run = true;
	holds &= sending_holds();
	stays = 1;
	holds &= sending_holds();
	others_run = false;
	holds &= sending_holds();
	stays = 0;
	ends = true;
	carried = 1;
	holds &= is_long ? sending_holds() : explore_holds(&sending);
	ends = false;
	carried = 1;
	return holds;
}

/* "long" is with a frame more, which takes minutes. */
int main(int argc, char **argv)
{
	bool holds;

	setvbuf(stdout, NULL, _IOLBF, 0);
	holds = explore_holds(&receiver);
	room_frames = 1;
	room_timer_runs = true;
	holds &= explore_holds(&waiting);
	room_frames = 2;
	room_timer_runs = false;
	holds &= explore_holds(&waiting);
	if (argc > 1 && !strcmp(argv[1], "long"))
		frames = 3;
	holds &= sending_holds_always(frames == 3);
	frames = 2;
	return !(holds & explore_needs_barriers());
}
