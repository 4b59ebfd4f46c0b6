"""Writes the Word documents of a case from templates that a lawyer edits in Word."""

from activities.documents.rendering import TemplateRefused, render
from activities.documents.settings import DocumentSettings

__all__ = ["DocumentSettings", "TemplateRefused", "render"]
