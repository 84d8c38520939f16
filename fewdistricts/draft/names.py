"""What columns and value labels are usually called, in English and Spanish; names are compared folded."""

from __future__ import annotations

import re
import unicodedata

from fewdistricts import text
from fewdistricts.survey.nonanswers import missing_kind as missing_kind  # noqa: PLC0414 - one of these names

ROLES: dict[str, tuple[str, ...]] = {  # of data.columns, likeliest first
    "district": (
        r"^(the )?(district|distrito)s?$",
        r"distri(ct|to)|\bdist\b",
        r"^(municipality|municipio|muni|mun|comuna|commune|canton|parroquia|localidad|locality|corregimiento)$",
        r"municip|comuna|canton|parroquia|localidad|corregimiento|ubigeo",
        r"barrio|neighbou?rhood|vecindario|village|aldea|pueblo|\btown|community|comunidad|jurisdic|comisaria|precinct",
        r"^(city|ciudad|county|condado|province|provincia|departamento|depto|dpto|department|state|estado|region)$",
        r"\bfips\b|^sid$",
        r"^(site|sitio|zone|zona|locacion|location|school|escuela|pais|country|area)$",
        r"\b(county|provincia|province|departamento|region|zona|zone|site|sitio)\b",
    ),
    "wave": (
        r"^(wave|round|ronda|ola|survey round|survey wave|medicion|levantamiento)$",
        r"\b(wave|round|ronda|ola|medicion|levantamiento|baseline|endline|linea (de )?base)\b",
        r"^(year|ano|anio|anho|yr|survey year|periodo|period)$",
        r"\b(year|ano|anio|periodo|period)\b",
        r"^(time|tiempo|t|post|after|despues|phase|fase|encuesta|survey)$",
        r"^(mes|month|ym|yearmonth|trimestre|quarter|semestre|half ?year)$|\b(mes|month|trimestre|quarter)\b",
    ),
    "weight": (
        r"^(weight|weights|wgt|wt|pweight|pw|w|ponderador|ponderacion|peso|factor|fexp|factor expansion)\d*$",
        r"weight|\bw(gt|t)\b|^pond|ponder|factor|fexp|expansion|^fac\w*$|\bpeso\b",
    ),
    "stratum": (r"^(stratum|strata|estrato|estratos)$", r"strat|estrat|^e?str\d*$"),
    "psu": (
        r"^(psu|upm|cluster|conglomerado|segmento|segment)$",
        r"\b(psu|upm|ucp|clust\w*|conglom\w*|segment\w*|manzana|block|bloque|census (tract|area)|ea|seccion censal)\b",
    ),
    "respondent": (
        r"^(respondent|respondent id|caseid|case id|idnum|person id|personid|pid|resp id|respid|encuestado)$",
        r"^(household|hogar|hh|person|persona|respondent|encuestado|individual|individuo|member|miembro) ?"
        r"(id|identifier|identificador|code|codigo|number|numero)$",
        r"^(id|uuid|key|folio|instanceid|hhid|hh id|nquest|cuestionario|id encuesta|id hogar|questionnaire)$",
    ),
    "date": (
        r"^(date|fecha|today|interview date|fecha entrevista|fecha (de )?encuesta)$",
        r"date|fecha|^start$|submission ?time|^(timestamp|marca temporal|carimbo de data/hora|data)$",
    ),
    "arm": (
        r"^(arm|treat|treated|treatment|trat|tratamiento|tratado|intervention|intervencion|pilot|piloto|grupo|group|brazo)$",
        r"treat|tratam|tratad|\barm\b|brazo|pilot|interven",
    ),
    "population": (r"^(pop|population|poblacion|habitantes|inhabitants)\d*$", r"\b(population|poblacion)\b"),
}

PERSONAL = (
    r"^(name|nombre|apellido|surname|address|direccion|phone|telefono|celular|email|correo|dni|gps|latitud\w*|latitude"
    r"|longitud\w*|longitude|comment\w*|obs|observ\w*|firma|signature)$|\b(nombre|name|telefono|phone|email|direccion|gps)\b"
)
"""Columns that could tell who someone is; none is drafted as an indicator."""

TECHNICAL = (
    r"^(device ?id|version|start|end|today|now|form ?id|instance ?(id|name)|submission\w*|enumerator|encuestador\w*"
    r"|interviewer|supervisor|digitador|index|notes|status|tags|validation status|xform id string|unnamed.*|duration"
    r"|duracion|hora|time)$"
)
"""Columns of the interview itself."""

