"""From a number to words: signs, decimals, units, dates and lists as each language prints them; texts stay texts."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from surveys import a_design, an_estimate

from fewdistricts.design import District
from fewdistricts.errors import ConfigurationError
from fewdistricts.estimates.estimate import choices, frame, read
from fewdistricts.exhibits.text import names
from fewdistricts.exhibits.text.wording import Words, escape, stopped_once
from nbaccessible.markdown import parse

EN, ES = Words("en"), Words("es")
BOTH = pytest.mark.parametrize("words", [EN, ES], ids=["en", "es"])
NAN = math.nan


# --- numbers -------------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (1234.5, 1, "1,234.5"),
        (0, 0, "0"),
        (4792, 0, "4,792"),
        (-3.25, 2, "−3.25"),
        (2, 2, "2.00"),
        (1e6, 0, "1,000,000"),
    ],
)
def test_numbers(words, value, digits, shown):
    assert words.number(value, digits) == shown  # Peru writes as English does


@BOTH
@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.062, "6.2%"), (0, "0.0%"), (1, "100.0%"), (0.3636, "36.4%"), (0.9996, "100.0%"), (-0.031, "−3.1%")],
)
def test_shares(words, value, shown):
    assert words.share(value) == shown


@BOTH
@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.134, "+13.4"), (-0.134, "−13.4"), (0.0, "0.0"), (0.00049, "0.0"), (0.00051, "+0.1"), (-0.0006, "−0.1")],
)
def test_differences_of_shares_are_signed_percentage_points(words, value, shown):
    assert words.difference(value, "share") == shown


@BOTH
def test_a_count_has_the_decimals_of_its_interval(words):
    ends = (-0.32, 0.32)
    assert words.difference(0.00044, "count", *ends) == "0.00" and words.difference(0.054, "count", *ends) == "+0.05"
    assert words.interval(*ends, "count").count("0.32") == 2
    assert words.difference(0.00044, "count") == "+0.00044"  # nothing beside it
    assert words.difference(0.054, "count", float("-inf"), float("nan")) == "+0.054"


@BOTH
@pytest.mark.parametrize("value", [-0.0, -0.0004, -1e-9])
def test_a_zero_has_no_sign(words, value):
    assert words.difference(value, "share") == "0.0"
    assert words.number(value, 1) == "0.0"
    assert words.share(value / 10) == "0.0%"
    assert words.number(value) == "0"


@BOTH
def test_no_hyphen_stands_for_a_minus(words):
    texts = [words.number(-1.5, 1), words.share(-0.5), words.signed(-2), words.interval(-0.1, -0.05, "share")]
    assert not any("-" in text for text in texts)
    assert all("−" in text for text in texts)


@BOTH
@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    # halves go to the even digit, judged by the decimal number, not by its last binary bit
    [
        (0.5, 0, "0"),
        (1.5, 0, "2"),
        (2.5, 0, "2"),
        (0.125, 2, "0.12"),
        (0.135, 2, "0.14"),
        (0.145, 2, "0.14"),
        (0.295, 2, "0.30"),
        (0.285, 2, "0.28"),
        (1.005, 2, "1.00"),
        (1.015, 2, "1.02"),
        (28.499999999999996, 0, "28"),
    ],
)
def test_halves_round_to_even(words, value, digits, shown):
    assert words.number(value, digits) == shown


@BOTH
@pytest.mark.parametrize(
    ("value", "shown"), [(0.2895, "29.0%"), (0.2885, "28.8%"), (0.2915, "29.2%"), (0.0005, "0.0%")]
)
def test_halves_of_shares_round_to_even(words, value, shown):
    assert words.share(value) == shown


@given(st.integers(-10_000, 10_000), st.integers(1, 4))
def test_rounding_is_that_of_the_decimal_number(thousandths, digits):
    value = thousandths / 1000
    exact = round(Decimal(thousandths) / 1000, digits)
    shown = EN.number(value, digits).replace("−", "-").replace(",", "")
    assert Decimal(shown) == exact


@BOTH
def test_what_is_undefined_is_a_dash(words):
    for say in (words.number, words.share, words.p, words.signed):
        assert say(None) == say(NAN) == "–"
    assert words.difference(None, "share") == words.difference(NAN, "share") == "–"
    assert words.interval(NAN, 0.1, "share") == words.interval(0.1, NAN, "share") == "–"
    assert words.level_interval(NAN, 0.1, "share") == "–"


def test_no_share_moves_further_than_from_nobody_to_everybody():
    assert EN.interval(-1.432, 0.2, "share") == "<−100 to +20.0"
    assert EN.interval(-0.2, 1.5, "share") == "−20.0 to >+100"
    assert EN.interval(-1.0, 1.0, "share") == "−100.0 to +100.0"
    assert EN.interval(-2.5, 3.5, "scale") == "−2.50 to +3.50"  # a mean may
    assert EN.magnitude(1.07, "share") == ">100"
    assert EN.size(1.07, "share") == ">100 percentage points"


@BOTH
def test_what_is_unbounded_is_infinite(words):
    assert words.number(math.inf) == "∞"
    assert words.number(-math.inf) == "−∞"
    assert "−∞" in words.interval(-math.inf, 0.1, "share")
    assert words.interval(-math.inf, math.inf, "scale").endswith("∞")


def test_intervals():
    assert EN.interval(0.021, 0.098, "share") == "+2.1 to +9.8"
    assert ES.interval(-0.021, 0.098, "share") == "−2.1 a +9.8"
    assert EN.interval(-0.4, 0.25, "scale") == "−0.40 to +0.25"
    assert EN.level_interval(0.31, 0.412, "share") == "31.0% to 41.2%"


@BOTH
@pytest.mark.parametrize(
    ("value", "shown"), [(0.0009, "<0.001"), (0.001, "0.001"), (0.0494, "0.049"), (1.0, "1.000"), (0.0, "<0.001")]
)
def test_p_values(words, value, shown):
    assert words.p(value) == shown


def test_units_in_words():
    assert EN.with_unit(-0.031, "share") == "−3.1 percentage points"
    assert ES.with_unit(0.031, "share") == "+3.1 puntos porcentuales"
    assert EN.size(-0.031, "share") == "3.1 percentage points"
    assert EN.size(-0.42, "scale") == "0.42 points on the scale"
    assert EN.size(0.1, "count") == ES.size(0.1, "count") == "0.10"


def test_a_unit_agrees_with_its_number_as_each_language_has_it():
    pt = Words("pt")
    assert pt.with_unit(-0.009, "share") == "−0,9 ponto percentual"  # singular below two
    assert pt.with_unit(0.017, "share") == "+1,7 ponto percentual"
    assert pt.with_unit(0.02, "share") == "+2,0 pontos percentuais"
    assert pt.with_unit(0.3, "scale") == "+0,30 ponto na escala"
    assert pt.size(0.4, "sd") == "0,40 desvio-padrão"
    assert pt.short("[−0,9](estimates.csv#12)", "share") == "[−0,9](estimates.csv#12) ponto"
    assert pt.in_unit("0,4 a 6,9", "share", up_to="6,9") == "0,4 a 6,9 pontos percentuais"
    assert EN.in_unit("+1", "share") == "+1 percentage point"
    assert EN.with_unit(-0.009, "share") == "−0.9 percentage points"
    assert ES.in_unit("−1", "share") == "−1 punto porcentual"
    assert ES.with_unit(-0.009, "share") == "−0.9 puntos porcentuales"


def test_levels_keep_their_unit():
    assert EN.level(0.364, "share") == "36.4%"
    assert EN.level(0.364, "share", 0) == "36%"
    assert EN.level(3.104, "scale") == "3.10"


# --- dates and lists -----------------------------------------------------------------------------------------------


def test_dates_and_months():
    assert EN.date(date(2005, 4, 25)) == "25 April 2005"
    assert ES.date(date(2005, 4, 25)) == "25 de abril de 2005"
    assert EN.month(date(2003, 11, 1)) == "November 2003"
    assert ES.month(date(2003, 11, 1)) == "noviembre de 2003"


def test_lists():
    assert EN.listed(["a", "b", "c"]) == "a, b and c"
    assert ES.listed(["a", "b", "c"]) == "a, b y c"
    assert EN.listed(["a"]) == "a"
    assert EN.listed([]) == ""


# --- names ---------------------------------------------------------------------------------------------------------


def test_a_language_without_texts():
    with pytest.raises(ConfigurationError, match="found 'em'; allowed: en, es"):
        Words("em")


def test_families_by_declaration_by_the_house_and_by_id():
    design = a_design({"a": "pilot"}, families={"trust": "Confidence"})
    assert EN.family(design, "trust") == "Confidence"
    assert ES.family(a_design({"a": "pilot"}), "trust") == "Confianza en las instituciones"
    assert EN.family(design, "own_family") == "Own family"


def test_covariates():
    design = a_design({"a": "pilot"})
    assert names.covariate(design, EN, "female") == "Women"
    assert names.covariate(design, EN, "education=higher") == "Education: higher"
    assert names.covariate(design, EN, "years_here") == "years here"
    assert names.covariate(design, ES, "area=a=b").endswith("a=b")


@BOTH
def test_a_variant_names_the_district_left_out(words):
    design = a_design({"a": {"arm": "pilot", "name": {"en": "A District", "es": "A District"}}})
    row = read(frame([an_estimate(variant="without", variant_of="a")]))[0]
    assert "A District" in words.variant(design, row)


@BOTH
def test_a_hole_in_a_sentence_is_an_error(words):
    with pytest.raises(Exception, match="undefined"):
        words.label("sentence", "did_above", size="1%")
    with pytest.raises(KeyError, match=r"sentence\.no_such"):
        words.label("sentence", "no_such")
    with pytest.raises(Exception, match="undefined"):
        words.template("limits")


@BOTH
@pytest.mark.parametrize("column", ["estimand", "estimator", "variant"])
def test_every_language_has_a_word_for_every_value_of_a_closed_list(words, column):
    for value in choices(column):
        assert words.label(column, value, which="x"), value
    assert set(words.labels(column)) == set(choices(column))


@BOTH
def test_every_language_says_every_status_that_an_estimate_may_have(words):
    for status in set(choices("status")) - {""}:
        assert words.status(status) not in ("", "–"), status


# --- texts stay texts ----------------------------------------------------------------------------------------------

PAYLOADS = [
    "#import", "# heading", "<script>alert(1)</script>", "$x$", "$$x$$", "@fig-x", "@sec-answer", "*a*", "**b**", "_c_",
    "[x](y)", "![x](y)", "{{ x }}", "{% if %}", "{#id}", "`code`", "a | b", "[^1]", "- item", "1. item", "> quote",
    "~~x~~", "https://x.org", "www.x.org", "&amp; &lt;", "\\*", "a\nb", "***", "---", "+ x", "== x ==",
    "x^2^", ":)",
]  # fmt: skip


def plain(tokens) -> str:
    """The text of tokens that are paragraphs of text and nothing else."""
    out = []
    for token in tokens:
        assert token["type"] in ("paragraph", "text", "softbreak"), token["type"]
        out.append(plain(token["children"]) if "children" in token else token.get("raw", " "))
    return "".join(out)


@pytest.mark.parametrize("text", PAYLOADS)
def test_an_escaped_text_comes_out_as_it_went_in(text):
    assert plain(parse(escape(text))) == " ".join(text.split())
    assert plain(parse(f"Before {escape(text)} after")) == f"Before {text} after".replace("\n", " ")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1))
def test_no_text_becomes_markup(text):
    assert " ".join(plain(parse(f"x{escape(text)}x")).split()) == " ".join(f"x{text}x".split())


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_template_does_not_run_what_it_is_filled_with(text):
    assert EN.label("sentence", "quoted", text=text) == f"“{text}”"


def test_a_label_with_a_stop_of_its_own_gets_no_second_one():
    for label in ("Robbed?", "Safe!", "Sees patrols …", "Took part..."):
        for text in (label, escape(label)):
            assert stopped_once(f"Better: {text}. Next. **{text}.**") == f"Better: {text} Next. **{text}**"
    for kept in ("End. Next.", "3.5 and etc.", "see ../shared", "a?.b"):
        assert stopped_once(kept) == kept


@pytest.mark.parametrize(
    ("items", "joined"),
    [
        (["Ica", "Iquitos"], "Ica e Iquitos"),
        (["«Robo»", "«Incidencia»"], "«Robo» e «Incidencia»"),
        (["madres", "hijos"], "madres e hijos"),
        (["agua", "hielo"], "agua y hielo"),
        (["fase I", "II"], "fase I y II"),
        (["siete", "Yauyos"], "siete y Yauyos"),
        (["*Uno*", "*Índice*"], "*Uno* e *Índice*"),
    ],
)
def test_spanish_conjunctions_change_before_their_own_sound(items, joined):
    assert ES.listed(items) == joined
    assert ES.filled("{{ a }} y {{ b }}", a=items[0], b=items[1]) == joined
    assert EN.filled("{{ a }} y {{ b }}", a=items[0], b=items[1]) == f"{items[0]} y {items[1]}"


def test_spanish_or_changes_before_o():
    assert ES.filled("{{ n }} o ocho, a o b, uno o *Oyón*", n="siete") == "siete u ocho, a o b, uno u *Oyón*"


@pytest.mark.parametrize(
    ("language", "currency", "whole", "small"),
    [
        ("es", "PEN", "S/ 1,500,000", "S/ 0.71"),
        ("pt", "BRL", "R$ 1.500.000", "R$ 0,71"),
        ("en", "GBP", "£1,500,000", "£0.71"),
        ("en", "PEN", "PEN 1,500,000", "PEN 0.71"),
        ("pt", "PEN", "PEN 1.500.000", "PEN 0,71"),
        ("es", "USD", "USD 1,500,000", "USD 0.71"),
    ],
)
def test_only_the_own_currency_of_a_country_has_its_sign(language, currency, whole, small):
    words = Words(language)
    assert words.money(1_500_000.4, currency).replace("\u00a0", " ") == whole
    assert words.money(0.7123, currency).replace("\u00a0", " ") == small


@pytest.mark.parametrize(
    ("name", "printed"),
    [("1", ["District 1", "Distrito 1", "Comunidad 1"]), ("B2", ["District B2", "Distrito B2", "Comunidad B2"]),
     ("Ica", ["Ica"] * 3), ("Ward 6", ["Ward 6"] * 3), ("Ñu", ["Ñu"] * 3)],
)  # fmt: skip
def test_a_district_that_has_a_code_for_a_name_is_printed_with_the_word_for_a_district(name, printed):
    district = District(id="w1", name={"en": name, "es": name}, arm="pilot")
    words = {"district": {"es": {"one": "comunidad", "many": "comunidades", "gender": "f"}}}
    assert [each.name_of(district) for each in (EN, ES, Words("es", words))] == printed
