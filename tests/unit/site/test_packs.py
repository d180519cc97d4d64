"""A site's folder over a signed pack: whose word wins, where a mistake stands, who is believed."""

import base64
import json
import shutil
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from services.__main__ import main
from shared.site import packs, store
from shared.site.checks.validation_errors import BadSite
from shared.site.checks.yaml_lines import read_yaml
from shared.site.difference import difference
from shared.site.layers import FilePlace, lay
from shared.site.load import load_folder
from shared.site.packs import BadPack
from shared.site.tables.bundle import Site

INDRE = Path(__file__).parents[3] / "deploy/site/indre"
NATIONAL = ("regimes.yaml", "calendar.yaml", "labels.yaml")


def laid(own: str, below: str) -> object:
    return lay(read_yaml(own), "own.yaml", read_yaml(below), "pack").value


@pytest.mark.parametrize(
    ("own", "below", "both"),
    [
        ("a: 1", "b: 2", {"b": 2, "a": 1}),
        ("a: {x: 1}", "a: {x: 9, y: 2}", {"a": {"x": 1, "y": 2}}),
        ("a: [1]", "a: [2, 3]", {"a": [1]}),
        (
            "rows: [{id: new, n: 5}, {id: two, n: 3}]",
            "rows: [{id: one, n: 1}, {id: two, n: 2, m: 2}]",
            {"rows": [{"id": "new", "n": 5}, {"id": "one", "n": 1}, {"id": "two", "n": 3, "m": 2}]},
        ),
        (
            "rows: [{id: one, absent: true}]",
            "rows: [{id: one, n: 1}, {id: two, n: 2}]",
            {"rows": [{"id": "two", "n": 2}]},
        ),
        (
            "rows: [{id: one, n: 2}, {id: one, n: 3}]",
            "rows: [{id: one, n: 1}]",
            {"rows": [{"id": "one", "n": 3}, {"id": "one", "n": 2}]},
        ),
        ("rows: []", "rows: [{id: one}]", {"rows": []}),
        (
            "rows: [{id: one, n: 2}, {id: two, certain: us}]",
            "rows: [{id: one, n: 1, certain: them}, {id: two, certain: them, checked_by: them}]",
            {"rows": [{"id": "one", "n": 2}, {"id": "two", "certain": "us"}]},
        ),
        ("rows: [1]", "rows: [{id: one}]", {"rows": [1]}),
    ],
    ids=[
        "keys",
        "tables",
        "plain lists",
        "rows",
        "a row less",
        "a row twice",
        "no row",
        "who answers",
        "others",
    ],
)
def test_what_a_site_writes_wins_and_the_rest_is_the_packs(
    own: str, below: str, both: object
) -> None:
    assert laid(own, below) == both


def test_each_part_knows_where_it_was_written() -> None:
    own = read_yaml("# ours\nrows:\n  - {id: new}\n  - id: two\n    n: 3\n")
    below = read_yaml("rows:\n  - {id: one}\n  - id: two\n    n: 2\n    m: 2\n")
    found = lay(own, "own.yaml", below, "pack")
    assert found.place(("rows", 0, "id")) == FilePlace("own.yaml", 3)
    assert found.place(("rows", 1, "id")) == FilePlace("pack", 2)
    assert found.place(("rows", 2, "n")) == FilePlace("own.yaml", 5)
    assert found.place(("rows", 2, "m")) == FilePlace("pack", 5)
    assert found.place(("rows", 2, "nowhere", 4)) == FilePlace("own.yaml", 4)


class Maker:
    """Somebody who signs packs, with a folder of three national tables and a site that takes it."""

    def __init__(self, folder: Path) -> None:
        self.pem, self.public = packs.new_key()
        self.source, self.site = folder / "national", folder / "site"
        self.source.mkdir()
        shutil.copytree(INDRE, self.site)
        for name in NATIONAL:
            (self.site / name).rename(self.source / name)
        (self.site / "templates/reply.txt.j2").rename(self.source / "reply")
        (self.source / "templates").mkdir()
        (self.source / "reply").rename(self.source / "templates/reply.txt.j2")
        self.deliver(1)

    def deliver(self, version: int) -> None:
        """Signs what the folder has, and puts it where the site takes it."""
        octets = packs.make(self.source, "national", version, self.pem.encode())
        (self.site / "national.pack").write_bytes(octets)
        self.choose(self.public)

    def choose(self, *keys: str) -> None:
        """Writes whose signature the site believes."""
        (self.site / "pack.yaml").write_text(f"file: national.pack\nkeys: {json.dumps(keys)}\n")

    def refused(self) -> list[str]:
        """The mistakes that the site's folder has."""
        with pytest.raises(BadSite) as caught:
            load_folder(self.site)
        return [str(mistake) for mistake in caught.value.mistakes]


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


