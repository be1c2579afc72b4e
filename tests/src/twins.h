/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two network namespaces, alike but for fastbridge, which acts in the second alone: in
 * each a bridge br0 and devices p1, p2, …, whose other ends e1, e2, … are the hosts.
 */
#ifndef TWINS_H
#define TWINS_H

#include "host.h"
#include "talker.h"

#define TWINS 2
#define PORTS 5
#define TALKERS 5

enum { STOCK, FAST };

struct twin {
	const char *name;
	struct host ends[PORTS + 1];	/* at 0 what the host of br0 gets */
	struct talker talkers[TALKERS];
};

extern struct twin twins[TWINS];

void twins_open(const char *sysfs);
void twins_talk(void);
void twins_talk_no_more(void);
bool twins_do(const char *format, ...) __attribute__((format(printf, 1, 2)));
void twins_compare(const char *line);
void twins_settle(void);
void twins_watch_bridge(void);
void twins_leave_bridge(void);
void twins_barrier(void);
unsigned long twins_counter(const char *name);

#endif /* TWINS_H */
