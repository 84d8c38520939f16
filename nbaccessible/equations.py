"""TeX formulas as Typst and as MathML; a formula that neither understands is shown as it was written."""

from __future__ import annotations

import re
from functools import cache

_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')


@cache
def typst(tex: str) -> str | None:
    """Typst mathematics, or None when it cannot be converted or would not compile."""
    import tex2typst

    try:
        converted = tex2typst.tex2typst(tex.strip())
    except ValueError:
        return None
    outside = _STRINGS.sub("", converted).replace("\\#", "").replace("\\$", "")
    if not converted.strip() or "#" in outside or "$" in outside or "//" in outside or "/*" in outside:
        return None  # `#` would begin code, `$` end the formula
    return converted if _compiles(converted) else None


def _compiles(converted: str) -> bool:
    """Whether Typst takes the formula: cheap, and the only way to know."""
    import typst as compiler

    try:
        _, warnings = compiler.compile_with_warnings(f"${converted}$".encode(), format="svg", ignore_system_fonts=True)
    except compiler.TypstError:
        return False
    return not warnings


@cache
def mathml(tex: str, block: bool) -> str | None:
    """MathML, or None when it cannot be converted."""
    import math_core

    try:
        return math_core.LatexToMathML().convert_with_local_state(tex.strip(), displaystyle=block)
    except math_core.LatexError:
        return None
