/* SPDX-License-Identifier: GPL-2.0 */
/* JSON on standard output, as libyajl makes it; within a list, keys are NULL. */
#ifndef FASTNET_JSON_H
#define FASTNET_JSON_H

#include <stdbool.h>
#include <stdint.h>

void json_start(bool pretty);
void json_end(void);
void json_map(const char *key);
void json_map_end(void);
void json_list(const char *key);
void json_list_end(void);
void json_string(const char *key, const char *value);
void json_number(const char *key, uint64_t value);
void json_real(const char *key, double value);
void json_bool(const char *key, bool value);

#endif /* FASTNET_JSON_H */
