"""What the methods and scales come from; a document lists the works that it cites and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fewdistricts.exhibits.text.wording import Words, escape


@dataclass(frozen=True)
class Work:
    """A work: its authors, its year, its title, and where it was published, in a book of `editors` if there are any."""

    authors: tuple[str, ...]
    year: int
    title: str
    published: str
    editors: tuple[str, ...] = ()

    @property
    def surnames(self) -> list[str]:
        """Surnames of the authors."""
        return [name.split(",")[0] for name in self.authors]


LANGUAGE = "en"  # of every title: marked, it is hyphenated and read aloud as English in a report in another language
WORKS = {
    "abadie": Work(
        ("Abadie, A.", "Diamond, A.", "Hainmueller, J."),
        2010,
        "Synthetic control methods for comparative case studies: estimating the effect of "
        "California’s tobacco control program.",
        "Journal of the American Statistical Association 105(490), 493–505.",
    ),
    "anderson": Work(
        ("Anderson, M. L.",),
        2008,
        "Multiple inference and gender differences in the effects of early intervention.",
        "Journal of the American Statistical Association 103(484), 1481–1495.",
    ),
    "bell_mccaffrey": Work(
        ("Bell, R. M.", "McCaffrey, D. F."),
        2002,
        "Bias reduction in standard errors for linear regression with multi-stage samples.",
        "Survey Methodology 28(2), 169–181.",
    ),
    "benjamini": Work(
        ("Benjamini, Y.", "Krieger, A. M.", "Yekutieli, D."),
        2006,
        "Adaptive linear step-up procedures that control the false discovery rate.",
        "Biometrika 93(3), 491–507.",
    ),
    "binder": Work(
        ("Binder, D. A.",),
        1983,
        "On the variances of asymptotically normal estimators from complex surveys.",
        "International Statistical Review 51(3), 279–292.",
    ),
    "campbell": Work(
        ("Campbell, M. K.", "Piaggio, G.", "Elbourne, D. R.", "Altman, D. G."),
        2012,
        "Consort 2010 statement: extension to cluster randomised trials.",
        "BMJ 345, e5661.",
    ),
    "daw_hatfield": Work(
        ("Daw, J. R.", "Hatfield, L. A."),
        2018,
        "Matching and regression to the mean in difference-in-differences analysis.",
        "Health Services Research 53(6), 4138–4156.",
    ),
    "des_jarlais": Work(
        ("Des Jarlais, D. C.", "Lyles, C.", "Crepaz, N.", "TREND Group"),
        2004,
        "Improving the reporting quality of nonrandomized evaluations of behavioral and public health "
        "interventions: the TREND statement.",
        "American Journal of Public Health 94(3), 361–366.",
    ),
    "donald_lang": Work(
        ("Donald, S. G.", "Lang, K."),
        2007,
        "Inference with difference-in-differences and other panel data.",
        "Review of Economics and Statistics 89(2), 221–233.",
    ),
    "efron_morris": Work(
        ("Efron, B.", "Morris, C."),
        1975,
        "Data analysis using Stein’s estimator and its generalizations.",
        "Journal of the American Statistical Association 70(350), 311–319.",
    ),
    "farrington": Work(
        ("Farrington, D. P.", "Gottfredson, D. C.", "Sherman, L. W.", "Welsh, B. C."),
        2002,
        "The Maryland Scientific Methods Scale.",
        "Evidence-Based Crime Prevention. London: Routledge, 13–21.",
        editors=("Sherman, L. W.", "Farrington, D. P.", "Welsh, B. C.", "MacKenzie, D. L."),
    ),
    "ferman_pinto": Work(
        ("Ferman, B.", "Pinto, C."),
        2019,
        "Inference in differences-in-differences with few treated groups and heteroskedasticity.",
        "Review of Economics and Statistics 101(3), 452–467.",
    ),
    "ferman_pinto_synthetic": Work(
        ("Ferman, B.", "Pinto, C."),
        2021,
        "Synthetic controls with imperfect pretreatment fit.",
        "Quantitative Economics 12(4), 1197–1221.",
    ),
    "lumley": Work(
        ("Lumley, T.",),
        2010,
        "Complex Surveys: A Guide to Analysis Using R.",
        "Hoboken: Wiley.",
    ),
    "pustejovsky_tipton": Work(
        ("Pustejovsky, J. E.", "Tipton, E."),
        2018,
        "Small-sample methods for cluster-robust variance estimation and hypothesis testing in fixed effects models.",
        "Journal of Business and Economic Statistics 36(4), 672–683.",
    ),
    "rambachan_roth": Work(
        ("Rambachan, A.", "Roth, J."),
        2023,
        "A more credible approach to parallel trends.",
        "Review of Economic Studies 90(5), 2555–2591.",
    ),
    "roodman": Work(
        ("Roodman, D.", "MacKinnon, J. G.", "Nielsen, M. O.", "Webb, M. D."),
        2019,
        "Fast and wild: bootstrap inference in Stata using boottest.",
        "Stata Journal 19(1), 4–60.",
    ),
    "sherman": Work(
        ("Sherman, L. W.", "Gottfredson, D.", "MacKenzie, D.", "Eck, J.", "Reuter, P.", "Bushway, S."),
        1997,
        "Preventing Crime: What Works, What Doesn’t, What’s Promising.",
        "Washington, DC: National Institute of Justice.",
    ),
}


def entry(work: Work, words: Words) -> str:
    """A work as it is listed: its title in its own language, what joins the names in the reader's."""
    book = ""
    if work.editors:
        book = words.label("reference", "book", editors=words.listed(work.editors))
    values = {"authors": words.listed(work.authors), "year": work.year, "title": work.title}
    return words.label("reference", "work", book=book, published=work.published, **values)


def _in_markdown(work: Work, words: Words) -> str:
    """The entry of a work as plain text, with what is in its own language marked."""
    text = escape(entry(work, words))
    for part in map(escape, (work.title, work.published)):
        text = text.replace(part, f"[{part}]{{lang={LANGUAGE}}}")
    return text


class Citations:
    """The works that a document cites: `cite.lumley` in a template is "Lumley 2010", and is listed at the end."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._cited: set[str] = set()

    def __getattr__(self, key: str) -> str:
        if key.startswith("_") or key not in WORKS:
            raise AttributeError(key)
        self._cited.add(key)
        work = WORKS[key]
        if len(work.authors) > 2:
            return f"{work.surnames[0]} et al. {work.year}"
        return f"{self._words.listed(work.surnames)} {work.year}"

    def __iter__(self) -> Iterator[str]:
        """Entries of the works cited so far, in Markdown, in order."""
        cited = sorted((WORKS[key] for key in self._cited), key=lambda work: entry(work, self._words))
        return (_in_markdown(work, self._words) for work in cited)
