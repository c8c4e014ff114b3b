/* control_gauges.c: figures that strategies tell by name. */
#include "host/control_call.h"
#include "host/control_format.h"

static const struct column columns[] = {{"instance", "INSTANCE", 0}, {"gauge", "GAUGE", 0}, {"value", "VALUE", COLUMN_RIGHT},
	{"age", "AGE", COLUMN_RIGHT}, {0}};

static void rows(struct control_call *c, const struct instance *i)
{
	struct result *r = &c->result;
	char age[FORMAT_SIZE];

	for (uint32_t k = 0; k < i->gauges.count; k++) {
		const struct gauge *g = &i->gauges.list[k];

		if (!result_row(r))
			continue;
		result_cell(r, "%s", i->name);
		result_cell(r, "%s", g->name);
		result_cell(r, "%.9g", g->value);
		result_cell(r, "%s", format_age(c->host->flow.now_ns - g->time_ns, age));
	}
}

bool control_gauges(struct control_call *c)
{
	const struct instance *i = c->request->count > 1 ? control_instance(c, c->request->words[1]) : NULL;
	uint32_t id = 0;

	if (c->result.failed)
		return true;
	result_table(&c->result, "gauges", TABLE_GRID, columns);
	if (i != NULL)
		rows(c, i);
	while (c->request->count == 1 && (i = control_next_instance(c->host, &id)) != NULL)
		rows(c, i);
	return true;
}
