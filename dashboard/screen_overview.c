/* SPDX-License-Identifier: EUPL-1.2
 *
 * The first page: four questions and their answers, then what came and went, then what is in
 * trouble. */
#include "dashboard/answers.h"
#include "dashboard/corridors.h"
#include "dashboard/message_rows.h"
#include "dashboard/screen.h"
#include "dashboard/series.h"

#include <string.h>

#define CORRIDORS 8
#define ALERTS 6

static void
put_charts(struct page *p)
{
	int hours = series_hours(p);
	const json_t *series;

	p_section(p, "flow-of-messages", N_("What came and went"));
	series_choice(p);
	series = p_ask(p, "stats.series", json_pack("{s:i}", "hours", hours));
	if (series != NULL) {
		p_raw(p, "<div class=\"charts\">");
		series_flow(p, series);
		series_pace(p, series);
		series_ages(p, json_object_get(series, "waiting"));
		p_raw(p, "</div>");
	}
	p_section_end(p);
}

static void
put_corridors(struct page *p)
{
	const json_t *answer;

	p_section(p, "trouble", N_("Corridors with trouble"));
	answer = p_ask(p, "corridor.list", NULL);
	if (answer != NULL)
		corridor_table(p, "trouble-table", N_("Worst first"),
			json_object_get(answer, "corridors"), CORRIDORS, true);
	p_raw(p, "<p>");
	p_link_words(p, N_("All corridors"), "/corridors", NULL);
	p_raw(p, "</p>");
	p_section_end(p);
}

static void
put_severity(struct page *p, const json_t *alert)
{
	bool critical = strcmp(text_of(alert, "severity"), "critical") == 0;

	p_mark(p, critical ? MARK_BAD : MARK_WARN, critical ? N_("critical") : N_("warning"));
}

static const struct column alert_columns[] = {
	{N_("Severity"), .put = put_severity},
	{N_("What"), .put = answer_alert_words},
	{N_("For"), .key = "since", .time = p_age},
	{0},
};

static void
put_alerts(struct page *p, const json_t *alerts)
{
	p_section(p, "alerts", N_("Newest alerts"));
	p_list_begin(p, "alerts-table", N_("Newest first"), alert_columns);
	for (size_t i = 0; i < json_array_size(alerts) && i < ALERTS; i++) {
		const json_t *alert = json_array_get(alerts, i);

		p_list_row(p, text_of(alert, "id"), alert_columns, alert);
	}
	p_table_end(p);
	empty_below(p, "alerts-table", json_array_size(alerts) == 0, N_("No alert."));
	p_raw(p, "<p>");
	p_link_words(p, N_("All alerts"), "/alerts", NULL);
	p_raw(p, "</p>");
	p_section_end(p);
}

void
screen_overview(struct page *p)
{
	const json_t *status = p_ask(p, "status", NULL), *alerts;

	if (status == NULL)
		return;
	alerts = json_object_get(broker_ask(p->broker, "alert.list", NULL, NULL), "alerts");
	put_answers(p, status, alerts);
	put_charts(p);
	put_corridors(p);
	put_alerts(p, alerts);
}
