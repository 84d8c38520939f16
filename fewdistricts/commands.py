"""The commands of `python -m fewdistricts`, which the Makefile's targets call."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fewdistricts import languages
from fewdistricts.errors import EvaluationError


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command; errors are printed as their sentences, the exit status is their class's."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except EvaluationError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fewdistricts", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    report = commands.add_parser("report", help="build the report of an evaluation")
    _add_build_options(report)
    report.set_defaults(run=_report)

    plan = commands.add_parser("plan", help="before the follow-up data: what it could find; records what is declared")
    _add_build_options(plan)
    plan.set_defaults(run=_plan)

    verify = commands.add_parser("verify", help="rebuild a report elsewhere and compare it with its manifest")
    verify.add_argument("evaluation", help="folder under data/raw/")
    verify.set_defaults(run=_verify)

    new = commands.add_parser("new", help="draft an evaluation from survey files")
    new.add_argument("evaluation", help="folder to make under data/raw/")
    new.add_argument("files", nargs="*", type=Path, help="survey files; default: those already in the folder")
    new.add_argument("--xlsform", type=Path, help="the questionnaire, an XLSForm of KoBo, ODK or SurveyCTO")
    new.set_defaults(run=_new)

    trace = commands.add_parser("trace", help="print where a number of a report comes from")
    trace.add_argument("row", nargs="+", help="the id of a row of the estimates, its end, or values of its key")
    trace.add_argument("--evaluation", default="peru-2005", help="folder under data/raw/; default: peru-2005")
    trace.set_defaults(run=_trace)

    schema = commands.add_parser("schema", help="print the JSON Schema of evaluation.yaml")
    schema.add_argument("--markdown", action="store_true", help="as the reference for readers, docs/reference.md")
    schema.set_defaults(run=_schema)
    return parser


def _add_build_options(parser: argparse.ArgumentParser) -> None:
    known = languages.available()
    parser.add_argument("evaluation", help="folder under data/raw/")
    parser.add_argument("--languages", nargs="+", choices=known, help="default: those of evaluation.yaml")
    parser.add_argument("--jobs", type=_positive, help="tasks at once; default: one a processor")
    parser.add_argument("--scheduler", help="address of a Dask scheduler, tcp://host:port")
    parser.add_argument("--quiet", action="store_true", help="say nothing but errors")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of tasks: give 1 or more")
    return int(text)


def _report(options: argparse.Namespace) -> int:
    return _built(options)


def _plan(options: argparse.Namespace) -> int:
    from fewdistricts.run import graph

    return _built(options, steps_of=graph.plan_of, product="Plan")


def _built(options: argparse.Namespace, **what: Any) -> int:
    """The exit code of a build with the options that all builds have."""
    from fewdistricts.run.build import build

    given = {"jobs": options.jobs, "scheduler": options.scheduler, "quiet": options.quiet}
    return build(options.evaluation, options.languages, **given, **what).exit_code


def _verify(options: argparse.Namespace) -> int:
    from fewdistricts.provenance.verify import verify
    from fewdistricts.run.build import build

    print("\n".join(verify(options.evaluation, build)))
    return 0


def _new(options: argparse.Namespace) -> int:
    from fewdistricts.draft import draft

    drafted = draft(options.evaluation, options.files, options.xlsform)
    print(drafted)
    print(f"Fill it in; `make report EVALUATION={options.evaluation}` lists what is still open.")
    return 0


def _trace(options: argparse.Namespace) -> int:
    from fewdistricts.provenance.trace import trace

    print(trace(options.evaluation, options.row))
    return 0


def _schema(options: argparse.Namespace) -> int:
    from fewdistricts import design

    if options.markdown:
        print(design.reference(), end="")
    else:
        print(json.dumps(design.schema(), indent=2, ensure_ascii=False))
    return 0
