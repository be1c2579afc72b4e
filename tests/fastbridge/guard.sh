#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2119 # arguments that may be left out
# The guard: what a port may send, with the mode off and on. h1 is guarded, and sends to h2.
# shellcheck source=tests/fastbridge/lib.sh
. "$FILES/fastbridge/lib.sh"
set -eu

guard=/sys/class/net/p1/fastbridge_port
own=02:00:00:00:00:01

# set_guard FILE WORD...
set_guard() {
	file=$guard/$1
	shift
	echo "$*" > "$file"
}

# guarded: h1 by all its addresses, once the bridge knows who is where.
guarded() {
	hello > /dev/null
	set_guard guard_mac +$own
	set_guard guard_ipv4 +10.0.0.1
	set_guard guard_ipv6 +fd00::1 +fe80::1
	set_guard guard 1
}

arrived_at_h2() {
	exchange > "$work/exchanged"
	cat "$work/exchanged" >> "$work/log"
	grep -c '^h2 ' "$work/exchanged" || true
}

# passes: each of the lines of standard input is a frame that h2 gets; drops: none is.
passes() {
	cat > "$work/lines"
	got=$(arrived_at_h2 < "$work/lines")
	[ "$got" -eq "$(wc -l < "$work/lines")" ] ||
		wrong "$way: only $got frames passed of: $(cat "$work/lines")"
}

drops() {
	cat > "$work/lines"
	got=$(arrived_at_h2 < "$work/lines")
	[ "$got" -eq 0 ] || wrong "$way: $got frames passed of: $(cat "$work/lines")"
}

# --- frames in hexadecimal, from h1 to h2

# frame TYPE PAYLOAD...: spaces are left out, zeroes follow.
frame() {
	type=$1
	shift
	printf 'h1 > h2 hex=%s\n' "$(echo "020000000002 020000000001 $type $*" \
		0000000000000000000000000000000000000000000000000000 | tr -d ' ')"
}

# ipv4 SOURCE PROTOCOL PAYLOAD [FRAGMENT]; udp FROM TO
ipv4() {
	frame 0800 "4500 0030 0001 ${4-0000} 40 $2 0000 $1 0a000002 $3"
}

udp() {
	printf '%04x%04x00100000' "$1" "$2"
}

# ipv6 SOURCE NEXT-HEADER PAYLOAD
ipv6() {
	payload=$(echo "$3" | tr -d ' ')
	frame 86dd "60000000 $(printf %04x $((${#payload} / 2))) $2 ff $1" \
		"ff020000000000000000000000000001 $payload"
}

# icmpv6 SOURCE TYPE REST: behind it the options begin.
icmpv6() {
	ipv6 "$1" 3a "$2 00 0000 $3"
}

# arp OPERATION MAC IP [TARGET]
arp() {
	frame 0806 "0001 0800 06 04 $1 $2 $3 000000000000 ${4-0a000002}"
}

# fragment6 NEXT-HEADER PLACE PAYLOAD: in bytes, plus 1 if more follow.
fragment6() {
	ipv6 $own_ip6 2c "$1 00 $2 00000007 $3"
}

own_mac=020000000001 foreign_mac=020000000003
own_ip=0a000001 foreign_ip=0a000009
own_ip6=fd000000000000000000000000000001 foreign_ip6=fd000000000000000000000000000009
no_ip6=00000000000000000000000000000000

# --- cases

case_nothing_listed() {
	hello > /dev/null
	set_guard guard 1
	passes <<-EOF
	h1 > h2
	h1 > h2 src=02:00:00:00:00:0a
	h1 > h2 type=86dd
	$(ipv4 $foreign_ip 06 "$(udp 67 68)")
	$(ipv4 00000000 11 "$(udp 9 9)")
	$(arp 0001 $foreign_mac $foreign_ip)
	$(icmpv6 $foreign_ip6 86 '')
	EOF
	[ "$(counter guard_drops p1)" -eq 0 ] || wrong "$way: drops are counted"
}

case_mac() {
	hello > /dev/null
	set_guard guard_mac +$own
	passes <<-EOF
	h1 > h2 src=02:00:00:00:00:0a
	EOF
	set_guard guard 1
	passes <<-EOF
	h1 > h2
	h1 > h2 type=88b5
	$(ipv4 $foreign_ip 06 '')
	EOF
	drops <<-EOF
	h1 > h2 src=02:00:00:00:00:0a
	h1 > h2 src=h2
	h1 > h2 src=03:00:00:00:00:01 type=88b5
	h1 > h2 src=02:00:00:00:00:0a vlan=5
	EOF
	[ "$(counter guard_drops p1)" -eq 4 ] || wrong "$way: guard_drops: $(counter guard_drops p1)"
	[ "$(counter guard_drops)" -eq 4 ] || wrong "$way: the bridge's guard_drops"
	passes <<-EOF
	h3 > h2 src=02:00:00:00:00:0a
	EOF
	set_guard guard_mac +02:00:00:00:00:0a -$own
	passes <<-EOF
	h1 > h2 src=02:00:00:00:00:0a
	EOF
	drops <<-EOF
	h1 > h2
	EOF
	set_guard guard 0
	passes <<-EOF
	h1 > h2
	EOF
}

