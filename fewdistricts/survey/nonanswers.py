"""Labels, words and codes by which questionnaires and programs write that there is no answer."""

from __future__ import annotations

import re
import unicodedata

_NOTHING = {"na", "nan", "n/a", "<na>", "nat", "null", "none", "nil", "(null)", "(blank)", "(en blanco)", "(vazio)"}
"""Words by which programs write an empty cell."""
_SIGNS = re.compile(r"[-–—?¿*./…_~]+|#n/[ad]|#.*[!?]", re.IGNORECASE)
"""A cell of signs alone, and the errors of spreadsheets, as #DIV/0! or #¿NOMBRE?."""
APART = {"8", "9", "88", "89", "98", "99", "888", "988", "998", "999", "8888", "9998", "9999"}
"""Codes by which questionnaires mark that there is no answer, where the answers are other numbers."""

MISSING = {  # kind: labels, likeliest reading first
    "refused": r"refus|rehus|rechaz|no (answer|response)|not answered|no contest|no respond|prefer(s|red)? not"
    r"|prefier[eo] no|^n/?[cr]$|recus|nao respond|prefer(e|iu) nao|(pas de|sans) reponse|keine (antwort|angabe)"
    r"|verweiger"
    r"|rifiut|non risponde|weiger|geen antwoord|tidak (mau )?menjawab|(ame|ana)kataa|hakujibu|cevap yok",
    "dont_know": r"(don'?t|do not|doesn'?t|does not) know|not sure|no sabe|\bno (lo )?se$|no sabria|unsure|^dk\b"
    r"|^n/?s\b"
    r"|^ns ?n[cr]$"
    r"|nao sab|^(no|nao) (precisa|opina|recuerda|lembra)$|(can'?t|cannot|does not|doesn'?t) (remember|recall)"
    r"|ne (sait|sais|savent) pas|^nsp$|weiss (es )?nicht|\bnon (so|sa|sapre[ib])\b|weet (ik )?(het )?niet"
    r"|(tidak|tak) tahu|\b(si|ha)jui\b|bilmiyor|pa konnen|manan? yachan|hindi (ko )?alam|khong biet",
    "not_applicable": r"not applicable|no aplica|no corresponde|does not apply|inapplicable|^n/a$|^inap$|^skip"
    r"|nao se aplica|nao aplicavel|sans objet|non (concern|applica)|trifft nicht zu|tidak berlaku|haihusiki",
    "not_asked": r"not asked|no preguntad|no se pregunt|nao (foi )?pergunt|not in (this )?(wave|round)",
    "unspecified": r"^missing|^sin (dato|informacion|respuesta)|no especific|unspecified|not stated|ilegible|^blank$"
    r"|^invalid|^anulad[oa]$|^va[cz]io$|^illegible$|^error$|^tbd$|^no data$"
    r"|perdido|^na$|^[nsk][ /][adi]$|^unknown$|^(no|sin) info(rmation)?$"
    r"|^(no|nao) (indica|informa|declara)(do)?$|^ignorad[oa]$|^sem (informacao|resposta|declaracao)",
}
"""Kind of missing: what value labels say of it, without accents: most of it in English, Spanish and Portuguese."""

_OTHER_SCRIPTS = {
    "refused": "رفض|لا يوجد جواب|لا جواب|отказ|нет ответа|拒|उत्तर नहीं",
    "dont_know": "لا [أا]عرف|لا [أا]دري|لا يعرف|не знаю|не знает|затрудняюсь|不知道|不清楚|わからない|모르"
    "|(पता|मालूम) नहीं|জানি না",
    "not_applicable": "لا ينطبق|неприменимо|не относится|不适用|लागू नहीं",
}
"""The same in scripts that have no letters a to z."""

_NEGATIVE = re.compile(
    r"\b(no|not|nao|non|never|nunca|nada|none|ningun\w*|nenhum\w*|jamas|nothing|bad|mal[oa]?|mau|ruim|worse|worst|peor"
    r"|pior|p[ei]s+im[oa]|un(safe|secure|sure|happy|satisf|like|fair|important)\w*"
    r"|dis(agree|satisf|trust|like)\w*|in(segur|satisf|just|conform|feli[zc])\w*|des(acuerdo|confi|content)\w*)\b"
)
"""Words, without accents, that put an answer on the lower side of a scale."""

_CODE = re.compile(r"-?(9+[6-9]?|8+[89]?|7{2,})")
"""Numbers that questionnaires give to no answer: 9, 99, 98, 998, 888888, 77."""
_RARER_CODE = re.compile(r"9+[1-5]|4{2,}|5{2,}|6{2,}")
"""Numbers that some do: 94 and 95 in DHS, 993, 55, 666."""


def missing_kind(label: str) -> str | None:
    """The kind of missing a value label speaks of; None where it speaks of an answer."""
    words = re.sub(r"^\d+ (?=[a-z])", "", _folded(label))  # "99. NS/NR"
    if re.search(MISSING["dont_know"], words):  # "no sabe / no responde" is both
        return "dont_know"
    for kind, pattern in MISSING.items():
        if re.search(pattern, words):
            return kind
    spoken = unicodedata.normalize("NFKC", label).casefold()
    return next((kind for kind, pattern in _OTHER_SCRIPTS.items() if re.search(pattern, spoken)), None)


def is_negative(label: str) -> bool:
    """Whether an answer is on the lower side of a scale, as far as its words say it.

    Examples
    --------
    >>> [is_negative(label) for label in ("Very unsafe", "Nada seguro", "No", "Safe", "Siempre")]
    [True, True, True, False, False]
    """
    return _NEGATIVE.search(_folded(label)) is not None


def is_nothing(text: str) -> bool:
    """Whether a text is how a program or a hurried hand writes an empty cell.

    Examples
    --------
    >>> [is_nothing(text) for text in ("NA", "-", "#DIV/0!", "#¿NOMBRE?", "no", "-9", "+")]
    [True, True, True, True, False, False, False]
    """
    return text.lower() in _NOTHING or _SIGNS.fullmatch(text) is not None


def is_reserved(code: str) -> bool:
    """Whether a number is one that questionnaires give to no answer; of one digit only 8 and 9 are."""
    return bool(_CODE.fullmatch(code))


def is_rarely_reserved(code: str) -> bool:
    """Whether a number is one that some questionnaires give to no answer, where it lies far above all answers."""
    return bool(_RARER_CODE.fullmatch(code))


def _folded(text: str) -> str:
    """Lower case without accents, words apart."""
    ascii_text = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9/']+", " ", ascii_text).split())


def is_total(text: str) -> bool:
    """Whether a name is that of a row which sums up others.

    Examples
    --------
    >>> [is_total(text) for text in ("Total Ancón", "SUB-TOTAL", "Promedio", "Totalan", "Sumarán")]
    [True, True, True, False, False]
    """
    whole = r"media( (general|global|nacional|overall))?$"
    summed = rf"(sub[\s-]?|grand\s|gran\s)?(total(es)?|sum|suma|promedio|average|mean)\b|{whole}"
    return bool(re.match(summed, text, re.IGNORECASE))
