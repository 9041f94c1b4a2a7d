/* SPDX-License-Identifier: EUPL-1.2
 *
 * The text in which Prometheus reads figures (exposition format 0.0.4): a family is a name with its
 * help and type, and below it samples. Names are ours, values of labels are escaped. */
#ifndef DAFTAR_METRICS_TEXT_H
#define DAFTAR_METRICS_TEXT_H

#include "lib/buf.h"

enum metric_type { METRIC_GAUGE, METRIC_COUNTER };

struct metrics {
	struct buf *out;
	const char *name; /* of the family at hand */
};
void metric_family(struct metrics *m, const char *name, enum metric_type type, const char *help);
/* Up to two labels; a NULL name: there is none. */
void metric_sample(struct metrics *m, double value);
void metric_of(struct metrics *m, const char *label, const char *of, double value);
void metric_of_two(struct metrics *m, const char *label, const char *of, const char *label2,
	const char *of2, double value);

#endif