case_ipv4() {
	guarded
	remember fast_packets p1
	passes <<-EOF
	h1 > h2
	h1 > h2 vlan=5
	h1 > h2 type=88b5
	h1 > h2
	$(ipv4 $own_ip 01 '')
	$(ipv4 00000000 11 "$(udp 68 67)")
	$(frame 8100 "0005 0800 4500 0030 0001 0000 40 11 0000 $own_ip 0a000002")
	EOF
	grew fast_packets p1
	drops <<-EOF
	$(ipv4 $foreign_ip 06 '')
	$(ipv4 $foreign_ip 11 "$(udp 9 9)")
	$(ipv4 $foreign_ip 11 "$(udp 68 67)")
	$(ipv4 00000000 11 "$(udp 68 68)")
	$(ipv4 00000000 06 "$(udp 68 67)")
	$(ipv4 00000000 11 "$(udp 68 67)" 0001)
	$(frame 8100 "0005 0800 4500 0030 0001 0000 40 11 0000 $foreign_ip 0a000002")
	$(frame 8100 "0005 8100 0006 0800 4500 0030 0001 0000 40 11 0000 $foreign_ip 0a000002")
	$(frame 88a8 "0005 8100 0006 86dd 60000000 0030 11 ff $foreign_ip6")
	h1 > h2 hex=0200000000020200000000010800450000300001000040110000
	h1 > h2 hex=02000000000202000000000181000005
	EOF
}

# One kind is listed: of the other kind none may be used.
case_one_kind() {
	hello > /dev/null
	set_guard guard_ipv4 +10.0.0.1
	set_guard guard 1
	drops <<-EOF
	h1 > h2 type=86dd
	$(icmpv6 $foreign_ip6 88 "00000000 $foreign_ip6")
	EOF
	set_guard guard_ipv4 -10.0.0.1
	set_guard guard_ipv6 +fd00::1
	passes <<-EOF
	h1 > h2 type=86dd
	EOF
	drops <<-EOF
	h1 > h2
	$(arp 0002 $own_mac $own_ip)
	EOF
}

case_arp() {
	guarded
	passes <<-EOF
	$(arp 0001 $own_mac $own_ip)
	$(arp 0002 $own_mac $own_ip)
	$(arp 0001 $own_mac 00000000 $own_ip)
	$(frame 8035 "0001 0800 06 04 0003 $own_mac 00000000 $own_mac 00000000")
	EOF
	drops <<-EOF
	$(arp 0001 $own_mac $foreign_ip)
	$(arp 0002 $own_mac $foreign_ip)
	$(arp 0002 $foreign_mac $own_ip)
	$(arp 0001 $foreign_mac 00000000 $own_ip)
	$(arp 0001 $own_mac 00000000 $foreign_ip)
	$(frame 8100 "0005 0806 0001 0800 06 04 0002 $own_mac $foreign_ip")
	$(frame 0806 "0006 0800 06 04 0002 $own_mac $own_ip")
	h1 > h2 hex=020000000002020000000001080600010800060400020200000000010a00
	EOF
}

case_ipv6() {
	guarded
	hop_by_hop='3a 00 0502 0000 0100'
	passes <<-EOF
	h1 > h2 type=86dd
	$(icmpv6 $own_ip6 80 '')
	$(icmpv6 $own_ip6 87 "00000000 $foreign_ip6 0101 $own_mac")
	$(icmpv6 $no_ip6 87 "00000000 $own_ip6 0e01 000000000000")
	$(icmpv6 $own_ip6 88 "60000000 $own_ip6 0201 $own_mac")
	$(icmpv6 $own_ip6 89 "00000000 $own_ip6 $own_ip6 0201 $own_mac")
	$(icmpv6 $own_ip6 85 "00000000 0101 $own_mac")
	$(ipv6 $no_ip6 00 "$hop_by_hop 8f 00 0000 00000000")
	$(icmpv6 $own_ip6 86 '')
	EOF
	drops <<-EOF
	$(ipv6 $foreign_ip6 06 '')
	$(ipv6 $foreign_ip6 11 '')
	$(icmpv6 $foreign_ip6 80 '')
	$(icmpv6 $foreign_ip6 88 "60000000 $own_ip6 0201 $own_mac")
	$(icmpv6 $own_ip6 88 "60000000 $foreign_ip6 0201 $own_mac")
	$(icmpv6 $own_ip6 88 "60000000 $own_ip6 0201 $foreign_mac")
	$(icmpv6 $own_ip6 88 "60000000 $own_ip6 0e01 000000000000 0201 $foreign_mac")
	$(icmpv6 $own_ip6 88 "60000000 $own_ip6 0200 $own_mac")
	$(icmpv6 $own_ip6 87 "00000000 $foreign_ip6 0101 $foreign_mac")
	$(icmpv6 $own_ip6 89 "00000000 $foreign_ip6 $foreign_ip6 0201 $own_mac")
	$(icmpv6 $own_ip6 89 "00000000 $own_ip6 $foreign_ip6 0201 $own_mac")
	$(icmpv6 $own_ip6 89 "00000000 $foreign_ip6 $own_ip6 0201 $own_mac")
	$(icmpv6 $own_ip6 89 "00000000 $own_ip6 $own_ip6 0201 $foreign_mac")
	$(icmpv6 $own_ip6 89 '')
	$(icmpv6 $no_ip6 87 "00000000 $foreign_ip6 0e01 000000000000")
	$(icmpv6 $no_ip6 88 "00000000 $own_ip6 0e01 000000000000")
	$(icmpv6 $no_ip6 80 '')
	$(ipv6 $no_ip6 11 "$(udp 9 9)")
	$(ipv6 $own_ip6 00 "$hop_by_hop 88 00 0000 60000000 $foreign_ip6 0201 $own_mac")
	h1 > h2 hex=02000000000202000000000186dd6000000000003a
	EOF
}

