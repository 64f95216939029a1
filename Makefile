# Switchyard: build, try, test. `make help` lists what there is.

SHELL := /bin/bash
CONFIGURATION ?= release
SWIFT ?= swift
BIN = .build/$(CONFIGURATION)

# Debian's packages that a build or a test needs: jansson for all JSON on the pipes, Python and jq for the example
# schedulers.
PACKAGES = libjansson-dev pkg-config python3
TEST_PACKAGES = python3-jsonschema jq

.DEFAULT_GOAL := help
.PHONY: help setup setup-test build demo test test-address test-thread lint format clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

setup: ## install what is missing
	@.ci/install $(PACKAGES)

setup-test: setup
	@.ci/install $(TEST_PACKAGES)

build: setup ## build everything, optimised
	$(SWIFT) build -c $(CONFIGURATION)

demo: build ## run the main job on the embedded default and print a summary
	$(BIN)/switchyard demo

# Tests that start processes run by themselves: beside tests that compute for minutes, word of a process that has ended
# waits its turn among them, and a test that gives it a minute takes it for hung.
PROCESS_TESTS = ^(Bench|CommandLine|Conformance|Replay|Simulation)Tests

test: setup-test lint ## check the style, then run every test
	$(SWIFT) test --parallel --skip '$(PROCESS_TESTS)'
	$(SWIFT) test --parallel --skip-build --filter '$(PROCESS_TESTS)'

# Each with build products of its own: what a sanitizer compiles is of no use to anything else.
test-address: ## run every test under the address sanitizer
test-thread: ## run every test under the thread sanitizer
test-address test-thread: setup-test
	$(SWIFT) test --sanitize $(patsubst test-%,%,$@) --scratch-path .build/$@ --skip '$(PROCESS_TESTS)'
	$(SWIFT) test --sanitize $(patsubst test-%,%,$@) --scratch-path .build/$@ --skip-build --filter '$(PROCESS_TESTS)'

lint: ## check the style of all Swift files
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

format: ## bring all Swift files into the house style
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

clean: ## remove what was built
	rm -rf .build
