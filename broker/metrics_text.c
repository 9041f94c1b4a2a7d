/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lines of the exposition format. Whole numbers are written as such, others to the thousandth:
 * times are kept in milliseconds. */
#include "broker/metrics_text.h"

void
metric_family(struct metrics *m, const char *name, enum metric_type type, const char *help)
{
	m->name = name;
	buf_printf(m->out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
		type == METRIC_COUNTER ? "counter" : "gauge");
}

static void
add_value(struct metrics *m, double value)
{
	if (value > -9e15 && value < 9e15 && value == (double)(int64_t)value)
		buf_printf(m->out, " %.0f\n", value);
	else
		buf_printf(m->out, " %.3f\n", value);
}

static void
add_label(struct metrics *m, const char *label, const char *of)
{
	buf_printf(m->out, "%s=\"", label);
	for (; *of != '\0'; of++) {
		if (*of == '\\' || *of == '"')
			buf_u8(m->out, '\\');
		if (*of == '\n')
			buf_text(m->out, "\\n");
		else
			buf_u8(m->out, (uint8_t)*of);
	}
	buf_u8(m->out, '"');
}

void
metric_sample(struct metrics *m, double value)
{
	buf_text(m->out, m->name);
	add_value(m, value);
}

void
metric_of(struct metrics *m, const char *label, const char *of, double value)
{
	metric_of_two(m, label, of, NULL, NULL, value);
}

void
metric_of_two(struct metrics *m, const char *label, const char *of, const char *label2,
	const char *of2, double value)
{
	buf_printf(m->out, "%s{", m->name);
	add_label(m, label, of);
	if (label2 != NULL) {
		buf_u8(m->out, ',');
		add_label(m, label2, of2);
	}
	buf_u8(m->out, '}');
	add_value(m, value);
}