case_servers() {
	guarded
	lines="$(ipv4 $own_ip 11 "$(udp 67 68)")
		$(ipv6 $own_ip6 11 "$(udp 547 546)")
		$(ipv6 $own_ip6 3c "11 00 0104 00000000 $(udp 547 546)")
		$(icmpv6 $own_ip6 86 '')
		$(icmpv6 $own_ip6 89 "00000000 $own_ip6 $own_ip6")
		$(ipv6 $own_ip6 00 "3a 00 0502 0000 0100 86 00 0000")"
	echo "$lines" | passes
	set_guard guard_no_dhcp_server 1
	echo "$lines" | head -n 3 | drops
	echo "$lines" | tail -n 3 | passes
	set_guard guard_no_router 1
	echo "$lines" | drops
	passes <<-EOF
	h1 > h2
	h1 > h2 type=86dd
	$(ipv4 $own_ip 11 "$(udp 68 67)")
	EOF
	set_guard guard_no_dhcp_server 0
	set_guard guard_no_router 0
	echo "$lines" | passes
}

# options4 PROTOCOL BYTES [FRAGMENT]: with a header of 24 bytes, to which the first 4 belong.
options4() {
	frame 0800 "4600 0040 0001 ${3-0000} 40 $1 0000 $own_ip 0a000002 $2"
}

# Whatever port it sends from, and in the first of fragments that is cut short, too, or where
# clients look that read frames by themselves; what servers and relays say to one another is
# for none.
case_servers_disguised() {
	guarded
	lines="$(ipv4 $own_ip 11 "$(udp 1000 68)")
		$(ipv4 $own_ip 11 "$(udp 68 68)" 2000)
		$(frame 0800 "4500 0014 0001 2000 40 11 0000 $own_ip 0a000002")
		$(ipv6 $own_ip6 11 "$(udp 1000 546)")
		$(fragment6 11 0000 "$(udp 547 546)")
		$(fragment6 11 0001 '')
		$(fragment6 3c 0001 '11 00 0104 00000000')
		$(ipv4 $own_ip 11 "$(udp 67 68) 02010600" 0001)
		$(ipv4 $own_ip 11 "$(udp 67 68) 02010600" 2002)
		$(ipv4 $own_ip 11 "$(udp 67 68) 0101$(printf '%0468d' 0)63825363" 0001)
		$(options4 11 "$(udp 67 68) 02010600")
		$(options4 11 "00000000 $(udp 67 68) 02010600" 0001)"
	echo "$lines" | passes
	set_guard guard_no_dhcp_server 1
	echo "$lines" | drops
	passes <<-EOF
	$(options4 11 "$(udp 67 68) 01010600")
	$(options4 06 "$(udp 67 68) 02010600")
	$(options4 11 "00000000 $(udp 9 9) 02010600")
	$(ipv4 $own_ip 11 "$(udp 67 67)")
	$(ipv4 $own_ip 11 "$(udp 9 68)" 0001)
	$(ipv4 $own_ip 11 "$(udp 9 9)" 2000)
	$(ipv6 $own_ip6 11 "$(udp 547 547)")
	$(fragment6 11 0001 "$(udp 9 9)")
	$(fragment6 11 0008 "$(udp 547 546)")
	EOF
	set_guard guard_no_dhcp_server 0
	lines="$(ipv4 $own_ip 01 05)
		$(ipv4 $own_ip 01 09)
		$(ipv4 $own_ip 02 30)
		$(ipv4 $own_ip 02 32)
		$(frame 0800 "4500 0014 0001 2000 40 01 0000 $own_ip 0a000002")
		$(icmpv6 $own_ip6 95 '')
		$(icmpv6 $own_ip6 97 '')
		$(icmpv6 $own_ip6 99 '')"
	echo "$lines" | passes
	set_guard guard_no_router 1
	echo "$lines" | drops
	passes <<-EOF
	$(ipv4 $own_ip 01 08)
	$(ipv4 $own_ip 02 16)
	EOF
}

# Neighbour discovery does without fragments, RFC 6980. What the fragment has not, what
# fills the frame up must not be taken for.
case_fragments() {
	guarded
	advertises="88 00 0000 60000000 $own_ip6 0201 $own_mac"
	passes <<-EOF
	$(icmpv6 $own_ip6 88 "60000000 $own_ip6 0201 $own_mac")
	$(fragment6 3a 0001 '80 00 0000 00000000')
	$(fragment6 3a 0000 '80 00 0000 00000000')
	$(fragment6 3a 0008 '88 00 0000 00000000')
	$(fragment6 06 0001 '')
	EOF
	drops <<-EOF
	$(fragment6 3a 0001 "$advertises")
	$(fragment6 3a 0000 "$advertises")
	$(fragment6 3c 0001 "3a 00 0104 00000000 $advertises")
	$(ipv6 $own_ip6 3c "2c 00 0104 00000000 3a 00 0001 00000007 $advertises")
	$(fragment6 2c 0000 "3a 00 0001 00000007 $advertises")
	$(fragment6 3a 0001 "85 00 0000 00000000")
	$(fragment6 3a 0001 "86 00 0000 00000000")
	$(fragment6 3a 0001 "87 00 0000 00000000 $own_ip6")
	$(fragment6 3a 0001 "89 00 0000 00000000")
	$(fragment6 3a 0001 "94 00 0000 00000000")
	$(fragment6 3a 0001 '')
	$(fragment6 3c 0001 '3a 00 0104 00000000')
	$(fragment6 3c 0001 '')
	EOF
}

