# Two commands do everything on a fresh Debian-like machine: `make demo` and `make test`.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types bench ear web docs clean

TOCSIN_SHARED ?= ../shared

BIN   := .venv/bin
PAGES := src/tocsin/serve/pages/index.html
PAGE_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null)

help:            ## this list
	@grep -E '^[a-z]+: .*## ' Makefile | sed 's/:.*## /\t/' | expand -t 10

setup: .venv/.dev $(PAGES)  ## everything a developer needs
	@scripts/need.sh chromium chromium "the browser tests" || true
	@PATH="$$PATH:/usr/sbin" scripts/need.sh mosquitto mosquitto "the tests of the MQTT door" || true
	@scripts/need.sh espeak-ng espeak-ng "the tests of the voice" || true
	@PATH="$$PATH:/usr/sbin" scripts/need.sh smsd smstools "the tests of text messages" || true
	@scripts/need.sh socat socat "the test of a whole site on several doors" || true

demo: .venv/.run $(PAGES)   ## a staged evening, live in the browser
	$(BIN)/tocsin demo

test: setup lint types  ## all the tests, as CI runs them
	npm --prefix web run --silent check
	npm --prefix web run --silent test
	$(BIN)/pytest

lint: .venv/.dev
	$(BIN)/ruff format --check src tests docs training
	$(BIN)/ruff check src tests docs training

types: .venv/.dev
	$(BIN)/mypy

bench: setup     ## the performance figures
	$(BIN)/tocsin bench

ear: .venv/.ear   ## train the ear anew (20 minutes on a core) and write its card
	$(BIN)/python -m training.ear --acoustic $(TOCSIN_SHARED)/data/acoustic

web: $(PAGES)    ## build the pages

docs: .venv/.dev ## write the generated reference pages
	$(BIN)/python docs/generate.py

clean:           ## forget everything that was built
	rm -rf .venv web/node_modules src/tocsin/serve/pages build dist

.venv/.run: pyproject.toml constraints.txt
	scripts/venv.sh
	@touch $@

.venv/.dev: pyproject.toml constraints.txt
	scripts/venv.sh dev
	@touch $@ .venv/.run

.venv/.ear: pyproject.toml constraints.txt
	scripts/venv.sh dev,ear
	@touch $@ .venv/.dev .venv/.run

web/node_modules/.ready: web/package-lock.json
	@scripts/need.sh npm npm "building the pages (Node 20)"
	npm --prefix web ci --no-audit --no-fund --silent
	@touch $@

$(PAGES): web/node_modules/.ready $(PAGE_SOURCES)
	npm --prefix web run --silent build
	@touch $@
