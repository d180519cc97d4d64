"""The State's design system (DSFR) as the pages load it: one sheet, and the files that it names.

Its package has thousands of files. We take its ground (colours, letters, grid), the header and the
footer that make a site of the State recognisable, and the few pictures that our own sheet
(services/desk/static/office.css) uses. What a sheet holds as `data:` becomes a file beside it: the
policy of the pages allows no picture that does not come from our own server.

Its colours for the dark (`scheme`) hang on an attribute that its own JavaScript sets. Here they
hang on what the reader's browser prefers, on a screen: what is printed stays light.
"""

import re
from pathlib import Path
from urllib.parse import unquote

PACKAGE = "@gouvfr/dsfr"
SHEET = "dsfr.min.css"
_PARTS = (
    "core/core.main.min.css",
    "core/core.print.min.css",
    "scheme/scheme.min.css",
    "component/logo/logo.main.min.css",
    "component/logo/logo.print.min.css",
    "component/header/header.main.min.css",
    "component/header/header.print.min.css",
    "component/footer/footer.main.min.css",
    "component/footer/footer.print.min.css",
)
_PICTURES = (
    "favicon/favicon.svg",
    "icons/arrows/arrow-down-s-line.svg",
    "icons/system/fr--error-fill.svg",
    "icons/system/fr--success-fill.svg",
    "icons/system/fr--warning-fill.svg",
)
_FACES = ("Marianne-Regular.woff2", "Marianne-Medium.woff2", "Marianne-Bold.woff2")
"""The weights in which we write; a browser slants them itself."""

_FACE = re.compile(r"@font-face\{[^}]*\}")
_OLDER = re.compile(r',url\([^)]*\.woff\) format\("woff"\)')
_DARK = re.compile(r"(?<=[{}/;])((?::root)?\[data-fr-theme=dark\][^{},]*)(\{[^}]*\})")
"""A rule for the dark alone: its selector, and what it says."""
_DARK_MEDIA = "@media screen and (prefers-color-scheme:dark)"
_URL = re.compile(r"""url\((?:"([^"]*)"|'([^']*)'|([^"')]*))\)""")
_PICTURE = "data:image/svg+xml;"


def gather(package: Path, folder: Path) -> None:
    """Copies the State's design system (DSFR), its style sheet and the files that it names.

    The arrow of a list, black, is there a second time, light: a ground's picture takes no colour.

    Raises:
        OSError: the package is not laid out as we know it.
    """
    dist = package / "dist"
    sheets = [_gathered(dist / part, folder) for part in _PARTS]
    (folder / SHEET).write_text("\n".join(sheets), encoding="utf-8")
    for picture in _PICTURES:
        _copy(dist / picture, folder)
    arrow = (folder / "arrow-down-s-line.svg").read_text(encoding="utf-8")
    light = arrow.replace("<path ", '<path fill="#cecece" ')
    (folder / "arrow-down-s-line-light.svg").write_text(light, encoding="utf-8")


def _gathered(sheet: Path, folder: Path) -> str:
    """The text of one sheet, its addresses being names in `folder`."""

    def beside(found: re.Match[str]) -> str:
        address = found[1] or found[2] or found[3]
        if not address.startswith(_PICTURE):
            return f"url({_copy(sheet.parent / address, folder)})"
        drawn = unquote(address.partition(",")[2])
        name = f"{sheet.name.partition('.')[0]}-{len(list(folder.iterdir()))}.svg"
        (folder / name).write_text(drawn, encoding="utf-8")
        return f"url({name})"

    return dark_by_preference(_URL.sub(beside, _FACE.sub(_face, sheet.read_text(encoding="utf-8"))))


def dark_by_preference(sheet: str) -> str:
    """Returns a sheet whose rules for the dark hold where the reader's screen prefers it.

    A rule that names the light and the dark (for forced colours) stays as it is.
    """

    def preferred(found: re.Match[str]) -> str:
        selector = found[1].replace(":root[", "[").replace("[data-fr-theme=dark]", ":root")
        return f"{_DARK_MEDIA}{{{selector}{found[2]}}}"

    return _DARK.sub(preferred, sheet)


def _face(found: re.Match[str]) -> str:
    """A font that we write in, in the one format that every browser of today reads; or nothing."""
    wanted = any(face in found[0] for face in _FACES)
    return _OLDER.sub("", found[0]) if wanted else ""


def _copy(source: Path, folder: Path) -> str:
    (folder / source.name).write_bytes(source.read_bytes())
    return source.name
