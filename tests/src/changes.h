/* SPDX-License-Identifier: GPL-2.0 */
/* The fuzzer's changes of configuration. */
#ifndef CHANGES_H
#define CHANGES_H

#include <stdbool.h>
#include <stdint.h>

void changes_begin(void);
void changes_one(void);
void changes_end(void);
bool changes_all_worked(void);
/* The ethertype of tags that the bridge was made for. */
uint16_t changes_tpid(void);

#endif /* CHANGES_H */
