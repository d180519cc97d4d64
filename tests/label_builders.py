"""The label of the tests' préfecture: the example site's, with owners that the tests have."""

from functools import cache
from pathlib import Path

from shared.site.checks.yaml_lines import read_yaml
from shared.site.tables.events import EventTable, ExerciseAddress
from shared.site.tables.quality import Framework, QualityTable

QUALITY = Path(__file__).parents[1] / "deploy" / "site" / "indre" / "quality.yaml"


@cache
def a_label() -> QualityTable:
    """The frameworks of the example site, whose engagements are all the bureau bmi's."""
    table = QualityTable.model_validate(read_yaml(QUALITY.read_text(encoding="utf-8")).value)
    return table.model_copy(
        update={"frameworks": tuple(_of_bmi(framework) for framework in table.frameworks)}
    )


def _of_bmi(framework: Framework) -> Framework:
    rows = [row.model_copy(update={"owner": "bmi"}) for row in framework.engagements]
    return framework.model_copy(update={"engagements": tuple(rows)})


def a_cabinet() -> EventTable:
    """The service juridique opens events beside the SG; two addresses take part in exercises."""
    return EventTable(
        cabinet="juridique",
        exercise=(
            ExerciseAddress(id="mairie", address="mairie@valroy.example"),
            ExerciseAddress(id="sidpc", address="sidpc@exemple.example"),
        ),
    )
