# The same recipes for people and for continuous integration. Everything lives in .venv; only pip uses the network.
.POSIX:

PYTHON ?= python3
# Further arguments for `make test` and `make run`: make test ARGS="-k mel"
ARGS =

BIN = .venv/bin
PIP = $(BIN)/python -m pip --quiet --disable-pip-version-check
# One thread everywhere: results do not depend on the machine, and numeric libraries do not fight over cores.
ONE_THREAD = OMP_NUM_THREADS=1

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 14

run: .venv/.run  ## learn a simulated machine, listen to it here, and hear its faults
	@$(BIN)/auscult demo $(ARGS)

test: .venv/.dev  ## run every test and every example, and print the coverage
	$(ONE_THREAD) $(BIN)/python -m pytest --cov=auscult --cov-report=term $(ARGS)

check: .venv/.dev  ## format, lint, types, import contracts, generated pages: runs nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

docs: .venv/.dev  ## write the generated pages in docs/reference again
	$(BIN)/python docs/generate.py

bench: .venv/.dev  ## run every program in bench/; each prints one table
	@failed=; for program in $$(grep -l '^if __name__' bench/*.py); do \
		echo "== $$program"; \
		$(ONE_THREAD) $(BIN)/python "$$program" || failed="$$failed $$program"; \
	done; test -z "$$failed" || { echo "Missed its goal, or failed:$$failed" >&2; exit 1; }

clean:  ## remove .venv and everything else that these recipes made
	rm -rf .venv build dist htmlcov .coverage .coverage.*
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -type d -name __pycache__ -prune -exec rm -rf {} +

.venv/.made:
	@command -v $(PYTHON) >/dev/null || { \
		echo "There is no '$(PYTHON)' here. Auscult needs Python 3.11 or newer; name it: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Auscult needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "'$(PYTHON)' cannot make virtual environments: its venv module is a package of its own. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making .venv with $$($(PYTHON) -V)"
	@$(PYTHON) -m venv .venv
	@$(PIP) install --upgrade pip
	@touch $@

.venv/.run: .venv/.made pyproject.toml constraints.txt
	@echo "Installing Auscult into .venv"
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

# What develops also runs, so both stamps are set.
.venv/.dev: .venv/.made pyproject.toml constraints.txt
	@echo "Installing Auscult and its development tools into .venv"
	@$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch .venv/.run $@

.PHONY: help run test check docs bench clean
