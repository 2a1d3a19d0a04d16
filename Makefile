# The two commands that a newcomer needs are `make serve` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help serve test check bench fuzz format lock

help:
	@echo "make serve   run the shop on http://127.0.0.1:8000 (PORT and DATA_DIR change where; DEMO=off: empty)"
	@echo "make test    run all checks and tests"
	@echo "make check   run the quick part: all but browser, client, S3 and production"
	@echo "make bench   measure with a synthetic catalogue (AGENTS=10000)"
	@echo "make fuzz    hostile input for every parser (SECONDS=600 for each, TARGETS=markdown)"
	@echo "make format  format the code"
	@echo "make lock    pin the dependencies of requirements/*.in by hash"

serve:
	@$(PYTHON) scripts/install.py base
	@exec $(BIN)/python scripts/serve.py

test:
	@$(PYTHON) scripts/install.py test
	@exec $(BIN)/python scripts/test.py

check:
	@$(PYTHON) scripts/install.py test
	@exec $(BIN)/python scripts/test.py --quick

bench:
	@$(PYTHON) scripts/install.py test
	@exec $(BIN)/python -m devtools.bench

SECONDS_EACH := $(or $(SECONDS),600)
fuzz:
	@$(PYTHON) scripts/install.py test
	@exec $(BIN)/python -m tests.fuzz.run --seconds $(SECONDS_EACH) --seed $$(date +%s) $(TARGETS)

format:
	@$(PYTHON) scripts/install.py test
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --universal --python-version 3.11
lock:
	@$(PYTHON) scripts/install.py base
	$(LOCK) $(UPGRADE) requirements/bootstrap.in -o requirements/bootstrap.lock
	$(LOCK) $(UPGRADE) requirements/base.in -o requirements/base.lock
	$(LOCK) $(UPGRADE) requirements/test.in -c requirements/base.lock -o requirements/test.lock
