"""Lines of a case's journal, as the read model takes them."""

from __future__ import annotations

from bpmn.instance import Instance
from bpmn.journal import Record as JournalRecord
from domain.business_time import HAPPENED_AT
from domain.delays import DELAY_TEXT
from domain.fields import LONGEST_TEXT
from domain.records import Record
from workflows.watch import Watch


def dated(record: JournalRecord, happened: str) -> JournalRecord:
    """The record, with the instant at which its step was really done, where somebody has named one."""
    return record._replace(data={**record.data, HAPPENED_AT: happened}) if happened else record


def explained(record: JournalRecord, watch: Watch | None, instance: Instance) -> JournalRecord:
    """The record, with what is told of a delay where its element holds a clock up."""
    name = watch.clocks.delay_text(record.element, record.event) if watch else ""
    if not name:
        return record
    known = instance.instances
    key = next((key for key in (record.key, record.scope) if key in known), 0)
    text = instance.variables(key).get(name) if known else None
    return record._replace(data={**record.data, DELAY_TEXT: text[:LONGEST_TEXT]}) if isinstance(text, str) else record


def sent(record: JournalRecord) -> Record:
    """A record of the engine as it goes out."""
    return Record(
        seq=record.seq,
        at=record.at.isoformat(),
        event=record.event,
        element=record.element,
        type=record.type,
        name=record.name,
        scope=str(record.scope) if record.scope else "",
        key=str(record.key) if record.key else "",
        data=record.data,
    )
