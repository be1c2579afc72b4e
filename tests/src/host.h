/* SPDX-License-Identifier: GPL-2.0 */
/* The hosts of the topology in lib.sh, each with a packet socket. */
#ifndef HOST_H
#define HOST_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

/* h1 to h4, and at 0 the host that has the bridge */
#define HOSTS 5

struct host {
	char name[8];
	int fd;
};

/* A frame as it arrived: the tag is apart from it, as the kernel keeps it. */
struct received {
	bool tagged;
	uint16_t tpid;
	uint16_t tci;
	struct frame frame;
};

extern struct host hosts[HOSTS];

void namespace_enter(const char *name);
void hosts_open(void);
int host_socket(const char *dev);
int host_socket_to_send(const char *dev);
void host_check_socket(const struct host *host, const char *name);
int host_number(const char *name);
int host_send(const struct host *host, const struct frame *frame);
bool host_receive(const struct host *host, struct received *received);
void received_describe(const struct received *received, char *text, size_t size);
bool hosts_wait(struct pollfd *polls, int timeout);

#endif /* HOST_H */
