// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "domains.h"
#include "net.h"
#include "say.h"
#include "sysfs.h"

static int read_kind(const struct nlattr *attribute, void *data)
{
	struct device *device = data;

	if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
		device->is_bridge = !strcmp(mnl_attr_get_str(attribute), "bridge");
	return MNL_CB_OK;
}

static int read_attribute(const struct nlattr *attribute, void *data)
{
	struct device *device = data;
	size_t length = mnl_attr_get_payload_len(attribute);

	switch (mnl_attr_get_type(attribute)) {
	case IFLA_IFNAME:
		snprintf(device->name, sizeof(device->name), "%s",
			 mnl_attr_get_str(attribute));
		break;
	case IFLA_MASTER:
		device->master = mnl_attr_get_u32(attribute);
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(attribute, read_kind, device);
		break;
	case IFLA_STATS64:
		if (length > sizeof(device->stats))
			length = sizeof(device->stats);
		memcpy(&device->stats, mnl_attr_get_payload(attribute), length);
		break;
	}
	return MNL_CB_OK;
}

/* Whatever a vif is called, its driver knows whose it is. */
static int domain_of(const char *name)
{
	char *path = text(NET "%s/device", name), target[256] = "";
	const char *last;
	int domain = -1;

	if (readlink(path, target, sizeof(target) - 1) > 0) {
		last = strrchr(target, '/');
		if (!last || sscanf(last, "/vif-%d-%*d", &domain) != 1)
			domain = -1;
	}
	free(path);
	return domain;
}

static int read_device(const struct nlmsghdr *header, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
	struct net *net = data;
	struct device *device;

	net->devices = memory(net->devices, (net->count + 1) * sizeof(*device));
	device = &net->devices[net->count++];
	memset(device, 0, sizeof(*device));
	device->index = info->ifi_index;
	mnl_attr_parse(header, sizeof(*info), read_attribute, device);
	device->domain = domain_of(device->name);
	device->guest = copy("");
	return MNL_CB_OK;
}

static int receive(struct mnl_socket *socket, unsigned int sequence, struct net *net)
{
	char buffer[32768];
	ssize_t length;
	int more = MNL_CB_OK;

	while (more > MNL_CB_STOP) {
		length = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		if (length < 0)
			return -1;
		more = mnl_cb_run(buffer, length, sequence, mnl_socket_get_portid(socket),
				  read_device, net);
	}
	return more;
}

static int dump(struct mnl_socket *socket, struct net *net)
{
	char buffer[256];
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *info;

	header->nlmsg_type = RTM_GETLINK;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = time(NULL);
	info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) ||
	    mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
		return -1;
	return receive(socket, header->nlmsg_seq, net);
}

/* A name with line ends may look like other domains' rows: then nobody can tell whose they are. */
static bool is_clear(const struct domains *domains, const struct domain *domain)
{
	const struct domain *other;
	size_t i;

	for (i = 0; i < domains->count; i++) {
		other = &domains->list[i];
		if (other != domain &&
		    (other->id == domain->id || !strcmp(other->name, domain->name)))
			return false;
	}
	return true;
}

static void name_guest(struct device *device, const struct domains *domains)
{
	const struct domain *domain;
	size_t i;

	free(device->guest);
	for (i = 0; i < domains->count; i++) {
		domain = &domains->list[i];
		if (domain->id == device->domain && is_clear(domains, domain)) {
			device->guest = copy(domain->name);
			return;
		}
	}
	device->guest = text("domain %d", device->domain);
}

/* Who is behind which vif; without xl the numbers must do. */
static void name_guests(struct net *net)
{
	struct domains domains = { };
	size_t i;

	free(domains_read(&domains));
	for (i = 0; i < net->count; i++) {
		if (net->devices[i].domain >= 0)
			name_guest(&net->devices[i], &domains);
	}
	domains_free(&domains);
}

static bool has_vif(const struct net *net)
{
	size_t i;

	for (i = 0; i < net->count; i++) {
		if (net->devices[i].domain >= 0)
			return true;
	}
	return false;
}

static int list(struct net *net)
{
	struct mnl_socket *socket = mnl_socket_open(NETLINK_ROUTE);
	int failed = socket ? dump(socket, net) : -1, error = errno;

	if (socket)
		mnl_socket_close(socket);
	if (failed < 0)
		net_free(net);
	errno = error;
	return failed;
}

/**
 * net_read - look at all devices
 * @net: what is found, for net_free()
 *
 * Return: DONE, or what to end with.
 */
enum result net_read(struct net *net)
{
	int tries = 100, failed;

	net->devices = NULL;
	net->count = 0;
	/* The kernel says so, too, if a device came or went meanwhile: there may be one too few. */
	do {
		failed = list(net);
	} while (failed < 0 && errno == EINTR && --tries);
	if (failed < 0)
		return say(REFUSED, "netlink: the devices cannot be listed: %s", strerror(errno));
	if (has_vif(net))
		name_guests(net);
	return DONE;
}

void net_free(struct net *net)
{
	while (net->count)
		free(net->devices[--net->count].guest);
	free(net->devices);
	net->devices = NULL;
}

/* The device of this name, or NULL. */
const struct device *net_find(const struct net *net, const char *name)
{
	size_t i;

	for (i = 0; i < net->count; i++) {
		if (!strcmp(net->devices[i].name, name))
			return &net->devices[i];
	}
	return NULL;
}

/* The bridge that a device is a port of, or NULL. */
const struct device *net_bridge_of(const struct net *net, const struct device *port)
{
	size_t i;

	for (i = 0; port->master && i < net->count; i++) {
		if (net->devices[i].index == port->master && net->devices[i].is_bridge)
			return &net->devices[i];
	}
	return NULL;
}
