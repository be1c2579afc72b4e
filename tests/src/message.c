// SPDX-License-Identifier: GPL-2.0
/* Messages for rtnetlink: requests to the kernel, and what pretends to come from it. */
#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "message.h"

static void *end_of(struct message *m)
{
	return (char *)&m->header + m->header.nlmsg_len;
}

static void put_bytes(struct message *m, const void *data, size_t len)
{
	memcpy(end_of(m), data, len);
	m->header.nlmsg_len += NLMSG_ALIGN(len);
}

void message_begin(struct message *m, uint16_t type, const void *data, size_t len)
{
	*m = (struct message) {
		.header = { .nlmsg_len = NLMSG_HDRLEN, .nlmsg_type = type,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
	};
	put_bytes(m, data, len);
}

void message_put(struct message *m, uint16_t type, const void *data, size_t len)
{
	struct rtattr attr = { .rta_len = RTA_LENGTH(len), .rta_type = type };

	put_bytes(m, &attr, sizeof(attr));
	put_bytes(m, data, len);
}

void message_nest(struct message *m, uint16_t type)
{
	m->open[m->nr_open++] = end_of(m);
	message_put(m, type | NLA_F_NESTED, "", 0);
}

static void finish(struct message *m)
{
	char *end = end_of(m);

	while (m->nr_open--)
		m->open[m->nr_open]->rta_len = end - (char *)m->open[m->nr_open];
}

int message_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		err(2, "netlink");
	return fd;
}

/* The kernel's answer: 0 or a negative error. */
static int answer(int fd)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[1024];
	} reply;

	if (recv(fd, &reply, sizeof(reply), 0) < 0)
		err(2, "netlink");
	return reply.error.error;
}

/* Sends it to the kernel: 1, and a word about it, if that refuses. */
int message_ask(struct message *m)
{
	int fd = message_socket(), error;

	finish(m);
	if (send(fd, &m->header, m->header.nlmsg_len, 0) < 0)
		err(2, "netlink");
	error = -answer(fd);
	if (error)
		warnx("%s", strerror(error));
	close(fd);
	return !!error;
}

/* Sends it to all who listen to a group, as the kernel does. */
void message_announce(int fd, struct message *m, unsigned int group)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_groups = 1u << (group - 1) };

	m->header.nlmsg_flags = 0;
	finish(m);
	if (sendto(fd, &m->header, m->header.nlmsg_len, 0, (struct sockaddr *)&to,
		   sizeof(to)) < 0)
		err(2, "netlink");
}

/* Has the kernel announce it to a group: wants rumour.ko. */
void message_rumour(struct message *m, unsigned int group)
{
	int fd = open("/proc/rumour", O_WRONLY | O_CLOEXEC);
	struct {
		uint32_t group;
		char message[sizeof(*m)];
	} rumour = { .group = group };

	m->header.nlmsg_flags = 0;
	finish(m);
	memcpy(rumour.message, &m->header, m->header.nlmsg_len);
	if (fd < 0 ||
	    write(fd, &rumour, sizeof(rumour.group) + m->header.nlmsg_len) < 0)
		err(2, "/proc/rumour");
	close(fd);
}
