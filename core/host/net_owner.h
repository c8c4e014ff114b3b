/* net_owner.h: which connection belongs to which exchange instance. Connections outlive a reload of code. */
#ifndef AQ_HOST_NET_OWNER_H
#define AQ_HOST_NET_OWNER_H

#include <stdbool.h>
#include <stdint.h>

struct host;

int64_t net_owner_open(struct host *h, uint32_t instance, const char *address);
int32_t net_owner_send(struct host *h, uint32_t instance, int64_t connection, const void *bytes, uint32_t length);
int32_t net_owner_close(struct host *h, uint32_t instance, int64_t connection);
/* Bytes of the instance wait because the venue does not read: an order given now would be executed late. */
bool net_owner_is_stuck(const struct host *h, uint32_t instance);
/* Download: AQ_EV_NET_OPEN for each connection that is open. */
void net_owner_tell(struct host *h, uint32_t instance);
/* Closes all of an instance that is gone. */
void net_owner_drop(struct host *h, uint32_t instance);

#endif
