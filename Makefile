# The house's front door. Every target sets up what it needs first; nothing is fetched when it is there already.
.DEFAULT_GOAL := help
.PHONY: help setup oracles lock demo serve lint test bench wrongs prove cluster web pictures

# Where no bytecode may be written beside the sources, it goes into a folder of its own. Without any, each of the hundreds
# of processes that a story or a test run starts would compile a thousand modules anew, and do little else.
ifneq ($(PYTHONDONTWRITEBYTECODE),)
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.bytecode
endif

# What to give to the command: make demo ARGS="--ending home"
ARGS ?=
DATA ?= data

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## .venv with the lastwords command
	@PYTHON="$(PYTHON)" scripts/setup

oracles: setup ## what tests want besides: npm packages, pango, a browser, PostgreSQL
	@scripts/setup oracles

lock: ## write the hashed requirement files anew
	@scripts/setup lock

demo: setup ## play the cave, both endings
	@.venv/bin/lastwords demo $(ARGS)

serve: setup ## run the server on this machine, from the folder DATA
	@.venv/bin/lastwords host serve --data $(DATA) $(ARGS)

web: oracles ## what browsers are served, built anew from web/; needs node, which nobody else does
	@node_modules/.bin/prettier --log-level warn --write web
	@node web/build.mjs

pictures: oracles ## docs/pictures, made anew from a real host; needs chromium
	@.venv/bin/python scripts/pictures

lint: setup ## ruff and strict mypy; tsc and eslint where the npm packages are
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	@if [ -d node_modules/typescript-eslint ]; then web/lint; else echo "The npm packages are not here, so web/ was not looked at."; fi

test: oracles lint ## everything that must hold; the last line is pytest's own
	@.venv/bin/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

bench: setup ## the quick figures, each beside something you know
	@.venv/bin/python bench/table.py $(ARGS)

wrongs: setup ## lives in which something goes wrong, with ours and with others' switches; half an hour, mostly of waiting
	@.venv/bin/python bench/wrongs.py $(ARGS)

cluster: oracles ## three PostgreSQL nodes under Patroni whose leader falls; half an hour, needs root on Debian
	@scripts/setup cluster
	@scripts/prove cluster

prove: oracles ## the long checks, and docs/proof.md from what they found; make prove-NAME for one of them
	@scripts/setup cluster
	@nice scripts/prove

prove-%: oracles
	@nice scripts/prove $*
