"""A folder may hold anything: the answer is a site or a list of mistakes, never a traceback."""

import random
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.site.checks.validation_errors import BadSite
from shared.site.checks.yaml_lines import NotYaml, read_yaml
from shared.site.load import FILES, load_folder

PUNCTUATION = st.sampled_from(list("{}[]:,-#&*!|>'\"%@`? \n\tab1é\x00"))


@given(st.text(PUNCTUATION, max_size=60) | st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(NotYaml):
        read_yaml(text)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    indre = Path(__file__).parents[3] / "deploy" / "site" / "indre"
    return Path(shutil.copytree(indre, tmp_path_factory.mktemp("spoilt") / "indre"))


@given(st.sampled_from(sorted(FILES)), st.integers())
def test_a_file_with_lines_lost_doubled_or_swapped_is_loaded_or_refused(
    spoilt: Path, name: str, seed: int
) -> None:
    file, chance = spoilt / name, random.Random(seed)  # noqa: S311  (no secret)
    original = file.read_text(encoding="utf-8")
    lines = original.splitlines()
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            del lines[one]
        case 1:
            lines.insert(one, lines[other])
        case 2:
            lines[one], lines[other] = lines[other], lines[one]
        case _:
            lines[one] = lines[one][: chance.randrange(len(lines[one]) + 1)]
    file.write_text("\n".join(lines), encoding="utf-8")
    try:
        with suppress(BadSite):
            load_folder(spoilt)
    finally:
        file.write_text(original, encoding="utf-8")
