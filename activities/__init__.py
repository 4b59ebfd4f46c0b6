"""Everything a case does to the world: documents, papers, materials, messages, the archive and the journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from activities.channels import Channels, ChannelSettings
from activities.journal import JournalActivities, system_time
from activities.materials import MaterialActivities
from activities.notices import NoticeActivities
from activities.papers import PaperActivities
from activities.writing import WritingActivities
from storage.database import Database
from storage.files import FileStore


def all_activities(
    database: Database, files: FileStore, clock: Callable[[], datetime] = system_time
) -> list[Callable[..., Any]]:
    """What a worker registers; they are ordinary functions, so the worker needs a thread pool."""
    writing = WritingActivities(database, files)
    papers = PaperActivities(database)
    materials = MaterialActivities(database)
    notices = NoticeActivities(database, Channels(ChannelSettings(), clock), clock)
    return [
        writing.write_document,
        writing.void_documents,
        writing.archive_case,
        papers.find_papers,
        papers.record_papers,
        materials.issue_materials,
        materials.return_materials,
        notices.record_notices,
        notices.deliver_notice,
        JournalActivities(database, clock).record_journal,
    ]
