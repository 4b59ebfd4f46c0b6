"""Everything a case does to the world: documents, papers, materials, bays, stores, messages, the archive and the
journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from activities.bays import BayActivities
from activities.channels import Channels, ChannelSettings
from activities.data_stores import DataStoreActivities
from activities.frameworks import FrameworkActivities
from activities.journal import JournalActivities, system_time
from activities.materials import MaterialActivities
from activities.notices import NoticeActivities
from activities.outage_items import OutageItemActivities
from activities.outage_plans import OutagePlanActivities
from activities.outage_requests import OutageRequestActivities
from activities.papers import PaperActivities
from activities.stock import StockActivities
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
    bays = BayActivities(database)
    stock = StockActivities(database)
    frameworks = FrameworkActivities(database)
    stores = DataStoreActivities(database)
    notices = NoticeActivities(database, Channels(ChannelSettings(), clock), clock)
    requests, plans, items = (
        OutageRequestActivities(database),
        OutagePlanActivities(database),
        OutageItemActivities(database),
    )
    return [
        writing.write_document,
        writing.void_documents,
        writing.archive_case,
        papers.find_papers,
        papers.record_papers,
        materials.issue_materials,
        materials.return_materials,
        bays.take_bay,
        bays.give_back_bay,
        bays.commission_bay,
        bays.free_expired_reservations,
        stock.check_stock,
        stock.reserve_materials,
        stock.release_materials,
        frameworks.call_off_framework,
        frameworks.cancel_call_off,
        stores.read_data_store,
        stores.write_data_store,
        requests.assess,
        requests.enter,
        requests.defer,
        requests.withdraw,
        plans.propose,
        plans.check,
        plans.issue,
        plans.add_emergency,
        plans.close,
        items.record_notices,
        items.record_execution,
        items.remove_withdrawn,
        notices.record_notices,
        notices.deliver_notice,
        JournalActivities(database, clock).record_journal,
    ]
