/* wait.c: a session waits for its socket without holding up the loop. */
#include "mariadb/store.h"

void session_unwatch(struct session *c)
{
	if (c->watch > 0)
		c->s->provider->unwatch(c->s->host->owner, c->watch);
	c->watch = 0;
}

static bool watch(struct session *c, uint32_t events)
{
	int fd = mysql_get_socket(c->mysql);

	if (c->watch > 0 && c->fd == fd && c->watched == events)
		return true;
	session_unwatch(c);
	c->fd = fd;
	c->watched = events;
	c->watch = c->s->provider->watch(c->s->host->owner, fd, events, c->number);
	return c->watch > 0;
}

int session_wait(struct session *c, int wanted)
{
	uint32_t events = ((wanted & MYSQL_WAIT_READ) != 0 ? AQ_WATCH_READ : 0) |
		((wanted & (MYSQL_WAIT_WRITE | MYSQL_WAIT_EXCEPT)) != 0 ? AQ_WATCH_WRITE : 0);

	if (c->cut == NULL && !watch(c, events))
		c->cut = "the host does not watch its socket";
	if (c->cut != NULL)
		return MYSQL_WAIT_TIMEOUT;
	c->ready = 0;
	fiber_wait(&c->fiber);
	if (!c->connected) /* the library may close this one and try the next address */
		session_unwatch(c);
	if (c->cut != NULL)
		return MYSQL_WAIT_TIMEOUT;
	return ((c->ready & AQ_WATCH_READ) != 0 ? MYSQL_WAIT_READ : 0) | ((c->ready & AQ_WATCH_WRITE) != 0 ? MYSQL_WAIT_WRITE : 0);
}

void session_rest(struct session *c)
{
	if (!watch(c, AQ_WATCH_READ))
		c->lost = true;
}

/* One timer for all that a session asks: it is moved only when it would come too late. */
void session_limit(struct session *c, int64_t duration)
{
	const struct aq_host *host = c->s->host;

	c->limit_ns = host->now(host->owner) + duration;
	if (c->timer > 0 && c->timer_ns > c->limit_ns) {
		host->timer_clear(host->owner, c->timer);
		c->timer = 0;
	}
	if (c->timer > 0)
		return;
	c->timer_ns = c->limit_ns;
	c->timer = host->timer_set(host->owner, c->timer_ns, 0, TIMER_SESSION | (uint64_t)c->number * TIMER_KINDS);
}

bool session_is_late(struct session *c)
{
	int64_t now = c->s->host->now(c->s->host->owner);

	c->timer = 0;
	if (c->limit_ns == 0)
		return false;
	if (now >= c->limit_ns)
		return true;
	session_limit(c, c->limit_ns - now);
	return false;
}

void session_cut(struct session *c, const char *why)
{
	c->cut = why;
	if (c->fiber.under_way)
		fiber_resume(&c->fiber);
}
