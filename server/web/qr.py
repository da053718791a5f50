"""Draws QR codes."""

from __future__ import annotations

#: Modules of quiet around a code, as ISO/IEC 18004 asks for.
BORDER = 4


def as_svg(text: str) -> bytes:
    """Draws a QR code: black on white whatever the page's colours are, or cameras do not find it.

    Args:
        text: what it says; error correction M, which survives a reflection on the screen.

    Returns:
        An SVG without width and height, that fills what it is put in.
    """
    import io

    import segno

    file = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        file, kind="svg", border=BORDER, dark="#000000", light="#ffffff", omitsize=True,
        xmldecl=False, svgclass=None, lineclass=None,
    )  # fmt: skip
    return file.getvalue()
