"""The nouns of an evaluation with their grammar: what a district, a respondent, an interview and the programme are
called.

`words:` of evaluation.yaml names them by language; the texts say `{{ area.many }}`, `{{ person.one }}`. A language
that has genders finds the endings here, so that "comunidades" agree as "distritos" do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

DECLARED_AS = {"area": "district", "person": "respondent", "interview": "interview", "programme": "programme"}


@dataclass(frozen=True)
class Noun:
    """A noun in one language; `gender` is `m` or `f` where the language has genders, else empty."""

    one: str
    many: str
    gender: str = ""

    @property
    def One(self) -> str:  # noqa: N802 - as a sentence begins with it
        """The singular with a capital."""
        return capitalised(self.one)

    @property
    def Many(self) -> str:  # noqa: N802
        """The plural with a capital."""
        return capitalised(self.many)

    def counted(self, number: int) -> str:
        """Singular or plural, as a number asks for."""
        return self.one if number == 1 else self.many

    def agreeing(self, word: str, number: int) -> str:  # noqa: ARG002  (other languages count)
        """The word for a number in the form that goes with the noun."""
        return word


class EnglishNoun(Noun):
    """An English noun."""

    AN: ClassVar[re.Pattern[str]] = re.compile(r"(?!eu|one\b|once\b|uni|us[ae])[aeiou]|hono|hour|heir", re.IGNORECASE)
    """What begins with a vowel to the ear: an area, an initiative, an hour; a unit, a European district."""

    @property
    def a_one(self) -> str:
        """With the indefinite article."""
        return ("an " if self.AN.match(self.one) else "a ") + self.one

    @property
    def A_one(self) -> str:  # noqa: N802
        """With the indefinite article and a capital."""
        return capitalised(self.a_one)


class RomanceNoun(Noun):
    """A noun of two genders: the endings of the words that agree with it."""

    ARTICLES: ClassVar[Mapping[str, tuple[str, str]]] = {"m": ("", ""), "f": ("", "")}
    """The articles of singular and plural by gender."""

    @property
    def feminine(self) -> bool:
        """Whether articles and endings are feminine."""
        return self.gender == "f"

    @property
    def o(self) -> str:
        """Ending of an adjective: vecin-o, vecin-a."""
        return "a" if self.feminine else "o"

    @property
    def a(self) -> str:
        """Ending of the indefinite article: un, un-a; um, um-a."""
        return "a" if self.feminine else ""

    @property
    def this(self) -> str:
        """Ending of the demonstrative: est-e, est-a."""
        return "a" if self.feminine else "e"

    @property
    def the(self) -> str:
        """With its article."""
        return f"{self.ARTICLES[self.gender or 'm'][0]} {self.one}"

    @property
    def the_many(self) -> str:
        """The plural with its article."""
        return f"{self.ARTICLES[self.gender or 'm'][1]} {self.many}"

    @property
    def The(self) -> str:  # noqa: N802
        """With its article and a capital."""
        return capitalised(self.the)

    @property
    def The_many(self) -> str:  # noqa: N802
        """The plural with its article and a capital."""
        return capitalised(self.the_many)

    def agreeing(self, word: str, number: int) -> str:
        """One has two genders: un, una; um, uma."""
        return word + self.a if number == 1 else word


class SpanishNoun(RomanceNoun):
    """A Spanish noun."""

    ARTICLES: ClassVar[Mapping[str, tuple[str, str]]] = {"m": ("el", "los"), "f": ("la", "las")}

    @property
    def a_full(self) -> str:
        """Ending of the pronoun: un-o, un-a."""
        return self.o

    @property
    def some(self) -> str:
        """Algún, alguna."""
        return "alguna" if self.feminine else "algún"

    STRESSED: ClassVar[re.Pattern[str]] = re.compile(r"h?á|(?:agua|ala|alma|arma|asa|aula|alza|acta)\b", re.IGNORECASE)
    """A feminine noun that begins with a stressed a has the masculine article before it: el área, un aula."""

    @property
    def the(self) -> str:
        """With its article."""
        return f"{'la' if self._takes_la else 'el'} {self.one}"

    @property
    def a(self) -> str:
        """Ending of the indefinite article: un, un-a."""
        return "a" if self._takes_la else ""

    @property
    def of_the(self) -> str:
        """With preposition and article: de la, del."""
        return ("de la " if self._takes_la else "del ") + self.one

    @property
    def to_the(self) -> str:
        """With preposition and article: a la, al."""
        return ("a la " if self._takes_la else "al ") + self.one

    @property
    def it(self) -> str:
        """The pronoun behind a preposition."""
        return "ella" if self.feminine else "él"

    @property
    def _takes_la(self) -> bool:
        return self.feminine and not self.STRESSED.match(self.one)


class PortugueseNoun(RomanceNoun):
    """A Portuguese noun."""

    ARTICLES: ClassVar[Mapping[str, tuple[str, str]]] = {"m": ("o", "os"), "f": ("a", "as")}

    @property
    def some(self) -> str:
        """Algum, alguma."""
        return "algum" + self.a

    @property
    def it(self) -> str:
        """The pronoun: ele, ela."""
        return "ela" if self.feminine else "ele"

    def agreeing(self, word: str, number: int) -> str:
        """Two has two genders as well: dois, duas."""
        if number == 2 and self.feminine:
            return "duas"
        return super().agreeing(word, number)


def contracted(preposition: str) -> Callable[[str], str]:
    """Puts a Portuguese preposition before a text, one word with its article: em + os is nos, a + as is às."""

    def before(text: str) -> str:
        article, _, rest = text.partition(" ")
        joined = CONTRACTIONS[preposition].get(article)
        return f"{joined} {rest}" if joined else f"{preposition} {text}"

    return before


CONTRACTIONS: Mapping[str, Mapping[str, str]] = {
    "em": {"o": "no", "a": "na", "os": "nos", "as": "nas"},
    "de": {"o": "do", "a": "da", "os": "dos", "as": "das"},
    "a": {"o": "ao", "a": "à", "os": "aos", "as": "às"},
    "por": {"o": "pelo", "a": "pela", "os": "pelos", "as": "pelas"},
}
FILTERS: Mapping[str, Mapping[str, Callable[[str], str]]] = {
    "pt": {preposition: contracted(preposition) for preposition in CONTRACTIONS}
}
"""What templates of a language may put behind a text, as `{{ the_pilots | em }}`."""
GRAMMAR: Mapping[str, type[Noun]] = {"en": EnglishNoun, "es": SpanishNoun, "pt": PortugueseNoun}


def nouns(language: str, usual: Mapping[str, Mapping[str, str]], declared: Any = None) -> dict[str, Noun]:
    """The nouns of a language by the names that texts use: as declared, else the usual ones of its labels.yaml."""
    grammar = GRAMMAR.get(language, Noun)
    out = {}
    for name, key in DECLARED_AS.items():
        forms = _declared(declared, key, language) or usual[name]
        out[name] = grammar(forms["one"], forms["many"], forms.get("gender") or "")
    return out


def _declared(words: Any, key: str, language: str) -> Mapping[str, str] | None:
    """The forms of a noun under `words:`, a mapping of noun and language, if they are declared."""
    by_language = (words or {}).get(key)
    if not by_language or language not in by_language:
        return None
    forms = by_language[language]
    return forms if isinstance(forms, Mapping) else forms.model_dump()


def capitalised(text: str) -> str:
    """With a capital first letter, the others as they are."""
    return text[:1].upper() + text[1:]
