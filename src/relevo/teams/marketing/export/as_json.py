"""The report as JSON: every value as it is stored, under its category."""

import orjson

from relevo.teams.marketing.export.report import Report


def as_json(report: Report) -> bytes:
    persona = report.persona
    body = {
        "persona": {
            **persona.model_dump(mode="json", exclude={"answers"}),
            "categories": {
                category.key: {
                    question.key: persona.answer(question.key).model_dump(mode="json", exclude={"key"})
                    | {"question": question.ask[report.language], "ours": question.ours}
                    for question in category.questions
                }
                for category in report.template.categories
            },
        }
    }
    for name, found in (
        ("pain_points", report.pain_points),
        ("journey", report.journey),
        ("forum", report.forum),
    ):
        if found is not None:
            body[name] = found.model_dump(mode="json")
    if report.forum is not None:
        body["forum"]["agreement_bias"] = round(report.forum.agreement_bias, 3)
    return orjson.dumps(body, option=orjson.OPT_INDENT_2)
