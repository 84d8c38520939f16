# Commands of the project; each sets up what it needs. `make help` lists them.
EVALUATION ?= peru-2005
LANGUAGES ?=
JOBS ?=
SCHEDULER ?=
SURVEY ?=
XLSFORM ?=
PYTHON ?= python3

# an active conda environment other than base is used as it is, otherwise .venv
ENVIRONMENT := $(if $(and $(CONDA_PREFIX),$(filter-out base,$(CONDA_DEFAULT_ENV))),$(CONDA_PREFIX),.venv)
BIN := $(ENVIRONMENT)/bin
OPTIONS = $(if $(LANGUAGES),--languages $(LANGUAGES)) $(if $(JOBS),--jobs $(JOBS)) $(if $(SCHEDULER),--scheduler $(SCHEDULER))

# ends a program quietly whenever it is interrupted
RUN := sh tools/run
FEWDISTRICTS := $(RUN) $(BIN)/python -m fewdistricts

.DEFAULT_GOAL := help
.PHONY: help report plan new verify test acceptance lint check docs benchmark lab clean set-up set-up-tests set-up-benchmark

help:  ## list the commands
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F '|' '{printf "%-19s %s\n", $$1, $$2}'
	@echo 'Settings: EVALUATION=$(EVALUATION) LANGUAGES="en es" JOBS=2 SCHEDULER=tcp://host:8786 PYTHON=python3'

report: set-up  ## build the report of EVALUATION in reports/
	@$(FEWDISTRICTS) report $(EVALUATION) $(OPTIONS)

plan: set-up  ## before the follow-up data: what it could find, and a record of what is declared
	@$(FEWDISTRICTS) plan $(EVALUATION) $(OPTIONS)

new: set-up  ## draft data/raw/EVALUATION from its files [SURVEY="a.dta b.dta"] [XLSFORM=q.xlsx]
	@$(FEWDISTRICTS) new $(EVALUATION) $(SURVEY) $(if $(XLSFORM),--xlsform "$(XLSFORM)")

verify: set-up  ## rebuild in a temporary folder and compare with the manifest of EVALUATION
	@$(FEWDISTRICTS) verify $(EVALUATION)

# a file's tests stay in one process: they share what it has built
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

test: set-up-tests  ## run the tests that take seconds, a process a core; COVERAGE=1 measures what they cover
	@$(PYTEST) -m "not slow" $(if $(COVERAGE),--cov --cov-report=term:skip-covered)

acceptance: set-up-tests  ## run the tests that build whole reports, simulate, kill builds and open browsers
	@$(PYTEST) -m slow

lint: set-up-tests  ## lint, formatting, types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

check: lint  ## lint and types, PDF/UA and PDF/A validation, accessibility in the browser
	@$(BIN)/python -m pytest tests/nbaccessible/test_accessibility.py tests/exhibits/test_published_accessibility.py

docs: set-up-tests  ## build the API reference and a gallery of executed notebooks in build/docs/
	@$(BIN)/python docs/api.py
	@$(RUN) $(BIN)/python docs/gallery.py

benchmark: set-up-benchmark  ## time against named peers and limits (SECTIONS="inference publishing running size")
	@$(BIN)/python -m benchmarks $(SECTIONS)

lab: set-up  ## open the notebooks in JupyterLab; each runs by hand with its default parameters
	@$(BIN)/jupyter lab notebooks

clean:  ## remove what was built; survey data, the manifests and the environment stay
	@rm -rf data/processed
	@if [ -d reports ]; then find reports -type f ! -name manifest.json -delete; find reports -type d -empty -delete; fi

# what speaks with a cluster is fetched only where one is named
set-up:  ## install what the report needs, in .venv or the active conda environment
	@$(RUN) $(PYTHON) tools/setup_environment.py $(if $(SCHEDULER),cluster)

set-up-tests:  ## install what the tests and the tutorial need, beside what the report needs
	@$(RUN) $(PYTHON) tools/setup_environment.py test cluster

set-up-benchmark:
	@$(RUN) $(PYTHON) tools/setup_environment.py benchmark cluster
