"""Makes Temporal's namespace ready for cases: `python -m api.namespace`.

The namespace itself where the cluster has none of that name yet, our search attributes, ten years' retention. Doing it
again changes nothing; whatever stands in the way is said in one sentence, and the exit code is 1.
"""

from __future__ import annotations

import asyncio
import sys

from api.safety import refuse_unsafe_api
from storage.safety import UnsafeSettings
from storage.settings import Settings
from workflows.namespace import NamespaceUnfit, connect, create_namespace, prepare_namespace


async def prepare(settings: Settings) -> str:
    """Makes it ready, and says what was done. Raises `NamespaceUnfit`."""
    client = await connect(settings.temporal_address, settings.namespace)
    created = await create_namespace(client)
    await prepare_namespace(client)
    # An interpreter that ends right after its last call may crash in the SDK's own threads.
    await asyncio.sleep(0.5)
    return f"the namespace {client.namespace} is {'made' if created else 'there'}, with search attributes and retention"


def main() -> int:
    """The exit code: 0 when cases may start."""
    try:
        settings = Settings()
        refuse_unsafe_api(settings)
        print(asyncio.run(prepare(settings)))
    except (NamespaceUnfit, UnsafeSettings, ValueError) as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
