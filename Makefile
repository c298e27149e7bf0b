# `make run` opens the till, `make test` runs every check and test; everything else is what those two are made of.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# What may be kept between checkouts: the WebDriver bridge, and in CI cargo's target folder.
export TILLBOOK_CACHE ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/tillbook
export CARGO ?= cargo
TARGET := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
DESKTOP := $(TARGET)/debug/tillbook-desktop
UI_SOURCES := $(shell find ui -type f -not -path '*/node_modules/*' -not -path 'ui/dist/*' -not -path 'ui/coverage/*')

.PHONY: help
help: ## What can be made
	@echo "Tillbook, a till on Stripe. What can be made:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18
	@echo "A first look: make run. It sells in practice mode; no account, key or network is needed."

.PHONY: run
run: build ## Open the till in practice mode (on a machine without a display: on a virtual one)
	@scripts/run.sh "$(DESKTOP)"

.PHONY: test
test: deps ## Run every check and test there is
	@scripts/test.sh

.PHONY: check
check: deps ui/dist/index.html ## Formatting, lints, types and house rules, without the tests
	@scripts/check.sh

.PHONY: pictures
pictures: deps ui/dist/index.html ## Save a picture of every screen, light and dark, in three sizes, to target/pictures
	@scripts/pictures.sh

.PHONY: build
build: deps ui/dist/index.html ## Build the window's pages, the program and the command line
	@$(CARGO) build --locked -p tillbook-desktop -p tillbook-cli

.PHONY: ui
ui: ui/dist/index.html ## Build the window's pages alone

.PHONY: types
types: ui/dist/index.html ## Write the window's TypeScript types from the Rust ones
	@TILLBOOK_WRITE_TYPES=1 $(CARGO) test --locked -p tillbook-desktop --bin tillbook-desktop -- types

.PHONY: release
release: deps ui/dist/index.html ## Build both programs as they are shipped (slow)
	@$(CARGO) build --locked --release -p tillbook-desktop -p tillbook-cli

.PHONY: deps
deps: ## Install what is missing: system packages, npm packages, the WebDriver bridge
	@scripts/deps.sh
	@$(MAKE) --no-print-directory --silent ui/node_modules/.installed tests/sdk/node_modules/.installed

%/node_modules/.installed: %/package-lock.json %/package.json
	@echo "npm: installing $*"
	@cd $* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

ui/dist/index.html: ui/node_modules/.installed $(UI_SOURCES)
	@cd ui && npm run --silent build
	@touch $@

.PHONY: clean
clean: ## Remove what was built here (the cache outside the checkout stays)
	@rm -rf ui/dist target/pictures
	@$(CARGO) clean --quiet