# Tags of other kinds and 802.2 hide nothing.
case_wrapped() {
	guarded
	for wrapped in '0038 aaaa03 000000' '0038 aaaa03 0000f8' '9100 0005' '9200 0005' '9300 0005' \
		'8100 0005 0038 aaaa03 000000' '9100 0005 88a8 0006 0038 aaaa03 000000' \
		'0038 aaaa03 000000 8100 0005'; do
		type=${wrapped%% *} rest=${wrapped#* }
		passes <<-EOF
		$(frame "$type" "$rest 0800 4500 0030 0001 0000 40 11 0000 $own_ip 0a000002")
		$(frame "$type" "$rest 0806 0001 0800 06 04 0002 $own_mac $own_ip")
		$(frame "$type" "$rest 86dd 60000000 0000 3b ff $own_ip6")
		EOF
		drops <<-EOF
		$(frame "$type" "$rest 0800 4500 0030 0001 0000 40 11 0000 $foreign_ip 0a000002")
		$(frame "$type" "$rest 0806 0001 0800 06 04 0002 $own_mac $foreign_ip")
		$(frame "$type" "$rest 86dd 60000000 0000 3b ff $foreign_ip6")
		EOF
	done
	passes <<-EOF
	$(frame 0026 '424203 0000')
	$(frame 0026 'aaaa03 00000c 2000')
	$(frame 0004 'ffff')
	EOF
}

# repeated COUNT WORDS
repeated() {
	seq "$1" | sed "s/.*/$2/" | tr -d '\n'
}

# As many headers as README says, and one more.
case_limits() {
	guarded
	packet="4500 0030 0001 0000 40 11 0000 $own_ip 0a000002"
	chain='3c 00 0104 00000000'
	passes <<-EOF
	$(frame 9100 "$(repeated 7 '0005 9100') 0005 0800 $packet")
	$(ipv6 $own_ip6 3c "$(repeated 14 "$chain") 3b 00 0104 00000000")
	$(icmpv6 $own_ip6 86 "40000708 00000000 00000000 $(repeated 32 '0e01 000000000000')")
	EOF
	drops <<-EOF
	$(frame 9100 "$(repeated 8 '0005 9100') 0005 0800 $packet")
	$(ipv6 $own_ip6 3c "$(repeated 15 "$chain") 3b 00 0104 00000000")
	$(icmpv6 $own_ip6 86 "40000708 00000000 00000000 $(repeated 33 '0e01 000000000000')")
	EOF
}

case_ip_only() {
	guarded
	lines="$(frame 0026 424203)
		$(frame 0038 'aaaa03 00000c 2000')
		$(frame 0038 "aaaa03 000000 0800 4500 0030 0001 0000 40 11 0000 $own_ip 0a000002")
		$(frame 8864 "1100 0001 0032 0021 4500 0030 0001 0000 40 11 0000 $foreign_ip")
		$(frame 8847 "00001140 4500 0030 0001 0000 40 11 0000 $foreign_ip")
		$(frame 8100 '0005 88b5')
		h1 > h2 type=88b5"
	echo "$lines" | passes
	set_guard guard_ip_only 1
	echo "$lines" | drops
	remember fast_packets p1
	passes <<-EOF
	h1 > h2
	h1 > h2 vlan=5
	h1 > h2 type=86dd
	$(arp 0002 $own_mac $own_ip)
	$(frame 8035 "0001 0800 06 04 0003 $own_mac 00000000 $own_mac 00000000")
	$(frame 88a8 "0005 8100 0006 0800 4500 0030 0001 0000 40 11 0000 $own_ip 0a000002")
	EOF
	grew fast_packets p1
	set_guard guard_ip_only 0
	echo "$lines" | passes
}

# What does no harm passes, and what looks like it does not.
case_harmless() {
	guarded
	passes <<-EOF
	$(ipv4 00000000 02 '16 00 0000 e00000fb')
	$(ipv4 00000000 02 '22 00 0000 00000000')
	$(ipv4 00000000 02 '17 00 0000 e00000fb')
	$(ipv6 $own_ip6 3b '')
	$(ipv6 $own_ip6 00 '3b 00 0104 00000000')
	$(icmpv6 $own_ip6 86 "40000708 00000000 00000000 0101 $own_mac")
	EOF
	drops <<-EOF
	$(ipv4 00000000 02 '11 00 0000 00000000')
	$(ipv4 00000000 02 '16 00 0000 e00000fb' 0001)
	$(frame 0800 "4600 0018 0001 0000 40 02 0000 00000000 0a000002 94040000 16")
	$(ipv6 $foreign_ip6 3b '')
	$(ipv6 $no_ip6 3b '')
	$(icmpv6 $own_ip6 86 "40000708 00000000 00000000 0101 $foreign_mac")
	$(icmpv6 $own_ip6 8d '00000000')
	$(icmpv6 $own_ip6 8e '00000000')
	EOF
}

# The addresses of a network, beside those that are listed themselves, on either path.
case_networks() {
	guarded
	set_guard guard_ipv4 '+10.1.0.0/16 +10.0.1.128/25'
	set_guard guard_ipv6 '+fd01::/64 +fd02:0:0:8000::/49'
	remember fast_packets p1
	passes <<-EOF
	h1 > h2
	$(ipv4 0a010000 06 '')
	$(ipv4 0a01ffff 06 '')
	$(ipv4 0a000180 06 '')
	$(arp 0002 $own_mac 0a010203)
	$(ipv6 fd010000000000001234123412341234 06 '')
	$(icmpv6 fd010000000000001234123412341234 88 "60000000 fd01000000000000aaaaaaaaaaaaaaaa")
	$(ipv6 fd02000000009234000000000000aaaa 06 '')
	EOF
	grew fast_packets p1
	drops <<-EOF
	$(ipv4 0a020000 06 '')
	$(ipv4 0a00ffff 06 '')
	$(ipv4 0a00017f 06 '')
	$(arp 0002 $own_mac 0a020203)
	$(ipv6 fd010000000000011234123412341234 06 '')
	$(ipv6 fd02000000007234000000000000aaaa 06 '')
	$(icmpv6 fd010000000000001234123412341234 88 "60000000 fd01000000000001aaaaaaaaaaaaaaaa")
	EOF
	tr -d ' ' < $guard/guard_ipv4 | sort | paste -sd ' ' > "$work/shown"
	tr -d ' ' < $guard/guard_ipv6 | sort | paste -sd ' ' >> "$work/shown"
	printf '%s\n' '10.0.0.1 10.0.1.128/25 10.1.0.0/16' \
		'fd00::1 fd01::/64 fd02:0:0:8000::/49 fe80::1' | diff - "$work/shown" ||
		wrong "$way: the lists are not those which were written"
	refused 'File exists' $guard/guard_ipv4 +10.1.0.0/16
	refused 'No such file or directory' $guard/guard_ipv4 -10.1.0.0/17
	refused 'File exists' $guard/guard_ipv4 +10.0.0.1/32
	refused 'File exists' $guard/guard_ipv6 +fd00::1/128
	set_guard guard_ipv4 '-10.1.0.0/16 +10.1.2.3'
	passes <<-EOF
	$(ipv4 0a010203 06 '')
	$(ipv4 0a000180 06 '')
	EOF
	drops <<-EOF
	$(ipv4 0a010202 06 '')
	EOF
	set_guard guard_ipv4 '-10.0.0.1 -10.0.1.128/25 -10.1.2.3 +0.0.0.0/0'
	drops <<-EOF
	$(ipv6 $foreign_ip6 06 '')
	EOF
	passes <<-EOF
	$(ipv4 $foreign_ip 06 '')
	$(ipv4 $foreign_ip 11 "$(udp 9 9)")
	EOF
	set_guard guard_ipv4 "$(seq 63 | sed 's,.*,+11.&.0.0/16,')"
	refused 'No space left on device' $guard/guard_ipv4 +12.0.0.0/8
	set_guard guard_ipv4 "-11.1.0.0/16 +12.0.0.0/8 +12.0.0.1"
}

redirect_by_tc() {
	tc qdisc add dev p1 handle ffff: ingress
	tc filter add dev p1 parent ffff: matchall action mirred egress redirect dev ifb9
}

redirect_by_nft() {
	nft 'table netdev redirects { chain c {
		type filter hook ingress device p1 priority 0; fwd to ifb9; }; }'
}

