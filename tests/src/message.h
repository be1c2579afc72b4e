/* SPDX-License-Identifier: GPL-2.0 */
/* Messages for rtnetlink that no command of the tests' image can send. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

/* A message with attributes that hold each other: all are open until it is sent. */
struct message {
	struct nlmsghdr header;
	char body[4096];
	struct rtattr *open[4];
	int nr_open;
};

void message_begin(struct message *m, uint16_t type, const void *data, size_t len);
void message_put(struct message *m, uint16_t type, const void *data, size_t len);
void message_nest(struct message *m, uint16_t type);
int message_socket(void);
int message_ask(struct message *m);
void message_rumour(struct message *m, unsigned int group);
void message_announce(int fd, struct message *m, unsigned int group);

#endif /* MESSAGE_H */
