// SPDX-License-Identifier: GPL-2.0
/*
 * The lists of a guard: reading what is written, and showing it.
 *
 * Locking: the sets are replaced under RTNL, one by one; a change of several addresses at
 * once is one replacement. Packets read them with bottom halves off, which RCU waits for.
 */
#include <linux/bitops.h>
#include <linux/ctype.h>
#include <linux/etherdevice.h>
#include <linux/inet.h>
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "guard_list.h"

#define FB_IPV4_BITS	32
#define FB_IPV6_BITS	128

/* Longest line of a list, with its end. */
#define FB_GUARD_LINE	(INET6_ADDRSTRLEN + sizeof("/128") - 1)

/* Of a network of IPv4; the unused bits of an address are all alike. */
static struct fb_addr fb_mask_ipv4(unsigned int len)
{
	return (struct fb_addr) {
		.high = U64_MAX,
		.low = ~(u64)U32_MAX | (__force u32)inet_make_mask(len),
	};
}

static struct fb_addr fb_mask_ipv6(unsigned int len)
{
	struct in6_addr all, mask;

	memset(&all, 0xff, sizeof(all));
	ipv6_addr_prefix(&mask, &all, len);
	return fb_guard_ipv6(&mask);
}

static unsigned int fb_mask_len(struct fb_addr mask)
{
	return hweight64(mask.high) + hweight64(mask.low);
}

/* "/LEN", or nothing, behind an address of so many bits. */
static int fb_guard_parse_len(const char *text, unsigned int bits, unsigned int *len)
{
	*len = bits;
	if (!*text)
		return 0;
	if (text[0] != '/' || !isdigit(text[1]) || kstrtouint(text + 1, 10, len) ||
	    *len > bits)
		return -EINVAL;
	return 0;
}

static int fb_guard_parse_mac(const char *text, struct fb_network *network)
{
	u8 mac[ETH_ALEN];

	if (strlen(text) != 3 * ETH_ALEN - 1 || !mac_pton(text, mac) ||
	    !is_valid_ether_addr(mac))
		return -EINVAL;
	network->addr = fb_guard_mac(mac);
	network->mask = (struct fb_addr) { U64_MAX, U64_MAX };
	return 0;
}

static int fb_guard_parse_ipv4(const char *text, struct fb_network *network)
{
	unsigned int len;
	const char *end;
	__be32 ip;

	if (!in4_pton(text, -1, (u8 *)&ip, '/', &end) ||
	    fb_guard_parse_len(end, FB_IPV4_BITS, &len) ||
	    (len && (ipv4_is_zeronet(ip) || ipv4_is_multicast(ip))) ||
	    ipv4_is_lbcast(ip))
		return -EINVAL;
	network->addr = fb_guard_ipv4(ip);
	network->mask = fb_mask_ipv4(len);
	return 0;
}

static int fb_guard_parse_ipv6(const char *text, struct fb_network *network)
{
	struct in6_addr ip6;
	unsigned int len;
	const char *end;

	if (!in6_pton(text, -1, ip6.s6_addr, '/', &end) ||
	    fb_guard_parse_len(end, FB_IPV6_BITS, &len) ||
	    (len && ipv6_addr_any(&ip6)) || ipv6_addr_is_multicast(&ip6))
		return -EINVAL;
	network->addr = fb_guard_ipv6(&ip6);
	network->mask = fb_mask_ipv6(len);
	return 0;
}

/* A network with bits behind its length may be meant as an address: it is neither. */
static int fb_guard_parse(enum fb_guard_kind kind, const char *text,
			  struct fb_network *network)
{
	static int (*const parse[])(const char *text, struct fb_network *network) = {
		[FB_GUARD_MAC] = fb_guard_parse_mac,
		[FB_GUARD_IPV4] = fb_guard_parse_ipv4,
		[FB_GUARD_IPV6] = fb_guard_parse_ipv6,
	};
	int err = parse[kind](text, network);

	if (!err && (network->addr.high & ~network->mask.high ||
		     network->addr.low & ~network->mask.low))
		err = -EINVAL;
	return err;
}

/* "+ADDRESS[/LEN]" or "-ADDRESS[/LEN]". */
static int fb_guard_change_one(enum fb_guard_kind kind, const char *word,
			       struct fb_addrset *set)
{
	struct fb_network network;
	int err;

	if (*word != '+' && *word != '-')
		return -EINVAL;
	err = fb_guard_parse(kind, word + 1, &network);
	if (err)
		return err;
	return *word == '+' ? fb_addrset_add(set, &network) :
			      fb_addrset_remove(set, &network);
}

static unsigned int fb_guard_additions(const char *words)
{
	unsigned int nr = 0;

	while (*words)
		nr += *words++ == '+';
	return nr;
}

/* One copy for all @words, however many: who holds RTNL keeps everybody waiting. */
static int fb_guard_change_all(enum fb_guard_kind kind, char *words, struct fb_addrset *set)
{
	int err = -EINVAL;
	char *word;

	while ((word = strsep(&words, " \t\n"))) {
		if (!*word)
			continue;
		err = fb_guard_change_one(kind, word, set);
		if (err)
			break;
	}
	return err;
}

/*
 * Whoever finds @lists_ip true finds the list that made it so, and whoever misses the last list
 * finds @lists_ip false: one change refuses no address that is allowed before and after it.
 */