# What comes back from an ifb has jumped over the ingress hook.
case_redirected() {
	guarded
	ip link add ifb9 type ifb
	at_end 'ip link del ifb9'
	ip link set ifb9 up
	# A bridge of VLAN devices, which take what is tagged before br0 does.
	ip link add br1 type bridge mcast_snooping 0
	at_end 'ip link del br1; ip link del p1.5; ip link del p2.5'
	for port in p1 p2; do
		ip link add link $port name $port.5 type vlan id 5
		ip link set $port.5 up master br1
	done
	ip link set br1 up
	for redirect in redirect_by_tc redirect_by_nft; do
		$redirect
		passes <<-EOF
		h1 > h2
		h1 > h2 vlan=5
		EOF
		dropped=$(counter guard_drops p1)
		drops <<-EOF
		$(ipv4 $foreign_ip 06 '')
		$(arp 0002 $own_mac $foreign_ip)
		h1 > h2 src=02:00:00:00:00:0a
		h1 > h2 src=02:00:00:00:00:0a vlan=5
		h1 > 01:80:c2:00:00:03 src=02:00:00:00:00:0a
		EOF
		[ "$(($(counter guard_drops p1) - dropped))" -eq 5 ] ||
			wrong "$way: $redirect: guard_drops $dropped, then $(counter guard_drops p1)"
		! bridge fdb show brport p1 | grep 02:00:00:00:00:0a ||
			wrong "$way: $redirect: the bridge has learned an address"
		case $redirect in
		*_tc)	tc qdisc del dev p1 handle ffff: ingress ;;
		*)	nft delete table netdev redirects ;;
		esac
	done
}

