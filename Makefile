# kubelanes: each target is one command of `python3 -m tools`. ARGS= passes further options on.
PYTHON ?= python3
STACK ?= sim
TOOLS = $(PYTHON) -u -m tools

.DEFAULT_GOAL := help
.PHONY: help up preview down kubeconfig test check previews bench lock clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## Set up what is missing and bring STACK up (default: sim)
	@$(TOOLS) up $(STACK) $(ARGS)

preview: ## Show what `make up` would change
	@$(TOOLS) preview $(STACK) $(ARGS)

down: ## Remove STACK and everything it started
	@$(TOOLS) down $(STACK) $(ARGS)

kubeconfig: ## Print the path of the sim's kubeconfig
	@$(TOOLS) kubeconfig $(STACK)

test: ## Set up what is missing and run the tests (ARGS go to pytest)
	@$(TOOLS) test $(ARGS)

check: ## Format, lint, strict types, generated files
	@$(TOOLS) check

previews: ## Write the previews of all stacks anew, to be reviewed (tests/engine/previews)
	@KUBELANES_RENEW=1 $(TOOLS) test tests/engine/test_previews.py

bench: ## Measure, as ratios within one run
	@$(TOOLS) bench $(ARGS)

lock: ## Write requirements.txt from pyproject.toml (ARGS=--upgrade for newer versions)
	@$(TOOLS) lock $(ARGS)

clean: ## Remove the built tools and the Python environment
	@$(TOOLS) clean
