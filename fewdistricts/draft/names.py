"""What columns and value labels are usually called, in English, Spanish and Portuguese; names are compared folded."""

from __future__ import annotations

import re
import unicodedata

from fewdistricts import text
from fewdistricts.draft import units
from fewdistricts.survey.nonanswers import missing_kind as missing_kind  # noqa: PLC0414 - one of these names

ROLES: dict[str, tuple[str, ...]] = {  # of data.columns, likeliest first
    "district": (
        r"^(the )?(district|distrito)s?$",
        r"distri(ct|to)|\bdist\b",
        *units.PATTERNS,
        r"ubigeo|\bfips\b|^sid$|jurisdic|comisaria|precinct|woreda|kebele|upazila|panchayat|tehsil|taluka?|barangay",
    ),
    "wave": (
        r"^(wave|round|ronda|rodada|ola|onda|survey round|survey wave|medicion|levantamiento)$",
        r"\b(wave|round|ronda|rodada|ola|onda|medicion|levantamiento|baseline|endline|lin(e|h)a (de )?base)\b",
        r"^(year|ano|anio|anho|yr|survey year|periodo|period)$",
        r"\b(year|ano|anio|periodo|period)\b",
        r"^(redcap )?event name$|^(time|tiempo|tempo|t|post|after|despues|depois|phase|fase|encuesta|pesquisa|survey)$",
        r"^(mes|month|ym|yearmonth|trimestre|quarter|semestre|half ?year)$|\b(mes|month|trimestre|quarter)\b",
    ),
    "weight": (
        r"^(weight|weights|wgt|wt|pweight|pw|w|ponderador|ponderacion|peso|factor|fator|fexp|factor expansion)\d*$",
        r"weight|\bw(gt|t)\b|^pond|ponder|fac?tor|fexp|expans(ion|ao)|^fac\w*$|\bpeso\b",
    ),
    "stratum": (r"^(stratum|strata|estrato|estratos)$", r"strat|estrat|^e?str\d*$"),
    "psu": (
        r"^(psu|upm|upa|cluster|conglomerado|segmento|segment)$",
        r"\b(psu|upm|upa|ucp|clust\w*|conglom\w*|segment\w*|manzana|block|bloque|census (tract|area)|ea"
        r"|(seccion|setor) censal|setor censitario)\b",
    ),
    "respondent": (
        r"^(respondent|respondent id|caseid|case id|idnum|person id|personid|pid|resp id|respid|encuestado)$",
        units.numbered(
            r"household|hh|hogar|family|familia|domicilio|agregado( familiar)?|person|persona|pessoa|respondent"
            r"|encuestado|entrevistado|individual|individuo|member|miembro|membro|pupil|student|alumno|aluno|estudian?te"
            r"|mother|madre|mae|child|nino|crianca|farmer|agricultor|productor|produtor|beneficiar(y|io)|patient|paciente|client"
        ),
        r"^(id|uuid|key|folio|instanceid|hhid|hh id|nquest|cuestionario|id encuesta|questionnaire|matricula)$",
    ),
    "date": (
        r"^(date|fecha|today|interview date|(fecha|data) (d[ea] )?(entrevista|encuesta))$",
        r"date|fecha|^start$|submission ?time|^(timestamp|marca temporal|carimbo de data/hora|data)$",
    ),
    "arm": (
        r"^(arm|treat|treated|treatment|trat|tratamiento|tratado|intervention|intervencion|pilot|piloto|grupo|group|brazo)$",
        r"treat|tratam|tratad|\barm\b|brazo|pilot|interven",
    ),
    "population": (
        r"^(pop|population|poblacion|populacao|habitantes|inhabitants)\d*$",
        r"\b(popula(tion|cao)|poblacion)\b",
    ),
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
    r"^(sex|sexo|gender|genero|female|mujer|mulher|male|hombre|homem|age|edad|idade|age ?group|grupo (de )?edad"
    r"|grupo etario|faixa etaria|education|educacion|educacao|educ|escolaridad|escolaridade|schooling|nivel educativo"
    r"|marital status|estado civil|ethnicity|etnia|raca|cor|idioma|language|religion|religiao|income|ingreso|renda"
    r"|urban|urbano|rural|household size|hh ?size|tamano (del )?hogar|tamanho (da )?familia)s?$"
)
"""What is no outcome but says whether the samples are alike: the name of a column, or all that its question says."""
GROUPS = {
    "sex": r"^(sex|sexo|gender|genero|female|mujer|mulher|male|hombre|homem)$",
    "age": r"^(age|edad|idade|age ?group|grupo (de )?edad|grupo etario|faixa etaria)$",
    "area": r"^(urban|urbano|rural|area|urbano rural|rural urbano)$",
}
"""Covariates by which readers ask for whom, and which no programme changes."""
_WHOSE = (
    r" (e[nm] anos( cumplidos| completos)?|in years|((del?|da|do|de la|of)( the)? )?(household |hh )?(head|jef[ea]"
    r"|chefe|entrevistad\S*|encuestad\S*|respondent\S*|person interviewed|mother|madre|mae|woman|mujer|mulher"
    r"|persona entrevistada|pessoa entrevistada)"
    r"( (del? (la )?|of (the )?|d[ao] )?(household|hogar|familia|domicilio))?)$"
)

