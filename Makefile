# Everything runs in .venv, made once per checkout. A set-up step is done again when pyproject.toml changes.
# PYTHON=/path/to/python3 chooses the interpreter; otherwise the first of these that is at least 3.11.
PYTHONS := $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
PYTEST := $(BIN)/python -m pytest

.PHONY: audit test lint bench peers fuzz gather-changed gather-all lock index clean
.DELETE_ON_ERROR:

audit: .venv/ready-audit  ## answer the 2022 study, compare the zoos of the bundled snapshots; writes report/
	$(BIN)/zoodiff reproduce --quiet --out report
	$(BIN)/zoodiff audit --out report
	@echo "The report is in report/: open report/index.html in a browser. Next: $(BIN)/zoodiff audit resnet50"

test: .venv/ready-test  ## all tests but the live ones
	$(PYTEST) -q -n 2 -m "not live"

lint: .venv/ready-lint  ## style, layout and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: .venv/ready-test  ## speed beside peers; writes bench/results.md
	$(BIN)/python bench/run.py

peers: .venv/ready-test  ## speed and answers beside other tools, each in an environment of its own (about 20 minutes and 10 GB the first time); writes docs/speed.md
	$(BIN)/python bench/peers $(PARTS)

fuzz: .venv/ready-test  ## feed every reader with damaged input (an hour; TARGET=wire alone, INPUTS=1000 of them)
	@for target in $(or $(TARGET),$(notdir $(basename $(filter-out %/__init__.py,$(wildcard fuzz/targets/[a-z]*.py))))); do \
	  case $$target in wire) inputs=1000000;; command) inputs=10000;; *) inputs=100000;; esac; \
	  $(BIN)/python fuzz/fuzzing.py $$target --inputs $(or $(INPUTS),$$inputs) || exit $$?; \
	done

gather-changed: .venv/ready-test  ## gather six models again of each zoo whose files changed since BASE
	$(PYTEST) -q -n 2 -m live tests/test_live.py

gather-all: .venv/ready-test  ## gather every model of every zoo (or ZOO=keras alone) again, and say so in the snapshot (hours)
	@for zoo in $(or $(ZOO),$$($(BIN)/python -c 'from zoodiff import unit; print(*unit.ids("zoos"))')); do \
	  echo "gather $$zoo again"; $(BIN)/python -m zoodiff.gathering.recheck $$zoo && $(BIN)/python -m zoodiff.gathering.conversion $$zoo || exit $$?; \
	done

lock: .venv/ready-audit  ## resolve what the zoos (or ZOO=keras alone) need to exact versions and hashes again
	@for zoo in $(or $(ZOO),$$($(BIN)/python -c 'from zoodiff import unit; print(*unit.ids("zoos"))')); do \
	  echo "lock $$zoo"; $(BIN)/python -m zoodiff.isolate lock $$zoo || exit $$?; \
	done

index: .venv/ready-audit  ## what is known of the bundled graphs, made again (minutes; after passes or snapshots changed)
	$(BIN)/python -m zoodiff.recognition.known
	$(BIN)/python -m zoodiff.recognition.judged
	$(BIN)/python -m zoodiff.survey.conforming

clean:  ## remove what these targets made
	rm -rf .venv report

.venv/made:
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    echo "Making .venv with $$($$python --version), once; installing takes about a minute."; \
	    $$python -m venv --clear .venv && touch $@; exit $$?; \
	  fi; \
	done; \
	echo "error: no Python of 3.11 or newer with venv was found; tried: $(PYTHONS)" >&2; \
	echo "Install one (on Debian and Ubuntu also python3-venv), or name it: make audit PYTHON=/path/to/python3" >&2; \
	exit 1

.venv/ready-audit: .venv/made pyproject.toml
	@$(PIP) --editable '.[figures]'
	@touch $@

.venv/ready-test: .venv/ready-audit
	@$(PIP) --editable '.[figures,test]'
	@touch $@

.venv/ready-browser: .venv/ready-test
	@$(PIP) --editable '.[figures,test,browser]'
	@touch $@

.venv/ready-lint: .venv/ready-audit
	@$(PIP) --editable '.[lint]'
	@touch $@