def test_a_site_over_a_pack_is_the_same_site_but_for_the_packs_name(maker: Maker) -> None:
    site = load_folder(maker.site)
    assert site.pack is not None
    assert (site.pack.name, site.pack.version, site.pack.key) == ("national", 1, maker.public)
    alone = load_folder(INDRE)
    assert site.model_copy(update={"pack": None}) == alone
    assert Site.model_validate_json(store.stored_text(site)) == site
    assert "pack" not in json.loads(store.stored_text(alone))


def test_a_site_changes_one_row_of_a_pack_and_keeps_the_others(maker: Maker) -> None:
    (maker.site / "regimes.yaml").write_text(
        "regimes:\n  - id: titre-60-jours\n    tribunal: Tribunal administratif de Paris\n"
    )
    (said,) = maker.refused()  # who checked the pack's row did not check this one
    assert said.startswith("regimes.yaml:2: regimes[2].checked: found nothing")
    with (maker.site / "regimes.yaml").open("a") as file:
        file.write("    checked: {by: Renée Faure, on: 2026-11-30, why: lu au greffe}\n")
    site = load_folder(maker.site)
    assert site.regime["titre-60-jours"].tribunal_checked_by == "nobody"
    alone = load_folder(INDRE)
    assert site.regime["titre-60-jours"].tribunal == "Tribunal administratif de Paris"
    assert site.regime["titre-60-jours"].period == alone.regime["titre-60-jours"].period
    assert list(site.regime) == list(alone.regime)


def test_a_mistake_of_the_pack_is_said_of_the_pack_and_one_of_the_site_of_the_site(
    maker: Maker,
) -> None:
    (maker.site / "regimes.yaml").write_text("regimes:\n  - id: titre-60-jours\n    effet: x\n")
    _, said = maker.refused()
    assert said.startswith("regimes.yaml:3: regimes[2].effet: found the key 'effet'")
    (maker.site / "regimes.yaml").unlink()
    text = (maker.source / "regimes.yaml").read_text()
    (maker.source / "regimes.yaml").write_text(text.replace("effect: rejection", "effect: no", 1))
    maker.deliver(2)
    assert maker.refused()[0].startswith("pack.yaml:regimes.yaml:8: regimes[0].effect: found 'no'")


def test_a_new_version_shows_its_difference_before_it_applies(maker: Maker) -> None:
    before = load_folder(maker.site)
    text = (maker.source / "regimes.yaml").read_text()
    (maker.source / "regimes.yaml").write_text(text.replace("n: 60,", "n: 61,"))
    maker.deliver(2)
    lines = difference(before, load_folder(maker.site))
    assert [line for line in lines if "digest" not in line] == [
        "regimes.regimes.titre-60-jours.period.n: 60 → 61",
        "pack.version: 1 → 2",
    ]


def test_who_is_not_believed_gives_no_rules(maker: Maker) -> None:
    other = packs.new_key()[1]
    maker.choose(other)
    (said,) = maker.refused()
    assert said.startswith("pack.yaml:1: file: found 'national.pack': Signed by the key ")
    maker.choose(other, maker.public)
    assert load_folder(maker.site).pack is not None


def test_a_pack_that_was_changed_after_its_signature_is_not_read(maker: Maker) -> None:
    path = maker.site / "national.pack"
    path.write_text(path.read_text().replace("n: 60", "n: 6"))
    (said,) = maker.refused()
    assert "Its content is not what its maker signed" in said


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.update(files={**said["files"], "people.yaml": ""}),
        lambda said: said.update(files={"regimes.yaml": 3}),
        lambda said: said.update(version="2"),
        lambda said: said.update(version=True),
        lambda said: said.update(signature="-"),
        lambda said: said.update(format="vaguemestre-pack-2"),
        lambda said: said.pop("key"),
    ],
)
def test_a_pack_of_another_shape_is_refused_in_a_sentence(maker: Maker, change: object) -> None:
    path = maker.site / "national.pack"
    said = json.loads(path.read_text())
    change(said)  # type: ignore[operator]  # a lambda of the table above
    path.write_text(json.dumps(said))
    (line,) = maker.refused()
    assert line.startswith("pack.yaml:1: file: found 'national.pack': ")


