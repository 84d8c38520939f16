# Commands of the project; each sets up what it needs. `make help` lists them.
EVALUATION ?= peru-2005
LANGUAGES ?=
JOBS ?=
SCHEDULER ?=
SURVEY ?=
XLSFORM ?=
PYTHON ?= python3

# one thread a process: the notebooks run side by side, and sums keep one order
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

# an active conda environment other than base is used as it is, otherwise .venv
ENVIRONMENT := $(if $(and $(CONDA_PREFIX),$(filter-out base,$(CONDA_DEFAULT_ENV))),$(CONDA_PREFIX),.venv)
BIN := $(ENVIRONMENT)/bin
OPTIONS = $(if $(LANGUAGES),--languages $(LANGUAGES)) $(if $(JOBS),--jobs $(JOBS)) $(if $(SCHEDULER),--scheduler $(SCHEDULER))

# a survey file that is not ours to give is copied from beside the project where it lies there
AT_HAND := ../shared/cases/$(EVALUATION)

.DEFAULT_GOAL := help
.PHONY: help report plan new verify test lint check benchmark lab clean set-up set-up-tests set-up-benchmark

help:  ## list the commands
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F '|' '{printf "%-16s %s\n", $$1, $$2}'
	@echo 'Settings: EVALUATION=$(EVALUATION) LANGUAGES="en es" JOBS=2 SCHEDULER=tcp://host:8786 PYTHON=python3'

report: set-up  ## build the report of EVALUATION in reports/
	@if [ -d $(AT_HAND) ]; then cp -n $(AT_HAND)/*.csv data/raw/$(EVALUATION)/; fi
	@$(BIN)/python -m fewdistricts report $(EVALUATION) $(OPTIONS)

plan: set-up  ## before the follow-up data: what it could find, and a record of what is declared
	@$(BIN)/python -m fewdistricts plan $(EVALUATION) $(OPTIONS)

new: set-up  ## draft data/raw/EVALUATION from files: SURVEY="a.dta b.dta" [XLSFORM=q.xlsx]
	@$(BIN)/python -m fewdistricts new $(EVALUATION) $(SURVEY) $(if $(XLSFORM),--xlsform $(XLSFORM))

verify: set-up  ## rebuild in a temporary folder and compare with the manifest of EVALUATION
	@$(BIN)/python -m fewdistricts verify $(EVALUATION)

# a file's tests stay in one process: they share what it has built
test: set-up-tests  ## run the whole test suite, a process a core
	@$(BIN)/python -m pytest -n auto --dist loadfile

lint: set-up-tests  ## lint, formatting, types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

check: lint  ## lint and types, PDF/UA and PDF/A validation, accessibility in the browser
	@$(BIN)/python -m pytest tests/nbaccessible/test_accessibility.py

benchmark: set-up-benchmark  ## time against named peers and limits (SECTIONS="inference publishing running size")
	@$(BIN)/python -m benchmarks $(SECTIONS)

lab: set-up  ## open the notebooks in JupyterLab; each runs by hand with its default parameters
	@$(BIN)/jupyter lab notebooks

clean:  ## remove what was built; survey data, the manifests and the environment stay
	@rm -rf data/processed
	@if [ -d reports ]; then find reports -type f ! -name manifest.json -delete; find reports -type d -empty -delete; fi

# what speaks with a cluster is fetched only where one is named
set-up:
	@$(PYTHON) tools/setup_environment.py $(if $(SCHEDULER),cluster)

set-up-tests:
	@$(PYTHON) tools/setup_environment.py test cluster

set-up-benchmark:
	@$(PYTHON) tools/setup_environment.py benchmark cluster