# Others that are hooked in the bridge see what they saw; and the guard's hook there is for
# as long as a port has a guard.
case_other_hooks() {
	guarded
	nft 'table bridge rules { chain c {
		type filter hook prerouting priority 0; ether type 0x88b5 drop; }; }'
	at_end 'nft delete table bridge rules'
	remember stock_netfilter p1
	drops <<-EOF
	h1 > h2 type=88b5
	EOF
	grew stock_netfilter p1
	passes <<-EOF
	h1 > h2
	EOF
	ip link add ifb9 type ifb
	at_end 'ip link del ifb9'
	ip link set ifb9 up
	redirect_by_tc
	at_end 'tc qdisc del dev p1 handle ffff: ingress'
	echo 1 > /sys/class/net/p2/fastbridge_port/guard
	echo 0 > /sys/class/net/p2/fastbridge_port/guard
	echo 1 > /sys/class/net/p3/fastbridge_port/guard
	ip link set p3 nomaster
	drops <<-EOF
	h1 > h2 src=02:00:00:00:00:0a
	EOF
	set_guard guard 0
	passes <<-EOF
	h1 > h2 src=02:00:00:00:00:0a
	EOF
	unload
	at_end load
	passes <<-EOF
	h1 > h2 src=02:00:00:00:00:0a
	EOF
}

# A checksum that is made later goes nowhere but where one is: not into an address, a port or a
# type that was looked at.
case_sum() {
	guarded
	passes <<-EOF
	h1 > h2 csum
	h1 > h2 csum type=86dd
	h1 > h2 csum type=86dd options
	h1 > h2 csum vlan=5
	$(ipv4 $own_ip 06 '') sum=34+16
	$(ipv4 $own_ip 11 "$(udp 9 9)") sum=34+6
	$(ipv4 $own_ip 84 '') sum=34+8
	$(ipv4 $own_ip 11 "$(udp 9 4789)") sum=50+2
	$(ipv4 $own_ip 2f '') sum=42+6
	EOF
	drops <<-EOF
	$(arp 0002 $own_mac $own_ip) sum=16+14
	$(ipv4 $own_ip 11 "$(udp 9 9)") sum=14+12
	$(ipv4 $own_ip 11 "$(udp 9 9)") sum=34+2
	$(ipv4 $own_ip 11 "$(udp 9 9)") sum=35+1
	$(ipv4 $own_ip 11 "$(udp 9 9)" 2000) sum=34+6
	$(ipv4 $own_ip 06 '') sum=26+0
	$(ipv4 $own_ip 06 '') sum=34+6
	$(ipv4 $own_ip 06 '') sum=42+6
	$(ipv4 $own_ip 84 '') sum=34+16
	$(ipv4 $own_ip 01 '0800') sum=34+0
	$(ipv6 $own_ip6 06 "$(udp 9 9)00000000000000000000") sum=22+0
	$(icmpv6 $own_ip6 88 "000000000000000000000000000000000000") sum=54+0
	$(frame 88b5 '') sum=14+2
	EOF
}

# Hundreds of addresses, the last one of 4,096, and no more.
case_many() {
	guarded
	seq 0 4093 | awk '{ printf "+10.1.%d.%d\n", $1 / 250, $1 % 250 + 1 }' > "$work/addresses"
	rm -f "$work"/some.*
	split -l 200 "$work/addresses" "$work/some."
	for some in "$work"/some.*; do
		cat "$some" > $guard/guard_ipv4
	done
	set_guard guard_ipv4 +10.2.0.1
	refused 'No space left on device' $guard/guard_ipv4 +10.2.0.2
	{ sed 's/+//' "$work/addresses"; echo 10.0.0.1; echo 10.2.0.1; } | sort > "$work/expected"
	tr -d ' ' < $guard/guard_ipv4 | sort | cmp - "$work/expected" ||
		wrong "$way: the list is not that which was written"
	passes <<-EOF
	$(ipv4 0a01007b 06 '')
	$(ipv4 0a010801 06 '')
	$(ipv4 0a020001 06 '')
	h1 > h2
	EOF
	drops <<-EOF
	$(ipv4 0a0100fb 06 '')
	$(ipv4 0a020002 06 '')
	EOF
	for some in "$work"/some.*; do
		sed 's/+\(.*\)/-\1 +\1 -\1/' "$some" > "$work/changes"
		head -n 67 "$work/changes" > $guard/guard_ipv4
		tail -n +68 "$work/changes" | head -n 67 > $guard/guard_ipv4
		sed 1,67d "$work/expected" > "$work/kept"
		tail -n +135 "$some" | tr + - > $guard/guard_ipv4
	done
	[ "$(wc -l < $guard/guard_ipv4)" -eq 2 ] || wrong "$way: not all are gone"
}

# list FILE: puts its lines into the list of IPv6, and says how long that took, in 10 ms.
list() {
	rm -f "$work"/some.*
	split -l 100 "$1" "$work/some."
	begin=$(tr -d . < /proc/uptime | cut -d ' ' -f 1)
	for some in "$work"/some.*; do
		cat "$some" > $guard/guard_ipv6
	done
	end=$(tr -d . < /proc/uptime | cut -d ' ' -f 1)
	[ "$(wc -l < $guard/guard_ipv6)" -eq "$(($(wc -l < "$1") + 2))" ] ||
		wrong "$way: the list is not that which was written"
	for some in "$work"/some.*; do
		tr + - < "$some" > $guard/guard_ipv6
	done
	echo $((end - begin))
}

