"""Values that are read as something else in silence elsewhere: each is the right number here, or one clear error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from small_survey import HEADER, ROWS, csv_text

from fewdistricts import design, paths, survey
from fewdistricts.errors import DataError
from fewdistricts.text import count

Declaration = dict[str, Any]
Written = Callable[..., pd.DataFrame | str]


@pytest.fixture
def read(home: Any, declare: Any, declaration: Declaration) -> Written:
    """The small survey with a column `asked` of these cells, declared as a mean or in another place; or the error."""

    def build(cells: list[Any] | None = None, place: str = "indicator", text: str | None = None) -> pd.DataFrame | str:
        rows = [(*row, cell) for row, cell in zip(ROWS, cells, strict=True)] if cells else ROWS
        text = text or csv_text(rows, [*HEADER, "asked"] if cells else HEADER)
        (paths.raw("small") / "survey.csv").write_text(text, encoding="utf-8")
        if cells and place == "indicator":
            declaration["indicators"][2:] = [{"id": "asked", "label": "Asked", "column": "asked"}]
        if cells and place == "covariate":
            declaration["covariates"] = ["asked"]
        if cells and place == "weight":
            declaration["data"]["columns"]["weight"] = "asked"
        declare(declaration)
        try:
            survey.build(design.load("small"))
        except DataError as error:
            return str(error)
        return survey.load("small")

    return build


SCRIPTS = {
    "Arabic-Indic": "٠١٢٣٤٥٦٧٨٩",
    "Persian": "۰۱۲۳۴۵۶۷۸۹",
    "Devanagari": "०१२३४५६७८९",
    "full width": "０１２３４５６７８９",
}


@pytest.mark.parametrize("place", ["indicator", "covariate", "weight"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_digits_of_another_script_are_digits(script: str, place: str, read: Written) -> None:
    numbers = [23, 104, 5, 67, 8, 9, 10, 11, 90]
    digits = str.maketrans("0123456789", SCRIPTS[script])
    frame = read([str(number).translate(digits) for number in numbers], place)
    assert frame["weight" if place == "weight" else "asked"].tolist() == numbers


def test_marks_of_arabic_numbers(read: Written) -> None:
    assert read(["١٬٢٣٤", "٥٫٥", *"1234567"])["asked"].tolist() == [1234, 5.5, 1, 2, 3, 4, 5, 6, 7]


def test_a_district_may_be_numbered_in_another_script(read: Written, declaration: Declaration) -> None:
    declaration["districts"][0]["value"] = "٧"
    frame = read(text=csv_text().replace("north", "٧"))
    assert (frame["district"] == "north").sum() == 5


@pytest.mark.parametrize("sign", ["\u2212", "\uff0d"])
def test_a_minus_sign_is_a_minus(sign: str, read: Written, declaration: Declaration) -> None:
    cells = [f"{sign}5.5", *"12345678"]
    assert read(cells)["asked"][0] == -5.5
    assert "row 2: found a negative weight" in read(cells, "weight")


SPACED = ["1 234", "950", "2 000", "10", "20", "1 000", "7", "0", "5"]


@pytest.mark.parametrize("place", ["indicator", "covariate", "weight"])
@pytest.mark.parametrize("mark", ["\u202f", "\u00a0", "\u2009", " ", "'", "\u2019"])
def test_thousands_apart_by_a_space_or_an_apostrophe(
    mark: str, place: str, read: Written, declaration: Declaration
) -> None:
    cells = [cell.replace(" ", mark) for cell in SPACED]
    message = read(cells, place)
    shown = "'" if mark in "'\u2019" else " "
    assert "survey.csv, column 'asked', rows 2, 4, 7: found " in message
    assert f"declare `thousands: {{asked: {shown!r}}}` in data.files" in message
    assert len(message.splitlines()) == 1
    declaration["data"]["files"][0]["thousands"] = {"asked": shown}
    column = "weight" if place == "weight" else "asked"
    assert read(cells, place)[column].tolist() == [1234, 950, 2000, 10, 20, 1000, 7, 0, 5]


@pytest.mark.parametrize("end", ["\x1a", "\x1a\r\n", "\0", "\0" * 100])
def test_what_old_programs_write_behind_the_last_row_is_no_row(end: str, read: Written) -> None:
    pd.testing.assert_frame_equal(read(text=csv_text() + end), read(text=csv_text()))


@pytest.mark.parametrize(("character", "named"), [("\0", "U+0000"), ("\x1a", "U+001A")])
def test_a_control_character_in_a_cell_is_named(character: str, named: str, read: Written) -> None:
    message = read(text=csv_text().replace("yes", f"y{character}es", 1))
    assert f"survey.csv, column 'safe', row 2: found the character {named} in " in message
    assert "take it out of the file" in message


def test_a_cell_of_megabytes_is_read(read: Written) -> None:
    photograph = "x" * 9_000_000
    frame = read(text=csv_text([(*ROWS[0], photograph), *((*row, "") for row in ROWS[1:])], [*HEADER, "photograph"]))
    pd.testing.assert_frame_equal(frame, read(text=csv_text()))


def test_a_row_of_megabytes_over_many_lines_is_refused_by_its_number(read: Written) -> None:
    text = csv_text([(*row, "") for row in ROWS[:-1]] + [(*ROWS[-1], '"' + "x\n" * 4_000_000 + '"')], [*HEADER, "note"])
    message = read(text=text)
    assert "survey.csv, row 10: found 8,000,022 bytes over several lines; allowed: at most 2,097,152" in message
    assert "does a quotation mark open a cell that nothing closes?" in message


def test_a_quotation_mark_that_nothing_closes_is_said(read: Written) -> None:
    message = read(text=csv_text().replace("yes", '"yes', 1))
    assert "row 2: found 7 cells; allowed: 10 cells, as the header has; close the quotation mark that opens" in message


def test_a_weight_beside_which_no_other_counts_is_refused(read: Written, declaration: Declaration) -> None:
    cells = [1.5, 2, 1, 99999, 2, 1.25, 1, 2, 1]
    message = read(cells, "weight")
    assert "column 'asked', row 5: found '99999', more than 500 times the median weight of 1.5" in message
    declaration["data"]["leave_out"] = {"asked": [99999]}
    assert read(cells, "weight")["weight"].tolist() == [cell for cell in cells if cell != 99999]
    del declaration["data"]["leave_out"]
    declaration["data"]["files"][0]["recode"] = {"asked": {"99999": 500}}
    assert read(cells, "weight")["weight"].max() == 500
    declaration["data"]["files"][0]["recode"] = {"asked": {"99999": 99999}}
    assert read(cells, "weight")["weight"].tolist() == cells
    del declaration["data"]["files"][0]["recode"]
    assert isinstance(read([1, 2, 3, 500, 1, 1, 2, 1, 1], "weight"), pd.DataFrame)


def test_the_weight_of_a_total_is_no_second_problem(read: Written) -> None:
    message = read(text=csv_text() + "Total,2005,9999,urban,p1,9,yes,1,5,f\n")
    assert "unknown district 'Total'" in message or "'Total', no district" in message
    assert len(message.splitlines()) == 1


def test_spellings_of_one_answer_of_a_covariate_are_said(read: Written, declaration: Declaration) -> None:
    cells = ["f", "F", "Female", "m", "m", "f", "m", "M", "f"]
    message = read(cells, "covariate")
    assert "rows 3, 4: found 'Female' and 'F' and 'f', which seem to be one answer (covariate 'asked')" in message
    assert "declare `recode: {asked: {Female: f, F: f}}` in data.files" in message
    assert "row 9: found 'M' and 'm'" in message
    declaration["data"]["files"][0]["recode"] = {"asked": {"Female": "f", "F": "f", "M": "m"}}
    assert read(cells, "covariate")["asked"].tolist() == ["f", "f", "f", "m", "m", "f", "m", "m", "f"]
    del declaration["data"]["files"][0]["recode"]
    answers = {cell: cell for cell in cells}
    declaration["labels"] = {"asked": {"label": "Asked", "answers": answers}}
    assert read(cells, "covariate")["asked"].tolist() == cells


@pytest.mark.parametrize(
    "answers",
    [
        ["N", "NE", "CO", "SE", "S", "N", "NE", "S", "SE"],
        ["A", "A+", "B", "B+", "C", "A-", "A", "B", "C"],
        ["< 5 km", "> 5 km", "5 km", "< 5 km", "> 5 km", "5 km", "> 5 km", "5 km", "5 km"],
        ["None", "Primary", "Secondary", "Higher", "None", "Primary", "Secondary", "None", "Primary"],
        ["Candidate B", "Candidate A", "Candidate C"] * 3,
    ],
)
def test_short_answers_and_signs_tell_answers_apart(
    answers: list[str], read: Written, declaration: Declaration
) -> None:
    assert read(answers, "covariate")["asked"].tolist() == answers
    declaration["indicators"].append({"id": "extra", "label": "Extra", "column": "asked", "yes": [answers[1]]})
    declaration["covariates"] = []
    assert read(answers, "share")["extra"].tolist() == [answer == answers[1] for answer in answers]


def test_scores_below_nought_are_no_codes(read: Written) -> None:
    scores = [-2, -1.25, 0.5, -1, 2, -3, 1, 0, -0.75]
    assert read(scores)["asked"].tolist() == scores


def test_a_text_among_numbers_of_a_covariate_is_said(read: Written, declaration: Declaration) -> None:
    cells = ["30", "41", "22", "65", "81+", "18", "50", "33", "22"]
    message = read(cells, "covariate")
    assert "column 'asked', row 6: found '81+', no number (covariate 'asked')" in message
    declaration["data"]["files"][0]["recode"] = {"asked": {"81+": 81}}
    assert read(cells, "covariate")["asked"].tolist() == [30, 41, 22, 65, 81, 18, 50, 33, 22]


def test_a_far_number_of_a_covariate_names_the_missing_codes_of_the_data(read: Written) -> None:
    message = read([30, 41, 22, 65, 999, 18, 50, 33, 999], "covariate")
    assert "rows 6, 10: found '999' in 2 rows, far from the other answers (covariate 'asked')" in message
    assert "declare `missing: {dont_know: [999]}` in data, or " in message


COUNTS = {  # answers, and the code that is none
    "ninety-nine within twice the largest": (dict.fromkeys(range(90), 3) | {99: 6}, 99),
    "one of ninety-nine years": (dict.fromkeys(range(90), 3) | {99: 1}, 99),
    "ages to the last": (dict.fromkeys(range(100), 3) | {99: 6}, None),
    "a long tail": ({0: 90, 1: 40, 2: 20, 5: 9, 10: 5, 20: 3, 40: 2, 60: 1, 99: 2}, None),
    "one of eighty-eight years": (dict.fromkeys(range(18, 80), 3) | {88: 1}, None),
    "the oldest lie apart": (dict.fromkeys(range(18, 80), 3) | {84: 1, 90: 1, 99: 1}, None),
    "a code among tens": (dict.fromkeys(range(0, 101, 10), 6) | {35: 2, 72: 1, 99: 4}, 99),
    "nearly certain": (dict.fromkeys(range(0, 101, 10), 6) | {1: 2, 99: 4}, None),
    "percentages of a few": (dict.fromkeys(range(0, 101, 3), 1) | {95: 4, 98: 5, 87: 3}, None),
    "prices that end in nine": (dict.fromkeys(range(199, 2000, 100), 8), None),
    "a code among incomes": (dict.fromkeys(range(200, 2000, 100), 8) | {999: 8}, 999),
    "households of nine": ({1: 8, 2: 20, 3: 25, 4: 20, 5: 9, 6: 8, 7: 4, 8: 5, 9: 6}, None),
}


@pytest.mark.parametrize("kind", COUNTS)
def test_a_spike_beyond_the_answers(kind: str, read: Written, declaration: Declaration) -> None:
    rows_of, code = COUNTS[kind]
    values = [value for value, rows in rows_of.items() for _ in range(rows)]
    rows = [(*ROWS[i % len(ROWS)][:5], i, *ROWS[i % len(ROWS)][6:], value) for i, value in enumerate(values)]
    declaration["indicators"].append({"id": "asked", "label": "Asked", "column": "asked"})
    result = read(text=csv_text(rows, [*HEADER, "asked"]))
    if code is None:
        assert isinstance(result, pd.DataFrame), result
    else:
        assert f"found '{code}' in {count(rows_of[code], 'row')}, far from the other answers ('asked')" in result


def test_a_number_outside_its_scale_is_refused(read: Written, declaration: Declaration) -> None:
    declaration["indicators"].append({"id": "asked", "label": "Asked", "column": "asked", "scale": [0, 89]})
    text = csv_text([(*row, 99 if i == 3 else 10 * i) for i, row in enumerate(ROWS)], [*HEADER, "asked"])
    assert "row 5: found '99', outside the scale ('asked'); allowed: numbers from 0 to 89" in read(text=text)


@pytest.mark.parametrize(
    "words",
    ["Ne sait pas", "Weiß nicht", "Non risponde", "Tidak tahu", "Sijui", "لا أعرف", "не знаю", "不知道", "पता नहीं"],
)
def test_no_answer_in_another_language_is_no_no(words: str, read: Written, declaration: Declaration) -> None:
    declaration["indicators"].append({"id": "extra", "label": "Extra", "column": "extra", "yes": ["Oui"]})
    cells = ["Oui", "Non", words, "Oui", "Non", "Oui", "Non", "Oui", "Non"]
    text = csv_text([(*row, cell) for row, cell in zip(ROWS, cells, strict=True)], [*HEADER, "extra"])
    error = read(text=text)
    assert f"row 4: found '{words}' in 1 row, counted as an answer ('extra')" in error
    kind = "refused" if words == "Non risponde" else "dont_know"
    assert f"declare `missing: {{{kind}: [{words}]}}`" in error
    declaration["indicators"][-1]["missing"] = {kind: [words]}
    assert read(text=text)["extra"].tolist()[:2] == [1, 0]


@pytest.mark.parametrize(("yes", "cells", "named"), [
    ("Yes", ["Yes", "No", "Yes", "1", "2", "No", "No", "1", "2"], "'1'"),
    ("1", ["1", "2", "1", "Yes", "No", "2", "2", "Yes", "No"], "'Yes'"),
])  # fmt: skip
def test_codes_of_one_wave_beside_words_of_another(
    yes: str, cells: list[str], named: str, read: Written, declaration: Declaration
) -> None:
    declaration["indicators"].append({"id": "extra", "label": "Extra", "column": "extra", "yes": [yes]})
    text = csv_text([(*row, cell) for row, cell in zip(ROWS, cells, strict=True)], [*HEADER, "extra"])
    assert f"found the undeclared code {named} ('extra')" in read(text=text)
    declaration["indicators"][-1] |= {"yes": ["Yes", 1], "no": ["No", 2]}
    assert read(text=text)["extra"].tolist() == [1, 0, 1, 1, 0, 0, 0, 1, 0]


@pytest.mark.parametrize("mark", [", ", ";", " | "])
def test_several_answers_of_several_words_in_a_cell(mark: str, read: Written, declaration: Declaration) -> None:
    declaration["indicators"].append({"id": "extra", "label": "Extra", "column": "extra", "contains": ["Mobile phone"]})
    cells = [
        "Mobile phone",
        f"Radio{mark}Mobile phone",
        "Radio",
        "TV",
        "Radio",
        "TV",
        f"TV{mark}Radio",
        "TV",
        "TV Radio",
    ]
    rows = [(*row, f'"{cell}"') for row, cell in zip(ROWS, cells, strict=True)]
    assert read(text=csv_text(rows, [*HEADER, "extra"]))["extra"].tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 0]


WAVES = ("2003", "2005")


def scale_of_two_waves(then: Callable[[int], int]) -> str:
    """Answers on a scale from 1 to 5, most of them low in the first wave, those of the second made of them."""
    answers = [1] * 16 + [2] * 12 + [3] * 6 + [4] * 4 + [5] * 2
    rows = [[district, "2003", answer] for answer in answers for district in ("north", "south")]
    rows += [[district, "2005", then(answer)] for district, _, answer in rows]
    return "\n".join(["district,wave,asked", *(",".join(map(str, row)) for row in rows)]) + "\n"


@pytest.fixture
def of_a_scale(declaration: Declaration) -> Declaration:
    """Of the small survey the districts and waves alone, and an indicator on a scale."""
    asked = {"id": "asked", "label": "Asked", "column": "asked", "scale": [1, 5]}
    declaration["data"]["columns"] = {"district": "district", "wave": "wave"}
    declaration["data"].pop("leave_out", None)
    declaration["indicators"] = [asked]
    declaration["covariates"] = []
    return declaration


def test_a_scale_turned_round_in_one_wave_is_refused(read: Written, of_a_scale: Declaration) -> None:
    message = read(text=scale_of_two_waves(lambda answer: 6 - answer))
    assert "found 40 answers of wave '2005' that look like those of '2003' turned round ('asked')" in message
    assert "`recode: {asked: {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}}`" in message
    assert len(message.splitlines()) == 1
    of_a_scale["indicators"][0]["answers"] = {1: "Very unsafe", 5: "Very safe"}
    assert isinstance(read(text=scale_of_two_waves(lambda answer: 6 - answer)), pd.DataFrame)


@pytest.mark.parametrize("others", [{}, {"no": [1, 2, 3]}])
def test_a_share_of_a_scale_turned_round_is_refused(
    others: dict[str, Any], read: Written, of_a_scale: Declaration
) -> None:
    of_a_scale["indicators"][0].pop("scale")
    of_a_scale["indicators"][0] |= {"yes": [4, 5]} | others
    message = read(text=scale_of_two_waves(lambda answer: 6 - answer))
    assert "look like those of '2003' turned round ('asked')" in message
    names = {1: "Very unsafe", 2: "Unsafe", 3: "Neither", 4: "Safe", 5: "Very safe"}
    of_a_scale["indicators"][0] = {"id": "asked", "label": "Asked", "column": "asked", "yes": [4, 5], "answers": names}
    assert isinstance(read(text=scale_of_two_waves(lambda answer: 6 - answer)), pd.DataFrame)


@pytest.mark.parametrize("then", [lambda answer: answer, lambda answer: min(5, answer + 1), lambda _: 3])
def test_a_scale_whose_answers_moved_is_none_turned_round(
    then: Callable[[int], int], read: Written, of_a_scale: Declaration
) -> None:
    assert isinstance(read(text=scale_of_two_waves(then)), pd.DataFrame)


def test_one_number_beyond_a_gap_is_asked_about(read: Written, of_a_scale: Declaration) -> None:
    of_a_scale["indicators"][0].pop("scale")
    rows = [[district, wave, n] for n in range(90) for wave in WAVES for district in ("north", "south")]
    text = "\n".join(["district,wave,asked", *(",".join(map(str, row)) for row in rows), "north,2005,99"]) + "\n"
    message = read(text=text)
    assert "row 362: found '99' in 1 row, far from the other answers ('asked')" in message
    assert "declare `missing: {dont_know: [99]}`, or `scale: [0, 99]` if it is an answer" in message
    of_a_scale["indicators"][0]["scale"] = [0, 99]
    assert read(text=text)["asked"].max() == 99
    of_a_scale["indicators"][0] |= {"scale": [0, 89], "missing": {"dont_know": [99]}}
    assert read(text=text)["asked"].max() == 89


def test_one_old_respondent_of_a_covariate_stays_a_number(read: Written, of_a_scale: Declaration) -> None:
    rows = [[district, wave, 3, n] for n in range(18, 80) for wave in WAVES for district in ("north", "south")]
    lines = [",".join(map(str, row)) for row in rows]
    text = "\n".join(["district,wave,asked,age", *lines, "north,2005,3,99"]) + "\n"
    of_a_scale["covariates"] = ["age"]
    assert "found '99' in 1 row, far from the other answers (covariate 'age')" in read(text=text)
    of_a_scale["labels"] = {"age": {"label": "Age", "answers": {99: "99"}}}
    assert read(text=text)["age"].max() == 99


def test_a_mean_of_all_is_no_district(read: Written, of_a_scale: Declaration) -> None:
    of_a_scale["districts"] = {"column": "district", "arm": "arm"}
    of_a_scale["data"]["columns"].pop("district")
    of_a_scale["data"]["level"] = "district"
    arms = {"north": "pilot", "south": "comparison", "Promedio general": "comparison"}
    lines = [f"{district},{wave},3,{arm}" for district, arm in arms.items() for wave in WAVES]
    text = "\n".join(["district,wave,asked,arm", *lines]) + "\n"
    message = read(text=text)
    assert "rows 6, 7: found 'Promedio general', no district" in message
    assert "`leave_out: {district: [Promedio general]}`" in message
    of_a_scale["data"]["leave_out"] = {"district": ["Promedio general"]}
    assert read(text=text)["district"].tolist() == ["north", "north", "south", "south"]


def of_twenty(first: list[Any], then: list[Any] | None = None, name: str = "asked") -> str:
    """Twenty rows a district and wave with these answers in turn, in the second wave others where there are some."""
    lines = [f"district,wave,{name}"]
    for wave, answers in zip(WAVES, (first, then or first), strict=True):
        for district in ("north", "south"):
            lines += [f"{district},{wave},{answers[k % len(answers)]}" for k in range(20)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def of_two_waves(of_a_scale: Declaration) -> Callable[..., Declaration]:
    """The same survey with another indicator, or with other keys."""

    def change(indicator: Declaration | None = None, **keys: Any) -> Declaration:
        asked = {"id": "asked", "label": "Asked", "column": "asked"}
        of_a_scale["indicators"] = [asked | (indicator or {"yes": ["yes"]})]
        of_a_scale.update(keys)
        return of_a_scale["indicators"][0]

    return change


SIGNS = ["-", "--", "?", "#DIV/0!", "#¿NOMBRE?", "...", "(en blanco)"]
ABBREVIATED = {
    "99. NS/NR": "dont_know",
    "No lo sé": "dont_know",
    "inválido": "unspecified",
    "NSNR": "dont_know",
    "s/d": "unspecified",
    "N.D.": "unspecified",
}


@pytest.mark.parametrize(("cell", "kind"), [*dict.fromkeys(SIGNS, "unspecified").items(), *ABBREVIATED.items()])
@pytest.mark.parametrize("place", ["share", "mean", "covariate"])
def test_signs_and_abbreviations_for_no_answer_are_none(
    cell: str, kind: str, place: str, read: Written, declaration: Declaration, of_two_waves: Any
) -> None:
    answers = {"share": ["yes", "no"], "mean": [1, 3], "covariate": ["town", "hills"]}[place]
    of_two_waves({"yes": ["yes"]} if place == "share" else {"scale": [1, 5]})
    text = of_twenty([*(answers * 2), cell])
    if place == "covariate":
        of_two_waves({"scale": [1, 5]}, covariates=["group"])
        text = with_group([*(answers * 2), cell])
    message = read(text=text)
    assert f"found '{cell}' in 16 rows, counted as an answer" in message
    quoted = cell if cell[0].isalnum() or cell[0] == "(" else f'"{cell}"'
    assert f"declare `missing: {{{kind}: [{quoted}]}}`" in message
    declaration["data"]["missing"] = {kind: [cell]}
    if place != "covariate":
        assert read(text=text)["asked"].mean() == (0.5 if place == "share" else 2)
    else:
        assert read(text=text)["group"].isna().sum() == 16


def test_a_minus_beside_a_plus_is_an_answer(read: Written, of_two_waves: Any) -> None:
    of_two_waves({"yes": ["+"]})
    assert read(text=of_twenty(["+", "-", "-", "-"]))["asked"].mean() == 0.25


@pytest.mark.parametrize("code", ["99", "-99", "dont_know"])
def test_no_answer_among_lists_of_answers(
    code: str, read: Written, declaration: Declaration, of_two_waves: Any
) -> None:
    of_two_waves({"contains": ["1"]})
    text = of_twenty(["1 2", "2", "3", code])
    assert f"found '{code}' in 20 rows, counted as an answer ('asked')" in read(text=text)
    declaration["data"]["missing"] = {"dont_know": [code]}
    assert read(text=text)["asked"].mean() == pytest.approx(1 / 3)


def test_a_list_that_a_spreadsheet_made_a_number_is_said(read: Written, of_two_waves: Any) -> None:
    of_two_waves({"contains": ["1"]})
    assert "found '1.2', a decimal number ('asked')" in read(text=of_twenty(["1", "2", "1.2"]))


def test_a_slip_within_a_list_of_answers_is_said(read: Written, of_two_waves: Any) -> None:
    asked = of_two_waves({"contains": ["radio"]})
    text = of_twenty(["radio tv", "tv", "Radio", "tv"])
    assert "found 'Radio', nearly the declared 'radio' ('asked')" in read(text=text)
    asked["contains"] = ["radio", "Radio"]
    assert read(text=text)["asked"].mean() == 0.5


@pytest.mark.parametrize("word", ["x", "ND", "y", "Sí"])
def test_two_letters_beside_a_no_are_asked_about(word: str, read: Written, of_two_waves: Any) -> None:
    of_two_waves()
    message = read(text=of_twenty(["yes", "no", word, "no"]))
    assert f"found the undeclared code '{word}' ('asked')" in message
    assert f"name {word} under `yes:` or `missing:`" in message


@pytest.mark.parametrize("code", [88, 99, 99999999])
def test_a_code_below_or_far_above_the_others(code: int, read: Written, of_two_waves: Any) -> None:
    of_two_waves({"unit": "soles"})
    numbers = [n for n in range(50, 2000, 30) if abs(n - code) > 10]
    lines = [f"{place},{wave},{n}" for place in ("north", "south") for wave in WAVES for n in [*numbers, code, code]]
    assert f"found '{code}' in 8 rows, far from" in read(text="\n".join(["district,wave,asked", *lines]) + "\n")


def of_numbers(numbers: list[int]) -> str:
    """These numbers in each district and wave."""
    lines = [f"{place},{wave},{n}" for place in ("north", "south") for wave in WAVES for n in numbers]
    return "\n".join(["district,wave,asked", *lines]) + "\n"


@pytest.mark.parametrize(
    ("code", "answers"),
    [(9, range(60, 3000, 10)), (9, [0, *range(60, 3000, 10)]), (94, range(36)), (66, range(1, 7)), (555, range(15))],
)
def test_a_code_of_some_questionnaires_far_from_all_answers(
    code: int, answers: list[int], read: Written, of_two_waves: Any
) -> None:
    asked = of_two_waves({"unit": "soles"})
    text = of_numbers([*answers, code, code])
    assert f"found '{code}' in 8 rows, far from the other answers" in read(text=text)
    asked["missing"] = {"dont_know": [code]}
    assert read(text=text)["asked"].isna().sum() == 8


@pytest.mark.parametrize("answers", [range(0, 360, 12), range(0, 140, 7), [1, 2, 5, 10, 30, 90], range(12, 90, 3)])
def test_years_in_months_weeks_in_days_and_round_numbers_are_answers(
    answers: Any, read: Written, of_two_waves: Any
) -> None:
    of_two_waves({"unit": "months"})
    assert len(read(text=of_numbers([*answers, *answers]))) == 8 * len(answers)


def test_a_code_far_above_a_scale_of_which_some_points_count(read: Written, of_two_waves: Any) -> None:
    asked = of_two_waves({"yes": [8, 9, 10]})
    text = of_numbers([*range(11), 88])
    assert "found the undeclared code '88' ('asked')" in read(text=text)
    asked["missing"] = {"dont_know": [88]}
    assert read(text=text)["asked"].mean() == pytest.approx(3 / 11)
    of_two_waves({"yes": [1, 2]})
    assert "found the undeclared code '99' ('asked')" in read(text=of_numbers([*range(1, 9), 99]))
    assert len(read(text=of_numbers([*range(1, 10)]))) == 36


def test_a_number_in_brackets_is_said_to_be_below_0(read: Written) -> None:
    message = read(["(32)", *"12345678"])
    assert "found '(32)', no number ('asked')" in message
    assert "a number in brackets is one below 0: write it with a minus and declare `non_negative: false`" in message


def test_a_number_beside_words_may_be_named_as_one_that_counts(read: Written, of_two_waves: Any) -> None:
    asked = of_two_waves()
    text = of_twenty(["yes", "no"], [1, 0])
    message = read(text=text)
    assert "name 1 under `yes:` or `missing:`, or list the other answers under `no:`" in message
    asked |= {"yes": ["yes", 1], "no": ["no", 0]}
    assert read(text=text)["asked"].mean() == 0.5


@pytest.mark.parametrize("then", [["OUI", "NON"], ["happy", "sad", "sad", "sad"]])
def test_a_wave_whose_answers_are_none_of_the_others_is_said(then: list[str], read: Written, of_two_waves: Any) -> None:
    asked = of_two_waves()
    text = of_twenty(["yes", "no"], then)
    message = read(text=text)
    assert "in wave '2005' ('asked'); allowed: answers that another wave has too" in message
    asked |= {"yes": ["yes", then[0]], "no": ["no", then[1]]}
    assert read(text=text).groupby("wave")["asked"].mean().tolist() == [0.5, 1 / len(then)]


def test_a_district_whose_answers_are_none_of_the_others_is_said(read: Written, of_two_waves: Any) -> None:
    of_two_waves()
    english, french = of_twenty(["yes", "no"]).splitlines(), of_twenty(["oui", "non"]).splitlines()
    lines = [b if b.startswith("south") else a for a, b in zip(english, french, strict=True)]
    text = "\n".join(lines) + "\n"
    assert "found 'oui', 'non' in district 'south' ('asked')" in read(text=text)


def test_a_wave_in_which_nobody_said_yes_is_none(read: Written, of_two_waves: Any) -> None:
    of_two_waves()
    frame = read(text=of_twenty(["yes", "no"], ["no"]))
    assert frame.groupby("wave")["asked"].mean().tolist() == [0.5, 0]


def test_a_no_left_blank_in_one_wave_or_district_is_said(read: Written, of_two_waves: Any) -> None:
    asked = of_two_waves()
    text = of_twenty(["yes", "no"], ["yes", ""])
    message = read(text=text)
    assert "found nothing but 'yes' and 20 empty cells in wave '2005' ('asked')" in message
    assert len(message.splitlines()) == 1
    south = text.replace("no\n", "\n").splitlines()
    north = of_twenty(["yes", "no"]).splitlines()
    rows = [a if a.startswith("north") else b for a, b in zip(north, south, strict=True)]
    assert "20 empty cells in district 'south' ('asked')" in read(text="\n".join(rows) + "\n")
    asked["blank"] = "no"
    assert read(text=text).groupby("wave")["asked"].mean().tolist() == [0.5, 0.5]


def test_as_many_empty_cells_as_in_other_waves_are_no_answers(read: Written, of_two_waves: Any) -> None:
    of_two_waves()
    frame = read(text=of_twenty(["yes", "no", "", ""], ["yes", "yes", "", ""]))
    assert frame.groupby("wave")["asked"].mean().tolist() == [0.5, 1]


def test_a_no_left_blank_is_said_although_it_is_declared(read: Written, of_two_waves: Any) -> None:
    asked = of_two_waves({"yes": ["yes"], "no": ["no"]})
    text = of_twenty(["yes", "no"], ["yes", ""])
    message = read(text=text)
    assert "found nothing but 'yes' and 20 empty cells in wave '2005' ('asked')" in message
    assert "declare `blank: no` if an empty cell means no, `blank: missing` if it is no answer" in message
    asked["blank"] = "missing"
    assert read(text=text).groupby("wave")["asked"].mean().tolist() == [0.5, 1]


def test_fractions_where_other_waves_have_percentages_are_said(read: Written, of_two_waves: Any) -> None:
    text = of_twenty([20, 50, 80], [0.25, 0.45, 0.85, 1])
    for key in ({"scale": [0, 100]}, {"band": "50+"}):
        asked = of_two_waves(key)
        assert "found numbers from 0 to 1 in wave '2005', and most others from 20 ('asked')" in read(text=text)
    asked = of_two_waves({"scale": [0, 100]})
    asked["answers"] = {0: "Nothing", 100: "All"}
    assert read(text=text)["asked"].max() == 80
    of_two_waves({"scale": [0, 100]})
    assert len(read(text=of_twenty([20, 50, 80], [0, 1, 0, 1]))) == 80
    assert len(read(text=of_twenty([0.5, 1.5, 3], [0.2, 0.5, 0.8]))) == 80


@pytest.mark.parametrize("place", ["mean", "covariate", "subgroup"])
def test_years_among_ages_are_said(place: str, read: Written, of_two_waves: Any, of_a_scale: Declaration) -> None:
    ages = [20 + n % 50 for n in range(18)]
    text = of_twenty([*ages, 1961, 1974], name="age")
    of_two_waves({"column": "age", "unit": "years"} if place == "mean" else {"column": "age", "band": "30+"})
    of_a_scale["covariates"] = ["age"] if place == "covariate" else []
    if place == "subgroup":
        of_a_scale["subgroups"] = [{"id": "by_age", "label": "Age", "column": "age", "bands": ["<30", "30+"]}]
    message = read(text=text)
    assert "found '1961', '1974', years beside numbers up to 37" in message
    assert "are they years of birth? Write ages in the file" in message
    of_a_scale["data"]["missing"] = {"dont_know": [1961, 1974]}
    assert len(read(text=text)) == 80
    of_a_scale["data"]["missing"] = {}
    assert isinstance(read(text=text.replace("1961", "300")), pd.DataFrame)


@pytest.mark.parametrize("summary", ["sum", "mean"])
@pytest.mark.parametrize("keys", [{"yes": [1]}, {"unit": "thefts"}])
def test_a_row_that_sums_up_its_district_is_said(
    summary: str, keys: Declaration, read: Written, of_two_waves: Any
) -> None:
    of_two_waves(keys)
    lines = ["district,wave,asked"]
    for k, (place, wave) in enumerate((place, wave) for place in ("north", "south") for wave in WAVES):
        answers = [1] * (7 + k) + [0] * (9 + k)
        total = sum(answers) if summary == "sum" else round(sum(answers) / len(answers), 2)
        lines += [f"{place},{wave},{answer}" for answer in [*answers, total]]
    message = read(text="\n".join(lines) + "\n")
    assert f"found numbers that are each the {summary} of all others in their district and wave ('asked')" in message
    assert "rows 18, 37, 58, 81" in message


def test_one_respondent_with_as_many_as_all_others_is_no_total(read: Written, of_two_waves: Any) -> None:
    of_two_waves({"unit": "thefts"})
    assert len(read(text=of_twenty([1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6], [0, 1, 2]))) == 80


@pytest.mark.parametrize("times", [100, 0.001])
def test_a_mean_in_another_unit_is_said(times: float, read: Written, of_two_waves: Any) -> None:
    asked = of_two_waves({"unit": "soles"})
    text = of_twenty([500, 700, 900], [times * n for n in (400, 800, 900)])
    assert "('asked'); allowed: numbers of one unit in all waves" in read(text=text)
    asked["scale"] = [0, 90_000]
    assert len(read(text=text)) == 80
    of_two_waves({"scale": [0, 90_000]}, covariates=["group"])
    twice = "\n".join(f"{line},{line.split(',')[2]}" for line in text.splitlines()).replace(
        "asked,asked", "asked,group"
    )
    assert "(covariate 'group'); allowed: numbers of one unit in all waves" in read(text=twice + "\n")


def test_losses_and_gains_with_a_median_near_0_are_in_one_unit(read: Written, of_two_waves: Any) -> None:
    asked = of_two_waves({"unit": "soles"})
    asked["non_negative"] = False
    cells = of_twenty([-400, 1, 300], [-100, 350, 600])
    assert len(read(text=cells)) == 80
    assert "numbers of one unit" in read(text=of_twenty([-400, 1, 300], [-40000, 35000, 60000]))


def programme_moved(before: int, after: int) -> str:
    """Twenty answers a district and wave: in the pilot district other ones after the start."""
    cells = [("north", "2003", before), ("north", "2005", after), ("south", "2003", before), ("south", "2005", before)]
    rows = [f"{place},{wave},{answer + k % 2}" for place, wave, answer in cells for k in range(40)]
    return "\n".join(["district,wave,asked", *rows]) + "\n"


def test_what_a_programme_changed_is_in_no_other_unit(read: Written, of_two_waves: Any) -> None:
    of_two_waves({"unit": "minutes"})
    assert read(text=programme_moved(60, 2))["asked"].max() == 61
    message = read(text=programme_moved(60, 6000))
    assert "a median of 60.5 in district 'south', wave '2005', and of 6,000.5 in the others ('asked')" in message
    of_two_waves({"scale": [1, 5]})
    assert read(text=programme_moved(1, 4))["asked"].max() == 5


def test_99_within_a_scale_is_asked_about(read: Written, of_two_waves: Any) -> None:
    asked = of_two_waves({"scale": [0, 100]})
    text = of_twenty([0, 1, 2, 5, 7, 8, 10, 99])
    message = read(text=text)
    assert "found '99' in 8 rows, far from the other answers ('asked')" in message
    assert "or name it in `answers:` where it is a point of the scale" in message
    asked["answers"] = {"99": "99"}
    assert read(text=text)["asked"].max() == 99


def test_numbers_beside_the_words_of_a_domain_are_said(read: Written, of_two_waves: Any) -> None:
    lines = of_twenty(["Yes", "No", "1"], name="had").splitlines()
    text = "\n".join([f"{lines[0]},asked", *(f"{line},{k % 5 + 1}" for k, line in enumerate(lines[1:]))]) + "\n"
    asked = of_two_waves({"scale": [1, 5], "among": {"had": ["Yes"]}})
    assert "found '1', numbers beside 'Yes' (`among` of 'asked')" in read(text=text)
    asked["among"] = {"had": ["Yes", "1"]}
    frame = read(text=text)
    assert (frame["asked:missing"] == "outside_domain").sum() == 28 and frame["asked"].notna().sum() == 52


def with_group(cells: list[str]) -> str:
    lines = of_twenty(cells, name="group").splitlines()
    return "\n".join([f"{lines[0]},asked", *(f"{line},{k % 5 + 1}" for k, line in enumerate(lines[1:]))]) + "\n"


@pytest.mark.parametrize("spelled", ["F", "Female"])
def test_a_spelling_that_no_group_names_is_said(spelled: str, read: Written, of_two_waves: Any) -> None:
    groups = {"women": ["f"], "men": ["m"]}
    of_two_waves({"scale": [1, 5]}, subgroups=[{"id": "sex", "label": "Sex", "column": "group", "groups": groups}])
    text = with_group(["f", "f", "f", spelled, "m"])
    assert f"found '{spelled}' in no group (subgroup 'sex')" in (message := read(text=text))
    assert "Then name it in `groups.women` too" in message
    groups["women"] = ["f", spelled]
    assert read(text=text)["subgroup:sex"].value_counts().to_dict() == {"women": 64, "men": 16}


def test_a_far_number_in_a_band_is_said(read: Written, declaration: Declaration, of_two_waves: Any) -> None:
    subgroup = {"id": "age", "label": "Age", "column": "group", "bands": ["18-39", "40+"]}
    of_two_waves({"scale": [1, 5]}, subgroups=[subgroup])
    text = with_group([*map(str, range(18, 56, 2)), "999"])
    assert "found '999' in 4 rows, far from the others (40+)" in read(text=text)
    declaration["data"]["missing"] = {"dont_know": [999]}
    assert read(text=text)["subgroup:age"].value_counts().to_dict() == {"18-39": 44, "40+": 32}


@pytest.mark.parametrize("place", ["covariate", "subgroup"])
def test_m_beside_f_and_h_has_two_meanings(place: str, read: Written, of_two_waves: Any) -> None:
    subgroup = {"id": "sex", "label": "Sex", "column": "group", "groups": {"women": ["F"], "men": ["M", "H"]}}
    of_two_waves({"scale": [1, 5]}, **({"subgroups": [subgroup]} if place == "subgroup" else {"covariates": ["group"]}))
    assert "found 'M' beside 'F' and 'H'" in read(text=with_group(["F", "M", "M", "H"]))


def test_a_number_among_the_words_of_a_covariate_is_said(
    read: Written, declaration: Declaration, of_two_waves: Any
) -> None:
    of_two_waves({"scale": [1, 5]}, covariates=["group"])
    text = with_group(["primary", "secondary", "none at all", "99"])
    assert "found '99' in 20 rows, a number among words (covariate 'group')" in read(text=text)
    declaration["data"]["missing"] = {"dont_know": [99]}
    assert read(text=text)["group"].isna().sum() == 20


@pytest.mark.parametrize("place", ["share", "covariate", "subgroup"])
@pytest.mark.parametrize("date", ["10-Jun", "jun-10", "2021-06-10"])
def test_an_answer_that_a_spreadsheet_made_a_date_is_said(
    place: str, date: str, read: Written, declaration: Declaration, of_two_waves: Any
) -> None:
    subgroup = {"id": "n", "label": "N", "column": "group", "groups": {"few": ["1-2"], "many": ["6-10"]}}
    keys = {"covariate": {"covariates": ["group"]}, "subgroup": {"subgroups": [subgroup]}}.get(place, {})
    of_two_waves({"column": "group", "yes": ["6-10"]} if place == "share" else {"scale": [1, 5]}, **keys)
    text = with_group(["1-2", "3-5", "6-10", date])
    assert f"found '{date}', beside '" in (message := read(text=text))
    assert f"`recode: {{group: {{{date}: …}}}}` in data.files" in message
    declaration["data"]["files"][0]["recode"] = {"group": {date: "6-10"}}
    frame = read(text=text)
    if place == "share":
        assert frame["asked"].mean() == 0.5


def test_times_are_said_to_be_times(read: Written, of_two_waves: Any) -> None:
    of_two_waves({"unit": "minutes"})
    assert "these are times: write them as a number" in read(text=of_twenty(["0:30", "1:15"]))
