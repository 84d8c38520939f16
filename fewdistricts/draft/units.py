"""What the units of a programme are called, in the names of columns and in sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PLACES = {  # how a column's name says it, folded: singular/plural/gender in English, Spanish, Portuguese
    "municip(io|ality|alitie)|muni?": "municipality/municipalities, municipio/municipios/m, município/municípios/m",
    "commune|comuna": "commune/communes, comuna/comunas/f, comuna/comunas/f",
    "canton|cantao": "canton/cantons, cantón/cantones/m, cantão/cantões/m",
    "parish|parroquia|freguesia": "parish/parishes, parroquia/parroquias/f, freguesia/freguesias/f",
    "locality|localidade?": "locality/localities, localidad/localidades/f, localidade/localidades/f",
    "ward": "ward/wards",
    "corregimiento": "township/townships, corregimiento/corregimientos/m",
    "vill(age)?|aldea|aldeia": "village/villages, aldea/aldeas/f, aldeia/aldeias/f",
    "pueblo|povoado": "village/villages, pueblo/pueblos/m, povoado/povoados/m",
    "community|comunidade?": "community/communities, comunidad/comunidades/f, comunidade/comunidades/f",
    "neighbou?rhood|barrio|vecindario|bairro": "neighbourhood/neighbourhoods, barrio/barrios/m, bairro/bairros/m",
    "town": "town/towns",
    "city|ciudad|cidade": "city/cities, ciudad/ciudades/f, cidade/cidades/f",
    "county|condado": "county/counties, condado/condados/m, condado/condados/m",
    "provinc(e|ia)": "province/provinces, provincia/provincias/f, província/províncias/f",
    "department|depto|dpto|departamento": "department/departments, departamento/departamentos/m",
    "state|estado": "state/states, estado/estados/m, estado/estados/m",
    "region|regiao": "region/regions, región/regiones/f, região/regiões/f",
    "zone|zona": "zone/zones, zona/zonas/f, zona/zonas/f",
}
_OTHERS = {  # of which questions are asked too: the name of a column must be all of it
    "school|escuela|escola": "school/schools, escuela/escuelas/f, escola/escolas/f",
    "colegio": "school/schools, colegio/colegios/m, colégio/colégios/m",
    "clinic|clinica|health facility": "clinic/clinics, clínica/clínicas/f, clínica/clínicas/f",
    "health (post|cent(re|er))|(puesto|posto|centro) de (salud|saude)": "health post/health posts,"
    " puesto de salud/puestos de salud/m, posto de saúde/postos de saúde/m",
    "market|mercado": "market/markets, mercado/mercados/m, mercado/mercados/m",
    "cooperative|cooperativa": "cooperative/cooperatives, cooperativa/cooperativas/f, cooperativa/cooperativas/f",
    "site|sitio": "site/sites, sitio/sitios/m, sítio/sítios/m",
    "country|pais": "country/countries, país/países/m, país/países/m",
    "location|locacion|area": "area/areas, área/áreas/f, área/áreas/f",
}
_NUMBER = r"id|code?|codigo|name|nombre|nome|no|num|number|numero|identifier|identificador|key|clave"


def _whole(nouns: str) -> str:
    """Pattern of a column that holds a noun or what it is numbered by: `village`, `villid`, `cod_comunidad`."""
    return rf"^(({_NUMBER}) ?((of|del?|da|do|de la) )?)?({nouns})s?( ?({_NUMBER}))?$"


PATTERNS = {_whole(nouns): words for nouns, words in (_PLACES | _OTHERS).items()} | {
    rf"\b({nouns})s?\b": words for nouns, words in _PLACES.items()
}
"""Pattern of a column's folded name: its words in each language; likeliest first."""


def numbered(nouns: str) -> str:
    """Pattern of a column of ids of some noun, as `household_id` or `cod_hogar`."""
    return rf"^({nouns}) ?({_NUMBER})$|^({_NUMBER}) ?((of|del?|da|do|de la) )?({nouns})$"


def words(column: str, languages: Sequence[str]) -> str:
    """The value of `words.district` that a column's folded name tells; empty where it lacks a language of these."""
    found = next((nouns for pattern, nouns in PATTERNS.items() if re.search(pattern, column)), "")
    known = dict(zip(("en", "es", "pt"), found.split(", "), strict=False))
    if not all(known.get(language) for language in languages):
        return ""
    return "{" + ", ".join(f"{language}: {_flow(*known[language].split('/'))}" for language in languages) + "}"


def _flow(one: str, many: str, gender: str = "") -> str:
    return f"{{one: {one}, many: {many}{f', gender: {gender}' if gender else ''}}}"