# Whoever may list addresses keeps nobody waiting by those that he chooses.
case_chosen() {
	guarded
	seq 1 3000 | awk '{ printf "+%x::%x:0:0:0\n", $1, $1 }' > "$work/alike"
	seq 1 3000 | awk '{ printf "+2001:db8::%x:%x\n", 7919 * $1 % 65536, $1 }' > "$work/others"
	took=$(list "$work/others")
	chosen=$(list "$work/alike")
	[ "$chosen" -le $((4 * took + 20)) ] ||
		wrong "$way: they take $chosen instead of $took hundredths of a second"
}

case_wrong_values() {
	guarded
	for value in 2 -1 x auto; do
		refused 'Invalid argument' $guard/guard $value
		refused 'Invalid argument' $guard/guard_no_dhcp_server $value
		refused 'Invalid argument' $guard/guard_no_router $value
		refused 'Invalid argument' $guard/guard_ip_only $value
	done
	for value in ' ' 02:00:00:00:00:0b +02:00:00:00:00 +02:00:00:00:00:0b:0c +10.0.0.3 \
		+00:00:00:00:00:00 +03:00:00:00:00:01 +ff:ff:ff:ff:ff:ff '+ 02:00:00:00:00:0b' \
		+020000000000b +02-00-00-00-00-0b '*02:00:00:00:00:0b' \
		'+02:00:00:00:00:0b +x'; do
		refused 'Invalid argument' $guard/guard_mac "$value"
	done
	for value in +10.0.0 +10.0.0.256 +10.0.0.1.1 +10.0.0.3/33 +0.0.0.0 +224.0.0.1 \
		+255.255.255.255 +fd00::3 '+10.0.0.3 +x' + +10.0.0.3/24 +10.0.0.0/ +10.0.0.0/+24 \
		+10.0.0.0/2x +10.0.0.0/-1 +/24 +224.0.0.0/4 +0.0.0.0/8 +10.0.0.0/24/24 \
		+255.255.255.255/32; do
		refused 'Invalid argument' $guard/guard_ipv4 "$value"
	done
	for value in +10.0.0.3 +:: +ff02::1 +fd00:::3 +fd00::g +fd00::3/129 +fd00::3/64 \
		+fd00::/ +ff00::/8 +::/96 +fd00::/4294967360; do
		refused 'Invalid argument' $guard/guard_ipv6 "$value"
	done
	refused 'File exists' $guard/guard_mac +$own
	refused 'File exists' $guard/guard_mac "+02:00:00:00:00:0b +$own"
	refused 'No such file or directory' $guard/guard_ipv4 -10.0.0.3
	refused 'No such file or directory' $guard/guard_ipv6 '+fd00::5 -fd00::4'
	refused 'File too large' $guard/guard_ipv6 \
		"$(head -c 5000 /dev/zero | tr '\0' ' ')+fd00::5"
	refused 'Operation not permitted' $guard/guard 0 setpriv --bounding-set -net_admin \
		--inh-caps -net_admin
}

# The host h1 sends nothing on its own. Its datagrams from port 0x3a00 leave it as options (60),
# behind which ICMPv6 (0x3a) is said to follow.
lends() {
	changes_ports
	ip netns exec h1 nft 'table ip6 lends { chain c {
		type filter hook postrouting priority 0; policy drop;
		udp sport 0x3a00 ip6 nexthdr set 60 accept; }; }'
	at_end 'ip netns exec h1 nft delete table ip6 lends'
	ip netns exec h1 sysctl -qw net.ipv6.conf.e1.addr_gen_mode=1 \
		net.ipv6.conf.e1.disable_ipv6=0
	ip -n h1 addr add fd00::1/64 dev e1 nodad
	ip -n h1 neigh add fd00::2 lladdr 02:00:00:00:00:02 dev e1
	ip netns exec h2 nft 'table netdev lent {
		counter asked { }; counter advertised { };
		chain c { type filter hook ingress device e2 priority 0;
			ip6 daddr fd00::2 @nh,384,8 0x80 counter name asked;
			ip6 daddr fd00::2 @nh,384,8 0x88 counter name advertised; }; }'
	at_end 'ip netns exec h2 nft delete table netdev lent'
}

# lend: 4 bytes of padding are the datagram's options.
lend() {
	ip netns exec h1 "$work/frames" lend "$work/lent" 0x3a00 fd00::2 0x0104
}

# lent NAME: how many such have arrived?
lent() {
	ip netns exec h2 nft list counter netdev lent "$1" |
		sed -n 's/.*packets \([0-9]*\) .*/\1/p'
}

lent_arrives() {
	[ $(($(lent asked) + $(lent advertised))) -gt "$1" ]
}

queued_at_p2() {
	tc -s qdisc show dev p2 | sed -n 's/.* \([0-9]*\)p requeues.*/\1/p'
}

more_queued_at_p2() {
	[ "$(queued_at_p2)" -gt "$1" ]
}