COVARIATES = (
    r"^(sex|sexo|gender|genero|female|mujer|male|hombre|age|edad|age ?group|grupo (de )?edad|grupo etario|education"
    r"|educacion|educ|escolaridad|schooling|nivel educativo|marital status|estado civil|ethnicity|etnia|religion|income"
    r"|ingreso|urban|urbano|rural|household size|hh ?size|tamano (del )?hogar)s?$"
)
"""What is no outcome but says whether the samples are alike: the name of a column, or all that its question says."""
GROUPS = {
    "sex": r"^(sex|sexo|gender|genero|female|mujer|mulher|male|hombre|homem)$",
    "age": r"^(age|edad|idade|age ?group|grupo (de )?edad|grupo etario|faixa etaria)$",
    "area": r"^(urban|urbano|rural|area|urbano rural|rural urbano)$",
}
"""Covariates by which readers ask for whom, and which no programme changes."""
_WHOSE = r" (en anos( cumplidos)?|in years|(del?|de la|of the) (entrevistad|encuestad|respondent)\S*)$"

KIND_BY_CODE = {"-99": "refused", "-98": "dont_know", "-97": "not_applicable"}
"""A custom of several survey houses, offered where no label says it."""

YES = r"^(1 )?(yes|si|y|s|true|verdadero)$"
NO = r"^([02] )?(no|n|false|falso|none|ninguno|nunca|never)$"

NEIGHBOUR = r"neighbou?r|vecin[oa]|colindante|spillover|derrame"
START = (
    r"first ?treat|^g$|^gvar$|^cohort(e)?$|(treat\w*|program\w*|interv\w*|pilot\w*) ?(start|year|date|inicio|ano|anio)"
    r"|(start|inicio|year|ano|anio|date|fecha) ?(of|de|del)? ?(treat|trat|program|interv|pilot|inicio)|^start$|^inicio$"
)
"""Columns that say when a district began."""
IDENTIFIER = (
    r"(^|\b|_)(id|ids|identifier|identificador|identificacion|uuid|guid|codigo|code|cod|clave|key|folio|serial|numero|nro"
    r"|num|no|number)\b|^\w{2,12}id$|^id\w{2,12}$"
)
"""Columns that number people, households, villages or forms."""
FOOTNOTE = r"^(\*|notas?|notes?|fuentes?|sources?)\s*[:.]"
"""What the first cell of a row of notes says."""

PILOT = r"pilot|piloto|treat|tratam|tratad|intervention|intervenid|beneficiari|program"
COMPARISON = r"comparison|comparacion|control|untreated|no (tratad|intervenid)|no treat"


def folded(text: str) -> str:
    """Lower case without accents, words apart: `Cod_Distrito` and `codDistrito` become `cod distrito`."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.sub(r"[^a-z0-9/']+", " ", plain).split())


def of_column(name: str) -> str:
    """A column's own name, folded, without the groups of a form before it."""
    return folded(re.split(r"[/]", name)[-1])


def rank(role: str, name: str) -> int | None:
    """How likely a column's name says a role, 0 first; None where it does not."""
    plain = of_column(name)
    return next((i for i, pattern in enumerate(ROLES[role]) if re.search(pattern, plain)), None)


def is_covariate(column: str, question: str) -> bool:
    """Whether a column is probably a covariate, such as `c207` that asks `Sexo del entrevistado`."""
    return any(re.search(COVARIATES, re.sub(_WHOSE, "", plain)) for plain in (of_column(column), folded(question)))


def group_kind(column: str, question: str) -> str:
    """`sex`, `age` or `area`, where a column holds that of respondents; empty where it does not."""
    for plain in (of_column(column), folded(question)):
        for kind, pattern in GROUPS.items():
            if re.search(pattern, re.sub(_WHOSE, "", plain)):
                return kind
    return ""


def slug(words: str, other: str = "") -> str:
    """An id of at most forty characters, or the other one where no letter or digit is left."""
    return text.slug(words, 40, other)


_MARKS = {
    "en": r"\b(?:the|of|you|your|is|in|to|and|do|does|how|what|yes|with)\b",
    "es": r"\b(?:de|la|el|los|las|del|usted|su|en|que|sí|por|con|y|hombre|mujer)\b|[¿¡ñ]|[áéíóú]",
    "pt": r"\b(?:de|da|dos|das|você|seu|sua|em|na|que|sim|não|por|com|uma|homem|mulher)\b|[ãõç]|[áéíóúâêô]",
}
"""What questions and answers in a language are full of. `No` is no mark: it is an answer in two of them and `in the`
in the third."""


def language(texts: list[str]) -> str:
    """The language that questions and labels look to be in; English where nothing tells."""
    joined = " ".join(texts).lower()
    found = {name: len(re.findall(marks, joined)) for name, marks in _MARKS.items()}
    return max(found, key=lambda name: found[name])
