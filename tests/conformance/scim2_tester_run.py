"""Runs scim2-tester against a SCIM endpoint and prints one line of JSON: counts, and what did not succeed.

    python scim2_tester_run.py URL TOKEN
"""

import json
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

url, token = sys.argv[1:]
http = Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
results = check_server(SyncSCIMClient(http))
passed = [result for result in results if result.status == Status.SUCCESS]
others = [
    {"status": result.status.name, "title": result.title, "reason": str(result.reason)[:500]}
    for result in results
    if result.status not in (Status.SUCCESS, Status.SKIPPED)
]
print(json.dumps({"passed": len(passed), "total": len(results), "others": others}))
