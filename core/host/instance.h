/* instance.h: one configured plugin: its code, its state, its options, and the owner id that stays when code changes. */
#ifndef AQ_HOST_INSTANCE_H
#define AQ_HOST_INSTANCE_H

#include "host/config.h"
#include "host/gauges.h"
#include "host/plugin.h"

#include <aioquant/host.h>
#include <stdbool.h>

#define INSTANCES_MAX 2048
#define BLOB_MAX (1u << 20)

struct host;
struct store_worker;

enum instance_state {
	INSTANCE_CREATED = 1, /* waits for its markets */
	INSTANCE_RUNNING = 2,
	INSTANCE_FAILED = 3,  /* taken out: no callbacks, no new orders */
	INSTANCE_STOPPED = 4
};

/* What save wrote, and where the journal stood then. */
struct blob {
	uint8_t *bytes; /* malloc */
	uint32_t size, capacity;
	uint32_t schema;
	uint64_t fills;  /* number of the last fill that it knows */
	bool there;
};

struct held_calls {
	uint8_t *bytes; /* encoded calls, back to back */
	uint32_t size, capacity;
};

struct instance {
	struct host *host;
	uint32_t id;              /* flow id: the owner id, for ever */
	uint32_t kind;
	char name[48];
	struct config *own;       /* a copy of its section, which outlives the configuration it came from */
	const struct config_section *section; /* in `own` */
	struct plugin *plugin;
	void *self;
	struct aq_host table;
	uint32_t generation;
	int64_t reloaded_ns;      /* wall clock of the reload that brought it; 0 = it has always been so since the start */
	uint8_t state;            /* enum instance_state */
	bool effects;             /* calls with effects are allowed: from start to stop */
	bool orders_allowed;      /* the download has been delivered */
	bool saving;
	bool holding;             /* effects wait in `held` until COMMIT */
	struct held_calls held;
	bool failed;              /* fail was called: taken out after the callback */
	char why[160];
	int64_t now_ns;           /* of the event in hand */
	uint64_t random[2];
	struct blob loaded;       /* the state that start is given; freed afterwards */
	struct blob written, draft; /* the state as it was last written, and as it is being saved */
	/* for going back */
	struct plugin *previous_plugin;
	struct config *previous_own;
	struct blob previous_blob;
	int64_t watch_until_ns;   /* until then a failure goes back by itself; 0 = not watched */
	uint64_t events;          /* delivered */
	struct gauges gauges;
	struct store_worker *worker; /* of a storage plugin, which runs on its thread; else NULL */
	uint64_t wake_tag;        /* [any] thread writes */
	int woken;
};

/* Allocates; the section is copied, `plugin` belongs to the instance from here on if it works. Then create and the
 * options. 0 or an error with its reason. Pending options (markets, prices, quantities that cannot be resolved yet) are
 * told in *pending. */
int instance_create(struct host *h, uint32_t id, const char *name, const struct config_section *section,
	struct plugin *plugin, uint32_t generation, struct instance **out, int *pending, struct aq_err *err);
/* Stop if started, destroy, free, with what it kept for going back; its plugin is left. Accepts NULL. */
void instance_destroy(struct instance *i);
/* Frees a plugin and removes its copy from the disk, which the loop does not wait for. */
void instance_free_plugin(struct host *h, struct plugin *p);

/* Fills the options again (when markets are known). */
int instance_fill(struct instance *i, int *pending, struct config_errors *errors);
/* All markets that the section names are known. */
bool instance_markets_known(const struct instance *i);
/* Subscribes to what the options ask for, and notes the accounts. */
void instance_attach(struct instance *i);
/* load (if there is a state), start. On error nothing has begun. */
int instance_start(struct instance *i, struct aq_err *err);
/* The download, then live events. */
void instance_go_live(struct instance *i, uint64_t fills_after);
/* Runs save. AQ_ENOSYS without one. */
int instance_save(struct instance *i, struct blob *out);
/* The same into a blob of before, whose memory is used again. */
int instance_save_again(struct instance *i, struct blob *again);
void blob_free(struct blob *b);

/* The next number of a xorshift128+ generator. */
uint64_t instance_random(uint64_t state[2]);
/* The one way into a plugin's on_event. */
void instance_deliver(struct instance *i, const struct aq_event *event);
/* An exchange section whose venue is inside this process. */
bool instance_is_replay(const struct config_section *section);
/* Takes it out: subscriptions, timers, connections; its orders are cancelled. */
void instance_fail(struct instance *i, const char *why);

#endif
