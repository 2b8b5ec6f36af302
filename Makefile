# What one types here. Each target is one line over a small script in scripts/, which also runs by itself.

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench docs clean

help:  ## show this list
	@sed -n 's/^\([a-z]*\):  *## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

setup:  ## make .venv with all that working on Hallway needs
	@scripts/venv extra:demo group:dev

demo:  ## serve the example apps (PORT=8000, HALLWAY_DATA=.demo); Ctrl-C stops them
	@scripts/demo

test:  ## run the whole suite with coverage, or a part of it: ARGS="-m 'not slow'"
	@scripts/test $(ARGS)

check:  ## format, lint, types, layers, sizes, scripts, docs: all that is judged without running
	@scripts/check

bench:  ## measure Hallway side by side with its peers (ARGS="--only import_time")
	@scripts/bench $(ARGS)

docs:  ## build the documentation into docs/_build
	@scripts/docs

clean:  ## remove what the other targets made, but for the demo's data
	@scripts/clean
