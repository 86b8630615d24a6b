# Every target with its line: make help

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip install -qq --disable-pip-version-check --require-hashes
FILES ?=

.DEFAULT_GOAL := help
.PHONY: help up venv stages test lint format types explain bench lab lab-score lab-corpus lab-score-history lab-history screenshots lighthouse clean lock

help:  ## list every target in a line
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-17s %s\n' "$$name" "$$what"; done

# exec, so that a signal to make reaches Lineup itself and not a shell in between.
up: $(VENV)/.runs  ## start everything here: Postgres, broker, web, workers, scheduler (PORT, LINEUP_HOME, VERBOSE=1)
	@exec $(RUN) manage.py up $(if $(VERBOSE),--verbose)

stages: $(VENV)/.stages  ## install also the servers that the lab stages (some are compiled: needs a C compiler)

venv: $(VENV)/.runs  ## only install what Lineup needs, into .venv

test: $(VENV)/.develops  ## run all tests; what a missing program kept from running is named at the end (T=path for some)
	@$(if $(T),exec $(RUN) -m pytest -q $(T),\
		$(RUN) -m pytest -q -n auto --maxprocesses 4 -m "not alone"; side_by_side=$$?; \
		$(RUN) -m pytest -q -m alone && exit $$side_by_side)

lint: $(VENV)/.develops  ## check style
	@$(VENV)/bin/ruff format --check . && $(VENV)/bin/ruff check .

format: $(VENV)/.develops  ## put style right
	@$(VENV)/bin/ruff format . && $(VENV)/bin/ruff check --fix .

types: $(VENV)/.develops  ## check types of the pure folders
	@$(VENV)/bin/mypy

explain: $(VENV)/.runs  ## say why a test failed, from files alone: make explain FILES="test.log journal.txt"
	@exec $(RUN) manage.py explain $(FILES)

bench: $(VENV)/.develops  ## measure the promised limits on this machine (A=--quick for a minute's worth)
	@exec $(RUN) -m bench $(A)

lab: $(if $(A),$(VENV)/.stages,$(VENV)/.develops)  ## stage real servers, a real journal and real tests, and score the verdicts: A="run SCENARIO" for one
	@exec $(RUN) -m lab $(A)

lab-score: $(VENV)/.develops  ## score lineup and verdicts over the recorded corpus, or over FOLDER=path
	@exec $(RUN) -m lab score $(FOLDER) $(A)

lab-score-history: $(VENV)/.develops  ## score verdicts after the recorded histories of scenarios: A="--wrong", FOLDER=path
	@exec $(RUN) -m lab score-history $(FOLDER) $(A)

lab-history: $(VENV)/.stages  ## record histories of scenarios, with experiments, anew: A="SCENARIO"
	@exec $(RUN) -m lab history $(A)

lab-corpus: $(VENV)/.stages  ## record the corpus anew with real servers: A="SCENARIO --runs 2" for some
	@exec $(RUN) -m lab corpus $(A)

screenshots: $(VENV)/.develops  ## take the pictures of the documentation anew, from recorded runs: A="--every-size --out FOLDER"
	@exec $(RUN) -m lab.screenshots $(A)

lighthouse: $(VENV)/.develops  ## score overview, run and meeting with Lighthouse (needs npm and Chromium)
	@exec $(RUN) -m bench.lighthouse $(A)

clean:  ## remove .venv and caches; what is kept in LINEUP_HOME stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

# A stamp is newer than the locks it was installed from, or the installation runs again.
$(VENV)/.runs: requirements.txt requirements/embedded.txt
	@test -n "$(PYTHON)" || { echo "Lineup needs Python 3.11 or newer, and none was found. Name one: make PYTHON=/path/to/python3"; exit 1; }
	@test -x $(RUN) || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "This Python cannot make environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "installing what Lineup needs into $(VENV) …"
	@$(PIP) -r requirements.txt -r requirements/embedded.txt
	@touch $@

$(VENV)/.develops: $(VENV)/.runs requirements/dev.txt
	@echo "installing what its tests need …"
	@$(PIP) -r requirements/dev.txt
	@touch $@

$(VENV)/.stages: $(VENV)/.develops requirements/lab.txt
	@echo "installing the servers that the lab stages …"
	@$(PIP) -r requirements/lab.txt
	@touch $@

lock:  ## pin the requirements anew, with hashes, after a change in requirements/*.in
	@for name in base embedded dev lab; do \
		target=requirements/$$name.txt; test $$name = base && target=requirements.txt; \
		uv pip compile --quiet --generate-hashes --no-header --universal --python-version 3.11 --no-emit-index-url \
			--no-emit-find-links requirements/$$name.in -o $$target || exit 1; \
	done
