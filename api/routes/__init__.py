"""The routes of the API, a module for each thing that people and systems work with."""
