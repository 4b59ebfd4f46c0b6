"""The first tables: definitions and bundles, journal and read model, messages, documents, archives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archives",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("content_index", sa.JSON(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "key", name="pk_archives"),
        sa.UniqueConstraint("number", name="uq_archives_number"),
    )
    op.create_index("ix_archives_case_no", "archives", ["case_no"])
    op.create_table(
        "bundles",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", "version", name="pk_bundles"),
    )
    op.create_table(
        "cases",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("case_type", sa.String(), nullable=False),
        sa.Column("voltage_kv", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("parent_workflow_id", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("workflow_id", name="pk_cases"),
    )
    op.create_index("ix_cases_case_no", "cases", ["case_no"])
    op.create_index("ix_cases_parent_workflow_id", "cases", ["parent_workflow_id"])
    op.create_index("ix_cases_state", "cases", ["state"])
    op.create_table(
        "customer_papers",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "key", "line", name="pk_customer_papers"),
    )
    op.create_index("ix_customer_papers_customer_id_kind", "customer_papers", ["customer_id", "kind"])
    op.create_table(
        "definitions",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", "version", name="pk_definitions"),
    )
    op.create_table(
        "document_voidings",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "key", name="pk_document_voidings"),
    )
    op.create_table(
        "documents",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("model", sa.JSON(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "key", name="pk_documents"),
        sa.UniqueConstraint("case_no", "kind", "version", name="uq_documents_case_no_kind_version"),
        sa.UniqueConstraint("kind", "number", name="uq_documents_kind_number"),
        sa.UniqueConstraint("series", "serial", name="uq_documents_series_serial"),
    )
    op.create_index("ix_documents_number", "documents", ["number"])
    op.create_table(
        "incidents",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "seq", name="pk_incidents"),
    )
    op.create_index("ix_incidents_case_no", "incidents", ["case_no"])
    op.create_index("ix_incidents_closed_at", "incidents", ["closed_at"])
    op.create_index("ix_incidents_workflow_id_key", "incidents", ["workflow_id", "key"])
    op.create_table(
        "journal",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("epoch_no", sa.Integer(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "epoch", "seq", name="pk_journal"),
    )
    op.create_index("ix_journal_case_no_at", "journal", ["case_no", "at"])
    op.create_index("ix_journal_workflow_id_epoch_no_seq", "journal", ["workflow_id", "epoch_no", "seq"])
    op.create_table(
        "material_slips",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("returns", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["returns"], ["material_slips.number"], name="fk_material_slips_returns_material_slips"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_material_slips"),
        sa.UniqueConstraint("returns", name="uq_material_slips_returns"),
        sa.UniqueConstraint("workflow_id", "key", name="uq_material_slips_workflow_id_key"),
    )
    op.create_index("ix_material_slips_case_no", "material_slips", ["case_no"])
    op.create_table(
        "messages",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("correlation_key", sa.String(), nullable=False),
        sa.Column("wait_id", sa.String(), nullable=False),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_to", sa.String(), nullable=True),
        sa.Column("handed_epoch", sa.String(), nullable=True),
        sa.Column("handed_seq", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("message_id", name="pk_messages"),
    )
    op.create_index("ix_messages_handed_to", "messages", ["handed_to"])
    op.create_index("ix_messages_wait_id", "messages", ["wait_id"])
    op.create_table(
        "number_series",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name="pk_number_series"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("correlation_key", sa.String(), nullable=False),
        sa.Column("wait_id", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "key", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_message", "subscriptions", ["message"])
    op.create_index("ix_subscriptions_wait_id", "subscriptions", ["wait_id"])
    op.create_table(
        "tasks",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=False),
        sa.Column("candidate_groups", sa.JSON(), nullable=False),
        sa.Column("candidate_users", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_date", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("follow_up_date", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "key", name="pk_tasks"),
    )
    op.create_index("ix_tasks_assignee", "tasks", ["assignee"])
    op.create_index("ix_tasks_case_no", "tasks", ["case_no"])
    op.create_index("ix_tasks_state_due_at", "tasks", ["state", "due_at"])
    op.create_table(
        "bundle_messages",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("starts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key", "version"], ["bundles.key", "bundles.version"], name="fk_bundle_messages_key_version_bundles"
        ),
        sa.PrimaryKeyConstraint("key", "version", "message", name="pk_bundle_messages"),
    )
    op.create_index("ix_bundle_messages_message", "bundle_messages", ["message"])
    op.create_table(
        "material_movements",
        sa.Column("slip", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("quantity", sa.Numeric().with_variant(sa.String(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["slip"], ["material_slips.number"], name="fk_material_movements_slip_material_slips"),
        sa.PrimaryKeyConstraint("slip", "line", name="pk_material_movements"),
    )
    op.create_table(
        "task_candidates",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("candidate", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workflow_id", "key"], ["tasks.workflow_id", "tasks.key"], name="fk_task_candidates_workflow_id_key_tasks"
        ),
        sa.PrimaryKeyConstraint("workflow_id", "key", "kind", "candidate", name="pk_task_candidates"),
    )
    op.create_index("ix_task_candidates_kind_candidate", "task_candidates", ["kind", "candidate"])