static void fb_guard_publish(struct fb_guard *guard, enum fb_guard_kind kind,
			     struct fb_addrset *set)
{
	enum fb_guard_kind other = kind == FB_GUARD_IPV4 ? FB_GUARD_IPV6 : FB_GUARD_IPV4;

	if (set) {
		rcu_assign_pointer(guard->allowed[kind], set);
		if (kind != FB_GUARD_MAC) {
			/* Pairs with fb_guard_allows_ip(). */
			smp_store_release(&guard->lists_ip, true);
		}
		return;
	}
	if (kind != FB_GUARD_MAC && !rcu_access_pointer(guard->allowed[other]))
		WRITE_ONCE(guard->lists_ip, false);
	/* And so does this. */
	smp_wmb();
	RCU_INIT_POINTER(guard->allowed[kind], NULL);
}

/**
 * fb_guard_change - add and remove addresses, all or none
 * @guard: the guard
 * @kind: of which kind
 * @words: +ADDRESS[/LEN] and -ADDRESS[/LEN], with spaces or line ends between them
 *
 * Context: RTNL.
 * Return: 0; or a negative error upon which nothing has changed: -EINVAL for what is no
 * address of the kind, -EEXIST, -ENOENT, -ENOSPC, -ENOMEM.
 */
int fb_guard_change(struct fb_guard *guard, enum fb_guard_kind kind, const char *words)
{
	struct fb_addrset *seen = rtnl_dereference(guard->allowed[kind]);
	struct fb_addrset *set;
	int err = -ENOMEM;
	char *text;

	text = kstrdup(words, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	set = fb_addrset_copy(seen, fb_guard_additions(words));
	if (!set)
		goto out_text;
	err = fb_guard_change_all(kind, text, set);
	if (err || fb_addrset_is_empty(set)) {
		kvfree(set);
		set = NULL;
	}
	if (!err) {
		fb_guard_publish(guard, kind, set);
		if (seen)
			kvfree_rcu(seen, rcu);
	}
out_text:
	kfree(text);
	return err;
}

static int fb_guard_print_addr(enum fb_guard_kind kind, struct fb_addr addr, char *text,
			       size_t size)
{
	u64 ip6[] = { addr.high, addr.low };
	__be32 ip = (__force __be32)addr.low;
	u8 mac[ETH_ALEN];

	switch (kind) {
	case FB_GUARD_MAC:
		put_unaligned_le32(addr.low, mac);
		put_unaligned_le16(addr.low >> 32, mac + 4);
		return scnprintf(text, size, "%pM", mac);
	case FB_GUARD_IPV4:
		return scnprintf(text, size, "%pI4", &ip);
	default:
		return scnprintf(text, size, "%pI6c", ip6);
	}
}

static void fb_guard_print(enum fb_guard_kind kind, const struct fb_network *network,
			   char *text, size_t size)
{
	unsigned int len = fb_mask_len(network->mask);
	int done;

	done = fb_guard_print_addr(kind, network->addr, text, size);
	if (fb_network_is_addr(network))
		return;
	/* Of a mask for IPv4, all bits are set that its addresses do not use. */
	if (kind == FB_GUARD_IPV4)
		len -= FB_IPV6_BITS - FB_IPV4_BITS;
	scnprintf(text + done, size - done, "/%u", len);
}

/**
 * fb_guard_show - a part of the list of addresses
 * @guard: the guard
 * @kind: of which kind
 * @buf: where to put it
 * @off: where in the list it begins, in bytes
 * @size: of @buf
 *
 * Lines are all as long as the longest can be, so that an offset tells which one it is in.
 *
 * Return: how many bytes there are in @buf; 0 at the end of the list.
 */
size_t fb_guard_show(struct fb_guard *guard, enum fb_guard_kind kind, char *buf,
		     loff_t off, size_t size)
{
	static const int widths[] = {
		[FB_GUARD_MAC] = 3 * ETH_ALEN - 1,
		[FB_GUARD_IPV4] = INET_ADDRSTRLEN - 1 + sizeof("/32") - 1,
		[FB_GUARD_IPV6] = INET6_ADDRSTRLEN - 1 + sizeof("/128") - 1,
	};
	const size_t line = widths[kind] + 1;
	const struct fb_addrset *set;
	char text[FB_GUARD_LINE + 1], address[FB_GUARD_LINE];
	struct fb_network network;
	size_t done = 0;
	loff_t at = 0;
	u32 i;

	rcu_read_lock();
	set = rcu_dereference(guard->allowed[kind]);
	for (i = 0; set && i <= set->mask + set->nr_networks && done < size; i++) {
		size_t skip, part;

		if (!fb_addrset_at(set, i, &network))
			continue;
		if (at + line > off) {
			skip = off + done - at;
			part = min(line - skip, size - done);
			fb_guard_print(kind, &network, address, sizeof(address));
			snprintf(text, sizeof(text), "%-*s\n", widths[kind], address);
			memcpy(buf + done, text + skip, part);
			done += part;
		}
		at += line;
	}
	rcu_read_unlock();
	return done;
}

/**
 * fb_guard_destroy - free the sets
 * @guard: which no packet sees any more
 */
void fb_guard_destroy(struct fb_guard *guard)
{
	unsigned int kind;

	for (kind = 0; kind < FB_GUARD_KINDS; kind++)
		kvfree(rcu_dereference_protected(guard->allowed[kind], true));
}