KIND_BY_CODE = {"-99": "refused", "-98": "dont_know", "-97": "not_applicable"}
"""A custom of several survey houses, offered where no label says it."""

YES = r"^(1 )?(yes|si|sim|y|s|true|verdadero|verdadeiro)$"
NO = r"^([02] )?(no|nao|n|false|falso|none|ninguno|nenhum|nunca|never)$"

NEIGHBOUR = r"neighbou?r|vecin[oa]|colindante|spillover|derrame"
START = (
    r"first ?treat|^g$|^gvar$|^cohort(e)?$|(treat\w*|program\w*|interv\w*|pilot\w*) ?(start|year|date|inicio|ano|anio)"
    r"|(start|inicio|year|ano|anio|date|fecha) ?(of|de|del)? ?(treat|trat|program|interv|pilot|inicio)"
    r"|^(start|inicio)( (date|year|month|fecha|ano|anio|mes|data))?$"
)
"""Columns that say when a district began."""
IDENTIFIER = (
    r"(^|\b|_)(id|ids|identifier|identificador|identificacion|uuid|guid|codigo|code|cod|clave|key|folio|serial|numero|nro"
    r"|num|no|number)\b|^\w{2,12}id$|^id\w{2,12}$|^n?$"
)
"""Columns that number people, households, villages or forms; `N°` and `#` are `n` and nothing when folded."""
FOOTNOTE = r"^(\*|notas?|notes?|fuentes?|sources?)\s*[:.]"
"""What the first cell of a row of notes says."""

PILOT = r"pilot|treat|tratam|tratad|intervention|interven(id|cion|cao)|beneficiari|program"
COMPARISON = r"compari[st]on|compara(cion|cao)|control|untreated|n(o|ao) (tratad|intervenid)|no treat"


def folded(text: str) -> str:
    """Lower case without accents, words apart: `Cod_Distrito` and `codDistrito` become `cod distrito`."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.sub(r"[^a-z0-9/']+", " ", plain).split())


_NUMBER = r"^\s*[A-Za-z]{0,2}\d+[a-z]?(\.\d+)*\s*[.):-]*\s+(?=[^\W\d_]|¿)"
"""What a questionnaire's number before a question looks like: `P1. ` or `12) `."""


def without_groups(name: str) -> str:
    """A column's name without the groups of a form before it, as in `house/water`."""
    return re.split(r"/(?=[^/]*\w\w)", name)[-1]


def of_column(name: str) -> str:
    """A column's own name, folded, without the groups of a form, a number before it and what stands in brackets."""
    own = re.sub(_NUMBER, "", without_groups(name))
    return folded(re.sub(r"(?<=\w)\s*[(\[].*", "", own))


def question(name: str) -> str:
    """The question that a column's name is, as in exports of online forms; empty where it is a short name."""
    own = re.sub(_NUMBER, "", without_groups(name)).strip()
    return own[:1].upper() + own[1:] if " " in own or not own.isascii() else ""


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


def side_of(text: str) -> str | None:
    """The arm that a name or label speaks of."""
    plain = folded(text)
    if re.search(NEIGHBOUR, plain):
        return "neighbour"
    if re.search(COMPARISON, plain):
        return "comparison"
    return "pilot" if re.search(PILOT, plain) else None


def slug(words: str, other: str = "") -> str:
    """An id of at most forty characters, or the other one where no letter or digit is left."""
    return text.slug(words, 40, other)


_MARKS = {
    "en": r"\b(?:the|of|you|your|is|in|to|and|do|does|how|what|yes|with)\b|tion\b",
    "es": r"\b(?:de|la|el|los|las|del|usted|su|en|que|sí|por|con|y|hombre|mujer)\b|[¿¡ñ]|[áéíóú]"
    r"|(?:cion(?:es)?|dad|anio)\b",
    "pt": r"\b(?:de|da|dos|das|você|seu|sua|em|na|que|sim|não|por|com|uma|homem|mulher)\b|[ãõç]|[áéíóúàâêô]"
    r"|(?:cao|coes|dade|escola)\b",
}
"""What questions and answers in a language are full of. `No` is no mark: it is an answer in two of them and `in the`
in the third."""


def language(texts: list[str]) -> str:
    """The language that questions and labels look to be in; English where nothing tells."""
    joined = " ".join(texts).lower()
    found = {name: len(re.findall(marks, joined)) for name, marks in _MARKS.items()}
    return max(found, key=lambda name: found[name])
