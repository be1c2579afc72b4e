// SPDX-License-Identifier: GPL-2.0
/* The hosts of the topology in lib.sh, each with a packet socket. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <err.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host.h"

struct host hosts[HOSTS];

static void set_option(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		err(2, "setsockopt %d", name);
}

/*
 * The protocol is given with the device and not before: a socket for all devices
 * would for a moment make every one of them a watched device.
 */
static int open_socket(const char *dev, uint16_t protocol)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(2, "socket");
	set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20);
	set_option(fd, SOL_PACKET, PACKET_AUXDATA, 1);
	set_option(fd, SOL_PACKET, PACKET_VNET_HDR, 1);
	set_option(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
	if (!addr.sll_ifindex || bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		err(2, "device %s", dev);
	return fd;
}

int host_socket(const char *dev)
{
	return open_socket(dev, ETH_P_ALL);
}

/* One that nothing is copied to. */
int host_socket_to_send(const char *dev)
{
	return open_socket(dev, 0);
}

void namespace_enter(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(2, "network namespace %s", name);
	close(fd);
}

void hosts_open(void)
{
	char dev[8];
	int i;

	strcpy(hosts[0].name, "br0");
	hosts[0].fd = host_socket("br0");
	for (i = 1; i < HOSTS; i++) {
		snprintf(hosts[i].name, sizeof(hosts[i].name), "h%d", i);
		snprintf(dev, sizeof(dev), "e%d", i);
		namespace_enter(hosts[i].name);
		hosts[i].fd = host_socket(dev);
	}
}

int host_number(const char *name)
{
	int i;

	for (i = 0; i < HOSTS; i++)
		if (!strcmp(hosts[i].name, name))
			return i;
	errx(2, "no host is called '%s'", name);
}

/* Returns 0 or the error number. */
int host_send(const struct host *host, const struct frame *frame)
{
	struct iovec parts[] = {
		{ (void *)&frame->vnet, sizeof(frame->vnet) },
		{ (void *)frame->data, frame->len },
	};

	return writev(host->fd, parts, 2) < 0 ? errno : 0;
}

/* Frames that the socket had no room for would pass for lost ones. */
void host_check_socket(const struct host *host, const char *name)
{
	struct tpacket_stats stats;
	socklen_t size = sizeof(stats);

	if (getsockopt(host->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) ||
	    stats.tp_drops)
		errx(2, "the socket of %s was too slow", name);
}

static void read_tag(struct msghdr *msg, struct received *received)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);
	struct tpacket_auxdata aux;

	received->tagged = false;
	if (!cmsg || cmsg->cmsg_type != PACKET_AUXDATA)
		return;
	memcpy(&aux, CMSG_DATA(cmsg), sizeof(aux));
	received->tagged = aux.tp_status & TP_STATUS_VLAN_VALID;
	received->tpid = aux.tp_vlan_tpid;
	received->tci = aux.tp_vlan_tci;
}

/* What the machine sends by itself comes from a port or the bridge, unmarked. */
static bool is_noise(const struct frame *frame)
{
	static const uint8_t own[] = { 0x02, 0, 0, 0, 1 };

	return !memcmp(frame->data + MAC_LEN, own, sizeof(own)) &&
	       !frame_mark(frame->data, frame->len);
}

/* False when there is none waiting. */
bool host_receive(const struct host *host, struct received *received)
{
	struct frame *frame = &received->frame;
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct iovec parts[] = {
		{ &frame->vnet, sizeof(frame->vnet) },
		{ frame->data, sizeof(frame->data) },
	};
	struct msghdr msg = {
		.msg_iov = parts, .msg_iovlen = 2,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t len;

	do {
		len = recvmsg(host->fd, &msg, MSG_DONTWAIT);
		if (len < (ssize_t)sizeof(frame->vnet))
			return false;
		frame->len = len - sizeof(frame->vnet);
		read_tag(&msg, received);
	} while (is_noise(frame));
	return true;
}

static const char *checksum_name(const struct virtio_net_hdr *vnet)
{
	if (vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		return "partial";
	return vnet->flags & VIRTIO_NET_HDR_F_DATA_VALID ? "valid" : "none";
}

/* One line of text. */
void received_describe(const struct received *received, char *text, size_t size)
{
	const struct frame *f = &received->frame;
	const struct frame_mark *mark = frame_mark(f->data, f->len);
	const uint8_t *d = f->data;
	char tag[32] = "-", number[16] = "-";

	if (received->tagged)
		snprintf(tag, sizeof(tag), "%04x:%u", received->tpid, received->tci);
	if (mark)
		snprintf(number, sizeof(number), "%u", ntohl(mark->seq));
	snprintf(text, size, "#%s %02x:%02x:%02x:%02x:%02x:%02x < "
		 "%02x:%02x:%02x:%02x:%02x:%02x vlan %s type %02x%02x len %u "
		 "gso %u csum %s digest %08x", number, d[0], d[1], d[2], d[3],
		 d[4], d[5], d[6], d[7], d[8], d[9], d[10], d[11], tag, d[12],
		 d[13], f->len, f->vnet.gso_size, checksum_name(&f->vnet),
		 frame_digest(d, f->len));
}

/* Waits until one has something, or for so many milliseconds: then false. */
bool hosts_wait(struct pollfd *polls, int timeout)
{
	int i;

	for (i = 0; i < HOSTS; i++)
		polls[i] = (struct pollfd) { .fd = hosts[i].fd, .events = POLLIN };
	return poll(polls, HOSTS, timeout) > 0;
}
