/* SPDX-License-Identifier: EUPL-1.2
 *
 * The first page: four questions and their answers. */
#include "dashboard/screen.h"
#include "dashboard/view.h"

void
screen_overview(struct page *p)
{
	enum err why = E_OK;
	const json_t *status = broker_ask(p->broker, "status", NULL, &why);
	const json_t *list =
		broker_ask(p->broker, "message.list", json_pack("{s:i}", "limit", 50), NULL);

	p_raw(p, "<section id=\"top\">");
	view_answers(p->out, status, err_word(why));
	p_raw(p, "</section>");
	view_messages(p->out, json_object_get(list, "messages"));
}