# An echo request, for which the file has a neighbour advertisement of another's address by
# the time it leaves p2: a byte a second passes there, once some frames have.
change_lent() {
	printf '\200\0\0\0\140\0\0\0\375\0\0\0\0\0\0\0\0\0\0\0\0\0\0\011' > "$work/lent"
	had=$(($(lent asked) + $(lent advertised)))
	tc qdisc add dev p2 root tbf rate 8bit burst 1000 limit 100000
	echo 'h3 > h2 count=20' | exchange > /dev/null
	queued=$(queued_at_p2)
	lend
	wait_for 30 more_queued_at_p2 "$queued" || wrong "$way: not held up"
	printf '\210' | dd of="$work/lent" conv=notrunc 2> /dev/null
	tc qdisc change dev p2 root tbf rate 1gbit burst 100000 limit 100000
	echo 'h3 > h2' | exchange > /dev/null
	wait_for 30 lent_arrives "$had" || wrong "$way: not delivered"
	tc qdisc del dev p2 root
}

# What has been looked at is what arrives, whatever the sender does to its pages meanwhile.
case_changed_later() {
	guarded
	lends
	set_guard guard 0
	change_lent
	[ "$(lent asked) $(lent advertised)" = '0 1' ] ||
		wrong "$way: what is lent cannot be changed"
	set_guard guard 1
	change_lent
	[ "$(lent asked) $(lent advertised)" = '1 1' ] ||
		wrong "$way: changed after it had been looked at"
	[ "$(counter guard_drops p1)" -eq 0 ] || wrong "$way: a request was dropped"
	lend
	wait_for 30 grep -qx 1 $guard/stats/guard_drops ||
		wrong "$way: an advertisement passed"
}

# While addresses come and go, and the fast path with them, nobody else's frame gets
# through, and none of one's own is lost.
case_changes_under_traffic() {
	hello > /dev/null
	set_guard guard_mac +$own
	set_guard guard 1
	traffic_start h1 h2 h2 h1
	for n in $(seq 50); do
		echo "h1 > h3 src=02:00:00:00:00:0a type=88b5 count=40"
	done > "$work/spoofed"
	exchange < "$work/spoofed" > "$work/arrived" &
	spoofing=$!
	for n in $(seq 20); do
		set_guard guard_mac +02:00:00:00:01:0$((n % 10)) || wrong "no address $n"
		set_guard guard_mac -02:00:00:00:01:0$((n % 10)) +02:00:00:00:02:0a
		echo auto > $switches/mode
		set_guard guard_mac -02:00:00:00:02:0a
		echo off > $switches/mode
	done
	wait $spoofing
	[ ! -s "$work/arrived" ] || wrong "$way: spoofed frames passed: $(head -n 3 "$work/arrived")"
	traffic_intact
	[ "$(counter guard_drops p1)" -ge 1000 ] || wrong "$way: $(counter guard_drops p1) drops"
	echo "$way" > $switches/mode
}

# On and off, with the mode on and off: with the latter the hook comes and goes.
case_switched_under_traffic() {
	hello > /dev/null
	set_guard guard_mac +$own
	traffic_start h1 h2 h2 h1
	for _ in $(seq 30); do
		for change in guard=1 mode=auto guard=0 guard=1 mode=off guard=0 guard=1 guard=0; do
			case $change in
			mode=*)	echo "${change#*=}" > $switches/mode ;;
			*)	set_guard guard "${change#*=}" ;;
			esac
		done
	done
	traffic_intact
	echo "$way" > $switches/mode
}

# As many addresses as somebody can think of leave no trace, and others do not notice.
case_address_flood() {
	guarded
	traffic_start h2 h3 h3 h2
	"$work/frames" flood h1 h2 $((100 * repetitions))
	traffic_intact
	[ "$(counter guard_drops p1)" -eq $((100 * repetitions)) ] ||
		wrong "$way: $(counter guard_drops p1) of $((100 * repetitions)) were dropped"
	known=$(bridge fdb show br br0 brport p1 | grep -vc permanent)
	[ "$known" -eq 1 ] || wrong "$way: the bridge knows $known addresses at p1"
}

# What is guarded is a port: whoever leaves the bridge leaves it behind.
case_leaves_with_the_port() {
	guarded
	ip link set p1 nomaster
	ip link set p1 master br0
	[ "$(cat $guard/guard)" = 0 ] || wrong "$way: still guarded"
	[ -z "$(cat $guard/guard_mac)" ] || wrong "$way: still listed"
	passes <<-EOF
	h1 > h2 src=02:00:00:00:00:0a
	EOF
}

# With the mode off, nothing but drops is counted.
case_counts_drops_alone() {
	guarded
	hello > /dev/null
	between h1 h2 > /dev/null
	stood guard_drops
	[ "$way" != off ] || all_zero $guard/stats || wrong "a counter grew in mode off"
}

# The kernel patches its code where the first hook of the bridge comes, too: see lib.sh.
hook_bridge_elsewhere() {
	ip netns exec h4 nft 'table bridge elsewhere {
		chain p { type filter hook prerouting priority 0; };
		chain i { type filter hook input priority 0; }; }'
}

prepare
hook_bridge_elsewhere
modprobe -a ifb sch_ingress cls_matchall act_mirred 8021q
load
[ $# -gt 0 ] || cases=$(cases_of "$FILES/fastbridge/guard.sh")
for way in off auto; do
	for name in ${cases-"$@"}; do
		run_alone "guard $way" "$name"
	done
done
unload
finish guard