@pytest.mark.parametrize("octets", [b"", b"[]", b"{", b"\xff", b'{"files": 1}', b"9" * 4_000_001])
def test_what_is_no_pack_is_refused(octets: bytes) -> None:
    with pytest.raises(BadPack):
        packs.read(octets, frozenset())


@pytest.mark.parametrize("name", ["people.yaml", "site.yaml", "templates/a/b/c.j2"])
def test_who_a_site_is_stands_in_no_pack(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "of"
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x: 1")
    (folder / "regimes.yaml").parent.mkdir(exist_ok=True)
    with pytest.raises(BadPack):
        packs.make(folder, "national", 1, packs.new_key()[0].encode())


def typed(*words: str) -> Result:
    return CliRunner().invoke(main, ["site", "pack", *words])


def test_a_pack_is_made_looked_at_and_its_letters_are_unpacked(tmp_path: Path) -> None:
    folder, key, out = tmp_path / "of", tmp_path / "key.pem", tmp_path / "n.pack"
    shutil.copytree(INDRE / "letters", folder / "letters")
    public = typed("key", "--out", str(key)).output.strip()
    assert key.stat().st_mode & 0o077 == 0
    made = typed(
        "make", str(folder), "--name", "national", "--version", "3", "--key", str(key),
        "--out", str(out),
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    shown = typed("show", str(out), "--key", public)
    assert shown.output.startswith(f"national 3, signed by {public}\n")
    assert "letters/transmission.md" in shown.output
    there = tmp_path / "letters"
    there.mkdir()
    (there / "transmission.md").write_text("ours")
    done = typed("letters", str(out), "--key", public, "--out", str(there))
    assert f"{there / 'transmission.md'}: left as it is, the pack's differs" in done.output
    assert (there / "transmission.md").read_text() == "ours"
    assert (there / "reponse-d-attente.md").read_text() == (
        INDRE / "letters/reponse-d-attente.md"
    ).read_text()
    again = typed("key", "--out", str(key))
    assert again.exit_code == 1
    assert "File exists" in again.output
    stranger = typed("show", str(out), "--key", packs.new_key()[1])
    assert "not among those" in stranger.output


def test_a_translation_of_the_pack_goes_where_the_site_writes_the_french(maker: Maker) -> None:
    (maker.source / "templates/en").mkdir()
    for name in ("en/receipt.txt.j2", "en/next.txt.j2"):
        (maker.site / "templates" / name).rename(maker.source / "templates" / name)
    french = maker.site / "templates/receipt.txt.j2"
    french.rename(maker.source / "templates/receipt.txt.j2")
    for path in (maker.site / "templates").glob("_*.j2"):
        path.rename(maker.source / "templates" / path.name)
    maker.deliver(2)
    assert "en/receipt.txt.j2" in load_folder(maker.site).templates
    french.write_text((maker.source / "templates/receipt.txt.j2").read_text())
    templates = load_folder(maker.site).templates
    assert ("en/receipt.txt.j2" in templates, "en/next.txt.j2" in templates) == (False, True)


def signed(maker: Maker, **change: object) -> bytes:
    """A pack that its maker signed, though no program of ours would have made it."""
    said = json.loads((maker.site / "national.pack").read_text())
    content = {name: said[name] for name in ("format", "name", "version", "files")} | change
    private = load_pem_private_key(maker.pem.encode(), None)
    assert isinstance(private, Ed25519PrivateKey)
    signature = private.sign(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
    sealed = {"key": maker.public, "signature": base64.b64encode(signature).decode()}
    return orjson.dumps({**content, **sealed})


@pytest.mark.parametrize("change", [{"version": 0}, {"version": True}, {"name": "É"}, {"name": 1}])
def test_a_pack_that_its_maker_signed_wrongly_is_refused_as_well(
    maker: Maker, change: dict[str, object]
) -> None:
    assert packs.read(signed(maker), frozenset({maker.public})).name == "national"
    with pytest.raises(BadPack, match="no pack"):
        packs.read(signed(maker, **change), frozenset({maker.public}))
