/* SPDX-License-Identifier: GPL-2.0 */
/* The fuzzer's frames, and the addresses and VLANs that they and its changes use. */
#ifndef STRANGERS_H
#define STRANGERS_H

#include "frame.h"

/* Addresses of each host. */
#define STRANGERS 2
/* The VLANs 1, 2, 3 are in use; hardly any frame is in another. */
#define STRANGER_VLANS 3

void stranger_address(uint8_t *mac, int host, int number);
void stranger_nobody(uint8_t *mac);
int stranger_frame(struct frame *frame, uint32_t number, uint16_t tpid);
int stranger_greeting(struct frame *frame, uint32_t number, uint16_t tpid);

#endif /* STRANGERS_H */
