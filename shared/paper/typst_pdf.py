"""Typst, called in one way: what is set with which data, as PDF/A unless it is only printed.

The library is imported by the first paper that a process makes, and by most processes never: it is
30 MB of which idle ones would hold six.
"""

from collections.abc import Mapping
from pathlib import Path


def typeset(layout: Path, data: Mapping[str, str], *, kept: bool = True) -> bytes:
    """Makes the PDF of a layout, which reads `data` by its names and the files of its own folder.

    `kept`: as PDF/A, which opens in thirty years. Raises RuntimeError when the layout does not fit
    the data.
    """
    import typst  # noqa: PLC0415  (see above)

    made = typst.compile(
        layout,
        root=layout.parent,
        format="pdf",
        sys_inputs=dict(data),
        pdf_standards="a-2b" if kept else None,
        ignore_system_fonts=True,
    )
    return bytes(made)
